"""What the workers do: one service call each, safe to run twice. The broker is only a doorbell."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

logger = logging.getLogger(__name__)


@shared_task(time_limit=120)
def tell() -> None:
    """Make the deliveries that webhooks lack, and send what is due."""
    from verify.publish.webhooks import fanning, sending

    fanning.fan_out(at=timezone.now())
    sending.send_due()


@shared_task
def prune() -> None:
    """Forget old attempts."""
    from verify.publish.webhooks import sending

    sending.prune(at=timezone.now())


def ring() -> None:
    """Tell the workers that there is something to tell. A broker that is down costs time and no delivery."""
    try:
        tell.apply_async(retry=False)
    except Exception:  # whatever the broker's client raises; the sweeper comes anyway
        logger.warning("the broker does not answer; webhooks wait for the sweeper", exc_info=True)
