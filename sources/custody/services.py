"""What the rest of the product does with the log: record an act, sign the log, prove an entry, publish the log."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from sources.custody import merkle, state, tree
from sources.custody.body import BY, SALT_SIZE, Body, commitment
from sources.custody.canonical import canonical
from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry, LogKey, Opening
from sources.custody.note import Head, Signer, VerifierKey, sign
from sources.custody.proof import Proof
from sources.custody.tiles import WIDTH, paths
from sources.custody.triggers import SIGN_LOCK


class CustodyError(Exception):
    """The log refuses; the message says why and what to do, for people who run the installation."""


class ForkRefused(CustodyError):
    """Signing the log as it is now would contradict what was signed before."""


@dataclass(frozen=True)
class Subject:
    """What an entry is about, when it is not simply a row of a model."""

    type: str  # a slug, such as "capture"
    id: str


@dataclass(frozen=True)
class Act:
    """One act to record; the arguments of `record`."""

    kind: Kind
    subject: models.Model | Subject
    facts: Mapping[str, Any]
    by: models.Model | None
    at: datetime
    commitments: Mapping[str, Any] = field(default_factory=dict)


def record(
    *,
    kind: Kind,
    subject: models.Model | Subject,
    facts: Mapping[str, Any],
    by: models.Model | None,
    at: datetime,
    commitments: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one entry to the log: the one door.

    Call it in the transaction that changes the rows it speaks of, and *last* in it: until that transaction ends,
    nobody else can append. `facts` are public for ever: references, digests, numbers. Whatever touches a person goes
    into `commitments` (name to JSON value), of which the log keeps a salted digest only; so does the actor, `by`,
    None for the system itself. Raises `CustodyError` outside a transaction, `BodyError` for what cannot be logged.
    """
    return record_many([Act(kind, subject, facts, by, at, commitments or {})])[0]


def record_many(acts: Sequence[Act]) -> list[Entry]:
    """Append an entry for each act, in order and side by side; see `record`."""
    if not connection.in_atomic_block:
        raise CustodyError(
            "An entry is recorded in the transaction that changes the rows it speaks of; there is none."
        )
    openings = [_openings(act) for act in acts]  # everything slow comes before the lock
    entries = [_entry(act, opened) for act, opened in zip(acts, openings, strict=True)]
    if entries:
        _insert(entries, openings)
    return entries


