"""The states of a review task: one of the four independent axes, and the moves along it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaskState(models.TextChoices):
    OPEN = "open", _("Open")
    ASSIGNED = "assigned", _("Assigned")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    SUBMITTED = "submitted", _("Submitted")
    AGREED = "agreed", _("Agreed")
    CONFLICT = "conflict", _("Conflict")
    ADJUDICATED = "adjudicated", _("Adjudicated")
    DONE = "done", _("Done")


TRANSITIONS: dict[TaskState, frozenset[TaskState]] = {
    TaskState.OPEN: frozenset({TaskState.ASSIGNED, TaskState.ACCEPTED, TaskState.DONE}),
    TaskState.ASSIGNED: frozenset(
        {TaskState.ACCEPTED, TaskState.DECLINED, TaskState.ASSIGNED, TaskState.OPEN, TaskState.DONE}
    ),
    TaskState.ACCEPTED: frozenset(
        {TaskState.SUBMITTED, TaskState.DECLINED, TaskState.ASSIGNED, TaskState.OPEN, TaskState.DONE}
    ),
    TaskState.DECLINED: frozenset({TaskState.ASSIGNED, TaskState.OPEN, TaskState.DONE}),
    TaskState.SUBMITTED: frozenset({TaskState.AGREED, TaskState.CONFLICT, TaskState.DONE}),
    TaskState.AGREED: frozenset({TaskState.DONE}),
    TaskState.CONFLICT: frozenset({TaskState.ADJUDICATED, TaskState.DONE}),
    TaskState.ADJUDICATED: frozenset({TaskState.DONE}),
    TaskState.DONE: frozenset(),
}

WAITING = frozenset({TaskState.OPEN, TaskState.ASSIGNED, TaskState.ACCEPTED})
"""States in which somebody still owes an opinion."""

ROUND = frozenset({"source-check", "evidence-review", "verdict", "sign-off"})
"""Kinds of task whose opinions are blind to each other, and decide together."""

APPROVING = frozenset({"verdict", "sign-off", "adjudication"})
"""Kinds of task whose approval counts towards publishing: those that judge the whole claim."""

OWN_VERDICT = frozenset({"verdict", "adjudication"})
"""Kinds of task of which the answer names a verdict: the one that whoever answers would give."""


def owes_reason(old: TaskState, new: TaskState) -> bool:
    """Whether a move is to be explained: declining, taking a task away from somebody, and cancelling it."""
    unanswered = WAITING | {TaskState.DECLINED}
    if new == TaskState.DECLINED:
        return True
    if new in (TaskState.OPEN, TaskState.ASSIGNED):
        return old != TaskState.OPEN
    return new == TaskState.DONE and old in unanswered


class VerdictState(models.TextChoices):
    """Where one verdict of a claim stands, as its columns and the next verdict say; it is never stored."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    REPLACED = "replaced", _("Replaced by the next")


VERDICT_TRANSITIONS: dict[VerdictState, frozenset[VerdictState]] = {
    # Approved again: for a content that was edited since, under the same verdict.
    VerdictState.PROPOSED: frozenset({VerdictState.APPROVED, VerdictState.REPLACED}),
    VerdictState.APPROVED: frozenset({VerdictState.APPROVED, VerdictState.REPLACED}),
    VerdictState.REPLACED: frozenset(),
}
