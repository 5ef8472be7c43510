"""WARC 1.1 (ISO 28500:2017) files of what the fetcher saw.

HTTP messages are written as they came over the wire; no header is parsed and printed again. Each record is a gzip
member of its own, so that an index can point at it. The same input and record ids give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO
from uuid import UUID, uuid4

from sources.archive.decode import is_chunked
from sources.archive.exchange import Exchange, Resource

WARC_VERSION = "WARC/1.1"
_SLICE = 2**20  # bytes
_CONTROL = re.compile(r"[\x00-\x1f]")
_PEM_CHAIN = "application/pem-certificate-chain"  # RFC 8555 §9.1

Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """Where a record lies in the file, and what an index says about it. Offsets and lengths are in bytes."""

    record_id: str  # "urn:uuid:…"
    kind: str  # WARC-Type
    target_uri: str
    date: datetime
    offset: int
    length: int  # of the gzip member
    digest: str  # "sha256:<hex>" of the gzip member
    block_digest: str
    payload_digest: str = ""  # empty where the record has none
    media_type: str = ""
    status: int | None = None


def sha256_digest(data: bytes) -> str:
    """``sha256:`` and the digest in lower-case hexadecimal, the form that every checker at hand accepts."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def warc_date(moment: datetime) -> str:
    """UTC with microseconds (WARC 1.1 §5.4). Raises ``ValueError`` for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("a WARC-Date needs an aware datetime")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def write_warc(
    stream: BinaryIO,
    *,
    software: str,
    created_at: datetime,
    exchanges: Sequence[Exchange],
    resources: Sequence[Resource] = (),
    filename: str = "data.warc.gz",
    new_id: Callable[[], UUID] = uuid4,
) -> list[WarcRecord]:
    """Write one WARC file: warcinfo, a response and request pair per exchange, TLS chains, resources.

    Returns the records in file order: for the index, ``records[1 + 2 * n]`` is the response of ``exchanges[n]``.
    """
    writer = _Writer(stream, new_id)
    writer.warcinfo(software, created_at, filename)
    chains: dict[tuple[str, int, tuple[bytes, ...]], list[tuple[str, datetime]]] = {}
    for exchange in exchanges:
        response_id = writer.pair(exchange)
        peer = exchange.peer
        if peer.tls_chain:
            of_chain = chains.setdefault((peer.host, peer.port, peer.tls_chain), [])
            of_chain.append((response_id, exchange.started_at))
    for (host, port, chain), seen in chains.items():
        writer.tls_chain(host, port, chain, seen)
    for resource in resources:
        writer.resource(resource)
    return writer.records


class _Writer:
    def __init__(self, stream: BinaryIO, new_id: Callable[[], UUID]) -> None:
        self._stream = stream
        self._new_id = new_id
        self._warcinfo_id = ""
        self._offset = 0
        self.records: list[WarcRecord] = []

    def warcinfo(self, software: str, created_at: datetime, filename: str) -> None:
        fields = (
            ("software", software),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        )
        block = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields).encode()
        self._warcinfo_id = self._write(
            "warcinfo", "", created_at, "application/warc-fields", block, [("WARC-Filename", filename)]
        )

    def pair(self, exchange: Exchange) -> str:
        """The response, then the request that names it; both with one date. Returns the response's record id."""
        address = [("WARC-IP-Address", exchange.peer.address)]
        cut = [("WARC-Truncated", exchange.truncated.value)] if exchange.truncated else []
        payload = exchange.wire_body if _payload_is_undisputed(exchange) else None
        response_id = self._write(
            "response",
            exchange.url,
            exchange.started_at,
            "application/http; msgtype=response",
            exchange.response_wire,
            [*address, *cut],
            payload=payload,
            media_type=next((value for name, value in exchange.headers if name == "content-type"), ""),
            status=exchange.status,
        )
        self._write(
            "request",
            exchange.url,
            exchange.started_at,
            "application/http; msgtype=request",
            exchange.request_wire,
            [*address, ("WARC-Concurrent-To", f"<{response_id}>")],
        )
        return response_id

    def tls_chain(
        self, host: str, port: int, chain: tuple[bytes, ...], seen: Sequence[tuple[str, datetime]]
    ) -> None:
        """The certificates as presented, once per distinct chain, naming every response that came over it."""
        extra = [("WARC-Concurrent-To", f"<{response_id}>") for response_id, _ in seen]
        self._write(
            "metadata", f"urn:tls-chain:{host}:{port}", seen[0][1], _PEM_CHAIN, pem_chain(chain), extra
        )

    def resource(self, resource: Resource) -> None:
        self._write(
            "resource",
            resource.target_uri,
            resource.created_at,
            resource.media_type,
            resource.content,  # no payload digest: it would be the block's, and FastWARC takes it for a failure
        )

    def _write(
        self,
        kind: str,
        target_uri: str,
        date: datetime,
        content_type: str,
        block: bytes,
        extra: Iterable[Header] = (),
        *,
        payload: bytes | None = None,
        media_type: str | None = None,
        status: int | None = None,
    ) -> str:
        record_id = self._new_id().urn
        block_digest = sha256_digest(block)
        payload_digest = "" if payload is None else sha256_digest(payload)
        headers = [("WARC-Type", kind), ("WARC-Record-ID", f"<{record_id}>")]
        headers += [("WARC-Target-URI", target_uri)] if target_uri else []
        headers += [("WARC-Date", warc_date(date))]
        headers += [("WARC-Warcinfo-ID", f"<{self._warcinfo_id}>")] if self._warcinfo_id else []
        headers += [*extra, ("WARC-Block-Digest", block_digest)]
        headers += [("WARC-Payload-Digest", payload_digest)] if payload_digest else []
        headers += [("Content-Type", content_type), ("Content-Length", str(len(block)))]
        head = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in headers)
        length, digest = 0, hashlib.sha256()
        for piece in _gzip_member([f"{WARC_VERSION}\r\n{head}\r\n".encode(), block, b"\r\n\r\n"]):
            self._stream.write(piece)
            digest.update(piece)
            length += len(piece)
        self.records.append(
            WarcRecord(
                record_id=record_id,
                kind=kind,
                target_uri=target_uri,
                date=date,
                offset=self._offset,
                length=length,
                digest=f"sha256:{digest.hexdigest()}",
                block_digest=block_digest,
                payload_digest=payload_digest,
                media_type=content_type if media_type is None else media_type,
                status=status,
            )
        )
        self._offset += length
        return record_id


def _payload_is_undisputed(exchange: Exchange) -> bool:
    """Readers disagree on what the payload of a chunked response is, and on where it begins after bare LFs.

    There ``WARC-Payload-Digest`` (optional, WARC 1.1 §5.9) stays unsaid; the manifest has the digest of each stage.
    """
    return not is_chunked(exchange) and exchange.response_wire.endswith(b"\r\n\r\n", 0, exchange.head_length)


def pem_chain(chain: Iterable[bytes]) -> bytes:
    """DER certificates as concatenated PEM, leaf first."""
    return "".join(ssl.DER_cert_to_PEM_cert(der) for der in chain).encode("ascii")


def _gzip_member(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """One gzip member with no name and no time in its header (RFC 1952), so that bytes repeat; in pieces."""
    # Level 4 takes half the time of level 6 for two percent more bytes.
    deflater = zlib.compressobj(4, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for block in blocks:
        for start in range(0, len(block), _SLICE):
            yield deflater.compress(block[start : start + _SLICE])
    yield deflater.flush()


def _one_line(value: str) -> str:
    """A header value cannot hold a line break: it would begin a header of its own."""
    return " ".join(value.split()) if _CONTROL.search(value) else value
