"""Where in a text the words of a quotation stand approximately, and in what they differ there.

Words are compared, not letters: shared rare words vote for stretches of the text, and the best few stretches are
aligned word by word. Work is bounded whatever the text: so many votes, so many stretches, so many words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from claims.attribution.folding import Folded, Word
from claims.statements.numerals import fold as fold_numerals
from claims.statements.numerals import is_number_word

Change = Literal["number", "negation", "wording"]
Pairs = list[tuple[int | None, int | None]]
Run = tuple[list[Word], list[Word]]

FUZZY_WORDS = range(3, 251)  # how many words an approximate quotation may have
_TYPO = 0.5  # cost of a word that differs by one letter, against 1 for another word
_MORE = 0.75  # cost of a word that only the text has
_LESS = (
    1.1  # cost of a word that only the quotation has: dearer than another word in its place, also at the ends
)
_SEEDS = 20_000  # places of shared words that are looked at, rarest words first
_WINDOWS = 6  # stretches of the text that are compared word by word

_NEGATIONS = frozenset(
    "no not never none nobody nothing nor neither without cannot hardly unlikely deny denies denied denying refute "
    "refutes refuted false لا لم لن ليس ليست ليسوا لست لسنا ما غير دون بدون عدم نفى نفت نفي تنفي ينفي نافيا كلا".split()
)
_NEGATING_PREFIX = re.compile("^(un|in|im|ir|il|non|dis|mis)")


@dataclass(frozen=True)
class Difference:
    """Words of the quotation and what the text has in their place; either may be empty."""

    quoted: str
    found: str
    change: Change


@dataclass(frozen=True)
class Alignment:
    """A stretch of the original text (code points, end exclusive), the share of letters that agree, the rest."""

    start: int
    end: int
    score: float
    differences: tuple[Difference, ...]


def alignments(text: Folded, quote: Folded) -> Iterator[Alignment]:
    """The quotation's words read out of each stretch of the text where they may stand; none for a word or two."""
    if len(quote.words) in FUZZY_WORDS:
        for low, high in _windows(text, quote.words):
            pairs = _align(quote.words, text.words[low:high])
            if alignment := _judge(text, quote, pairs, low):
                yield alignment


def _windows(text: Folded, wanted: list[Word]) -> list[tuple[int, int]]:
    """Stretches of `text.words` in which the rarest shared words of the quotation stand in its order."""
    size, slack = len(wanted), len(wanted) // 4 + 2
    votes: dict[int, int] = {}
    seen = 0
    by_rarity = sorted(enumerate(wanted), key=lambda item: len(text.places.get(item[1].key, ())))
    for index, word in by_rarity:
        places = text.places.get(word.key, [])
        seen += len(places)
        if seen > _SEEDS:
            break
        for place in places:
            bucket = (place - index) // slack
            votes[bucket] = votes.get(bucket, 0) + 1
    scored = sorted(votes, key=lambda bucket: (-votes[bucket] - votes.get(bucket + 1, 0), bucket))
    return [
        (max(0, bucket * slack - slack), min(len(text.words), (bucket + 2) * slack + size + slack))
        for bucket in scored[:_WINDOWS]
    ]


def _align(wanted: list[Word], window: list[Word]) -> Pairs:
    """The cheapest way to read all of `wanted` out of a stretch of `window`: index pairs, None for a missing word."""
    rows, columns = len(wanted), len(window)
    cost = [[0.0] * (columns + 1)]
    for i in range(1, rows + 1):
        above, row, key = cost[-1], [i * _LESS], wanted[i - 1].key
        for j in range(1, columns + 1):
            change = above[j - 1] + _change(key, window[j - 1].key)
            row.append(min(change, above[j] + _LESS, row[j - 1] + _MORE))
        cost.append(row)
    j = min(range(columns + 1), key=lambda column: cost[rows][column])
    i = rows
    pairs: Pairs = []
    while i > 0:
        if j > 0 and cost[i][j] == cost[i - 1][j - 1] + _change(wanted[i - 1].key, window[j - 1].key):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif j > 0 and cost[i][j] == cost[i][j - 1] + _MORE:
            j -= 1
            pairs.append((None, j))
        else:
            i -= 1
            pairs.append((i, None))
    return pairs[::-1]


