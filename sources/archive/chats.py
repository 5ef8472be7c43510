"""Chats as messaging apps export them: read as lines, in the order of the export, a line per message. Pure.

WhatsApp exports text (alone or in a zip with its media), Telegram Desktop exports HTML pages or JSON. Their own words
for dates, times and senders are kept as they stand: they are in the exporting phone's language and zone.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

from lxml import etree, html

MAX_MEMBERS = 100_000  # of an archive that is looked through
_DIRECTIONS = dict.fromkeys([*range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
# "[07/03/2025, 06:13:02] …" and "07/03/2025, 06:13 - …", in any digits; \d takes those of every script.
_WHATSAPP = re.compile(r"\[?\d{1,4}[./\-]\d{1,2}[./\-]\d{1,4}[,،]?\s[^\n]{3,20}?(?:\]|\s-)\s[^\n]+")
_TEXT_MEMBER = re.compile(r"(?:^|/)(?:_chat|[^/]*WhatsApp[^/]*)\.txt$", re.IGNORECASE)
_HTML_MEMBER = re.compile(r"(?:^|/)messages(\d*)\.html$")


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat's messages. ``lines`` are as they will be read; ``title`` is the chat's name where the export has it."""

    extractor: str
    lines: list[str]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """The members of an archive that hold its chat, in order; ``problem`` when some of them could not be had."""

    members: list[bytes]
    problem: str = ""


def read(text: str) -> Chat | None:
    """The chat in one exported file, or None when it is no such file."""
    start = text[:4000].translate(_DIRECTIONS).lstrip()
    if start.startswith("{") and '"messages"' in text:
        return _telegram_json(text)
    if "page_wrap" in text and 'class="message' in text:
        return _telegram_html(text)
    if _WHATSAPP.match(start):
        lines = text.replace("\r\n", "\n").split("\n")
        dated = sum(bool(_WHATSAPP.match(line.translate(_DIRECTIONS))) for line in lines[:50])
        if dated * 3 >= min(len(lines), 50):
            return Chat("whatsapp", lines)
    return None


def find(stream: BinaryIO, limit: int) -> Exported | None:
    """The members of a zip by which messaging apps name their chats, up to ``limit`` bytes in all, else None."""
    if not zipfile.is_zipfile(stream):
        return None
    stream.seek(0)
    try:
        with zipfile.ZipFile(stream) as archive:
            return _members(archive, limit)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None


def _members(archive: zipfile.ZipFile, limit: int) -> Exported | None:
    wanted = _chosen(archive.infolist()[:MAX_MEMBERS])
    if not wanted:
        return None
    contents: list[bytes] = []
    for member in wanted:
        if limit <= 0:
            return Exported(contents, "The chat was longer than the limit and was read to there.")
        try:
            with archive.open(member) as packed:
                # What the archive says of its sizes is not believed: unpacking stops at the limit.
                content = packed.read(limit)
                cut = bool(packed.read(1))
        except RuntimeError:  # how zipfile says that a password is missing
            return (
                Exported(contents, "The archive is encrypted and asks for a password.") if contents else None
            )
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, zlib.error) as error:
            return Exported(contents, f"The chat in the archive is broken ({type(error).__name__}).")
        contents.append(content)
        limit -= len(content)
        if cut:
            return Exported(contents, "The chat was longer than the limit and was read to there.")
    return Exported(contents)


def _chosen(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    named = sorted(members, key=lambda member: member.filename.count("/"))
    if texts := [member for member in named if _TEXT_MEMBER.search(member.filename)]:
        return texts[:1]
    if results := [member for member in named if member.filename.rpartition("/")[2] == "result.json"]:
        return results[:1]
    pages = [(found, member) for member in named if (found := _HTML_MEMBER.search(member.filename))]
    return [member for _, member in sorted(pages, key=lambda page: int(page[0][1][:9] or 1))][:1000]


# -- Telegram Desktop -------------------------------------------------------------------------------------------------


def _telegram_json(text: str) -> Chat | None:
    try:
        export = json.loads(text)
    except (ValueError, RecursionError):
        return None
    messages = export.get("messages") if isinstance(export, dict) else None
    if not isinstance(messages, list) or not any(isinstance(m, dict) and "date" in m for m in messages[:5]):
        return None
    lines = [_line(message) for message in messages if isinstance(message, dict)]
    return Chat("telegram-json", lines, str(export.get("name") or ""))


def _line(message: dict[str, Any]) -> str:
    who = str(message.get("from") or message.get("actor") or "")
    extra = [f"[{message[name]}]" for name in ("action", "photo", "file", "media_type") if message.get(name)]
    if forwarded := message.get("forwarded_from"):
        extra.insert(0, f"[forwarded from {forwarded}]")
    words = " ".join(filter(None, [*extra, _said(message.get("text"))]))
    return f"[{message.get('date', '')}] {who}: {words}"


def _said(text: Any) -> str:
    """Text is a string, or a list of strings and of objects with a text (links, bold)."""
    if isinstance(text, list):
        return "".join(_said(part) for part in text)
    return _said(text.get("text")) if isinstance(text, dict) else str(text or "")


def _telegram_html(text: str) -> Chat | None:
    try:
        tree = html.document_fromstring(
            text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8")
        )
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    lines: list[str] = []
    who = ""
    for message in tree.iterfind(".//div[@id][@class]"):
        classes = message.get("class", "").split()
        if "message" not in classes:
            continue
        if "service" in classes:
            lines.append(f"— {_words(message)}")
            continue
        who = _part(message, "from_name") or who  # messages that follow one another name their sender once
        sent = next(
            (e.get("title") for e in message.iterfind(".//div[@title]") if "date" in e.get("class", "")), ""
        )
        media = [f"[{name}]" for name in (_part(message, "media_wrap"),) if name]
        lines.append(f"[{sent}] {who}: {' '.join([*media, _part(message, 'text')]).strip()}")
    return Chat("telegram-html", lines, _part(tree, "page_header")) if lines else None


def _part(element: html.HtmlElement, name: str) -> str:
    found = (e for e in element.iter("div") if name in e.get("class", "").split())
    return next((_words(e) for e in found), "")


def _words(element: html.HtmlElement) -> str:
    for line in element.iter("br"):
        line.tail = "\n" + (line.tail or "")
    lines = (" ".join(line.split()) for line in str(element.text_content()).split("\n"))
    return "\n".join(filter(None, lines))
