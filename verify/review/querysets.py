"""Review tasks by adjective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import F

from verify.accounts.rules import desks_of
from verify.review.states import WAITING

if TYPE_CHECKING:
    from verify.review.models import Task  # noqa: F401


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: Any) -> TaskQuerySet:
        """Those of claims of the desks that `user` belongs to."""
        return self.filter(claim__desk__in=desks_of(user))

    def waiting(self) -> TaskQuerySet:
        """Those in which somebody still owes an opinion."""
        return self.filter(state__in=WAITING)

    def by_due_time(self) -> TaskQuerySet:
        """The most pressing first; those without a due time last."""
        return self.order_by(F("due_at").asc(nulls_last=True), "created_at", "id")
