"""What differs between two texts of one document, which of it a person must look at, and when to look again.

Texts are compared word by word, without what does not tell words apart: case, typography, punctuation, Arabic and
Latin vowel signs, Arabic spelling variants. A number keeps its sign, its decimal point and its percent or currency
sign. Pages change on their own, too; three things are *quiet*, shown as differences and never worth an alert:

- lines made of nothing but dates, times, counters and copyright ("Updated 3 hours ago", "214 shares");
- short lines of a web page that are neither sentences nor rows of figures ("Tartous: 433") and came or went whole
  (headlines of other stories, menus);
- lines that stand elsewhere now, and slips of the pen (two letters exchanged, one doubled) corrected.

A short line that was edited in place is not quiet: it may be the headline. Pure: no Django, no Celery.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from urllib.parse import urlsplit

from rapidfuzz.distance import LCSseq

VERSION = 1  # raise when two texts could be counted differently; the log names it beside the counts
GROWTH = 1.5  # each wait of a watch is so many times the one before while nothing happens
ROW = 5  # words that a line with a number has at most to count as a row of a table or list
SENTENCE = 15  # words from which a line counts as a sentence whatever it ends with
IN_PLACE = (
    0.5  # share of a line's words that must still be there for the line to count as edited, not replaced
)
_MOST = 200_000_000  # words times words that are aligned; it takes an eighth of that in bytes

# Scripts that are written without spaces count a character as a word.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
# A hyphen parts numbers ("10-15" is no 1015) and not words.
_CHUNK = re.compile(rf"[{_UNSPACED}]|(?:[^\s—–―/{_UNSPACED}-]|(?<!\d)-|-(?!\d))+")
_LINE = re.compile(r"[^\n\f]+")
_SIGNS = re.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640]")
_SPELLINGS = str.maketrans(
    {"ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "−": "-", "٫": ".", "٬": ",", "٪": "%", "’": "'"}
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,])")
_ENDS_SENTENCE = re.compile(r"[.!?…؟۔。！？][\"”»’')\]]*$|[\"”»]$")
_LANGUAGE = re.compile(r"[a-z]{2}(-[a-z]{2})?")
_INDEX = re.compile(r"(index|default|home)(\.\w+)?")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or number: its form for comparison and its span in code points, end exclusive."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Edit:
    """Words that gave way to others: their spans in code points of the earlier and the later text, end exclusive.

    A span is empty where words were only added, or only taken away. `notable`: somebody should look at it.
    """

    before: tuple[int, int]
    after: tuple[int, int]
    removed: int  # words
    added: int  # words
    notable: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`removed` and `added` count the words of one text that the other has not, in order; see `counts`."""

    removed: int
    added: int
    edits: tuple[Edit, ...]

    @property
    def notable(self) -> bool:
        """Whether somebody should look at it."""
        return any(edit.notable for edit in self.edits)


def compare(before: str, after: str, *, is_page: bool) -> Comparison:
    """What became of the text `before`. `is_page`: read from a web page, so lines may be menus and other stories."""
    left, right = _Side(before), _Side(after)
    kept = [pair for pair in _pairs(left, right) if left.holds(pair[0]) and right.holds(pair[1])]
    _mark_quiet(left, right, is_page)
    common = _common(left.keys, right.keys)
    return Comparison(len(left.keys) - common, len(right.keys) - common, tuple(_edits(left, right, kept)))


def counts(before: str, after: str) -> tuple[int, int]:
    """Words removed and words added: those outside a longest common subsequence.

    Of texts whose numbers of words multiply to more than 200,000,000, common beginning and end apart, order is left
    aside: a word counts as often as one text has it more than the other.
    """
    left, right = words(before), words(after)
    common = _common([word.key for word in left], [word.key for word in right])
    return len(left) - common, len(right) - common


def words(text: str) -> list[Word]:
    """The words of a text in order; a chunk of punctuation alone is none."""
    return [
        Word(key, chunk.start(), chunk.end()) for chunk in _CHUNK.finditer(text) if (key := _key(chunk[0]))
    ]


