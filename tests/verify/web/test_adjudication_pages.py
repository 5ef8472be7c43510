"""Opinions that differ: side by side for everybody, decided by somebody who gave none of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import T0, make_person
from verify.accounts.models import Role
from verify.review.content import content_digest
from verify.review.models import Answer, Review, Task
from verify.review.scale import add_item
from verify.review.services import assign_adjudication, assign_review, submit_review

pytestmark = pytest.mark.django_db


def at(name: str, thing: Any) -> str:
    return reverse(name, args=[thing.pk])


@pytest.fixture
def erin(desk: Any) -> Any:
    """A checker who gave no opinion."""
    return make_person("erin", desk, Role.CHECKER)


@pytest.fixture
def item(desk: Any) -> Any:
    admin = make_person("ada", desk, Role.ADMIN)
    return add_item(desk=desk, text="Is the count its own?", by=admin, at=T0)


@pytest.fixture
def conflict(desk: Any, researched_claim: Any, bob: Any, carol: Any, item: Any) -> Any:
    """Carol approves, Bob returns."""
    tasks = [assign_review(claim=researched_claim, reviewer=person, by=bob, at=T0) for person in (carol, bob)]
    given = [
        ("approve", "Carol’s own words.", None, Answer.YES),
        ("return", "Bob’s words.", "disputed", Answer.NO),
    ]
    for task, (opinion, reason, code, answer) in zip(tasks, given, strict=True):
        submit_review(
            task=task,
            opinion=opinion,
            reason=reason,
            content_digest_seen=content_digest(researched_claim),
            by=task.assignee,
            at=timezone.now(),
            rating=desk.ratings.get(code=code) if code else None,
            answers={item: answer},
        )
    return researched_claim


@pytest.fixture
def adjudication(conflict: Any, bob: Any, erin: Any) -> Task:
    return assign_adjudication(claim=conflict, adjudicator=erin, by=bob, at=T0)


def test_conflict_is_laid_out_question_by_question(client, dave, conflict):
    client.force_login(dave)
    response = client.get(at("task", conflict.tasks.first()))
    questions = {question.label: question for question in response.context["opinions"].questions}
    assert questions["Opinion"].answers == ["Approve", "Return with a reason"]
    assert questions["Own verdict"].answers == ["Partly confirmed", "Disputed"]
    assert questions["Is the count its own?"].answers == ["Yes", "No"]
    assert all(question.differ for question in questions.values())
    html = response.content.decode()
    assert "Carol’s own words." in html and "Bob’s words." in html and "they differ" in html


def test_conflict_waits_for_an_editor_once_and_leads_to_who_decides(client, bob, carol, conflict):
    client.force_login(bob)
    html = client.get("/desk/inbox/").content.decode()
    assert html.count(at("adjudication-new", conflict)) == 1
    assert at("adjudication-new", conflict) in client.get(at("claim", conflict)).content.decode()
    client.force_login(carol)
    assert at("adjudication-new", conflict) not in client.get("/desk/inbox/").content.decode()
    assert at("adjudication-new", conflict) not in client.get(at("claim", conflict)).content.decode()


def test_who_decides_is_none_of_the_reviewers(client, alice, bob, carol, erin, mallory, conflict):
    client.force_login(bob)
    url = at("adjudication-new", conflict)
    response = client.get(url)
    assert {str(person) for person in response.context["able"]} == {"Erin", "Ada"}
    assert "gave one of the opinions" in response.content.decode()
    for person in (alice, bob, carol, mallory):
        assert client.post(url, {"reviewer": person.pk}).status_code == 422, person
    assert client.post(url, {"reviewer": erin.pk, "instructions": "Decide."}).status_code == 302
    task = Task.objects.get(kind="adjudication")
    assert (task.assignee, task.instructions) == (erin, "Decide.")
    assert at("adjudication-new", conflict) not in client.get("/desk/inbox/").content.decode()


def test_assigning_an_adjudication_is_an_editors(client, carol, dave, mallory, erin, conflict):
    for person, status in ((carol, 403), (dave, 403), (mallory, 404)):
        client.force_login(person)
        assert client.get(at("adjudication-new", conflict)).status_code == status
        assert client.post(at("adjudication-new", conflict), {"reviewer": erin.pk}).status_code == status
    assert not Task.objects.filter(kind="adjudication").exists()


def test_there_is_nothing_to_decide_without_a_conflict(client, bob, carol, researched_claim):
    client.force_login(bob)
    url = at("adjudication-new", researched_claim)
    assert "There is nothing to decide" in client.get(url).content.decode()
    response = client.post(url, {"reviewer": carol.pk})
    assert response.status_code == 422 and "nothing to decide between" in response.content.decode()


def test_the_adjudicator_reads_both_opinions_and_decides(client, desk, erin, item, adjudication):
    client.force_login(erin)
    html = client.get(at("task", adjudication)).content.decode()
    assert "Carol’s own words." in html and "Bob’s words." in html and "Your decision" in html
    claim = adjudication.claim
    given = {
        "opinion": "approve",
        "reason": "The count is documented.",
        "content_digest_seen": content_digest(claim),
        f"item-{item.pk}": "yes",
    }
    assert (
        client.post(at("task-submit", adjudication), given).status_code == 422
    )  # their own verdict is missing
    response = client.post(at("task-submit", adjudication), {**given, "rating": "partly-confirmed"})
    assert response.status_code == 302
    claim.refresh_from_db()
    assert claim.workflow == "approved"
    assert set(claim.tasks.values_list("state", flat=True)) == {"adjudicated", "done"}
    assert "The count is documented." in client.get(at("task", adjudication)).content.decode()


def test_nobody_else_decides(client, bob, carol, alice, adjudication):
    for person in (bob, carol, alice):
        client.force_login(person)
        assert client.post(at("task-submit", adjudication), {"opinion": "approve"}).status_code == 403
    assert not Review.objects.filter(kind="adjudication").exists()


def test_opinions_stay_apart_while_one_is_outstanding(client, desk, bob, dave, erin, conflict):
    second = assign_review(claim=conflict, reviewer=erin, by=bob, at=T0)
    for person in (dave, erin):
        client.force_login(person)
        for page in (at("task", second), at("claim", conflict), at("publish", conflict)):
            html = client.get(page).content.decode()
            assert "Carol’s own words." not in html and "Bob’s words." not in html, page
            assert "The reviewers disagree" not in html
    client.force_login(bob)
    html = client.get(at("adjudication-new", conflict)).content.decode()
    assert "Carol’s own words." not in html and "The opinions" not in html


@pytest.mark.parametrize("items", [1, 3])
def test_opinions_beside_each_other_ask_the_same_for_one_and_three(
    client, desk, bob, carol, dave, researched_claim, django_assert_num_queries, items
):
    admin = make_person("ada", desk, Role.ADMIN)
    asked = [add_item(desk=desk, text=f"Question {n}?", by=admin, at=T0) for n in range(items)]
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    submit_review(
        task=task,
        opinion="approve",
        reason="So.",
        content_digest_seen=content_digest(researched_claim),
        by=carol,
        at=T0,
        answers=dict.fromkeys(asked, Answer.YES),
    )
    client.force_login(dave)
    with django_assert_num_queries(35):
        assert len(client.get(at("task", task)).context["opinions"].questions) == 2 + items
