"""WARC files of real exchanges, judged by tools that this project did not write."""

from __future__ import annotations

import dataclasses
import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from sources.archive.decode import decode
from sources.archive.exchange import Exchange, Limits, Resource, Truncation
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard
from sources.archive.warc import WarcRecord, warc_date, write_warc
from tests.sources.archive.hostile import Authority, Behaviour, chunked, response, serving

HOST, SECURE = "site.test", "secure.test"
AT = datetime(2025, 3, 7, 12, 30, 1, 42, tzinfo=UTC)
PAGE = "<title>A</title><p>Said on Friday: خبر</p>".encode() * 50
PATHS: dict[str, Behaviour] = {
    "/plain": response(PAGE, content_type="text/html; charset=utf-8"),
    "/gzip": response(gzip.compress(PAGE, mtime=0), content_type="text/html", content_encoding="gzip"),
    "/chunked": response(
        chunked(PAGE[:9], PAGE[9:]), length=False, transfer_encoding="chunked", content_type="text/html"
    ),
    "/both": response(
        chunked(gzip.compress(PAGE, mtime=0)),
        length=False,
        transfer_encoding="chunked",
        content_encoding="gzip",
    ),
    "/hop1": response(b"go", status="301 Moved", location="/hop2"),
    "/hop2": response(b"", status="302 Found", location="/plain"),
    "/empty": response(b"", content_type="text/plain"),
    "/nothing": b"HTTP/1.1 204 No Content\r\n\r\n",
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\nContent-Type: text/plain\r\n\r\n" + b"x" * 20_000,
    "/cut-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "/%D8%AE%D8%A8%D8%B1?%D9%82=1": response(b"arabic", content_type="text/plain"),
    "/binary": response(bytes(range(256)) * 40, content_type="image/png"),
    "/bare": b"HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 4\n\nbare",
    "/headless": b"HTTP/1.0 200\r\n\r\nno headers at all\r\n\r\nWARC/1.1\r\n\r\n",
    "/odd": b"HTTP/1.1 200 Caf\xe9\r\nX-Odd:\tx  \r\nFold: a\r\n b\r\nx-odd: again\r\nContent-Length: 2\r\n\r\nok",
}
URLS = ["/plain", "/gzip", "/chunked", "/both", "/hop1", "/missing", "/empty", "/nothing", "/cut", "/cut-chunk",
        "/خبر?ق=1", "/binary", "/bare", "/headless", "/odd"]  # fmt: skip
RESOURCES = [
    Resource("screenshot", f"urn:screenshot:http://{HOST}/plain", "image/png", b"\x89PNG\r\n", AT),
    Resource("dom", f"urn:dom:http://{HOST}/plain", "text/html;charset=utf-8", PAGE, AT),
    Resource("text", f"urn:text:http://{HOST}/plain", "text/plain", b"Said on Friday", AT),
]


@pytest.fixture(scope="session")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Exchange]]:
    """One capture of everything, fetched over real sockets, TLS included."""
    authority = Authority(tmp_path_factory.mktemp("tls"))
    with serving(PATHS) as plain, serving(PATHS, authority.server(SECURE)) as secure:
        guard = Guard(exceptions={HOST: plain.where, SECURE: secure.where})
        fetcher = Fetcher(guard, Limits(read_seconds=2), ca_file=str(authority.ca_file))
        found = [hop for path in URLS for hop in fetcher.fetch(f"http://{HOST}{path}").exchanges]
        found += fetcher.fetch(f"https://{SECURE}/plain").exchanges
        found += fetcher.fetch(f"https://{SECURE}/gzip").exchanges
        found += fetcher.fetch(f"http://{HOST}/plain", method="POST", body=b"q=1").exchanges
        yield found


def counting_ids() -> Callable[[], UUID]:
    numbers = iter(range(1, 10_000))
    return lambda: UUID(int=next(numbers))


def warc_of(
    exchanges: list[Exchange], resources: list[Resource] = RESOURCES
) -> tuple[bytes, list[WarcRecord]]:
    stream = BytesIO()
    records = write_warc(
        stream,
        software="Verify 0.1",
        created_at=AT,
        exchanges=exchanges,
        resources=resources,
        new_id=counting_ids(),
    )
    return stream.getvalue(), records


