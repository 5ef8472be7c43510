"""Page captures: headless Chromium, which has no network of its own.

Every request of a page is answered by the fetcher (``interception``). Behind that stand a proxy that does not exist, a
resolver that knows no name, and no way for a page to open sockets of other kinds. Pure: no Django.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import secrets
import shutil
import signal
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin

import playwright.async_api as pw
from lxml import etree

from sources.archive import layout, markup
from sources.archive.exchange import Exchange, FetchError, Resource
from sources.archive.interception import Fetches, PageNetwork, RenderLimits

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_CAPTURES = 50  # per browser process; memory that pages leak goes with it
_GRACE = 15.0  # seconds beyond a page's total before the browser is given up
_MAX_DIALOGS = 5

_FLAGS = (
    "--proxy-server=http://no-network.invalid:9",
    "--proxy-bypass-list=<-loopback>",  # without this, loopback goes around the proxy
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-pings",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-breakpad",
    "--mute-audio",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
# Doors that interception does not stand at. Pages do without them, as they do in browsers that lack them.
_CLOSE_DOORS = """for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "WebTransport", "SharedWorker"])
    try { Object.defineProperty(globalThis, name, {value: undefined, configurable: false}) } catch {}"""
_SCROLL = """async most => {
    const step = innerHeight, pause = () => new Promise(done => setTimeout(done, 40));
    for (let y = 0; y < Math.min(document.documentElement.scrollHeight, most); y += step) {
        scrollTo(0, y); await pause();
    }
    scrollTo(0, 0); await pause();
}"""
# Consent managers by the names of their own containers only: no guessing that could hide a part of the page.
_BANNERS = (
    "#onetrust-consent-sdk, #CybotCookiebotDialog, #CybotCookiebotDialogBodyUnderlay, #didomi-host, "
    "#usercentrics-root, #usercentrics-cmp-ui, .qc-cmp2-container, .fc-consent-root, "
    "[id^=sp_message_container_], #cmpbox, #cmpbox2, #truste-consent-track, #consent_blackbar, "
    ".osano-cm-window, #iubenda-cs-banner, .cky-consent-container, .cky-overlay, .cmplz-cookiebanner, "
    "#cookie-law-info-bar, #cookie-notice, .cc-window.cc-banner, .cookie-banner, #cookie-banner, "
    "#cookiebanner, .cookie-consent, #cookie-consent, #gdpr-cookie-message, "
    ".eu-cookie-compliance-banner"
)
_HIDE = """selectors => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${selectors} {display: none !important} html, body {overflow: visible !important}`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
_T = TypeVar("_T")


class BrowserMissing(Exception):
    """There is no browser that could be used; ``str()`` is a sentence. The caller captures without one."""


class _Stuck(Exception):
    """The page does not let itself be looked at; ``str()`` is a sentence."""


@dataclass(slots=True)
class Rendering:
    """A captured page: all exchanges in order of completion, and what was made from it.

    ``main`` is the document that was rendered: the last one if the page sent the browser on. It is also set, with no
    resources, when the address turned out to be no page at all. ``failure`` says why there is no document.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    main: Exchange | None = None
    resources: list[Resource] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failure: FetchError | None = None


def find_chromium(configured: str = "") -> str:
    """Path of the system's Chromium. Raises BrowserMissing when there is none; ``configured`` is tried alone if set."""
    for name in (configured,) if configured else _NAMES:
        if path := shutil.which(name):
            return path
    what = f"“{configured}” is not a program that can be run" if configured else "No Chromium was found"
    raise BrowserMissing(f"{what}; pages are captured without rendering.")


class Browser:
    """A Chromium that is started when first needed, used for one page at a time and replaced when it misbehaves.

    Make one per process and share it between threads; it must not be carried over a fork. ``sandbox`` None means:
    Chromium's sandbox is on unless we run as root, where Chromium refuses to start with it.
    """

    def __init__(self, executable: str = "", *, sandbox: bool | None = None) -> None:
        self._executable = executable
        self._sandbox = os.geteuid() != 0 if sandbox is None else sandbox
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._driver: pw.Playwright | None = None
        self._browser: pw.Browser | None = None
        self._token = ""
        self._captures = 0

    def render(self, url: str, fetcher: Fetches, *, limits: RenderLimits | None = None) -> Rendering:
        """Capture ``url`` as a page. Raises BrowserMissing before anything is fetched; else every trouble is noted."""
        limits = limits or RenderLimits()
        with self._lock:
            try:
                self._await(self._ensure(), 60.0)
            except FutureTimeout as error:
                raise BrowserMissing("Chromium did not start in time.") from error
            pool = ThreadPoolExecutor(limits.parallel, thread_name_prefix="page-fetch")
            network = PageNetwork(fetcher, limits, pool)
            try:
                answer = network.begin(url)
                made: list[Resource] = []
                if answer.is_page:
                    made = self._rendered(network, limits)
                elif answer.result.final is not None:
                    network.note("This is not a page, so it was kept as it was sent and not rendered.")
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
            main = network.main.result.final if network.main else None
            return Rendering(list(network.exchanges), main, made, network.notes, answer.result.failure)

    def close(self) -> None:
        """End the browser; the next capture starts another."""
        with self._lock:
            if self._loop is not None:
                self._await(self._end(), 30.0)
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._loop = None

    # -- the browser's life -------------------------------------------------------------------------------------------

    def _await(self, work: Coroutine[Any, Any, _T], seconds: float) -> _T:
        """Run ``work`` in the browser's own event loop, which lives in a thread of its own."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="browser", daemon=True).start()
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except FutureTimeout:
            future.cancel()
            self._kill()
            raise

    async def _ensure(self) -> pw.Browser:
        if self._browser is not None and self._browser.is_connected() and self._captures < _CAPTURES:
            return self._browser
        await self._end()
        self._driver = await pw.async_playwright().start()
        self._token = f"--capture-browser={secrets.token_hex(8)}"
        try:
            path = self._executable_path(self._driver.chromium.executable_path)
            self._browser = await self._driver.chromium.launch(
                executable_path=path,
                args=[*_FLAGS, self._token],
                chromium_sandbox=self._sandbox,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=30_000,
            )
        except BrowserMissing:
            await self._end()
            raise
        except pw.Error as error:
            await self._end()
            reason = next((line for line in error.message.splitlines() if line.strip()), "unknown reason")
            raise BrowserMissing(f"Chromium could not be started: {reason}") from error
        self._captures = 0
        return self._browser

    def _executable_path(self, own: str) -> str:
        try:
            return find_chromium(self._executable)
        except BrowserMissing:
            if not self._executable and Path(own).exists():
                return own
            raise

    async def _end(self) -> None:
        """Close what runs, politely and then by force."""
        browser, driver, self._browser, self._driver = self._browser, self._driver, None, None
        for closing in (browser and browser.close(), driver and driver.stop()):
            if closing:
                try:
                    await asyncio.wait_for(closing, 5.0)
                except (pw.Error, TimeoutError, ConnectionError):
                    self._kill()

    def _kill(self) -> None:
        """Kill our Chromium, known by the token on its command line; its own children die with it."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self._token and self._token.encode() in (process / "cmdline").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:
                continue

    # -- one page -----------------------------------------------------------------------------------------------------

    def _rendered(self, network: PageNetwork, limits: RenderLimits) -> list[Resource]:
        made: list[Resource] = []
        try:
            self._await(self._attempts(network, limits, made), limits.total_seconds + _GRACE)
        except FutureTimeout:
            network.note("The browser stopped answering; the page was not rendered to the end.")
        except BrowserMissing as error:  # it was there a moment ago, and could not be started again
            network.note(str(error))
        return made

    async def _attempts(self, network: PageNetwork, limits: RenderLimits, made: list[Resource]) -> None:
        """With scripts, in two thirds of the time; without, from the same exchanges, if the scripts got in the way."""
        loop = asyncio.get_running_loop()
        end = loop.time() + limits.total_seconds
        scripts, revived = True, False
        while True:
            left = (end - loop.time()) * (0.65 if scripts else 1)
            try:
                return await asyncio.wait_for(self._attempt(network, limits, made, scripts), left)
            except (_Stuck, TimeoutError, pw.Error) as error:
                reason = (
                    str(error) if isinstance(error, _Stuck) else "The page could not be rendered in time."
                )
            made.clear()
            died = self._browser is None or not self._browser.is_connected()
            self._kill()
            await self._end()
            if died and not revived:  # not this page's doing, or not yet known to be
                revived = True
            elif scripts:
                scripts = False
                network.note(f"{reason} It was rendered once more without scripts.")
            else:
                return network.note("It could not be rendered without scripts either.")

    async def _attempt(
        self, network: PageNetwork, limits: RenderLimits, made: list[Resource], scripts: bool
    ) -> None:
        browser = await self._ensure()
        self._captures += 1
        context = await browser.new_context(
            viewport={"width": limits.width, "height": limits.height},
            java_script_enabled=scripts,
            accept_downloads=False,
            service_workers="block",
            reduced_motion="reduce",
        )
        await context.add_init_script(_CLOSE_DOORS)
        await context.route("**/*", network.handle)
        await context.route_web_socket(re.compile(".*"), lambda socket: _refuse_socket(socket, network))
        page = network.page = await context.new_page()
        network.navigations, network.settled = 0, False
        context.on("page", lambda other: asyncio.ensure_future(_close(other)))
        trouble: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        _watch(page, trouble)
        work = asyncio.ensure_future(self._capture(page, network, limits, made, scripts))
        try:
            both: set[asyncio.Future[Any]] = {work, trouble}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise _Stuck(trouble.result())
            work.result()
        finally:
            work.cancel()
            trouble.cancel()
        await asyncio.wait_for(context.close(), 5.0)

    async def _capture(
        self, page: pw.Page, network: PageNetwork, limits: RenderLimits, made: list[Resource], scripts: bool
    ) -> None:
        assert network.main is not None
        target = network.main.result.exchanges[-1].url
        for _ in range(limits.navigations + 1):
            network.moved_to = ""
            await _go(page, target, limits)
            await self._settle(page, network, limits)
            asked = network.requests
            await _responsive(page.title(), limits.answer_seconds)
            if scripts:  # without them no timer ever fires, not even ours
                await _responsive(page.evaluate(_SCROLL, limits.picture_height), 10.0)
            if network.requests > asked:
                await self._settle(page, network, limits)
            if not network.moved_to:
                break
            target = network.moved_to
        network.settled = True
        await _take(page, network, limits, made)

    async def _settle(self, page: pw.Page, network: PageNetwork, limits: RenderLimits) -> None:
        """Wait until the page has loaded and asked for nothing more for a moment; not for ever."""
        try:
            await page.wait_for_load_state("load", timeout=limits.load_seconds * 1000)
        except pw.TimeoutError:
            network.note("The page was still loading when it was captured.")
        end = asyncio.get_running_loop().time() + limits.settle_seconds
        while network.rested_seconds < limits.quiet_seconds and not network.moved_to:
            if asyncio.get_running_loop().time() > end:
                return network.note("The page was still asking for more when it was captured.")
            await asyncio.sleep(0.02)


def _watch(page: pw.Page, trouble: asyncio.Future[str]) -> None:
    """Answer dialogs, and report a page that crashes or never stops asking."""
    dialogs = 0

    def report(sentence: str) -> None:
        if not trouble.done():
            trouble.set_result(sentence)

    async def dismiss(dialog: pw.Dialog) -> None:
        nonlocal dialogs
        dialogs += 1
        if dialogs > _MAX_DIALOGS:
            return report("The page opened one dialog after another.")
        with suppress(pw.Error):
            await dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("crash", lambda _: report("The page crashed the browser's renderer."))


async def _refuse_socket(socket: pw.WebSocketRoute, network: PageNetwork) -> None:
    network.note("A live connection (WebSocket) was refused.")
    await socket.close()


async def _close(page: pw.Page) -> None:
    with suppress(pw.Error):
        await page.close()


async def _go(page: pw.Page, url: str, limits: RenderLimits) -> None:
    try:
        await page.goto(url, wait_until="commit", timeout=limits.load_seconds * 1000)
    except pw.TimeoutError as error:
        raise _Stuck("The page did not begin to show.") from error
    except pw.Error:
        # The page left for elsewhere before it had committed; what stands in the window is looked at below.
        if page.url in ("", "about:blank"):
            await asyncio.sleep(0)


async def _responsive(work: Coroutine[Any, Any, _T], seconds: float) -> _T | None:
    """``work`` in the page; None if the page moved on meanwhile. A page that does not answer at all is stuck."""
    try:
        return await asyncio.wait_for(work, seconds)
    except TimeoutError as error:
        raise _Stuck("A script of the page never rested.") from error
    except pw.Error:
        return None


async def _take(page: pw.Page, network: PageNetwork, limits: RenderLimits, made: list[Resource]) -> None:
    """The page as it stands: first its DOM untouched, then pictures with known consent notices hidden.

    The layout comes right after the screenshot, before the PDF lays the page out anew.
    """
    url = page.url

    def keep(name: str, media_type: str, content: bytes) -> None:
        made.append(Resource(name, f"urn:{name}:{url}", media_type, content, datetime.now(UTC)))

    dom = await _responsive(page.content(), 10.0)
    if dom is not None:
        keep("dom", "text/html; charset=utf-8", dom.encode("utf-8", "replace"))
    if await _responsive(page.locator(_BANNERS).count(), 5.0):
        await _responsive(page.evaluate(_HIDE, _BANNERS), 5.0)
        network.note("A cookie notice was hidden in the picture and the PDF; the DOM still has it.")
    height = await _responsive(page.evaluate("document.documentElement.scrollHeight"), 5.0)
    if isinstance(height, int | float) and height > limits.picture_height:
        network.note(f"The page is longer than the picture, which ends at {limits.picture_height:,} pixels.")
    makers: tuple[tuple[str, str, Callable[[], Coroutine[Any, Any, bytes]]], ...] = (
        ("screenshot", "image/png", lambda: _picture(page, limits)),
        ("layout", layout.MEDIA_TYPE, lambda: _layout(page, limits, made)),
        ("thumbnail", "image/jpeg", lambda: _thumbnail(page, limits)),
        ("pdf", "application/pdf", lambda: page.pdf(format="A4", print_background=True)),
    )
    for name, media_type, make in makers:
        try:
            keep(name, media_type, await asyncio.wait_for(make(), 15.0))
        except (pw.Error, TimeoutError, ValueError):
            if name != "layout":  # a convenience, which nobody misses who does not look for it
                network.note(f"The browser could not make the {name} of this page.")


async def _picture(page: pw.Page, limits: RenderLimits) -> bytes:
    clip: pw.FloatRect = {"x": 0, "y": 0, "width": limits.width, "height": limits.picture_height}
    return await page.screenshot(full_page=True, clip=clip, animations="disabled", timeout=14_000)


async def _layout(page: pw.Page, limits: RenderLimits, made: list[Resource]) -> bytes:
    """Where the words stand on the picture just made. Raises ValueError without a picture or a fit answer."""
    picture = next((resource.content for resource in made if resource.name == "screenshot"), b"")
    session = await page.context.new_cdp_session(page)
    frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "layout"})
    question = {
        "expression": layout.question(limits.width, limits.picture_height),
        "contextId": world["executionContextId"],
        "returnByValue": True,
        "timeout": 5_000,
    }
    answer = await session.send("Runtime.evaluate", question)
    return layout.answered(answer.get("result", {}).get("value"), picture)


async def _thumbnail(page: pw.Page, limits: RenderLimits) -> bytes:
    session = await page.context.new_cdp_session(page)
    scale = limits.thumbnail_width / limits.width
    clip = {"x": 0, "y": 0, "width": limits.width, "height": limits.height, "scale": scale}
    answer = await session.send("Page.captureScreenshot", {"format": "jpeg", "quality": 70, "clip": clip})
    return base64.b64decode(answer["data"])


def subresources(page: bytes, base_url: str, charset_hint: str = "") -> list[str]:
    """Absolute http(s) addresses of the images, stylesheets and scripts that ``page`` names, in order, once each."""
    tree, _ = markup.parse(markup.decode_bytes(page, charset_hint)[0])
    if tree is None:
        return []
    base = next((e.get("href") for e in tree.iter("base") if e.get("href")), "")
    found: dict[str, None] = {}
    for element in tree.iter("img", "script", "link", "source", "input", "video"):
        for reference in _references(element):
            try:
                address = urljoin(urljoin(base_url, base), reference.strip()).partition("#")[0]
            except ValueError:
                continue
            if address.startswith(("http://", "https://")):
                found[address] = None
    return list(found)


def _references(element: etree._Element) -> list[str]:
    if element.tag == "link":
        relations = (element.get("rel") or "").lower().split()
        return (
            [element.get("href") or ""]
            if {"stylesheet", "icon"} & set(relations) and element.get("href")
            else []
        )
    parent = element.getparent()
    if element.tag == "source" and parent is not None and parent.tag != "picture":
        return []
    plain = [element.get("poster")] if element.tag == "video" else [element.get("src")]
    candidates = re.findall(r"([^\s,]\S*[^\s,])(?:\s[^,]*)?(?:,|$)", element.get("srcset") or "")
    return [reference for reference in [*plain, *candidates] if reference]