def erase_openings(
    *, entry: Entry, names: Sequence[str], ground: str, by: models.Model | None, at: datetime
) -> Entry:
    """Destroy what the named commitments of `entry` commit to, and log that; returns the tombstone entry.

    `ground` is a short code for the legal ground, never personal text. The entry's own bytes stay, so every proof
    of it still verifies. Who may ask for this is the caller's to decide.
    """
    with transaction.atomic():
        found = Opening.objects.filter(entry=entry, name__in=names)
        missing = set(names) - set(found.values_list("name", flat=True))
        if missing or not names:
            raise CustodyError(
                f"Entry {entry.index} has no opening named {', '.join(sorted(missing)) or 'so'} to erase."
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('custody.erasing', true)")
            before = cursor.fetchone()[0] or "off"  # within the erasure of a capture, which goes on
            cursor.execute("SELECT set_config('custody.erasing', 'on', true)")
            found.delete()
            cursor.execute("SELECT set_config('custody.erasing', %s, true)", [before])
        return record(
            kind=Kind.CONTENT_REDACTED,
            subject=Subject("entry", str(entry.index)),
            facts={"openings": sorted(set(names)), "ground": ground},
            by=by,
            at=at,
        )


def configured_signer() -> Signer:
    """The signing key of the settings, under the log's name."""
    return Signer.from_base64(settings.LOG_ORIGIN, settings.LOG_SIGNING_KEY)


def configured_signers() -> list[Signer]:
    """The signing keys of the settings: the one in use, and during a rotation the one that follows it."""
    following = settings.LOG_NEXT_SIGNING_KEY
    return [
        configured_signer(),
        *([Signer.from_base64(settings.LOG_ORIGIN, following)] if following else []),
    ]


def trusted_keys() -> list[VerifierKey]:
    """The keys under which the settings accept checkpoints of this log, whenever they were signed."""
    keys = [signer.verifier_key for signer in configured_signers()]
    return [*keys, *map(VerifierKey.parse, settings.LOG_RETIRED_KEYS)]


def checkpoint(*, at: datetime) -> Checkpoint | None:
    """Sign the log as it stands; None if its newest checkpoint says it all, or if it is empty.

    Only committed entries are signed. The size and root are on disk, outside the database, before a key is used,
    and the signature leaves this function only after the row with it is committed. Raises `ForkRefused` when the
    log is shorter than, or differs from, what was signed before; nothing is signed then. Every key in use signs: two
    during a rotation.
    """
    signer, path = configured_signer(), Path(settings.LOG_STATE_FILE)
    with transaction.atomic(durable=True):
        lock_signing()
        last, signed = Checkpoint.objects.order_by("size").last(), _read_state(path, signer.name)
        size = tree.log_size()
        before = [(known.size, bytes(known.root)) for known in (last, signed) if known is not None]
        for old_size, _ in before:
            _refuse_shorter(size, old_size, path)
        tree.integrate(size)
        nodes = tree.tree_nodes(size)
        for old_size, old_root in before:
            _refuse_different(merkle.root(old_size, nodes), old_size, old_root, path)
        if size == (last.size if last else 0):
            return None
        root, in_use = merkle.root(size, nodes), _keys_in_use(at)
        state.write(path, state.State(size, root), origin=signer.name)
        note = sign(Head(signer.name, size, root).text(), [signer for _, signer in in_use])
        return Checkpoint.objects.create(size=size, root=root, note=note, signed_at=at, key=in_use[0][0])


def lock_signing() -> None:
    """Wait until nobody else signs or changes keys; until the transaction ends, nobody does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SIGN_LOCK])


def latest_checkpoint() -> Checkpoint:
    """The newest checkpoint; `CustodyError` if the log has not been signed yet."""
    newest = Checkpoint.objects.select_related("key").order_by("size").last()
    if newest is None:
        raise CustodyError("The log has no checkpoint yet: run log checkpoint first.")
    return newest


def inclusion_proof(index: int, checkpoint: Checkpoint) -> str:
    """The proof file (c2sp.org/tlog-proof@v1) of entry `index` under `checkpoint`; reads O(log n) tiles."""
    if not 0 <= index < checkpoint.size:
        raise tree.NotInLog(f"the checkpoint of {checkpoint.size} entries does not cover entry {index}")
    hashes = merkle.inclusion_proof(index, checkpoint.size, tree.tree_nodes(checkpoint.size))
    return Proof(index, tuple(hashes), checkpoint.note).text()


def consistency_proof(old: Checkpoint, new: Checkpoint) -> list[bytes]:
    """The hashes that prove `old` to be a beginning of `new` (RFC 6962 §2.1.2)."""
    return merkle.consistency_proof(old.size, new.size, tree.tree_nodes(new.size))


@dataclass(frozen=True)
class Export:
    size: int  # entries
    written: int  # files
    bytes: int


def export(directory: Path) -> Export:
    """Write the log under its newest checkpoint as static files (c2sp.org/tlog-tiles) into `directory`.

    Repeating it adds what is new: full tiles and bundles never change and are not written twice. The checkpoint comes
    last, so that a reader never sees one whose tiles are not there.
    """
    newest = latest_checkpoint()
    written = total = 0
    for tile in paths(newest.size):
        target = directory / str(tile)
        if tile.width == WIDTH and target.exists():
            continue
        data = tree.tile_bytes(tile, newest.size)
        target.parent.mkdir(parents=True, exist_ok=True)
        state.replace_file(target, data)
        written, total = written + 1, total + len(data)
    state.replace_file(directory / "checkpoint", newest.note.encode())
    return Export(newest.size, written + 1, total + len(newest.note.encode()))


def _openings(act: Act) -> dict[str, Opening]:
    """A freshly salted opening for whatever the act commits to, by name."""
    values = dict(act.commitments)
    if BY in values:
        raise CustodyError("The actor is recorded through by, not as one of the commitments.")
    if act.by is not None:
        values[BY] = {"type": act.by._meta.model_name, "id": str(act.by.pk)}
    return {
        name: Opening(name=name, salt=secrets.token_bytes(SALT_SIZE), value=canonical(value).decode())
        for name, value in values.items()
    }


def _entry(act: Act, openings: Mapping[str, Opening]) -> Entry:
    digests = {
        name: commitment(name, bytes(opening.salt), json.loads(opening.value))
        for name, opening in openings.items()
    }
    subject = act.subject
    if isinstance(subject, models.Model):
        subject = Subject(str(subject._meta.model_name), str(subject.pk))
    by = digests.pop(BY) if act.by is not None else None
    body = Body(Kind(act.kind).value, act.at, subject.type, subject.id, act.facts, by, digests).encode()
    return Entry(
        kind=act.kind,
        at=act.at,
        subject_type=subject.type,
        subject_id=subject.id,
        body=body,
        leaf_hash=merkle.leaf_hash(body),
    )


# One statement, so that the lock is held for one round trip. The trigger on sources_entry takes it and gives the
# indices in the order of `place`. An entry with openings has fresh salt in it, so its leaf hash finds it again.
_INSERT = """
    WITH entry AS (
        INSERT INTO sources_entry (kind, at, subject_type, subject_id, body, leaf_hash)
        SELECT kind, at, subject_type, subject_id, body, leaf_hash
        FROM unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])
            WITH ORDINALITY AS act (kind, at, subject_type, subject_id, body, leaf_hash, place)
        ORDER BY place RETURNING index, leaf_hash
    ), opening AS (
        INSERT INTO sources_opening (entry_id, name, salt, value)
        SELECT entry.index, opened.name, opened.salt, opened.value
        FROM unnest(%s::bytea[], %s::text[], %s::bytea[], %s::text[]) AS opened (leaf_hash, name, salt, value)
            JOIN entry USING (leaf_hash)
    )
    SELECT index FROM entry ORDER BY index
