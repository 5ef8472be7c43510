"""Re-derive the archive: every blob from its bytes, every capture from its package and its log entry."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile

from sources.archive import storage
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


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every fault of blobs, captures and texts. Reads every stored byte once, packages twice."""
    yield from _blob_faults(report)
    yield from _capture_faults(report)
    yield from _text_faults(report)
    yield from _lost_captures()


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
    captures = Capture.objects.filter(state=CaptureState.ARCHIVED).select_related("entry", "package", "body")
    total = captures.count()
    for done, capture in enumerate(captures.order_by("pk").iterator(chunk_size=200), start=1):
        yield from _entry_faults(capture)
        yield from _package_faults(capture)
        report(Progress("archive: captures", done, total))


def _entry_faults(capture: Capture) -> Iterator[Fault]:
    assert capture.entry is not None  # held by the database: archived_means_logged_and_packaged
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
        "datapackage_sha256": capture.datapackage_sha256,
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
    file_sha256 = body.facts.get("file_sha256")
    if file_sha256 is not None and file_sha256 != capture.body_id:
        yield Fault(PART, thing, f"its file is {capture.body_id}; its log entry says {file_sha256}")


def _package_faults(capture: Capture) -> Iterator[Fault]:
    assert capture.package is not None  # held by the database: archived_means_the_package_is_there
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
    texts = Text.objects.select_related("capture__entry").order_by("pk")
    total = texts.count()
    for done, text in enumerate(texts.iterator(chunk_size=200), start=1):
        found = canonical.digest(text.content.encode())
        if found != text.sha256:
            yield Fault(PART, f"text {text.pk}", f"its content hashes to {found}; its row says {text.sha256}")
        report(Progress("archive: texts", done, total))


def _lost_captures() -> Iterator[Fault]:
    """What the log says was archived must be there; only a redaction takes content away, and it keeps the row."""
    archived = Entry.objects.filter(
        kind__in=[Kind.CAPTURE_ARCHIVED, Kind.UPLOAD_RECEIVED], subject_type="capture"
    )
    kept = [CaptureState.ARCHIVED, CaptureState.REDACTED]
    lost = archived.exclude(capture__state__in=kept).order_by("index")
    for index, capture in lost.values_list("index", "subject_id"):
        yield Fault(
            PART, f"capture {capture}", f"log entry {index} says that it was archived; its row does not"
        )
