"""Captures by adjective."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from sources.archive.states import CaptureState
from verify.accounts.rules import desks_of

if TYPE_CHECKING:
    from sources.archive.models import Capture  # noqa: F401


class CaptureQuerySet(models.QuerySet["Capture"]):
    def visible_to(self, user: Any) -> CaptureQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def unfinished(self) -> CaptureQuerySet:
        return self.filter(state__in=[CaptureState.QUEUED, CaptureState.FETCHING])

    def takeable(self, at: datetime) -> CaptureQuerySet:
        """Queued, or held by a worker whose lease has run out at `at`."""
        return self.filter(Q(state=CaptureState.QUEUED) | Q(state=CaptureState.FETCHING, lease_until__lt=at))
