"""Tokens of API consumers, and what keeps a repeated write from being done twice."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a token may do; never more than its owner may."""

    READ = "read", _("read what the desk sees")
    CAPTURE = "capture", _("ask for captures")
    WRITE = "write", _("register and change sources, documents, cases, claims and what is said of them")
    REVIEW = "review", _("propose verdicts, ask for reviews and give them")
    PUBLISH = "publish", _("publish, pause, correct and retract")
    WEBHOOKS = "webhooks", _("manage webhooks")


class Token(models.Model):
    """A bearer token. Shown once when it is made; kept only as the SHA-256 of its 256 random bits."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    sha256 = models.CharField(max_length=64, unique=True)
    hint = models.CharField(
        max_length=12, blank=True, help_text="how the secret begins, to tell tokens apart"
    )
    desk = models.ForeignKey(
        "accounts.Desk",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tokens",
        verbose_name=_("desk"),
        help_text=_("If one is named, the token reaches nothing of the owner's other desks."),
    )
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="to the minute")
    requests_per_minute = models.PositiveIntegerField(
        _("requests a minute"),
        null=True,
        blank=True,
        help_text=_("Empty: as the installation's settings say."),
    )

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Answered(models.Model):
    """What a write under an `Idempotency-Key` was answered, so that its repetition is answered the same.

    The row is made in the transaction of the write itself: there is one if and only if the write was done. `request`
    is the SHA-256 of method, path and body.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(
        null=True, help_text="null only inside the transaction that does it"
    )
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["at"], name="answers_by_age")]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_answer_per_key_and_user"),
        ]

    def __str__(self) -> str:
        return self.key
