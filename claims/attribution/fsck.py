"""Re-derive the anchors: each quotation must stand in its text, at its place, word for word."""

from __future__ import annotations

from collections.abc import Iterator

from claims.attribution.models import Anchor
from sources.custody.body import BodyError
from sources.custody.fsck import Fault, Progress, Report, silent
from sources.custody.kinds import Kind
from sources.custody.models import Entry

PART = "attribution"


def faults(*, report: Report = silent) -> Iterator[Fault]:
    """Every anchor whose words, context or digest are no longer those of its text."""
    anchors = Anchor.objects.select_related("text").order_by("pk")
    total = anchors.count()
    for done, anchor in enumerate(anchors.iterator(chunk_size=200), start=1):
        thing, content = f"anchor {anchor.pk}", anchor.text.content
        if anchor.text_sha256 != anchor.text.sha256:
            yield Fault(
                PART, thing, f"made in a text {anchor.text_sha256}, which is now {anchor.text.sha256}"
            )
        if content[anchor.start : anchor.end] != anchor.exact:
            yield Fault(
                PART, thing, f"code points {anchor.start}–{anchor.end} of its text are not its quotation"
            )
        elif not content[: anchor.start].endswith(anchor.prefix) or not content[anchor.end :].startswith(
            anchor.suffix
        ):
            yield Fault(PART, thing, "the words around its quotation are not those that it says")
        yield from _entry_faults(anchor)
        report(Progress("attribution: anchors", done, total))


def _entry_faults(anchor: Anchor) -> Iterator[Fault]:
    thing = f"anchor {anchor.pk}"
    entry = Entry.objects.filter(
        subject_type="anchor", subject_id=str(anchor.pk), kind=Kind.ANCHOR_MADE
    ).first()
    if entry is None:
        yield Fault(PART, thing, "the log has no entry of its making")
        return
    try:
        facts = entry.read().facts
    except BodyError:
        return  # the log's own check names the entry
    if (facts.get("text_sha256"), facts.get("start"), facts.get("end")) != (
        anchor.text_sha256,
        anchor.start,
        anchor.end,
    ):
        yield Fault(PART, thing, f"its log entry {entry.index} says that it stands elsewhere")
