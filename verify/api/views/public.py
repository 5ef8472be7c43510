"""What is published, for everybody."""

from __future__ import annotations

import base64
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from verify.api.schema import CLAIM_EXAMPLES, problems
from verify.api.shapes import public as shapes
from verify.api.shapes.base import Paging
from verify.api.views.base import Filtered, unchanged_or
from verify.publish import reading
from verify.publish.models import Publication, Version


@extend_schema_view(
    get=extend_schema(
        operation_id="claims_list",
        summary="Published claims, last changed first",
        parameters=[shapes.ClaimFilters],
        examples=CLAIM_EXAMPLES,
        responses={200: shapes.ClaimSummary(many=True), **problems(400)},
    )
)
class Claims(Filtered, ListAPIView[Publication]):
    permission_classes = [AllowAny]
    serializer_class = shapes.ClaimSummary
    filters = shapes.ClaimFilters
    ordering = ("-changed_at", "claim_id")
    facts = staticmethod(shapes.summary)

    def get_queryset(self) -> QuerySet[Publication]:
        return reading.found(reading.published(), **self.given())


class Claim(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="claim",
        summary="A published claim in its current version",
        responses={200: shapes.ClaimDetail, **problems(404)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        publication = get_object_or_404(reading.published(), pk=pk)
        facts = shapes.summary(publication)
        etag = f"{facts['sha256']}-{publication.state}-{publication.changed_at.timestamp()}"
        return unchanged_or(request, lambda: Response(shapes.ClaimDetail(facts).data), etag=etag)


@extend_schema_view(
    get=extend_schema(
        operation_id="versions_list",
        summary="All versions of a published claim, newest first",
        parameters=[Paging],
        responses={200: shapes.VersionOut(many=True), **problems(400, 404)},
    )
)
class Versions(Filtered, ListAPIView[Version]):
    permission_classes = [AllowAny]
    serializer_class = shapes.VersionOut
    filters = Paging
    ordering = ("-number",)
    facts = staticmethod(shapes.version_facts)

    def get_queryset(self) -> QuerySet[Version]:
        self.given()
        get_object_or_404(reading.published(), pk=self.kwargs["pk"])
        return reading.versions_of(self.kwargs["pk"]).defer("snapshot")


class OneVersion(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="version",
        summary="The stored bytes of one version",
        description="Canonical JSON (RFC 8785). The ETag is their SHA-256, and Repr-Digest (RFC 9530) says it too.",
        responses={200: OpenApiResponse(OpenApiTypes.OBJECT, "schema verify-version/1"), **problems(404)},
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        version = get_object_or_404(reading.versions_of(pk), number=number)
        content = bytes(version.snapshot)
        response = unchanged_or(
            request, lambda: HttpResponse(content, content_type="application/json"), etag=version.sha256
        )
        digest = base64.b64encode(bytes.fromhex(version.sha256)).decode()
        response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
        return response
