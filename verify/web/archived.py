"""Sending archived bytes to a browser: only what is whole, and never so that it can run.

Every answer is closed in a sandbox of its own, where no script runs, nothing is loaded and nothing is sent; and unless
it is a picture or plain text, it is a download. What the archived server called it is not believed.
"""

from __future__ import annotations

import mimetypes
import tempfile
from typing import IO

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response

from sources.archive import storage
from sources.archive.kinds import Family, family_of, sniff
from sources.archive.models import Blob

SANDBOX = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
HEADERS = {
    "Content-Security-Policy": SANDBOX,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    # What is erased must be gone, and who leaves the desk must not keep it: no cache answers without asking.
    "Cache-Control": "private, no-cache",
}
MEMORY = 4 * 2**20  # bytes that are held before a temporary file is used
INLINE = 32 * 2**20  # bytes; what is larger is a download, since judging it means reading all of it
SOURCE_CODE = (Family.HTML, Family.TEXT, Family.JSON, Family.SUBTITLES)


def send(
    request: HttpRequest, blob: Blob, *, name: str, inline: bool = False, declared: str = ""
) -> HttpResponseBase:
    """The bytes of `blob` as a file called `name` and what fits; a page that says so if they are damaged.

    All of them are read and their digest checked before the first is sent: a copy is whole or it is not sent. With
    `inline` a picture or plain text is shown in place, provided that its bytes are just that; `declared` is the
    server's Content-Type, which only tells the charset.
    """
    etag = f'"{blob.sha256}"'
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        return unchanged
    try:
        content = whole(blob)
    except storage.BlobDamaged as damage:
        return render(request, "sources/damaged.html", {"damage": str(damage)}, status=500)
    except storage.StorageUnavailable:
        return render(request, "sources/storage_away.html", status=503)
    media_type = _shown_as(content, blob, declared) if inline else ""
    response = FileResponse(
        content,
        as_attachment=not media_type,
        filename=name + ("" if media_type else _extension(blob.media_type)),
        content_type=media_type or "application/octet-stream",
    )
    for header, value in (HEADERS | {"ETag": etag, "Content-Length": str(blob.size)}).items():
        response.headers[header] = value
    return response


def whole(blob: Blob) -> IO[bytes]:
    """A file of the blob's bytes, all read and found intact, at its start. Raises BlobDamaged."""
    spool = tempfile.SpooledTemporaryFile(max_size=MEMORY)  # noqa: SIM115 - the caller's to close
    try:
        for chunk in storage.verified(blob):
            spool.write(chunk)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


def _shown_as(content: IO[bytes], blob: Blob, declared: str) -> str:
    """The media type under which it may be shown in place; empty when it may not."""
    if blob.size > INLINE or family_of(blob.media_type) not in (Family.IMAGE, Family.TEXT):
        return ""
    kind = sniff(content.read(), declared or blob.media_type)
    content.seek(0)
    if not kind.safe_inline:
        return ""
    return f"text/plain; charset={kind.charset or 'utf-8'}" if kind.family is Family.TEXT else kind.media_type


def _extension(media_type: str) -> str:
    """What a double click should do with the file: source code opens as text, nothing of it runs."""
    if media_type == "application/wacz+zip":
        return ".wacz"
    if family_of(media_type) in SOURCE_CODE or "xml" in media_type or "script" in media_type:
        return ".txt"
    if family_of(media_type) in (Family.IMAGE, Family.VIDEO, Family.AUDIO, Family.PDF):
        return mimetypes.guess_extension(media_type) or ".bin"
    return ".bin"
