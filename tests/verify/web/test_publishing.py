"""Publishing: what would be published, who may, and the ways back."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import T0, make_person
from tests.verify.publish.duke_schema import assert_keeps_the_rules
from verify.accounts.models import Role
from verify.publish.models import Version
from verify.publish.services import publish
from verify.review.comments import comment
from verify.review.content import content_digest
from verify.review.services import assign_review, propose_verdict, submit_review

pytestmark = pytest.mark.django_db

ACTS = ["publish", "publication-pause", "publication-resume", "publication-correct", "publication-retract"]


def at(name: str, claim: Any) -> str:
    return reverse(name, args=[claim.pk])


def state(claim: Any) -> str:
    claim.publication.refresh_from_db()
    return str(claim.publication.state)


def give_opinion(claim: Any, reviewer: Any) -> None:
    submit_review(
        task=claim.tasks.get(assignee=reviewer),
        opinion="approve",
        reason="It holds.",
        content_digest_seen=content_digest(claim),
        by=reviewer,
        at=T0,
    )


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


def levels(response: Any) -> dict[str, str]:
    return {check.sentence: check.level for check in response.context["checks"]}


def test_publish_page_previews_the_claimreview_and_its_validation(client, bob, approved_claim):
    client.force_login(bob)
    response = client.get(at("publish", approved_claim))
    [review] = response.context["reviews"]
    assert_keeps_the_rules(json.loads(review["written"]))
    assert response.context["faults"] == [] and "Passed" in response.content.decode()


def test_claim_without_a_headline_warns_in_the_validation(
    client, bob, make_claim, make_assertion, desk, alice
):
    claim = make_claim("The group counted " + "many " * 20)
    propose_verdict(claim=claim, rating=desk.ratings.get(code="disputed"), rationale="So.", by=alice, at=T0)
    client.force_login(bob)
    response = client.get(at("publish", claim))
    assert {fault.key for fault in response.context["faults"]} == {
        "itemReviewed.author",
        "itemReviewed.appearance",
    }
    assert "Passed, with warnings" in response.content.decode()


def test_page_without_a_verdict_has_nothing_to_review(client, bob, make_claim):
    client.force_login(bob)
    html = client.get(at("publish", make_claim())).content.decode()
    assert "without a verdict there is nothing to review" in html


def test_preview_is_the_public_page_and_may_be_framed_by_us_alone(client, bob, approved_claim):
    client.force_login(bob)
    preview = client.get(at("publish-preview", approved_claim))
    assert preview["X-Frame-Options"] == "SAMEORIGIN" and "no-store" in preview["Cache-Control"]
    assert "frame-ancestors 'none'" not in preview["Content-Security-Policy"]
    publish(claim=approved_claim, by=bob, at=timezone.now())
    public = client.get(at("public-claim", approved_claim))
    assert public["X-Frame-Options"] == "DENY"
    for words in ("About 745 dead", "Observatory", "One origin; the count itself is documented."):
        assert words in preview.content.decode() and words in public.content.decode()


def test_preview_is_the_desks_alone(client, dave, mallory, approved_claim):
    url = at("publish-preview", approved_claim)
    assert client.get(url)["Location"].startswith("/sign-in/?next=")
    client.force_login(dave)
    assert client.get(url).status_code == 200
    client.force_login(mallory)
    assert client.get(url).status_code == 404


def test_preview_makes_no_version_and_shows_what_is_edited_since(client, bob, published_claim, reword):
    reword(published_claim, "The group put the civilian dead at about 803.")
    client.force_login(bob)
    assert "about 803" in client.get(at("publish-preview", published_claim)).content.decode()
    assert "about 803" not in client.get(at("public-claim", published_claim)).content.decode()
    assert Version.objects.count() == 1


def test_publish_page_says_what_changed_since_the_last_version(client, bob, published_claim, reword):
    client.force_login(bob)
    assert client.get(at("publish", published_claim)).context["changes"] == []
    reword(published_claim, "The group put the civilian dead at about 803.")
    response = client.get(at("publish", published_claim))
    told = [each["said"] for each in response.context["changes"]]
    assert {one.subject for one in told} == {"claim"}
    assert any("803" in one.new and "745" in one.old for one in told)


def test_checks_say_what_is_in_the_way_and_what_to_look_at(client, bob, carol, researched_claim):
    client.force_login(bob)
    comment(claim=researched_claim, text="Is it so?", by=carol, at=T0)
    found = levels(client.get(at("publish", researched_claim)))
    assert found["Publishing needs 1 approvals of exactly this content; it has 0."] == "error"
    assert found["1 comment thread is still open."] == "warning"
    assert found["An archived copy shows every statement."] == "success"
    assert any("provisional" in sentence and level == "warning" for sentence, level in found.items())
    assert list(found.values()) == sorted(found.values(), key=["error", "warning", "success"].index)


def test_checks_of_an_approved_claim_block_nothing(client, bob, approved_claim):
    client.force_login(bob)
    assert "error" not in levels(client.get(at("publish", approved_claim))).values()


def test_statement_without_a_copy_is_a_warning(client, bob, researched_claim, make_assertion):
    make_assertion(researched_claim)
    client.force_login(bob)
    found = levels(client.get(at("publish", researched_claim)))
    assert found["No archived copy shows what 1 statement says."] == "warning"


def test_page_tells_nothing_of_blind_opinions(client, bob, carol, desk, researched_claim):
    for reviewer in (carol, make_person("dora", desk, Role.CHECKER)):
        assign_review(claim=researched_claim, reviewer=reviewer, by=bob, at=T0)
    give_opinion(researched_claim, carol)
    client.force_login(bob)
    found = levels(client.get(at("publish", researched_claim)))
    assert found["A review is still outstanding."] == "error"
    assert not any("approval" in sentence for sentence in found)


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
    assert "nothing more is published" in client.get(at("publish", published_claim)).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_publish_page_asks_the_same_for_one_and_three(
    client, bob, make_claim, make_assertion, django_assert_num_queries, rows
):
    claim = make_claim()
    for _ in range(rows):
        make_assertion(claim)
    client.force_login(bob)
    with django_assert_num_queries(32):
        client.get(at("publish", claim))
