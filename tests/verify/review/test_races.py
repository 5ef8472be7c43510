"""Everybody at once, round after round, on a real database: whatever comes first, the rules hold."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from claims.statements.models import Axis, Claim, Transition
from claims.statements.services import edit_claim
from tests.cast import T0, at_once, make_person
from verify.accounts.models import Desk, Membership, Role
from verify.publish.models import Version
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.leaving import give_role, leave_desk
from verify.review.models import Review, Task
from verify.review.services import (
    assign_adjudication,
    assign_review,
    cancel_task,
    reassign_task,
    submit_review,
    take_task,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]
ROUNDS = 8
REFUSALS = (ValidationError, PermissionDenied)


@pytest.fixture
def cast(transactional_db: None, researched_claim: Any, desk: Any, alice: Any, bob: Any, carol: Any) -> Any:
    more = {name: make_person(name, desk, Role.CHECKER) for name in ("erin", "frank")}
    return {"alice": alice, "bob": bob, "carol": carol, **more}


def fresh(claim: Claim) -> Claim:
    return Claim.objects.get(pk=claim.pk)


def reword(claim: Claim, text: str, by: Any) -> Claim:
    claim = fresh(claim)
    given = {"revision": claim.revision, "text": text, "headline": "", "by": by, "at": timezone.now()}
    return edit_claim(claim=claim, **given)


def judge(task: Task, seen: str, opinion: str = "approve") -> Review:
    task = Task.objects.get(pk=task.pk)
    given = {"opinion": opinion, "reason": "r", "content_digest_seen": seen, "at": timezone.now()}
    return submit_review(task=task, by=task.assignee, **given)


def ask(claim: Claim, person: Any, by: Any, **given: Any) -> Task:
    return assign_review(claim=fresh(claim), reviewer=person, by=by, at=timezone.now(), **given)


def happened(results: list[Any]) -> list[bool]:
    return [not isinstance(result, REFUSALS) for result in results]


def check(claim: Claim) -> None:
    """What must hold whatever came first."""
    claim = fresh(claim)
    digest = content_digest(claim)
    now = set(
        claim.reviews.filter(content_digest=digest, opinion="approve").values_list("reviewer", flat=True)
    )
    if claim.workflow == "approved":
        assert len(now) >= claim.desk.approvals_needed
    for review in claim.reviews.all():
        assert review.reviewer_id != claim.author_id
    for version in Version.objects.filter(claim=claim):
        given = claim.reviews.filter(content_digest=version.content_digest, opinion="approve")
        assert given.values("reviewer").distinct().count() >= 1
    for task in claim.tasks.all():  # the last move on record is where it stands
        moves = Transition.objects.filter(axis=Axis.TASK, subject=task.pk).order_by("id")
        steps = list(moves.values_list("old", "new"))
        assert [old for old, _ in steps[1:]] == [new for _, new in steps[:-1]]
        assert steps[-1][1] == task.state


def test_two_who_approve_at_once_approve_once(cast, researched_claim, desk):
    Desk.objects.filter(pk=desk.pk).update(approvals_needed=2)
    for number in range(ROUNDS):
        reword(researched_claim, f"Wording {number}.", cast["alice"])
        tasks = [ask(researched_claim, cast[name], cast["bob"]) for name in ("carol", "erin")]
        seen = content_digest(fresh(researched_claim))
        assert happened(at_once(*[partial(judge, task, seen) for task in tasks])) == [True, True]
        assert [Task.objects.get(pk=task.pk).state for task in tasks] == ["agreed", "agreed"]
        assert fresh(researched_claim).workflow == "approved"
        approved = Transition.objects.filter(axis=Axis.WORKFLOW, new="approved")
        assert approved.count() == number + 1
        check(researched_claim)


def test_an_approval_and_an_edit_at_once_never_approve_the_new_words(cast, researched_claim):
    outcomes = set()
    for number in range(ROUNDS * 2):
        task = ask(researched_claim, cast["carol"], cast["bob"])
        seen = content_digest(fresh(researched_claim))
        done = happened(
            at_once(
                partial(judge, task, seen),
                partial(reword, researched_claim, f"Wording {number}.", cast["alice"]),
            )
        )
        assert done[1]
        outcomes.add(done[0])
        assert fresh(researched_claim).workflow != "approved"
        check(researched_claim)
        for waiting in Task.objects.waiting():
            cancel_task(task=waiting, reason="The next round.", by=cast["bob"], at=timezone.now())
    assert outcomes <= {True, False}


def test_a_late_return_and_a_publication_at_once(cast, make_claim, desk, researched_claim):
    """Carol has approved; Erin, asked later, returns while Bob publishes: never both unnoticed."""
    for number in range(ROUNDS):
        reword(researched_claim, f"Wording {number}.", cast["alice"])
        judge(ask(researched_claim, cast["carol"], cast["bob"]), content_digest(fresh(researched_claim)))
        late, seen = ask(researched_claim, cast["erin"], cast["bob"]), content_digest(fresh(researched_claim))
        results = at_once(
            partial(judge, late, seen, "return"),
            partial(publish, claim=fresh(researched_claim), by=cast["bob"], at=timezone.now()),
        )
        assert happened(results) == [
            True,
            False,
        ]  # while Erin owes an opinion nothing is published; then they differ
        assert Task.objects.get(pk=late.pk).state == "conflict"
        check(researched_claim)


def test_an_approval_and_a_publication_at_once(cast, researched_claim):
    task, seen = ask(researched_claim, cast["carol"], cast["bob"]), content_digest(researched_claim)
    results = at_once(
        partial(judge, task, seen),
        *[partial(publish, claim=fresh(researched_claim), by=cast["bob"], at=timezone.now())] * 3,
    )
    assert happened(results)[0] and sum(happened(results)[1:]) <= 1
    check(researched_claim)


def test_a_publication_and_an_edit_at_once_publish_what_was_approved_or_nothing(
    cast, make_claim, make_assertion, desk
):
    from verify.review.services import propose_verdict

    for number in range(ROUNDS):
        claim = make_claim(f"Claim of round {number}.")
        make_assertion(claim)
        rating = desk.ratings.get(code="disputed")
        propose_verdict(claim=fresh(claim), rating=rating, rationale="r", by=cast["alice"], at=T0)
        seen = content_digest(fresh(claim))
        judge(ask(claim, cast["carol"], cast["bob"]), seen)
        published, edited = at_once(
            partial(publish, claim=fresh(claim), by=cast["bob"], at=timezone.now()),
            partial(reword, claim, f"Other words {number}.", cast["alice"]),
        )
        assert isinstance(edited, Claim)
        assert isinstance(published, ValidationError) or published.content_digest == seen
        assert fresh(claim).workflow == "in-research"
        check(claim)


def test_of_two_who_take_a_task_one_has_it(cast, researched_claim):
    for _number in range(ROUNDS):
        task = ask(researched_claim, None, cast["bob"])
        takers = [cast[name] for name in ("carol", "erin", "frank")]
        results = at_once(*[partial(take_task, task=task, by=person, at=timezone.now()) for person in takers])
        assert sum(happened(results)) == 1
        winner = takers[happened(results).index(True)]
        assert Task.objects.get(pk=task.pk).assignee == winner
        assert all("no longer free" in str(r) for r in results if isinstance(r, ValidationError))
        check(researched_claim)
        cancel_task(task=task, reason="The next round.", by=cast["bob"], at=timezone.now())


def test_taking_and_cancelling_at_once_end_in_one_story(cast, researched_claim):
    for _number in range(ROUNDS):
        task = ask(researched_claim, None, cast["bob"])
        took, cancelled = happened(
            at_once(
                partial(take_task, task=task, by=cast["carol"], at=timezone.now()),
                partial(cancel_task, task=task, reason="r", by=cast["bob"], at=timezone.now()),
            )
        )
        assert cancelled and Task.objects.get(pk=task.pk).state == "done"
        assert Task.objects.get(pk=task.pk).assignee == (cast["carol"] if took else None)
        check(researched_claim)


def test_submitting_and_giving_away_at_once_is_one_or_the_other(cast, researched_claim):
    for number in range(ROUNDS):
        reword(researched_claim, f"Wording {number}.", cast["alice"])
        task, seen = (
            ask(researched_claim, cast["carol"], cast["bob"]),
            content_digest(fresh(researched_claim)),
        )
        given = {
            "task": task,
            "reviewer": cast["erin"],
            "reason": "r",
            "by": cast["bob"],
            "at": timezone.now(),
        }
        done = happened(at_once(partial(judge, task, seen), partial(reassign_task, **given)))
        assert sum(done) == 1
        task.refresh_from_db()
        assert (task.state, task.assignee) == (
            ("agreed", cast["carol"]) if done[0] else ("assigned", cast["erin"])
        )
        check(researched_claim)
        if done[1]:
            cancel_task(task=task, reason="The next round.", by=cast["bob"], at=timezone.now())


def test_deciding_and_editing_at_once_never_approve_the_new_words(cast, researched_claim):
    for number in range(ROUNDS):
        reword(researched_claim, f"Wording {number}.", cast["alice"])
        tasks = [ask(researched_claim, cast[name], cast["bob"]) for name in ("carol", "erin")]
        seen = content_digest(fresh(researched_claim))
        for task, opinion in zip(tasks, ("approve", "return"), strict=True):
            judge(task, seen, opinion)
        given = {"claim": researched_claim, "adjudicator": cast["frank"], "by": cast["bob"]}
        decider = assign_adjudication(**given, at=timezone.now())
        _decided, edited = happened(
            at_once(
                partial(judge, decider, seen),
                partial(reword, researched_claim, f"Other words {number}.", cast["alice"]),
            )
        )
        assert edited and fresh(researched_claim).workflow in ("in-review", "in-research")
        assert {task.state for task in researched_claim.tasks.all()} == {"done"}
        check(researched_claim)


def test_two_editors_who_ask_the_same_person_ask_once(cast, researched_claim, desk):
    other = make_person("grace", desk, Role.EDITOR)
    for _number in range(ROUNDS):
        results = at_once(*[partial(ask, researched_claim, cast["carol"], by) for by in (cast["bob"], other)])
        assert sum(happened(results)) == 1
        (task,) = Task.objects.waiting()
        cancel_task(task=task, reason="The next round.", by=cast["bob"], at=timezone.now())


def assign_raw(claim: Claim, person: Any) -> bool:
    """Give a task to somebody behind the services' back; whether the database let it."""
    row = {"claim": fresh(claim), "kind": "sign-off", "state": "assigned", "assignee": person}
    try:
        with transaction.atomic():
            Task.objects.bulk_create([Task(created_by=person, created_at=T0, **row)])
    except DatabaseError:
        return False
    finally:
        connection.close()
    return True


