"""Publishing: how a claim stands, what keeps it from being published, and the acts along the publication axis."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from claims.statements.models import Claim
from verify.accounts.models import Role
from verify.api.examples import work as of
from verify.api.examples import work_publication as examples
from verify.api.models import Scope
from verify.api.schema import problems
from verify.api.shapes import work_publication as shapes
from verify.api.shapes.work_reviews import ReasonRequest
from verify.api.views.work import (
    IF_MATCH,
    JUDGEMENTS,
    LISTS,
    READS,
    WRITES,
    WorkEndpoint,
    WorkList,
    check_unchanged,
    operation,
)
from verify.publish import services
from verify.publish.models import Version
from verify.publish.readiness import Readiness

_SEEN = (
    " With `content_digest_seen` or `If-Match` it is done only if the content is still the one that was seen: else "
    "409, or 412."
)


class PublicationEndpoint(WorkEndpoint):
    scopes = {"POST": Scope.PUBLISH}

    def stands(self, claim: Claim) -> Response:
        facts = shapes.publication_facts(Readiness(claim, self.by))
        return self.now(shapes.DeskPublication, facts)

    def freezes(self, service: Any, pk: UUID, shape: Any) -> HttpResponseBase:
        """Run a service that makes a version, and answer with it."""
        claim, given = self.claim(pk, Role.EDITOR), self.given_body(shape)

        def act() -> Response:
            seen = self.seen(given)
            with self.as_things_stand():
                check_unchanged(claim, seen)
                version = service(claim=claim, by=self.by, at=timezone.now(), **given)
            return self.made(shapes.DeskVersion, shapes.version_facts(version))

        return self.once(act)

    def moves(self, service: Any, pk: UUID) -> HttpResponseBase:
        """Run a service that shows or hides what is published, and answer how it stands then."""
        claim, given = self.claim(pk, Role.EDITOR), self.given_body(ReasonRequest)

        def act() -> Response:
            with self.as_things_stand():
                service(claim=claim, by=self.by, at=timezone.now(), **given)
            return self.stands(self.claim(pk))

        return self.once(act)


class Publication(PublicationEndpoint):
    scopes = {"GET": Scope.READ}

    @operation(
        "desk_publication",
        "Whether a claim is public, and what keeps it from being published",
        description="`acts` says for each act whether the caller can do it now, and if not, why, in a sentence.",
        gives=shapes.DeskPublication,
        answers=examples.PUBLICATION,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.stands(self.claim(pk))


class Publish(PublicationEndpoint):
    @operation(
        "desk_publication_publish",
        "Publish an approved claim",
        description="Freezes its content into an immutable version and shows it to the world." + _SEEN,
        takes=shapes.PublishRequest,
        asks=examples.PUBLISH,
        gives=shapes.DeskVersion,
        answers=examples.VERSION,
        status=201,
        refuses=JUDGEMENTS,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.freezes(services.publish, pk, shapes.PublishRequest)


class Correct(PublicationEndpoint):
    @operation(
        "desk_publication_correct",
        "Publish the newly approved content as a correction",
        description="The reason is public; the earlier versions stay readable." + _SEEN,
        takes=shapes.CorrectRequest,
        asks=examples.CORRECT,
        gives=shapes.DeskVersion,
        answers=examples.CORRECTED,
        status=201,
        refuses=JUDGEMENTS,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.freezes(services.correct, pk, shapes.CorrectRequest)


class Retract(PublicationEndpoint):
    @operation(
        "desk_publication_retract",
        "Withdraw a published claim for good",
        description="Its page stays, and says that it was retracted and why.",
        takes=shapes.ReasonForReaders,
        asks=examples.RETRACT,
        gives=shapes.DeskVersion,
        answers=examples.RETRACTED,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.freezes(services.retract, pk, shapes.ReasonForReaders)


class Pause(PublicationEndpoint):
    @operation(
        "desk_publication_pause",
        "Hide a published claim for a time",
        takes=ReasonRequest,
        asks=examples.PAUSE,
        gives=shapes.DeskPublication,
        answers=examples.PAUSED,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.moves(services.pause, pk)


class Resume(PublicationEndpoint):
    @operation(
        "desk_publication_resume",
        "Show a paused claim again, in the version that it had",
        takes=ReasonRequest,
        asks=examples.RESUME,
        gives=shapes.DeskPublication,
        answers=examples.PUBLICATION,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.moves(services.resume, pk)


class Versions(WorkList):
    serializer_class = shapes.DeskVersion
    ordering = ("-number",)
    facts = staticmethod(shapes.version_facts)

    def get_queryset(self) -> QuerySet[Version]:
        self.given()
        claim = self.claim(self.kwargs["pk"])
        return Version.objects.filter(claim=claim).defer("snapshot").select_related("published_by")

    @operation(
        "desk_versions_list",
        "The versions of a claim, newest first, whether it is public now or not",
        gives=shapes.DeskVersion,
        answers=examples.VERSION,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)


class OneVersion(WorkEndpoint):
    @extend_schema(
        operation_id="desk_version",
        summary="The stored bytes of one version, also of a claim that is paused",
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, "canonical JSON, of the schema that it names"),
            **problems(*READS),
        },
        examples=[
            OpenApiExample(
                "answered",
                value={"schema": "verify-version/2", "number": 1, "claim": {"id": of.CLAIM}},
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        version = get_object_or_404(Version, claim=self.claim(pk), number=number)
        headers = {"ETag": f'"{version.sha256}"', "Cache-Control": "private, no-cache"}
        return HttpResponse(bytes(version.snapshot), content_type="application/json", headers=headers)
