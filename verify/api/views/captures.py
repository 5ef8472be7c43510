"""Captures: asked for, and how they went; for members of a desk."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sources.archive.models import Capture
from sources.catalog.models import Document
from verify.accounts.models import User
from verify.api.models import Scope
from verify.api.permissions import HasScope
from verify.api.schema import CAPTURE_EXAMPLES, problems
from verify.api.services import capture_url, desk_for
from verify.api.shapes import captures as shapes
from verify.api.views.base import Filtered


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
                raise ValidationError({"document": [_("There is no such document at your desks.")]})
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
