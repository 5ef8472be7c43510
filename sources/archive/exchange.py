"""What the fetcher saw on the wire: the value objects that the guard, fetcher, browser and packager share.

Pure: no Django, no Celery, no I/O. Every moment is an aware UTC datetime, every size is in bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FailureCode(StrEnum):
    """Why something could not be fetched. Stored in the database, shown on pages, in the API and by commands."""

    INVALID_URL = "invalid-url"
    SCHEME_REFUSED = "scheme-refused"
    CREDENTIALS_REFUSED = "credentials-refused"
    PORT_REFUSED = "port-refused"
    NAME_NOT_RESOLVED = "name-not-resolved"
    ADDRESS_REFUSED = "address-refused"
    CONNECT_FAILED = "connect-failed"
    TLS_FAILED = "tls-failed"
    TIMEOUT = "timeout"
    DISCONNECTED = "disconnected"
    PROTOCOL_ERROR = "protocol-error"
    HEADERS_TOO_LARGE = "headers-too-large"
    TOO_LARGE = "too-large"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    ROBOTS_REFUSED = "robots-refused"
    BUSY = "busy"  # 429, 502, 503 or 504: the server says "not now"
    GIVEN_UP = "given-up"  # somebody stopped the waiting for another try
    WORKER_LOST = "worker-lost"
    INTERNAL_ERROR = "internal-error"


class Truncation(StrEnum):
    """Values of ``WARC-Truncated`` (WARC 1.1 §5.13) that we use."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"  # the framing broke, so the end cannot be known


class FetchError(Exception):
    """A fetch that brought no complete response head; ``code`` says why and ``str()`` is a sentence for a person."""

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a fetch may take. Seconds and bytes; each is a setting."""

    connect_seconds: float = 10.0  # to one address, TLS handshake apart
    read_seconds: float = 20.0  # for the next bytes to come, and for the TLS handshake
    total_seconds: float = 120.0  # a hard bound on the whole chain: names, handshakes, redirects, bodies
    wire_bytes: int = 64 * 1024 * 1024  # of one response, head included
    header_bytes: int = 64 * 1024  # of one response head, and of all interim responses together
    redirects: int = 10
    decoded_bytes: int = 128 * 1024 * 1024  # of one body, once content codings are off
    decode_ratio: float = 200.0  # decoded bytes per encoded byte, from 1 MiB of decoded bytes on


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end of the one connection that carried an exchange."""

    host: str  # the name asked for, ASCII (IDNA 2008)
    address: str  # the vetted IP address that was connected to
    port: int
    tls_version: str = ""  # e.g. "TLSv1.3"; empty for plain http
    tls_cipher: str = ""
    tls_chain: tuple[bytes, ...] = ()  # DER certificates as presented, leaf first
    tls_verified: bool = (
        False  # whether the chain verified for the host; an unverified chain is recorded, not hidden
    )
    tls_problem: str = ""  # why it did not verify, as a sentence
    exception: str = ""  # the configured exception to the guard that allowed this address, e.g. the demo's


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response, exactly as they went over the wire (HTTP/1.1).

    ``response_wire`` is status line, headers, blank line and body as received: nothing de-chunked or inflated.
    """

    url: str
    method: str
    started_at: datetime  # one WARC-Date for the pair
    finished_at: datetime
    request_wire: bytes
    response_wire: bytes
    head_length: int  # bytes of response_wire up to and including the blank line after the headers
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]  # response headers, order and repetition kept, names lower case
    peer: Peer
    truncated: Truncation | None = None
    location: str = ""  # absolute URL that this response redirects to, if any
    interim_wire: bytes = b""  # 1xx responses that came before; not part of response_wire

    @property
    def wire_body(self) -> bytes:
        """Body bytes as on the wire, transfer coding included."""
        return self.response_wire[self.head_length :]


@dataclass(frozen=True, slots=True)
class Body:
    """An exchange's body, decoded: transfer coding removed, then content coding removed, within limits."""

    entity: bytes  # de-chunked, still content-encoded
    decoded: bytes  # content-decoded
    decode_problem: str = ""  # why decoding stopped short, as a sentence; empty when whole
    truncated: bool = False  # decoded bytes were cut at a limit


@dataclass(frozen=True, slots=True)
class Resource:
    """A thing derived during a capture (screenshot, DOM, PDF, extracted text, TLS chain) for a WARC resource record."""

    name: str  # "screenshot", "thumbnail", "dom", "pdf", "text", "tls-chain"
    target_uri: str  # e.g. "urn:screenshot:https://…"
    media_type: str
    content: bytes  # or a memory map of a large file, which reads like bytes
    created_at: datetime


@dataclass(slots=True)
class FetchResult:
    """A chain of exchanges: the redirect hops in order, the final response last.

    ``failure`` is set when the chain ended without a final complete response (a later hop was refused, say);
    the hops seen before that are kept all the same.
    """

    exchanges: list[Exchange] = field(default_factory=list)
    failure: FetchError | None = None

    @property
    def final(self) -> Exchange | None:
        """The last response if the chain ended with one."""
        return self.exchanges[-1] if self.exchanges and self.failure is None else None
