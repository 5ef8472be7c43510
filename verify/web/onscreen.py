"""Where an anchored quotation stands on the screenshot: the letters of its words found among those of the layout.

Compared are letters and digits alone, folded as anchors are: the page and the archived text agree in these where they
differ in white space, bullets and soft hyphens, and a word that markup cuts in two is whole again. Of several places
the one with the same words around it counts. A quotation of several paragraphs may have a picture or an advertisement
in between, so each paragraph is looked for on its own when the whole is not found. Nothing found, nothing shown.

Pure: no Django. A layout is the page's own word (`sources.archive.layout`): a help for the eye, never proof.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from claims.attribution.folding import fold_character
from sources.archive.layout import Box, Layout

FEWEST_LETTERS = 4  # a shorter stretch stands anywhere
MOST_PLACES = 500  # of one stretch, that are looked at
AROUND = 24  # letters before and after that are compared


class Quote(Protocol):
    """An anchor, as far as it matters here."""

    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A stretch of one line, in CSS pixels of the screenshot."""

    x: int
    y: int
    width: int
    height: int


class Page:
    """A layout, made ready to be searched; make it once for all quotations of a capture."""

    def __init__(self, layout: Layout) -> None:
        self._words = list(layout.words)
        self._starts: list[int] = []  # of each word, in letters
        letters: list[str] = []
        length = 0
        for box in self._words:
            self._starts.append(length)
            letters.append(_letters(box.text))
            length += len(letters[-1])
        self._letters = "".join(letters)

    def places(self, quote: Quote) -> list[Rectangle]:
        """The lines of the quotation on the screenshot; none when it does not stand there."""
        before, after = _letters(quote.prefix), _letters(quote.suffix)
        whole = self._find(_letters(quote.exact), before, after, 0)
        if whole is not None:
            return self._lines([whole])
        found: list[tuple[int, int]] = []
        for paragraph in quote.exact.split("\n"):
            place = self._find(_letters(paragraph), "", "", found[-1][1] if found else 0)
            if place is not None:
                found.append(place)
        return self._lines(found)

    def _find(self, wanted: str, before: str, after: str, begin: int) -> tuple[int, int] | None:
        if len(wanted) < FEWEST_LETTERS:
            return None
        places = list(_places(self._letters, wanted, begin))
        if not places:
            return None
        best = max(places, key=lambda place: (self._fitness(place, len(wanted), before, after), -place))
        return best, best + len(wanted)

    def _fitness(self, place: int, length: int, before: str, after: str) -> int:
        """How many letters around are the same; one more for whole words."""
        left = self._letters[max(0, place - AROUND) : place]
        right = self._letters[place + length : place + length + AROUND]
        at = bisect_left(self._starts, place)
        whole = at < len(self._starts) and self._starts[at] == place
        return 2 * (_shared(left[::-1], before[::-1]) + _shared(right, after)) + whole

    def _lines(self, stretches: Iterable[tuple[int, int]]) -> list[Rectangle]:
        lines: list[Rectangle] = []
        for start, end in stretches:
            fresh = True
            for box in self._between(start, end):
                if not fresh and _same_line(lines[-1], box):
                    lines[-1] = _around(lines[-1], box)
                else:
                    lines.append(Rectangle(box.x, box.y, box.width, box.height))
                fresh = False
        return lines

    def _between(self, start: int, end: int) -> Iterator[Box]:
        """The words that hold letters start–end, and the second boxes of those that are broken."""
        first = max(0, bisect_right(self._starts, start) - 1)
        while first > 0 and not self._words[first].text:
            first -= 1
        for index in range(first, bisect_left(self._starts, end)):
            yield self._words[index]
        index = bisect_left(self._starts, end)
        while index < len(self._words) and not self._words[index].text:
            yield self._words[index]
            index += 1


def _letters(text: str) -> str:
    # Combining marks are no letters, so their order, which folding a whole text would settle, does not matter.
    return "".join(filter(str.isalnum, "".join(map(fold_character, text))))


def _places(text: str, wanted: str, begin: int) -> Iterator[int]:
    place = text.find(wanted, begin)
    for _ in range(MOST_PLACES):
        if place < 0:
            return
        yield place
        place = text.find(wanted, place + 1)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _same_line(line: Rectangle, box: Box) -> bool:
    """Whether the box goes on in the line: beside it, on either side, no further than a line is high."""
    overlap = min(line.y + line.height, box.y + box.height) - max(line.y, box.y)
    gap = max(line.x, box.x) - min(line.x + line.width, box.x + box.width)
    return 2 * overlap > min(line.height, box.height) and gap <= max(line.height, box.height)


def _around(line: Rectangle, box: Box) -> Rectangle:
    x, y = min(line.x, box.x), min(line.y, box.y)
    right = max(line.x + line.width, box.x + box.width)
    bottom = max(line.y + line.height, box.y + box.height)
    return Rectangle(x, y, right - x, bottom - y)
