"""Reading HTML: its characters, its visible text, and what it says about its own date and language.

Everything here takes any input and answers; a page that cannot be parsed reads as an empty one. Pure.
"""

from __future__ import annotations

import codecs
import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from charset_normalizer import from_bytes
from htmldate import find_date
from lxml import etree, html

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{2,40})", re.IGNORECASE)
# What browsers read under these labels (WHATWG Encoding §4.2); Python's codecs of the same name are narrower.
_WHATWG = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-16-le",
}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DETECTION_SAMPLE = 65_536  # bytes
_SKIPPED = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "head",
        "svg",
        "math",
        "iframe",
        "object",
        "select",
        "textarea",
    }
)
_BLOCKS = frozenset(
    "address article aside blockquote body br caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup option p pre search section "
    "summary table td th tr ul".split()
)
_APART = frozenset("a audio button img input label output picture small time video".split())
_DATE_METAS = frozenset(
    {
        "article:published_time",
        "article:published",
        "og:published_time",
        "og:article:published_time",
        "datepublished",
        "date",
        "dc.date",
        "dc.date.issued",
        "dcterms.issued",
        "dcterms.created",
        "citation_publication_date",
        "parsely-pub-date",
        "pubdate",
        "publishdate",
        "publish-date",
        "publication_date",
        "sailthru.date",
    }
)
_URL_DATE = re.compile(r"[/_-]((?:19|20)\d\d)[/_-](0[1-9]|1[0-2])[/_-](0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(?!\d)")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # nothing on the web is older; earlier dates are filler values
_AGREEMENT = timedelta(hours=36)  # a date without a zone may name the neighbouring day


@dataclass(frozen=True, slots=True)
class PublishedAt:
    """When a page says that it was published: the first instant of the known span, in UTC.

    ``precision`` is "minute" or "day"; a clock time without a zone counts as a day. ``at`` is None when unsure.
    """

    at: datetime | None = None
    precision: str = ""
    evidence: str = ""


# -- characters -------------------------------------------------------------------------------------------------------


