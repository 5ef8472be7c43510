"""Drafts on the server: kept for their writer alone, of forms that are named, in bounds, and not for ever."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import T0, at_once, make_person
from verify.accounts.models import Role
from verify.review.services import accept_task, assign_review, decline_task, reassign_task
from verify.web.keeping import KINDS, MAX_AGE, MOST_BYTES, MOST_DRAFTS, keep_draft, sweep_drafts
from verify.web.models import FormDraft

pytestmark = pytest.mark.django_db
AS_JSON = {"headers": {"accept": "application/json"}, "content_type": "application/json"}


@pytest.fixture
def erin(desk: Any) -> Any:
    return make_person("erin", desk, Role.CHECKER)


def key(kind: str = "claim-edit") -> str:
    return f"{kind}-{uuid4()}"


def keep(client: Any, name: str, fields: Any, **query: Any) -> Any:
    return client.post(reverse("draft-keep", query=query), {"key": name, "fields": fields}, **AS_JSON)


def kept(client: Any, *names: str, **query: Any) -> dict[str, Any]:
    answer = client.get(reverse("draft-keep", query={"key": list(names)} | query))
    return {name: draft["fields"] for name, draft in answer.json()["drafts"].items()}


def test_what_is_typed_comes_back_and_is_forgotten_when_it_was_sent(client, alice):
    client.force_login(alice)
    name = key()
    assert keep(client, name, {"text": ["نحو 745"]}).status_code == 200
    assert keep(client, name, {"text": ["نحو 746"], "many": ["a", "b"]}).status_code == 200
    assert kept(client, name, key()) == {name: {"text": ["نحو 746"], "many": ["a", "b"]}}
    assert client.delete(reverse("draft-keep", query={"key": name})).status_code == 204
    assert kept(client, name) == {} and not FormDraft.objects.exists()


def test_a_draft_is_its_writers_alone(client, alice, bob, mallory, desk):
    name = key()
    client.force_login(alice)
    keep(client, name, {"text": ["mine"]})
    for other in (bob, mallory, make_person("anna", desk, Role.ADMIN)):
        client.force_login(other)
        assert kept(client, name) == {}
        client.delete(reverse("draft-keep", query={"key": name}))
        keep(client, name, {"text": ["theirs"]})
    client.force_login(alice)
    assert kept(client, name) == {name: {"text": ["mine"]}}


def test_a_page_of_somebody_who_is_signed_out_keeps_nothing_for_who_signed_in(client, alice, bob):
    client.force_login(bob)
    assert keep(client, key(), {"text": ["of Alice"]}, by=alice.pk).status_code == 401
    assert client.get(reverse("draft-keep", query={"key": key(), "by": alice.pk})).status_code == 401
    client.logout()
    assert keep(client, key(), {"text": ["of Alice"]}).status_code == 401
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "source-identity-6d6f0f6e-2f3c-4c53-9a4e-0f6f9b1f7c11",
        "redaction-new-6d6f0f6e-2f3c-4c53-9a4e-0f6f9b1f7c11",
        "claim-edit",
        "claim-edit-1",
        "claim-edit-" + "A" * 36,
        "claim-edit-6d6f0f6e-2f3c-4c53-9a4e-0f6f9b1f7c11\n",
        "comment-" + "x" * 300,
    ],
)
def test_forms_that_are_not_named_are_not_kept(client, alice, name):
    client.force_login(alice)
    assert keep(client, name, {"text": ["secret"]}).status_code == 422
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize("field", ["password", "new_password", "identity", "csrfmiddlewaretoken"])
def test_fields_that_are_secret_are_not_kept_whatever_the_form(client, alice, field):
    client.force_login(alice)
    assert keep(client, key(), {field: ["secret"]}).status_code == 422
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[",
        b"[" * 5000,
        b"3",
        b'{"key": 3}',
        b'{"key": "%s", "fields": []}',
        b'{"key": "%s", "fields": {"text": "x"}}',
        b'{"key": "%s", "fields": {"text": [3]}}',
        b'{"key": "%s", "fields": {"text": ["\\u0000"]}}',
        b'{"key": "%s", "fields": {"\\u0000": ["x"]}}',
        b'{"key": "%s", "fields": {"text": ["\\ud800"]}}',
        b"\xff\xfe",
    ],
)
def test_what_no_form_sends_is_refused_with_a_sentence(client, alice, body):
    client.force_login(alice)
    answer = client.post(reverse("draft-keep"), body.replace(b"%s", key().encode()), **AS_JSON)
    assert (answer.status_code, answer.json()["detail"]) == (422, "This is not what a form sends.")
    assert not FormDraft.objects.exists()


def test_a_draft_has_a_largest_size_and_a_person_a_largest_number(client, alice):
    client.force_login(alice)
    assert keep(client, key(), {"text": ["x" * MOST_BYTES]}).status_code == 413
    names = [key() for _each in range(MOST_DRAFTS + 3)]
    for number, name in enumerate(names):
        keep_draft(key=name, fields={"text": ["x"]}, by=alice, at=T0 + timedelta(minutes=number))
    assert set(FormDraft.objects.values_list("key", flat=True)) == set(names[3:])


def test_old_drafts_are_not_shown_and_are_swept(client, alice):
    now, old, young = timezone.now(), key(), key()
    keep_draft(key=old, fields={"text": ["x"]}, by=alice, at=now - MAX_AGE - timedelta(minutes=1))
    keep_draft(key=young, fields={"text": ["x"]}, by=alice, at=now - MAX_AGE + timedelta(minutes=5))
    client.force_login(alice)
    assert set(kept(client, old, young)) == {young}
    assert sweep_drafts(at=now) == 1
    assert FormDraft.objects.get().key == young


def test_an_opinion_is_kept_while_the_task_is_its_writers(client, bob, carol, alice, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    name = f"review-{task.pk}"
    client.force_login(alice)
    assert keep(client, name, {"reason": ["not asked"]}).status_code == 422
    client.force_login(carol)
    assert keep(client, name, {"reason": ["It holds."]}).status_code == 200
    decline_task(task=task, reason="No time.", by=carol, at=T0)
    assert kept(client, name) == {} and not FormDraft.objects.exists()


def test_an_opinion_is_dropped_when_the_task_goes_to_somebody_else(
    client, bob, carol, erin, researched_claim
):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    name = f"review-{task.pk}"
    client.force_login(carol)
    keep(client, name, {"reason": ["It holds."]})
    reassign_task(task=task, reviewer=erin, reason="On leave.", by=bob, at=timezone.now())
    assert keep(client, name, {"reason": ["Typed on."]}).status_code == 422
    assert not FormDraft.objects.exists()
    client.force_login(erin)
    assert kept(client, name) == {}
    assert keep(client, name, {"reason": ["Mine."]}).status_code == 200


def test_an_opinion_does_not_come_back_with_the_task(client, bob, carol, erin, researched_claim):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    name = f"review-{task.pk}"
    client.force_login(carol)
    keep(client, name, {"reason": ["It holds."]})
    for reviewer in (erin, carol):
        reassign_task(task=task, reviewer=reviewer, reason="On leave.", by=bob, at=timezone.now())
    assert kept(client, name) == {} and not FormDraft.objects.exists()
    accept_task(task=task, by=carol, at=timezone.now() + timedelta(minutes=1))
    keep(client, name, {"reason": ["Anew."]})
    assert kept(client, name) == {name: {"reason": ["Anew."]}}


@pytest.mark.django_db(transaction=True)
def test_two_tabs_keep_one_draft(alice):
    name = key()
    acts = [lambda text=text: keep_draft(key=name, fields={"text": [text]}, by=alice, at=T0) for text in "ab"]
    assert all(isinstance(result, FormDraft) for result in at_once(*acts))
    assert FormDraft.objects.get().fields["text"] in (["a"], ["b"])


def test_the_form_of_an_identity_is_kept_nowhere(client, alice, make_source):
    """Neither in the browser nor here: it says so itself, and its kind is not one that is kept."""
    client.force_login(alice)
    source = make_source("N.", kind="protected-person")
    html = client.get(reverse("source-identity", args=[source.pk])).content.decode()
    main = html.partition("<main")[2].partition("</main")[0]
    assert "<form" in main and "data-draft=" not in main and "data-draft-travels" not in main
    assert not any("identity" in kind for kind in KINDS)


def test_a_form_that_is_about_nothing_that_has_an_id_stays_in_the_browser(client, alice, make_source):
    client.force_login(alice)
    source = make_source("Wire")
    for page, name in (
        (reverse("source-new"), "source-new"),
        (reverse("source", args=[source.pk]), "grade-new"),
    ):
        (tag,) = re.findall(f'<form [^>]*data-draft="{name}[^>]*>', client.get(page).content.decode())
        assert "data-draft-travels" not in tag


def test_pages_mark_the_forms_that_travel(client, alice, make_claim, make_assertion):
    said = make_assertion(make_claim())
    client.force_login(alice)
    for name, kind, of in (
        ("claim-edit", "claim-edit", said.claim_id),
        ("assertion-new", "assertion", said.claim_id),
        ("assertion-edit", "assertion-edit", said.pk),
        ("figure-new", "figure", said.claim_id),
        ("evidence-new", "evidence", said.claim_id),
        ("verdict-new", "verdict-new", said.claim_id),
    ):
        html = client.get(reverse(name, args=[of])).content.decode()
        assert f'data-draft="{kind}-{of}" data-draft-travels' in html, name
        assert kind in KINDS


def test_a_form_sends_its_fields_as_json_too(client, alice):
    client.force_login(alice)
    name = key()
    sent = {"key": name, "fields": json.dumps({"text": ["x"]})}
    assert client.post(reverse("draft-keep"), sent).status_code == 200
    assert kept(client, name) == {name: {"text": ["x"]}}
