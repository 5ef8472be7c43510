"""Verdicts, tasks, opinions and comments through the API; and that a blind opinion stands nowhere in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from tests.cast import T0, at_once, make_person
from verify.accounts.models import Role
from verify.api.models import Scope
from verify.api.urls import work
from verify.review.content import content_digest
from verify.review.models import ChecklistItem, Review, Task
from verify.review.services import assign_review

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk"
CANARY = "Quagglethorn"
JUDGES = (Scope.READ, Scope.REVIEW)
NOISE = re.compile(r"\b[0-9a-f]{40,}\b|\d{4}-\d\d-\d\dT[\d:.]+Z")


@pytest.fixture
def erin(desk: Any) -> Any:
    return make_person("erin", desk, Role.CHECKER)


@pytest.fixture
def task(researched_claim: Any, carol: Any, bob: Any) -> Task:
    return assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)


def opinion(claim: Any, **said: Any) -> dict[str, Any]:
    seen = {"content_digest_seen": content_digest(claim)}
    return {"opinion": "approve", "reason": "It holds."} | seen | said


def test_who_wrote_it_can_neither_be_asked_nor_judge(caller, bob, alice, task, is_problem):
    of_claim = f"{DESK}/claims/{task.claim_id}"
    asked = caller(bob, *JUDGES).post(f"{of_claim}/tasks/", {"reviewer": "alice"})
    assert "may not review" in is_problem(asked, 403)["detail"]
    judged = caller(alice, *JUDGES).post(f"{DESK}/tasks/{task.pk}/review/", opinion(task.claim))
    assert "somebody else" in is_problem(judged, 403)["detail"]
    pooled = caller(bob, *JUDGES).post(f"{of_claim}/tasks/", {"reviewer": None, "kind": "verdict"}).json()
    assert pooled["state"] == "open"
    is_problem(caller(alice, *JUDGES).post(f"{DESK}/tasks/{pooled['id']}/take/"), 403)
    assert not Review.objects.exists()


@pytest.mark.parametrize(
    ("given", "status", "field"),
    [
        ({"reviewer": "nobody"}, 400, "reviewer"),
        ({"reviewer": "mallory"}, 400, "reviewer"),
        ({"reviewer": 5.5}, 400, "reviewer"),
        ({}, 400, "reviewer"),
        ({"reviewer": None, "kind": "party"}, 400, "kind"),
        ({"reviewer": None, "priority": 4}, 400, "priority"),
        ({"reviewer": None, "due_at": "tomorrow"}, 400, "due_at"),
        ({"reviewer": None, "due_at": "2025-03-09T10:00:00"}, 400, "due_at"),
        ({"reviewer": None, "kind": "adjudication"}, 409, ""),
        ({"reviewer": None, "kind": "recheck"}, 409, ""),
        ({"reviewer": "carol"}, 400, "reviewer"),
    ],
)
def test_task_that_cannot_be_asked_says_why(caller, bob, mallory, task, is_problem, given, status, field):
    body = is_problem(caller(bob, *JUDGES).post(f"{DESK}/claims/{task.claim_id}/tasks/", given), status)
    assert [error["field"] for error in body.get("errors", [])] == ([field] if field else [])
    assert Task.objects.count() == 1


def test_tasks_are_found_by_whose_and_by_state(caller, carol, bob, erin, task, researched_claim):
    free = assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0, due_at=T0)
    mine, hers = caller(carol), caller(erin)

    def found(who: Any, query: str) -> set[str]:
        return {each["id"] for each in who.get(f"{DESK}/tasks/?{query}").json()["results"]}

    both = {str(task.pk), str(free.pk)}
    assert found(mine, "mine=true") == {str(task.pk)} and found(hers, "mine=true") == set()
    assert found(mine, "mine=false") == {str(free.pk)}
    assert found(mine, "") == found(mine, "open=true") == found(mine, f"claim={researched_claim.pk}") == both
    assert found(mine, "overdue=true") == found(mine, "pool=true") == {str(free.pk)}
    assert found(mine, "state=assigned") == {str(task.pk)} and found(mine, "kind=recheck") == set()


def test_task_is_changed_handed_on_declined_and_cancelled(caller, bob, carol, erin, task, is_problem):
    editor, reviewer, url = caller(bob, *JUDGES), caller(carol, *JUDGES), f"{DESK}/tasks/{task.pk}/"
    changed = editor.patch(url, {"priority": "urgent", "due_at": None}).json()
    assert (changed["priority"], changed["due_at"]) == ("urgent", None)
    is_problem(reviewer.patch(url, {"priority": "low"}), 403)
    body = is_problem(editor.post(f"{url}hand-on/", {"reviewer": "erin"}), 400)
    assert body["errors"][0]["field"] == "reason"
    handed = editor.post(f"{url}hand-on/", {"reviewer": "erin", "reason": "Carol is away."}).json()
    assert handed["assignee"]["username"] == "erin"
    is_problem(reviewer.post(f"{url}decline/", {"reason": "Not mine."}), 403)
    declined = caller(erin, *JUDGES).post(f"{url}decline/", {"reason": "I know the speaker."})
    assert declined.json()["state"] == "declined"
    assert editor.post(f"{url}cancel/", {"reason": "No more needed."}).json()["state"] == "done"
    is_problem(editor.post(f"{url}cancel/", {"reason": "No more needed."}), 409)


def test_opinion_is_on_what_was_seen(caller, carol, task, reword, is_problem):
    judge, url = caller(carol, *JUDGES), f"{DESK}/tasks/{task.pk}/review/"
    content = judge.get(f"{DESK}/claims/{task.claim_id}/content/")
    assert judge.get(content.wsgi_request.path, headers={"If-None-Match": content["ETag"]}).status_code == 304
    said = {"opinion": "approve", "reason": "It holds."}
    assert is_problem(judge.post(url, said), 400)["errors"][0]["field"] == "content_digest_seen"
    for header in ("*", '"abc"', f"W/{content['ETag']}", f'{content["ETag"]}, "x"'):
        is_problem(judge.post(url, said, headers={"If-Match": header}), 412)
    reword(task.claim, "The group put the dead at 745.")
    is_problem(judge.post(url, said, headers={"If-Match": content["ETag"]}), 412)
    seen = content["ETag"].strip('"')
    assert "changed" in is_problem(judge.post(url, said | {"content_digest_seen": seen}), 409)["detail"]
    assert not Review.objects.exists()


def test_checklist_is_answered_by_the_ids_of_its_questions(caller, carol, desk, task, is_problem):
    item = ChecklistItem.objects.create(desk=desk, text="Do the quotes stand?")
    judge, url = caller(carol, *JUDGES), f"{DESK}/tasks/{task.pk}/"
    assert [each["id"] for each in judge.get(url).json()["checklist"]] == [str(item.pk)]
    bad: list[Any] = [
        {},
        {str(item.pk): "perhaps"},
        {"x\0": "yes"},
        {str(item.pk): "yes", "other": "no"},
        "yes",
    ]
    for answers in bad:
        body = is_problem(judge.post(f"{url}review/", opinion(task.claim, answers=answers)), 400)
        assert body["errors"][0]["field"].startswith("answers"), answers
    for rating in ("nonsense", "superseded"):
        given = opinion(task.claim, answers={str(item.pk): "yes"}, rating=rating)
        assert is_problem(judge.post(f"{url}review/", given), 400)["errors"][0]["field"] == "rating"
    given = opinion(task.claim, answers={str(item.pk): "yes"})
    body = judge.post(f"{url}review/", given).json()
    assert body["answers"] == [{"item": str(item.pk), "answer": "yes"}]
    is_problem(judge.post(f"{url}review/", given), 409)


def test_reviewer_of_a_verdict_says_what_they_would_have_said(
    caller, bob, carol, researched_claim, is_problem
):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="verdict")
    judge, url = caller(carol, *JUDGES), f"{DESK}/tasks/{task.pk}/review/"
    body = is_problem(judge.post(url, opinion(task.claim)), 400)
    assert body["errors"][0]["field"] == "rating"
    assert judge.post(url, opinion(task.claim, rating="partly-confirmed")).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_task_at_once_one_has_it(caller, bob, carol, erin, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0)
    people = [caller(person, *JUDGES) for person in (carol, erin)]
    url = f"{DESK}/tasks/{task.pk}/take/"
    answers = at_once(*(lambda person=person: person.post(url, {}) for person in people))
    assert sorted(answer.status_code for answer in answers) == [200, 409]


def test_opinions_that_differ_are_decided_by_a_third(caller, bob, carol, erin, desk, task, researched_claim):
    second = assign_review(claim=researched_claim, reviewer=erin, by=bob, at=T0)
    make_person("frank", desk, Role.CHECKER)
    frank = desk.memberships.get(user__username="frank").user
    for person, each, said in ((carol, task, "approve"), (erin, second, "return")):
        given = opinion(researched_claim, opinion=said)
        assert caller(person, *JUDGES).post(f"{DESK}/tasks/{each.pk}/review/", given).status_code == 201
    of_claim, editor = f"{DESK}/claims/{researched_claim.pk}", caller(bob, *JUDGES)
    assert len(editor.get(f"{of_claim}/reviews/").json()["results"]) == 2
    ask = {"kind": "adjudication", "reviewer": "erin"}
    assert editor.post(f"{of_claim}/tasks/", ask).status_code == 403
    asked = editor.post(f"{of_claim}/tasks/", ask | {"reviewer": "frank"}).json()
    given = opinion(researched_claim, rating="partly-confirmed")
    url = f"{DESK}/tasks/{asked['id']}/review/"
    assert caller(frank, *JUDGES).post(url, given).status_code == 201
    researched_claim.refresh_from_db()
    assert researched_claim.workflow == "approved"


def addresses(claim: Any) -> list[str]:
    """Every address of a desk's work that can be made of a claim and what it has."""
    assertion = claim.assertions.get()
    rows = [claim, assertion, assertion.anchors.get(), claim.evidence.get(), *claim.verdicts.all()]
    rows += [*claim.tasks.all(), assertion.anchors.get().text.capture]
    urls = set()
    for pattern in work.urlpatterns:
        for given in ({}, *({"pk": row.pk} for row in rows), {"pk": claim.pk, "number": 1}):
            try:
                urls.add(reverse(pattern.name, kwargs=given))
            except NoReverseMatch:
                continue
    filters = [
        f"{DESK}/tasks/?{query}" for query in ("mine=true", "open=true", "state=submitted", "pool=true")
    ]
    return sorted([*urls, *filters])


