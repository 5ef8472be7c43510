"""Captures of every kind before judges that this project did not write: warcio, FastWARC, py-wacz, and pywb's replay.

What pywb gives back is compared with what the server sent, not with what we think that it sent. Where a judge cannot
say more, the case says so in its own words and the exception itself is asserted.
"""

from __future__ import annotations

import gzip
import json
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from wacz.main import main as wacz

from sources.archive import storage
from sources.archive.acquire import acquire
from sources.archive.browser import Browser
from sources.archive.exchange import Limits
from sources.archive.fetch import Fetcher
from sources.archive.guard import Guard
from sources.archive.services import receive_upload
from tests.cast import T0
from tests.sources.archive.hostile import Behaviour, chunked, response, serving
from tests.sources.archive.replay import serving_archive

SITE = "http://site.test"
LIMITS = Limits(read_seconds=3, total_seconds=30)

HTML = b"<!doctype html><meta charset=utf-8><title>Coast</title><p>Said on Friday.</p>"
CSS, SCRIPT = b"p { background: url(/pixel.png) }", b"document.body.append('seen')"
PAGE = HTML + (
    b'<link rel=stylesheet href="/style.css"><script src="/script.js"></script><img src="/pixel.png">'
)
TEXT = "Said on Friday: خبر\n".encode() * 40
JSON = json.dumps({"said": "on Friday"}).encode()
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(range(256)) + b"\xff\xd9"
MP4 = struct.pack(">I", 24) + b"ftypisom\0\0\2\0isomiso2" + struct.pack(">I", 1032) + b"mdat" + b"\0" * 1024
OGG = b"OggS\0\2" + b"\0" * 20 + b"\1\x13OpusHead\1\2\x38\1\x80\xbb\0\0\0\0\0" + bytes(range(256))


def png() -> bytes:
    """One grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0\x80"))
        + chunk(b"IEND", b"")
    )


@dataclass(frozen=True)
class Case:
    """One kind: what is asked for, what the server's answers carry, and what must be seen in it."""

    name: str
    path: str
    sent: dict[str, bytes]  # path → payload as sent, transfer coding off, content coding on
    kind: str  # media type that we must see in it
    status: int = 200
    page: str = ""  # "plain" or "rendered"
    cut: bool = False  # the server promised more than it sent


GZIPPED = gzip.compress(TEXT, mtime=0)
CUT = b"x" * 20_000
SUBRESOURCES = {"/style.css": CSS, "/script.js": SCRIPT, "/pixel.png": png()}
CASES = [
    Case("HTML", "/html", {"/html": HTML}, "text/html"),
    Case("HTML with subresources", "/page", {"/page": PAGE} | SUBRESOURCES, "text/html", page="plain"),
    Case(
        "rendered page behind a redirect",
        "/old-page",
        {"/old-page": b"moved", "/page": PAGE} | SUBRESOURCES,
        "text/html",
        page="rendered",
    ),
    Case("PDF", "/report.pdf", {"/report.pdf": PDF}, "application/pdf"),
    Case("PNG", "/pixel.png", {"/pixel.png": png()}, "image/png"),
    Case("JPEG", "/photo.jpg", {"/photo.jpg": JPEG}, "image/jpeg"),
    Case("MP4", "/video.mp4", {"/video.mp4": MP4}, "video/mp4"),
    Case("Ogg", "/sound.ogg", {"/sound.ogg": OGG}, "audio/ogg"),
    Case("plain text", "/text", {"/text": TEXT}, "text/plain"),
    Case("JSON", "/data.json", {"/data.json": JSON}, "application/json"),
    Case("empty", "/empty", {"/empty": b""}, "application/octet-stream"),
    Case("chunked", "/chunked", {"/chunked": TEXT}, "text/plain"),
    Case("gzip", "/gzip", {"/gzip": GZIPPED}, "text/plain"),
    Case("chunked and gzip", "/both", {"/both": GZIPPED}, "text/plain"),
    Case("chain of 301", "/hop1", {"/hop1": b"one", "/hop2": b"two", "/text": TEXT}, "text/plain"),
    Case("404", "/missing", {"/missing": HTML}, "text/html", status=404),
    Case("cut body", "/cut", {"/cut": CUT}, "text/plain", cut=True),
    Case("cut chunks", "/cut-chunks", {"/cut-chunks": b"hellomore"}, "text/plain", cut=True),
]
REDIRECTS = {"/old-page": "/page", "/hop1": "/hop2"}
PATHS: dict[str, Behaviour] = {
    "/html": response(HTML, content_type="text/html"),
    "/page": response(PAGE, content_type="text/html"),
    "/old-page": response(b"moved", status="301 Moved Permanently", location="/page"),
    "/style.css": response(CSS, content_type="text/css"),
    "/script.js": response(SCRIPT, content_type="text/javascript"),
    "/report.pdf": response(PDF, content_type="application/pdf"),
    "/pixel.png": response(png(), content_type="image/png"),
    "/photo.jpg": response(JPEG, content_type="image/jpeg"),
    "/video.mp4": response(MP4, content_type="video/mp4"),
    "/sound.ogg": response(OGG, content_type="audio/ogg"),
    "/text": response(TEXT, content_type="text/plain; charset=utf-8"),
    "/data.json": response(JSON, content_type="application/json"),
    "/empty": response(b""),
    "/chunked": response(
        chunked(TEXT[:9], TEXT[9:]), length=False, transfer_encoding="chunked", content_type="text/plain"
    ),
    "/gzip": response(GZIPPED, content_encoding="gzip", content_type="text/plain"),
    "/both": response(
        chunked(GZIPPED[:20], GZIPPED[20:]),
        length=False,
        transfer_encoding="chunked",
        content_encoding="gzip",
        content_type="text/plain",
    ),
    "/hop1": response(b"one", status="301 Moved Permanently", location="/hop2"),
    "/hop2": response(b"two", status="301 Moved Permanently", location=f"{SITE}/text"),
    "/missing": response(HTML, status="404 Not Found", content_type="text/html"),
    "/cut": b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\nContent-Type: text/plain\r\n\r\n" + CUT,
    "/cut-chunks": response(
        chunked(b"hello", end=b"ff\r\nmore"),
        length=False,
        transfer_encoding="chunked",
        content_type="text/plain",
    ),
}


