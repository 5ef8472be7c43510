"""Hedges: which words are known, what they suggest, and that they are found as words and not as letters."""

from __future__ import annotations

import pytest

from claims.attribution.hedges import TABLE, hedges_in, suggested


@pytest.mark.parametrize(
    ("words", "degree"),
    [
        ("reportedly", "probable"),
        ("Reportedly, ", "probable"),
        ("allegedly", "possible"),
        ("likely", "probable"),
        ("could", "possible"),
        ("reportedly could", "possible"),  # the weakest counts
        ("according to unconfirmed reports", "possible"),
        ("about", None),
        ("at least", None),
        ("according to the ministry", None),
        ("على الأرجح", "probable"),
        ("وربّما", "possible"),
        ("مَزاعِم", "possible"),
        ("يُعتقد أن", "probable"),
        ("نحو", None),
        ("وفقًا لمصادر", None),
        ("", None),
        ("\x00\ud800 ", None),
    ],
)
def test_hedge_suggests_a_modality_or_none(words, degree):
    assert suggested(words) == degree


@pytest.mark.parametrize("words", ["unlikely", "couldn't", "mighty", "roundabout", "ربماء", "likelihood"])
def test_hedge_is_a_word_and_not_letters_in_another(words):
    assert hedges_in(words) == []


def test_hedges_come_in_the_order_of_the_text_and_long_ones_hide_short_ones():
    found = [hedge.words for hedge in hedges_in("at least 30, reportedly more than 40")]
    assert found == ["at least", "reportedly", "more than"]
    assert [hedge.words for hedge in hedges_in("غير مؤكدة")] == ["غير مؤكدة"]


@pytest.mark.parametrize("hedge", TABLE, ids=lambda hedge: hedge.words)
def test_every_entry_finds_itself_and_only_certainty_suggests(hedge):
    assert hedge in hedges_in(f"x {hedge.words} y")
    assert (hedge.suggests is None) == (hedge.about != "certainty")
