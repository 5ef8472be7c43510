"""Pictures drawn on the server: SVG that stands in a page, or alone with colours of its own.

Elements are those of the standard library's ElementTree, which escapes every text and attribute. A pen maps what is
drawn from the beginning of a line (left to right) onto either direction, so that a layout is written once. All
measures are pixels at 96 to the inch; text is measured by the fonts that come as packages (Noto Sans at weights 400
and 600, Noto Sans Arabic), with an allowance for the reader's own.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fontTools.varLib.models import normalizeLocation  # type: ignore[import-untyped]
from fontTools.varLib.varStore import VarStoreInstancer  # type: ignore[import-untyped]

Direction = Literal["ltr", "rtl"]
Theme = Literal["light", "dark"]
Anchor = Literal["start", "middle", "end"]

SVG = "http://www.w3.org/2000/svg"
FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
BOLD = 600
# System fonts that are wider than Noto Sans (DejaVu Sans, Verdana) are so by about this much.
ALLOWANCE = 1.06
_JOINERS = "\u200c\u200d"  # they shape words and are no trick
_RLI, _PDI = "\u2067", "\u2069"
_STYLES = Path(__file__).parents[2] / "static" / "css"
_PAGE_ONLY = "/* On pages only */"


@dataclass
class Picture:
    """A picture of `width` × `height` pixels. Its title and description are read out;"""

    width: float
    height: float
    title: str
    description: str
    elements: list[ET.Element] = field(default_factory=list)
    direction: Direction = "ltr"


@dataclass(frozen=True)
class Cell:
    """A cell of the table that says what a picture shows."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Shown:
    """A picture for a page (templates/components/picture.html): for wide and narrow screens, and as a table."""

    title: str
    wide: str
    narrow: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def labelled(self) -> list[list[tuple[str, Cell]]]:
        """The rows, each cell with the heading of its column."""
        return [list(zip(self.head, row, strict=True)) for row in self.rows]


def render(picture: Picture, *, inline: bool, theme: Theme | None = None) -> str:
    """The picture as SVG text.

    Inline, it has classes only and the page's stylesheet (static/css/pictures.css) paints it. Alone, it carries that
    stylesheet with its colours written out: those of `theme`, or, without one, those that its viewer prefers.
    """
    width, height = number(picture.width), number(picture.height)
    told = hashlib.sha256(f"{picture.title}\0{picture.description}\0{width}\0{height}".encode()).hexdigest()[
        :10
    ]
    # What has links is no image: a reader of the screen would not be led into it.
    linked = any(next(each.iter("a"), None) is not None for each in picture.elements)
    root = element(
        "svg",
        element("title", picture.title, id=f"title-{told}"),
        element("desc", picture.description, id=f"desc-{told}"),
        css="drawing",
        viewBox=f"0 0 {width} {height}",
        width=picture.width,
        height=picture.height,
        # Where text begins is reckoned by the pen; the direction of a page must not turn it once more.
        direction="ltr",
        role="graphics-document document" if linked else "img",
        aria_labelledby=f"title-{told}",
        aria_describedby=f"desc-{told}",
    )
    if not inline:
        root.set("xmlns", SVG)
        root.append(element("style", stylesheet(theme)))
        root.append(element("rect", css="d-paper", width=picture.width, height=picture.height))
    root.extend(picture.elements)
    return ET.tostring(root, encoding="unicode")


def element(tag: str, *children: ET.Element | str | None, css: str = "", **attributes: Any) -> ET.Element:
    """An element of SVG; what is None is left out, underscores in a name are hyphens, numbers have two decimals."""
    made = ET.Element(tag)
    if css:
        made.set("class", css)
    for name, value in attributes.items():
        if value is not None:
            written = number(value) if isinstance(value, (int, float)) else visible(str(value))
            made.set(name.rstrip("_").replace("_", "-"), written)
    for child in children:
        if isinstance(child, str):
            made.text = visible(child)
        elif child is not None:
            made.append(child)
    return made


