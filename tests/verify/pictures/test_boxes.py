"""The layout of trees of boxes: nothing overlaps, every label is inside its box, one picture for one set of data."""

import xml.etree.ElementTree as ET
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.pictures.boxes import COLUMNS, Box, Content, Frame, Node, Row, Sheet, columns, narrow, wide

WORDS = st.text(st.characters(categories=["L", "N", "Zs"], max_codepoint=0x6FF), max_size=60)
MARKS = st.lists(st.sampled_from(["archived", "missing", "denies", "party", "circle"]), max_size=3).map(tuple)
ROWS = st.builds(
    Row, WORDS, st.lists(WORDS, max_size=3).map(tuple), WORDS, MARKS, st.sampled_from(["", "#said-1"])
)
LEGEND: Any = {"archived": "shown by archived words", "denies": "denies it", "party": "party to the conflict"}
FORMS = pytest.mark.parametrize("form", [wide, narrow])


def nodes(depth: int) -> Any:
    children = st.lists(nodes(depth - 1), max_size=3).map(tuple) if depth else st.just(())
    rows = st.lists(ROWS, min_size=1, max_size=4).map(tuple)
    return st.builds(Node, rows, children, st.just(0), st.just("Who speaks"), st.just("d-box"), st.booleans())


def placed(node: Node, column: int = 0) -> Node:
    """The node and what comes of it, each in the column of its step."""
    below = tuple(placed(child, column + 1) for child in node.children)
    return Node(node.rows, below, column, node.role, node.css, node.close)


TREES = st.lists(nodes(3).map(placed), max_size=3).map(tuple)
FRAMES = st.lists(
    st.builds(
        Frame, WORDS, WORDS, MARKS, st.lists(st.tuples(st.none(), WORDS), max_size=2).map(tuple), WORDS, TREES
    ),
    max_size=3,
)
CONTENT = st.builds(Content, FRAMES, st.just(LEGEND), st.none() | st.tuples(WORDS, WORDS))


def apart(one: Box, other: Box) -> bool:
    return (
        one.x + one.width <= other.x + 0.01
        or other.x + other.width <= one.x + 0.01
        or one.y + one.height <= other.y + 0.01
        or other.y + other.height <= one.y + 0.01
    )


def within(inner: Box, outer: Box) -> bool:
    return (
        inner.x >= outer.x
        and inner.y >= outer.y
        and inner.x + inner.width <= outer.x + outer.width + 0.01
        and inner.y + inner.height <= outer.y + outer.height + 0.01
    )


def of(sheet: Sheet, kind: str) -> list[Box]:
    return [box for box in sheet.placed if box.kind == kind]


@FORMS
@settings(max_examples=60)
@given(content=CONTENT, direction=st.sampled_from(["ltr", "rtl"]))
def test_nothing_overlaps_and_everything_is_inside(form: Any, content: Content, direction: Any) -> None:
    sheet = form(content, direction)
    boxes, frames, labels = of(sheet, "box"), of(sheet, "frame"), of(sheet, "label")
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    assert all(apart(one, other) for one, other in combinations(frames, 2))
    assert all(apart(one, other) for one, other in combinations(labels, 2))
    assert all(any(within(box, frame) for frame in frames) for box in boxes)
    whole = Box(0, 0, sheet.pen.width, sheet.height, "frame")
    assert all(within(box, whole) for box in sheet.placed)
    for label in labels:
        over = [box for box in boxes if not apart(label, box)]
        assert all(within(label, box) for box in over) and len(over) <= 1


@FORMS
def test_same_data_same_picture(form: Any) -> None:
    tree = Node((Row("SOHR"),), (Node((Row("Reuters"), Row("BBC")), (), 1),))
    content = Content([Frame("A", trees=(tree,))], {})
    drawn = [[ET.tostring(each) for each in form(content, "ltr").elements] for _time in "12"]
    assert drawn[0] == drawn[1]


def test_each_step_has_its_column_and_its_heading_once() -> None:
    tree = Node((Row("SOHR"),), (Node((Row("Reuters"),), (), 1, "Where it was said"),), 0, "Who speaks")
    sheet = wide(Content([Frame("A", trees=(tree, tree))], {}), "ltr")
    texts = [text.text for element in sheet.elements for text in element.iter("text")]
    assert texts.count("Who speaks") == texts.count("Where it was said") == 1
    assert len({box.x for box in of(sheet, "box")}) == 2


def test_narrow_names_the_step_in_each_box_and_is_as_wide_as_a_phone() -> None:
    deep: Node = Node((Row("end"),), (), 0, "Taken over by")
    for _step in range(30):
        deep = Node((Row("step"),), (deep,), 0, "Taken over by")
    sheet = narrow(Content([Frame("A", trees=(deep,))], {}), "ltr")
    texts = [text.text for element in sheet.elements for text in element.iter("text")]
    assert texts.count("Taken over by") == 31 and sheet.pen.width <= 360
    assert min(box.width for box in of(sheet, "box")) > 200


def chain(steps: int) -> Frame:
    node = Node((Row("end"),), (), steps - 1, "Taken over by")
    for step in reversed(range(steps - 1)):
        aside = Node((Row("aside"),), (), step + 1, "Taken over by")
        node = Node((Row("step"),), (node, aside), step, "Taken over by")
    return Frame("A", trees=(node,))


@pytest.mark.parametrize("steps", [1, 3, 5, 6, 8, 13])
def test_wide_is_no_wider_than_a_page_and_steps_beyond_its_columns_are_set_in(steps: int) -> None:
    frame = chain(steps)
    sheet = wide(Content([frame], {}), "ltr")
    boxes = of(sheet, "box")
    assert columns([frame]) == min(max(steps, 3), COLUMNS + 1) and sheet.pen.width <= 73 * 16
    assert len({box.x for box in boxes}) == steps  # each step is further in than the one before
    assert len(boxes) == 2 * steps - 1 and all(apart(one, other) for one, other in combinations(boxes, 2))
    texts = [text.text for element in sheet.elements for text in element.iter("text")]
    assert texts.count("Taken over by") == min(steps, COLUMNS)


def test_words_of_both_directions_do_not_share_a_line_with_a_date() -> None:
    rows = (Row("A", ("said, “نحو”", "8 Mar")), Row("B", ("said", "9 Mar")), Row("C", ("أفاد", "8 مارس")))
    sheet = narrow(Content([Frame("A", trees=(Node(rows),))], {}), "ltr")
    texts = [(text.text or "").strip("\u2067\u2069") for each in sheet.elements for text in each.iter("text")]
    assert {"said, “نحو”", "8 Mar", "said · 9 Mar", "أفاد · 8 مارس"} <= set(texts)


def test_every_mark_is_another_drawing() -> None:
    marks: Any = ["archived", "missing", "denies", "party", "circle", "warning", "ended"]
    shapes = set()
    for mark in marks:
        sheet = wide(Content([Frame("A", marks=(mark,))], {}), "ltr")
        paths = [path.get("d") for element in sheet.elements for path in element.iter("path")]
        shapes.add(tuple(paths))
    # “missing” is the square of “archived” without its tick, dotted.
    assert len(shapes) == len(marks)


def test_legend_names_the_marks_that_are_used_alone() -> None:
    sheet = wide(Content([Frame("A", marks=("party",))], LEGEND), "ltr")
    texts = [text.text for element in sheet.elements for text in element.iter("text")]
    assert "party to the conflict" in texts and "denies it" not in texts
