"""Captures on a line of time: pure functions."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import T0
from verify.web.timeline import EDGE, MOST_TICKS, OUTCOMES, Moment, time_line


def moments(*minutes: int, outcome: str = "archived") -> list[Moment]:
    return [Moment(str(n), T0 + timedelta(minutes=at), outcome) for n, at in enumerate(minutes)]


def test_nothing_has_no_time_line():
    assert time_line([]) is None


def test_one_capture_stands_in_the_middle_and_says_when():
    line = time_line(moments(0))
    assert line and [mark.x for mark in line.lanes[0].marks] == [50.0]
    assert [(tick.at, tick.hours) for tick in line.ticks] == [(T0, True)]


def test_five_captures_stand_in_order_each_on_its_own():
    line = time_line(moments(0, 60, 180, 720, 1440))
    assert line and [mark.count for mark in line.lanes[0].marks] == [1] * 5
    places = [mark.x for mark in line.lanes[0].marks]
    assert places == sorted(places) and (places[0], places[-1]) == (EDGE, 100 - EDGE)


def test_time_runs_from_the_right_in_scripts_that_do():
    places = [mark.x for mark in time_line(moments(0, 60, 1440), rtl=True).lanes[0].marks]
    assert places == sorted(places, reverse=True)


def test_lanes_come_with_what_alarms_first_and_only_where_there_is_something():
    line = time_line(moments(0, 9) + moments(5, outcome="gone") + moments(6, outcome="failed"))
    assert [(lane.outcome, lane.count) for lane in line.lanes] == [
        ("gone", 1),
        ("archived", 2),
        ("failed", 1),
    ]
    assert [lane.y for lane in line.lanes] == [13, 39, 65]


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.sampled_from(OUTCOMES)), min_size=1, max_size=200),
    st.booleans(),
)
def test_each_capture_is_on_the_line_once_and_marks_do_not_lie_on_each_other(given_moments, rtl):
    line = time_line(
        [Moment(str(n), T0 + timedelta(seconds=at), what) for n, (at, what) in enumerate(given_moments)],
        rtl=rtl,
    )
    marks = [mark for lane in line.lanes for mark in lane.marks]
    assert sorted(m.id for mark in marks for m in mark.moments) == sorted(
        str(n) for n in range(len(given_moments))
    )
    assert all(EDGE <= mark.x <= 100 - EDGE for mark in marks)
    for lane in line.lanes:
        places = sorted(mark.x for mark in lane.marks)
        assert all(b - a > 2.5 for a, b in itertools.pairwise(places))
    assert 1 <= len(line.ticks) <= MOST_TICKS


@pytest.mark.parametrize(
    ("minutes", "hours"), [(30, True), (60 * 20, True), (60 * 24 * 9, False), (60 * 24 * 4000, False)]
)
def test_ticks_say_the_hour_only_when_the_day_does_not_tell(minutes, hours):
    assert {tick.hours for tick in time_line(moments(0, minutes)).ticks} == {hours}
