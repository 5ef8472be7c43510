"""The fetcher: HTTP/1.1 over its own sockets, keeping the bytes of the wire.

What is sent and received is teed exactly; h11 only reads along to find where a message ends. Nothing is de-chunked or
inflated here. There are no cookies, no credentials, no proxies and no connection reuse, so that captures cannot leak
into each other, and the peer and its certificates are those of the one connection that carried the exchange.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from urllib.parse import urljoin

import h11

from sources.archive.exchange import (
    Exchange,
    FailureCode,
    FetchError,
    FetchResult,
    Limits,
    Peer,
    Truncation,
)
from sources.archive.guard import Address, Guard, Target

__all__ = ["Fetcher", "Limits"]

_RECEIVE = 64 * 1024
_HEAD_END = re.compile(rb"\n\r?\n")  # a bare LF ends a line too (RFC 9112 §2.2)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})

# Headers of a caller (a browser, say) that are ours to set, carry secrets, or would bring back less than the page.
_NOT_FORWARDED = re.compile(
    r"host|connection|keep-alive|te|trailer|transfer-encoding|content-length|upgrade|expect|accept-encoding"
    r"|cookie2?|authorization|proxy-.*|if-.*|http2-settings|upgrade-insecure-requests",
    re.IGNORECASE,
)
_CONTENT_HEADERS = frozenset({"content-type", "content-encoding", "content-language"})

Headers = Iterable[tuple[str, str]]


class _Deadline:
    """The moment after which nothing may be waited for."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def allow(self, seconds: float, what: str) -> float:
        """``seconds``, or what is left of the total if that is less. Raises :class:`FetchError` when none is left."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise FetchError(FailureCode.TIMEOUT, f"The time for the whole fetch was over while {what}.")
        return min(seconds, left)


class _UncleanEnd(Exception):
    """The peer went away without saying that it had finished."""


@dataclass(slots=True)
class _Reading:
    """A response as far as it has come."""

    wire: bytearray = field(default_factory=bytearray)
    interim: bytes = b""
    head: h11.Response | None = None
    head_length: int = 0
    truncated: Truncation | None = None
    ended: bool = False  # the peer has closed its side


class Fetcher:
    """Fetches what the guard allows. Holds no state between fetches; one fetcher may serve many threads at once.

    ``user_agent`` names the product and how to reach its operator. ``clock`` gives aware UTC datetimes for the records.
    ``ca_file`` replaces the system's certificate authorities with those of a PEM file. ``strict`` refuses a certificate
    that does not verify before a byte of the request is sent: for what is told to others, not recorded of them.
    """

    def __init__(
        self,
        guard: Guard,
        limits: Limits | None = None,
        user_agent: str = "Verify",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        ca_file: str | None = None,
        strict: bool = False,
    ) -> None:
        self._guard = guard
        self._strict = strict
        self._limits = limits or Limits()
        self._user_agent = user_agent
        self._clock = clock
        self._strict_tls = ssl.create_default_context(cafile=ca_file)
        self._recording_tls = ssl.create_default_context(cafile=ca_file)
        self._recording_tls.check_hostname = False
        self._recording_tls.verify_mode = ssl.CERT_NONE

    def fetch(
        self, url: str, *, method: str = "GET", headers: Headers = (), body: bytes = b"", follow: bool = True
    ) -> FetchResult:
        """Fetch ``url`` and, if ``follow``, what it redirects to: every hop is judged by the guard and kept.

        Whatever goes wrong is in ``failure`` of the result; hops that were complete before it are kept.
        Of ``headers``, those that carry secrets or belong to the connection are dropped.
        """
        result = FetchResult()
        deadline = _Deadline(self._limits.total_seconds)
        headers = [(name, value) for name, value in headers if not _NOT_FORWARDED.fullmatch(name.strip())]
        seen: set[tuple[str, str]] = set()
        try:
            while True:
                target = self._guard.check_url(url)
                if (method, target.url) in seen:
                    message = f"The redirects run in a circle: {target.url} was asked for before."
                    raise FetchError(FailureCode.TOO_MANY_REDIRECTS, message)
                seen.add((method, target.url))
                exchange = self._exchange(target, method, headers, body, deadline)
                result.exchanges.append(exchange)
                if not follow or not exchange.location:
                    return result
                if len(result.exchanges) > self._limits.redirects:
                    message = f"The fetch was redirected more than {self._limits.redirects} times."
                    raise FetchError(FailureCode.TOO_MANY_REDIRECTS, message)
                url = exchange.location
                if _becomes_get(exchange):
                    method, body = "GET", b""
                    headers = [
                        (name, value) for name, value in headers if name.lower() not in _CONTENT_HEADERS
                    ]
        except FetchError as error:
            result.failure = error
        return result

    def _exchange(
        self, target: Target, method: str, headers: list[tuple[str, str]], body: bytes, deadline: _Deadline
    ) -> Exchange:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=self._limits.header_bytes)
        request = self._request(connection, target, method, headers, body)
        started_at = self._clock()
        sock, peer = self._connect(target, self._resolve(target, deadline), deadline)
        with sock:
            _send(sock, request, deadline.allow(self._limits.read_seconds, "the request was sent"))
            reading = self._read(sock, connection, deadline)
        assert reading.head is not None
        pairs = tuple((_text(name), _text(value)) for name, value in reading.head.headers)
        return Exchange(
            url=target.url,
            method=method,
            started_at=started_at,
            finished_at=self._clock(),
            request_wire=request,
            response_wire=bytes(reading.wire),
            head_length=reading.head_length,
            status=reading.head.status_code,
            reason=_text(reading.head.reason),
            headers=pairs,
            peer=peer,
            truncated=reading.truncated,
            location=_location(target.url, reading.head.status_code, pairs),
            interim_wire=reading.interim,
        )

    def _request(
        self,
        connection: h11.Connection,
        target: Target,
        method: str,
        headers: list[tuple[str, str]],
        body: bytes,
    ) -> bytes:
        """The request as it will be sent, byte for byte."""
        given = {name.lower() for name, _ in headers}
        lines = [("Host", target.host_header)]
        if "user-agent" not in given:
            lines.append(("User-Agent", self._user_agent))
        if "accept" not in given:
            lines.append(("Accept", "*/*"))
        lines += [*headers, ("Accept-Encoding", "gzip, deflate"), ("Connection", "close")]
        if body or method in ("POST", "PUT", "PATCH"):
            lines.append(("Content-Length", str(len(body))))
        try:
            head = h11.Request(
                method=method,
                target=target.request_target,
                headers=[(name.encode("ascii"), value.encode("latin-1")) for name, value in lines],
            )
            parts = [connection.send(head)]
            if body:
                parts.append(connection.send(h11.Data(data=body)))
            parts.append(connection.send(h11.EndOfMessage()))
        except (h11.LocalProtocolError, UnicodeError) as error:
            message = f"The request cannot be written as HTTP/1.1: {error}."
            raise FetchError(FailureCode.PROTOCOL_ERROR, message) from error
        return b"".join(part for part in parts if part)

    def _resolve(self, target: Target, deadline: _Deadline) -> list[Address]:
        """Ask the guard, in a thread where names are looked up: the system's resolver knows no deadline."""
        if self._guard.knows(target):
            return self._guard.resolve(target)
        answers: SimpleQueue[list[Address] | BaseException] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._guard.resolve(target))
            except BaseException as error:  # handed to the waiting thread, which raises it
                answers.put(error)

        what = f"the name {target.host} was looked up"
        threading.Thread(target=ask, daemon=True, name="resolve").start()
        try:
            answer = answers.get(timeout=deadline.allow(self._limits.connect_seconds, what))
        except Empty:
            raise FetchError(FailureCode.TIMEOUT, f"No answer came while {what}.") from None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _connect(
        self, target: Target, addresses: list[Address], deadline: _Deadline
    ) -> tuple[socket.socket, Peer]:
        """A connection to the first vetted address that answers, and who is at its other end."""
        exception = self._guard.exception_for(target)
        for place, address in enumerate(addresses):
            try:
                sock = self._open(address, deadline)
            except OSError as error:
                if place < len(addresses) - 1:
                    continue
                raise _connect_error(target, address, error) from error
            if target.scheme == "http":
                return sock, Peer(target.host, address[1], address[2], exception=exception)
            return self._start_tls(sock, target, address, deadline, exception)
        raise AssertionError("the guard never returns an empty list")

    def _open(self, address: Address, deadline: _Deadline) -> socket.socket:
        family, ip, port = address
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(deadline.allow(self._limits.connect_seconds, f"connecting to {ip}"))
            sock.connect((ip, port))
        except BaseException:
            sock.close()
            raise
        return sock

    def _start_tls(
        self, sock: socket.socket, target: Target, address: Address, deadline: _Deadline, exception: str
    ) -> tuple[socket.socket, Peer]:
        """TLS that verifies; if the certificate does not, once more with a connection that only records it."""
        problem = ""
        try:
            secured = self._handshake(sock, self._strict_tls, target, deadline)
        except ssl.SSLCertVerificationError as error:
            problem = (
                f"The certificate of {target.host} did not verify: {error.verify_message or error.reason}."
            )
            if self._strict:
                raise FetchError(FailureCode.TLS_FAILED, problem) from error
            try:
                again = self._open(address, deadline)
            except OSError as second:
                raise _connect_error(target, address, second) from second
            secured = self._handshake(again, self._recording_tls, target, deadline)
        cipher = secured.cipher()
        peer = Peer(
            host=target.host,
            address=address[1],
            port=address[2],
            tls_version=secured.version() or "",
            tls_cipher=cipher[0] if cipher else "",
            tls_chain=_chain(secured),
            tls_verified=not problem,
            tls_problem=problem,
            exception=exception,
        )
        return secured, peer

    def _handshake(
        self, sock: socket.socket, context: ssl.SSLContext, target: Target, deadline: _Deadline
    ) -> ssl.SSLSocket:
        try:
            sock.settimeout(deadline.allow(self._limits.read_seconds, "TLS was negotiated"))
            # Without close_notify, a body that ends with the connection may have been cut: we want to know.
            return context.wrap_socket(sock, server_hostname=target.host, suppress_ragged_eofs=False)
        except ssl.SSLCertVerificationError:
            sock.close()
            raise
        except TimeoutError as error:
            sock.close()
            raise FetchError(
                FailureCode.TIMEOUT, f"{target.host} did not finish the TLS handshake in time."
            ) from error
        except (OSError, ValueError) as error:
            sock.close()
            reason = getattr(error, "reason", None) or str(error)
            raise FetchError(FailureCode.TLS_FAILED, f"TLS with {target.host} failed: {reason}.") from error
        except BaseException:
            sock.close()
            raise

    def _read(self, sock: socket.socket, connection: h11.Connection, deadline: _Deadline) -> _Reading:
        """Receive one response. Raises :class:`FetchError` while there is no head; afterwards keeps what came."""
        reading = _Reading()
        try:
            while not self._advance(reading, connection):
                sock.settimeout(deadline.allow(self._limits.read_seconds, "the response was read"))
                piece = _receive(sock)
                reading.ended = not piece
                if reading.ended and reading.head is None:
                    raise _UncleanEnd
                room = self._limits.wire_bytes - len(reading.wire)
                if reading.head and len(piece) > room:
                    # h11 sees what is kept: bytes past the limit may be bytes past the end of the message.
                    reading.wire += piece[:room]
                    connection.receive_data(piece[:room])
                    if not self._advance(reading, connection):
                        reading.truncated = Truncation.LENGTH
                    break
                reading.wire += piece
                connection.receive_data(piece)
        except (FetchError, OSError, _UncleanEnd, h11.RemoteProtocolError) as error:
            self._interrupted(reading, error)
        return reading

    def _advance(self, reading: _Reading, connection: h11.Connection) -> bool:
        """Let h11 read on in what has come; true at the end of the message."""
        while True:
            event = connection.next_event()
            if isinstance(event, h11.InformationalResponse):
                end = _head_end(reading.wire)
                reading.interim += bytes(reading.wire[:end])
                del reading.wire[:end]
                self._check_head(len(reading.interim))
            elif isinstance(event, h11.Response):
                reading.head_length = _head_end(reading.wire)
                self._check_head(reading.head_length)
                reading.head = event
            elif isinstance(event, h11.EndOfMessage):
                extra = len(connection.trailing_data[0])
                if extra:
                    del reading.wire[-extra:]  # bytes after the message are not part of it (RFC 9112 §6.3)
                if len(reading.wire) > self._limits.wire_bytes:
                    del reading.wire[self._limits.wire_bytes :]
                    reading.truncated = Truncation.LENGTH
                return True
            elif event is h11.NEED_DATA or event is h11.PAUSED:
                return False
            elif isinstance(event, h11.ConnectionClosed):
                raise _UncleanEnd

    def _check_head(self, length: int) -> None:
        if length > self._limits.header_bytes:
            message = f"The response head is larger than {self._limits.header_bytes} bytes."
            raise FetchError(FailureCode.HEADERS_TOO_LARGE, message)

    def _interrupted(self, reading: _Reading, error: Exception) -> None:
        """Decide what an error in the middle of a response means: a cut body is kept, a missing head is a failure."""
        if reading.head is None:
            raise self._no_head(reading, error) from error
        if isinstance(error, FetchError | TimeoutError):
            reading.truncated = Truncation.TIME
        elif reading.ended or isinstance(error, OSError | _UncleanEnd):
            reading.truncated = Truncation.DISCONNECT
        elif _too_large(error):
            reading.truncated = Truncation.LENGTH  # a chunk header or trailer without end
        else:
            reading.truncated = Truncation.UNSPECIFIED
        del reading.wire[self._limits.wire_bytes :]

    def _no_head(self, reading: _Reading, error: Exception) -> FetchError:
        if isinstance(error, FetchError):
            return error
        if isinstance(error, TimeoutError):
            return FetchError(FailureCode.TIMEOUT, "No complete response head came in time.")
        if isinstance(error, OSError | _UncleanEnd):
            return FetchError(
                FailureCode.DISCONNECTED, "The server closed the connection before its response head."
            )
        if _too_large(error):
            return FetchError(
                FailureCode.HEADERS_TOO_LARGE,
                f"The response head is larger than {self._limits.header_bytes} bytes.",
            )
        return FetchError(FailureCode.PROTOCOL_ERROR, f"The answer is not HTTP/1.1: {error}.")


