"""Regions as values: fragments by their standards, clocks, and whether words agree."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.attribution.regions import (
    LONGEST_MS,
    agree,
    clock,
    fragment,
    holds,
    parse_clock,
    seconds,
    selector,
)


def region(kind: str, **given: Any) -> Any:
    empty = dict.fromkeys("page left top width height from_ms to_ms".split())
    return SimpleNamespace(**{**empty, "kind": kind, **given})


BOX = {"left": 10, "top": 20, "width": 300, "height": 40}


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (region("page", page=3, **BOX), "page=3&viewrect=10,20,300,40"),
        (region("picture", **BOX), "xywh=pixel:10,20,300,40"),
        (region("time", from_ms=12_500, to_ms=20_000), "t=12.5,20"),
        (region("time", from_ms=0, to_ms=40, **BOX), "t=0,0.04&xywh=pixel:10,20,300,40"),
    ],
)
def test_a_fragment_is_written_as_its_standard_says(marked: Any, expected: str):
    assert fragment(marked) == expected
    assert selector(marked)["value"] == expected


def test_a_selector_names_the_standard():
    assert selector(region("page", page=1, **BOX))["conformsTo"] == "http://tools.ietf.org/rfc/rfc8118"
    assert selector(region("picture", **BOX))["conformsTo"] == "http://www.w3.org/TR/media-frags/"


@pytest.mark.parametrize(
    ("typed", "ms"),
    [
        ("12.5", 12_500),
        ("0:12.05", 12_050),
        (" 1:02:03 ", 3_723_000),
        ("٠:١٢٫٥", 12_500),
        ("12,5", 12_500),
        ("90", 90_000),
        ("3.1239", 3_123),
    ],
)
def test_a_time_is_read_as_people_type_it(typed: str, ms: int):
    assert parse_clock(typed) == ms


@pytest.mark.parametrize(
    "typed", ["", "x", "1:75", "1:60:00", "-5", "1:2:3:4", "9" * 8, "5000000", "1e3", "."]
)
def test_what_is_no_time_is_none(typed: str):
    assert parse_clock(typed) is None


@given(st.integers(0, LONGEST_MS))
def test_a_clock_is_read_back(ms: int):
    assert parse_clock(clock(ms)) == ms
    assert round(float(seconds(ms)) * 1000) == ms


def test_words_agree_whatever_their_typography_is():
    assert agree("“Around 745\ncivilians”", '"around  745 civilians"')
    assert not agree("Around 745 civilians", "Around 746 civilians")


def test_a_place_holds_what_it_is_said_to_show_whole_words_only():
    assert holds("Table 2: Around 745 civilians, by district", "around 745 civilians")
    assert not holds("Around 1745 civilians", "745 civilians")
    assert holds("قُتِلَ 745 مدنيًا", "قتل 745 مدنيا")
