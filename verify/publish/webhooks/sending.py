"""Sending deliveries: leased, signed, through the archive's fetcher and its guard, and tried again for days.

A delivery is sent at least once: a worker takes it for `LEASE`, sends it with no transaction open, and writes down how
it went. If it is killed in between, the lease runs out and another sends it again under the same id. Of one webhook one
delivery is sent at a time, and all sending of an installation takes one worker at most: `LANES` threads, so that slow
receivers wait beside the others and not in front of them.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from sources.archive import config
from sources.archive.decode import decode
from sources.archive.exchange import Exchange, FailureCode, Limits
from sources.archive.fetch import Fetcher
from sources.archive.retries import retry_after
from sources.custody.canonical import canonical
from verify.accounts.sealing import CannotUnseal
from verify.publish.following import item_of
from verify.publish.webhooks import services, signing
from verify.publish.webhooks.models import Attempt, Delivery, DeliveryState, Webhook, WebhookState
from verify.review.content import moment

logger = logging.getLogger(__name__)

LIMITS = Limits(
    connect_seconds=5, read_seconds=10, total_seconds=15, wire_bytes=64 * 1024, header_bytes=16 * 1024
)
LEASE = timedelta(seconds=60)  # longer than the limits allow one sending to take
LANES = 16
LOOK = 0.5  # seconds after which a run looks for more while it waits
RUN = 60  # seconds in which one run takes deliveries; the next run has the rest
SENDERS_LOCK = 7_310_579_300_007  # pg_try_advisory_lock: one run at a time

# Seconds, the first after the first attempt. Waited is a random time from nothing to twice as long ("full jitter"), so
# that these are the means: a little over three days in all.
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
MOST_ATTEMPTS = 1 + len(DELAYS)
LONGEST_RETRY_AFTER = 24 * 3600  # seconds that a receiver can ask for
REST = timedelta(seconds=30)  # what else waits for a receiver that just failed waits so long
PATIENCE = timedelta(days=5)  # of nothing but failures
BLIP = 2  # failures of one delivery that by themselves mean nothing, however long ago the last success was
ANSWER = 1_000  # code points of the receiver's answer that are kept
GONE = 410
KEPT = timedelta(days=30)  # attempts


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted."""

    url: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went: the status of the answer, or why there was none. `wait` seconds were asked for."""

    seconds: float
    status: int | None = None
    problem: str = ""
    detail: str = ""
    answer: str = ""
    wait: float = 0

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def fetcher() -> Fetcher:
    """The archive's fetcher with the limits of webhooks; a certificate that does not verify gets nothing to read."""
    return Fetcher(config.guard(), LIMITS, user_agent=settings.ARCHIVE_USER_AGENT, strict=True)


def send_due(*, now: Callable[[], datetime] = timezone.now, through: Fetcher | None = None) -> int:
    """Send what is due, `LANES` at a time, for at most `RUN` seconds; how many were sent. 0 if another run is at it.

    Whoever rings while we are at it finds the lock and goes away; so we look once more after we have let it go.
    """
    sent, end = 0, time.monotonic() + RUN
    while time.monotonic() < end and Delivery.objects.due(now()).exists():
        if not _lock("pg_try_advisory_lock"):
            break
        try:
            sent += _run(now, through or fetcher(), end)
        finally:
            _lock("pg_advisory_unlock")
    return sent


def take(*, at: datetime) -> Delivery | None:
    """Take the delivery that waits longest, of a webhook of which nothing is being sent; None if there is none."""
    while True:
        with transaction.atomic():
            due = Delivery.objects.due(at).select_for_update(
                skip_locked=True, no_key=True, of=("self", "webhook")
            )
            first = due.order_by("next_at", F("announcement").asc(nulls_first=True), "pk")
            row = first.select_related("webhook", "announcement__version").first()
            if row is None:
                return None
            # Asked again with the webhook locked: another may have been taken since our statement began.
            if Delivery.objects.filter(webhook=row.webhook_id).held(at).exists():
                continue
            if row.leased_until is not None:
                _lost(row)
                if row.attempts_made >= MOST_ATTEMPTS:
                    _finish(row, DeliveryState.FAILED, at)
                    continue
            row.attempts_made += 1
            row.leased_until = at + LEASE
            row.save(update_fields=["attempts_made", "leased_until"])
            return row


def compose(delivery: Delivery, *, at: datetime) -> Letter:
    """What is posted at that moment, with the secrets that sign then. Raises CannotUnseal."""
    body = body_of(delivery)
    keys = services.secrets_of(delivery.webhook, at)
    headers = signing.headers(keys, id=str(delivery.pk), timestamp=int(at.timestamp()), body=body)
    return Letter(delivery.webhook.url, [("Content-Type", "application/json"), *headers], body)


def body_of(delivery: Delivery) -> bytes:
    """Canonical JSON (RFC 8785) of what happened: the item of `/changes/`, or that this is a test.

    The same bytes at each attempt, unless the claim was hidden meanwhile: then they say less.
    """
    announcement = delivery.announcement
    if announcement is None:
        test: dict[str, Any] = {"webhook": str(delivery.webhook_id)}
        return canonical({"type": "webhook.test", "timestamp": moment(delivery.created_at), "data": test})
    kind = f"claim.{announcement.state}"
    return canonical({"type": kind, "timestamp": moment(announcement.at), "data": item_of(announcement)})