def decode_bytes(content: bytes, charset_hint: str = "") -> tuple[str, str]:
    """Text and the name of the encoding used. Order: byte-order mark, provable UTF-8, header, meta, detection."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding, "replace"), encoding
    hint = _encoding(charset_hint)
    if hint.startswith("utf-16") and (text := _strictly(content, hint)) is not None:
        return text, hint
    # Bytes that happen to be valid UTF-8 in another encoding do not occur in practice; wrong headers do.
    found = _META_CHARSET.search(content[:4096])
    meta = _encoding(found.group(1).decode("ascii", "replace")) if found else ""
    for encoding in ("utf-8", hint, meta, _detected(content)):
        if encoding and (text := _strictly(content, encoding)) is not None:
            return text, encoding
    encoding = hint or meta or "utf-8"
    return content.decode(encoding, "replace"), encoding


def _encoding(label: str) -> str:
    """The Python codec for a label from the web; empty for unknown ones and for codecs that are no encodings."""
    try:
        info = codecs.lookup(label.strip())
    except (LookupError, ValueError):
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name in (
        "idna",
        "punycode",
        "undefined",
        "utf-7",
    ):
        return ""
    return _WHATWG.get(info.name, info.name)


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeError, ValueError):
        return None


def _detected(content: bytes) -> str:
    best = from_bytes(content[:_DETECTION_SAMPLE]).best()
    return best.encoding if best else ""


# -- tree and visible text --------------------------------------------------------------------------------------------


def parse(markup: str) -> tuple[html.HtmlElement | None, str]:
    """The tree of a page, or None; and a sentence when it is missing or cut short.

    Nesting deeper than 256 is not followed: libxml2's own traversal of deeper trees is recursive and can crash.
    """
    parser = html.HTMLParser(
        encoding="utf-8", recover=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        tree = html.document_fromstring(
            markup.encode("utf-8", "replace"), parser=parser, ensure_head_body=True
        )
    except (etree.LxmlError, ValueError, AssertionError):
        tree = None
    if not isinstance(tree, html.HtmlElement):
        return None, "The page has no content that could be parsed."
    too_deep = any("Excessive depth" in error.message for error in parser.error_log)
    return tree, "The page is nested too deeply; only its beginning was read." if too_deep else ""


def visible_text(tree: html.HtmlElement) -> str:
    """All text that a reader would see without scripts, a line per block, in document order."""
    parts: list[str] = []
    hidden = 0
    ended: etree._Element | None = None  # the inline element that ended just now, with no text after it
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            hidden += _is_hidden(element, tag)
            if not hidden:
                apart = " " if ended is not None and _stand_apart(ended, element) else ""
                parts.append(("\n" if tag in _BLOCKS else apart) + _flowing(element.text, tag))
            ended = None
            continue
        if not hidden and tag in _BLOCKS:
            parts.append("\n")
        hidden -= _is_hidden(element, tag)
        if not hidden:
            parts.append(_flowing(element.tail, ""))
            ended = None if element.tail else element
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _stand_apart(before: etree._Element, after: etree._Element) -> bool:
    """Whether two inline elements that touch are two things to a reader: links, labels, spans laid out by a style.

    Two that only dress their letters (bold, italic) may be parts of one word; so may spans of a single letter.
    """
    tags = (str(before.tag), str(after.tag))
    if any(tag in _APART or "-" in tag for tag in tags):
        return True
    return tags == ("span", "span") and all(
        len("".join(each.itertext()).strip()) > 1 for each in (before, after)
    )


def _is_hidden(element: etree._Element, tag: str) -> bool:
    return tag in _SKIPPED or "hidden" in element.attrib or element.get("aria-hidden") == "true"


def _flowing(text: str | None, tag: str) -> str:
    if not text:
        return ""
    return text if tag == "pre" else re.sub(r"\s+", " ", text)


# -- what the page says of itself -------------------------------------------------------------------------------------


def declared_language(tree: html.HtmlElement) -> tuple[str, str]:
    """Primary language subtag (BCP 47, lower case) that the page declares, and where; empty strings if nowhere."""
    root = (
        tree.get("lang")
        or tree.get("{http://www.w3.org/XML/1998/namespace}lang")
        or tree.get("xml:lang")
        or ""
    )
    places = [(root, "html lang")]
    for meta in tree.iter("meta"):
        name = (meta.get("http-equiv") or meta.get("property") or meta.get("name") or "").lower()
        if name in ("content-language", "og:locale", "language", "dc.language"):
            places.append((meta.get("content") or "", f"meta {name}"))
    for value, place in places:
        if found := re.match(r"\s*([A-Za-z]{2,3})(?:[-_,\s]|$)", value):
            return found.group(1).lower(), place
    return "", ""


def published_at(tree: html.HtmlElement, url: str, captured_at: datetime | None) -> PublishedAt:
    """When the page was published, by its own word; unsure (``at`` None) when its own words disagree.

    A date after ``captured_at`` plus a day is disbelieved.
    """
    candidates = [c for c in _stated_dates(tree) if _is_plausible(c.at, captured_at)]
    if candidates:
        first = candidates[0]
        for other in candidates[1:]:
            if abs(_moment(first) - _moment(other)) > _AGREEMENT:
                return PublishedAt(evidence=f"unsure: {first.evidence}, but {other.evidence}"[:300])
        return next((c for c in candidates if c.precision == "minute"), first)
    for weaker in (_date_in_url(url), _date_in_page(tree, captured_at)):
        if _is_plausible(weaker.at, captured_at):
            return weaker
    return PublishedAt()


def _moment(candidate: PublishedAt) -> datetime:
    return candidate.at or _EARLIEST


def _is_plausible(at: datetime | None, captured_at: datetime | None) -> bool:
    return (
        at is not None and at >= _EARLIEST and (captured_at is None or at <= captured_at + timedelta(days=1))
    )


def _stated_dates(tree: html.HtmlElement) -> Iterator[PublishedAt]:
    for item in _json_ld(tree):
        yield from _dated(item.get("datePublished") or item.get("uploadDate"), "JSON-LD datePublished")
    for meta in tree.iter("meta"):
        for attribute in ("property", "name", "itemprop"):
            name = (meta.get(attribute) or "").strip().lower()
            if name in _DATE_METAS:
                yield from _dated(meta.get("content"), f"meta {name}")
    for element in tree.iter("time"):
        if (element.get("itemprop") or "").lower() == "datepublished" or "pubdate" in element.attrib:
            yield from _dated(element.get("datetime"), "time element marked as publication")


def _dated(value: object, place: str) -> Iterator[PublishedAt]:
    if isinstance(value, str) and (parsed := _parse_date(value.strip())):
        at, precision = parsed
        yield PublishedAt(at, precision, f"{place}: {value.strip()[:80]}")


def _parse_date(value: str) -> tuple[datetime, str] | None:
    try:
        at = datetime.fromisoformat(value) if _ISO_DATE.match(value) else parsedate_to_datetime(value)
        if at.tzinfo is not None and re.search(r"\d:\d\d", value):
            return at.astimezone(UTC).replace(second=0, microsecond=0), "minute"
        return datetime(at.year, at.month, at.day, tzinfo=UTC), "day"
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _json_ld(tree: html.HtmlElement) -> Iterator[dict[str, Any]]:
    """The page's own articles. Lists of other articles (``itemListElement``, ``mentions``) are not walked into."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            yield from _articles(json.loads(script.text or "", strict=False), depth=0)
        except (ValueError, RecursionError):
            continue


def _articles(node: object, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node[:50]:
            yield from _articles(item, depth + 1)
    elif isinstance(node, dict) and depth < 6:
        kinds = node.get("@type")
        names = [k for k in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(k, str)]
        if any(
            re.search(r"Article$|Posting$|^Report$|^VideoObject$|^Review$|^ClaimReview$", name)
            for name in names
        ):
            yield node
        for key in ("@graph", "mainEntity"):
            yield from _articles(node.get(key), depth + 1)


def _date_in_url(url: str) -> PublishedAt:
    if not (found := _URL_DATE.search(url)):
        return PublishedAt()
    try:
        at = datetime(*(int(part) for part in found.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return PublishedAt()
    return PublishedAt(at, "day", f"date in the address: {found.group(0).strip('/_-')}")


def _date_in_page(tree: html.HtmlElement, captured_at: datetime | None) -> PublishedAt:
    """A date that only markup patterns give away, without guessing from running text."""
    latest = (captured_at + timedelta(days=1)).replace(tzinfo=None) if captured_at else "9999-12-31"
    try:
        # Neither the address nor scripts are passed: what they say of this page has been looked at, and the rest of
        # what stands in scripts is about other pages.
        page = copy.deepcopy(tree)
        etree.strip_elements(page, "script", with_tail=False)
        found = find_date(page, extensive_search=False, original_date=True, max_date=latest)
    except Exception:  # the library meets markup that nobody foresaw
        return PublishedAt()
    parsed = _parse_date(found) if found else None
    return (
        PublishedAt(parsed[0], "day", f"found in the page's markup by htmldate: {found}")
        if parsed
        else PublishedAt()
    )
