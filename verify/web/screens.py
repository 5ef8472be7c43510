"""A capture's screenshot with the places of quotations on it, ready to be drawn over the picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sources.archive import layout, storage
from sources.archive.models import Capture, RenditionKind
from verify.web.onscreen import Page, Rectangle


@dataclass(frozen=True, slots=True)
class Marked:
    """A quotation (an anchor, or whatever has its words) and its lines on the picture."""

    quote: Any
    places: list[Rectangle]


@dataclass(frozen=True, slots=True)
class Screen:
    """The picture's size in CSS pixels and what is marked on it; what is not found there is not among it."""

    width: int
    height: int
    marks: list[Marked]


def screen_of(capture: Capture, quotes: Iterable[Any]) -> Screen | None:
    """The quotations on the capture's screenshot; None without a layout that can be read, and when none is found.

    One query and one read of the storage, and neither for a capture without a layout; quotes have `exact`, `prefix`
    and `suffix`. Prefetch `renditions`.
    """
    wanted = list(quotes)
    kept = next((each for each in capture.renditions.all() if each.kind == RenditionKind.LAYOUT), None)
    if not wanted or kept is None or kept.blob.size > layout.MOST_BYTES:
        return None
    try:
        found = layout.read(storage.read(kept.blob))
    except (ValueError, OSError, storage.BlobDamaged):  # the text is the evidence; it stands beside
        return None
    page = Page(found)
    marks = [Marked(quote, places) for quote in wanted if (places := page.places(quote))]
    return Screen(found.width, found.height, marks) if marks else None
