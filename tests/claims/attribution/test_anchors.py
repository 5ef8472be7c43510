"""Quotations in archived texts: found where they stand, refused where the sense would change."""

import pytest

from claims.attribution import anchors

ENGLISH = (
    "Damascus, 8 March. The army said it did not shoot at 745 civilians in the town of Jableh on Friday. "
    "“It was – in every way – awful…”, a resident told us by telephone. About 300 people fled. "
    "The figure of 1 383 dead was confirmed; the cause is unconfirmed."
)
ARABIC = "قالَ المرصدُ إنّ قوّاتٍ قَتَلَت نحو ٧٤٥ مدنيّاً في ٣٠ مجزرة. ولم تؤكّد الوزارة الأرقام، وأعلنت عن لجنـــة."


@pytest.mark.parametrize(
    ("text", "quote", "words", "kind"),
    [
        (ENGLISH, "did not shoot at 745 civilians", "did not shoot at 745 civilians", "exact"),
        (ENGLISH, '"It was - in every way - awful..."', "“It was – in every way – awful…”", "normalised"),
        (ENGLISH, "a resident\n  told\u00a0us", "a resident told us", "normalised"),
        (ENGLISH, "the army said that it did not shoot at 745 civilians", None, "fuzzy"),
        (ENGLISH, "in the tovn of Jableh on Friday", "in the town of Jableh on Friday", "fuzzy"),
        (ARABIC, "قتلت نحو 745 مدنيا في 30 مجزرة", "قَتَلَت نحو ٧٤٥ مدنيّاً في ٣٠ مجزرة", "normalised"),
        (ARABIC, "واعلنت عن لجنة", "وأعلنت عن لجنـــة", "normalised"),
        (ARABIC, "ولم تؤكد الوزارة الارقام", "ولم تؤكّد الوزارة الأرقام", "normalised"),
        (
            "the in\u00adter\u200bnet \u202bgoes\u202c dark",
            "internet goes dark",
            "in\u00adter\u200bnet \u202bgoes",
            None,
        ),
        ("ﬁve ofﬁcers, №\u202f4", "five officers", "ﬁve ofﬁcers", "normalised"),
        ("le cafe\u0301 ferme", "le café ferme", "le cafe\u0301 ferme", "normalised"),
    ],
)
def test_quotation_is_found_with_the_texts_own_words(text, quote, words, kind):
    match = anchors.find(text, quote)
    assert match is not None
    assert match.exact == text[match.start : match.end]
    assert words is None or match.exact.startswith(words)
    assert kind is None or match.kind == kind
    assert match.prefix == text[max(0, match.start - 32) : match.start]
    assert match.suffix == text[match.end : match.end + 32]


@pytest.mark.parametrize(
    ("text", "quote", "change"),
    [
        (ENGLISH, "The army said it did not shoot at 754 civilians in the town of Jableh", "number"),
        (ENGLISH, "The army said it did shoot at 745 civilians in the town of Jableh", "negation"),
        (ENGLISH, "army said it shoot at 745 civilians in the town of Jableh on Friday", "negation"),
        (ENGLISH, "The army said it didn't shoot at 745 civilians in the town of Jableh", "negation"),
        (ENGLISH, "dead was confirmed; the cause is confirmed", "negation"),
        (ENGLISH, "did not shoot at thirty civilians in the town of Jableh", "number"),
        (ARABIC, "وتؤكد الوزارة الأرقام وأعلنت عن لجنة", "negation"),
        (ARABIC, "قتلت نحو 754 مدنيا في 30 مجزرة", "number"),
    ],
)
def test_changed_number_or_negation_is_refused_and_shown(text, quote, change):
    assert anchors.find(text, quote) is None
    match = anchors.closest(text, quote)
    assert match is not None
    assert change in {difference.change for difference in match.differences}


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("About 300 people fled", "About 30"),
        ("About 1,300 people fled", "300 people"),
        ("it killed 1 383 people", "383 people"),
        ("it killed 1\u202f383 people", "killed 1"),
        ("up by 3.5 points", "up by 3"),
        ("نحو ١٣٨٣ مدنيا", "نحو 138"),
        ("10² men", "102 men"),
        ("3½ men", "31⁄2 men"),
        ("cafe\u0301 owners", "the cafe owner in town"),
        ("nothing here", "   "),
        ("", "anything at all"),
    ],
)
def test_part_of_a_number_and_nothing_at_all_are_not_found(text, quote):
    assert anchors.find(text, quote) is None


