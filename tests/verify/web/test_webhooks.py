"""The pages of webhooks: the secret is shown once, the log says how it went, what a receiver says is no code."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.sources.archive.hostile import response
from tests.verify.publish.webhooks_cast import *  # noqa: F403
from verify.publish.webhooks import services
from verify.publish.webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_bobs(bob: Any) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def page(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def given(**changes: Any) -> dict[str, Any]:
    return {"name": "Archive", "url": "https://archive.example/hook", "told_of": ["published"]} | changes


def test_secret_is_shown_once_and_never_kept_by_the_browser(at_bobs, settings):
    answer = at_bobs.post(reverse("webhook-new"), given())
    webhook = Webhook.objects.get()
    (secret,) = services.secrets_of(webhook, webhook.created_at)
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    for name, args in [("webhook", [webhook.pk]), ("desk-webhooks", []), ("webhook-edit", [webhook.pk])]:
        shown = page(at_bobs, name, *args)
        assert secret not in shown and "whsec_" not in shown


def test_rotation_shows_the_new_secret_and_until_when_both_sign(at_bobs, hook):
    answer = at_bobs.post(reverse("webhook-rotate", args=[hook.webhook.pk]))
    new, old = services.secrets_of(hook.refreshed(), hook.at)
    assert new in answer.content.decode() and old not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "changes, said",
    [({"url": "http://10.0.0.1/"}, "not"), ({"told_of": []}, "required"), ({"name": ""}, "required")],
)
def test_refused_webhook_keeps_what_was_typed(at_bobs, changes, said):
    answer = at_bobs.post(reverse("webhook-new"), given(**changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Webhook.objects.exists()


def test_change_off_on_and_removal(at_bobs, hook):
    pk = hook.webhook.pk
    at_bobs.post(reverse("webhook-edit", args=[pk]), given(name="Renamed", all_desks="on"))
    assert (hook.refreshed().name, hook.webhook.all_desks) == ("Renamed", True)
    for act, state in [("off", "paused"), ("on", "active")]:
        assert at_bobs.post(reverse(f"webhook-{act}", args=[pk])).status_code == 302
        assert hook.refreshed().state == state
    assert "cannot be undone" in page(at_bobs, "webhook-remove", pk)
    assert hook.refreshed().state == "active"
    at_bobs.post(reverse("webhook-remove", args=[pk]))
    assert at_bobs.get(reverse("webhook", args=[pk])).status_code == 404


def test_log_shows_each_attempt_escaped(at_bobs, waiting, receiver):
    receiver.answers[:] = [response(b"<script>alert(1)</script>", "500 Oh")]
    waiting.send()
    shown = page(at_bobs, "webhook", waiting.webhook.pk)
    assert "HTTP 500" in shown
    assert "&lt;script&gt;alert(1)" in shown and "<script>alert" not in shown
    assert waiting.secret not in shown


def test_log_is_filtered_by_the_address(at_bobs, waiting):
    pk = waiting.webhook.pk
    delivery = str(Delivery.objects.get().pk)
    assert delivery in page(at_bobs, "webhook", pk, query="?state=queued")
    assert delivery not in page(at_bobs, "webhook", pk, query="?state=failed")
    assert delivery in page(at_bobs, "webhook", pk, query="?state=nonsense&page=x")


def test_a_test_is_followed_without_and_with_a_script(at_bobs, hook, receiver):
    url = reverse("webhook-test", args=[hook.webhook.pk])
    answer = at_bobs.post(url, follow=True)
    assert "Look again" in answer.content.decode()
    fragment = at_bobs.post(url, headers={"HX-Request": "true"}, follow=True).content.decode()
    assert "<html" not in fragment and 'hx-trigger="every' in fragment
    hook.later(minutes=1)
    done = hook.send()
    line = at_bobs.get(reverse("webhook-delivery", args=[done.pk]), headers={"HX-Request": "true"})
    assert "hx-trigger" not in line.content.decode() and "HTTP 200" in line.content.decode()


def test_replay_of_one_and_of_all(at_bobs, waiting, receiver):
    url = reverse("webhook-replay", args=[waiting.webhook.pk])
    first = waiting.send()
    assert at_bobs.post(url, {"delivery": first.pk}).status_code == 302
    assert Delivery.objects.filter(replay_of=first, state="queued").count() == 1
    assert at_bobs.post(url, {"days": "7"}).status_code == 302
    assert Delivery.objects.count() == 2
    assert at_bobs.post(url, {"delivery": "nonsense"}).status_code == 404
    assert at_bobs.post(url, {"days": "1000"}).status_code == 422


def test_claims_of_other_desks_are_not_named(
    waiting, make_hook, other_desk, mallory, published_claim, announce
):
    from verify.publish.webhooks.fanning import fan_out

    curious = make_hook(desk=other_desk, by=mallory, all_desks=True)
    announce(published_claim)
    fan_out(at=curious.at)
    client = Client()
    client.force_login(mallory)
    shown = page(client, "webhook", curious.webhook.pk)
    assert "a claim of another desk" in shown
    assert str(published_claim) not in shown


@pytest.mark.parametrize("rows", [1, 3])
def test_list_and_log_ask_as_often_for_three_as_for_one(
    at_bobs, waiting, make_hook, bob, rows, receiver, django_assert_num_queries
):
    waiting.send()
    for n in range(rows - 1):
        make_hook(name=f"Hook {n}")
        services.send_test(webhook=waiting.webhook, by=bob, at=waiting.at)
        waiting.send()
    with django_assert_num_queries(LIST):
        page(at_bobs, "desk-webhooks")
    with django_assert_num_queries(LOG):
        page(at_bobs, "webhook", waiting.webhook.pk)


LIST, LOG = 6, 10
