"""Answers of public pages: an ETag from what they show, short caching by anybody, 304 where nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language

# Seconds. Together they are how long a cache may show what was corrected, paused or retracted: one minute.
MAX_AGE = 45
STALE = 15  # in which a cache may still answer with what it has while it asks for the new


def answer(
    request: HttpRequest,
    make: Callable[[], HttpResponseBase],
    *,
    shows: Iterable[object],
    at: datetime | None = None,
    varies: bool = True,
) -> HttpResponseBase:
    """304 if the reader has it already, else what `make` gives, with the headers for caches.

    `shows` names all that the page is made of; language, appearance and the release are added where the page varies
    with them. `at` is when it last changed.
    """
    parts = [str(part) for part in shows]
    if varies:
        parts += [_release(), get_language() or "", request.COOKIES.get("theme", "")]
    etag = quote_etag(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32])
    return cached(request, make, etag=etag, at=at, varies=varies)


def cached(
    request: HttpRequest,
    make: Callable[[], HttpResponseBase],
    *,
    etag: str,
    at: datetime | None = None,
    varies: bool = False,
) -> HttpResponseBase:
    """As `answer`, under an ETag of one's own."""
    changed = int(at.timestamp()) if at else None
    response = get_conditional_response(request, etag=etag, last_modified=changed) or make()
    response.headers["ETag"] = etag
    if changed is not None:
        response.headers["Last-Modified"] = http_date(changed)
    patch_cache_control(response, public=True, max_age=MAX_AGE, stale_while_revalidate=STALE)
    if varies:
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def stored(
    request: HttpRequest, content: bytes, *, content_type: str, sha256: str, at: datetime | None = None
) -> HttpResponseBase:
    """Stored bytes as they are, named by their digest, for anybody to fetch from anywhere."""
    response = cached(
        request, lambda: HttpResponse(content, content_type=content_type), etag=quote_etag(sha256), at=at
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@cache
def _release() -> str:
    """A digest of what pages are made with: after an upgrade, no old page counts as unchanged."""
    found = hashlib.sha256()
    for folder, pattern in (
        ("templates", "*.html"),
        ("locale", "*.mo"),
        ("verify", "*.py"),
        ("static", "*.css"),
    ):
        for path in sorted((settings.BASE_DIR / folder).rglob(pattern)):
            found.update(path.read_bytes())
    return found.hexdigest()[:16]
