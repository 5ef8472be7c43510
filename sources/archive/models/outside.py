"""Copies in archives of others: mementos that exist already, and independent copies that we ask for."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class OutsideWork(models.TextChoices):
    LOOK_UP = "look-up", _("Look for mementos")
    COPY = "copy", _("Ask for an independent copy")


class OutsideState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    WORKING = "working", _("Working")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class OutsideRequest(models.Model):
    """One question to one outside archive about one document: which mementos are there, or: make a copy."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(
        "sources.Document", on_delete=models.PROTECT, related_name="outside_requests"
    )
    work = models.CharField(max_length=10, choices=OutsideWork)
    service = models.CharField(max_length=100, help_text="the service's name in the settings")
    url = models.TextField(help_text="the original's, as it was asked about")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=OutsideState, default=OutsideState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    found = models.PositiveIntegerField(default=0, help_text="mementos, new ones or not")
    detail = models.TextField(blank=True, help_text="what came of it, as a sentence")

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(
                fields=["requested_at"],
                name="outside_requests_at_work",
                condition=models.Q(state__in=["queued", "working"]),
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(work__in=OutsideWork.values), name="outside_work_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OutsideState.values), name="outside_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="working", lease_token__isnull=False, lease_until__isnull=False)
                | ~models.Q(state="working") & models.Q(lease_token__isnull=True, lease_until__isnull=True),
                name="outside_working_means_leased",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "failed"], finished_at__isnull=False)
                | models.Q(state__in=["queued", "working"], finished_at__isnull=True),
                name="outside_finished_means_when",
            ),
            models.UniqueConstraint(
                fields=["document", "work", "service"],
                condition=models.Q(state__in=["queued", "working"]),
                name="one_outside_request_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_work_display()}: {self.service}"


class Memento(models.Model):
    """A copy of a document's URL in somebody else's archive (RFC 7089). Its existence is their word, not ours."""

    document = models.ForeignKey("sources.Document", on_delete=models.PROTECT, related_name="mementos")
    request = models.ForeignKey(OutsideRequest, on_delete=models.PROTECT, related_name="mementos")
    service = models.CharField(max_length=100)
    url = models.TextField(help_text="URI-M")
    at = models.DateTimeField(help_text="Memento-Datetime, as the archive says it")
    is_ours = models.BooleanField(default=False, help_text="made because we asked for it")
    found_at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "url"], name="one_memento_per_document_and_address"),
            models.CheckConstraint(
                condition=models.Q(url__regex=r"^https?://"), name="a_memento_is_on_the_web"
            ),
        ]

    def __str__(self) -> str:
        return self.url
