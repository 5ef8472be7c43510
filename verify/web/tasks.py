"""What the workbench does by the clock."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from verify.web.keeping import sweep_drafts as sweep


@shared_task
def sweep_drafts() -> int:
    """Forget drafts that nobody has touched for a month."""
    return sweep(at=timezone.now())
