"""Giving one's opinion: the checklist, the verdict that one would give, and the opinion itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from claims.statements.models import Claim
from claims.statements.services import ChangedMeanwhile
from verify.accounts.models import User
from verify.review import rules, settling
from verify.review.content import content_digest
from verify.review.models import (
    Answer,
    ChecklistAnswer,
    ChecklistItem,
    Opinion,
    Rating,
    Review,
    Task,
    TaskKind,
    Verdict,
)
from verify.review.moving import lock_task, move_task
from verify.review.states import APPROVING, OWN_VERDICT, WAITING, TaskState


def checklist_for(task: Task) -> list[ChecklistItem]:
    """The questions that the desk asks whoever answers a task of this kind, in the desk's order."""
    asked = Q(kind="") | Q(kind=task.kind)
    return list(ChecklistItem.objects.filter(asked, desk=task.claim.desk_id, retired_at__isnull=True))


@transaction.atomic
def submit_review(
    *,
    task: Task,
    opinion: Opinion,
    reason: str,
    content_digest_seen: str,
    by: User,
    at: datetime,
    rating: Rating | None = None,
    answers: Mapping[ChecklistItem, Answer] | None = None,
) -> Review:
    """Give one's opinion on the content that one has seen, with an answer to every question of the checklist.

    `rating` is the verdict that one would give oneself, which tasks of the kinds in OWN_VERDICT ask for. Who approves
    gives the proposed one; for a sign-off that is what None stands for.

    Raises ChangedMeanwhile when the content is no longer the one of `content_digest_seen`. With enough approvals of
    one content, and nobody else's opinion outstanding, the claim is approved and the log says so; a return sends the
    claim back to research; opinions that differ wait for an adjudicator.
    """
    claim, task = lock_task(task)
    _check_may_answer(task, claim, by)
    digest = content_digest(claim)
    if digest != content_digest_seen:
        raise ChangedMeanwhile(
            _("The claim was changed while you were judging it. Look at it again, then decide.")
        )
    if task.state == TaskState.ASSIGNED:
        move_task(task, TaskState.ACCEPTED, by=by, at=at)
    # Re-checks follow changes of the world, not of the content: one content may need several.
    given = claim.reviews.filter(reviewer=by, content_digest=digest, kind=task.kind)
    if task.kind != TaskKind.RECHECK and given.exists():
        raise ValidationError(_("You have judged this content already."))
    review = Review(
        task=task,
        claim=claim,
        reviewer=by,
        kind=task.kind,
        opinion=opinion,
        rating=_rating(claim, task, opinion, rating),
        reason=reason.strip(),
        content_digest=digest,
        submitted_at=at,
    )
    review.clean_fields()
    checked = _answers(task, answers or {})
    review.save(force_insert=True)
    ChecklistAnswer.objects.bulk_create(
        ChecklistAnswer(review=review, item=item, answer=answer) for item, answer in checked.items()
    )
    move_task(task, TaskState.SUBMITTED, by=by, at=at)
    if task.kind == TaskKind.ADJUDICATION:
        settling.decide(review, claim=claim, by=by, at=at)
    elif task.kind == TaskKind.RECHECK:
        settling.close_recheck(review, claim=claim, by=by, at=at)
    else:
        settling.settle(claim, digest, by=by, at=at)
    return review


def _check_may_answer(task: Task, claim: Claim, by: User) -> None:
    if task.assignee_id != by.pk:
        raise ValidationError(_("This task is assigned to somebody else."))
    if task.state not in WAITING:
        raise ValidationError(_("This task is done; nothing more can be submitted."))
    if task.kind != TaskKind.ADJUDICATION:
        rules.check_can_be_reviewer(by, claim)
        return
    rules.check_can_adjudicate(by, claim)
    if settling.is_owed(claim):
        raise ValidationError(_("Another opinion is asked for: decide when it is in."))


def _rating(claim: Claim, task: Task, opinion: Opinion, rating: Rating | None) -> Rating | None:
    if rating is None and task.kind in OWN_VERDICT:
        raise ValidationError({"rating": _("Give the verdict that you would give yourself.")})
    verdict: Verdict | None = claim.verdicts.select_related("rating").order_by("-number").first()
    proposed = verdict.rating if verdict else None
    if opinion == Opinion.APPROVE:
        if rating is not None and rating != proposed:
            raise ValidationError(
                {
                    "rating": _(
                        "Whoever would give another verdict does not approve this one: return the claim."
                    )
                }
            )
        return proposed if task.kind in APPROVING else rating
    if rating is not None and (rating.desk_id != claim.desk_id or (rating.retired and rating != proposed)):
        raise ValidationError({"rating": _("Choose a verdict of the desk's scale.")})
    return rating


def _answers(task: Task, answers: Mapping[ChecklistItem, Answer]) -> dict[ChecklistItem, str]:
    """Those to the questions that are asked now; raises ValidationError when one is missing or unknown."""
    given = {item.pk: answer for item, answer in answers.items()}
    asked = checklist_for(task)
    if any(given.get(item.pk) not in Answer.values for item in asked):
        raise ValidationError({"answers": _("Answer every question of the checklist.")})
    return {item: given[item.pk] for item in asked}
