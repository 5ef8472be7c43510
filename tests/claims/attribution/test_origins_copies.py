"""Syndicated copy: near-identical texts are one group, retellings are not."""

import random

from claims.attribution import copies
from sources.archive.fingerprint import fingerprint

WORDS = [f"word{n}" for n in range(3000)]


def report(seed, size=300):
    return random.Random(seed).choices(WORDS, k=size)


def test_copy_with_another_headline_is_in_the_group():
    wire = report(1)
    texts = {"wire": wire, "paper": ["A", "new", "headline", *wire[:-5]], "other": report(2)}
    groups = copies.group({id: fingerprint(" ".join(words)) for id, words in texts.items()})
    assert groups == {"paper": "paper", "wire": "paper"}


def test_report_that_shares_a_paragraph_is_not_a_copy():
    wire = report(1)
    texts = {"wire": wire, "analysis": wire[:60] + report(3)}
    assert copies.group({id: fingerprint(" ".join(words)) for id, words in texts.items()}) == {}


def test_empty_texts_are_no_copies_of_each_other():
    assert copies.group({"a": b"", "b": b""}) == {}


def test_six_hundred_texts_with_shared_boilerplate_are_grouped():
    boilerplate = [f"cookie{n}" for n in range(20)]
    texts = {f"{n:04}": [*boilerplate, *report(n // 2)] for n in range(600)}
    groups = copies.group({id: fingerprint(" ".join(words)) for id, words in texts.items()})
    assert len(groups) == 600
    assert all(groups[f"{n:04}"] == f"{n - n % 2:04}" for n in range(600))