def seen_by(who: Any, claim: Any) -> dict[str, str]:
    answers = {url: who.get(url) for url in addresses(claim)}
    return {url: f"{each.status_code} {each.content.decode()}" for url, each in answers.items()}


@pytest.mark.parametrize("name", ["alice", "bob", "erin", "dave", "mallory"])
def test_nothing_tells_what_a_blind_opinion_was(
    name, caller, request, task, erin, bob, carol, researched_claim
):
    assign_review(claim=researched_claim, reviewer=erin, by=bob, at=T0)
    who, judge = caller(request.getfixturevalue(name), *Scope), caller(carol, *Scope)
    worlds = []
    for said in ("approve", "return"):
        mark = transaction.savepoint()
        given = opinion(researched_claim, opinion=said, reason=f"Looked at: {CANARY}.")
        made = judge.post(f"{DESK}/tasks/{task.pk}/review/", given)
        assert made.status_code == 201, made.content
        worlds.append({url: NOISE.sub("", body) for url, body in seen_by(who, researched_claim).items()})
        hidden = f"{DESK}/reviews/{made.json()['id']}/"
        assert who.get(hidden).status_code == 404 and CANARY in judge.get(hidden).content.decode()
        transaction.savepoint_rollback(mark)
    assert worlds[0] == worlds[1]
    assert [url for url, body in worlds[0].items() if CANARY in body] == []
    answered = sum(body.startswith("200") for body in worlds[0].values())
    assert answered > 20 if name != "mallory" else answered == 3 + 3  # her own lists, empty


