"""Whom and what published claims name: cases, sources and topics, as the newest version that names them has them."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from verify.api.examples import public as examples
from verify.api.schema import problems
from verify.api.shapes import public as shapes
from verify.api.shapes.base import Paging, absolute
from verify.api.views.base import Filtered
from verify.api.views.public import public_answer
from verify.publish import directory, reading
from verify.publish.models import Listing

Json = dict[str, Any]


class _Names(Filtered):
    """A list of things of which only the ids come from rows; the page is turned into facts all at once."""

    permission_classes = [AllowAny]
    filters = Paging

    def answer(self, request: Request) -> HttpResponseBase:
        self.given()

        def make() -> Response:
            page = self.paginate_queryset(self.get_queryset()) or []
            return self.get_paginated_response(self.get_serializer(self.facts_of(page), many=True).data)

        return public_answer(request, make)

    def facts_of(self, page: list[Any]) -> list[Json]:
        raise NotImplementedError


class Cases(_Names):
    serializer_class = shapes.CaseOut
    queryset = Listing.objects.none()
    ordering = ("-changed", "case")

    @extend_schema(
        operation_id="cases_list",
        summary="Cases of which something is published, last changed first",
        parameters=[Paging],
        examples=examples.CASES,
        responses={200: shapes.CaseOut(many=True), **problems(400, 412)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(request)

    def get_queryset(self) -> QuerySet[Any]:
        return reading.cases()

    def facts_of(self, page: list[Any]) -> list[Json]:
        titles = directory.titles(row["case"] for row in page)
        return [_case(row["case"], titles[row["case"]], row["claims"], row["changed"]) for row in page]


class OneCase(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="case",
        summary="A case of which something is published",
        examples=examples.ONE_CASE,
        responses={200: shapes.CaseOut, **problems(412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        def make() -> Response:
            row = Listing.objects.filter(case=pk).aggregate(claims=Count("pk"), changed=Max("changed_at"))
            if not row["claims"]:
                raise Http404
            return Response(
                shapes.CaseOut(_case(pk, directory.titles([pk])[pk], row["claims"], row["changed"])).data
            )

        return public_answer(request, make)


class Topics(_Names):
    serializer_class = shapes.TopicOut
    queryset = Listing.objects.none()
    ordering = ("id",)

    @extend_schema(
        operation_id="topics_list",
        summary="Topics under which something published was filed",
        parameters=[Paging],
        examples=examples.TOPICS,
        responses={200: shapes.TopicOut(many=True), **problems(400, 412)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(request)

    def get_queryset(self) -> QuerySet[Any]:
        return reading.topics()

    def facts_of(self, page: list[Any]) -> list[Json]:
        found = reading.naming("topics", [topic.pk for topic in page])
        return [_topic(topic.pk, found[topic.pk]) for topic in page if topic.pk in found]


class Sources(_Names):
    serializer_class = shapes.SourceOut
    queryset = Listing.objects.none()
    ordering = ("id",)

    @extend_schema(
        operation_id="sources_list",
        summary="Sources that something published names",
        description="In the order of their ids. A protected person is not among them.",
        parameters=[Paging],
        examples=examples.SOURCES,
        responses={200: shapes.SourceOut(many=True), **problems(400, 412)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        return self.answer(request)

    def get_queryset(self) -> QuerySet[Any]:
        return reading.sources()

    def facts_of(self, page: list[Any]) -> list[Json]:
        found = reading.naming("sources", [source.pk for source in page])
        facts = ((source.pk, _source(source.pk, found[source.pk])) for source in page if source.pk in found)
        # A record that was merged into another is found under its own id; in the list stands the one it became.
        return [each for pk, each in facts if each["id"] == str(pk)]


class OneSource(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="source",
        summary="A source that something published names",
        description="Under the id of a record that was merged into another, the one that it became.",
        examples=examples.ONE_SOURCE,
        responses={200: shapes.SourceOut, **problems(412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        def make() -> Response:
            found = reading.naming("sources", [pk])
            if pk not in found:
                raise Http404
            return Response(shapes.SourceOut(_source(pk, found[pk])).data)

        return public_answer(request, make)


def _case(pk: UUID, title: str, claims: int, changed: Any) -> Json:
    return {
        "id": str(pk),
        "title": title,
        "claims": claims,
        "updated_at": changed,
        "links": {
            "self": absolute("api-case", pk),
            "claims": f"{absolute('api-claims')}?case={pk}",
            "page": absolute("public-case", pk),
        },
    }


def _topic(pk: int, naming: reading.Naming) -> Json:
    filed = json.loads(naming.listing.summary)["topics"]
    claims = f"{absolute('api-claims')}?topic={pk}"
    return {
        "id": pk,
        "name": next(topic["name"] for topic in filed if topic["id"] == pk),
        "desk": naming.listing.desk,
        "claims": naming.claims,
        "links": {"self": claims, "claims": claims},
    }


def _source(pk: UUID, naming: reading.Naming) -> Json:
    source = directory.described(pk, naming.listing)
    if source is None:
        raise Http404
    stands = source["id"]
    claims = f"{absolute('api-claims')}?source={stands}"
    return {
        **{name: source.get(name) for name in ("id", "name", "kind", "party", "homepage")},
        "claims": naming.claims,
        "links": {
            "self": absolute("api-source", stands),
            "claims": claims,
            "said": f"{absolute('api-claims')}?speaker={stands}",
            "page": absolute("public-source", stands),
        },
    }
