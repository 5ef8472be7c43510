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
    (fault,) = faults()
    assert fault.thing == f"anchor {anchor.pk}"
    assert problem in fault.problem


def test_an_anchor_beyond_the_end_of_its_text_is_named(anchor):
    Anchor.objects.update(start=10_000, end=10_010)
    (fault,) = faults()
    assert fault.thing == f"anchor {anchor.pk}"
