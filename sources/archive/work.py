"""Who works on which capture: leases in PostgreSQL. The broker is only a doorbell.

A worker takes a capture by writing a fresh token and a time until which it may work. Whatever it writes later carries
the token; a worker that was taken for dead (its lease ran out, another token stands there) writes nothing.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sources.archive import politeness, retries
from sources.archive.exchange import FailureCode
from sources.archive.models import Attempt, Blob, Capture
from sources.archive.states import CaptureState, Waiting
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind
from verify.accounts.models import User

logger = logging.getLogger(__name__)

# A message with a time hides in the broker; what is due later than this is left to the sweeper. Seconds.
RING_AHEAD = 600
# A bell that rings a moment too early finds nothing to take.
RING_LATE = 0.02
_LEASE_FIELDS = ["state", "progress", "not_before", "lease_token", "lease_until"]


class LeaseLost(Exception):
    """Somebody else holds this capture now; what was done for it is dropped."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The package of what a failed capture had seen before it failed."""

    package: Blob
    datapackage_sha256: str


def take(capture_id: UUID, *, at: datetime) -> Capture | None:
    """Take a queued capture, or one whose worker's lease has run out. None when there is nothing to take.

    None also when its host is not to be asked yet: the capture then has a slot, and the bell rings for it. A bell
    for one capture is a bell for its host: who waits longer there for its turn is taken in its place.
    """
    with transaction.atomic():
        capture = _locked_takeable(capture_id, at)
        if capture is None or (capture.state == CaptureState.FETCHING and not _reclaim(capture, at=at)):
            return None
        slot = politeness.slot(capture, at=at)
        if slot is not None:
            _wait(capture, Waiting.TURN, until=slot, now=at)
            return None
        if (first := politeness.first_before(capture)) is not None:
            _wait(capture, Waiting.TURN, until=politeness.slot(capture, at=at) or at, now=at)
            capture = first
        capture.state = CaptureState.FETCHING
        capture.attempt += 1
        capture.lease_token = uuid4()
        capture.lease_until = at + timedelta(seconds=settings.ARCHIVE_LEASE_SECONDS)
        capture.not_before = None
        capture.started_at = at
        capture.progress = ""
        capture.save(update_fields=[*_LEASE_FIELDS, "attempt", "started_at"])
        return capture


def report(capture: Capture, progress: str) -> None:
    """Say what is being done now and extend the lease. Raises LeaseLost."""
    _extend(capture, progress=progress[:100])


def extend(capture: Capture) -> None:
    """Extend the lease of a capture that we hold. Raises LeaseLost."""
    _extend(capture)


def hold(capture: Capture) -> Capture:
    """The row again, locked until the end of the transaction, if the lease is still ours. Raises LeaseLost."""
    held = Capture.objects.filter(pk=capture.pk, lease_token=capture.lease_token, state=CaptureState.FETCHING)
    row = held.select_for_update(of=("self",)).first()
    if row is None:
        raise LeaseLost(str(capture.pk))
    return row


def try_again(capture: Capture, code: FailureCode, detail: str, *, at: datetime, at_least: float = 0) -> bool:
    """Put a capture that we hold back into the queue, if such a failure may pass and tries are left.

    `at_least` are the seconds that the server asked for. False when it is not to be tried again; then nothing was
    written. Raises LeaseLost.
    """
    with transaction.atomic():
        row = hold(capture)
        tries = 1 + row.attempts.exclude(failure_code=FailureCode.WORKER_LOST).count()
        wait = retries.delay(code, tries=tries, delays=settings.ARCHIVE_RETRY_DELAYS, jitter=random.random())
        if wait is None:
            return False
        until = at + timedelta(seconds=max(wait, at_least))
        _attempt(row, code, detail, at=at, retry_at=until)
        _wait(row, Waiting.RETRY, until=until, now=at)
        _free(row, at=at)
        return True


def give_back(capture: Capture, *, at: datetime) -> None:
    """Give a capture that we hold to whoever takes it next, as if we had been lost. Raises LeaseLost."""
    with transaction.atomic():
        row = hold(capture)
        if _reclaim(row, at=at):
            row.save(update_fields=_LEASE_FIELDS)
            transaction.on_commit(lambda: ring(row.pk))


def fail(
    capture: Capture, code: FailureCode, detail: str, *, at: datetime, kept: Kept | None = None
) -> Capture:
    """End a capture that we hold as failed, with its reason. Raises LeaseLost."""
    with transaction.atomic():
        row = hold(capture)
        _attempt(row, code, detail, at=at)
        _end_failed(row, code, detail, at=at, kept=kept)
        return row


def give_up(capture_id: UUID, *, by: User, at: datetime) -> Capture | None:
    """End a queued capture as failed because `by` stops the waiting; None if it is not waiting (any more)."""
    with transaction.atomic():
        queued = Capture.objects.filter(pk=capture_id, state=CaptureState.QUEUED)
        row = queued.select_for_update(of=("self",)).first()
        if row is None:
            return None
        last = row.attempts.last()
        detail = _("The waiting was stopped before it was fetched.")
        if last is not None:
            detail = _("The waiting for another try was stopped. The last one: %(why)s")
            detail %= {"why": last.failure_detail}
        _end_failed(row, FailureCode.GIVEN_UP, detail, at=at, by=by)
        return row


