"""A claim as its public page would show it if it were published now, and what stands in the way of that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.statements.models import Claim
from claims.statements.states import Workflow
from sources.custody.canonical import canonical
from verify.publish import services
from verify.publish.models import Version, VersionKind
from verify.publish.presenting import Reading
from verify.publish.validation import Fault
from verify.review.content import moment
from verify.review.models import Comment
from verify.web.drafts import Draft
from verify.web.recaptures import LOST, newest_checks

BLOCKS, WARNS, HOLDS = "error", "warning", "success"


@dataclass(frozen=True)
class Check:
    """Something to look at before publishing. `level`: "error" (it cannot be published so), "warning" or "success"."""

    level: str
    sentence: str
    href: str = ""  # where it is put right


def would_be(claim: Claim, read: Draft, versions: Sequence[Version], *, at: datetime) -> Version:
    """The next version, not kept: as `services` would freeze it at `at`, without a reason, an entry or a name."""
    number = versions[0].number + 1 if versions else 1
    kind = VersionKind.CORRECTED if versions else VersionKind.PUBLISHED
    snapshot = canonical(
        {
            "schema": services.SCHEMA,
            "claim": read.claim,
            "origins": read.data["origins"],
            "topics": [{"id": topic.pk, "name": topic.name} for topic in claim.topics.order_by("name", "pk")],
            "content_sha256": read.digest,
            "desk": read.data["desk"],
            "kind": kind.value,
            "log": settings.LOG_ORIGIN,
            "number": number,
            "previous_sha256": versions[0].sha256 if versions else None,
            "published_at": moment(at),
            "reason": "",
        }
    )
    return Version(
        claim=claim,
        number=number,
        kind=kind,
        content_digest=read.digest,
        snapshot=snapshot,
        sha256=hashlib.sha256(snapshot).hexdigest(),
        published_at=at,
    )


def checks(
    claim: Any, read: Draft, draft: Reading, panel: dict[str, Any], faults: Sequence[Fault]
) -> list[Check]:
    """What must be so, and what should be looked at, before this content is published; what blocks it comes first."""
    found = [
        *_approved(claim, panel),
        *_graded(read),
        *_quotes(claim, read),
        *_copies(read),
        *_standard(draft),
        *_markup(faults),
        *_comments(claim),
    ]
    return sorted(found, key=lambda check: (BLOCKS, WARNS, HOLDS).index(check.level))


def _approved(claim: Any, panel: dict[str, Any]) -> Iterator[Check]:
    review = reverse("claim", args=[claim.pk]) + "#review"
    if panel["outstanding"]:  # how many have approved is nobody's until all are in
        yield Check(BLOCKS, _("A review is still outstanding."), review)
        return
    needed, has = panel["needed"], panel["approvals"]
    if has < needed:
        sentence = _("Publishing needs %(needed)s approvals of exactly this content; it has %(has)s.")
        yield Check(BLOCKS, sentence % {"needed": needed, "has": has}, review)
    else:
        sentence = ngettext(
            "%(has)s approval of exactly this content; %(needed)s needed.",
            "%(has)s approvals of exactly this content; %(needed)s needed.",
            has,
        )
        yield Check(HOLDS, sentence % {"needed": needed, "has": has}, review)
    if panel["conflict"]:
        sentence = _("The reviewers disagree: somebody else must decide between them first.")
        yield Check(BLOCKS, sentence, review)
    if has >= needed and claim.workflow != Workflow.APPROVED:
        yield Check(BLOCKS, _("This claim is not approved yet."), review)


def _graded(read: Draft) -> Iterator[Check]:
    evidence = reverse("claim", args=[read.id]) + "#evidence"
    if read.beyond_grade:
        yield Check(BLOCKS, services.graded_too_well(len(read.beyond_grade)), evidence)
    elif read.claim["evidence"]:
        yield Check(HOLDS, _("No evidence is graded better than its origins allow."))


def _quotes(claim: Claim, read: Draft) -> Iterator[Check]:
    """Quotations that a later copy of their page does not hold any more: still proven, but a reader will miss them."""
    anchors = [anchor.pk for said in read.assertions for anchor in said.anchors.all()]
    lost = [check for check in newest_checks(anchors).values() if check.state in LOST] if anchors else []
    for check in lost[:5]:
        sentence = _("A quotation was altered or is gone in the newest copy of its page.")
        yield Check(WARNS, sentence, f"{reverse('change', args=[check.change_id])}#quote-{check.anchor_id}")
    if len(lost) > 5:
        sentence = ngettext("And one more quotation.", "And %(n)s more quotations.", len(lost) - 5)
        yield Check(WARNS, sentence % {"n": len(lost) - 5}, reverse("claim", args=[claim.pk]) + "#said")
    if anchors and not lost:
        yield Check(
            HOLDS, _("Every quotation stands in the newest copy of its page, as far as it was looked at.")
        )


def _copies(read: Draft) -> Iterator[Check]:
    said = reverse("claim", args=[read.id]) + "#said"
    bare = sum(not each["quotes"] and not each["regions"] for each in read.claim["assertions"])
    if bare:
        sentence = ngettext(
            "No archived copy shows what %(n)s statement says.",
            "No archived copy shows what %(n)s statements say.",
            bare,
        )
        yield Check(WARNS, sentence % {"n": bare}, said)
    gone = sum(copy["entry"] is None for copy in read.copies)
    if gone:
        sentence = ngettext(
            "%(n)s copy that it rests on is not archived, or was erased.",
            "%(n)s copies that it rests on are not archived, or were erased.",
            gone,
        )
        yield Check(WARNS, sentence % {"n": gone}, reverse("claim", args=[read.id]) + "#copies")
    if read.claim["assertions"] and not bare and not gone:
        yield Check(HOLDS, _("An archived copy shows every statement."))


def _standard(draft: Reading) -> Iterator[Check]:
    if draft.is_provisional:
        sentence = _("Fewer than two independent origins carry it: the public page flags it as provisional.")
        yield Check(WARNS, sentence)


def _markup(faults: Sequence[Fault]) -> Iterator[Check]:
    if not faults:
        yield Check(HOLDS, _("Search engines and the reporters’ feed take the markup as it is."), "#markup")
        return
    sentence = ngettext(
        "%(n)s rule of those who read the markup is not kept: see below.",
        "%(n)s rules of those who read the markup are not kept: see below.",
        len(faults),
    )
    yield Check(WARNS, sentence % {"n": len(faults)}, "#markup")


def _comments(claim: Claim) -> Iterator[Check]:
    threads = Comment.objects.filter(claim=claim, parent__isnull=True, resolved_at__isnull=True).count()
    if threads:
        sentence = ngettext(
            "%(n)s comment thread is still open.", "%(n)s comment threads are still open.", threads
        )
        yield Check(WARNS, sentence % {"n": threads}, reverse("claim", args=[claim.pk]) + "#comments")
