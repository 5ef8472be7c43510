"""Sources × claims of a case: who affirms and who denies what, in whose own words, and who only relays it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from claims.attribution.models import Assertion, Modality, Polarity
from claims.statements.models import Case, Claim
from sources.catalog.models import Source
from verify.pictures.voices import Voice, Word, trace

CERTAINTY = tuple(Modality.values)  # from the surest down


@dataclass
class Cell:
    """What one voice says about one claim. `relays` counts who passes its word on; they say nothing of their own."""

    claim: Claim
    said: set[str] = field(default_factory=set)
    modalities: set[str] = field(default_factory=set)
    own: int = 0
    relays: int = 0

    @property
    def stance(self) -> str:
        """ "affirms", "denies" or "both"."""
        return "both" if len(self.said) > 1 else next(iter(self.said))

    @property
    def surest(self) -> Modality:
        """The most certain way in which it was ever put."""
        return Modality(min(self.modalities, key=CERTAINTY.index))

    @property
    def is_sure(self) -> bool:
        return self.surest == Modality.CERTAIN


@dataclass
class Row:
    """A voice with a cell, or None, for each claim of the matrix; `reliability` is the letter of its latest grade."""

    voice: Voice
    cells: list[Cell | None]
    reliability: str | None = None

    @property
    def spoken(self) -> int:
        return sum(cell is not None for cell in self.cells)


def matrix_of(case: Case, claims: list[Claim]) -> list[Row]:
    """Each voice of the case with what it says about `claims`; who speaks about most comes first. Four queries."""
    said = list(
        Assertion.objects.standing()
        .filter(claim__case=case)
        .values_list("pk", "claim_id", "polarity", "modality", named=True)
    )
    words = trace(each.pk for each in said)
    rows = _rows(said, words, claims)
    grades = dict(
        Source.objects.filter(pk__in=[row.voice.source.pk for row in rows if row.voice.source])
        .with_current_grade()
        .values_list("pk", "reliability")  # type: ignore[misc]  # annotated by with_current_grade
    )
    for row in rows:
        row.reliability = grades.get(row.voice.source.pk) if row.voice.source else None
    return rows


def _rows(said: Iterable[Any], words: dict[UUID, Word], claims: list[Claim]) -> list[Row]:
    by_id = {claim.pk: claim for claim in claims}
    voices: dict[str, Voice] = {}
    heard: dict[tuple[str, UUID], list[tuple[Any, Word]]] = defaultdict(list)
    for each in said:
        word = words[each.pk]
        voices[word.voice.key] = word.voice
        heard[word.voice.key, each.claim_id].append((each, word))
    cells = {key: _cell(by_id[key[1]], found) for key, found in heard.items() if key[1] in by_id}
    rows = [Row(voice, [cells.get((key, claim.pk)) for claim in claims]) for key, voice in voices.items()]
    return sorted(rows, key=lambda row: (-row.spoken, row.voice.name.casefold(), row.voice.key))


def _cell(claim: Claim, found: list[tuple[Any, Word]]) -> Cell:
    """The voice's own words decide what it says; only where none are on record do those who relay it."""
    own = [each for each, word in found if word.is_own]
    deciding = own or [each for each, _word in found]
    return Cell(
        claim,
        {Polarity(each.polarity).value for each in deciding},
        {each.modality for each in deciding},
        own=len(own),
        relays=len(found) - len(own),
    )
