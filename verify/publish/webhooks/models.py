"""Who is told at once of what changes in public, and how each telling went."""

from __future__ import annotations

import uuid

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from verify.publish.models import Announcement
from verify.publish.webhooks.querysets import DeliveryQuerySet, WebhookQuerySet


class Event(models.TextChoices):
    """What a consumer can be told of: the states that a publication can come to, by the name of the coming."""

    PUBLISHED = "published", _("published, or shown again after a pause")
    CORRECTED = "corrected", _("corrected")
    PAUSED = "paused", _("paused")
    RETRACTED = "retracted", _("retracted")


class WebhookState(models.TextChoices):
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("switched off")
    DISABLED = "disabled", _("switched off after failing for days")
    REMOVED = "removed", _("removed")


@pghistory.track(exclude=["position", "secret", "former_secret", "failing_since"])
class Webhook(models.Model):
    """An address of a consumer that is sent each announcement of the chosen events, signed.

    `position` is the number of the last announcement of which deliveries were made: it moves in the transaction that
    makes them, so that each is made once, whatever crashes. Secrets are sealed (AES-256-GCM) with a key outside the
    database; a former one signs too until `former_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="webhooks")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="webhooks")
    name = models.CharField(_("name"), max_length=100)
    url = models.CharField(_("address"), max_length=2048)
    told_of = ArrayField(models.CharField(max_length=10, choices=Event), verbose_name=_("events"))
    all_desks = models.BooleanField(
        _("also what other desks of this site publish"),
        default=False,
        help_text=_("Otherwise only this desk's."),
    )
    secret = models.TextField(help_text="sealed")
    former_secret = models.TextField(blank=True, help_text="sealed")
    former_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=WebhookState, default=WebhookState.ACTIVE)
    position = models.BigIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=WebhookState.values), name="webhook_state_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(told_of=[]), name="a_webhook_is_told_of_something"),
            models.CheckConstraint(condition=~models.Q(secret=""), name="a_webhook_has_a_secret"),
            models.CheckConstraint(
                condition=models.Q(former_secret="", former_until__isnull=True)
                | ~models.Q(former_secret="") & models.Q(former_until__isnull=False),
                name="a_former_secret_ends",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def told_of_words(self) -> list[str]:
        """The chosen events in the reader's language."""
        return [str(Event(event).label) for event in self.told_of]


class DeliveryState(models.TextChoices):
    QUEUED = "queued", _("waits")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("given up")
    DROPPED = "dropped", _("not sent: the webhook was switched off")


class Delivery(models.Model):
    """One announcement for one webhook, sent at least once; or a test, or the replay of an earlier one.

    Its id goes along as `webhook-id`, the same at each attempt, so that a receiver can tell what came twice. A worker
    that sends it holds it until `leased_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries")
    announcement = models.ForeignKey(
        Announcement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="null: a test",
    )
    replay_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replays"
    )
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.QUEUED)
    attempts_made = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True, help_text="not before; null when finished")
    leased_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["webhook", "-created_at", "-id"], name="deliveries_of_a_webhook"),
            models.Index(fields=["next_at"], condition=models.Q(state="queued"), name="deliveries_that_wait"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["webhook", "announcement"],
                condition=models.Q(replay_of__isnull=True),
                name="one_delivery_per_webhook_and_announcement",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=DeliveryState.values), name="delivery_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="queued", next_at__isnull=False, finished_at__isnull=True)
                | ~models.Q(state="queued") & models.Q(next_at__isnull=True, finished_at__isnull=False),
                name="a_delivery_waits_or_is_finished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id}: {self.announcement_id} {self.state}"


class Attempt(models.Model):
    """One try to send a delivery. `answer` is the beginning of what the receiver said (1,000 code points)."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    seconds = models.FloatField(help_text="until the answer, or until it was given up")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(
        max_length=20, blank=True, help_text="a FailureCode of the fetcher; empty: it answered"
    )
    detail = models.TextField(blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["delivery", "number"], name="one_attempt_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.number}: {self.status or self.problem}"
