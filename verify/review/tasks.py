"""What the workers do for the review desk, every minute: one service call each, safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from verify.review import escalation, rechecks


@shared_task
def raise_rechecks() -> int:
    """Ask for a re-check of every decided claim under which something has changed."""
    return rechecks.raise_rechecks(timezone.now())


@shared_task
def escalate() -> int:
    """Tell the editors of what is overdue."""
    return escalation.escalate(timezone.now())
