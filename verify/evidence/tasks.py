"""What the workers do: one service call each, ids only, safe to run twice."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from verify.evidence import packages


# Ended before its lease runs out.
@shared_task(time_limit=int(packages.LEASE.total_seconds()) - 60)
def make_package(version_id: str) -> None:
    """Make the public package of one version, unless somebody else has it or it is done."""
    packages.make(version_id=UUID(version_id), at=timezone.now())


@shared_task
def sweep_packages() -> None:
    """Remove the public packages that may not stay, and ring for those that are to be made."""
    for pk in packages.sweep(at=timezone.now()):
        make_package.delay(str(pk))
