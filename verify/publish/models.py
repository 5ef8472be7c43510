"""What the world sees: immutable versions of a claim, which of them is current, and in what order that changed."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from verify.publish.querysets import PublicationQuerySet
from verify.publish.states import PublicationState

ANNOUNCE_LOCK = 7_310_579_300_003  # pg_advisory_xact_lock: numbering what is announced


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
        triggers = [
            pgtrigger.Trigger(
                name="each_change_is_announced",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__version__isnull=False),
                func=f"""
                    IF TG_OP = 'UPDATE' AND OLD.state = NEW.state AND OLD.version_id IS NOT DISTINCT FROM NEW.version_id
                        THEN RETURN NULL;
                    END IF;
                    -- Held until the transaction ends: whoever sees number n also sees all before it, and a rollback
                    -- leaves no hole.
                    PERFORM pg_advisory_xact_lock({ANNOUNCE_LOCK});
                    INSERT INTO verify_announcement (number, mark, claim_id, state, version_id, at)
                        SELECT coalesce(max(number), 0) + 1, gen_random_uuid(), NEW.claim_id, NEW.state,
                            NEW.version_id, NEW.changed_at FROM verify_announcement;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id}: {self.get_state_display()}"


class Announcement(models.Model):
    """One change of what is public, numbered from 1 without a hole in the order in which the world could see it.

    The database writes it when a publication changes, so that no change can go without. `mark` is drawn anew for each:
    who followed a history that was lost (a backup was restored) finds another mark under the number that they know.
    """

    number = models.BigIntegerField(primary_key=True)
    mark = models.UUIDField(default=uuid.uuid4, unique=True)
    claim = models.ForeignKey("claims.Claim", on_delete=models.PROTECT, related_name="announcements")
    state = models.CharField(max_length=12, choices=PublicationState)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="announcements")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["claim", "-number"], name="announcements_of_a_claim")]
        constraints = [
            models.CheckConstraint(condition=models.Q(number__gte=1), name="announcements_count_from_one"),
            models.CheckConstraint(
                condition=models.Q(state__in=PublicationState.values) & ~models.Q(state="unpublished"),
                name="what_is_announced_was_published",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="what_was_announced_stays", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.claim_id} {self.state}"


class Listing(models.Model):
    """What lists and searches of the public side go by: what the current version of a shown claim says, laid out.

    Nothing is decided here: listing.py derives it from the snapshot alone, and fsck derives it again. A claim that is
    not shown (unpublished, paused) has none.
    """

    publication = models.OneToOneField(
        Publication, on_delete=models.PROTECT, primary_key=True, related_name="listing"
    )
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    format = models.PositiveSmallIntegerField(help_text="of listing.py, which made it")
    retracted = models.BooleanField()
    desk = models.SlugField()
    language = models.CharField(max_length=35, help_text="BCP 47, lower case")
    verdict = models.SlugField(max_length=30, blank=True, help_text="code; empty for a retracted claim")
    case = models.UUIDField(null=True)
    sources = ArrayField(models.UUIDField(), help_text="everybody named: speakers, principals, outlets")
    speakers = ArrayField(models.UUIDField())
    topics = ArrayField(models.BigIntegerField())
    places = ArrayField(models.TextField(), help_text="ids, and folded names with those of what they lie in")
    said_from = models.DateTimeField(null=True, help_text="of the earliest assertion")
    said_until = models.DateTimeField(null=True, help_text="of the latest assertion")
    first_published_at = models.DateTimeField()
    published_at = models.DateTimeField(help_text="of this version")
    changed_at = models.DateTimeField()
    text = models.TextField(help_text="claim and headline, in which words are searched")
    words = SearchVectorField()
    summary = models.TextField(help_text="JSON: the item of the API's list, without its links")
    review = models.TextField(
        blank=True, help_text="JSON: the ClaimReview, with relative addresses; empty if none"
    )

    class Meta:
        ordering = ["-changed_at", "publication_id"]
        indexes = [
            models.Index(fields=["-changed_at", "publication_id"], name="listings_last_changed_first"),
            models.Index(fields=["-published_at", "publication_id"], name="listings_newest_first"),
            models.Index(fields=["case"], name="listings_of_a_case"),
            GinIndex(fields=["sources"], name="listings_naming_a_source"),
            GinIndex(fields=["topics"], name="listings_of_a_topic"),
            GinIndex(fields=["places"], name="listings_of_a_place"),
            GinIndex(fields=["words"], name="listings_by_words"),
            GinIndex(fields=["text"], opclasses=["gin_trgm_ops"], name="listings_by_part_of_a_word"),
        ]

    def __str__(self) -> str:
        return str(self.publication_id)


@pghistory.track()
class Methodology(models.Model):
    """How a desk says that it works: published on the methodology page, in the desk's own words.

    The points are those that Every Casualty's standards ask for. What Verify itself knows (the scale, how many must
    approve) is not repeated here.
    """

    desk = models.OneToOneField(
        "accounts.Desk", on_delete=models.PROTECT, primary_key=True, related_name="methodology"
    )
    scope = models.TextField(_("what is checked"), blank=True)
    inclusion = models.TextField(_("inclusion criteria"), blank=True)
    source_types = models.TextField(_("kinds of sources"), blank=True)
    evaluation = models.TextField(_("how sources are evaluated"), blank=True)
    corroboration = models.TextField(_("corroboration"), blank=True)
    quality_control = models.TextField(_("quality control"), blank=True)
    definitions = models.TextField(_("definitions"), blank=True)
    corrections = models.TextField(_("corrections policy"), blank=True)
    independence = models.TextField(_("who pays for it, and independence"), blank=True)
    contact = models.TextField(_("contact"), blank=True)
    offers_packages = models.BooleanField(
        _("evidence packages are public"),
        default=False,
        help_text=_("Readers may download the archived copies of a published claim with their proofs."),
    )
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.desk)
