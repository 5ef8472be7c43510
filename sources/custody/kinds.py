"""The kinds of log entries: the acts that matter for proof. A slug never changes its meaning once logged."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    CAPTURE_ARCHIVED = "capture-archived", _("capture archived")
    CAPTURE_FAILED = "capture-failed", _("capture failed")
    UPLOAD_RECEIVED = "upload-received", _("upload received")
    CAPTURE_RECHECKED = "capture-rechecked", _("capture re-checked")
    PROTECTED_VIEWED = "protected-viewed", _("evidence viewed under protection")
    IDENTITY_SEALED = "identity-sealed", _("identity sealed anew")
    CUSTODIAN_CHANGED = "custodian-changed", _("custodian added or removed")
    EVIDENCE_EXPORTED = "evidence-exported", _("exported")
    CONTENT_REDACTED = "content-redacted", _("redacted")
    ANCHOR_MADE = "anchor-made", _("anchor made")
    SOURCE_GRADED = "source-graded", _("source graded")
    VERDICT_APPROVED = "verdict-approved", _("verdict approved")
    VERSION_PUBLISHED = "version-published", _("version published")
    VERSION_CORRECTED = "version-corrected", _("corrected")
    VERSION_RETRACTED = "version-retracted", _("retracted")
    KEY_ROTATED = "key-rotated", _("key rotated")
    CHECKPOINT_TIMESTAMPED = "checkpoint-timestamped", _("checkpoint timestamped")
