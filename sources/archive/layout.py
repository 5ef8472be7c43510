"""Where the words of a page stand on its screenshot: asked of the page, checked, kept as JSON.

A convenience for the eye and never proof. The page is hostile: it may hold words that nobody sees, draw over those that
it holds, or change between the picture and the question. What a quotation rests on is the archived text and its digest;
boxes only show where to look. Pure: neither Django nor a browser.

    {"version": 1, "width": 1280, "height": 4312, "words": [["Around", 64, 310, 52, 19], ["745", 121, 310, 28, 19], …]}

Sizes and places are CSS pixels of the screenshot, from its upper left corner: x, y, width, height. Words come in the
order of the document, whatever the direction of the script; a word that is broken over two lines is followed by its
second box with no text.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_WORDS = 20_000
MOST_LETTERS = 80  # UTF-16 code units of a word; a longer one comes in pieces
MOST_BYTES = 4 * 2**20  # of the page's answer, and of what is read back
SIDE = 100_000  # CSS pixels; no box is further out or larger
MEDIA_TYPE = "application/json"

# Runs in a world of its own, where the page's scripts have changed no function, for at most a second and a half.
SCRIPT = """((most, letters, width, height) => {
    const words = [], range = document.createRange(), end = performance.now() + 1500;
    const root = document.body ?? document.documentElement;
    if (!root) return "[]";
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const seen = {opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true};
    for (let node = walker.nextNode(); node && performance.now() < end; node = walker.nextNode()) {
        const data = node.data;
        if (!/\\S/.test(data) || !node.parentElement?.checkVisibility(seen)) continue;
        for (const found of data.matchAll(new RegExp(`\\\\S{1,${letters}}`, "gu"))) {
            range.setStart(node, found.index);
            range.setEnd(node, found.index + found[0].length);
            let text = found[0];
            for (const box of range.getClientRects()) {
                const x = box.left + scrollX, y = box.top + scrollY;
                if (box.width < 1 || box.height < 1 || x + box.width < 0 || y + box.height < 0) continue;
                if (x > width || y > height) continue;
                words.push([text, x, y, box.width, box.height].map(v => v === text ? v : Math.round(v)));
                text = "";
            }
            if (words.length >= most || performance.now() > end) return JSON.stringify(words);
        }
    }
    return JSON.stringify(words);
})"""


@dataclass(frozen=True, slots=True)
class Box:
    """A word, or "" for the rest of the one before it, and its place in CSS pixels of the screenshot."""

    text: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The words on a screenshot of that size, in the order of the document."""

    width: int
    height: int
    words: tuple[Box, ...]


def question(width: int, height: int) -> str:
    """The expression to be evaluated in the page; it gives a string for `answered`."""
    return f"{SCRIPT}({MOST_WORDS}, {MOST_LETTERS}, {width:d}, {height:d})"


def answered(answer: Any, picture: bytes) -> bytes:
    """What the page answered as a layout of `picture` (a PNG), checked and written out.

    Raises ValueError when it is none. Words that are not in the picture are left out.
    """
    if not isinstance(answer, str) or len(answer) > MOST_BYTES:
        raise ValueError("the page's answer is no list of words")
    width, height = _size(picture)
    words = [
        [box.text, box.x, box.y, box.width, box.height]
        for box in _boxes(_json(answer))
        if box.x < width and box.y < height and box.x + box.width > 0 and box.y + box.height > 0
    ]
    layout = {"version": 1, "width": width, "height": height, "words": words}
    return json.dumps(layout, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def read(content: bytes) -> Layout:
    """The layout that was kept as these bytes; raises ValueError for bytes that are none."""
    if len(content) > MOST_BYTES:
        raise ValueError("too long for a layout")
    given = _json(content.decode("utf-8"))
    if not isinstance(given, dict) or given.get("version") != 1:
        raise ValueError("no layout of a known version")
    width: Any = given.get("width")
    height: Any = given.get("height")
    if not (_is_length(width) and _is_length(height) and width > 0 and height > 0):
        raise ValueError("a layout without a size")
    return Layout(width, height, tuple(_boxes(given.get("words"))))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _boxes(given: Any) -> Iterator[Box]:
    if not isinstance(given, list) or len(given) > MOST_WORDS + MOST_LETTERS:
        raise ValueError("no list of words, or too many")
    for item in given:
        if not isinstance(item, list) or len(item) != 5:
            raise ValueError("a word without its box")
        text, x, y, width, height = item
        if not isinstance(text, str) or len(text) > MOST_LETTERS:
            raise ValueError("a word that is none")
        if not all(_is_length(value) for value in (x, y, width, height)) or width < 1 or height < 1:
            raise ValueError("a box that is none")
        yield Box(text, x, y, width, height)


def _is_length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= SIDE


def _size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels (PNG, §11.2.2)."""
    if len(picture) < 24 or not picture.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError("the picture is no PNG")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height
