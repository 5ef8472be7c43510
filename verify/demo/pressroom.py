"""A small press site for the demonstration and the tests: ``python -m verify.demo.pressroom --port N``.

It serves every outlet of ``outlets.py`` on one port, told apart by the Host header, over plain HTTP/1.1. A
request for any other host is a person with a browser: ``/`` lists the outlets, ``/<host>/<path>`` shows the
same pages. The site has two stages; in the second, a page has been edited without a word and another is gone.
"""

import argparse
import gzip
import hashlib
import http.client
import ipaddress
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

from verify.demo import briefing, outlets, trouble
from verify.demo.outlets import HOSTS, OUTLETS, STAGES, Outlet

__all__ = ["HOSTS", "Pressroom", "exceptions", "running", "set_stage"]

HTML = "text/html; charset=utf-8"
_TEXT = re.compile(r"text/|image/svg")
_LARGEST_POST = 100
_ROBOTS = b"User-agent: *\nDisallow: /private/\nAllow: /\n"


def exceptions(address: str) -> dict[str, str]:
    """Every host name mapped to ``address`` ("127.0.0.1:8900"): what a fetch guard must be told."""
    return dict.fromkeys(HOSTS, address)


def set_stage(address: str, stage: int) -> None:
    """Move the site at ``address`` ("127.0.0.1:8900") to stage 1 or 2. Raises ValueError if it refuses."""
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        connection.request("POST", "/_stage", body=str(stage))
        response = connection.getresponse()
        answer = response.read().decode()
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        raise ValueError(answer.strip())


@dataclass(frozen=True)
class Reply:
    """An answer before content coding and framing are chosen."""

    status: HTTPStatus = HTTPStatus.OK
    content_type: str = HTML
    body: bytes = b""
    modified: datetime | None = None
    headers: dict[str, str] = field(default_factory=dict)


class Pressroom(ThreadingHTTPServer):
    """The server. ``stage`` lives in memory; ``address`` is "host:port" as bound."""

    daemon_threads = True
    # A page capture opens a dozen connections at once.
    request_queue_size = 64

    def __init__(self, host: str = "127.0.0.1", port: int = 0, stage: int = 1) -> None:
        self.stage = stage
        self.stopping = Event()
        super().__init__((host, port), Handler)

    @property
    def address(self) -> str:
        return f"{self.server_address[0]!s}:{self.server_address[1]}"

    def server_close(self) -> None:
        self.stopping.set()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that hangs up early is normal here; anything else is printed."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def running(stage: int = 1) -> Iterator[Pressroom]:
    """A site on a free loopback port, served by a thread of this process until the block ends."""
    server = Pressroom(stage=stage)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """One connection. Finds the outlet and the page, then sends the answer as HTTP/1.1 asks."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    server: Pressroom

    def do_GET(self) -> None:
        try:
            target = urlsplit(self.path)
            host = (target.hostname or self._host_header()).rstrip(".").lower()
        except ValueError:
            return self._answer(_plain(HTTPStatus.BAD_REQUEST, "The request target is not a URL."))
        if not self._has_host():
            return self._answer(_plain(HTTPStatus.BAD_REQUEST, "HTTP/1.1 wants exactly one Host header."))
        path, shown_below = target.path, False
        if host not in OUTLETS:
            host, path, shown_below = self._below(path)
        if host == "trouble.example" and path in trouble.CASES:
            number, case = trouble.CASES[path]
            case(self, _number(target.query, number), self.server.stopping)
        elif host:
            reply = find(OUTLETS[host], path, self.server.stage)
            self._answer(_moved_below(reply, host) if shown_below else reply, OUTLETS[host])
        elif path == "/":
            self._answer(_contents(self.server.stage))
        else:
            self._answer(_plain(HTTPStatus.NOT_FOUND, "There is no such outlet. The list is at /."))

    do_HEAD = do_GET

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LARGEST_POST:
            self.close_connection = True
            return self._answer(_plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is one digit."))
        body = self.rfile.read(int(length)).decode("latin-1").strip()
        if self.path != "/_stage":
            refusal = _plain(HTTPStatus.METHOD_NOT_ALLOWED, "Pages are read with GET.")
            refusal.headers["Allow"] = "GET, HEAD"
            self._answer(refusal)
        elif not ipaddress.ip_address(self.client_address[0]).is_loopback:
            self._answer(_plain(HTTPStatus.FORBIDDEN, "The stage is changed from this machine only."))
        elif body not in map(str, STAGES):
            self._answer(_plain(HTTPStatus.BAD_REQUEST, f"The stage is 1 or 2, not {body!r}."))
        else:
            self.server.stage = int(body)
            self._answer(_plain(HTTPStatus.OK, f"stage {body}"))

    def _has_host(self) -> bool:
        return self.request_version == "HTTP/1.0" or len(self.headers.get_all("Host", [])) == 1

    def _host_header(self) -> str:
        return re.sub(r":\d*$", "", self.headers.get("Host", ""))

    @staticmethod
    def _below(path: str) -> tuple[str, str, bool]:
        """Read ``/wire.example/page`` as the page of that host: ("wire.example", "/page", True)."""
        host, _, rest = path.removeprefix("/").partition("/")
        return (host, "/" + rest, True) if host in OUTLETS else ("", path, False)

    def _answer(self, reply: Reply, outlet: Outlet | None = None) -> None:
        body, headers = reply.body, {"Content-Type": reply.content_type} | reply.headers
        if outlet and outlet.compressed and body and _TEXT.match(reply.content_type):
            headers["Vary"] = "Accept-Encoding"
            if _accepts_gzip(self.headers.get("Accept-Encoding", "")):
                body = gzip.compress(body, mtime=0)
                headers["Content-Encoding"] = "gzip"
        if reply.modified and reply.status == HTTPStatus.OK:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            headers["Last-Modified"] = format_datetime(reply.modified, usegmt=True)
            # Without this a browser trusts a page of 2025 for months and never sees that it has changed.
            headers["Cache-Control"] = "no-cache"
            if self._unchanged(headers["ETag"], reply.modified):
                return self._send(HTTPStatus.NOT_MODIFIED, headers, None, False)
        self._send(reply.status, headers, body, bool(outlet and outlet.chunked and body))

    def _send(self, status: HTTPStatus, headers: dict[str, str], body: bytes | None, chunked: bool) -> None:
        chunked = chunked and self.request_version != "HTTP/1.0"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif body is not None:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if body is not None and self.command != "HEAD":
            self.wfile.write(_chunks(body) if chunked else body)

    def _unchanged(self, etag: str, modified: datetime) -> bool:
        """RFC 9110, section 13: If-None-Match decides alone where it is given."""
        if tags := self.headers.get("If-None-Match"):
            return tags.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
        except ValueError:
            return False
        return modified <= (since if since.tzinfo else since.replace(tzinfo=UTC))

    def version_string(self) -> str:
        return "Pressroom"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the worker's own log tells what was fetched."""


