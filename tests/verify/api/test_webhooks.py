"""Webhooks through the API: an editor's script makes one, tries it and reads its log; others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verify.publish.webhooks_cast import *  # noqa: F403
from verify.api.examples import webhooks as given_so
from verify.api.models import Answered, Scope
from verify.publish.webhooks import services
from verify.publish.webhooks.models import Delivery, Webhook

pytestmark = pytest.mark.django_db
URL = "/api/v1/webhooks/"


@pytest.fixture
def bobs(caller: Any, bob: Any) -> Any:
    return caller(bob, Scope.WEBHOOKS)


def test_whole_life_of_a_webhook(bobs, receiver, published_claim, announce):
    made = bobs.post(URL, given_so.WEBHOOK_IN | {"url": "http://wire.example/hook"})
    assert made.status_code == 201, made.content
    said = made.json()
    here = URL + said["id"] + "/"
    assert made["Location"].endswith(here) and said["secret"].startswith("whsec_")
    for answer in (bobs.get(URL), bobs.get(here)):
        assert answer.status_code == 200 and "whsec_" not in answer.content.decode()
    test = bobs.post(here + "test/")
    assert test.status_code == 202 and test["Location"].endswith(f"{here}deliveries/{test.json()['id']}/")
    hook = Hook(Webhook.objects.get(), said["secret"])  # noqa: F405
    hook.later(seconds=1)
    hook.send()
    (delivery,) = bobs.get(here + "deliveries/?state=delivered").json()["results"]
    assert delivery["attempts"][0]["answer"] == "thank you"
    assert receiver.posts[0].checked(said["secret"])
    assert bobs.patch(here, {"state": "paused", "name": "Renamed"}).json()["state"] == "paused"
    assert bobs.patch(here, {"state": "active"}).json()["name"] == "Renamed"
    assert bobs.delete(here).status_code == 204
    assert bobs.get(here).status_code == 404


def test_rotation_answers_the_new_secret(bobs, hook):
    said = bobs.post(f"{URL}{hook.webhook.pk}/secret/").json()
    assert services.secrets_of(hook.refreshed(), hook.at) == [said["secret"], hook.secret]
    assert said["former_secret_until"]


def test_no_answer_with_a_secret_is_kept(bobs, hook, is_problem):
    for url, body in [(URL, given_so.WEBHOOK_IN), (f"{URL}{hook.webhook.pk}/secret/", {})]:
        is_problem(bobs.post(url, body, headers={"Idempotency-Key": "abc"}), 400)
    assert not Answered.objects.exists()
    assert Webhook.objects.count() == 1


def test_replay_of_one_and_since(bobs, waiting):
    waiting.send()
    first = Delivery.objects.get()
    url = f"{URL}{waiting.webhook.pk}/replay/"
    again = bobs.post(url, {"delivery": str(first.pk)})
    assert again.status_code == 202 and len(again.json()["deliveries"]) == 1
    assert bobs.post(url, {"since": "2025-01-01T00:00:00Z"}).json() == {"deliveries": []}


@pytest.mark.parametrize(
    "body, field",
    [
        ({"url": "http://169.254.169.254/"}, "url"),
        ({"url": 7}, "url"),
        ({"url": "https://a.example/\0"}, "url"),
        ({"told_of": ["born"]}, "told_of"),
        ({"told_of": []}, "told_of"),
        ({"told_of": "published"}, "told_of"),
        ({"name": ""}, "name"),
        ({"secret": "whsec_x"}, "secret"),
        ({"desk": "elsewhere"}, "desk"),
    ],
)
def test_bad_field_is_named(bobs, other_desk, is_problem, body, field):
    problem = is_problem(bobs.post(URL, given_so.WEBHOOK_IN | body), 400)
    assert {error["field"].split(".")[0] for error in problem["errors"]} == {field}
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"delivery": "x"}, {"delivery": "0b4e7a0e-5fea-4d6b-9cf9-8d54b6a1c2d3"}]
)
def test_replay_of_nothing_is_400(bobs, hook, is_problem, body):
    is_problem(bobs.post(f"{URL}{hook.webhook.pk}/replay/", body), 400)


def test_who_is_refused(caller, api, hook, bob, alice, dave, mallory, is_problem):
    here = f"{URL}{hook.webhook.pk}/"
    asked = [("get", URL), ("get", here), ("get", here + "deliveries/"), ("post", here + "test/")]
    asked += [("patch", here), ("delete", here), ("post", here + "secret/"), ("post", here + "replay/")]
    for method, url in asked:
        is_problem(getattr(api, method)(url), 401)
        is_problem(getattr(caller(bob, Scope.READ, Scope.WRITE), method)(url), 403)
        for person in (alice, dave):
            body = {"since": "2025-01-01T00:00:00Z"} if "replay" in url else {}
            is_problem(getattr(caller(person, Scope.WEBHOOKS), method)(url, body), 403)
        if url != URL:
            body = {"since": "2025-01-01T00:00:00Z"} if "replay" in url else {}
            is_problem(getattr(caller(mallory, Scope.WEBHOOKS), method)(url, body), 404)
    assert caller(mallory, Scope.WEBHOOKS).get(URL).json()["results"] == []
    assert hook.refreshed().state == "active"
