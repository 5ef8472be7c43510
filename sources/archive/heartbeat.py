"""While a worker works on a capture, its lease is extended from beside: a long rendering is not a lost worker.

A worker that is stuck must not live for ever, so the beat ends after ARCHIVE_WORK_SECONDS; then the lease runs out and
another worker takes the capture.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connection

from sources.archive import work
from sources.archive.models import Capture

logger = logging.getLogger(__name__)


@contextmanager
def beating(capture: Capture) -> Iterator[None]:
    """Extend the lease of a capture that we hold, three times in its length, while the block runs."""
    over = Event()
    thread = Thread(target=_beat, args=(capture, over), name=f"lease of {capture.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(capture: Capture, over: Event) -> None:
    end = time.monotonic() + settings.ARCHIVE_WORK_SECONDS
    try:
        while not over.wait(settings.ARCHIVE_LEASE_SECONDS / 3) and time.monotonic() < end:
            try:
                work.extend(capture)
            except work.LeaseLost:
                return
            except DatabaseError:
                logger.warning("the lease of capture %s could not be extended", capture.pk, exc_info=True)
                connection.close()
    finally:
        connection.close()
