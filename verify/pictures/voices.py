"""Whose word an assertion is: the voice at the root of its chain. An outlet that relays is not its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from claims.attribution.models import Assertion, AssertionRole
from sources.catalog.models import Source


@dataclass(frozen=True)
class Voice:
    """A source that speaks for itself, or an outlet whose source is not named. `key` tells voices apart."""

    key: str
    name: str
    source: Source | None = None

    @property
    def is_party(self) -> bool:
        return self.source is not None and self.source.is_party


@dataclass(frozen=True)
class Word:
    """One assertion traced: whose word it is, and who carries it; `is_own` when it is the voice's own words."""

    voice: Voice
    carrier: Source
    is_own: bool


def trace(assertions: Iterable[UUID]) -> dict[UUID, Word]:
    """The voice of each assertion, in two queries. Chains may lead through other claims; a withdrawn link ends them.

    As in `origins.py`: the principal's word, else the speaker's; a relay that names no source speaks for an unknown
    one. Merged sources are read as the one that they were merged into.
    """
    wanted = set(assertions)
    chains = _chains(wanted)
    sources = _sources(chains.values())
    return {pk: word_of(chains[pk], chains, sources) for pk in wanted if pk in chains}


def _chains(assertions: set[UUID]) -> dict[UUID, Any]:
    if not assertions:
        return {}
    rows = Assertion.objects.raw(
        """
        WITH RECURSIVE chain AS (
            SELECT * FROM claims_assertion WHERE id = ANY(%s)
            UNION
            SELECT a.* FROM claims_assertion a JOIN chain ON a.id = chain.derives_from_id
            WHERE a.withdrawn_at IS NULL
        ) SELECT * FROM chain
        """,
        [list(assertions)],
    )
    return {said.pk: said for said in rows}


def _sources(assertions: Iterable[Any]) -> dict[UUID, Source]:
    ids = {pk for said in assertions for pk in (said.speaker_id, said.on_behalf_of_id, said.outlet_id) if pk}
    if not ids:
        return {}
    found = Source.objects.filter(pk__in=ids).select_related("merged_into")
    return {source.pk: source.merged_into or source for source in found}


def word_of(said: Any, chains: dict[UUID, Any], sources: dict[UUID, Source]) -> Word:
    """Whose word one assertion is; `chains` are those that it may derive from, `sources` all that these name."""
    root, seen = said, {said.pk}
    while (above := chains.get(root.derives_from_id)) is not None and above.pk not in seen:
        seen.add(above.pk)
        root = above
    carrier = sources[said.outlet_id or said.speaker_id]
    missing = root.derives_from_id is not None and root.derives_from_id not in chains
    if missing or (root.role == AssertionRole.RELAY and root.on_behalf_of_id is None):
        through = sources[root.outlet_id or root.speaker_id]
        name = _("source not named, in %(outlet)s") % {"outlet": through.name}
        return Word(Voice(f"through {through.pk}", name), carrier, is_own=False)
    source = sources[root.on_behalf_of_id or root.speaker_id]
    return Word(Voice(str(source.pk), source.name, source), carrier, is_own=said.pk == root.pk)
