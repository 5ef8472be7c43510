"""The editors' figures as pictures: every number is written, nothing lies outside, lightness alone tells bars apart."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import translation

from claims.statements.states import Workflow
from verify.accounts.models import User
from verify.pictures.reports import age_words, by_age, by_person, by_week, lasting
from verify.review.reports import AGES, Ages, Load, Week

WEEKS = [Week(date(2025, 3, 3) + timedelta(weeks=n), n, n // 2, n // 3) for n in range(12)]
AGED = [Ages(state, (9, 0, 1, 2, 0, 30)) for state in (Workflow.DRAFT, Workflow.IN_REVIEW)]
LOADS = [Load(User(username="carol", display_name="Carol"), 3, 1, 9), Load(None, 2, 0, 0)]
ALL = [lambda: by_week(WEEKS), lambda: by_age(AGED), lambda: by_person(LOADS)]


def drawn(svg: str) -> Any:
    return ET.fromstring(svg)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_lies_outside_the_picture_in_either_direction(make, language):
    with translation.override(language):
        chart = make()
    for svg in (chart.wide, chart.narrow):
        root = drawn(svg)
        width, height = float(root.get("width")), float(root.get("height"))
        for bar in root.iter("rect"):
            x, y = float(bar.get("x")), float(bar.get("y"))
            assert x >= 0 and x + float(bar.get("width")) <= width
            assert y >= 0 and y + float(bar.get("height")) <= height
        for text in root.iter("text"):
            assert 0 <= float(text.get("x")) <= width and float(text.get("y")) <= height


@pytest.mark.parametrize("make", ALL)
def test_a_picture_is_named_described_and_told_as_a_table(make):
    chart = make()
    root = drawn(chart.wide)
    assert root.find("title").text == chart.title and root.find("desc").text
    assert all(len(row) == len(chart.head) for row in chart.rows) and chart.rows


def test_every_count_of_a_week_is_in_the_table_and_beside_a_bar():
    chart = by_week(WEEKS)
    assert [cell.text for cell in chart.rows[11]] == ["19 May 2025", "11", "5", "3"]
    written = [text.text for text in drawn(chart.narrow).iter("text")]
    assert [text for text in written if text.isdecimal()] == [
        str(count) for week in WEEKS for count in (week.registered, week.approved, week.published)
    ]


def test_a_bar_is_as_long_as_its_count():
    widths = [float(bar.get("width")) for bar in drawn(by_age(AGED[:1]).narrow).iter("rect")]
    assert [round(width / widths[0], 2) for width in widths] == [
        1,
        round(1 / 9, 2),
        round(2 / 9, 2),
        round(30 / 9, 2),
    ]


def test_series_are_told_apart_by_more_than_hue():
    fills = {bar.get("class") for bar in drawn(by_week(WEEKS).wide).iter("rect")}
    assert fills == {"d-box", "d-accent", "d-ink"}  # hollow, middle, full


def test_a_year_of_weeks_has_days_that_do_not_lie_on_each_other():
    weeks = [Week(date(2025, 1, 6) + timedelta(weeks=n), 1, 1, 1) for n in range(53)]
    labels = [text for text in drawn(by_week(weeks).wide).iter("text") if re.match(r"\d+ \w{3}", text.text)]
    places = [float(text.get("x")) for text in labels]
    assert len(places) > 4
    assert min(right - left for left, right in pairwise(places)) > 40


def test_nothing_at_all_is_drawn_too():
    assert drawn(by_week([Week(date(2025, 3, 3), 0, 0, 0)]).wide) is not None
    assert by_person([]).rows == ()


def test_a_name_is_text_and_no_markup():
    chart = by_person([Load(User(username="x", display_name="<b>&\u202e"), 1, 0, 0)])
    assert "<b>" not in chart.narrow and "[U+202E]" in chart.narrow


def test_ages_have_a_heading_each():
    assert len(age_words()) == len(AGES)
    assert age_words()[0] == "under a day" and age_words()[-1] == "28+ days"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (None, ""),
        (timedelta(seconds=20), "0 minutes"),
        (timedelta(minutes=119), "119 minutes"),
        (timedelta(hours=3, minutes=10), "3 hours"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=4), "4 days"),
    ],
)
def test_a_time_to_answer_is_said_in_a_unit_of_which_it_has_two(span, words):
    assert lasting(span) == words