def retitled(before: str, after: str) -> bool:
    """Whether a page's title says something else, the site's name and a counter before it apart."""
    old, new = _headline(before), _headline(after)
    return bool(old and new) and not _same_to_a_reader(old, new)


def sent_to_front(asked: str, final: str) -> bool:
    """Whether who asked for the URL `asked`, a page below, was sent to the site's front page or a section's.

    A front page has no path but a language or an index file, and no number in its query; a section front is a path
    above the one asked for, on the same host. A document that is itself a front page never counts.
    """
    try:
        there, here = urlsplit(final), urlsplit(asked)
    except ValueError:  # a bracket in the host
        return False
    above, below = _segments(there.path), _segments(here.path)
    if not below or above == below:
        return False
    if not above:
        return not any(character.isdigit() for character in there.query)
    same_host = _host(there.hostname) == _host(here.hostname)
    return same_host and len(above) < len(below) and below[: len(above)] == above


def longer(interval: int, longest: int) -> int:
    """The wait after the one of `interval` seconds when nothing happened: half as long again, up to `longest`."""
    return min(int(interval * GROWTH), longest)


# Words


@lru_cache(maxsize=65536)
def _key(chunk: str) -> str:
    """The form in which a chunk is compared; "" for mere punctuation."""
    plain = unicodedata.normalize("NFKD", chunk.casefold().translate(_SPELLINGS))
    plain = _SIGNS.sub("", plain).translate(_SPELLINGS)
    kept = ""
    for index, character in enumerate(plain):
        category = unicodedata.category(character)
        if category == "Nd":
            kept += str(unicodedata.decimal(character))
        elif (category[0] != "P" and category != "Cf") or _belongs_to_number(plain, index, kept):
            kept += character
    return _GROUPED.sub(lambda number: number[0].replace(",", ""), kept) if "," in kept else kept


def _belongs_to_number(plain: str, index: int, kept: str) -> bool:
    """Whether the punctuation at `index` is a percent sign, the minus of a number, or stands between its digits."""
    before, after = kept[-1:].isdigit(), plain[index + 1 : index + 2].isdigit()
    return plain[index] == "%" or (after and (before or (plain[index] == "-" and not kept)))


def _slip(mine: str, theirs: str) -> bool:
    """Whether two words differ by two neighbouring letters exchanged, or by one letter doubled or not."""
    if min(len(mine), len(theirs)) < 4 or any(character.isdigit() for character in mine + theirs):
        return False
    if len(mine) == len(theirs):
        apart = [index for index, pair in enumerate(zip(mine, theirs, strict=True)) if pair[0] != pair[1]]
        return (
            len(apart) == 2
            and apart[1] == apart[0] + 1
            and mine[apart[0]] + mine[apart[1]] == theirs[apart[1]] + theirs[apart[0]]
        )
    short, long = sorted((mine, theirs), key=len)
    return len(long) == len(short) + 1 and any(
        long[index] == long[index - 1] and long[:index] + long[index + 1 :] == short
        for index in range(1, len(long))
    )


def _headline(title: str) -> list[str]:
    """The words of the longest part of a title, which is the page's own; others name the site."""
    parts = re.split(r"\s+[|–—·»-]\s+", re.sub(r"^\(\d+\)\s*", "", title))
    return max(([word.key for word in words(part)] for part in parts), key=len)


# Lines

_CLOCKWORK = frozenset(
    _key(word)
    for word in (
        "january february march april may june july august september october november december jan feb mar apr jun "
        "jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu "
        "thurs fri sat sun am pm gmt utc est edt et pst pdt bst cet cest eet local time published publish updated "
        "update last modified posted first on at ago min mins minute minutes hour hours hr hrs day days week weeks "
        "month months year years second seconds sec read reading now just today yesterday share shares shared comment "
        "comments view views like likes reaction reactions follower followers date edited this story article page was "
        "has been "
        "يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر كانون "
        "شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين الأول الثاني الأحد الاثنين الإثنين "
        "الثلاثاء الأربعاء الخميس الجمعة السبت نشر نشرت تاريخ النشر آخر أخر تحديث التحديث حدث منذ "
        "قبل ساعة ساعات ساعتين دقيقة دقائق دقيقتين يوم يوما أيام يومين أسبوع أسبوعا أسابيع شهر شهرا "
        "أشهر سنة ثانية ثوان مشاركة مشاركات تعليق تعليقات تعليقا مشاهدة مشاهدات إعجاب إعجابا قراءة "
        "القراءة مدة وقت بتوقيت غرينتش جرينتش الساعة صباحا مساء ص م في اليوم أمس هجري ميلادي"
    ).split()
)
_CLOCKWORK_LINE = 20  # words that such a line has at most


