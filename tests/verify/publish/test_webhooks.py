"""Webhooks: who may do what, where they lead, what they are told of, and that nothing gives the secret away."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.cast import at_once, make_person
from tests.verify.publish.webhooks_cast import *  # noqa: F403
from verify.accounts import sealing
from verify.accounts.models import Role
from verify.publish.following import item_of
from verify.publish.models import Announcement
from verify.publish.services import pause
from verify.publish.webhooks import sending, services, signing
from verify.publish.webhooks.fanning import fan_out
from verify.publish.webhooks.models import Delivery, Webhook


def numbers(webhook):
    return list(webhook.deliveries.order_by("announcement").values_list("announcement", flat=True))


# --- making and changing ---------------------------------------------------------------------------------------------


def test_secret_is_of_32_bytes_and_sealed(hook):
    assert len(base64.b64decode(hook.secret.removeprefix("whsec_"))) == 32
    assert hook.secret not in str(Webhook.objects.values().get())
    assert services.secrets_of(hook.webhook, hook.at) == [hook.secret]


def test_secret_sealed_for_one_webhook_is_not_anothers(hook, make_hook):
    other = make_hook(name="Other")
    other.webhook.secret = hook.webhook.secret
    with pytest.raises(sealing.CannotUnseal):
        services.secrets_of(other.webhook, hook.at)


def test_no_secret_in_the_history_of_rows(hook, bob):
    services.rotate_secret(webhook=hook.webhook, by=bob, at=hook.at)
    services.change_webhook(webhook=hook.webhook, name="Renamed", by=bob, at=hook.at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(e)::text FROM verify_webhookevent e")
        rows = [json.loads(row) for (row,) in cursor.fetchall()]
    assert len(rows) >= 2
    for row in rows:
        assert not {"secret", "former_secret"} & set(row)


@pytest.mark.parametrize(
    "fields, field",
    [
        ({"url": "ftp://archive.example/"}, "url"),
        ({"url": "http://127.0.0.1/hook"}, "url"),
        ({"url": "http://169.254.169.254/latest/meta-data/"}, "url"),
        ({"url": "http://[::1]/"}, "url"),
        ({"url": "http://localhost/"}, "url"),
        ({"url": "https://me:word@archive.example/"}, "url"),
        ({"url": "https://archive.example:22/"}, "url"),
        ({"url": "https://archive.example/\0"}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://archive.example/" + "a" * 2048}, "url"),
        ({"name": " "}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"told_of": []}, "told_of"),
        ({"told_of": ["born"]}, "told_of"),
    ],
)
def test_bad_webhook_is_refused_by_field(make_hook, fields, field):
    with pytest.raises(ValidationError) as refusal:
        make_hook(**fields)
    assert list(refusal.value.message_dict) == [field]
    assert not Webhook.objects.exists()


def test_production_takes_https_alone(make_hook, settings):
    settings.PRODUCTION = True
    with pytest.raises(ValidationError, match="https"):
        make_hook("http://archive.example/hook")
    assert make_hook("https://archive.example/hook").webhook.url == "https://archive.example/hook"


def test_desk_has_at_most_fifty(make_hook, monkeypatch):
    monkeypatch.setattr(services, "MOST", 1)
    make_hook()
    with pytest.raises(ValidationError, match="at most"):
        make_hook()


ACTS = {
    "change": partial(services.change_webhook, name="Mine"),
    "rotate": services.rotate_secret,
    "off": services.switch_off,
    "on": services.switch_on,
    "remove": services.remove,
    "test": services.send_test,
    "replay": partial(services.replay, since=timezone.now()),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_only_owner_and_administrators_change_a_webhook(hook, act, desk, alice, dave, mallory):
    given = {"webhook": hook.webhook, "at": hook.at}
    for person in (alice, dave, mallory, make_person("edna", desk, Role.EDITOR)):
        with pytest.raises(PermissionDenied):
            act(by=person, **given)
    act(by=make_person("ada", desk, Role.ADMIN), **given)


def test_only_editors_make_webhooks(make_hook, alice, dave, mallory, bob):
    for person in (alice, dave, mallory):
        with pytest.raises(PermissionDenied):
            make_hook(by=person)
    assert make_hook(by=bob)


def test_owner_who_is_no_editor_any_more_changes_nothing(hook, bob, desk):
    desk.memberships.filter(user=bob).update(role=Role.CHECKER)
    with pytest.raises(PermissionDenied):
        services.switch_off(webhook=hook.webhook, by=bob, at=hook.at)


def test_removed_webhook_is_seen_by_nobody_and_forgets_its_secret(waiting, bob):
    services.remove(webhook=waiting.webhook, by=bob, at=waiting.at)
    assert not Webhook.objects.visible_to(bob).exists()
    assert not Delivery.objects.visible_to(bob).exists()
    assert Delivery.objects.get().state == "dropped"
    assert services.secrets_of(waiting.refreshed(), waiting.at) == [""]
    with pytest.raises(ValidationError, match="removed"):
        services.switch_on(webhook=waiting.webhook, by=bob, at=waiting.at)


def test_switched_off_drops_and_switched_on_begins_at_that_moment(waiting, bob, published_claim, announce):
    services.switch_off(webhook=waiting.webhook, by=bob, at=waiting.at)
    announce(published_claim)
    assert fan_out(at=waiting.at) == 0
    services.switch_on(webhook=waiting.webhook, by=bob, at=waiting.at)
    assert fan_out(at=waiting.at) == 0
    announce(published_claim)
    assert fan_out(at=waiting.at) == 1
    assert list(Delivery.objects.order_by("announcement").values_list("announcement", "state")) == [
        (1, "dropped"),
        (3, "queued"),
    ]


# --- fanning out -----------------------------------------------------------------------------------------------------


def test_new_webhook_begins_at_the_head(published_claim, make_hook, announce):
    hook = make_hook()
    assert fan_out(at=hook.at) == 0
    announce(published_claim)
    assert fan_out(at=hook.at) == 1
    assert fan_out(at=hook.at) == 0
    assert numbers(hook.webhook) == [2]


def test_each_is_told_of_its_events_and_desks(make_hook, published_claim, announce, other_desk, mallory):
    some = make_hook(told_of=["corrected"])
    stranger = make_hook(desk=other_desk, by=mallory)
    curious = make_hook(desk=other_desk, by=mallory, all_desks=True)
    announce(published_claim, "corrected")
    announce(published_claim, "paused")
    assert fan_out(at=some.at) == 3
    assert [numbers(hook.webhook) for hook in (some, stranger, curious)] == [[2], [], [2, 3]]
    assert set(Webhook.objects.values_list("position", flat=True)) == {3}


def test_fan_out_in_steps_makes_all_once(make_hook, published_claim, announce, monkeypatch):
    monkeypatch.setattr("verify.publish.webhooks.fanning.AT_ONCE", 2)
    hook = make_hook()
    for _ in range(5):
        announce(published_claim)
    assert fan_out(at=hook.at) == 5
    assert numbers(hook.webhook) == [2, 3, 4, 5, 6]


def test_database_refuses_a_second_delivery(waiting):
    with (
        pytest.raises(IntegrityError, match="one_delivery_per_webhook_and_announcement"),
        transaction.atomic(),
    ):
        Delivery.objects.create(
            webhook=waiting.webhook, announcement_id=1, next_at=waiting.at, created_at=waiting.at
        )


def test_item_is_that_of_changes(client, published_claim, announce):
    announce(published_claim)
    said = client.get("/api/v1/changes/").json()["results"]
    made = [item_of(announcement) for announcement in Announcement.objects.order_by("number")]
    assert made == said


def test_what_is_hidden_meanwhile_is_not_told(waiting, published_claim, bob):
    before = json.loads(sending.body_of(Delivery.objects.get()))["data"]
    pause(claim=published_claim, reason="A person is in danger.", by=bob, at=waiting.at)
    after = json.loads(sending.body_of(Delivery.objects.get()))["data"]
    assert all(before["links"].values())
    assert not any(after["links"].values()) and after["reason"] == ""
    assert before["number"] == after["number"]


# --- replaying -------------------------------------------------------------------------------------------------------


def test_replay_is_a_new_delivery_of_the_same_announcement(waiting, receiver, bob):
    first = waiting.send()
    (again,) = services.replay(webhook=waiting.webhook, delivery=first, by=bob, at=waiting.at)
    waiting.send()
    one, two = receiver.posts
    assert one.body == two.body
    assert two.headers["webhook-id"] == str(again.pk) != one.headers["webhook-id"]
    assert again.replay_of_id == first.pk


def test_replay_since_takes_what_never_arrived_and_not_twice(waiting, bob, make_hook, receiver):
    services.switch_off(webhook=waiting.webhook, by=bob, at=waiting.at)
    services.switch_on(webhook=waiting.webhook, by=bob, at=waiting.at)
    replay = partial(services.replay, webhook=waiting.webhook, by=bob, at=waiting.at)
    assert replay(since=waiting.at + timedelta(seconds=1)) == []
    assert len(replay(since=waiting.at)) == 1
    assert replay(since=waiting.at) == []
    assert waiting.send().state == "delivered"
    assert replay(since=waiting.at) == []


def test_replay_of_what_waits_of_a_test_or_of_anothers_is_refused(waiting, make_hook, bob):
    other = make_hook(name="Other")
    queued = Delivery.objects.get()
    test = services.send_test(webhook=other.webhook, by=bob, at=other.at)
    Delivery.objects.filter(pk=test.pk).update(state="failed", next_at=None, finished_at=other.at)
    test.refresh_from_db()
    for webhook, delivery in [(waiting.webhook, queued), (waiting.webhook, test), (other.webhook, test)]:
        with pytest.raises(ValidationError) as refusal:
            services.replay(webhook=webhook, delivery=delivery, by=bob, at=waiting.at)
        assert list(refusal.value.message_dict) == ["delivery"]


def test_nothing_is_sent_to_what_is_off(waiting, bob):
    services.switch_off(webhook=waiting.webhook, by=bob, at=waiting.at)
    for act in (services.send_test, partial(services.replay, since=waiting.at)):
        with pytest.raises(ValidationError, match="switched off"):
            act(webhook=waiting.webhook, by=bob, at=waiting.at)


def test_signature_is_the_one_of_the_standard():
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signing.sign(
        secret, id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp=1614265330, body=b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


# --- all at once -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_publishing_and_fanning_out_at_once_make_each_delivery_once(hook, published_claim, announce):
    Webhook.objects.update(position=0)
    acts = [partial(announce, published_claim) for _ in range(4)] + [partial(fan_out, at=hook.at)] * 4
    for _ in range(3):
        at_once(*acts)
    fan_out(at=hook.at)
    last = Announcement.objects.count()
    assert last > 3
    assert numbers(hook.webhook) == list(range(1, last + 1))


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_hold_the_same_delivery(hook, make_hook, bob):
    hooks = [hook, *(make_hook(name=f"Hook {n}") for n in range(3))]
    for one in hooks:
        for _ in range(3):
            services.send_test(webhook=one.webhook, by=bob, at=hook.at)
    taken = [row for row in at_once(*[partial(sending.take, at=hook.at)] * 8) if row]
    assert len({row.pk for row in taken}) == len({row.webhook_id for row in taken}) == len(taken)
    assert sum(1 for _ in iter(lambda: sending.take(at=hook.at), None)) + len(taken) == 4


@pytest.mark.django_db(transaction=True)
def test_slow_receiver_does_not_hold_up_the_others(receiver, make_hook, bob, settings):
    from tests.verify.publish.receiver import receiving

    slow, quick = make_hook("http://slow.example/hook"), make_hook()
    arrived = []

    def wait(visitor):
        arrived.append(len(receiver.posts))
        visitor.stop.wait(0.25)
        arrived.append(len(receiver.posts))

    with receiving(wait) as other:
        settings.ARCHIVE_GUARD_EXCEPTIONS |= {"slow.example": other.where}
        for _ in range(3):
            services.send_test(webhook=quick.webhook, by=bob, at=slow.at)
        services.send_test(webhook=slow.webhook, by=bob, at=slow.at - timedelta(seconds=1))
        assert sending.send_due(now=lambda: slow.at) == 4
    assert quick.webhook.deliveries.filter(state="delivered").count() == 3
    assert slow.webhook.deliveries.get().attempts.get().problem == "disconnected"
    assert arrived[1] == 3


@pytest.mark.django_db(transaction=True)
def test_one_run_at_a_time_and_none_with_a_transaction_open(waiting, receiver):
    seen = []

    def look(visitor):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
                " AND pid <> pg_backend_pid()"
            )
            seen.append(cursor.fetchone()[0])
        seen.append(sending.send_due(now=lambda: waiting.at))
        connection.close()
        visitor.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    receiver.answers[:] = [look]
    assert sending.send_due(now=lambda: waiting.at) == 1
    assert seen == [0, 0]
    assert len(receiver.posts) == 1


# --- what the docs say -----------------------------------------------------------------------------------------------


def test_receiver_of_the_docs_checks_what_is_sent(waiting, receiver):
    text = (Path(__file__).parents[3] / "docs/how-to/webhooks.md").read_text()
    names: dict = {}
    exec(text.partition("```python\n")[2].partition("```")[0], names)
    waiting.send()
    (post,) = receiver.posts
    assert names["verified"](waiting.secret, post.headers, post.body)
    assert not names["verified"](waiting.secret, post.headers, post.body + b" ")
    assert not names["verified"](waiting.secret, post.headers | {"webhook-timestamp": "1"}, post.body)