def test_who_edits_while_being_made_the_reviewer_by_hand_is_never_both(cast, researched_claim):
    """The trigger reads the claim's row under a lock: whichever commits first, a task for the last changer is gone."""
    for number in range(ROUNDS):
        at_once(
            partial(assign_raw, researched_claim, cast["carol"]),
            partial(reword, researched_claim, f"Wording {number}.", cast["carol"]),
        )
        claim = fresh(researched_claim)
        assert claim.changed_by == cast["carol"]
        assert not claim.tasks.filter(assignee=cast["carol"], state__in=("assigned", "accepted")).exists()
        assert assign_raw(claim, cast["alice"]) is False  # the author, always
        reword(researched_claim, f"Back {number}.", cast["alice"])


GIVING = ["assigned", "taken", "given away"]


@pytest.mark.parametrize("leaving", [leave_desk, partial(give_role, role=Role.VIEWER)])
@pytest.mark.parametrize("giving", GIVING)
def test_who_leaves_while_a_review_is_given_to_them_owes_none(cast, researched_claim, desk, giving, leaving):
    """It is refused, or in the pool: no task waits for somebody who has left. Nor does either wait for the other."""
    admin, carol, now = make_person("grace", desk, Role.ADMIN), cast["carol"], timezone.now
    for _number in range(ROUNDS):
        Membership.objects.update_or_create(user=carol, desk=desk, defaults={"role": Role.CHECKER})
        ask(researched_claim, carol, cast["bob"], kind="source-check")  # of the claim that both will lock
        if giving == "assigned":
            act = partial(ask, researched_claim, carol, cast["bob"])
        elif giving == "taken":
            act = partial(take_task, task=ask(researched_claim, None, cast["bob"]), by=carol, at=now())
        else:
            task = ask(researched_claim, cast["erin"], cast["bob"])
            given = {"task": task, "reviewer": carol, "reason": "r", "by": cast["bob"], "at": now()}
            act = partial(reassign_task, **given)
        member = carol.memberships.get()
        results = at_once(act, partial(leaving, member=member, by=admin, at=now()))
        assert happened(results)[1]
        assert not Task.objects.waiting().filter(assignee=carol).exists()
        check(researched_claim)
        for waiting in Task.objects.waiting():
            cancel_task(task=waiting, reason="The next round.", by=cast["bob"], at=now())


def test_who_leaves_while_they_answer_has_answered_or_not(cast, researched_claim, desk):
    admin, carol = make_person("grace", desk, Role.ADMIN), cast["carol"]
    for number in range(ROUNDS):
        Membership.objects.get_or_create(user=carol, desk=desk, defaults={"role": Role.CHECKER})
        reword(researched_claim, f"Wording {number}.", cast["alice"])
        task = ask(researched_claim, carol, cast["bob"])
        leaving = partial(leave_desk, member=carol.memberships.get(), by=admin, at=timezone.now())
        results = at_once(partial(judge, task, content_digest(fresh(researched_claim))), leaving)
        task.refresh_from_db()
        answered = happened(results)[0]
        assert results[1] == (0 if answered else 1)
        assert (task.state, task.assignee) == (("agreed", carol) if answered else ("open", None))
        check(researched_claim)
        for waiting in Task.objects.waiting():
            cancel_task(task=waiting, reason="The next round.", by=cast["bob"], at=timezone.now())
