"""What consumers follow and check: changes, the export, entries and proofs, the log, packages."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from sources.archive import storage
from sources.archive.models import Blob
from sources.custody.witnessing import witnessed_note
from verify.api.examples import sync as examples
from verify.api.problems import HISTORY_CHANGED, HistoryChanged, problem
from verify.api.problems import MEDIA_TYPE as PROBLEM
from verify.api.schema import problems
from verify.api.shapes import sync as shapes
from verify.api.shapes.base import Problem
from verify.api.views.base import unchanged_or
from verify.evidence.models import PackageState, PublicPackage
from verify.evidence.packages import public_package
from verify.publish import following, proofs, reading
from verify.publish.models import Version

NDJSON, GZIP, TEXT, ZIP = "application/x-ndjson", "application/gzip", "text/plain", "application/zip"
FLUSHED = zlib.Z_SYNC_FLUSH  # after each page, so that what came through of a broken download can be read
RETRY_AFTER = 60  # seconds
_PART = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class AsItIs(BaseContentNegotiation):
    """The address says what comes, whatever the caller accepts; errors are JSON all the same."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class PublicView(APIView):
    """For everybody, and not in the choice of forms that DRF offers."""

    permission_classes = [AllowAny]
    content_negotiation_class = AsItIs


def _shown(
    value: dict[str, Any] | str, status: str = "200", media_type: str = "application/json"
) -> OpenApiExample:
    return OpenApiExample(
        "example", value=value, response_only=True, status_codes=[status], media_type=media_type
    )


def _conflict() -> dict[Any, Any]:
    said = problem(409, HISTORY_DIFFERS, kind=HISTORY_CHANGED)
    text = "The history is not the one that was followed: a backup was restored."
    return {(409, PROBLEM): OpenApiResponse(Problem, text, examples=[_shown(said, "409", PROBLEM)])}


HISTORY_DIFFERS = "This history is not the one you followed; start again from the export."


class Changes(PublicView):
    @extend_schema(
        operation_id="changes_list",
        summary="What became public, was corrected, hidden or retracted, in its order",
        description="Begin with the export, or with after=0. Put in what is `put`, take out what is `remove`, then "
        "keep `next`, and ask there again. docs/reference/sync.md states what you then have.",
        parameters=[shapes.ChangeFilters],
        examples=[_shown(examples.CHANGES)],
        responses={200: shapes.ChangesOut, **problems(400, 412), **_conflict()},
    )
    def get(self, request: Request) -> HttpResponseBase:
        filters = shapes.ChangeFilters(data=request.query_params)
        filters.is_valid(raise_exception=True)
        given = filters.validated_data
        head = following.head()  # before the rest: what comes meanwhile is for the next time
        try:
            following.check_followed(after=given["after"], seen=given.get("seen"))
        except following.HistoryDiffers as error:
            raise HistoryChanged(_(HISTORY_DIFFERS)) from error
        etag = f"changes-{head.mark}" if head else "changes-0"
        response = unchanged_or(request, lambda: _changes(given, head), etag=etag)
        return _asked_again(response)


