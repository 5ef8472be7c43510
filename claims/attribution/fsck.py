"""Re-derive the anchors, the regions and the re-checks of them.

Each quotation must stand in its text, at its place, word for word; each region must lie in its file, which holds the
same words there; and when they are looked for again in a later copy, the same must become of them as the check says.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Q

from claims.attribution import region_fsck
from claims.attribution.models import Anchor, AnchorCheck
from claims.attribution.receivers import LOST, find_again
from sources.archive.models import Change
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
        if anchor.text.redacted_at:
            if anchor.exact or anchor.prefix or anchor.suffix or anchor.quoted:
                yield Fault(PART, thing, "still holds words of a text that was erased")
        elif content[anchor.start : anchor.end] != anchor.exact:
            yield Fault(
                PART, thing, f"code points {anchor.start}–{anchor.end} of its text are not its quotation"
            )
        elif not content[: anchor.start].endswith(anchor.prefix) or not content[anchor.end :].startswith(
            anchor.suffix
        ):
            yield Fault(PART, thing, "the words around its quotation are not those that it says")
        yield from _entry_faults(anchor)
        report(Progress("attribution: anchors", done, total))
    yield from _check_faults(report)
    yield from region_fsck.faults(report)
    yield from _sum_faults()


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


def _check_faults(report: Report) -> Iterator[Fault]:
    # By text, so that each is folded once for all quotations that were looked for in it.
    checks = AnchorCheck.objects.select_related("anchor__text", "text__capture", "change").order_by(
        "text", "pk"
    )
    total = checks.count()
    for done, check in enumerate(checks.iterator(chunk_size=200), start=1):
        yield from _one_check_faults(check)
        report(Progress("attribution: checks", done, total))


def _one_check_faults(check: AnchorCheck) -> Iterator[Fault]:
    thing = f"check {check.pk} of anchor {check.anchor_id}"
    if check.anchor.text.redacted_at or (check.text and check.text.redacted_at):
        if check.exact:
            yield Fault(PART, thing, "still holds words of a text that was erased")
        return
    status = find_again(check.anchor, check.text)
    match = status.match
    place = (match.start, match.end, match.exact) if match else (None, None, "")
    if (status.state, *place) != (check.state, check.start, check.end, check.exact):
        found = f"{status.state}: “{place[2]}”" if match else status.state
        yield Fault(PART, thing, f"says {check.state}; looked for again, the quotation is {found}")
    elif check.changes_sense != (status.state == "altered" and match is not None and match.changes_sense):
        yield Fault(PART, thing, "says otherwise whether a number or a negation is another one now")
    if check.text is not None and check.text.capture.document_id != check.change.document_id:
        yield Fault(PART, thing, "its text is of another document than its change")


def _sum_faults() -> Iterator[Fault]:
    """There must be as many checks as each change says, and the log with it."""
    changes = Change.objects.annotate(
        found=Count("anchor_checks", distinct=True) + Count("region_checks", distinct=True),
        found_lost=_lost("anchor_checks") + _lost("region_checks"),
    )
    wrong = changes.exclude(found=F("quotes_checked"), found_lost=F("quotes_lost")).order_by("pk")
    for pk, checked, lost_ones, found, found_lost in wrong.values_list(
        "pk", "quotes_checked", "quotes_lost", "found", "found_lost"
    ):
        said = f"{checked} quotations were looked for and {lost_ones} lost"
        yield Fault(PART, f"change {pk}", f"says that {said}; there are {found} and {found_lost}")


def _lost(checks: str) -> Count:
    return Count(checks, distinct=True, filter=Q(**{f"{checks}__state__in": LOST}))
