"""The figure ladder of what was published: made of snapshots alone, so that it shows what the page beside it shows.

The rows that the ladder is drawn from are built in memory and never saved; a snapshot holds all that it asks of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from claims.attribution.models import Assertion
from claims.statements.counting import totals_first
from claims.statements.models import Figure, Place
from sources.catalog.models import Source
from verify.pictures.ladder import MOST, Figures, gathered
from verify.pictures.voices import word_of

Json = Mapping[str, Any]

_COPIED = (
    "lower point upper qualifier as_written unit category perpetrator place_as_written parts_are_all".split()
)


def ladder_of_published(claims: Iterable[Json], title: str) -> Figures:
    """What the ladder is drawn from; `claims` are contents in the newest schema (verify.publish.schemas)."""
    rows: list[Figure] = []
    said: dict[UUID, Any] = {}
    sources: dict[UUID, Source] = {}
    givers: dict[UUID, list[UUID]] = defaultdict(list)
    for claim in claims:
        rows += [_figure(figure, UUID(claim["id"])) for figure in claim["figures"]]
        for statement in claim["assertions"]:
            assertion = _assertion(statement, sources)
            said[assertion.pk] = assertion
            for figure in statement["figures"]:
                givers[UUID(figure)].append(assertion.pk)
    rows.sort(key=lambda figure: (figure.as_of or date.max, str(figure.pk)))
    words = {pk: word_of(assertion, said, sources) for pk, assertion in said.items()}
    return gathered(title, totals_first(rows[:MOST]), givers, words, total=len(rows))


def _figure(figure: Json, claim: UUID) -> Figure:
    first, last = figure["window"]
    return Figure(
        id=UUID(figure["id"]),
        claim_id=claim,
        place=_place(figure["place"]),
        window_from=_day(first),
        window_to=_day(last),
        as_of=_day(figure["as_of"]),
        supersedes_id=_id(figure["supersedes"]),
        part_of_id=_id(figure["part_of"]),
        **{name: figure[name] for name in _COPIED},
    )


def _place(place: Json | None) -> Place | None:
    """The place with what it lies in, as far as names go."""
    found = None
    if place is not None:
        for name, name_ar in zip(place["path"], place["path_ar"], strict=True):
            found = Place(parent=found, name=name, name_ar=name_ar)
    return found


def _assertion(said: Json, sources: dict[UUID, Source]) -> Assertion:
    named = {name: said[name] for name in ("speaker", "on_behalf_of", "outlet") if said[name]}
    for source in named.values():
        pk = UUID(source["id"])
        sources[pk] = Source(id=pk, name=source["name"], kind=source["kind"], is_party=source["party"])
    return Assertion(
        id=UUID(said["id"]),
        role=said["role"],
        derives_from_id=_id(said["derives_from"]),
        **{f"{name}_id": UUID(source["id"]) for name, source in named.items()},
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value[:10]) if value else None


def _id(value: str | None) -> UUID | None:
    return UUID(value) if value else None