class _Line:
    """A line of a text: its words from `first` on, how many of them still stand, and whether it is quiet."""

    __slots__ = ("first", "key", "quiet", "size", "standing", "text")

    def __init__(self, text: str, first: int, keys: Sequence[str]) -> None:
        self.text, self.first, self.size = text, first, len(keys)
        self.key = " ".join(keys)
        self.standing = 0
        self.quiet = False

    @property
    def stands(self) -> bool:
        return self.standing >= IN_PLACE * self.size

    @property
    def is_furniture(self) -> bool:
        """Neither a sentence nor a row of figures."""
        is_sentence = self.size >= SENTENCE or bool(_ENDS_SENTENCE.search(self.text.rstrip()))
        is_row = self.size <= ROW and any(character.isdigit() for character in self.key)
        return not (is_sentence or is_row)

    @property
    def is_clockwork(self) -> bool:
        """Dates, times, counters with their label, copyright. A number alone is none: it may be a table's."""
        keys = self.key.split(" ")
        if self.size > _CLOCKWORK_LINE:
            return False
        if "©" in self.text or "copyright" in keys or "all rights reserved" in self.key:
            return True
        if "حقوق" in self.key and "محفوظه" in keys:
            return True
        rest = [key for key in keys if not any(character.isdigit() for character in key)]
        named = {key for before, key in pairwise(rest) if before == "بتوقيت"}  # "by the time of Damascus"
        return bool(rest) and all(key in _CLOCKWORK or key in named for key in rest)


class _Side:
    """One of the two texts, in words and lines."""

    def __init__(self, text: str) -> None:
        self.words: list[Word] = []
        self.lines: list[_Line] = []
        self.line_of: list[_Line] = []  # of each word
        for found in _LINE.finditer(text):
            inside = [
                Word(word.key, word.start + found.start(), word.end + found.start())
                for word in words(found[0])
            ]
            if inside:
                line = _Line(found[0], len(self.words), [word.key for word in inside])
                self.lines.append(line)
                self.words += inside
                self.line_of += [line] * len(inside)
        self.keys = [word.key for word in self.words]

    def holds(self, index: int) -> bool:
        """Whether the line of a word stands."""
        return self.line_of[index].stands

    def span(self, low: int, high: int) -> tuple[int, int]:
        """Words low–high in code points; of none, the place where they would be."""
        if low < high:
            return self.words[low].start, self.words[high - 1].end
        place = self.words[low - 1].end if low else 0
        return place, place


def _pairs(left: _Side, right: _Side) -> list[tuple[int, int]]:
    """Words that stand in both, in order: whole lines first, then words between them. Counts them in the lines."""
    found: list[tuple[int, int]] = []
    same = _matched([line.key for line in left.lines], [line.key for line in right.lines])
    for (i, j), (k, m) in pairwise([(-1, -1), *same, (len(left.lines), len(right.lines))]):
        found += _inside(left, left.lines[i + 1 : k], right, right.lines[j + 1 : m])
        if k < len(left.lines):
            a, b = left.lines[k], right.lines[m]
            found += zip(range(a.first, a.first + a.size), range(b.first, b.first + b.size), strict=True)
    for one, other in found:
        left.line_of[one].standing += 1
        right.line_of[other].standing += 1
    return found


