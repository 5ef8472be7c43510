"""Figures: recorded, corrected, withdrawn, and compared within a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution.services import state_figure
from claims.statements.models import Case, Claim, Figure
from claims.statements.services import add_figure, correct_figure, withdraw_figure
from verify.accounts.models import Role
from verify.publish.calculating import Calculation, figures_of
from verify.web.forms.comparing import Merge, put_together, sent, undecided_again
from verify.web.forms.figures import FigureForm, WithdrawForm
from verify.web.mixins import DeskView, call
from verify.web.views.assertions import PartNew

__all__ = ["FigureCompare", "FigureEdit", "FigureNew", "FigureWithdraw"]


class FigureNew(PartNew):
    form_class = FigureForm
    template = "claims/figure_new.html"
    prefilled = ("assertion", "supersedes", "part_of", "as_written", "unit")

    def make(self, form: Any, claim: Claim) -> Figure | None:
        fields: dict[str, Any] = {**form.cleaned_data, "by": self.request.user, "at": timezone.now()}
        assertion = fields.pop("assertion")
        if assertion is not None:
            made = call(form, state_figure, assertion=assertion, **fields)
        else:
            made = call(form, add_figure, claim=claim, **fields)
        if made:
            warn_of_unknown_place(self.request, form)
        return made

    def done(self, claim: Claim, made: Figure) -> HttpResponse:
        messages.success(self.request, _("Figure recorded: %(figure)s.") % {"figure": made})
        return redirect(_on_claim(claim))


class OneFigure(DeskView):
    """A page about one figure of a claim of the person's desk."""

    section = "cases"

    def load_figure(self, pk: UUID, role: Role) -> Figure:
        figures = Figure.objects.select_related(
            "claim__desk", "claim__case", "claim__changed_by", "withdrawn_by", "place"
        )
        figures = figures.prefetch_related("assertions__speaker", "assertions__on_behalf_of")
        figure: Figure = self.load_part(figures, of="claim", role=role, pk=pk)
        return figure


class FigureEdit(OneFigure):
    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        figure = self.load_figure(pk, Role.CHECKER)
        if not figure.stands:
            return self._show(figure, None)
        form = FigureForm(claim=figure.claim, figure=figure)
        return self._show(figure, form, merge=Merge.of(form))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        figure = self.load_figure(pk, Role.CHECKER)
        came, data = sent(request.POST, FigureForm)
        form = FigureForm(data, claim=figure.claim, figure=figure)
        given = {"figure": figure, "by": request.user, "at": timezone.now()}
        decided = form.is_valid() and not came.undecided
        corrected = decided and call(form, correct_figure, **given, **form.cleaned_data)
        if corrected:
            warn_of_unknown_place(request, form)
            messages.success(request, _("Figure corrected: %(figure)s.") % {"figure": corrected})
            return redirect(_on_claim(figure.claim))
        figure = self.load_figure(pk, Role.CHECKER)
        now = FigureForm(claim=figure.claim, figure=figure)
        if str(figure.claim.revision) != request.POST.get("revision"):
            merge = put_together(came, form, now, revision=figure.claim.revision)
            return self._show(figure, form, status=422, conflict=True, merge=merge)
        if came.undecided:
            came = undecided_again(came, form, now)
        return self._show(figure, form, status=422, conflict=bool(came.lines), merge=came)

    def _show(
        self, figure: Figure, form: FigureForm | None, status: int = 200, **merging: Any
    ) -> HttpResponse:
        return self.render(
            "claims/figure_edit.html", status=status, figure=figure, claim=figure.claim, form=form, **merging
        )


class FigureWithdraw(OneFigure):
    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(self.load_figure(pk, Role.CHECKER), WithdrawForm())

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        figure = self.load_figure(pk, Role.CHECKER)
        form = WithdrawForm(request.POST)
        withdrawn = form.is_valid() and call(
            form, withdraw_figure, figure=figure, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not withdrawn:
            return self._show(figure, form, status=422)
        messages.success(request, _("Figure withdrawn: %(figure)s.") % {"figure": withdrawn})
        return redirect(_on_claim(figure.claim))

    def _show(self, figure: Figure, form: WithdrawForm, status: int = 200) -> HttpResponse:
        return self.render(
            "claims/figure_withdraw.html",
            status=status,
            figure=figure,
            claim=figure.claim,
            form=form,
            replaced=figure.superseded_by.standing(),
            parts=figure.parts.standing(),
        )


class FigureCompare(DeskView):
    """What may be done with the figures of a case that were chosen; the choice is in the address."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        case = self.load(Case.objects.select_related("desk"), pk=pk)
        figures = figures_of(case)
        chosen = set(request.GET.getlist("figure"))
        calculation = Calculation(figures, chosen, total=request.GET.get("total", ""))
        return self.render("claims/figure_compare.html", case=case, figures=figures, found=calculation)


def warn_of_unknown_place(request: HttpRequest, form: FigureForm) -> None:
    """Say that a place was kept as it was written, since sums and comparisons need one that is on record."""
    if form.place_kept:
        kept = _(
            "“%(place)s” is no place on record and was kept as written: figures are compared by places on record."
        )
        messages.warning(request, kept % {"place": form.place_kept})


def _on_claim(claim: Claim) -> str:
    return reverse("claim", args=[claim.pk]) + "#figures"
