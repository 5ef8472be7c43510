"""How what a source asserted held up: by the verdicts that stand, for its own word alone, counted and not scored."""

from __future__ import annotations

from datetime import timedelta

import pytest

from claims.attribution.models import Assertion
from claims.attribution.services import state_figure
from claims.statements.models import Claim, Figure
from claims.statements.services import move
from sources.catalog.models import Affiliation, Source, SourceKind
from sources.catalog.services import affiliate
from tests.cast import T0
from verify.review.services import propose_verdict
from verify.review.track import Outcome, assertions, track_record


@pytest.fixture
def judge(desk, alice, carol, ask, answer):
    """Alice proposes a verdict, Carol approves it."""

    def judge(claim, code):
        claim = Claim.objects.get(pk=claim.pk)
        if claim.workflow == "draft":
            move(claim=claim, to="in-research", reason="", by=alice, at=T0)
        rating = desk.ratings.get(code=code)
        propose_verdict(claim=claim, rating=rating, rationale="It is so.", by=alice, at=T0)
        answer(ask(Claim.objects.get(pk=claim.pk), carol))
        return Claim.objects.get(pk=claim.pk)

    return judge


def counted(source):
    return {outcome: number for outcome, number in track_record(source).claims.items() if number}


def merge(duplicate, into, by):
    Source.objects.filter(pk=duplicate.pk).update(
        merged_into=into, merged_at=T0, merged_by=by, merged_because="one body under two names"
    )
    duplicate.refresh_from_db()


@pytest.mark.parametrize(
    ("code", "affirmed", "denied"),
    [
        ("confirmed", Outcome.HELD_UP, Outcome.CONTRADICTED),
        ("partly-confirmed", Outcome.IN_PART, Outcome.IN_PART),
        ("disputed", Outcome.DISPUTED, Outcome.DISPUTED),
        ("unverified", Outcome.OPEN, Outcome.OPEN),
        ("superseded", Outcome.SUPERSEDED, Outcome.SUPERSEDED),
        ("contradicted", Outcome.CONTRADICTED, Outcome.HELD_UP),
    ],
)
def test_who_denied_what_was_contradicted_held_up(
    make_claim, make_assertion, make_source, judge, code, affirmed, denied
):
    claim, group, ministry = make_claim(), make_source("Group"), make_source("Ministry")
    make_assertion(claim, group)
    make_assertion(claim, ministry, polarity="denies", verb="denied")
    assert counted(group) == {Outcome.OPEN: 1}
    judge(claim, code)
    assert (counted(group), counted(ministry)) == ({affirmed: 1}, {denied: 1})


def test_what_a_source_passed_on_is_not_its_record(make_claim, make_assertion, make_source, judge):
    claim, group, outlet = make_claim(), make_source("Group"), make_source("Outlet", SourceKind.OUTLET)
    root = make_assertion(claim, group)
    make_assertion(claim, outlet, derives_from=root)
    make_assertion(claim, outlet, role="relay", outlet=outlet)  # of nobody with a name
    judge(claim, "contradicted")
    assert counted(outlet) == {}
    assert counted(group) == {Outcome.CONTRADICTED: 1}


def test_what_was_said_on_its_behalf_is_its_word_and_not_the_speakers(
    make_claim, make_assertion, make_source, judge
):
    claim, ministry, karim = make_claim(), make_source("Ministry"), make_source("Karim", SourceKind.PERSON)
    make_assertion(claim, karim, role="spokesperson", on_behalf_of=ministry)
    judge(claim, "confirmed")
    assert (counted(ministry), counted(karim)) == ({Outcome.HELD_UP: 1}, {})


@pytest.mark.parametrize(("until", "count"), [(0, 1), (1, 0), (None, 1)])
def test_whoever_spoke_for_it_on_the_day_is_its_voice(
    make_claim, make_assertion, make_source, alice, until, count
):
    ministry, karim = make_source("Ministry"), make_source("Karim", SourceKind.PERSON)
    ended = None if until is None else T0.date() - timedelta(days=until)
    affiliate(source=karim, kind="speaks-for", principal=ministry, valid_to=ended, by=alice)
    make_assertion(make_claim(), karim, said_at=T0)
    assert track_record(ministry).total == count
    Affiliation.objects.update(withdrawn_at=T0, withdrawn_by=alice, withdrawn_because="another Karim")
    assert track_record(ministry).total == 0


def test_on_an_unknown_day_everybody_who_ever_spoke_for_it_did(
    make_claim, make_assertion, make_source, alice
):
    ministry, karim = make_source("Ministry"), make_source("Karim", SourceKind.PERSON)
    affiliate(source=karim, kind="speaks-for", principal=ministry, valid_to=T0.date(), by=alice)
    make_assertion(make_claim(), karim)
    assert track_record(ministry).total == 1