def _inside(left: _Side, mine: list[_Line], right: _Side, theirs: list[_Line]) -> Iterator[tuple[int, int]]:
    if mine and theirs:
        a, b = mine[0].first, theirs[0].first
        ends = mine[-1].first + mine[-1].size, theirs[-1].first + theirs[-1].size
        for i, j in _matched(left.keys[a : ends[0]], right.keys[b : ends[1]]):
            yield a + i, b + j


def _mark_quiet(left: _Side, right: _Side, is_page: bool) -> None:
    gone = Counter(line.key for line in left.lines if not line.stands)
    come = Counter(line.key for line in right.lines if not line.stands)
    moved = gone.keys() & come.keys()
    for line in (*left.lines, *right.lines):
        if line.standing < line.size:
            replaced = not line.stands
            furniture = is_page and replaced and line.is_furniture
            line.quiet = (replaced and line.key in moved) or furniture or line.is_clockwork


def _edits(left: _Side, right: _Side, kept: list[tuple[int, int]]) -> Iterator[Edit]:
    """The gaps between words that still stand."""
    for (i, j), (k, m) in pairwise([(-1, -1), *kept, (len(left.words), len(right.words))]):
        if k - i > 1 or m - j > 1:
            mine = [left.keys[at] for at in range(i + 1, k) if not left.line_of[at].quiet]
            theirs = [right.keys[at] for at in range(j + 1, m) if not right.line_of[at].quiet]
            yield Edit(
                before=left.span(i + 1, k),
                after=right.span(j + 1, m),
                removed=k - i - 1,
                added=m - j - 1,
                notable=not _same_to_a_reader(mine, theirs),
            )


def _same_to_a_reader(mine: list[str], theirs: list[str]) -> bool:
    joined = "".join(mine)
    if joined == "".join(theirs):  # nothing, or words written apart; not "1 5" and "15"
        return mine == theirs or not any(character.isdigit() for character in joined)
    return len(mine) == len(theirs) and all(
        one == other or _slip(one, other) for one, other in zip(mine, theirs, strict=True)
    )


# Alignment


def _matched(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int]]:
    """Index pairs of a longest common subsequence; of texts too long to align, the common beginning and end."""
    head, tail = _ends(left, right)
    middle_left, middle_right = _numbered(left, right, head, tail)
    pairs = [(index, index) for index in range(head)]
    if len(middle_left) * len(middle_right) <= _MOST:
        for step in LCSseq.opcodes(middle_left, middle_right):
            if step.tag == "equal":
                pairs += [
                    (head + one, head + other)
                    for one, other in zip(
                        range(step.src_start, step.src_end),
                        range(step.dest_start, step.dest_end),
                        strict=True,
                    )
                ]
    pairs += [(len(left) - back, len(right) - back) for back in range(tail, 0, -1)]
    return pairs


def _common(left: Sequence[str], right: Sequence[str]) -> int:
    """The length of a longest common subsequence; of texts too long for it, how many words both have, order aside."""
    head, tail = _ends(left, right)
    one, other = _numbered(left, right, head, tail)
    if len(one) * len(other) > _MOST:
        return head + tail + (Counter(one) & Counter(other)).total()
    return head + tail + int(LCSseq.similarity(one, other))


def _ends(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """How many items at the beginning, and then at the end, are the same."""
    most = min(len(left), len(right))
    head = next((index for index in range(most) if left[index] != right[index]), most)
    most -= head
    tail = next((back for back in range(most) if left[-1 - back] != right[-1 - back]), most)
    return head, tail


def _numbered(left: Sequence[str], right: Sequence[str], head: int, tail: int) -> tuple[list[int], list[int]]:
    numbers: dict[str, int] = {}
    one, other = (
        [numbers.setdefault(item, len(numbers)) for item in side[head : len(side) - tail]]
        for side in (left, right)
    )
    return one, other


# Addresses


def _segments(path: str) -> list[str]:
    """The parts of a path, without a language in front and an index file at the end."""
    parts = [part for part in path.lower().split("/") if part]
    if parts and _INDEX.fullmatch(parts[-1]):
        parts.pop()
    return parts[1:] if parts and _LANGUAGE.fullmatch(parts[0]) else parts


def _host(name: str | None) -> str:
    return (name or "").removeprefix("www.")
