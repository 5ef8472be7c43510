"""Whatever the text: a slice of it, mangled as copying mangles, is found again, and nothing else is given back."""

import unicodedata

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from claims.attribution import anchors
from claims.attribution.folding import fold, fold_character

ALPHABET = st.one_of(
    st.sampled_from("aábcé٣7 \n\u00a0.,“”'’–…ﬁأإاآلًٌَّـ\u00ad\u200b\u202e가각한e\u0301\u0323½²Ⅳ"),
    st.characters(exclude_categories=["Cs"]),
)
TEXTS = st.text(ALPHABET, max_size=60)


@st.composite
def slices(draw):
    text = draw(TEXTS.filter(str.strip))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return text, start, end


def whole_number(text, start, end):
    return not anchors._cuts_number(text, start, end)


@given(slices())
@settings(max_examples=200, deadline=None)
def test_slice_is_found_exactly_where_it_stands(sliced):
    text, start, end = sliced
    quote = text[start:end]
    assume(quote.strip() and whole_number(text, start, end))
    match = anchors.find(text, quote, near=start)
    assert match is not None and match.kind == "exact"
    assert match.exact == quote
    assert match.cuts_word or (match.start, match.end) == (start, end) or match.occurrences > 1


@given(slices(), st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]), st.booleans())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_mangled_slice_gives_back_the_slice(sliced, form, spread):
    text, start, end = sliced
    quote = text[start:end]
    folded = fold(text)
    # Whole letters with their signs: what a reader can select.
    assume(
        fold_character(quote[0]).strip()
        and not unicodedata.combining(unicodedata.normalize("NFD", quote[0])[0])
    )
    assume(end == len(text) or (fold_character(text[end]) and not unicodedata.combining(text[end])))
    assume(fold_character(quote[-1]).strip() or unicodedata.combining(quote[-1]))
    mangled = unicodedata.normalize(form, quote).replace("“", '"').replace("–", "-").replace("\u00ad", "")
    mangled = mangled.replace(" ", "\n  ") if spread else mangled
    wanted = fold(mangled).text.strip()
    assume(wanted and wanted == fold(quote).text.strip() and folded.text.count(wanted) == 1)
    position = folded.text.index(wanted)
    assume(folded.aligned(position, position + len(wanted)))
    assume(not anchors._cuts_number(folded.text, position, position + len(wanted)))
    match = anchors.closest(text, mangled)
    assert match is not None and match.kind in {"exact", "normalised"}
    assert fold(match.exact).text.strip() == wanted
    assert match.start == start or text.find(mangled) >= 0
    assert match.end == end or text.find(mangled) >= 0


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_folding_is_the_nfkd_form_of_the_folded_characters(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.origin)
    assert all(0 <= index < len(text) for index in folded.origin)
    assert fold(unicodedata.normalize("NFC", text)).text == folded.text
    assert fold(unicodedata.normalize("NFD", text)).text == folded.text
    assert fold(folded.text).text == folded.text


@given(TEXTS, TEXTS)
@settings(max_examples=150, deadline=None)
def test_any_match_is_in_the_text_and_no_digit_of_it_is_new(text, quote):
    match = anchors.find(text, quote)
    if match is not None:
        assert 0 <= match.start < match.end <= len(text)
        digits = [c for c in fold(quote).text if c.isdigit()]
        assert digits == [c for c in fold(match.exact).text if c.isdigit()]


@given(slices())
@settings(max_examples=200, deadline=None)
def test_anchor_is_intact_in_its_own_text(sliced):
    text, start, end = sliced
    assume(text[start:end].strip() and whole_number(text, start, end))
    context = {"prefix": text[max(0, start - 32) : start], "suffix": text[end : end + 32]}
    status = anchors.verify(text, exact=text[start:end], start=start, **context)
    assert status.state == "intact" and status.context_kept