class Export(PublicView):
    filters = shapes.ExportFilters

    @extend_schema(
        operation_id="export",
        summary="The whole published set, a line a claim",
        description='NDJSON: first `{"schema": "verify-export/1", "head": …, "next": …}`, then a line for each claim '
        'in the order of their ids, last `{"end": true, "count": …}`. If the last line did not come, go on with '
        "`after`, and keep the `next` of the very first part. Sent with gzip to whoever accepts it.",
        parameters=[shapes.ExportFilters],
        responses={
            (200, NDJSON): OpenApiResponse(
                shapes.ExportLine, "lines", examples=[_shown(examples.EXPORT_LINE, media_type=NDJSON)]
            ),
            **problems(400),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        lines, zipped = self.lines(request), _wants_gzip(request)
        response = StreamingHttpResponse(_gzip(lines) if zipped else lines, content_type=NDJSON)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding"])
        return _asked_again(response)

    def lines(self, request: Request) -> Iterator[bytes]:
        filters = self.filters(data=request.query_params)
        filters.is_valid(raise_exception=True)
        return _export(filters.validated_data.get("after"))


class ExportFile(Export):
    @extend_schema(
        operation_id="export_file",
        summary="The whole published set as a gzip file",
        description="As `export/`. Parts of it one after the other in one file are one gzip file too.",
        parameters=[shapes.ExportFilters],
        responses={(200, GZIP): OpenApiResponse(OpenApiTypes.BINARY, "gzip"), **problems(400)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        response = StreamingHttpResponse(_gzip(self.lines(request)), content_type=GZIP)
        response.headers["Content-Disposition"] = 'attachment; filename="claims.ndjson.gz"'
        return _asked_again(response)


class VersionEntry(PublicView):
    @extend_schema(
        operation_id="version_entry",
        summary="The log entry of one version",
        description="Its bytes as they are in the log: SHA-256 of 0x00 and these bytes is the leaf (RFC 6962 §2.1).",
        examples=[_shown(examples.ENTRY)],
        responses={200: OpenApiResponse(OpenApiTypes.OBJECT, "canonical JSON"), **problems(412)},
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        content = proofs.entry_bytes(get_object_or_404(_versions(pk), number=number))
        etag = f"entry-{pk}-{number}"  # it never changes
        return unchanged_or(
            request, lambda: HttpResponse(content, content_type="application/json"), etag=etag
        )


class ClaimProof(PublicView):
    @extend_schema(
        operation_id="claim_proof",
        summary="The proof that the current version of a claim is in the log",
        description="As text by c2sp.org/tlog-proof@v1. 404 until the log is signed next, within a minute or so.",
        responses={
            (200, TEXT): OpenApiResponse(
                OpenApiTypes.STR, "tlog-proof", examples=[_shown(examples.PROOF, media_type=TEXT)]
            ),
            **problems(412),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        publication = get_object_or_404(reading.published(), pk=pk)
        assert publication.version is not None
        return _proof(request, publication.version)


class VersionProof(PublicView):
    @extend_schema(
        operation_id="version_proof",
        summary="The proof that one version is in the log",
        description="As text by c2sp.org/tlog-proof@v1. 404 until the log is signed next, within a minute or so.",
        responses={
            (200, TEXT): OpenApiResponse(
                OpenApiTypes.STR, "tlog-proof", examples=[_shown(examples.PROOF, media_type=TEXT)]
            ),
            **problems(412),
        },
    )
    def get(self, request: Request, pk: UUID, number: int) -> HttpResponseBase:
        return _proof(request, get_object_or_404(_versions(pk), number=number))


class Log(PublicView):
    @extend_schema(
        operation_id="log",
        summary="The log: its keys and its newest checkpoint",
        description="Keep the key from elsewhere too: whoever could change this answer could change the key in it.",
        examples=[_shown(examples.LOG)],
        responses={200: shapes.LogOut},
    )
    def get(self, request: Request) -> HttpResponseBase:
        checkpoint = proofs.newest_checkpoint()
        note = witnessed_note(checkpoint) if checkpoint else ""
        facts = shapes.log_facts(settings.LOG_ORIGIN, proofs.log_keys(), checkpoint, note)
        return _asked_again(Response(shapes.LogOut(facts).data))


class Package(PublicView):
    @extend_schema(
        operation_id="claim_package",
        summary="The evidence package of a claim's current version",
        description="A zip with the archived copies, the log's entries and proofs, and a verifier; where the desk "
        "offers it. The ETag is its SHA-256. One range of bytes may be asked for.",
        parameters=[
            OpenApiParameter(
                "Range", str, OpenApiParameter.HEADER, description="one range of bytes (RFC 9110 §14)"
            )
        ],
        responses={
            (200, ZIP): OpenApiResponse(OpenApiTypes.BINARY, "the zip"),
            (206, ZIP): OpenApiResponse(OpenApiTypes.BINARY, "a part of it"),
            202: OpenApiResponse(
                shapes.PackageWaits, "being made; ask again", examples=[_shown(examples.WAITS, "202")]
            ),
            **problems(412),
            (416, PROBLEM): OpenApiResponse(
                Problem, "behind the end", examples=[_shown(problem(416, "x"), "416", PROBLEM)]
            ),
        },
    )
    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        package = public_package(pk)
        if package is None:
            raise NotFound(_("No evidence package of this claim is offered."))
        if package.state != PackageState.READY or package.blob is None:
            return _waits(package)
        return _file(request, package, package.blob)


def _changes(given: dict[str, Any], head: Any) -> HttpResponse:
    expanded, limit = given.get("expand") == "snapshot", given["limit"]
    after, until = given["after"], head.number if head else 0
    limit = min(limit, shapes.MAX_EXPANDED) if expanded else limit
    found = following.changes(after=after, until=until, limit=limit, snapshots=expanded)
    last, seen = (found[-1].number, found[-1].mark) if found else (after, given.get("seen"))
    kept = {"limit": given["limit"]} if given["limit"] != shapes.LIMIT else {}
    end = {
        "next": shapes.following(last, seen, **kept, **({"expand": "snapshot"} if expanded else {})),
        "more": last < until,
        "head": shapes.head_facts(head),
    }
    items = b",".join(_item(change, expanded) for change in found)
    content = b'{"results":[' + items + b"]," + _json(end)[1:]
    return HttpResponse(content, content_type="application/json")


def _item(change: following.Change, expanded: bool) -> bytes:
    facts = _json(following.facts_of(change))
    return _with_snapshot(facts, change.snapshot or b"null") if expanded else facts


def _with_snapshot(facts: bytes, snapshot: bytes) -> bytes:
    """The stored bytes put in as they are: no reader and writer of JSON stands between them and the digest."""
    return facts[:-1] + b',"snapshot":' + snapshot + b"}"


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()


def _export(after: UUID | None) -> Iterator[bytes]:
    """The lines in pieces, a page of claims each."""
    head = following.head()  # before the first claim is read: whatever changes from here on is behind it
    facts = shapes.head_facts(head)
    start = {"schema": shapes.EXPORT_SCHEMA, "head": facts, "after": after}
    yield _json(start | {"next": shapes.following(facts["number"], facts["mark"])}) + b"\n"
    count = 0
    for page in following.exported(after=after):
        lines = [
            _with_snapshot(_json(shapes.export_facts(one)), bytes(one.version.snapshot)) + b"\n"
            for one in page
            if one.version
        ]
        count += len(lines)
        yield b"".join(lines)
    yield _json({"end": True, "count": count}) + b"\n"


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packed = zlib.compressobj(6, zlib.DEFLATED, 31)  # 31: with the head and the end of gzip
    for piece in pieces:
        yield packed.compress(piece) + packed.flush(FLUSHED)
    yield packed.flush()


def _wants_gzip(request: Request) -> bool:
    for part in request.headers.get("Accept-Encoding", "").split(","):
        coding, _separator, weight = part.replace(" ", "").lower().partition(";")
        if coding == "gzip":
            return not re.fullmatch(r"q=0(\.0*)?", weight)  # which means: not this one
    return False


def _asked_again(response: HttpResponseBase) -> HttpResponseBase:
    """To be asked for anew each time: nobody follows a copy that a cache has kept."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers.pop("Cache-Control", None)
    patch_cache_control(response, no_cache=True)
    return response


def _versions(pk: UUID) -> QuerySet[Version]:
    return reading.versions_of(pk).select_related("entry").defer("snapshot")


def _proof(request: Request, version: Version) -> HttpResponseBase:
    text = proofs.proof_text(version)
    if text is None:
        raise NotFound(_("The log has not been signed since this was published; try again in a minute."))
    etag = f"proof-{version.claim_id}-{version.number}"  # under the first checkpoint: once there it never changes
    return unchanged_or(request, lambda: HttpResponse(text, content_type=f"{TEXT}; charset=utf-8"), etag=etag)


def _waits(package: PublicPackage) -> HttpResponseBase:
    state = PackageState.FAILED if package.state == PackageState.FAILED else PackageState.QUEUED
    waits = Response({"state": state.value}, status=202, headers={"Retry-After": str(RETRY_AFTER)})
    return _asked_again(waits)


def _file(request: Request, package: PublicPackage, blob: Blob) -> HttpResponseBase:
    part = _part_asked(request, blob)
    if part is not None and not part:
        return HttpResponse(
            json.dumps(problem(416, _("The package ends before the range that you ask for."))),
            status=416,
            content_type=PROBLEM,
            headers={"Content-Range": f"bytes */{blob.size}"},
        )

    def make() -> HttpResponseBase:
        here = part or range(blob.size)
        pieces = storage.stretch(blob, here.start, len(here))
        try:
            first = next(pieces, b"")
        except storage.BlobDamaged:  # it was just deleted, or is damaged, which fsck says
            return _waits(PublicPackage())
        response = StreamingHttpResponse(
            chain([first], pieces), status=206 if part else 200, content_type=ZIP
        )
        response.headers["Content-Length"] = str(len(here))
        if part:
            response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{blob.size}"
        return response

    response = unchanged_or(request, make, etag=blob.sha256)
    if response.status_code == 202:
        del response.headers["ETag"]
        return response
    digest = b64encode(bytes.fromhex(blob.sha256)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    response.headers["Accept-Ranges"] = "bytes"
    name = f"evidence-{package.version.claim_id}-v{package.version.number}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _asked_again(response)


def _part_asked(request: Request, blob: Blob) -> range | None:
    """The bytes asked for, none if they lie behind the end; None for all of them, also where `Range` is not understood
    or is one of other bytes (RFC 9110 §14.2, §13.1.5)."""
    found = _PART.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or request.headers.get("If-Range", f'"{blob.sha256}"') != f'"{blob.sha256}"':
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, blob.size - int(last)), blob.size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1 if last else blob.size, blob.size))
