"""The affiliation graph: two steps, merged sources as one, what was withdrawn is not there."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from sources.catalog.models import Affiliation
from tests.cast import T0
from verify.pictures.affiliations import Affiliations, affiliations_of, picture, shown

TODAY = date(2026, 1, 1)


@pytest.fixture
def tie(make_source: Any) -> Any:
    def make(source: Any, kind: str, principal: Any, **fields: Any) -> Affiliation:
        return Affiliation.objects.create(source=source, kind=kind, principal=principal, **fields)

    return make


def names(found: Affiliations) -> set[str]:
    return {source.name for source in found.sources.values()}


def words(found: Affiliations, **how: Any) -> str:
    drawn = picture(found, lambda pk: f"/s/{pk}", **how)
    return "\n".join(text.text or "" for element in drawn.elements for text in element.iter("text"))


def test_two_steps_and_no_further(make_source: Any, tie: Any) -> None:
    chain = [make_source(name) for name in "ABCD"]
    for below, above in pairwise(chain):
        tie(below, "part-of", above)
    assert names(affiliations_of(chain[0], on=TODAY)) == {"A", "B", "C"}


def test_dates_ends_and_evidence_are_told(make_source: Any, make_document: Any, tie: Any) -> None:
    agency, state = make_source("SANA"), make_source("The state", is_party=True)
    tie(agency, "owned-by", state, valid_from=date(1965, 6, 24), evidence=make_document())
    tie(make_source("Editor"), "employed-by", agency, valid_to=date(2019, 5, 1))
    told = words(affiliations_of(agency, on=TODAY))
    assert "owns it" in told and "since 24 Jun 1965" in told
    assert "employed by it" in told and "until 1 May 2019,\nended" in told
    assert "no document shows it yet" in told and "a document shows it" in told


def test_what_ends_today_still_holds(make_source: Any, tie: Any) -> None:
    agency = make_source("SANA")
    tie(agency, "owned-by", make_source("The state"), valid_to=TODAY)
    assert "ended" not in words(affiliations_of(agency, on=TODAY))


def test_withdrawn_affiliations_are_not_drawn(make_source: Any, tie: Any, alice: Any) -> None:
    agency = make_source("SANA")
    gone = {"withdrawn_at": T0, "withdrawn_by": alice, "withdrawn_because": "Another agency of the name."}
    tie(agency, "owned-by", make_source("The state"), **gone)
    assert not affiliations_of(agency, on=TODAY)


def test_merged_sources_are_read_as_one(make_source: Any, tie: Any, alice: Any) -> None:
    agency, twin, state = make_source("SANA"), make_source("Sana news"), make_source("The state")
    tie(twin, "owned-by", state)
    tie(twin, "part-of", agency)  # once merged, it is nobody's part
    twin.merged_into, twin.merged_at, twin.merged_by, twin.merged_because = (
        agency,
        T0,
        alice,
        "The same agency.",
    )
    twin.save()
    for asked in (agency, twin):
        found = affiliations_of(asked, on=TODAY)
        assert names(found) == {"SANA", "The state"} and len(found.relations) == 1


def test_other_desks_are_never_read(make_source: Any, tie: Any, other_desk: Any, mallory: Any) -> None:
    theirs = make_source("Theirs", desk=other_desk, by=mallory)
    mine = make_source("Mine")
    tie(theirs, "owned-by", mine)
    assert not affiliations_of(mine, on=TODAY)


@pytest.mark.parametrize("count", [1, 3])
def test_three_queries_however_many(
    make_source: Any, tie: Any, count: int, django_assert_num_queries: Any
) -> None:
    agency = make_source("SANA")
    for _each in range(count):
        tie(make_source(), "part-of", agency)
    with django_assert_num_queries(3):
        table = shown(affiliations_of(agency, on=TODAY), lambda pk: f"/s/{pk}")
    assert len(table.rows) == count


def test_hundreds_of_affiliates_are_counted(make_source: Any, tie: Any) -> None:
    agency = make_source("SANA")
    for _each in range(40):
        tie(make_source(), "employed-by", agency)
    assert "and 28 more" in words(affiliations_of(agency, on=TODAY))


def test_neighbours_of_its_owner_are_shown(make_source: Any, tie: Any) -> None:
    agency, sister, state = make_source("SANA"), make_source("Al-Thawra"), make_source("The state")
    tie(agency, "owned-by", state)
    tie(sister, "owned-by", state)
    assert "Al-Thawra" in words(affiliations_of(agency, on=TODAY), form="narrow")
