"""Files of one's own as evidence, lists of addresses to archive, captures tried again or given up."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db.models import Q, QuerySet
from django.http import UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from sources.archive.models import Capture, CaptureKind, CaptureMode
from sources.archive.services import request_capture, stop_waiting
from sources.archive.states import CaptureState
from sources.catalog.batches import request_batch, retry_failed
from sources.catalog.lists import Row
from sources.catalog.models import Batch, BatchRow
from sources.catalog.services import upload_file
from verify.accounts.models import Role
from verify.api import repeating
from verify.api.examples import records_documents as given_so
from verify.api.examples.records import examples
from verify.api.models import Scope
from verify.api.parsers import BodyTooLarge
from verify.api.problems import Conflict
from verify.api.schema import problems
from verify.api.shapes import records_captures as shapes
from verify.api.shapes.captures import CaptureOut, capture_facts
from verify.api.shapes.records import one_of_desk
from verify.api.views.records import Record, RecordList
from verify.api.views.records_documents import address

CAPTURES = Capture.objects.select_related("desk").prefetch_related("texts")
BATCHES = Batch.objects.select_related("desk", "requested_by").with_progress()
_CAPTURING = {"GET": Scope.READ, "POST": Scope.CAPTURE}
_CHUNK = 2**20  # bytes
_UNDER_WAY = [CaptureState.QUEUED, CaptureState.FETCHING]
_OUTCOMES = {
    "archived": Q(capture__state=CaptureState.ARCHIVED),
    "failed": Q(capture__state=CaptureState.FAILED),
    "refused": ~Q(refusal=""),
    "waiting": Q(done_at__isnull=True) | Q(capture__state__in=_UNDER_WAY),
}


class RawParser(BaseParser):
    """The body as a file on the disk, so that memory does not grow with it."""

    media_type = "application/octet-stream"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The file. Raises BodyTooLarge before anything is read, ValidationError for `file` when it broke off."""
        length = int(
            (parser_context or {})["request"].META["CONTENT_LENGTH"]
        )  # without one there is no stream
        if length > settings.ARCHIVE_MAX_UPLOAD_BYTES:
            raise BodyTooLarge()
        file = TemporaryUploadedFile("upload", self.media_type, length, None)
        came = 0
        with suppress(UnreadablePostError):
            while came < length and (piece := stream.read(min(_CHUNK, length - came))):
                came += len(piece)
                file.write(piece)
        if came < length:  # half a file is no evidence
            counts = {"came": came, "length": length}
            raise ValidationError({"file": [_("It broke off: %(came)s of %(length)s bytes came.") % counts]})
        file.seek(0)
        return file


