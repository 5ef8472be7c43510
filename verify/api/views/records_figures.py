"""Figures: recorded, corrected, withdrawn, and compared within a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from claims.attribution.services import state_figure
from claims.statements.models import Case, Claim, Figure
from claims.statements.places import of_desk
from claims.statements.restoring import reinstate_figure
from claims.statements.services import add_figure, correct_figure, withdraw_figure
from verify.accounts.models import Role
from verify.accounts.rules import check_has_role
from verify.api.examples import records_claims as given_so
from verify.api.examples.records import examples
from verify.api.schema import problems
from verify.api.shapes import records_figures as shapes
from verify.api.shapes.records import Why
from verify.api.views.records import SEEN, RecordList
from verify.api.views.records_claims import ClaimRecord
from verify.publish.calculating import Calculation, figures_of

FIGURES = Figure.objects.select_related("withdrawn_by", "claim__desk")


class FigureRecord(ClaimRecord):
    """An address of one figure, which answers with it."""

    def find(self, pk: UUID, role: Role = Role.VIEWER) -> Figure:
        """The figure, if its claim is of a desk of the caller."""
        own = Claim.objects.visible_to(self.by)
        figure: Figure = get_object_or_404(FIGURES.filter(claim__in=own), pk=pk)
        if role != Role.VIEWER:
            check_has_role(self.by, figure.claim.desk_id, role)
        return figure

    def among(self, claim: Claim, given: dict[str, Any]) -> dict[str, Any]:
        """`given` with rows for ids: places and standing figures that the claim's desk may name."""
        figures = Figure.objects.standing().filter(claim__desk=claim.desk_id)
        rows = {"supersedes": figures, "part_of": figures, "place": of_desk(claim.desk_id)}
        return self.resolve(given, assertion=claim.assertions.standing(), **rows)


class Figures(FigureRecord, RecordList):
    serializer_class = shapes.DeskFigureOut
    filters = shapes.FigureFilters
    ordering = ("id",)
    facts = staticmethod(shapes.figure_facts)

    def get_queryset(self) -> QuerySet[Figure]:
        self.given()
        claim = get_object_or_404(Claim.objects.visible_to(self.by), pk=self.kwargs["pk"])
        found: QuerySet[Figure] = FIGURES.filter(claim=claim, withdrawn_at__isnull=True)
        return found

    @extend_schema(
        operation_id="desk_figures_list",
        summary="The figures of a claim",
        description="Those that stand; what was withdrawn counts nowhere.",
        parameters=[shapes.FigureFilters],
        examples=examples(response=given_so.FIGURE_OUT),
        responses={200: shapes.DeskFigureOut(many=True), **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_figures_create",
        summary="Record a figure of a claim",
        description="With `assertion`, as one that this assertion gives.",
        request=shapes.DeskFigureIn,
        examples=examples(request=given_so.FIGURE_IN, response=given_so.FIGURE_OUT, status=201),
        responses={201: shapes.DeskFigureOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            claim = self.to_change(pk)
            given = self.among(claim, self.given_body(shapes.DeskFigureIn))
            assertion = given.pop("assertion", None)
            fields = given | {"by": self.by, "at": timezone.now()}
            if assertion is None:
                made = add_figure(claim=claim, **fields)
            else:
                made = state_figure(assertion=assertion, **fields)
            return self.created(shapes.DeskFigureOut, shapes.figure_facts(self.find(made.pk)))

        return self.once(act)


class OneFigure(FigureRecord):
    @extend_schema(
        operation_id="desk_figure",
        summary="A figure",
        description="One that was withdrawn is shown here with who took it back and why, and stands in no list.",
        examples=examples(response=given_so.FIGURE_OUT),
        responses={200: shapes.DeskFigureOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskFigureOut, shapes.figure_facts(self.find(pk)))

    @extend_schema(
        operation_id="desk_figure_correct",
        summary="Put right what was recorded wrongly",
        description=(
            "A later figure of the same source is no correction: record it, with `supersedes`. 409 and 412 as for "
            "claims; `revision` is the claim's."
        ),
        parameters=SEEN,
        request=shapes.DeskFigureChange,
        examples=examples(request=given_so.FIGURE_CHANGE, response=given_so.FIGURE_CHANGED),
        responses={200: shapes.DeskFigureOut, **problems(400, 401, 403, 404, 409, 412, 413, 415)},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            self.find(pk, Role.CHECKER)
            claim = self.to_change(self.find(pk).claim_id)
            figure = self.find(pk)  # as it is, now that nobody else changes it
            given = self.among(claim, self.given_body(shapes.DeskFigureChange))
            facts = shapes.figure_facts(figure)
            revision = self.revision_seen(claim.revision, given, shapes.DeskFigureOut, facts)
            correct_figure(figure=figure, revision=revision, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskFigureOut, shapes.figure_facts(self.find(pk)))

        return self.once(act)


class FigureWithdraw(FigureRecord):
    @extend_schema(
        operation_id="desk_figure_withdraw",
        summary="Take back a figure that was recorded by mistake",
        request=Why,
        examples=examples(request=given_so.WHY, response=given_so.FIGURE_WITHDRAWN),
        responses={200: shapes.DeskFigureOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            figure = self.find(pk, Role.CHECKER)
            given = self.given_body(Why)
            withdraw_figure(figure=figure, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskFigureOut, shapes.figure_facts(self.find(pk)))

        return self.once(act)


class FigureReinstate(FigureRecord):
    @extend_schema(
        operation_id="desk_figure_reinstate",
        summary="Let a figure that was withdrawn stand again",
        description="The checks are those of a new figure. Approvals of the content without it count no more.",
        request=Why,
        examples=examples(request=given_so.REINSTATE, response=given_so.FIGURE_CHANGED),
        responses={200: shapes.DeskFigureOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            figure = self.find(pk, Role.CHECKER)
            reinstate_figure(figure=figure, by=self.by, at=timezone.now(), **self.given_body(Why))
            return self.standing(shapes.DeskFigureOut, shapes.figure_facts(self.find(pk)))

        return self.once(act)


class Compare(FigureRecord):
    @extend_schema(
        operation_id="desk_case_figures_compare",
        summary="What may be done with figures of a case",
        description=(
            "How each two lie to each other, their sum, one range for all, parts against a total: or the reason why "
            "that is refused. Sentences are in the caller's language (Accept-Language)."
        ),
        parameters=[shapes.CompareQuery],
        examples=examples(response=given_so.COMPARED),
        responses={200: shapes.DeskComparedOut, **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        case = self.load(Case.objects.select_related("desk"), pk=pk)
        asked = shapes.CompareQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        figures = figures_of(case)
        known = {figure.pk for figure in figures}
        chosen, total = set(asked.validated_data["figure"]), asked.validated_data.get("total")
        for field, wanted in (("figure", chosen), ("total", {total} - {None})):
            if not wanted <= known:
                raise ValidationError({field: [_("The case has no such figure that stands.")]})
        found = Calculation(figures, {str(key) for key in chosen}, total=str(total or ""))
        return Response(shapes.DeskComparedOut(shapes.compared_facts(found)).data)
