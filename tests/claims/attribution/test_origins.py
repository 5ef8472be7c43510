"""Outlets are never counted, origins are."""

import random
from datetime import date

import pytest

from claims.attribution.origins import Said, Tie, credibility_cap, find_origins

MARCH = date(2025, 3, 8)
COAST = [
    Said("sohr", "sohr", outlet="sohr-site", at=MARCH),
    Said("reuters", "reuters", outlet="reuters", derives_from="sohr", is_relay=True, at=MARCH),
    Said("bbc", "bbc", outlet="bbc", derives_from="reuters", is_relay=True, at=MARCH),
    Said("daily", "daily", outlet="daily", derives_from="reuters", is_relay=True, at=MARCH),
    Said("sana", "spokesman", on_behalf_of="ministry", outlet="sana", polarity="denies", at=MARCH),
    Said("envoy", "government", outlet="tv", polarity="denies", at=MARCH),
    Said("radio", "radio", outlet="radio", derives_from="sana", is_relay=True, polarity="denies", at=MARCH),
]
STATE = [Tie("ministry", "part-of", "government"), Tie("sana", "owned-by", "government")]


def origin_of(origins, id):
    return next(origin for origin in origins if id in origin.members)


def test_seven_outlets_are_two_origins_one_of_them_a_party():
    origins = find_origins(COAST, STATE, parties={"government"})
    assert origins.counts == {
        "assertions": 7,
        "outlets": 7,
        "origins": 2,
        "party_origins": 1,
        "unattributed_origins": 0,
        "origins_for": 1,
        "origins_against": 1,
    }
    assert origin_of(origins, "bbc").roots == ("sohr",)
    assert origin_of(origins, "radio").is_party


def test_spokesperson_is_the_ministrys_origin():
    origins = find_origins(
        [Said("1", "karim", on_behalf_of="ministry"), Said("2", "lina", on_behalf_of="ministry")]
    )
    assert [origin.voices for origin in origins] == [("ministry",)]
    assert str(origins.origins[0].merged_because[0]) == "1 and 2 were both said on behalf of ministry."


def test_two_parts_of_one_owner_are_one_origin_and_the_ties_say_why():
    ties = [Tie("a", "part-of", "m"), Tie("b", "owned-by", "m"), Tie("m", "part-of", "state")]
    origin = find_origins([Said("1", "a"), Said("2", "b")], ties).origins[0]
    assert [str(reason) for reason in origin.merged_because] == ["a is part of m.", "b is owned by m."]
    assert "same-affiliation" in origin.flags


@pytest.mark.parametrize("kind", ["owned-by", "part-of", "speaks-for", "employed-by"])
def test_affiliation_merges(kind):
    assert len(find_origins([Said("1", "a"), Said("2", "b")], [Tie("a", kind, "b")])) == 1


@pytest.mark.parametrize(
    "ties", [[Tie("a", "funded-by", "b")], [Tie("a", "funded-by", "f"), Tie("b", "funded-by", "f")]]
)
def test_funding_is_cautioned_about_and_does_not_merge(ties):
    origins = find_origins([Said("1", "a"), Said("2", "b")], ties)
    assert len(origins) == 2
    assert all("linked-funding" in origin.flags for origin in origins)
    assert [reason.code for reason in origins.cautions] == ["funded-by"] * len(ties)


def test_funder_of_one_origin_alone_is_no_caution():
    origins = find_origins([Said("1", "a"), Said("2", "b")], [Tie("a", "funded-by", "f")])
    assert not origins.cautions


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2019, 12, 31), 2),
        (date(2020, 1, 1), 1),
        (date(2021, 6, 30), 1),
        (date(2021, 7, 1), 2),
        (None, 1),  # a day that is not known could have been any
    ],
)
def test_affiliation_counts_on_the_days_it_was_valid(day, count):
    tie = Tie("a", "owned-by", "b", date(2020, 1, 1), date(2021, 6, 30))
    assert len(find_origins([Said("1", "a", at=day), Said("2", "b", at=day)], [tie])) == count


def test_syndicated_copy_is_one_origin():
    origins = find_origins([Said("1", "a", copy_of="x"), Said("2", "b", copy_of="x"), Said("3", "c")])
    assert len(origins) == 2
    assert [reason.code for reason in origin_of(origins, "1").merged_because] == ["same-text"]


def test_sources_said_is_an_unattributed_origin_of_its_own():
    said = [Said("1", "bbc", is_relay=True), Said("2", None, outlet="cnn"), Said("3", "sohr")]
    origins = find_origins(said)
    assert len(origins) == 3
    assert [origin.is_attributed for origin in sorted(origins, key=lambda o: o.key)] == [False, False, True]
    assert credibility_cap(origins) == 2


