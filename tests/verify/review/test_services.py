"""Asking, declining, judging: what counts, when it is decided, and what voids it."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from claims.statements.models import Axis, Claim, Transition
from claims.statements.services import ChangedMeanwhile, edit_claim, move
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening
from tests.cast import T0
from verify.accounts.models import Desk
from verify.review.content import content_digest
from verify.review.models import Review, Task, Verdict
from verify.review.services import (
    accept_task,
    approvals_of,
    assign_review,
    decline_task,
    propose_verdict,
    submit_review,
)
from verify.review.states import TRANSITIONS, TaskState


def states(*tasks: Task) -> list[str]:
    return [Task.objects.values_list("state", flat=True).get(pk=task.pk) for task in tasks]


def workflow(claim: Claim) -> str:
    return Claim.objects.values_list("workflow", flat=True).get(pk=claim.pk)


def approval_entries():
    return Entry.objects.filter(kind=Kind.VERDICT_APPROVED)


# --- Asking -------------------------------------------------------------------------------------------------------


def test_asking_takes_the_claim_into_review_and_notes_it(researched_claim, bob, carol, ask):
    task = ask(researched_claim, carol)
    assert (task.state, task.assignee, workflow(researched_claim)) == ("assigned", carol, "in-review")
    noted = Transition.objects.get(axis=Axis.TASK)
    assert (noted.subject, noted.new, noted.by) == (task.pk, "assigned", bob)


@pytest.mark.parametrize("who", ["alice", "dave", "mallory"])
def test_only_editors_of_the_desk_ask(request, researched_claim, carol, who):
    with pytest.raises(PermissionDenied):
        assign_review(claim=researched_claim, reviewer=carol, by=request.getfixturevalue(who), at=T0)
    assert not Task.objects.exists()


def test_a_claim_without_a_verdict_has_nothing_to_judge(make_claim, make_assertion, carol, ask):
    claim = make_claim()
    make_assertion(claim)
    with pytest.raises(ValidationError, match="Propose a verdict first"):
        ask(claim, carol)


@pytest.mark.parametrize("state", ["draft", "triaged", "closed", "duplicate", "out-of-scope"])
def test_a_claim_that_nobody_researches_is_not_reviewed(researched_claim, carol, ask, state):
    Claim.objects.filter(pk=researched_claim.pk).update(workflow=state)
    with pytest.raises(ValidationError, match="bring it to research first"):
        ask(researched_claim, carol)


def test_one_person_is_asked_once_at_a_time(researched_claim, carol, ask):
    ask(researched_claim, carol)
    with pytest.raises(ValidationError) as refusal:
        ask(researched_claim, carol)
    assert list(refusal.value.message_dict) == ["reviewer"]


def test_a_verdict_is_of_the_desks_own_scale(researched_claim, other_desk, alice):
    with pytest.raises(ValidationError) as refusal:
        propose_verdict(
            claim=researched_claim, rating=other_desk.ratings.first(), rationale="r", by=alice, at=T0
        )
    assert list(refusal.value.message_dict) == ["rating"]


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_a_viewer_and_another_desk_propose_no_verdict(request, researched_claim, desk, who):
    with pytest.raises(PermissionDenied):
        propose_verdict(
            claim=researched_claim,
            rating=desk.ratings.first(),
            rationale="r",
            by=request.getfixturevalue(who),
            at=T0,
        )


def test_a_new_verdict_is_a_new_row_with_the_next_number(researched_claim, desk, alice):
    propose_verdict(
        claim=researched_claim, rating=desk.ratings.get(code="disputed"), rationale="r", by=alice, at=T0
    )
    assert [(v.number, v.rating.code) for v in researched_claim.verdicts.order_by("number")] == [
        (1, "partly-confirmed"),
        (2, "disputed"),
    ]


# --- Accepting and declining ----------------------------------------------------------------------------------------


def test_every_state_of_a_task_has_a_row_of_moves():
    assert set(TRANSITIONS) == set(TaskState)


def test_accepting_and_then_declining_says_why(researched_claim, carol, ask):
    task = ask(researched_claim, carol)
    accept_task(task=task, by=carol, at=T0)
    assert states(task) == ["accepted"]
    decline_task(task=task, reason="I know the author.", by=carol, at=T0)
    assert states(task) == ["declined"]
    assert Transition.objects.filter(axis=Axis.TASK).latest("id").reason == "I know the author."


def test_declining_needs_a_reason(researched_claim, carol, ask):
    task = ask(researched_claim, carol)
    with pytest.raises(ValidationError) as refusal:
        decline_task(task=task, reason="  ", by=carol, at=T0)
    assert list(refusal.value.message_dict) == ["reason"]
    assert states(task) == ["assigned"]


def test_a_task_is_moved_by_its_reviewer_only(researched_claim, bob, carol, erin, ask, answer):
    task = ask(researched_claim, carol)
    for person in (bob, erin):
        for act in (
            lambda by: accept_task(task=task, by=by, at=T0),
            lambda by: decline_task(task=task, reason="r", by=by, at=T0),
            lambda by: answer(task, by=by),
        ):
            with pytest.raises(ValidationError, match="assigned to somebody else"):
                act(person)
    assert states(task) == ["assigned"]


def test_a_declined_task_takes_no_opinion_but_another_person_may_be_asked(
    researched_claim, carol, erin, ask, answer
):
    task = ask(researched_claim, carol)
    decline_task(task=task, reason="No time.", by=carol, at=T0)
    with pytest.raises(ValidationError, match="nothing more can be submitted"):
        answer(task)
    answer(ask(researched_claim, erin))
    assert workflow(researched_claim) == "approved"


def test_when_the_last_one_declines_the_opinions_that_are_in_decide(
    researched_claim, bob, carol, erin, ask, answer
):
    first, second = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(first)
    assert workflow(researched_claim) == "in-review"
    decline_task(task=second, reason="No time.", by=erin, at=T0)
    assert (workflow(researched_claim), states(first, second)) == ("approved", ["agreed", "declined"])
    actor = Opening.objects.get(entry=approval_entries().get(), name="by")
    assert str(carol.pk) in actor.value  # who approved, not who declined


# --- Judging --------------------------------------------------------------------------------------------------------


def test_an_approval_is_in_the_log_with_the_digest_of_the_content(researched_claim, carol, ask, answer):
    digest = content_digest(researched_claim)
    answer(ask(researched_claim, carol))
    entry, verdict = approval_entries().get(), Verdict.objects.get()
    assert entry.read().facts == {
        "verdict": "partly-confirmed",
        "number": 1,
        "content_sha256": digest,
    }
    assert (verdict.entry, verdict.approved_digest, verdict.approved_at) == (entry, digest, T0)
    assert (entry.subject_type, entry.subject_id) == ("claim", str(researched_claim.pk))


def test_a_return_sends_the_claim_back_to_research_and_logs_no_approval(researched_claim, carol, ask, answer):
    task = ask(researched_claim, carol)
    answer(task, "return", reason="The quote is from another day.")
    assert (workflow(researched_claim), states(task)) == ("in-research", ["agreed"])
    assert not approval_entries().exists()
    assert Review.objects.get().reason == "The quote is from another day."


@pytest.mark.parametrize(
    ("given", "field"), [({"reason": " "}, "reason"), ({"opinion": "perhaps"}, "opinion")]
)
def test_an_opinion_without_a_reason_or_of_no_known_kind_is_refused_at_its_field(
    researched_claim, carol, ask, answer, given, field
):
    task = ask(researched_claim, carol)
    with pytest.raises(ValidationError) as refusal:
        answer(task, **given)
    assert list(refusal.value.message_dict) == [field]
    assert (states(task), Review.objects.count()) == (["assigned"], 0)


def test_an_opinion_on_content_that_has_changed_is_refused(researched_claim, alice, carol, ask):
    task, seen = ask(researched_claim, carol), content_digest(researched_claim)
    researched_claim.refresh_from_db()
    edit_claim(
        claim=researched_claim,
        revision=researched_claim.revision,
        text="Reworded.",
        headline="",
        by=alice,
        at=T0,
    )
    with pytest.raises(ChangedMeanwhile):
        submit_review(task=task, opinion="approve", reason="r", content_digest_seen=seen, by=carol, at=T0)
    assert not Review.objects.exists()


def test_a_task_takes_one_opinion(researched_claim, carol, ask, answer):
    task = ask(researched_claim, carol)
    answer(task)
    with pytest.raises(ValidationError, match="nothing more can be submitted"):
        answer(task, "return")


def test_the_same_content_is_judged_by_a_person_once(researched_claim, desk, carol, ask, answer):
    Desk.objects.filter(pk=desk.pk).update(approvals_needed=2)
    answer(ask(researched_claim, carol))
    with pytest.raises(ValidationError, match="judged this content already"):
        answer(ask(researched_claim, carol))
    digest = content_digest(Claim.objects.get(pk=researched_claim.pk))
    assert (approvals_of(researched_claim, digest), workflow(researched_claim)) == (1, "in-review")


def test_nothing_is_decided_until_all_opinions_are_in(researched_claim, carol, erin, ask, answer):
    first, second = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(first)
    assert (states(first, second), workflow(researched_claim)) == (["submitted", "assigned"], "in-review")
    assert not approval_entries().exists()
    answer(second)
    assert (states(first, second), workflow(researched_claim)) == (["agreed", "agreed"], "approved")


def test_two_opinions_that_differ_are_a_conflict_and_approve_nothing(
    researched_claim, carol, erin, ask, answer
):
    first, second = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(first)
    answer(second, "return", reason="Not so.")
    assert (states(first, second), workflow(researched_claim)) == (["conflict", "conflict"], "in-review")
    assert not approval_entries().exists()


def test_two_approvals_take_two_people(researched_claim, desk, carol, erin, ask, answer):
    Desk.objects.filter(pk=desk.pk).update(approvals_needed=2)
    answer(ask(researched_claim, carol))
    assert workflow(researched_claim) == "in-review"
    answer(ask(researched_claim, erin))
    assert workflow(researched_claim) == "approved"
    assert approvals_of(researched_claim, Verdict.objects.get().approved_digest) == 2


def test_an_edit_voids_the_approvals_and_reopens_the_claim(approved_claim, alice):
    old = content_digest(approved_claim)
    assert approvals_of(approved_claim, old) == 1
    edit_claim(
        claim=approved_claim,
        revision=approved_claim.revision,
        text="Reworded.",
        headline="",
        by=alice,
        at=T0,
    )
    claim = Claim.objects.get(pk=approved_claim.pk)
    assert (claim.workflow, approvals_of(claim, content_digest(claim))) == ("in-research", 0)


def test_the_approval_of_edited_content_is_an_entry_of_its_own(approved_claim, alice, carol, ask, answer):
    edit_claim(
        claim=approved_claim,
        revision=approved_claim.revision,
        text="Reworded.",
        headline="",
        by=alice,
        at=T0,
    )
    answer(ask(approved_claim, carol))
    digests = [entry.read().facts["content_sha256"] for entry in approval_entries().order_by("index")]
    assert (len(digests), digests[0] != digests[1]) == (2, True)
    assert Verdict.objects.get().approved_digest == digests[1]


def test_an_approval_after_the_claim_was_taken_out_of_review_approves_nothing(
    researched_claim, bob, carol, ask, answer
):
    task = ask(researched_claim, carol)
    claim = Claim.objects.get(pk=researched_claim.pk)
    move(claim=claim, to="duplicate", reason="Of another.", by=bob, at=T0)
    answer(task)
    assert workflow(researched_claim) == "duplicate"
    assert not approval_entries().exists()


def test_lists_of_tasks_show_a_desk_its_own_only(researched_claim, carol, dave, mallory, ask):
    task = ask(researched_claim, carol)
    assert list(Task.objects.visible_to(dave)) == list(Task.objects.waiting()) == [task]
    assert list(Task.objects.visible_to(mallory)) == []
