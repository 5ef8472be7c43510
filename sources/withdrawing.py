"""What was recorded by mistake is withdrawn, with who, when and why; it is never deleted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Withdrawable(models.Model):
    """A row that can be taken back. What counts, is shown and is published are the rows that stand."""

    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    withdrawn_because = models.TextField(_("reason"), blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


class WithdrawableQuerySet(models.QuerySet[Any]):
    def standing(self) -> Any:
        """Those that nobody has withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


def withdrawn_whole(name: str) -> models.CheckConstraint:
    """A constraint: who, when and why are all set or none."""
    return models.CheckConstraint(
        condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_because="")
        | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because=""),
        name=name,
    )
