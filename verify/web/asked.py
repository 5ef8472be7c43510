"""What pages say of a review task beside its own fields: the desk's due times, what caused it, who took it away."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse

from claims.attribution.models import AnchorCheck, RegionCheck
from claims.statements.models import Axis, Transition
from verify.accounts.models import Desk
from verify.review.models import Review, Task, TaskKind, Verdict
from verify.review.querysets import TaskQuerySet
from verify.review.states import TaskState
from verify.web.drafts import figure_number
from verify.web.recaptures import LOST, spoken


def due_words(desk: Desk) -> dict[str, str]:
    """By kind of task, how long the desk gives, as people say it: one query."""
    return {due.kind: spoken(due.hours * 3600) for due in desk.due_times.all()}


def lost_quotes(task: Task) -> list[AnchorCheck | RegionCheck]:
    """The quotations and places of the claim that the change which caused the task has lost."""
    if task.change_id is None:
        return []
    lost = {"change": task.change_id, "state__in": LOST}
    quotes = AnchorCheck.objects.filter(anchor__assertion__claim=task.claim_id, **lost)
    places = RegionCheck.objects.filter(region__assertion__claim=task.claim_id, **lost)
    return [
        *quotes.select_related("anchor__assertion__speaker").order_by("anchor__start", "id"),
        *places.select_related("region__assertion__speaker").order_by("id"),
    ]


def replaced(task: Task) -> dict[str, Any] | None:
    """The figure of the claim that its source has replaced, and the one that replaced it, with where each stands."""
    new = task.figure
    if new is None:
        return None
    both = {"new": new, "old": new.supersedes}
    return {
        name: {
            "number": figure_number(figure),
            "unit": figure.get_unit_display(),
            "href": f"{reverse('claim', args=[figure.claim_id])}#figure-{figure.pk}",
        }
        for name, figure in both.items()
        if figure is not None
    }


def taken_away(task: Task, user: Any) -> Transition | None:
    """The move by which a task that `user` had went to somebody else or to the pool, with its reason."""
    events = Task.pgh_event_model  # type: ignore[attr-defined] # put there by pghistory
    if not events.objects.filter(pgh_obj=task.pk, assignee=user.pk).exists():
        return None
    away = _moves(task).filter(
        old__in=[TaskState.ASSIGNED, TaskState.ACCEPTED], new__in=[TaskState.ASSIGNED, TaskState.OPEN]
    )
    last: Transition | None = away.first()
    return last


def ended(task: Task) -> Transition | None:
    """The move by which a task was done with, if a reason was given: cancelled, published, the content changed."""
    if task.state != TaskState.DONE:
        return None
    last: Transition | None = _moves(task).filter(new=TaskState.DONE).exclude(reason="").first()
    return last


def takeable(desk: Desk, user: Any) -> TaskQuerySet:
    """The tasks in the pool of a desk that a checker of it may take: those of which `rules.can_take` says so."""
    verdicts = Verdict.objects.filter(claim=OuterRef("claim")).order_by("-number")
    differ = Review.objects.filter(claim=OuterRef(OuterRef("claim")), task__state=TaskState.CONFLICT)
    gave = Review.objects.filter(
        claim=OuterRef("claim"), reviewer=user.pk, content_digest__in=differ.values("content_digest")
    )
    return (
        Task.objects.pool()
        .filter(claim__desk=desk)
        .annotate(proposer=Subquery(verdicts.values("proposed_by")[:1]))
        .exclude(Q(claim__author=user.pk) | Q(claim__changed_by=user.pk))
        .exclude(proposer=user.pk, proposer__isnull=False)
        .exclude(Exists(gave), kind=TaskKind.ADJUDICATION)
    )


def _moves(task: Task) -> Any:
    moves = Transition.objects.filter(axis=Axis.TASK, subject=task.pk)
    return moves.select_related("by").order_by("-at", "-id")
