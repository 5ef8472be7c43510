"""Who works on which capture: leases in PostgreSQL. The broker is only a doorbell.

A worker takes a capture by writing a fresh token and a time until which it may work. Whatever it writes later carries
the token; a worker that was taken for dead (its lease ran out, another token stands there) writes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sources.archive.exchange import FailureCode
from sources.archive.models import Capture
from sources.archive.states import CaptureState
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind


class LeaseLost(Exception):
    """Somebody else holds this capture now; what was done for it is dropped."""


def take(capture_id: UUID, *, at: datetime) -> Capture | None:
    """Take a queued capture, or one whose worker's lease has run out. None when there is nothing to take."""
    with transaction.atomic():
        capture = (
            Capture.objects.takeable(at)
            .filter(pk=capture_id)
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if capture is None:
            return None
        if capture.attempt >= settings.ARCHIVE_MAX_ATTEMPTS:
            _give_up(capture, at=at)
            return None
        capture.state = CaptureState.FETCHING
        capture.attempt += 1
        capture.lease_token = uuid4()
        capture.lease_until = at + timedelta(seconds=settings.ARCHIVE_LEASE_SECONDS)
        capture.not_before = None
        capture.started_at = at
        capture.progress = ""
        capture.save(
            update_fields=[
                "state",
                "attempt",
                "lease_token",
                "lease_until",
                "not_before",
                "started_at",
                "progress",
            ]
        )
        return capture


def report(capture: Capture, progress: str) -> None:
    """Say what is being done now and extend the lease. Raises LeaseLost."""
    until = timezone.now() + timedelta(seconds=settings.ARCHIVE_LEASE_SECONDS)
    held = Capture.objects.filter(pk=capture.pk, lease_token=capture.lease_token, state=CaptureState.FETCHING)
    if not held.update(progress=progress[:100], lease_until=until):
        raise LeaseLost(str(capture.pk))


def hold(capture: Capture) -> Capture:
    """The row again, locked until the end of the transaction, if the lease is still ours. Raises LeaseLost."""
    held = Capture.objects.filter(pk=capture.pk, lease_token=capture.lease_token, state=CaptureState.FETCHING)
    row = held.select_for_update(of=("self",)).first()
    if row is None:
        raise LeaseLost(str(capture.pk))
    return row


def fail(capture: Capture, code: FailureCode, detail: str, *, at: datetime) -> None:
    """End a capture that we hold as failed, with its reason. Raises LeaseLost."""
    with transaction.atomic():
        _end_failed(hold(capture), code, detail, at=at)


def sweep(*, at: datetime) -> list[UUID]:
    """The captures that somebody should work on: the ones waiting, and those whose worker was lost.

    Ends as failed what was tried too often. The caller rings for the rest; ringing twice is harmless.
    """
    tried_out = Capture.objects.takeable(at).filter(attempt__gte=settings.ARCHIVE_MAX_ATTEMPTS)
    for pk in list(tried_out.values_list("pk", flat=True)):
        take(pk, at=at)
    waiting = Capture.objects.takeable(at).filter(requested_at__lt=at - timedelta(seconds=5))
    return list(waiting.order_by("requested_at").values_list("pk", flat=True)[:500])


def _give_up(capture: Capture, *, at: datetime) -> None:
    detail = _("The worker was lost %(n)s times while fetching this; the page may be what kills it.")
    _end_failed(capture, FailureCode.WORKER_LOST, detail % {"n": capture.attempt}, at=at)


def _end_failed(capture: Capture, code: FailureCode, detail: str, *, at: datetime) -> None:
    capture.state = CaptureState.FAILED
    capture.failure_code, capture.failure_detail = code, detail
    capture.finished_at, capture.progress = at, ""
    capture.lease_token = capture.lease_until = capture.not_before = None
    capture.entry = custody.record(
        kind=EntryKind.CAPTURE_FAILED,
        subject=capture,
        facts={"reason": str(code), "attempts": capture.attempt},
        by=None,
        at=at,
        commitments={"url": capture.url},
    )
    capture.save(
        update_fields=[
            "state",
            "failure_code",
            "failure_detail",
            "finished_at",
            "progress",
            "lease_token",
            "lease_until",
            "not_before",
            "entry",
        ]
    )
