"""Publishing: what would be published, who may, and the ways back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from tests.cast import T0
from verify.publish.models import Version
from verify.review.services import assign_review

pytestmark = pytest.mark.django_db

ACTS = ["publish", "publication-pause", "publication-resume", "publication-correct", "publication-retract"]


def at(name: str, claim: Any) -> str:
    return reverse(name, args=[claim.pk])


def state(claim: Any) -> str:
    claim.publication.refresh_from_db()
    return str(claim.publication.state)


@pytest.mark.parametrize("name", ACTS)
def test_publishing_is_an_editors(client, carol, mallory, published_claim, name):
    url = at(name, published_claim)
    assert client.post(reverse(name, args=[uuid4()]))["Location"].startswith("/sign-in/?next=")
    for person, status in ((carol, 403), (mallory, 404)):
        client.force_login(person)
        assert client.post(url, {"reason": "Because."}).status_code == status
    assert state(published_claim) == "published" and Version.objects.count() == 1


def test_publish_page_says_why_it_is_not_possible(client, bob, carol, researched_claim):
    client.force_login(bob)
    html = client.get(at("publish", researched_claim)).content.decode()
    assert "Publishing needs 1 approvals of exactly this content; it has 0." in html
    assert client.post(at("publish", researched_claim)).status_code == 422
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    assert "A review is still outstanding." in client.get(at("publish", researched_claim)).content.decode()
    assert not Version.objects.exists()


def test_publish_page_shows_checkers_but_lets_them_do_nothing(client, carol, approved_claim):
    client.force_login(carol)
    response = client.get(at("publish", approved_claim))
    assert all(one["why_not"] for one in response.context["acts"])


def test_publish_page_previews_the_claimreview(client, bob, approved_claim):
    client.force_login(bob)
    html = client.get(at("publish", approved_claim)).content.decode()
    assert "ClaimReview" in html and "About 745 dead" in html and "Partly confirmed" in html


def test_publishing_makes_a_version_that_the_world_sees(client, bob, approved_claim):
    client.force_login(bob)
    assert client.post(at("publish", approved_claim)).status_code == 302
    assert client.get(at("public-claim", approved_claim)).status_code == 200
    assert Version.objects.get().published_by == bob


def test_pausing_needs_a_reason_and_resuming_brings_it_back(client, bob, published_claim):
    client.force_login(bob)
    response = client.post(at("publication-pause", published_claim), {"reason": ""})
    assert response.status_code == 422 and state(published_claim) == "published"
    client.post(at("publication-pause", published_claim), {"reason": "A doubt."})
    assert state(published_claim) == "paused"
    client.post(at("publication-resume", published_claim), {"reason": "Settled."})
    assert state(published_claim) == "published"


def test_correcting_takes_new_approved_content(client, bob, published_claim, approve, reword):
    client.force_login(bob)
    url = at("publication-correct", published_claim)
    response = client.post(url, {"reason": "As typed."})
    assert response.status_code == 422 and "As typed." in response.content.decode()
    reword(published_claim, "The group put the civilian dead at about 750.")
    assign = published_claim.workflow
    assert assign == "in-research"
    approve(published_claim)
    assert client.post(url, {"reason": "The number was mistyped."}).status_code == 302
    assert state(published_claim) == "corrected"
    assert Version.objects.first().reason == "The number was mistyped."


def test_retracting_says_why_in_public(client, bob, published_claim):
    client.force_login(bob)
    client.post(at("publication-retract", published_claim), {"reason": "The source was false."})
    assert state(published_claim) == "retracted"
    assert "The source was false." in client.get(at("public-claim", published_claim)).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_publish_page_asks_the_same_for_one_and_three(
    client, bob, make_claim, make_assertion, django_assert_num_queries, rows
):
    claim = make_claim()
    for _ in range(rows):
        make_assertion(claim)
    client.force_login(bob)
    with django_assert_num_queries(25):
        client.get(at("publish", claim))
