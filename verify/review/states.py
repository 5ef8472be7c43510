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
    TaskState.OPEN: frozenset({TaskState.ASSIGNED, TaskState.DONE}),
    TaskState.ASSIGNED: frozenset(
        {TaskState.ACCEPTED, TaskState.DECLINED, TaskState.ASSIGNED, TaskState.DONE}
    ),
    TaskState.ACCEPTED: frozenset(
        {TaskState.SUBMITTED, TaskState.DECLINED, TaskState.ASSIGNED, TaskState.DONE}
    ),
    TaskState.DECLINED: frozenset({TaskState.ASSIGNED, TaskState.DONE}),
    TaskState.SUBMITTED: frozenset({TaskState.AGREED, TaskState.CONFLICT, TaskState.DONE}),
    TaskState.AGREED: frozenset({TaskState.DONE}),
    TaskState.CONFLICT: frozenset({TaskState.ADJUDICATED, TaskState.DONE}),
    TaskState.ADJUDICATED: frozenset({TaskState.DONE}),
    TaskState.DONE: frozenset(),
}

WAITING = frozenset({TaskState.OPEN, TaskState.ASSIGNED, TaskState.ACCEPTED})
"""States in which somebody still owes an opinion."""