def test_unnamed_sources_of_one_outlet_are_not_counted_twice():
    origins = find_origins([Said("1", "bbc", is_relay=True), Said("2", None, outlet="bbc")])
    assert len(origins) == 1


def test_relays_of_a_report_that_is_not_given_are_one_unattributed_origin():
    origins = find_origins([Said("1", "a", derives_from="lost"), Said("2", "b", derives_from="lost")])
    assert len(origins) == 1 and not origins.origins[0].is_attributed


def test_circle_is_one_flagged_origin_that_confirms_nothing():
    circle = [
        Said("a", "a", derives_from="b"),
        Said("b", "b", derives_from="c"),
        Said("c", "c", derives_from="a"),
    ]
    tail = [Said("d", "d", derives_from="a"), Said("e", "e")]
    origins = find_origins(circle + tail)
    assert origin_of(origins, "d").members == ("a", "b", "c", "d")
    assert origin_of(origins, "d").roots == ("a", "b", "c")
    assert "cycle" in origin_of(origins, "d").flags
    assert credibility_cap(origins) == 2


def test_assertion_that_derives_from_itself_is_a_circle():
    assert "cycle" in find_origins([Said("a", "a", derives_from="a")]).origins[0].flags


def test_origin_that_affirms_and_denies_counts_on_both_sides():
    origins = find_origins([Said("1", "a"), Said("2", "a", polarity="denies")])
    assert (origins.counts["origins_for"], origins.counts["origins_against"]) == (1, 1)
    assert "says-both" in origins.origins[0].flags


def test_relay_that_turns_what_it_relays_is_flagged():
    origins = find_origins([Said("1", "a"), Said("2", "b", derives_from="1", polarity="denies")])
    assert "relay-reverses" in origins.origins[0].flags
    assert origins.counts["origins_against"] == 0


@pytest.mark.parametrize(
    ("said", "cap"),
    [
        ([], 2),
        ([Said("1", "a")], 2),
        ([Said("1", "a"), Said("2", "b", derives_from="1")], 2),
        ([Said("1", "a"), Said("2", "b", polarity="denies")], 2),
        ([Said("1", "a"), Said("2", "b")], 1),
    ],
)
def test_credibility_1_takes_two_independent_origins(said, cap):
    assert credibility_cap(find_origins(said)) == cap


def test_credibility_of_what_contradicts_counts_the_origins_against():
    origins = find_origins(
        [Said("1", "a", polarity="denies"), Said("2", "b", polarity="denies"), Said("3", "c")]
    )
    assert (credibility_cap(origins, "denies"), credibility_cap(origins)) == (1, 2)


def test_one_id_twice_is_refused():
    with pytest.raises(ValueError, match="Two assertions have the id 1"):
        find_origins([Said("1", "a"), Said("1", "b")])


def crowd(size):
    chance = random.Random(7)
    said = [
        Said(
            f"{n:06}",
            f"s{chance.randrange(size // 5 + 1)}",
            outlet=f"o{chance.randrange(200)}",
            derives_from=f"{chance.randrange(n):06}" if n and chance.random() < 0.8 else None,
            copy_of=f"c{chance.randrange(size)}" if chance.random() < 0.1 else None,
            at=date(2025, 3, chance.randrange(1, 31)),
        )
        for n in range(size)
    ]
    kinds = ["owned-by", "part-of", "speaks-for", "employed-by", "funded-by"]
    ties = [
        Tie(f"s{n}", chance.choice(kinds), f"s{chance.randrange(size)}", date(2025, 3, n % 28 + 1))
        for n in range(size // 5)
    ]
    return said, ties


def test_ten_thousand_assertions_are_each_counted_once():
    said, ties = crowd(10_000)
    origins = find_origins(said, ties, parties={"s1", "s2"})
    assert origins.counts["assertions"] == 10_000


def test_chain_of_ten_thousand_relays_has_one_origin():
    chain = [
        Said(f"{n:05}", f"s{n}", derives_from=f"{n - 1:05}" if n else None, is_relay=n > 0)
        for n in range(10_000)
    ]
    assert find_origins(chain).origins[0].roots == ("00000",)


def test_ladder_of_ten_thousand_owners_is_walked_once():
    ties = [Tie(f"s{n}", "owned-by", f"s{n + 1}", date(2025, 1, 1)) for n in range(10_000)]
    said = [Said(f"{n}", f"s{n}", at=MARCH) for n in range(10_000)]
    assert len(find_origins(said, ties)) == 1
