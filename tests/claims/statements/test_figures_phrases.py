"""The list of phrases that the reading of figures was tried on; docs/reference/figures.md tells what it gets wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.statements.figures import find_all, parse

X = None
READ = [
    # phrase, qualifier, lower, point, upper
    ("745", "exactly", 745, 745, 745),
    ("exactly 745", "exactly", 745, 745, 745),
    ("a total of 1,557 civilians", "exactly", 1557, 1557, 1557),
    ("the 1,383 dead", "exactly", 1383, 1383, 1383),
    ("12 March: 111", "exactly", 111, 111, 111),
    ("zero", "exactly", 0, 0, 0),
    ("around 745", "around", X, 745, X),
    ("about 745 civilians", "around", X, 745, X),
    ("some 1,383", "around", X, 1383, X),
    ("an estimated 200", "around", X, 200, X),
    ("roughly 1 383", "around", X, 1383, X),
    ("~50", "around", X, 50, X),
    ("50 or so", "around", X, 50, X),
    ("nearly 1,700", "around", X, 1700, 1700),
    ("almost 100", "around", X, 100, 100),
    ("more than 1,000", "more-than", 1000, X, X),
    ("over 1,000 people", "more-than", 1000, X, X),
    ("just over 100", "more-than", 100, X, X),
    ("exceeded 1,000", "more-than", 1000, X, X),
    (">100", "more-than", 100, X, X),
    ("at least 30", "at-least", 30, X, X),
    ("At least two", "at-least", 2, X, X),
    ("no fewer than 30", "at-least", 30, X, X),
    ("not less than 30", "at-least", 30, X, X),
    ("at least some 30", "at-least", 30, X, X),
    ("30 or more", "at-least", 30, X, X),
    ("1,000+", "at-least", 1000, X, X),
    ("≥ 30", "at-least", 30, X, X),
    ("up to 40", "up-to", X, X, 40),
    ("as many as 40", "up-to", X, X, 40),
    ("no more than 40", "up-to", X, X, 40),
    ("fewer than 40", "up-to", X, X, 39),
    ("just under 100", "up-to", X, X, 99),
    ("between 20 and 30", "between", 20, X, 30),
    ("between 1,000 and 1,200", "between", 1000, X, 1200),
    ("20–30", "between", 20, X, 30),
    ("1000-1200", "between", 1000, X, 1200),
    ("20 to 30", "between", 20, X, 30),
    ("from 20 to 30", "between", 20, X, 30),
    ("two or three", "between", 2, X, 3),
    ("2-3 thousand", "between", 2000, X, 3000),
    ("30 to 20", "between", 20, X, 30),
    ("dozens", "dozens", 20, X, 99),
    ("several dozen people", "dozens", 20, X, 99),
    ("scores", "dozens", 40, X, 99),
    ("hundreds", "hundreds", 200, X, 999),
    ("several hundred people", "hundreds", 200, X, 999),
    ("up to several hundred", "hundreds", X, X, 999),
    ("more than dozens", "dozens", 20, X, X),
    ("thousands", "thousands", 2000, X, 9999),
    ("tens of thousands", "thousands", 20000, X, 99999),
    ("a dozen", "around", X, 12, X),
    ("two dozen", "around", X, 24, X),
    ("half a dozen", "around", X, 6, X),
    ("more than a dozen", "more-than", 12, X, X),
    ("a hundred", "around", X, 100, X),
    ("one hundred", "exactly", 100, 100, 100),
    ("seven hundred and forty-five", "exactly", 745, 745, 745),
    ("more than one thousand three hundred", "more-than", 1300, X, X),
    ("1.5 million", "exactly", 1_500_000, 1_500_000, 1_500_000),
    ("12k", "exactly", 12_000, 12_000, 12_000),
    ("1.234.567", "exactly", 1_234_567, 1_234_567, 1_234_567),
    ("1’383", "exactly", 1383, 1383, 1383),
    ("٧٤٥", "exactly", 745, 745, 745),
    ("١٬٣٨٣", "exactly", 1383, 1383, 1383),
    ("۷۴۵", "exactly", 745, 745, 745),
    ("أكثر من ١٠٠٠", "more-than", 1000, X, X),
    ("ما يزيد على 1000", "more-than", 1000, X, X),
    ("ما لا يقل عن 30", "at-least", 30, X, X),
    ("٣٠ على الأقل", "at-least", 30, X, X),
    ("نحو 745", "around", X, 745, X),
    ("نَحْوَ ٧٤٥ مدنيّاً", "around", X, 745, X),
    ("حوالي ٣ آلاف", "around", X, 3000, X),
    ("قرابة 1700", "around", X, 1700, X),
    ("أقل من 40", "up-to", X, X, 39),
    ("ما بين 20 و30", "between", 20, X, 30),
    ("٢٠-٣٠", "between", 20, X, 30),
    ("العشرات", "dozens", 20, X, 99),
    ("عشرات القتلى", "dozens", 20, X, 99),
    ("مئات", "hundreds", 200, X, 999),
    ("عشرات الآلاف", "thousands", 20000, X, 99999),
    ("ثلاثون قتيلا", "exactly", 30, 30, 30),
    ("سبعمئة وخمسة وأربعون", "exactly", 745, 745, 745),
    ("some 1.5 million", "around", X, 1_500_000, X),
    ("about 1.2m people", "around", X, 1_200_000, X),
    ("half a million", "around", X, 500_000, X),
    ("just short of 1,000", "around", X, 1000, 1000),
    ("est. 745", "around", X, 745, X),
    ("thirty-odd people", "around", X, 30, X),
    ("1,000 plus", "at-least", 1000, X, X),
    ("745 people or more", "at-least", 745, X, X),
    ("at the very least 30", "at-least", 30, X, X),
    ("745 people at most", "up-to", X, X, 745),
    ("a couple of dozen", "dozens", 20, X, 99),
    ("a few hundred", "hundreds", 200, X, 999),
    ("some 30 to 40", "between", 30, X, 40),
    ("anywhere from 20 to 30", "between", 20, X, 30),
    ("between twenty and thirty", "between", 20, X, 30),
    ("١،٣٨٣", "exactly", 1383, 1383, 1383),
    ("١٫٥ مليون", "exactly", 1_500_000, 1_500_000, 1_500_000),
    ("ألف وثلاثمئة وثلاثة وثمانون", "exactly", 1383, 1383, 1383),
    ("أكثر من ألف قتيل", "more-than", 1000, X, X),
    ("ليس أقل من 30", "at-least", 30, X, X),
    ("30 قتيلا على الأقل", "at-least", 30, X, X),
    ("كحد أدنى 30", "at-least", 30, X, X),
    ("ليس أكثر من 40", "up-to", X, X, 40),
    ("بحدود 745", "around", X, 745, X),
    ("ما بين عشرين وثلاثين", "between", 20, X, 30),
    ("بضع مئات", "hundreds", 200, X, 999),
    ("عدة آلاف", "thousands", 2000, X, 9999),
    ("مقتل آلاف المدنيين", "thousands", 2000, X, 9999),
]
NO_FIGURE = (
    "30% | 30 percent | $745 | 8 March 2025 | in 2025 | 10:30 | 3.5 | 3,5 | the 30th | one of them | nobody | few | "
    "several | many | a couple | millions | ملايين | twenty thirty | seven three | a quarter of a million | "
    "two and a half million | مليون ونصف | no deaths | "
    "COVID-19 | a 70-year-old | 99999999999 | 12 years old | عام 2025 | 30 في المئة"
).split(" | ")


@pytest.mark.parametrize(("phrase", "qualifier", "lower", "point", "upper"), READ)
def test_phrase_is_read(phrase, qualifier, lower, point, upper):
    read = parse(phrase)
    assert read is not None
    assert (read.qualifier, read.lower, read.point, read.upper) == (qualifier, lower, point, upper)
    assert read.as_written in phrase


@pytest.mark.parametrize("phrase", NO_FIGURE)
def test_what_is_no_figure_is_not_read(phrase):
    assert parse(phrase) is None


@pytest.mark.parametrize(
    "phrase", ["dozens", "hundreds", "tens of thousands", "العشرات", "up to several hundred"]
)
def test_vague_word_never_passes_for_a_count(phrase):
    read = parse(phrase)
    assert not read.is_count and read.point is None
    assert "by convention" in str(read.notes[0])


@pytest.mark.parametrize(
    ("phrase", "language", "reading", "ambiguous"),
    [
        ("1.383", None, 1383, True),
        ("1.383", "en", 1383, True),
        ("1.383", "de", 1383, False),
        ("1.383", "ar", 1383, True),
        ("1,383", None, 1383, False),
        ("1,383", "en-GB", 1383, False),
        ("1,383", "de", 1383, True),
        ("1,383", "fr", 1383, True),
        ("1 383", "fr", 1383, False),
    ],
)
def test_separator_that_can_be_read_in_two_ways_says_so(phrase, language, reading, ambiguous):
    read = parse(phrase, language)
    assert (read.point, read.is_ambiguous, read.is_count) == (reading, ambiguous, not ambiguous)


def test_more_than_excludes_the_number_and_at_least_includes_it():
    assert (parse("more than 1,000").least, parse("at least 1,000").least) == (1001, 1000)


def test_further_figures_are_left_out_audibly():
    read = parse("1,383 civilians and 125 security personnel")
    assert read.point == 1383
    assert str(read.notes[0]) == "“125” was left out: only the first figure was read."


def test_words_behind_belong_to_the_number_before_them_alone():
    found = [
        (each.measurement.qualifier, each.measurement.lower)
        for each in find_all("more than 100 and at least 30")
    ]
    assert found == [("more-than", 100), ("at-least", 30)]


def test_larger_number_first_is_noted():
    assert [note.code for note in parse("30 to 20").notes] == ["reversed"]


def test_figures_of_a_running_text_have_their_places():
    text = "قُتل نحو ٧٤٥ مدنيّاً في ٣٠ مجزرة، and at least 125 others."
    found = [text[each.start : each.end] for each in find_all(text)]
    assert found == ["نحو ٧٤٥", "٣٠", "at least 125"]


@given(st.integers(0, 2_000_000_000))
@settings(max_examples=80)
def test_any_number_is_read_in_every_grouping(number):
    for written in (
        str(number),
        f"{number:,}",
        f"{number:,}".replace(",", "\u202f"),
        f"{number:,}".replace(",", "٬"),
    ):
        assert parse(f"more than {written} people").lower == number


@given(st.text(max_size=80) | st.text("0123456789.,- ٣وألفab", max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_is_survived_and_bounds_are_in_order(text):
    for found in find_all(text):
        read = found.measurement
        assert text[found.start : found.end] == read.as_written
        known = [value for value in (read.lower, read.point, read.upper) if value is not None]
        assert known and known == sorted(known) and known[0] >= 0


@pytest.mark.parametrize(
    "piece", ["about ", "111 ", "1,1,", "seven hundred and ", "between 20 and ", "a few ", "9"]
)
def test_hostile_text_is_read_to_its_end(piece):
    """Reading that grows with the square of the text would not end within the suite's time limit."""
    assert all(each.end > each.start for each in find_all(piece * 10_000))
