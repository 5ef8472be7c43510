"""Re-derive how figures and places hang together: what the services refuse must not be in the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F

from claims.statements.models import Figure, Place, PlaceKind
from sources.custody.fsck import Fault, Progress, Report, silent

PART = "statements"
_SIZES = PlaceKind.values


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every figure or place that refers to another desk's, or to itself by a way round."""
    yield from _place_faults(report)
    yield from _figure_faults(report)


def _place_faults(report: Report) -> Iterator[Fault]:
    rows = Place.objects.values_list("pk", "desk_id", "kind", "parent_id", "parent__desk_id", "parent__kind")
    places = list(rows.order_by("pk"))
    for done, (pk, desk, kind, parent, parents_desk, parents_kind) in enumerate(places, start=1):
        if parent is not None and parents_desk not in (None, desk):
            yield Fault(PART, f"place {pk}", f"lies in a place of another desk, {parent}")
        if parent is not None and _SIZES.index(kind) <= _SIZES.index(parents_kind):
            yield Fault(PART, f"place {pk}", f"is a {kind} in a {parents_kind}")
        if desk is not None:  # those that come with Verify are no records of anybody
            report(Progress("statements: places", done, len(places)))
    yield from _circles({pk: parent for pk, _, _, parent, _, _ in places}, "place", "lies in itself")


def _figure_faults(report: Report) -> Iterator[Fault]:
    desk = F("claim__desk")
    for name in ("supersedes", "part_of"):
        other = f"{name}__claim__desk"
        found = Figure.objects.filter(**{f"{name}__isnull": False}).exclude(**{other: desk})
        for pk, pointed in found.order_by("pk").values_list("pk", name):
            yield Fault(PART, f"figure {pk}", f"{name} is a figure of another desk, {pointed}")
    elsewhere = Figure.objects.filter(place__desk__isnull=False).exclude(place__desk=desk)
    for pk, place in elsewhere.order_by("pk").values_list("pk", "place"):
        yield Fault(PART, f"figure {pk}", f"its place is one of another desk, {place}")
    figures = list(Figure.objects.order_by("pk").values_list("pk", "supersedes_id", "part_of_id"))
    yield from _circles({pk: before for pk, before, _ in figures}, "figure", "supersedes itself")
    yield from _circles({pk: whole for pk, _, whole in figures}, "figure", "is part of itself")
    if figures:
        report(Progress("statements: figures", len(figures), len(figures)))


def _circles(above: Mapping[Any, Any], what: str, says: str) -> Iterator[Fault]:
    """One fault per circle, at its smallest id."""
    settled: set[Any] = set()
    for start in above:
        path: list[Any] = []
        at = start
        while at is not None and at not in settled and at not in path:
            path.append(at)
            at = above.get(at)
        if at in path:
            circle = path[path.index(at) :]
            yield Fault(PART, f"{what} {min(circle)}", f"{says}, through {len(circle) - 1} others")
        settled.update(path)
