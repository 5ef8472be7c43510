"""What every page of the workbench needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.db.models import Count, Max, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from sources.archive.models import Change
from verify.accounts.models import Desk, Role
from verify.notify.models import Notification
from verify.review.models import Task
from verify.web.mixins import DeskRequest

THEMES = ("light", "dark")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Bell:
    """What of a desk the person has not read: how much, and when the newest of it was told."""

    count: int = 0
    newest: datetime = EPOCH

    @property
    def state(self) -> str:
        """Both in a few characters, which a page sends back when it asks whether something changed."""
        return f"{self.count}.{(self.newest - EPOCH) // MICROSECOND}"

    @classmethod
    def read(cls, state: str) -> Bell:
        """The bell of that `state`; an empty one for what is none."""
        count, _dot, moment = state.partition(".")
        try:
            return cls(int(count), EPOCH + timedelta(microseconds=int(moment)))
        except (ValueError, OverflowError):
            return cls()


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
            # asked only where a page shows it, and then once for both: a fragment never asks
            "inbox_count": SimpleLazyObject(lambda: _waiting(request)[0]),
            "bell": SimpleLazyObject(lambda: _waiting(request)[1]),
        }
    return context


def bell_of(request: DeskRequest) -> Bell:
    """What the person has not read at the desk of the page: one query of one partial index."""
    found = _unread(request).aggregate(number=Count("pk"), newest=Max("created_at"))
    return Bell(found["number"], found["newest"] or EPOCH)


def _unread(request: DeskRequest) -> QuerySet[Notification]:
    # whoever has a request of a desk is a member of it: that is not asked again
    return Notification.objects.unread().filter(recipient=request.user, desk=request.membership.desk_id)


def _waiting(request: DeskRequest) -> tuple[int, Bell]:
    """How many reviews this desk waits for from the person, with the alerts that nobody has seen; and the bell.

    One query for all of it, once a request.
    """
    desk = request.membership.desk_id
    known = request.__dict__.setdefault("_waiting", {})
    if desk not in known:
        tasks = Task.objects.waiting().filter(assignee=request.user, claim__desk=desk)
        alerts = Change.objects.open_alerts().filter(desk=desk)
        unread = _unread(request)
        newest = Subquery(unread.order_by("-created_at").values("created_at")[:1])
        counts = Desk.objects.filter(pk=desk).values_list(
            _count(tasks), _count(alerts), _count(unread), newest
        )
        for waiting, seen, number, at in counts:
            known[desk] = waiting + seen, Bell(number, at or EPOCH)
    return known.get(desk, (0, Bell()))


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values(one=Value(1)).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)
