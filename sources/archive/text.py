"""Text, title, language and date out of fetched bytes.

``extract`` never raises and always gives the same text for the same bytes and versions: anchors count the Unicode
code points of exactly that text. The text is NFC, has LF line ends, a line per paragraph, a form feed between the
pages of a PDF, and no other control characters but tab. Bytes from the web go through ``reader.extract_safely``,
which runs this in a process that can be killed. Pure: no Django.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import time
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from typing import BinaryIO

import pypdf
import trafilatura
from lxml import html
from trafilatura.metadata import extract_metadata

from sources.archive import chats, markup
from sources.archive.kinds import Family, Kind

RULES = "2"  # our own rules around the libraries; raise when a text could come out differently
MAX_INPUT = 20_000_000  # bytes of markup or text that are read
MAX_PDF = 100_000_000  # bytes
MAX_TEXT = 2_000_000  # code points kept
MAX_PAGES = 500
PDF_SECONDS = 30.0
ENOUGH = 200  # code points; less than this from a page with more to see is taken for a missed article
READABLE = frozenset({Family.HTML, Family.PDF, Family.TEXT, Family.JSON, Family.SUBTITLES, Family.ARCHIVE})
_DETECTABLE = 60  # letters that language detection needs
_SURE = 0.7
# Written Arabic is one language to a reader; the model splits its probability among the spoken ones.
_MACROLANGUAGE = {"arb": "ar", "arz": "ar", "ary": "ar", "apc": "ar", "acm": "ar", "aeb": "ar", "ars": "ar"}

_CONTROLS = {c: None for c in range(0x20) if c not in (0x09, 0x0A, 0x0C)} | {0x7F: None, 0xFEFF: None}
_CUE_TIME = re.compile(r"^\s*(?:\d+:)?\d{1,2}:\d\d[.,]\d{1,3}\s*-->")
_CUE_TAG = re.compile(r"<[^>\n]{0,200}>|\{\\[^}\n]{0,200}\}")
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was read out of one body. ``problem`` is a sentence when nothing, or not all, could be had."""

    text: str
    extractor: str
    extractor_version: str
    sha256: str  # of the text in UTF-8, lower-case hex
    title: str = ""
    byline: str = ""
    site_name: str = ""
    language: str = ""  # primary subtag, BCP 47
    language_evidence: str = ""
    published_at: datetime | None = None  # UTC, first instant of the known span
    published_precision: str = ""  # "minute" or "day"
    published_evidence: str = ""  # where the date stands, or why it is unsure
    problem: str = ""


def extract(
    kind: Kind,
    content: bytes | BinaryIO,
    *,
    url: str,
    charset_hint: str = "",
    captured_at: datetime | None = None,
) -> Extracted | None:
    """Read ``content``; None for kinds that hold no text (images, sound, archives but chat exports). Never raises.

    ``captured_at`` bounds the dates that are believed.
    """
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    try:
        if kind.family is Family.ARCHIVE:
            return _from_archive(stream)
        limit = MAX_PDF if kind.family is Family.PDF else MAX_INPUT
        given = stream.read(limit + 1)
        found = _read(kind, given[:limit], url, charset_hint or kind.charset, captured_at)
    except Exception as error:  # whatever the parsers meet in bytes from the web
        return failed(f"The text could not be read: {type(error).__name__}.")
    if found is not None and len(given) > limit and not found.problem:
        return replace(found, problem=f"Only the first {limit // 1_000_000} MB were read.")
    return found


def _read(
    kind: Kind, content: bytes, url: str, charset_hint: str, captured_at: datetime | None
) -> Extracted | None:
    if kind.family is Family.PDF:
        return _from_pdf(content)
    if kind.family not in READABLE:
        return None
    text, _ = markup.decode_bytes(content, charset_hint)
    if chat := chats.read(text):
        return _from_chat(chat)
    match kind.family:
        case Family.HTML:
            return _from_html(text, url, captured_at)
        case Family.JSON:
            return _with_language(_made(_pretty(text), "json"))
        case Family.SUBTITLES:
            return _with_language(_made(_cues(text), "subtitles"))
        case _:
            return _with_language(_made(text, "plain"))


def _from_chat(chat: chats.Chat, problem: str = "") -> Extracted:
    made = _made("\n".join(chat.lines), chat.extractor, **({"problem": problem} if problem else {}))
    return replace(_with_language(made), title=" ".join(_clean(chat.title).split())[:500])


