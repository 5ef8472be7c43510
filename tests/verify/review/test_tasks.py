"""Asking of the pool, taking, giving to somebody else, cancelling, changing; and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError

from claims.statements.models import Axis, Claim, Transition
from tests.cast import T0
from verify.notify.models import Notification
from verify.review.models import Answer, ChecklistAnswer, ChecklistItem, DueTime, Review, Task
from verify.review.rules import can_take, reviewers_for
from verify.review.services import (
    accept_task,
    assign_many,
    assign_review,
    cancel_task,
    change_task,
    checklist_for,
    decline_task,
    reassign_task,
    take_task,
)


def state(task: Task) -> tuple[str, str]:
    task.refresh_from_db()
    return task.state, str(task.assignee or "")


def told(kind: str) -> set[str]:
    return {
        str(each.recipient) for each in Notification.objects.filter(kind=kind).select_related("recipient")
    }


def last() -> tuple[str, str, str]:
    return Transition.objects.filter(axis=Axis.TASK).order_by("-id").values_list("old", "new", "reason")[0]


@pytest.fixture
def pool(researched_claim, bob):
    """A task that whoever may can take."""
    return assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0)


# --- The pool -----------------------------------------------------------------------------------------------------


def test_a_task_of_the_pool_waits_and_is_offered_to_whoever_may_review(pool, erin, carol, dave, mallory):
    assert state(pool) == ("open", "")
    assert Claim.objects.get(pk=pool.claim_id).workflow == "in-review"
    assert list(Task.objects.pool()) == list(Task.objects.waiting()) == [pool]


def test_the_pool_is_told_to_whoever_may_review_and_to_nobody_else(
    researched_claim, alice, bob, carol, erin, dave, mallory
):
    assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0)
    assert told("pool") == {"Carol", "Erin"}


def test_whoever_takes_it_has_it_and_nobody_else_can(pool, carol, erin):
    take_task(task=pool, by=carol, at=T0)
    assert (state(pool), last()) == (("accepted", "Carol"), ("open", "accepted", ""))
    take_task(task=pool, by=carol, at=T0)  # pressed twice
    with pytest.raises(ValidationError, match="no longer free"):
        take_task(task=pool, by=erin, at=T0)
    assert Transition.objects.filter(axis=Axis.TASK).count() == 2


@pytest.mark.parametrize("who", ["alice", "dave", "mallory"])
def test_nobody_takes_what_they_may_not_review(request, pool, who):
    person = request.getfixturevalue(who)
    assert not can_take(person, pool)
    with pytest.raises(PermissionDenied):
        take_task(task=pool, by=person, at=T0)
    assert state(pool) == ("open", "")


def test_one_person_has_one_task_of_a_kind_and_may_have_one_of_another(
    researched_claim, pool, bob, carol, ask
):
    ask(researched_claim, carol)
    with pytest.raises(ValidationError, match="has this claim to review already"):
        take_task(task=pool, by=carol, at=T0)
    assert carol not in reviewers_for(researched_claim, "sign-off")[0]
    assert carol in reviewers_for(researched_claim, "source-check")[0]
    other = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="source-check")
    assert state(other) == ("assigned", "Carol")


# --- Giving away, cancelling, changing ------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["assigned", "accepted", "declined"])
@pytest.mark.parametrize("to", ["erin", None])
def test_an_editor_gives_a_task_away_in_the_middle_of_it(
    request, researched_claim, bob, carol, ask, before, to
):
    task, person = ask(researched_claim, carol), to and request.getfixturevalue(to)
    if before == "accepted":
        accept_task(task=task, by=carol, at=T0)
    if before == "declined":
        decline_task(task=task, reason="No time.", by=carol, at=T0)
    reassign_task(task=task, reviewer=person, reason="Carol is ill.", by=bob, at=T0 + timedelta(hours=1))
    assert state(task) == (("assigned", "Erin") if to else ("open", ""))
    assert last()[2] == "Carol is ill."
    assert told("taken-away") == {"Carol"}
    assert "Erin" in told("assigned") if to else "Carol" in told("pool")


def test_who_had_a_task_that_was_given_away_submits_nothing(researched_claim, bob, carol, erin, ask, answer):
    task = ask(researched_claim, carol)
    reassign_task(task=task, reviewer=erin, reason="r", by=bob, at=T0)
    with pytest.raises(ValidationError, match="assigned to somebody else"):
        answer(Task.objects.get(pk=task.pk), by=carol)
    assert not Review.objects.exists()


def test_giving_away_and_cancelling_say_why(researched_claim, bob, carol, erin, ask):
    task = ask(researched_claim, carol)
    for act in (
        lambda: reassign_task(task=task, reviewer=erin, reason=" ", by=bob, at=T0),
        lambda: cancel_task(task=task, reason=" ", by=bob, at=T0),
    ):
        with pytest.raises(ValidationError) as refusal:
            act()
        assert list(refusal.value.message_dict) == ["reason"]
    assert state(task) == ("assigned", "Carol")


@pytest.mark.parametrize("who", ["alice", "carol", "dave", "mallory"])
def test_only_editors_of_the_desk_give_away_cancel_and_change(
    request, researched_claim, carol, erin, ask, who
):
    task, by = ask(researched_claim, carol), request.getfixturevalue(who)
    for act in (
        lambda: reassign_task(task=task, reviewer=erin, reason="r", by=by, at=T0),
        lambda: cancel_task(task=task, reason="r", by=by, at=T0),
        lambda: change_task(task=task, priority=4, by=by, at=T0),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert (state(task), task.priority) == (("assigned", "Carol"), 2)


def test_a_task_is_not_given_to_the_author_nor_to_who_has_it(researched_claim, alice, bob, carol, ask):
    task = ask(researched_claim, carol)
    with pytest.raises(PermissionDenied):
        reassign_task(task=task, reviewer=alice, reason="r", by=bob, at=T0)
    with pytest.raises(ValidationError, match="there already"):
        reassign_task(task=task, reviewer=carol, reason="r", by=bob, at=T0)
    assert told("taken-away") == set()


def test_cancelling_the_last_opinion_that_is_owed_lets_the_others_decide(
    researched_claim, bob, carol, erin, ask, answer
):
    first, second = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(first)
    cancel_task(task=second, reason="One is enough.", by=bob, at=T0)
    assert (state(first)[0], state(second)) == ("agreed", ("done", "Erin"))
    assert Claim.objects.get(pk=researched_claim.pk).workflow == "approved"
    with pytest.raises(ValidationError, match="nothing to cancel"):
        cancel_task(task=second, reason="r", by=bob, at=T0)


def test_what_is_changed_is_on_record_and_a_new_due_time_arms_the_warning_again(pool, bob):
    Task.objects.filter(pk=pool.pk).update(escalated_at=T0)
    change_task(task=pool, by=bob, at=T0, priority=4)
    pool.refresh_from_db()
    assert (pool.priority, pool.escalated_at) == (4, T0)
    change_task(task=pool, by=bob, at=T0, due_at=T0 + timedelta(days=2), instructions="Look at page 3.")
    pool.refresh_from_db()
    assert (pool.due_at, pool.instructions) == (T0 + timedelta(days=2), "Look at page 3.")
    assert pool.escalated_at is None
    event = apps.get_model("verify", "TaskEvent").objects.filter(pgh_obj=pool).latest("pgh_id")
    assert event.pgh_context.metadata["by"] == str(bob.pk)
    change_task(task=pool, by=bob, at=T0, due_at=None)
    pool.refresh_from_db()
    assert pool.due_at is None


def test_a_priority_that_does_not_exist_is_refused(pool, bob):
    with pytest.raises(ValidationError):
        change_task(task=pool, by=bob, at=T0, priority=9)


def test_a_review_is_due_by_the_desks_time_unless_said_otherwise(researched_claim, desk, bob, carol, erin):
    DueTime.objects.create(desk=desk, kind="sign-off", hours=48)
    given = {"claim": researched_claim, "by": bob, "at": T0}
    assert assign_review(reviewer=carol, **given).due_at == T0 + timedelta(hours=48)
    assert assign_review(reviewer=carol, kind="verdict", **given).due_at is None
    assert assign_review(reviewer=erin, due_at=T0 + timedelta(hours=1), **given).due_at == T0 + timedelta(
        hours=1
    )


def test_in_bulk_each_claim_is_asked_for_by_itself_or_says_why_not(researched_claim, make_claim, bob, carol):
    bare = make_claim()
    done = assign_many(claims=[bare, researched_claim], reviewer=carol, by=bob, at=T0)
    assert [(claim, bool(task)) for claim, task, _ in done] == [(bare, False), (researched_claim, True)]
    assert done[0][2].startswith("Propose a verdict first") and done[1][2] == ""
    again = assign_many(claims=[researched_claim], reviewer=carol, by=bob, at=T0)
    assert (again[0][1], again[0][2]) == (None, "Carol has this claim to review already.")


def test_in_bulk_the_author_and_another_desk_are_refused_in_words(researched_claim, alice, bob, mallory):
    done = assign_many(claims=[researched_claim], reviewer=alice, by=bob, at=T0)
    assert done[0][1] is None and "may not review it" in done[0][2]
    assert assign_many(claims=[researched_claim], reviewer=None, by=mallory, at=T0)[0][1] is None
    assert not Task.objects.exists()


def test_asking_and_declining_tell_whom_it_concerns_and_not_who_did_it(researched_claim, bob, carol, ask):
    task = ask(researched_claim, carol)
    assert told("assigned") == {"Carol"}
    decline_task(task=task, reason="r", by=carol, at=T0)
    assert told("declined") == {"Bob"}


# --- The checklist and one's own verdict ----------------------------------------------------------------------------


@pytest.fixture
def questions(desk):
    make = ChecklistItem.objects.create
    make(desk=desk, text="Retired?", retired_at=T0)
    make(desk=desk, text="Only for sources?", kind="source-check")
    return [
        make(desk=desk, text="Are the origins independent?", position=2),
        make(desk=desk, text="Is the claim one?", kind="sign-off", position=1),
    ]


def test_the_checklist_asks_what_stands_for_the_kind_in_the_desks_order(
    researched_claim, carol, ask, questions, other_desk
):
    ChecklistItem.objects.create(desk=other_desk, text="Elsewhere?")
    task = ask(researched_claim, carol)
    assert [item.text for item in checklist_for(task)] == [
        "Is the claim one?",
        "Are the origins independent?",
    ]


def test_an_opinion_comes_with_an_answer_to_every_question(researched_claim, carol, ask, answer, questions):
    task = ask(researched_claim, carol)
    for given in ({}, {questions[0]: Answer.YES}, dict.fromkeys(questions, "perhaps")):
        with pytest.raises(ValidationError) as refusal:
            answer(task, answers=given)
        assert list(refusal.value.message_dict) == ["answers"]
    assert (Review.objects.count(), state(task)) == (0, ("assigned", "Carol"))
    review = answer(task, answers={questions[0]: Answer.NO, questions[1]: Answer.YES})
    assert set(review.answers.values_list("item", "answer")) == {
        (questions[0].pk, "no"),
        (questions[1].pk, "yes"),
    }


def test_answers_are_as_final_as_the_opinion(researched_claim, carol, ask, answer, questions, sql):
    answer(ask(researched_claim, carol), answers=dict.fromkeys(questions, Answer.YES))
    for statement in (
        "UPDATE verify_checklistanswer SET answer = 'no'",
        "DELETE FROM verify_checklistanswer",
    ):
        with pytest.raises(Exception, match=r"Cannot (update|delete)"):
            sql(statement)
    assert ChecklistAnswer.objects.count() == 2


def test_who_approves_gives_the_proposed_verdict_said_or_not(
    researched_claim, desk, carol, erin, ask, answer
):
    proposed, other = desk.ratings.get(code="partly-confirmed"), desk.ratings.get(code="disputed")
    task = ask(researched_claim, carol)
    with pytest.raises(ValidationError) as refusal:
        answer(task, rating=other)
    assert list(refusal.value.message_dict) == ["rating"]
    ask(researched_claim, erin)
    assert answer(task).rating == proposed


def test_who_returns_names_a_verdict_of_the_desks_scale_or_none(
    researched_claim, desk, other_desk, carol, ask, answer
):
    task = ask(researched_claim, carol)
    with pytest.raises(ValidationError) as refusal:
        answer(task, "return", rating=other_desk.ratings.first())
    assert list(refusal.value.message_dict) == ["rating"]
    assert answer(task, "return", rating=desk.ratings.get(code="disputed")).rating.code == "disputed"
