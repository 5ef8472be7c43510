"""What the database itself refuses, by the name of what refuses it: each is attacked behind the services' back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from claims.statements.services import add_figure
from tests.cast import ARTICLE, T0, make_person
from tests.recaptures import fetched, recaptured
from verify.accounts.models import Role
from verify.publish.models import Version
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.models import Answer, ChecklistAnswer, ChecklistItem, DueTime, Review, Task
from verify.review.services import assign_adjudication


def refused_by(act: Callable[[], Any]) -> str:
    """The name of the constraint or trigger that refuses `act`."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        act()
    named = getattr(getattr(refusal.value.__cause__, "diag", None), "constraint_name", None)
    return named or str(refusal.value)


@pytest.fixture
def task(researched_claim: Any, bob: Any) -> Callable[..., Task]:
    """Put a row in, past every service."""

    def put(**fields: Any) -> Task:
        row = {"claim": researched_claim, "state": "open", "created_by": bob, "created_at": T0} | fields
        return Task.objects.bulk_create([Task(**row)])[0]

    return put


@pytest.fixture
def review() -> Callable[..., Review]:
    def put(task: Task, **fields: Any) -> Review:
        row = {"task": task, "claim": task.claim, "reviewer": task.assignee, "kind": task.kind, "reason": "r"}
        row |= {"opinion": "approve", "content_digest": "0" * 64, "submitted_at": T0} | fields
        return Review.objects.bulk_create([Review(**row)])[0]

    return put


@pytest.fixture
def change(researched_claim: Any, make_capture: Any) -> Any:
    before = fetched(researched_claim.assertions.get().anchors.get().text.capture, hours=0)
    return recaptured(make_capture, before, ARTICLE.replace("745", "800"))


# --- Task ---------------------------------------------------------------------------------------------------------

TASKS: list[tuple[str, dict[str, Any]]] = [
    ("task_state_is_known", {"state": "lost", "assignee": "carol"}),
    ("task_kind_is_known", {"kind": "rubber-stamp"}),
    ("task_priority_is_known", {"priority": 9}),
    ("a_task_beyond_open_has_a_reviewer", {"state": "assigned"}),
    ("an_open_task_has_no_reviewer", {"state": "open", "assignee": "carol"}),
    ("a_task_beyond_open_has_a_reviewer", {"state": "agreed"}),
    ("a_task_is_asked_by_somebody_or_for_a_cause", {"created_by": None}),
    ("a_task_is_asked_by_somebody_or_for_a_cause", {"cause": "lost-quote", "kind": "recheck"}),
    ("a_task_is_asked_by_somebody_or_for_a_cause", {"cause": "new-figure", "kind": "recheck"}),
    ("a_task_is_asked_by_somebody_or_for_a_cause", {"cause": "rumour", "kind": "recheck", "change": True}),
    ("a_task_is_asked_by_somebody_or_for_a_cause", {"cause": "changed-page", "change": True}),
    ("a_task_is_asked_by_somebody_or_for_a_cause", {"change": True}),
    ("a_reviewer_is_never_the_author", {"state": "assigned", "assignee": "alice"}),
    ("a_reviewer_is_never_the_author", {"state": "done", "assignee": "alice"}),
]


@pytest.mark.parametrize(("name", "fields"), TASKS)
def test_a_task_that_cannot_be_is_refused(request, task, name, fields):
    people = {key: request.getfixturevalue(fields[key]) for key in ("assignee",) if key in fields}
    things = {"change": request.getfixturevalue("change")} if "change" in fields else {}
    assert refused_by(lambda: task(**fields | people | things)) == name


@pytest.mark.parametrize("second", ["assigned", "accepted"])
def test_one_task_of_a_kind_per_person_and_claim(task, carol, second):
    task(state="assigned", assignee=carol)
    again = {"state": second, "assignee": carol}
    assert refused_by(lambda: task(**again)) == "one_task_of_a_kind_per_person_and_claim"
    task(kind="verdict", **again)


def test_one_adjudication_at_a_time(task, carol, erin):
    task(kind="adjudication")
    again = {"kind": "adjudication", "state": "assigned", "assignee": carol}
    assert refused_by(lambda: task(**again)) == "one_adjudication_at_a_time_per_claim"


@pytest.mark.parametrize("by", ["change", "figure"])
def test_one_recheck_per_claim_and_what_happened(request, task, researched_claim, alice, by):
    figure = {"lower": 1, "upper": 1, "unit": "people-killed", "as_of": T0, "as_written": "one"}
    fields: dict[str, Any] = {"kind": "recheck", "created_by": None}
    if by == "change":
        fields |= {"cause": "lost-quote", "change": request.getfixturevalue("change")}
    else:
        made = add_figure(claim=researched_claim, by=alice, at=T0, **figure)
        fields |= {"cause": "new-figure", "figure": made}
    first = task(**fields)
    assert refused_by(lambda: task(**fields)) == f"one_recheck_per_claim_and_{by}"
    Task.objects.filter(pk=first.pk).update(state="done")
    assert refused_by(lambda: task(**fields)) == f"one_recheck_per_claim_and_{by}"


