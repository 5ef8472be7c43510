"""Re-captures for tests: copies of one document as if they had been fetched one after the other, and compared."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sources.archive.comparing import compare
from sources.archive.models import Capture, Change
from tests.cast import T0


def fetched(capture: Any, *, hours: int, status: int = 200) -> Any:
    """The uploaded `capture` as if it had come from the web, so many hours after T0."""
    at = T0 + timedelta(hours=hours)
    Capture.objects.filter(pk=capture.pk).update(
        kind="url", final_url=capture.url, http_status=status, requested_at=at, started_at=at, finished_at=at
    )
    capture.refresh_from_db()
    return capture


def recaptured(make_capture: Any, before: Any, content: str, *, hours: int = 1, status: int = 200) -> Change:
    """What another copy of the document of `before` shows, which reads `content`."""
    after = fetched(make_capture(content, before.document), hours=hours, status=status)
    change = compare(capture_id=after.pk, at=after.finished_at)
    assert change is not None
    return change
