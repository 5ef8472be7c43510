"""The history of a claim and of a case: who changed what, when, old → new, why; and earlier states restored."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.statements.models import Case, Claim
from verify.accounts.models import Role
from verify.web import restoring
from verify.web.corrections import case_corrections, corrections, preview
from verify.web.forms.history import HistoryFilter, RestoreForm
from verify.web.mixins import DeskView, call

CLAIMS = Claim.objects.select_related("desk", "case", "changed_by")


class ClaimHistory(DeskView):
    """Everything that was recorded, changed and withdrawn of the claim and of what it stands on, and its reviews."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk)
        form = HistoryFilter(request.GET, desk=self.desk)
        asked = form.asked()
        page = corrections(claim, number=request.GET.get("page"), **asked)
        withdrawn = claim.media_ratings.exclude(withdrawn_at=None).select_related("rated_by", "withdrawn_by")
        context = {"claim": claim, "page": page, "form": form, "about": asked["about"]}
        return self.render("claims/history.html", withdrawn=withdrawn, **context)


class CaseHistory(DeskView):
    """What became of a case itself: its title, what it is about, where and when."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        case = self.load(Case.objects.select_related("desk"), pk=pk)
        page = case_corrections(case, number=request.GET.get("page"))
        return self.render("claims/history.html", case=case, page=page)


class HistoryRestore(DeskView):
    """What restoring an earlier state would change, and then the change: it is new, and has a reason of its own."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim, plan = self._plan(pk, request.GET.get("event", ""))
        return self._show(claim, plan, RestoreForm(initial={"revision": claim.revision}))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        word = request.POST.get("event", "") or request.GET.get("event", "")
        claim, plan = self._plan(pk, word)
        form = RestoreForm(request.POST)
        given = {"plan": plan, "by": request.user, "at": timezone.now()}
        if form.is_valid() and call(form, restoring.restore, **given, **form.cleaned_data):
            messages.success(
                request, _("Restored as a new change. Approvals of the earlier content no longer count.")
            )
            return redirect("claim", claim.pk)
        claim, plan = self._plan(pk, word)
        conflict = str(claim.revision) != request.POST.get("revision")
        if conflict:  # what is shown is now what stands now; restoring it is decided anew
            form.data = {**request.POST.dict(), "revision": claim.revision}
        return self._show(claim, plan, form, conflict=conflict, status=422)

    def _plan(self, pk: UUID, word: str) -> tuple[Claim, restoring.Plan]:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        try:
            kind, event = restoring.find(claim, word)
        except LookupError as error:
            raise Http404 from error
        return claim, restoring.plan(claim, kind, event)

    def _show(
        self, claim: Claim, plan: restoring.Plan, form: RestoreForm, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        word = self.request.POST.get("event") or self.request.GET.get("event")
        shown = preview(plan)
        page = {"claim": claim, "plan": plan, "shown": shown, "form": form, "event": word} | more
        return self.render("claims/restore.html", status=status, **page)