def test_once_all_are_in_members_read_the_opinions(caller, task, carol, dave, mallory, researched_claim):
    given = opinion(researched_claim, opinion="return", reason=f"No: {CANARY}.")
    caller(carol, *JUDGES).post(f"{DESK}/tasks/{task.pk}/review/", given)
    url = f"{DESK}/claims/{researched_claim.pk}/reviews/"
    assert CANARY in caller(dave).get(url).content.decode()
    assert caller(mallory).get(url).status_code == 404


def test_thread_is_begun_answered_settled_and_taken_back(caller, alice, carol, researched_claim, is_problem):
    hers, other = caller(alice, *JUDGES), caller(carol, *JUDGES)
    url = f"{DESK}/claims/{researched_claim.pk}/comments/"
    about = {"assertion": str(researched_claim.assertions.get().pk)}
    thread = hers.post(url, {"text": "@carol, is it the same count?"} | about).json()
    answer = other.post(url, {"text": "It is.", "parent": thread["id"]}).json()
    one = f"{DESK}/comments/{thread['id']}/"
    is_problem(other.patch(one, {"text": "Other words."}), 403)
    is_problem(other.post(f"{one}remove/"), 403)
    assert hers.patch(one, {"text": "Is it?"}).json()["edited_at"]
    assert other.post(f"{one}resolve/").json()["resolved_by"]["username"] == "carol"
    assert hers.get(f"{url}?resolved=false").json()["results"] == []
    assert hers.post(f"{one}reopen/").json()["resolved_at"] is None
    assert hers.post(f"{one}remove/").json()["text"] == ""
    assert [each["id"] for each in hers.get(f"{url}?thread={thread['id']}").json()["results"]] == [
        thread["id"],
        answer["id"],
    ]
    is_problem(hers.post(f"{one}remove/"), 409)


