"""A text without its typography, and the way back to the code points it came from.

Compared are NFKD forms, which are equal exactly when the NFKC forms are (Unicode, UAX #15); decomposition works one
code point at a time, so that every folded code point knows where it came from. On top of that quotation marks, dashes
and digits take one form each, white space becomes one space, and what cannot be seen or does not distinguish words
(soft hyphens, zero-width and bidirectional marks, Arabic vowel signs, tatweel, the hamza of an alef) goes.

Case stays: "US" and "us", "Homs" and "homs" are different words, and archived text keeps its case.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from dataclasses import dataclass
from functools import cached_property, lru_cache

_TABLE = {
    **dict.fromkeys("“”„‟«»＂〝〞〟″❝❞", '"'),
    **dict.fromkeys("‘’‚‛‹›ʼʹ′`´＇❛❜", "'"),
    **dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-"),
    "٬": ",",
    "٫": ".",
    "ـ": "",  # tatweel
    "ٱ": "ا",
}
_VARIATION = re.compile("[\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_VOWEL_SIGNS = re.compile(
    "[\u0610-\u061a\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"
)
_ALEF_SIGNS = re.compile("[\u0653-\u0655]")  # madda and hamza, which decomposition parts from their alef


@dataclass(frozen=True)
class Folded:
    """`text` is the folded form; `origin[i]` is the index of the original code point that gave its i-th one."""

    text: str
    origin: array[int]
    source: str

    def aligned(self, start: int, end: int) -> bool:
        """Whether folded start–end begins and ends where whole original characters do."""
        text, origin = self.text, self.origin
        if start > 0 and (origin[start] == origin[start - 1] or unicodedata.combining(text[start])):
            return False
        return end == len(text) or (origin[end] != origin[end - 1] and not unicodedata.combining(text[end]))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Folded start–end in code points of the original, with the vowel signs that belong to the last letter."""
        last = end - 1
        while last > start and unicodedata.combining(self.text[last]):
            last -= 1
        stop = max(self.origin[last:end]) + 1
        while stop < len(self.source) and self._belongs(stop, self.text[last]):
            stop += 1
        return self.origin[start], stop

    def _belongs(self, index: int, letter: str) -> bool:
        """Whether the original code point is a sign on `letter` that folding left out."""
        character = self.source[index]
        if _ALEF_SIGNS.match(character):
            return letter == "ا"
        return fold_character(character) == "" and unicodedata.category(character) != "Cf"

    @cached_property
    def words(self) -> list[Word]:
        return [Word(_key(each[0]), each.start(), each.end()) for each in _WORD.finditer(self.text)]

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each word stands in `words`."""
        places: dict[str, list[int]] = {}
        for index, word in enumerate(self.words):
            places.setdefault(word.key, []).append(index)
        return places


@dataclass(frozen=True, slots=True)
class Word:
    """A word or number: its form for comparison, and its span in the folded text."""

    key: str
    start: int
    end: int


_LETTER = r"(?:[^\W\d_]|[\u0300-\u036f\u0653-\u0655])"
_WORD = re.compile(rf"[-+]?\d+(?:[.,:]\d+)*%?|{_LETTER}+(?:'{_LETTER}+)*")


def _key(word: str) -> str:
    """Lower case; a number without the commas that group its thousands."""
    bare = word.lstrip("+")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+%?", bare):
        return bare.replace(",", "")
    return bare.lower()


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """What one code point becomes on its own; "" when it goes. White space becomes a space."""
    if (mapped := _TABLE.get(character)) is not None:
        return mapped
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category == "Cf":
        # U+0600–0605, U+06DD, U+08E2 and their like are format characters by category and ink on the page.
        return character if unicodedata.bidirectional(character) == "AN" else ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if _VARIATION.match(character) or _VOWEL_SIGNS.match(character):
        return ""
    decomposed = unicodedata.normalize("NFKD", character)
    if decomposed != character:
        if any(each.isdigit() for each in decomposed):
            return character  # "10²" is not "102", "3½" is not "31⁄2"
        return "".join(
            _TABLE.get(each, " " if each.isspace() else each)
            for each in decomposed
            if not _VOWEL_SIGNS.match(each)
        )
    return character


# Stretches that stay as they are: ASCII but for the grave accent, Arabic letters but for those with a hamza.
_PIECES = re.compile("([!-_a-~\u0621\u0627-\u063f\u0641-\u064a]+)|.", re.DOTALL)


@lru_cache(maxsize=4)
def fold(text: str) -> Folded:
    """The folded form of a text; kept for the last few, because many quotations are looked for in one text."""
    characters: list[str] = []
    origin = array("L")
    space, run = True, 0  # `run` counts combining marks since the last starter
    for piece in _PIECES.finditer(text):
        index = piece.start()
        if piece[1]:
            if run:
                _reorder(characters, origin, run)
            characters.extend(piece[1])
            origin.extend(range(index, piece.end()))
            space, run = False, 0
            continue
        for each in fold_character(piece[0]):
            if each == " ":
                if run:
                    _reorder(characters, origin, run)
                if not space:
                    characters.append(each)
                    origin.append(index)
                space, run = True, 0
                continue
            if each > "\u02ff" and unicodedata.combining(each):
                if _ALEF_SIGNS.match(each) and characters and characters[-1 - run] == "ا":
                    continue
                run += 1
            elif run:
                _reorder(characters, origin, run)
                run = 0
            characters.append(each)
            origin.append(index)
            space = False
    if run:
        _reorder(characters, origin, run)
    return Folded("".join(characters), origin, text)


def _reorder(characters: list[str], origin: array[int], run: int) -> None:
    """Canonical order (UAX #15) of the last `run` code points: `run` marks that stand before a new starter."""
    if run < 2:
        return
    marks = sorted(
        zip(characters[-run:], origin[-run:], strict=True), key=lambda mark: unicodedata.combining(mark[0])
    )
    for offset, (character, index) in enumerate(marks, start=len(characters) - run):
        characters[offset], origin[offset] = character, index