def post(letter: Letter, *, at: datetime, through: Fetcher) -> Outcome:
    """Send it, and say how it went. Touches no row, and never raises for what the other side does."""
    begun = time.monotonic()
    result = through.fetch(letter.url, method="POST", headers=letter.headers, body=letter.body, follow=False)
    seconds = time.monotonic() - begun
    if result.final is None:
        failure = result.failure
        code = failure.code if failure else FailureCode.PROTOCOL_ERROR
        return Outcome(seconds, problem=code, detail=str(failure or ""))
    asked = next((value for name, value in result.final.headers if name == "retry-after"), "")
    return Outcome(
        seconds,
        status=result.final.status,
        detail=result.final.location,
        answer=_answer(result.final),
        wait=retry_after(asked, now=at, most=LONGEST_RETRY_AFTER),
    )


@transaction.atomic
def record(delivery: Delivery, outcome: Outcome, *, at: datetime, jitter: float | None = None) -> bool:
    """Write down how an attempt went; False if the delivery is not ours any more. `jitter` is from 0 to 1."""
    webhook = Webhook.objects.select_for_update(no_key=True).get(pk=delivery.webhook_id)
    ours = Delivery.objects.filter(
        pk=delivery.pk, state=DeliveryState.QUEUED, attempts_made=delivery.attempts_made
    ).exclude(leased_until=None)
    row = ours.select_for_update(no_key=True).first()
    if row is None:
        return False
    Attempt.objects.create(
        delivery=row,
        number=row.attempts_made,
        at=at,
        seconds=outcome.seconds,
        status=outcome.status,
        problem=outcome.problem,
        detail=outcome.detail,
        answer=outcome.answer,
    )
    row.leased_until = None
    if outcome.delivered:
        _finish(row, DeliveryState.DELIVERED, at)
        Webhook.objects.filter(pk=webhook.pk).exclude(failing_since=None).update(failing_since=None)
    else:
        _failed(row, webhook, outcome, at, random.random() if jitter is None else jitter)
    return True


def prune(*, at: datetime) -> int:
    """Forget attempts of finished deliveries that are older than `KEPT`; how many."""
    old = Attempt.objects.filter(at__lt=at - KEPT).exclude(delivery__state=DeliveryState.QUEUED)
    return old.delete()[0]


def _run(now: Callable[[], datetime], through: Fetcher, end: float) -> int:
    """Send while there is something due, looking for more while the slow ones take their time."""
    sent, busy = 0, set[Future[int]]()
    with ThreadPoolExecutor(LANES, thread_name_prefix="webhooks") as lanes:
        while True:
            free = LANES - len(busy) if time.monotonic() < end else 0
            webhooks = Delivery.objects.due(now()).values("webhook").distinct().count() if free else 0
            busy |= {lanes.submit(_lane, now, through, end) for _n in range(min(free, webhooks))}
            if not busy:
                return sent
            done, busy = wait(busy, timeout=LOOK, return_when=FIRST_COMPLETED)
            sent += sum(lane.result() for lane in done)


def _lane(now: Callable[[], datetime], through: Fetcher, end: float) -> int:
    sent = 0
    try:
        while time.monotonic() < end and (delivery := take(at=now())) is not None:
            _send(delivery, now, through)
            sent += 1
    except Exception:
        logger.exception("a lane of the webhooks broke off; the sweeper rings again")
    finally:
        connection.close()  # of this thread
    return sent


def _send(delivery: Delivery, now: Callable[[], datetime], through: Fetcher) -> None:
    at = now()
    try:
        letter = compose(delivery, at=at)
    except CannotUnseal as error:
        outcome = Outcome(0, problem=FailureCode.INTERNAL_ERROR, detail=f"It could not be signed: {error}.")
    else:
        if not connection.in_atomic_block:
            connection.close()  # others need it while we wait for the receiver
        outcome = post(letter, at=at, through=through)
    record(delivery, outcome, at=now())


def _failed(row: Delivery, webhook: Webhook, outcome: Outcome, at: datetime, jitter: float) -> None:
    if webhook.state != WebhookState.ACTIVE:
        return _finish(row, DeliveryState.DROPPED, at)
    since = webhook.failing_since or at
    if webhook.failing_since is None:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=at)
    if outcome.status == GONE or row.attempts_made >= MOST_ATTEMPTS:
        _finish(row, DeliveryState.FAILED, at)
    else:
        seconds = max(2 * DELAYS[row.attempts_made - 1] * jitter, outcome.wait)
        row.next_at = at + timedelta(seconds=seconds)
        row.save(update_fields=["next_at", "leased_until"])
    if outcome.status == GONE or (at - since >= PATIENCE and row.attempts_made > BLIP):
        return services.disable(webhook=webhook, at=at)
    others = webhook.deliveries.free(at).exclude(pk=row.pk)
    others.filter(next_at__lt=at + REST).update(next_at=at + REST)


def _finish(row: Delivery, state: DeliveryState, at: datetime) -> None:
    row.state, row.next_at, row.leased_until, row.finished_at = state, None, None, at
    row.save(update_fields=["state", "next_at", "leased_until", "finished_at"])


def _lost(row: Delivery) -> None:
    assert row.leased_until is not None
    Attempt.objects.create(
        delivery=row,
        number=row.attempts_made,
        at=row.leased_until,
        seconds=LEASE.total_seconds(),
        problem=FailureCode.WORKER_LOST,
        detail="The worker was lost while it sent this; whether it arrived is not known.",
    )


def _answer(exchange: Exchange) -> str:
    said = decode(exchange, LIMITS).decoded[: 4 * ANSWER].decode("utf-8", errors="replace")
    return said.replace("\0", "\N{REPLACEMENT CHARACTER}")[:ANSWER]


def _lock(function: str) -> bool:
    """Of the session, not of a transaction: none is open while we send. A killed worker's goes with its connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [SENDERS_LOCK])
        return bool(cursor.fetchone()[0])