def _change(mine: str, theirs: str) -> float:
    """What it costs to read one word as another."""
    if mine == theirs:
        return 0.0
    return _TYPO if abs(len(mine) - len(theirs)) < 2 and _one_letter_apart(mine, theirs) else 1.0


@lru_cache(maxsize=65536)
def _one_letter_apart(mine: str, theirs: str) -> bool:
    """Whether two words of four letters and more differ by one letter: more, less, other, or two exchanged."""
    if min(len(mine), len(theirs)) < 4 or any(character.isdigit() for character in mine + theirs):
        return False
    same = 0
    while same < min(len(mine), len(theirs)) and mine[same] == theirs[same]:
        same += 1
    a, b = mine[same:], theirs[same:]
    return a[1:] in (b, b[1:]) or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _judge(text: Folded, quote: Folded, pairs: Pairs, low: int) -> Alignment | None:
    wanted, used = quote.words, [low + j for _, j in pairs if j is not None]
    if not used:
        return None
    letters = agreeing = 0
    runs: list[Run] = []
    agreed: list[bool] = []
    for i, j in pairs:
        mine = [wanted[i]] if i is not None else []
        theirs = [text.words[low + j]] if j is not None else []
        size = max(len(word.key) for word in mine + theirs)
        letters += size
        agrees = [word.key for word in mine] == [word.key for word in theirs]
        if agrees or (mine and theirs and _change(mine[0].key, theirs[0].key) == _TYPO):
            agreeing += size if agrees else size - 1
        if not agrees:
            if not agreed or agreed[-1]:
                runs.append(([], []))
            runs[-1][0].extend(mine)
            runs[-1][1].extend(theirs)
        agreed.append(agrees)
    _look_past_the_ends(text, used, runs, agreed)
    differences = tuple(difference(quote, text, left, right) for left, right in runs)
    start, end = text.span(text.words[used[0]].start, text.words[used[-1]].end)
    return Alignment(start, end, round(agreeing / letters, 4), differences)


def _look_past_the_ends(text: Folded, used: list[int], runs: list[Run], agreed: list[bool]) -> None:
    """Count a negation beside the match as a difference where the quotation's first or last words do not agree.

    Otherwise leaving out "he did" would hide the "not" of "he did not shoot".
    """
    if not agreed[0]:
        reach = (agreed.index(True) if True in agreed else len(agreed)) + 2
        before = text.words[max(0, used[0] - reach) : used[0]]
        runs[0][1][:0] = [word for word in before if _negates(word.key)]
    if not agreed[-1]:
        reach = (agreed[::-1].index(True) if True in agreed else len(agreed)) + 2
        after = text.words[used[-1] + 1 : used[-1] + 1 + reach]
        runs[-1][1].extend(word for word in after if _negates(word.key))


def difference(quote: Folded, text: Folded, left: list[Word], right: list[Word]) -> Difference:
    """What the words `left` of the quotation and `right` of the text differ in."""
    change: Change = "wording"
    if any(_says_number(word.key) for word in left + right):
        change = "number"
    elif any(_negates(word.key) for word in left + right) or _prefix_negates(left, right):
        change = "negation"
    return Difference(_words(quote, left), _words(text, right), change)


def _words(text: Folded, words: list[Word]) -> str:
    return text.text[words[0].start : words[-1].end] if words else ""


def _says_number(word: str) -> bool:
    return any(character.isdigit() for character in word) or is_number_word(fold_numerals(word))


def _negates(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't") or (word[1:] in _NEGATIONS and word[0] in "وفأا")


def _prefix_negates(left: list[Word], right: list[Word]) -> bool:
    """Whether words differ by a negating prefix alone: "confirmed" and "unconfirmed"."""
    mine, theirs = {word.key for word in left}, {word.key for word in right}
    return any(_NEGATING_PREFIX.sub("", word, count=1) in theirs - {word} for word in mine) or any(
        _NEGATING_PREFIX.sub("", word, count=1) in mine - {word} for word in theirs
    )
