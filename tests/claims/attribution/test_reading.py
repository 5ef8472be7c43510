"""Origins read from the rows: outlets are never counted, and what a page needs costs the same for one or for many."""

from __future__ import annotations

import json

import pytest

from claims.attribution.reading import assertions_of, names_of, origins_of, origins_summary, sentence
from claims.attribution.services import anchor_quote
from sources.catalog.models import SourceKind
from sources.catalog.services import affiliate
from sources.custody.canonical import canonical
from tests.cast import T0


@pytest.fixture
def chain(make_claim, make_assertion, make_source):
    """A monitoring group says it; a broadcaster and an agency relay it."""
    claim = make_claim("About 745 civilians were killed.")
    observatory = make_source("SOHR")
    outlets = [make_source("BBC", SourceKind.OUTLET), make_source("Wire", SourceKind.AGENCY)]
    root = make_assertion(claim, observatory)
    for outlet in outlets:
        make_assertion(claim, outlet, outlet=outlet, role="relay", derives_from=root, verb="reported")
    return claim


def test_two_outlets_that_quote_one_group_are_one_origin(chain):
    origins = origins_of(chain)
    (origin,) = origins
    assert (len(origin.members), len(origin.roots), len(origin.outlets)) == (3, 1, 2)
    assert origin.affirms
    assert not origin.is_party
    assert origins.counts["origins"] == 1


def test_a_spokesperson_and_the_ministry_are_one_origin_and_marked_a_party(
    make_claim, make_assertion, make_source
):
    claim = make_claim()
    ministry = make_source("Ministry", SourceKind.PARTY)
    make_assertion(claim, make_source("Spokesperson"), role="spokesperson", on_behalf_of=ministry)
    make_assertion(claim, ministry)
    (origin,) = origins_of(claim)
    assert origin.is_party
    assert origin.voices == (str(ministry.pk),)


def test_two_independent_speakers_are_two_origins_until_one_belongs_to_the_other(
    make_claim, make_assertion, make_source, alice
):
    claim, agency, ministry = make_claim(), make_source("Agency"), make_source("Ministry")
    make_assertion(claim, agency)
    make_assertion(claim, ministry)
    assert len(list(origins_of(claim))) == 2
    affiliate(source=agency, kind="owned-by", principal=ministry, by=alice)
    (origin,) = origins_of(claim)
    names = names_of(assertions_of(claim), claim)
    assert [sentence(reason, names) for reason in origin.merged_because] == ["Agency is owned by Ministry."]
    assert "same-affiliation" in origin.flags


def test_an_affiliation_that_had_ended_merges_nothing(make_claim, make_assertion, make_source, alice):
    claim, agency, ministry = make_claim(), make_source("Agency"), make_source("Ministry")
    make_assertion(claim, agency, said_at=T0)
    make_assertion(claim, ministry, said_at=T0)
    affiliate(
        source=agency, kind="owned-by", principal=ministry, valid_to=T0.date().replace(year=2024), by=alice
    )
    assert len(list(origins_of(claim))) == 2


def test_another_desks_affiliation_merges_nothing_here(
    make_claim, make_assertion, make_source, other_desk, mallory
):
    claim = make_claim()
    make_assertion(claim, make_source("Agency"))
    make_assertion(claim, make_source("Ministry"))
    owner = {"desk": other_desk, "by": mallory}
    agency, ministry = make_source("Agency", **owner), make_source("Ministry", **owner)
    affiliate(source=agency, kind="owned-by", principal=ministry, by=mallory)
    assert len(list(origins_of(claim))) == 2


def test_the_summary_names_sources_and_can_be_frozen(chain):
    summary = origins_summary(chain)
    assert summary["counts"]["origins"] == 1
    assert summary["counts"]["outlets"] == 2
    (group,) = summary["groups"]
    assert (group["name"], group["affirms"], group["party"], len(group["members"])) == (
        "SOHR",
        True,
        False,
        3,
    )
    assert json.loads(canonical(summary)) == summary


def test_reading_a_claim_without_assertions_finds_no_origin(make_claim):
    assert list(origins_of(make_claim())) == []


@pytest.mark.parametrize("size", [1, 10])
def test_reading_costs_the_same_for_one_assertion_and_for_ten(
    make_claim, make_assertion, make_capture, make_source, alice, django_assert_num_queries, size
):
    claim = make_claim()
    for _ in range(size):
        capture, speaker = make_capture(), make_source()
        assertion = make_assertion(claim, speaker, outlet=speaker, document=capture.document)
        quote = "around 745 civilians were killed in 30 massacres"
        anchor_quote(assertion=assertion, text=capture.texts.get(), quote=quote, by=alice, at=T0)
    with django_assert_num_queries(3 + ANCHORED):
        assertions = assertions_of(claim)
        assert len({a.anchors.all()[0].text.capture.entry.index for a in assertions}) == size
        assert all(a.speaker.name and a.document.url and list(a.figures.all()) == [] for a in assertions)
    with django_assert_num_queries(2):  # affiliations, parties
        origins_of(claim, assertions)
    with django_assert_num_queries(3 + ANCHORED + 3):
        origins_summary(claim)


ANCHORED = 3  # texts, captures and entries of the anchors