class Uploads(RecordList):
    parser_classes = [RawParser]
    scopes = _CAPTURING
    serializer_class = CaptureOut
    filters = shapes.UploadFilters
    ordering = ("-requested_at", "-id")
    facts = staticmethod(capture_facts)

    def get_queryset(self) -> QuerySet[Capture]:
        given = self.given()
        uploads = CAPTURES.visible_to(self.by).filter(kind=CaptureKind.UPLOAD, **one_of_desk(given))
        return uploads.filter(body=given["sha256"]) if "sha256" in given else uploads

    @extend_schema(
        operation_id="desk_uploads_list",
        summary="Files that were sent to one's desks, the newest first",
        description="With `sha256` a script learns whether a file arrived, before it sends it again.",
        parameters=[shapes.UploadFilters],
        examples=examples(response=given_so.UPLOADED),
        responses={200: CaptureOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_uploads_create",
        summary="Register a file as evidence",
        description=(
            "The body is the file itself, with its Content-Length; it goes to the disk as it comes. It is packed and "
            "logged before this answers. Every upload is a capture of its own: send an Idempotency-Key, or ask the "
            "list by `sha256`, before you send it again."
        ),
        parameters=[shapes.UploadQuery],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        examples=examples(
            request="(the bytes of the file)",
            response=given_so.UPLOADED,
            status=201,
            media_type="application/octet-stream",
        ),
        responses={201: CaptureOut, **problems(400, 401, 403, 413, 415)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        asked = shapes.UploadQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)

        def act() -> Response:
            given = dict(asked.validated_data)
            desk = self.desk_of(given)
            if given.get("url"):
                given["url"] = address(given["url"])
            sent: Any = request.data  # the file, or nothing when no body came
            content = sent.chunks() if sent else ()
            made = upload_file(desk=desk, content=content, by=self.by, at=timezone.now(), **given)
            return self.made(CaptureOut, capture_facts(CAPTURES.get(pk=made.pk)))

        # What a file says is read for as long as it takes: in one transaction only where it must not be done twice.
        return self.once(act) if repeating.key_of(request) else act()


class Retry(Record):
    scopes = _CAPTURING

    @extend_schema(
        operation_id="desk_capture_retry",
        summary="Ask again for a capture that failed",
        description="The failed one stays on record; the answer is the new one.",
        request=None,
        examples=examples(response=given_so.CAPTURE_OUT, status=202),
        responses={202: CaptureOut, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            failed = self.load(Capture.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            if failed.state != CaptureState.FAILED or failed.kind != CaptureKind.URL:
                raise Conflict(_("Only what failed is tried again."))
            made = request_capture(
                desk=failed.desk,
                url=failed.url,
                by=self.by,
                at=timezone.now(),
                mode=CaptureMode(failed.mode),
                document_id=failed.document_id,
                retry_of=failed,
                force=True,
            )
            return _accepted(made.pk)

        return self.once(act)


class Stop(Record):
    scopes = _CAPTURING

    @extend_schema(
        operation_id="desk_capture_stop",
        summary="Give up a capture that waits",
        request=None,
        examples=examples(response=given_so.GIVEN_UP),
        responses={200: CaptureOut, **problems(400, 401, 403, 404)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            capture = self.load(Capture.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            stop_waiting(capture=capture, by=self.by, at=timezone.now())
            return self.now(CaptureOut, capture_facts(CAPTURES.get(pk=pk)))

        return self.once(act)


class Batches(RecordList):
    scopes = _CAPTURING
    serializer_class = shapes.DeskBatchOut
    filters = shapes.DeskFilters
    ordering = ("-requested_at", "-id")
    facts = staticmethod(shapes.batch_facts)

    def get_queryset(self) -> QuerySet[Batch]:
        return BATCHES.visible_to(self.by).filter(**one_of_desk(self.given()))

    @extend_schema(
        operation_id="desk_batches_list",
        summary="Lists of addresses that were sent, the newest first",
        parameters=[shapes.DeskFilters],
        examples=examples(response=given_so.BATCH_OUT),
        responses={200: shapes.DeskBatchOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_batches_create",
        summary="Have many addresses archived",
        description="Each line is stored first; workers then ask for one after the other.",
        request=shapes.DeskBatchIn,
        examples=examples(request=given_so.BATCH_IN, response=given_so.BATCH_OUT, status=201),
        responses={201: shapes.DeskBatchOut, **problems(400, 401, 403, 409, 413, 415)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = self.given_body(shapes.DeskBatchIn)

        def act() -> Response:
            rows = [
                Row(number, line["url"], line.get("title", ""), line.get("outlet", ""))
                for number, line in enumerate(given["list"], 1)
            ]
            made = request_batch(
                desk=self.desk_of(given),
                rows=rows,
                label=given.get("label", ""),
                mode=given["mode"],
                by=self.by,
                at=timezone.now(),
            )
            return self.made(shapes.DeskBatchOut, shapes.batch_facts(BATCHES.get(pk=made.pk)))

        return self.once(act)


class OneBatch(Record):
    @extend_schema(
        operation_id="desk_batch",
        summary="How far a list of addresses is",
        examples=examples(response=given_so.BATCH_OUT),
        responses={200: shapes.DeskBatchOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskBatchOut, shapes.batch_facts(self.load(BATCHES, pk=pk)))


class BatchRows(RecordList):
    serializer_class = shapes.DeskBatchRowOut
    filters = shapes.RowFilters
    ordering = ("number",)
    facts = staticmethod(shapes.row_facts)

    def get_queryset(self) -> QuerySet[BatchRow]:
        batch = get_object_or_404(Batch.objects.visible_to(self.by), pk=self.kwargs["pk"])
        outcome = self.given().get("outcome")
        rows = batch.rows.select_related("capture")
        return rows.filter(_OUTCOMES[outcome]) if outcome else rows

    @extend_schema(
        operation_id="desk_batch_rows_list",
        summary="The lines of a list, and what became of each",
        parameters=[shapes.RowFilters],
        examples=examples(response=given_so.BATCH_ROW),
        responses={200: shapes.DeskBatchRowOut(many=True), **problems(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)


class BatchRetry(Record):
    scopes = _CAPTURING

    @extend_schema(
        operation_id="desk_batch_retry",
        summary="Ask again for what failed of a list",
        request=None,
        examples=examples(response=given_so.RETRIED),
        responses={200: shapes.Retried, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            batch = self.load(Batch.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            asked = retry_failed(batch=batch, by=self.by, at=timezone.now())
            return Response(shapes.Retried({"asked": asked}).data)

        return self.once(act)


def _accepted(pk: UUID) -> Response:
    facts = capture_facts(CAPTURES.get(pk=pk))
    return Response(CaptureOut(facts).data, status=202, headers={"Location": facts["links"]["self"]})
