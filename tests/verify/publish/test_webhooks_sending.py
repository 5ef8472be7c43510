"""Deliveries to a real receiver, which fails in every way."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from sources.archive import config
from sources.archive.guard import Guard
from sources.custody.canonical import canonical
from tests.sources.archive.hostile import Authority, response
from tests.verify.publish.receiver import HOST, OK, receiving
from tests.verify.publish.webhooks_cast import *  # noqa: F403
from verify.notify.models import Notification
from verify.publish.webhooks import sending, services
from verify.publish.webhooks.models import Attempt, Delivery
from verify.web.sentences import address, sentence


def test_delivery_is_signed_and_says_what_happened(waiting, receiver, published_claim):
    delivery = waiting.send()
    (post,) = receiver.posts
    assert (delivery.state, delivery.attempts_made, delivery.next_at) == ("delivered", 1, None)
    assert post.line == "POST /hook HTTP/1.1"
    assert post.headers["content-type"] == "application/json"
    assert post.headers["webhook-id"] == str(delivery.pk)
    said = post.checked(waiting.secret)
    assert said["type"] == "claim.published"
    assert said["data"]["claim"] == str(published_claim.pk)
    assert said["data"]["number"] == 1
    assert post.body == canonical(said)
    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.status, attempt.answer, attempt.problem) == (1, 200, "thank you", "")
    assert waiting.secret not in post.body.decode()


def test_tampered_body_another_secret_and_an_old_timestamp_do_not_verify(waiting, receiver):
    waiting.send()
    (post,) = receiver.posts
    tampered = post.__class__(post.line, post.headers, post.body.replace(b"published", b"retracted"))
    with pytest.raises(WebhookVerificationError):
        tampered.checked(waiting.secret)
    with pytest.raises(WebhookVerificationError):
        post.checked("whsec_" + "A" * 43 + "=")
    stale = post.__class__(post.line, post.headers | {"webhook-timestamp": "1700000000"}, post.body)
    with pytest.raises(WebhookVerificationError):
        stale.checked(waiting.secret)


def test_both_secrets_sign_for_a_day_after_rotation(waiting, receiver, bob):
    webhook, new = services.rotate_secret(webhook=waiting.webhook, by=bob, at=waiting.at)
    waiting.send()
    (post,) = receiver.posts
    assert post.checked(new) == post.checked(waiting.secret)
    assert post.headers["webhook-signature"].count("v1,") == 2
    assert len(services.secrets_of(webhook, waiting.at + timedelta(hours=23))) == 2
    assert services.secrets_of(webhook, waiting.at + timedelta(hours=24)) == [new]


def test_each_attempt_has_the_same_id_and_body_and_a_timestamp_of_its_own(waiting, receiver):
    receiver.answers[:] = [response(b"", "500 Oh"), response(b"", "404 No"), OK]
    for minutes in (0, 1, 11):
        waiting.later(minutes=minutes)
        waiting.send()
    first, second, third = receiver.posts
    assert first.body == second.body == third.body
    assert len({post.headers["webhook-id"] for post in receiver.posts}) == 1
    assert len({post.headers["webhook-timestamp"] for post in receiver.posts}) == 3
    assert [a.status for a in Attempt.objects.order_by("number")] == [500, 404, 200]
    assert Delivery.objects.get().state == "delivered"
    assert waiting.refreshed().failing_since is None


def hang(visitor):
    visitor.hang()


def hang_after_head(visitor):
    visitor.send(b"HTTP/1.1 500 Oh\r\nContent-Length: 10\r\n\r\n12")
    visitor.hang()


def drip(visitor):
    visitor.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100, 0.05)


def reset(visitor):
    visitor.reset()


FAILURES = {
    "500": (response(b"<b>oh</b>", "500 Oh"), 500, ""),
    "404": (response(b"", "404 No"), 404, ""),
    "301": (response(b"", "301 There", Location="http://wire.example/elsewhere"), 301, ""),
    "100 alone": (b"HTTP/1.1 100 Continue\r\n\r\n", None, "disconnected"),
    "hangs": (hang, None, "timeout"),
    "hangs after the head": (hang_after_head, 500, ""),
    "drips": (drip, None, "timeout"),
    "closes": (b"", None, "disconnected"),
    "resets": (reset, None, "disconnected"),
    "garbage": (b"\x00\xff\xfe garbage\r\n\r\n", None, "protocol-error"),
    "huge head": (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"a" * 70_000, None, "headers-too-large"),
    "NUL and bad bytes": (response(b"\0\xff\xfe", "503 Later"), 503, ""),
    "broken gzip": (response(b"\x1f\x8b\0\0", "500 Oh", Content_Encoding="gzip"), 500, ""),
}


@pytest.mark.parametrize("behaviour, status, problem", FAILURES.values(), ids=FAILURES)
def test_failure_is_written_down_and_tried_again(waiting, receiver, behaviour, status, problem):
    receiver.answers[:] = [behaviour]
    delivery = waiting.send()
    attempt = Attempt.objects.get()
    assert (attempt.status, attempt.problem) == (status, problem)
    assert bool(attempt.detail) == (status in (None, 301))
    assert attempt.seconds < 2
    assert (delivery.state, delivery.leased_until) == ("queued", None)
    assert delivery.next_at == waiting.at + timedelta(seconds=5)
    assert waiting.refreshed().failing_since == waiting.at
    assert waiting.send() is None
    assert len(receiver.posts) == 1  # a redirect is not followed


@pytest.mark.parametrize(
    "answer",
    [
        response(b"", "204 No Content", length=False),
        response(b"", "202 Accepted"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12",  # and closes
        response(b"a" * 10_000_000),
        response(gzip.compress(b"a" * 10_000_000), Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
    ],
)
def test_any_2xx_is_delivered_whatever_its_body(waiting, receiver, answer):
    receiver.answers[:] = [answer]
    assert waiting.send().state == "delivered"
    assert len(Attempt.objects.get().answer) <= 1000


def test_nothing_listens(waiting, receiver, settings):
    settings.ARCHIVE_GUARD_EXCEPTIONS = {HOST: "127.0.0.1:9"}
    waiting.send()
    assert Attempt.objects.get().problem == "connect-failed"


@pytest.mark.parametrize("answer", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1"])
def test_name_that_was_bound_anew_is_refused_and_nothing_is_sent(
    waiting, receiver, settings, monkeypatch, answer
):
    settings.ARCHIVE_GUARD_EXCEPTIONS = {}
    monkeypatch.setattr(config, "guard", lambda kind=Guard: kind(lookup=lambda name: [answer]))
    delivery = waiting.send()
    attempt = Attempt.objects.get()
    assert (attempt.problem, delivery.state) == ("address-refused", "queued")
    assert receiver.posts == []


@pytest.mark.parametrize(
    "made_for, options", [(HOST, {"expired": True}), (HOST, {"self_signed": True}), ("other.test", {})]
)
def test_wrong_certificate_gets_nothing_to_read(waiting, settings, monkeypatch, tmp_path, made_for, options):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with receiving(tls=authority.server(made_for, **options)) as receiver:
        settings.ARCHIVE_GUARD_EXCEPTIONS = {HOST: receiver.where}
        type(waiting.webhook).objects.update(url=f"https://{HOST}/hook")
        waiting.send()
        assert Attempt.objects.get().problem == "tls-failed"
        assert receiver.posts == []


def test_right_certificate_is_delivered(waiting, settings, monkeypatch, tmp_path):
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with receiving(tls=authority.server(HOST)) as receiver:
        settings.ARCHIVE_GUARD_EXCEPTIONS = {HOST: receiver.where}
        type(waiting.webhook).objects.update(url=f"https://{HOST}/hook")
        assert waiting.send().state == "delivered"
        assert receiver.posts[0].checked(waiting.secret)


@pytest.mark.parametrize(
    "asked, seconds", [("120", 120), ("999999999999", 86_400), ("soon", 5), ("-5", 5), ("1", 5)]
)
def test_retry_after_is_honoured_up_to_a_day(waiting, receiver, asked, seconds):
    receiver.answers[:] = [response(b"", "429 Slowly", Retry_After=asked)]
    assert waiting.send().next_at == waiting.at + timedelta(seconds=seconds)


def test_back_off_takes_three_days_on_average_and_ends(waiting, receiver):
    receiver.answers[:] = [response(b"", "500 Oh")]
    begun, tried = waiting.at, 0
    while (delivery := waiting.send()) and delivery.state == "queued":
        tried += 1
        assert delivery.next_at - waiting.at == timedelta(seconds=sending.DELAYS[tried - 1])
        waiting.at = delivery.next_at
    assert (delivery.state, delivery.attempts_made, tried) == ("failed", 10, 9)
    assert timedelta(days=3) < waiting.at - begun < timedelta(days=3.5)
    assert waiting.refreshed().state == "active"  # three days are not five


@pytest.mark.parametrize("jitter, seconds", [(0, 0), (1, 10)])
def test_jitter_is_full(waiting, receiver, jitter, seconds):
    receiver.answers[:] = [response(b"", "500 Oh")]
    assert waiting.send(jitter).next_at == waiting.at + timedelta(seconds=seconds)


def test_gone_switches_off_at_once_and_tells_owner_and_administrators(
    waiting, receiver, desk, bob, published_claim
):
    from tests.cast import make_person
    from verify.accounts.models import Role

    admin = make_person("ada", desk, Role.ADMIN)
    services.send_test(webhook=waiting.webhook, by=bob, at=waiting.at)
    receiver.answers[:] = [response(b"", "410 Gone")]
    first = waiting.send()
    assert (first.state, waiting.refreshed().state) == ("failed", "disabled")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["dropped", "failed"]
    told = Notification.objects.filter(kind="webhook")
    assert {n.recipient for n in told} == {bob, admin}
    assert waiting.send() is None
    assert "webhook" in sentence(told[0]) and address(told[0]) == "/desk/settings/webhooks/"


def test_five_days_of_failures_switch_off(waiting, receiver, bob):
    receiver.answers[:] = [response(b"", "500 Oh")]
    waiting.send()
    for days, state in [(4.9, "active"), (0.2, "disabled")]:
        waiting.later(days=days)
        waiting.send()
        assert waiting.refreshed().state == state
    assert Delivery.objects.get().state == "dropped"
    assert Notification.objects.filter(recipient=bob, kind="webhook").count() == 1


def test_one_failure_after_a_quiet_month_switches_nothing_off(waiting, receiver, published_claim, announce):
    receiver.answers[:] = [response(b"", "500 Oh")]
    while waiting.send().state == "queued":
        waiting.at = Delivery.objects.get().next_at
    announce(published_claim)
    waiting.later(days=30)
    sending_at = waiting.at
    from verify.publish.webhooks.fanning import fan_out

    fan_out(at=sending_at)
    assert waiting.send().attempts_made == 1
    assert waiting.refreshed().state == "active"


def test_what_waits_for_a_failing_receiver_rests(waiting, receiver, bob):
    other = services.send_test(webhook=waiting.webhook, by=bob, at=waiting.at)
    receiver.answers[:] = [response(b"", "500 Oh")]
    waiting.send()
    assert waiting.send() is None
    assert set(Delivery.objects.values_list("next_at", flat=True)) == {
        waiting.at + timedelta(seconds=5),
        waiting.at + timedelta(seconds=30),
    }
    assert other.state == "queued"


def test_delivery_of_a_lost_worker_is_taken_again_when_its_lease_is_over(waiting, receiver):
    lost = sending.take(at=waiting.at)
    assert sending.take(at=waiting.at + timedelta(seconds=59)) is None
    waiting.later(seconds=60)
    delivery = waiting.send()
    assert (delivery.pk, delivery.state, delivery.attempts_made) == (lost.pk, "delivered", 2)
    assert list(Attempt.objects.values_list("number", "problem")) == [(1, "worker-lost"), (2, "")]
    # who was taken for dead says nothing any more
    assert not sending.record(lost, sending.Outcome(1, status=500), at=waiting.at)
    assert Attempt.objects.count() == 2


def test_delivery_that_kills_its_workers_is_given_up(waiting):
    for _attempt in range(10):
        assert sending.take(at=waiting.at)
        waiting.later(seconds=60)
    assert sending.take(at=waiting.at) is None
    assert Delivery.objects.get().state == "failed"


def test_of_one_webhook_one_delivery_is_sent_at_a_time_in_order(waiting, make_hook, bob):
    other = make_hook(name="Other")
    later = services.send_test(webhook=waiting.webhook, by=bob, at=waiting.at + timedelta(seconds=1))
    elsewhere = services.send_test(webhook=other.webhook, by=bob, at=waiting.at + timedelta(seconds=2))
    at = waiting.at + timedelta(seconds=3)
    first, second = sending.take(at=at), sending.take(at=at)
    assert first.announcement_id == 1
    assert second.pk == elsewhere.pk
    assert sending.take(at=at) is None
    sending.record(first, sending.Outcome(0.1, status=200), at=at)
    assert sending.take(at=at).pk == later.pk


def test_what_is_in_flight_when_it_is_switched_off_ends_with_its_answer(waiting, bob):
    held = sending.take(at=waiting.at)
    services.switch_off(webhook=waiting.webhook, by=bob, at=waiting.at)
    held.refresh_from_db()
    assert held.state == "queued"
    sending.record(held, sending.Outcome(1, status=500), at=waiting.at)
    held.refresh_from_db()
    assert held.state == "dropped"


def test_secret_that_cannot_be_read_is_a_failure_and_no_crash(transactional_db, waiting, receiver):
    type(waiting.webhook).objects.update(secret="AQ==")
    assert sending.send_due(now=lambda: waiting.at) == 1
    attempt = Attempt.objects.get()
    assert (attempt.problem, attempt.status) == ("internal-error", None)
    assert receiver.posts == []


def test_test_says_that_it_is_one(hook, receiver, bob):
    services.send_test(webhook=hook.webhook, by=bob, at=hook.at)
    assert hook.send().state == "delivered"
    said = receiver.posts[0].checked(hook.secret)
    assert said["type"] == "webhook.test"
    assert said["data"] == {"webhook": str(hook.webhook.pk)}


def test_old_attempts_are_forgotten_and_deliveries_stay(waiting):
    waiting.send()
    assert sending.prune(at=waiting.at + timedelta(days=29)) == 0
    assert sending.prune(at=waiting.at + timedelta(days=31)) == 1
    assert Delivery.objects.count() == 1


def test_body_is_canonical_json_and_no_more(waiting, receiver):
    waiting.send()
    said = json.loads(receiver.posts[0].body)
    assert set(said) == {"type", "timestamp", "data"}
    assert said["timestamp"] == said["data"]["at"]
    assert timezone.datetime.fromisoformat(said["timestamp"]) <= waiting.at
