"""A log of its own for each test: a key, a memory of the signer, and a way to append."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from sources.custody.kinds import Kind
from sources.custody.note import Signer
from sources.custody.services import Act, Subject, record_many

AT = datetime(2025, 3, 9, 10, 11, 12, 123456, tzinfo=UTC)
ORIGIN = "verify.example/log"


@pytest.fixture
def signer(settings, tmp_path):
    """The log's key, in the settings too."""
    seed = base64.b64encode(bytes(range(32))).decode()
    settings.LOG_ORIGIN, settings.LOG_SIGNING_KEY, settings.LOG_RETIRED_KEYS = ORIGIN, seed, []
    settings.LOG_NEXT_SIGNING_KEY = ""
    settings.LOG_STATE_FILE = str(tmp_path / "signer" / "state.json")
    return Signer.from_base64(ORIGIN, seed)


@pytest.fixture
def append(signer, db):
    """Append so many entries, as one transaction."""

    def append(count=1, *, kind=Kind.CAPTURE_ARCHIVED, by=None, commitments=None):
        acts = [
            Act(
                kind,
                Subject("capture", f"c{n}"),
                {"sha256": "ab" * 32, "bytes": n},
                by,
                at(n),
                commitments or {},
            )
            for n in range(count)
        ]
        with transaction.atomic():
            return record_many(acts)

    return append


def at(seconds=0):
    return AT + timedelta(seconds=seconds)
