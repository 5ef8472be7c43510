"""Watches, which capture documents again and again; copies of documents in archives of others."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from sources.archive.models import Change, ChangeKind, Watch
from sources.catalog import services as catalog
from verify.accounts.models import Role
from verify.web.forms.watches import WatchFilter, WatchForm
from verify.web.mixins import DeskRequest, DeskView, call, page_of
from verify.web.recaptures import SHAPES, spoken
from verify.web.views.documents import DOCUMENTS, DocumentPage


class WatchList(DeskView):
    """All watches of the desk by the time when they are due; what is paused or over comes last."""

    section = "documents"

    def get(self, request: DeskRequest) -> HttpResponse:
        now = timezone.now()
        found = WatchFilter(request.GET or None, queryset=_by_due_time(self._watches(), now), at=now)
        page = page_of(request, found.qs)
        for watch in page:
            _say(watch, now)
        return self.render("sources/watch_list.html", page=page, filter=found)

    def _watches(self) -> QuerySet[Watch]:
        newest = Change.objects.filter(after__watch=OuterRef("pk")).order_by("-detected_at", "-id")
        return (
            Watch.objects.filter(desk=self.desk)
            .select_related("document__outlet", "set_by")
            .annotate(
                outcome=Subquery(newest.values("kind")[:1]),
                outcome_at=Subquery(newest.values("detected_at")[:1]),
                change_id=Subquery(newest.values("pk")[:1]),
            )
        )


class WatchSet(DocumentPage):
    """Watch a document, or watch it otherwise; pausing is a setting like the others."""

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        document = self.load(DOCUMENTS, pk=pk, role=Role.CHECKER)
        form = WatchForm(request.POST, watch=getattr(document, "watch", None))
        watch = form.is_valid() and call(
            form,
            catalog.watch_document,
            document=document,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not watch:
            return self.show(document, status=422, watch_form=form)
        said = _("The watch is paused.") if watch.is_paused else _("The document is watched.")
        messages.success(request, said)
        return redirect("document", pk)


class MementosFind(DocumentPage):
    """Looks for copies in the archives that the installation names."""

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        document = self.load(DOCUMENTS, pk=pk, role=Role.CHECKER)
        said = _("The archives are being asked; what they have appears here.")
        return _asked(request, document, said, catalog.find_mementos)


class CopyAsk(DocumentPage):
    """Asks one outside archive to make a copy of its own, which tells that archive what the desk looks at."""

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        document = self.load(DOCUMENTS, pk=pk, role=Role.CHECKER)
        said = _("The archive is being asked for a copy of its own.")
        service = request.POST.get("service", "")
        return _asked(request, document, said, catalog.ask_for_copy, service=service)


def _asked(request: DeskRequest, document: Any, said: str, ask: Any, **arguments: Any) -> HttpResponse:
    """Run the service `ask`; a button has no form for a refusal, which is said at the top of the page instead."""
    try:
        ask(document=document, by=request.user, at=timezone.now(), **arguments)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.info(request, said)
    response = redirect("document", document.pk)
    response["Location"] += "#elsewhere"
    return response


def _by_due_time(watches: QuerySet[Watch], now: datetime) -> QuerySet[Watch]:
    over = {"ends_at__isnull": False, "ends_at__lte": now}
    return watches.annotate(
        rank=Case(When(is_paused=True, then=1), When(**over, then=2), default=0)
    ).order_by("rank", "next_at", "id")


def _say(watch: Any, now: datetime) -> None:
    watch.is_over = bool(watch.ends_at and watch.ends_at <= now)
    watch.every = spoken(watch.interval)
    watch.shape = SHAPES.get(watch.outcome, "") if watch.outcome else ""
    watch.outcome_label = ChangeKind(watch.outcome).label if watch.outcome else ""
