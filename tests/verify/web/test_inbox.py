"""The inbox: what waits for a person, what came back, what failed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture
from sources.archive.redaction import ask_redaction
from sources.archive.watching import mark_seen
from sources.catalog.services import archive_document
from tests.cast import ARTICLE, T0, make_person
from tests.recaptures import fetched, recaptured
from verify.accounts.models import Role
from verify.review.content import content_digest
from verify.review.services import assign_review, decline_task, propose_verdict, submit_review

pytestmark = pytest.mark.django_db

INBOX = "/desk/inbox/"


def judge(task: Any, opinion: str, reason: str, by: Any) -> None:
    seen = content_digest(task.claim)
    submit_review(
        task=task, opinion=opinion, reason=reason, content_digest_seen=seen, by=by, at=timezone.now()
    )


def test_inbox_asks_to_sign_in(client, db):
    assert client.get(INBOX)["Location"].startswith("/sign-in/?next=")


def test_inbox_that_is_empty_says_what_to_do(client, carol):
    client.force_login(carol)
    html = client.get(INBOX).content.decode()
    assert "Nothing waits for you" in html and reverse("case-list") in html


def test_inbox_marks_what_is_overdue_by_word_and_shape(client, bob, carol, researched_claim):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, due_at=T0)
    client.force_login(carol)
    html = client.get(INBOX).content.decode()
    assert 'data-value="overdue"' in html and "Overdue" in html


def test_inbox_is_not_late_before_the_time(client, bob, carol, researched_claim):
    due = timezone.now() + timedelta(hours=1)
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, due_at=due)
    client.force_login(carol)
    assert 'data-value="overdue"' not in client.get(INBOX).content.decode()


def test_inbox_holds_nobody_elses_tasks(client, alice, bob, carol, researched_claim):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    client.force_login(alice)
    assert not list(client.get(INBOX).context["page"])


def test_inbox_shows_what_came_back_with_the_reason(client, alice, bob, carol, researched_claim):
    judge(
        assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0),
        "return",
        "The quote is cut.",
        carol,
    )
    client.force_login(alice)
    html = client.get(INBOX).content.decode()
    assert "What came back" in html and "The quote is cut." in html


def test_inbox_keeps_a_return_blind_while_others_judge(client, alice, bob, carol, researched_claim):
    first = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    assign_review(claim=researched_claim, reviewer=bob, by=bob, at=T0)
    judge(first, "return", "The quote is cut.", carol)
    client.force_login(alice)
    assert "The quote is cut." not in client.get(INBOX).content.decode()


def test_inbox_shows_failed_captures_until_tried_again(client, alice, desk):
    capture = archive_document(desk=desk, url="http://gone.example/", by=alice, at=T0)
    work.fail(work.take(capture.pk, at=T0), FailureCode.TIMEOUT, "It did not answer.", at=T0)
    client.force_login(alice)
    assert "It did not answer." in client.get(INBOX).content.decode()
    archive_document(desk=desk, url="http://gone.example/", by=alice, at=T0)
    Capture.objects.exclude(pk=capture.pk).update(retry_of=capture.pk)
    assert "It did not answer." not in client.get(INBOX).content.decode()


def test_inbox_tells_editors_what_needs_a_decision(client, alice, bob, carol, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    decline_task(task=task, reason="I know the source.", by=carol, at=T0)
    client.force_login(bob)
    assert "declined: ask somebody else" in client.get(INBOX).content.decode()
    client.force_login(alice)
    assert "declined: ask somebody else" not in client.get(INBOX).content.decode()


def test_inbox_offers_editors_what_is_approved(client, bob, approved_claim):
    client.force_login(bob)
    assert reverse("publish", args=[approved_claim.pk]) in client.get(INBOX).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_inbox_asks_the_same_for_one_and_three(
    client, bob, carol, alice, desk, make_assertion, make_claim, django_assert_num_queries, rows
):
    for number in range(rows):
        claim = make_claim()
        make_assertion(claim)
        rating = desk.ratings.get(code="confirmed")
        propose_verdict(claim=claim, rating=rating, rationale="So.", by=alice, at=T0)
        assign_review(claim=claim, reviewer=carol, by=bob, at=T0 + timedelta(minutes=number))
    client.force_login(carol)
    # session, person, desks, how many, the page, the pool, alerts, what came back, what failed, the navigation's count
    with django_assert_num_queries(10):
        client.get(INBOX)


@pytest.mark.parametrize("rows", [1, 3])
def test_inbox_of_an_editor_asks_the_same_for_one_and_three(
    client, bob, carol, alice, desk, make_assertion, make_claim, django_assert_num_queries, rows
):
    for number in range(rows):
        claim = make_claim()
        make_assertion(claim)
        rating = desk.ratings.get(code="confirmed")
        propose_verdict(claim=claim, rating=rating, rationale="So.", by=alice, at=T0)
        assign_review(claim=claim, reviewer=None, by=bob, at=T0 + timedelta(minutes=number))
        task = assign_review(claim=claim, reviewer=carol, by=bob, at=T0, kind="source-check")
        decline_task(task=task, reason="No time.", by=carol, at=T0)
    client.force_login(bob)
    # session, person, desks, how many, the pool, alerts, what came back, what failed, conflicts, declined, approved,
    # erasures, the count in the navigation
    with django_assert_num_queries(13):
        assert len(client.get(INBOX).context["pool"]) == rows


def test_inbox_offers_the_pool_to_who_may_take_it(client, alice, bob, carol, dave, mallory, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0)
    for person, offered in ((carol, True), (bob, True), (alice, False), (dave, False), (mallory, False)):
        client.force_login(person)
        assert (reverse("task", args=[task.pk]) in client.get(INBOX).content.decode()) is offered, person


def test_inbox_opens_the_most_urgent_with_one_key(
    client, bob, carol, alice, desk, make_assertion, make_claim, researched_claim
):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0, due_at=T0)
    urgent = make_claim("The urgent one.")
    make_assertion(urgent)
    propose_verdict(claim=urgent, rating=desk.ratings.first(), rationale="So.", by=alice, at=T0)
    task = assign_review(claim=urgent, reviewer=carol, by=bob, at=T0, priority=4)
    client.force_login(carol)
    html = client.get(INBOX).content.decode()
    assert html.count("data-next") == 1 and "Urgent" in html
    assert f'href="{reverse("task", args=[task.pk])}" dir="auto" data-next' in html


def lose_a_quote(claim: Any, make_capture: Any, hours: int = 1) -> Any:
    before = claim.assertions.get().anchors.get().text.capture
    content = ARTICLE.replace("745", f"{800 + hours}")
    return recaptured(make_capture, fetched(before, hours=0), content, hours=hours)


def test_inbox_shows_alerts_of_the_desk_until_somebody_has_seen_them(
    client, carol, mallory, researched_claim, make_capture
):
    change = lose_a_quote(researched_claim, make_capture)
    client.force_login(carol)
    html = client.get(INBOX).content.decode()
    assert reverse("change", args=[change.pk]) in html and "1 of 1 quotation lost" in html
    assert '<span class="count">1</span>' in html  # in the navigation as well
    client.force_login(mallory)
    assert reverse("change", args=[change.pk]) not in client.get(INBOX).content.decode()
    mark_seen(change=change, by=carol, at=timezone.now())
    client.force_login(carol)
    html = client.get(INBOX).content.decode()
    assert reverse("change", args=[change.pk]) not in html and "Nothing waits for you" in html


@pytest.mark.parametrize("rows", [1, 3])
def test_inbox_with_alerts_asks_the_same_for_one_and_three(
    client, carol, researched_claim, make_capture, django_assert_num_queries, rows
):
    for hours in range(1, rows + 1):
        lose_a_quote(researched_claim, make_capture, hours)
    client.force_login(carol)
    # session, person, desks, how many, the pool, alerts, what came back, what failed, the count in the navigation
    with django_assert_num_queries(9):
        assert len(client.get(INBOX).context["alerts"]) == rows


def test_an_editor_is_asked_to_decide_on_an_erasure_and_its_asker_is_not(client, desk, bob, make_capture):
    erin = make_person("erin", desk, Role.EDITOR)
    ask_redaction(
        capture=make_capture(), ground="copyright", reason="The photographer asks for it.", by=bob, at=T0
    )
    for person, waits in ((erin, True), (bob, False)):
        client.force_login(person)
        assert ("Erasure asked for" in client.get(INBOX).content.decode()) is waits


def test_buttons_that_read_alike_are_told_apart_by_their_claims(client, researched_claim, bob, carol):
    task = assign_review(claim=researched_claim, reviewer=None, by=bob, at=T0)
    client.force_login(carol)
    page = client.get(reverse("inbox")).content.decode()
    assert page.count(f'aria-describedby="words-{task.pk}"') == 2
    assert page.count(f'id="words-{task.pk}"') == 1
