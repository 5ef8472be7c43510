"""What reviewers and editors do: propose a verdict, assign, accept, decline, judge."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.statements.models import Axis, Claim, Transition
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import ChangedMeanwhile, move, touch
from claims.statements.states import Workflow
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind
from verify.accounts.models import Desk, User
from verify.review import rules
from verify.review.content import content_digest
from verify.review.models import Opinion, Rating, Review, Task, TaskKind, Verdict
from verify.review.states import TRANSITIONS, WAITING, TaskState

REVIEWABLE = frozenset({Workflow.IN_RESEARCH, Workflow.IN_REVIEW, Workflow.APPROVED})

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
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
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
    _note(claim, Axis.VERDICT, old=latest.rating.code if latest else "", new=rating.code, by=by, at=at)
    touch(claim=claim, by=by, at=at)
    return verdict


@transaction.atomic
def assign_review(
    *,
    claim: Claim,
    reviewer: User,
    by: User,
    at: datetime,
    kind: TaskKind = TaskKind.SIGN_OFF,
    due_at: datetime | None = None,
    instructions: str = "",
) -> Task:
    """Ask one person, never an author of the content, to review a claim. The claim goes in review."""
    rules.check_can_assign(by, claim)
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    if not claim.verdicts.exists():
        raise ValidationError(_("Propose a verdict first: it is what the reviewer judges."))
    if claim.workflow not in REVIEWABLE:
        raise ValidationError(
            _("A claim that is “%(state)s” cannot be reviewed: bring it to research first.")
            % {"state": Workflow(claim.workflow).label}
        )
    rules.check_can_be_reviewer(reviewer, claim)
    if claim.tasks.filter(assignee=reviewer, state__in=WAITING).exists():
        raise ValidationError(
            {"reviewer": _("%(name)s has this claim to review already.") % {"name": reviewer}}
        )
    task = Task(
        claim=claim,
        kind=kind,
        state=TaskState.ASSIGNED,
        assignee=reviewer,
        instructions=instructions,
        due_at=due_at,
        created_by=by,
        created_at=at,
    )
    task.full_clean()
    task.save(force_insert=True)
    _note(claim, Axis.TASK, old="", new=TaskState.ASSIGNED, by=by, at=at, subject=task)
    if claim.workflow == Workflow.IN_RESEARCH:
        move(claim=claim, to=Workflow.IN_REVIEW, reason=_("A review was assigned."), by=by, at=at)
    return task


@transaction.atomic
def accept_task(*, task: Task, by: User, at: datetime) -> None:
    """Say that one will do it."""
    _check_assignee(task, by)
    _move_task(task, TaskState.ACCEPTED, by=by, at=at)


@transaction.atomic
def decline_task(*, task: Task, reason: str, by: User, at: datetime) -> None:
    """Say that one will not do it, and why; the editor assigns it to somebody else.

    When it was the last opinion that was waited for, those that are in decide.
    """
    claim = Claim.objects.select_for_update(of=("self",)).select_related("desk", "case").get(pk=task.claim_id)
    _check_assignee(task, by)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why, so that the editor can choose somebody else.")})
    _move_task(task, TaskState.DECLINED, by=by, at=at, reason=reason)
    _settle(claim, content_digest(claim), by=by, at=at)


@transaction.atomic
def submit_review(
    *, task: Task, opinion: Opinion, reason: str, content_digest_seen: str, by: User, at: datetime
) -> Review:
    """Give one's opinion on the content that one has seen.

    Raises ChangedMeanwhile when the content is no longer the one of `content_digest_seen`. With enough approvals of
    one content, and nobody else's opinion outstanding, the claim is approved and the log says so; a return sends the
    claim back to research.
    """
    claim = Claim.objects.select_for_update(of=("self",)).select_related("desk").get(pk=task.claim_id)
    task = Task.objects.select_for_update(of=("self",)).get(pk=task.pk)
    _check_assignee(task, by)
    rules.check_can_be_reviewer(by, claim)
    if task.state not in WAITING:
        raise ValidationError(_("This task is done; nothing more can be submitted."))
    digest = content_digest(claim)
    if digest != content_digest_seen:
        raise ChangedMeanwhile(
            _("The claim was changed while you were judging it. Look at it again, then decide.")
        )
    if task.state == TaskState.ASSIGNED:
        _move_task(task, TaskState.ACCEPTED, by=by, at=at)
    if claim.reviews.filter(reviewer=by, content_digest=digest).exists():
        raise ValidationError(_("You have judged this content already."))
    review = Review(
        task=task,
        claim=claim,
        reviewer=by,
        opinion=opinion,
        reason=reason.strip(),
        content_digest=digest,
        submitted_at=at,
    )
    review.clean_fields()
    review.save(force_insert=True)
    _move_task(task, TaskState.SUBMITTED, by=by, at=at)
    _settle(claim, digest, by=by, at=at)
    return review


def approvals_of(claim: Claim, digest: str) -> int:
    """How many people have approved exactly this content."""
    return (
        claim.reviews.filter(content_digest=digest, opinion=Opinion.APPROVE)
        .values("reviewer")
        .distinct()
        .count()
    )


def _settle(claim: Claim, digest: str, *, by: User, at: datetime) -> None:
    # Blind opinions: nothing is decided until everybody who was asked has answered.
    if claim.tasks.filter(state__in=WAITING).exists():
        return
    opinions = set(claim.reviews.filter(content_digest=digest).values_list("opinion", flat=True))
    settled = TaskState.AGREED if len(opinions) == 1 else TaskState.CONFLICT
    for task in claim.tasks.filter(state=TaskState.SUBMITTED, review__content_digest=digest):
        _move_task(task, settled, by=by, at=at)
    if Opinion.RETURN in opinions:
        if settled == TaskState.AGREED and claim.workflow == Workflow.IN_REVIEW:
            move(claim=claim, to=Workflow.IN_RESEARCH, reason=_("Returned by the reviewers."), by=by, at=at)
        return
    if approvals_of(claim, digest) < claim.desk.approvals_needed or claim.workflow != Workflow.IN_REVIEW:
        return
    move(claim=claim, to=Workflow.APPROVED, reason=_("Approved by the reviewers."), by=by, at=at)
    verdict = claim.verdicts.select_related("rating").order_by("-number").first()
    if verdict is None or verdict.approved_digest == digest:
        return
    # Who declines last does not approve: the entry names the last of those who did.
    approved = claim.reviews.filter(content_digest=digest, opinion=Opinion.APPROVE).select_related("reviewer")
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


def _check_assignee(task: Task, by: User) -> None:
    if task.assignee_id != by.pk:
        raise ValidationError(_("This task is assigned to somebody else."))


def _move_task(task: Task, to: TaskState, *, by: User, at: datetime, reason: str = "") -> None:
    old = TaskState(task.state)
    if to not in TRANSITIONS[old]:
        raise ValidationError(
            _("A task cannot go from “%(old)s” to “%(new)s”.") % {"old": old.label, "new": to.label}
        )
    if not Task.objects.filter(pk=task.pk, state=old).update(state=to):
        raise ChangedMeanwhile(_("This task was moved by somebody else meanwhile."))
    task.state = to
    _note(task.claim, Axis.TASK, old=old, new=to, by=by, at=at, reason=reason, subject=task)


def _note(
    claim: Claim,
    axis: Axis,
    *,
    old: str,
    new: str,
    by: User,
    at: datetime,
    reason: str = "",
    subject: Task | None = None,
) -> None:
    Transition.objects.create(
        claim=claim,
        axis=axis,
        subject=subject.pk if subject else None,
        old=old,
        new=new,
        reason=reason,
        by=by,
        at=at,
    )
