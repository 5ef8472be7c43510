"""Figures in the database as what `figures.py` calculates with: rows in, measurements with scope and source out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from claims.statements.figures import Counted, Measurement, Scope
from claims.statements.models import Figure
from claims.statements.places import PARENTS, name_of, path_of, place_path
from claims.statements.scopes import path_words


def with_places(figures: QuerySet[Figure]) -> QuerySet[Figure]:
    """Figures with the places that they lie in, to any depth: no further query in `counted`."""
    return figures.select_related(f"place__{PARENTS}")


def counted(figure: Figure, *, source: str = "", supersedes: Iterable[UUID] = (), name: str = "") -> Counted:
    """A figure of `with_places` as something to calculate with; `source` is whose count it is, "" when not known.

    `supersedes` names the figures that it replaces through others (`supersessions`), beside the one on its row;
    `name` is the number in the reader's form, for sentences, "" for the words as they were written.
    """
    replaced = {*supersedes, figure.supersedes_id} - {None}
    return Counted(
        measurement(figure),
        Scope(
            unit=figure.unit,
            category=figure.category,
            perpetrator=figure.perpetrator,
            place=place_path(figure),
            place_words=figure.place_as_written,
            window_from=figure.window_from,
            window_to=figure.window_to,
            as_of=figure.as_of,
        ),
        source,
        key=str(figure.pk),
        part_of=str(figure.part_of_id or ""),
        supersedes=frozenset(map(str, replaced)),
        name=name,
    )


def measurement(figure: Figure) -> Measurement:
    """What the row holds. Whether it could be read in two ways was settled when it was recorded."""
    written = figure.as_written or str(figure)
    return Measurement(figure.lower, figure.point, figure.upper, figure.qualifier, written)  # type: ignore[arg-type]


def supersessions(figures: Iterable[Figure]) -> Mapping[UUID, frozenset[UUID]]:
    """Of each figure, those that it replaces, directly or through others of `figures`; only standing ones replace."""
    before = {figure.pk: figure.supersedes_id for figure in figures if figure.stands}
    replaced: dict[UUID, frozenset[UUID]] = {}
    for start in before:
        chain: list[UUID] = []
        at: Any = before[start]
        while at is not None and at not in chain:
            chain.append(at)
            at = before.get(at)
        replaced[start] = frozenset(chain)
    return replaced


def totals_first(figures: Iterable[Figure]) -> list[Figure]:
    """Figures in the order in which they come, but parts right after the total that they belong to, largest first."""
    figures = list(figures)
    here = {figure.pk for figure in figures}
    parts: dict[UUID | None, list[Figure]] = defaultdict(list)
    for figure in figures:
        parts[figure.part_of_id if figure.part_of_id in here else None].append(figure)

    def family(figure: Figure) -> Iterator[Figure]:
        yield figure
        for part in sorted(parts[figure.pk], key=_size, reverse=True):
            yield from family(part)

    return [each for figure in parts[None] for each in family(figure)]


def _size(figure: Figure) -> int:
    return max(figure.lower or 0, figure.point or 0, figure.upper or 0)


def place_names(figures: Iterable[Figure]) -> dict[str, str]:
    """What to call the paths of the figures' scopes in the reader's language, for `Reason.say`."""
    return {
        path_words(place_path(figure)): path_words(tuple(map(name_of, path_of(figure.place))))
        for figure in figures
        if figure.place
    }


def whose(figure: Figure) -> tuple[UUID, ...]:
    """Whose count it is: who gave it first-hand, or on whose behalf; read with its `assertions` prefetched.

    Whoever takes a figure over from somebody else does not count for himself. Several, where several say it of
    their own.
    """
    said = [each for each in figure.assertions.all() if each.stands]
    own = [each for each in said if each.derives_from_id is None] or said
    return tuple(sorted({each.on_behalf_of_id or each.speaker_id for each in own}))