def _from_archive(stream: BinaryIO) -> Extracted | None:
    """The chat in an exported archive; None for any other archive, and for what is broken beyond listing."""
    exported = chats.find(stream, MAX_INPUT)
    if exported is None:
        return None
    pages = [chats.read(markup.decode_bytes(content)[0]) for content in exported.members]
    found = [page for page in pages if page]
    if not found:
        return None
    lines = [line for page in found for line in page.lines]
    return _from_chat(replace(found[0], lines=lines), exported.problem)


def _made(text: str, extractor: str, **fields: object) -> Extracted:
    """Bring the text into its final form and digest it."""
    clean = _clean(text)
    if len(clean) > MAX_TEXT:
        clean = _clean(clean[:MAX_TEXT])
        fields.setdefault("problem", f"Only the first {MAX_TEXT:,} characters were kept.")
    if not clean:
        fields.setdefault("problem", "There is no text in it.")
    digest = hashlib.sha256(clean.encode()).hexdigest()
    return Extracted(clean, extractor, _version(extractor), digest, **fields)  # type: ignore[arg-type]


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates cannot be stored or digested
    lines = (line.rstrip(" \t\u00a0") for line in text.translate(_CONTROLS).split("\n"))
    return unicodedata.normalize("NFC", re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n\f \t"))


@lru_cache
def _version(extractor: str) -> str:
    library = {
        "trafilatura-precision": "trafilatura",
        "trafilatura": "trafilatura",
        "visible-text": "lxml",
        "pypdf": "pypdf",
    }
    return f"{version(library[extractor])}+{RULES}" if extractor in library else RULES


# -- HTML -------------------------------------------------------------------------------------------------------------


def _from_html(page: str, url: str, captured_at: datetime | None) -> Extracted:
    tree, problem = markup.parse(page)
    if tree is None:
        return _made("", "visible-text", problem=problem)
    text, extractor = _main_text(tree, url)
    made = _made(text, extractor, **({"problem": problem} if problem else {}))
    title, byline, site_name = _labels(tree, url)
    published = markup.published_at(tree, url, captured_at)
    language, evidence = _language(made.text, *markup.declared_language(tree))
    return replace(
        made,
        title=title,
        byline=byline,
        site_name=site_name,
        language=language,
        language_evidence=evidence,
        published_at=published.at,
        published_precision=published.precision,
        published_evidence=published.evidence,
    )


def _main_text(tree: html.HtmlElement, url: str) -> tuple[str, str]:
    """The article, else all that can be seen; with the name of the way it was had."""
    found = ""
    for extractor, precision in (("trafilatura-precision", True), ("trafilatura", False)):
        try:
            found = (
                trafilatura.extract(tree, url=url, favor_precision=precision, include_comments=False) or ""
            )
        except Exception:  # the library meets markup that nobody foresaw
            continue
        if len(found) >= ENOUGH:
            return found.replace(
                "\n", "\n\n"
            ), extractor  # a line is a paragraph; readers want to see where one ends
    return markup.visible_text(tree), "visible-text"


def _labels(tree: html.HtmlElement, url: str) -> tuple[str, str, str]:
    """Title, byline and site name, each on one line."""
    try:
        # The date is found elsewhere, with its evidence; this bound makes the library's own search stop at once.
        found = extract_metadata(tree, url, {"extensive_search": False, "original_date": True})
        labels = (found.title, found.author, found.sitename)
    except Exception:  # the library meets markup that nobody foresaw
        labels = (tree.findtext(".//title"), None, None)
    return tuple(" ".join(_clean(label or "").split())[:500] for label in labels)  # type: ignore[return-value]


# -- language ---------------------------------------------------------------------------------------------------------


def _with_language(made: Extracted) -> Extracted:
    language, evidence = _language(made.text, "", "")
    return replace(made, language=language, language_evidence=evidence)


def _language(text: str, declared: str, place: str) -> tuple[str, str]:
    """Language and how it is known. A sure detection beats a declaration: templates often declare the wrong one."""
    detected, confidence = _detect(text)
    sure = confidence >= _SURE
    if declared and (detected == declared or not sure):
        agreement = f"; detected too ({confidence:.2f})" if detected == declared else ""
        return declared, f"declared in {place}{agreement}"
    if not sure:
        return "", ""
    contrary = f"; {place} declares {declared}" if declared else ""
    return detected, f"detected by py3langid {version('py3langid')} ({confidence:.2f}){contrary}"


def _detect(text: str) -> tuple[str, float]:
    sample = text[:20_000]
    if sum(c.isalpha() for c in sample) < _DETECTABLE:
        return "", 0.0
    chances: dict[str, float] = {}
    for language, chance in _identifier().rank(sample):
        language = _MACROLANGUAGE.get(language, language)
        chances[language] = chances.get(language, 0.0) + float(chance)
    best = max(chances, key=chances.__getitem__)
    return (best, chances[best]) if best not in ("und", "zxx") else ("", 0.0)


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]  # the library is untyped
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


