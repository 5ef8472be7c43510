"""Places in archived files that are no text: marked, looked at, taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from claims.attribution.models import Assertion, Region
from claims.attribution.region_services import mark_region, withdraw_region
from sources.archive.models import Capture
from verify.accounts.models import Role
from verify.api.examples import work_regions as examples
from verify.api.models import Scope
from verify.api.shapes import work_regions as shapes
from verify.api.shapes.work import WithdrawalRequest
from verify.api.views.work import LISTS, WRITES, WorkEndpoint, WorkList, operation, resolve

_CAPTURES = Capture.objects.select_related("desk", "body")
_ROWS = Region.objects.select_related("capture__desk", "created_by", "withdrawn_by")


class Regions(WorkList):
    scopes = {"GET": Scope.READ, "POST": Scope.WRITE}
    serializer_class = shapes.DeskRegion
    ordering = ("created_at", "id")
    facts = staticmethod(shapes.region_facts)

    def get_queryset(self) -> QuerySet[Region]:
        self.given()
        rows: QuerySet[Region] = _ROWS.standing()
        return rows.filter(capture=self.load(_CAPTURES, pk=self.kwargs["pk"]))

    @operation(
        "desk_regions_list",
        "The places that were marked in a capture",
        gives=shapes.DeskRegion,
        answers=examples.REGION,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @operation(
        "desk_regions_create",
        "Mark a place in a PDF, a picture, a film or a recording",
        description=(
            "`kind` is `page` (a page and a box on it), `picture` (a box) or `time` (a span, and a box in a film). The "
            "place is looked at in the bytes and goes on record in the log; what does not lie in the file is refused."
        ),
        takes=shapes.RegionRequest,
        asks=examples.MARK,
        gives=shapes.DeskRegion,
        answers=examples.REGION,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        capture: Capture = self.load(_CAPTURES, pk=pk, role=Role.CHECKER)
        given = self.given_body(shapes.RegionRequest)

        def act() -> Response:
            said = Assertion.objects.filter(claim__desk=capture.desk_id).select_related("claim")
            resolve(given, {"assertion": said})
            for name in ("box", "span"):
                given[name] = tuple(given[name]) if given.get(name) else None
            region = mark_region(capture=capture, by=self.by, at=timezone.now(), **given)
            return self.made(shapes.DeskRegion, shapes.region_facts(region))

        return self.once(act)


class OneRegion(WorkEndpoint):
    @operation("desk_region", "A place in a file", gives=shapes.DeskRegion, answers=examples.REGION)
    def get(self, request: Request, pk: UUID) -> Response:
        return self.now(shapes.DeskRegion, shapes.region_facts(self.part(_ROWS, pk, of="capture")))


class RegionWithdraw(WorkEndpoint):
    scopes = {"POST": Scope.WRITE}

    @operation(
        "desk_region_withdraw",
        "Take back a place that was marked by mistake",
        description="Refused while evidence rests on it.",
        takes=WithdrawalRequest,
        asks=examples.WITHDRAW,
        gives=shapes.DeskRegion,
        answers=examples.WITHDRAWN_REGION,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        region = self.part(_ROWS, pk, of="capture", role=Role.CHECKER)
        given: dict[str, Any] = self.given_body(WithdrawalRequest)

        def act() -> Response:
            with self.as_things_stand():
                withdraw_region(region=region, by=self.by, at=timezone.now(), **given)
            return self.now(shapes.DeskRegion, shapes.region_facts(_ROWS.get(pk=pk)))

        return self.once(act)
