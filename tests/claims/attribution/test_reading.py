"""Origins read from the rows: outlets are never counted, and what a page needs costs the same for one or for many."""

from __future__ import annotations

import json
import re

import pytest

from claims.attribution.models import Assertion, Citation
from claims.attribution.reading import assertions_of, names_of, origins_of, origins_summary, sentence
from claims.attribution.services import anchor_quote, state_figure
from claims.statements.models import Figure
from sources.catalog.models import Affiliation, Source, SourceKind
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


def withdraw(rows, by):
    rows.update(withdrawn_at=T0, withdrawn_by=by, withdrawn_because="recorded by mistake")


def merge(duplicate, into, by):
    Source.objects.filter(pk=duplicate.pk).update(
        merged_into=into, merged_at=T0, merged_by=by, merged_because="one body under two names"
    )


def cite(assertion, cited, by):
    Citation.objects.create(assertion=assertion, cited=cited, created_by=by, created_at=T0)


def because(claim):
    names = names_of(assertions_of(claim), claim)
    return sorted(sentence(reason, names) for origin in origins_of(claim) for reason in origin.merged_because)


def test_what_was_withdrawn_is_not_read(chain, alice):
    withdraw(Assertion.objects.filter(speaker__name="BBC"), alice)
    assert {assertion.speaker.name for assertion in assertions_of(chain)} == {"SOHR", "Wire"}
    assert origins_of(chain).counts["outlets"] == 1


def test_a_withdrawn_figure_and_a_citation_of_what_was_withdrawn_are_not_read(
    make_claim, make_assertion, alice
):
    claim = make_claim()
    assertion, cited = make_assertion(claim), make_assertion(claim)
    state_figure(assertion=assertion, point=745, unit="people-killed", by=alice, at=T0)
    cite(assertion, cited, alice)
    (read, other) = sorted(assertions_of(claim), key=lambda each: each.pk != assertion.pk)
    assert (read.figures.count(), read.citations.get().cited) == (1, other)
    withdraw(Figure.objects.all(), alice)
    withdraw(Assertion.objects.filter(pk=cited.pk), alice)
    (read,) = assertions_of(claim)
    assert (list(read.figures.all()), list(read.citations.all())) == ([], [])
    assert not origins_of(claim).cautions


def test_a_withdrawn_affiliation_merges_nothing(make_claim, make_assertion, make_source, alice):
    claim, agency, ministry = make_claim(), make_source("Agency"), make_source("Ministry")
    for speaker in (agency, ministry):
        make_assertion(claim, speaker)
    affiliate(source=agency, kind="owned-by", principal=ministry, by=alice)
    assert len(origins_of(claim)) == 1
    withdraw(Affiliation.objects.all(), alice)
    assert len(origins_of(claim)) == 2


def test_what_was_taken_over_from_a_withdrawn_report_begins_with_nobody_known_and_names_it(chain, alice):
    withdraw(Assertion.objects.filter(speaker__name="SOHR"), alice)
    (origin,) = origins_of(chain)
    assert not origin.is_attributed
    (why,) = because(chain)
    assert re.fullmatch("(BBC and Wire|Wire and BBC) were taken over from the same report, SOHR.", why)


def test_two_records_of_one_source_are_one_origin_with_the_name_of_the_one_that_stands(
    make_claim, make_assertion, make_source, alice
):
    claim = make_claim()
    group, duplicate = make_source("SOHR"), make_source("S.O.H.R.", kind=SourceKind.PARTY)
    for speaker in (group, duplicate):
        make_assertion(claim, speaker, outlet=speaker)
    assert origins_of(claim).counts["origins"] == 2
    merge(duplicate, group, alice)
    summary = origins_summary(claim)
    assert (summary["counts"]["origins"], summary["counts"]["outlets"]) == (1, 1)
    assert (summary["groups"][0]["name"], summary["groups"][0]["party"]) == ("SOHR", True)
    assert sorted(summary["groups"][0]["because"]) == [
        "S.O.H.R. and SOHR are two records of one source.",
        "SOHR and SOHR were both said by SOHR.",
    ]


def test_reports_that_cite_each_other_are_one_circular_origin(make_claim, make_assertion, make_source, alice):
    claim = make_claim()
    daily, radio = make_assertion(claim, make_source("Daily")), make_assertion(claim, make_source("Radio"))
    cite(daily, radio, alice)
    assert origins_of(claim).counts["origins"] == 2
    assert origins_summary(claim)["cautions"] == ["Daily also names Radio as its source."]
    cite(radio, daily, alice)
    (origin,) = origins_of(claim)
    assert "cycle" in origin.flags and not origin.confirms
    assert because(claim) == [
        "Daily names Radio as its source, and that rests in the end on the first: a circle.",
        "Radio names Daily as its source, and that rests in the end on the first: a circle.",
    ]


