"""What every page of the workbench needs."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from sources.archive.models import Change
from verify.accounts.models import Desk, Role
from verify.review.models import Task
from verify.web.mixins import DeskRequest

THEMES = ("light", "dark")


def workbench(request: HttpRequest) -> dict[str, Any]:
    """The site's name, the theme, the guard's exceptions; at a desk also what `verify.web.mixins` knows of it."""
    theme = request.COOKIES.get("theme", "")
    context: dict[str, Any] = {
        "site_name": settings.SITE_NAME,
        "theme": theme if theme in THEMES else "",
        "demo_exceptions": sorted(settings.ARCHIVE_GUARD_EXCEPTIONS),
    }
    if hasattr(request, "membership"):
        request = cast(DeskRequest, request)
        membership = request.membership
        context |= {
            "desk": membership.desk,
            "desks_url": reverse("desk-list") if len(request.memberships) > 1 else "",
            "section": request.section,
            "can_edit": membership.role in Role.at_least(Role.CHECKER),
            "can_manage": membership.role in Role.at_least(Role.EDITOR),
            # counted only where a page shows it: a fragment never asks
            "inbox_count": SimpleLazyObject(lambda: _waiting(request)),
        }
    return context


def _waiting(request: DeskRequest) -> int:
    """How many reviews this desk waits for from the person, and alerts that nobody has seen: one query."""
    desk = request.membership.desk_id
    tasks = Task.objects.waiting().filter(assignee=request.user, claim__desk=desk)
    alerts = Change.objects.open_alerts().filter(desk=desk)
    counts = Desk.objects.filter(pk=desk).values_list(_count(tasks), _count(alerts))
    return sum(next(iter(counts), ()))


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values(one=Value(1)).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
