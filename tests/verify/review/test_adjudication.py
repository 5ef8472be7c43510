"""Opinions that differ, and who decides between them; what an edit and a publication do to what was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.statements.models import Claim
from claims.statements.services import edit_claim
from tests.cast import T0, make_person
from verify.accounts.models import Role
from verify.notify.models import Notification
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.models import Review, Task
from verify.review.rules import adjudicators_for, can_adjudicate
from verify.review.services import approvals_missing, assign_adjudication, assign_review, take_task


@pytest.fixture
def frank(desk):
    """Somebody who has nothing to do with it yet."""
    return make_person("frank", desk, Role.CHECKER)


@pytest.fixture
def torn(researched_claim, carol, erin, ask, answer):
    """A claim that Carol approves and Erin returns; their tasks."""
    tasks = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(tasks[0])
    answer(tasks[1], "return")
    researched_claim.refresh_from_db()
    return researched_claim, tasks


@pytest.fixture
def decide(bob, answer):
    """Somebody decides, and would themselves give the verdict that was proposed."""

    def decide(claim, person, opinion="approve", **given):
        given = {"rating": claim.verdicts.get().rating} | given
        return answer(assign_adjudication(claim=claim, adjudicator=person, by=bob, at=T0), opinion, **given)

    return decide


def states(tasks) -> list[str]:
    return [Task.objects.get(pk=task.pk).state for task in tasks]


def workflow(claim) -> str:
    return Claim.objects.get(pk=claim.pk).workflow


def told(kind: str) -> set[str]:
    return {
        str(each.recipient) for each in Notification.objects.filter(kind=kind).select_related("recipient")
    }


def test_editors_are_told_of_a_conflict_once_all_are_in(torn):
    claim, tasks = torn
    assert (states(tasks), workflow(claim)) == (["conflict", "conflict"], "in-review")
    assert told("conflict") == {"Bob"} and told("approved") == told("returned") == set()


def test_two_returns_with_different_verdicts_are_a_conflict_too(
    researched_claim, desk, carol, erin, ask, answer
):
    tasks = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(tasks[0], "return", rating=desk.ratings.get(code="disputed"))
    answer(tasks[1], "return", rating=desk.ratings.get(code="unverified"))
    assert (states(tasks), workflow(researched_claim)) == (["conflict", "conflict"], "in-review")


def test_nobody_decides_before_opinions_differ_or_while_one_is_owed(
    researched_claim, bob, carol, erin, frank, ask, answer
):
    given = {"claim": researched_claim, "adjudicator": frank, "by": bob, "at": T0}
    with pytest.raises(ValidationError, match="nothing to decide between"):
        assign_adjudication(**given)
    first, _second = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(first)
    with pytest.raises(ValidationError, match="still outstanding"):
        assign_adjudication(**given)
    with pytest.raises(ValidationError) as refusal:
        assign_review(claim=researched_claim, reviewer=frank, kind="adjudication", by=bob, at=T0)
    assert list(refusal.value.message_dict) == ["kind"]


@pytest.mark.parametrize("who", ["alice", "carol", "erin", "dave", "mallory"])
def test_who_wrote_or_judged_or_only_looks_does_not_decide(request, torn, bob, who):
    person, (claim, _tasks) = request.getfixturevalue(who), torn
    assert not can_adjudicate(person, claim)
    with pytest.raises(PermissionDenied):
        assign_adjudication(claim=claim, adjudicator=person, by=bob, at=T0)
    pool = assign_adjudication(claim=claim, adjudicator=None, by=bob, at=T0)
    with pytest.raises(PermissionDenied):
        take_task(task=pool, by=person, at=T0)


def test_adjudicators_are_whoever_is_neither_and_the_others_are_told_why(torn, frank, bob, dave):
    able, refused = adjudicators_for(torn[0])
    assert {str(person) for person in able} == {"Bob", "Frank"}
    assert {str(person): why for person, why in refused}["Carol"] == "gave one of the opinions"


def test_one_person_decides_at_a_time(torn, bob, frank):
    assign_adjudication(claim=torn[0], adjudicator=frank, by=bob, at=T0)
    with pytest.raises(ValidationError, match="asked to decide already"):
        assign_adjudication(claim=torn[0], adjudicator=None, by=bob, at=T0)


def test_the_adjudicator_reads_the_opinions_that_differ(torn, bob, frank, mallory):
    assign_adjudication(claim=torn[0], adjudicator=frank, by=bob, at=T0)
    assert Review.objects.readable_by(frank).count() == 2
    assert Review.objects.readable_by(mallory).count() == 0


def test_an_adjudicator_who_approves_ends_the_conflict_and_approves_the_claim(torn, desk, frank, bob, decide):
    claim, tasks = torn
    desk.approvals_needed = 2
    desk.save()
    review = decide(claim, frank)
    assert (states(tasks), review.task.state) == (["adjudicated", "adjudicated"], "done")
    assert workflow(claim) == "approved"  # Carol and Frank are two
    assert publish(claim=Claim.objects.get(pk=claim.pk), by=bob, at=timezone.now()).number == 1
    assert states(tasks) == ["done", "done"]


def test_an_adjudicator_does_not_stand_in_for_approvals_that_are_missing(
    torn, desk, frank, decide, answer, ask
):
    claim, _tasks = torn
    desk.approvals_needed = 3
    desk.save()
    decide(claim, frank)
    claim = Claim.objects.get(pk=claim.pk)
    assert (workflow(claim), approvals_missing(claim, content_digest(claim))) == ("in-review", 1)
    grace = make_person("grace", desk, Role.CHECKER)
    third = ask(claim, grace)
    answer(third)
    assert (states([third]), workflow(claim)) == (["agreed"], "approved")


@pytest.mark.parametrize("opinion", ["approve", "return"])
def test_who_decides_says_which_verdict_they_would_give(torn, frank, decide, opinion):
    with pytest.raises(ValidationError) as refusal:
        decide(torn[0], frank, opinion, rating=None)
    assert list(refusal.value.message_dict) == ["rating"]
    assert states(torn[1]) == ["conflict", "conflict"]


@pytest.mark.parametrize("opinion", ["approve", "return"])
def test_who_is_asked_for_a_verdict_gives_their_own(researched_claim, bob, carol, answer, opinion):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="verdict")
    with pytest.raises(ValidationError) as refusal:
        answer(task, opinion)
    assert list(refusal.value.message_dict) == ["rating"]
    proposed = researched_claim.verdicts.get().rating
    assert answer(task, opinion, rating=proposed).rating == proposed


def test_an_adjudicator_who_returns_sends_the_claim_back(torn, frank, decide):
    claim, tasks = torn
    decide(claim, frank, "return", reason="The second origin repeats the first.")
    assert (states(tasks), workflow(claim)) == (["adjudicated", "adjudicated"], "in-research")
    assert told("returned") == {"Alice", "Bob"}


def test_a_further_opinion_is_waited_for_before_anybody_decides(torn, desk, bob, frank, ask, answer):
    claim, _tasks = torn
    task = assign_adjudication(claim=claim, adjudicator=frank, by=bob, at=T0)
    ask(claim, make_person("grace", desk, Role.CHECKER))
    with pytest.raises(ValidationError, match="decide when it is in"):
        answer(task)
    assert Review.objects.readable_by(frank).count() == 0


def test_a_return_that_comes_after_an_approval_holds_back_the_publication(
    approved_claim, bob, erin, frank, ask, answer, decide
):
    late = ask(approved_claim, erin)
    for refused in ("still outstanding", "disagree"):
        with pytest.raises(ValidationError, match=refused):
            publish(claim=Claim.objects.get(pk=approved_claim.pk), by=bob, at=timezone.now())
        if refused == "still outstanding":
            answer(late, "return")
    assert states([late]) == ["conflict"]
    decide(approved_claim, frank)
    assert publish(claim=Claim.objects.get(pk=approved_claim.pk), by=bob, at=timezone.now())


def test_an_edit_ends_the_conflict_and_tells_each_reviewer_of_their_own(torn, alice, bob, frank):
    claim, tasks = torn
    task = assign_adjudication(claim=claim, adjudicator=frank, by=bob, at=T0)
    claim.refresh_from_db()
    edit_claim(claim=claim, revision=claim.revision, text="Reworded.", headline="", by=alice, at=T0)
    assert states([*tasks, task]) == ["done", "done", "done"]
    void = Notification.objects.filter(kind="void")
    assert {(str(each.recipient), each.task_id) for each in void} == {
        ("Carol", tasks[0].pk),
        ("Erin", tasks[1].pk),
    }
    assert told("taken-away") == {"Frank"}


def test_an_edit_in_the_middle_of_a_round_tells_nobody_but_the_reviewer(
    researched_claim, alice, bob, carol, erin, ask, answer
):
    first, second = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(first)
    claim = Claim.objects.get(pk=researched_claim.pk)
    edit_claim(claim=claim, revision=claim.revision, text="Reworded.", headline="", by=alice, at=T0)
    assert states([first, second]) == ["done", "assigned"]
    assert told("void") == {"Carol"}


def test_publishing_ends_the_tasks_of_what_is_published(published_claim):
    task = Task.objects.get()
    assert (task.state, task.assignee.username) == ("done", "carol")


def test_the_last_to_answer_is_not_named_as_who_approved(researched_claim, desk, carol, erin, ask, answer):
    tasks = ask(researched_claim, carol), ask(researched_claim, erin)
    for task in tasks:
        answer(task, at=T0 + timedelta(hours=1))
    approved = Notification.objects.filter(kind="approved")
    assert {(str(each.recipient), each.actor) for each in approved} == {("Alice", None), ("Bob", None)}
