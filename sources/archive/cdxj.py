"""CDXJ indexes of WARC files: one line per record that can be shown, sorted by a key made of its URL.

The key is the Sort-friendly URI Reordering Transform that web archives share, so that replay software finds a record
under whatever spelling of the URL it is asked for. The compressed form (``index.cdx.gz`` and ``index.idx``) is that of
WACZ 1.1.1 §5.2.2.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Sequence
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from sources.archive.warc import WarcRecord, sha256_digest

LINES_PER_BLOCK = 1024

_DEFAULT_PORT = {"http": 80, "https": 443}
_UNESCAPED = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_WWW = re.compile(r"www\d*\.")
_HEX32 = "[0-9a-z]{32}"
# Session ids make one page look like many; archives agreed on these (case ignored).
_QUERY_SESSIONS = [
    re.compile(rf"(?i)^(.*)(?:{session})(?:&(.*))?$")
    for session in (
        f"jsessionid={_HEX32}",
        f"phpsessid={_HEX32}",
        f"sid={_HEX32}",
        "aspsessionid[a-z]{8}=[a-z]{24}",
        "cfid=[^&]+&cftoken=[^&]+",
    )
]
_PATH_SESSION = re.compile(r"(?i)^(.*/)\((?:[0-9a-z]{24}|(?:[a-z]\([0-9a-z]{24}\))+)\)/([^?]+\.aspx.*)$")

_INDEXED = frozenset({"response", "resource", "metadata"})


def surt(url: str) -> str:
    """The sort key of ``url``: ``https://www.Example.org/B?y&x`` becomes ``org,example)/b?x&y``."""
    if not url.lower().startswith(("http://", "https://")):
        return _other_key(url)
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if www := _WWW.match(host):
        host = host[www.end() :]
    port = f":{parts.port}" if parts.port and parts.port != _DEFAULT_PORT[parts.scheme] else ""
    return f"{','.join(reversed(host.split('.')))}{port}){_path(parts.path)}{_query(parts.query)}"


def cdxj_lines(records: Iterable[WarcRecord], filename: str) -> list[str]:
    """Sorted lines, each ``key timestamp {json}`` and a line feed, for the records that replay can show."""
    return sorted(_line(record, filename) for record in records if record.kind in _INDEXED)


def compress_index(lines: Sequence[str], data_name: str = "index.cdx.gz") -> tuple[bytes, bytes]:
    """``index.cdx.gz`` in blocks of gzip members, and ``index.idx`` that says where each block begins."""
    header = json.dumps({"format": "cdxj-gzip-1.0", "filename": data_name})
    secondary = [f"!meta 0 {header}\n"]
    blocks = []
    offset = 0
    for start in range(0, len(lines), LINES_PER_BLOCK):
        group = lines[start : start + LINES_PER_BLOCK]
        deflater = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        block = deflater.compress("".join(group).encode()) + deflater.flush()
        where = json.dumps({"offset": offset, "length": len(block), "digest": sha256_digest(block)})
        secondary.append(f"{group[0].split('{', 1)[0].strip()} {where}\n")
        blocks.append(block)
        offset += len(block)
    return b"".join(blocks), "".join(secondary).encode()


def _line(record: WarcRecord, filename: str) -> str:
    fields: dict[str, str] = {"url": record.target_uri}
    if mime := re.split(r"[;\s]", record.media_type, maxsplit=1)[0].strip():
        fields["mime"] = mime
    if record.status is not None:
        fields["status"] = str(record.status)
    if record.payload_digest:
        fields["digest"] = record.payload_digest
    fields |= {"length": str(record.length), "offset": str(record.offset), "filename": filename}
    fields["recordDigest"] = record.digest
    return f"{surt(record.target_uri)} {record.date.strftime('%Y%m%d%H%M%S')} {json.dumps(fields)}\n"


def _other_key(url: str) -> str:
    """Keys of ``urn:`` URIs keep their order of parts; case and the order of arguments do not matter there either."""
    path, _, query = url.partition("?")
    key = _escaped(path).lower()
    return (key.removesuffix("/") if len(key) > 1 else key) + _query(query)


def _path(path: str) -> str:
    kept: list[str] = []
    segments = _escaped(path).split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment not in (".", ""):
            kept.append(segment)
    joined = "/" + "/".join(kept)
    session = _PATH_SESSION.match(joined)
    return (session[1] + session[2] if session else joined).lower()


def _query(query: str) -> str:
    query = _escaped(query)
    for pattern in _QUERY_SESSIONS:
        if match := pattern.match(query):
            query = match[1] + (match[2] or "")
    if not query:
        return ""
    arguments = sorted(tuple(argument.split("=", 1)) for argument in query.lower().split("&"))
    return "?" + "&".join("=".join(argument) for argument in arguments)


def _escaped(text: str) -> str:
    """Unescaped until nothing is left to unescape, then escaped once: one spelling for all."""
    raw = text.encode("utf-8", "surrogatepass")
    while (plain := unquote_to_bytes(raw)) != raw:
        raw = plain
    return quote_from_bytes(raw, safe=_UNESCAPED)
