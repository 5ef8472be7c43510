"""Hedges: the words with which a speaker, or whoever passes it on, holds back, and the modality that they suggest.

A suggestion, never a decision: the same word weakens one sentence and is a mannerism in the next. What each word says
of certainty is in docs/reference/vocabulary.md. Words about a number (“about”, “at least”) say how exact it is, and
words that name a source (“according to”) whose word it is; neither says how certain the speaker is.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

Degree = Literal["certain", "probable", "possible"]
About = Literal["certainty", "number", "source"]


class Hedge(NamedTuple):
    """One entry: the words as written, what they are about, and the degree that they suggest, if any."""

    words: str
    about: About
    suggests: Degree | None = None


TABLE: tuple[Hedge, ...] = (
    Hedge("reportedly", "certainty", "probable"),
    Hedge("likely", "certainty", "probable"),
    Hedge("probably", "certainty", "probable"),
    Hedge("presumably", "certainty", "probable"),
    Hedge("believed to", "certainty", "probable"),
    Hedge("thought to", "certainty", "probable"),
    Hedge("appears to", "certainty", "probable"),
    Hedge("appear to", "certainty", "probable"),
    Hedge("preliminary", "certainty", "probable"),
    Hedge("allegedly", "certainty", "possible"),
    Hedge("alleged", "certainty", "possible"),
    Hedge("purportedly", "certainty", "possible"),
    Hedge("unconfirmed", "certainty", "possible"),
    Hedge("unverified", "certainty", "possible"),
    Hedge("could", "certainty", "possible"),
    Hedge("may have", "certainty", "possible"),
    Hedge("may be", "certainty", "possible"),
    Hedge("might", "certainty", "possible"),
    Hedge("possibly", "certainty", "possible"),
    Hedge("perhaps", "certainty", "possible"),
    Hedge("about", "number"),
    Hedge("around", "number"),
    Hedge("roughly", "number"),
    Hedge("approximately", "number"),
    Hedge("some", "number"),
    Hedge("nearly", "number"),
    Hedge("almost", "number"),
    Hedge("at least", "number"),
    Hedge("more than", "number"),
    Hedge("up to", "number"),
    Hedge("according to", "source"),
    Hedge("citing", "source"),
    Hedge("quoting", "source"),
    Hedge("sources said", "source"),
    Hedge("على الأرجح", "certainty", "probable"),
    Hedge("من المرجح", "certainty", "probable"),
    Hedge("يعتقد أن", "certainty", "probable"),
    Hedge("يبدو أن", "certainty", "probable"),
    Hedge("يفترض أن", "certainty", "probable"),
    Hedge("أولية", "certainty", "probable"),
    Hedge("أنباء عن", "certainty", "possible"),
    Hedge("مزاعم", "certainty", "possible"),
    Hedge("يزعم", "certainty", "possible"),
    Hedge("غير مؤكد", "certainty", "possible"),
    Hedge("غير مؤكدة", "certainty", "possible"),
    Hedge("ربما", "certainty", "possible"),
    Hedge("قد يكون", "certainty", "possible"),
    Hedge("من المحتمل", "certainty", "possible"),
    Hedge("يحتمل أن", "certainty", "possible"),
    Hedge("نحو", "number"),
    Hedge("حوالي", "number"),
    Hedge("قرابة", "number"),
    Hedge("تقريبا", "number"),
    Hedge("ما لا يقل عن", "number"),
    Hedge("على الأقل", "number"),
    Hedge("أكثر من", "number"),
    Hedge("بحسب", "source"),
    Hedge("وفقا ل", "source"),
    Hedge("نقلا عن", "source"),
)

_DEGREES: tuple[Degree, ...] = ("possible", "probable")  # the weakest word is the one that counts


def hedges_in(words: str) -> list[Hedge]:
    """The entries of the table that stand in `words`, in the order of the text; longer ones hide those in them."""
    text = _plain(words)
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, Hedge]] = []
    for pattern, hedge in _PATTERNS:
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                found.append((match.start(), hedge))
    return [hedge for _start, hedge in sorted(found, key=lambda each: each[0])]


def suggested(words: str) -> Degree | None:
    """The modality that these hedging words suggest, the weakest if there are several; None if they suggest none."""
    degrees = {hedge.suggests for hedge in hedges_in(words)}
    return next((degree for degree in _DEGREES if degree in degrees), None)


def _plain(words: str) -> str:
    """Lower case, one blank between words, Arabic without its marks and with one form of alef."""
    letters = unicodedata.normalize("NFKD", words.casefold())
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter) and letter != "ـ")
    return " ".join(letters.replace("ى", "ي").split())


def _pattern(words: str) -> re.Pattern[str]:
    # Arabic writes “and”, “for”, “by” at the word: a letter or two before it, none needed after “according to”.
    plain = re.escape(_plain(words))
    if plain.isascii():
        return re.compile(rf"(?<!\w){plain}(?!\w)")
    return re.compile(rf"(?<!\w)[وفبل]{{0,2}}{plain}" + ("" if words.endswith(" ل") else r"(?!\w)"))


_PATTERNS = [(_pattern(hedge.words), hedge) for hedge in sorted(TABLE, key=lambda hedge: -len(hedge.words))]
