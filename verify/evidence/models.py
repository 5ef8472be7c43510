"""Evidence packages that the world may download: made once for each published version, by a worker."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from verify.publish.models import Version


class PackageState(models.TextChoices):
    QUEUED = "queued", _("waits to be made")
    READY = "ready", _("ready")
    FAILED = "failed", _("could not be made")


class PublicPackage(models.Model):
    """The evidence package of one version of a claim whose desk offers packages. A worker makes it under a lease.

    It is made anew when something in it was erased, or when the version is not the current one any more it is removed.
    """

    version = models.OneToOneField(
        Version, on_delete=models.PROTECT, primary_key=True, related_name="public_package"
    )
    state = models.CharField(max_length=6, choices=PackageState, default=PackageState.QUEUED)
    blob = models.ForeignKey(
        "sources.Blob",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the file; while the package is not ready, one that is to be deleted",
    )
    captures = ArrayField(
        models.UUIDField(), default=list, blank=True, help_text="of which the file holds copies or texts"
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=PackageState.values), name="package_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="ready", blob__isnull=False, made_at__isnull=False)
                | ~models.Q(state="ready") & models.Q(made_at__isnull=True),
                name="a_package_is_there_when_it_is_ready",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.state}"
