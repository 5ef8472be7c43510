"""Re-derive the whole log and name whatever does not fit.

`Fault`, `Progress` and `Report` are shared by the checks of the other parts.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

from sources.custody import attested, grants, merkle, state, tree
from sources.custody.body import Body, BodyError, commitment
from sources.custody.canonical import CanonicalError, parse
from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry, Opening, Tile
from sources.custody.note import Head, NoteError, VerifierKey
from sources.custody.note import parse as parse_note
from sources.custody.rotation import keys_required, rotations
from sources.custody.services import trusted_keys
from sources.custody.tiles import WIDTH, full_tiles, split_hashes
from sources.custody.triggers import TRIGGERS

PART = "custody"
_BATCH = 16 * WIDTH  # entries read at once


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was recorded."""

    part: str  # of the house, such as "custody"
    thing: str  # the exact row or file, such as "entry 17"
    problem: str  # for a person to read

    def __str__(self) -> str:
        return f"{self.part}: {self.thing}: {self.problem}"


@dataclass(frozen=True)
class Progress:
    part: str
    done: int
    total: int


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """A `Report` for those who do not watch."""


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every fault of the log: its guards, checkpoints, entries, openings, tiles and the signer's memory.

    Memory does not grow with the log. What is recorded while this runs is left to the next run.
    """
    yield from guard_faults(PART, TRIGGERS)
    signed = _signed()
    yield from _checkpoint_faults(signed)
    for thing, problem in attested.problems(signed):
        yield Fault(PART, thing, problem)
    remembered, unreadable = _remembered()
    if unreadable:
        yield unreadable
    # Read last: a sound log has at least as many entries as were signed a moment ago.
    yield from _Walk(tree.log_size(), signed).faults(_heads(signed, remembered), report)
    yield from _surplus_tile_faults(signed)


def warnings() -> Iterator[Fault]:
    """What is no fault of the log, but lets the connected role make one: `log harden` ends it."""
    for sentence in grants.excess():
        yield Fault(PART, "database role", sentence)


def _signed() -> int:
    newest = Checkpoint.objects.order_by("size").last()
    return newest.size if newest else 0


# --- Guards -------------------------------------------------------------------------------------------------------


def guard_faults(part: str, triggers: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    """The triggers, as (table, name), that keep a history as it was must be there, and enabled always."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " WHERE t.tgenabled = 'A' AND pg_table_is_visible(c.oid)"
        )
        enabled = set(cursor.fetchall())
    for table, name in triggers:
        if (table, name) not in enabled:
            yield Fault(
                part, f"trigger {name}", f"missing or not always enabled: {table} can be changed at will"
            )


# --- Checkpoints and the signer's memory --------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class _Expected:
    """A root that the tree must have had at a size."""

    size: int
    root: bytes
    thing: str


def _checkpoints(signed: int) -> Iterator[Checkpoint]:
    return Checkpoint.objects.filter(size__lte=signed).select_related("key").order_by("size").iterator()


def _heads(signed: int, remembered: Sequence[_Expected]) -> Iterator[_Expected]:
    rows = (_Expected(row.size, bytes(row.root), f"checkpoint {row.size}") for row in _checkpoints(signed))
    return heapq.merge(rows, remembered)


def _remembered() -> tuple[list[_Expected], Fault | None]:
    path = Path(settings.LOG_STATE_FILE)
    try:
        known = state.read(path, origin=settings.LOG_ORIGIN)
    except state.StateError as error:
        return [], Fault(PART, f"state file {path}", str(error))
    return ([_Expected(known.size, known.root, f"state file {path}")] if known else []), None


def _checkpoint_faults(signed: int) -> Iterator[Fault]:
    try:
        keys = trusted_keys()
    except NoteError as error:
        yield Fault(PART, "settings", f"the log's keys cannot be read, so no signature was checked: {error}")
        return
    try:
        changes = rotations()
    except (BodyError, KeyError) as error:
        changes = []
        yield Fault(PART, "key rotations", f"an entry of a key's rotation cannot be read: {error}")
    for row in _checkpoints(signed):
        problem = _checkpoint_problem(row, keys, keys_required(row.size, changes))
        if problem:
            yield Fault(PART, f"checkpoint {row.size}", problem)


