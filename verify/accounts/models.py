"""Users, desks and memberships. Everything above may point here; nothing here knows what is above."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who signs in. The UUID is what leaves the installation; the name never enters the log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_name = models.CharField(_("display name"), max_length=150, blank=True)

    class Meta(AbstractUser.Meta):
        pass

    def __str__(self) -> str:
        return self.display_name or self.username


class Desk(models.Model):
    """A fact-check desk. What belongs to it is seen by its members only; what it publishes is public."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(_("slug"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    approvals_needed = models.PositiveSmallIntegerField(
        _("approvals needed"),
        default=1,
        help_text=_("How many reviewers must approve the same content before it is published."),
    )
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="desks")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approvals_needed__gte=1), name="a_desk_needs_at_least_one_approval"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do at a desk. Each role may do what those before it may."""

    VIEWER = "viewer", _("Viewer")
    CHECKER = "checker", _("Checker")
    EDITOR = "editor", _("Editor")
    ADMIN = "admin", _("Administrator")

    @property
    def rank(self) -> int:
        """Position in the order viewer < checker < editor < admin."""
        return list(Role).index(self)

    @classmethod
    def at_least(cls, role: Role) -> list[Role]:
        """The roles that include `role`."""
        return [r for r in cls if r.rank >= role.rank]


class Membership(models.Model):
    """One person's role at one desk."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)

    class Meta:
        ordering = ["desk__name", "user__username"]
        constraints = [
            models.UniqueConstraint(fields=["user", "desk"], name="one_role_per_person_and_desk"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.desk} · {self.get_role_display()}"
