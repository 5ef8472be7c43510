"""Looking for regions again in a later capture of their document: what is compared, and what follows from it.

The same bytes are intact. On a page of a PDF its words are looked for, in the box, then on all pages; a page without
words, and a picture, are compared by how the place looks. Of a recording only bytes and length can be compared. Of a
screenshot it is said only that a place looks the same: banners and advertisements move everything below them, so that
a difference there is no loss. What cannot be read says nothing, and is looked for again in the next copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext_noop

from claims.attribution import anchors, regions
from claims.attribution.models import QuoteState, Region, RegionKind
from claims.attribution.region_services import BODY, SCREENSHOT, blob_in, kind_for, look_at
from sources.archive.models import Blob, Capture, RenditionKind
from sources.archive.pages import Box, Looked, Seen, lies_within, looks_same

BYTES = gettext_noop("the bytes of the file")
WORDS = gettext_noop("the words on the pages")
LOOK = gettext_noop("how the place looks")
LENGTH = gettext_noop("the bytes and the length of the recording")
NO_DOCUMENT = gettext_noop("nothing: the document is gone")
NO_FILE = gettext_noop("nothing: the copy holds no file of this kind")


@dataclass(frozen=True)
class Result:
    """What became of a region. `page` is where it stands now, `found` the words there."""

    state: QuoteState
    why: str
    page: int | None = None
    found: str = ""


def look_again(marked: Iterable[Region], after: Capture, *, gone: bool) -> list[tuple[Region, Result]]:
    """Each region with what became of it in `after`; those of which nothing can be said are left out.

    Files are read once for all regions in them. Regions need their capture with `body` and renditions.
    """
    rows = sorted(marked, key=lambda region: (str(region.capture_id), region.blob_sha256, str(region.pk)))
    results: list[tuple[Region, Result]] = []
    for _file, group in groupby(rows, key=lambda region: (region.capture_id, region.blob_sha256)):
        same = list(group)
        if gone:
            results += [(region, Result(QuoteState.GONE, NO_DOCUMENT)) for region in same]
        elif (then := blob_in(same[0])) is not None:
            results += _in_file(same, then, after)
    return results


def _in_file(marked: list[Region], then: Blob, after: Capture) -> list[tuple[Region, Result]]:
    on = BODY if marked[0].capture.body_id == then.pk else SCREENSHOT
    now = after.body if on == BODY else _screenshot(after)
    if now is not None and now.pk == then.pk:
        return [(one, Result(QuoteState.INTACT, BYTES, one.page, one.found)) for one in marked]
    if now is None or kind_for(now) != marked[0].kind:
        return [] if on == SCREENSHOT else [(one, Result(QuoteState.GONE, NO_FILE)) for one in marked]
    if marked[0].kind == RegionKind.TIME:
        return _in_recording(marked, now)
    places = [(one.page or 1, regions.box_of(one)) for one in marked]
    before = look_at(then, places)
    if marked[0].kind == RegionKind.PAGE:
        later = look_at(now, places, texts=True)
    else:
        later = look_at(now, _scaled(before, now, places))
    if len(before.places) != len(marked) or len(later.places) != len(marked):
        return []
    results = []
    for one, old, new in zip(marked, before.places, later.places, strict=True):
        is_page = one.kind == RegionKind.PAGE
        result = _on_page(one, old, new, later) if is_page else _by_look(old, new, page=None)
        if on == BODY or result.state == QuoteState.INTACT:
            results.append((one, result))
    return results


def _screenshot(capture: Capture) -> Blob | None:
    pictures = (each.blob for each in capture.renditions.all() if each.kind == RenditionKind.SCREENSHOT)
    return next(pictures, None)


def _on_page(region: Region, old: Seen, new: Seen, later: Looked) -> Result:
    if not region.found:
        return _by_look(old, new, page=region.page)
    if regions.holds(new.words, region.found):
        return Result(QuoteState.INTACT, WORDS, region.page, new.words)
    return _elsewhere(region, later)


def _elsewhere(region: Region, later: Looked) -> Result:
    """The words of a region on the pages of a later file: on one of them, or altered, or gone."""
    lines = [line for line in region.found.split("\n") if line.strip()]
    here = region.page or 1
    order = sorted(range(1, len(later.texts) + 1), key=lambda number: (abs(number - here), number))
    for number in order:
        if all(regions.holds(later.texts[number - 1], line) for line in lines):
            return Result(QuoteState.MOVED, WORDS, number, region.found)
    whole = "\f".join(later.texts)
    start = sum(len(text) + 1 for text in later.texts[: here - 1])
    status = anchors.verify(whole, exact=region.found, start=start)
    if status.match is None:
        return Result(QuoteState.GONE, WORDS)
    page = whole.count("\f", 0, status.match.start) + 1
    state = QuoteState.ALTERED if status.state == "altered" else QuoteState.MOVED
    return Result(state, WORDS, page, status.match.exact)


def _by_look(old: Seen, new: Seen, *, page: int | None) -> Result:
    if new.width is None or not new.look:
        return Result(QuoteState.GONE, LOOK)
    resized = (old.width, old.height) != (new.width, new.height)
    same = looks_same(old.look, new.look, resized=resized)
    return Result(QuoteState.INTACT if same else QuoteState.ALTERED, LOOK, page)


def _scaled(before: Looked, now: Blob, places: list[tuple[int, Box | None]]) -> list[tuple[int, Box | None]]:
    """The same places in a picture that may have been resized; where it was cut, as they are."""
    later = look_at(now, [])
    if not (before.width and before.height and later.width and later.height):
        return places
    across, down = later.width / before.width, later.height / before.height
    if abs(across - down) > 0.01 * across:
        return places
    scaled: list[tuple[int, Box | None]] = []
    for page, box in places:
        left, top, width, height = (round(side * across) for side in box or (0, 0, 0, 0))
        fits = lies_within((left, top, width, height), later.width, later.height)
        scaled.append((page, (left, top, width, height) if fits else box))
    return scaled


def _in_recording(marked: list[Region], now: Blob) -> list[tuple[Region, Result]]:
    looked = look_at(now, [])
    if looked.duration is None:
        return []
    results = []
    for region in marked:
        assert region.to_ms is not None
        ended = region.to_ms > looked.duration
        results.append((region, Result(QuoteState.GONE if ended else QuoteState.ALTERED, LENGTH)))
    return results