# -- PDF --------------------------------------------------------------------------------------------------------------


def _from_pdf(content: bytes) -> Extracted:
    deadline = time.monotonic() + PDF_SECONDS
    try:
        reader = pypdf.PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            return _made("", "pypdf", problem="The PDF is encrypted and asks for a password.")
        pages, problem = _pdf_pages(reader, deadline)
        info = reader.metadata
        title, byline = (str(info.title or ""), str(info.author or "")) if info else ("", "")
    except Exception as error:  # pypdf raises far more than its own errors on broken files
        return _made(
            "", "pypdf", problem=f"The PDF is broken and could not be read ({type(error).__name__})."
        )
    if not problem and not "".join(pages).strip():
        problem = "The PDF has no text layer; it may be a scan."
    made = _made("\f".join(pages), "pypdf", **({"problem": problem} if problem else {}))
    return replace(_with_language(made), title=_clean(title)[:500], byline=_clean(byline)[:500])


def _pdf_pages(reader: pypdf.PdfReader, deadline: float) -> tuple[list[str], str]:
    pages: list[str] = []
    size = 0
    for number, page in enumerate(reader.pages, start=1):
        if number > MAX_PAGES or size > MAX_TEXT or time.monotonic() > deadline:
            return pages, f"Only the first {number - 1} pages of the PDF were read."
        # A form feed inside a page would shift the page numbers of every later anchor.
        pages.append(page.extract_text().replace("\f", "\n").strip())
        size += len(pages[-1])
    return pages, ""


# -- JSON and subtitles -----------------------------------------------------------------------------------------------


def _pretty(text: str) -> str:
    """JSON laid out for reading, token by token, so that no number, key order or repeated key is changed."""
    out: list[str] = []
    depth = 0
    for token in _JSON_TOKEN.findall(text):
        if token in "[{":
            depth += 1
            out.append(token + _indent(depth))
        elif token in "]}":
            depth = max(depth - 1, 0)
            out.append(_indent(depth) + token)
        elif token == ",":
            out.append("," + _indent(depth))
        else:
            out.append(": " if token == ":" else _unescaped(token))
    return re.sub(r"([\[{])\n\s*([\]}])", r"\1\2", "".join(out))


def _indent(depth: int) -> str:
    return "\n" + "  " * min(depth, 30)  # deeper nesting would make the text quadratic


def _unescaped(token: str) -> str:
    """Letters instead of ``\\uXXXX``, so that Arabic can be read, searched and quoted."""
    if "\\u" not in token:
        return token
    try:
        return json.dumps(json.loads(token), ensure_ascii=False)
    except ValueError:
        return token


def _cues(text: str) -> str:
    """The words of SubRip or WebVTT cues, a line per cue; a cue that repeats the one before is left out."""
    cues: list[str] = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.strip().split("\n")
        at = next((i for i, line in enumerate(lines[:2]) if _CUE_TIME.match(line)), None)
        if at is None:  # the header, a note or a style sheet
            continue
        cue = " ".join(_CUE_TAG.sub("", " ".join(lines[at + 1 :])).split())
        if cue and cue != (cues[-1] if cues else ""):
            cues.append(cue)
    return "\n".join(cues)


def failed(problem: str) -> Extracted:
    """The answer when extraction itself could not be carried through; ``problem`` is a sentence."""
    return _made("", "none", problem=problem)


logging.getLogger("pypdf").setLevel(
    logging.CRITICAL
)  # broken files are the normal case here, and are reported above
