"""The editors' figures: what is counted, in which week, of whose claims; and nothing that is blind."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from claims.statements.services import open_case
from tests.cast import T0, make_desk, make_person
from verify.accounts.models import Role
from verify.publish.models import Version
from verify.publish.services import publish
from verify.review.models import Review, Task
from verify.review.reports import AGES, Asked, Report

pytestmark = pytest.mark.django_db
MONDAY = date(2025, 3, 10)  # T0 is the Sunday before, at ten
NOW = datetime(2025, 3, 20, 12, tzinfo=UTC)


def report(desk: Any, first: date = date(2025, 3, 3), last: date = date(2025, 3, 23), **asked: Any) -> Report:
    return Report(Asked(desk, first, last, **asked), published=Version.objects.all(), at=NOW)


@pytest.fixture
def judge(desk: Any, alice: Any, bob: Any, sql: Any) -> Any:
    """Reviews as they would stand after rounds: rows alone, past the services, which are not what is tested here."""

    def make(claim: Any, reviewer: Any, opinion: str, rating: Any = None, **fields: Any) -> Review:
        task = Task.objects.create(
            claim=claim,
            assignee=reviewer,
            kind=fields.pop("kind", "sign-off"),
            state=fields.pop("state", "submitted"),
            created_by=bob,
            created_at=T0,
        )
        row = {"content_digest": "0" * 64, "submitted_at": T0 + timedelta(hours=3), "reason": "r"} | fields
        return Review.objects.create(
            task=task, claim=claim, reviewer=reviewer, kind=task.kind, opinion=opinion, rating=rating, **row
        )

    return make


@pytest.fixture
def rounds(make_claim: Any, judge: Any, desk: Any, carol: Any) -> list[Any]:
    """Twelve claims, each judged by Carol and Erin: ten alike, two apart."""
    erin = make_person("erin", desk, Role.CHECKER)
    scale = {rating.value: rating for rating in desk.ratings.all()}
    claims = [make_claim() for _ in range(12)]
    for place, claim in enumerate(claims):
        opinion = "return" if place % 3 == 0 else "approve"
        other = "return" if place in (1, 2) else opinion
        judge(claim, carol, opinion, scale[1 + place % 6])
        judge(claim, erin, other, scale[1 + place % 6])
    return claims


def test_claims_are_counted_in_the_week_of_utc_in_which_it_happened(
    desk, alice, bob, make_claim, approved_claim
):
    make_claim(at=datetime(2025, 3, 9, 23, 59, 59, tzinfo=UTC))
    make_claim(at=datetime(2025, 3, 10, 0, 0, tzinfo=UTC))
    publish(claim=approved_claim, by=bob, at=datetime(2025, 3, 17, 0, 0, tzinfo=UTC))
    found = {week.begins: (week.registered, week.approved, week.published) for week in report(desk).weeks}
    assert found == {
        date(2025, 3, 3): (2, 1, 0),
        MONDAY: (1, 0, 0),
        date(2025, 3, 17): (0, 0, 1),
    }


def test_the_days_asked_for_are_both_included_and_nothing_beside_them(desk, make_claim):
    for hour in (datetime(2025, 3, 9, 23, 59, tzinfo=UTC), datetime(2025, 3, 12, 0, 0, tzinfo=UTC)):
        make_claim(at=hour)
    inside = make_claim(at=datetime(2025, 3, 11, 23, 59, tzinfo=UTC))
    (week,) = report(desk, MONDAY, date(2025, 3, 11)).weeks
    assert (week.begins, week.registered) == (MONDAY, 1) and inside.created_at < NOW


def test_many_years_are_shown_as_their_last_weeks(desk, make_claim):
    make_claim()
    weeks = report(desk, date(1990, 1, 1), date(2025, 3, 16)).weeks
    assert len(weeks) == 53 and weeks[-1].begins == MONDAY


def test_open_claims_stand_by_state_and_age_and_closed_ones_nowhere(desk, make_claim, sql):
    for days in (0.5, 1, 6.9, 30, 300):
        make_claim(at=NOW - timedelta(days=days))
    closed = make_claim(at=NOW)
    sql("UPDATE claims_claim SET workflow = 'closed' WHERE id = %s", [closed.pk])
    ages = {each.state: each.counts for each in report(desk).ages}
    assert ages["draft"] == (1, 1, 1, 0, 0, 2) and len(AGES) == 6
    assert sum(map(sum, ages.values())) == 5 and "closed" not in ages


def test_what_waits_and_what_is_overdue_and_how_long_answers_took(
    desk, researched_claim, bob, carol, judge, make_claim
):
    for hours, state in ((1, "assigned"), (-1, "accepted")):
        Task.objects.create(
            claim=make_claim(),
            assignee=carol,
            state=state,
            kind="verdict",
            due_at=NOW + timedelta(hours=hours),
            created_by=bob,
            created_at=T0,
        )
    Task.objects.create(claim=make_claim(), kind="verdict", created_by=bob, created_at=T0)
    for hours in (2, 4, 48):
        judge(make_claim(), carol, "approve", submitted_at=T0 + timedelta(hours=hours))
    kinds = {each.kind: each for each in report(desk).kinds}
    assert (kinds["verdict"].waiting, kinds["verdict"].overdue, kinds["verdict"].answer) == (3, 1, None)
    assert (kinds["sign-off"].answered, kinds["sign-off"].answer) == (3, timedelta(hours=4))
    loads = [(str(load.reviewer), load.waiting, load.overdue, load.answered) for load in report(desk).loads]
    assert loads == [("Carol", 2, 1, 3), ("None", 1, 0, 0)]


def test_agreement_says_of_how_many_units_and_people_it_speaks(desk, rounds):
    found = report(desk)
    assert (found.opinions.units, found.opinions.coders, found.opinions.judgements) == (12, 2, 24)
    assert 0.5 < found.opinions.value < 0.8
    assert found.ratings.value == pytest.approx(1)
    (pair,) = found.pairs
    assert {found.name(pair.one), found.name(pair.other)} == {"Carol", "Erin"}


def test_a_round_in_which_an_opinion_is_owed_is_counted_nowhere_for_anybody(desk, rounds, bob):
    Task.objects.create(claim=rounds[0], kind="verdict", created_by=bob, created_at=T0)
    found = report(desk)
    assert (found.opinions.units, found.opinions.judgements) == (11, 22)
    assert sum(kind.answered for kind in found.kinds) == 22
    assert sum(load.answered for load in found.loads) == 22


def test_what_was_asked_otherwise_or_of_other_content_is_another_unit(desk, rounds, judge, carol):
    frank = make_person("frank", desk, Role.CHECKER)
    for claim in rounds:
        judge(claim, frank, "return", content_digest="1" * 64)
        judge(claim, frank, "return", kind="source-check")
    assert (report(desk).opinions.units, report(desk).opinions.coders) == (12, 2)


def test_who_adjudicates_has_read_the_others_and_is_no_coder(desk, rounds, judge):
    frank = make_person("frank", desk, Role.CHECKER)
    for claim in rounds:
        judge(claim, frank, "return", kind="adjudication")
    assert report(desk).opinions.coders == 2


def test_a_case_and_the_days_narrow_everything(desk, alice, rounds, make_claim, judge, carol):
    case = open_case(desk=desk, title="Apart", by=alice, at=T0)
    judge(make_claim(case=case), carol, "approve")
    found = report(desk, case=case)
    assert [week.registered for week in found.weeks] == [1, 0, 0]
    assert sum(each.total for each in found.ages) == 1
    assert [kind.answered for kind in found.kinds] == [1]
    assert found.opinions.why == "few"
    assert report(desk, date(2025, 4, 1), date(2025, 4, 9)).kinds == []


def test_nothing_of_another_desk_is_counted(desk, rounds):
    found = report(make_desk("elsewhere"))
    assert not any((week.registered, week.approved, week.published) != (0, 0, 0) for week in found.weeks)
    assert not any(each.total for each in found.ages)
    assert (found.kinds, found.loads, found.pairs, found.opinions.judgements) == ([], [], [], 0)


def test_the_report_takes_seven_queries_and_one_for_the_names(desk, rounds, django_assert_num_queries):
    found = report(desk)
    with django_assert_num_queries(7):
        assert [found.weeks, found.ages, found.kinds, found.loads, found.opinions, found.ratings, found.pairs]
