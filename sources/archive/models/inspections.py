"""What a file says of itself, and what it looks like: read from the main body of a capture or from an upload."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sources.archive.models.captures import Capture


class ContentCredentials(models.TextChoices):
    """What became of a C2PA manifest. None of them says that a picture shows what it is said to show."""

    NONE = "none", _("none found")
    TRUSTED = "trusted", _("signature holds, signer on the trust list")
    VALID = "valid", _("signature holds, signer not on the trust list")
    INVALID = "invalid", _("does not hold")


class Inspection(models.Model):
    """Metadata of one captured file, as one version of the inspector read it. The file's own word, nobody's proof."""

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="inspections")
    inspector_version = models.CharField(max_length=60)
    # [{"group": "EXIF", "name": "DateTimeOriginal", "value": "2025:03:07 06:12:44"}, …], in the file's order.
    facts = models.JSONField(default=list)
    width = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, as shown")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, as shown")
    duration = models.FloatField(null=True, blank=True, help_text="seconds")
    taken_at = models.DateTimeField(null=True, blank=True, help_text="UTC where the file says its zone")
    taken_evidence = models.CharField(
        max_length=300, blank=True, help_text="which field said so, and its words"
    )
    latitude = models.FloatField(null=True, blank=True, help_text="degrees north, WGS 84")
    longitude = models.FloatField(null=True, blank=True, help_text="degrees east, WGS 84")
    perceptual_hash = models.BinaryField(
        null=True, blank=True, help_text="8 bytes; alike pictures differ in few bits"
    )
    credentials = models.CharField(
        max_length=10, choices=ContentCredentials, default=ContentCredentials.NONE, help_text="C2PA manifest"
    )
    manifest = models.JSONField(
        null=True, blank=True, help_text="the C2PA manifest store as read, validation included"
    )
    problem = models.TextField(blank=True, help_text="why reading stopped short, as a sentence")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["capture", "inspector_version"], name="one_inspection_per_capture_and_version"
            ),
            models.CheckConstraint(
                condition=models.Q(credentials__in=ContentCredentials.values), name="credentials_are_known"
            ),
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="a_position_is_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(perceptual_hash__isnull=True)
                | models.Q(
                    models.lookups.Exact(
                        models.Func(
                            models.F("perceptual_hash"),
                            function="octet_length",
                            output_field=models.IntegerField(),
                        ),
                        8,
                    )
                ),
                name="a_perceptual_hash_is_8_bytes",
            ),
        ]
        triggers = [pgtrigger.Protect(name="inspection_never_changes", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"inspection of {self.capture_id}"
