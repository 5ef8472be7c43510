"""What a person is told of, in the inbox and by e-mail, and how they want to be told."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from verify.notify.querysets import NotificationQuerySet


class Kind(models.TextChoices):
    ASSIGNED = "assigned", _("A review is asked of you")
    POOL = "pool", _("A review is free to be taken")
    TAKEN_AWAY = "taken-away", _("A review was given to somebody else, or is no longer needed")
    DECLINED = "declined", _("A reviewer declined")
    OVERDUE = "overdue", _("A review is overdue")
    CONFLICT = "conflict", _("The reviewers disagree")
    APPROVED = "approved", _("A claim is approved")
    RETURNED = "returned", _("A claim came back")
    VOID = "void", _("An edit voided approvals")
    MENTION = "mention", _("Somebody mentions you")
    REPLY = "reply", _("Somebody answers in a thread of yours")
    RECHECK = "recheck", _("Something that a claim stands on has changed")
    WEBHOOK = "webhook", _("A webhook was switched off")


JUDGED = frozenset({Kind.CONFLICT, Kind.APPROVED, Kind.RETURNED, Kind.VOID})
"""Kinds that tell how a claim was judged: which of them it is, is blind while an opinion on the claim is owed."""


class Mail(models.TextChoices):
    """How a person wants to have one kind of notification by e-mail."""

    NEVER = "never", _("never")
    IMMEDIATE = "immediate", _("at once")
    DIGEST = "digest", _("in the daily digest")


class Notification(models.Model):
    """One thing told to one person. Its sentence is made when it is read, so that it never tells what became secret.

    `mail` is what the person wanted when it was made. `key` makes telling the same thing twice one notification.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    desk = models.ForeignKey("accounts.Desk", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=200)
    claim = models.ForeignKey(
        "claims.Claim", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    task = models.ForeignKey("verify.Task", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    comment = models.ForeignKey(
        "verify.Comment", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    mail = models.CharField(max_length=9, choices=Mail, default=Mail.NEVER)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    mail_after = models.DateTimeField(null=True, blank=True, help_text="not before; set after a failure")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "desk", "-created_at"], name="notifications_of_a_person"),
            models.Index(
                fields=["recipient", "desk", "-created_at"],
                condition=models.Q(read_at__isnull=True),
                name="unread_of_a_person",
            ),
            models.Index(
                fields=["mail", "created_at"],
                condition=models.Q(mailed_at__isnull=True, read_at__isnull=True) & ~models.Q(mail="never"),
                name="mails_to_be_sent",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "key"], name="one_notification_per_person_and_event"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=Kind.values), name="notification_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(mail__in=Mail.values), name="notification_mail_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Preference(models.Model):
    """How one person wants one kind of notification by e-mail; without a row, as `verify.notify.preferences` says."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    mail = models.CharField(max_length=9, choices=Mail)

    class Meta:
        ordering = ["user", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_preference_per_person_and_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="preference_kind_is_known"),
            models.CheckConstraint(condition=models.Q(mail__in=Mail.values), name="preference_mail_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_mail_display()}"


class Digest(models.Model):
    """When a person gets the daily digest, when they got the last one, and whether they want e-mail at all."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="digest"
    )
    hour = models.PositiveSmallIntegerField(_("hour of the day (UTC)"), default=6)
    sent_at = models.DateTimeField(null=True, blank=True)
    silent = models.BooleanField(_("no e-mail at all"), default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="an_hour_of_the_day"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.hour}"
