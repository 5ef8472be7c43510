"""What bytes are, whatever the server says about them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.archive.kinds import Family, Kind, parse_content_type, sniff

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"
MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2"
SRT = b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n"


@pytest.mark.parametrize(
    ("content", "declared", "url", "media_type", "family", "safe"),
    [
        (PNG, "image/png", "", "image/png", Family.IMAGE, True),
        (PNG, "", "", "image/png", Family.IMAGE, True),
        (JPEG, "application/octet-stream", "", "image/jpeg", Family.IMAGE, True),
        (b"GIF89a" + b"\0" * 9, "image/gif", "", "image/gif", Family.IMAGE, True),
        (b"RIFF\0\0\0\0WEBPVP8 ", "", "", "image/webp", Family.IMAGE, True),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "", "", "image/avif", Family.IMAGE, True),
        (b"\0\0\0\x1cftypheic\0\0\0\0", "", "", "image/heic", Family.IMAGE, False),
        (b"II*\0" + b"\0" * 9, "image/tiff", "", "image/tiff", Family.IMAGE, False),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "image/svg+xml",
            "",
            "image/svg+xml",
            Family.IMAGE,
            False,
        ),
        (b"<?xml version='1.0'?><svg onload='x()'/>", "", "", "image/svg+xml", Family.IMAGE, False),
        (b"%PDF-1.7\n", "application/pdf", "", "application/pdf", Family.PDF, False),
        (b"<!DOCTYPE HTML><p>", "text/html; charset=utf-8", "", "text/html", Family.HTML, False),
        (b"  \n<html lang=ar>", "", "", "text/html", Family.HTML, False),
        (b"just words", "text/html", "", "text/html", Family.HTML, False),
        (b"<?xml version='1.0'?><html xmlns='x'>", "", "", "application/xhtml+xml", Family.HTML, False),
        (
            b"<?xml version='1.0'?><rss/>",
            "application/rss+xml",
            "",
            "application/rss+xml",
            Family.TEXT,
            False,
        ),
        ("نص عربي".encode(), "text/plain", "", "text/plain", Family.TEXT, True),
        ("نص".encode("utf-16"), "text/plain", "", "text/plain", Family.TEXT, True),
        (b"a,b\n1,2", "text/csv", "", "text/csv", Family.TEXT, False),
        (b'{"a": 1}', "application/json", "", "application/json", Family.JSON, False),
        (b'[{"a": 1}]', "", "http://x.example/d.json", "application/json", Family.JSON, False),
        (b'{"a": 1}', "application/ld+json", "", "application/ld+json", Family.JSON, False),
        (b"{not json", "", "", "text/plain", Family.TEXT, True),
        (b"\xef\xbb\xbfWEBVTT\n\n", "text/plain", "", "text/vtt", Family.SUBTITLES, False),
        (SRT, "text/plain", "", "application/x-subrip", Family.SUBTITLES, False),
        (MP4, "video/mp4", "", "video/mp4", Family.VIDEO, False),
        (b"\0\0\0\x20ftypM4A \0\0\0\0", "", "", "audio/mp4", Family.AUDIO, False),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\1B\x82\x84webm", "", "", "video/webm", Family.VIDEO, False),
        (b"ID3\4\0\0\0\0\0\0", "", "", "audio/mpeg", Family.AUDIO, False),
        (b"\xff\xfb\x90\x64\0\0", "audio/mpeg", "", "audio/mpeg", Family.AUDIO, False),
        (b"OggS\0\2" + b"\0" * 20, "", "", "audio/ogg", Family.AUDIO, False),
        (b"RIFF\0\0\0\0WAVEfmt ", "", "", "audio/wav", Family.AUDIO, False),
        (b"PK\3\4\x14\0", "application/zip", "", "application/zip", Family.ARCHIVE, False),
        (b"PK\3\4", "application/epub+zip", "", "application/epub+zip", Family.OTHER, False),
        (b"\x1f\x8b\x08\0", "", "", "application/gzip", Family.ARCHIVE, False),
        (b"\x7fELF\2\1\1\0", "", "", "application/octet-stream", Family.OTHER, False),
        (
            b"\0\1\2",
            "application/x-shockwave-flash",
            "",
            "application/x-shockwave-flash",
            Family.OTHER,
            False,
        ),
    ],
)
def test_sniff_knows_the_kinds(
    content: bytes, declared: str, url: str, media_type: str, family: Family, safe: bool
) -> None:
    kind = sniff(content, declared, url)
    assert (kind.media_type, kind.family, kind.safe_inline, kind.problem) == (media_type, family, safe, "")


@pytest.mark.parametrize(
    ("content", "declared", "family"),
    [
        (b"<!doctype html><script>alert(1)</script>", "image/png", Family.HTML),
        (b"<html><script>x</script>", "image/jpeg", Family.HTML),
        (b"%PDF-1.4", "text/html", Family.PDF),
        (PNG, "text/html", Family.IMAGE),
        (b"\0\1\2\3\4 binary", "text/html", Family.OTHER),
        (b"not a picture", "image/png", Family.TEXT),
        (b"\0\0garbage", "image/png", Family.OTHER),
    ],
)
def test_sniff_believes_the_bytes_of_a_lying_server(content: bytes, declared: str, family: Family) -> None:
    kind = sniff(content, declared, "")
    assert kind.family is family
    assert kind.problem.startswith(f"The server called this {declared}, but")


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"GIF89a/*<html><script>alert(1)</script>*/=1;", "image/gif"),
        (PNG + b"<script>alert(1)</script>", "image/png"),
        (JPEG + b"%PDF-1.4", "image/jpeg"),
        (b"<html><script>x</script>", "text/plain"),
        ("words <ScRiPt>x</script>".encode("utf-16"), "text/plain"),
    ],
)
def test_sniff_never_calls_a_polyglot_safe(content: bytes, declared: str) -> None:
    assert not sniff(content, declared, "").safe_inline


def test_sniff_of_nothing_says_so() -> None:
    assert sniff(b"", "text/html", "") == Kind(
        "text/html", Family.OTHER, False, "text/html", "", "The response has no content."
    )


@pytest.mark.parametrize(
    ("value", "parsed"),
    [
        ('Text/HTML; Charset="Windows-1256"', ("text/html", "windows-1256")),
        ("text/html;charset=utf-8;charset=latin-1", ("text/html", "utf-8")),
        ("nonsense", ("", "")),
        ("text/html\r\nX: y", ("", "")),
        ("; charset=utf-8", ("", "utf-8")),
        ("", ("", "")),
    ],
)
def test_parse_content_type(value: str, parsed: tuple[str, str]) -> None:
    assert parse_content_type(value) == parsed


@given(st.binary(max_size=3000), st.text(max_size=80), st.text(max_size=80))
def test_sniff_answers_any_bytes_and_headers(content: bytes, declared: str, url: str) -> None:
    kind = sniff(content, declared, url)
    assert kind.family in Family
    if kind.safe_inline:
        assert kind.media_type == "text/plain" or kind.family is Family.IMAGE


@given(st.sampled_from([b"<script", b"<HTML ", b"%PDF-", b"<svg", b"<!DOCTYPE"]), st.binary(), st.binary())
def test_no_bytes_with_active_markup_are_safe(markup: bytes, before: bytes, after: bytes) -> None:
    for declared in ("text/plain", "image/png", ""):
        assert not sniff(before + markup + after, declared, "").safe_inline
        assert not sniff(PNG + before + markup + after, declared, "").safe_inline
