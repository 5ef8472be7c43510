"""Archived text for the eye: where anchored quotes stand in it, and what differs between two captures of it.

Pure: no Django. Positions are Unicode code points, `end` exclusive, as in an Anchor. Nothing here is markup: templates
escape every piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Protocol

CONTEXT = 1  # unchanged paragraphs shown before and after a difference
MOST_WORDS = 2000  # a paragraph with more is compared as a whole
ALIKE = 0.6  # share of words and spaces in common, from which on two paragraphs are compared word by word
_WORDS = re.compile(r"\s+|\d+(?:[.,٫٬]\d+)+|\w+|[^\w\s]")  # a number is one word


class Span(Protocol):
    """An anchor, as far as it matters here."""

    start: int
    end: int


@dataclass(frozen=True)
class Segment:
    """A stretch of text in which the same anchors hold; `starting` are those that begin with it."""

    text: str
    anchors: Sequence[Span] = ()
    starting: Sequence[Span] = ()


def segments(content: str, anchors: Sequence[Span]) -> list[Segment]:
    """`content` cut wherever an anchor begins or ends; joined again, the segments' texts are `content`.

    Anchors may overlap, nest and touch. One that does not lie in the text is left out.
    """
    inside = [anchor for anchor in anchors if 0 <= anchor.start < anchor.end <= len(content)]
    cuts = sorted({0, len(content), *(a.start for a in inside), *(a.end for a in inside)})
    return [
        Segment(
            content[begin:end],
            [anchor for anchor in inside if anchor.start <= begin and end <= anchor.end],
            [anchor for anchor in inside if anchor.start == begin],
        )
        for begin, end in pairwise(cuts)
    ]


@dataclass(frozen=True)
class Piece:
    """Some words of a paragraph, and whether the other side has them too."""

    text: str
    changed: bool = False


@dataclass(frozen=True)
class Row:
    """A paragraph before and after. `kind` is same, changed, removed, added, or skipped: `count` equal paragraphs."""

    kind: str
    before: list[Piece] = field(default_factory=list)
    after: list[Piece] = field(default_factory=list)
    count: int = 0


def differences(before: str, after: str) -> list[Row]:
    """The two texts side by side, paragraph by paragraph and in these word by word; empty when they are equal."""
    old, new = _paragraphs(before), _paragraphs(after)
    if old == new:
        return []
    rows: list[Row] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            rows += _unchanged(old[i1:i2], first=not rows, last=i2 == len(old) and j2 == len(new))
        else:
            rows += _changed(old[i1:i2], new[j1:j2])
    return rows


def _paragraphs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _unchanged(paragraphs: Sequence[str], *, first: bool, last: bool) -> Iterator[Row]:
    head, tail = (0 if first else CONTEXT), (0 if last else CONTEXT)
    hidden = len(paragraphs) - head - tail
    for place, paragraph in enumerate(paragraphs):
        if place < head or place >= len(paragraphs) - tail or hidden < 2:
            yield Row("same", [Piece(paragraph)], [Piece(paragraph)])
        elif place == head:
            yield Row("skipped", count=hidden)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Paragraphs that were replaced, side by side in order; what is left over was removed or added."""
    for before, after in zip(old, new, strict=False):
        yield Row("changed", *wording(before, after, ALIKE))
    for paragraph in old[len(new) :]:
        yield Row("removed", before=[Piece(paragraph, changed=True)])
    for paragraph in new[len(old) :]:
        yield Row("added", after=[Piece(paragraph, changed=True)])


def wording(before: str, after: str, alike: float = 0.0) -> tuple[list[Piece], list[Piece]]:
    """Two wordings of one passage with the words marked that differ; as a whole where less than `alike` is shared."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > MOST_WORDS or matcher.ratio() < alike:
        return [Piece(before, changed=True)], [Piece(after, changed=True)]
    opcodes = matcher.get_opcodes()
    left = [("".join(old[i1:i2]), tag != "equal") for tag, i1, i2, _j1, _j2 in opcodes if i1 < i2]
    right = [("".join(new[j1:j2]), tag != "equal") for tag, _i1, _i2, j1, j2 in opcodes if j1 < j2]
    return _pieces(left), _pieces(right)


def _pieces(words: Sequence[tuple[str, bool]]) -> list[Piece]:
    """Runs of words; a space that both sides have between two changed words belongs to the change."""
    pieces: list[Piece] = []
    for place, (text, changed) in enumerate(words):
        inside = 0 < place < len(words) - 1 and words[place - 1][1] and words[place + 1][1]
        changed = changed or (inside and text.isspace())
        if pieces and pieces[-1].changed == changed:
            pieces[-1] = Piece(pieces[-1].text + text, changed)
        else:
            pieces.append(Piece(text, changed))
    return pieces
