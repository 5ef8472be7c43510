"""The list of tasks, who has how much, taking from the pool, and what editors do with a task."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import T0, make_person
from verify.accounts.models import Role
from verify.review import rules
from verify.review.models import Task
from verify.review.scale import set_due_time
from verify.review.services import assign_review, propose_verdict
from verify.web.asked import takeable

pytestmark = pytest.mark.django_db

TASKS = "/desk/tasks/"


def at(name: str, thing: Any) -> str:
    return reverse(name, args=[thing.pk])


@pytest.fixture
def free(researched_claim: Any, bob: Any) -> Task:
    """A task in the pool."""
    return assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0)


@pytest.fixture
def make_task(desk: Any, alice: Any, bob: Any, make_claim: Any, make_assertion: Any) -> Any:
    """Tasks, each on a claim of its own."""

    def make(reviewer: Any = None, text: str = "", **asked: Any) -> Task:
        claim = make_claim(text)
        make_assertion(claim)
        rating = desk.ratings.get(code="confirmed")
        propose_verdict(claim=claim, rating=rating, rationale="So.", by=alice, at=T0)
        return assign_review(claim=claim, reviewer=reviewer, by=bob, at=T0, **asked)

    return make


def listed(client: Any, query: str = "") -> list[Task]:
    return list(client.get(TASKS + query).context["page"])


def test_task_list_asks_to_sign_in(client, db):
    assert client.get(TASKS)["Location"].startswith("/sign-in/?next=")


def test_task_list_that_is_empty_says_what_to_do(client, dave):
    client.force_login(dave)
    html = client.get(TASKS).content.decode()
    assert "No tasks" in html and reverse("case-list") in html


def test_task_list_and_workload_hold_nothing_of_another_desk(client, mallory, carol, make_task):
    make_task(carol, "A secret of the coast.")
    client.force_login(mallory)
    response = client.get(TASKS + "?state=all")
    html = response.content.decode()
    assert not list(response.context["page"]) and "secret" not in html and "Carol" not in html
    assert [load["person"] for load in response.context["loads"]] == [mallory]
    # Somebody of another desk in the address finds nothing, and is not confirmed to exist
    assert listed(client, f"?assignee={carol.pk}") == []


def test_task_list_filters_by_the_address(client, bob, carol, make_task):
    late = make_task(carol, "The first is so.", due_at=T0, kind="source-check")
    free = make_task(None, "The second is so.", priority=4)
    mine = make_task(bob, "The third is so.", due_at=timezone.now() + timedelta(hours=1))
    client.force_login(bob)
    for query, found in {
        "": [free, late, mine],
        "?q=second": [free],
        "?kind=source-check": [late],
        "?state=open": [free],
        "?state=agreed": [],
        "?assignee=pool": [free],
        "?assignee=mine": [mine],
        f"?assignee={carol.pk}": [late],
        "?overdue=on": [late],
        "?priority=4": [free],
        "?sort=due": [late, mine, free],
        "?sort=due&assignee=nonsense": [late, mine, free],
        "?page=99": [free, late, mine],
    }.items():
        assert listed(client, query) == found, query


def test_task_list_filters_by_case(client, bob, carol, researched_claim, make_task):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    make_task(carol)
    client.force_login(bob)
    assert listed(client, f"?case={researched_claim.case_id}") == [task]


def test_task_list_is_of_what_is_still_owed_unless_asked(client, bob, carol, make_task):
    task = make_task(carol)
    client.force_login(bob)
    client.post(at("task-cancel", task), {"reason": "Not needed."})
    assert listed(client) == [] and listed(client, "?state=all") == [task]


def test_task_list_shows_who_has_how_much(client, bob, carol, make_task):
    make_task(carol, due_at=T0)
    make_task(carol)
    client.force_login(bob)
    response = client.get(TASKS)
    loads = {load["person"]: load for load in response.context["loads"]}
    assert (loads[carol]["waiting"], loads[carol]["overdue"]) == (2, 1)
    assert (loads[carol]["bar"], loads[carol]["late"], loads[bob]["bar"]) == (100, 50, 0)
    assert f"?assignee={carol.pk}&amp;overdue=on" in response.content.decode()


def test_task_list_offers_editors_alone_what_editors_do(client, bob, carol, make_task):
    task = make_task(carol)
    for person, offered in ((bob, True), (carol, False)):
        client.force_login(person)
        assert (at("task", task) + "#manage" in client.get(TASKS).content.decode()) is offered


@pytest.mark.parametrize("rows", [1, 3])
def test_task_list_asks_the_same_for_one_and_three(
    client, bob, carol, make_task, django_assert_num_queries, rows
):
    for _ in range(rows):
        make_task(carol)
    client.force_login(bob)
    # session, person, desks, who has how much, cases, how many, the page, the count in the navigation
    with django_assert_num_queries(8):
        assert len(client.get(TASKS).context["page"]) == rows


def test_taking_is_one_click_and_may_open_the_task(client, carol, free, make_task):
    client.force_login(carol)
    assert at("task-take", free) in client.get("/desk/inbox/").content.decode()
    assert client.post(at("task-take", free), {"open": "1"})["Location"] == at("task", free)
    free.refresh_from_db()
    assert (free.state, free.assignee) == ("accepted", carol)
    assert client.post(at("task-take", make_task()))["Location"] == "/desk/inbox/"


def test_taking_what_somebody_else_has_says_so(client, bob, carol, free):
    client.force_login(carol)
    client.post(at("task-take", free))
    client.force_login(bob)
    response = client.post(at("task-take", free), follow=True)
    assert "no longer free" in response.content.decode()
    free.refresh_from_db()
    assert free.assignee == carol


def test_taking_is_refused_to_authors_viewers_and_others(client, alice, dave, mallory, free):
    for person, status in ((alice, 403), (dave, 403), (mallory, 404)):
        client.force_login(person)
        assert client.post(at("task-take", free)).status_code == status
    client.force_login(alice)
    assert "may not review it" in client.post(at("task-take", free)).content.decode()
    free.refresh_from_db()
    assert free.assignee is None


def test_the_pool_shown_is_what_each_may_take(desk, alice, bob, carol, free, make_task):
    erin = make_person("erin", desk, Role.ADMIN)
    other = make_task(None)
    other.claim.author = other.claim.changed_by = carol
    other.claim.save(update_fields=["author", "changed_by"])
    for person in (alice, bob, carol, erin):
        tasks = Task.objects.filter(pk__in=[free.pk, other.pk])
        may = {task.pk for task in tasks if rules.can_take(person, task)}
        assert {task.pk for task in takeable(desk, person)} == may, person
    assert {task.pk for task in takeable(desk, bob)} == {free.pk, other.pk}


def test_an_editor_hands_a_task_on_and_whoever_had_it_reads_why(client, desk, bob, carol, make_task):
    erin = make_person("erin", desk, Role.CHECKER)
    task = make_task(carol)
    client.force_login(bob)
    url = at("task-reassign", task)
    assert client.post(url, {"reviewer": erin.pk, "reason": ""}).status_code == 422
    given = {"reviewer": erin.pk, "reason": "Carol is on leave."}
    assert client.post(url, given)["Location"] == at("task", task)
    task.refresh_from_db()
    assert (task.assignee, task.state) == (erin, "assigned")
    client.force_login(carol)
    html = client.get(at("task", task)).content.decode()
    assert "This task was yours." in html and "Carol is on leave." in html
    client.force_login(erin)
    assert "This task was yours." not in client.get(at("task", task)).content.decode()


def test_a_task_goes_back_to_the_pool_and_from_there_without_a_reason(client, bob, carol, make_task):
    task = make_task(carol)
    client.force_login(bob)
    client.post(at("task-reassign", task), {"reviewer": "pool", "reason": "No time."})
    task.refresh_from_db()
    assert (task.assignee, task.state) == (None, "open")
    client.post(at("task-reassign", task), {"reviewer": carol.pk})
    task.refresh_from_db()
    assert (task.assignee, task.state) == (carol, "assigned")


def test_handing_on_to_who_may_not_is_refused_and_keeps_what_was_typed(
    client, alice, bob, carol, mallory, make_task
):
    task = make_task(carol)
    client.force_login(bob)
    for person in (alice, mallory, carol):  # the author, another desk's, the one who has it
        response = client.post(at("task-reassign", task), {"reviewer": person.pk, "reason": "As typed."})
        html = response.content.decode()
        assert response.status_code == 422 and "As typed." in html and "aria-invalid" in html, person
    assert "wrote the claim" in html and "Mallory" not in html
    task.refresh_from_db()
    assert task.assignee == carol


def test_an_editor_changes_when_it_is_due_and_what_is_asked(client, bob, carol, make_task):
    task = make_task(carol)
    client.force_login(bob)
    asked = {"priority": "4", "due_at": "2030-01-02T03:04", "instructions": "The count above all."}
    assert client.post(at("task-change", task), asked).status_code == 302
    task.refresh_from_db()
    assert (task.priority, task.due_at.isoformat()) == (4, "2030-01-02T03:04:00+00:00")
    html = client.get(at("task", task)).content.decode()
    assert "The count above all." in html and "Urgent" in html and 'value="2030-01-02T03:04"' in html
    assert client.post(at("task-change", task), {**asked, "due_at": "tomorrow"}).status_code == 422


def test_an_editor_cancels_with_a_reason_that_the_reviewer_reads(client, bob, carol, make_task):
    task = make_task(carol)
    client.force_login(bob)
    assert client.post(at("task-cancel", task), {"reason": " "}).status_code == 422
    client.post(at("task-cancel", task), {"reason": "Out of our hands."})
    task.refresh_from_db()
    assert task.state == "done"
    client.force_login(carol)
    html = client.get(at("task", task)).content.decode()
    assert "Out of our hands." in html and at("task-submit", task) not in html


@pytest.mark.parametrize("name", ["task-reassign", "task-change", "task-cancel"])
def test_what_editors_do_is_refused_to_others(client, carol, dave, mallory, make_task, name):
    task = make_task(carol)
    given = {"reviewer": "pool", "reason": "x", "priority": "1"}
    for person, status in ((carol, 403), (dave, 403), (mallory, 404)):
        client.force_login(person)
        assert client.post(at(name, task), given).status_code == status
        assert 'id="manage"' not in client.get(at("task", task)).content.decode()
    task.refresh_from_db()
    assert (task.assignee, task.state, task.priority) == (carol, "assigned", 2)


def test_assigning_to_the_pool_with_a_priority_and_the_desks_due_time(client, desk, bob, researched_claim):
    admin = make_person("erin", desk, Role.ADMIN)
    set_due_time(desk=desk, kind="sign-off", hours=30, by=admin, at=T0)
    client.force_login(bob)
    url = at("task-new", researched_claim)
    assert "Final sign-off: 1 day 6 hours" in client.get(url).content.decode()
    response = client.post(url, {"reviewer": "pool", "kind": "sign-off", "priority": "3"})
    assert response.status_code == 302
    task = Task.objects.get()
    assert (task.assignee, task.state, task.priority) == (None, "open", 3)
    assert task.due_at - task.created_at == timedelta(hours=30)


def test_assigning_asks_for_somebody(client, bob, carol, mallory, researched_claim):
    client.force_login(bob)
    url = at("task-new", researched_claim)
    for reviewer in ("", mallory.pk, "nonsense"):
        asked = {"reviewer": reviewer, "kind": "sign-off", "instructions": "As typed."}
        response = client.post(url, asked)
        assert response.status_code == 422 and "As typed." in response.content.decode()
    assert client.post(url, {"reviewer": carol.pk, "kind": "adjudication"}).status_code == 422
    assert not Task.objects.exists()


def test_whoever_has_one_kind_may_be_asked_for_another(client, bob, carol, researched_claim):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="source-check")
    client.force_login(bob)
    url = at("task-new", researched_claim)
    assert client.post(url, {"reviewer": carol.pk, "kind": "source-check"}).status_code == 422
    assert client.post(url, {"reviewer": carol.pk, "kind": "sign-off"}).status_code == 302
