"""The desk's tasks as a list, and who has how much to do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from claims.statements.models import Case
from verify.review import services
from verify.review.models import Task
from verify.web.forms.review import TaskFilter
from verify.web.mixins import DeskView, page_of

BAR = 100  # units of the drawing: the longest bar


class TaskList(DeskView):
    section = "tasks"

    def get(self, request: HttpRequest) -> HttpResponse:
        at = timezone.now()
        loads = services.workload(self.desk)
        found = TaskFilter(
            request.GET or None,
            Task.objects.filter(claim__desk=self.desk).by_urgency(),
            user=self.request.user,
            people=[load.user for load in loads],
            cases=Case.objects.filter(desk=self.desk).order_by("title", "id"),
            at=at,
        )
        tasks = found.qs.select_related("claim__case", "assignee")
        return self.render(
            "verify/task_list.html",
            page=page_of(request, tasks),
            filter=found,
            loads=_bars(loads),
            now=at,
        )


def _bars(loads: Iterable[services.Load]) -> list[dict[str, Any]]:
    """Each with the lengths of its bars: one measure for all, so that they can be compared."""
    loads = list(loads)
    most = max((load.waiting for load in loads), default=0) or 1
    return [
        {
            "person": load.user,
            "waiting": load.waiting,
            "overdue": load.overdue,
            "bar": BAR * load.waiting // most,
            "late": BAR * load.overdue // most,
        }
        for load in loads
    ]