@dataclass
class Seen:
    """A capture as the judges get it, with what its rows say of it."""

    case: Case
    package: Path
    kind: str
    status: int | None
    moments: dict[str, str]  # URL → 14 digits
    cut: bool


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Seen]]:
    """Every case captured once, through the one fetcher; the rendered one in a real browser."""
    folder = tmp_path_factory.mktemp("packages")
    with serving(PATHS) as site:
        fetcher = Fetcher(Guard(exceptions={"site.test": site.where}), LIMITS)
        yield [capture(case, folder / f"{place:02}.wacz", fetcher) for place, case in enumerate(CASES)]


def capture(case: Case, target: Path, fetcher: Fetcher) -> Seen:
    browser = Browser() if case.page == "rendered" else None
    try:
        acquired = acquire(
            SITE + case.path,
            page=bool(case.page),
            fetcher=fetcher,
            limits=LIMITS,
            browser=browser,
            subresource_limit=20,
            software="Verify tests",
        )
    finally:
        if browser is not None:
            browser.close()
    with acquired.package as package:
        package.seek(0)
        target.write_bytes(package.read())
    return Seen(
        case=case,
        package=target,
        kind=acquired.kind.media_type,
        status=acquired.final.status,
        moments={one.url: f"{one.started_at:%Y%m%d%H%M%S}" for one in acquired.exchanges},
        cut=any(one.truncated for one in acquired.exchanges),
    )


