"""The rows of what files say of themselves."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sources.archive.inspected import Inspected
from sources.archive.models import Capture, Inspection

_FIELDS = "facts width height duration taken_at taken_evidence latitude longitude credentials manifest problem".split()


def keep_inspection(capture: Capture, inspected: Inspected | None, *, at: datetime) -> Inspection | None:
    """Keep the findings beside their capture, in the caller's transaction."""
    if inspected is None:
        return None
    values = {name: getattr(inspected, name) for name in _FIELDS}
    return Inspection.objects.create(
        capture=capture,
        inspector_version=inspected.version,
        perceptual_hash=inspected.perceptual_hash or None,
        created_at=at,
        **values,
    )


def inspection_facts(inspected: Inspected | None) -> dict[str, str]:
    """What the log entry of the capture says of the findings: their digest."""
    if inspected is None:
        return {}
    return {"inspection_sha256": hashlib.sha256(inspected.document()).hexdigest()}


def digest_of(inspection: Inspection) -> str:
    """The digest of a row's findings, re-derived: equal to the log entry's unless somebody touched the row."""
    values: dict[str, Any] = {name: getattr(inspection, name) for name in _FIELDS}
    inspected = Inspected(
        **values,
        perceptual_hash=bytes(inspection.perceptual_hash or b""),
        version=inspection.inspector_version,
    )
    return hashlib.sha256(inspected.document()).hexdigest()
