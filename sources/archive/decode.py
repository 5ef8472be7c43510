"""From wire bytes to content: transfer coding off, then content codings off, within limits.

Bad bytes never raise: what could be read is returned with a sentence that says where it stopped. Content codings are
those the fetcher asks for, gzip and deflate (RFC 9110 §8.4.1).
"""

from __future__ import annotations

import re
import zlib

from sources.archive.exchange import Body, Exchange, Limits

_SLICE = 64 * 1024
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,20})[ \t]*(?:;[^\r\n]*)?\r\n")
_CHUNK_BEGUN = re.compile(rb"[0-9A-Fa-f]{1,20}[ \t]*(?:;[^\r\n]*)?\r?")
_TRAILERS = re.compile(rb"(?:[^\r\n][^\n]*\n)*\r?\n")
_MAX_CODINGS = 3
_MAX_MEMBERS = 10_000  # of one gzip body; more is an attack on time
_RATIO_FLOOR = 1024 * 1024  # small bodies may expand to this many bytes whatever their ratio
# Codings that we know and cannot undo; browsers ignore any other unknown name, and so do we.
_UNREADABLE = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz"})


def decode(exchange: Exchange, limits: Limits) -> Body:
    """The exchange's body without transfer and content coding. Never raises on bad bytes."""
    entity, problem = _entity(exchange)
    codings = _codings(exchange)
    if len(codings) > _MAX_CODINGS:
        return Body(entity, b"", f"The body is said to be encoded {len(codings)} times over.")
    content, cut = entity, False
    for coding in reversed(codings):
        if coding in _UNREADABLE:
            return Body(entity, b"", f"The content coding “{coding}” was not asked for and cannot be read.")
        if coding not in ("gzip", "x-gzip", "deflate"):
            problem = (
                problem or f"The content coding “{coding}” is unknown; the bytes are taken as they came."
            )
            continue
        content, trouble, was_cut = _inflate(content, coding, limits)
        problem, cut = problem or trouble, cut or was_cut
    return Body(entity, content, problem, cut)


def is_chunked(exchange: Exchange) -> bool:
    """Whether the body on the wire has a transfer coding (RFC 9112 §6.1)."""
    return any(name == "transfer-encoding" for name, _ in exchange.headers)


def _codings(exchange: Exchange) -> list[str]:
    values = ",".join(value for name, value in exchange.headers if name == "content-encoding")
    names = [name.strip().lower() for name in values.split(",")]
    return [name for name in names if name not in ("", "identity")]


def _entity(exchange: Exchange) -> tuple[bytes, str]:
    wire = exchange.wire_body
    bodiless = exchange.method == "HEAD" or exchange.status in (204, 304)
    return _dechunk(wire) if is_chunked(exchange) and not bodiless else (wire, "")


def _dechunk(wire: bytes) -> tuple[bytes, str]:
    """RFC 9112 §7.1. The fetcher's parser finds the end of a message; here a million tiny chunks must be quick too."""
    pieces: list[bytes] = []
    position = 0
    while line := _CHUNK_LINE.match(wire, position):
        position = line.end()
        size = int(line[1], 16)
        if size == 0:
            whole = _TRAILERS.match(wire, position) is not None
            return b"".join(pieces), "" if whole else "The chunked transfer coding ends within its trailers."
        pieces.append(wire[position : position + size])
        position += size
        if not wire.startswith(b"\r\n", position):
            break
        position += 2
    rest = wire[position : position + 2]
    if rest in (b"", b"\r") or (
        _CHUNK_BEGUN.fullmatch(wire, position) and not wire.startswith(b"\n", position)
    ):
        return b"".join(pieces), "The chunked transfer coding ends before its last chunk."
    return b"".join(pieces), f"The chunked transfer coding is broken at byte {position} of the body."


def _inflate(data: bytes, coding: str, limits: Limits) -> tuple[bytes, str, bool]:
    """Decoded bytes, a problem, and whether a limit cut them."""
    if not data:
        return b"", "", False
    cap = int(min(limits.decoded_bytes, max(len(data) * limits.decode_ratio, _RATIO_FLOOR)))
    if coding != "deflate":
        return _inflate_gzip(data, cap)
    # "deflate" is zlib-wrapped by the standard and raw in practice.
    result = _inflate_one(data, zlib.MAX_WBITS, cap)
    if not result.content and result.problem:
        raw = _inflate_one(data, -zlib.MAX_WBITS, cap)
        result = raw if raw.content or not raw.problem else result
    return result.content, result.problem, result.cut


class _Inflated:
    """What one compressed stream gave, and how many bytes of input it took."""

    def __init__(self, content: bytes, taken: int, problem: str = "", cut: bool = False) -> None:
        self.content, self.taken, self.problem, self.cut = content, taken, problem, cut


def _inflate_gzip(data: bytes, cap: int) -> tuple[bytes, str, bool]:
    """All members of a gzip file (RFC 1952 §2.2), one after the other."""
    pieces: list[bytes] = []
    size = position = 0
    for _ in range(_MAX_MEMBERS):
        one = _inflate_one(data, zlib.MAX_WBITS | 16, cap - size, position)
        pieces.append(one.content)
        size += len(one.content)
        position += one.taken
        if one.problem or position >= len(data):
            return b"".join(pieces), one.problem, one.cut
        if not data.startswith(b"\x1f\x8b", position):
            break
    rest = data[position:].strip(b"\0")  # zero padding is harmless
    return b"".join(pieces), f"{len(rest)} bytes after the gzip data were ignored." if rest else "", False


def _inflate_one(data: bytes, wbits: int, cap: int, start: int = 0) -> _Inflated:
    inflater = zlib.decompressobj(wbits)
    content = bytearray()
    view = memoryview(data)
    position = start
    pending = b""
    try:
        while not inflater.eof:
            if not pending:
                pending = bytes(view[position : position + _SLICE])
                position += len(pending)
            at_end = not pending
            # One byte more than allowed shows that there was more.
            piece = inflater.decompress(pending, min(_SLICE * 16, cap - len(content) + 1))
            content += piece
            if len(content) > cap:
                problem = f"Decoding stopped at the limit of {cap} bytes."
                return _Inflated(bytes(content[:cap]), 0, problem, cut=True)
            if at_end and not piece and not inflater.eof:
                return _Inflated(bytes(content), 0, "The body ends before its compressed data does.")
            pending = inflater.unconsumed_tail
    except zlib.error as error:
        return _Inflated(bytes(content), 0, f"The compressed data is broken: {error}.")
    return _Inflated(bytes(content), position - len(inflater.unused_data) - start)