@pytest.fixture(scope="session")
def warc_file(exchanges: list[Exchange], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warc") / "data.warc.gz"
    path.write_bytes(warc_of(exchanges)[0])
    return path


def run(tool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name(tool)), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_exchanges_cover_every_kind(exchanges: list[Exchange]) -> None:
    assert len(exchanges) == len(URLS) + 2 + 3
    assert {exchange.status for exchange in exchanges} == {200, 204, 301, 302, 404}
    assert sum(exchange.truncated is Truncation.DISCONNECT for exchange in exchanges) == 2


def test_warcio_check_accepts(warc_file: Path, exchanges: list[Exchange]) -> None:
    result = run("warcio", "check", "-v", warc_file)
    assert result.returncode == 0, result.stdout + result.stderr
    records = 1 + 2 * len(exchanges) + 1 + len(RESOURCES)
    assert result.stdout.count("digest pass") == records


def test_warcio_index_reads_every_record(warc_file: Path, exchanges: list[Exchange]) -> None:
    result = run("warcio", "index", "-f", "offset,warc-type,warc-target-uri,http:status", warc_file)
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 1 + 2 * len(exchanges) + 1 + len(RESOURCES)


def test_fastwarc_check_accepts_blocks_and_payloads(warc_file: Path) -> None:
    for options in ([], ["--verify-payloads"]):
        result = run("fastwarc", "check", "-q", *options, warc_file)
        assert result.returncode == 0, result.stdout + result.stderr


def test_fastwarc_check_knows_a_changed_body(exchanges: list[Exchange], tmp_path: Path) -> None:
    """The judge is no rubber stamp: with one byte of a body changed it refuses."""
    honest = gzip.decompress(warc_of(exchanges[:1])[0])
    path = tmp_path / "changed.warc"
    path.write_bytes(honest.replace(b"Said on Friday", b"Said on Monday", 1))
    assert run("fastwarc", "check", "-q", "-d", "uncompressed", path).returncode != 0
    assert run("warcio", "check", path).returncode != 0


def test_warc_holds_the_wire_bytes_exactly(exchanges: list[Exchange], warc_file: Path) -> None:
    responses: list[bytes] = []
    requests: list[bytes] = []
    with warc_file.open("rb") as stream:
        for record in ArchiveIterator(stream, no_record_parse=True):
            block = record.content_stream().read()
            if record.rec_type == "response":
                responses.append(block)
            elif record.rec_type == "request":
                requests.append(block)
    assert responses == [exchange.response_wire for exchange in exchanges]
    assert requests == [exchange.request_wire for exchange in exchanges]


def test_warcio_decodes_bodies_as_we_do(exchanges: list[Exchange], warc_file: Path) -> None:
    whole = [exchange for exchange in exchanges if not exchange.truncated]
    ours = {exchange.url + exchange.method: decode(exchange, Limits()).decoded for exchange in whole}
    theirs = {}
    with warc_file.open("rb") as stream:
        for record in ArchiveIterator(stream):
            if record.rec_type == "response" and not record.rec_headers.get_header("WARC-Truncated"):
                theirs.setdefault(
                    record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read()
                )
    for exchange in whole:
        if exchange.method == "GET":
            assert theirs[exchange.url] == ours[exchange.url + "GET"], exchange.url


def test_warc_records_stand_at_their_offsets(exchanges: list[Exchange]) -> None:
    content, records = warc_of(exchanges)
    assert sum(record.length for record in records) == len(content)
    for record in records:
        member = gzip.decompress(content[record.offset : record.offset + record.length])
        assert member.startswith(b"WARC/1.1\r\nWARC-Type: " + record.kind.encode())
        assert record.record_id.encode() in member


def test_warc_pairs_share_date_and_address(exchanges: list[Exchange], warc_file: Path) -> None:
    with warc_file.open("rb") as stream:
        headers = [record.rec_headers for record in ArchiveIterator(stream, no_record_parse=True)]
    for place, exchange in enumerate(exchanges):
        reply, request = headers[1 + 2 * place], headers[2 + 2 * place]
        assert request["WARC-Concurrent-To"] == reply["WARC-Record-ID"]
        assert request["WARC-Date"] == reply["WARC-Date"] == warc_date(exchange.started_at)
        assert request["WARC-IP-Address"] == reply["WARC-IP-Address"] == "127.0.0.1"
        assert reply["WARC-Truncated"] == (exchange.truncated.value if exchange.truncated else None)
        assert reply["WARC-Target-URI"] == exchange.url
        disputed = "chunked" in dict(exchange.headers).values() or exchange.url.endswith("/bare")
        assert ("WARC-Payload-Digest" in dict(reply.headers)) is not disputed


def test_warc_keeps_a_tls_chain_once_and_names_its_responses(exchanges: list[Exchange]) -> None:
    content, records = warc_of(exchanges)
    [chain] = [record for record in records if record.kind == "metadata"]
    member = gzip.decompress(content[chain.offset : chain.offset + chain.length])
    assert member.count(b"-----BEGIN CERTIFICATE-----") == 2
    assert member.count(b"WARC-Concurrent-To: ") == 2


def test_warc_is_the_same_bytes_for_the_same_input(exchanges: list[Exchange]) -> None:
    assert warc_of(exchanges)[0] == warc_of(exchanges)[0]


def test_warc_of_nothing_is_a_warcinfo(tmp_path: Path) -> None:
    content, records = warc_of([], [])
    assert [record.kind for record in records] == ["warcinfo"]
    assert [b"software: Verify 0.1" in record.reader.read() for record in FastIterator(BytesIO(content))] == [
        True
    ]


def test_warc_header_values_cannot_break_lines(exchanges: list[Exchange]) -> None:
    sly = dataclasses.replace(exchanges[0], url="http://a/\r\nWARC-Date: 1999-01-01T00:00:00Z\r\nX: y")
    content, _ = warc_of([sly], [])
    assert b"\r\nWARC-Date: 1999" not in gzip.decompress(content)


def test_warc_date_is_utc_and_refuses_naive_times() -> None:
    assert warc_date(AT.astimezone(timezone(timedelta(hours=3)))) == "2025-03-07T12:30:01.000042Z"
    with pytest.raises(ValueError, match="aware"):
        warc_date(AT.replace(tzinfo=None))
