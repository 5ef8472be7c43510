"""What the workers do: one service call each, safe to run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from verify.notify import mail


# Ended before the leases of what it sends run out.
@shared_task(time_limit=int(mail.LEASE.total_seconds()) - 60)
def send_mails() -> None:
    """Send the mails that are due."""
    mail.send_due(at=timezone.now())
