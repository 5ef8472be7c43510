"""Cases: an event with its claims, who says what about it, and the figures that were given."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution.models import Assertion, Polarity
from claims.statements import services
from claims.statements.models import Case, Claim, Figure, Transition
from claims.statements.states import Workflow
from verify.accounts.models import Role
from verify.publish.presenting import category_words
from verify.web.drafts import axes, figure_number, history, newest_first, of_case
from verify.web.forms.claims import CaseForm, ClaimForm
from verify.web.mixins import DeskView, call, page_of

BOARD = 200  # claims shown on a board; the list shows all
SPOKEN = 300  # assertions shown by who says them
COUNTED = 300  # figures shown
RECENT = 12


class CaseList(DeskView):
    section = "cases"

    def get(self, request: HttpRequest) -> HttpResponse:
        cases = Case.objects.filter(desk=self.desk).with_counts().order_by("-created_at", "-id")
        return self.render("claims/case_list.html", page=page_of(request, cases))


class CaseNew(DeskView):
    section = "cases"
    role = Role.CHECKER

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render("claims/case_new.html", form=CaseForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CaseForm(request.POST)
        case = form.is_valid() and call(
            form, services.open_case, desk=self.desk, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not case:
            return self.render("claims/case_new.html", status=422, form=form)
        messages.success(request, _("Case opened. Register its first claim."))
        return redirect("case", case.pk)


class CasePage(DeskView):
    """`?view=list` shows the claims as a list, with `?state=` of one workflow state; else they stand on a board."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        case = self.load(Case.objects.select_related("desk"), pk=pk)
        claims = case.claims.all()
        ratings = list(self.desk.ratings.all())
        moves = (
            Transition.objects.filter(claim__case=case)
            .select_related("by", "claim")
            .order_by("-at", "-id")[:RECENT]
        )
        recent = history(moves, ratings)
        for item, move in zip(recent, moves, strict=True):
            item["href"] = reverse("claim", args=[move.claim_id])
            item["text"] = " – ".join(filter(None, [str(move.claim), item["text"]]))
        as_list = request.GET.get("view") == "list"
        return self.render(
            "claims/case.html",
            case=case,
            as_list=as_list,
            **(self._list(claims) if as_list else self._board(claims)),
            voices=_voices(case),
            counts=_counts(case),
            recent=recent,
        )

    def _list(self, claims: QuerySet[Claim]) -> dict[str, Any]:
        state = self.request.GET.get("state", "")
        if state in Workflow.values:
            claims = claims.filter(workflow=state)
        page = page_of(self.request, newest_first(of_case(claims)))
        for claim in page:
            axes(claim)
        return {"page": page, "state": state, "states": Workflow.choices}

    def _board(self, claims: QuerySet[Claim]) -> dict[str, Any]:
        shown = [axes(claim) for claim in newest_first(of_case(claims))[:BOARD]]
        exits = (Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE)
        columns = [(state, [claim for claim in shown if claim.workflow == state]) for state in Workflow]
        # The side exits take room only when something went out there.
        board = [(state, found) for state, found in columns if found or state not in exits]
        return {"board": board, "shown": len(shown), "cut": len(shown) == BOARD}


class ClaimNew(DeskView):
    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        case = self.load(Case.objects.select_related("desk"), pk=pk, role=Role.CHECKER)
        return self.render("claims/claim_new.html", case=case, form=ClaimForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        case = self.load(Case.objects.select_related("desk"), pk=pk, role=Role.CHECKER)
        form = ClaimForm(request.POST)
        claim = form.is_valid() and call(
            form,
            services.register_claim,
            desk=case.desk,
            case=case,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not claim:
            return self.render("claims/claim_new.html", status=422, case=case, form=form)
        messages.success(request, _("Registered as a draft. Say who asserts it."))
        return redirect("claim", claim.pk)


def _voices(case: Case) -> list[dict[str, Any]]:
    """Who says what: each speaker with the claims of the case that they affirm and those that they deny."""
    said = (
        Assertion.objects.filter(claim__case=case)
        .select_related("speaker", "claim")
        .order_by("speaker__name", "claim")
    )
    voices = []
    for speaker, assertions in groupby(said[:SPOKEN], key=lambda assertion: assertion.speaker):
        by_polarity: dict[str, dict[Any, Claim]] = {Polarity.AFFIRMS: {}, Polarity.DENIES: {}}
        for assertion in assertions:
            by_polarity[assertion.polarity][assertion.claim_id] = assertion.claim
        voices.append(
            {
                "speaker": speaker,
                "affirms": list(by_polarity[Polarity.AFFIRMS].values()),
                "denies": list(by_polarity[Polarity.DENIES].values()),
            }
        )
    return voices


def _counts(case: Case) -> list[dict[str, Any]]:
    """The figures of the case by who gave them, in the order of the day by which they were counted; never a sum."""
    figures = (
        Figure.objects.filter(claim__case=case)
        .select_related("claim")
        .prefetch_related("assertions__speaker", "superseded_by")
        .order_by("as_of", "id")
    )
    rows: list[tuple[str, Any]] = []
    shown: list[Any] = list(figures[:COUNTED])
    for figure in shown:
        givers = ", ".join(sorted({str(said.speaker) for said in figure.assertions.all()}))
        figure.number = figure_number(figure)
        figure.who = category_words(figure.category)
        figure.is_superseded = bool(figure.superseded_by.all())
        rows.append((givers, figure))
    rows.sort(key=lambda row: row[0])
    return [
        {"givers": givers, "figures": [figure for _, figure in found]}
        for givers, found in groupby(rows, key=lambda row: row[0])
    ]
