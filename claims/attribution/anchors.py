"""Finding a quotation in an archived text, and finding it again in a later one.

Positions are Unicode code points of the text as given, `end` exclusive (W3C Web Annotation, TextPositionSelector);
the words around are 32 code points each way (TextQuoteSelector).

A quotation is looked for word for word, then but for typography (`folding.py`), then approximately: the same words in
the same order with small differences. What an approximate match may never hide is a changed number or a negation that
came or went: `find` refuses it, `closest` shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from claims.attribution.alignment import Difference, alignments, difference
from claims.attribution.folding import Folded, fold

Kind = Literal["exact", "normalised", "fuzzy"]
State = Literal["intact", "moved", "altered", "gone"]

CONTEXT = 32  # code points before and after
FUZZY_SCORE = 0.8  # share of the letters that agree; below it, `find` finds nothing
ALTERED_SCORE = 0.6  # the same, for telling an edited quotation from one that is gone
MOST_OCCURRENCES = 10_000  # where counting stops


_SPACES = "[ \u00a0\u2009\u202f]"  # which also group thousands
_DIGIT_BEFORE = re.compile(r"\d[.,:'٫٬]?$")
_DIGIT_AFTER = re.compile(r"[.,:'٫٬]?\d")
_GROUP_BEFORE = re.compile(rf"(?<!\d)\d{{1,3}}({_SPACES}\d{{3}})*{_SPACES}$")
_GROUP_FIRST = re.compile(r"\d{3}(?!\d)")
_GROUP_LAST = re.compile(r"(?<!\d)\d{1,3}$")
_GROUP_AFTER = re.compile(rf"{_SPACES}\d{{3}}(?!\d)")


@dataclass(frozen=True)
class Match:
    """Where a quotation stands. `exact` is the text's own wording there, whatever the quotation says.

    `occurrences` counts the places that match in the same way; `ambiguous` says that there are several and that `near`
    was not the beginning of one. `cuts_word` says that the quotation begins or ends inside a word ("lawful" in
    "unlawful"); inside a number nothing is ever found ("about 30" in "about 300").
    """

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    kind: Kind
    score: float = 1.0
    occurrences: int = 1
    ambiguous: bool = False
    cuts_word: bool = False
    differences: tuple[Difference, ...] = ()

    @property
    def changes_sense(self) -> bool:
        """Whether a number or a negation differs from the quotation."""
        return any(difference.change != "wording" for difference in self.differences)


@dataclass(frozen=True)
class Status:
    """What became of an anchored quotation in a later text.

    intact: the same words at the same place (typography aside); moved: the same words elsewhere; altered: `match` shows
    what stands there now; gone: nothing like it. `context_kept` says whether the words around it are still the same.
    """

    state: State
    match: Match | None = None
    context_kept: bool = False


def find(text: str, quote: str, *, near: int | None = None) -> Match | None:
    """Where `quote` stands in `text`; of several places, the one nearest to code point `near`, else the first.

    None when it does not stand there, and when only something with another number or negation does: see `closest`.
    """
    match = closest(text, quote, near=near)
    return match if match and match.score >= FUZZY_SCORE and not match.changes_sense else None


def closest(text: str, quote: str, *, near: int | None = None) -> Match | None:
    """The passage most like `quote` (score from 0.6), with its differences even where they change the sense."""
    return _verbatim(text, quote, near) or _approximate(text, quote, near)


def verify(text: str, *, exact: str, prefix: str = "", suffix: str = "", start: int = 0) -> Status:
    """What became in `text` of the words `exact`, which stood at `start` in an earlier one, with this around them."""
    places = list(_exact_places(text, exact)) or list(_folded_places(fold(text), fold(exact)))
    if places:
        kind: Kind = "exact" if text[slice(*places[0])] == exact else "normalised"

        def fitness(place: tuple[int, int]) -> tuple[int, int]:
            return -sum(_context_kept(text, place, prefix, suffix)), abs(place[0] - start)

        best = min(places, key=fitness)
        match = _match(
            text, best, kind, occurrences=len(places), ambiguous=len(places) > 1 and best[0] != start
        )
        state: State = "intact" if best[0] == start else "moved"
        return Status(state, match, all(_context_kept(text, best, prefix, suffix)))
    edited = _approximate(text, exact, start) or _between(text, exact, prefix, suffix, start)
    return Status("altered", edited) if edited else Status("gone")


def selectors(
    *, start: int, end: int, exact: str, prefix: str = "", suffix: str = ""
) -> list[dict[str, str | int]]:
    """The selectors of W3C Web Annotation §4.2.4 (TextQuoteSelector) and §4.2.5 (TextPositionSelector)."""
    return [
        {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]


# Word for word, and but for typography


def _verbatim(text: str, quote: str, near: int | None) -> Match | None:
    if not quote.strip():
        return None
    kind: Kind = "exact"
    places = list(_exact_places(text, quote))
    if not places:
        kind, places = "normalised", list(_folded_places(fold(text), fold(quote)))
    if not places:
        return None
    target = places[0][0] if near is None else near
    # A whole word before a part of one, then the nearest.
    best = min(places, key=lambda place: (_cuts_word(text, place), abs(place[0] - target)))
    return _match(text, best, kind, occurrences=len(places), ambiguous=len(places) > 1 and best[0] != near)


def _exact_places(text: str, quote: str) -> Iterator[tuple[int, int]]:
    if quote.strip():
        for start in _starts(text, quote):
            if not _cuts_number(text, start, start + len(quote)):
                yield start, start + len(quote)


def _folded_places(text: Folded, quote: Folded) -> Iterator[tuple[int, int]]:
    wanted = quote.text.strip()
    if not wanted:
        return
    for start in _starts(text.text, wanted):
        end = start + len(wanted)
        if text.aligned(start, end) and not _cuts_number(text.text, start, end):
            yield text.span(start, end)


def _starts(text: str, quote: str) -> Iterator[int]:
    start = text.find(quote)
    for _ in range(MOST_OCCURRENCES):
        if start < 0:
            return
        yield start
        start = text.find(quote, start + 1)


def _cuts_number(text: str, start: int, end: int) -> bool:
    """Whether start–end begins or ends within a number of the text."""
    if text[start].isdigit():
        before = text[max(0, start - 16) : start]
        if _DIGIT_BEFORE.search(before) or (_GROUP_FIRST.match(text, start) and _GROUP_BEFORE.search(before)):
            return True
    if text[end - 1].isdigit():
        if _DIGIT_AFTER.match(text, end):
            return True
        return bool(_GROUP_LAST.search(text[max(0, end - 4) : end]) and _GROUP_AFTER.match(text, end))
    return False


def _cuts_word(text: str, place: tuple[int, int]) -> bool:
    start, end = place
    return (start > 0 and text[start - 1].isalnum() and text[start].isalnum()) or (
        end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    )


def _context_kept(text: str, place: tuple[int, int], prefix: str, suffix: str) -> tuple[bool, bool]:
    before = fold(text[max(0, place[0] - 2 * CONTEXT) : place[0]]).text
    after = fold(text[place[1] : place[1] + 2 * CONTEXT]).text
    return before.rstrip().endswith(fold(prefix).text.rstrip()), after.startswith(fold(suffix).text.rstrip())


def _match(
    text: str,
    place: tuple[int, int],
    kind: Kind,
    *,
    score: float = 1.0,
    occurrences: int = 1,
    ambiguous: bool = False,
    differences: tuple[Difference, ...] = (),
) -> Match:
    start, end = place
    return Match(
        start=start,
        end=end,
        exact=text[start:end],
        prefix=text[max(0, start - CONTEXT) : start],
        suffix=text[end : end + CONTEXT],
        kind=kind,
        score=score,
        occurrences=occurrences,
        ambiguous=ambiguous,
        cuts_word=_cuts_word(text, place),
        differences=differences,
    )


# Approximately


def _approximate(text: str, quote: str, near: int | None) -> Match | None:
    candidates = [each for each in alignments(fold(text), fold(quote)) if each.score >= ALTERED_SCORE]
    if not candidates:
        return None
    best = max(candidates, key=lambda each: (each.score, -abs(each.start - (near or 0))))
    return _match(text, (best.start, best.end), "fuzzy", score=best.score, differences=best.differences)


def _between(text: str, exact: str, prefix: str, suffix: str, start: int) -> Match | None:
    """What now stands between the words that were around a quotation, when they are still near each other."""
    if not (prefix.strip() and suffix.strip()):
        return None
    before = _verbatim(text, prefix, max(0, start - len(prefix)))
    after = before and _verbatim(text[before.end : before.end + 2 * len(exact) + 4 * CONTEXT], suffix, None)
    if not before or not after:
        return None
    gap = text[before.end : before.end + after.start]
    if not gap.strip():
        return None
    begin = before.end + len(gap) - len(gap.lstrip())
    end = begin + len(gap.strip())
    old, new = fold(exact), fold(text[begin:end])
    edit = difference(old, new, old.words, new.words)
    return _match(text, (begin, end), "fuzzy", score=0.0, differences=(edit,))
