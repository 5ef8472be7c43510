"""A claim: the page where everything about it stands, rewording it, moving it along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.statements import services
from claims.statements.models import Claim
from claims.statements.states import Workflow
from verify.accounts.models import Role
from verify.pictures import attribution
from verify.pictures.drawing import Shown
from verify.review.rules import can_read_review
from verify.review.states import WAITING
from verify.web.corrections import corrections
from verify.web.drafts import HISTORY, Draft, axes, history, of_case
from verify.web.forms.claims import ClaimEditForm, MoveForm
from verify.web.mixins import DeskView, call
from verify.web.views.pictures import graph_of

CORRECTIONS = 5  # the last ones, on the claim's page
DRAWN = 80  # assertions; a picture of more is one of its own


class ClaimPage(DeskView):
    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.show(self.load(CLAIMS, pk=pk))

    def show(self, claim: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        """The page, with forms that came back with errors in place of empty ones."""
        at = timezone.now()
        read = Draft(claim, at=at, asked=self.request.GET)
        if self.can(Role.CHECKER):
            forms = {"move_form": MoveForm(claim=claim)} | forms
        moves = claim.transitions.select_related("by").order_by("-at", "-id")[:HISTORY]
        return self.render(
            "claims/claim.html",
            status=status,
            claim=axes(claim),
            read=read,
            version=claim.published.value != "unpublished" and claim.publication.version,
            **review_panel(claim, read.digest, self.request.user),
            history=history(moves, self.desk.ratings.all()),
            corrected=corrections(claim, per_page=CORRECTIONS),
            graph=_graph(read) if len(read.assertions) <= DRAWN else None,
            now=at,
            **forms,
        )


class ClaimHistory(DeskView):
    """Everything that was recorded, corrected and withdrawn of the claim and of what it stands on."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(Claim.objects.select_related("desk", "case"), pk=pk)
        page = corrections(claim, number=request.GET.get("page"), with_recorded=True)
        return self.render("claims/history.html", claim=claim, page=page)


class ClaimEdit(DeskView):
    """Rewording. When somebody else was quicker, both texts are shown and what was typed stays in the form."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        initial = {"text": claim.text, "headline": claim.headline, "revision": claim.revision}
        return self.render("claims/claim_edit.html", claim=claim, form=ClaimEditForm(initial=initial))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        form = ClaimEditForm(request.POST)
        changed = form.is_valid() and call(
            form, services.edit_claim, claim=claim, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if changed:
            messages.success(request, _("Reworded. Approvals of the earlier words no longer count."))
            return redirect("claim", pk)
        claim = self.load(CLAIMS, pk=pk)
        conflict = str(claim.revision) != request.POST.get("revision")
        if conflict:  # saving again is then a decision, taken with both texts in view
            form.data = {**request.POST.dict(), "revision": claim.revision}
        return self.render("claims/claim_edit.html", status=422, claim=claim, form=form, conflict=conflict)


class ClaimMove(ClaimPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        form = MoveForm(request.POST, claim=claim)
        if not form.is_valid():
            return self.show(claim, status=422, move_form=form)
        to, reason = Workflow(form.cleaned_data["to"]), form.cleaned_data["reason"]
        call(form, services.move, claim=claim, to=to, reason=reason, by=request.user, at=timezone.now())
        if form.errors:
            return self.show(claim, status=422, move_form=form)
        messages.success(request, _("Moved to “%(state)s”.") % {"state": to.label})
        return redirect("claim", pk)


def _graph(read: Draft) -> Shown:
    return read.fold.lead(read.id, attribution.shown(graph_of(read, in_desk=True)))


def review_panel(claim: Any, digest: str, user: Any) -> dict[str, Any]:
    """Who was asked, what they said as far as `user` may read it, and how many approvals this content has.

    While an opinion is outstanding the count would give the others away, so it is None.
    """
    tasks: list[Any] = list(claim.tasks.select_related("assignee", "review").order_by("created_at", "id"))
    outstanding = any(task.state in WAITING for task in tasks)
    approvals, void = set(), 0
    for task in tasks:
        task.opinion = getattr(task, "review", None)
        if task.opinion is None:
            continue
        task.readable = can_read_review(user, task.opinion, outstanding=outstanding)
        task.void = task.opinion.content_digest != digest
        if task.opinion.opinion == "approve":
            void += task.void
            approvals |= set() if task.void else {task.assignee_id}
    return {
        "tasks": tasks,
        "outstanding": outstanding,
        "approvals": None if outstanding else len(approvals),
        "void": 0 if outstanding else void,
        "needed": claim.desk.approvals_needed,
    }


CLAIMS = of_case(Claim.objects.select_related("desk", "case", "author", "changed_by"))
