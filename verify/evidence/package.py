"""Evidence packages: a claim or a case with its archived copies and the proofs, as one zip that strangers can check.

docs/reference/evidence-package.md is the specification. The zip is written in one strict form, so that the same rows
give the same bytes; only checkpoints, cosignatures and timestamps that came meanwhile make another one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import BinaryIO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.statements.models import Case, Claim
from sources.archive import storage
from sources.archive.models import Blob
from sources.custody import services as custody
from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry, Timestamp
from sources.custody.note import encode_hash
from sources.custody.proof import Proof
from sources.custody.witnessing import witnessed_note
from verify.accounts.models import User
from verify.evidence import rules
from verify.evidence.contents import FORMAT, MANIFEST, SUMS, Contents, gather

LOOKED_AT = 20  # cosigned checkpoints over an entry, among which the best attested one is taken
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


@dataclass(frozen=True)
class Exported:
    """A package that was written. Digests are SHA-256 in hexadecimal, sizes bytes."""

    sha256: str
    size: int
    manifest_sha256: str
    entry: int  # in the log: that a package with this manifest was exported
    files: int
    captures: int


def export_claim(
    *,
    claim: Claim,
    by: User | None,
    at: datetime,
    out: BinaryIO,
    opened: Collection[tuple[int, str]] = (),
) -> Exported:
    """Write the evidence package of a claim to `out`, an empty binary file that can seek; the export is logged.

    Call it outside a transaction: it has the log signed. `by` is None for who runs the installation, at its command
    line. `opened` names commitments (entry, name) that the package reveals. Raises PermissionDenied, ValidationError
    with a sentence when there is nothing to export, custody's CustodyError, storage's BlobDamaged.
    """
    return _export(scope=claim, claims=[claim.pk], by=by, at=at, out=out, opened=opened)


def export_case(
    *, case: Case, by: User | None, at: datetime, out: BinaryIO, opened: Collection[tuple[int, str]] = ()
) -> Exported:
    """Write the evidence package of all claims of a case; see `export_claim`."""
    claims = list(case.claims.order_by("created_at", "id").values_list("pk", flat=True))
    return _export(scope=case, claims=claims, by=by, at=at, out=out, opened=opened)


def _export(
    *,
    scope: Claim | Case,
    claims: Sequence[UUID],
    by: User | None,
    at: datetime,
    out: BinaryIO,
    opened: Collection[tuple[int, str]],
) -> Exported:
    if by is not None:
        rules.check_can_export(by, scope.desk)
        if opened:
            rules.check_can_open(by, scope.desk)
    custody.checkpoint(at=at)  # the earlier checkpoint: it holds all that the package is about
    with transaction.atomic():
        # The claims' rows first: an edit waits for us or we for it.
        locked = Claim.objects.select_for_update(of=("self",)).select_related("desk", "case")
        rows = list(locked.filter(pk__in=claims).order_by("created_at", "id"))
        if not rows:
            raise ValidationError(_("There is no claim in this case yet."))
        contents = gather(scope=scope, claims=rows, opened=opened)
        manifest_sha256 = hashlib.sha256(contents.manifest).hexdigest()
        seal = _first_seal(scope, manifest_sha256)
        entry = custody.record(
            kind=Kind.EVIDENCE_EXPORTED,
            subject=scope,
            facts={"format": FORMAT, "manifest_sha256": manifest_sha256},
            by=by,
            at=at,
        )
    custody.checkpoint(at=at)
    files = write(contents, seal or entry, out)
    out.seek(0)
    sha256 = hashlib.sha256()
    while piece := out.read(storage.CHUNK):
        sha256.update(piece)
    return Exported(
        sha256.hexdigest(), out.seek(0, 2), manifest_sha256, entry.index, files, contents.captures
    )


def _first_seal(scope: Claim | Case, manifest_sha256: str) -> Entry | None:
    """The first export of the very same contents, if there was one: then the package is the same as then."""
    exports = Entry.objects.filter(
        kind=Kind.EVIDENCE_EXPORTED, subject_type=str(scope._meta.model_name), subject_id=str(scope.pk)
    )
    for entry in exports.order_by("index"):
        if json.loads(bytes(entry.body))["facts"].get("manifest_sha256") == manifest_sha256:
            return entry
    return None


def write(contents: Contents, seal: Entry, out: BinaryIO) -> int:
    """Write the zip: what the manifest lists, the manifest, the log's part, the sums. Returns the number of files."""
    files: dict[str, bytes | Blob] = dict(contents.files)
    files[MANIFEST] = contents.manifest
    files |= _log_files(contents, seal)
    digests = {
        path: content.sha256 if isinstance(content, Blob) else hashlib.sha256(content).hexdigest()
        for path, content in files.items()
    }
    files[SUMS] = "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        for path in sorted(files):
            _write_member(package, path, files[path])
    return len(files)


