"""What people write for a figure ("more than 1,000", "نحو ٧٤٥", "dozens") as bounds and a qualifier.

What the words stand for, and what is read wrongly, is in docs/reference/figures.md. The list of phrases that it was
tried on is the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from claims.statements import numerals
from claims.statements.reasons import Reason, gettext_noop

Qualifier = Literal[
    "exactly", "around", "more-than", "at-least", "up-to", "between", "dozens", "hundreds", "thousands"
]
VAGUE_QUALIFIERS = frozenset({"dozens", "hundreds", "thousands"})
LARGEST = 2_147_483_647  # what a figure can hold

SENTENCES = {
    "ambiguous": gettext_noop("“%(written)s” can be read as %(first)s or as %(second)s."),
    "convention": gettext_noop(
        "“%(written)s” is a vague word: %(lower)s to %(upper)s stands for it by convention."
    ),
    "reversed": gettext_noop("“%(written)s” names the larger number first."),
    "ignored": gettext_noop("“%(ignored)s” was left out: only the first figure was read."),
}


@dataclass(frozen=True)
class Measurement:
    """Bounds as written: `lower` and `upper` are the numbers that were named.

    "More than 1,000" has the lower bound 1,000 with the qualifier more-than; `least` and `most` are the bounds of the
    count itself, inclusive (1,001). "Around 745" has a point and no bounds: how far around is, nobody said. For
    vague words the bounds are a convention: they place a bar in a picture and are never a count (`is_count`).
    """

    lower: int | None
    point: int | None
    upper: int | None
    qualifier: Qualifier
    as_written: str
    notes: tuple[Reason, ...] = ()

    @property
    def least(self) -> int | None:
        """The smallest count that the words allow, where they say it."""
        return self.lower + 1 if self.lower is not None and self.qualifier == "more-than" else self.lower

    @property
    def most(self) -> int | None:
        """The largest count that the words allow, where they say it."""
        return self.upper

    @property
    def is_count(self) -> bool:
        """Whether it can be calculated with: not a vague word, and read in one way only."""
        return self.qualifier not in VAGUE_QUALIFIERS and not self.is_ambiguous

    @property
    def is_ambiguous(self) -> bool:
        return any(note.code == "ambiguous" for note in self.notes)


@dataclass(frozen=True)
class Found:
    """A figure in a running text: code points `start`–`end` (exclusive), qualifier included."""

    start: int
    end: int
    measurement: Measurement


def parse(text: str, language: str | None = None) -> Measurement | None:
    """The first figure in a phrase, a note about what was left out; None when there is none.

    `language` is a BCP 47 tag; it settles what a single full stop or comma in a number means.
    """
    found = list(find_all(text, language))
    if not found:
        return None
    first, rest = found[0].measurement, found[1:]
    ignored = ", ".join(text[each.start : each.end] for each in rest)
    return replace(first, notes=(*first.notes, _note("ignored", ignored=ignored))) if rest else first


def find_all(text: str, language: str | None = None) -> Iterator[Found]:
    """Every figure in a running text. Percentages, money, dates, times, ordinals and decimals are none."""
    folded = _Unmarked(text)
    position = 0
    while match := _FIGURE.search(folded.text, position):
        position = max(match.end(), position + 1)
        start, end = folded.span(match.start(), match.end())
        if _is_something_else(folded.text, match):
            continue
        measurement = _measure(match, text[start:end], language or "")
        if measurement is not None:
            yield Found(start, end, measurement)


class _Unmarked:
    """A folded text without Arabic vowel signs, tatweel and invisible marks, and the way back."""

    _MARKS = re.compile("[\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

    def __init__(self, text: str) -> None:
        kept = [(i, c) for i, c in enumerate(numerals.fold(text)) if not self._MARKS.match(c)]
        self.text = "".join(character for _, character in kept)
        self.origin = [index for index, _ in kept]

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.origin[start], self.origin[end - 1] + 1


# Folded: lower case, ASCII digits, bare alefs. In each table the longer form comes first.

_QUALIFIERS: dict[str, str] = {
    "more-than": r"(?:just |slightly |well |a little |little )?(?:more than|over|above)|in excess of|upwards of"
    r"|exceed(?:s|ed|ing)|greater than|>(?!=)|[او]?اكثر من|ازيد من|ما يزيد (?:عن|على)|[يت]زيد (?:عن|على)"
    r"|[يت]?تجاوز|ما يفوق|يفوق",
    "at-least": r"at (?:the very )?least|the very least|(?:no|not) (?:fewer|less) than|a minimum of|minimum|>=|≥"
    r"|ب?ما لا يقل عن|[يت]قل عن|لا يقل عن|لا تقل عن|(?:ليست?|لا) اقل من|على الاقل|[كب]حد ادنى",
    "up-to": r"up to|as many as|at (?:the )?most|(?:no|not) more than|a maximum of|maximum|<=|≤"
    r"|ما لا يزيد (?:عن|على)|لا [يت]زيد (?:عن|على)|(?:ليست?|لا) اكثر من|ما يصل الى|يصل الى|على الاكثر"
    r"|[كب]حد اقصى|حتى",
    "under": r"(?:just )?(?:fewer than|less than|under|below)|<(?!=)|[او]?اقل من|دون",
    "nearly": r"nearly|almost|close to|(?:just )?(?:short|shy) of|ما يقرب من",
    "around": r"around|about|approximately|approx\.?|roughly|some|circa|c\.|ca\.|~|≈|(?:an )?estimated"
    r"|in the region of|something like|est\.|نحو|بنحو|ب?حدود|في حدود|حوالي|حوالى|قرابة|زهاء|ما يقارب|يقارب|تقريبا",
    "exactly": r"exactly|precisely|a total of|in total|all told|بالضبط|تحديدا",
}
# Repetitions are bounded so that no text takes more than time in proportion to its length.
_SPACED = r"\d{1,3}(?: \d{3}){1,4}(?!\d)|\d{1,3}(?:'\d{3}){1,4}(?!\d)|\d{1,15}(?:[.,]\d{1,15}){0,5}"
_SCALE = r"(?:dozen|hundred|thousand|million|k|m|مئة|مائة|الفا|الف|الاف|مليون|ملايين)\b"
_EN_WORD = "|".join(sorted({*numerals.ENGLISH, *numerals.ENGLISH_SCALES}, key=len, reverse=True))
_AR_WORD = "|".join(sorted({*numerals.ARABIC, *numerals.ARABIC_SCALES}, key=len, reverse=True))
_WORDS = (
    rf"(?:half a (?:dozen|hundred|thousand|million)\b|(?:a )?(?:{_EN_WORD})\b(?:(?:[ -]| and )(?:{_EN_WORD})\b){{0,12}}"
    rf"|و?(?:{_AR_WORD})\b(?: و?(?:{_AR_WORD})\b){{0,12}})"
)
_NUMERAL = rf"(?:{_SPACED})(?: ?{_SCALE})?"
_NUMBER = rf"(?:{_NUMERAL}|\b{_WORDS})"
_SEVERAL = r"(?:several|many|a few|a couple of|some) "
_SEVERAL_AR = r"(?:(?:بضعة?|عدة) )?"
_VAGUE: dict[str, tuple[Qualifier, int, int]] = {
    r"hundreds of thousands|مئات الالاف": ("thousands", 200_000, 999_999),
    r"tens of thousands|عشرات الالاف": ("thousands", 20_000, 99_999),
    rf"thousands|{_SEVERAL}thousand|{_SEVERAL_AR}(?:الالاف|الاف)": ("thousands", 2_000, 9_999),
    rf"hundreds|{_SEVERAL}hundred|{_SEVERAL_AR}(?:المئات|مئات)": ("hundreds", 200, 999),
    r"scores|(?:several|many|some) score": ("dozens", 40, 99),
    rf"dozens|{_SEVERAL}dozen|tens|{_SEVERAL_AR}(?:العشرات|عشرات)": ("dozens", 20, 99),
}
_QUALIFIER = "|".join(f"(?:{form})" for form in _QUALIFIERS.values())
_LEAD = r"(?<!\w)"
# What limits a number from behind, also across the noun that it counts: "30 قتيلا على الأقل", "30 people or more".
_BEHIND = r"or more|or so|plus|at (?:least|most)|او اكثر|على الاقل|على الاكثر|[كب]حد ادنى|[كب]حد اقصى|تقريبا"
_FIGURE = re.compile(
    rf"{_LEAD}(?P<lead>(?:(?:{_QUALIFIER}) ?){{0,3}})"
    rf"(?:(?P<vague>[ولب]?(?:{'|'.join(f'(?:{form})' for form in _VAGUE)})\b)"
    rf"|(?:between|from|ما بين|بين|من) (?P<low>{_NUMBER}) ?(?:and|to|-|الى|و) ?(?P<high>{_NUMERAL}|{_WORDS})"
    rf"|(?P<low2>{_NUMERAL}(?= ?- ?\d)|{_NUMBER}(?! ?-))(?: ?- ?| to | or | الى | او )(?P<high2>{_NUMBER})"
    rf"|(?P<number>{_NUMBER})(?P<plus>\+|-odd\b|(?: (?!and |but |or )[^\W\d_]{{2,20}})? (?:{_BEHIND})\b(?! ?\d))?)"
)
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?|يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر"
    "|كانون|شباط|اذار|نيسان|ايار|حزيران|تموز|اب|ايلول|تشرين"
)
_BEFORE_OTHER = re.compile(
    rf"(?:[$€£#]|(?:\b(?:{_MONTHS})\.?|page|no\.|chapter|عام|سنة) ?|\w-|\d[.,:/]"
    r"|\b(?:half|quarters?|thirds?|نصف|ربع|ثلث)(?: of)? )$"
)
_AFTER_OTHER = re.compile(
    rf" ?%| ?(?:percent|per cent|بالمئة|بالمائة|في المئة)\b|(?:st|nd|rd|th|am|pm)\b|[:/]\d| (?:{_MONTHS})\b"
    r"| (?:dollars|euros|pounds|times|times as|years? old|o'clock)\b|[.,]\d|\w|-[^\W\d]"
    r"| and (?:a|one) (?:half|quarter)\b| and three quarters\b| و(?:نصف|ربع|ثلث)"
)
_YEAR = re.compile(r"(?:in|since|by|during|of|until|early|late|في|منذ) $")


def _is_something_else(text: str, match: re.Match[str]) -> bool:
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() : match.end() + 16]
    number = match["number"] or ""
    if _BEFORE_OTHER.search(before) or _AFTER_OTHER.match(after):
        return True
    if number == "one" and not match["lead"] and text.strip() != "one":
        return True  # "one of them", "one day"
    year = re.fullmatch(r"(?:19|20)\d\d", number)
    return bool(
        year and not match["lead"] and (_YEAR.search(before) or re.search(rf"(?:{_MONTHS}),? $", before))
    )


def _measure(match: re.Match[str], written: str, language: str) -> Measurement | None:
    if match["vague"]:
        return _vague(match["vague"], written, _qualifier(match))
    if (low := match["low"] or match["low2"]) is not None:
        return _between(low, match["high"] or match["high2"], written, language)
    value, notes = _number(match["number"], language)
    if value is None:
        return None
    return _qualified(_qualifier(match), value, written, notes)


def _qualifier(match: re.Match[str]) -> str:
    """The qualifier that limits, of several ("at least some 30"); for a dozen or a hundred without one, around."""
    lead, plus = match["lead"].strip(), (match["plus"] or "").strip()
    named = [name for name, form in _QUALIFIERS.items() if re.search(rf"(?<!\w)(?:{form})(?!\w)", lead)]
    if "at-least" in named or "up-to" in named:  # "no fewer than" holds "fewer than"
        named = [name for name in named if name not in ("more-than", "under")]
    if plus.endswith(("+", "or more", "plus", "at least", "او اكثر", "على الاقل", "حد ادنى")):
        named.insert(0, "at-least")
    elif plus:
        named.append("up-to" if plus.endswith(("at most", "على الاكثر", "حد اقصى")) else "around")
    limiting = [name for name in named if name not in ("around", "exactly")]
    rough = (
        "half a" in (match["number"] or "")
        or "dozen" in (match["number"] or "")
        or (match["number"] or "").startswith("a ")
    )
    return (limiting or named or (["around"] if rough else ["exactly"]))[0]


def _qualified(name: str, value: int, written: str, notes: tuple[Reason, ...]) -> Measurement | None:
    if name == "exactly":
        return Measurement(value, value, value, "exactly", written, notes)
    if name == "nearly":
        return Measurement(None, value, value, "around", written, notes)
    if name in ("more-than", "at-least"):
        return Measurement(
            value, None, None, "more-than" if name == "more-than" else "at-least", written, notes
        )
    if name in ("up-to", "under"):
        upper = value - 1 if name == "under" else value
        return Measurement(None, None, upper, "up-to", written, notes) if upper >= 0 else None
    return Measurement(None, value, None, "around", written, notes)


def _between(low: str, high: str, written: str, language: str) -> Measurement | None:
    (first, notes), (second, more) = _number(low, language), _number(high, language)
    if first is None or second is None:
        return None
    scale = re.search(rf" ?({_SCALE})$", high)  # "2 to 3 thousand": the scale is meant for both
    if scale and first < second and not re.search(_SCALE, low) and first * _scale(scale[1]) < second * 2:
        first *= _scale(scale[1])
    notes = (*notes, *more)
    if first > second:
        first, second, notes = second, first, (*notes, _note("reversed", written=written))
    return Measurement(first, None, second, "between", written, notes)


def _vague(word: str, written: str, limit: str) -> Measurement:
    for form, (qualifier, lower, upper) in _VAGUE.items():
        if re.fullmatch(rf"[ولب]?(?:{form})", word):
            note = _note("convention", written=written, lower=lower, upper=upper)
            floor = None if limit in ("up-to", "under", "nearly") else lower
            ceiling = None if limit in ("at-least", "more-than") else upper
            return Measurement(floor, None, ceiling, qualifier, written, (note,))
    raise AssertionError(f"{word} matched no vague word")


def _number(written: str, language: str) -> tuple[int | None, tuple[Reason, ...]]:
    """The whole number in digits, digits and a scale, or words; None for fractions and what no figure can hold."""
    if written.startswith("half a "):
        return _scale(written.removeprefix("half a ")) // 2, ()
    if not written[0].isdigit():
        return numerals.read_words(re.split(r"[ -]+", written)), ()
    scaled = re.fullmatch(rf"(.*?) ?({_SCALE})", written)
    read = numerals.read_digits(scaled[1] if scaled else written, language)
    if read is None:
        return None, ()
    factor = _scale(scaled[2]) if scaled else 1
    readings = [each * factor for each in read if each is not None]
    whole = [int(each) for each in readings if each == int(each) and each <= LARGEST]
    if not whole:
        return None, ()
    if len(readings) > 1:
        return whole[0], (
            _note("ambiguous", written=written, first=_plain(readings[0]), second=_plain(readings[1])),
        )
    return whole[0], ()


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _scale(word: str) -> int:
    return numerals.SCALES[word]


def _note(code: str, **params: str | int) -> Reason:
    return Reason(code, SENTENCES[code], params)