def test_part_of_a_word_is_found_and_marked():
    match = anchors.find("the act was unlawful", "lawful")
    assert match is not None and match.cuts_word
    assert not anchors.find("lawful means lawful, not unlawful", "lawful").cuts_word


def test_whole_word_is_preferred_to_part_of_one():
    assert anchors.find("unlawful, then lawful", "lawful").start == 15


def test_several_places_are_counted_and_the_nearest_is_taken():
    text = "We heard shots. Later we heard shots. We heard shots."
    match = anchors.find(text, "heard shots")
    assert (match.start, match.occurrences, match.ambiguous) == (3, 3, True)
    assert anchors.find(text, "heard shots", near=30).start == 25
    picked = anchors.find(text, "heard shots", near=25)
    assert (picked.start, picked.ambiguous) == (25, False)


def test_leaving_out_the_beginning_does_not_hide_a_negation():
    text = "It is known that the men did not fire at anyone who was leaving the village by the coastal road at night."
    quote = "they did fire at anyone who was leaving the village by the coastal road at night"
    assert anchors.find(text, quote) is None


def test_fuzzy_match_says_what_differs():
    match = anchors.find(
        ENGLISH, "The army said that it did not shoot at 745 civilians in the town of Jableh"
    )
    assert [(each.quoted, each.found) for each in match.differences] == [("that", "")]
    assert 0.8 <= match.score < 1


def anchored(text, words):
    start = text.index(words)
    return {
        "exact": words,
        "start": start,
        "prefix": text[max(0, start - 32) : start],
        "suffix": text[start + len(words) : start + len(words) + 32],
    }


@pytest.mark.parametrize(
    ("edit", "state"),
    [
        (lambda text: text, "intact"),
        (lambda text: "Updated at 10:05. " + text, "moved"),
        (lambda text: text.replace("745", "1,383"), "altered"),
        (lambda text: text.replace("did not shoot", "did shoot"), "altered"),
        (lambda text: text.replace("745 civilians", "7450 civilians"), "altered"),
        (lambda text: "This page is no longer available.", "gone"),
        (lambda text: "", "gone"),
    ],
)
def test_later_text_tells_what_became_of_a_quotation(edit, state):
    anchor = anchored(ENGLISH, "did not shoot at 745 civilians in the town")
    assert anchors.verify(edit(ENGLISH), **anchor).state == state


def test_edit_of_a_short_quotation_is_seen_by_the_words_around_it():
    anchor = anchored(ENGLISH, "745 civilians")
    status = anchors.verify(ENGLISH.replace("745 civilians", "dozens of people"), **anchor)
    assert (status.state, status.match.exact) == ("altered", "dozens of people")


def test_number_that_grew_at_the_end_of_a_quotation_is_not_intact():
    anchor = anchored("In all, about 30 died", "about 30")
    assert anchors.verify("In all, about 300 died", **anchor).state != "intact"


def test_context_that_changed_is_reported():
    anchor = anchored(ENGLISH, "shoot at 745 civilians")
    assert anchors.verify(ENGLISH, **anchor).context_kept
    status = anchors.verify(ENGLISH.replace("did not shoot", "did shoot"), **anchor)
    assert (status.state, status.context_kept) == ("moved", False)


def test_repeated_quotation_is_told_apart_by_its_context():
    text = "Monday: no one was hurt. Tuesday: no one was hurt."
    anchor = anchored(text, "no one was hurt") | {"start": 34, "prefix": "Tuesday: ", "suffix": "."}
    status = anchors.verify("Sunday: no one was hurt. " + text, **anchor)
    assert (status.state, status.match.start) == ("moved", 59)


def test_selectors_are_those_of_web_annotation():
    quote, position = anchors.selectors(start=3, end=8, exact="words", prefix="my ", suffix=".")
    assert quote == {"type": "TextQuoteSelector", "exact": "words", "prefix": "my ", "suffix": "."}
    assert position == {"type": "TextPositionSelector", "start": 3, "end": 8}


@pytest.mark.parametrize(
    "quote",
    [
        "The army said it did not shoot at 745 civilians",
        '"It was - in every way - awful..."',
        "The army said that it did not shoot at 745 civilians in the town",
        "words that stand nowhere in it",
        "the of and in " * 60,
    ],
)
def test_long_text_is_searched_to_its_end(quote):
    """A search that grows with the square of the text would not end within the suite's time limit."""
    text = "In the middle of the night and in the rain the people of the town left. " * 6000 + ENGLISH
    match = anchors.find(text, quote)
    assert match is None or text[match.start : match.end] == match.exact
