"""What the log says about given things, entry by entry, each checked against its bytes and the signed tree.

A check answers pass, fail or not checked; `detail` is a sentence in English, as in the verifier's own report.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, Prefetch, Q, Subquery

from sources.custody import merkle, tree
from sources.custody.body import BY, Body, BodyError, commitment, format_time
from sources.custody.canonical import CanonicalError, parse
from sources.custody.models import Checkpoint, Cosignature, Entry, Opening, Timestamp
from sources.custody.note import Head, NoteError
from sources.custody.note import parse as parse_note
from sources.custody.services import trusted_keys
from verify.accounts.models import User

PASS, FAIL, NOT_CHECKED = "pass", "fail", "not checked"
Json = dict[str, Any]
Check = dict[str, str]


def check(name: str, result: str, detail: str = "") -> Check:
    return {"name": name, "result": result, "detail": detail}


def compare(name: str, found: object, recorded: object, detail: str) -> Check:
    """Pass if both are the same; else fail, with both in the sentence."""
    if found == recorded:
        return check(name, PASS)
    return check(name, FAIL, f"{detail}: {found or 'nothing'}, not {recorded or 'nothing'}.")


@dataclass(frozen=True)
class Extract:
    """Entries, lowest index first, and the checkpoints that they name, by size."""

    entries: list[Json]
    checkpoints: list[Json]

    def about(self, subject_type: str, ids: Iterable[object]) -> list[Json]:
        wanted = {str(pk) for pk in ids}
        return [
            entry
            for entry in self.entries
            if entry["subject"]["type"] == subject_type and entry["subject"]["id"] in wanted
        ]

    def entry(self, index: int | None) -> Json | None:
        return next((entry for entry in self.entries if entry["index"] == index), None)


def extract(subjects: Mapping[str, Collection[object]], indices: Collection[int]) -> Extract:
    """All entries about the subjects (type to ids), those of `indices`, and the redactions of any of them.

    The caller answers for who may read them: names of actors are in it, what else was committed to is not.
    """
    wanted = Q(index__in=indices)
    for name, ids in subjects.items():
        wanted |= Q(subject_type=name, subject_id__in=[str(pk) for pk in ids])
    rows = {row.index: row for row in _attested(Entry.objects.filter(wanted))}
    redactions = _attested(Entry.objects.filter(subject_type="entry", subject_id__in=[str(i) for i in rows]))
    rows |= {row.index: row for row in redactions}
    entries = [rows[index] for index in sorted(rows)]
    people, openings = _openings(entries)
    newest = Checkpoint.objects.order_by("-size").first()
    proven = _Tree(newest)
    sizes = {
        size for row in entries for size in (row.first_size, row.cosigned_size, row.timestamped_size) if size
    } | ({newest.size} if newest else set())
    return Extract(
        [_entry(row, openings.get(row.index, {}), people, proven) for row in entries], _checkpoints(sizes)
    )


def _attested(entries: Any) -> Any:
    """Each entry with the sizes of the first checkpoint over it, the first cosigned and the first timestamped one."""
    first = Checkpoint.objects.filter(size__gt=OuterRef("index")).order_by("size").values("size")[:1]
    cosigned, timestamped = (
        model.objects.filter(checkpoint__size__gt=OuterRef("index"))
        .order_by("checkpoint__size")
        .values("checkpoint__size")[:1]
        for model in (Cosignature, Timestamp)
    )
    return entries.annotate(
        first_size=Subquery(first),
        cosigned_size=Subquery(cosigned),
        timestamped_size=Subquery(timestamped),
    )


def _openings(entries: Sequence[Entry]) -> tuple[dict[str, User], dict[int, dict[str, Opening]]]:
    """What is kept of the entries' commitments, by entry and name; and the people whom they name."""
    found: dict[int, dict[str, Opening]] = {}
    for opening in Opening.objects.filter(entry__in=[entry.index for entry in entries]):
        found.setdefault(opening.entry_id, {})[opening.name] = opening
    ids = [_person_id(opened[BY].value) for opened in found.values() if BY in opened]
    people = User.objects.filter(pk__in={pk for pk in ids if pk is not None})
    return {str(person.pk): person for person in people}, found


def _person_id(value: str) -> str | None:
    try:
        pk = parse(value.encode())["id"]
        return str(User._meta.pk.to_python(pk))
    except Exception:  # whatever somebody wrote over it: it names nobody then
        return None


class _Tree:
    """The newest checkpoint's tree, whose signature and proofs are checked here and not believed."""

    def __init__(self, newest: Checkpoint | None) -> None:
        self.newest = newest
        self.problem = "" if newest is None else _signature_problem(newest)
        self.nodes = tree.tree_nodes(newest.size) if newest else None

    def inclusion(self, index: int, leaf: bytes) -> Check:
        if self.newest is None or self.nodes is None or index >= self.newest.size:
            return check("inclusion", NOT_CHECKED, "No checkpoint covers the entry yet.")
        if self.problem:
            return check("inclusion", FAIL, self.problem)
        try:
            proof = merkle.inclusion_proof(index, self.newest.size, self.nodes)
            merkle.verify_inclusion(
                index=index, size=self.newest.size, leaf=leaf, proof=proof, root=bytes(self.newest.root)
            )
        except (merkle.ProofError, tree.NotInLog, ValueError, LookupError) as error:
            detail = f"The checkpoint of {self.newest.size} entries does not prove it: {error}."
            return check("inclusion", FAIL, detail)
        return check("inclusion", PASS, f"Proven under the signed checkpoint of {self.newest.size} entries.")


