"""What follows from opinions: agreement or conflict, approval or return, and what an adjudicator decides."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from claims.statements.models import Claim
from claims.statements.services import move
from claims.statements.states import Workflow
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind
from verify.accounts.models import User
from verify.notify.models import Kind
from verify.notify.services import editors_of, notify
from verify.review.models import Opinion, Review, Task, TaskKind
from verify.review.moving import move_task
from verify.review.states import APPROVING, ROUND, WAITING, TaskState

REOPENED_BY_A_RECHECK = frozenset({Workflow.APPROVED, Workflow.CLOSED})


def is_owed(claim: Claim) -> bool:
    """Whether somebody still owes a blind opinion on the claim, so that nothing is decided and nothing is told."""
    return claim.tasks.blind().exists()


def approvals_of(claim: Claim, digest: str) -> int:
    """How many people have approved exactly this content, as a whole. Tell it to nobody while an opinion is owed."""
    return (
        claim.reviews.filter(content_digest=digest, opinion=Opinion.APPROVE, kind__in=APPROVING)
        .values("reviewer")
        .distinct()
        .count()
    )


def approvals_missing(claim: Claim, digest: str) -> int:
    """How many more people must approve exactly this content before the claim counts as approved."""
    return max(0, claim.desk.approvals_needed - approvals_of(claim, digest))


def in_conflict(claim: Claim) -> bool:
    """Whether reviewers disagree, and nobody has decided between them."""
    return claim.tasks.filter(state=TaskState.CONFLICT).exists()


def settle(claim: Claim, digest: str, *, by: User, at: datetime) -> None:
    """Decide, once the last opinion that was owed on a locked claim is in, or will not come.

    An opinion between which and others an adjudicator has decided takes no part any more.
    """
    if is_owed(claim):
        return
    reviews = list(
        claim.reviews.filter(content_digest=digest, kind__in=ROUND).exclude(task__state=TaskState.ADJUDICATED)
    )
    agree = _agree(reviews)
    submitted = claim.tasks.filter(
        state=TaskState.SUBMITTED, kind__in=ROUND, review__content_digest=digest
    ).select_related("claim__desk")
    for task in submitted.order_by("pk"):
        move_task(task, TaskState.AGREED if agree else TaskState.CONFLICT, by=by, at=at)
    if not agree:
        _tell_of_conflict(claim, digest, at=at)
    elif any(review.opinion == Opinion.RETURN for review in reviews):
        if claim.workflow == Workflow.IN_REVIEW:
            move(claim=claim, to=Workflow.IN_RESEARCH, reason=_("Returned by the reviewers."), by=by, at=at)
            tell_of_return(claim, reviews[-1].task_id, at=at)
    elif not in_conflict(claim):
        approve_if_enough(claim, digest, by=by, at=at)


def _agree(reviews: list[Review]) -> bool:
    """One opinion, and no two different verdicts: who returns a claim without naming one leaves that open."""
    ratings = {review.rating_id for review in reviews if review.rating_id is not None}
    return len({review.opinion for review in reviews}) <= 1 and len(ratings) <= 1


def decide(review: Review, *, claim: Claim, by: User, at: datetime) -> None:
    """What an adjudicator decided: the conflict is over, and the claim approved or back in research."""
    approved = review.opinion == Opinion.APPROVE
    reason = _("The adjudicator approved.") if approved else _("The adjudicator returned it.")
    for task in claim.tasks.filter(state=TaskState.CONFLICT).select_related("claim__desk").order_by("pk"):
        move_task(task, TaskState.ADJUDICATED, by=by, at=at, reason=reason)
    move_task(review.task, TaskState.DONE, by=by, at=at)
    if approved:
        approve_if_enough(claim, review.content_digest, by=by, at=at)
    elif claim.workflow in (Workflow.IN_REVIEW, Workflow.APPROVED):
        move(claim=claim, to=Workflow.IN_RESEARCH, reason=reason, by=by, at=at)
        tell_of_return(claim, review.task_id, at=at)


def close_recheck(review: Review, *, claim: Claim, by: User, at: datetime) -> None:
    """What a re-check found: the claim still holds, or it is opened again with the reason."""
    move_task(review.task, TaskState.DONE, by=by, at=at)
    if review.opinion == Opinion.APPROVE:
        return
    if claim.workflow in REOPENED_BY_A_RECHECK:
        move(claim=claim, to=Workflow.IN_RESEARCH, reason=review.reason, by=by, at=at)
    tell_of_return(claim, review.task_id, at=at)


def approve_if_enough(claim: Claim, digest: str, *, by: User, at: datetime) -> None:
    """Approve a claim in review once enough people have approved exactly this content; the log says so."""
    if claim.workflow != Workflow.IN_REVIEW or approvals_missing(claim, digest):
        return
    move(claim=claim, to=Workflow.APPROVED, reason=_("Approved by the reviewers."), by=by, at=at)
    _tell_of_approval(claim, digest, at=at)
    verdict = claim.verdicts.select_related("rating").order_by("-number").first()
    if verdict is None or verdict.approved_digest == digest:
        return
    # Who declines last does not approve: the entry names the last of those who did.
    approved = claim.reviews.filter(
        content_digest=digest, opinion=Opinion.APPROVE, kind__in=APPROVING
    ).select_related("reviewer")
    approver = approved.order_by("submitted_at", "id").last()
    assert approver is not None  # approvals_needed is at least 1, held by the database
    verdict.approved_at, verdict.approved_digest = at, digest
    verdict.entry = custody.record(
        kind=EntryKind.VERDICT_APPROVED,
        subject=claim,
        facts={"verdict": verdict.rating.code, "number": verdict.number, "content_sha256": digest},
        by=approver.reviewer,
        at=at,
    )
    verdict.save(update_fields=["approved_at", "approved_digest", "entry"])


def finish_published(*, claim: Claim, digest: str, by: User, at: datetime) -> None:
    """Close the tasks whose opinions led to what was just published."""
    settled = (TaskState.AGREED, TaskState.ADJUDICATED)
    tasks = claim.tasks.filter(state__in=settled, review__content_digest=digest)
    for task in tasks.select_related("claim__desk").order_by("pk"):
        move_task(task, TaskState.DONE, by=by, at=at, reason=_("Published."))


def void(claim: Claim, *, by: User, at: datetime) -> None:
    """Close what was asked and answered about a content that has just been changed.

    Each reviewer is told of their own opinion alone: to anybody else it may still be blind. Who still owes an opinion
    gives it on the new content, unless they made it themselves: then the task goes back to the pool.
    """
    ended = (TaskState.SUBMITTED, TaskState.AGREED, TaskState.CONFLICT, TaskState.ADJUDICATED)
    reason = _("The content was changed.")
    concerned = claim.tasks.filter(state__in=WAITING.union(ended)).select_related("assignee")
    for task in concerned.select_for_update(of=("self",)).order_by("pk"):
        task.claim = claim
        if task.state in ended:
            move_task(task, TaskState.DONE, by=by, at=at, reason=reason)
            assert task.assignee is not None  # whoever submitted
            notify(
                to=[task.assignee],
                kind=Kind.VOID,
                desk=claim.desk,
                key=f"void:{task.pk}",
                at=at,
                claim=claim,
                task=task,
                actor=by,
            )
        elif task.kind == TaskKind.ADJUDICATION and task.state in WAITING:
            take_back(task, TaskState.DONE, by=by, at=at, reason=reason)
        elif task.state in WAITING and task.assignee_id == by.pk:
            reason_own = _("Its reviewer changed the content, and may not judge it any more.")
            move_task(task, TaskState.OPEN, by=by, at=at, reason=reason_own, assignee=None)
            tell_editors(Kind.POOL, task, f"pool:{task.pk}:{at.isoformat()}", at=at)


def take_back(
    task: Task, to: TaskState, *, by: User, at: datetime, reason: str, assignee: User | None = None
) -> None:
    """Move a task away from whoever has it, and tell them. Done keeps the name of who had it."""
    former = task.assignee
    fields = {} if to == TaskState.DONE else {"assignee": assignee}
    move_task(task, to, by=by, at=at, reason=reason, **fields)
    if former is not None and former != assignee:
        notify(
            to=[former],
            kind=Kind.TAKEN_AWAY,
            desk=task.claim.desk,
            key=f"taken-away:{task.pk}:{at.isoformat()}",
            at=at,
            claim=task.claim,
            task=task,
            actor=by,
        )


def tell_editors(kind: Kind, task: Task, key: str, *, at: datetime, actor: User | None = None) -> None:
    """Tell the editors of the desk, and whoever asked for the review."""
    asked = [task.created_by] if task.created_by else []
    notify(
        to=[*editors_of(task.claim.desk), *asked],
        kind=kind,
        desk=task.claim.desk,
        key=key,
        at=at,
        claim=task.claim,
        task=task,
        actor=actor,
    )


# No actor is named in what follows: whoever answered, or declined, last has not decided alone.


def tell_of_return(claim: Claim, task: object, *, at: datetime) -> None:
    """Tell who wrote the claim, who changed it last, and the editors that it came back."""
    notify(
        to={claim.author, claim.changed_by, *editors_of(claim.desk)},
        kind=Kind.RETURNED,
        desk=claim.desk,
        key=f"returned:{claim.pk}:{task}",
        at=at,
        claim=claim,
    )


def _tell_of_conflict(claim: Claim, digest: str, *, at: datetime) -> None:
    key = f"conflict:{claim.pk}:{digest}"
    notify(to=editors_of(claim.desk), kind=Kind.CONFLICT, desk=claim.desk, key=key, at=at, claim=claim)


def _tell_of_approval(claim: Claim, digest: str, *, at: datetime) -> None:
    notify(
        to={claim.author, claim.changed_by, *editors_of(claim.desk)},
        kind=Kind.APPROVED,
        desk=claim.desk,
        key=f"approved:{claim.pk}:{digest}",
        at=at,
        claim=claim,
    )