def sweep(*, at: datetime) -> list[UUID]:
    """The captures that somebody should work on, longest waiting first: those in the queue that are due.

    What lost its worker is put back into the queue before, or ends as failed if that happened too often. The caller
    rings for the rest; ringing twice is harmless.
    """
    lapsed = Capture.objects.filter(state=CaptureState.FETCHING, lease_until__lt=at)
    for pk in list(lapsed.values_list("pk", flat=True)):
        with transaction.atomic():
            capture = _locked_takeable(pk, at)
            if capture is not None and capture.state == CaptureState.FETCHING and _reclaim(capture, at=at):
                capture.save(update_fields=_LEASE_FIELDS)
    waiting = Capture.objects.takeable(at).filter(requested_at__lt=at - timedelta(seconds=5))
    return list(waiting.order_by("requested_at", "pk").values_list("pk", flat=True)[:100])


def ring(capture_id: UUID, *, countdown: float = 0) -> None:
    """Tell the workers that there is something to do, in `countdown` seconds.

    A broker that is down costs time, not the capture; so does a time that is too far ahead.
    """
    from sources.archive import tasks

    if countdown > RING_AHEAD:
        return
    try:
        tasks.capture.apply_async((str(capture_id),), countdown=countdown, retry=False)
    except Exception:  # whatever the broker's client raises; the sweeper finds the row
        logger.warning(
            "the broker does not answer; the sweeper will ring for capture %s", capture_id, exc_info=True
        )


def ended(capture: Capture, *, at: datetime) -> None:
    """A capture is archived or has failed: once the transaction is through, compare it, and call the next in line."""
    pk = capture.pk
    if capture.document_id is not None:
        transaction.on_commit(lambda: _compare(pk, at))
    _free(capture, at=at)


def _free(capture: Capture, *, at: datetime) -> None:
    host = capture.host

    def call() -> None:
        if (called := politeness.call_next(host, at=at)) is not None:
            pk, free_at = called
            ring(pk, countdown=(free_at - at).total_seconds() + RING_LATE)

    if host:
        transaction.on_commit(call, robust=True)


def _compare(capture_id: UUID, at: datetime) -> None:
    # The capture stands, whatever becomes of the comparison.
    try:
        from sources.archive.comparing import compare

        compare(capture_id=capture_id, at=at)
    except Exception:
        logger.exception("capture %s could not be compared with the one before it", capture_id)


def _locked_takeable(capture_id: UUID, at: datetime) -> Capture | None:
    takeable = Capture.objects.takeable(at).filter(pk=capture_id)
    return takeable.select_for_update(skip_locked=True, of=("self",)).first()


def _extend(capture: Capture, **changes: str) -> None:
    until = timezone.now() + timedelta(seconds=settings.ARCHIVE_LEASE_SECONDS)
    held = Capture.objects.filter(pk=capture.pk, lease_token=capture.lease_token, state=CaptureState.FETCHING)
    if not held.update(lease_until=until, **changes):
        raise LeaseLost(str(capture.pk))


def _reclaim(capture: Capture, *, at: datetime) -> bool:
    """Take a locked capture from a worker that was lost: it is queued again, in memory. False if it was given up."""
    lost = 1 + capture.attempts.filter(failure_code=FailureCode.WORKER_LOST).count()
    given_up = lost >= settings.ARCHIVE_MAX_ATTEMPTS
    detail = _("The worker was lost while it fetched this.")
    _attempt(capture, FailureCode.WORKER_LOST, detail, at=at, retry_at=None if given_up else at)
    if given_up:
        detail = _("The worker was lost %(n)s times while fetching this; the page may be what kills it.")
        _end_failed(capture, FailureCode.WORKER_LOST, detail % {"n": lost}, at=at)
        return False
    capture.state, capture.progress = CaptureState.QUEUED, ""
    capture.lease_token = capture.lease_until = None
    return True


def _wait(capture: Capture, reason: Waiting, *, until: datetime, now: datetime) -> None:
    """Queue a locked capture until then; the bell rings for it."""
    capture.state, capture.progress, capture.not_before = CaptureState.QUEUED, reason, until
    capture.lease_token = capture.lease_until = None
    capture.save(update_fields=_LEASE_FIELDS)
    countdown = (until - now).total_seconds() + RING_LATE
    transaction.on_commit(lambda: ring(capture.pk, countdown=countdown))


def _attempt(
    capture: Capture, code: FailureCode, detail: str, *, at: datetime, retry_at: datetime | None = None
) -> None:
    Attempt.objects.create(
        capture=capture,
        number=capture.attempt,
        started_at=capture.started_at or at,
        ended_at=at,
        failure_code=code,
        failure_detail=detail,
        retry_at=retry_at,
    )


def _end_failed(
    capture: Capture,
    code: FailureCode,
    detail: str,
    *,
    at: datetime,
    kept: Kept | None = None,
    by: User | None = None,
) -> None:
    capture.state = CaptureState.FAILED
    capture.failure_code, capture.failure_detail = code, detail
    capture.finished_at, capture.progress = at, ""
    capture.lease_token = capture.lease_until = capture.not_before = None
    facts: dict[str, str | int] = {"reason": str(code), "attempts": capture.attempt}
    if kept is not None:
        capture.package, capture.datapackage_sha256 = kept.package, kept.datapackage_sha256
        facts |= {
            "datapackage_sha256": kept.datapackage_sha256,
            "package_sha256": kept.package.sha256,
        }
    ended(capture, at=at)
    capture.entry = custody.record(
        kind=EntryKind.CAPTURE_FAILED,
        subject=capture,
        facts=facts,
        by=by,
        at=at,
        commitments={"url": capture.url},
    )
    capture.save(
        update_fields=[
            *_LEASE_FIELDS,
            "failure_code",
            "failure_detail",
            "finished_at",
            "package",
            "datapackage_sha256",
            "entry",
        ]
    )
