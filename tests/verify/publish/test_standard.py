"""Outcomes and the flag of records below standard."""

from __future__ import annotations

import pytest

from verify.publish.standard import independent, is_provisional, outcome


def verdict(value: int, best: int = 6, worst: int = 1) -> dict[str, int]:
    return {"value": value, "best": best, "worst": worst}


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (verdict(6), "confirmed"),
        (verdict(5), "inconclusive"),
        (verdict(2), "inconclusive"),
        (verdict(1), "rejected"),
        (verdict(1, best=1), ""),
        (None, ""),
    ],
)
def test_outcome_follows_the_ends_of_the_scale(given, word):
    assert outcome(given) == word


@pytest.mark.parametrize(
    ("counts", "provisional"),
    [
        ({"origins": 3, "independent_origins": 1}, True),
        ({"origins": 2, "independent_origins": 2}, False),
        ({"origins": 2}, False),  # an early release counted no other origins
        ({}, True),
    ],
)
def test_fewer_than_two_independent_origins_are_provisional(counts, provisional):
    assert is_provisional(verdict(6), counts) is provisional
    assert not is_provisional(verdict(1), counts)  # rejected: it waits for nobody
    assert not is_provisional(None, counts)
    assert independent({}) == 0
