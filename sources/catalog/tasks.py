"""What the workers do for batches: one service call each, ids only, safe to run twice."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from sources.catalog import batches


@shared_task
def batch(batch_id: str) -> None:
    """Ask for every row of a batch that nobody has asked for yet."""
    batches.work_through(batch_id=UUID(batch_id), at=timezone.now())


@shared_task
def sweep_batches() -> None:
    """Ring again for every batch of which a worker left rows behind."""
    for pk in batches.sweep(at=timezone.now()):
        batch.delay(str(pk))