def _checkpoint_problem(row: Checkpoint, keys: Sequence[VerifierKey], required: set[str]) -> str | None:
    try:
        note = parse_note(row.note)
        signers = {str(key) for key, _ in note.verified_by(keys)}
        head = Head.parse(note.text)
    except NoteError as error:
        return f"its note does not verify under the configured keys: {error}"
    if head != Head(settings.LOG_ORIGIN, row.size, bytes(row.root)):
        return "its signed note says another log, size or root than its row"
    if row.key.verifier_key not in signers:
        return "its note is not signed by the key that its row names"
    if required - signers:
        return f"its note is not signed by {min(required - signers)}, as the log's rotation of keys wants it"
    return None


# --- Entries and the tree over them -------------------------------------------------------------------------------


@dataclass
class _Walk:
    """One pass over the entries, in order, that grows the tree beside them and compares tiles and signed roots."""

    size: int  # entries there are
    signed: int  # entries that the newest checkpoint covers; their full tiles must exist
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    filling: dict[int, list[bytes]] = field(default_factory=dict)  # per level, the hashes of the tile begun
    position: int = 0  # entries seen, and the index that comes next
    whole: bool = True  # False after a hole: from there on the tree cannot be re-derived
    agreed: int = 0  # the largest size whose root is as signed
    differing: int = 0  # roots that are not

    def faults(self, heads: Iterator[_Expected], report: Report) -> Iterator[Fault]:
        head = next(heads, None)
        for entry, openings in self._entries(report):
            if entry.index != self.position:
                yield self._hole(entry.index)
            yield from _entry_faults(entry, openings)
            self.position = entry.index + 1
            if self.whole:
                yield from self._grow(entry.index, bytes(entry.leaf_hash))
            while head is not None and head.size <= self.position:
                yield from self._root_faults(head)
                head = next(heads, None)
        while head is not None:
            yield Fault(PART, head.thing, f"covers {head.size} entries, but the log holds {self.position}")
            head = next(heads, None)
        if self.differing > 1:
            yield Fault(
                PART, "checkpoints", f"{self.differing - 1} later roots do not match the entries either"
            )

    def _entries(self, report: Report) -> Iterator[tuple[Entry, list[Opening]]]:
        start = 0
        while batch := list(
            Entry.objects.filter(index__gte=start, index__lt=self.size).order_by("index")[:_BATCH]
        ):
            openings = _openings_of(batch[0].index, batch[-1].index)
            for entry in batch:
                yield entry, openings.get(entry.index, [])
            start = batch[-1].index + 1
            report(Progress(PART, start, self.size))

    def _hole(self, found: int) -> Fault:
        self.whole = False
        missing = f"entry {self.position}" + (f" to {found - 1}" if found - 1 > self.position else "")
        return Fault(PART, missing, "missing; the tree cannot be re-derived from here on")

    def _grow(self, index: int, leaf: bytes) -> Iterator[Fault]:
        self.frontier.append(leaf)
        level, item = 0, leaf
        while True:
            row = self.filling.setdefault(level, [])
            row.append(item)
            if len(row) < WIDTH:
                return
            del self.filling[level]
            index, item = index // WIDTH, merkle.complete_root(row)
            if index < full_tiles(level, self.signed):
                yield from _tile_faults(level, index, row, item)
            level += 1

    def _root_faults(self, head: _Expected) -> Iterator[Fault]:
        if not self.whole:
            return
        if self.frontier.size == head.size and self.frontier.root() == head.root:
            self.agreed = head.size
            return
        self.differing += 1
        if self.differing == 1:
            among = (
                f"entries {self.agreed} to {head.size - 1}"
                if head.size - self.agreed > 1
                else f"entry {self.agreed}"
            )
            yield Fault(PART, head.thing, f"its root is not that of the entries it covers; look at {among}")


