"""What rings when something was published: nothing else of webhooks happens in that transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver

from claims.statements.models import Axis, Transition
from verify.publish.webhooks import tasks


@receiver(post_save, sender=Transition, dispatch_uid="ring-for-webhooks")
def ring(*, instance: Transition, created: bool, **_: Any) -> None:
    """Each change of what is public is a transition on this axis."""
    if created and instance.axis == Axis.PUBLICATION:
        transaction.on_commit(tasks.ring, robust=True)
