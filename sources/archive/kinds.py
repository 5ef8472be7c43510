"""What kind of thing some fetched bytes are, judged by the bytes first and by what the server said second.

The signatures follow the WHATWG MIME Sniffing standard (§6 and §7), because what matters is what a reader's
browser would take the bytes for. Pure: no Django, no I/O.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from mmap import mmap
from urllib.parse import urlsplit


class Family(StrEnum):
    """How a thing is shown and read."""

    HTML = "html"
    PDF = "pdf"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    JSON = "json"
    SUBTITLES = "subtitles"
    ARCHIVE = "archive"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Kind:
    """The judgement on some bytes.

    ``safe_inline`` means: may be shown inside our own pages, provided that it is sent with exactly ``media_type``
    and with ``X-Content-Type-Options: nosniff``. It is true for a few raster image types and for plain text only.
    """

    media_type: str  # by the bytes where they tell, else as declared, else application/octet-stream
    family: Family
    safe_inline: bool
    declared: str = ""  # the server's media type, lower case, without parameters; empty when it sent none
    charset: str = ""  # the charset parameter of the server's Content-Type, lower case
    problem: str = ""  # a sentence where the bytes and the declaration disagree, or where there are no bytes


UNKNOWN = "application/octet-stream"
_SAFE_IMAGES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
_GENERIC = frozenset({"", UNKNOWN, "binary/octet-stream", "unknown/unknown", "application/unknown", "*/*"})
_HEAD = 1445  # bytes: the standard's "resource header"
_TEXT_SAMPLE = 65_536
_JSON_SAMPLE = 5_000_000

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"OggS\x00", "application/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"FLV\x01", "video/x-flv"),
    (0, b"\x00\x00\x01\xba", "video/mpeg"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"(\xb5/\xfd", "application/zstd"),
    (257, b"ustar", "application/x-tar"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_FTYP_IMAGES = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
}
_HTML_TAGS = re.compile(
    rb"<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|article|main)[\s/>]|<!--",
    re.IGNORECASE,
)
_ACTIVE_MARKUP = re.compile(rb"<(?:!doctype|html|script|svg|iframe|body|\?xml)|%PDF-", re.IGNORECASE)
_SRT = re.compile(r"\s*\d+\s*\n\d{1,2}:\d\d:\d\d[,.]\d{1,3}\s*-->")
_BINARY_BYTE = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
# Containers that are a zip or a gzip underneath: the outer signature and the declaration are both true.
_ZIP_BASED = re.compile(
    r"application/(vnd\.(openxmlformats|oasis|android)|epub\+zip|java-archive|wacz)|.*\+zip$"
)
_ARCHIVES = frozenset(
    t for _, _, t in _SIGNATURES if t.startswith("application/") and "pdf" not in t and "ogg" not in t
)
_MARKUP_XML = frozenset({"text/xml", "application/xml"})


def sniff(content: bytes | mmap, declared: str, url: str = "") -> Kind:
    """Judge ``content`` (decoded body, or a file) against the Content-Type ``declared``; any bytes give an answer."""
    said, charset = parse_content_type(declared)
    if not content:
        return Kind(said or UNKNOWN, Family.OTHER, False, said, charset, "The response has no content.")
    head = content[:_TEXT_SAMPLE]
    found = (
        _from_signature(head, said, url)
        or _from_text(head, content, said, url, charset)
        or _from_declaration(said)
    )
    family = family_of(found)
    return Kind(
        found, family, _is_safe_inline(found, content), said, charset, _disagreement(found, family, said)
    )


def parse_content_type(value: str) -> tuple[str, str]:
    """Media type and charset of a Content-Type header, lower case; empty strings where absent or malformed."""
    message = Message()
    try:
        message["Content-Type"] = " ".join(value.split())
        charset = message.get_param("charset", "")
    except (ValueError, UnicodeError):
        return "", ""
    media_type = value.split(";")[0].strip().lower()
    if not re.fullmatch(r"[\w!#$&^.+-]+/[\w!#$&^.+*-]+", media_type, re.ASCII):
        media_type = ""
    return media_type, charset.strip().lower() if isinstance(charset, str) else ""


def family_of(media_type: str) -> Family:
    """The family that a media type belongs to."""
    main = media_type.partition("/")[0]
    if media_type in ("text/html", "application/xhtml+xml"):
        return Family.HTML
    if media_type == "application/pdf":
        return Family.PDF
    if media_type in ("text/vtt", "application/x-subrip"):
        return Family.SUBTITLES
    if media_type == "application/json" or media_type.endswith("+json"):
        return Family.JSON
    if media_type in _ARCHIVES:
        return Family.ARCHIVE
    if main == "text" or media_type in _MARKUP_XML or (media_type.endswith("+xml") and main != "image"):
        return Family.TEXT
    return Family(main) if main in ("image", "video", "audio") else Family.OTHER


def _from_signature(content: bytes, said: str, url: str) -> str:
    for offset, magic, media_type in _SIGNATURES:
        if content.startswith(magic, offset):
            return _refine(media_type, content, said)
    if content[:4] == b"RIFF" and content[8:12] in _RIFF:
        return _RIFF[content[8:12]]
    if content[4:8] == b"ftyp":
        return _from_brand(content[8:12])
    if content[:2] == b"BM" and len(content) > 26 and content[6:10] == b"\x00\x00\x00\x00":
        return "image/bmp"
    # An MPEG frame has eleven sync bits and no more: too weak to believe without a second witness.
    audio_expected = said.startswith("audio/") or _extension(url) in ("mp3", "aac")
    if audio_expected and len(content) > 2 and content[0] == 0xFF and content[1] & 0xE0 == 0xE0:
        return "audio/aac" if content[1] & 0xF6 == 0xF0 else "audio/mpeg"
    return ""


def _refine(media_type: str, content: bytes, said: str) -> str:
    if media_type == "application/zip" and _ZIP_BASED.match(said):
        return said
    if media_type == "application/ogg":
        return "video/ogg" if b"theora" in content[:512] else "audio/ogg"
    if media_type == "video/webm":
        return "video/webm" if b"webm" in content[:64] else "video/x-matroska"
    return media_type


def _from_brand(brand: bytes) -> str:
    if brand in _FTYP_IMAGES:
        return _FTYP_IMAGES[brand]
    if brand in (b"M4A ", b"M4B ", b"M4P "):
        return "audio/mp4"
    if brand == b"qt  ":
        return "video/quicktime"
    return "video/3gpp" if brand.startswith(b"3g") else "video/mp4"


def _from_text(start: bytes, content: bytes | mmap, said: str, url: str, charset: str) -> str:
    """The kind of a text; empty for bytes that are no text."""
    utf16 = start.startswith((b"\xff\xfe", b"\xfe\xff")) or charset.startswith("utf-16")
    if not utf16 and _BINARY_BYTE.search(start):
        return ""
    head = start[: _HEAD * 2]
    sample = (_ascii_view(head).replace("\0", "") if utf16 else _ascii_view(head)).lstrip()
    if sample.startswith("WEBVTT"):
        return "text/vtt"
    if _SRT.match(sample.replace("\r\n", "\n")):
        return "application/x-subrip"
    return _markup(sample, said) or _json(content, said, url) or _plain(said)


def _ascii_view(content: bytes) -> str:
    """The first bytes as text in which ASCII can be told, whatever the encoding is."""
    if content.startswith(b"\xff\xfe"):
        return content[2:].decode("utf-16-le", "replace")
    if content.startswith(b"\xfe\xff"):
        return content[2:].decode("utf-16-be", "replace")
    return content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")


def _markup(sample: str, said: str) -> str:
    if said == "text/plain":  # the server says that the source is what should be seen, and browsers obey
        return ""
    raw = sample.encode("latin-1", "replace")
    if raw[:5].lower() == b"<?xml" or said.endswith("+xml") or said in _MARKUP_XML:
        if re.search(rb"<svg[\s>]", raw, re.IGNORECASE):
            return "image/svg+xml"
        if re.search(rb"<html[\s>]", raw, re.IGNORECASE):
            return "application/xhtml+xml"
        return said if said.endswith("+xml") else "application/xml"
    if raw[:5].lower() in (b"<svg ", b"<svg>", b"<svg\n"):
        return "image/svg+xml"
    if said in ("text/html", "application/xhtml+xml"):
        return said
    return "text/html" if _HTML_TAGS.match(raw) and not said.endswith("json") else ""


def _json(content: bytes | mmap, said: str, url: str) -> str:
    if said == "application/json" or said.endswith("+json"):
        return said
    if said not in _GENERIC and _extension(url) != "json":
        return ""
    if len(content) > _JSON_SAMPLE or content[:].lstrip()[:1] not in (b"{", b"["):
        return ""
    try:
        json.loads(content[:])
    except (ValueError, RecursionError):
        return ""
    return "application/json"


def _plain(said: str) -> str:
    # A binary type whose bytes read as text is no more than text; a text type keeps its own name (text/csv).
    return (
        said
        if family_of(said) in (Family.TEXT, Family.SUBTITLES) and said not in _MARKUP_XML
        else "text/plain"
    )


def _from_declaration(said: str) -> str:
    """For bytes without a known signature that are no text: believe nothing that only text or a signature proves."""
    if said in _GENERIC or family_of(said) in (
        Family.HTML,
        Family.TEXT,
        Family.JSON,
        Family.PDF,
        Family.SUBTITLES,
    ):
        return UNKNOWN
    return UNKNOWN if said in _SAFE_IMAGES or said in _ARCHIVES else said


def _is_safe_inline(media_type: str, content: bytes | mmap) -> bool:
    """A polyglot (an image that is also a page, a text that is markup) is never safe."""
    if media_type == "text/plain":
        return not _text_has_markup(content)
    return media_type in _SAFE_IMAGES and not _ACTIVE_MARKUP.search(content)


def _text_has_markup(content: bytes | mmap) -> bool:
    """Whether markup shows once the NULs are left out, as they stand in UTF-16; piece by piece."""
    end = b""
    for start in range(0, len(content), _TEXT_SAMPLE):
        piece = end + content[start : start + _TEXT_SAMPLE].replace(b"\x00", b"")
        if _ACTIVE_MARKUP.search(piece):
            return True
        end = piece[-16:]  # more than the longest of the marks
    return False


def _disagreement(found: str, family: Family, said: str) -> str:
    if (
        said in _GENERIC
        or family_of(said) is family
        or {family_of(said), family} <= {Family.TEXT, Family.SUBTITLES}
    ):
        return ""
    return f"The server called this {said}, but the bytes are {found}."


def _extension(url: str) -> str:
    try:
        name = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""
    return name.rpartition(".")[2].lower() if "." in name else ""
