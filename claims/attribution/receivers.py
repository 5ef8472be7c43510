"""What attribution does when the archive below it compares two copies, or erases one: quotations, places in files."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.dispatch import receiver

from claims.attribution import anchors
from claims.attribution.models import Anchor, AnchorCheck, QuoteState, Region, RegionCheck
from claims.attribution.region_checks import Result, look_again
from claims.statements.models import Claim
from claims.statements.services import touch
from sources.archive.models import Capture, CaptureKind, Change, ChangeKind, Redaction, Text
from sources.archive.signals import Rechecked, capture_redacted, captures_compared
from sources.archive.states import CaptureState
from sources.custody import services as custody
from sources.custody.body import BY
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening
from verify.accounts.models import User

LOST = (QuoteState.ALTERED, QuoteState.GONE)


@receiver(captures_compared, dispatch_uid="look-at-regions-again")
def look_at_regions(*, change: Change, before: Capture, after: Capture, **_: Any) -> Rechecked:
    """Look in `after` at every place that was marked in an earlier copy of the document, as `region_checks` says.

    Comes before the quotations, so that captures are locked before texts, as an erasure does.
    """
    earlier = Region.objects.standing().filter(
        capture__document=after.document,
        capture__kind=CaptureKind.URL,
        capture__finished_at__lt=after.finished_at,
    )
    captures = set(earlier.values_list("capture_id", flat=True))
    held = _held({after.pk, *captures}) if captures else {}
    if after.pk not in held:
        return Rechecked(0, 0, 0)
    marked = earlier.filter(capture__in=held.keys() - {after.pk}).select_related("capture__body")
    results = look_again(
        marked.prefetch_related("capture__renditions__blob"), after, gone=change.kind == ChangeKind.GONE
    )
    then = {
        check.region_id: (check.state, check.page, check.found)
        for check in RegionCheck.objects.filter(change__after=before, region__in=[one for one, _ in results])
    }
    checks = [_region_check(region, change, result) for region, result in results]
    lost = [check for check in checks if check.state in LOST]
    RegionCheck.objects.bulk_create(checks)
    newly = [one for one in lost if then.get(one.region_id) != (one.state, one.page, one.found)]
    return Rechecked(len(checks), len(lost), len(newly))


@receiver(captures_compared, dispatch_uid="look-for-quotes-again")
def look_for_quotes(
    *, change: Change, after: Capture, before_text: Text | None, text: Text | None, **_: Any
) -> Rechecked:
    """Look in `text` for every quotation anchored in an earlier copy of the document; each once, None holds none.

    A quotation is newly lost when `before_text` still had it, or had it altered to other words. Anchors in uploaded
    files stay aside: what somebody sent was never shown to have stood on the page.
    """
    earlier = Anchor.objects.filter(
        text__capture__document=after.document,
        text__capture__kind=CaptureKind.URL,
        text__capture__finished_at__lt=after.finished_at,
        text__redacted_at__isnull=True,
    ).exclude(text__capture=after)
    checks, newly_lost = [], 0
    for anchor in earlier.select_related("text").order_by("pk"):
        check = _check(anchor, change, text)
        checks.append(check)
        if check.state in LOST and before_text is not None:
            then = find_again(anchor, before_text)
            newly_lost += (then.state, _words(then)) != (check.state, check.exact)
    AnchorCheck.objects.bulk_create(checks)
    return Rechecked(len(checks), sum(check.state in LOST for check in checks), newly_lost)


@receiver(capture_redacted, dispatch_uid="forget-quotations")
def forget_quotations(*, capture: Capture, by: User, at: datetime, **_: Any) -> dict[str, int]:
    """Empty the quotations and regions of a capture that is erased, and what was found of them in later copies.

    Places and digests stay; what the log committed to of regions goes. What reviewers judged is no longer there, so
    each claim that rests on it has changed.
    """
    of_it = Anchor.objects.filter(text__capture=capture)
    marked = Region.objects.filter(capture=capture)
    quoting = (
        Q(assertions__anchors__in=of_it) | Q(assertions__regions__in=marked) | Q(evidence__region__in=marked)
    )
    claims = list(Claim.objects.filter(quoting).distinct().order_by("pk"))
    AnchorCheck.objects.filter(Q(anchor__in=of_it) | Q(text__capture=capture)).exclude(exact="").update(
        exact=""
    )
    quotations = of_it.update(exact="", prefix="", suffix="", quoted="")
    RegionCheck.objects.filter(Q(region__in=marked) | Q(change__after=capture)).exclude(found="").update(
        found=""
    )
    places = marked.update(shows="", found="")
    for claim in claims:
        touch(claim=claim, by=by, at=at)
    _forget_what_regions_showed(
        capture, [str(pk) for pk in marked.values_list("pk", flat=True)], by=by, at=at
    )
    return {"quotations": quotations, "regions": places}


def _forget_what_regions_showed(capture: Capture, marked: list[str], *, by: User, at: datetime) -> None:
    entries = Entry.objects.filter(subject_type="region", subject_id__in=marked, kind=Kind.ANCHOR_MADE)
    if not marked or not entries.exists():
        return
    ground = Redaction.objects.get(capture=capture, decision="approved").ground
    for entry in entries.order_by("index"):
        names = list(Opening.objects.filter(entry=entry).exclude(name=BY).values_list("name", flat=True))
        if names:
            custody.erase_openings(entry=entry, names=names, ground=ground, by=by, at=at)


def _held(captures: set[UUID]) -> dict[UUID, Capture]:
    """Those that are archived, and cannot be erased until the transaction ends. Locked in the order of an erasure."""
    locked = Capture.objects.select_for_update(no_key=True).filter(pk__in=captures).order_by("pk")
    return {row.pk: row for row in locked if row.state == CaptureState.ARCHIVED}


def _region_check(region: Region, change: Change, result: Result) -> RegionCheck:
    return RegionCheck(
        region=region,
        change_id=change.pk,  # saved later in this transaction
        state=result.state,
        page=result.page,
        found=result.found,
        why=result.why,
        checked_at=change.detected_at,
    )


def find_again(anchor: Anchor, text: Text | None) -> anchors.Status:
    """What became of an anchored quotation in a later text; gone when there is none."""
    if text is None:
        return anchors.Status("gone")
    return anchors.verify(
        text.content, exact=anchor.exact, prefix=anchor.prefix, suffix=anchor.suffix, start=anchor.start
    )


def _check(anchor: Anchor, change: Change, text: Text | None) -> AnchorCheck:
    status = find_again(anchor, text)
    match = status.match
    return AnchorCheck(
        anchor=anchor,
        change_id=change.pk,  # saved later in this transaction
        text=text,
        state=status.state,
        start=match.start if match else None,
        end=match.end if match else None,
        exact=match.exact if match else "",
        changes_sense=status.state == "altered" and match is not None and match.changes_sense,
        checked_at=change.detected_at,
    )


def _words(status: anchors.Status) -> str:
    return status.match.exact if status.match else ""
