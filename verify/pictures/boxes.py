"""Trees of boxes in frames: the form of both graphs, laid out wide (a column to each step, the last one with all
further steps set in under each other) or narrow (all set in).

What is said by whom through whom is a forest once each box stands where it is first met, so it is set as one: a
parent's top is its first child's, so that nothing overlaps and no line crosses another, and the same data always
gives the same picture. Measures are pixels; x counts from the beginning of the line.
"""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from verify.pictures.drawing import (
    Direction,
    Pen,
    Shown,
    element,
    fit,
    group,
    link,
    number,
    text_width,
    wrapped,
)

Mark = Literal["archived", "missing", "denies", "party", "circle", "warning", "ended"]

COLUMN, GAP, MARGIN = 178, 30, 14  # of the wide form: a box, the space between two, around everything
COLUMNS, STEP_IN = 5, 12  # at most so many columns; how far each further step is set in
NARROW, INDENT, DEEPEST = 358, 14, 7  # of the narrow form: its width, a step, the last step that is indented
PAD, BETWEEN, FRAMES = 9, 8, 14  # inside a box, between boxes, between frames
MARK = 16


@dataclass(frozen=True)
class Row:
    """A line of a box with a name: `detail` below it, `short` instead of it where rows stand close."""

    name: str
    detail: tuple[str, ...] = ()
    short: str = ""
    marks: tuple[Mark, ...] = ()
    href: str = ""
    title: str = ""


@dataclass(frozen=True)
class Node:
    """A box, in the column `column` (0-based), and what comes of it. Its `role` is its column's heading."""

    rows: tuple[Row, ...]
    children: tuple[Node, ...] = ()
    column: int = 0
    role: str = ""
    css: str = "d-box"
    close: bool = False


@dataclass(frozen=True)
class Frame:
    """Trees that belong together. `title` is the whole of what `notes` may have to cut."""

    name: str
    eyebrow: str = ""
    marks: tuple[Mark, ...] = ()
    notes: tuple[tuple[Mark | None, str], ...] = ()
    title: str = ""
    trees: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Box:
    """Where something stands: for tests, and for whoever lays out on top."""

    x: float
    y: float
    width: float
    height: float
    kind: Literal["box", "frame", "label"]


@dataclass
class Sheet:
    """What was laid out: its size and elements, and where each box and label stands."""

    pen: Pen
    height: float = 0
    elements: list[ET.Element] = field(default_factory=list)
    placed: list[Box] = field(default_factory=list)


@dataclass(frozen=True)
class _Type:
    """Sizes of type. Arabic letters are smaller on their body."""

    name: float
    detail: float
    heading: float

    @property
    def line(self) -> float:
        return self.name * 1.4


@dataclass(frozen=True)
class Content:
    """What a picture shows: frames, what its marks mean, and, for one that stands alone, its heading."""

    frames: Sequence[Frame]
    legend: dict[Mark, str]
    heading: tuple[str, str] | None = None


@dataclass(frozen=True)
class Graph(Shown):
    """Such a picture for a page. Where its `columns` find no room, the narrow form stands instead (pictures.css);
    with one more than `COLUMNS`, its last column holds further steps."""

    columns: int = 3


def columns(frames: Iterable[Frame]) -> int:
    """As how many columns wide the wide form is laid out, at most `COLUMNS` + 1."""
    steps = (node.column + 1 for frame in frames for tree in frame.trees for node in _walk(tree))
    return min(max([3, *steps]), COLUMNS + 1)


def wide(content: Content, direction: Direction) -> Sheet:
    """A column to each step, the heading of each above it; steps beyond `COLUMNS` are set in in the last one."""
    frames = content.frames
    nodes = [node for frame in frames for tree in frame.trees for node in _walk(tree)]
    last = max([2, *(node.column for node in nodes)])
    layout = _Wide(Sheet(Pen(_left(last) + COLUMN + 2 * MARGIN, direction)), _type(direction))
    top = layout.heading(content.heading)
    headings = {node.column: node.role for node in reversed(nodes) if node.column < COLUMNS}
    for column, role in sorted(headings.items()):
        layout.text(_left(column), top + 14, role, layout.type.detail, "d-soft", COLUMN, bold=True)
    return layout.all(content, top + (24 if nodes else 0))


