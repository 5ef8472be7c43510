"""The browser of this worker process: started at the first page capture, reused, replaced when it misbehaves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from celery.signals import worker_process_shutdown
from django.conf import settings

from sources.archive.browser import Browser


@lru_cache(maxsize=1)
def browser() -> Browser | None:
    """This process's browser, or None where the settings say that there is to be none."""
    if settings.ARCHIVE_BROWSER == "none":
        return None
    return Browser(settings.ARCHIVE_BROWSER)


@worker_process_shutdown.connect
def _close(**_: Any) -> None:
    # Chromium would end with its worker process in any case, but then leaves its temporary profile behind.
    if browser.cache_info().currsize and (running := browser()) is not None:
        running.close()
