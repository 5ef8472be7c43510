"""Watches, which capture a document again and again, and what had changed when they did."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sources.archive.models.captures import Capture, CaptureMode
from sources.archive.querysets import ChangeQuerySet, WatchQuerySet

HOUR, DAY = 3600, 86_400  # seconds


class Watch(models.Model):
    """A document's re-capture schedule: from `shortest` on, ever longer while nothing changes, up to `longest`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="watches")
    document = models.OneToOneField("sources.Document", on_delete=models.PROTECT, related_name="watch")
    mode = models.CharField(max_length=10, choices=CaptureMode, default=CaptureMode.HTTP)
    shortest = models.PositiveIntegerField(_("at first every"), default=HOUR, help_text="seconds")
    longest = models.PositiveIntegerField(_("at last every"), default=7 * DAY, help_text="seconds")
    interval = models.PositiveIntegerField(default=HOUR, help_text="seconds, as it stands now")
    next_at = models.DateTimeField(help_text="when it is due")
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_paused = models.BooleanField(_("paused"), default=False)
    unreachable = models.PositiveSmallIntegerField(
        default=0, help_text="re-captures in a row that brought no page"
    )
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    objects = WatchQuerySet.as_manager()

    class Meta:
        ordering = ["next_at", "id"]
        verbose_name_plural = "watches"
        indexes = [
            models.Index(fields=["next_at"], name="watches_due", condition=models.Q(is_paused=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(shortest__gte=300, longest__gte=models.F("shortest")),
                name="a_watch_waits_at_least_five_minutes",
            ),
            models.CheckConstraint(
                condition=models.Q(interval__gte=models.F("shortest"), interval__lte=models.F("longest")),
                name="the_interval_is_within_its_bounds",
            ),
        ]

    def __str__(self) -> str:
        return f"watch of {self.document_id}"


class ChangeKind(models.TextChoices):
    NOTHING = "nothing", _("Nothing changed")
    EDITED = "edited", _("Text edited")
    QUOTE_LOST = "quote-lost", _("A quotation is altered or gone")
    GONE = "gone", _("The document is gone")
    UNREACHABLE = "unreachable", _("The document cannot be reached")
    BACK = "back", _("The document is back")


class GoneSign(models.TextChoices):
    """By what a document counts as gone."""

    STATUS = "status", _("HTTP 404 or 410")
    REDIRECT = "redirect", _("sent on to the front page")


class Change(models.Model):
    """What a re-capture shows beside the newest good capture before it. One per re-capture, made once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="changes")
    document = models.ForeignKey("sources.Document", on_delete=models.PROTECT, related_name="changes")
    before = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="changes_since")
    after = models.OneToOneField(Capture, on_delete=models.PROTECT, related_name="change")
    kind = models.CharField(max_length=12, choices=ChangeKind)
    gone_sign = models.CharField(max_length=10, choices=GoneSign, blank=True)
    # Of words; equal texts have 0 and 0. Empty when one of the captures has no text.
    words_added = models.PositiveIntegerField(null=True, blank=True)
    words_removed = models.PositiveIntegerField(null=True, blank=True)
    quotes_checked = models.PositiveIntegerField(default=0)
    quotes_lost = models.PositiveIntegerField(default=0, help_text="altered or gone")
    is_alert = models.BooleanField(default=False, help_text="somebody must look at it")
    detected_at = models.DateTimeField()
    entry = models.OneToOneField("sources.Entry", on_delete=models.PROTECT, related_name="change")
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_note = models.TextField(blank=True, help_text="what was concluded")

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-detected_at", "-id"]
        indexes = [
            models.Index(
                fields=["desk", "-detected_at"],
                name="open_alerts_of_a_desk",
                condition=models.Q(is_alert=True, seen_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=ChangeKind.values), name="change_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="gone", gone_sign__in=GoneSign.values)
                | ~models.Q(kind="gone") & models.Q(gone_sign=""),
                name="gone_means_there_is_a_sign",
            ),
            models.CheckConstraint(
                condition=~models.Q(before=models.F("after")), name="a_change_is_between_two_captures"
            ),
            models.CheckConstraint(
                condition=models.Q(quotes_lost__lte=models.F("quotes_checked")),
                name="no_more_quotes_lost_than_checked",
            ),
            models.CheckConstraint(
                condition=models.Q(seen_by__isnull=True, seen_at__isnull=True, seen_note="")
                | models.Q(seen_by__isnull=False, seen_at__isnull=False),
                name="seen_by_and_when_all_set_or_none",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.document_id}"
