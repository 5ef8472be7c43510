"""The fetcher against a real server on loopback: what comes over the wire is kept exactly, whatever comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.archive.decode import decode
from sources.archive.exchange import FailureCode, FetchResult, Limits, Truncation
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard
from tests.sources.archive.hostile import Behaviour, HostileServer, Visitor, chunked, response, serving

HOST = "site.test"
QUICK = Limits(
    connect_seconds=2,
    read_seconds=0.5,
    total_seconds=1.5,
    wire_bytes=200_000,
    header_bytes=8_000,
    redirects=3,
)
Start = Callable[..., tuple[HostileServer, Fetcher]]


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as stack:

        def begin(paths: dict[str, Behaviour], limits: Limits = QUICK) -> tuple[HostileServer, Fetcher]:
            server = stack.enter_context(serving(paths))
            return server, Fetcher(Guard(exceptions={HOST: server.where}), limits)

        yield begin


def fetch_one(start: Start, behaviour: Behaviour, **asked: object) -> FetchResult:
    _, fetcher = start({"/": behaviour})
    return fetcher.fetch(f"http://{HOST}/", **asked)


def test_fetch_keeps_request_and_response_exactly_as_on_the_wire(start: Start) -> None:
    wire = response(b"hello", content_type="text/plain", X_Odd="  CaSe   kept ")
    server, fetcher = start({"/a?b=c": wire})
    exchange = fetcher.fetch(f"http://{HOST}/a?b=c#part").final
    assert exchange is not None
    assert exchange.request_wire == server.requests[0]
    assert exchange.response_wire == wire
    assert exchange.wire_body == b"hello"
    assert exchange.url == f"http://{HOST}/a?b=c"
    assert (exchange.status, exchange.reason, exchange.truncated) == (200, "OK", None)
    assert ("x-odd", "CaSe   kept") in exchange.headers


def test_fetch_records_the_peer_and_the_exception_that_allowed_it(start: Start) -> None:
    server, fetcher = start({"/": response(b"x")})
    peer = fetcher.fetch(f"http://{HOST}/").exchanges[0].peer
    assert (peer.host, peer.address, peer.port) == (HOST, "127.0.0.1", server.port)
    assert peer.exception == HOST
    assert peer.tls_version == ""


def test_fetch_of_another_loopback_name_is_refused(start: Start) -> None:
    server, fetcher = start({"/": response(b"x")})
    for url in (
        f"http://127.0.0.1:{server.port}/",
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
    ):
        result = fetcher.fetch(url)
        assert result.failure is not None
        assert result.failure.code in (FailureCode.ADDRESS_REFUSED, FailureCode.PORT_REFUSED)
    assert server.requests == []


def test_fetch_sends_no_secrets_and_obeys_no_proxy(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    server, fetcher = start({"/": response(b"x", set_cookie="id=1"), "/2": response(b"y")})
    secrets = [
        ("Cookie", "a=b"),
        ("authorization", "Basic x"),
        ("Proxy-Authorization", "x"),
        ("If-None-Match", "x"),
    ]
    assert fetcher.fetch(f"http://{HOST}/", headers=[*secrets, ("Accept-Language", "ar")]).final
    assert fetcher.fetch(f"http://{HOST}/2").final
    sent = b"".join(server.requests).lower()
    assert b"accept-language: ar" in sent
    for word in (b"cookie", b"authorization", b"if-none-match"):
        assert word not in sent


def test_fetch_posts_a_body(start: Start) -> None:
    server, fetcher = start({"/": response(b"x")})
    assert fetcher.fetch(
        f"http://{HOST}/", method="POST", body=b"q=1", headers=[("Content-Type", "text/x")]
    ).final
    assert server.requests[0].endswith(b"\r\n\r\nq=1")
    assert b"Content-Length: 3\r\n" in server.requests[0]


@pytest.mark.parametrize("status", ["404 Not Found", "410 Gone", "500 Oops", "403 No", "999 Odd", "200"])
def test_fetch_keeps_any_complete_response(start: Start, status: str) -> None:
    result = fetch_one(start, response(b"words", status=status))
    assert result.final is not None
    assert result.final.status == int(status[:3])
    assert result.final.wire_body == b"words"


@pytest.mark.parametrize(
    ("method", "wire"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5000\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    ],
)
def test_fetch_knows_responses_without_a_body(start: Start, method: str, wire: bytes) -> None:
    result = fetch_one(start, wire, method=method)
    assert result.final is not None
    assert (result.final.wire_body, result.final.truncated) == (b"", None)


def test_fetch_keeps_chunks_as_they_came(start: Start) -> None:
    body = chunked(b"one", b"two", end=b"0;x=y\r\nTrailer: t\r\n\r\n")
    exchange = fetch_one(start, response(body, length=False, transfer_encoding="chunked")).final
    assert exchange is not None
    assert exchange.wire_body == body
    assert exchange.truncated is None


def test_fetch_takes_chunked_over_a_contradicting_length(start: Start) -> None:
    wire = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" + chunked(b"longer")
    exchange = fetch_one(start, wire).final
    assert exchange is not None
    assert exchange.response_wire == wire


def test_fetch_drops_bytes_after_the_message(start: Start) -> None:
    exchange = fetch_one(start, response(b"body") + b"HTTP/1.1 200 OK\r\n\r\nsmuggled").final
    assert exchange is not None
    assert exchange.wire_body == b"body"


def test_fetch_reads_a_body_that_ends_with_the_connection(start: Start) -> None:
    exchange = fetch_one(start, b"HTTP/1.0 200 OK\r\n\r\n" + b"x" * 100_000).final
    assert exchange is not None
    assert (len(exchange.wire_body), exchange.truncated) == (100_000, None)


def test_fetch_accepts_lines_that_end_in_lf(start: Start) -> None:
    exchange = fetch_one(start, b"HTTP/1.1 200 OK\nContent-Length: 2\nX: y\n\nok").final
    assert exchange is not None
    assert (exchange.wire_body, exchange.head_length) == (b"ok", 40)


def test_fetch_keeps_interim_responses_apart(start: Start) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    exchange = fetch_one(start, interim + response(b"x")).final
    assert exchange is not None
    assert exchange.interim_wire == interim
    assert exchange.response_wire == response(b"x")


def test_fetch_keeps_header_bytes_outside_ascii(start: Start) -> None:
    exchange = fetch_one(
        start, b"HTTP/1.1 200 OK\r\nA: caf\xe9\r\nB: \xd8\xb3\r\nContent-Length: 0\r\n\r\n"
    ).final
    assert exchange is not None
    assert exchange.headers[:2] == (("a", "café"), ("b", "س"))


# Cut content is kept and marked cut.


def _drip_body(visitor: Visitor) -> None:
    visitor.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin")
    visitor.drip(b"." * 900, 0.05)


def _stall_body(visitor: Visitor) -> None:
    visitor.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin")
    visitor.hang()


def _reset_body(visitor: Visitor) -> None:
    visitor.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin")
    visitor.stop.wait(0.2)  # let the bytes arrive: a reset discards what has not been read
    visitor.reset()


def _endless_body(visitor: Visitor) -> None:
    visitor.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        visitor.send(b"begin" * 10_000)


def _endless_chunks(visitor: Visitor) -> None:
    visitor.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        visitor.send(chunked(b"begin" * 1000, end=b"") * 10)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegin\r\n"
CUT = {
    "shorter than its length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n" + b"begin" * 4000,
        Truncation.DISCONNECT,
    ),
    "no last chunk": (CHUNKED, Truncation.DISCONNECT),
    "reset in the body": (_reset_body, Truncation.DISCONNECT),
    "broken chunk size": (CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n", Truncation.UNSPECIFIED),
    "negative chunk size": (CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n", Truncation.UNSPECIFIED),
    "endless chunk size": (CHUNKED + b"1" * 30_000, Truncation.LENGTH),
    "endless trailers": (CHUNKED + b"0\r\n" + b"A: b\r\n" * 20_000, Truncation.LENGTH),
    "dripping body": (_drip_body, Truncation.TIME),
    "stalled body": (_stall_body, Truncation.TIME),
    "endless body": (_endless_body, Truncation.LENGTH),
    "endless chunks": (_endless_chunks, Truncation.LENGTH),
    "length beyond the limit": (response(b"begin" * 50_000), Truncation.LENGTH),
}


@pytest.mark.parametrize("name", CUT)
def test_fetch_keeps_cut_content_and_marks_it(start: Start, name: str) -> None:
    behaviour, truncation = CUT[name]
    result = fetch_one(start, behaviour)
    assert result.final is not None, result.failure
    assert result.final.truncated is truncation
    assert b"begin" in result.final.wire_body
    assert len(result.final.response_wire) <= QUICK.wire_bytes


def test_fetch_at_the_exact_limit_is_whole(start: Start) -> None:
    head = len(response(b"x" * 100_000)) - 100_000
    body = b"x" * (QUICK.wire_bytes - head)
    exchange = fetch_one(start, response(body)).final
    assert exchange is not None
    assert (exchange.truncated, len(exchange.response_wire)) == (None, QUICK.wire_bytes)
    longer = fetch_one(start, response(body + b"x")).final
    assert longer is not None
    assert (longer.truncated, len(longer.response_wire)) == (Truncation.LENGTH, QUICK.wire_bytes)


# No complete head: a failure with a code, never an exception.


def _endless_interim(visitor: Visitor) -> None:
    while True:
        visitor.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def _endless_headers(visitor: Visitor) -> None:
    visitor.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        visitor.send(b"X: y\r\n" * 100)


HEADLESS: dict[str, tuple[Behaviour, FailureCode]] = {
    "nothing": (b"", FailureCode.DISCONNECTED),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-", FailureCode.DISCONNECTED),
    "reset": (lambda visitor: visitor.reset(), FailureCode.DISCONNECTED),
    "silence": (lambda visitor: visitor.hang(), FailureCode.TIMEOUT),
    "dripping head": (
        lambda visitor: visitor.drip(b"HTTP/1.1 200 OK\r\n" + b"A" * 900, 0.05),
        FailureCode.TIMEOUT,
    ),
    "interim, then silence": (
        lambda visitor: (visitor.send(b"HTTP/1.1 100 Continue\r\n\r\n"), visitor.hang())[1],
        FailureCode.TIMEOUT,
    ),
    "endless interim": (_endless_interim, FailureCode.HEADERS_TOO_LARGE),
    "endless headers": (_endless_headers, FailureCode.HEADERS_TOO_LARGE),
    "endless header line": (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000, FailureCode.HEADERS_TOO_LARGE),
    "large head in one piece": (
        b"HTTP/1.1 200 OK\r\nA: " + b"b" * 9000 + b"\r\nContent-Length: 0\r\n\r\n",
        FailureCode.HEADERS_TOO_LARGE,
    ),
    "endless status line": (b"H" * 100_000, FailureCode.HEADERS_TOO_LARGE),
    "HTTP/0.9": (b"<html>hello</html>\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "ICY": (b"ICY 200 OK\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "HTTP/2 preface": (b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "TLS on a plain port": (b"\x15\x03\x01\x00\x02\x02\x46\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "blank lines first": (b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "status of letters": (b"HTTP/1.1 abc OK\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "status of four digits": (b"HTTP/1.1 2000 OK\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "switching protocols": (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "space in a name": (b"HTTP/1.1 200 OK\r\nA B: c\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "NUL in a value": (b"HTTP/1.1 200 OK\r\nA: b\x00c\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "bare CR in a value": (b"HTTP/1.1 200 OK\r\nA: b\rSet-Cookie: c\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "no colon": (b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde",
        FailureCode.PROTOCOL_ERROR,
    ),
    "length of letters": (b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "negative length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", FailureCode.PROTOCOL_ERROR),
    "unknown transfer coding": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        FailureCode.PROTOCOL_ERROR,
    ),
}


@pytest.mark.parametrize("name", HEADLESS)
def test_fetch_without_a_head_fails_with_a_code(start: Start, name: str) -> None:
    behaviour, code = HEADLESS[name]
    result = fetch_one(start, behaviour)
    assert result.exchanges == []
    assert result.failure is not None
    assert result.failure.code is code, str(result.failure)
    assert str(result.failure).endswith(".")


def test_fetch_from_a_closed_port_says_so(start: Start) -> None:
    with serving({}) as server:
        where = server.where
    failure = Fetcher(Guard(exceptions={HOST: where}), QUICK).fetch(f"http://{HOST}/").failure
    assert failure is not None
    assert failure.code is FailureCode.CONNECT_FAILED


def test_fetch_of_a_name_that_never_resolves_is_bounded() -> None:
    release = threading.Event()

    def lookup(name: str) -> list[str]:
        release.wait(20)
        return ["127.0.0.1"]

    failure = Fetcher(Guard(lookup=lookup), QUICK).fetch("http://slow.example/").failure
    release.set()
    assert failure is not None
    assert failure.code is FailureCode.TIMEOUT


# Anything at all.

HEADS = [
    b"HTTP/1.1 200 OK\r\n",
    b"HTTP/1.1 ",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\r\n",
    b"\n",
]
ENDS = [
    b"5\r\nhello\r\n",
    b"0\r\n\r\n",
    b"\r",
    b"HTTP/1.1 100 Continue\r\n\r\n",
    b"Location: http://[\r\n",
    b":",
]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HEADS + ENDS), st.binary(max_size=12)), max_size=9).map(b"".join))
def test_fetch_of_any_bytes_gives_a_response_or_a_reason(wire: bytes) -> None:
    with serving({"/": wire}) as server:
        result = Fetcher(Guard(exceptions={HOST: server.where}), QUICK).fetch(f"http://{HOST}/")
    if result.exchanges:
        exchange = result.exchanges[0]
        assert (
            exchange.interim_wire + exchange.response_wire
            == wire[: len(exchange.interim_wire + exchange.response_wire)]
        )
        assert exchange.response_wire.startswith(b"HTTP/1.")
        decode(exchange, QUICK)
    else:
        assert result.failure is not None


# Redirects.


def redirect(location: str, status: str = "302 Found") -> bytes:
    return response(b"moved", status=status, location=location)


def test_fetch_keeps_every_hop(start: Start) -> None:
    _, fetcher = start(
        {"/": redirect("/b?c=1"), "/b?c=1": redirect(f"http://{HOST}/d"), "/d": response(b"end")}
    )
    result = fetcher.fetch(f"http://{HOST}/")
    assert [exchange.url for exchange in result.exchanges] == [
        f"http://{HOST}/",
        f"http://{HOST}/b?c=1",
        f"http://{HOST}/d",
    ]
    assert result.exchanges[0].location == f"http://{HOST}/b?c=1"
    assert result.final is not None
    assert result.final.wire_body == b"end"


def test_fetch_follows_only_when_asked(start: Start) -> None:
    _, fetcher = start({"/": redirect("/b")})
    result = fetcher.fetch(f"http://{HOST}/", follow=False)
    assert result.final is not None
    assert result.final.location == f"http://{HOST}/b"


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://127.0.0.1/", FailureCode.ADDRESS_REFUSED),
        ("//169.254.169.254/latest/", FailureCode.ADDRESS_REFUSED),
        ("http://0x7f.1/", FailureCode.ADDRESS_REFUSED),
        ("http://localhost/", FailureCode.ADDRESS_REFUSED),
        ("http://user:pw@site.test/", FailureCode.CREDENTIALS_REFUSED),
        ("http://site.test:22/", FailureCode.PORT_REFUSED),
        ("file:///etc/passwd", FailureCode.SCHEME_REFUSED),
        ("gopher://site.test/", FailureCode.SCHEME_REFUSED),
        ("javascript:alert(1)", FailureCode.SCHEME_REFUSED),
        ("/\\evil.example/", FailureCode.INVALID_URL),
        ("http://[::1", FailureCode.INVALID_URL),
        ("/", FailureCode.TOO_MANY_REDIRECTS),
    ],
)
def test_fetch_judges_each_redirect_and_keeps_the_hop(start: Start, location: str, code: FailureCode) -> None:
    result = fetch_one(start, redirect(location))
    assert result.failure is not None
    assert result.failure.code is code
    assert result.final is None
    assert [exchange.status for exchange in result.exchanges] == [302]


def test_fetch_stops_after_too_many_redirects(start: Start) -> None:
    _, fetcher = start({f"/{n}": redirect(f"/{n + 1}") for n in range(20)})
    result = fetcher.fetch(f"http://{HOST}/0")
    assert result.failure is not None
    assert result.failure.code is FailureCode.TOO_MANY_REDIRECTS
    assert len(result.exchanges) == QUICK.redirects + 1


def test_fetch_total_time_covers_the_whole_chain(start: Start) -> None:
    def slow(visitor: Visitor) -> None:
        visitor.stop.wait(0.4)
        visitor.send(redirect(f"/{int(visitor.request.split()[1][1:]) + 1}"))

    limits = Limits(read_seconds=2, total_seconds=1, redirects=50)
    _, fetcher = start({f"/{n}": slow for n in range(20)}, limits)
    result = fetcher.fetch(f"http://{HOST}/0")
    assert result.failure is not None
    assert result.failure.code is FailureCode.TIMEOUT
    assert 1 <= len(result.exchanges) <= 3


def test_fetch_location_cannot_inject_headers(start: Start) -> None:
    server, fetcher = start(
        {"/": redirect("/x%0d%0aSet-Cookie:%20a=b y"), "/x%0d%0aSet-Cookie:%20a=b%20y": response()}
    )
    assert fetcher.fetch(f"http://{HOST}/").final is not None
    assert b"\nSet-Cookie" not in server.requests[1]


@pytest.mark.parametrize(
    ("status", "method", "second"),
    [
        ("303 See", "POST", b"GET"),
        ("302 Found", "POST", b"GET"),
        ("307 Temp", "POST", b"POST"),
        ("301 M", "HEAD", b"HEAD"),
    ],
)
def test_fetch_changes_the_method_as_browsers_do(
    start: Start, status: str, method: str, second: bytes
) -> None:
    server, fetcher = start({"/": redirect("/b", status), "/b": response()})
    fetcher.fetch(f"http://{HOST}/", method=method, body=b"q" if method == "POST" else b"")
    assert server.requests[1].startswith(second + b" /b ")
    assert server.requests[1].endswith(b"q") is (second == b"POST")


def test_fetch_serves_many_threads_at_once(start: Start) -> None:
    paths: dict[str, Behaviour] = {f"/{n}": response(b"%d" % n * 1000) for n in range(40)}
    _, fetcher = start(paths, Limits())
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: fetcher.fetch(f"http://{HOST}/{n}"), range(40)))
    assert [result.exchanges[0].wire_body for result in results] == [b"%d" % n * 1000 for n in range(40)]


@pytest.mark.parametrize(
    "headers", [[("X", "a\r\nCookie: b")], [("Bad name", "x")], [("X", "\u0633")], [("Cookie ", "x")]]
)
def test_fetch_refuses_headers_that_cannot_be_written(start: Start, headers: list[tuple[str, str]]) -> None:
    server, fetcher = start({"/": response()})
    result = fetcher.fetch(f"http://{HOST}/", headers=headers)
    sent = b"".join(server.requests)
    assert b"Cookie" not in sent
    assert (result.failure is not None) or b"Bad" not in sent
