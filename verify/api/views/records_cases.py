"""Cases, topics and places: what claims and figures of a desk are filed under."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from claims.statements import places, services
from claims.statements.models import Case, Place, Topic
from verify.accounts.rules import desks_of
from verify.api.examples import records_claims as given_so
from verify.api.examples.records import examples
from verify.api.schema import problems
from verify.api.shapes import records_claims as shapes
from verify.api.shapes.records import DeskFilters, one_of_desk
from verify.api.views.records import Record, RecordList

ONE = Case.objects.select_related("desk", "created_by").with_counts()


class Cases(RecordList):
    serializer_class = shapes.DeskCaseOut
    filters = shapes.CaseFilters
    ordering = ("-created_at", "-id")
    facts = staticmethod(shapes.case_facts)

    def get_queryset(self) -> QuerySet[Case]:
        given = self.given()
        cases = ONE.visible_to(self.by).filter(**one_of_desk(given))
        words = given.get("q")
        return cases.filter(Q(title__icontains=words) | Q(summary__icontains=words)) if words else cases

    @extend_schema(
        operation_id="desk_cases_list",
        summary="Cases of one's desks, the newest first",
        parameters=[shapes.CaseFilters],
        examples=examples(response=given_so.CASE_OUT),
        responses={200: shapes.DeskCaseOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_cases_create",
        summary="Open a case",
        request=shapes.DeskCaseIn,
        examples=examples(request=given_so.CASE_IN, response=given_so.CASE_OUT, status=201),
        responses={201: shapes.DeskCaseOut, **problems(400, 401, 403, 409, 413, 415)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = self.given_body(shapes.DeskCaseIn)

        def act() -> Response:
            made = services.open_case(desk=self.desk_of(given), by=self.by, at=timezone.now(), **given)
            return self.created(shapes.DeskCaseOut, shapes.case_facts(ONE.get(pk=made.pk)))

        return self.once(act)


class OneCase(Record):
    @extend_schema(
        operation_id="desk_case",
        summary="A case",
        description="Its claims are `claims/?case=`.",
        examples=examples(response=given_so.CASE_OUT),
        responses={200: shapes.DeskCaseOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskCaseOut, shapes.case_facts(self.load(ONE, pk=pk)))


class Topics(RecordList):
    serializer_class = shapes.DeskTopicOut
    filters = DeskFilters
    ordering = ("name", "id")
    facts = staticmethod(shapes.topic_facts)

    def get_queryset(self) -> QuerySet[Topic]:
        lookup = one_of_desk(self.given())
        return Topic.objects.filter(desk__in=desks_of(self.by), **lookup).select_related("desk")

    @extend_schema(
        operation_id="desk_topics_list",
        summary="Topics of one's desks, by name",
        parameters=[DeskFilters],
        examples=examples(response=given_so.TOPIC_OUT),
        responses={200: shapes.DeskTopicOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_topics_make",
        summary="The desk's topic of a name, made if there is none yet",
        description="Upper and lower case make no other name.",
        request=shapes.DeskTopicIn,
        examples=examples(request=given_so.TOPIC_IN, response=given_so.TOPIC_OUT),
        responses={200: shapes.DeskTopicOut, **problems(400, 401, 403, 409, 413, 415)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = self.given_body(shapes.DeskTopicIn)

        def act() -> Response:
            made = services.make_topic(desk=self.desk_of(given), by=self.by, at=timezone.now(), **given)
            return self.now(shapes.DeskTopicOut, shapes.topic_facts(made))

        return self.once(act)


class Places(RecordList):
    serializer_class = shapes.DeskPlaceOut
    filters = shapes.PlaceFilters
    ordering = ("name", "id")
    facts = staticmethod(shapes.place_facts)

    def get_queryset(self) -> QuerySet[Place]:
        given = self.given()
        own = desks_of(self.by).filter(**({"slug": given["desk"]} if "desk" in given else {}))
        known = _places().filter(Q(desk__isnull=True) | Q(desk__in=own))
        if "kind" in given:
            known = known.filter(kind=given["kind"])
        if "q" in given:  # likeness of names in any script is no work of the database
            known = known.filter(pk__in=[place.pk for place in places.matching(given["q"], known)])
        return known

    @extend_schema(
        operation_id="desk_places_list",
        summary="Places by which figures are compared, by name",
        description="Those that come with Verify, and those that one's desks have added.",
        parameters=[shapes.PlaceFilters],
        examples=examples(response=given_so.PLACE_OUT),
        responses={200: shapes.DeskPlaceOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_places_create",
        summary="Add a place below one that is on record",
        request=shapes.DeskPlaceIn,
        examples=examples(request=given_so.PLACE_IN, response=given_so.PLACE_OUT, status=201),
        responses={201: shapes.DeskPlaceOut, **problems(400, 401, 403, 409, 413, 415)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = {"name_ar": "", **self.given_body(shapes.DeskPlaceIn)}

        def act() -> Response:
            desk = self.desk_of(given)
            self.resolve(given, parent=places.of_desk(desk))
            made = services.add_place(desk=desk, by=self.by, **given)
            return Response(
                shapes.DeskPlaceOut(shapes.place_facts(_places().get(pk=made.pk))).data, status=201
            )

        return self.once(act)


def _places() -> QuerySet[Place]:
    return Place.objects.select_related(places.PARENTS, "desk")
