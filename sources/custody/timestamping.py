"""Timestamps of checkpoints by the authorities of the settings (RFC 3161), and their renewal.

Each response is recorded in the log by its digest. So the next timestamp, by whatever authority, is over a tree that
holds all earlier ones: that is their renewal, without a second structure beside the log. It only has to come before a
signing certificate runs out.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry, Timestamp
from sources.custody.post import PostError, post
from sources.custody.rfc3161 import (
    MAX_RESPONSE,
    QUERY_TYPE,
    REPLY_TYPE,
    Authority,
    TimestampError,
    Token,
    make_query,
    verify_response,
)
from sources.custody.services import CustodyError, Subject, record

logger = logging.getLogger(__name__)

MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)
RENEWAL_PAUSE = timedelta(days=1)  # for an authority whose new certificate does not come
_LOCK_CLASS = 731_057  # first key of pg_try_advisory_xact_lock(int, int); the second stands for the authority


class NoTimestamp(CustodyError):
    """An authority gave no timestamp that can be kept; the message says why."""


def configured_authorities() -> list[Authority]:
    return [Authority.parse(text) for text in settings.LOG_TIMESTAMP_AUTHORITIES]


def timestamp_newest(*, at: datetime) -> list[Timestamp]:
    """Get the newest checkpoint timestamped by every authority that is due; returns what is new.

    Due is an authority when entries are new since its last timestamp and LOG_TIMESTAMP_MINUTES have passed, or when
    a certificate runs out within LOG_RENEW_DAYS. Whoever refuses is logged and asked again the next time.
    """
    kept = []
    for authority in configured_authorities():
        try:
            row = _timestamp_if_due(authority, at)
        except NoTimestamp as refusal:
            logger.warning("%s", refusal)
        else:
            kept += [row] if row else []
    return kept


def timestamp(
    *, checkpoint: Checkpoint, authority: Authority, at: datetime, renews: Timestamp | None = None
) -> Timestamp:
    """Have `authority` timestamp the checkpoint's note, verify the answer, keep it and log it; or `NoTimestamp`."""
    note = checkpoint.note.encode()
    query = make_query(note)
    try:
        answer = post(authority.url, query.der, content_type=QUERY_TYPE, max_bytes=MAX_RESPONSE)
        if answer.status != 200 or answer.content_type != REPLY_TYPE:
            raise TimestampError(f"it answers {answer.status} with {answer.content_type!a}, not with a reply")
        token = verify_response(answer.body, data=note, nonce=query.nonce, roots=authority.roots())
        _check_time(token, checkpoint, at)
    except (PostError, TimestampError) as error:
        raise NoTimestamp(f"The authority {authority.name} gave no timestamp to keep: {error}") from error
    with transaction.atomic():
        entry = record(
            kind=Kind.CHECKPOINT_TIMESTAMPED,
            subject=Subject("checkpoint", str(checkpoint.size)),
            facts={
                "authority": authority.name,
                "response_sha256": hashlib.sha256(answer.body).hexdigest(),
                "root": bytes(checkpoint.root).hex(),
            },
            by=None,
            at=at,
        )
        return Timestamp.objects.create(
            checkpoint=checkpoint,
            authority=authority.name,
            query=query.der,
            response=answer.body,
            gen_time=token.gen_time,
            serial=str(token.serial),
            certificate_expires_at=token.certificate_expires_at,
            renews=renews,
            entry=entry,
            received_at=at,
        )


def running_out(*, at: datetime) -> Timestamp | None:
    """The first timestamp whose certificate runs out within LOG_RENEW_DAYS while none that lasts longer covers it.

    One that has run out already cannot be renewed any more and is not meant.
    """
    limit = at + timedelta(days=settings.LOG_RENEW_DAYS)
    lasting = Timestamp.objects.filter(certificate_expires_at__gt=limit).order_by("-checkpoint__size")
    covered = lasting.values_list("checkpoint__size", flat=True).first() or 0
    expiring = Timestamp.objects.filter(
        certificate_expires_at__gt=at, certificate_expires_at__lte=limit, entry_id__gte=covered
    )
    return expiring.order_by("certificate_expires_at", "entry_id").first()


def _timestamp_if_due(authority: Authority, at: datetime) -> Timestamp | None:
    with transaction.atomic():
        # Held while the authority is asked, so that two workers do not ask it for the same.
        if not _try_lock(authority):
            return None
        checkpoint = Checkpoint.objects.order_by("size").last()
        mine = Timestamp.objects.filter(authority=authority.name)
        last = mine.select_related("checkpoint").order_by("checkpoint__size", "gen_time").last()
        if checkpoint is None or (last and at - last.received_at < _pause()):
            return None
        expiring = running_out(at=at)
        if expiring and expiring.entry_id >= checkpoint.size:
            expiring = None  # not in a signed tree yet
        if expiring and last and at - last.received_at < RENEWAL_PAUSE:
            expiring = None
        if expiring is None and not _has_news(last.checkpoint.size if last else 0, checkpoint.size):
            return None
        return timestamp(checkpoint=checkpoint, authority=authority, at=at, renews=expiring)


def _has_news(stamped: int, size: int) -> bool:
    """Whether anything but timestamps was logged since: else each timestamp would call for the next."""
    new = Entry.objects.filter(index__gte=stamped, index__lt=size)
    return new.exclude(kind=Kind.CHECKPOINT_TIMESTAMPED).exists()


def _pause() -> timedelta:
    return timedelta(minutes=settings.LOG_TIMESTAMP_MINUTES)


def _check_time(token: Token, checkpoint: Checkpoint, at: datetime) -> None:
    """An authority that dates before the checkpoint was signed, or into the future, is wrong or lies."""
    if not checkpoint.signed_at - MAX_CLOCK_DIFFERENCE <= token.gen_time <= at + MAX_CLOCK_DIFFERENCE:
        raise TimestampError(
            f"it is dated {token.gen_time:%Y-%m-%d %H:%M:%S} UTC, which is not between the checkpoint's signing and now"
        )
    if token.certificate_expires_at <= token.gen_time:
        raise TimestampError("its signing certificate had run out")


def _try_lock(authority: Authority) -> bool:
    key = int.from_bytes(hashlib.sha256(authority.name.encode()).digest()[:4], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, key])
        return bool(cursor.fetchone()[0])
