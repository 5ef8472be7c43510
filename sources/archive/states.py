"""The states of a capture and the moves between them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class CaptureState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    FETCHING = "fetching", _("Fetching")
    ARCHIVED = "archived", _("Archived")
    FAILED = "failed", _("Failed")
    REDACTED = "redacted", _("Redacted")


class Waiting(models.TextChoices):
    """What a queued capture waits for until its `not_before`; stands in its `progress`."""

    TURN = "waiting for its turn at this host", _("Waiting for its turn at this host")
    RETRY = "waiting to try again", _("Waiting to try again")


TRANSITIONS: dict[CaptureState, frozenset[CaptureState]] = {
    # From fetching back to queued: the failure may pass, or the lease ran out, so the worker is taken for dead.
    CaptureState.QUEUED: frozenset({CaptureState.FETCHING, CaptureState.FAILED}),
    CaptureState.FETCHING: frozenset({CaptureState.ARCHIVED, CaptureState.FAILED, CaptureState.QUEUED}),
    CaptureState.ARCHIVED: frozenset({CaptureState.REDACTED}),
    CaptureState.FAILED: frozenset(),  # a retry is a capture of its own
    CaptureState.REDACTED: frozenset(),
}
