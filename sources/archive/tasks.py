"""What the workers do: one service call each, ids only, safe to run twice."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from sources.archive import services, work


@shared_task
def capture(capture_id: str) -> None:
    """Archive one capture, unless somebody else has it or it is done."""
    services.run_capture(capture_id=UUID(capture_id))


@shared_task
def sweep() -> None:
    """Ring again for every capture that waits or whose worker was lost."""
    for pk in work.sweep(at=timezone.now()):
        capture.delay(str(pk))