def narrow(content: Content, direction: Direction) -> Sheet:
    """One box below the other, each step set in: for a phone."""
    layout = _Narrow(Sheet(Pen(NARROW, direction)), _type(direction))
    return layout.all(content, layout.heading(content.heading))


def _type(direction: Direction) -> _Type:
    return _Type(14, 13, 16) if direction == "rtl" else _Type(13, 12, 15)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


class _Layout:
    margin: float = MARGIN

    def __init__(self, sheet: Sheet, sizes: _Type) -> None:
        self.sheet, self.pen, self.type = sheet, sheet.pen, sizes

    def all(self, content: Content, top: float) -> Sheet:
        y = top
        for frame in content.frames:
            y = self.frame(frame, y) + FRAMES
        used = {mark for frame in content.frames for mark in _marks(frame)}
        legend = {mark: word for mark, word in content.legend.items() if mark in used}
        self.sheet.height = self.legend(legend, y)
        return self.sheet

    def heading(self, heading: tuple[str, str] | None) -> float:
        """Draw the heading of a picture that stands alone; where it ends."""
        y, room = self.margin, self.pen.width - 2 * self.margin
        for text, size, bold in zip(
            heading or (), (self.type.heading + 3, self.type.name), (True, False), strict=False
        ):
            for line in wrapped(text, room, size, 3, bold) if text else ():
                y += size * 1.4
                self.text(self.margin, y - size * 0.3, line, size, "" if bold else "d-soft", room, bold=bold)
        return y + (10 if heading else 0)

    def frame(self, frame: Frame, top: float) -> float:
        """Draw a frame; where it ends."""
        x, width = self.margin, self.pen.width - 2 * self.margin
        within = width - 2 * self.margin
        before = len(self.sheet.elements)
        y = top + self.type.heading + 8
        if frame.eyebrow:
            self.text(x + self.margin, y - 2, frame.eyebrow, self.type.detail, "d-soft", within)
            y += self.type.heading + 2
        for at, line in enumerate(
            wrapped(frame.name, within - MARK * len(frame.marks), self.type.heading, 2, True)
        ):
            self.marks(x + self.margin, y, frame.marks if at == 0 else ())
            indent = MARK * len(frame.marks) if at == 0 else 0
            self.text(x + self.margin + indent, y, line, self.type.heading, "", within - indent, bold=True)
            y += self.type.heading * 1.4
        y -= 3
        for mark, note in frame.notes:
            room = within - (MARK if mark else 0)
            for at, line in enumerate(wrapped(note, room, self.type.detail, 3)):
                self.marks(x + self.margin, y, (mark,) if mark and at == 0 else ())
                self.text(x + self.margin + within - room, y, line, self.type.detail, "d-soft", room)
                y += self.type.detail * 1.4
        heading = self.sheet.elements[before:]
        del self.sheet.elements[before:]
        y -= self.type.detail * 0.6
        for tree in frame.trees:
            y = self.tree(tree, y + BETWEEN, 0)
        bottom = y + self.margin * 0.8
        self.sheet.placed.append(Box(x, top, width, bottom - top, "frame"))
        border = self.pen.rect(x, top, width, bottom - top, "d-frame", r=3)
        drawn = self.sheet.elements[before:]
        self.sheet.elements[before:] = [border, group(heading, title=frame.title), *drawn]
        return bottom

    def tree(self, node: Node, top: float, depth: int) -> float:
        """Draw a node and what comes of it; where they end."""
        raise NotImplementedError

    def under(self, child: Node, y: float, start: tuple[float, float], to: float, depth: int) -> float:
        """Draw a child below the box whose lower corner is `start`, set in at `to`; where it ends."""
        x, bottom = start
        if to > x:
            trunk, knee = (x + to) / 2, y + self.type.line
            self.edge([(trunk, bottom), (trunk, knee), (to, knee)])
        return self.tree(child, y, depth + 1)

    def box(self, node: Node, x: float, y: float, width: float, *, role: str = "") -> float:
        """Draw a box with its rows; its height."""
        at = len(self.sheet.elements)
        end = y + PAD - 2
        if role:
            end += self.type.detail
            self.text(x + PAD, end, role, self.type.detail - 1, "d-soft", width - 2 * PAD)
            end += 3
        for number_, row in enumerate(node.rows):
            if number_ and not node.close:
                end += 5
            start, above = len(self.sheet.elements), end
            end = self.row(row, x + PAD, end, width - 2 * PAD, close=node.close)
            drawn = self.sheet.elements[start:]
            if row.href:  # the whole row can be clicked
                drawn.insert(0, self.pen.rect(x + PAD - 4, above, width - 2 * PAD + 8, end - above, "d-hit"))
                self.sheet.elements[start:] = [link(row.href, row.title or row.name, drawn)]
            elif row.title:
                self.sheet.elements[start:] = [group(drawn, title=row.title)]
        height = end + PAD - 2 - y
        self.sheet.elements.insert(at, self.pen.rect(x, y, width, height, node.css, r=2))
        self.sheet.placed.append(Box(x, y, width, height, "box"))
        return height

    def row(self, row: Row, x: float, y: float, width: float, *, close: bool) -> float:
        """Draw a row from `y` on; where it ends."""
        css = "d-link" if row.href else ""
        indent = MARK * len(row.marks)
        room = width - indent
        first = y + self.type.line * 0.78
        self.marks(x, first, row.marks)
        if close:
            short = fit(row.short, room * 0.5, self.type.detail) if row.short else ""
            taken = text_width(short, self.type.detail) + 8 if short else 0
            self.text(x + indent, first, row.name, self.type.name, css, room - taken, bold=True)
            if short:
                self.text(x + width, first, short, self.type.detail, "d-soft", room, anchor_end=True)
            return y + self.type.line
        lines = wrapped(row.name, room, self.type.name, 3, True)
        for line in lines:
            self.text(x + indent, y + self.type.line * 0.78, line, self.type.name, css, room, bold=True)
            y += self.type.line
        for detail in self.packed(row.detail, room):
            for line in wrapped(detail, room, self.type.detail, 2):
                y += self.type.detail * 1.35
                self.text(x + indent, y - self.type.detail * 0.35, line, self.type.detail, "d-soft", room)
        return y

    def packed(self, details: Sequence[str], room: float) -> list[str]:
        """The details, as many on a line as fit there.

        Never words of both directions: a number after them would stand on the wrong side of them.
        """
        lines: list[str] = []
        for detail in details:
            joined = f"{lines[-1]} · {detail}" if lines else detail
            if lines and not _turns(joined) and text_width(joined, self.type.detail) <= room:
                lines[-1] = joined
            else:
                lines.append(detail)
        return lines

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        css: str,
        room: float,
        *,
        bold: bool = False,
        anchor_end: bool = False,
    ) -> None:
        """One line of text that fits into `room`."""
        fitted = fit(text, room, size, bold)
        taken = text_width(fitted, size, bold)
        self.sheet.placed.append(Box(x - taken if anchor_end else x, y - size, taken, size, "label"))
        anchor: Literal["start", "end"] = "end" if anchor_end else "start"
        self.sheet.elements.append(self.pen.text(x, y, fitted, size, css=css, bold=bold, anchor=anchor))

    def marks(self, x: float, base: float, marks: Iterable[Mark]) -> None:
        for at, mark in enumerate(marks):
            self.sheet.elements.append(_drawn(self.pen, mark, x + at * MARK, base - 10))

    def legend(self, legend: dict[Mark, str], y: float) -> float:
        """What the marks mean, in as many lines as it takes; where it ends."""
        x, size = self.margin, self.type.detail
        y += size * 0.5
        for mark, word in legend.items():
            taken = MARK + text_width(word, size) + 18
            if x > self.margin and x + taken > self.pen.width - self.margin:
                x, y = self.margin, y + size * 1.6
            self.marks(x, y, [mark])
            self.text(x + MARK, y, word, size, "d-soft", self.pen.width - x - MARK - self.margin)
            x += taken
        return y + self.margin if legend else y - FRAMES - size * 0.5 + self.margin

    def edge(self, points: list[tuple[float, float]]) -> None:
        """A line with its head at the end, behind the boxes."""
        (x, y) = points[-1]
        head = self.pen.path([(x, y), (x - 6, y - 3.5), (x - 6, y + 3.5)], "d-head", closed=True)
        self.sheet.elements += [self.pen.path(points, "d-edge"), head]


