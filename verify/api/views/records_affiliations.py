"""Whose a source is: said, corrected, ended, withdrawn; never deleted."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sources.catalog import affiliations
from sources.catalog.models import Affiliation, Document, Source
from verify.accounts.models import Role
from verify.accounts.rules import check_has_role
from verify.api.examples import records_sources as given_so
from verify.api.examples.records import examples
from verify.api.schema import problems
from verify.api.shapes import records_sources as shapes
from verify.api.shapes.records import Why
from verify.api.views.records import SEEN, Record

_SAID = ("kind", "principal", "valid_from", "valid_to", "evidence", "note")


class Affiliations(Record):
    @extend_schema(
        operation_id="desk_source_affiliations_create",
        summary="Say whose a source is",
        request=shapes.DeskAffiliationIn,
        examples=examples(request=given_so.AFFILIATION_IN, response=given_so.AFFILIATION_OUT, status=201),
        responses={201: shapes.DeskAffiliationOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            source = self.load(Source.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            given = self.given_body(shapes.DeskAffiliationIn)
            self.resolve(
                given,
                principal=Source.objects.visible_to(self.by),
                evidence=Document.objects.visible_to(self.by),
            )
            made = affiliations.affiliate(source=source, by=self.by, at=timezone.now(), **given)
            return self.created(shapes.DeskAffiliationOut, shapes.affiliation_facts(made))

        return self.once(act)


class AffiliationRecord(Record):
    """An address of one affiliation."""

    def find(self, pk: UUID, role: Role = Role.VIEWER, *, lock: bool = False) -> Affiliation:
        """The affiliation, if its source is of a desk of the caller."""
        rows: QuerySet[Affiliation] = Affiliation.objects.select_related(
            "source__desk", "principal", "evidence", "withdrawn_by"
        )
        if lock:
            rows = rows.select_for_update(of=("self",), no_key=True)
        row = get_object_or_404(rows.filter(source__in=Source.objects.visible_to(self.by)), pk=pk)
        if role != Role.VIEWER:
            check_has_role(self.by, row.source.desk_id, role)
        return row


class OneAffiliation(AffiliationRecord):
    @extend_schema(
        operation_id="desk_affiliation",
        summary="An affiliation",
        description="One that was withdrawn is shown here with who took it back and why, and stands in no list.",
        examples=examples(response=given_so.AFFILIATION_OUT),
        responses={200: shapes.DeskAffiliationOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskAffiliationOut, shapes.affiliation_facts(self.find(pk)))

    @extend_schema(
        operation_id="desk_affiliation_change",
        summary="Say it otherwise, or that it ended",
        parameters=SEEN,
        request=shapes.DeskAffiliationChange,
        examples=examples(request=given_so.AFFILIATION_CHANGE, response=given_so.AFFILIATION_ENDED),
        responses={200: shapes.DeskAffiliationOut, **problems(400, 401, 403, 404, 409, 412, 413, 415)},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            row = self.find(pk, Role.CHECKER, lock=True)
            given = self.given_body(shapes.DeskAffiliationChange)
            self.unless_changed(shapes.DeskAffiliationOut, shapes.affiliation_facts(row))
            self.resolve(
                given,
                principal=Source.objects.visible_to(self.by),
                evidence=Document.objects.visible_to(self.by),
            )
            said = {name: getattr(row, name) for name in _SAID} | given
            affiliations.correct_affiliation(affiliation=row, by=self.by, at=timezone.now(), **said)
            return self.standing(shapes.DeskAffiliationOut, shapes.affiliation_facts(self.find(pk)))

        return self.once(act)


class AffiliationWithdraw(AffiliationRecord):
    @extend_schema(
        operation_id="desk_affiliation_withdraw",
        summary="Take back what was never so",
        description="What was so and ended is changed instead: give the day on which it ended.",
        request=Why,
        examples=examples(request=given_so.WHY, response=given_so.AFFILIATION_WITHDRAWN),
        responses={200: shapes.DeskAffiliationOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            row = self.find(pk, Role.CHECKER)
            given = self.given_body(Why)
            affiliations.withdraw_affiliation(affiliation=row, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskAffiliationOut, shapes.affiliation_facts(self.find(pk)))

        return self.once(act)
