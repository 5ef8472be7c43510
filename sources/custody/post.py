"""One POST to a witness or a timestamp authority that the installation names: bounded, and to that address alone.

This is no fetcher of the web: the address comes from the settings, so it may lie in the own network. What answers is
trusted for nothing. Hence one deadline over everything, a limit in bytes, no redirect followed (it comes back as the
status that it is), no proxy from the environment, no compression, no cookie, a connection for each request.
"""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

SECONDS = 20.0  # for everything, from the look-up of the name on
MAX_HEADER_BYTES = 16 * 2**10
_CHUNK = 16 * 2**10


class PostError(Exception):
    """There is no whole answer; the message says why, as a sentence."""


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str  # in lower case, without parameters
    body: bytes


def post(url: str, body: bytes, *, content_type: str, max_bytes: int, seconds: float = SECONDS) -> Answer:
    """The answer to one POST of `body`, of at most `max_bytes` within `seconds`; `PostError` if there is none."""
    deadline = time.monotonic() + seconds
    try:
        with _connect(url, deadline) as connection:
            return _exchange(connection, _request(url, content_type, len(body)), body, max_bytes, deadline)
    except TimeoutError as error:
        raise PostError(f"No whole answer from {url} within {seconds:g} seconds.") from error
    except h11.RemoteProtocolError as error:
        raise PostError(f"The answer from {url} is not HTTP/1.1: {error}.") from error
    except (OSError, ValueError) as error:
        raise PostError(f"{url} cannot be asked: {error}.") from error


def check_url(url: str) -> None:
    """`ValueError` unless this is a plain http or https address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError(f"{url!a} is not an http or https address")
    if parts.query or parts.fragment or not url.isascii() or any(char <= " " for char in url):
        raise ValueError(f"{url!a} has more than scheme, host, port and path")
    _ = parts.port  # raises when it is not a port


def _connect(url: str, deadline: float) -> socket.socket:
    check_url(url)
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    plain = socket.create_connection((host, port), timeout=_left(deadline))
    if parts.scheme == "http":
        return plain
    try:
        plain.settimeout(_left(deadline))
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _request(url: str, content_type: str, length: int) -> h11.Request:
    parts = urlsplit(url)
    headers = [
        ("Host", parts.netloc),
        ("User-Agent", "Verify-log/1"),
        ("Content-Type", content_type),
        ("Content-Length", str(length)),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
    ]
    return h11.Request(method="POST", target=parts.path or "/", headers=headers)


def _exchange(
    connection: socket.socket, request: h11.Request, body: bytes, max_bytes: int, deadline: float
) -> Answer:
    protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEADER_BYTES)
    sent = (protocol.send(request) or b"") + (protocol.send(h11.Data(data=body)) or b"")
    connection.settimeout(_left(deadline))
    connection.sendall(sent + (protocol.send(h11.EndOfMessage()) or b""))
    response: h11.Response | None = None
    received = bytearray()
    while True:
        event = protocol.next_event()
        if event is h11.NEED_DATA:
            connection.settimeout(_left(deadline))
            protocol.receive_data(connection.recv(_CHUNK))
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            received += event.data
            if len(received) > max_bytes:
                raise ValueError(f"it answers with more than {max_bytes} bytes")
        elif isinstance(event, (h11.EndOfMessage, h11.ConnectionClosed)):
            break
    if response is None:
        raise ValueError("it closed the connection without an answer")
    headers = {bytes(name).decode("ascii"): bytes(value) for name, value in response.headers}
    kind = headers.get("content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
    return Answer(response.status_code, kind, bytes(received))


def _left(deadline: float) -> float:
    """Seconds until then; `TimeoutError` when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
