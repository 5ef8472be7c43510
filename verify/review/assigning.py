"""Asking for reviews: of a person or of the pool, again, no more; and what the asked person says to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.statements.models import Axis, Claim
from claims.statements.services import move
from claims.statements.states import Workflow
from verify.accounts.models import Role, User
from verify.accounts.rules import check_has_role
from verify.accounts.services import hold_membership
from verify.notify.models import Kind
from verify.notify.services import notify
from verify.review import rules
from verify.review.content import content_digest
from verify.review.models import DueTime, Priority, Task, TaskKind
from verify.review.moving import lock, lock_task, move_task, note, owed, recorded
from verify.review.settling import in_conflict, is_owed, settle, take_back, tell_editors
from verify.review.states import ROUND, WAITING, TaskState

REVIEWABLE = frozenset({Workflow.IN_RESEARCH, Workflow.IN_REVIEW, Workflow.APPROVED})

_KEEP: Any = object()
"""Stands for “as it is”, where None means something."""


@transaction.atomic
def assign_review(
    *,
    claim: Claim,
    reviewer: User | None,
    by: User,
    at: datetime,
    kind: TaskKind = TaskKind.SIGN_OFF,
    due_at: datetime | None = None,
    priority: Priority = Priority.NORMAL,
    instructions: str = "",
) -> Task:
    """Ask one person, never an author of the content, or whoever takes it (None), to review a claim.

    Without `due_at` the desk's time for this kind of review applies. The claim goes in review, except for a re-check.
    """
    rules.check_can_assign(by, claim)
    if reviewer is not None:
        hold_membership(reviewer, claim.desk_id)
    claim = lock(claim.pk)
    if kind == TaskKind.ADJUDICATION:
        raise ValidationError({"kind": _("An adjudicator is asked once opinions differ.")})
    if kind == TaskKind.RECHECK:
        if not rules.is_decided(claim):
            raise ValidationError(_("Only what was approved or published can be checked again."))
    else:
        _check_reviewable(claim)
    task = _new_task(claim, kind, due_at=due_at, priority=priority, instructions=instructions, by=by, at=at)
    _give(task, reviewer, by=by, at=at)
    return task


def assign_many(
    *,
    claims: Iterable[Claim],
    reviewer: User | None,
    by: User,
    at: datetime,
    kind: TaskKind = TaskKind.SIGN_OFF,
    due_at: datetime | None = None,
    priority: Priority = Priority.NORMAL,
    instructions: str = "",
) -> list[tuple[Claim, Task | None, str]]:
    """Ask for a review of each claim, each in a transaction of its own: the task, or why there is none."""
    done: list[tuple[Claim, Task | None, str]] = []
    for claim in claims:
        try:
            task = assign_review(
                claim=claim,
                reviewer=reviewer,
                by=by,
                at=at,
                kind=kind,
                due_at=due_at,
                priority=priority,
                instructions=instructions,
            )
            done.append((claim, task, ""))
        except ValidationError as refusal:
            done.append((claim, None, " ".join(refusal.messages)))
        except PermissionDenied as refusal:
            done.append((claim, None, str(refusal) or _("You may not assign reviews of this claim.")))
    return done


@transaction.atomic
def assign_adjudication(
    *,
    claim: Claim,
    adjudicator: User | None,
    by: User,
    at: datetime,
    due_at: datetime | None = None,
    priority: Priority = Priority.NORMAL,
    instructions: str = "",
) -> Task:
    """Ask one person, or whoever takes it (None), to decide between opinions that differ.

    The adjudicator has neither worked on the content nor given one of the opinions, and may read them.
    """
    rules.check_can_assign(by, claim)
    if adjudicator is not None:
        hold_membership(adjudicator, claim.desk_id)
    claim = lock(claim.pk)
    if is_owed(claim):
        raise ValidationError(_("An opinion is still outstanding: whether they differ is not known yet."))
    if not in_conflict(claim):
        raise ValidationError(_("No opinions differ: there is nothing to decide between."))
    if claim.tasks.filter(kind=TaskKind.ADJUDICATION, state__in=WAITING).exists():
        raise ValidationError(_("Somebody is asked to decide already: give that task to somebody else."))
    task = _new_task(
        claim,
        TaskKind.ADJUDICATION,
        due_at=due_at,
        priority=priority,
        instructions=instructions,
        by=by,
        at=at,
    )
    _give(task, adjudicator, by=by, at=at)
    return task


@transaction.atomic
def take_task(*, task: Task, by: User, at: datetime) -> Task:
    """Take a task from the pool. Of two who take it at once, one has it."""
    hold_membership(by, task.claim.desk_id)
    claim, task = lock_task(task)
    check_has_role(by, claim.desk_id, Role.CHECKER)
    if task.state != TaskState.OPEN:
        if task.assignee_id == by.pk and task.state == TaskState.ACCEPTED:
            return task  # pressed twice
        raise ValidationError(_("This task is no longer free to be taken."))
    _check_can_have(task, by)
    move_task(task, TaskState.ACCEPTED, by=by, at=at, assignee=by)
    _into_review(task, by=by, at=at)
    return task


@transaction.atomic
def accept_task(*, task: Task, by: User, at: datetime) -> None:
    """Say that one will do it."""
    claim, task = lock_task(task)
    _check_assignee(task, by)
    check_has_role(by, claim.desk_id, Role.CHECKER)
    move_task(task, TaskState.ACCEPTED, by=by, at=at)


@transaction.atomic
def decline_task(*, task: Task, reason: str, by: User, at: datetime) -> None:
    """Say that one will not do it, and why; the editor assigns it to somebody else.

    When it was the last opinion that was waited for, those that are in decide.
    """
    claim, task = lock_task(task)
    _check_assignee(task, by)
    reason = owed(reason, _("Say why, so that the editor can choose somebody else."))
    move_task(task, TaskState.DECLINED, by=by, at=at, reason=reason)
    tell_editors(Kind.DECLINED, task, f"declined:{task.pk}:{at.isoformat()}", at=at, actor=by)
    _settle_without(task, claim, by=by, at=at)


@transaction.atomic
def reassign_task(*, task: Task, reviewer: User | None, reason: str, by: User, at: datetime) -> Task:
    """Give a task to somebody else, or back to the pool (None), also in the middle of it; `reason` stays on record.

    A task that nobody has is given without a reason. Whoever had it is told, and what they had not submitted is gone.
    """
    rules.check_can_assign(by, task.claim)
    if reviewer is not None:
        hold_membership(reviewer, task.claim.desk_id)
    _claim, task = lock_task(task)
    if task.assignee_id is not None:
        reason = owed(reason, _("Say why: whoever had the task is told that it was given away."))
    if task.assignee == reviewer:
        raise ValidationError({"reviewer": _("The task is there already.")})
    if task.state not in WAITING | {TaskState.DECLINED}:
        raise ValidationError(_("This task is done: assign a new one."))
    _give(task, reviewer, by=by, at=at, reason=reason.strip())
    return task


@transaction.atomic
def return_to_pool(*, task: Task, owed_by: User, reason: str, by: User, at: datetime) -> bool:
    """Give back what somebody owes who has left, or may only look; False when it was answered or moved meanwhile.

    No role is asked for: an administrator who leaves by their own hand has none any more.
    """
    _claim, task = lock_task(task)
    if task.assignee_id != owed_by.pk or task.state not in WAITING:
        return False
    _give(task, None, by=by, at=at, reason=reason)
    return True


@transaction.atomic
def cancel_task(*, task: Task, reason: str, by: User, at: datetime) -> None:
    """Ask for it no more. When it was the last opinion that was waited for, those that are in decide."""
    rules.check_can_assign(by, task.claim)
    claim, task = lock_task(task)
    reason = owed(reason, _("Say why the review is no longer needed."))
    if task.state not in WAITING | {TaskState.DECLINED}:
        raise ValidationError(_("This task is done: there is nothing to cancel."))
    take_back(task, TaskState.DONE, by=by, at=at, reason=reason)
    _settle_without(task, claim, by=by, at=at)


@transaction.atomic
def change_task(
    *,
    task: Task,
    by: User,
    at: datetime,
    due_at: datetime | None = _KEEP,
    priority: Priority = _KEEP,
    instructions: str = _KEEP,
) -> Task:
    """Change when it is due (None: at no time), how urgent it is, or what is asked.

    With another due time the editors are told anew once it is over.
    """
    rules.check_can_assign(by, task.claim)
    _claim, task = lock_task(task)
    if task.state not in WAITING | {TaskState.DECLINED}:
        raise ValidationError(_("This task is done: it cannot be changed any more."))
    wanted = {"due_at": due_at, "priority": priority, "instructions": instructions}
    changed = {
        name: value for name, value in wanted.items() if value is not _KEEP and value != getattr(task, name)
    }
    if not changed:
        return task
    if "due_at" in changed:
        changed["escalated_at"] = None
    for name, value in changed.items():
        setattr(task, name, value)
    task.clean_fields()
    with recorded(by=by, at=at):
        task.save(update_fields=[*changed])
    return task


def due_time(claim: Claim, kind: TaskKind, at: datetime) -> datetime | None:
    """When a review of this kind that is asked for at `at` is due by the desk's rules; None without a rule."""
    hours = DueTime.objects.filter(desk=claim.desk_id, kind=kind).values_list("hours", flat=True).first()
    return at + timedelta(hours=hours) if hours else None


