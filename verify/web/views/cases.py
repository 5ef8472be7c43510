"""Cases: an event with its claims, who says what about it, the figures that were given, and what happened when."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from claims.statements import services
from claims.statements.models import Case, Transition
from verify.accounts.models import Role
from verify.pictures.drawing import render
from verify.pictures.ladder import MOST, Figures, ladder_of_case, ladder_picture
from verify.publish.presenting import category_words
from verify.web.board import Asked
from verify.web.case_matrix import matrix_of
from verify.web.case_timeline import Kind, timeline_of
from verify.web.drafts import figure_number, history
from verify.web.forms.claims import CaseForm, ClaimForm
from verify.web.mixins import DeskView, call, page_of
from verify.web.moves import latest
from verify.web.views.board import board_context

BOARD = 200  # claims across the matrix; the list shows all
RECENT = 12
VIEWS = {
    "board": gettext_lazy("Board"),
    "list": gettext_lazy("List"),
    "ladder": gettext_lazy("Figures"),
    "matrix": gettext_lazy("Who says what"),
    "timeline": gettext_lazy("Timeline"),
}


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
    """The event at a glance, by `?view=` (see VIEWS); each view asks the database for what it shows alone."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        case = self.load(Case.objects.select_related("desk"), pk=pk)
        view = request.GET.get("view", "")
        view = view if view in VIEWS else "board"
        tabs = [
            {"label": label, "href": f"?view={name}", "current": name == view}
            for name, label in VIEWS.items()
        ]
        return self.render(
            "claims/case.html",
            case=case,
            view=view,
            part=f"claims/case_{'claims' if view in ('board', 'list') else view}.html",
            tabs=tabs,
            **getattr(self, f"_{view}")(case),
        )

    def _list(self, case: Case) -> dict[str, Any]:
        return self._board(case)

    def _board(self, case: Case) -> dict[str, Any]:
        asked = Asked(self.request.GET, desk=self.desk, case=case)
        context = board_context(self, asked)
        # Without filters nothing is filtered away: the case has no claims.
        context["empty"] = not context["total"] and not asked.given
        return context | ({"recent": self._recent(case)} if asked.view == "board" else {"as_list": True})

    def _recent(self, case: Case) -> list[dict[str, Any]]:
        found = (
            Transition.objects.filter(claim__case=case).select_related("by", "claim").order_by("-at", "-id")
        )
        moves = latest(found[: RECENT * 4])[:RECENT]  # one act is several moves
        recent = history(moves, list(self.desk.ratings.all()))
        for item, move in zip(recent, moves, strict=True):
            item["href"] = reverse("claim", args=[move.claim_id])
            item["text"] = " – ".join(filter(None, [str(move.claim), item["text"]]))
        return recent

    def _ladder(self, case: Case) -> dict[str, Any]:
        figures = ladder_of_case(case)
        return {
            "pictures": [(form, _drawn(figures, narrow=form == "narrow")) for form in ("wide", "narrow")]
            if figures.given
            else [],
            "counts": _table(figures),
            "total": figures.total,
            "cut": MOST if figures.is_cut else 0,
        }

    def _matrix(self, case: Case) -> dict[str, Any]:
        claims = list(case.claims.order_by("created_at", "id")[: BOARD + 1])
        page = page_of(self.request, matrix_of(case, claims[:BOARD]))
        return {"claims": claims[:BOARD], "page": page, "cut": len(claims) > BOARD}

    def _timeline(self, case: Case) -> dict[str, Any]:
        asked = self.request.GET
        kind = asked.get("kind", "") if asked.get("kind") in Kind.values else ""
        oldest = asked.get("order") != "newest"
        page = timeline_of(case, kind=kind, oldest_first=oldest, number=asked.get("page"))
        return {"page": page, "kind": kind, "kinds": Kind.choices, "oldest": oldest}


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


def _drawn(figures: Figures, *, narrow: bool) -> str:
    picture = ladder_picture(
        figures,
        direction="rtl" if get_language_bidi() else "ltr",
        narrow=narrow,
        number=figure_number,
        category=category_words,
    )
    return mark_safe(render(picture, inline=True))


def _table(figures: Figures) -> list[dict[str, Any]]:
    """The figures by whose they are, in the order of the day by which they were counted; never a sum."""

    def row(given: Any) -> dict[str, Any]:
        figure = given.figure
        return {
            "figure": figure,
            "number": figure_number(figure),
            "who": category_words(figure.category),
            "place": figures.place_of(figure),
            "replaced_by": figures.replaced_by.get(figure.pk),
            "via": given.via,
        }

    ordered = sorted(
        figures.given, key=lambda given: (figures.voices[given.voice].name.casefold(), given.voice)
    )
    return [
        {"voice": figures.voices[key], "rows": [row(given) for given in found]}
        for key, found in groupby(ordered, key=lambda given: given.voice)
    ]
