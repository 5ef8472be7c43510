"""What is overdue is told once, and who has how much to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import T0, at_once
from verify.notify.models import Notification
from verify.review.escalation import escalate
from verify.review.models import Task
from verify.review.services import assign_review, cancel_task, change_task, workload
from verify.review.tasks import escalate as swept

DUE = T0 + timedelta(hours=24)
LATE = DUE + timedelta(minutes=1)


def told() -> list[str]:
    found = Notification.objects.filter(kind="overdue").select_related("recipient")
    return sorted(str(each.recipient) for each in found)


@pytest.fixture
def due(researched_claim, bob, carol):
    return assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, due_at=DUE)


def test_editors_and_the_reviewer_are_told_once(due, alice, bob, carol):
    assert (escalate(DUE), told()) == (0, [])
    assert (escalate(LATE), escalate(LATE)) == (1, 0)
    assert told() == ["Bob", "Carol"]
    due.refresh_from_db()
    assert due.escalated_at == LATE


def test_another_due_time_is_a_new_promise(due, bob):
    escalate(LATE)
    change_task(task=due, by=bob, at=LATE, due_at=LATE + timedelta(hours=1))
    assert escalate(LATE) == 0
    assert escalate(LATE + timedelta(hours=2)) == 1
    assert told() == ["Bob", "Bob", "Carol", "Carol"]


def test_a_task_in_the_pool_is_overdue_too_and_one_that_is_done_is_not(researched_claim, due, bob, carol):
    pool = assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0, due_at=DUE)
    cancel_task(task=due, reason="r", by=bob, at=T0)
    assert (escalate(LATE), told()) == (1, ["Bob"])
    assert list(Task.objects.overdue(LATE)) == [pool]


def test_worker_escalates(due):
    assert swept() == 1


def test_who_has_least_to_do_comes_first(researched_claim, due, desk, bob, carol, erin, dave, mallory):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="source-check")
    loads = [(str(load.user), load.waiting, load.overdue) for load in workload(desk, LATE)]
    assert loads == [("Alice", 0, 0), ("Bob", 0, 0), ("Erin", 0, 0), ("Carol", 2, 1)]


def test_workload_is_one_query_however_many_people(due, desk, erin, dave, django_assert_num_queries):
    with django_assert_num_queries(1):
        workload(desk)


def test_each_task_knows_how_much_its_reviewer_has_to_do(researched_claim, due, bob, carol):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="verdict", priority=4)
    assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0, priority=1)
    loads = [(task.priority, task.load) for task in Task.objects.with_load().by_urgency()]
    assert loads == [(4, 2), (2, 2), (1, 0)]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_tell_once(transactional_db, due):
    assert sum(at_once(*[lambda: escalate(LATE)] * 4)) == 1
    assert told() == ["Bob", "Carol"]
