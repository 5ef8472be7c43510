"""robots.txt (RFC 9309): what a host asks automatic readers to leave alone, fetched through the one fetcher and kept.

Captures that a watch makes obey it; what a person asks for is captured, with a note of what robots.txt says. The
setting ARCHIVE_ROBOTS makes that "obey" for all or "ignore".
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from protego import Protego

from sources.archive import config
from sources.archive.decode import decode
from sources.archive.exchange import Exchange, FailureCode, FetchError, FetchResult, Limits
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard, Target
from sources.archive.models import Capture, Host

logger = logging.getLogger(__name__)

MAX_BYTES = 512 * 1024  # RFC 9309 §2.5 asks for at least 500 KiB
LIMITS = Limits(
    connect_seconds=5,
    read_seconds=5,
    total_seconds=10,
    wire_bytes=MAX_BYTES,
    decoded_bytes=MAX_BYTES,
    redirects=5,  # RFC 9309 §2.3.1.2
)
_DISALLOW = re.compile(r"\s*d[a-z]+w\s*:\s*(\S[^#]*)", re.IGNORECASE)
_RULE = re.compile(r"\s*(?:d[a-z]+w|allow)\s*:", re.IGNORECASE)
_NO_RULE = "Crawl-delay: 0"
_MOST_NAMED = 20  # rules that are tried when the deciding one is looked for


@dataclass(frozen=True, slots=True)
class Robots:
    """What came back for the robots.txt of one host ("host:port")."""

    host: str
    status: int
    text: str = ""

    def refusal(self, url: str) -> str:
        """Why the URL is not to be fetched automatically, as half a sentence with the rule; empty if it may be."""
        name = self.host.rpartition(":")[0]
        if self.status >= 500:
            return f"robots.txt of {name} answered {self.status}, which counts as a refusal"
        if not 200 <= self.status < 300:
            return ""
        agent = settings.ARCHIVE_ROBOTS_AGENT
        try:
            if Protego.parse(self.text).can_fetch(url, agent):
                return ""
            rule = _deciding_rule(self.text, url, agent)
        except Exception:  # whatever a library makes of a file that anybody may write
            logger.warning("robots.txt of %s could not be read", self.host, exc_info=True)
            return ""
        return f"robots.txt of {name} says “{rule}”"


def _deciding_rule(text: str, url: str, agent: str) -> str:
    """The longest Disallow line that refuses the URL in our group: RFC 9309 §2.2.2 lets the longest match decide."""
    lines = text.splitlines()
    found = [
        (place, match[1].strip()) for place, line in enumerate(lines) if (match := _DISALLOW.match(line))
    ]
    matching = [
        (place, path)
        for place, path in found[:5000]
        if not Protego.parse(f"User-agent: *\nDisallow: {path}").can_fetch(url, agent)
    ]
    for place, path in sorted(matching, key=lambda each: -len(each[1]))[:_MOST_NAMED]:
        # Something must stand between the groups, or they are read as one.
        alone = [_NO_RULE if _RULE.match(line) and at != place else line for at, line in enumerate(lines)]
        if not Protego.parse("\n".join(alone)).can_fetch(url, agent):
            return f"Disallow: {path}"
    return "Disallow"


def of(target: Target, *, at: datetime) -> Robots:
    """The robots.txt for a URL's host, from what is known or from the host. Raises FetchError if it cannot be had."""
    return _known(target, at) or _keep(target, _fetch(target), at)


def _known(target: Target, at: datetime) -> Robots | None:
    fresh = at - timedelta(seconds=settings.ARCHIVE_ROBOTS_SECONDS)
    # A server's failure is not kept: the next capture asks again.
    host = Host.objects.filter(
        pk=config.host_of(target), robots_fetched_at__gt=fresh, robots_status__lt=500
    ).first()
    return Robots(host.name, host.robots_status or 0, host.robots_txt) if host else None


def _fetch(target: Target) -> FetchResult:
    """Ask the host. Touches no database, so that it may run beside the capture."""
    fetcher = Fetcher(config.guard(), LIMITS, user_agent=settings.ARCHIVE_USER_AGENT)
    return fetcher.fetch(f"{target.scheme}://{target.host_header}/robots.txt")


def _keep(target: Target, result: FetchResult, at: datetime) -> Robots:
    # More redirects than five: "unavailable" (RFC 9309 §2.3.1.2), as a 404 is.
    lost = result.failure is not None and result.failure.code != FailureCode.TOO_MANY_REDIRECTS
    last = None if lost else result.exchanges[-1]
    text = _text(last) if last else ""
    Host.objects.update_or_create(
        pk=config.host_of(target),
        defaults={
            "robots_status": last.status if last else None,
            "robots_txt": text,
            "robots_fetched_at": at,
        },
    )
    if last is None:
        assert result.failure is not None
        raise FetchError(
            result.failure.code,
            f"robots.txt of {target.host} could not be read, so nothing else was asked for: {result.failure}",
        )
    return Robots(config.host_of(target), last.status, text)


def _text(exchange: Exchange) -> str:
    if not 200 <= exchange.status < 300:
        return ""
    content = decode(exchange, LIMITS).decoded[:MAX_BYTES]
    return content.decode("utf-8-sig", "replace").replace("\x00", "")


class Obeying:
    """The fetcher for a capture that obeys: the document and every hop to it are asked for only if they may be.

    What belongs to a page that may be fetched is fetched with it, as a browser would.
    """

    def __init__(self) -> None:
        self._parts = config.fetcher()
        self._document: Fetcher | None = config.fetcher(_ObeyingGuard)

    def fetch(self, url: str, **options: Any) -> FetchResult:
        """As `Fetcher.fetch`; the first call is for the document."""
        fetcher, self._document = self._document or self._parts, None
        return fetcher.fetch(url, **options)


class _ObeyingGuard(Guard):
    def check_url(self, url: str) -> Target:
        target = super().check_url(url)
        if refusal := of(target, at=timezone.now()).refusal(target.url):
            raise FetchError(FailureCode.ROBOTS_REFUSED, f"{refusal}; automatic captures obey it.")
        return target


def must_obey(capture: Capture) -> bool:
    """Whether robots.txt decides about this capture."""
    if settings.ARCHIVE_ROBOTS == "watches":
        return capture.watch_id is not None
    return str(settings.ARCHIVE_ROBOTS) == "obey"


@contextmanager
def remark(capture: Capture) -> Iterator[Callable[[], list[str]]]:
    """Look up what robots.txt says of a capture that does not obey it; the result gives the note, if there is one.

    It is asked for beside the capture, so that this costs no time.
    """
    target = config.guard().check_url(capture.url)
    silent = must_obey(capture) or settings.ARCHIVE_ROBOTS == "ignore"
    known = silent or _known(target, timezone.now())
    with ThreadPoolExecutor(1, thread_name_prefix="robots") as beside:
        asked = None if known else beside.submit(_fetch, target)

        def note() -> list[str]:
            if silent:
                return []
            try:
                robots = (
                    _keep(target, asked.result(), timezone.now()) if asked else of(target, at=timezone.now())
                )
            except FetchError:
                return []
            refusal = robots.refusal(target.url) if robots.status < 500 else ""
            return [f"{refusal}; it was captured because a person asked for it."] if refusal else []

        yield note
