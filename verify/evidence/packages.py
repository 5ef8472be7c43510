"""Evidence packages for everybody: made by a worker for each claim that is public and whose desk offers them.

The rows are the truth about the work. Nothing of it is done when a claim is published: the sweeper finds what has no
package, what may be there no more, and what a lost worker left. A package is made only while the desk's claim is word
for word what was published, so that no draft gets out with it.
"""

from __future__ import annotations

import json
import logging
import zipfile
from datetime import datetime, timedelta
from tempfile import TemporaryFile
from typing import BinaryIO
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from sources.archive import storage
from sources.archive.models import Blob, Capture
from sources.archive.states import CaptureState
from sources.custody.services import CustodyError
from verify.evidence.contents import MANIFEST
from verify.evidence.models import PackageState, PublicPackage
from verify.evidence.package import export_claim
from verify.publish.following import held
from verify.publish.models import Publication, Version
from verify.review.content import content_digest

logger = logging.getLogger(__name__)

MEDIA_TYPE = (
    "application/vnd.verify.evidence+zip"  # of the blob, by which strays are known; sent as a plain zip
)
LEASE = timedelta(minutes=20)  # the task is ended before
TRIES = 3
PAUSES = [
    timedelta(minutes=1),
    timedelta(minutes=10),
    timedelta(days=1),
]  # after the first, second, third failure
WHILE_EDITED = timedelta(minutes=10)  # until a claim that is being revised is looked at again
STRAY = timedelta(hours=1)  # no worker that stored a file has not written its row by then
AT_ONCE = 50  # bells rung by one sweep


class NotAsPublished(Exception):
    """The desk's claim is not any more, or not yet again, what its current version says."""


def due() -> QuerySet[Publication]:
    """The claims that have a public package, or are to get one: in the published set, of a desk that offers them."""
    return held().filter(claim__desk__methodology__offers_packages=True)


def public_package(claim_id: UUID) -> PublicPackage | None:
    """The package of a claim's current version as it stands, made or not; None when the claim has none to offer."""
    publication = due().filter(pk=claim_id).first()
    if publication is None or publication.version is None:
        return None
    found = PublicPackage.objects.select_related("blob").filter(version=publication.version).first()
    return found or PublicPackage(version=publication.version)


def sweep(*, at: datetime) -> list[UUID]:
    """Put the work in order: delete what may not stay, queue what is missing. The versions to be made now."""
    _forget(at=at)
    missing = due().filter(~Exists(PublicPackage.objects.filter(version=OuterRef("version"))))
    rows = [PublicPackage(version_id=pk, asked_at=at) for pk in missing.values_list("version", flat=True)]
    PublicPackage.objects.bulk_create(rows, ignore_conflicts=True)
    return list(_takeable(at).order_by("asked_at").values_list("pk", flat=True)[:AT_ONCE])


def make(*, version_id: UUID, at: datetime) -> bool:
    """Make one package, unless somebody else does or it is not due; whether it is there now.

    What cannot be made is tried again later, and says why in its row.
    """
    row = _take(version_id, at)
    if row is None:
        return False
    try:
        blob, captures = _make(row.version, at)
    except NotAsPublished:
        why = "The claim is being revised; a package of what was published is made when it stands so again."
        _put_back(row, why, until=at + WHILE_EDITED, counts=False)
    except (ValidationError, CustodyError, storage.BlobDamaged, OSError) as trouble:
        logger.warning("the package of version %s could not be made: %s", version_id, trouble)
        _put_back(row, str(trouble), until=at + PAUSES[min(row.attempts, TRIES) - 1], counts=True)
    else:
        if _finish(row, blob, captures, at):
            return True
        storage.destroy(blob.sha256)  # refused while the row names it; then the sweeper does it
    return False


def erased(capture: Capture) -> None:
    """Withdraw, in the caller's transaction, every package that holds a copy of `capture`; each is made anew."""
    PublicPackage.objects.filter(captures__contains=[capture.pk], state=PackageState.READY).update(
        state=PackageState.QUEUED, made_at=None, next_at=None, leased_until=None, attempts=0
    )


def _takeable(at: datetime) -> QuerySet[PublicPackage]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=at)
    waiting = Q(next_at__isnull=True) | Q(next_at__lte=at)
    rows = PublicPackage.objects.filter(free, waiting, blob__isnull=True, version__in=due().values("version"))
    return rows.exclude(state=PackageState.READY)


