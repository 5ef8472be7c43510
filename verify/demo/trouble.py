"""What ``trouble.example`` serves: the bad input of the open web, each case small, exact and repeatable.

Every entry of ``CASES`` writes its whole answer, status line included, to the handler that it is given.
"""

import gzip
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from threading import Event

MEGABYTE = 1_000_000
_LINE = b"<p>This line is repeated until the page is larger than any sensible limit.</p>\n"
#: 4,096 bytes that are neither text nor a known format.
BINARY = bytes((index * 167 + 13) % 256 for index in range(4096))

Case = Callable[[BaseHTTPRequestHandler, int, Event], None]


def _open(
    handler: BaseHTTPRequestHandler,
    content_type: str = "text/html; charset=utf-8",
    status: int = 200,
    **headers: str,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def _whole(
    handler: BaseHTTPRequestHandler, body: bytes, content_type: str = "text/html; charset=utf-8"
) -> None:
    _open(handler, content_type, Content_Length=str(len(body)))
    _send(handler, body)


def _send(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    if handler.command != "HEAD":
        handler.wfile.write(body)


def _stream(handler: BaseHTTPRequestHandler, parts: Iterator[bytes]) -> None:
    """Send the parts chunked, or until the connection closes for an HTTP/1.0 client."""
    if handler.request_version == "HTTP/1.0":
        _open(handler, Connection="close")
        for part in parts:
            _send(handler, part)
        return
    _open(handler, Transfer_Encoding="chunked")
    for part in parts:
        _send(handler, b"%x\r\n%s\r\n" % (len(part), part))
    _send(handler, b"0\r\n\r\n")


def _lines(size: int) -> Iterator[bytes]:
    block = _LINE * (64_000 // len(_LINE))
    while size > 0:
        yield block[:size]
        size -= len(block)


def large(handler: BaseHTTPRequestHandler, megabytes: int, stopping: Event) -> None:
    """A chunked page of that many megabytes, its size not announced."""
    _stream(handler, _lines(megabytes * MEGABYTE))


def large_declared(handler: BaseHTTPRequestHandler, megabytes: int, stopping: Event) -> None:
    """A page of that many megabytes, its size announced."""
    _open(handler, Content_Length=str(megabytes * MEGABYTE))
    for part in _lines(megabytes * MEGABYTE):
        _send(handler, part)


def slow(handler: BaseHTTPRequestHandler, seconds: int, stopping: Event) -> None:
    """Headers at once, then a few bytes every second, for that many seconds."""

    def drip() -> Iterator[bytes]:
        yield b"<!doctype html><title>Slow</title>"
        for second in range(seconds):
            if stopping.wait(1):
                return
            yield b"<p>second %d</p>" % second

    _stream(handler, drip())


def silent(handler: BaseHTTPRequestHandler, seconds: int, stopping: Event) -> None:
    """Nothing at all for that many seconds, then the connection closes without an answer."""
    stopping.wait(seconds)
    handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler, size: int, stopping: Event) -> None:
    """Twice that many bytes are announced, that many are sent, then the connection closes."""
    _open(handler, Content_Length=str(size * 2))
    _send(handler, (_LINE * (size // len(_LINE) + 1))[:size])
    handler.close_connection = True


def bomb(handler: BaseHTTPRequestHandler, megabytes: int, stopping: Event) -> None:
    """A small compressed body, asked for or not, that unpacks to that many megabytes."""
    body = gzip.compress(bytes(megabytes * MEGABYTE), mtime=0)
    _open(handler, Content_Encoding="gzip", Content_Length=str(len(body)))
    _send(handler, body)


def binary(handler: BaseHTTPRequestHandler, number: int, stopping: Event) -> None:
    """Bytes of no known format, said to be so."""
    _whole(handler, BINARY, "application/octet-stream")


def mislabelled(handler: BaseHTTPRequestHandler, number: int, stopping: Event) -> None:
    """The same bytes, said to be HTML in UTF-8."""
    _whole(handler, BINARY)


def inside(handler: BaseHTTPRequestHandler, number: int, stopping: Event) -> None:
    """A page whose picture, style and frame point at addresses that must never be fetched."""
    _whole(
        handler,
        b'<!doctype html><html lang="en"><head><title>Pointing inside</title>'
        b'<link rel="stylesheet" href="http://169.254.169.254/latest/meta-data/style.css"></head><body>'
        b"<article><h1>Pointing inside</h1><p>The parts of this page lie at private addresses.</p>"
        b'<img alt="" src="http://127.0.0.1:22/picture.png"><img alt="" src="http://[::1]/picture.png">'
        b'<iframe title="frame" src="http://10.0.0.1/"></iframe></article></body></html>',
    )


def redirect_inside(handler: BaseHTTPRequestHandler, number: int, stopping: Event) -> None:
    """A redirect to a loopback address."""
    _open(handler, status=302, Location="http://127.0.0.1:22/", Content_Length="0")


def redirects(handler: BaseHTTPRequestHandler, number: int, stopping: Event) -> None:
    """A chain of that many redirects that ends at a page."""
    if number < 1:
        return _whole(handler, b"<!doctype html><title>Arrived</title><p>The end of the chain.</p>")
    _open(handler, status=302, Location=f"/redirects?n={number - 1}", Content_Length="0")


def redirect_loop(handler: BaseHTTPRequestHandler, number: int, stopping: Event) -> None:
    """A redirect to itself."""
    _open(handler, status=302, Location="/redirect-loop", Content_Length="0")


def headers(handler: BaseHTTPRequestHandler, kilobytes: int, stopping: Event) -> None:
    """Response headers of that many kilobytes."""
    _open(handler, Content_Length="0", X_Padding="x" * (kilobytes * 1000))


def error(handler: BaseHTTPRequestHandler, number: int, stopping: Event) -> None:
    """A server's failure."""
    _open(handler, status=500, Content_Length="0")


#: Path → the number used when the query has no ``n``, and who answers.
CASES: dict[str, tuple[int, Case]] = {
    "/large": (64, large),
    "/large-declared": (64, large_declared),
    "/slow": (30, slow),
    "/silent": (30, silent),
    "/cut": (1000, cut),
    "/bomb": (64, bomb),
    "/binary": (0, binary),
    "/mislabelled": (0, mislabelled),
    "/inside": (0, inside),
    "/redirect-inside": (0, redirect_inside),
    "/redirects": (20, redirects),
    "/redirect-loop": (0, redirect_loop),
    "/headers": (256, headers),
    "/error": (0, error),
}
