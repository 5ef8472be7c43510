"""Notifications by adjective."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from verify.accounts.rules import desks_of

if TYPE_CHECKING:
    from verify.notify.models import Notification  # noqa: F401


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: Any) -> NotificationQuerySet:
        """The person's own, of the desks that they still belong to."""
        return self.filter(recipient=user.pk, desk__in=desks_of(user))

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at__isnull=True)
