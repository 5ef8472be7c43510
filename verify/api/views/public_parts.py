"""The parts of a published claim, each read from the snapshot of its current version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from sources.custody import services as custody
from sources.custody.models import Entry
from verify.api.examples import public as examples
from verify.api.schema import problems
from verify.api.shapes import public as shapes
from verify.api.shapes.base import absolute
from verify.api.views.base import unchanged_or
from verify.publish import reading
from verify.publish.models import Listing
from verify.publish.schemas import current

Json = dict[str, Any]


class Part(APIView):
    """A member of the claim's content, in the shape of the newest schema, whichever it was published in."""

    permission_classes = [AllowAny]
    part: ClassVar[str] = ""

    def answer(self, request: Request, pk: UUID) -> HttpResponseBase:
        row = current_row(pk)
        etag = hashlib.sha256(
            f"{settings.SOFTWARE} {settings.SITE_URL} {request.path} {row['sha256']}".encode()
        )

        def make() -> Response:
            snapshot = json.loads(bytes(row["snapshot"]))
            whole = {"claim": str(pk), "version": snapshot["number"], "sha256": row["sha256"]}
            return Response(whole | self.of(snapshot, current(snapshot["claim"]), pk))

        return unchanged_or(request, make, etag=etag.hexdigest()[:32])

    def of(self, snapshot: Json, claim: Json, pk: UUID) -> Json:
        return {"results": claim[self.part]}


def _described(part: str, summary: str, shape: Any) -> Any:
    return extend_schema(
        operation_id=f"claim_{part}",
        summary=summary,
        examples=examples.PARTS[part],
        responses={200: shape, **problems(412)},
    )


class Assertions(Part):
    part = "assertions"

    @_described("assertions", "Who says so, with quotations and where they stand", shapes.ClaimPart)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.answer(request, pk)


class Evidence(Part):
    part = "evidence"

    @_described("evidence", "What corroborates it, contradicts it or puts it in context", shapes.ClaimPart)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.answer(request, pk)


class Figures(Part):
    part = "figures"

    @_described("figures", "The figures, each with its scope", shapes.ClaimPart)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.answer(request, pk)


class ClaimOrigins(Part):
    @_described("origins", "Where the chains of assertions begin", shapes.ClaimOrigins)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.answer(request, pk)

    def of(self, snapshot: Json, claim: Json, pk: UUID) -> Json:
        found = snapshot.get("origins") or {}
        said = {name: found.get(name, empty) for name, empty in (("counts", {}), ("cautions", []))}
        return said | {"results": found.get("groups", [])}


class Copies(Part):
    @_described("captures", "The archived copies that it stands on, with their digests", shapes.ClaimCopies)
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.answer(request, pk)

    def of(self, snapshot: Json, claim: Json, pk: UUID) -> Json:
        return {"results": [shapes.Copy(copy).data for copy in copies_of(claim, pk)]}


class CopyEntry(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="claim_capture_entry",
        summary="The log entry of an archived copy",
        description="Byte for byte: SHA-256 of 0x00 and these bytes is the leaf (RFC 6962 §2.1).",
        examples=examples.ENTRY,
        responses={200: OpenApiResponse(OpenApiTypes.OBJECT, "the entry"), **problems(412)},
    )
    def get(self, request: Request, pk: UUID, capture: UUID) -> HttpResponseBase:
        body = bytes(get_object_or_404(Entry, index=_entry_of(pk, capture)).body)
        etag = hashlib.sha256(body).hexdigest()
        return unchanged_or(request, lambda: HttpResponse(body, content_type="application/json"), etag=etag)


class CopyProof(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="claim_capture_proof",
        summary="The proof that an archived copy is in the log",
        description="c2sp.org/tlog-proof@v1, under the first checkpoint that covers it; 404 until there is one.",
        examples=examples.PROOF,
        responses={(200, "text/plain"): OpenApiTypes.STR, **problems(412)},
    )
    def get(self, request: Request, pk: UUID, capture: UUID) -> HttpResponseBase:
        index = _entry_of(pk, capture)
        checkpoint = reading.covering_checkpoint(index)
        if checkpoint is None:
            raise Http404(_("The log has not been signed since this was archived; try again in a minute."))
        text = custody.inclusion_proof(index, checkpoint).encode()
        etag = hashlib.sha256(text).hexdigest()
        return unchanged_or(
            request, lambda: HttpResponse(text, content_type="text/plain; charset=utf-8"), etag=etag
        )


def current_row(pk: UUID) -> Json:
    """Snapshot and digest of the current version of a claim that is public; 404 of any other."""
    rows = Listing.objects.filter(pk=pk)
    row: Any = rows.values(snapshot=F("version__snapshot"), sha256=F("version__sha256")).first()
    if row is None:
        raise Http404
    return dict(row)


def copies_of(claim: Json, pk: UUID) -> list[Json]:
    """What Copy shows of the archived copies that a claim names, oldest first."""
    found: dict[str, Json] = {}
    for shown in _shown(claim):
        capture = shown.get("capture")
        if not capture:
            continue
        copy = found.setdefault(
            capture["id"], {**capture, "texts_sha256": set(), "files_sha256": set(), "links": None}
        )
        copy["texts_sha256"] |= {shown.get("text_sha256")} - {None}
        copy["files_sha256"] |= {shown.get("blob_sha256")} - {None}
        if capture["entry"] is not None:
            named = {
                name: absolute(f"api-claim-capture-{name}", pk, capture["id"]) for name in ("entry", "proof")
            }
            copy["links"] = named
    for copy in found.values():
        copy |= {name: sorted(copy[name]) for name in ("texts_sha256", "files_sha256")}
    return sorted(found.values(), key=lambda copy: (copy["finished_at"] or "", copy["id"]))


def _shown(claim: Json) -> Iterator[Mapping[str, Any]]:
    for said in claim["assertions"]:
        yield from _all(said["quotes"], said["regions"])
    for piece in claim["evidence"]:
        yield piece
        yield from _all([piece["region"]] if piece["region"] else [])


def _all(*lists: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for each in lists:
        yield from each


def _entry_of(pk: UUID, capture: UUID) -> int:
    """The index of the log's entry on a copy that the claim's current version names; 404 for any other."""
    claim = current(json.loads(bytes(current_row(pk)["snapshot"]))["claim"])
    for shown in _shown(claim):
        copy = shown.get("capture")
        if copy and copy["id"] == str(capture) and copy["entry"] is not None:
            return int(copy["entry"])
    raise Http404