def _openings_of(first: int, last: int) -> dict[int, list[Opening]]:
    found: dict[int, list[Opening]] = {}
    for opening in Opening.objects.filter(entry_id__gte=first, entry_id__lte=last).order_by(
        "entry_id", "name"
    ):
        found.setdefault(opening.entry_id, []).append(opening)
    return found


def _entry_faults(entry: Entry, openings: Sequence[Opening]) -> Iterator[Fault]:
    thing, data = f"entry {entry.index}", bytes(entry.body)
    if merkle.leaf_hash(data) != bytes(entry.leaf_hash):
        yield Fault(PART, thing, "its body does not hash to its leaf hash: one of the two was changed")
    try:
        body = Body.decode(data)
    except BodyError as error:
        yield Fault(PART, thing, f"its body is not a log entry: {error}")
        return
    columns = (entry.kind, entry.at, entry.subject_type, entry.subject_id)
    if columns != (body.kind, body.at, body.subject_type, body.subject_id):
        yield Fault(PART, thing, "its kind, time or subject column differs from its body")
    yield from _opening_faults(entry.index, body.all_commitments(), openings)


def _opening_faults(index: int, expected: dict[str, str], openings: Sequence[Opening]) -> Iterator[Fault]:
    for opening in openings:
        problem = _opening_problem(opening, expected.pop(opening.name, None))
        if problem:
            yield Fault(PART, f"opening {opening.name} of entry {index}", problem)
    erased = _erased(index) if expected else set()
    for name in sorted(set(expected) - erased):
        yield Fault(PART, f"opening {name} of entry {index}", "missing, and no entry records its erasure")


def _opening_problem(opening: Opening, expected: str | None) -> str | None:
    try:
        made = commitment(opening.name, bytes(opening.salt), parse(opening.value.encode()))
    except (BodyError, CanonicalError) as error:
        return f"cannot be read: {error}"
    return (
        None if made == expected else "does not open the entry's commitment: value, salt or name was changed"
    )


def _erased(index: int) -> set[str]:
    """The openings of an entry whose erasure the log records."""
    names: set[str] = set()
    for tombstone in Entry.objects.filter(
        kind=Kind.CONTENT_REDACTED, subject_type="entry", subject_id=str(index)
    ):
        try:
            listed = tombstone.read().facts.get("openings")
        except BodyError:
            continue  # a fault of its own
        if isinstance(listed, list):
            names.update(name for name in listed if isinstance(name, str))
    return names


def _tile_faults(level: int, index: int, hashes: Sequence[bytes], root: bytes) -> Iterator[Fault]:
    thing = f"tile {level}/{index}"
    tile = Tile.objects.filter(level=level, index=index).first()
    if tile is None:
        yield Fault(PART, thing, "missing")
        return
    for place, (stored, derived) in enumerate(zip(split_hashes(bytes(tile.hashes)), hashes, strict=False)):
        if stored != derived:
            below = index * WIDTH + place
            yield Fault(
                PART, thing, f"holds another hash than {f'tile {level - 1}/' if level else 'entry '}{below}"
            )
    if bytes(tile.root) != root:
        yield Fault(PART, thing, "its root is not that of what lies below it")


def _surplus_tile_faults(signed: int) -> Iterator[Fault]:
    """Tiles that no checkpoint calls for: they are written with the checkpoint, in one transaction."""
    level = 0
    while Tile.objects.filter(level__gte=level).exists():
        rows = Tile.objects.filter(level=level, index__gte=full_tiles(level, signed)).defer("hashes")
        for tile in rows.order_by("index").iterator():
            if tile.index >= full_tiles(level, _signed()):  # a checkpoint may have come meanwhile
                yield Fault(PART, f"tile {tile}", "lies beyond the newest checkpoint")
        level += 1