def _check_reviewable(claim: Claim) -> None:
    if not claim.verdicts.exists():
        raise ValidationError(_("Propose a verdict first: it is what the reviewer judges."))
    if claim.workflow not in REVIEWABLE:
        raise ValidationError(
            _("A claim that is “%(state)s” cannot be reviewed: bring it to research first.")
            % {"state": Workflow(claim.workflow).label}
        )


def _new_task(
    claim: Claim,
    kind: TaskKind,
    *,
    due_at: datetime | None,
    priority: Priority,
    instructions: str,
    by: User,
    at: datetime,
) -> Task:
    task = Task(
        claim=claim,
        kind=kind,
        state=TaskState.OPEN,
        instructions=instructions.strip(),
        priority=priority,
        due_at=due_at or due_time(claim, kind, at),
        created_by=by,
        created_at=at,
    )
    task.full_clean()
    return task


def _give(task: Task, reviewer: User | None, *, by: User, at: datetime, reason: str = "") -> None:
    """Give a new task, or one that is locked, to a person or to the pool, and tell whom it concerns."""
    to = TaskState.OPEN if reviewer is None else TaskState.ASSIGNED
    if reviewer is not None:
        _check_can_have(task, reviewer)
    if task._state.adding:
        task.state, task.assignee = to, reviewer
        with recorded(by=by, at=at):
            task.save(force_insert=True)
        note(task.claim, Axis.TASK, old="", new=to, by=by, at=at, subject=task)
    else:
        take_back(task, to, by=by, at=at, reason=reason, assignee=reviewer)
    _into_review(task, by=by, at=at)
    _tell_the_asked(task, by=by, at=at)


