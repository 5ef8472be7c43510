"""Sources of one's desks: who they are, their names, how reliable they were judged to be, two records made one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sources.catalog import history, merging, services
from sources.catalog.models import Affiliation, Alias, Grade, Source
from verify.accounts.models import Role
from verify.api.examples import records_sources as given_so
from verify.api.examples.records import examples
from verify.api.schema import problems
from verify.api.shapes import records_sources as shapes
from verify.api.shapes.records import Why, one_of_desk
from verify.api.views.records import SEEN, Record, RecordList

ONE = Source.objects.with_current_grade().select_related("desk").prefetch_related("aliases")
ALL_OF_ONE = ONE.prefetch_related("duplicates", Prefetch("grades", Grade.objects.select_related("graded_by")))
_SAID = ("kind", "name", "description", "homepage", "is_party")


class Sources(RecordList):
    serializer_class = shapes.DeskSourceOut
    filters = shapes.SourceFilters
    ordering = ("name", "id")
    facts = staticmethod(shapes.source_facts)

    def get_queryset(self) -> QuerySet[Source]:
        given = self.given()
        sources = ONE.current().visible_to(self.by).filter(**one_of_desk(given))
        if "q" in given:
            sources = sources.matching(given["q"])
        if "kind" in given:
            sources = sources.filter(kind=given["kind"])
        if "party" in given:
            sources = sources.filter(is_party=given["party"])
        if "updated_since" in given:
            sources = sources.filter(_changed_since(given["updated_since"]))
        return sources

    @extend_schema(
        operation_id="desk_sources_list",
        summary="Sources of one's desks, by name",
        description="Duplicates are left out: they are found under either name as what they were merged into.",
        parameters=[shapes.SourceFilters],
        examples=examples(response=given_so.SOURCE_OUT),
        responses={200: shapes.DeskSourceOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_sources_create",
        summary="Register a source",
        description=(
            "A protected person is registered under a pseudonym. Who it is can be sealed on the web page only: "
            "it must not pass through scripts and their logs."
        ),
        request=shapes.DeskSourceIn,
        examples=examples(request=given_so.SOURCE_IN, response=given_so.SOURCE_OUT, status=201),
        responses={201: shapes.DeskSourceOut, **problems(400, 401, 403, 409, 413, 415)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = self.given_body(shapes.DeskSourceIn)

        def act() -> Response:
            aliases = [(alias["name"], alias.get("language", "")) for alias in given.pop("aliases", [])]
            made = services.register_source(
                desk=self.desk_of(given), aliases=aliases, by=self.by, at=timezone.now(), **given
            )
            return self.created(shapes.DeskSourceOut, shapes.source_facts(ONE.get(pk=made.pk)))

        return self.once(act)


class SourceRecord(Record):
    """An address below one source, which answers with all of it."""

    def detail(self, pk: UUID) -> dict[str, object]:
        """Everything about the source, as the caller may see it now."""
        source = self.load(ALL_OF_ONE, pk=pk)
        rows = Affiliation.objects.standing().select_related("source", "principal", "withdrawn_by")
        tied = rows.filter(Q(source=source) | Q(principal=source)).order_by("-valid_from", "kind", "id")
        return shapes.source_detail(source, tied)

    def locked(self, pk: UUID, role: Role) -> Source:
        rows = Source.objects.select_related("desk").select_for_update(of=("self",), no_key=True)
        source: Source = self.load(rows, role=role, pk=pk)
        return source


class OneSource(SourceRecord):
    @extend_schema(
        operation_id="desk_source",
        summary="A source with its names, affiliations and grades",
        examples=examples(response=given_so.SOURCE_DETAIL),
        responses={200: shapes.DeskSourceDetail, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskSourceDetail, self.detail(pk))

    @extend_schema(
        operation_id="desk_source_change",
        summary="Change what is said of a source",
        description="What it said before stays in its history, with the reason.",
        parameters=SEEN,
        request=shapes.DeskSourceChange,
        examples=examples(request=given_so.SOURCE_CHANGE, response=given_so.SOURCE_CHANGED),
        responses={200: shapes.DeskSourceDetail, **problems(400, 401, 403, 404, 409, 412, 413, 415)},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            source = self.locked(pk, Role.CHECKER)
            given = self.given_body(shapes.DeskSourceChange)
            self.unless_changed(shapes.DeskSourceDetail, self.detail(pk))
            said = {name: getattr(source, name) for name in _SAID}
            services.correct_source(source=source, by=self.by, at=timezone.now(), **(said | given))
            return self.standing(shapes.DeskSourceDetail, self.detail(pk))

        return self.once(act)


class Aliases(SourceRecord):
    @extend_schema(
        operation_id="desk_source_aliases_create",
        summary="Add a name under which a source is known too",
        request=shapes.DeskAliasIn,
        examples=examples(request=given_so.ALIAS_IN, response=given_so.ALIAS_OUT, status=201),
        responses={201: shapes.DeskAliasOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            source = self.load(Source.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            given = self.given_body(shapes.DeskAliasIn)
            made = services.add_alias(source=source, by=self.by, at=timezone.now(), **given)
            return Response(shapes.DeskAliasOut(made).data, status=201)

        return self.once(act)


class AliasWithdraw(SourceRecord):
    @extend_schema(
        operation_id="desk_source_alias_withdraw",
        summary="Take a name back that a source does not have",
        request=Why,
        examples=examples(request=given_so.WHY, response=given_so.SOURCE_DETAIL),
        responses={200: shapes.DeskSourceDetail, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID, alias: int) -> HttpResponseBase:
        def act() -> Response:
            source = self.load(Source.objects.all(), role=Role.CHECKER, pk=pk)
            row = get_object_or_404(Alias.objects.select_related("source__desk"), source=source, pk=alias)
            given = self.given_body(Why)
            services.remove_alias(alias=row, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskSourceDetail, self.detail(pk))

        return self.once(act)


class Grades(Record):
    @extend_schema(
        operation_id="desk_source_grades_create",
        summary="Judge a source's reliability anew",
        description="Earlier grades stay. The grade is an entry in the log.",
        request=shapes.DeskGradeIn,
        examples=examples(request=given_so.GRADE_IN, response=given_so.GRADE_OUT, status=201),
        responses={201: shapes.DeskGradeOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            source = self.load(Source.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            given = self.given_body(shapes.DeskGradeIn)
            made = services.grade_source(source=source, by=self.by, at=timezone.now(), **given)
            return Response(shapes.DeskGradeOut(shapes.grade_facts(made)).data, status=201)

        return self.once(act)


class Merge(SourceRecord):
    @extend_schema(
        operation_id="desk_source_merge",
        summary="Read a source as another one from now on",
        description="For editors. The duplicate keeps its row and whatever refers to it.",
        request=shapes.DeskMergeIn,
        examples=examples(request=given_so.MERGE_IN, response=given_so.MERGED),
        responses={200: shapes.DeskSourceDetail, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            source = self.load(Source.objects.select_related("desk"), role=Role.EDITOR, pk=pk)
            given = self.given_body(shapes.DeskMergeIn)
            self.resolve(given, into=Source.objects.visible_to(self.by))
            merging.merge(source=source, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskSourceDetail, self.detail(pk))

        return self.once(act)


class Unmerge(SourceRecord):
    @extend_schema(
        operation_id="desk_source_unmerge",
        summary="Take a merge back",
        description="For editors. What had been merged into it before stands under it again.",
        request=Why,
        examples=examples(request=given_so.WHY, response=given_so.SOURCE_DETAIL),
        responses={200: shapes.DeskSourceDetail, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            source = self.load(Source.objects.select_related("desk"), role=Role.EDITOR, pk=pk)
            given = self.given_body(Why)
            merging.unmerge(source=source, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskSourceDetail, self.detail(pk))

        return self.once(act)


class SourceHistory(Record):
    @extend_schema(
        operation_id="desk_source_history",
        summary="What was changed of a source, of its names and of whose it is",
        examples=examples(response=given_so.HISTORY),
        responses={200: shapes.DeskSourceHistory, **problems(401, 403, 404)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        source = self.load(Source.objects.all(), pk=pk)
        told = [shapes.event_facts(change) for change in history.changes(source)]
        return Response(shapes.DeskSourceHistory({"results": told}).data)


def _changed_since(at: datetime) -> Q:
    """Sources of which the row, a name or an affiliation changed, or that were graded, at `at` or later."""
    since = {"pgh_created_at__gte": at}
    events = [
        Source.pgh_event_model.objects.filter(pgh_obj_id=OuterRef("pk"), **since),  # type: ignore[attr-defined]
        Alias.pgh_event_model.objects.filter(source_id=OuterRef("pk"), **since),  # type: ignore[attr-defined]
        Affiliation.pgh_event_model.objects.filter(source_id=OuterRef("pk"), **since),  # type: ignore[attr-defined]
        Grade.objects.filter(source=OuterRef("pk"), graded_at__gte=at),
    ]
    found = Q()
    for rows in events:
        found |= Q(Exists(rows))
    return found
