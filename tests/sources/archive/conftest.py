"""The demo's press site, as this test and the workers that it starts are told to find it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from verify.demo.pressroom import Pressroom, exceptions, running


@pytest.fixture
def pressroom(settings: Any) -> Iterator[Pressroom]:
    """The press site, known to the guard of this process."""
    with running() as site:
        settings.ARCHIVE_GUARD_EXCEPTIONS = exceptions(site.address)
        yield site
