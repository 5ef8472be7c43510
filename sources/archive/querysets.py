"""Captures, watches and changes by adjective."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from sources.archive.states import CaptureState
from verify.accounts.rules import desks_of

if TYPE_CHECKING:
    from sources.archive.models import Capture, Change, Redaction, Watch  # noqa: F401


class CaptureQuerySet(models.QuerySet["Capture"]):
    def visible_to(self, user: Any) -> CaptureQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def unfinished(self) -> CaptureQuerySet:
        return self.filter(state__in=[CaptureState.QUEUED, CaptureState.FETCHING])

    def takeable(self, at: datetime) -> CaptureQuerySet:
        """Queued and due, or held by a worker whose lease has run out at `at`."""
        waiting = Q(state=CaptureState.QUEUED) & (Q(not_before__isnull=True) | Q(not_before__lte=at))
        return self.filter(waiting | Q(state=CaptureState.FETCHING, lease_until__lt=at))


class WatchQuerySet(models.QuerySet["Watch"]):
    def visible_to(self, user: Any) -> WatchQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def running(self, at: datetime) -> WatchQuerySet:
        """Neither paused nor at its end."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), is_paused=False)

    def due(self, at: datetime) -> WatchQuerySet:
        """Running, and its time has come."""
        return self.running(at).filter(next_at__lte=at)


class ChangeQuerySet(models.QuerySet["Change"]):
    def visible_to(self, user: Any) -> ChangeQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def open_alerts(self) -> ChangeQuerySet:
        """What somebody must look at and nobody has."""
        return self.filter(is_alert=True, seen_at__isnull=True)


class RedactionQuerySet(models.QuerySet["Redaction"]):
    def visible_to(self, user: Any) -> RedactionQuerySet:
        """Those of the desks that `user` belongs to."""
        return self.filter(desk__in=desks_of(user))

    def leading(self) -> RedactionQuerySet:
        """Requests as they were made: without the rows of the other captures that each covers."""
        return self.filter(leader__isnull=True)

    def unfinished(self) -> RedactionQuerySet:
        """Approved, and some of the bytes may still be there."""
        return self.filter(decision="approved", done_at__isnull=True)