def find(outlet: Outlet, path: str, stage: int) -> Reply:
    """What an outlet answers for a path in a stage: page, front page, asset, redirect, 404 or 410."""
    for source, status, target in outlet.redirects:
        if path == source:
            return Reply(HTTPStatus(status), headers={"Location": target})
    if path == "/":
        listing = outlets.render_list(outlet, outlet.name, listed=_on_line(outlet, stage))
        return Reply(body=listing.encode())
    if path == "/robots.txt":
        return Reply(content_type="text/plain; charset=utf-8", body=_ROBOTS)
    if path.startswith("/assets/"):
        return _asset(outlet, path.removeprefix("/assets/"))
    if (outlet.host, path) == ("un.example", briefing.PATH):
        return Reply(content_type="application/pdf", body=briefing.pdf(), modified=briefing.MODIFIED)
    page = outlets.load(outlet.host, path, stage)
    if page is None:
        return _missing(outlet, HTTPStatus.NOT_FOUND, "There is no page at this address.")
    if page.gone_from is not None and stage >= page.gone_from:
        return _missing(outlet, HTTPStatus.GONE, "This page has been removed.")
    return Reply(body=outlets.render(page).encode(), modified=page.modified)


def _on_line(outlet: Outlet, stage: int) -> list[outlets.Page]:
    return [page for page in outlets.pages(outlet.host) if page.gone_from is None or stage < page.gone_from]


def _asset(outlet: Outlet, name: str) -> Reply:
    found = outlets.asset(outlet.host, name)
    if found is None:
        return _missing(outlet, HTTPStatus.NOT_FOUND, "There is no file at this address.")
    return Reply(content_type=found[0], body=found[1], modified=datetime(2025, 3, 1, tzinfo=UTC))


def _missing(outlet: Outlet, status: HTTPStatus, note: str) -> Reply:
    return Reply(status, body=outlets.render_list(outlet, f"{status.value} {status.phrase}", note).encode())


def _plain(status: HTTPStatus, text: str) -> Reply:
    return Reply(status, "text/plain; charset=utf-8", (text + "\n").encode())


def _contents(stage: int) -> Reply:
    rows = "".join(
        f'<li><a href="/{outlet.host}/">{outlet.host}</a> {escape(outlet.role)}</li>'
        for outlet in OUTLETS.values()
    )
    notice = escape(outlets.NOTICES["en"], quote=False)
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Demonstration press site</title>'
        '<link rel="stylesheet" href="/wire.example/assets/style.css"></head><body><main>'
        f"<h1>Demonstration press site</h1><p>{notice} Stage {stage}.</p><ul>{rows}</ul></main></body></html>"
    )
    return Reply(body=page.encode())


def _moved_below(reply: Reply, host: str) -> Reply:
    """The same answer with its links under ``/<host>/``, so that a browser finds them on this server."""
    headers = dict(reply.headers)
    if "Location" in headers:
        headers["Location"] = _below_link(headers["Location"], host)
    body = reply.body
    if reply.content_type == HTML:
        pattern = r'(href|src)="([^"]*)"'
        body = re.sub(
            pattern, lambda found: f'{found[1]}="{_below_link(found[2], host)}"', body.decode()
        ).encode()
    return Reply(reply.status, reply.content_type, body, reply.modified, headers)


def _below_link(link: str, host: str) -> str:
    parts = urlsplit(link)
    if parts.hostname in OUTLETS:
        return f"/{parts.hostname}{parts.path}"
    return f"/{host}{link}" if link.startswith("/") else link


def _accepts_gzip(header: str) -> bool:
    """RFC 9110, section 12.5.3, as far as gzip goes: named, and not with weight 0."""
    for coding in header.lower().replace(" ", "").split(","):
        name, _, weight = coding.partition(";q=")
        if name == "gzip":
            return not weight or weight.strip("0.") != ""
    return False


def _chunks(body: bytes, size: int = 1024) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def _number(query: str, default: int) -> int:
    text = parse_qs(query).get("n", [""])[0]
    return min(int(text), 1000) if text.isdecimal() and text.isascii() else default


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m verify.demo.pressroom", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--stage", type=int, choices=STAGES, default=1)
    options = parser.parse_args()
    try:
        server = Pressroom(options.host, options.port, options.stage)
    except OSError as error:
        reason = error.strerror or error
        print(f"The press site cannot use {options.host}:{options.port}: {reason}.", file=sys.stderr)
        return 1
    print(f"The press site is at http://{server.address}/ (stage {options.stage}).", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
