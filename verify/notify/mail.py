"""E-mail: that something waits, never what. A mail holds counts and two links, and nothing that was said or claimed.

A mail is sent at least once. Its notifications are taken for `LEASE`, then sent, then marked: a sender that is killed
after the server accepted and before the mark is committed leads to the same mail once more, with the same Message-ID.
No row is locked while a server is waited for.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import smtplib
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from verify.accounts.models import Membership
from verify.notify.models import JUDGED, Digest, Kind, Mail, Notification

logger = logging.getLogger(__name__)

GATHER = datetime.timedelta(minutes=1)  # what comes within a minute of the first comes in one mail
RUN = 5 * 60  # seconds in which one run begins mails; the next run has the rest
TIMEOUT = 20  # seconds of silence from the mail server
LEASE = datetime.timedelta(minutes=15)  # longer than a run and the slowest mail together
MAX_ATTEMPTS = 24  # refusals of one person's mail: most of a day
LONGEST_WAIT = datetime.timedelta(hours=1)
DEFAULT_HOUR: int = Digest().hour


@dataclass(frozen=True)
class Letter:
    """The notifications that one mail to one person tells of."""

    recipient: Any
    address: str
    rows: list[Notification]

    @property
    def ids(self) -> list[Any]:
        return [row.pk for row in self.rows]


def waiting() -> QuerySet[Notification]:
    """What is to be mailed at some time: unread, wanted, and to a member with an address who wants e-mail at all."""
    member = Membership.objects.filter(user=OuterRef("recipient"), desk=OuterRef("desk"))
    silent = Digest.objects.filter(user=OuterRef("recipient"), silent=True)
    return (
        Notification.objects.filter(
            Exists(member),
            ~Exists(silent),
            read_at__isnull=True,
            mailed_at__isnull=True,
            mail_attempts__lt=MAX_ATTEMPTS,
            recipient__is_active=True,
        )
        .exclude(mail=Mail.NEVER)
        .exclude(recipient__email="")
    )


def given_up(user: Any) -> QuerySet[Notification]:
    """Those of the person that they have not read and whose mail the server refused too often, or for good."""
    return (
        Notification.objects.visible_to(user)
        .unread()
        .filter(mailed_at__isnull=True, mail_attempts__gte=MAX_ATTEMPTS)
    )


def send_due(*, at: datetime.datetime) -> int:
    """Send what is due at `at`: how many mails the server accepted.

    A server that cannot be reached, or refuses our name and password, costs nobody an attempt: all waits for the next
    run. A refusal of one person's mail is tried again after 1, 2, 4 … 60 minutes, and given up after `MAX_ATTEMPTS`
    or at once when the server says that it is for good (5xx, RFC 5321 section 4.2.1).
    """
    people, sent, end = _people_due(at), 0, time.monotonic() + RUN
    connection = get_connection(timeout=TIMEOUT)
    try:
        for person in people:
            if time.monotonic() > end:
                break
            try:
                connection.open()
            except OSError as error:  # what smtplib raises is one, too
                logger.warning("the mail server cannot be used; mails wait: %s", _said(error))
                break
            letter = take(person, at)
            if letter is None:  # another sender was faster
                continue
            try:
                connection.send_messages([compose(letter)])
            except (OSError, ValueError) as error:  # a ValueError is an address that is none
                _refused(letter, error, at)
                _close(connection)
            else:
                _accepted(letter, at)
                sent += 1
    finally:
        _close(connection)
    return sent


def take(person: Any, at: datetime.datetime) -> Letter | None:
    """What is due to the person, kept from other senders for `LEASE`; None if nothing is, or somebody sends it now."""
    with transaction.atomic():
        Digest.objects.bulk_create([Digest(user_id=person)], ignore_conflicts=True)
        digest = Digest.objects.select_for_update(skip_locked=True).filter(user=person).first()
        rows = _due(digest, at) if digest else []
        if not rows:
            return None
        letter = Letter(person, rows[0].recipient.email, rows)
        Notification.objects.filter(pk__in=letter.ids).update(mail_after=at + LEASE)
    return letter


def compose(letter: Letter) -> EmailMessage:
    """The mail, in each language of the site: how many of which kind, and where to read them."""
    kinds = Counter("" if row.kind in JUDGED else row.kind for row in letter.rows)
    counts = [(kind, kinds[kind]) for kind in Kind if kinds[kind]]
    urls = {
        name: settings.SITE_URL + reverse(name) for name in ("notification-list", "notification-settings")
    }
    subjects, bodies = [], []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            subjects.append(_subject(len(letter.rows)))
            bodies.append(
                render_to_string(
                    "mail/notifications.txt",
                    {
                        "counts": [(kind.label, number) for kind, number in counts],
                        "judged": kinds[""],  # how, is nobody's business but the desk's
                        "list_url": urls["notification-list"],
                        "settings_url": urls["notification-settings"],
                    },
                ).strip()
            )
    return EmailMessage(
        # a language that says nothing of its own is not repeated
        subject=_one_line(f"{settings.SITE_NAME}: {' · '.join(dict.fromkeys(subjects))}"),
        body="\n\n* * *\n\n".join(dict.fromkeys(bodies)) + "\n",
        to=[letter.address],
        headers={
            "Message-ID": _message_id(letter),
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's holiday notice answers it
            "List-Unsubscribe": f"<{urls['notification-settings']}>",
        },
    )


def _people_due(at: datetime.datetime) -> list[Any]:
    """Who may be due a mail, who waits longest first: one query, however many wait for their digests."""
    people = (
        waiting()
        .values_list("recipient", "recipient__digest__hour", "recipient__digest__sent_at")
        .annotate(
            at_once=Min("created_at", filter=Q(mail=Mail.IMMEDIATE)),
            daily=Min("created_at", filter=Q(mail=Mail.DIGEST)),
            busy_until=Max("mail_after"),
            first=Min("created_at"),
        )
        .order_by("first")
    )
    due = []
    for person, hour, sent_at, at_once, daily, busy_until, _first in people:
        digest = Digest(hour=DEFAULT_HOUR if hour is None else hour, sent_at=sent_at)
        busy = busy_until and busy_until > at
        if not busy and (
            (at_once and at_once <= at - GATHER) or (daily and daily <= _digest_until(digest, at))
        ):
            due.append(person)
    return due


def _due(digest: Digest, at: datetime.datetime) -> list[Notification]:
    """What a mail to the person would tell of now; nothing while one is on its way or waits after a refusal."""
    rows = list(
        waiting().filter(recipient=digest.user_id).select_related("recipient").order_by("created_at", "id")
    )
    if any(row.mail_after and row.mail_after > at for row in rows):
        return []
    at_once = [row for row in rows if row.mail == Mail.IMMEDIATE]
    if at_once and at_once[0].created_at > at - GATHER:
        at_once = []
    until = _digest_until(digest, at)
    return at_once + [row for row in rows if row.mail == Mail.DIGEST and row.created_at <= until]


def _digest_until(digest: Digest, at: datetime.datetime) -> datetime.datetime:
    """Up to when things belong to a digest that is due; long ago if the last one was sent after its hour had come."""
    moment = at.astimezone(datetime.UTC).replace(hour=digest.hour, minute=0, second=0, microsecond=0)
    if moment > at:
        moment -= datetime.timedelta(days=1)
    sent = digest.sent_at and digest.sent_at >= moment
    return datetime.datetime.min.replace(tzinfo=datetime.UTC) if sent else moment


def _accepted(letter: Letter, at: datetime.datetime) -> None:
    with transaction.atomic():
        Notification.objects.filter(pk__in=letter.ids).update(mailed_at=at, mail_after=None)
        if any(row.mail == Mail.DIGEST for row in letter.rows):
            Digest.objects.filter(user=letter.recipient).update(sent_at=at)


def _refused(letter: Letter, error: Exception, at: datetime.datetime) -> None:
    attempts = 1 + max(row.mail_attempts for row in letter.rows)
    if _for_good(error):
        attempts = MAX_ATTEMPTS
    wait = min(datetime.timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_WAIT)
    Notification.objects.filter(pk__in=letter.ids).update(mail_attempts=attempts, mail_after=at + wait)
    if attempts >= MAX_ATTEMPTS:
        logger.error("mail to %s is given up: %s", letter.recipient, _said(error))
    else:
        logger.warning("mail to %s was refused, attempt %d: %s", letter.recipient, attempts, _said(error))


def _for_good(error: Exception) -> bool:
    """Whether to try again is of no use. That our own address is refused may be mended; an address that is none not."""
    return not isinstance(error, OSError) or (bool(codes := _codes(error)) and min(codes) >= 500)


def _codes(error: Exception) -> list[int]:
    """What the server answered about the recipient or the mail itself."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    return [error.smtp_code] if isinstance(error, smtplib.SMTPDataError) else []


def _said(error: Exception) -> str:
    """An error for the log: its kind and the server's codes, and not its words, which hold people's addresses."""
    codes = _codes(error) or [getattr(error, "smtp_code", 0), getattr(error, "errno", 0) or 0]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])


def _subject(number: int) -> str:
    return ngettext("%(number)d thing waits for you", "%(number)d things wait for you", number) % {
        "number": number
    }


def _message_id(letter: Letter) -> str:
    """The same for the same notifications, so that a mailbox can tell a mail that was sent twice."""
    digest = hashlib.sha256(" ".join(sorted(map(str, letter.ids))).encode()).hexdigest()
    return f"<{digest[:32]}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _close(connection: Any) -> None:
    """Close it whatever state it is in: the server may have gone away."""
    try:
        connection.close()
    except OSError:
        connection.connection = None
