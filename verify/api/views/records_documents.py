"""Documents of one's desks: registered, watched; what re-captures of them showed; captures tried again or given up."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from sources.archive.models import Capture, Change, Watch
from sources.archive.services import normalised
from sources.archive.states import CaptureState
from sources.archive.watching import mark_seen
from sources.catalog import services
from sources.catalog.models import Document, Source
from verify.accounts.models import Role
from verify.api.examples import records_documents as given_so
from verify.api.examples.records import examples
from verify.api.schema import problems
from verify.api.shapes import records_documents as shapes
from verify.api.shapes.records import one_of_desk
from verify.api.views.records import Record, RecordList

ONE = Document.objects.select_related("desk", "outlet__merged_into").with_captures()
WATCHES = Watch.objects.select_related("desk", "document", "set_by")
CHANGES = Change.objects.select_related("desk", "document", "seen_by")


class Documents(RecordList):
    serializer_class = shapes.DeskDocumentOut
    filters = shapes.DocumentFilters
    ordering = ("-created_at", "-id")
    facts = staticmethod(shapes.document_facts)

    def get_queryset(self) -> QuerySet[Document]:
        given = self.given()
        documents = ONE.visible_to(self.by).filter(**one_of_desk(given))
        if "q" in given:
            documents = documents.matching(given["q"])
        if "url" in given:
            documents = documents.filter(url=address(given["url"]))
        if "outlet" in given:
            documents = documents.filter(Q(outlet=given["outlet"]) | Q(outlet__merged_into=given["outlet"]))
        if "archived" in given:
            copies = Capture.objects.filter(document=OuterRef("pk"), state=CaptureState.ARCHIVED)
            documents = documents.filter(Exists(copies) if given["archived"] else ~Exists(copies))
        return documents

    @extend_schema(
        operation_id="desk_documents_list",
        summary="Documents of one's desks, the newest first",
        parameters=[shapes.DocumentFilters],
        examples=examples(response=given_so.DOCUMENT_OUT),
        responses={200: shapes.DeskDocumentOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_documents_create",
        summary="Register a document",
        description="Nothing is fetched: ask for a capture of it. An address that is registered already answers 200.",
        request=shapes.DeskDocumentIn,
        examples=[
            *examples(request=given_so.DOCUMENT_IN, response=given_so.DOCUMENT_OUT),
            *examples(response=given_so.DOCUMENT_OUT, status=201),
        ],
        responses={
            200: OpenApiResponse(shapes.DeskDocumentOut, "it was there already"),
            201: OpenApiResponse(shapes.DeskDocumentOut, "registered"),
            **problems(400, 401, 403, 409, 413, 415),
        },
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = self.given_body(shapes.DeskDocumentIn)

        def act() -> Response:
            now, url = timezone.now(), address(given.pop("url"))
            desk = self.desk_of(given)
            self.resolve(given, outlet=Source.objects.visible_to(self.by))
            document = services.register_document(desk=desk, url=url, by=self.by, at=now, **given)
            facts = shapes.document_facts(ONE.get(pk=document.pk))
            if document.created_at == now:
                return self.created(shapes.DeskDocumentOut, facts)
            return self.standing(shapes.DeskDocumentOut, facts)

        return self.once(act)


class OneDocument(Record):
    @extend_schema(
        operation_id="desk_document",
        summary="A document",
        examples=examples(response=given_so.DOCUMENT_OUT),
        responses={200: shapes.DeskDocumentOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskDocumentOut, shapes.document_facts(self.load(ONE, pk=pk)))


class Watches(RecordList):
    serializer_class = shapes.DeskWatchOut
    filters = shapes.WatchFilters
    ordering = ("-set_at", "-id")
    facts = staticmethod(shapes.watch_facts)

    def get_queryset(self) -> QuerySet[Watch]:
        given, now = self.given(), timezone.now()
        watches = WATCHES.visible_to(self.by).filter(**one_of_desk(given))
        state = given.get("state")
        if state == "running":
            return watches.running(now)
        if state == "paused":
            return watches.filter(is_paused=True)
        return watches.filter(ends_at__lte=now) if state == "ended" else watches

    @extend_schema(
        operation_id="desk_watches_list",
        summary="Watches of one's desks, the last set first",
        parameters=[shapes.WatchFilters],
        examples=examples(response=given_so.WATCH_OUT),
        responses={200: shapes.DeskWatchOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class DocumentWatch(Record):
    @extend_schema(
        operation_id="desk_watch",
        summary="How a document is watched",
        examples=examples(response=given_so.WATCH_OUT),
        responses={200: shapes.DeskWatchOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskWatchOut, shapes.watch_facts(self.load(WATCHES, document=pk)))

    @extend_schema(
        operation_id="desk_watch_set",
        summary="Watch a document, or watch it otherwise",
        description="`is_paused` stops it. Whatever is set, the schedule begins with `shortest` again.",
        request=shapes.DeskWatchIn,
        examples=examples(request=given_so.WATCH_IN, response=given_so.WATCH_OUT),
        responses={200: shapes.DeskWatchOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def put(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            document = self.load(Document.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            given = self.given_body(shapes.DeskWatchIn)
            services.watch_document(document=document, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskWatchOut, shapes.watch_facts(self.load(WATCHES, document=pk)))

        return self.once(act)


class Changes(RecordList):
    serializer_class = shapes.DeskDocumentChangeOut
    filters = shapes.DocumentChangeFilters
    ordering = ("-detected_at", "-id")
    facts = staticmethod(shapes.change_facts)

    def get_queryset(self) -> QuerySet[Change]:
        given = self.given()
        changes = CHANGES.visible_to(self.by).filter(**one_of_desk(given))
        state = given.pop("state", None)
        if state == "open":
            changes = changes.open_alerts()
        elif state:
            changes = changes.filter(
                **({"is_alert": True} if state == "alert" else {"seen_at__isnull": False})
            )
        return changes.filter(**given)

    @extend_schema(
        operation_id="desk_changes_list",
        summary="What re-captures showed, the newest first",
        description="`state=open` are the alerts that nobody has looked at.",
        parameters=[shapes.DocumentChangeFilters],
        examples=examples(response=given_so.CHANGE_OUT),
        responses={200: shapes.DeskDocumentChangeOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class OneChange(Record):
    @extend_schema(
        operation_id="desk_change",
        summary="What one re-capture showed",
        examples=examples(response=given_so.CHANGE_OUT),
        responses={200: shapes.DeskDocumentChangeOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskDocumentChangeOut, shapes.change_facts(self.load(CHANGES, pk=pk)))


class ChangeSeen(Record):
    @extend_schema(
        operation_id="desk_change_seen",
        summary="Say that somebody has looked at a change, and what was concluded",
        description="Once. For the same person again it is harmless; what somebody else concluded stays.",
        request=shapes.DeskSeenIn,
        examples=examples(request=given_so.SEEN_IN, response=given_so.CHANGE_SEEN),
        responses={200: shapes.DeskDocumentChangeOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            change = self.load(Change.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            given = self.given_body(shapes.DeskSeenIn)
            mark_seen(change=change, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskDocumentChangeOut, shapes.change_facts(self.load(CHANGES, pk=pk)))

        return self.once(act)


def address(url: str) -> str:
    """The address as documents have it. Raises ValidationError for `url`: it may not be fetched, or is too long."""
    found = normalised(url)
    if len(found) > services.LONGEST_URL:
        raise ValidationError(
            {"url": [_("The address is longer than %(n)s characters.") % {"n": services.LONGEST_URL}]}
        )
    return found
