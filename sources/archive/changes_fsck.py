"""Re-derive the changes: each must be what its log entry says, and what its two texts show."""

from __future__ import annotations

from collections.abc import Iterator

from sources.archive import changes
from sources.archive.comparing import facts
from sources.archive.models import Change, Text
from sources.archive.states import CaptureState
from sources.custody.body import BodyError
from sources.custody.fsck import Fault, Progress, Report, silent
from sources.custody.kinds import Kind
from sources.custody.models import Entry

PART = "archive"


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every change that its log entry or its texts contradict, and every one that the log knows and is not there."""
    found = Change.objects.select_related("entry", "before", "after").order_by("pk")
    total = found.count()
    for done, change in enumerate(found.iterator(chunk_size=200), start=1):
        yield from _change_faults(change)
        report(Progress("archive: changes", done, total))
    rechecked = Entry.objects.filter(kind=Kind.CAPTURE_RECHECKED, change__isnull=True).order_by("index")
    for index, capture in rechecked.values_list("index", "subject_id"):
        yield Fault(PART, f"change to capture {capture}", f"log entry {index} tells of it; it is not there")


def _change_faults(change: Change) -> Iterator[Fault]:
    thing = f"change {change.pk}"
    if {change.before.document_id, change.after.document_id} != {change.document_id}:
        yield Fault(PART, thing, "its two captures are not both of its document")
    try:
        body = change.entry.read()
    except BodyError:
        return  # the log's own check names the entry
    if (body.kind, body.subject_id) != (Kind.CAPTURE_RECHECKED, str(change.after_id)):
        yield Fault(PART, thing, f"its log entry {change.entry_id} speaks of something else")
        return
    digests = [body.facts.get(f"{side}_text_sha256") for side in ("before", "after")]
    for name, value in facts(change, *digests).items():
        if name != "counting" and body.facts.get(name) != value:
            logged = body.facts.get(name)
            yield Fault(PART, thing, f"{name} is {value}; its log entry {change.entry_id} says {logged}")
    if CaptureState.REDACTED not in (change.before.state, change.after.state):
        yield from _text_faults(change, digests, counting=body.facts.get("counting"))


def _text_faults(change: Change, digests: list[str | None], *, counting: object) -> Iterator[Fault]:
    """Counts are made again only in the way in which they were made."""
    thing, texts = f"change {change.pk}", []
    for digest in digests:
        # Equal texts of one document may be kept with either capture.
        text = Text.objects.filter(sha256=digest, capture__in=[change.before, change.after]).first()
        if digest is not None and text is None:
            yield Fault(
                PART, thing, f"none of the texts of its captures is the one that was compared: {digest}"
            )
        texts.append(text)
    old, new = texts
    if old and new and change.words_added is not None and counting == changes.VERSION:
        removed, added = changes.counts(old.content, new.content)
        if (removed, added) != (change.words_removed, change.words_added):
            said = f"{change.words_removed} words removed and {change.words_added} added"
            yield Fault(PART, thing, f"it says {said}; its texts differ by {removed} and {added}")