def _too_large(error: Exception) -> bool:
    """Whether h11 gave up on a head, chunk header or trailer that would not end."""
    return isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431


def _send(sock: socket.socket, request: bytes, seconds: float) -> None:
    sock.settimeout(seconds)
    try:
        sock.sendall(request)
    except TimeoutError as error:
        raise FetchError(FailureCode.TIMEOUT, "The server did not take the request in time.") from error
    except OSError:
        pass  # it may have answered before it stopped listening; reading will tell


def _receive(sock: socket.socket) -> bytes:
    """The next bytes; empty at a clean end. Raises ``OSError``, :class:`_UncleanEnd` at a TLS end without notice."""
    try:
        return sock.recv(_RECEIVE)
    except ssl.SSLZeroReturnError:
        return b""
    except ssl.SSLEOFError as error:
        raise _UncleanEnd from error


def _connect_error(target: Target, address: Address, error: OSError) -> FetchError:
    where = f"{target.host} ({address[1]}, port {address[2]})"
    if isinstance(error, TimeoutError):
        return FetchError(FailureCode.TIMEOUT, f"{where} did not accept the connection in time.")
    return FetchError(FailureCode.CONNECT_FAILED, f"No connection to {where}: {error.strerror or error}.")


def _head_end(wire: bytearray) -> int:
    match = _HEAD_END.search(wire)
    assert match is not None  # h11 has just found it
    return match.end()


