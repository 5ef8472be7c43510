"""The editors' figures as pictures: claims by week, the ages of open claims, whom reviews wait for.

Bars only, each with its number beside it, and told apart by lightness (hollow, middle, full), not by hue. Measures
are pixels; x counts from the beginning of the line.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from verify.pictures.drawing import Cell, Direction, Pen, Picture, Shown, fit, render, text_width
from verify.review.reports import AGES, Ages, Load, Week

WIDE, NARROW = 640, 358
SIZE, LINE = 12, 17
TALL = 150  # of the columns of the weeks
FILLS = ("d-box", "d-accent", "d-ink")


@dataclass(frozen=True)
class Chart(Shown):
    """A picture for a page: the narrow form stands where `columns` find no room (static/css/pictures.css)."""

    columns: int = 3


@dataclass(frozen=True)
class Bar:
    label: str
    value: int
    fill: str


@dataclass(frozen=True)
class Group:
    """Bars under a heading."""

    label: str
    bars: tuple[Bar, ...]


def by_week(weeks: Sequence[Week]) -> Chart:
    """How many claims were registered, approved and published in each week."""
    words = (_("registered"), _("approved"), _("published"))
    counts = [(week.registered, week.approved, week.published) for week in weeks]
    days = [date_format(week.begins, "j M") for week in weeks]
    title = _("Claims registered, approved and published, by week")
    totals = [sum(row[place] for row in counts) for place in range(3)]
    told = _(
        "%(weeks)s weeks: %(registered)s registered, %(approved)s approved, %(published)s published."
    ) % {
        "weeks": len(weeks),
        **dict(zip(("registered", "approved", "published"), totals, strict=True)),
    }
    groups = [Group(day, _bars(words, row)) for day, row in zip(days, counts, strict=True)]
    table = [
        (date_format(week.begins, "j F Y"), *map(str, row)) for week, row in zip(weeks, counts, strict=True)
    ]
    wide = _columns(days, counts, words)
    return _chart(title, told, wide, _lines(groups, NARROW), (_("Week from"), *words), table)


def by_age(ages: Sequence[Ages]) -> Chart:
    """How long ago the open claims in each state of the workflow were registered."""
    words = age_words()
    title = _("Open claims by state and age")
    told = ". ".join(f"{each.state.label}: {each.total}" for each in ages)
    groups = [
        Group(f"{each.state.label} ({each.total})", _bars(words, each.counts, ("d-accent",))) for each in ages
    ]
    table = [(str(each.state.label), *map(str, each.counts), str(each.total)) for each in ages]
    head = (_("State"), *words, _("Together"))
    return _chart(title, told, _grid(ages, words), _lines(groups, NARROW), head, table)


def by_person(loads: Iterable[Load]) -> Chart:
    """Whom reviews wait for."""
    words = (_("waiting"), _("of these overdue"))
    burdened = [load for load in loads if load.waiting]
    names = [str(load.reviewer) if load.reviewer else _("nobody yet") for load in burdened]
    counts = [(load.waiting, load.overdue) for load in burdened]
    groups = [Group(name, _bars(words, row, FILLS[1:])) for name, row in zip(names, counts, strict=True)]
    told = _("%(waiting)s wait, of these %(overdue)s are overdue.") % {
        "waiting": sum(row[0] for row in counts),
        "overdue": sum(row[1] for row in counts),
    }
    table = [(name, *map(str, row)) for name, row in zip(names, counts, strict=True)]
    title = _("Reviews that wait, by reviewer")
    return _chart(title, told, _lines(groups, WIDE), _lines(groups, NARROW), (_("Reviewer"), *words), table)


def age_words() -> tuple[str, ...]:
    """The headings of AGES."""
    ends = [days for days in AGES if days is not None]
    between = [_("%(from)s–%(to)s days") % {"from": low, "to": high} for low, high in pairwise(ends)]
    return (_("under a day"), *between, _("%(days)s+ days") % {"days": ends[-1]})


def lasting(span: timedelta | None) -> str:
    """A time to answer, in the largest unit of which it has two; empty for none."""
    if span is None:
        return ""
    minutes = int(span.total_seconds() // 60)
    for size, words in ((1440, _("%(n)s days")), (60, _("%(n)s hours"))):
        if minutes >= 2 * size:
            return words % {"n": round(minutes / size)}
    return _("%(n)s minutes") % {"n": minutes}


Sheet = tuple[list[ET.Element], float, float]  # what is drawn, its width and height


def _bars(words: Sequence[str], counts: Sequence[int], fills: Sequence[str] = FILLS) -> tuple[Bar, ...]:
    fills = [fills[place % len(fills)] for place in range(len(words))]
    return tuple(Bar(word, count, fill) for word, count, fill in zip(words, counts, fills, strict=True))


def _chart(
    title: str, told: str, wide: Sheet, narrow: Sheet, head: tuple[str, ...], table: Sequence[tuple[str, ...]]
) -> Chart:
    drawn = [
        render(Picture(width, height, title, told, elements, _direction()), inline=True)
        for elements, width, height in (wide, narrow)
    ]
    rows = tuple(tuple(Cell(text) for text in row) for row in table)
    return Chart(title, drawn[0], drawn[1], head, rows)


def _columns(days: Sequence[str], counts: Sequence[tuple[int, ...]], words: Sequence[str]) -> Sheet:
    """Columns side by side: a group for each day, a column for each word."""
    pen, top, gutter = _pen(WIDE), 34.0, 34.0
    most = max([1, *(count for row in counts for count in row)])
    foot, room = top + TALL, (WIDE - gutter) / max(1, len(days))
    thick = min(14.0, (room - 4) / max(1, len(words)))
    drawn = _legend(pen, words)
    for value in sorted({0, most // 2, most}):
        y = foot - TALL * value / most
        drawn.append(pen.path([(gutter, y), (WIDE, y)], "d-rule"))
        drawn.append(pen.text(gutter - 6, y + 4, str(value), SIZE, css="d-soft", anchor="end"))
    widest = max([0.0, *(text_width(day, SIZE) for day in days)])
    every = next(step for step in range(1, len(days) + 2) if step * room > widest + 6)
    for place, (day, row) in enumerate(zip(days, counts, strict=True)):
        left = gutter + place * room + (room - thick * len(row)) / 2
        for number, count in enumerate(row):
            x, tall = left + number * thick, TALL * count / most
            if count:
                drawn.append(pen.rect(x, foot - tall, thick - 1, tall, FILLS[number]))
                if thick >= 12:
                    middle = x + (thick - 1) / 2
                    drawn.append(pen.text(middle, foot - tall - 3, str(count), 10, anchor="middle"))
        if place % every == 0:
            drawn.append(pen.text(gutter + (place + 0.5) * room, foot + LINE, day, SIZE, anchor="middle"))
    drawn.append(pen.path([(gutter, foot), (WIDE, foot)], "d-ink-line"))
    return drawn, WIDE, foot + LINE + 8


def _legend(pen: Pen, words: Sequence[str]) -> list[ET.Element]:
    drawn, x = [], 1.0
    for word, fill in zip(words, FILLS, strict=False):
        drawn += [pen.rect(x, 3, 10, 10, fill), pen.text(x + 16, 12, word, SIZE)]
        x += 16 + text_width(word, SIZE) + 18
    return drawn


def _grid(ages: Sequence[Ages], words: Sequence[str]) -> Sheet:
    """A line for each state, a field for each age; in it a bar, and its number."""
    pen, gutter, row = _pen(WIDE), 110.0, 26.0
    room = (WIDE - gutter) / len(words)
    most = max([1, *(count for each in ages for count in each.counts)])
    drawn = [
        pen.text(gutter + place * room + 4, 14, fit(word, room - 6, 11), 11, css="d-soft")
        for place, word in enumerate(words)
    ]
    for line, each in enumerate(ages):
        y = 22 + line * row
        drawn.append(pen.path([(0, y), (WIDE, y)], "d-rule"))
        drawn.append(pen.text(0, y + 17, fit(str(each.state.label), gutter - 8, SIZE), SIZE))
        for place, count in enumerate(each.counts):
            long, x = (room - 34) * count / most, gutter + place * room + 4
            if count:
                drawn.append(pen.rect(x, y + 7, max(long, 1), 12, "d-accent"))
            css = "" if count else "d-soft"
            drawn.append(pen.text(x + (max(long, 1) + 5 if count else 0), y + 17, str(count), SIZE, css=css))
    return drawn, WIDE, 22 + len(ages) * row + 4


def _lines(groups: Sequence[Group], width: int) -> Sheet:
    """Bars below each other under the heading of their group."""
    pen = _pen(width)
    labels = {bar.label for group in groups for bar in group.bars}
    gutter = min(width * 0.4, max([0.0, *(text_width(label, SIZE) for label in labels)]) + 10)
    most = max([1, *(bar.value for group in groups for bar in group.bars)])
    drawn, y = [], 4.0
    for group in groups:
        y += LINE
        drawn.append(pen.text(0, y - 4, fit(group.label, width, SIZE, True), SIZE, bold=True))
        for bar in group.bars:
            y += LINE
            long = (width - gutter - 40) * bar.value / most
            drawn.append(pen.text(0, y - 4, fit(bar.label, gutter - 8, SIZE), SIZE, css="d-soft"))
            if bar.value:
                drawn.append(pen.rect(gutter, y - 13, max(long, 1), 11, bar.fill))
            drawn.append(pen.text(gutter + (long + 6 if bar.value else 0), y - 4, str(bar.value), SIZE))
        y += 8
    return drawn, width, y + 4


def _pen(width: float) -> Pen:
    return Pen(width, _direction())


def _direction() -> Direction:
    return "rtl" if get_language_bidi() else "ltr"
