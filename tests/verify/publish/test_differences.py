"""Differences of two contents in words: what a reader would see, and nothing that only looks otherwise."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.verify.publish import contents
from verify.publish.differences import LONGEST, differences

OTHER = contents.VERDICT | {"number": 2, "code": "confirmed", "labels": {"en": "Confirmed", "ar": "مؤكَّد"}}


def told(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one.subject, one.change, one.sentence) for one in differences(old, new)]


def test_same_content_has_no_difference():
    assert told(contents.whole(), contents.whole()) == []


def test_newer_schema_alone_is_no_difference():
    assert told(contents.whole(), contents.whole() | {"schema": "verify-claim/3", "media": []}) == []


def test_order_alone_is_no_difference():
    turned = contents.whole()
    for name in ("assertions", "evidence", "figures"):
        turned[name] = turned[name][::-1]
    assert told(contents.whole(), turned) == []


def test_contents_are_left_as_they_are():
    old, new = contents.frozen(), contents.whole()
    before = deepcopy((old, new))
    differences(old, new)
    assert (old, new) == before


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {"headline": "About 750 dead"}, ("claim", "changed", "About 750 dead")),
        ({}, {"headline": ""}, ("claim", "withdrawn", "About 745 dead")),
        ({"verdict": None}, {"verdict": contents.VERDICT}, ("verdict", "added", "Partly confirmed")),
        ({"verdict": contents.VERDICT}, {"verdict": OTHER}, ("verdict", "changed", "Confirmed")),
        ({}, {"figures": [contents.figure()]}, ("figure", "added", "around 745")),
        (
            {"figures": [contents.figure()]},
            {"figures": [contents.figure(point=803)]},
            ("figure", "changed", "803"),
        ),
        (
            {"figures": [contents.figure()]},
            {"figures": [contents.figure(place=None)]},
            ("figure", "withdrawn", "Latakia"),
        ),
        ({"evidence": [contents.piece()]}, {}, ("evidence", "withdrawn", "Its own count.")),
        (
            {"evidence": [contents.piece()]},
            {"evidence": [contents.piece(credibility=2)]},
            ("evidence", "changed", "credibility"),
        ),
        ({}, {"assertions": [contents.said("a1")]}, ("assertion", "added", "Monitor")),
        (
            {"assertions": [contents.said("a1")]},
            {"assertions": [contents.said("a1", polarity="denies")]},
            ("assertion", "changed", "denies"),
        ),
        (
            {"assertions": [contents.said("a1")]},
            {"assertions": [contents.said("a1", quotes=[contents.quote()])]},
            ("quote", "added", "around 745 civilians were killed"),
        ),
        (
            {"assertions": [contents.said("a1", quotes=[contents.quote()])]},
            {"assertions": [contents.said("a1", quotes=[contents.quote(exact="")])]},
            ("quote", "withdrawn", "around 745 civilians were killed"),
        ),
    ],
)
def test_each_change_is_a_sentence(old, new, expected):
    [one] = differences(contents.claim(**old), contents.claim(**new))
    assert (one.subject, one.change) == expected[:2]
    assert expected[2].casefold() in one.sentence.casefold()


def test_rated_medium_is_added_and_withdrawn():
    medium = {
        "id": "m1",
        "media": "image",
        "rating": "StagedContent",
        "context": "Taken the year before.",
        "original_url": "",
        "is_file": True,
        "capture": contents.capture(),
    }
    plain, rated = contents.claim(), contents.claim(schema="verify-claim/3", media=[medium])
    [added], [gone] = differences(plain, rated), differences(rated, plain)
    assert (added.subject, added.change, gone.change) == ("media", "added", "withdrawn")
    assert "staged" in added.sentence and "Taken the year before." in gone.sentence


def test_long_wordings_are_not_repeated_in_the_sentence():
    reworded = contents.claim(text="x" * LONGEST)
    [one] = differences(contents.claim(), reworded)
    assert "x" * 10 not in one.sentence and one.new == reworded["text"] and one.old


def test_what_no_field_shows_is_still_a_difference():
    moved = contents.claim(evidence=[contents.piece(capture=contents.capture("c2"))])
    [one] = differences(contents.claim(evidence=[contents.piece(capture=contents.capture("c1"))]), moved)
    assert one.sentence.startswith("Details")


def test_oldest_schema_is_compared_with_the_newest():
    assert all(one.sentence for one in differences(contents.frozen(), contents.whole()))


def test_words_are_the_readers(settings):
    from django.utils.translation import override

    with override("ar"):
        [one] = differences(contents.claim(verdict=contents.VERDICT), contents.claim(verdict=OTHER))
    assert "مؤكَّد" in one.new