def _chain(sock: ssl.SSLSocket) -> tuple[bytes, ...]:
    """The certificates as presented, DER, leaf first; at least the leaf where Python does not give the chain."""
    if hasattr(sock, "get_unverified_chain"):  # Python 3.13 and later
        return tuple(sock.get_unverified_chain())
    inner = getattr(sock, "_sslobj", None)
    if inner is not None and hasattr(inner, "get_unverified_chain"):  # not public before
        import _ssl

        return tuple(one.public_bytes(_ssl.ENCODING_DER) for one in inner.get_unverified_chain() or ())
    leaf = sock.getpeercert(binary_form=True)
    return (leaf,) if leaf else ()


def _text(raw: bytes) -> str:
    """Header bytes as text: UTF-8 where they are, else Latin-1, which loses nothing."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _location(base: str, status: int, headers: tuple[tuple[str, str], ...]) -> str:
    """Where a response redirects to, absolute; empty when it does not. The guard judges it afterwards."""
    value = next((value for name, value in headers if name == "location"), "")
    if status not in _REDIRECTS or not value:
        return ""
    try:
        return urljoin(base, value)
    except ValueError:
        return value  # the guard says what is wrong with it


def _becomes_get(exchange: Exchange) -> bool:
    """RFC 9110 §15.4: 303 is followed with GET, and 301 and 302 after POST are in practice."""
    if exchange.method in ("GET", "HEAD"):
        return False
    return exchange.status == 303 or (exchange.status in (301, 302) and exchange.method == "POST")
