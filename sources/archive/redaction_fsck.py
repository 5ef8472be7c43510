"""Look for what should be gone: each redacted capture must be empty, by two people's decision, and in the log."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from sources.archive import storage
from sources.archive.models import Blob, Capture, Inspection, Redaction, Text, TextSketch
from sources.archive.states import CaptureState
from sources.custody.body import BY, BodyError
from sources.custody.fsck import Fault, Progress, Report, silent
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening

PART = "archive"


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every redaction without its two people or its tombstone, and all of an erased capture that is still there."""
    redacted = Capture.objects.filter(state=CaptureState.REDACTED).select_related("entry").order_by("pk")
    total = redacted.count()
    for done, capture in enumerate(redacted.iterator(chunk_size=200), start=1):
        yield from _capture_faults(capture)
        report(Progress("archive: redactions", done, total))
    yield from _strays()


def _capture_faults(capture: Capture) -> Iterator[Fault]:
    thing = f"redacted capture {capture.pk}"
    yield from (Fault(PART, thing, f"still has {what}") for what in _left(capture))
    redaction = Redaction.objects.filter(capture=capture, decision="approved").select_related("entry").first()
    if redaction is None:
        yield Fault(PART, thing, "there is no request that a second person approved")
        return
    if redaction.entry is None:
        yield Fault(PART, thing, "the log has no tombstone of it")
        return
    yield from _tombstone_faults(capture, redaction, redaction.entry)
    for blob in redaction.blobs:
        in_use = Blob.objects.filter(pk=blob).exclude(pk__in=storage.unused(before=None)).exists()
        if not in_use and (storage.exists(blob) or Blob.objects.filter(pk=blob).exists()):
            yield Fault(PART, thing, f"file {Blob(sha256=blob).path} was to be erased and is still there")


def _left(capture: Capture) -> Iterator[str]:
    """What an erased capture must not have any more."""
    if capture.body_id or capture.package_id or capture.renditions.exists():
        yield "a body, a package or renditions"
    if capture.final_url or capture.filename or capture.declared_type or capture.notes:
        yield "words of what it held"
    for text in capture.texts.filter(redacted_at__isnull=True):
        yield f"the words of text {text.pk}"
    if TextSketch.objects.filter(text__capture=capture).exists():
        yield "a sketch of a text"
    if Inspection.objects.filter(capture=capture).exists():
        yield "what its file said of itself"
    if capture.exchanges.exclude(url="", media_type="", guard_exception="").exists():
        yield "addresses of exchanges"
    if capture.attempts.exclude(failure_detail="").exists():
        yield "details of attempts"
    said = Entry.objects.filter(subject_type="capture", subject_id=str(capture.pk))
    openings = Opening.objects.filter(entry__in=said.exclude(kind=Kind.CONTENT_REDACTED)).exclude(name=BY)
    for index, name in openings.values_list("entry_id", "name"):
        yield f"the opening {name} of log entry {index}"


def _tombstone_faults(capture: Capture, redaction: Redaction, entry: Entry) -> Iterator[Fault]:
    thing = f"redacted capture {capture.pk}"
    try:
        body, archived = entry.read(), capture.entry.read() if capture.entry else None
    except BodyError:
        return  # the log's own check names the entry
    if (body.kind, body.subject_id) != (Kind.CONTENT_REDACTED, str(capture.pk)):
        yield Fault(PART, thing, f"its tombstone, log entry {entry.index}, speaks of something else")
        return
    if body.facts.get("ground") != redaction.ground:
        said = (
            f"the ground is {redaction.ground}; its tombstone {entry.index} says {body.facts.get('ground')}"
        )
        yield Fault(PART, thing, said)
    for name in ("datapackage_sha256", "package_sha256"):
        told = archived.facts.get(name) if archived else None
        if body.facts.get(name) != told:
            yield Fault(
                PART, thing, f"its tombstone {entry.index} names another {name} than the log did before"
            )
    if archived and archived.facts.get("datapackage_sha256") != capture.datapackage_sha256:
        yield Fault(PART, thing, "its row names another datapackage_sha256 than its log entry")


def _strays() -> Iterator[Fault]:
    """Emptied where nobody decided on it, and decided on where nothing was emptied."""
    emptied = Text.objects.filter(redacted_at__isnull=False).exclude(capture__state=CaptureState.REDACTED)
    for text in emptied.values_list("pk", flat=True):
        yield Fault(PART, f"text {text}", "its words were erased, but its capture is not redacted")
    of_it = Redaction.objects.filter(entry=OuterRef("pk"))
    tombstones = Entry.objects.filter(kind=Kind.CONTENT_REDACTED, subject_type="capture").exclude(
        Exists(of_it)
    )
    for index, pk in tombstones.values_list("index", "subject_id"):
        yield Fault(
            PART, f"capture {pk}", f"log entry {index} says that it was erased; no redaction is on record"
        )
    approved = Redaction.objects.filter(decision="approved").exclude(capture__state=CaptureState.REDACTED)
    for capture in approved.values_list("capture_id", flat=True):
        yield Fault(PART, f"capture {capture}", "its erasure was approved, but it is not redacted")
