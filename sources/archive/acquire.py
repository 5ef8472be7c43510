"""From a URL to a packaged capture: fetch or render, judge, extract, pack. No database; pure but for the network.

What comes out is everything that the rows and the log need; nothing is kept unless the caller's lease still holds.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from sources.archive import browser as browsers
from sources.archive.decode import decode
from sources.archive.exchange import Body, Exchange, FailureCode, FetchError, Limits, Resource, Truncation
from sources.archive.inspected import Inspected
from sources.archive.inspecting import inspection_resources
from sources.archive.interception import Fetches, RenderLimits
from sources.archive.kinds import Family, Kind, sniff
from sources.archive.reader import extract_safely, inspect_safely
from sources.archive.text import Extracted
from sources.archive.wacz import Page, build_wacz

SUBRESOURCE_SECONDS = 120.0  # after that no further one is begun

_CUT = {
    Truncation.LENGTH: "The response was longer than the limit and was cut there.",
    Truncation.TIME: "The response took longer than the limit and was cut there.",
    Truncation.DISCONNECT: "The server closed the connection before the response was complete.",
}


@dataclass(slots=True)
class Acquired:
    """One capture, packaged. `main` counts the exchanges that are hops of the document itself, the first ones."""

    exchanges: list[Exchange]
    bodies: list[Body]
    main: int
    kind: Kind
    text: Extracted | None
    resources: list[Resource]
    notes: list[str]
    degraded: bool
    created_at: datetime
    package: BinaryIO = field(default_factory=tempfile.TemporaryFile)
    datapackage_sha256: str = ""
    inspected: Inspected | None = None

    @property
    def final(self) -> Exchange:
        """The document's own response."""
        return self.exchanges[self.main - 1]

    @property
    def body(self) -> Body:
        """The document's own body."""
        return self.bodies[self.main - 1]


class Broken(FetchError):
    """A fetch that ended in a failure after complete exchanges, which are kept: redirects that lead nowhere, say."""

    def __init__(self, failure: FetchError, exchanges: list[Exchange]) -> None:
        super().__init__(failure.code, str(failure))
        self.exchanges = exchanges


def pack_hops(
    exchanges: Sequence[Exchange], limits: Limits, stream: BinaryIO, *, software: str
) -> tuple[list[Body], str]:
    """Pack what was seen before a fetch failed; gives the bodies and the SHA-256 of `datapackage.json`."""
    bodies = [decode(exchange, limits) for exchange in exchanges]
    first = exchanges[0]
    return bodies, build_wacz(
        stream,
        software=software,
        created_at=first.started_at,
        page=Page(url=first.url, title="", at=first.started_at),
        exchanges=exchanges,
        bodies=bodies,
    )


def acquire(
    url: str,
    *,
    page: bool,
    fetcher: Fetches,
    limits: Limits,
    browser: browsers.Browser | None,
    subresource_limit: int,
    software: str,
    report: Callable[[str], None] = lambda doing: None,
    trust_anchors: str = "",
) -> Acquired:
    """Fetch `url` (rendered in `browser` when `page`) and pack it. Raises FetchError when there is nothing to archive,
    Broken when that was found out after complete exchanges.

    A response of any status is something to archive. `report` is told what is being done, for people who wait.
    """
    report("fetching")
    exchanges, main, resources, notes, degraded = _bring(
        url,
        page=page,
        fetcher=fetcher,
        browser=browser,
        subresource_limit=subresource_limit,
        limits=limits,
        report=report,
    )
    report("reading")
    bodies = [decode(exchange, limits) for exchange in exchanges]
    final, body = exchanges[main - 1], bodies[main - 1]
    declared = next((value for name, value in final.headers if name == "content-type"), "")
    kind = sniff(body.decoded, declared, final.url)
    text = extract_safely(kind, body.decoded, url=final.url, captured_at=final.finished_at)
    inspected = inspect_safely(kind, body.decoded, trust_anchors=trust_anchors)
    resources += _text_resource(final.url, text, final.finished_at)
    pictured = any(resource.name == "thumbnail" for resource in resources)
    resources += inspection_resources(inspected, final.url, final.finished_at, thumbnail=not pictured)
    notes += [sentence for sentence in (kind.problem, body.decode_problem) if sentence]
    if final.truncated:
        notes.insert(0, _CUT[final.truncated])
    if text is not None and text.problem:
        notes.append(text.problem)
    if final.peer.tls_version and not final.peer.tls_verified:
        notes.append(f"The server's certificate could not be verified: {final.peer.tls_problem}")
    if final.peer.exception:
        notes.append(f"Fetched under an exception to the address guard: {final.peer.exception}.")
    acquired = Acquired(
        exchanges=exchanges,
        bodies=bodies,
        main=main,
        kind=kind,
        text=text,
        resources=resources,
        notes=notes,
        degraded=degraded,
        created_at=exchanges[0].started_at,
        inspected=inspected,
    )
    report("packing")
    acquired.datapackage_sha256 = build_wacz(
        acquired.package,
        software=software,
        created_at=acquired.created_at,
        page=Page(url=final.url, title=text.title if text else "", at=acquired.created_at),
        exchanges=acquired.exchanges,
        bodies=acquired.bodies,
        resources=acquired.resources,
    )
    return acquired


