"""The custody report as a PDF (PDF/A-2a, PDF/UA-1): typeset on the server by Typst, with fonts that come as packages.

The report is data to the typesetter, never its source, so nothing that anybody wrote can be run. The same report in
the same language gives the same bytes: the only date in the file is the report's own.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from verify.evidence.custody_report import Report
from verify.evidence.custody_words import document

TEMPLATE = Path(__file__).with_name("custody_report.typ")
STANDARDS: Any = ["a-2a", "ua-1"]  # the stub asks for a list of all that there are
_FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
_JOINERS = "\u200c\u200d"  # they shape words and are no trick
_ARABIC = ("AL", "R")


def render(report: Report) -> bytes:
    """The report in the active language."""
    told = _shown(document(report))
    made = report.made_at
    told["subject_dir"], told["scope_id"] = direction(told["subject"]), report.data["scope"]["id"]
    told["made"] = [made.year, made.month, made.day, made.hour, made.minute, made.second]
    pdf: bytes = typst.compile(
        TEMPLATE,
        font_paths=_folders(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"report": json.dumps(told)},
        pdf_standards=STANDARDS,
        timestamp=int(made.timestamp()),
    )
    return pdf


def visible(text: str) -> str:
    """`text` with what cannot be seen, or has no glyph in the fonts, written out as ⟨U+202E⟩.

    So nothing is dropped, and no invisible character turns the order of what is read.
    """
    return "".join(
        char
        if char in "\n" or char in _JOINERS or (ord(char) in _covered() and not _hidden(char))
        else _named(char)
        for char in text
    )


def direction(text: str) -> str:
    """Where a text begins, by its first letter with a direction (Unicode Bidirectional Algorithm, P2 and P3)."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind == "L" or kind in _ARABIC:
            return "rtl" if kind in _ARABIC else "ltr"
    return "ltr"


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cf", "Co", "Cn", "Cs")


def _named(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩"


@cache
def _folders() -> list[Path]:
    return [Path(str(files(package) / "files")) for package in _FONTS]


@cache
def _covered() -> frozenset[int]:
    """The code points for which a font has a glyph."""
    covered: set[int] = set()
    for folder in _folders():
        for path in sorted(folder.glob("*.ttf")):
            if "Italic" not in path.name:
                with TTFont(path, lazy=True) as font:
                    covered |= set(font.getBestCmap())
    return frozenset(covered)


def _shown(value: Any) -> Any:
    """The document with every text visible, and each cell with its direction."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        shown = {key: _shown(item) for key, item in value.items()}
        if "k" in value:
            shown["d"] = "ltr" if value["k"] in ("code", "time") else direction(value["t"])
        return shown
    if isinstance(value, (list, tuple)):
        return [_shown(item) for item in value]
    return value
