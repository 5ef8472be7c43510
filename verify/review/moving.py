"""How a task moves, and how that goes on record: what assigning, judging and settling share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from claims.statements.models import Axis, Claim, Transition
from claims.statements.services import ChangedMeanwhile
from verify.accounts.acting import acting
from verify.accounts.models import User
from verify.review.models import Task
from verify.review.states import TRANSITIONS, TaskState, owes_reason


def lock(claim: Any) -> Claim:
    """The claim as it is now, its row locked: every act on its tasks waits for every other, and for edits.

    `claim` is its id. The claim comes before its tasks, always, so that nobody waits in a circle.
    """
    # Not joined with who changed it last: whoever waits here would find no row once that is somebody else.
    locked: Claim = Claim.objects.select_for_update(of=("self",)).select_related("desk").get(pk=claim)
    return locked


def lock_task(task: Task) -> tuple[Claim, Task]:
    """The claim of a task and the task as they are now, both locked, in this order."""
    claim = lock(task.claim_id)
    task = Task.objects.select_for_update(of=("self",)).select_related("assignee").get(pk=task.pk)
    task.claim = claim
    return claim, task


def move_task(
    task: Task, to: TaskState, *, by: User | None, at: datetime, reason: str = "", **fields: Any
) -> None:
    """Move a task that is locked, and set `fields` with it. Raises ValidationError when there is no such move."""
    old = TaskState(task.state)
    if to not in TRANSITIONS[old]:
        raise ValidationError(
            _("A task cannot go from “%(old)s” to “%(new)s”.") % {"old": old.label, "new": to.label}
        )
    if owes_reason(old, to):
        owed(reason, _("Say why: it stays on record."))
    with recorded(by=by, at=at, why=reason):
        if not Task.objects.filter(pk=task.pk, state=old).update(state=to, **fields):
            raise ChangedMeanwhile(_("This task was moved by somebody else meanwhile."))
    task.state = to
    for name, value in fields.items():
        setattr(task, name, value)
    note(task.claim, Axis.TASK, old=old, new=to, by=by, at=at, reason=reason, subject=task)


def note(
    claim: Claim,
    axis: Axis,
    *,
    old: str,
    new: str,
    by: User | None,
    at: datetime,
    reason: str = "",
    subject: Task | None = None,
) -> None:
    """Put a move on record; `by` is None for what the system did."""
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


@contextmanager
def recorded(*, by: User | None, at: datetime, why: str = "") -> Iterator[None]:
    """Every change of a tracked row inside is on record as made by `by`, or by the system."""
    with acting(by=by, at=at, why=why) if by else pghistory.context(by=None, at=at.isoformat(), why=why):
        yield


def owed(reason: str, sentence: str) -> str:
    """The reason without its blanks; raises ValidationError with `sentence` when there is none."""
    if not reason.strip():
        raise ValidationError({"reason": sentence})
    return reason.strip()
