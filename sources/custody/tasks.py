"""Signing, cosigning and timestamping, as a worker does it."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from sources.custody.services import checkpoint
from sources.custody.timestamping import timestamp_newest
from sources.custody.witnessing import cosign_newest


@shared_task(ignore_result=True)
def sign_checkpoint() -> None:
    """Sign the log if it has grown, and ask for cosignatures. Running it twice, or in two places, signs once."""
    if checkpoint(at=timezone.now()) is not None:
        cosign_checkpoint.delay()


@shared_task(ignore_result=True)
def cosign_checkpoint() -> None:
    """Ask the witnesses that have not cosigned the newest checkpoint; the beat asks again those that were away."""
    cosign_newest(at=timezone.now())


@shared_task(ignore_result=True)
def timestamp_checkpoint() -> None:
    """Ask the timestamp authorities that are due."""
    timestamp_newest(at=timezone.now())