def number(value: float) -> str:
    """A number as short as two decimals allow."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


@dataclass(frozen=True)
class Pen:
    """Draws from the beginning of the line: x counts from the left edge, or in "rtl" from the right one."""

    width: float
    direction: Direction = "ltr"

    def x(self, x: float) -> float:
        """Where `x` from the beginning lies from the left."""
        return self.width - x if self.direction == "rtl" else x

    def rect(self, x: float, y: float, width: float, height: float, css: str, r: float = 0) -> ET.Element:
        left = self.x(x + width) if self.direction == "rtl" else x
        return element("rect", css=css, x=left, y=y, width=width, height=height, rx=r or None)

    def circle(self, x: float, y: float, r: float, css: str) -> ET.Element:
        return element("circle", css=css, cx=self.x(x), cy=y, r=r)

    def path(self, points: Sequence[tuple[float, float]], css: str, *, closed: bool = False) -> ET.Element:
        """Straight lines from point to point."""
        drawn = "L".join(f"{number(self.x(x))} {number(y)}" for x, y in points)
        return element("path", css=css, d=f"M{drawn}{'Z' if closed else ''}")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        css: str = "",
        bold: bool = False,
        anchor: Anchor = "start",
    ) -> ET.Element:
        """One line of text on the base line `y`; `anchor` is the end of it that stands at `x`."""
        if anchor != "middle" and self.direction == "rtl":
            anchor = "end" if anchor == "start" else "start"
        written = f"{_RLI}{visible(text)}{_PDI}" if is_rtl(text) else visible(text)
        made = element(
            "text",
            css=f"{css} d-bold".strip() if bold else css,
            x=self.x(x),
            y=y,
            font_size=size,
            text_anchor=None if anchor == "start" else anchor,
        )
        made.text = written
        return made


def link(href: str, title: str, elements: Iterable[ET.Element]) -> ET.Element:
    """A link with a name, around what can be clicked."""
    return element("a", element("title", title), *elements, href=href, aria_label=title)


def group(elements: Iterable[ET.Element], *, title: str = "", css: str = "") -> ET.Element:
    """Elements that belong together; a title is shown where the pointer rests, and read out."""
    return element("g", element("title", title) if title else None, *elements, css=css)


@lru_cache(maxsize=16384)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of `text` in pixels at a font size in pixels, by the bundled fonts and with the allowance."""
    shown = visible(text)
    advances = sum(
        _advance(_shaped(shown, at) if "\u0600" <= char <= "\u06ff" else char, bold)
        for at, char in enumerate(shown)
    )
    return advances * size * ALLOWANCE


def fit(text: str, width: float, size: float, bold: bool = False) -> str:
    """`text`, or as much of its beginning as fits into `width` pixels, ending in “…”."""
    text = " ".join(text.split())
    if text_width(text, size, bold) <= width:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + "…", size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    while low and unicodedata.combining(text[low]):
        low -= 1
    return text[:low].rstrip() + "…" if low else "…"


def wrapped(text: str, width: float, size: float, lines: int, bold: bool = False) -> list[str]:
    """`text` on at most so many lines of `width` pixels, broken between words; the last is cut if need be."""
    words: list[str] = text.split()
    made: list[str] = []
    while words and len(made) < lines - 1:
        count = 1
        while count < len(words) and text_width(" ".join(words[: count + 1]), size, bold) <= width:
            count += 1
        made.append(fit(" ".join(words[:count]), width, size, bold))
        words = words[count:]
    return [*made, fit(" ".join(words), width, size, bold)] if words else made or [""]


def visible(text: str) -> str:
    """`text` with what cannot be seen written out as [U+202E]: nothing turns the order of what is read."""
    return "".join(
        char
        if char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cn", "Cs", "Co")
        else (" " if char in "\n\r\t" else f"[U+{ord(char):04X}]")
        for char in text
    )


def is_rtl(text: str) -> bool:
    """Whether a text begins on the right, by its first letter with a direction (Unicode Bidirectional, P2 and P3)."""
    kinds = (unicodedata.bidirectional(char) for char in text)
    return next((kind in ("AL", "R") for kind in kinds if kind in ("L", "AL", "R")), False)


