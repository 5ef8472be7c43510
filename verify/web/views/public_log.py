"""The log as the world reads it: static files by c2sp.org/tlog-tiles, and one page that says what they are.

Nothing here asks who is reading. Hashes are given to everybody; entries too, unless the installation withholds them:
then they are denied, never altered, and every proof still verifies.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from sources.custody import tree
from sources.custody.models import Checkpoint, LogKey, Timestamp
from sources.custody.rfc3161 import QUERY_TYPE, REPLY_TYPE
from sources.custody.services import configured_signer
from sources.custody.tiles import WIDTH, TileError, TilePath, parse_path
from sources.custody.witnessing import configured_policy, has_quorum, witnessed_note
from verify.web.custody import newest_checkpoint
from verify.web.views.conditional import answer
from verify.web.views.public import absolute

TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=3600"  # a partial tile stays right, but nobody asks for it for long
FOR_NOW = "public, max-age=5"
NOT_KEPT = "no-cache"
GZIP_LEVEL = 6
LARGEST = 2**63 - 1


@require_safe
def page(request: HttpRequest) -> HttpResponseBase:
    """What the log is, its keys, its newest checkpoint, who vouches for it, and how to check it without us."""
    checkpoint = newest_checkpoint()
    witnessed = _newest(Checkpoint.objects.filter(cosignatures__isnull=False))
    stamps = list(_newest_of_each_authority())
    context = {
        "checkpoint": checkpoint,
        "origin": settings.LOG_ORIGIN,
        "keys": _keys(),
        "witnessed": witnessed,
        "cosignatures": list(witnessed.cosignatures.all()) if witnessed else [],
        "quorum": witnessed is not None and has_quorum(witnessed),
        "witnesses": list(configured_policy().witnesses.values()),
        "timestamps": stamps,
        "withheld": settings.LOG_WITHHOLD_ENTRIES,
        "prefix": absolute(reverse("public-log")).rstrip("/"),
        "canonical": absolute(reverse("public-log")),
        "section": "log",
    }
    names = ("origin", "keys", "witnesses", "quorum", "withheld", "prefix")
    shows = [
        *(context[name] for name in names),
        checkpoint.note if checkpoint else "",
        *(row.line for row in context["cosignatures"]),
        *(row.pk for row in stamps),
        *(key.retired_at for key in context["keys"]),
    ]
    return answer(request, lambda: render(request, "verify/log_public.html", context), shows=shows)


@require_safe
def newest(request: HttpRequest) -> HttpResponseBase:
    """The newest checkpoint with the cosignatures that it has so far."""
    checkpoint = newest_checkpoint()
    if checkpoint is None:
        raise Http404
    return _static(request, witnessed_note(checkpoint).encode(), content_type=TEXT, keep=FOR_NOW)


@require_safe
def at_size(request: HttpRequest, size: int) -> HttpResponseBase:
    """An earlier checkpoint; a later cosignature may still join it."""
    checkpoint = _newest(Checkpoint.objects.filter(size=min(size, LARGEST)))
    if checkpoint is None:
        raise Http404
    return _static(request, witnessed_note(checkpoint).encode(), content_type=TEXT, keep=FOR_NOW)


@require_safe
def timestamp(request: HttpRequest, pk: int, part: str) -> HttpResponseBase:
    """A timestamp's note (what it is over), its query or its whole response."""
    row = get_object_or_404(Timestamp.objects.select_related("checkpoint"), pk=min(pk, LARGEST))
    parts = {
        "note": (row.checkpoint.note.encode(), TEXT),
        "tsq": (bytes(row.query), QUERY_TYPE),
        "tsr": (bytes(row.response), REPLY_TYPE),
    }
    if part not in parts:
        raise Http404
    content, content_type = parts[part]
    return _static(request, content, content_type=content_type, keep=FOR_EVER)


@require_safe
def tile(request: HttpRequest, rest: str) -> HttpResponseBase:
    """A tile of hashes or a bundle of entries, full or partial, of a tree that was signed."""
    try:
        path = parse_path(f"tile/{rest}")
    except TileError as error:
        raise Http404 from error
    size = _signed()
    if path.index * WIDTH + path.width > size >> (8 * (path.level or 0)):
        raise Http404
    if path.level is None and settings.LOG_WITHHOLD_ENTRIES:
        return _denied()
    try:
        content = tree.tile_bytes(path, size)
    except tree.NotInLog as error:  # the rows are damaged: better nothing than something else
        raise Http404 from error
    return _static(
        request,
        content,
        content_type=BYTES,
        keep=FOR_EVER if path.width == WIDTH else FOR_A_WHILE,
        compress=_wants_gzip(request, path),
        varies=path.level is None,
    )


def _static(
    request: HttpRequest,
    content: bytes,
    *,
    content_type: str,
    keep: str,
    compress: bool = False,
    varies: bool = False,
) -> HttpResponseBase:
    """Bytes for anybody to fetch from anywhere, named by their digest."""
    suffix = "-gzip" if compress else ""  # a strong ETag names the bytes as sent
    etag = quote_etag(hashlib.sha256(content).hexdigest() + suffix)
    response = get_conditional_response(request, etag=etag)
    if response is None:
        sent = gzip.compress(content, GZIP_LEVEL, mtime=0) if compress else content
        response = HttpResponse(sent, content_type=content_type)
        if compress:
            response.headers["Content-Encoding"] = "gzip"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = keep
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if varies:
        patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _denied() -> HttpResponse:
    text = "The entries of this log are withheld. Its hashes are served, so every proof still verifies.\n"
    return HttpResponse(text, status=403, content_type=TEXT, headers={"Cache-Control": NOT_KEPT})


def _wants_gzip(request: HttpRequest, path: TilePath) -> bool:
    """Hashes do not compress, entries do."""
    if path.level is not None:
        return False
    for part in request.headers.get("Accept-Encoding", "").split(","):
        coding, _, weight = part.replace(" ", "").partition(";")
        if coding.lower() == "gzip":
            return not re.fullmatch(r"q=0(\.0*)?", weight)  # which means: not this one
    return False


def _signed() -> int:
    return Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0


def _newest(checkpoints: Any) -> Checkpoint | None:
    found: Checkpoint | None = checkpoints.prefetch_related("cosignatures").order_by("-size").first()
    return found


def _newest_of_each_authority() -> Iterable[Timestamp]:
    rows = Timestamp.objects.order_by("authority", "-checkpoint__size", "-gen_time").distinct("authority")
    return rows.select_related("checkpoint").defer("query", "response")


def _keys() -> list[LogKey]:
    """The keys that sign now, newest last; before the first signature, the one of the settings."""
    found = list(LogKey.objects.order_by("added_at", "pk"))
    return found or [LogKey(name=settings.LOG_ORIGIN, verifier_key=str(configured_signer().verifier_key))]
