"""A document's captures on a line of time: which mark stands where, for an SVG that is as wide as the page lets it be.

Each outcome has a lane of its own, so that marks need no colour to be told apart and a rare one is not hidden by many
common ones. Across, places are percentages, since the picture has no fixed width; captures of one lane that would lie
on each other share a mark, which then says how many they are. Pure: no Django, no words for people but those given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

STEPS = 36  # places for marks across the picture: few enough that they do not lie on each other on a phone
EDGE = 3.0  # per cent that stay free at both ends
LANE = 26  # CSS pixels
MOST_TICKS = 5

# In the order of the lanes; the names are those of components/shape.html.
OUTCOMES = ("gone", "quote-lost", "changed", "archived", "failed", "redacted", "running")
_STRIDES = (
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
    *(timedelta(days=days) for days in (1, 2, 7, 14, 30, 61, 91, 182, 365, 730, 1826, 3652)),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One capture: its id, when it was asked for, and one of OUTCOMES."""

    id: str
    at: datetime
    outcome: str


@dataclass(slots=True)
class Mark:
    """Captures of one lane that share a place; `x` in per cent of the width, from where the reader begins."""

    x: float
    moments: list[Moment]

    @property
    def first(self) -> Moment:
        return self.moments[0]

    @property
    def last(self) -> Moment:
        return self.moments[-1]

    @property
    def count(self) -> int:
        return len(self.moments)


@dataclass(slots=True)
class Lane:
    """An outcome with its marks in the order of time; `y` of its middle in CSS pixels."""

    outcome: str
    y: int
    marks: list[Mark] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(mark.count for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Tick:
    """A moment written below the line; `hours` when the day alone does not tell ticks apart."""

    x: float
    at: datetime
    hours: bool


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The lanes from the most to the least alarming, what is written below, and the height in CSS pixels."""

    lanes: list[Lane]
    ticks: list[Tick]
    first: datetime
    last: datetime

    @property
    def base(self) -> int:
        """Where the lanes end."""
        return LANE * len(self.lanes)

    @property
    def height(self) -> int:
        return self.base + 22

    def x(self, at: datetime, *, rtl: bool = False) -> float:
        """Where a moment stands across, in per cent; mirrored for scripts that run from the right."""
        return _across(at, self.first, self.last, rtl)


def time_line(moments: Iterable[Moment], *, rtl: bool = False) -> TimeLine | None:
    """The captures laid out over the time from the first to the last; None when there are none."""
    ordered = sorted(moments, key=lambda moment: moment.at)
    if not ordered:
        return None
    first, last = ordered[0].at, ordered[-1].at
    lanes: list[Lane] = []
    for outcome in OUTCOMES:
        own = [moment for moment in ordered if moment.outcome == outcome]
        if own:
            lanes.append(Lane(outcome, LANE * len(lanes) + LANE // 2, _marks(own, first, last, rtl)))
    return TimeLine(lanes, _ticks(first, last, rtl), first, last)


def _marks(moments: Sequence[Moment], first: datetime, last: datetime, rtl: bool) -> list[Mark]:
    marks: list[Mark] = []
    width = (100 - 2 * EDGE) / STEPS
    for moment in moments:
        x = _across(moment.at, first, last, rtl)
        if marks and abs(marks[-1].x - x) < width:
            marks[-1].moments.append(moment)
        else:
            marks.append(Mark(x, [moment]))
    return marks


def _across(at: datetime, first: datetime, last: datetime, rtl: bool) -> float:
    share = (at - first) / (last - first) if last > first else 0.5
    share = min(1.0, max(0.0, share))
    return round(EDGE + (100 - 2 * EDGE) * (1 - share if rtl else share), 2)


def _ticks(first: datetime, last: datetime, rtl: bool) -> list[Tick]:
    """Round moments between the first and the last; the moment itself when there is but one."""
    if last - first < timedelta(minutes=1):
        return [Tick(_across(first, first, last, rtl), first, hours=True)]
    stride = next((step for step in _STRIDES if (last - first) / step < MOST_TICKS), _STRIDES[-1])
    at, ticks = _rounded(first, stride), []
    while at <= last:
        if at >= first:
            ticks.append(at)
        at += stride
    if len(ticks) < 2:  # both ends say more than one round moment in between
        ticks = [first, last]
    hours = any(one.date() == other.date() for one, other in pairwise(ticks)) or stride < timedelta(days=1)
    return [Tick(_across(tick, first, last, rtl), tick, hours) for tick in ticks]


def _rounded(at: datetime, stride: timedelta) -> datetime:
    """The last multiple of the stride before `at`, counted from midnight UTC of a Monday."""
    origin = datetime(2024, 1, 1, tzinfo=UTC)
    return origin + (at - origin) // stride * stride
