"""Webhooks and deliveries by adjective."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from verify.accounts.models import Role
from verify.accounts.rules import desks_of

if TYPE_CHECKING:
    from verify.publish.webhooks.models import Delivery, Webhook  # noqa: F401


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: Any, role: Role = Role.VIEWER) -> WebhookQuerySet:
        """Those of the person's desks (where they have `role` or a higher one) that were not removed."""
        return self.filter(desk__in=desks_of(user, role)).exclude(state="removed")

    def active(self) -> WebhookQuerySet:
        return self.filter(state="active")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: Any) -> DeliveryQuerySet:
        """Those of webhooks that the person may see."""
        return self.filter(webhook__desk__in=desks_of(user)).exclude(webhook__state="removed")

    def held(self, at: datetime) -> DeliveryQuerySet:
        """Those that a worker is sending."""
        return self.filter(state="queued", leased_until__gt=at)

    def free(self, at: datetime) -> DeliveryQuerySet:
        """Those that wait and that no worker holds (any more)."""
        return self.filter(Q(leased_until=None) | Q(leased_until__lte=at), state="queued")

    def due(self, at: datetime) -> DeliveryQuerySet:
        """Those to be sent now: of active webhooks of which nothing is being sent."""
        busy = self.model._default_manager.filter(
            webhook=OuterRef("webhook"), state="queued", leased_until__gt=at
        )
        return self.free(at).filter(~Exists(busy), next_at__lte=at, webhook__state="active")

    def undelivered(self) -> DeliveryQuerySet:
        """Those that ended without having arrived and that no replay has brought, or is about to bring, since."""
        again = self.model._default_manager.filter(
            replay_of=OuterRef("pk"), state__in=["queued", "delivered"]
        )
        return self.filter(
            ~Exists(again), state__in=["failed", "dropped"], announcement__isnull=False, replay_of=None
        )
