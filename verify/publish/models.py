"""What the world sees: immutable versions of a claim, and which of them is current."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from verify.publish.querysets import PublicationQuerySet
from verify.publish.states import PublicationState


class VersionKind(models.TextChoices):
    PUBLISHED = "published", _("Published")
    CORRECTED = "corrected", _("Corrected")
    RETRACTED = "retracted", _("Retracted")


class Version(models.Model):
    """An immutable published snapshot of a claim: canonical JSON (RFC 8785), its digest in the log.

    The public page, ClaimReview and the API are all made from `snapshot`, so that they agree by construction.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=VersionKind, default=VersionKind.PUBLISHED)
    content_digest = models.CharField(max_length=64, help_text="what the reviewers approved")
    snapshot = models.BinaryField(help_text="canonical JSON, UTF-8")
    sha256 = models.CharField(max_length=64, help_text="of the snapshot")
    reason = models.TextField(_("public reason"), blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()
    entry = models.OneToOneField("sources.Entry", on_delete=models.PROTECT, related_name="version")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["claim", "number"], name="one_version_per_number_and_claim"),
            models.CheckConstraint(
                condition=models.Q(
                    sha256=models.Func(
                        models.Func(models.F("snapshot"), function="sha256"),
                        models.Value("hex"),
                        function="encode",
                        output_field=models.CharField(),
                    )
                ),
                name="version_has_its_own_digest",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="published") | ~models.Q(reason=""),
                name="a_correction_has_a_public_reason",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="a_version_never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="approved_by_enough_people",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("needed", "INTEGER"), ("approvals", "INTEGER")],
                func="""
                    -- Withdrawing what was published needs no new approval, whatever the desk asks for by now.
                    IF NEW.kind = 'retracted' AND EXISTS (SELECT FROM verify_version
                        WHERE claim_id = NEW.claim_id AND content_digest = NEW.content_digest) THEN
                        RETURN NEW;
                    END IF;
                    SELECT d.approvals_needed INTO needed FROM claims_claim c
                        JOIN accounts_desk d ON d.id = c.desk_id WHERE c.id = NEW.claim_id;
                    SELECT count(DISTINCT reviewer_id) INTO approvals FROM verify_review
                        WHERE claim_id = NEW.claim_id AND content_digest = NEW.content_digest AND opinion = 'approve'
                        AND kind IN ('verdict', 'sign-off', 'adjudication');
                    IF approvals < needed THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'approved_by_enough_people',
                          MESSAGE = format('Publishing needs %s approvals of its content, not %s.', needed, approvals);
                    END IF;
                    IF EXISTS (SELECT FROM verify_review WHERE claim_id = NEW.claim_id
                            AND content_digest = NEW.content_digest AND opinion = 'return'
                            AND kind IN ('source-check', 'evidence-review', 'verdict', 'sign-off'))
                        AND NOT EXISTS (SELECT FROM verify_review WHERE claim_id = NEW.claim_id
                            AND content_digest = NEW.content_digest AND opinion = 'approve' AND kind = 'adjudication')
                        THEN
                        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'a_return_is_adjudicated_first',
                          MESSAGE = 'A reviewer returned this content, and nobody has decided between the opinions.';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} v{self.number}"


class Publication(models.Model):
    """Whether a claim is public just now, and in which version."""

    claim = models.OneToOneField(
        "claims.Claim", on_delete=models.PROTECT, primary_key=True, related_name="publication"
    )
    state = models.CharField(max_length=12, choices=PublicationState, default=PublicationState.UNPUBLISHED)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField()

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "claim_id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=PublicationState.values), name="publication_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state="unpublished", version__isnull=True)
                | ~models.Q(state="unpublished") & models.Q(version__isnull=False),
                name="published_means_there_is_a_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.get_state_display()}"