"""
_COLUMNS = ("kind", "at", "subject_type", "subject_id", "body", "leaf_hash")


def _insert(entries: Sequence[Entry], openings: Sequence[Mapping[str, Opening]]) -> None:
    """Write the entries with their openings, and give the entries their indices."""
    pairs = zip(entries, openings, strict=True)
    opened = [
        (entry.leaf_hash, item.name, item.salt, item.value)
        for entry, by_name in pairs
        for item in by_name.values()
    ]
    columns = [[getattr(entry, column) for entry in entries] for column in _COLUMNS]
    columns += [[row[place] for row in opened] for place in range(4)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
        indices = [row[0] for row in cursor.fetchall()]
    for entry, index in zip(entries, indices, strict=True):
        entry.index = index
        entry._state.adding, entry._state.db = False, connection.alias


def _read_state(path: Path, origin: str) -> state.State | None:
    try:
        return state.read(path, origin=origin)
    except state.StateError as error:
        raise CustodyError(f"{error} Nothing was signed.") from error


def _refuse_shorter(size: int, signed: int, path: Path) -> None:
    if size < signed:
        raise ForkRefused(
            f"The log holds {size} entries, but {signed} were signed before (see {path}). The database looks like an "
            f"older backup: restore one that has entry {signed - 1}. If that is lost for good, this log has ended: "
            "start a new one with another LOG_ORIGIN and key, and tell whoever follows it. Nothing was signed."
        )


def _refuse_different(root: bytes, size: int, signed: bytes, path: Path) -> None:
    if root != signed:
        raise ForkRefused(
            f"The first {size} entries are not the ones that were signed: their root is {root.hex()}, the signed one "
            f"{signed.hex()} (see {path}). Run fsck to see what was changed, and restore the database that was signed. "
            "Nothing was signed."
        )


def _keys_in_use(at: datetime) -> list[tuple[LogKey, Signer]]:
    """The log's keys that are not retired, the oldest first, each with what signs for it."""
    signers = {str(signer.verifier_key): signer for signer in configured_signers()}
    keys = list(LogKey.objects.filter(retired_at=None).order_by("added_at", "pk"))
    if not LogKey.objects.exists():
        first = configured_signer().verifier_key
        keys = [LogKey.objects.create(name=first.name, verifier_key=str(first), added_at=at)]
    missing = [key.verifier_key for key in keys if key.verifier_key not in signers]
    if missing or not keys:
        raise CustodyError(_missing_key(missing, list(signers)))
    return [(key, signers[key.verifier_key]) for key in keys]


def _missing_key(missing: Sequence[str], configured: Sequence[str]) -> str:
    known = LogKey.objects.filter(verifier_key__in=configured)
    if known.filter(retired_at=None).exists():
        return (
            f"This process does not have the signing key {missing[0]}, which a rotation has brought into use: restart "
            "it, with LOG_NEXT_SIGNING_KEY where keys are given in the environment. Nothing was signed."
        )
    if known.exists():
        return f"The signing key of the settings ({configured[0]}) is retired. Nothing was signed."
    return (
        f"The signing key of the settings ({configured[0]}) is not one of this log's. Put back the key that belongs to "
        "it; a new key must be introduced by log rotate-key. Nothing was signed."
    )
