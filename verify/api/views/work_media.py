"""Media that are put forward for a claim: what the desk found them to be."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from sources.archive.models import Capture
from verify.accounts.models import Role
from verify.api.examples import work_media as examples
from verify.api.models import Scope
from verify.api.shapes import work_media as shapes
from verify.api.shapes.work import WithdrawalRequest
from verify.api.views.work import LISTS, WRITES, WorkEndpoint, WorkList, operation, resolve
from verify.review.media import rate_media, withdraw_media_rating
from verify.review.models import MediaRating

_ROWS = MediaRating.objects.select_related("claim__desk", "rated_by", "withdrawn_by")


class Media(WorkList):
    scopes = {"GET": Scope.READ, "POST": Scope.WRITE}
    serializer_class = shapes.DeskMediaRating
    ordering = ("rated_at", "id")
    facts = staticmethod(shapes.media_facts)

    def get_queryset(self) -> QuerySet[MediaRating]:
        self.given()
        rows: QuerySet[MediaRating] = _ROWS.standing()
        return rows.filter(claim=self.claim(self.kwargs["pk"]))

    @operation(
        "desk_media_list",
        "The media of a claim, and what they were found to be",
        gives=shapes.DeskMediaRating,
        answers=examples.MEDIUM,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @operation(
        "desk_media_create",
        "Say what a picture, a film or a recording is that is put forward for the claim",
        description="A copy is rated once for a claim; to rate it otherwise, the first rating is withdrawn.",
        takes=shapes.MediaRequest,
        asks=examples.RATE,
        gives=shapes.DeskMediaRating,
        answers=examples.MEDIUM,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        claim, given = self.claim(pk, Role.CHECKER), self.given_body(shapes.MediaRequest)

        def act() -> Response:
            resolve(given, {"capture": Capture.objects.filter(desk=claim.desk_id)})
            made = rate_media(claim=claim, by=self.by, at=timezone.now(), **given)
            return self.made(shapes.DeskMediaRating, shapes.media_facts(made))

        return self.once(act)


class OneMedium(WorkEndpoint):
    @operation("desk_medium", "A medium of a claim", gives=shapes.DeskMediaRating, answers=examples.MEDIUM)
    def get(self, request: Request, pk: UUID) -> Response:
        return self.now(shapes.DeskMediaRating, shapes.media_facts(self.part(_ROWS, pk)))


class MediumWithdraw(WorkEndpoint):
    scopes = {"POST": Scope.WRITE}

    @operation(
        "desk_medium_withdraw",
        "Take back what a medium was found to be",
        takes=WithdrawalRequest,
        asks=examples.WITHDRAW,
        gives=shapes.DeskMediaRating,
        answers=examples.WITHDRAWN_MEDIUM,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        row, given = self.part(_ROWS, pk, role=Role.CHECKER), self.given_body(WithdrawalRequest)

        def act() -> Response:
            with self.as_things_stand():
                withdraw_media_rating(media_rating=row, by=self.by, at=timezone.now(), **given)
            return self.now(shapes.DeskMediaRating, shapes.media_facts(_ROWS.get(pk=pk)))

        return self.once(act)
