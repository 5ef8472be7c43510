"""Sending archived bytes to a browser: only what is whole, and never so that it can run.

Every answer is closed in a sandbox of its own, where no script runs, nothing is loaded and nothing is sent; and unless
it is a picture or plain text, it is a download. What the archived server called it is not believed. Films and
recordings are downloads too, which a player in one of our pages plays: under their own type, in parts (RFC 9110 §14).
"""

from __future__ import annotations

import mimetypes
import re
import tempfile
from typing import IO

from django.core.cache import cache
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
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
INTACT_FOR = 600  # seconds for which a blob that was found intact is not read whole again before a part of it
PLAYED = (Family.VIDEO, Family.AUDIO)
_PART = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
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
    played = inline and family_of(blob.media_type) in PLAYED
    try:
        part = _part_asked(request, blob, etag) if played else None
        if part is not None:
            return _part(blob, part, etag)
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
        content_type=media_type or (blob.media_type if played else "application/octet-stream"),
    )
    of_all = {"ETag": etag, "Content-Length": str(blob.size), "Accept-Ranges": "bytes" if played else "none"}
    for header, value in (HEADERS | of_all).items():
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


def _part_asked(request: HttpRequest, blob: Blob, etag: str) -> range | None:
    """The bytes that a player asks for, empty for what lies behind the end; None when all of them are to be sent.

    What cannot be read as one range is not obeyed (RFC 9110 §14.2), nor is one of bytes that are other ones now
    (`If-Range`, §13.1.5; a date says nothing here).
    """
    found = _PART.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or request.method != "GET" or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, blob.size - int(last)), blob.size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1 if last else blob.size, blob.size))


def _part(blob: Blob, part: range, etag: str) -> HttpResponseBase:
    """A part of the blob, of which all was read and found intact within the last minutes."""
    headers = HEADERS | {"ETag": etag, "Accept-Ranges": "bytes"}
    if not part:
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{blob.size}"})
    _check_intact(blob)
    of_all = {
        "Content-Range": f"bytes {part.start}-{part.stop - 1}/{blob.size}",
        "Content-Length": str(len(part)),
        "Content-Disposition": "attachment",
    }
    pieces = storage.stretch(blob, part.start, len(part))
    return StreamingHttpResponse(pieces, status=206, content_type=blob.media_type, headers=headers | of_all)


def _check_intact(blob: Blob) -> None:
    """Read all of the blob unless it was done within the last minutes. Raises BlobDamaged, StorageUnavailable.

    A player asks for a film in many parts, and hashing all of it for each would make it stutter. The name is also the
    digest, so whatever is remembered is remembered of these very bytes; that they were damaged since is fsck's to find.
    """
    known = f"blob-intact:{blob.sha256}"
    if not cache.get(known) or not storage.exists(blob.sha256):
        for _piece in storage.verified(blob):
            pass
        cache.set(known, True, INTACT_FOR)


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
