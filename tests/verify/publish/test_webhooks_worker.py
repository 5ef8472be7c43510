"""Webhooks on a real worker: from publishing to the receiver, past a killed worker and a lost message."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from django.utils import timezone

from tests.verify.publish.webhooks_cast import *  # noqa: F403
from verify.publish.services import pause, publish
from verify.publish.webhooks import sending, tasks
from verify.publish.webhooks.models import Attempt, Delivery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def worker(receiver: Any, environment: Any, request: Any) -> Any:
    """A worker whose exceptions to the guard lead to the receiver, as the demonstration's lead to its press site."""
    environment["VERIFY_DEMO_PRESS"] = receiver.where
    request.getfixturevalue("empty_queue")()
    return request.getfixturevalue("start_worker")


def test_publishing_reaches_the_receiver(worker, hook, receiver, approved_claim, bob, wait_until):
    worker()
    publish(claim=approved_claim, by=bob, at=timezone.now())
    wait_until(lambda: Delivery.objects.filter(state="delivered").exists())
    pause(claim=approved_claim, reason="A letter came.", by=bob, at=timezone.now())
    wait_until(lambda: Delivery.objects.filter(state="delivered").count() == 2)
    said = [post.checked(hook.secret) for post in receiver.posts]
    assert [(one["type"], one["data"]["number"]) for one in said] == [
        ("claim.published", 1),
        ("claim.paused", 2),
    ]


def test_killed_worker_and_lost_message_lose_nothing(
    worker, hook, receiver, approved_claim, bob, wait_until, empty_queue
):
    receiver.answers.insert(0, lambda visitor: visitor.hang())
    first = worker()
    publish(claim=approved_claim, by=bob, at=timezone.now())
    wait_until(lambda: receiver.posts)
    os.killpg(first.process.pid, signal.SIGKILL)  # in the middle of a request
    first.process.wait()
    empty_queue()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts_made) == ("queued", 1)
    Delivery.objects.update(leased_until=delivery.leased_until - sending.LEASE)
    worker()
    tasks.tell.delay()  # as the sweeper does
    wait_until(lambda: Delivery.objects.filter(state="delivered").exists())
    one, two = receiver.posts
    assert one.headers["webhook-id"] == two.headers["webhook-id"] and one.body == two.body
    assert list(Attempt.objects.values_list("number", "problem", "status")) == [
        (1, "worker-lost", None),
        (2, "", 200),
    ]


def test_no_secret_and_no_signature_in_the_logs(worker, hook, receiver, approved_claim, bob, wait_until):
    running = worker()
    publish(claim=approved_claim, by=bob, at=timezone.now())
    wait_until(lambda: Delivery.objects.filter(state="delivered").exists())
    said = running.said()
    assert "whsec_" not in said and hook.secret.removeprefix("whsec_") not in said
    assert receiver.posts[0].headers["webhook-signature"] not in said
