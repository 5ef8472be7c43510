"""What attribution does when the archive below it has compared two copies: look for each quotation again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from claims.attribution import anchors
from claims.attribution.models import Anchor, AnchorCheck, QuoteState
from claims.statements.models import Claim
from claims.statements.services import touch
from sources.archive.models import Capture, CaptureKind, Change, Text
from sources.archive.signals import Rechecked, capture_redacted, captures_compared
from verify.accounts.models import User

LOST = (QuoteState.ALTERED, QuoteState.GONE)


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
    """Empty the quotations from a capture that is erased, and what was found of them in later copies.

    Places and digests stay. What reviewers judged is no longer there, so each claim that quotes it has changed.
    """
    of_it = Anchor.objects.filter(text__capture=capture)
    claims = list(Claim.objects.filter(assertions__anchors__in=of_it).distinct().order_by("pk"))
    AnchorCheck.objects.filter(Q(anchor__in=of_it) | Q(text__capture=capture)).exclude(exact="").update(
        exact=""
    )
    quotations = of_it.update(exact="", prefix="", suffix="", quoted="")
    for claim in claims:
        touch(claim=claim, by=by, at=at)
    return {"quotations": quotations}


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
