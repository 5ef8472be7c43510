"""What is late, and who has how much to do."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from verify.accounts.models import Desk, Role, User
from verify.notify.models import Kind
from verify.notify.services import editors_of, notify
from verify.review.models import Task
from verify.review.moving import lock, recorded
from verify.review.states import WAITING

BATCH = 200


class Load(NamedTuple):
    """How many reviews a person owes, and how many of them are overdue."""

    user: User
    waiting: int
    overdue: int


def workload(desk: Desk, at: datetime | None = None) -> list[Load]:
    """What each member who may review has to do, whoever has least first. One query."""
    owed = Q(tasks__claim__desk=desk, tasks__state__in=WAITING)
    late = owed & Q(tasks__due_at__lt=at or timezone.now())
    members = User.objects.filter(
        is_active=True,
        pk__in=desk.memberships.filter(role__in=Role.at_least(Role.CHECKER)).values("user"),
    )
    counted = members.annotate(
        waiting=Count("tasks", filter=owed, distinct=True), overdue=Count("tasks", filter=late, distinct=True)
    )
    return [
        Load(user, user.waiting, user.overdue) for user in counted.order_by("waiting", "overdue", "username")
    ]


def escalate(at: datetime) -> int:
    """Tell the editors, and whoever owes it, of each review that is overdue at `at`; once. How many they were.

    The longest overdue first, at most `BATCH` at a time. Of two sweepers at once each task has one.
    """
    late = Task.objects.overdue(at).filter(escalated_at__isnull=True).order_by("due_at", "id")
    return sum(_escalate(claim, pk, at) for claim, pk in late.values_list("claim", "pk")[:BATCH])


@transaction.atomic
def _escalate(claim_pk: UUID, pk: UUID, at: datetime) -> bool:
    claim = lock(claim_pk)
    late = Task.objects.overdue(at).filter(pk=pk, escalated_at__isnull=True)
    task = late.select_related("assignee").first()
    if task is None:
        return False  # answered meanwhile, or told by another sweeper
    with recorded(by=None, at=at, why=_("Overdue.")):
        Task.objects.filter(pk=pk).update(escalated_at=at)
    assert task.due_at is not None  # it is overdue
    owing = [task.assignee] if task.assignee else []
    notify(
        to=[*editors_of(claim.desk), *owing],
        kind=Kind.OVERDUE,
        desk=claim.desk,
        key=f"overdue:{task.pk}:{task.due_at.isoformat()}",
        at=at,
        claim=claim,
        task=task,
    )
    return True
