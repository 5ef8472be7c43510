"""Verdicts: the desk's scale, what was proposed, and proposing one."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from claims.statements.models import Claim
from verify.accounts.models import Role
from verify.accounts.rules import desks_of
from verify.api.examples import work_reviews as examples
from verify.api.models import Scope
from verify.api.shapes import work_reviews as shapes
from verify.api.views.work import LISTS, WRITES, WorkEndpoint, WorkList, operation
from verify.review import services
from verify.review.models import Rating, Verdict

_VERDICTS = Verdict.objects.select_related("rating", "proposed_by")


def rating_of(claim: Claim, code: str) -> Rating:
    """The step of the desk's scale. Raises ValidationError for `rating` when there is none of this code."""
    rating = Rating.objects.filter(desk=claim.desk_id, code=code).first()
    if rating is None:
        raise ValidationError({"rating": _("Choose a verdict of the desk's scale.")})
    return rating


class Ratings(WorkList):
    serializer_class = shapes.DeskRating
    ordering = ("desk_id", "-value", "code")
    facts = staticmethod(shapes.rating_facts)

    def get_queryset(self) -> QuerySet[Rating]:
        self.given()
        return Rating.objects.filter(desk__in=desks_of(self.by)).select_related("desk")

    @operation(
        "desk_ratings_list",
        "The verdict scales of one's desks",
        gives=shapes.DeskRating,
        answers=examples.RATING,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class Verdicts(WorkList):
    scopes = {"GET": Scope.READ, "POST": Scope.REVIEW}
    serializer_class = shapes.DeskVerdict
    ordering = ("-number",)
    facts = staticmethod(shapes.verdict_facts)

    def get_queryset(self) -> QuerySet[Verdict]:
        self.given()
        return _VERDICTS.filter(claim=self.claim(self.kwargs["pk"]))

    @operation(
        "desk_verdicts_list",
        "The verdicts of a claim, newest first",
        gives=shapes.DeskVerdict,
        answers=examples.VERDICT,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @operation(
        "desk_verdicts_create",
        "Propose a verdict with its reasoning",
        description="It counts once enough others have approved it. Whoever proposes it may not review the claim.",
        takes=shapes.VerdictRequest,
        asks=examples.PROPOSE,
        gives=shapes.DeskVerdict,
        answers=examples.VERDICT,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        claim, given = self.claim(pk, Role.CHECKER), self.given_body(shapes.VerdictRequest)

        def act() -> Response:
            rating = rating_of(claim, given["rating"])
            verdict = services.propose_verdict(
                claim=claim, rating=rating, rationale=given["rationale"], by=self.by, at=timezone.now()
            )
            return self.made(shapes.DeskVerdict, shapes.verdict_facts(verdict))

        return self.once(act)


class OneVerdict(WorkEndpoint):
    @operation("desk_verdict", "A verdict", gives=shapes.DeskVerdict, answers=examples.VERDICT)
    def get(self, request: Request, pk: UUID) -> Response:
        return self.now(shapes.DeskVerdict, shapes.verdict_facts(self.part(_VERDICTS, pk)))
