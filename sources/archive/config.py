"""The fetcher's guard and limits as the settings say; what the web layer needs to judge a URL before it is queued."""

from __future__ import annotations

from django.conf import settings

from sources.archive.exchange import Limits
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard


def guard() -> Guard:
    """The guard with the configured ports and, for the demo alone, its exceptions."""
    return Guard(ports=settings.ARCHIVE_PORTS, exceptions=settings.ARCHIVE_GUARD_EXCEPTIONS)


def limits() -> Limits:
    """The configured limits of one fetch, in seconds and bytes."""
    return Limits(
        connect_seconds=settings.ARCHIVE_CONNECT_SECONDS,
        read_seconds=settings.ARCHIVE_READ_SECONDS,
        total_seconds=settings.ARCHIVE_TOTAL_SECONDS,
        wire_bytes=settings.ARCHIVE_MAX_WIRE_BYTES,
        decoded_bytes=settings.ARCHIVE_MAX_DECODED_BYTES,
        decode_ratio=settings.ARCHIVE_MAX_DECODE_RATIO,
        header_bytes=settings.ARCHIVE_MAX_HEADER_BYTES,
        redirects=settings.ARCHIVE_MAX_REDIRECTS,
    )


def fetcher() -> Fetcher:
    """The one fetcher through which everything goes."""
    return Fetcher(guard(), limits(), user_agent=settings.ARCHIVE_USER_AGENT)
