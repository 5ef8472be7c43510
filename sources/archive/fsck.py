"""Re-derive the archive: every blob from its bytes, every capture from its package and its log entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from tempfile import TemporaryFile

from django.db.migrations.recorder import MigrationRecorder

from sources.archive import changes_fsck, redaction_fsck, storage
from sources.archive.inspections import digest_of
from sources.archive.models import Blob, Capture, Text
from sources.archive.states import CaptureState
from sources.archive.storage import BlobDamaged
from sources.archive.wacz_check import verify_wacz
from sources.custody import canonical
from sources.custody.body import BodyError
from sources.custody.fsck import Fault, Progress, Report, silent
from sources.custody.kinds import Kind
from sources.custody.models import Entry

PART = "archive"
FAILURES_LOGGED = "0003_the_archive_again"  # the migration since which a failed capture has an entry


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every fault of blobs, captures and texts. Reads every stored byte once, packages twice."""
    yield from _blob_faults(report)
    yield from _capture_faults(report)
    yield from _text_faults(report)
    yield from _lost_captures()
    yield from changes_fsck.faults(report=report)
    yield from redaction_fsck.faults(report=report)


def _blob_faults(report: Report) -> Iterator[Fault]:
    blobs = Blob.objects.order_by("pk")
    total = blobs.count()
    for done, blob in enumerate(blobs.iterator(chunk_size=500), start=1):
        size = 0
        try:
            for chunk in storage.verified(blob):
                size += len(chunk)
        except BlobDamaged as damage:
            yield Fault(PART, f"file {blob.path}", str(damage))
        else:
            if size != blob.size:
                yield Fault(PART, f"blob {blob.pk}", f"its row says {blob.size} bytes; there are {size}")
        report(Progress("archive: blobs", done, total))


def _capture_faults(report: Report) -> Iterator[Fault]:
    ended = Capture.objects.filter(state__in=[CaptureState.ARCHIVED, CaptureState.FAILED])
    captures = ended.select_related("entry", "package", "body")
    total, rule_since = captures.count(), _failures_logged_since()
    for done, capture in enumerate(captures.order_by("pk").iterator(chunk_size=200), start=1):
        if capture.entry is None:
            yield from _unlogged_faults(capture, rule_since)
            continue
        failed = capture.state == CaptureState.FAILED
        if failed and capture.entry.kind != Kind.CAPTURE_FAILED:
            continue  # named below, by its entry
        if failed:
            yield from _failure_faults(capture)
        yield from _entry_faults(capture)
        if capture.package is not None:
            yield from _package_faults(capture)
        report(Progress("archive: captures", done, total))


def _failures_logged_since() -> datetime | None:
    """When this installation began to log failed captures; what failed before has no entry."""
    applied = MigrationRecorder.Migration.objects.filter(app="sources", name=FAILURES_LOGGED)
    since: datetime | None = applied.values_list("applied", flat=True).first()
    return since


def _unlogged_faults(capture: Capture, rule_since: datetime | None) -> Iterator[Fault]:
    # An archived capture without an entry is refused by the database: archived_means_logged_and_packaged
    if rule_since is None or capture.finished_at is None or capture.finished_at >= rule_since:
        yield Fault(PART, f"capture {capture.pk}", f"it is {capture.state} and has no log entry")


def _failure_faults(capture: Capture) -> Iterator[Fault]:
    """Beyond what holds for every entry: the reason and the number of attempts."""
    assert capture.entry is not None
    try:
        facts = capture.entry.read().facts
    except BodyError:
        return  # the log's own check names the entry
    for name, value in {"reason": capture.failure_code, "attempts": capture.attempt}.items():
        if facts.get(name) != value:
            problem = f"{name} is {value}; its log entry {capture.entry_id} says {facts.get(name)}"
            yield Fault(PART, f"capture {capture.pk}", problem)


def _entry_faults(capture: Capture) -> Iterator[Fault]:
    assert capture.entry is not None
    thing = f"capture {capture.pk}"
    try:
        body = capture.entry.read()
    except BodyError:
        return  # the log's own check names the entry
    if body.subject_id != str(capture.pk):
        yield Fault(
            PART, thing, f"its log entry {capture.entry_id} speaks of {body.subject_type} {body.subject_id}"
        )
    said = {
        # What failed before anything came has neither, and its entry names neither.
        "datapackage_sha256": capture.datapackage_sha256 or None,
        "package_sha256": capture.package_id,
        **({"status": capture.http_status} if capture.http_status is not None else {}),
    }
    for name, value in said.items():
        if body.facts.get(name) != value:
            yield Fault(
                PART,
                thing,
                f"{name} is {value}; its log entry {capture.entry_id} says {body.facts.get(name)}",
            )
    text_sha256 = body.facts.get("text_sha256")
    if text_sha256 is not None and not capture.texts.filter(sha256=text_sha256).exists():
        yield Fault(
            PART, thing, f"none of its texts is the one of its log entry {capture.entry_id}: {text_sha256}"
        )
    inspection_sha256 = body.facts.get("inspection_sha256")
    if inspection_sha256 is not None and inspection_sha256 not in map(digest_of, capture.inspections.all()):
        yield Fault(
            PART,
            thing,
            f"no inspection of it is the one of its log entry {capture.entry_id}: {inspection_sha256}",
        )
    file_sha256 = body.facts.get("file_sha256")
    if file_sha256 is not None and file_sha256 != capture.body_id:
        yield Fault(PART, thing, f"its file is {capture.body_id}; its log entry says {file_sha256}")


def _package_faults(capture: Capture) -> Iterator[Fault]:
    assert capture.package is not None
    with TemporaryFile() as package:
        try:
            for chunk in storage.raw(capture.package):
                package.write(chunk)
        except BlobDamaged:
            return  # named as a file already
        package.seek(0)
        for problem in verify_wacz(package, datapackage_sha256=capture.datapackage_sha256):
            yield Fault(PART, f"package of capture {capture.pk}", problem)


def _text_faults(report: Report) -> Iterator[Fault]:
    texts = Text.objects.filter(redacted_at__isnull=True).select_related("capture__entry").order_by("pk")
    total = texts.count()
    for done, text in enumerate(texts.iterator(chunk_size=200), start=1):
        found = canonical.digest(text.content.encode())
        if found != text.sha256:
            yield Fault(PART, f"text {text.pk}", f"its content hashes to {found}; its row says {text.sha256}")
        report(Progress("archive: texts", done, total))


def _lost_captures() -> Iterator[Fault]:
    """What the log says of a capture must be so; only a redaction takes content away, and it keeps the row."""
    archived = [Kind.CAPTURE_ARCHIVED, Kind.UPLOAD_RECEIVED]
    yield from _lost(archived, [CaptureState.ARCHIVED, CaptureState.REDACTED], "it was archived")
    yield from _lost([Kind.CAPTURE_FAILED], [CaptureState.FAILED], "it failed")


def _lost(kinds: list[Kind], states: list[CaptureState], said: str) -> Iterator[Fault]:
    entries = Entry.objects.filter(kind__in=kinds, subject_type="capture")
    lost = entries.exclude(capture__state__in=states).order_by("index")
    for index, capture in lost.values_list("index", "subject_id"):
        yield Fault(PART, f"capture {capture}", f"log entry {index} says that {said}; its row does not")
