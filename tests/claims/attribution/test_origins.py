"""Outlets are never counted, origins are."""

import random
from datetime import date

import pytest

from claims.attribution.origins import KINDS, SAME_AS, Said, Tie, credibility_cap, find_origins

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
        "independent_origins": 2,
        "circle_origins": 0,
        "possible_origins": 0,
        "unnamed_origins": 0,
        "independent_party_origins": 1,
        "linked_origins": 0,
        "cofunded_origins": 0,
    }
    assert origin_of(origins, "bbc").roots == ("sohr",)
    assert origin_of(origins, "radio").is_party


def test_what_is_no_independent_origin_is_counted_apart():
    origins = find_origins(
        [
            Said("a", "sohr"),
            Said("b", "paper", outlet="paper", derives_from="c", is_relay=True),
            Said("c", "tv", outlet="tv", derives_from="b", is_relay=True),
            Said("d", "sana", cites=("e",)),
            Said("e", "sana-en", derives_from="d", is_relay=True),
            Said("f", "envoy", modality="possible"),
            Said("g", None, outlet="wire"),
        ],
        parties={"envoy"},
    )
    kinds = {id: origin_of(origins, id).kind for id in "abdfg"}
    assert kinds == {"a": "independent", "b": "circle", "d": "circle", "f": "possible", "g": "unnamed"}
    counts = origins.counts
    assert (counts["origins"], counts["party_origins"], counts["independent_party_origins"]) == (5, 1, 0)
    assert [counts[f"{kind}_origins"] for kind in KINDS] == [1, 2, 1, 1]


def test_unnamed_source_with_a_circle_below_it_is_no_circle():
    said = [
        Said("a", None, outlet="wire"),
        Said("b", "paper", derives_from="a", is_relay=True, cites=("c",)),
        Said("c", "tv", derives_from="b", is_relay=True),
    ]
    assert [origin.kind for origin in find_origins(said)] == ["unnamed"]


@pytest.mark.parametrize(
    ("ties", "linked", "cofunded"),
    [
        ([Tie("a", "funded-by", "fund"), Tie("b", "funded-by", "fund")], 2, 2),
        ([Tie("a", "funded-by", "b")], 2, 0),  # one funds the other
        ([Tie("a", "funded-by", "fund"), Tie("d", "funded-by", "fund")], 0, 0),  # d is no independent origin
        ([Tie("a", "funded-by", "fund"), Tie("b", "funded-by", "fund"), Tie("c", "funded-by", "b")], 3, 2),
    ],
)
def test_independent_origins_that_money_links_are_counted(ties, linked, cofunded):
    said = [Said("1", "a"), Said("2", "b"), Said("3", "c"), Said("4", "d", modality="possible")]
    counts = find_origins(said, ties).counts
    assert counts["independent_origins"] == 3
    assert (counts["linked_origins"], counts["cofunded_origins"]) == (linked, cofunded)


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


def sentences(origin):
    return sorted(str(reason) for reason in origin.merged_because)


def test_reports_that_cite_each_other_are_one_origin_that_confirms_nothing():
    said = [
        Said("a", "a", cites=("b",)),
        Said("b", "b", cites=("c",)),
        Said("c", "c", cites=("a",)),
        Said("d", "d"),
    ]
    origins = find_origins(said)
    circle = origin_of(origins, "a")
    assert (circle.members, circle.roots) == (("a", "b", "c"), ("a", "b", "c"))
    assert "cycle" in circle.flags and not circle.confirms
    assert sentences(circle) == [
        f"{one} names {other} as its source, and that rests in the end on the first: a circle."
        for one, other in ["ab", "bc", "ca"]
    ]
    assert (origins.confirming(), credibility_cap(origins)) == (1, 2)


def test_circle_of_a_takeover_and_a_citation_names_both():
    (origin,) = find_origins([Said("a", "a", cites=("b",)), Said("b", "b", derives_from="a")])
    assert origin.roots == ("a",)
    assert sentences(origin) == [
        "a names b as its source, and that rests in the end on the first: a circle.",
        "b was taken over from a, and that rests in the end on the first: a circle.",
    ]
    assert not origin.confirms


def test_circle_that_also_begins_with_somebody_outside_it_confirms():
    circle = [Said("a", "a", derives_from="root", cites=("b",)), Said("b", "b", cites=("a",))]
    origins = find_origins([*circle, Said("root", "sohr"), Said("other", "other")])
    origin = origin_of(origins, "a")
    assert origin.members == ("a", "b", "root")
    assert origin.roots == ("b", "root")
    assert "cycle" in origin.flags and origin.confirms == {"affirms"}
    assert credibility_cap(origins) == 1


