"""Captures: asked for, and how they went; for members of a desk."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sources.archive.models import Capture
from sources.catalog.models import Document
from verify.api.examples import captures as given_so
from verify.api.models import Scope
from verify.api.schema import problems
from verify.api.services import capture_url, desk_for
from verify.api.shapes import captures as shapes
from verify.api.views.base import DeskEndpoint, DeskList


class Captures(DeskList):
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
        examples=given_so.ONE,
        responses={200: shapes.CaptureOut(many=True), **problems(400)},
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
        examples=given_so.MADE,
        responses={
            202: OpenApiResponse(shapes.CaptureOut, "queued, or being fetched"),
            200: OpenApiResponse(shapes.CaptureOut, "done within the last minute"),
            **problems(400),
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = self.given_body(shapes.CaptureRequest)

        def act() -> Response:
            document = self._document(given.get("document"))
            capture = capture_url(
                desk=document.desk if document else desk_for(self.by, given.get("desk")),
                url=given.get("url"),
                document=document,
                mode=given["mode"],
                by=self.by,
                at=timezone.now(),
            )
            answer = self.made(shapes.CaptureOut, shapes.capture_facts(capture))
            answer.status_code = 200 if capture.is_finished else 202
            return answer

        return self.once(act)

    def _document(self, pk: UUID | None) -> Document | None:
        if pk is None:
            return None
        document: Document | None = Document.objects.visible_to(self.by).filter(pk=pk).first()
        if document is None:
            raise ValidationError({"document": [_("There is no such document at your desks.")]})
        return document


class OneCapture(DeskEndpoint):
    scopes = {"GET": Scope.READ, "OPTIONS": Scope.READ}

    @extend_schema(
        operation_id="capture",
        summary="How a capture stands",
        examples=given_so.ONE,
        responses={200: shapes.CaptureOut},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        captures = Capture.objects.select_related("desk").prefetch_related("texts")
        return self.now(shapes.CaptureOut, shapes.capture_facts(self.load(captures, pk=pk)))
