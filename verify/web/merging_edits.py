"""Two people changed one thing: what of each side's changes can stand together, and what somebody must decide.

Pure: no Django. A value is a list of strings, as a form sends it. `base` is what both began with, None when that is not
known; then nothing is taken over unasked. Words are what stands between spaces, each with the space after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

MOST_WORDS = 3000  # a longer text is compared as a whole: comparing takes the square of its length
_WORDS = re.compile(r"\s+|\S+\s*")

Value = tuple[str, ...]
Edit = tuple[
    int, int, tuple[str, ...]
]  # of the base's words: from, to (exclusive), what stands there instead


class Kind(StrEnum):
    """How the sides of a field are put together."""

    WHOLE = "whole"  # one side or the other
    WORDS = "words"  # a long text: word by word
    SET = "set"  # several at once: what either side added or took away


class Outcome(StrEnum):
    SAME = "same"  # both sides say the same
    THEIRS = "theirs"  # only they changed it
    MINE = "mine"  # only I changed it
    MERGED = "merged"  # both did, and both changes stand
    CONTESTED = "contested"  # both did, and only a person can say what shall stand


@dataclass(frozen=True)
class Merged:
    """What becomes of a field. For one that is contested `value` is mine, and nobody has decided."""

    outcome: Outcome
    value: Value


def merge(base: Value | None, mine: Value, theirs: Value, kind: Kind = Kind.WHOLE) -> Merged:
    """Put the two sides of one field together. Neither side's change is lost: it stands, or the field is contested."""
    if mine == theirs:
        return Merged(Outcome.SAME, mine)
    if mine == base:
        return Merged(Outcome.THEIRS, theirs)
    if theirs == base:
        return Merged(Outcome.MINE, mine)
    if base is not None and kind is Kind.SET:
        return Merged(Outcome.MERGED, merge_sets(base, mine, theirs))
    if base is not None and kind is Kind.WORDS:
        together = merge_words(_text(base), _text(mine), _text(theirs))
        if together is not None:
            return Merged(Outcome.MERGED, (together,) if together else ())
    return Merged(Outcome.CONTESTED, mine)


def merge_words(base: str, mine: str, theirs: str) -> str | None:
    """The base with the changes of both; None when they meet.

    They meet when less than one word that both left alone lies between two of them, unless they are the same change:
    then it is made once. It is all the same which side is which.
    """
    words = _WORDS.findall(base)
    sides = [_WORDS.findall(mine), _WORDS.findall(theirs)]
    if max(map(len, (words, *sides))) > MOST_WORDS:
        return None
    ours, others = (_edits(words, side) for side in sides)
    if any(_meet(one, other) for one in ours for other in others):
        return None
    result = list(words)
    for begin, end, instead in sorted({*ours, *others}, reverse=True):
        result[begin:end] = instead
    return "".join(result)


def merge_sets(base: Value, mine: Value, theirs: Value) -> Value:
    """What both have, what either added, without what either took away; sorted."""
    had, ours, others = set(base), set(mine), set(theirs)
    return tuple(sorted((ours & others) | (ours - had) | (others - had)))


def _text(value: Value) -> str:
    return "\n".join(value)


def _edits(before: Sequence[str], after: Sequence[str]) -> list[Edit]:
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    return [(i1, i2, tuple(after[j1:j2])) for tag, i1, i2, j1, j2 in opcodes if tag != "equal"]


def _meet(one: Edit, other: Edit) -> bool:
    return one != other and not (one[1] < other[0] or other[1] < one[0])
