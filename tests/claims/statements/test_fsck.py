"""What the services refuse and somebody wrote all the same is named."""

from __future__ import annotations

from typing import Any

import pytest

from claims.statements.fsck import faults
from claims.statements.models import Figure, Place
from claims.statements.services import add_figure, add_place
from tests.cast import T0

pytestmark = pytest.mark.usefixtures("shipped_places")


@pytest.fixture
def rows(make_claim: Any, alice: Any, other_desk: Any, mallory: Any) -> dict[str, Any]:
    claim, theirs = make_claim(), make_claim("Theirs.", desk=other_desk, by=mallory)
    parent = Place.objects.get(name="Jableh", kind="district")
    scope = {"unit": "people-killed", "at": T0}
    first = add_figure(claim=claim, point=1, by=alice, **scope)
    return {
        "first": first.pk,
        "second": add_figure(claim=claim, point=2, supersedes=first, part_of=first, by=alice, **scope).pk,
        "theirs": add_figure(claim=theirs, point=3, by=mallory, **scope).pk,
        "place": add_place(
            desk=other_desk, parent=parent, kind="city", name="There", name_ar="", by=mallory
        ).pk,
        "ours": add_place(desk=claim.desk, parent=parent, kind="city", name="Here", name_ar="", by=alice).pk,
        "town": Place.objects.get(name="Jableh", kind="city").pk,
        "district": parent.pk,
    }


def test_rows_of_the_services_hold(rows):
    assert list(faults()) == []
    assert Figure.objects.count() == 3


@pytest.mark.parametrize(
    ("table", "change", "of", "to", "says"),
    [
        ("figure", "part_of_id", "first", "theirs", "part_of is a figure of another desk"),
        ("figure", "supersedes_id", "first", "theirs", "supersedes is a figure of another desk"),
        ("figure", "place_id", "first", "place", "its place is one of another desk"),
        ("figure", "supersedes_id", "first", "second", "supersedes itself, through 1 others"),
        ("figure", "part_of_id", "first", "second", "is part of itself, through 1 others"),
        ("place", "parent_id", "ours", "place", "lies in a place of another desk"),
        ("place", "parent_id", "ours", "town", "is a city in a city"),
        ("place", "parent_id", "district", "town", "lies in itself, through 1 others"),
    ],
)
def test_what_was_written_past_the_services_is_named(rows, tamper, table, change, of, to, says):
    assert tamper(f"UPDATE claims_{table} SET {change} = %s WHERE id = %s", [rows[to], rows[of]]) == 1
    found = list(faults())
    assert any(says in fault.problem for fault in found), found
    assert {fault.part for fault in found} == {"statements"}
