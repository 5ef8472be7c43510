"""What bears on a claim: evidence, origins, the content that reviewers judge, and the package to hand out."""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from claims.attribution import services
from claims.attribution.models import Assertion, Evidence, Region
from claims.attribution.restoring import reinstate_evidence
from claims.statements.models import Claim
from sources.archive.models import Capture
from sources.archive.storage import BlobDamaged
from sources.catalog.models import Document
from sources.custody import canonical
from sources.custody.services import CustodyError
from verify.accounts.models import Role
from verify.api import repeating
from verify.api.examples import work as of
from verify.api.examples import work_evidence as examples
from verify.api.models import Scope
from verify.api.problems import Conflict, PreconditionFailed
from verify.api.schema import problems
from verify.api.shapes import work_evidence as shapes
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
from verify.evidence.package import export_claim
from verify.review.content import content_of

_ROWS = Evidence.objects.select_related("claim__desk", "linked_by", "withdrawn_by")


def _among(claim: Claim) -> dict[str, QuerySet[Any]]:
    desk = claim.desk_id
    return {
        "assertion": Assertion.objects.filter(claim__desk=desk).select_related("claim"),
        "document": Document.objects.filter(desk=desk),
        "capture": Capture.objects.filter(desk=desk),
        "region": Region.objects.filter(capture__desk=desk).select_related("capture"),
    }


