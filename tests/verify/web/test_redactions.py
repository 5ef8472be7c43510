"""Erasure on screen: asked for, decided, listed; and every page that shows a capture bears that it is erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from claims.attribution.models import Anchor
from sources.archive.models import Capture, Redaction, Rendition
from sources.archive.redaction import ask_redaction, carry_out, decide_redaction
from sources.custody.services import checkpoint
from tests.cast import T0, make_person
from tests.recaptures import fetched, recaptured
from verify.accounts.models import Role
from verify.publish.services import publish

LATER = T0 + timedelta(days=3)
GIVEN = {"ground": "court-order", "reason": "Order 17 of the regional court."}


def as_user(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def erin(desk: Any) -> Any:
    """A second editor."""
    return make_person("erin", desk, Role.EDITOR)


@pytest.fixture
def asked(make_capture: Any, bob: Any) -> Redaction:
    return ask_redaction(capture=make_capture(), by=bob, at=LATER, **GIVEN)


def erase(capture: Capture, bob: Any, erin: Any) -> Redaction:
    redaction = ask_redaction(capture=capture, by=bob, at=LATER, **GIVEN)
    decide_redaction(redaction=redaction, approve=True, by=erin, at=LATER)
    for row in Redaction.objects.unfinished():
        carry_out(redaction_id=row.pk, at=LATER)
    redaction.refresh_from_db()
    return redaction


@pytest.mark.parametrize("name", ["redaction-list", "redaction", "redaction-new"])
def test_signed_out_people_are_sent_to_sign_in(asked, name):
    pk = {"redaction": asked.pk, "redaction-new": asked.capture_id}.get(name)
    response = Client().get(reverse(name, args=[pk] if pk else []))
    assert response.status_code == 302 and reverse("sign-in") in response["Location"]


def test_editors_are_offered_it_on_the_page_of_a_capture(make_capture, alice, bob):
    capture = make_capture()
    page, link = reverse("capture", args=[capture.pk]), reverse("redaction-new", args=[capture.pk])
    assert link in as_user(bob).get(page).content.decode()
    assert link not in as_user(alice).get(page).content.decode()


def test_asking_says_what_goes_and_what_stays(researched_claim, bob, make_capture):
    capture = Capture.objects.get()
    make_capture(document=None)  # the same words: the same bytes
    page = as_user(bob).get(reverse("redaction-new", args=[capture.pk]))
    said = " ".join(page.content.decode().split())
    assert "1 quotation from it" in said and "go together" in said and "downloaded" in said
    assert page.context["files"] == 3 and page.context["texts"] == 2


def test_asking_makes_a_request_that_another_editor_approves(
    make_capture, bob, erin, django_capture_on_commit_callbacks
):
    capture = make_capture()
    response = as_user(bob).post(reverse("redaction-new", args=[capture.pk]), GIVEN)
    redaction = Redaction.objects.get()
    assert response["Location"] == reverse("redaction", args=[redaction.pk])
    assert "Approve" not in as_user(bob).get(response["Location"]).content.decode()
    assert "Approve and erase" in as_user(erin).get(response["Location"]).content.decode()
    decide = reverse("redaction-decide", args=[redaction.pk])
    assert as_user(bob).post(decide, {"decision": "approve"}).status_code == 403
    assert as_user(erin).post(decide, {"decision": "approve"}).status_code == 302
    capture.refresh_from_db()
    assert capture.state == "redacted" and capture.package is None


def test_asking_without_ground_or_reason_keeps_what_was_typed(make_capture, bob):
    url = reverse("redaction-new", args=[make_capture().pk])
    response = as_user(bob).post(url, {"reason": "Her letter."})
    assert response.status_code == 422 and "Her letter." in response.content.decode()
    assert not Redaction.objects.exists()


def test_asking_again_leads_to_the_open_request(asked, bob):
    response = as_user(bob).get(reverse("redaction-new", args=[asked.capture_id]))
    assert response["Location"] == reverse("redaction", args=[asked.pk])


def test_refusing_says_so_and_erases_nothing(asked, erin):
    response = as_user(erin).post(
        reverse("redaction-decide", args=[asked.pk]), {"decision": "refuse"}, follow=True
    )
    assert "refused" in response.content.decode() and Capture.objects.get().state == "archived"


def test_a_decision_that_came_too_late_is_told(asked, erin, desk):
    decide_redaction(redaction=asked, approve=False, by=erin, at=LATER)
    frank = make_person("frank", desk, Role.ADMIN)
    response = as_user(frank).post(reverse("redaction-decide", args=[asked.pk]), {"decision": "approve"})
    assert response.status_code == 422 and "decided already" in response.content.decode()


def test_published_versions_that_name_it_are_listed_before_and_after(approved_claim, bob, erin):
    publish(claim=approved_claim, by=bob, at=LATER)
    capture = Capture.objects.get()
    new = as_user(bob).get(reverse("redaction-new", args=[capture.pk])).content.decode()
    redaction = erase(capture, bob, erin)
    after = as_user(bob).get(reverse("redaction", args=[redaction.pk])).content.decode()
    link = reverse("publish", args=[approved_claim.pk])
    assert link in new and link in after
    assert Client().get(reverse("public-claim", args=[approved_claim.pk])).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(make_capture, bob, dave, rows, django_assert_num_queries):
    for number in range(rows):
        ask_redaction(capture=make_capture(f"Text {number}"), by=bob, at=LATER, **GIVEN)
    client = as_user(dave)
    with django_assert_num_queries(QUERIES):
        page = client.get(reverse("redaction-list"))
    assert len(page.context["page"].object_list) == rows


QUERIES = 6


def test_a_desk_sees_its_own_requests_only(asked, mallory):
    assert list(as_user(mallory).get(reverse("redaction-list")).context["page"]) == []
    assert as_user(mallory).get(reverse("redaction", args=[asked.pk])).status_code == 404


# --- Every page that shows a capture --------------------------------------------------------------------------------


@pytest.fixture
def erased(researched_claim: Any, make_capture: Any, bob: Any, erin: Any) -> Any:
    """A quoted capture that is erased, with a later copy of the same document and a change between them."""
    capture = fetched(Capture.objects.get(), hours=0)
    change = recaptured(
        make_capture, capture, "The group said that about 745 civilians were killed in 30 massacres."
    )
    Rendition.objects.create(capture=capture, kind="screenshot", blob=capture.body, media_type="image/png")
    erase(capture, bob, erin)
    capture.refresh_from_db()
    checkpoint(at=LATER)
    return capture, change, researched_claim


def test_every_page_that_shows_a_capture_bears_that_it_is_erased(erased, alice):
    capture, change, claim = erased
    client = as_user(alice)
    document = reverse("document", args=[capture.document_id])
    pages = [
        reverse("capture", args=[capture.pk]), reverse("capture-list"), reverse("document-list"), document,
        f"{document}?capture={capture.pk}", f"{document}?capture={change.after_id}&compare={capture.pk}",
        reverse("change", args=[change.pk]), reverse("change-list"), reverse("capture-metadata", args=[capture.pk]),
        reverse("claim", args=[claim.pk]), reverse("case", args=[claim.case_id]), reverse("log"),
        reverse("log-entry", args=[capture.entry_id]), reverse("log-entry", args=[Redaction.objects.get().entry_id]),
        reverse("inbox"), reverse("search") + "?q=massacres&in=texts", reverse("search") + "?q=wire&in=documents",
        reverse("publish", args=[claim.pk]),
    ]  # fmt: skip
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        assert "We cannot confirm this figure" not in response.content.decode(), page


@pytest.mark.parametrize("name", ["capture-package", "capture-body", "capture-text"])
def test_its_bytes_are_not_found(erased, alice, name):
    assert as_user(alice).get(reverse(name, args=[erased[0].pk])).status_code == 404


def test_its_renditions_are_not_found(erased, alice):
    url = reverse("capture-rendition", kwargs={"pk": erased[0].pk, "kind": "screenshot"})
    assert as_user(alice).get(url).status_code == 404


def test_it_is_not_found_by_its_words(erased, alice):
    page = as_user(alice).get(reverse("search") + "?q=spokesperson&in=texts")
    assert list(page.context["page"]) == []


def test_the_page_of_an_erased_capture_says_so_and_offers_nothing(erased, bob):
    said = as_user(bob).get(reverse("capture", args=[erased[0].pk])).content.decode()
    assert "The content was erased" in said and reverse("redaction-new", args=[erased[0].pk]) not in said
    assert reverse("redaction", args=[Redaction.objects.get().pk]) in said
    assert reverse("capture-text", args=[erased[0].pk]) not in said


def test_a_claim_whose_quotation_is_erased_says_redacted(erased, alice):
    assert Anchor.objects.get().exact == ""
    said = as_user(alice).get(reverse("claim", args=[erased[2].pk])).content.decode()
    assert '<span class="soft">redacted</span>' in said


def test_the_api_says_redacted_and_gives_no_words(erased, alice):
    from verify.api.models import Scope
    from verify.api.services import make_token

    _token, secret = make_token(name="Newsroom", scopes=list(Scope.values), by=alice, at=LATER)
    response = Client().get(
        f"/api/v1/captures/{erased[0].pk}/", headers={"Authorization": f"Bearer {secret}"}
    )
    assert response.status_code == 200 and response.json()["state"] == "redacted"
    assert "745" not in response.content.decode()
