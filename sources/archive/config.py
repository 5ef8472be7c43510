"""The fetcher's guard and limits as the settings say; what the web layer needs to judge a URL before it is queued."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from sources.archive.exchange import Limits
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard, Target


def guard(kind: type[Guard] = Guard) -> Guard:
    """The guard with the configured ports and, for the demo alone, its exceptions."""
    return kind(ports=settings.ARCHIVE_PORTS, exceptions=settings.ARCHIVE_GUARD_EXCEPTIONS)


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


def fetcher(kind: type[Guard] = Guard) -> Fetcher:
    """The one fetcher through which everything goes; `kind` of guard for one that refuses more."""
    return Fetcher(guard(kind), limits(), user_agent=settings.ARCHIVE_USER_AGENT)


def trust_anchors() -> str:
    """The certificates (PEM) of the C2PA signers that this installation trusts; empty when it names none."""
    return Path(settings.ARCHIVE_C2PA_TRUST).read_text() if settings.ARCHIVE_C2PA_TRUST else ""


def host_of(target: Target) -> str:
    """The name under which a host is known: "host:port"."""
    return f"{target.host}:{target.port}"


def host_delay(host: str) -> float:
    """Seconds from the beginning of one capture from "host:port" to that of the next."""
    if host.rpartition(":")[0] in settings.ARCHIVE_GUARD_EXCEPTIONS:
        return float(settings.ARCHIVE_EXCEPTED_HOST_DELAY)
    return float(settings.ARCHIVE_HOST_DELAY)