def test_circle_confirms_only_on_the_side_that_its_outside_root_takes():
    circle = [Said("a", "a", cites=("b",)), Said("b", "b", cites=("a",))]
    denial = Said("denial", "a", polarity="denies")
    (origin,) = find_origins([*circle, denial])
    assert (origin.affirms, origin.denies, origin.confirms) == (True, True, {"denies"})


def test_two_circles_that_share_a_report_are_one():
    said = [Said("a", "a", cites=("b", "c")), Said("b", "b", cites=("a",)), Said("c", "c", cites=("a",))]
    assert [origin.members for origin in find_origins(said)] == [("a", "b", "c")]


def test_citation_of_another_origin_is_a_caution_and_does_not_merge():
    origins = find_origins([Said("a", "a", cites=("b", "lost")), Said("b", "b")])
    assert len(origins) == 2 and origins.confirming() == 2
    assert [str(reason) for reason in origins.cautions] == ["a also names b as its source."]
    assert (
        "cites-another" in origin_of(origins, "a").flags,
        "cites-another" in origin_of(origins, "b").flags,
    ) == (
        True,
        False,
    )


def test_citation_within_one_origin_is_no_caution():
    said = [Said("a", "a"), Said("b", "b", derives_from="a"), Said("c", "c", derives_from="b", cites=("a",))]
    origins = find_origins(said)
    assert not origins.cautions and origins.origins[0].flags == frozenset()


def test_circle_of_ten_thousand_citations_is_found():
    ids = [f"{n:05}" for n in range(10_000)]
    said = [Said(id, id, cites=(ids[n - 1],)) for n, id in enumerate(ids)]
    (origin,) = find_origins(said)
    assert len(origin.roots) == 10_000 and "cycle" in origin.flags


def test_two_records_of_one_source_are_one_voice_one_outlet_and_one_party():
    said = [Said("1", "bbc", outlet="bbc"), Said("2", "bbc2", outlet="bbc2")]
    origins = find_origins(said, [Tie("bbc2", SAME_AS, "bbc")], parties={"bbc2"})
    (origin,) = origins
    assert (origin.voices, origin.outlets, origins.outlets, origin.is_party) == (
        ("bbc",),
        ("bbc",),
        ("bbc",),
        True,
    )
    assert sentences(origin) == [
        "1 and 2 were both said by bbc.",
        "bbc2 and bbc are two records of one source.",
    ]
    assert "same-affiliation" not in origin.flags


def test_what_a_duplicate_belongs_to_its_record_belongs_to():
    ties = [
        Tie("agency2", SAME_AS, "agency"),
        Tie("agency2", "owned-by", "state2"),
        Tie("state2", SAME_AS, "state"),
    ]
    (origin,) = find_origins([Said("1", "agency"), Said("2", "state")], ties)
    assert sentences(origin) == ["agency is owned by state."]


def test_unnamed_sources_of_one_outlets_two_records_are_not_counted_twice():
    said = [Said("1", None, outlet="bbc"), Said("2", None, outlet="bbc2")]
    (origin,) = find_origins(said, [Tie("bbc2", SAME_AS, "bbc")])
    assert "bbc2 and bbc are two records of one source." in sentences(origin)


def test_records_that_are_each_others_duplicates_are_one_source():
    ties = [Tie("a", SAME_AS, "b"), Tie("b", SAME_AS, "c"), Tie("c", SAME_AS, "a")]
    (origin,) = find_origins([Said("1", "c"), Said("2", "b")], ties)
    assert origin.voices == ("a",)


def test_origin_that_only_says_it_is_possible_counts_and_confirms_nothing():
    origins = find_origins(
        [Said("1", "a", modality="possible"), Said("2", "b"), Said("3", "c", modality="probable")]
    )
    assert origins.counts["origins_for"] == 3
    assert [origin.flags for origin in origins] == [{"only-possible"}, set(), set()]
    assert origins.confirming() == 2


def test_relay_that_is_surer_than_what_it_relays_is_flagged():
    said = [Said("1", "a", modality="probable"), Said("2", "b", derives_from="1")]
    assert find_origins(said).origins[0].flags == {"relay-hardens"}
    said = [Said("1", "a", modality="probable"), Said("2", "b", derives_from="1", modality="possible")]
    assert find_origins(said).origins[0].flags == frozenset()


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