def judged(tool: str, *arguments: str | Path) -> str:
    """The tool's verdict: what it printed. Fails with that when it refuses."""
    command = [str(Path(sys.executable).with_name(tool)), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def unpacked(seen: list[Seen], folder: Path) -> list[Path]:
    files = []
    for one in seen:
        with zipfile.ZipFile(one.package) as package:
            (target := folder / f"{one.package.stem}.warc.gz").write_bytes(
                package.read("archive/data.warc.gz")
            )
        files.append(target)
    return files


@pytest.fixture
def verdict(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Say a judge's verdict where a person who runs the tests sees it."""

    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n  judge: {line}", flush=True)

    return say


def test_every_kind_is_captured_as_what_it_is(captures: list[Seen]) -> None:
    found = {one.case.name: (one.kind, one.status, one.cut) for one in captures}
    assert found == {case.name: (case.kind, case.status, case.cut) for case in CASES}
    for one in captures:
        assert {SITE + path for path in one.case.sent} <= set(one.moments), one.case.name


def test_warcio_and_fastwarc_accept_every_kind(captures: list[Seen], tmp_path: Path, verdict: Any) -> None:
    files = unpacked(captures, tmp_path)
    passed = judged("warcio", "check", "-v", *files).count("digest pass")
    indexed = judged("warcio", "index", "-f", "offset,warc-type,warc-target-uri", *files).splitlines()
    together = tmp_path / "together.warc.gz"  # WARC files laid end to end are one, and this judge takes one
    together.write_bytes(b"".join(file.read_bytes() for file in files))
    judged("fastwarc", "check", "-q", together)
    judged("fastwarc", "check", "-q", "--verify-payloads", together)
    assert passed == len(indexed) > 3 * len(files)  # every record has a digest, and it holds
    verdict(f"warcio check: {passed} of {len(indexed)} records pass in {len(files)} captures")
    verdict(f"fastwarc check, blocks and payloads: {len(files)} of {len(files)} captures pass")


def test_py_wacz_accepts_every_kind(captures: list[Seen], verdict: Any) -> None:
    for one in captures:  # in this process: its start-up takes ten times as long as its judgement
        assert wacz(["validate", "-f", str(one.package)]) == 0, one.case.name
    verdict(f"wacz validate: {len(captures)} of {len(captures)} captures are valid")


def test_the_judges_refuse_a_capture_with_one_byte_changed(captures: list[Seen], tmp_path: Path) -> None:
    """They are no rubber stamps: with one byte of one body changed, each of them says so."""
    (honest,) = unpacked(captures[:1], tmp_path)
    warc = gzip.decompress(honest.read_bytes()).replace(b"Said on Friday", b"Said on Monday", 1)
    changed = tmp_path / "changed.warc"
    changed.write_bytes(warc)
    package = tmp_path / "changed.wacz"
    package.write_bytes(captures[0].package.read_bytes().replace(b'"title": "', b'"title": "X', 1))
    for refused in (
        ("warcio", "check", changed),
        ("fastwarc", "check", "-q", "-d", "uncompressed", changed),
        ("wacz", "validate", "-f", package),
    ):
        with pytest.raises(AssertionError):
            judged(*refused)


def test_pywb_replays_every_kind_byte_for_byte(captures: list[Seen], tmp_path: Path, verdict: Any) -> None:
    """What the server sent comes back out of the package, and by pywb's own reading of WARC, index and HTTP."""
    compared = 0
    with serving_archive(tmp_path, [one.package for one in captures]) as pywb:
        for one in captures:
            answers = {}
            for path, sent in one.case.sent.items():
                answers[path] = replayed = pywb.replay(SITE + path, one.moments[SITE + path])
                assert replayed.body == sent, f"{one.case.name}: {path} came back as {replayed.body[:80]!r}"
                assert "memento-datetime" in replayed.headers, one.case.name
                compared += 1
            if one.case.path in REDIRECTS:
                first = answers[one.case.path]
                assert (first.status, first.headers["location"]) == (301, REDIRECTS[one.case.path])
            else:
                assert answers[one.case.path].status == one.case.status
            if one.case.path == "/cut":
                # Known and right: the header that promised more is part of the evidence, so whoever replays it meets
                # the same cut as the capture did. WARC-Truncated says so to those who read the record.
                assert answers["/cut"].headers["content-length"] == "50000"
    verdict(
        f"pywb replay: {compared} of {compared} responses of {len(captures)} captures byte for byte"
        f" ({sum(one.cut for one in captures)} captures were cut by their server and are replayed as cut)"
    )


def test_an_upload_is_accepted_and_replayed_too(
    desk: Any, alice: Any, tmp_path: Path, verdict: Any, settings: Any
) -> None:
    url = f"{SITE}/from/a/phone.mp4"
    upload = receive_upload(desk=desk, content=[MP4], filename="phone.mp4", url=url, by=alice, at=T0)
    assert upload.package is not None
    (package := tmp_path / "upload.wacz").write_bytes(storage.read(upload.package))
    seen = Seen(CASES[0], package, upload.media_type, None, {}, False)
    (warc,) = unpacked([seen], tmp_path)
    judged("warcio", "check", "-v", warc)
    judged("fastwarc", "check", "-q", "--verify-payloads", warc)
    judged("wacz", "validate", "-f", package)
    with serving_archive(tmp_path, [package]) as pywb:
        replayed = pywb.replay(url, f"{T0:%Y%m%d%H%M%S}")
    assert (replayed.status, replayed.body) == (200, MP4)
    assert replayed.headers["content-type"] == "video/mp4"
    verdict("an upload: warcio, fastwarc, wacz validate pass; pywb replays it byte for byte")