@pytest.mark.parametrize("how", ["inserted", "handed over", "made one"])
def test_an_adjudicator_is_none_of_the_reviewers(task, review, carol, erin, how):
    for person in (carol, erin):
        task(state="conflict", assignee=person)
    acts = {
        "inserted": lambda: task(kind="adjudication", state="assigned", assignee=carol),
        "handed over": lambda: Task.objects.filter(kind="adjudication").update(
            state="assigned", assignee=carol
        ),
        "made one": lambda: Task.objects.filter(assignee=carol).update(kind="adjudication"),
    }
    if how == "handed over":
        task(kind="adjudication")
    assert refused_by(acts[how]) == "an_adjudicator_is_none_of_the_reviewers"


# --- Review -------------------------------------------------------------------------------------------------------

REVIEWS: list[tuple[str, dict[str, Any]]] = [
    ("opinion_is_known", {"opinion": "shrug"}),
    ("a_review_has_a_reason", {"reason": ""}),
    ("four_eyes", {"reviewer": "alice"}),
    ("four_eyes", {"reviewer": "erin"}),
    ("four_eyes", {"kind": "adjudication"}),
    ("who_approves_gives_the_same_verdict", {"rating": "disputed"}),
]


@pytest.mark.parametrize(("name", "fields"), REVIEWS)
def test_a_review_that_cannot_be_is_refused(request, desk, task, review, carol, name, fields):
    asked = task(state="accepted", assignee=carol)
    given = dict(fields)
    if "reviewer" in given:
        given["reviewer"] = request.getfixturevalue(given["reviewer"])
    if "rating" in given:
        given["rating"] = desk.ratings.get(code=given["rating"])
    assert refused_by(lambda: review(asked, **given)) == name


def test_one_review_of_a_kind_per_person_and_content_but_for_rechecks(task, review, carol):
    review(task(state="done", assignee=carol))
    again = task(state="accepted", assignee=carol)
    assert refused_by(lambda: review(again)) == "one_review_of_a_kind_per_person_and_content"
    for _ in range(2):
        review(task(kind="recheck", state="done", assignee=carol))


def test_who_gave_an_opinion_on_a_content_does_not_decide_about_it(task, review, carol):
    review(task(state="done", assignee=carol))
    deciding = task(kind="adjudication", state="accepted", assignee=carol)
    assert refused_by(lambda: review(deciding)) == "an_adjudicator_is_none_of_the_reviewers"
    assert review(deciding, content_digest="1" * 64)


# --- Checklist and due times --------------------------------------------------------------------------------------


def test_answers_are_known_and_given_once(desk, task, review, carol):
    opinion = review(task(state="done", assignee=carol))
    item = ChecklistItem.objects.create(desk=desk, text="Is it so?")

    def answer(value: str) -> Any:
        return ChecklistAnswer.objects.bulk_create([ChecklistAnswer(review=opinion, item=item, answer=value)])

    assert refused_by(lambda: answer("perhaps")) == "answer_is_known"
    answer(Answer.NO)
    assert refused_by(lambda: answer(Answer.YES)) == "one_answer_per_review_and_question"
    with pytest.raises(DatabaseError):
        ChecklistAnswer.objects.update(answer=Answer.YES)


@pytest.mark.parametrize("hours", [0, 24 * 365 + 1])
def test_a_due_time_is_an_hour_to_a_year(desk, hours):
    made = [DueTime(desk=desk, kind="verdict", hours=hours)]
    assert refused_by(lambda: DueTime.objects.bulk_create(made)) == "a_due_time_is_an_hour_to_a_year"


# --- Version ------------------------------------------------------------------------------------------------------


def test_content_that_a_reviewer_returned_is_not_published_before_somebody_decides(
    researched_claim, desk, bob, carol, erin, ask, answer
):
    tasks = ask(researched_claim, carol), ask(researched_claim, erin)
    answer(tasks[0])
    answer(tasks[1], "return")
    researched_claim.refresh_from_db()
    version = {
        "claim": researched_claim,
        "number": 1,
        "content_digest": content_digest(researched_claim),
        "snapshot": b"{}",
        "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        "published_by": bob,
        "published_at": T0,
        "entry_id": 0,
    }
    assert (
        refused_by(lambda: Version.objects.bulk_create([Version(**version)]))
        == "a_return_is_adjudicated_first"
    )
    frank = make_person("frank", desk, Role.CHECKER)
    deciding = assign_adjudication(claim=researched_claim, adjudicator=frank, by=bob, at=T0)
    answer(deciding, rating=researched_claim.verdicts.get().rating)
    researched_claim.refresh_from_db()
    assert publish(claim=researched_claim, by=bob, at=T0).number == 1


@pytest.mark.parametrize("kind", ["source-check", "evidence-review", "recheck"])
def test_an_approval_of_a_part_does_not_publish(researched_claim, task, review, carol, bob, kind):
    digest = content_digest(researched_claim)
    review(task(kind=kind, state="done", assignee=carol), content_digest=digest)
    version = Version(
        claim=researched_claim,
        number=1,
        content_digest=digest,
        snapshot=b"{}",
        sha256="44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        published_by=bob,
        published_at=T0,
        entry_id=0,
    )
    assert refused_by(lambda: Version.objects.bulk_create([version])) == "approved_by_enough_people"
