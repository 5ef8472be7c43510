"""Who said it: assertions of a claim, and the quotes that show them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from claims.attribution import services
from claims.attribution.models import Anchor, Assertion, Citation
from claims.attribution.restoring import reinstate_assertion
from claims.statements.models import Claim, Figure
from sources.archive.models import Text
from sources.catalog.models import Document, Source
from verify.accounts.models import Role
from verify.api.examples import work as of
from verify.api.examples import work_assertions as examples
from verify.api.models import Scope
from verify.api.shapes import work_assertions as shapes
from verify.api.shapes.work import WithdrawalRequest
from verify.api.views.records import SEEN
from verify.api.views.work import (
    CHANGES,
    JUDGEMENTS,
    LISTS,
    READS,
    WRITES,
    WorkEndpoint,
    WorkList,
    operation,
    resolve,
)

_SOURCES = ("speaker", "on_behalf_of", "outlet")
_ROWS = Assertion.objects.select_related(
    *(f"{name}__merged_into" for name in _SOURCES), "claim", "derives_from", "created_by", "withdrawn_by"
).prefetch_related(
    "figures",
    "regions",
    Prefetch("anchors", Anchor.objects.only("id", "assertion_id")),
    Prefetch("citations", Citation.objects.select_related("cited")),
)
_ANCHORS = Anchor.objects.select_related("text__capture").defer("text__content")


def _among(desk: Any) -> dict[str, QuerySet[Any]]:
    """What the fields of an assertion may refer to: rows of the desk. Whether they stand, the services see."""
    sources = Source.objects.filter(desk=desk).select_related("merged_into")
    said = Assertion.objects.filter(claim__desk=desk).select_related("claim", "speaker", "outlet")
    return {
        **dict.fromkeys(_SOURCES, sources),
        "document": Document.objects.filter(desk=desk),
        "derives_from": said,
        "cites": said,
        "relays_to": said,
        "figures": Figure.objects.filter(claim__desk=desk).select_related("claim"),
    }


def _facts(assertion: Assertion) -> dict[str, Any]:
    return shapes.assertion_facts(_ROWS.get(pk=assertion.pk))


class Assertions(WorkList):
    scopes = {"GET": Scope.READ, "POST": Scope.WRITE}
    serializer_class = shapes.DeskAssertion
    ordering = ("created_at", "id")
    facts = staticmethod(shapes.assertion_facts)

    def get_queryset(self) -> QuerySet[Assertion]:
        self.given()
        rows: QuerySet[Assertion] = _ROWS.standing()
        return rows.filter(claim=self.claim(self.kwargs["pk"]))

    @operation(
        "desk_assertions_list",
        "The assertions of a claim, in the order in which they were recorded",
        gives=shapes.DeskAssertion,
        answers=examples.ASSERTION,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @operation(
        "desk_assertions_create",
        "Record that somebody asserts or denies the claim",
        description=(
            "Sources, documents, figures and assertions are named by their ids and must be of the claim's desk; a "
            "source that was merged into another is recorded as that one. Anchor the words that show it next."
        ),
        takes=shapes.AssertionRequest,
        asks=examples.ATTRIBUTE,
        gives=shapes.DeskAssertion,
        answers=examples.ASSERTION,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        claim, given = self.claim(pk, Role.CHECKER), self.given_body(shapes.AssertionRequest)

        def act() -> Response:
            resolve(given, _among(claim.desk_id))
            made = services.attribute_claim(claim=claim, by=self.by, at=timezone.now(), **given)
            return self.created(shapes.DeskAssertion, _facts(made))

        return self.once(act)


class OneAssertion(WorkEndpoint):
    scopes = {"GET": Scope.READ, "PATCH": Scope.WRITE}

    @operation(
        "desk_assertion",
        "An assertion",
        description="One that was withdrawn says by whom, when and why; it counts nowhere.",
        gives=shapes.DeskAssertion,
        answers=examples.ASSERTION,
        refuses=(*READS, 412),
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskAssertion, shapes.assertion_facts(self.part(_ROWS, pk)))

    @operation(
        "desk_assertion_update",
        "Correct what was recorded of an assertion",
        description="What is not given stays. Approvals of the earlier content no longer count." + CHANGES,
        takes=shapes.AssertionChange,
        asks=examples.CORRECT,
        gives=shapes.DeskAssertion,
        answers=examples.ASSERTION,
        refuses=JUDGEMENTS,
        parameters=SEEN,
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        assertion = self.part(Assertion.objects.select_related("claim__desk"), pk, role=Role.CHECKER)
        given = self.given_body(shapes.AssertionChange)

        def act() -> Response:
            resolve(given, _among(assertion.claim.desk_id))
            facts = _facts(assertion)
            seen = self.revision_seen(facts["revision"], given, shapes.DeskAssertion, facts)
            said = given | {"revision": seen, "by": self.by, "at": timezone.now()}
            with self.as_seen():
                services.correct_assertion(assertion=assertion, **said)
            return self.standing(shapes.DeskAssertion, _facts(assertion))

        return self.once(act)


class AssertionWithdraw(WorkEndpoint):
    scopes = {"POST": Scope.WRITE}

    @operation(
        "desk_assertion_withdraw",
        "Take back an assertion that was recorded by mistake",
        description="With it goes the evidence that is nothing but it. It stays on record and counts nowhere.",
        takes=shapes.AssertionWithdrawal,
        asks=examples.WITHDRAW,
        gives=shapes.DeskAssertion,
        answers=examples.WITHDRAWN_ASSERTION,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        assertion = self.part(Assertion.objects.select_related("claim__desk"), pk, role=Role.CHECKER)
        given = self.given_body(shapes.AssertionWithdrawal)

        def act() -> Response:
            resolve(given, _among(assertion.claim.desk_id))
            with self.as_things_stand():
                services.withdraw_assertion(assertion=assertion, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskAssertion, _facts(assertion))

        return self.once(act)


class AssertionReinstate(WorkEndpoint):
    scopes = {"POST": Scope.WRITE}

    @operation(
        "desk_assertion_reinstate",
        "Let an assertion that was withdrawn stand again",
        description="What it was taken over from must stand. Evidence that went with it is reinstated by itself.",
        takes=WithdrawalRequest,
        asks=of.REINSTATE,
        gives=shapes.DeskAssertion,
        answers=examples.ASSERTION,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        assertion = self.part(Assertion.objects.select_related("claim__desk"), pk, role=Role.CHECKER)
        given = self.given_body(WithdrawalRequest)

        def act() -> Response:
            with self.as_things_stand():
                reinstate_assertion(assertion=assertion, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskAssertion, _facts(assertion))

        return self.once(act)


class Anchors(WorkList):
    scopes = {"GET": Scope.READ, "POST": Scope.WRITE}
    serializer_class = shapes.DeskAnchor
    ordering = ("created_at", "id")
    facts = staticmethod(shapes.anchor_facts)

    def get_queryset(self) -> QuerySet[Anchor]:
        self.given()
        return _ANCHORS.filter(assertion=self._assertion(self.kwargs["pk"]))

    def _assertion(self, pk: UUID, role: Role = Role.VIEWER) -> Assertion:
        found: Assertion = self.part(Assertion.objects.select_related("claim__desk"), pk, role=role)
        return found

    @operation(
        "desk_anchors_list",
        "The quotes that show an assertion",
        gives=shapes.DeskAnchor,
        answers=examples.ANCHOR,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @operation(
        "desk_anchors_create",
        "Tie an assertion to the words of an archived text that show it",
        description=(
            "The answer says how the words were found: `exact`, `normalised` (but for typography) or `fuzzy`, and "
            "where. Words with another number or another negation are refused, with what the text holds instead."
        ),
        takes=shapes.AnchorRequest,
        asks=examples.QUOTE,
        gives=shapes.DeskAnchor,
        answers=examples.ANCHOR,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        assertion, given = self._assertion(pk, Role.CHECKER), self.given_body(shapes.AnchorRequest)

        def act() -> Response:
            resolve(given, {"text": _texts(assertion.claim)})
            start = _as_quote(given)
            anchor = services.anchor_quote(assertion=assertion, by=self.by, at=timezone.now(), **given)
            if start is not None and anchor.start != start:
                raise ValidationError({"start": _("No quotation can begin or end there: inside a number.")})
            return self.made(shapes.DeskAnchor, shapes.anchor_facts(_ANCHORS.get(pk=anchor.pk)))

        return self.once(act)


class OneAnchor(WorkEndpoint):
    @operation(
        "desk_anchor", "A quote in its archived text", gives=shapes.DeskAnchor, answers=examples.ANCHOR
    )
    def get(self, request: Request, pk: UUID) -> Response:
        of_desk = self.part(Anchor.objects.select_related("assertion__claim"), pk, of="assertion__claim")
        return self.now(shapes.DeskAnchor, shapes.anchor_facts(_ANCHORS.get(pk=of_desk.pk)))


def _texts(claim: Claim) -> QuerySet[Text]:
    return Text.objects.filter(capture__desk=claim.desk_id).select_related("capture")


def _as_quote(given: dict[str, Any]) -> int | None:
    """Put the words that stand from `start` to `end` in place of both; the start, or None where words were given."""
    if "start" not in given:
        return None
    start, end, content = given.pop("start"), given.pop("end"), given["text"].content
    if end > len(content):
        raise ValidationError({"end": _("The text has %(n)s code points.") % {"n": len(content)}})
    given |= {"quote": content[start:end], "near": start}
    return int(start)