@cache
def stylesheet(theme: Theme | None) -> str:
    """The page's stylesheet of pictures for one that stands alone, each value written out."""
    if theme is None:
        return f"{stylesheet('light')}@media (prefers-color-scheme:dark){{{stylesheet('dark')}}}"
    rules = (_STYLES / "pictures.css").read_text().partition(_PAGE_ONLY)[0]
    tokens = dict(
        re.findall(r"--([\w-]+):\s*([^;]+);", (_STYLES / "tokens.css").read_text().partition("@media")[0])
    )
    tokens["sans"] = '"Noto Sans","Noto Sans Arabic",sans-serif'
    tone = 1 if theme == "light" else 2

    def value(name: str) -> str:
        written = re.sub(r"light-dark\((#\w+),\s*(#\w+)\)", rf"\{tone}", tokens[name])
        return re.sub(r"var\(--([\w-]+)\)", lambda found: value(found[1]), written)

    plain = re.sub(r"/\*.*?\*/", "", rules, flags=re.DOTALL)
    plain = re.sub(r"var\(--([\w-]+)\)", lambda found: value(found[1]), plain)
    return re.sub(r"\s*([{};:,])\s*|\s+", lambda found: found[1] or " ", plain).strip()


def font_folders() -> list[Path]:
    """Where the bundled fonts are."""
    return [Path(str(files(package) / "files")) for package in FONTS]


@cache
def _advances(bold: bool) -> dict[int, float]:
    """The advance, in ems, of each code point that a bundled font has, at one weight."""
    found: dict[int, float] = {}
    for path in (path for folder in font_folders() for path in sorted(folder.glob("*.ttf"))):
        if "Italic" in path.name:
            continue
        with TTFont(path, lazy=True) as font:
            widths, wider = font["hmtx"].metrics, _bolder(font) if bold else {}
            em = font["head"].unitsPerEm
            for code, glyph in font.getBestCmap().items():
                found.setdefault(code, (widths[glyph][0] + wider.get(glyph, 0)) / em)
    return found


def _bolder(font: TTFont) -> dict[str, float]:
    """By how much each glyph is wider at BOLD (OpenType, HVAR). The outlines, which are most of a font, stay unread."""
    axes = {axis.axisTag: (axis.minValue, axis.defaultValue, axis.maxValue) for axis in font["fvar"].axes}
    at = normalizeLocation({"wght": BOLD}, axes)
    if "avar" in font:
        at = font["avar"].renormalizeLocation(at, font)
    table = font["HVAR"].table
    deltas = VarStoreInstancer(table.VarStore, font["fvar"].axes, at)
    if table.AdvWidthMap is None:
        return {glyph: deltas[number] for number, glyph in enumerate(font.getGlyphOrder())}
    return {glyph: deltas[number] for glyph, number in table.AdvWidthMap.mapping.items()}


@lru_cache(maxsize=8192)
def _advance(char: str, bold: bool) -> float:
    """In ems. What no bundled font has is drawn in another: as wide as its script asks."""
    if (known := _advances(bold).get(ord(char))) is not None:
        return known
    if unicodedata.combining(char) or char in _JOINERS:
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else 0.75


@cache
def _forms() -> dict[str, dict[str, str]]:
    """The joined forms of each Arabic letter (initial, medial, final, isolated)."""
    forms: dict[str, dict[str, str]] = {}
    for code in range(0xFE70, 0xFF00):
        kind, _, letter = unicodedata.decomposition(chr(code)).partition(" ")
        if letter and " " not in letter:
            forms.setdefault(chr(int(letter, 16)), {})[kind] = chr(code)
    return forms


def _shaped(text: str, at: int) -> str:
    """The form in which an Arabic letter stands beside its neighbours; letters that have none stay as they are."""
    forms = _forms().get(text[at])
    if forms is None:
        return text[at]
    before = text[at - 1] if at else ""
    after = text[at + 1] if at + 1 < len(text) else ""
    joined_before = "<final>" in forms and "<initial>" in _forms().get(before, {})
    joined_after = "<initial>" in forms and "<final>" in _forms().get(after, {})
    kind = {(True, True): "<medial>", (True, False): "<final>", (False, True): "<initial>"}.get(
        (joined_before, joined_after), "<isolated>"
    )
    return forms.get(kind, text[at])
