"""What the workers do: one service call each, ids only, safe to run twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import current_app, shared_task
from django.conf import settings
from django.utils import timezone

from sources.archive import comparing, redaction, services, watching, work
from sources.archive import outside as elsewhere

# Rung for at most, in all: what waits longest is rung for first, and bells that nobody hears are of no use.
ENOUGH_MESSAGES = 200


# Past the last beat of its lease a worker is stuck; its process is ended so that it can work again.
@shared_task(time_limit=settings.ARCHIVE_WORK_SECONDS + settings.ARCHIVE_LEASE_SECONDS)
def capture(capture_id: str) -> None:
    """Archive one capture, unless somebody else has it or it is done."""
    services.run_capture(capture_id=UUID(capture_id))


@shared_task
def sweep() -> None:
    """Ring again for every capture that waits or whose worker was lost."""
    waiting = work.sweep(at=timezone.now())
    if waiting and _messages() < ENOUGH_MESSAGES:
        for pk in waiting:
            work.ring(pk)


@shared_task
def run_watches() -> None:
    """Ask for a capture for each watch whose time has come."""
    watching.run_due(at=timezone.now())


@shared_task
def compare_missed() -> None:
    """Compare the captures that were finished and, because a worker was lost, never compared."""
    comparing.compare_missed(at=timezone.now())


@shared_task
def outside(request_id: str) -> None:
    """Ask an outside archive what one request asks of it."""
    elsewhere.run(request_id=UUID(request_id))


@shared_task
def sweep_outside() -> None:
    """Ring again for the requests to outside archives that are due or whose worker was lost."""
    for pk in elsewhere.sweep(at=timezone.now()):
        outside.delay(str(pk))


@shared_task
def erase(redaction_id: str) -> None:
    """Delete the bytes of an approved redaction."""
    redaction.carry_out(redaction_id=UUID(redaction_id), at=timezone.now())


@shared_task
def sweep_redactions() -> None:
    """Delete the bytes of redactions that were approved and not finished: a worker or the storage was lost."""
    redaction.sweep(at=timezone.now())


def _messages() -> int:
    """How many messages wait in our queue; those with a time are not counted."""
    # Not passive: a broker that was emptied knows no queue at all, and that is when we must ring.
    with current_app.connection_for_write() as connection, connection.channel() as channel:
        declare: Any = channel.queue_declare  # type: ignore[attr-defined]
        return int(declare(queue=settings.CELERY_TASK_DEFAULT_QUEUE).message_count)