@transaction.atomic
def _take(version_id: UUID, at: datetime) -> PublicPackage | None:
    rows = _takeable(at).select_for_update(of=("self",), skip_locked=True)
    row = rows.select_related("version__claim").filter(pk=version_id).first()
    if row is None:
        return None
    if row.state == PackageState.FAILED:  # its day is over
        row.state, row.attempts = PackageState.QUEUED, 0
    row.attempts += 1
    row.leased_until = at + LEASE
    if row.attempts > TRIES:  # the workers before were lost with it, one after the other
        row.state, row.leased_until, row.next_at = PackageState.FAILED, None, at + PAUSES[-1]
        row.problem = "Every worker that made it was lost."
    row.save(update_fields=["state", "attempts", "leased_until", "next_at", "problem"])
    return row if row.state == PackageState.QUEUED else None


def _make(version: Version, at: datetime) -> tuple[Blob, list[UUID]]:
    if content_digest(version.claim) != version.content_digest:
        raise NotAsPublished  # seen before anything is logged
    with TemporaryFile() as out:
        export_claim(claim=version.claim, by=None, at=at, out=out)
        captures = _checked(out, version)
        return storage.store(out, media_type=MEDIA_TYPE, at=at), captures


def _checked(out: BinaryIO, version: Version) -> list[UUID]:
    """The captures of which a package holds copies or texts. Raises NotAsPublished when it was edited meanwhile."""
    with zipfile.ZipFile(out) as package:
        manifest = json.loads(package.read(MANIFEST))
    (told,) = manifest["claims"]
    if told["content_sha256"] != version.content_digest or len(told["versions"]) != version.number:
        raise NotAsPublished
    copies = {capture["id"] for capture in manifest["captures"] if capture["package"]}
    return sorted(UUID(pk) for pk in copies | {text["capture"] for text in manifest["texts"]})


@transaction.atomic
def _finish(row: PublicPackage, blob: Blob, captures: list[UUID], at: datetime) -> bool:
    # The captures first, as an erasure does: it has come before us and is seen, or it waits and finds our row.
    locked = Capture.objects.select_for_update(of=("self",)).filter(pk__in=captures).order_by("pk")
    whole = all(capture.state == CaptureState.ARCHIVED for capture in locked)
    mine = PublicPackage.objects.select_for_update().filter(pk=row.pk, leased_until=row.leased_until).first()
    if mine is None:
        return False
    mine.blob, mine.captures, mine.leased_until, mine.problem = blob, captures, None, ""
    if whole:
        mine.state, mine.made_at, mine.attempts = PackageState.READY, at, 0
    mine.save(update_fields=["blob", "captures", "leased_until", "problem", "state", "made_at", "attempts"])
    return whole


def _put_back(row: PublicPackage, problem: str, *, until: datetime, counts: bool) -> None:
    given_up = counts and row.attempts >= TRIES
    PublicPackage.objects.filter(pk=row.pk, leased_until=row.leased_until).update(
        state=PackageState.FAILED if given_up else PackageState.QUEUED,
        attempts=row.attempts if counts else row.attempts - 1,
        problem=problem,
        next_at=until,
        leased_until=None,
    )


def _forget(*, at: datetime) -> None:
    """Delete the files and the rows that nobody is to read any more. What the storage refuses stays for later."""
    over = ~Q(version__in=due().values("version"))
    outdated = Q(blob__isnull=False) & ~Q(state=PackageState.READY)
    for pk in list(PublicPackage.objects.filter(over | outdated).values_list("pk", flat=True)):
        _quietly(_drop, pk)
    for sha256 in (
        storage.unused(before=at - STRAY).filter(media_type=MEDIA_TYPE).values_list("pk", flat=True)
    ):
        _quietly(storage.destroy, sha256)


def _quietly(act: object, name: object) -> None:
    try:
        act(name)  # type: ignore[operator]
    except OSError as error:  # of a disk, or StorageUnavailable
        logger.warning("the file of a public package is still there (%s): %s", name, error)


@transaction.atomic
def _drop(pk: UUID) -> None:
    row = PublicPackage.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        return
    is_due = due().filter(version=pk).exists()
    if is_due and row.state == PackageState.READY:  # shown again since we looked
        return
    sha256 = row.blob_id
    if is_due:
        row.blob, row.captures = None, []
        row.save(update_fields=["blob", "captures"])
    else:
        row.delete()
    # Before the commit: a crash leaves the row, and so the work to do it again.
    if sha256:
        storage.destroy(sha256)
