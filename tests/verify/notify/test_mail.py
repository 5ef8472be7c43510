"""E-mail to a real mail server: what arrives, when, how often, and what never does."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from tests.cast import T0, at_once, make_person
from verify.accounts.models import Desk, Membership, Role, User
from verify.notify import mail
from verify.notify.models import JUDGED, Digest, Kind, Mail, Notification
from verify.notify.preferences import choose
from verify.notify.services import mark_read
from verify.review.comments import comment
from verify.stack.paths import ROOT

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
SOON = T0 + 2 * MINUTE
MORNING = T0.replace(hour=6) + timedelta(days=1)  # the first digest after T0


def send(at: datetime = SOON) -> int:
    return mail.send_due(at=at)


def everything(message: Any) -> str:
    """Headers as sent, headers as read, and the body: wherever a word could hide."""
    read = [f"{name}: {value}" for name, value in message.items()]
    return "\n".join([message.as_string(), *read, body_of(message)])


def body_of(message: Any) -> str:
    return message.get_content().replace("\r\n", "\n")


def test_mail_says_how_many_of_which_kind_and_where(mailserver, with_address, tell, carol):
    with_address(carol)
    tell(carol, key="1")
    tell(carol, key="2")
    tell(carol, key="3", kind=Kind.MENTION)
    assert send() == 1
    (message,) = mailserver.arrived
    body = body_of(message)
    subject = message["Subject"].strip()  # in two scripts it is folded before its first word
    assert message["To"] == "carol@people.example" and subject.startswith("Verify: 3 things wait for you")
    assert "A review is asked of you: 2\n" in body and "Somebody mentions you: 1\n" in body
    assert "https://desk.example/desk/notifications/\n" in body
    assert message.get_content_type() == "text/plain"


def test_mail_does_not_say_how_a_claim_was_judged(mailserver, with_address, tell, carol):
    with_address(carol)
    for kind in JUDGED:
        tell(carol, key=kind, kind=kind)
    assert send(MORNING) == 1
    found = everything(mailserver.arrived[0])
    assert "There is news of a review: 4\n" in found
    assert not any(str(kind.label) in found for kind in JUDGED)


def test_mail_is_marked_as_made_by_a_machine(mailserver, with_address, tell, carol):
    with_address(carol)
    tell(carol)
    send()
    (message,) = mailserver.arrived
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://desk.example/desk/notifications/settings/>"
    assert message["Message-ID"].endswith("@desk.example>")


def test_mail_is_in_every_language_of_the_site(mailserver, with_address, tell, carol, monkeypatch):
    words = {"en": "1 thing waits for you", "ar": "أمر ينتظرك"}
    monkeypatch.setattr(mail, "_subject", lambda number: words[translation.get_language()])
    with_address(carol)
    tell(carol)
    send()
    assert mailserver.arrived[0]["Subject"].strip() == "Verify: 1 thing waits for you · أمر ينتظرك"


def test_nothing_confidential_is_in_a_mail(
    mailserver, with_address, researched_claim, make_source, bob, carol, desk
):
    Desk.objects.filter(pk=desk.pk).update(name="CANARYDESK", slug="canaryslug")
    User.objects.filter(pk=carol.pk).update(display_name="CANARYREADER")
    User.objects.filter(pk=bob.pk).update(display_name="CANARYACTOR")
    type(researched_claim).objects.filter(pk=researched_claim.pk).update(
        text="CANARYCLAIM is so.", headline="CANARYHEADLINE"
    )
    make_source("CANARYPROTECTED", kind="protected-person")
    researched_claim.refresh_from_db()
    with_address(carol)
    comment(claim=researched_claim, text="@carol CANARYCOMMENT", by=bob, at=T0)
    assert send() == 1
    (message,) = mailserver.arrived
    found = everything(message).lower()
    assert "canary" not in found and "somebody mentions you: 1" in found
    assert str(researched_claim.pk) not in found and str(desk.pk) not in found


def test_names_cannot_put_headers_into_a_mail(mailserver, with_address, tell, carol, settings):
    settings.SITE_NAME = "Verify\r\nBcc: evil@example.org"
    User.objects.filter(pk=carol.pk).update(
        display_name="Carol\r\nBcc: evil@example.org", first_name="\nX: y"
    )
    with_address(carol)
    tell(carol)
    assert send() == 1
    (message,) = mailserver.arrived
    assert message["Bcc"] is None and message["X"] is None
    assert mailserver.envelopes[0].rcpt_tos == ["carol@people.example"]


def test_an_address_that_would_put_headers_in_is_given_up(mailserver, with_address, tell, carol, dave):
    with_address(carol, "carol@people.example\nBcc: evil@example.org")
    with_address(dave)
    tell(carol, dave)
    assert send() == 1
    assert [message["To"] for message in mailserver.arrived] == ["dave@people.example"]
    assert mail.given_up(carol).count() == 1


def test_at_once_waits_for_what_comes_within_a_minute(mailserver, with_address, tell, carol):
    with_address(carol)
    tell(carol, key="1")
    assert send(T0 + MINUTE / 2) == 0
    tell(carol, key="2", at=T0 + MINUTE / 2)
    assert send(T0 + MINUTE) == 1 and send(T0 + 5 * MINUTE) == 0
    assert len(mailserver.arrived) == 1


def test_each_person_gets_a_mail_of_their_own(mailserver, with_address, tell, carol, dave):
    with_address(carol)
    with_address(dave)
    tell(carol, dave)
    assert send() == 2
    assert sorted(len(envelope.rcpt_tos) for envelope in mailserver.envelopes) == [1, 1]


def test_who_has_no_address_gets_none(mailserver, tell, carol):
    tell(carol)
    assert send() == 0


@pytest.mark.parametrize("change", ["read", "left", "off", "silent"])
def test_what_needs_no_mail_any_more_is_not_mailed(change, mailserver, with_address, tell, desk, carol):
    with_address(carol)
    tell(carol)
    if change == "read":
        mark_read(by=carol, at=T0, desk=desk)
    elif change == "left":
        Membership.objects.filter(user=carol).delete()
    elif change == "off":
        User.objects.filter(pk=carol.pk).update(is_active=False)
    else:
        choose(user=carol, choices={}, hour=6, silent=True)
    assert send() == 0 and mailserver.tried == 0


def test_what_is_wanted_never_is_not_mailed(mailserver, with_address, tell, carol):
    with_address(carol)
    choose(user=carol, choices={Kind.ASSIGNED: Mail.NEVER}, hour=6, silent=False)
    tell(carol)
    assert send() == 0 and send(MORNING) == 0


def test_digest_comes_once_a_day_at_its_hour(mailserver, with_address, tell, carol):
    with_address(carol)
    tell(carol, key="1", kind=Kind.APPROVED)
    assert send(SOON) == 0 and send(MORNING - MINUTE) == 0
    assert send(MORNING) == 1
    tell(carol, key="2", kind=Kind.APPROVED, at=MORNING - MINUTE)  # its transaction ended late
    tell(carol, key="3", kind=Kind.APPROVED, at=MORNING + MINUTE)
    assert send(MORNING + timedelta(hours=23)) == 0
    assert send(MORNING + timedelta(days=1)) == 1
    assert "2 things wait" in mailserver.arrived[1]["Subject"]


def test_digest_comes_at_the_persons_hour(mailserver, with_address, tell, carol):
    with_address(carol)
    choose(user=carol, choices={}, hour=21, silent=False)
    tell(carol, kind=Kind.APPROVED)
    evening = T0.replace(hour=21)
    assert send(evening - MINUTE) == 0 and send(evening) == 1


def test_digest_takes_what_was_told_before_a_stop(mailserver, with_address, tell, carol):
    with_address(carol)
    tell(carol, kind=Kind.APPROVED)
    assert send(MORNING + timedelta(days=3, hours=5)) == 1


def test_many_digests_that_wait_cost_one_query(tell, with_address, desk, django_assert_num_queries):
    people = [make_person(f"p{number}", desk, Role.VIEWER) for number in range(5)]
    for person in people:
        with_address(person)
    tell(*people, kind=Kind.APPROVED)
    with django_assert_num_queries(1):
        assert send(SOON) == 0


def test_server_that_is_away_for_an_hour_loses_nothing(mailserver, with_address, tell, carol, dave, caplog):
    with_address(carol)
    with_address(dave)
    mailserver.stop()
    tell(carol, dave)
    for minute in range(1, 61):
        assert send(T0 + minute * MINUTE) == 0
    assert not Notification.objects.filter(mail_attempts__gt=0).exists()
    assert "cannot be used" in caplog.text
    mailserver.start()
    assert send(T0 + 61 * MINUTE) == 2
    assert sorted(str(message["To"]) for message in mailserver.arrived) == [carol.email, dave.email]


def test_greylisted_mail_comes_at_a_later_try(mailserver, with_address, tell, carol):
    address = with_address(carol)
    mailserver.answers[address] = ["451 Come back later", "451 Not yet"]
    tell(carol)
    assert [send(SOON + minutes * MINUTE) for minutes in (0, 0.5, 1, 2, 3)] == [0, 0, 0, 0, 1]
    assert mailserver.tried == 3


def test_one_refused_person_holds_nobody_else_up(mailserver, with_address, tell, carol, dave):
    mailserver.always[with_address(carol)] = "450 Mailbox busy"
    with_address(dave)
    tell(carol, dave)
    assert send() == 1
    assert mailserver.arrived[0]["To"] == dave.email


def test_refused_for_good_is_given_up_at_once_and_said(mailserver, with_address, tell, carol, caplog):
    mailserver.always[with_address(carol)] = "550 No such person carol@people.example"
    tell(carol)
    with caplog.at_level(logging.WARNING):
        assert send() == 0 and send(SOON + timedelta(days=2)) == 0
    assert mailserver.tried == 1 and mail.given_up(carol).count() == 1
    assert "given up" in caplog.text and "550" in caplog.text and carol.email not in caplog.text


def test_refused_again_and_again_is_given_up_in_the_end(mailserver, with_address, tell, carol):
    mailserver.always[with_address(carol)] = "451 Come back later"
    tell(carol)
    at = SOON
    for _attempt in range(mail.MAX_ATTEMPTS + 3):
        send(at)
        at += mail.LONGEST_WAIT
    assert mailserver.tried == mail.MAX_ATTEMPTS
    assert mail.given_up(carol).count() == 1


def test_what_is_told_after_a_mail_was_given_up_is_sent(mailserver, with_address, tell, carol):
    address = with_address(carol)
    mailserver.answers[address] = ["550 Full"]
    tell(carol)
    send()
    tell(carol, key="2")
    assert send(SOON + MINUTE) == 1


def test_server_that_hangs_is_left_and_the_mail_comes_later(
    mailserver, with_address, tell, carol, monkeypatch
):
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    with_address(carol)
    mailserver.hangs = True
    tell(carol)
    assert send() == 0
    mailserver.hangs = False
    assert send(SOON + MINUTE) == 1 and len(mailserver.arrived) == 1


def test_connection_lost_in_the_middle_of_a_mail_loses_nothing(mailserver, with_address, tell, carol, dave):
    with_address(carol)
    with_address(dave)
    mailserver.breaks_in_data = True
    tell(carol, dave)
    assert send() == 0 and not mailserver.arrived
    mailserver.breaks_in_data = False
    assert send(SOON + MINUTE) == 2


def test_mail_whose_answer_was_lost_comes_twice_and_can_be_told(mailserver, with_address, tell, carol):
    with_address(carol)
    mailserver.hangs_up_after_data = True
    tell(carol)
    send()
    mailserver.hangs_up_after_data = False
    send(SOON + MINUTE)
    first, second = mailserver.arrived
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_once(mailserver, with_address, tell, desk):
    people = [make_person(f"p{number}", desk, Role.VIEWER) for number in range(6)]
    for person in people:
        with_address(person)
    tell(*people)
    assert sum(at_once(*[send] * 4)) == 6
    assert len({str(message["To"]) for message in mailserver.arrived}) == len(mailserver.arrived) == 6


@pytest.mark.django_db(transaction=True)
def test_what_is_on_its_way_is_not_sent_by_another_nor_in_a_second_mail(with_address, tell, carol):
    with_address(carol)
    tell(carol)
    assert mail.take(carol.pk, SOON)
    tell(carol, key="2")
    assert mail.take(carol.pk, SOON + 5 * MINUTE) is None
    letter = mail.take(carol.pk, SOON + mail.LEASE)
    assert letter and len(letter.rows) == 2


SENDER = """
import django; django.setup()
from datetime import datetime
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", {port}
settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
from verify.notify.mail import send_due
send_due(at=datetime.fromisoformat("{at}"))
"""


@pytest.mark.slow
def test_killed_sender_loses_nothing(environment, mailserver, with_address, tell, carol):
    with_address(carol)
    tell(carol)
    mailserver.hangs = True
    script = SENDER.format(port=mailserver.port, at=SOON.isoformat())
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment) as sender:
        assert mailserver.holding.wait(60)
        os.kill(sender.pid, signal.SIGKILL)
    mailserver.hangs = False
    assert send(SOON + MINUTE) == 0  # it may still be at it
    assert send(SOON + mail.LEASE) == 1
    assert len(mailserver.arrived) == 1 and Notification.objects.get().mailed_at


@pytest.mark.slow
def test_worker_sends_what_is_due(
    environment, start_worker, mailserver, with_address, tell, carol, wait_until
):
    from verify.notify.tasks import send_mails

    environment["EMAIL_URL"] = f"smtp://127.0.0.1:{mailserver.port}"
    with_address(carol)
    tell(carol)
    start_worker()
    send_mails.delay()
    wait_until(lambda: mailserver.arrived, 30)
    assert mailserver.arrived[0]["To"] == carol.email


def test_digest_row_of_who_never_chose_is_made_with_the_default(mailserver, with_address, tell, carol):
    with_address(carol)
    tell(carol, kind=Kind.APPROVED)
    send(MORNING)
    assert Digest.objects.get(user=carol).sent_at == MORNING and Digest.objects.get().hour == 6
