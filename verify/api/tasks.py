"""What the API does by the clock."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from verify.api.repeating import forget


@shared_task
def forget_answers() -> int:
    """Forget what repeated writes would have been answered a day ago; how many."""
    return forget(at=timezone.now())