def _left(column: int) -> float:
    """Where a column begins, or, beyond the last one, what is set in there."""
    beyond = max(column - (COLUMNS - 1), 0)
    return 2 * MARGIN + (column - beyond) * (COLUMN + GAP) + beyond * STEP_IN


class _Wide(_Layout):
    def tree(self, node: Node, top: float, depth: int) -> float:
        x = _left(node.column)
        height = self.box(node, x, top, COLUMN)
        knee, y, bottom = self.type.line, top, top + height
        for at, child in enumerate(node.children):
            if child.column >= COLUMNS:
                bottom = self.under(child, bottom + BETWEEN, (x, top + height), _left(child.column), depth)
                continue
            y = top if at == 0 else y + BETWEEN
            to, trunk = _left(child.column), _left(child.column) - GAP / 2
            start, end = (x + COLUMN, top + knee), (to, y + knee)
            self.edge([start, end] if at == 0 else [(trunk, top + knee), (trunk, end[1]), end])
            y = self.tree(child, y, depth + 1)
            bottom = max(bottom, y)
        return bottom


class _Narrow(_Layout):
    margin = 7

    def tree(self, node: Node, top: float, depth: int) -> float:
        x = 2 * self.margin + min(depth, DEEPEST) * INDENT
        y = top + self.box(node, x, top, self.pen.width - 2 * self.margin - x, role=node.role)
        start, child_x = y, 2 * self.margin + min(depth + 1, DEEPEST) * INDENT
        for child in node.children:
            y = self.under(child, y + BETWEEN, (x, start), child_x, depth)
        return y