def test_a_chain_is_followed_out_of_the_claim_to_where_it_begins(
    make_claim, make_assertion, make_source, django_assert_num_queries
):
    first, second = make_claim(), make_claim()
    root = make_assertion(first, make_source("SOHR"))
    wire = make_assertion(first, make_source("Wire"), role="relay", derives_from=root)
    for name in ("BBC", "Daily"):
        outlet = make_source(name, SourceKind.OUTLET)
        make_assertion(second, outlet, outlet=outlet, role="relay", derives_from=wire)
    with django_assert_num_queries(1 + 4 + 2):
        (origin,) = origins_of(second)
    assert origin.voices == (str(root.speaker_id),) and origin.confirms == {"affirms"}
    assert (len(origin.members), len(origin.outlets)) == (2, 2)
    summary = origins_summary(second)
    assert summary["groups"][0]["name"] == "SOHR"
    (why,) = because(second)
    assert re.fullmatch("(BBC and Daily|Daily and BBC) were both said by SOHR.", why)


def test_a_chain_that_comes_back_into_the_claim_ends_there(make_claim, make_assertion, make_source):
    claim, other = make_claim(), make_claim()
    root = make_assertion(claim, make_source("SOHR"))
    outside = make_assertion(other, make_source("Wire"), role="relay", derives_from=root)
    back = make_assertion(claim, make_source("BBC"), role="relay", derives_from=outside)
    (origin,) = origins_of(claim)
    assert (origin.roots, set(origin.members)) == ((str(root.pk),), {str(root.pk), str(back.pk)})


def test_a_chain_that_leads_out_to_something_withdrawn_begins_with_nobody_known(
    make_claim, make_assertion, make_source, alice
):
    claim, other = make_claim(), make_claim()
    root = make_assertion(other, make_source("SOHR"))
    wire = make_assertion(other, make_source("Wire"), role="relay", derives_from=root)
    make_assertion(claim, make_source("BBC"), role="relay", derives_from=wire)
    withdraw(Assertion.objects.filter(pk=root.pk), alice)
    (origin,) = origins_of(claim)
    assert not origin.is_attributed and not origin.voices


def test_a_chain_of_any_length_is_read(make_claim, make_assertion, make_source):
    claim, speaker = make_claim(), make_source()
    above = make_assertion(claim, speaker)
    Assertion.objects.bulk_create(
        above := Assertion(
            claim=claim, speaker=speaker, derives_from=above, created_by=claim.author, created_at=T0
        )
        for _ in range(300)
    )
    (origin,) = origins_of(claim)
    assert len(origin.members) == len(assertions_of(claim)) == 301


def test_rows_are_read_with_the_assertions_that_they_belong_to(
    make_claim, make_assertion, make_capture, alice
):
    claim, elsewhere, capture = make_claim(), make_claim(), make_capture()
    first, second, bare = (make_assertion(claim) for _ in range(3))
    other = make_assertion(elsewhere)
    for quote in ("around 745 civilians were killed", "30 massacres"):
        anchor_quote(assertion=first, text=capture.texts.get(), quote=quote, by=alice, at=T0)
    shared = state_figure(assertion=first, point=745, unit="people-killed", by=alice, at=T0)
    second.figures.add(shared)
    other.figures.add(shared)
    own = state_figure(assertion=second, point=30, unit="people-killed", by=alice, at=T0)
    state_figure(assertion=other, point=1, unit="people-killed", by=alice, at=T0)
    read = {each.pk: each for each in assertions_of(claim)}
    assert list(read[first.pk].figures.all()) == [shared] == [read[first.pk].figures.get()]
    assert (
        list(read[second.pk].figures.all()) == list(second.figures.all())
        and own in read[second.pk].figures.all()
    )
    assert list(read[first.pk].anchors.all()) == list(first.anchors.all())
    assert all(anchor.assertion is read[first.pk] for anchor in read[first.pk].anchors.all())
    assert not read[bare.pk].figures.all() and not read[second.pk].anchors.all()


def test_a_row_added_to_one_that_was_read_as_bare_is_not_shown_with_the_others(
    make_claim, make_assertion, alice, django_assert_num_queries
):
    claim = make_claim()
    for _ in range(3):
        make_assertion(claim)
    one, *others = assertions_of(claim)
    with django_assert_num_queries(0):
        assert (one.figures.count(), one.anchors.exists(), one.citations.first()) == (0, False, None)
    figure = Figure.objects.create(claim=claim, point=745, unit="people-killed")
    one.figures.add(figure)
    cite(one, others[0], alice)
    assert list(one.figures.all()) == [figure]
    assert not any(each.figures.all() or each.citations.all() for each in others)


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
    with django_assert_num_queries(9):
        assertions = assertions_of(claim)
        assert len({a.anchors.all()[0].text.capture.entry.index for a in assertions}) == size
        assert all(a.speaker.name and a.document.url and list(a.figures.all()) == [] for a in assertions)
        assert not any(a.speaker.merged_into or a.regions.all() or a.citations.all() for a in assertions)
    with django_assert_num_queries(4):  # affiliations; parties and duplicates; texts; citations
        origins_of(claim, assertions)
    with django_assert_num_queries(1 + 4):
        origins_of(claim)
    with django_assert_num_queries(9 + 4 + 1):
        origins_summary(claim)
