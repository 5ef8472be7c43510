"""Batches: a list of addresses is sent, watched, and what failed is tried again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_htmx.http import HttpResponseClientRefresh

from sources.archive.states import CaptureState
from sources.catalog.batches import request_batch, retry_failed
from sources.catalog.models import Batch
from verify.accounts.models import Role
from verify.web.forms.archive import FAILURES, BatchForm
from verify.web.mixins import DeskRequest, DeskView, call, page_of

PROBLEMS_SHOWN = 50
UNDER_WAY = [CaptureState.QUEUED, CaptureState.FETCHING]
# The outcomes of a row: the word for them, which rows they are, and which count of `with_progress` says how many.
OUTCOMES = {
    "": (gettext_lazy("All"), Q(), "total"),
    "archived": (gettext_lazy("Archived"), Q(capture__state=CaptureState.ARCHIVED), "archived"),
    "failed": (gettext_lazy("Failed"), Q(capture__state=CaptureState.FAILED), "failed"),
    "refused": (gettext_lazy("Refused"), ~Q(refusal=""), "refused"),
    "waiting": (
        gettext_lazy("Under way"),
        Q(done_at__isnull=True) | Q(capture__state__in=UNDER_WAY),
        "waiting",
    ),
}


class BatchList(DeskView):
    section = "documents"

    def get(self, request: DeskRequest) -> HttpResponse:
        sent = Batch.objects.filter(desk=self.desk).select_related("requested_by").with_progress()
        return self.render("sources/batch_list.html", page=page_of(request, sent))


class BatchNew(DeskView):
    """Takes a list; one with lines that cannot be asked for comes back with them named, and nothing typed is lost."""

    section = "documents"
    role = Role.CHECKER

    def get(self, request: DeskRequest) -> HttpResponse:
        return self._show(BatchForm())

    def post(self, request: DeskRequest) -> HttpResponse:
        form = BatchForm(request.POST, request.FILES)
        batch = form.is_valid() and call(
            form,
            request_batch,
            desk=self.desk,
            rows=list(form.rows),
            label=form.cleaned_data["label"],
            mode=form.cleaned_data["mode"],
            by=request.user,
            at=timezone.now(),
        )
        if not batch:
            return self._show(form, status=422)
        if form.remark:
            messages.warning(request, form.remark)
        return redirect("batch", batch.pk)

    def _show(self, form: BatchForm, *, status: int = 200) -> HttpResponse:
        return self.render(
            "sources/batch_new.html",
            status=status,
            form=form,
            problems=form.refused[:PROBLEMS_SHOWN],
            more_problems=max(0, len(form.refused) - PROBLEMS_SHOWN),
        )


class BatchPage(DeskView):
    """A batch, row by row; `?outcome=` chooses which. htmx asks how far it is, POST tries the failed ones again."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        batch = self.load(Batch.objects.select_related("requested_by").with_progress(), pk=pk)
        if request.htmx:
            if not batch.waiting:
                return HttpResponseClientRefresh()
            return self.render("sources/batch.html#progress", batch=batch, **_progress(batch))
        chosen = request.GET.get("outcome", "")
        outcome = chosen if chosen in OUTCOMES else ""
        rows = batch.rows.filter(OUTCOMES[outcome][1]).select_related("capture__document").order_by("number")
        page = page_of(request, rows)
        name_outcomes(page)
        return self.render(
            "sources/batch.html",
            batch=batch,
            page=page,
            outcome=outcome,
            outcomes=_tabs(batch, outcome),
            **_progress(batch),
        )

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        batch = self.load(Batch.objects.select_related("desk"), pk=pk, role=Role.CHECKER)
        asked = retry_failed(batch=batch, by=request.user, at=timezone.now())
        if asked:
            said = ngettext("%(n)s capture is asked for again.", "%(n)s captures are asked for again.", asked)
            messages.info(request, said % {"n": asked})
        else:
            messages.info(request, _("There is nothing that failed and may be tried again."))
        return redirect("batch", pk)


def name_outcomes(rows: Iterable[Any]) -> None:
    """Give each row of a batch the code and the words for what became of it."""
    for row in rows:
        row.why = ""
        if row.refusal:
            row.outcome, row.outcome_label, row.why = "declined", _("Refused"), row.refusal
        elif row.capture is None:
            row.outcome, row.outcome_label = "queued", _("Not asked for yet")
        else:
            row.outcome, row.outcome_label = row.capture.state, row.capture.get_state_display()
            row.why = FAILURES.get(row.capture.failure_code, "")


def _progress(batch: Any) -> dict[str, Any]:
    ended = batch.total - batch.waiting
    ends = [
        ngettext("%(n)s failed", "%(n)s failed", batch.failed) % {"n": batch.failed} if batch.failed else "",
        ngettext("%(n)s refused", "%(n)s refused", batch.refused) % {"n": batch.refused}
        if batch.refused
        else "",
    ]
    return {
        "ended": ended,
        "how_far": _("%(n)s of %(all)s lines are at their end") % {"n": ended, "all": batch.total},
        "ends": " · ".join(filter(None, ends)),
        "poll_url": reverse("batch", args=[batch.pk]) if batch.waiting else "",
    }


def _tabs(batch: Any, outcome: str) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "href": f"?outcome={code}" if code else "?",
            "count": getattr(batch, count),
            "current": code == outcome,
        }
        for code, (label, _rows, count) in OUTCOMES.items()
        if code in ("", outcome) or getattr(batch, count)
    ]
