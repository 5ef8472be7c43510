"""The page of a claim: what it stands on, its four axes, rewording it, moving it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.attribution.services import correct_assertion
from claims.statements.models import Claim
from claims.statements.services import edit_claim
from tests.cast import T0

pytestmark = pytest.mark.django_db

PAGES = [
    "claim",
    "claim-edit",
    "assertion-new",
    "figure-new",
    "evidence-new",
    "verdict-new",
    "task-new",
    "publish",
]
FOR_EDITING = ["claim-edit", "assertion-new", "figure-new", "evidence-new", "verdict-new", "task-new"]


def at(name: str, claim: Any) -> str:
    return reverse(name, args=[claim.pk])


@pytest.mark.parametrize("name", PAGES)
def test_claim_pages_ask_to_sign_in(client, db, name):
    response = client.get(reverse(name, args=[uuid4()]))
    assert response.status_code == 302 and response["Location"].startswith("/sign-in/?next=")


@pytest.mark.parametrize("name", PAGES)
def test_claim_pages_of_another_desk_do_not_exist(client, mallory, make_claim, name):
    client.force_login(mallory)
    assert client.get(at(name, make_claim())).status_code == 404


@pytest.mark.parametrize("name", FOR_EDITING)
def test_claim_forms_are_not_for_viewers(client, dave, make_claim, name):
    client.force_login(dave)
    claim = make_claim()
    assert client.get(at(name, claim)).status_code == 403
    assert client.post(at(name, claim)).status_code == 403


def test_claim_page_shows_what_it_stands_on(client, dave, approved_claim):
    client.force_login(dave)
    html = client.get(at("claim", approved_claim)).content.decode()
    for words in (
        "The monitoring group put the civilian dead at about 745.",
        "One independent origin",
        "Observatory",
        "around 745 civilians were killed in 30 massacres",
        "The group&#x27;s own count, as reported.",
        "One origin; the count itself is documented.",
        "Approvals of this content: 1 of 1",
        "Sources and quotes hold.",
    ):
        assert words in html, words
    assert at("assertion-new", approved_claim) not in html  # a viewer is offered nothing


def test_claim_page_shows_four_axes_apart(client, dave, published_claim):
    client.force_login(dave)
    html = client.get(at("claim", published_claim)).content.decode()
    for kind, value in {
        "workflow": "approved",
        "verdict": "partly-confirmed",
        "publication": "published",
        "task": "done",
    }.items():
        assert f'data-kind="{kind}" data-value="{value}"' in html


def test_claim_page_leads_from_the_quote_to_its_place_in_the_copy(client, alice, researched_claim):
    client.force_login(alice)
    quote = researched_claim.assertions.get().anchors.get()
    html = client.get(at("claim", researched_claim)).content.decode()
    link = (
        f"/desk/documents/{quote.text.capture.document_id}/?capture={quote.text.capture_id}#anchor-{quote.pk}"
    )
    assert link in html
    page = client.get(link.partition("#")[0]).content.decode()
    assert f'id="anchor-{quote.pk}"' in page


@pytest.mark.parametrize("rows", [1, 3])
def test_claim_page_asks_the_same_for_one_and_three(
    client, alice, make_claim, make_assertion, make_source, django_assert_num_queries, rows
):
    claim = make_claim()
    for _ in range(rows):
        said = make_assertion(claim, outlet=make_source())
        revision = Claim.objects.get(pk=claim.pk).revision
        correct_assertion(assertion=said, hedge="about", revision=revision, why="So.", by=alice, at=T0)
    client.force_login(alice)
    # As many for a hundred: rows are fetched by kind, never one by one
    with django_assert_num_queries(33):
        assert client.get(at("claim", claim)).status_code == 200


def test_rewording_writes_the_new_words(client, alice, researched_claim):
    client.force_login(alice)
    given = {"text": "Some 745 died.", "headline": "", "revision": researched_claim.revision}
    assert client.post(at("claim-edit", researched_claim), given).status_code == 302
    researched_claim.refresh_from_db()
    assert researched_claim.text == "Some 745 died."


def test_rewording_meanwhile_shows_both_texts_and_loses_nothing(client, alice, bob, researched_claim):
    client.force_login(alice)
    url, seen = at("claim-edit", researched_claim), researched_claim.revision
    edit_claim(claim=researched_claim, revision=seen, text="Bob’s words.", headline="", by=bob, at=T0)
    response = client.post(url, {"text": "Alice’s words.", "headline": "", "revision": seen})
    html = response.content.decode()
    assert response.status_code == 422
    assert "Bob’s words." in html and "Alice’s words." in html
    assert Claim.objects.get().text == "Bob’s words."
    # with both in view, saving again is a decision
    again = {"text": "Alice’s words.", "headline": "", "revision": seen + 1}
    assert f'name="revision" value="{seen + 1}"' in html
    assert client.post(url, again).status_code == 302
    assert Claim.objects.get().text == "Alice’s words."


def test_moving_notes_who_and_why(client, alice, make_claim):
    claim = make_claim()
    client.force_login(alice)
    response = client.post(at("claim-move", claim), {"to": "out-of-scope", "reason": "Not ours to check."})
    assert response.status_code == 302
    assert "Not ours to check." in client.get(at("claim", claim)).content.decode()
    claim.refresh_from_db()
    assert claim.workflow == "out-of-scope"


@pytest.mark.parametrize("to", ["approved", "in-review", "closed", "nonsense"])
def test_moving_by_hand_cannot_pass_the_review(client, bob, researched_claim, to):
    client.force_login(bob)
    response = client.post(at("claim-move", researched_claim), {"to": to, "reason": "Because."})
    assert response.status_code == 422
    assert "Because." in response.content.decode()
    researched_claim.refresh_from_db()
    assert researched_claim.workflow == "in-research"


def test_an_edit_makes_approvals_void_and_says_so(client, alice, approved_claim):
    revision = approved_claim.revision
    edit_claim(
        claim=approved_claim, revision=revision, text="Other.", headline="", by=alice, at=timezone.now()
    )
    client.force_login(alice)
    html = client.get(at("claim", approved_claim)).content.decode()
    assert "One approval is void" in html
    assert "Approvals of this content: 0 of 1" in html