def _write_member(package: zipfile.ZipFile, path: str, content: bytes | Blob) -> None:
    member = zipfile.ZipInfo(path, DATE)
    member.create_system = 3  # Unix, wherever this runs: the bytes must not tell
    member.external_attr = 0o100644 << 16
    member.file_size = content.size if isinstance(content, Blob) else len(content)
    pieces = storage.verified(content) if isinstance(content, Blob) else iter([content])
    with package.open(member, "w") as target:
        for piece in pieces:
            target.write(piece)


def _log_files(contents: Contents, seal: Entry) -> dict[str, bytes]:
    """Entries with their proofs, and the checkpoints over them, each proven to be a beginning of the next."""
    entries = {entry.index: entry for entry in [*contents.events, seal]}
    head = Checkpoint.objects.filter(size__gt=seal.index).order_by("size").first()
    before = Checkpoint.objects.filter(size__lte=seal.index).order_by("size").last()
    if head is None:
        raise custody.CustodyError(
            "The log is not signed as far as this export; run log checkpoint and try again."
        )
    checkpoints = {head.size: head}
    proofs: set[tuple[int, int]] = set()
    for index in entries:
        over = list(_attested(index)) if index in contents.evidence else []
        for checkpoint in over or [head]:
            checkpoints.setdefault(checkpoint.size, checkpoint)
            proofs.add((index, checkpoint.size))
    if before is not None:
        checkpoints.setdefault(before.size, before)
    # The log's own record of each timestamp's response, where it is signed by now: so its every byte is held to.
    last = max(checkpoints)
    for stamp in Timestamp.objects.filter(checkpoint__size__in=list(checkpoints)).select_related("entry"):
        if stamp.entry.index < last:
            entries[stamp.entry.index] = stamp.entry
            proofs.add((stamp.entry.index, last))
    files = {f"log/entries/{index}.json": bytes(entry.body) for index, entry in entries.items()}
    cosigned = {size: witnessed_note(checkpoint) for size, checkpoint in checkpoints.items()}
    for index, size in proofs:
        proof = Proof.parse(custody.inclusion_proof(index, checkpoints[size]))
        text = dataclasses.replace(proof, checkpoint=cosigned[size]).text()
        files[f"log/proofs/{index}-{size}.tlog-proof"] = text.encode()
    for old, new in pairwise(sorted(checkpoints)):
        files[f"log/consistency/{old}-{new}.txt"] = _consistency(checkpoints[old], checkpoints[new])
    for checkpoint in checkpoints.values():
        files |= _attestations(checkpoint, cosigned[checkpoint.size])
    return files


def _attested(index: int) -> Iterator[Checkpoint]:
    """The checkpoints that show best since when an entry exists: the first that each authority timestamped after it,
    and of the first ones that were cosigned the one with the most cosignatures."""
    over = Checkpoint.objects.filter(size__gt=index).order_by("size")
    authorities = over.filter(timestamps__isnull=False).values_list("timestamps__authority", flat=True)
    for authority in sorted(set(authorities.order_by())):
        first = over.filter(timestamps__authority=authority).first()
        if first is not None:
            yield first
    cosigned = over.filter(cosignatures__isnull=False).distinct().prefetch_related("cosignatures")[:LOOKED_AT]
    if found := list(cosigned):
        yield max(found, key=lambda checkpoint: (len(checkpoint.cosignatures.all()), -checkpoint.size))


def _consistency(old: Checkpoint, new: Checkpoint) -> bytes:
    """In the form of add-checkpoint (c2sp.org/tlog-witness), so that any witness's software reads it."""
    hashes = "".join(encode_hash(item) + "\n" for item in custody.consistency_proof(old, new))
    return f"old {old.size}\n{hashes}\n{new.note}".encode()


def _attestations(checkpoint: Checkpoint, cosigned: str) -> Mapping[str, bytes]:
    size = checkpoint.size
    files = {f"log/checkpoints/{size}.txt": checkpoint.note.encode()}
    if cosigned != checkpoint.note:
        files[f"log/cosigned/{size}.txt"] = cosigned.encode()
    for number, stamp in enumerate(checkpoint.timestamps.order_by("gen_time", "id"), 1):
        files[f"log/timestamps/{size}-{number}.tsq"] = bytes(stamp.query)
        files[f"log/timestamps/{size}-{number}.tsr"] = bytes(stamp.response)
    return files
