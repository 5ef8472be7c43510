"""What a page asks for, answered by the fetcher: the only way from a rendered page to the network.

A rule of thumb for every case below: the page sees what the archive keeps. What is not fetched is refused, and noted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urldefrag, urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Route

from sources.archive.decode import decode
from sources.archive.exchange import Body, Exchange, FetchError, FetchResult, Limits
from sources.archive.kinds import Family, sniff


class Fetches(Protocol):
    """The fetcher, as far as a page needs it."""

    def fetch(
        self,
        url: str,
        *,
        method: str = ...,
        headers: list[tuple[str, str]] = ...,
        body: bytes = ...,
        follow: bool = ...,
    ) -> FetchResult: ...


@dataclass(frozen=True, slots=True)
class RenderLimits:
    """How much a page may take. Seconds, bytes and CSS pixels."""

    total_seconds: float = 60.0
    load_seconds: float = 15.0  # until the load event
    quiet_seconds: float = 0.3  # without a request under way: the page is at rest
    settle_seconds: float = 8.0  # the longest wait for that rest, each time
    answer_seconds: float = 5.0  # a page that answers no question for so long is stuck in a script
    subresources: int = 300
    total_bytes: int = 256 * 1024 * 1024  # wire bytes of all exchanges of the page
    navigations: int = 3  # how often the page may send the browser on
    parallel: int = 6
    width: int = 1280
    height: int = 960
    picture_height: int = 16_000  # Chromium's own limit for a texture is 16,384
    thumbnail_width: int = 320
    fetch: Limits = field(default_factory=Limits)  # under which bodies are decoded


# Of what the browser would send; the fetcher sets the rest. No cookies: neither sent nor kept.
_FORWARDED = frozenset({"accept", "accept-language", "content-type", "origin", "referer", "x-requested-with"})
# Of what the server sent: coding no longer applies, and the rest would start traffic or state of the browser's own.
_WITHHELD = frozenset(
    "alt-svc connection content-encoding content-length keep-alive nel refresh report-to reporting-endpoints "
    "set-cookie strict-transport-security transfer-encoding".split()
)
_REFUSED_TYPES = {
    "media": "Video and audio are not captured along with a page; capture their own addresses.",
    "eventsource": "A stream of live events was refused.",
    "websocket": "A live connection (WebSocket) was refused.",
    "ping": "A tracking ping was not sent.",
    "beacon": "A tracking ping was not sent.",
    "cspviolationreport": "A report to the site's operator was not sent.",
}
_METHODS = frozenset({"GET", "POST", "HEAD"})
_MAX_NOTES = 60


@dataclass(frozen=True, slots=True)
class Answer:
    """A fetch with its decoded body."""

    result: FetchResult
    body: Body | None

    @property
    def is_page(self) -> bool:
        """Whether a browser would show this as a page instead of downloading it or opening a viewer."""
        final = self.result.final
        if final is None or self.body is None:
            return False
        if header(final, "content-disposition").lower().startswith("attachment"):
            return False
        return sniff(self.body.decoded, header(final, "content-type"), final.url).family is Family.HTML


def header(exchange: Exchange, name: str) -> str:
    """The first response header of that lower-case name; empty if there is none."""
    return next((value for key, value in exchange.headers if key == name), "")


class PageNetwork:
    """The network of one page capture. Made anywhere, then used in the browser's event loop only."""

    def __init__(self, fetcher: Fetches, limits: RenderLimits, pool: Executor) -> None:
        self._fetcher, self._limits, self._pool = fetcher, limits, pool
        self._answers: dict[tuple[str, str, bytes], asyncio.Future[Answer]] = {}
        self._bytes = 0
        self._under_way = 0
        self.requests = 0  # of the page, answered or refused
        self._idle_since = time.monotonic()
        self.exchanges: list[Exchange] = []
        self.notes: list[str] = []
        self.page: Page | None = None
        self.main: Answer | None = None
        self.main_urls: set[str] = set()
        self.navigations = 0
        self.settled = False  # from now on the page is looked at and must stay where it is
        self.moved_to = ""  # where the driver must go, because a navigation of the page was redirected

    def begin(self, url: str) -> Answer:
        """Fetch the document itself, redirects and all. Blocks; call it before the browser goes there."""
        accept = [("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")]
        self.main = self._fetch("GET", url, accept, b"")
        self._keep(self.main.result)
        self.main_urls = {urldefrag(url).url} | {exchange.url for exchange in self.main.result.exchanges}
        return self.main

    def note(self, sentence: str) -> None:
        """Say something about the capture once; a page that fails in a thousand ways is not listed in full."""
        if sentence not in self.notes and len(self.notes) < _MAX_NOTES:
            self.notes.append(sentence)

    @property
    def rested_seconds(self) -> float:
        """For how long no request has been under way."""
        return 0.0 if self._under_way else time.monotonic() - self._idle_since

    async def handle(self, route: Route) -> None:
        """Answer or refuse one request of the page."""
        self._under_way += 1
        self.requests += 1
        try:
            await self._answer(route, route.request)
        except PlaywrightError:  # the page went away in the meantime
            pass
        except Exception as error:  # a request that is left without an answer would hold up the page for ever
            self.note(f"Could not load {_short(route.request.url)}: {type(error).__name__}.")
            await route.abort("failed")
        finally:
            self._under_way -= 1
            self._idle_since = time.monotonic()

    async def _answer(self, route: Route, request: Request) -> None:
        url = urldefrag(request.url).url
        if refusal := self._refusal(request, url):
            self.note(refusal)
            # "aborted" leaves a window where it is; other reasons would replace the page by an error page.
            await route.abort("aborted" if self._is_main(request) else "blockedbyclient")
        elif self._is_main(request):
            await self._navigate(route, request, url)
        else:
            await self._subresource(route, request, url)

    def _refusal(self, request: Request, url: str) -> str:
        if request.resource_type in _REFUSED_TYPES:
            return _REFUSED_TYPES[request.resource_type]
        if self._is_of_another_page(request):
            return "A window that the page opened was closed."
        if urlsplit(url).scheme not in ("http", "https"):
            return f"{_short(url)} was refused: only http and https are fetched."
        if request.method not in _METHODS or (request.method == "POST" and request.is_navigation_request()):
            return f"A {request.method} request to {_short(url)} was refused."
        return ""

    def _is_of_another_page(self, request: Request) -> bool:
        try:
            return request.frame.page != self.page
        except PlaywrightError:  # a window so new that it has no frame yet
            return request.is_navigation_request()

    def _is_main(self, request: Request) -> bool:
        try:
            return (
                request.is_navigation_request()
                and self.page is not None
                and request.frame == self.page.main_frame
            )
        except PlaywrightError:
            return False

    async def _navigate(self, route: Route, request: Request, url: str) -> None:
        """The main document, or another that the page goes to by itself."""
        self.navigations += 1
        if self.settled or self.navigations > self._limits.navigations + 1:
            reason = "the capture was nearly done." if self.settled else "it had moved too often."
            self.note(f"The page went on to {_short(url)}, which was not followed: {reason}")
            return await route.abort("aborted")
        if url in self.main_urls and self.main is not None:
            return await _fulfil(route, self.main)
        answer = await self._get(request, url)
        if not answer.is_page:
            self.note(f"The page went on to {_short(url)}, which was not followed: {_reason(answer)}")
            return await route.abort("aborted")
        self.note(f"The page sent the browser on to {_short(url)}.")
        self.main = answer
        self.main_urls = {url} | {exchange.url for exchange in answer.result.exchanges}
        if len(answer.result.exchanges) > 1:
            # Answered under the old address, its relative links would point to the wrong place.
            self.moved_to = answer.result.exchanges[-1].url
            return await route.abort("aborted")
        await _fulfil(route, answer)

    async def _subresource(self, route: Route, request: Request, url: str) -> None:
        answer = await self._get(request, url)
        if answer.result.final is None or answer.body is None:
            self.note(f"Could not load {_short(url)}: {_reason(answer)}")
            return await route.abort("failed")
        await _fulfil(route, answer)

    async def _get(self, request: Request, url: str) -> Answer:
        """One fetch per method, address and body, however often and however simultaneously the page asks."""
        body = request.post_data_buffer or b""
        if request.method == "GET" and self.main is not None and url in self.main_urls:
            return self.main
        key = (request.method, url, body)
        if key not in self._answers:
            self._answers[key] = asyncio.ensure_future(
                self._start(request.method, url, request.headers, body)
            )
        return await asyncio.shield(self._answers[key])

    async def _start(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if len(self._answers) > self._limits.subresources or self._bytes > self._limits.total_bytes:
            self.note("The page asked for more than a capture may fetch; the rest was left out.")
            return Answer(FetchResult(), None)
        given = [(name, value) for name, value in headers.items() if name.lower() in _FORWARDED]
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._pool, self._fetch, method, url, given, body)
        self._keep(answer.result)
        return answer

    def _fetch(self, method: str, url: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        try:
            result = self._fetcher.fetch(url, method=method, headers=headers, body=body)
        except FetchError as error:
            result = FetchResult(failure=error)
        return Answer(result, decode(result.final, self._limits.fetch) if result.final else None)

    def _keep(self, result: FetchResult) -> None:
        self.exchanges.extend(result.exchanges)
        self._bytes += sum(len(exchange.response_wire) for exchange in result.exchanges)


async def _fulfil(route: Route, answer: Answer) -> None:
    final, body = answer.result.final, answer.body
    assert final is not None and body is not None
    headers: dict[str, str] = {}
    for name, value in final.headers:
        if name not in _WITHHELD:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    # A fulfilled 3xx would send the browser to its own network, which it does not have.
    status = 200 if 300 <= final.status < 400 else final.status
    await route.fulfill(status=status, headers=headers, body=body.decoded)


def _reason(answer: Answer) -> str:
    if answer.result.failure is not None:
        return str(answer.result.failure)
    return "it is not a page." if answer.result.final else "the capture's limits were reached."


def _short(url: str) -> str:
    return url if len(url) <= 200 else f"{url[:199]}…"
