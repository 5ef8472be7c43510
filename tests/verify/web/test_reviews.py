"""Verdicts, assigning, judging; opinions are blind until all are in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.statements.models import Claim
from claims.statements.services import edit_claim
from tests.cast import ARTICLE, T0, make_person
from tests.recaptures import fetched, recaptured
from verify.accounts.models import Membership, Role
from verify.review.content import content_digest
from verify.review.models import Review, Task, Verdict
from verify.review.rechecks import raise_rechecks
from verify.review.scale import add_item, add_rating
from verify.review.services import assign_review, propose_verdict, submit_review

pytestmark = pytest.mark.django_db


def at(name: str, thing: Any) -> str:
    return reverse(name, args=[thing.pk])


@pytest.fixture
def task(researched_claim: Any, bob: Any, carol: Any) -> Task:
    return assign_review(
        claim=researched_claim, reviewer=carol, by=bob, at=T0, instructions="Look at the count."
    )


@pytest.fixture
def admin(desk: Any, other_desk: Any) -> Any:
    """An administrator of both desks."""
    person = make_person("ada", desk, Role.ADMIN)
    Membership.objects.create(user=person, desk=other_desk, role=Role.ADMIN)
    return person


@pytest.fixture
def item(desk: Any, admin: Any) -> Any:
    return add_item(desk=desk, text="Is the count its own?", by=admin, at=T0)


def opinion(task: Task, **change: Any) -> dict[str, Any]:
    return {
        "opinion": "approve",
        "reason": "It holds.",
        "content_digest_seen": content_digest(task.claim),
    } | change


def test_verdict_is_proposed_with_its_reasoning(client, alice, desk, make_claim):
    claim = make_claim()
    client.force_login(alice)
    rating = desk.ratings.get(code="disputed")
    assert client.post(at("verdict-new", claim), {"rating": rating.pk, "rationale": ""}).status_code == 422
    assert (
        client.post(at("verdict-new", claim), {"rating": rating.pk, "rationale": "Two say no."}).status_code
        == 302
    )
    assert (Verdict.objects.get().rating, Verdict.objects.get().proposed_by) == (rating, alice)


def test_verdict_of_another_scale_is_refused(client, alice, other_desk, make_claim):
    client.force_login(alice)
    rating = other_desk.ratings.first()
    response = client.post(at("verdict-new", make_claim()), {"rating": rating.pk, "rationale": "So."})
    assert response.status_code == 422 and not Verdict.objects.exists()


def test_assigning_offers_who_may_and_says_why_others_may_not(
    client, alice, bob, carol, dave, researched_claim
):
    client.force_login(bob)
    response = client.get(at("task-new", researched_claim))
    assert {str(person) for person in response.context["able"]} == {"Bob", "Carol"}
    html = response.content.decode()
    assert "wrote the claim" in html and "may only look" in html


def test_assigning_is_an_editors_and_never_to_the_author(client, alice, bob, carol, researched_claim):
    url = at("task-new", researched_claim)
    client.force_login(carol)
    assert client.post(url, {"reviewer": carol.pk, "kind": "sign-off"}).status_code == 403
    client.force_login(bob)
    assert client.post(url, {"reviewer": alice.pk, "kind": "sign-off"}).status_code == 422
    assert not Task.objects.exists()
    due = {"reviewer": carol.pk, "kind": "sign-off", "due_at": "2030-01-02T03:04"}
    assert client.post(url, due).status_code == 302
    assert Task.objects.get().due_at.isoformat() == "2030-01-02T03:04:00+00:00"


@pytest.mark.parametrize("name", ["task", "task-accept", "task-decline", "task-submit"])
def test_tasks_ask_to_sign_in_and_hide_from_other_desks(client, mallory, task, name):
    method = client.get if name == "task" else client.post
    assert method(reverse(name, args=[uuid4()]))["Location"].startswith("/sign-in/?next=")
    client.force_login(mallory)
    assert method(at(name, task)).status_code == 404


@pytest.mark.parametrize("name", ["task-accept", "task-decline", "task-submit"])
def test_tasks_are_answered_by_the_reviewer_alone(client, bob, task, name):
    client.force_login(bob)
    assert client.post(at(name, task), {**opinion(task), "reason": "x"}).status_code == 403
    assert not Review.objects.exists()


def test_task_page_shows_what_is_judged(client, carol, task):
    client.force_login(carol)
    html = client.get(at("task", task)).content.decode()
    for words in (
        "Look at the count.",
        "around 745 civilians",
        "The group&#x27;s own count",
        content_digest(task.claim),
    ):
        assert words in html, words


def test_accepting_and_judging(client, carol, task):
    client.force_login(carol)
    client.post(at("task-accept", task))
    task.refresh_from_db()
    assert task.state == "accepted"
    assert client.post(at("task-submit", task), opinion(task))["Location"] == at("task", task)
    task.claim.refresh_from_db()
    assert task.claim.workflow == "approved"


def test_declining_needs_a_reason(client, carol, task):
    client.force_login(carol)
    assert client.post(at("task-decline", task), {"reason": " "}).status_code == 422
    assert client.post(at("task-decline", task), {"reason": "I know them."}).status_code == 302
    task.refresh_from_db()
    assert task.state == "declined"


def test_judging_what_changed_meanwhile_shows_what_happened(client, alice, carol, task):
    client.force_login(carol)
    typed = opinion(task, reason="As typed.")
    claim = task.claim
    edit_claim(
        claim=claim, revision=claim.revision, text="New words.", headline="", by=alice, at=timezone.now()
    )
    response = client.post(at("task-submit", task), typed)
    html = response.content.decode()
    assert response.status_code == 422 and not Review.objects.exists()
    assert "Alice changed the claim" in html and "New words." in html and "As typed." in html
    shown = response.context["read"].digest
    again = {**typed, "content_digest_seen": shown}
    assert client.post(at("task-submit", task), again).status_code == 302


@pytest.mark.parametrize("page", ["claim", "task", "publish"])
def test_opinions_are_blind_until_all_are_in(client, bob, carol, task, page):
    second = assign_review(claim=task.claim, reviewer=bob, by=bob, at=T0)
    at_once = {"by": carol, "at": timezone.now()}
    submit_review(task=task, **opinion(task, reason="Carol’s own words."), **at_once)
    client.force_login(bob)
    url = at(page, second if page == "task" else task.claim)
    html = client.get(url).content.decode()
    assert "Carol’s own words." not in html and "blind until all are in" in html
    assert "Approvals of this content" not in html
    submit_review(task=second, **opinion(task, reason="Bob’s."), by=bob, at=timezone.now())
    html = client.get(url).content.decode()
    assert "Carol’s own words." in html and "Approvals of this content: 2 of 1" in html


def test_own_opinion_stays_readable(client, bob, carol, task):
    assign_review(claim=task.claim, reviewer=bob, by=bob, at=T0)
    submit_review(task=task, **opinion(task, reason="Carol’s own words."), by=carol, at=timezone.now())
    client.force_login(carol)
    assert "Carol’s own words." in client.get(at("task", task)).content.decode()


def test_nothing_is_chosen_for_the_reviewer(client, carol, item, task):
    client.force_login(carol)
    html = client.get(at("task", task)).content.decode()
    assert 'type="radio"' in html and " checked" not in html.replace("data-keys-on checked", "")


def test_every_question_is_answered_and_all_that_was_typed_is_kept(client, carol, item, task):
    client.force_login(carol)
    typed = opinion(task, opinion="return", rating="disputed", reason="As typed.")
    response = client.post(at("task-submit", task), typed)
    html = response.content.decode()
    assert response.status_code == 422 and not Review.objects.exists()
    assert f"item-{item.pk}" in response.context["form"].errors
    assert "As typed." in html and response.context["form"]["rating"].value() == "disputed"
    assert html.count(" checked") - html.count("data-keys-on checked") == 2  # the verdict and the opinion
    assert client.post(at("task-submit", task), {**typed, f"item-{item.pk}": "no"}).status_code == 302
    review = Review.objects.get()
    assert (review.rating.code, review.answers.get().answer) == ("disputed", "no")


def test_approving_another_verdict_is_refused_at_its_field(client, carol, task):
    client.force_login(carol)
    response = client.post(at("task-submit", task), opinion(task, rating="disputed"))
    assert response.status_code == 422 and "rating" in response.context["form"].errors


def test_verdict_of_another_desks_scale_is_no_answer(client, carol, other_desk, admin, task):
    rating = add_rating(desk=other_desk, code="only-there", label="Only there", by=admin, at=T0)
    client.force_login(carol)
    response = client.post(at("task-submit", task), opinion(task, opinion="return", rating=rating.code))
    assert response.status_code == 422 and "Only there" not in response.content.decode()


def test_own_verdict_comes_before_the_proposed_one(client, bob, carol, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="verdict")
    client.force_login(carol)
    html = client.get(at("task", task)).content.decode()
    folded = html.partition('<details class="section" id="proposed">')[2].partition("</details>")[0]
    assert researched_claim.verdicts.get().rationale in folded
    assert html.count(researched_claim.verdicts.get().rationale) == 1
    assert client.post(at("task-submit", task), opinion(task)).status_code == 422  # it is what is asked for
    assert client.post(at("task-submit", task), opinion(task, rating="partly-confirmed")).status_code == 302
    assert 'id="proposed"' not in client.get(at("task", task)).content.decode()


def test_a_check_of_the_sources_asks_for_no_verdict(client, bob, carol, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, kind="source-check")
    client.force_login(carol)
    assert "rating" not in client.get(at("task", task)).context["form"].fields


def test_the_next_task_is_one_key_away(client, bob, carol, make_claim, make_assertion, desk, alice, task):
    other = make_claim("The next is so.")
    make_assertion(other)
    propose_verdict(claim=other, rating=desk.ratings.first(), rationale="So.", by=alice, at=T0)
    following = assign_review(claim=other, reviewer=carol, by=bob, at=T0)
    client.force_login(carol)
    html = client.post(at("task-submit", task), opinion(task), follow=True).content.decode()
    assert f'href="{at("task", following)}" data-next' in html
    html = client.post(at("task-submit", following), opinion(following), follow=True).content.decode()
    assert "data-next" not in html and "Nothing else waits for you" in html


def test_who_came_to_work_on_the_content_is_refused_with_the_sentence(client, alice, bob, carol, task):
    claim = task.claim
    Claim.objects.filter(pk=claim.pk).update(changed_by=carol)
    client.force_login(carol)
    html = client.get(at("task", task)).content.decode()
    assert "You have worked on this content" in html and at("task-submit", task) not in html
    response = client.post(at("task-submit", task), opinion(task))
    assert response.status_code == 403 and "may not review it" in response.content.decode()
    assert not Review.objects.exists()


def test_a_recheck_names_the_quotation_and_leads_to_it(
    client, alice, bob, carol, approved_claim, make_capture
):
    anchor = approved_claim.assertions.get().anchors.get()
    before = fetched(anchor.text.capture, hours=0)
    change = recaptured(make_capture, before, ARTICLE.replace("745", "801"), hours=2)
    raise_rechecks(T0 + timedelta(hours=3))
    task = Task.objects.get(kind="recheck")
    client.force_login(carol)
    html = client.get(at("task", task)).content.decode()
    assert f"{at('change', change)}#quote-{anchor.pk}" in html and anchor.exact in html
    assert "asked by the system" in " ".join(html.split())
    assert at("task-take", task) in html
