"""Pages captured with a real Chromium, a real fetcher and a real local server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sources.archive import layout
from sources.archive.browser import Browser, BrowserMissing, Rendering, RenderLimits, find_chromium
from sources.archive.exchange import FailureCode
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard

pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    reason="there is no Chromium",
)
SITE = "http://press.example/"
QUICK = RenderLimits(total_seconds=15, load_seconds=4, settle_seconds=2)
PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f"
    b"\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
)


class Site:
    """A web site whose pages a test writes; it counts what is asked of it."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str, bytes, dict[str, str]]] = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, media_type, body, headers = site.pages.get(
                    self.path, (404, "text/html", b"<p>gone</p>", {})
                )
                self.send_response(status)
                for name, value in {
                    "Content-Type": media_type,
                    "Content-Length": str(len(body)),
                    **headers,
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        where = f"127.0.0.1:{self.server.server_port}"
        self.fetcher = Fetcher(
            Guard(ports=frozenset({80}), exceptions={"press.example": where, "other.example": where})
        )

    def put(
        self, path: str, body: str | bytes, media_type: str = "text/html", status: int = 200, **headers: str
    ) -> None:
        content = body if isinstance(body, bytes) else body.encode()
        self.pages[path] = (status, media_type, content, {k.replace("_", "-"): v for k, v in headers.items()})


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.shutdown()
    site.server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def made(rendering: Rendering, name: str) -> bytes:
    found = [r.content for r in rendering.resources if r.name == name]
    assert found, f"no {name}: {rendering.notes}"
    return found[0]


def png_size(content: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def test_render_makes_picture_thumbnail_dom_and_pdf(browser: Browser, site: Site) -> None:
    site.put("/", "<title>T</title><img src=/a.png><img src=/a.png><p id=p></p><script src=/a.js></script>")
    site.put("/a.js", "p.textContent = 'written by ' + 'a script'", "text/javascript")
    site.put("/a.png", PNG, "image/png")
    rendering = browser.render(SITE, site.fetcher, limits=QUICK)
    assert b"written by a script" in made(rendering, "dom")
    assert png_size(made(rendering, "screenshot"))[0] == QUICK.width
    assert made(rendering, "thumbnail").startswith(b"\xff\xd8\xff")
    assert made(rendering, "pdf").startswith(b"%PDF-")
    assert rendering.main is rendering.exchanges[0] and rendering.failure is None
    assert sorted(site.asked) == ["/", "/a.js", "/a.png"], "each address is fetched once"
    assert rendering.notes == []


def test_render_keeps_each_hop_of_redirects(browser: Browser, site: Site) -> None:
    site.put("/old", b"", status=301, Location="/new/page")
    site.put("/new/page", "<p>moved</p><img src=pic.png>")
    site.put("/new/pic.png", b"", status=302, Location="/real.png")
    site.put("/real.png", PNG, "image/png")
    rendering = browser.render(SITE + "old", site.fetcher, limits=QUICK)
    assert rendering.main is not None and rendering.main.url == SITE + "new/page"
    assert [e.url.removeprefix(SITE) for e in rendering.exchanges] == [
        "old",
        "new/page",
        "new/pic.png",
        "real.png",
    ]
    assert {r.target_uri for r in rendering.resources} >= {f"urn:dom:{SITE}new/page"}


def test_render_serves_decoded_bodies_of_compressed_pages(browser: Browser, site: Site) -> None:
    import gzip

    site.put("/", gzip.compress("<meta charset=utf-8><p>نص مضغوط</p>".encode()), Content_Encoding="gzip")
    rendering = browser.render(SITE, site.fetcher, limits=QUICK)
    assert "نص مضغوط".encode() in made(rendering, "dom")
    assert rendering.main is not None and rendering.main.wire_body.startswith(b"\x1f\x8b"), (
        "the wire is kept as it was"
    )


def test_render_notes_a_missing_subresource(browser: Browser, site: Site) -> None:
    site.put("/", "<p>here</p><img src='http://not-a-host.invalid/x.png'><img src=/lost.png>")
    rendering = browser.render(SITE, site.fetcher, limits=QUICK)
    assert b"here" in made(rendering, "dom")
    assert any("http://not-a-host.invalid/x.png" in note for note in rendering.notes)
    assert [e.status for e in rendering.exchanges] == [200, 404], "a 404 is evidence"


def test_render_reports_why_the_document_is_missing(browser: Browser) -> None:
    rendering = browser.render("http://127.0.0.1/", Fetcher(Guard()), limits=QUICK)
    assert rendering.failure is not None and rendering.failure.code is FailureCode.ADDRESS_REFUSED
    assert rendering.main is None and rendering.exchanges == [] and rendering.resources == []


@pytest.mark.parametrize(
    ("media_type", "headers"),
    [("application/pdf", {}), ("text/html", {"Content_Disposition": "attachment; filename=a.html"})],
)
def test_render_keeps_what_is_no_page_as_it_was_sent(
    browser: Browser, site: Site, media_type: str, headers: dict[str, str]
) -> None:
    site.put("/file", b"%PDF-1.4" if "pdf" in media_type else b"<html>", media_type, **headers)
    rendering = browser.render(SITE + "file", site.fetcher, limits=QUICK)
    assert rendering.main is not None and rendering.resources == [] and len(rendering.exchanges) == 1
    assert rendering.notes == ["This is not a page, so it was kept as it was sent and not rendered."]


def test_render_scrolls_lazy_pictures_in_and_cuts_an_endless_page(browser: Browser, site: Site) -> None:
    site.put(
        "/",
        "<div style='height:9000px'></div><img loading=lazy src=/late.png><div style='height:60000px'></div>",
    )
    site.put("/late.png", PNG, "image/png")
    rendering = browser.render(SITE, site.fetcher, limits=QUICK)
    assert "/late.png" in site.asked
    assert png_size(made(rendering, "screenshot"))[1] == QUICK.picture_height
    assert any("longer than the picture" in note for note in rendering.notes)


def test_render_hides_a_known_cookie_notice_in_the_picture_only(browser: Browser, site: Site) -> None:
    banner = "<div id=cookie-notice style='position:fixed;inset:0;background:red'>We value your privacy</div>"
    site.put("/", "<body style='margin:0;background:white'>" + banner)
    site.put("/plain", "<body style='margin:0;background:white'>")
    with_banner = browser.render(SITE, site.fetcher, limits=QUICK)
    plain = browser.render(SITE + "plain", site.fetcher, limits=QUICK)
    assert made(with_banner, "screenshot") == made(plain, "screenshot")
    assert b"We value your privacy" in made(with_banner, "dom")
    assert any("cookie notice" in note for note in with_banner.notes)


@pytest.mark.parametrize(
    "move", ["<meta http-equiv=refresh content='0; url=/to'>", "<script>location.href = '/to'</script>"]
)
def test_render_follows_a_page_that_sends_the_browser_on(browser: Browser, site: Site, move: str) -> None:
    site.put("/", move)
    site.put("/to", b"", status=302, Location="http://other.example/dir/end")
    site.put("/dir/end", "<p>the end</p><img src=rel.png>")
    rendering = browser.render(SITE, site.fetcher, limits=QUICK)
    assert b"the end" in made(rendering, "dom")
    assert rendering.main is not None and rendering.main.url == "http://other.example/dir/end"
    assert "/dir/rel.png" in site.asked, "relative to where the redirect led"


def test_render_stops_following_a_page_that_moves_for_ever(browser: Browser, site: Site) -> None:
    for i in range(20):
        site.put(f"/{i}", f"<p>{i}</p><script>location.href = '/{i + 1}'</script>")
    rendering = browser.render(SITE + "0", site.fetcher, limits=QUICK)
    assert len(site.asked) == QUICK.navigations + 1
    assert any("moved too often" in note for note in rendering.notes)
    assert made(rendering, "screenshot")


@pytest.mark.parametrize("script", ["while (true) {}", "while (true) alert('again')"])
def test_render_survives_scripts_that_never_rest(browser: Browser, site: Site, script: str) -> None:
    site.put("/", f"<p>the words are there</p><script>{script}</script>")
    limits = RenderLimits(total_seconds=20, load_seconds=1.5, settle_seconds=0.5, answer_seconds=1.5)
    rendering = browser.render(SITE, site.fetcher, limits=limits)
    assert b"the words are there" in made(rendering, "dom")
    assert any("once more without scripts" in note for note in rendering.notes)
    assert site.asked == ["/"], "the second look is at the same exchange"
    site.put("/", "<p>next</p>")
    assert b"next" in made(browser.render(SITE, site.fetcher, limits=QUICK), "dom")


def test_render_survives_the_death_of_the_browser(browser: Browser, site: Site) -> None:
    site.put("/", "<p>alive</p>")
    made(browser.render(SITE, site.fetcher, limits=QUICK), "dom")
    victims = [p for p in Path("/proc").glob("[0-9]*") if browser._token.encode() in _command(p)]
    assert victims
    for process in victims:
        os.kill(int(process.name), signal.SIGKILL)
    assert b"alive" in made(browser.render(SITE, site.fetcher, limits=QUICK), "dom")


def test_render_keeps_no_cookies_and_no_storage(browser: Browser, site: Site) -> None:
    seen = "<p id=p></p><script>p.textContent = `[${document.cookie}|${localStorage.x}]`; "
    site.put("/", seen + "document.cookie = 'a=1'; localStorage.x = 1</script>", Set_Cookie="b=2")
    for _ in range(2):
        assert b"[|undefined]" in made(browser.render(SITE, site.fetcher, limits=QUICK), "dom")


def test_render_leaves_out_what_exceeds_the_limit(browser: Browser, site: Site) -> None:
    site.put("/", "".join(f"<img src=/{i}.png>" for i in range(30)))
    limits = RenderLimits(total_seconds=15, load_seconds=4, settle_seconds=2, subresources=10)
    rendering = browser.render(SITE, site.fetcher, limits=limits)
    assert len(rendering.exchanges) == 11
    assert any("more than a capture may fetch" in note for note in rendering.notes)


class Trap:
    """Sockets on loopback that nothing may ever reach, over TCP and UDP."""

    def __init__(self) -> None:
        self.hits: list[str] = []
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        for listen in (self._tcp, self._udp):
            threading.Thread(target=listen, daemon=True).start()

    def _tcp(self) -> None:
        while True:
            try:
                self.tcp.accept()[0].close()
            except OSError:
                return
            self.hits.append("tcp")

    def _udp(self) -> None:
        while True:
            if self.udp.recv(2000) == b"end":
                return
            self.hits.append("udp")


WAYS_OUT = """
<link rel=preconnect href="http://127.0.0.1:PORT"><link rel=dns-prefetch href="http://127.0.0.1:PORT">
<link rel=prefetch href="http://127.0.0.1:PORT/pf"><link rel=preload as=image href="http://localhost:PORT/pl">
<link rel=stylesheet href="http://127.0.0.1:PORT/s.css"><link rel=icon href="http://127.0.0.1:PORT/i.ico">
<link rel=manifest href="http://127.0.0.1:PORT/m.json"><link rel=modulepreload href="http://127.0.0.1:PORT/m.js">
<script type=speculationrules>{"prerender": [{"source": "list", "urls": ["http://127.0.0.1:PORT/sr"]}],
 "prefetch": [{"source": "list", "urls": ["http://127.0.0.1:PORT/sp"]}]}</script>
<style>@import "http://127.0.0.1:PORT/i.css"; @font-face {font-family: f; src: url(http://127.0.0.1:PORT/f)}
 body {font-family: f; background: url(http://127.0.0.1:PORT/bg)}</style>
<p>still here</p><img src="http://127.0.0.1:PORT/a"><img src="http://[::1]:PORT/a"><img src="http://0x7f000001:PORT/b">
<img src="http://press.example:PORT/c"><img src=/redirect><iframe src="http://127.0.0.1:PORT/f"></iframe>
<iframe src="file:///etc/passwd"></iframe><object data="http://127.0.0.1:PORT/o"></object>
<embed src="http://127.0.0.1:PORT/e"><video src="http://127.0.0.1:PORT/v" autoplay muted></video>
<audio src="http://127.0.0.1:PORT/au" autoplay></audio>
<form id=f method=post target=_blank action="http://127.0.0.1:PORT/form"></form>
<a id=a ping="http://127.0.0.1:PORT/ping" target=_blank href="http://127.0.0.1:PORT/click">x</a>
<script>
const tries = [
 () => fetch("http://127.0.0.1:PORT/fetch", {mode: "no-cors"}),
 () => fetch("http://127.0.0.1:PORT/keep", {mode: "no-cors", keepalive: true, method: "POST", body: "x"}),
 () => fetch("http://127.0.0.1:PORT/put", {method: "PUT", headers: {"x-a": "b"}}),
 () => navigator.sendBeacon("http://127.0.0.1:PORT/beacon", "x"),
 () => new WebSocket("ws://127.0.0.1:PORT/ws"),
 () => new EventSource("http://127.0.0.1:PORT/es"),
 () => window.open("http://127.0.0.1:PORT/popup"),
 () => f.submit(), () => a.click(),
 () => navigator.serviceWorker.register("/sw.js"),
 () => new SharedWorker("/worker.js"),
 () => new Worker("/worker.js"),
 () => new Worker(URL.createObjectURL(new Blob([`importScripts("http://127.0.0.1:PORT/is")`]))),
 () => new WebTransport("https://127.0.0.1:PORT/wt"),
 () => { const c = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:PORT"},
   {urls: "turn:127.0.0.1:PORT?transport=tcp", username: "u", credential: "c"}]});
   c.createDataChannel("d"); c.createOffer().then(o => c.setLocalDescription(o)) },
 () => { const i = document.createElement("iframe"); document.body.append(i);
   const C = i.contentWindow.RTCPeerConnection; const c = new C({iceServers: [{urls: "stun:127.0.0.1:PORT"}]});
   c.createDataChannel("d"); c.createOffer().then(o => c.setLocalDescription(o)) },
 () => import("http://127.0.0.1:PORT/import.js"),
 () => { location.href = "file:///etc/passwd" },
];
for (const attempt of tries) try { attempt() } catch (e) {}
setTimeout(() => { location.href = "http://127.0.0.1:PORT/go" }, 50);
</script>
"""
WORKER = """for (const attempt of [() => fetch("http://127.0.0.1:PORT/wf"), () => new WebSocket("ws://127.0.0.1:PORT/ww"),
 () => new WebTransport("https://127.0.0.1:PORT/wt").ready, () => importScripts("http://127.0.0.1:PORT/wi")])
 try { attempt() } catch (e) {}"""


def test_no_page_reaches_the_network_by_any_way_but_the_fetcher(browser: Browser, site: Site) -> None:
    trap = Trap()
    site.put("/", WAYS_OUT.replace("PORT", str(trap.port)))
    for path in ("/worker.js", "/sw.js"):
        site.put(path, WORKER.replace("PORT", str(trap.port)), "text/javascript")
    site.put("/redirect", b"", status=302, Location=f"http://127.0.0.1:{trap.port}/redirected")
    limits = RenderLimits(total_seconds=20, load_seconds=4, settle_seconds=2, quiet_seconds=1.5)
    rendering = browser.render(SITE, site.fetcher, limits=limits)
    trap.tcp.close()
    trap.udp.sendto(b"end", ("127.0.0.1", trap.port))
    assert trap.hits == []
    assert b"still here" in made(rendering, "dom"), "the page stays; what it tried is refused"
    assert b"root:" not in made(rendering, "dom")
    assert {e.peer.address for e in rendering.exchanges} == {"127.0.0.1"}
    assert {e.peer.exception for e in rendering.exchanges} != {""}, "only through the configured exception"
    assert len(rendering.notes) > 10
    assert "/worker.js" in site.asked, "workers really ran"


def test_the_trap_notices_a_connection() -> None:
    trap = Trap()
    socket.create_connection(("127.0.0.1", trap.port)).close()
    with socket.create_connection(("127.0.0.1", trap.port)) as second:
        second.settimeout(5)
        assert second.recv(1) == b""
    assert trap.hits[0] == "tcp"


def test_browser_is_replaced_after_its_share_of_captures(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.archive.browser._CAPTURES", 1)
    site.put("/", "<p>x</p>")
    browser = Browser()
    tokens = set()
    for _ in range(2):
        browser.render(SITE, site.fetcher, limits=QUICK)
        tokens.add(browser._token)
    browser.close()
    assert len(tokens) == 2
    left = [p for p in Path("/proc").glob("[0-9]*") if any(t.encode() in _command(p) for t in tokens)]
    assert left == [], "nothing is left running"


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""


def test_a_missing_browser_is_said_before_anything_is_fetched(site: Site) -> None:
    browser = Browser("/nowhere/chromium")
    with pytest.raises(BrowserMissing, match="“/nowhere/chromium” is not a program"):
        browser.render(SITE, site.fetcher)
    browser.close()
    assert site.asked == []


def test_a_browser_that_does_not_start_is_missing(site: Site) -> None:
    browser = Browser("false")
    with pytest.raises(BrowserMissing, match="could not be started"):
        browser.render(SITE, site.fetcher)
    browser.close()


def test_find_chromium_without_one_says_what_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BrowserMissing, match="without rendering"):
        find_chromium()


def words_of(rendering: Rendering) -> dict[str, layout.Box]:
    return {box.text: box for box in layout.read(made(rendering, "layout")).words}


def test_layout_says_where_words_stand_on_the_picture(browser: Browser, site: Site) -> None:
    css = "body{margin:0}p{position:absolute;left:100px;top:1500px;font:20px monospace}"
    site.put("/", f"<style>{css}</style><p>Around <b>745</b> civilians")
    rendering = browser.render(SITE, site.fetcher, limits=QUICK)
    words, found = words_of(rendering), layout.read(made(rendering, "layout"))
    assert (found.width, found.height) == png_size(made(rendering, "screenshot"))
    assert list(words) == ["Around", "745", "civilians"]
    assert (words["Around"].x, words["Around"].height) == (100, words["745"].height)
    assert 1500 <= words["Around"].y < 1530 and words["Around"].x < words["745"].x < words["civilians"].x


def test_layout_of_arabic_runs_from_the_right_in_reading_order(browser: Browser, site: Site) -> None:
    site.put("/", "<meta charset=utf-8><html dir=rtl><p>قُتل نحو ٧٤٥ مدنياً")
    words = list(layout.read(made(browser.render(SITE, site.fetcher, limits=QUICK), "layout")).words)
    assert [word.text for word in words] == ["قُتل", "نحو", "٧٤٥", "مدنياً"]
    assert words[0].x > words[1].x > words[2].x > words[3].x


def test_layout_leaves_out_what_is_not_seen(browser: Browser, site: Site) -> None:
    hidden = "display:none visibility:hidden opacity:0 position:absolute;left:-9000px font-size:0".split()
    site.put("/", "<p>seen" + "".join(f"<p style='{style}'>hidden{n}" for n, style in enumerate(hidden)))
    assert list(words_of(browser.render(SITE, site.fetcher, limits=QUICK))) == ["seen"]


def test_layout_is_asked_where_the_page_has_changed_nothing(browser: Browser, site: Site) -> None:
    lie = """Range.prototype.getClientRects = () => [{left: 1, top: 1, width: 9, height: 9}];
             JSON.stringify = () => "[]"; Math.round = () => 7; document.createRange = () => { throw 1 }"""
    site.put("/", f"<script>{lie}</script><p style='position:absolute;left:300px'>true")
    assert words_of(browser.render(SITE, site.fetcher, limits=QUICK))["true"].x == 300


def test_layout_of_an_endless_page_is_bounded(
    browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "MOST_WORDS", 700)
    site.put("/", "<p>" + "word " * 3_000 + "x" * 5_000)
    rendering = browser.render(SITE, site.fetcher, limits=QUICK)
    assert len(layout.read(made(rendering, "layout")).words) == 700
