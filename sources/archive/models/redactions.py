"""Redactions: who asked for the content of a capture to be erased, on what ground, and who decided."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sources.archive.models.captures import Capture
from sources.archive.querysets import RedactionQuerySet


class Ground(models.TextChoices):
    """The legal ground; its slug is in the log for ever."""

    COURT_ORDER = "court-order", _("Order of a court or an authority")
    DATA_PROTECTION_REQUEST = "data-protection-request", _("Request under data-protection law")
    COPYRIGHT = "copyright", _("Copyright or a related right")
    SAFETY_OF_A_PERSON = "safety-of-a-person", _("Safety of a person")
    UNLAWFUL_CONTENT = "unlawful-content", _("Content that may not be kept")


class Decision(models.TextChoices):
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")


class Redaction(models.Model):
    """A request to erase what one capture holds, and what two people made of it. Never deleted.

    Other captures of the desk that hold the same body are erased by the same decision: each has a row of its own, which
    names the leading one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="redactions")
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="redactions")
    leader = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="companions",
        help_text="the request that this one is decided with; empty for that request itself",
    )
    ground = models.CharField(_("legal ground"), max_length=30, choices=Ground)
    reason = models.TextField(_("reason"), help_text="for the desk; the log has a salted digest of it")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, blank=True, help_text="empty while open")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    entry = models.OneToOneField(
        "sources.Entry",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="redaction",
        help_text="the tombstone",
    )
    blobs = ArrayField(
        models.CharField(max_length=64),
        default=list,
        blank=True,
        help_text="SHA-256 of the bytes that had to go, shared ones too",
    )
    done_at = models.DateTimeField(null=True, blank=True, help_text="when the last of the bytes was gone")

    objects = RedactionQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(
                fields=["decided_at"],
                name="redactions_not_done",
                condition=models.Q(decision="approved", done_at__isnull=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(ground__in=Ground.values), name="ground_is_known"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_redaction_has_a_reason"),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True) | ~models.Q(decided_by=models.F("asked_by")),
                name="a_redaction_takes_two_people",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | models.Q(decision__in=Decision.values, decided_by__isnull=False, decided_at__isnull=False),
                name="redaction_decided_by_and_when_all_or_none",
            ),
            models.CheckConstraint(
                condition=models.Q(entry__isnull=True) | models.Q(decision="approved"),
                name="a_tombstone_needs_approval",
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True) | models.Q(decision="approved", entry__isnull=False),
                name="erased_means_approved_and_logged",
            ),
            models.UniqueConstraint(
                fields=["capture"], condition=models.Q(decision=""), name="one_open_redaction_per_capture"
            ),
            models.UniqueConstraint(
                fields=["capture"],
                condition=models.Q(decision="approved"),
                name="a_capture_is_redacted_once",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="a_redaction_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="what_was_asked_and_decided_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (NEW.id, NEW.desk_id, NEW.capture_id, NEW.leader_id, NEW.ground, NEW.reason, NEW.asked_by_id,
                        NEW.asked_at) IS DISTINCT FROM (OLD.id, OLD.desk_id, OLD.capture_id, OLD.leader_id, OLD.ground,
                        OLD.reason, OLD.asked_by_id, OLD.asked_at)
                        OR OLD.decision <> '' AND (NEW.decision, NEW.decided_by_id, NEW.decided_at)
                            IS DISTINCT FROM (OLD.decision, OLD.decided_by_id, OLD.decided_at)
                        OR OLD.entry_id IS NOT NULL AND (NEW.entry_id, NEW.blobs)
                            IS DISTINCT FROM (OLD.entry_id, OLD.blobs)
                        OR OLD.done_at IS NOT NULL AND NEW.done_at IS DISTINCT FROM OLD.done_at THEN
                        RAISE EXCEPTION 'What was asked, decided and done of a redaction stays as it is'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"redaction of {self.capture_id}"

    @property
    def is_open(self) -> bool:
        return not self.decision
