"""Numbers as people write them: digits of any script, separators, number words in English and Arabic.

Tables and readings only; what a qualifier makes of a number is said in `phrases.py`.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

ENGLISH = {
    word: value
    for value, words in {
        0: "zero", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight",
        9: "nine", 10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen",
        16: "sixteen", 17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty", 30: "thirty",
        40: "forty fourty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety",
    }.items()
    for word in words.split()
}  # fmt: skip
ENGLISH_SCALES = {"dozen": 12, "score": 20, "hundred": 100, "thousand": 1_000, "million": 1_000_000}

# Spelled as `fold` leaves them: bare alef, no vowel signs. Case endings (-un, -in) and both spellings of "hundred".
ARABIC = {
    word: value
    for value, words in {
        1: "واحد واحدة احد احدى", 2: "اثنان اثنين اثنتان اثنتين اثنا اثني اثنتا اثنتي", 3: "ثلاث ثلاثة",
        4: "اربع اربعة", 5: "خمس خمسة", 6: "ست ستة", 7: "سبع سبعة", 8: "ثماني ثمانية ثمان", 9: "تسع تسعة",
        10: "عشر عشرة", 20: "عشرون عشرين", 30: "ثلاثون ثلاثين", 40: "اربعون اربعين", 50: "خمسون خمسين",
        60: "ستون ستين", 70: "سبعون سبعين", 80: "ثمانون ثمانين", 90: "تسعون تسعين", 200: "مئتان مئتين مائتان مائتين",
        300: "ثلاثمئة ثلاثمائة", 400: "اربعمئة اربعمائة", 500: "خمسمئة خمسمائة", 600: "ستمئة ستمائة",
        700: "سبعمئة سبعمائة", 800: "ثمانمئة ثمانمائة ثمانيمئة", 900: "تسعمئة تسعمائة", 2000: "الفان الفين",
    }.items()
    for word in words.split()
}  # fmt: skip
ARABIC_SCALES = {
    "مئة": 100, "مائة": 100, "الف": 1_000, "الفا": 1_000, "الاف": 1_000,
    "مليون": 1_000_000, "ملايين": 1_000_000,
}  # fmt: skip

SCALES = {**ENGLISH_SCALES, **ARABIC_SCALES, "k": 1_000, "m": 1_000_000}
VAGUE = frozenset(
    "dozens scores tens hundreds thousands millions couple عشرات مئات الاف العشرات المئات الالاف".split()
)

# Languages that group thousands with a full stop (CLDR); the others read "1.383" as a fraction.
DOT_GROUPS = frozenset("da de el es id it nl pt ro sl sr tr".split())
COMMA_GROUPS = frozenset("en ja ko th zh he".split())

_ALEFS = dict.fromkeys(map(ord, "أإآٱ"), "ا")
_ONE_TO_ONE = {
    **_ALEFS,
    0x66C: ",",
    0x60C: ",",
    0x66B: ".",
    0x2019: "'",
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),
}


def fold(text: str) -> str:
    """The text in lower case with ASCII digits, plain spaces, dashes and alefs: code point for code point."""
    folded = []
    for character in text.translate(_ONE_TO_ONE):
        digit = unicodedata.decimal(character, None)
        if digit is not None:
            character = str(digit)
        elif character.isspace():
            character = " "
        lower = character.lower()
        folded.append(lower if len(lower) == 1 else character)
    return "".join(folded)


def read_digits(written: str, language: str = "") -> tuple[Decimal, Decimal | None] | None:
    """The number in folded digits and, where the separator can be read in two ways, the other reading.

    `language` is a BCP 47 tag ("" when unknown). None when the separators make no number ("1,38,3").
    """
    if re.fullmatch(r"\d+", written):
        return Decimal(written), None
    if re.fullmatch(r"\d{1,3}([ '])\d{3}(\1\d{3})*", written):
        return Decimal(re.sub(r"[ ']", "", written)), None
    if (several := re.fullmatch(r"\d{1,3}([.,])\d{3}(\1\d{3})+", written)) is not None:
        return Decimal(written.replace(several[1], "")), None
    if mixed := re.fullmatch(r"(\d{1,3}(?:([.,])\d{3})+)([.,])(\d+)", written):
        return (
            (Decimal(mixed[1].replace(mixed[2], "") + "." + mixed[4]), None) if mixed[2] != mixed[3] else None
        )
    if one := re.fullmatch(r"(\d+)([.,])(\d+)", written):
        return _one_separator(*one.groups(), language=language.lower().split("-")[0])
    return None


def _one_separator(
    left: str, separator: str, right: str, *, language: str
) -> tuple[Decimal, Decimal | None] | None:
    grouped, fraction = Decimal(left + right), Decimal(f"{left}.{right}")
    if len(right) != 3 or len(left) > 3 or left.startswith("0"):
        return fraction, None
    groups = DOT_GROUPS if separator == "." else COMMA_GROUPS
    if language in groups or (separator == "," and language in {"", "ar"}):
        return grouped, None
    return grouped, fraction


def read_words(words: list[str]) -> int | None:
    """The number in folded words ("seven hundred and forty five", "سبعمئة وخمسة واربعون"); None if it is none.

    A number has each rank once: "twenty thirty" and "seven three" are none.
    """
    if words in (["الاف"], ["ملايين"]):
        return None  # plurals that say of what, not how many
    total, group, ranks, seen = 0, 0, "", False
    for position, word in enumerate(words):
        value = _value(word)
        if word == "and" and 0 < position < len(words) - 1:
            continue
        if value is None and word == "a" and position == 0 and len(words) > 1:
            value = 1
        if value is not None:
            if set(ranks) & set(rank := _ranks(value)):
                return None
            group, ranks, seen = group + value, ranks + rank, True
        elif (scale := _scale(word)) is None:
            return None
        elif scale >= 1_000:
            total, group, ranks, seen = total + (group or 1) * scale, 0, "", True
        else:
            group, ranks, seen = (group // 1_000) * 1_000 + (group % 1_000 or 1) * scale, "h", True
    return total + group if seen else None


def _ranks(value: int) -> str:
    """Which places of a number a word fills: units, tens, hundreds, thousands. Arabic says ten and three apart."""
    if value < 10:
        return "u"
    if value < 100:
        return "ut" if 10 < value < 20 else "t"
    return "h" if value < 1_000 else "k"


def _value(word: str) -> int | None:
    return ENGLISH.get(word, ARABIC.get(word, ARABIC.get(word.removeprefix("و"))))


def _scale(word: str) -> int | None:
    return ENGLISH_SCALES.get(word, ARABIC_SCALES.get(word, ARABIC_SCALES.get(word.removeprefix("و"))))


def is_number_word(word: str) -> bool:
    """Whether a folded word says how many: "thirty", "dozens", "الاف", "وعشرون"."""
    plain = word.removeprefix("و")
    plain = plain.removeprefix("ال") if len(plain) > 4 else plain
    return bool({word, plain} & VAGUE) or any(
        _value(each) is not None or _scale(each) for each in (word, plain)
    )
