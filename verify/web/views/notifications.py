"""What a person was told of: the list, the way to what it is about, the live count, and how they want to be told."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import BooleanField, Count, ExpressionWrapper, Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from verify.notify.mail import given_up
from verify.notify.models import JUDGED, Notification
from verify.notify.preferences import choose
from verify.notify.services import mark_read
from verify.web.context import Bell, bell_of
from verify.web.forms.notifications import NotificationFilter, PreferenceForm, ReadForm
from verify.web.mixins import DeskRequest, DeskView, page_of
from verify.web.sentences import address, sentence, told

READ = ExpressionWrapper(Q(read_at__isnull=False), output_field=BooleanField())


class NotificationList(DeskView):
    """Unread ones first, then by time; those of the desk that the person works at."""

    section = "notifications"

    def get(self, request: DeskRequest) -> HttpResponse:
        form = NotificationFilter(request.GET or None)
        rows = told(request.user).filter(desk=self.desk).order_by(READ.asc(), "-created_at", "-id")
        if form.is_valid():
            if form.cleaned_data["unread"]:
                rows = rows.unread()
            if kind := form.cleaned_data["kind"]:
                # what its sentence does not tell, the filter does not either
                rows = rows.filter(kind=kind).exclude(kind__in=JUDGED, blind=True)
        page = page_of(request, rows)
        for notification in page:
            notification.sentence = sentence(notification)
        return self.render(
            "verify/notification_list.html",
            page=page,
            filter=form,
            now=timezone.now().isoformat(),
            elsewhere=self._elsewhere(),
            given_up=given_up(request.user).filter(desk=self.desk).count(),
        )

    def post(self, request: DeskRequest) -> HttpResponse:
        form = ReadForm(request.POST)
        up_to = form.cleaned_data["up_to"] if form.is_valid() else None
        number = mark_read(by=request.user, at=timezone.now(), desk=self.desk, up_to=up_to)
        messages.success(
            request,
            ngettext(
                "%(number)d notification is marked as read.",
                "%(number)d notifications are marked as read.",
                number,
            )
            % {"number": number},
        )
        return redirect("notification-list")

    def _elsewhere(self) -> list[tuple[Any, int]]:
        """The person's other desks at which something is unread; no query for who has one desk."""
        others = [desk for desk in self.memberships if desk != self.desk.pk]
        if not others:
            return []
        rows = Notification.objects.filter(recipient=self.request.user, desk__in=others).unread()
        counts = rows.order_by().values_list("desk").annotate(number=Count("pk"))
        return [(self.memberships[desk].desk, number) for desk, number in counts]


class NotificationOpen(DeskView):
    """Read one: by GET go to what it is about, by POST stay in the list."""

    section = "notifications"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return redirect(address(self._read(pk)))

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        self._read(pk)
        filters = request.GET.urlencode()
        return redirect(reverse("notification-list") + (f"?{filters}" if filters else ""))

    def _read(self, pk: UUID) -> Any:
        notification = self.load(told(self.request.user).all(), pk=pk)
        mark_read(by=self.request.user, at=timezone.now(), notification=notification)
        return notification


class NotificationCount(DeskView):
    """The bell, asked for again and again: 204 while it is as the page knows it (`?known=`), else the new one."""

    def get(self, request: DeskRequest) -> HttpResponse:
        bell = bell_of(request)
        known = request.GET.get("known", "")
        if bell.state == known:
            response = HttpResponse(status=204)
        else:
            response = self.render("verify/notification_count.html", bell=bell, news=_news(bell, known))
        response.headers["Cache-Control"] = "no-store"
        return response

    def handle_no_permission(self) -> Any:
        # The page that asks may hold what somebody typed: it is not taken away because a session ran out.
        return HttpResponse(status=204) if self.request.htmx else super().handle_no_permission()


class NotificationSettings(DeskView):
    section = "notifications"

    def get(self, request: DeskRequest) -> HttpResponse:
        return self._show(PreferenceForm(user=request.user))

    def post(self, request: DeskRequest) -> HttpResponse:
        form = PreferenceForm(request.POST, user=request.user)
        if not form.is_valid():
            return self._show(form, status=422)
        given = form.cleaned_data
        choose(user=request.user, choices=form.choices(), hour=given["hour"], silent=given["silent"])
        messages.success(request, _("Kept. It holds for what you are told from now on."))
        return redirect("notification-settings")

    def _show(self, form: PreferenceForm, status: int = 200) -> HttpResponse:
        return self.render("verify/notification_settings.html", status=status, form=form)


def _news(bell: Bell, known: str) -> str:
    """What is said aloud: only when something came, and not when something was read elsewhere."""
    if bell.newest <= Bell.read(known).newest:
        return ""
    return ngettext("%(number)d unread notification.", "%(number)d unread notifications.", bell.count) % {
        "number": bell.count
    }
