"""The API, version 1: what is published, for everybody; captures, for members of a desk."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sources.archive.models import Capture
from sources.catalog.models import Document
from verify.accounts.models import User
from verify.api import serializers as shapes
from verify.api.models import Scope
from verify.api.pagination import Cursor
from verify.api.permissions import HasScope
from verify.api.problems import PreconditionFailed
from verify.api.schema import CAPTURE_EXAMPLES, CLAIM_EXAMPLES, problems
from verify.api.services import capture_url, desk_for
from verify.publish import reading
from verify.publish.models import Publication, Version

MAX_AGE = 60  # seconds


def unchanged_or(request: Request, make: Callable[[], HttpResponseBase], *, etag: str) -> HttpResponseBase:
    """304 for a caller who has it already, else what `make` gives, for anybody's cache."""
    quoted = quote_etag(etag)
    known = get_conditional_response(request._request, etag=quoted)
    if known is not None and known.status_code == PreconditionFailed.status_code:
        raise PreconditionFailed
    response: HttpResponseBase = known or make()
    response.headers["ETag"] = quoted
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


class Filtered(GenericAPIView):
    """A list whose query parameters are all known, or refused by name."""

    filters: type[shapes.Strict]
    pagination_class = Cursor
    facts: Callable[[Any], dict[str, Any]]

    def given(self) -> dict[str, Any]:
        """The filters of this request, checked."""
        filters = self.filters(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        paging = shapes.Paging().fields
        return {name: value for name, value in filters.validated_data.items() if name not in paging}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        facts = [type(self).facts(row) for row in page or []]
        return self.get_paginated_response(self.get_serializer(facts, many=True).data)


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
        parameters=[shapes.Paging],
        responses={200: shapes.VersionOut(many=True), **problems(400, 404)},
    )
)
class Versions(Filtered, ListAPIView[Version]):
    permission_classes = [AllowAny]
    serializer_class = shapes.VersionOut
    filters = shapes.Paging
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


class Captures(Filtered):
    permission_classes = [HasScope]
    scopes = {"GET": Scope.READ, "POST": Scope.CAPTURE, "OPTIONS": Scope.READ}
    serializer_class = shapes.CaptureOut
    filters = shapes.CaptureFilters
    ordering = ("-requested_at", "-id")
    facts = staticmethod(shapes.capture_facts)

    def get_queryset(self) -> QuerySet[Capture]:
        given = self.given()
        captures = (
            Capture.objects.visible_to(self.request.user).select_related("desk").prefetch_related("texts")
        )
        return captures.filter(
            **{{"document": "document_id"}.get(name, name): value for name, value in given.items()}
        )

    @extend_schema(
        operation_id="captures_list",
        summary="Captures of one's desks, newest first",
        parameters=[shapes.CaptureFilters],
        responses={200: shapes.CaptureOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="captures_create",
        summary="Have a URL archived",
        description=(
            "Queues the capture and answers at once; ask for it again to see how it went. The same URL asked for "
            "twice within a minute is one capture."
        ),
        request=shapes.CaptureRequest,
        examples=CAPTURE_EXAMPLES,
        responses={
            202: OpenApiResponse(shapes.CaptureOut, "queued, or being fetched"),
            200: OpenApiResponse(shapes.CaptureOut, "done within the last minute"),
            **problems(400, 401, 403, 413, 415),
        },
    )
    def post(self, request: Request) -> Response:
        assert isinstance(request.user, User)  # HasScope saw to it
        asked = shapes.CaptureRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        document = None
        if asked.validated_data.get("document"):
            document = (
                Document.objects.visible_to(request.user).filter(pk=asked.validated_data["document"]).first()
            )
            if document is None:
                raise shapes.serializers.ValidationError(
                    {"document": [_("There is no such document at your desks.")]}
                )
        capture = capture_url(
            desk=document.desk if document else desk_for(request.user, asked.validated_data.get("desk")),
            url=asked.validated_data.get("url"),
            document=document,
            mode=asked.validated_data["mode"],
            by=request.user,
            at=timezone.now(),
        )
        facts = shapes.capture_facts(capture)
        status = 200 if capture.is_finished else 202
        return Response(
            shapes.CaptureOut(facts).data, status=status, headers={"Location": facts["links"]["self"]}
        )


class OneCapture(APIView):
    permission_classes = [HasScope]
    scopes = {"GET": Scope.READ, "OPTIONS": Scope.READ}

    @extend_schema(
        operation_id="capture",
        summary="How a capture stands",
        responses={200: shapes.CaptureOut, **problems(401, 403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        captures = Capture.objects.visible_to(request.user).select_related("desk").prefetch_related("texts")
        return Response(shapes.CaptureOut(shapes.capture_facts(get_object_or_404(captures, pk=pk))).data)


@extend_schema(exclude=True)
class Nothing(APIView):
    """Whatever has no address of its own, answered as a problem and not as a page."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            match = resolve(f"{request.path_info}/")
        except Resolver404:
            match = None
        if match is not None and match.url_name != "api-nothing":
            raise NotFound(_("There is nothing at this address; with a slash at its end there is."))
        raise NotFound(_("There is nothing at this address."))
