"""A snapshot in words: counts, figures, chains, dates that say no more than is known."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import translation

from verify.publish.presenting import Moment, Reading, counted, credibility, number


@pytest.mark.parametrize(
    ("outlets", "origins", "party", "said"),
    [
        (7, 2, 1, "Seven outlets, two independent origins, one of them a party to the conflict"),
        (1, 1, 0, "One outlet, one independent origin"),
        (1, 1, 1, "One outlet, one independent origin, a party to the conflict"),
        (0, 3, 2, "Three independent origins, two of them parties to the conflict"),
        (12, 10, 0, "12 outlets, 10 independent origins"),
        (3, 0, 0, ""),
    ],
)
def test_origins_are_counted_in_a_sentence(outlets, origins, party, said):
    """As snapshots of earlier releases have the counts."""
    assert counted({"outlets": outlets, "origins": origins, "party_origins": party}) == said


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (
            {"independent_origins": 2, "circle_origins": 1},
            "Three outlets, two independent origins; one circle of outlets that name each other",
        ),
        (
            {"independent_origins": 0, "circle_origins": 2, "unnamed_origins": 1},
            "Three outlets, no independent origin; two circles of outlets that name each other; "
            "one origin without a named source",
        ),
        (
            {
                "independent_origins": 1,
                "possible_origins": 2,
                "party_origins": 1,
                "independent_party_origins": 1,
            },
            "Three outlets, one independent origin, a party to the conflict; two origins that only call it possible",
        ),
        (
            {"independent_origins": 2, "possible_origins": 1, "party_origins": 1},
            "Three outlets, two independent origins; one origin that only calls it possible; "
            "one of all these a party to the conflict",
        ),
        (
            {"independent_origins": 3, "linked_origins": 2, "cofunded_origins": 2},
            "Three outlets, three independent origins, two of them funded by the same source",
        ),
        (
            {"independent_origins": 3, "linked_origins": 3, "cofunded_origins": 2},
            "Three outlets, three independent origins, three of them linked by money",
        ),
    ],
)
def test_what_is_no_independent_origin_is_set_apart_in_the_sentence(counts, said):
    none = {"party_origins": 0, "independent_party_origins": 0}
    assert counted({"outlets": 3, "origins": 3} | none | counts) == said


@pytest.mark.parametrize(
    ("lower", "point", "upper", "qualifier", "said"),
    [
        (None, 745, None, "exactly", "745"),
        (None, 745, None, "around", "around 745"),
        (1000, None, None, "more-than", "more than 1,000"),
        (1000, None, None, "exactly", "at least 1,000"),
        (None, None, 50, "exactly", "up to 50"),
        (100, None, 150, "between", "100–150"),
        (100, 120, 150, "exactly", "120 (100–150)"),
        (None, None, None, "hundreds", "hundreds"),
        (None, 0, None, "exactly", "0"),
    ],
)
def test_figure_is_a_number_with_its_word(lower, point, upper, qualifier, said):
    assert number({"lower": lower, "point": point, "upper": upper, "qualifier": qualifier}) == said


@pytest.mark.parametrize(
    ("precision", "said"),
    [
        ("year", "2025"),
        ("month", "March 2025"),
        ("day", "9 March 2025"),
        ("hour", "9 March 2025, 10:00"),
        ("minute", "9 March 2025, 10:07"),
    ],
)
def test_moment_says_no_more_than_is_known(precision, said):
    assert str(Moment(datetime(2025, 3, 9, 10, 7, tzinfo=UTC), precision)) == said


def test_credibility_has_its_words():
    assert credibility(1) == "confirmed by other sources"
    assert credibility(9) == ""


def source(name: str) -> dict[str, Any]:
    return {"id": name, "name": name, "kind": "organisation", "party": False}


def said(identifier: str, speaker: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "speaker": source(speaker),
        "role": "originator",
        "on_behalf_of": None,
        "outlet": None,
        "verb": "said",
        "hedge": "",
        "polarity": "affirms",
        "said_at": None,
        "said_precision": "day",
        "document": None,
        "derives_from": None,
        "figures": [],
        "quotes": [],
    } | fields


def reading(*assertions: dict[str, Any], **fields: Any) -> Reading:
    claim = {"text": "It is so.", "assertions": list(assertions), "evidence": [], "figures": []} | fields
    return Reading(json.dumps({"kind": "published", "claim": claim}).encode())


def test_chain_runs_from_where_it_began():
    read = reading(
        said(
            "1", "Spokesperson", role="spokesperson", on_behalf_of=source("Ministry"), outlet=source("Agency")
        ),
        said("2", "Broadcaster", outlet=source("Broadcaster"), derives_from="1"),
    )
    chain = [(link["role"], link["name"]) for link in read.statements["2"]["chain"]]
    assert chain == [
        ("spokesperson", "Spokesperson"),
        ("on behalf of", "Ministry"),
        ("through", "Agency"),
        ("taken over by", "Broadcaster"),
    ]
    assert "missing" in read.statements["2"]["chain"][-1]


def test_chain_names_who_takes_over_from_themselves_once():
    monitor = [said("1", "Monitor"), said("2", "Monitor", derives_from="1")]
    read = reading(*monitor, said("3", "Agency", derives_from="2"))
    assert [link["name"] for link in read.statements["3"]["chain"]] == ["Monitor", "Agency"]


def test_circle_is_walked_once():
    read = reading(said("1", "A", derives_from="2"), said("2", "B", derives_from="1"))
    assert [link["name"] for link in read.statements["1"]["chain"]] == ["B", "A"]


def test_quote_stands_among_whole_words():
    capture = {"id": "c", "finished_at": "2025-03-09T10:00:00Z", "url": "http://wire.example/"}
    quote = {
        "exact": "745 were killed",
        "prefix": "tory said that ",
        "suffix": " in Latakia and Tar",
        "start": 90,
    }
    read = reading(said("1", "A", quotes=[quote | {"match": "exact", "capture": capture}]))
    (shown,) = read.statements["1"]["quotes"]
    assert (shown["prefix"], shown["suffix"]) == ("… said that ", " in Latakia and …")
    assert read.copies[0]["href"] == "http://wire.example/"


def test_verdict_is_in_the_readers_language():
    verdict = {"code": "confirmed", "labels": {"en": "Confirmed", "ar": "مؤكَّد"}}
    with translation.override("ar"):
        read = reading(verdict=verdict)
        assert read.verdict is not None and read.verdict["label"] == "مؤكَّد"
    read = reading(verdict=verdict)
    assert read.verdict is not None and read.verdict["label"] == "Confirmed"