class EvidenceOfClaim(WorkList):
    scopes = {"GET": Scope.READ, "POST": Scope.WRITE}
    serializer_class = shapes.DeskEvidence
    ordering = ("linked_at", "id")
    facts = staticmethod(shapes.evidence_facts)

    def get_queryset(self) -> QuerySet[Evidence]:
        self.given()
        rows: QuerySet[Evidence] = _ROWS.standing()
        return rows.filter(claim=self.claim(self.kwargs["pk"]))

    @operation(
        "desk_evidence_list",
        "The evidence for and against a claim",
        gives=shapes.DeskEvidence,
        answers=examples.EVIDENCE,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)

    @operation(
        "desk_evidence_create",
        "Link an assertion, a document, a capture or a region to the claim",
        description=(
            "Credibility 1, confirmed by other sources, takes two independent origins on that side: see "
            "`…/origins/`. With one it is refused with the reason."
        ),
        takes=shapes.EvidenceRequest,
        asks=examples.LINK,
        gives=shapes.DeskEvidence,
        answers=examples.EVIDENCE,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        claim, given = self.claim(pk, Role.CHECKER), self.given_body(shapes.EvidenceRequest)

        def act() -> Response:
            resolve(given, _among(claim))
            made = services.link_evidence(claim=claim, by=self.by, at=timezone.now(), **given)
            return self.created(shapes.DeskEvidence, shapes.evidence_facts(_ROWS.get(pk=made.pk)))

        return self.once(act)


class OneEvidence(WorkEndpoint):
    scopes = {"GET": Scope.READ, "PATCH": Scope.WRITE}

    @operation(
        "desk_evidence_piece",
        "A piece of evidence",
        gives=shapes.DeskEvidence,
        answers=examples.EVIDENCE,
        refuses=(*READS, 412),
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.shown(shapes.DeskEvidence, shapes.evidence_facts(self.part(_ROWS, pk)))

    @operation(
        "desk_evidence_piece_update",
        "Judge a piece of evidence anew",
        description="What is not given stays. Approvals of the earlier content no longer count." + CHANGES,
        takes=shapes.EvidenceChange,
        asks=examples.JUDGE_ANEW,
        gives=shapes.DeskEvidence,
        answers=examples.EVIDENCE,
        refuses=JUDGEMENTS,
        parameters=SEEN,
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        piece, given = self.part(_ROWS, pk, role=Role.CHECKER), self.given_body(shapes.EvidenceChange)

        def act() -> Response:
            facts = shapes.evidence_facts(_ROWS.get(pk=pk))
            seen = self.revision_seen(facts["revision"], given, shapes.DeskEvidence, facts)
            said = given | {"revision": seen, "by": self.by, "at": timezone.now()}
            with self.as_seen():
                services.correct_evidence(evidence=piece, **said)
            return self.standing(shapes.DeskEvidence, shapes.evidence_facts(_ROWS.get(pk=pk)))

        return self.once(act)


class EvidenceWithdraw(WorkEndpoint):
    scopes = {"POST": Scope.WRITE}

    @operation(
        "desk_evidence_piece_withdraw",
        "Take back the link between a claim and a piece of evidence",
        takes=shapes.EvidenceWithdrawal,
        asks=examples.WITHDRAW,
        gives=shapes.DeskEvidence,
        answers=examples.WITHDRAWN_EVIDENCE,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        piece, given = self.part(_ROWS, pk, role=Role.CHECKER), self.given_body(shapes.EvidenceWithdrawal)

        def act() -> Response:
            with self.as_things_stand():
                services.withdraw_evidence(evidence=piece, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskEvidence, shapes.evidence_facts(_ROWS.get(pk=pk)))

        return self.once(act)


class EvidenceReinstate(WorkEndpoint):
    scopes = {"POST": Scope.WRITE}

    @operation(
        "desk_evidence_piece_reinstate",
        "Let a piece of evidence that was withdrawn count again",
        description="What it is must stand, and its grade be one that the origins allow now.",
        takes=WithdrawalRequest,
        asks=of.REINSTATE,
        gives=shapes.DeskEvidence,
        answers=examples.EVIDENCE,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        piece, given = self.part(_ROWS, pk, role=Role.CHECKER), self.given_body(WithdrawalRequest)

        def act() -> Response:
            with self.as_things_stand():
                reinstate_evidence(evidence=piece, by=self.by, at=timezone.now(), **given)
            return self.standing(shapes.DeskEvidence, shapes.evidence_facts(_ROWS.get(pk=pk)))

        return self.once(act)


class Origins(WorkEndpoint):
    @operation(
        "desk_origins",
        "Where a claim begins: its origins as they stand now",
        gives=shapes.DeskOrigins,
        answers=examples.ORIGINS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.now(shapes.DeskOrigins, shapes.origins_facts(self.claim(pk)))


class Content(WorkEndpoint):
    """What a reviewer judges, byte for byte as its digest covers it."""

    @extend_schema(
        operation_id="desk_content",
        summary="What reviewers judge: the claim's whole content",
        description=(
            "Canonical JSON (RFC 8785). The ETag is its SHA-256: submit it with an opinion, or publish under it, as "
            "`content_digest_seen` or `If-Match`, and what was judged is what was seen."
        ),
        responses={
            200: OpenApiResponse(OpenApiTypes.OBJECT, "the content, of the schema that it names"),
            304: OpenApiResponse(None, "as it was, after `If-None-Match`"),
            **problems(*READS, 412),
        },
        examples=[
            OpenApiExample(
                "answered",
                value={
                    "schema": "verify-claim/3",
                    "id": of.CLAIM,
                    "text": "The monitoring group put the civilian dead at about 745.",
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        content = canonical.canonical(content_of(self.claim(pk)))
        etag = quote_etag(canonical.digest(content))
        response = get_conditional_response(request._request, etag=etag)
        if response is None:
            response = HttpResponse(content, content_type="application/json")
        if response.status_code == PreconditionFailed.status_code:
            raise PreconditionFailed
        response.headers["ETag"] = etag
        patch_cache_control(response, private=True, no_cache=True)
        return response


class Zip(JSONRenderer):
    """Accepts that a zip is asked for; what is refused is still a problem in JSON."""

    media_type = "application/zip"
    format = "zip"
    charset = None


class Package(WorkEndpoint):
    scopes = {"POST": Scope.READ}
    renderer_classes = [JSONRenderer, Zip]

    @extend_schema(
        operation_id="desk_package",
        summary="The evidence package of a claim",
        description=(
            "A zip with the archived copies and the proofs, which strangers can check offline. Making it is an entry "
            "in the log and has the log signed: hence POST, and checkers and above. Each call makes one of its own; an "
            "`Idempotency-Key` is refused, since packages are not kept."
        ),
        request=None,
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, "the package"),
            **problems(*sorted({*LISTS, 409, 422})),
        },
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        if repeating.HEADER in request.headers:
            raise ParseError(_("A package is not kept for a repetition: leave out the Idempotency-Key."))
        claim = self.claim(pk, Role.CHECKER)
        with ExitStack() as stack:
            out = stack.enter_context(TemporaryFile())
            try:
                export_claim(claim=claim, by=self.by, at=timezone.now(), out=out)
            except ValidationError as refusal:
                raise Conflict(" ".join(refusal.messages)) from refusal
            except (CustodyError, BlobDamaged) as damage:
                why = _("No package was made; tell whoever runs this installation: %(why)s")
                raise Conflict(why % {"why": damage}) from damage
            stack.pop_all()  # the response closes the file
        out.seek(0)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return FileResponse(
            out,
            as_attachment=True,
            filename=f"evidence-{pk}.zip",
            content_type="application/zip",
            headers=headers,
        )
