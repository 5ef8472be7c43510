"""The picture that stands for a check where its link is shared (Open Graph): PNG, 1200 × 630 dots."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typst

from verify.pictures.drawing import font_folders

WIDTH, HEIGHT = 1200, 630  # dots: what the sites that show links ask for
MOST_WORDS = 280  # code points of a claim; more would be too small to read

# The light colours of static/css/tokens.css, by the verdict's code; others are neither for nor against.
_TONES = {
    "confirmed": "#176639",
    "partly-confirmed": "#176639",
    "disputed": "#7c5300",
    "contradicted": "#a5261d",
    "retracted": "#a5261d",
}
_PLAIN = "#4d5559"
_UNBROKEN = re.compile(r"\S{30,}")  # an address, say: it may break anywhere


@dataclass(frozen=True)
class Card:
    """What is on it; `dir` and `words` are "ltr" or "rtl": of the page, and of the claim's own words."""

    verdict: str
    title: str
    counted: str
    desk: str
    date: str
    lang: str
    dir: str
    words: str


def card(shown: Card, *, code: str) -> bytes:
    """The picture; `code` is the verdict's, or "retracted". The same card, the same bytes."""
    given = asdict(shown) | {"tone": _TONES.get(code, _PLAIN), "title": _cut(shown.title)}
    folders: Any = font_folders()  # the stub asks for the type of the source, bytes
    drawn: bytes = typst.compile(
        Path(__file__).with_suffix(".typ").read_bytes(),
        font_paths=folders,
        ignore_system_fonts=True,
        format="png",
        ppi=72,  # a point is a dot
        sys_inputs={"card": json.dumps(given)},
    )
    return drawn


def _cut(title: str) -> str:
    title = " ".join(title.split())
    if len(title) > MOST_WORDS:
        title = title[: MOST_WORDS - 1].rsplit(" ", 1)[0] + "…"
    return _UNBROKEN.sub(lambda run: "\u200b".join(run.group()), title)
