"""Nobody judges their own work: refused by the service with a sentence, and by the database whoever speaks to it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from claims.statements.models import Claim
from claims.statements.services import edit_claim
from tests.cast import T0
from verify.review.content import content_digest
from verify.review.models import Review, Task
from verify.review.rules import can_be_reviewer, can_review, can_take
from verify.review.services import propose_verdict


def insert_review(task: Task, reviewer, **fields):
    """A review as a statement of SQL would write it, past every service."""
    fields = {"kind": task.kind, "opinion": "approve", "reason": "r", "content_digest": "0" * 64} | fields
    fields = {"submitted_at": T0} | fields
    with transaction.atomic():
        return Review.objects.bulk_create(
            [Review(**{"task": task, "claim_id": task.claim_id, "reviewer": reviewer} | fields)]
        )


def last_changed_by(claim, person):
    claim.refresh_from_db()
    edit_claim(claim=claim, revision=claim.revision, text="Reworded.", headline="", by=person, at=T0)
    claim.refresh_from_db()


def test_the_author_is_refused_as_a_reviewer_even_after_somebody_else_changed_it(
    researched_claim, alice, erin, ask
):
    last_changed_by(researched_claim, erin)
    with pytest.raises(PermissionDenied, match="may not review"):
        ask(researched_claim, alice)


def test_the_last_changer_is_refused_as_a_reviewer(researched_claim, carol, ask):
    last_changed_by(researched_claim, carol)
    with pytest.raises(PermissionDenied, match="may not review"):
        ask(researched_claim, carol)


def test_the_proposer_of_the_verdict_is_refused_even_after_somebody_else_changed_it(
    researched_claim, desk, carol, erin, ask
):
    rating = desk.ratings.get(code="disputed")
    propose_verdict(claim=researched_claim, rating=rating, rationale="Mine.", by=carol, at=T0)
    last_changed_by(researched_claim, erin)
    assert not can_be_reviewer(carol, researched_claim)
    with pytest.raises(PermissionDenied, match="proposed its verdict"):
        ask(researched_claim, carol)


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_a_viewer_and_another_desk_are_refused_as_reviewers(request, researched_claim, ask, who):
    with pytest.raises(PermissionDenied):
        ask(researched_claim, request.getfixturevalue(who))


def test_who_changes_the_claim_after_being_asked_has_it_to_review_no_more(researched_claim, carol, ask):
    task = ask(researched_claim, carol)
    last_changed_by(researched_claim, carol)
    task.refresh_from_db()
    assert (task.state, task.assignee) == ("open", None)
    assert not can_take(carol, task)


def test_who_changed_the_claim_may_not_judge_it_whatever_their_task_says(
    researched_claim, carol, ask, answer
):
    task = ask(researched_claim, carol)
    Claim.objects.filter(pk=researched_claim.pk).update(changed_by=carol)
    assert not can_review(carol, Task.objects.get(pk=task.pk))
    with pytest.raises(PermissionDenied, match="changed it last"):
        answer(task)
    assert not Review.objects.exists()


def test_the_database_refuses_a_task_for_the_author_or_the_last_changer(researched_claim, alice, carol):
    last_changed_by(researched_claim, carol)
    for person in (alice, carol):
        with pytest.raises(IntegrityError, match="may not review it"), transaction.atomic():
            Task.objects.create(
                claim=researched_claim, assignee=person, state="assigned", created_by=carol, created_at=T0
            )


def test_the_database_refuses_to_hand_a_task_over_to_the_author(researched_claim, alice, carol, ask):
    task = ask(researched_claim, carol)
    with pytest.raises(IntegrityError, match="may not review it"), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(assignee=alice)


@pytest.mark.parametrize("became", ["author", "changed_by"])
def test_the_database_refuses_a_review_of_ones_own_claim(researched_claim, carol, ask, became):
    task = ask(researched_claim, carol)
    Claim.objects.filter(pk=researched_claim.pk).update(**{became: carol})
    with pytest.raises(IntegrityError, match="may not review it"):
        insert_review(task, carol)


def test_the_database_refuses_a_review_by_who_proposed_the_verdict(researched_claim, desk, carol, erin, ask):
    task = ask(researched_claim, carol)
    propose_verdict(claim=researched_claim, rating=desk.ratings.first(), rationale="Mine.", by=carol, at=T0)
    Claim.objects.filter(pk=researched_claim.pk).update(changed_by=erin)
    with pytest.raises(IntegrityError, match="may not review it"):
        insert_review(task, carol)


def test_the_database_refuses_a_review_by_somebody_whom_nobody_asked(researched_claim, carol, erin, ask):
    with pytest.raises(IntegrityError, match="Only the reviewer to whom the task is assigned"):
        insert_review(ask(researched_claim, carol), erin)


def test_the_database_refuses_a_review_under_a_task_of_another_claim(
    researched_claim, make_claim, carol, ask
):
    task = ask(researched_claim, carol)
    with pytest.raises(IntegrityError, match="Only the reviewer to whom the task is assigned"):
        insert_review(task, carol, claim_id=make_claim().pk)


def test_the_database_takes_the_review_of_the_person_who_was_asked(researched_claim, carol, ask):
    insert_review(ask(researched_claim, carol), carol, content_digest=content_digest(researched_claim))
    assert Review.objects.get().reviewer == carol


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE verify_review SET opinion = 'return'",
        "UPDATE verify_review SET content_digest = repeat('0', 64)",
        "DELETE FROM verify_review",
        "UPDATE verify_verdict SET rationale = 'Because we say so.'",
        "UPDATE verify_verdict SET proposed_by_id = (SELECT id FROM accounts_user WHERE username = 'bob')",
        "DELETE FROM verify_verdict",
    ],
)
def test_reviews_and_verdicts_cannot_be_rewritten(approved_claim, sql, statement):
    with pytest.raises(DatabaseError, match=r"a_review_is_final|verdict_is_never_reworded"):
        sql(statement)