@pytest.mark.parametrize(
    "given",
    [
        {"text": ""},
        {"text": "x" * 10_001},
        {"text": "a", "parent": "x"},
        {"text": "a", "figure": str(T0)},
        {},
    ],
)
def test_bad_comment_is_refused_by_name(caller, alice, researched_claim, is_problem, given):
    body = is_problem(
        caller(alice, *JUDGES).post(f"{DESK}/claims/{researched_claim.pk}/comments/", given), 400
    )
    assert body["errors"][0]["field"] in ("text", "parent", "figure")


@pytest.mark.parametrize(("name", "queries"), [("tasks/", 2), ("claims/{pk}/comments/", 3)])
def test_list_asks_as_often_for_three_rows_as_for_one(
    caller, alice, bob, researched_claim, desk, django_assert_num_queries, name, queries
):
    reader, writer = caller(alice), caller(alice, *JUDGES)
    url = f"{DESK}/{name.format(pk=researched_claim.pk)}"
    for count in (1, 3):
        while Task.objects.count() < count:
            person = make_person(f"reviewer{Task.objects.count()}", desk, Role.CHECKER)
            assign_review(claim=researched_claim, reviewer=person, by=bob, at=timezone.now())
            writer.post(f"{DESK}/claims/{researched_claim.pk}/comments/", {"text": "So."})
        reader.get(url)
        with django_assert_num_queries(queries):
            assert len(reader.get(url).json()["results"]) == count