def _signature_problem(checkpoint: Checkpoint) -> str:
    expected = Head(settings.LOG_ORIGIN, checkpoint.size, bytes(checkpoint.root)).text()
    try:
        note = parse_note(checkpoint.note)
        note.verified_by(trusted_keys())
    except NoteError as error:
        return f"The checkpoint of {checkpoint.size} entries is not signed by a key of this log: {error}."
    if note.text != expected:
        return (
            f"The checkpoint of {checkpoint.size} entries says another size or root than is kept beside it."
        )
    return ""


def _entry(row: Any, opened: Mapping[str, Opening], people: Mapping[str, User], proven: _Tree) -> Json:
    data = bytes(row.body)
    leaf = merkle.leaf_hash(data)
    checks = [
        compare("leaf-hash", bytes(row.leaf_hash).hex(), leaf.hex(), "The leaf hash on record is another one")
    ]
    body: Body | None = None
    try:
        body = Body.decode(data)
    except BodyError as error:
        checks.append(check("body", FAIL, f"The entry's bytes cannot be read: {error}."))
    if body is not None:
        checks.append(_columns(row, body))
        checks += _commitments(body, opened)
    checks.append(proven.inclusion(row.index, leaf))
    return {
        "index": row.index,
        "kind": body.kind if body else row.kind,
        "at": format_time(body.at if body else row.at),
        "subject": {
            "type": body.subject_type if body else row.subject_type,
            "id": body.subject_id if body else row.subject_id,
        },
        "actor": _actor(body, opened, people),
        "facts": dict(body.facts) if body else {},
        "commitments": {name: "kept" if name in opened else "erased" for name in sorted(body.commitments)}
        if body
        else {},
        "leaf_hash": leaf.hex(),
        "checkpoint": row.first_size,
        "cosigned_checkpoint": row.cosigned_size,
        "timestamped_checkpoint": row.timestamped_size,
        "checks": checks,
    }


def _columns(row: Entry, body: Body) -> Check:
    said = (body.kind, body.at, body.subject_type, body.subject_id)
    if said == (row.kind, row.at, row.subject_type, row.subject_id):
        return check("row", PASS)
    return check("row", FAIL, "The columns beside the entry say something else than its bytes; these count.")


def _commitments(body: Body, opened: Mapping[str, Opening]) -> list[Check]:
    """Whether what is kept is what was committed to."""
    promised = body.all_commitments()
    found = []
    for name, opening in sorted(opened.items()):
        try:
            is_so = commitment(name, bytes(opening.salt), json.loads(opening.value)) == promised.get(name)
        except (ValueError, BodyError, CanonicalError):
            is_so = False
        label = "actor" if name == BY else name
        if is_so:
            found.append(check(f"commitment {label}", PASS))
        else:
            found.append(
                check(f"commitment {label}", FAIL, f"What is kept as {label} is not what was logged.")
            )
    return found


def _actor(body: Body | None, opened: Mapping[str, Opening], people: Mapping[str, User]) -> Json:
    """Who acted: a person, the system itself, or somebody whose name was erased."""
    if body is None:
        return {"type": "unknown", "id": None, "name": None}
    if body.by is None:
        return {"type": "system", "id": None, "name": None}
    if BY not in opened:
        return {"type": "erased", "id": None, "name": None}
    pk = _person_id(opened[BY].value)
    person = people.get(pk or "")
    if person is None:
        return {"type": "unknown", "id": pk, "name": None}
    return {"type": "person", "id": pk, "name": str(person)}


def _checkpoints(sizes: Collection[int]) -> list[Json]:
    rows = Checkpoint.objects.filter(size__in=sizes).select_related("key").order_by("size")
    rows = rows.prefetch_related(
        "cosignatures", Prefetch("timestamps", Timestamp.objects.defer("query", "response"))
    )
    return [
        {
            "what": f"Checkpoint {row.size}",
            "size": row.size,
            "root": bytes(row.root).hex(),
            "signed_at": format_time(row.signed_at),
            "key": row.key.verifier_key,
            "cosignatures": [
                {"witness": each.name, "key": each.verifier_key, "at": format_time(each.at)}
                for each in row.cosignatures.all()
            ],
            "timestamps": [
                {
                    "authority": each.authority,
                    "at": format_time(each.gen_time),
                    "serial": each.serial,
                    "certificate_expires_at": format_time(each.certificate_expires_at),
                    "entry": each.entry_id,
                }
                for each in row.timestamps.all()
            ],
            "checks": _signed(row),
        }
        for row in rows
    ]


def _signed(row: Checkpoint) -> list[Check]:
    problem = _signature_problem(row)
    return [check("signature", FAIL if problem else PASS, problem)]
