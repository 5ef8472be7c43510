"""What reviewers and editors do: propose a verdict, assign, accept, decline, judge."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.statements.models import Axis, Claim
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import touch
from verify.accounts.models import Desk, User
from verify.review.assigning import (
    REVIEWABLE,
    accept_task,
    assign_adjudication,
    assign_many,
    assign_review,
    cancel_task,
    change_task,
    decline_task,
    reassign_task,
    take_task,
)
from verify.review.escalation import Load, workload
from verify.review.judging import checklist_for, submit_review
from verify.review.models import Rating, Verdict
from verify.review.moving import lock, note
from verify.review.settling import approvals_missing, approvals_of, finish_published, in_conflict

__all__ = [
    "REVIEWABLE",
    "Load",
    "accept_task",
    "approvals_missing",
    "approvals_of",
    "assign_adjudication",
    "assign_many",
    "assign_review",
    "cancel_task",
    "change_task",
    "checklist_for",
    "decline_task",
    "finish_published",
    "give_default_scale",
    "in_conflict",
    "propose_verdict",
    "reassign_task",
    "submit_review",
    "take_task",
    "workload",
]

DEFAULT_SCALE = [
    # code, value, English, Arabic: what a new desk starts with; the scale is the desk's to change.
    ("confirmed", 6, "Confirmed", "مؤكَّد"),
    ("partly-confirmed", 5, "Partly confirmed", "مؤكَّد جزئيًا"),
    ("disputed", 4, "Disputed", "محل خلاف"),
    ("unverified", 3, "Unverified", "غير متحقَّق منه"),
    ("superseded", 2, "Superseded", "تجاوزته معلومات لاحقة"),
    ("contradicted", 1, "Contradicted", "تناقضه الأدلة"),
]


def give_default_scale(desk: Desk) -> None:
    """Give a new desk the scale that it may then change."""
    Rating.objects.bulk_create(
        Rating(desk=desk, code=code, value=value, label=label, label_ar=label_ar)
        for code, value, label, label_ar in DEFAULT_SCALE
    )


@transaction.atomic
def propose_verdict(*, claim: Claim, rating: Rating, rationale: str, by: User, at: datetime) -> Verdict:
    """Propose a verdict with its reasoning; it counts once enough others have approved it."""
    check_can_edit_claims(by, claim.desk)
    if rating.desk_id != claim.desk_id or rating.retired:
        raise ValidationError({"rating": _("Choose a verdict of the desk's scale.")})
    claim = lock(claim.pk)
    latest = claim.verdicts.order_by("-number").first()
    verdict = Verdict(
        claim=claim,
        number=latest.number + 1 if latest else 1,
        rating=rating,
        rationale=rationale,
        proposed_by=by,
        proposed_at=at,
    )
    verdict.full_clean()
    verdict.save(force_insert=True)
    note(claim, Axis.VERDICT, old=latest.rating.code if latest else "", new=rating.code, by=by, at=at)
    touch(claim=claim, by=by, at=at)
    return verdict
