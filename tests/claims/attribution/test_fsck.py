"""An anchor that was tampered with is named; one that holds is not."""

from __future__ import annotations

import pytest
from django.db import connection

from claims.attribution.fsck import faults
from claims.attribution.models import Anchor


@pytest.fixture
def anchor(researched_claim):
    assert list(faults()) == []
    return Anchor.objects.get()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("start = start + 1", "are not its quotation"),
        ('"end" = "end" - 1', "are not its quotation"),
        ("exact = replace(exact, '745', '7450')", "are not its quotation"),
        ("prefix = 'nobody said that '", "words around its quotation"),
        ("suffix = ' and it was not so'", "words around its quotation"),
        ("text_sha256 = repeat('0', 64)", "made in a text"),
    ],
)
def test_a_tampered_anchor_is_named(anchor, change, problem):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE claims_anchor SET {change} WHERE id = %s", [anchor.pk])
    found = list(faults())
    assert {fault.thing for fault in found} == {f"anchor {anchor.pk}"}
    assert any(problem in fault.problem for fault in found)


def test_an_anchor_beyond_the_end_of_its_text_is_named(anchor):
    Anchor.objects.update(start=10_000, end=10_010)
    assert {fault.thing for fault in faults()} == {f"anchor {anchor.pk}"}


def test_an_anchor_that_was_moved_to_other_words_that_stand_there_is_named_by_the_log(anchor):
    """Consistent with its text in all that it says, and yet not where it was made."""
    content, end = anchor.text.content, anchor.end
    Anchor.objects.update(start=0, exact=content[:end], prefix="")
    (fault,) = faults()
    assert (fault.thing, "stands elsewhere" in fault.problem) == (f"anchor {anchor.pk}", True)


def test_an_anchor_that_the_log_knows_nothing_of_is_named(anchor):
    made = Anchor.objects.create(
        assertion=anchor.assertion,
        text=anchor.text,
        text_sha256=anchor.text_sha256,
        start=0,
        end=3,
        exact=anchor.text.content[:3],
        quoted="The",
        match="exact",
        created_by=anchor.created_by,
        created_at=anchor.created_at,
    )
    (fault,) = faults()
    assert (fault.thing, fault.problem) == (f"anchor {made.pk}", "the log has no entry of its making")
