"""What holds for any set of assertions, citations and affiliations."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from claims.attribution.origins import KINDS as COUNTED_AS
from claims.attribution.origins import MERGING, SAME_AS, Said, Tie, find_origins
from claims.attribution.ties import circles

SOURCES = st.sampled_from("abcdef")
DAYS = st.none() | st.dates(date(2025, 3, 1), date(2025, 3, 6))
IDS = [str(n) for n in range(8)]
KINDS = st.sampled_from([*sorted(MERGING), "funded-by", SAME_AS])

ties = st.lists(st.builds(Tie, SOURCES, KINDS, SOURCES, DAYS, DAYS), max_size=6)


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
            cites=tuple(draw(st.lists(st.sampled_from([*IDS, "lost"]), max_size=3))),
            modality=draw(st.sampled_from(["certain", "probable", "possible"])),
        )
        for id in ids
    ]


def without_citations(said):
    return [replace(each, cites=()) for each in said]


@given(assertions(), ties, st.randoms())
def test_order_of_assertions_citations_and_ties_does_not_matter(said, affiliations, chance):
    before = find_origins(said, affiliations, parties={"a"})
    said = [replace(each, cites=tuple(chance.sample(each.cites, len(each.cites)))) for each in said]
    chance.shuffle(said)
    chance.shuffle(affiliations)
    assert find_origins(said, affiliations, parties={"a"}) == before


@given(assertions(), ties)
def test_each_assertion_is_in_exactly_one_origin_that_has_a_root(said, affiliations):
    origins = find_origins(said, affiliations)
    assert sorted(id for origin in origins for id in origin.members) == sorted(each.id for each in said)
    assert all(set(origin.roots) <= set(origin.members) and origin.roots for origin in origins)
    assert all(origin.affirms or origin.denies for origin in origins)


@given(assertions(), ties)
def test_counts_agree_with_the_origins(said, affiliations):
    origins = find_origins(said, affiliations, parties={"a"})
    counts = origins.counts
    assert counts["origins"] == len(origins) <= counts["assertions"] == len(said)
    assert counts["origins"] <= counts["origins_for"] + counts["origins_against"]
    assert sum(counts[f"{kind}_origins"] for kind in COUNTED_AS) == counts["origins"]
    assert counts["independent_origins"] <= origins.confirming("affirms") + origins.confirming("denies")
    assert counts["circle_origins"] <= sum("cycle" in origin.flags for origin in origins)
    assert counts["cofunded_origins"] <= counts["linked_origins"] <= counts["independent_origins"]
    assert set(origins.outlets) == {outlet for origin in origins for outlet in origin.outlets}
    for side, says in (("affirms", "origins_for"), ("denies", "origins_against")):
        assert origins.confirming(side) <= counts[says]
        assert all(getattr(origin, side) for origin in origins if side in origin.confirms)


@given(assertions(), ties, st.data())
def test_relay_never_adds_an_origin(said, affiliations, data):
    parent = data.draw(st.sampled_from(said)).id
    copy = data.draw(st.none() | st.sampled_from("xy"))
    cites = tuple(data.draw(st.lists(st.sampled_from(IDS), max_size=2)))
    relay = Said(
        "new", data.draw(st.none() | SOURCES), derives_from=parent, copy_of=copy, is_relay=True, cites=cites
    )
    before, after = find_origins(said, affiliations), find_origins([*said, relay], affiliations)
    assert len(after) <= len(before)
    assert after.confirming() <= before.confirming()


@given(assertions(), ties)
def test_withdrawing_a_relay_never_removes_an_origin(said, affiliations):
    before = find_origins(said, affiliations)
    roots = {id for origin in before for id in origin.roots}
    for relay in {each.id for each in said} - roots:
        left = [each for each in said if each.id != relay]
        assert len(find_origins(left, affiliations)) >= len(before)


@given(assertions(), ties, ties)
def test_tie_never_adds_an_origin_whether_of_affiliation_or_of_two_records(said, affiliations, more):
    before, after = find_origins(said, affiliations), find_origins(said, affiliations + more)
    assert len(after) <= len(before)
    for side in ("affirms", "denies"):
        assert after.confirming(side) <= before.confirming(side)
    assert len(after.outlets) <= len(before.outlets)


@given(assertions(), ties, SOURCES, SOURCES)
def test_merging_two_sources_is_reading_one_as_the_other(said, affiliations, duplicate, record):
    """As if the record had been named in the first place, but for the sentence that says so."""

    def name(source):
        return record if source == duplicate else source

    affiliations = [tie for tie in affiliations if tie.kind != SAME_AS]
    merged = find_origins(said, [*affiliations, Tie(duplicate, SAME_AS, record)], parties={duplicate})
    renamed = find_origins(
        [
            replace(e, speaker=name(e.speaker), on_behalf_of=name(e.on_behalf_of), outlet=name(e.outlet))
            for e in said
        ],
        [replace(tie, source=name(tie.source), principal=name(tie.principal)) for tie in affiliations],
        parties={record},
    )

    def plain(origins):
        def said_why(origin):
            return tuple(reason for reason in origin.merged_because if reason.code != "same-as")

        return [replace(origin, merged_because=said_why(origin)) for origin in origins], origins.cautions

    assert plain(merged) == plain(renamed)


@given(assertions(), ties, st.permutations(IDS))
def test_renaming_assertions_renames_and_nothing_else(said, affiliations, names):
    new = dict(zip(IDS, names, strict=True)) | {"lost": "lost"}
    renamed = [
        replace(
            each,
            id=new[each.id],
            derives_from=each.derives_from and new[each.derives_from],
            cites=tuple(new[cited] for cited in each.cites),
        )
        for each in said
    ]

    def shape(origins, names):
        return {
            (
                frozenset(names[id] for id in origin.members),
                frozenset(names[id] for id in origin.roots),
                origin.voices,
                origin.outlets,
                origin.confirms,
                origin.flags,
            )
            for origin in origins
        }

    same = {id: id for id in new}
    before, after = find_origins(said, affiliations), find_origins(renamed, affiliations)
    assert shape(after, same) == shape(before, new)
    assert after.counts == before.counts


@given(assertions(), ties)
def test_funding_never_changes_the_origins(said, affiliations):
    merging = [tie for tie in affiliations if tie.kind != "funded-by"]
    with_funding, without = find_origins(said, affiliations), find_origins(said, merging)
    assert [origin.members for origin in with_funding] == [origin.members for origin in without]
    assert with_funding.confirming() == without.confirming()


@given(assertions(), ties)
def test_modality_never_changes_the_origins_nor_adds_an_independent_one(said, affiliations):
    certain = find_origins([replace(each, modality="certain") for each in said], affiliations)
    origins = find_origins(said, affiliations)
    assert [origin.members for origin in origins] == [origin.members for origin in certain]
    assert origins.counts["independent_origins"] <= certain.counts["independent_origins"]
    assert origins.confirming() <= certain.confirming()


@given(assertions(), ties)
def test_citation_never_adds_an_origin_and_merges_only_what_rests_on_each_other(said, affiliations):
    with_them = find_origins(said, affiliations)
    without = find_origins(without_citations(said), affiliations)
    assert len(with_them) <= len(without)
    assert with_them.confirming() <= without.confirming()
    if not any("cycle" in origin.flags for origin in with_them):
        assert [origin.members for origin in with_them] == [origin.members for origin in without]


@given(assertions(), ties)
def test_every_merge_is_explained(said, affiliations):
    """The sentences, with who said what and what was taken over from what, connect all that an origin holds."""
    by_id = {each.id: each for each in said}
    for origin in find_origins(said, affiliations):
        near = defaultdict(set)

        def link(one, other, near=near):
            near[one].add(other)
            near[other].add(one)

        for reason in origin.merged_because:
            assert "%(" not in str(reason)
            kind, ends = (
                ("said", "first second") if "first" in reason.params else ("source", "source principal")
            )
            link(*((kind, reason.params[end]) for end in ends.split()))
        for id in origin.members:
            each = by_id[id]
            if id not in origin.roots:
                link(("said", id), ("said", each.derives_from))
            elif (each.derives_from is None or each.derives_from in by_id) and (
                each.on_behalf_of or (each.speaker and not each.is_relay)
            ):
                link(("said", id), ("source", each.on_behalf_of or each.speaker))
        reached, queue = set(), [("said", origin.roots[0])]
        while queue:
            if (node := queue.pop()) not in reached:
                reached.add(node)
                queue += near[node]
        assert {("said", id) for id in origin.members} <= reached


@given(assertions(), ties)
@settings(max_examples=60)
def test_parties_change_only_whose_origins_they_are(said, affiliations):
    without, with_party = (
        find_origins(said, affiliations),
        find_origins(said, affiliations, parties={"a", "b"}),
    )
    assert [origin.members for origin in without] == [origin.members for origin in with_party]
    assert all(origin.is_party for origin in with_party if {"a", "b"} & set(origin.voices))


NODES = "abcdef"


@given(st.fixed_dictionaries({node: st.sets(st.sampled_from(NODES), max_size=3) for node in NODES}))
def test_circles_are_what_leads_to_each_other(edges):
    beyond = {node: set(others) for node, others in edges.items()}
    for _ in NODES:
        for node in NODES:
            beyond[node] |= {further for other in beyond[node] for further in beyond[other]}
    expected = {
        node: min(other for other in beyond[node] if node in beyond[other])
        for node in NODES
        if node in beyond[node]
    }
    assert circles(edges) == expected
