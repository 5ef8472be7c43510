"""Who changes a row, and why: what the triggers that write the history of rows are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pghistory

from verify.accounts.models import User


@contextmanager
def acting(*, by: User, at: datetime, why: str = "") -> Iterator[None]:
    """Every change of a tracked row inside is on record as made by `by` at `at` (UTC), for the reason `why`."""
    with pghistory.context(by=str(by.pk), at=at.isoformat(), why=why):
        yield
