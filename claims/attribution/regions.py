"""Regions as values: how they are written (Media Fragments, RFC 8118, Web Annotation), clocks, and whether words agree.

A region, here, is anything with `kind`, `page`, `left`, `top`, `width`, `height`, `from_ms`, `to_ms` (see
`models.Region` for the units). Pure: no Django.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from claims.attribution.folding import fold

Box = tuple[int, int, int, int]  # left, top, width, height
Span = tuple[int, int]  # milliseconds from the beginning, end exclusive

MEDIA_FRAGMENTS = "http://www.w3.org/TR/media-frags/"
PDF_FRAGMENTS = "http://tools.ietf.org/rfc/rfc8118"
LONGEST_MS = 2**31 - 1  # what the database keeps: 24 days

_EDGES = ".,;:!?\"'()[]«»…،؛؟"
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,2}):)?(\d{1,7})(?:[.,](\d{1,9}))?")


class Measured(Protocol):
    """A region, as far as it matters where it lies."""

    kind: Any
    page: int | None
    left: int | None
    top: int | None
    width: int | None
    height: int | None
    from_ms: int | None
    to_ms: int | None


def box_of(region: Measured) -> Box | None:
    """Left, top, width, height; None for a span of time in all of the frame."""
    if region.left is None:
        return None
    assert region.top is not None and region.width is not None and region.height is not None
    return region.left, region.top, region.width, region.height


def span_of(region: Measured) -> Span | None:
    """From and to in milliseconds; None for what has no time."""
    return None if region.from_ms is None or region.to_ms is None else (region.from_ms, region.to_ms)


def fragment(region: Measured) -> str:
    """What follows `#` in an address to show the region.

    `page=3&viewrect=72,144,200,40` of a PDF (RFC 8118 §3: origin in the upper left corner of the visible page),
    `xywh=pixel:10,20,300,200` of a picture (Media Fragments 1.0 §4.2.2), `t=12.5,20` of a film or recording (§4.2.1),
    both for a box in a film.
    """
    box, span = box_of(region), span_of(region)
    numbers = ",".join(map(str, box)) if box else ""
    if region.kind == "page":
        return f"page={region.page}&viewrect={numbers}"
    parts = [f"t={seconds(span[0])},{seconds(span[1])}"] if span else []
    return "&".join([*parts, *([f"xywh=pixel:{numbers}"] if box else [])])


def selector(region: Measured) -> dict[str, str]:
    """The FragmentSelector of W3C Web Annotation §4.2.1."""
    standard = PDF_FRAGMENTS if region.kind == "page" else MEDIA_FRAGMENTS
    return {"type": "FragmentSelector", "conformsTo": standard, "value": fragment(region)}


def seconds(ms: int) -> str:
    """Seconds as Media Fragments write them (normal play time): `12`, `12.5`, `0.04`."""
    return f"{ms // 1000}.{ms % 1000:03}".rstrip("0").rstrip(".")


def clock(ms: int) -> str:
    """As a player shows it and as people type it: `0:12.5`, `1:02:03`."""
    whole, rest = divmod(ms, 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    shown = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{shown}.{rest:03}".rstrip("0") if rest else shown


def parse_clock(text: str) -> int | None:
    """Milliseconds of `12.5`, `0:12.5` or `1:02:03`, in the digits of any script; None for what is no time."""
    found = _CLOCK.fullmatch(text.strip().replace("٫", "."))
    if found is None:
        return None
    hours, minutes, whole, fraction = found.groups()
    if minutes is not None and (int(whole) > 59 or (hours is not None and int(minutes) > 59)):
        return None
    second = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(whole)
    ms = second * 1000 + int((fraction or "")[:3].ljust(3, "0"))
    return ms if ms <= LONGEST_MS else None


def agree(one: str, other: str) -> bool:
    """Whether two wordings are the same but for punctuation, typography, case, line breaks and vowel signs."""
    return _words(one) == _words(other)


def holds(found: str, shows: str) -> bool:
    """Whether the words that stand there hold all of what it is said to show, in order and side by side."""
    return f" {_words(shows)} " in f" {_words(found)} "


def _words(text: str) -> str:
    # Punctuation at the edge of a word is left aside: a box seldom ends just before a comma.
    words = (word.strip(_EDGES) for word in fold(text).text.casefold().split())
    return " ".join(word for word in words if word)