def _turns(text: str) -> bool:
    """Whether it has letters of both directions."""
    kinds = {unicodedata.bidirectional(char) for char in text}
    return "L" in kinds and not kinds.isdisjoint({"R", "AL"})


def _marks(frame: Frame) -> Iterator[Mark]:
    yield from frame.marks
    yield from (mark for mark, _ in frame.notes if mark)
    for tree in frame.trees:
        for node in _walk(tree):
            for row in node.rows:
                yield from row.marks


def _drawn(pen: Pen, mark: Mark, x: float, y: float) -> ET.Element:
    """A mark in a square of 11 pixels. Each differs from the others by its shape, not by colour alone."""

    def path(points: list[tuple[float, float]], css: str, closed: bool = False) -> ET.Element:
        return pen.path([(x + across, y + down) for across, down in points], css, closed=closed)

    square = [(0.5, 0.5), (10.5, 0.5), (10.5, 10.5), (0.5, 10.5)]
    if mark == "archived":
        tick = [(2.6, 5.8), (4.7, 7.9), (8.6, 3.4)]
        left = pen.x(x) + (-11 if pen.direction == "rtl" else 0)  # a tick is not turned round with the line
        d = "L".join(f"{number(left + across)} {number(y + down)}" for across, down in tick)
        return group([path(square, "d-for", True), element("path", css="d-cut", d=f"M{d}")])
    if mark == "missing":
        return path(square, "d-edge d-dotted", True)
    if mark == "denies":
        return path([(0, 0.5), (11, 0.5), (5.5, 10.5)], "d-against", True)
    if mark == "party":
        return group(
            [path([(1.5, 0), (10.5, 3), (1.5, 6.5)], "d-ink", True), path([(1.5, 0), (1.5, 11)], "d-pole")]
        )
    if mark == "warning":
        return group(
            [path([(5.5, 0), (11, 10.5), (0, 10.5)], "d-split", True), path([(5.5, 4), (5.5, 9)], "d-cut")]
        )
    if mark == "circle":
        x = pen.x(x + 5.5)
        ring = f"M{number(x + 3.2)} {number(y + 2.2)}A4.5 4.5 0 1 0 {number(x + 4.5)} {number(y + 6)}"
        head = f"M{number(x + 0.2)} {number(y + 0.2)}l5.2 0.4l-2.4 4.3Z"
        return group([element("path", css="d-split-line", d=ring), element("path", css="d-split", d=head)])
    return group([path([(0, 5.5), (9, 5.5)], "d-pole"), path([(9.5, 1), (9.5, 10)], "d-pole")])
