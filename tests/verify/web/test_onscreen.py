"""Finding quotations among the words of a screenshot: pure functions."""

from __future__ import annotations

import time
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from sources.archive.layout import Box, Layout
from verify.web.onscreen import Page, Rectangle


@dataclass(frozen=True)
class Quote:
    exact: str
    prefix: str = ""
    suffix: str = ""


def page(*lines: str, rtl: bool = False) -> Page:
    """Each line 20 pixels below the one before, each letter 10 wide, from the left or from x = 1000 leftwards."""
    boxes = []
    for row, line in enumerate(lines):
        x = 0
        for word in line.split():
            width = 10 * len(word)
            boxes.append(Box(word, 1000 - x - width if rtl else x, 20 * row, width, 15))
            x += width + 10
    return Page(Layout(1280, 900, tuple(boxes)))


def test_quote_is_one_mark_per_line():
    found = page("The group said that", "745 civilians were killed.").places(Quote("said that 745 civilians"))
    assert found == [Rectangle(100, 0, 90, 15), Rectangle(0, 20, 130, 15)]


def test_typography_and_white_space_do_not_matter():
    found = page("“We can­not con-", "firm” ٧٤٥ it").places(Quote("We cannot con-firm\n745"))
    assert len(found) == 2


def test_words_that_markup_cuts_are_whole():
    layout = Layout(
        1280, 900, (Box("4", 0, 0, 10, 15), Box("1", 10, 0, 10, 15), Box("killed", 30, 0, 60, 15))
    )
    assert Page(layout).places(Quote("41 killed")) == [Rectangle(0, 0, 90, 15)]


def test_arabic_marks_run_from_the_right():
    found = page("قُتل نحو ٧٤٥ مدنياً في الساحل", rtl=True).places(Quote("نحو 745 مدنيا"))
    assert found == [Rectangle(810, 0, 140, 15)]


def test_of_several_places_the_one_with_the_same_words_around_counts():
    screen = page("About 745 killed today", "Observatory: about 745 killed, it said")
    assert screen.places(Quote("745 killed", prefix="Observatory: about ", suffix=", it"))[0].y == 20
    assert screen.places(Quote("745 killed"))[0].y == 0


def test_word_that_is_broken_is_marked_on_both_lines():
    layout = Layout(
        1280, 900, (Box("unbeliev­able", 900, 0, 80, 15), Box("", 0, 20, 40, 15), Box("so", 50, 20, 20, 15))
    )
    assert Page(layout).places(Quote("unbelievable")) == [Rectangle(900, 0, 80, 15), Rectangle(0, 20, 40, 15)]


def test_paragraphs_with_something_between_are_found_one_by_one():
    found = page("First words here", "ADVERTISEMENT", "second words there").places(
        Quote("First words here\n\nsecond words there")
    )
    assert [mark.y for mark in found] == [0, 40]


def test_what_does_not_stand_there_is_not_shown():
    assert page("Something else").places(Quote("745 civilians")) == []
    assert page("It is so").places(Quote("is")) == []
    assert page().places(Quote("745 civilians")) == []


@given(st.lists(st.text(max_size=8), max_size=12), st.text(max_size=20), st.text(max_size=5))
def test_any_words_and_any_quote_raise_nothing(words, exact, around):
    boxes = tuple(Box(word, 10 * n, 0, 5, 5) for n, word in enumerate(words))
    Page(Layout(99, 99, boxes)).places(Quote(exact, around, around))


def test_twenty_thousand_words_are_searched_in_no_time():
    boxes = tuple(Box(f"word{n % 97}", n % 1000, n // 100, 5, 5) for n in range(20_000))
    begun = time.process_time()
    screen = Page(Layout(1280, 16_000, boxes))
    for _ in range(20):
        screen.places(Quote("word1 word2 word3", "word0", "word4"))
    assert time.process_time() - begun < 3
