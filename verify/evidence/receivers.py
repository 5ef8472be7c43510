"""What becomes of public packages when a copy in them is erased."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from sources.archive.models import Capture
from sources.archive.signals import capture_redacted
from verify.evidence import packages


@receiver(capture_redacted, dispatch_uid="withdraw-public-packages")
def withdraw_packages(*, capture: Capture, **_: Any) -> None:
    """From the moment of the erasure no package with the copy is handed out; the sweeper deletes the file."""
    packages.erased(capture)
