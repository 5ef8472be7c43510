"""The page of the four axes is what the code does."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import translation

from verify.publish.axes import AXES, WHO, page

PAGE = Path(__file__).parents[3] / "docs/reference/states.md"


def test_page_is_drawn_from_the_code():
    with translation.override("en"):
        assert PAGE.read_text() == page(), "write it anew, as verify/publish/axes.py says"


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.title)
def test_page_tells_of_every_move_who_makes_it(axis):
    moves = [(old, new) for old, news in axis.moves.items() for new in news]
    assert {axis.who(old, new) for old, new in moves} <= set(WHO)
    with translation.override("en"):
        lines = page().splitlines()
    for old, new in moves:
        told = f"| {old.label} | {new.label} | {WHO[axis.who(old, new)]} | "
        assert told + ("yes |" if axis.owes(old, new) else " |") in lines
        arrow = f"    {old.value.replace('-', '_')} --> {new.value.replace('-', '_')}"
        assert arrow in lines


def test_everybody_who_is_named_moves_something():
    used = {axis.who(old, new) for axis in AXES for old, news in axis.moves.items() for new in news}
    assert used == set(WHO)
