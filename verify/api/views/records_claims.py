"""Claims of one's desks: listed as on the board, registered, reworded, moved along, filed under topics.

Nothing of reviews and verdicts stands in these answers: an opinion is blind until the round is over.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from claims.statements import services
from claims.statements.models import Case, Claim, Topic
from claims.statements.states import Workflow
from verify.accounts.models import Role, User
from verify.api.examples import records_claims as given_so
from verify.api.examples.records import examples
from verify.api.problems import Conflict
from verify.api.schema import problems
from verify.api.shapes import records_claims as shapes
from verify.api.shapes.records import one_of_desk
from verify.api.views.records import SEEN, Record, RecordList
from verify.publish.states import PublicationState
from verify.review.models import Task

ONE = Claim.objects.select_related("desk", "case", "author", "changed_by", "publication").prefetch_related(
    "topics"
)


class Claims(RecordList):
    serializer_class = shapes.DeskClaimOut
    filters = shapes.DeskClaimFilters
    ordering = ("-created_at", "-id")
    facts = staticmethod(shapes.claim_facts)

    def get_queryset(self) -> QuerySet[Claim]:
        given = self.given()
        return _found(ONE.visible_to(self.by).filter(**one_of_desk(given)), given, by=self.by)

    @extend_schema(
        operation_id="desk_claims_list",
        summary="Claims of one's desks, the newest first",
        parameters=[shapes.DeskClaimFilters],
        examples=examples(response=given_so.CLAIM_OUT),
        responses={200: shapes.DeskClaimOut(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(
        operation_id="desk_claims_create",
        summary="Register a claim",
        description="It begins as a draft of its author.",
        request=shapes.DeskClaimIn,
        examples=examples(
            request=given_so.CLAIM_IN, response={**given_so.CLAIM_OUT, "topics": []}, status=201
        ),
        responses={201: shapes.DeskClaimOut, **problems(400, 401, 403, 409, 413, 415)},
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = self.given_body(shapes.DeskClaimIn)

        def act() -> Response:
            self.resolve(given, case=Case.objects.visible_to(self.by))
            made = services.register_claim(desk=self.desk_of(given), by=self.by, at=timezone.now(), **given)
            return self.created(shapes.DeskClaimOut, shapes.claim_facts(ONE.get(pk=made.pk)))

        return self.once(act)


class ClaimRecord(Record):
    """An address below one claim, which answers with the claim."""

    def detail(self, pk: UUID) -> dict[str, Any]:
        return shapes.claim_facts(self.load(ONE, pk=pk))

    def to_change(self, pk: UUID) -> Claim:
        """The claim, locked, if the caller may change it."""
        rows = Claim.objects.select_related("desk").select_for_update(of=("self",), no_key=True)
        claim: Claim = self.load(rows, role=Role.CHECKER, pk=pk)
        return claim


class OneClaim(ClaimRecord):
    @extend_schema(
        operation_id="desk_claim",
        summary="A claim",
        examples=examples(response=given_so.CLAIM_OUT),
        responses={200: shapes.DeskClaimOut, **problems(401, 403, 404, 412)},
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskClaimOut, self.detail(pk))

    @extend_schema(
        operation_id="desk_claim_change",
        summary="Reword a claim",
        description=(
            "Approvals of the earlier words count no more. 409 when `revision` is no longer the claim's, 412 when "
            "If-Match is no longer its ETag; nothing is written then: read it again, compare, send it again."
        ),
        parameters=SEEN,
        request=shapes.DeskClaimChange,
        examples=examples(request=given_so.CLAIM_CHANGE, response=given_so.CLAIM_CHANGED),
        responses={200: shapes.DeskClaimOut, **problems(400, 401, 403, 404, 409, 412, 413, 415)},
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            claim = self.to_change(pk)
            given = self.given_body(shapes.DeskClaimChange)
            revision = self.revision_seen(claim.revision, given, shapes.DeskClaimOut, self.detail(pk))
            said = {"text": claim.text, "headline": claim.headline} | given
            services.edit_claim(claim=claim, revision=revision, by=self.by, at=timezone.now(), **said)
            return self.standing(shapes.DeskClaimOut, self.detail(pk))

        return self.once(act)


class Move(ClaimRecord):
    @extend_schema(
        operation_id="desk_claim_move",
        summary="Move a claim along its workflow",
        description=(
            "Where people lead it by hand; also out of it, as a duplicate or as out of scope. In review and approved "
            "are where the reviews lead it."
        ),
        request=shapes.DeskMoveIn,
        examples=examples(request=given_so.MOVE_IN, response=given_so.CLAIM_MOVED),
        responses={200: shapes.DeskClaimOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        def act() -> Response:
            claim = self.to_change(pk)
            given = self.given_body(shapes.DeskMoveIn)
            if given.get("seen", claim.workflow) != claim.workflow:
                raise Conflict(_("This claim was moved by somebody else meanwhile."))
            services.move_by_hand(
                claim=claim,
                to=Workflow(given["to"]),
                reason=given.get("reason", ""),
                by=self.by,
                at=timezone.now(),
            )
            return self.standing(shapes.DeskClaimOut, self.detail(pk))

        return self.once(act)


class Filing(ClaimRecord):
    """Filed under topics, or taken out of them: both may be done twice."""

    def file(self, pk: UUID, act: Callable[..., Any]) -> HttpResponseBase:
        def filed() -> Response:
            claim = self.load(Claim.objects.select_related("desk"), role=Role.CHECKER, pk=pk)
            wanted = set(self.given_body(shapes.DeskTopicsIn)["topics"])
            topics = list(Topic.objects.filter(desk=claim.desk_id, pk__in=wanted))
            if len(topics) < len(wanted):
                raise ValidationError({"topics": [_("There is no such topic at the desk.")]})
            act(claims=[claim], topics=topics, by=self.by, at=timezone.now())
            return self.standing(shapes.DeskClaimOut, self.detail(pk))

        return self.once(filed)


class Tag(Filing):
    @extend_schema(
        operation_id="desk_claim_tag",
        summary="File a claim under topics",
        description="Under those, and under what it is filed already. No approval is void for it.",
        request=shapes.DeskTopicsIn,
        examples=examples(request=given_so.TOPICS_IN, response=given_so.CLAIM_OUT),
        responses={200: shapes.DeskClaimOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.file(pk, services.tag_claims)


class Untag(Filing):
    @extend_schema(
        operation_id="desk_claim_untag",
        summary="Take a claim out of topics",
        request=shapes.DeskTopicsIn,
        examples=examples(request=given_so.TOPICS_IN, response={**given_so.CLAIM_OUT, "topics": []}),
        responses={200: shapes.DeskClaimOut, **problems(400, 401, 403, 404, 409, 413, 415)},
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.file(pk, services.untag_claims)


def _found(claims: Any, given: dict[str, Any], *, by: User) -> QuerySet[Claim]:
    """Those of `claims` that the filters ask for."""
    for name, value in given.items():
        if name == "q":
            claims = claims.matching(value)
        elif name == "publication":
            claims = claims.filter(_published_as(value))
        elif name == "assignee":
            claims = claims.filter(_waits_for(value, by))
        else:
            lookup = {"topic": "topics", "updated_since": "changed_at__gte"}.get(name, name)
            claims = claims.filter(**{lookup: value})
    found: QuerySet[Claim] = claims
    return found


def _published_as(state: str) -> Q:
    found = Q(publication__state=state)
    return found | Q(publication=None) if state == PublicationState.UNPUBLISHED else found


def _waits_for(whom: str, by: User) -> Q:
    """Claims of which a review waits for a person, for the pool, or for nobody."""
    waiting = Task.objects.waiting().filter(claim=OuterRef("pk"))
    if whom == shapes.NOBODY:
        return ~Q(Exists(waiting))
    if whom == shapes.POOL:
        return Q(Exists(waiting.filter(assignee=None)))
    try:
        person = by.pk if whom == shapes.ME else UUID(whom)
    except ValueError as error:
        why = _("Give me, pool, nobody, or the id of a person.")
        raise ValidationError({"assignee": [why]}) from error
    return Q(Exists(waiting.filter(assignee=person)))
