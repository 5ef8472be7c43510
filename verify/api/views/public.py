"""What is published, for everybody: claims in short and whole, their versions, and the corrections."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from verify.api.examples import public as examples
from verify.api.pagination import Cursor
from verify.api.schema import problems
from verify.api.shapes import public as shapes
from verify.api.shapes.base import Paging
from verify.api.views.base import Filtered, unchanged_or
from verify.publish import reading
from verify.publish.listing import FORMAT, compact
from verify.publish.models import Listing, Version

ROW = ("publication_id", "summary", "changed_at", "published_at")


def public_answer(
    request: Request, make: Callable[[], HttpResponseBase], *, also: str = ""
) -> HttpResponseBase:
    """304 where nothing public changed since the caller asked for the same, else what `make` gives.

    The number is read before the rows: what is newer than it is sent once more, never kept for the older. `also` is
    what else the answer goes by.
    """
    made_by = f"{FORMAT} {settings.SOFTWARE} {settings.SITE_URL} {also} {request.get_full_path()}"
    etag = hashlib.sha256(f"{reading.news()} {made_by}".encode(errors="surrogatepass")).hexdigest()[:32]
    return unchanged_or(request, make, etag=etag)


class PublicList(Filtered):
    """A list of what is public, which is as it was as long as nothing was announced."""

    permission_classes = [AllowAny]
    filters = Paging

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        self.asked = self.given()
        return public_answer(request, lambda: super(PublicList, self).list(request, *args, **kwargs))


@extend_schema_view(
    get=extend_schema(
        operation_id="claims_list",
        summary="Published claims, last changed first",
        description="Retracted claims stay, with their state and without a verdict.",
        parameters=[shapes.ClaimFilters],
        examples=examples.CLAIM_ITEMS,
        responses={200: shapes.ClaimItem(many=True), **problems(400, 412)},
    )
)
class Claims(Filtered, ListAPIView[Listing]):
    permission_classes = [AllowAny]
    serializer_class = shapes.ClaimItem
    filters = shapes.ClaimFilters
    queryset = Listing.objects.none()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        given = self.given() if request.query_params else {}
        return public_answer(request, lambda: self._page(request, given))

    def _page(self, request: Request, given: dict[str, Any]) -> HttpResponse:
        fields, order = given.pop("fields", None), given.pop("order", "changed")
        wanted = {*given.pop("expand", ()), *(fields or ())}
        self.ordering = shapes.ORDERS[order]
        rows = reading.listings(**given)
        if order == "relevance":
            rows = reading.ranked(rows, given["q"])
        ranked = ("rank",) if order == "relevance" else ()
        page = self.paginate_queryset(_values(rows, wanted, *ranked)) or []
        items = _items(page, wanted, fields)
        assert isinstance(self.paginator, Cursor)
        turns = compact(self.paginator.addresses())[:-1]
        return HttpResponse(f'{turns},"results":[{",".join(items)}]}}', content_type="application/json")


class Claim(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="claim",
        summary="A published claim in its current version",
        description="`snapshot` is the stored bytes as they are; without `fields` it is always there.",
        parameters=[shapes.OneClaimFilters],
        examples=examples.ONE_CLAIM,
        responses={200: shapes.OneClaim, **problems(400, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        given: dict[str, Any] = {}
        if request.query_params:
            asked = shapes.OneClaimFilters(data=request.query_params)
            asked.is_valid(raise_exception=True)
            given = asked.validated_data
        fields = given.get("fields")
        wanted = {*given.get("expand", ()), *(fields or ("snapshot",))}
        row = _values(Listing.objects.filter(pk=pk), wanted).first()
        if row is None:
            raise Http404
        made_by = f"{settings.SOFTWARE} {settings.SITE_URL} {request.get_full_path()} {row['summary']}"
        etag = hashlib.sha256(made_by.encode(errors="surrogatepass")).hexdigest()[:32]

        def make() -> HttpResponse:
            (item,) = _items([row], wanted, fields)
            return HttpResponse(item, content_type="application/json")

        return unchanged_or(request, make, etag=etag)


def _values(rows: QuerySet[Listing], wanted: set[str], *more: str) -> QuerySet[Any]:
    columns: dict[str, Any] = {"number": F("version__number")}
    if "snapshot" in wanted:
        columns["snapshot"] = F("version__snapshot")
    return rows.values(*ROW, *more, *(["review"] if "review" in wanted else []), **columns)


def _items(rows: list[Any], wanted: set[str], fields: list[str] | None) -> list[str]:
    versions = _versions([row["publication_id"] for row in rows]) if "versions" in wanted else {}

    def added(row: Mapping[str, Any]) -> dict[str, str]:
        members = {}
        if "snapshot" in wanted:
            members["snapshot"] = bytes(row["snapshot"]).decode()
        if "versions" in wanted:
            members["versions"] = compact(versions[row["publication_id"]])
        if "review" in wanted:
            members["review"] = shapes.review_of(row["review"])
        return members

    return [shapes.item(row, added(row), fields) for row in rows]


def _versions(claims: list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {claim: [] for claim in claims}
    rows = Version.objects.filter(claim__in=claims).defer("snapshot").order_by("-number")
    for version in rows:
        found[version.claim_id].append(dict(shapes.VersionOut(shapes.version_facts(version)).data))
    return found


@extend_schema_view(
    get=extend_schema(
        operation_id="versions_list",
        summary="All versions of a published claim, newest first",
        parameters=[Paging],
        examples=examples.VERSIONS,
        responses={200: shapes.VersionOut(many=True), **problems(400, 412)},
    )
)
class Versions(PublicList, ListAPIView[Version]):
    serializer_class = shapes.VersionOut
    ordering = ("-number",)
    facts = staticmethod(shapes.version_facts)

    def get_queryset(self) -> QuerySet[Version]:
        if not Listing.objects.filter(pk=self.kwargs["pk"]).exists():
            raise Http404
        return reading.versions_of(self.kwargs["pk"]).defer("snapshot")


class OneVersion(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="version",
        summary="The stored bytes of one version",
        description="Canonical JSON (RFC 8785). The ETag is their SHA-256, and Repr-Digest (RFC 9530) says it too.",
        examples=examples.SNAPSHOT,
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, "schema verify-version/2 or older"),
            **problems(412),
        },
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


@extend_schema_view(
    get=extend_schema(
        operation_id="corrections_list",
        summary="Corrections and retractions, newest first",
        parameters=[Paging],
        examples=examples.CORRECTIONS,
        responses={200: shapes.CorrectionOut(many=True), **problems(400, 412)},
    )
)
class Corrections(PublicList, ListAPIView[Version]):
    serializer_class = shapes.CorrectionOut
    ordering = ("-published_at", "-number", "id")
    facts = staticmethod(shapes.correction_facts)

    def get_queryset(self) -> QuerySet[Version]:
        listed = reading.corrections().filter(claim__publication__listing__isnull=False)
        return listed.select_related("claim__publication__listing").defer("snapshot")
