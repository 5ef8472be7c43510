"""Review tasks, reviews and comments by adjective."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from verify.accounts.rules import desks_of
from verify.review.states import ROUND, WAITING, TaskState

if TYPE_CHECKING:
    from verify.review.models import Comment, Review, Task  # noqa: F401


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: Any) -> TaskQuerySet:
        """Those of claims of the desks that `user` belongs to."""
        return self.filter(claim__desk__in=desks_of(user))

    def waiting(self) -> TaskQuerySet:
        """Those in which somebody still owes an opinion."""
        return self.filter(state__in=WAITING)

    def blind(self) -> TaskQuerySet:
        """Those of a blind round that are waited for: until they are in, no opinion on their claims is told."""
        return self.waiting().filter(kind__in=ROUND)

    def pool(self) -> TaskQuerySet:
        """Those that are free to be taken."""
        return self.filter(state=TaskState.OPEN)

    def overdue(self, at: datetime) -> TaskQuerySet:
        """Those that are waited for and were due before `at`."""
        return self.waiting().filter(due_at__lt=at)

    def by_urgency(self) -> TaskQuerySet:
        """The highest priority first, of one priority what is due first; those without a due time last."""
        return self.order_by("-priority", F("due_at").asc(nulls_last=True), "created_at", "id")

    def with_load(self) -> TaskQuerySet:
        """Each with `load`: how many opinions its reviewer owes the claim's desk, this one included."""
        owed = (
            self.model.objects.filter(assignee=OuterRef("assignee"), claim__desk=OuterRef("claim__desk"))
            .waiting()
            .order_by()
            .values("assignee")
            .annotate(n=Count("pk"))
        )
        return self.annotate(load=Coalesce(Subquery(owed.values("n")), 0))

    def by_due_time(self) -> TaskQuerySet:
        """The most pressing first; those without a due time last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "created_at", "id")


class ReviewQuerySet(models.QuerySet["Review"]):
    def readable_by(self, user: Any) -> ReviewQuerySet:
        """Those of the desks of `user` that are not blind for them: their own, and all once no opinion is owed.

        The one door: whatever shows, counts, exports or tells of opinions goes through it.
        """
        return self.filter(_all_in() | Q(reviewer=user.pk), claim__desk__in=desks_of(user))

    def all_in(self) -> ReviewQuerySet:
        """Those on claims of which nobody owes a blind opinion: what may be counted, whoever asks."""
        return self.filter(_all_in())


def _all_in() -> Q:
    from verify.review.models import Task  # the models' module imports this one

    return ~Q(Exists(Task.objects.filter(claim=OuterRef("claim")).blind()))


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: Any) -> CommentQuerySet:
        """Those on claims of the desks that `user` belongs to."""
        return self.filter(claim__desk__in=desks_of(user))