def _check_can_have(task: Task, person: User) -> None:
    if task.kind == TaskKind.ADJUDICATION:
        rules.check_can_adjudicate(person, task.claim)
    else:
        rules.check_can_be_reviewer(person, task.claim)
    others = task.claim.tasks.filter(assignee=person, kind=task.kind, state__in=WAITING).exclude(pk=task.pk)
    if others.exists():
        raise ValidationError(
            {"reviewer": _("%(name)s has this claim to review already.") % {"name": person}}
        )


def _into_review(task: Task, *, by: User, at: datetime) -> None:
    if task.kind in ROUND and task.claim.workflow == Workflow.IN_RESEARCH:
        move(claim=task.claim, to=Workflow.IN_REVIEW, reason=_("A review was assigned."), by=by, at=at)


def _tell_the_asked(task: Task, *, by: User, at: datetime) -> None:
    kind, to = Kind.ASSIGNED, [task.assignee] if task.assignee else []
    if not to:
        kind, to = Kind.POOL, rules.who_can_take(task)
    key = f"{kind}:{task.pk}:{at.isoformat()}"
    notify(to=to, kind=kind, desk=task.claim.desk, key=key, at=at, claim=task.claim, task=task, actor=by)


def _settle_without(task: Task, claim: Claim, *, by: User, at: datetime) -> None:
    if task.kind in ROUND:
        settle(claim, content_digest(claim), by=by, at=at)


def _check_assignee(task: Task, by: User) -> None:
    if task.assignee_id != by.pk:
        raise ValidationError(_("This task is assigned to somebody else."))
