"""Decoding bodies: whole ones, broken ones and bombs. Bad bytes never raise."""

from __future__ import annotations

import gzip
import zlib
from contextlib import suppress
from datetime import UTC, datetime

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.archive.decode import decode
from sources.archive.exchange import Exchange, Limits, Peer
from tests.sources.archive.hostile import chunked

TEXT = ("Figures are scoped measurements. قتل " * 400).encode()
AT = datetime(2025, 3, 7, 12, tzinfo=UTC)
LIMITS = Limits(decoded_bytes=4_000_000, decode_ratio=50)


def exchange_of(body: bytes, *headers: tuple[str, str], method: str = "GET", status: int = 200) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    peer = Peer("site.test", "127.0.0.1", 80)
    return Exchange(
        "http://site.test/", method, AT, AT, b"", head + body, len(head), status, "OK", headers, peer
    )


GZIP = ("content-encoding", "gzip")
DEFLATE = ("content-encoding", "deflate")
CHUNKED = ("transfer-encoding", "chunked")


def raw_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(data) + deflater.flush()


WHOLE = {
    "plain": (TEXT, []),
    "identity": (TEXT, [("content-encoding", "identity")]),
    "gzip": (gzip.compress(TEXT), [GZIP]),
    "x-gzip in capitals": (gzip.compress(TEXT), [("content-encoding", " X-GZip ")]),
    "two gzip members": (gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]), [GZIP]),
    "gzip with zero padding": (gzip.compress(TEXT) + b"\0" * 512, [GZIP]),
    "zlib": (zlib.compress(TEXT), [DEFLATE]),
    "raw deflate": (raw_deflate(TEXT), [DEFLATE]),
    "gzip twice": (gzip.compress(gzip.compress(TEXT)), [("content-encoding", "gzip, gzip")]),
    "gzip in deflate": (zlib.compress(gzip.compress(TEXT)), [GZIP, DEFLATE]),
    "chunked": (chunked(TEXT[:5], TEXT[5:]), [CHUNKED]),
    "chunked gzip": (chunked(gzip.compress(TEXT)[:7], gzip.compress(TEXT)[7:]), [CHUNKED, GZIP]),
    "chunks of one byte": (chunked(*(TEXT[n : n + 1] for n in range(len(TEXT)))), [CHUNKED]),
    "chunk extensions and trailers": (
        b"%x;a=b\r\n%s\r\n0\r\nX: y\r\n\r\n" % (len(TEXT), TEXT),
        [CHUNKED],
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_decode_gives_the_content_back(name: str) -> None:
    wire, headers = WHOLE[name]
    body = decode(exchange_of(wire, *headers), LIMITS)
    assert body.decoded == TEXT
    assert (body.decode_problem, body.truncated) == ("", False)


@pytest.mark.parametrize("name", ["gzip", "zlib", "raw deflate", "chunked", "chunked gzip", "gzip twice"])
def test_decode_of_every_cut_gives_a_beginning_and_a_problem(name: str) -> None:
    wire, headers = WHOLE[name]
    for cut in range(1, len(wire), max(1, len(wire) // 40)):
        body = decode(exchange_of(wire[:cut], *headers), LIMITS)
        assert TEXT.startswith(body.decoded)
        assert body.decode_problem.endswith(".")


def test_decode_of_a_cut_gzip_keeps_nearly_all_that_came() -> None:
    noise = b"".join(b"%d " % (n * 7919 % 10007) for n in range(50_000))
    wire = gzip.compress(noise)
    body = decode(exchange_of(wire[: len(wire) // 2], GZIP), LIMITS)
    assert len(body.decoded) > len(noise) * 0.4


@pytest.mark.parametrize("headers", [[GZIP], [DEFLATE], [("content-encoding", "gzip, deflate")]])
def test_decode_of_an_empty_body_is_empty_and_whole(headers: list[tuple[str, str]]) -> None:
    body = decode(exchange_of(b"", *headers), LIMITS)
    assert (body.decoded, body.decode_problem) == (b"", "")


def test_decode_of_a_head_response_expects_no_chunks() -> None:
    body = decode(exchange_of(b"", CHUNKED, GZIP, method="HEAD"), LIMITS)
    assert (body.entity, body.decode_problem) == (b"", "")
    assert decode(exchange_of(b"", CHUNKED), LIMITS).decode_problem


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_decode_of_plain_text_sent_as_compressed_says_so(coding: str) -> None:
    body = decode(exchange_of(TEXT, ("content-encoding", coding)), LIMITS)
    assert body.entity == TEXT
    assert "broken" in body.decode_problem


def test_decode_with_a_flipped_checksum_keeps_the_content_and_says_so() -> None:
    wire = bytearray(gzip.compress(TEXT))
    wire[-6] ^= 1
    body = decode(exchange_of(bytes(wire), GZIP), LIMITS)
    assert "broken" in body.decode_problem


def test_decode_ignores_garbage_after_gzip_and_says_so() -> None:
    body = decode(exchange_of(gzip.compress(TEXT) + b"<!-- proxy -->", GZIP), LIMITS)
    assert body.decoded == TEXT
    assert "14 bytes after" in body.decode_problem


@pytest.mark.parametrize("coding", ["br", "zstd", "compress"])
def test_decode_leaves_codings_that_nobody_asked_for(coding: str) -> None:
    body = decode(exchange_of(b"\x8b\x02", ("content-encoding", coding)), LIMITS)
    assert (body.entity, body.decoded) == (b"\x8b\x02", b"")
    assert coding in body.decode_problem


def test_decode_takes_an_unknown_coding_as_browsers_do() -> None:
    body = decode(exchange_of(TEXT, ("content-encoding", "utf-8")), LIMITS)
    assert body.decoded == TEXT
    assert "utf-8" in body.decode_problem


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_decode_stops_a_bomb_at_the_ratio(coding: str) -> None:
    plain = b"\0" * 50_000_000
    wire = gzip.compress(plain) if coding == "gzip" else zlib.compress(plain)
    body = decode(exchange_of(wire, ("content-encoding", coding)), Limits(decode_ratio=30))
    assert len(body.decoded) == int(len(wire) * 30)
    assert body.truncated
    assert "limit" in body.decode_problem


def test_decode_stops_at_the_limit_of_bytes_and_small_bodies_may_expand() -> None:
    wire = gzip.compress(b"\0" * 1_000_000)
    assert (
        len(decode(exchange_of(wire, GZIP), LIMITS).decoded) == 1_000_000
    )  # under the floor, whatever the ratio
    body = decode(exchange_of(wire, GZIP), Limits(decoded_bytes=1000))
    assert (len(body.decoded), body.truncated) == (1000, True)
    exact = decode(exchange_of(wire, GZIP), Limits(decoded_bytes=1_000_000))
    assert (len(exact.decoded), exact.truncated) == (1_000_000, False)


def test_decode_stops_a_bomb_in_a_bomb() -> None:
    inner = gzip.compress(b"\0" * 100_000_000)
    body = decode(exchange_of(gzip.compress(inner), ("content-encoding", "gzip, gzip")), LIMITS)
    assert len(body.decoded) <= LIMITS.decoded_bytes
    assert body.truncated
    many = decode(exchange_of(inner, ("content-encoding", ", ".join(["gzip"] * 50))), LIMITS)
    assert "50 times" in many.decode_problem


def test_decode_of_many_tiny_members_stops_at_the_limit_on_members() -> None:
    body = decode(exchange_of(gzip.compress(b"") * 500_000, GZIP), LIMITS)
    assert "ignored" in body.decode_problem


@settings(deadline=None)
@given(
    st.binary(max_size=300), st.sampled_from([[GZIP], [DEFLATE], [CHUNKED], [CHUNKED, GZIP], [GZIP, DEFLATE]])
)
def test_decode_never_raises(data: bytes, headers: list[tuple[str, str]]) -> None:
    decode(exchange_of(data, *headers), LIMITS)


@settings(deadline=None)
@given(st.binary(max_size=2000), st.integers(0, 40), st.binary(min_size=1, max_size=4))
def test_decode_survives_damage(data: bytes, place: int, damage: bytes) -> None:
    wire = bytearray(chunked(gzip.compress(data)))
    wire[place : place + len(damage)] = damage
    decode(exchange_of(bytes(wire), CHUNKED, GZIP), LIMITS)


def test_decode_of_a_million_tiny_chunks_is_whole() -> None:
    wire = b"1\r\na\r\n" * 1_000_000 + b"0\r\n\r\n"
    body = decode(exchange_of(wire, CHUNKED), LIMITS)
    assert (len(body.entity), body.decode_problem) == (1_000_000, "")


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                b"5\r\nhello\r\n",
                b"A ;x=y\r\n0123456789\r\n",
                b"0\r\n",
                b"\r\n",
                b"\n",
                b"X: y\r\n",
                b"zz\r\n",
                b"2\r\n",
                b"-1",
            ]
        ),
        max_size=8,
    )
)
def test_decode_reads_chunks_as_the_fetchers_parser_does(parts: list[bytes]) -> None:
    wire = b"".join(parts)
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    parser.send(h11.EndOfMessage())
    parser.receive_data(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + wire)
    theirs, whole = b"", False
    with suppress(h11.RemoteProtocolError):
        while (event := parser.next_event()) is not h11.NEED_DATA and not whole:
            theirs += bytes(event.data) if isinstance(event, h11.Data) else b""
            whole = isinstance(event, h11.EndOfMessage)
    body = decode(exchange_of(wire, CHUNKED), LIMITS)
    if whole:
        assert (body.entity, body.decode_problem) == (theirs, "")
    else:
        # A trailer that is no header is an error to the parser; the content before it is whole all the same.
        assert body.entity.startswith(theirs) and (body.decode_problem or b"0\r\n" in wire)


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=200), max_size=8))
def test_decode_inverts_chunking_and_gzip(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    assert decode(exchange_of(chunked(*pieces), CHUNKED), LIMITS).decoded == content
    assert decode(exchange_of(gzip.compress(content), GZIP), LIMITS).decoded == content