def test_belonging_to_somebody_is_not_speaking_for_them(make_claim, make_assertion, make_source, alice):
    ministry, agency = make_source("Ministry"), make_source("Agency", SourceKind.AGENCY)
    affiliate(source=agency, kind="owned-by", principal=ministry, by=alice)
    make_assertion(make_claim(), agency)
    assert track_record(ministry).total == 0


def test_a_duplicate_and_its_record_have_one_record(make_claim, make_assertion, make_source, alice):
    group, duplicate, karim = make_source("SOHR"), make_source("S.O.H.R."), make_source("Karim")
    affiliate(source=karim, kind="speaks-for", principal=duplicate, by=alice)
    for speaker in (group, duplicate, karim):
        make_assertion(make_claim(), speaker)
    assert (track_record(group).total, track_record(duplicate).total) == (1, 2)
    merge(duplicate, group, alice)
    assert track_record(group) == track_record(duplicate)
    assert track_record(group).total == 3


def test_a_claim_counts_once_however_often_it_was_said(make_claim, make_assertion, make_source):
    claim, group = make_claim(), make_source("Group")
    for day in range(3):
        make_assertion(claim, group, said_at=T0 + timedelta(days=day))
    assert counted(group) == {Outcome.OPEN: 1}
    assert assertions(group).count() == 3


def test_a_verdict_counts_while_it_stands(make_claim, make_assertion, make_source, judge, desk, alice):
    claim, group = make_claim(), make_source("Group")
    make_assertion(claim, group)
    claim = judge(claim, "confirmed")
    assert counted(group) == {Outcome.HELD_UP: 1}
    propose_verdict(
        claim=claim, rating=desk.ratings.get(code="contradicted"), rationale="New.", by=alice, at=T0
    )
    assert counted(group) == {Outcome.OPEN: 1}  # it was reopened, and what is proposed is not the desk's word
    judge(claim, "disputed")
    assert counted(group) == {Outcome.DISPUTED: 1}


def test_a_step_of_the_desks_own_is_counted_apart(make_claim, make_assertion, make_source, judge, desk):
    desk.ratings.create(code="half-true", value=7, label="Half true")
    claim, group = make_claim(), make_source("Group")
    make_assertion(claim, group)
    judge(claim, "half-true")
    assert counted(group) == {Outcome.OTHER: 1}


@pytest.mark.parametrize("aside", ["duplicate", "out-of-scope"])
def test_claims_that_were_set_aside_are_no_record(make_claim, make_assertion, make_source, alice, aside):
    claim, group = make_claim(), make_source("Group")
    make_assertion(claim, group)
    move(claim=Claim.objects.get(pk=claim.pk), to=aside, reason="see the other", by=alice, at=T0)
    assert track_record(group).total == 0


def test_what_was_withdrawn_is_no_record(make_claim, make_assertion, make_source, alice):
    group = make_source("Group")
    make_assertion(make_claim(), group)
    Assertion.objects.update(withdrawn_at=T0, withdrawn_by=alice, withdrawn_because="never said")
    assert track_record(group).total == 0


def test_revisions_are_those_of_its_own_figures(make_claim, make_assertion, make_source, alice):
    claim, group, other = make_claim(), make_source("Group"), make_source("Other")
    figure = {"unit": "people-killed", "by": alice, "at": T0}
    first = state_figure(assertion=make_assertion(claim, group), point=745, **figure)
    elsewhere = state_figure(assertion=make_assertion(claim, other), point=1_000, **figure)
    later = make_assertion(claim, group)
    state_figure(assertion=later, point=1_383, supersedes=first, **figure)
    state_figure(assertion=later, point=1_400, supersedes=elsewhere, **figure)
    track = track_record(group)
    assert (track.figures, track.revised) == (3, 1)
    Figure.objects.filter(pk=first.pk).update(withdrawn_at=T0, withdrawn_by=alice, withdrawn_because="typo")
    assert (track_record(group).figures, track_record(group).revised) == (2, 0)


@pytest.mark.parametrize("size", [1, 10])
def test_a_record_costs_the_same_for_one_claim_and_for_ten(
    make_claim, make_assertion, make_source, django_assert_num_queries, size
):
    group = make_source("Group")
    for day in range(size):
        make_assertion(make_claim(), group, said_at=T0 + timedelta(days=day))
    with django_assert_num_queries(3):
        assert track_record(group).total == size
    with django_assert_num_queries(1):
        page = list(assertions(group)[:5])
        assert all(each.claim.text and each.speaker.name and each.outcome == "open" for each in page)
    assert [each.said_at for each in page] == sorted((each.said_at for each in page), reverse=True)


def test_another_desks_claims_are_no_record_here(
    make_claim, make_assertion, make_source, other_desk, mallory
):
    group = make_source("Group")
    owner = {"desk": other_desk, "by": mallory}
    make_assertion(make_claim(**owner), make_source("Group", **owner), by=mallory)
    assert track_record(group).total == 0
