"""What holds for any set of assertions and affiliations."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from claims.attribution.origins import MERGING, Said, Tie, find_origins

SOURCES = st.sampled_from("abcdef")
DAYS = st.none() | st.dates(date(2025, 3, 1), date(2025, 3, 6))
IDS = [str(n) for n in range(8)]

ties = st.lists(
    st.builds(Tie, SOURCES, st.sampled_from([*sorted(MERGING), "funded-by"]), SOURCES, DAYS, DAYS), max_size=6
)


@st.composite
def assertions(draw):
    ids = IDS[: draw(st.integers(1, len(IDS)))]
    return [
        Said(
            id,
            draw(st.none() | SOURCES),
            on_behalf_of=draw(st.none() | SOURCES),
            outlet=draw(st.none() | SOURCES),
            derives_from=draw(st.none() | st.sampled_from([*IDS, "lost"])),
            polarity=draw(st.sampled_from(["affirms", "denies"])),
            is_relay=draw(st.booleans()),
            copy_of=draw(st.none() | st.sampled_from("xy")),
            at=draw(DAYS),
        )
        for id in ids
    ]


@given(assertions(), ties, st.randoms())
def test_order_of_assertions_and_ties_does_not_matter(said, affiliations, chance):
    before = find_origins(said, affiliations, parties={"a"})
    chance.shuffle(said)
    chance.shuffle(affiliations)
    assert find_origins(said, affiliations, parties={"a"}) == before


@given(assertions(), ties)
def test_each_assertion_is_in_exactly_one_origin_that_has_a_root(said, affiliations):
    origins = find_origins(said, affiliations)
    assert sorted(id for origin in origins for id in origin.members) == sorted(each.id for each in said)
    assert all(set(origin.roots) <= set(origin.members) and origin.roots for origin in origins)
    assert all(origin.affirms or origin.denies for origin in origins)


@given(assertions(), ties, st.data())
def test_relay_never_adds_an_origin(said, affiliations, data):
    parent = data.draw(st.sampled_from(said)).id
    copy = data.draw(st.none() | st.sampled_from("xy"))
    relay = Said("new", data.draw(st.none() | SOURCES), derives_from=parent, copy_of=copy, is_relay=True)
    assert len(find_origins([*said, relay], affiliations)) <= len(find_origins(said, affiliations))


@given(assertions(), ties, ties)
def test_affiliation_never_adds_an_origin(said, affiliations, more):
    before, after = find_origins(said, affiliations), find_origins(said, affiliations + more)
    assert len(after) <= len(before)
    assert after.confirming() <= before.confirming()


@given(assertions(), ties)
def test_funding_never_changes_the_origins(said, affiliations):
    merging = [tie for tie in affiliations if tie.kind in MERGING]
    with_funding, without = find_origins(said, affiliations), find_origins(said, merging)
    assert [origin.members for origin in with_funding] == [origin.members for origin in without]


@given(assertions(), ties)
def test_merged_origins_are_explained(said, affiliations):
    for origin in find_origins(said, affiliations):
        if len(origin.roots) > 1:
            assert origin.merged_because
        for reason in origin.merged_because:
            assert "%(" not in str(reason)


@given(assertions(), ties)
@settings(max_examples=60)
def test_parties_change_only_whose_origins_they_are(said, affiliations):
    without, with_party = (
        find_origins(said, affiliations),
        find_origins(said, affiliations, parties={"a", "b"}),
    )
    assert [origin.members for origin in without] == [origin.members for origin in with_party]
    assert all(origin.is_party for origin in with_party if {"a", "b"} & set(origin.voices))