def _bring(
    url: str,
    *,
    page: bool,
    fetcher: Fetches,
    browser: browsers.Browser | None,
    subresource_limit: int,
    limits: Limits,
    report: Callable[[str], None],
) -> tuple[list[Exchange], int, list[Resource], list[str], bool]:
    notes: list[str] = []
    if page and browser is not None:
        try:
            rendering = browser.render(
                url, fetcher, limits=RenderLimits(subresources=subresource_limit, fetch=limits)
            )
        except browsers.BrowserMissing as missing:
            notes.append(str(missing))
        else:
            if rendering.main is None:
                raise _failure(rendering.failure, rendering.exchanges)
            # The document's own hops first, then what the page asked for, each in the order of the wire.
            ordered = _main_first(rendering.exchanges, rendering.main)
            return *ordered, list(rendering.resources), list(rendering.notes), False
    result = fetcher.fetch(url)
    if result.final is None:
        raise _failure(result.failure, result.exchanges)
    exchanges, main = list(result.exchanges), len(result.exchanges)
    if page:
        exchanges += _subresources(result.final, fetcher, limits, subresource_limit, notes, report)
    return exchanges, main, [], notes, page


def _failure(failure: FetchError | None, exchanges: list[Exchange]) -> FetchError:
    failure = failure or FetchError(FailureCode.PROTOCOL_ERROR, "Nothing came back.")
    return Broken(failure, exchanges) if exchanges else failure


def _main_first(exchanges: Sequence[Exchange], main: Exchange) -> tuple[list[Exchange], int]:
    hops = [main]
    for exchange in reversed(exchanges):
        if exchange.location and exchange.location == hops[0].url:
            hops.insert(0, exchange)
    main_hops = {id(hop) for hop in hops}
    return [*hops, *(exchange for exchange in exchanges if id(exchange) not in main_hops)], len(hops)


def _subresources(
    final: Exchange,
    fetcher: Fetches,
    limits: Limits,
    most: int,
    notes: list[str],
    report: Callable[[str], None],
) -> list[Exchange]:
    body = decode(final, limits)
    declared = next((value for name, value in final.headers if name == "content-type"), "")
    if sniff(body.decoded, declared, final.url).family is not Family.HTML:
        return []
    wanted = browsers.subresources(body.decoded, final.url)
    if len(wanted) > most:
        notes.append(f"The page has {len(wanted)} subresources; the first {most} were fetched.")
    brought: list[Exchange] = []
    until = time.monotonic() + SUBRESOURCE_SECONDS
    for place, url in enumerate(wanted[:most], start=1):
        if time.monotonic() > until:
            notes.append(f"The time for subresources was over after {place - 1} of {len(wanted[:most])}.")
            break
        report(f"fetching {place} of {len(wanted[:most])} subresources")
        result = fetcher.fetch(url)
        brought += result.exchanges
        if result.failure:
            notes.append(f"Subresource {url} was not fetched: {result.failure}")
    return brought


def _text_resource(url: str, text: Extracted | None, at: datetime) -> list[Resource]:
    if text is None or not text.text:
        return []
    return [
        Resource(
            name="text",
            target_uri=f"urn:text:{url}",
            media_type="text/plain; charset=utf-8",
            content=text.text.encode(),
            created_at=at.astimezone(UTC),
        )
    ]
