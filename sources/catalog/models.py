"""Who speaks: sources, their names, whose they are, how reliable; and the documents that they publish."""

from __future__ import annotations

import uuid

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from sources.archive.models import CaptureMode
from sources.catalog.querysets import BatchQuerySet, DocumentQuerySet, SourceQuerySet
from sources.precision import Precision
from sources.withdrawing import Withdrawable, WithdrawableQuerySet, withdrawn_whole


class SourceKind(models.TextChoices):
    ORGANISATION = "organisation", _("Organisation")
    OUTLET = "outlet", _("Outlet")
    AGENCY = "agency", _("News agency")
    OFFICIAL_BODY = "official-body", _("Official body")
    PARTY = "party", _("Party to the conflict")
    PERSON = "person", _("Person")
    PROTECTED_PERSON = "protected-person", _("Protected person")


PUBLISHERS = (
    SourceKind.OUTLET,
    SourceKind.AGENCY,
    SourceKind.ORGANISATION,
    SourceKind.OFFICIAL_BODY,
    SourceKind.PARTY,
)  # who may be named as an outlet: a person publishes nothing

NAME_KEY_HELP = "the name as it is searched for: see sources.catalog.names"


@pghistory.track()
class Source(models.Model):
    """Somebody or something that says things. For a protected person `name` is the pseudonym, never the name."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="sources")
    kind = models.CharField(_("kind"), max_length=20, choices=SourceKind)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("what it is"), blank=True)
    homepage = models.URLField(_("homepage"), blank=True, max_length=500)
    is_party = models.BooleanField(_("party to the conflict"), default=False)
    key = models.TextField(editable=False, default="", help_text=NAME_KEY_HELP)
    # A duplicate keeps its row and whatever refers to it; it is read as the source that it was merged into.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="duplicates"
    )
    merged_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    merged_because = models.TextField(_("reason"), blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [GinIndex(name="source_key_trigrams", fields=["key"], opclasses=["gin_trgm_ops"])]
        constraints = [
            models.UniqueConstraint(fields=["desk", "name"], name="one_source_of_a_name_per_desk"),
            models.CheckConstraint(
                condition=models.Q(kind__in=SourceKind.values), name="source_kind_is_known"
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="a_source_has_a_name"),
            models.CheckConstraint(
                condition=~models.Q(kind="party") | models.Q(is_party=True), name="a_party_is_marked_as_one"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    merged_into__isnull=True,
                    merged_at__isnull=True,
                    merged_by__isnull=True,
                    merged_because="",
                )
                | models.Q(merged_into__isnull=False, merged_at__isnull=False, merged_by__isnull=False)
                & ~models.Q(merged_because=""),
                name="who_merged_it_when_and_why_or_nothing",
            ),
        ]
        triggers = [
            # Held flat: what a duplicate was merged into is itself nobody's duplicate, and of the same desk.
            pgtrigger.Trigger(
                name="merged_into_one_that_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("merged_into_id"),
                condition=pgtrigger.Condition("NEW.merged_into_id IS NOT NULL"),
                func="""
                    PERFORM pg_advisory_xact_lock(hashtext('sources_source.merged_into'));
                    IF NOT EXISTS (
                        SELECT FROM sources_source WHERE id = NEW.merged_into_id AND id <> NEW.id
                            AND merged_into_id IS NULL AND desk_id = NEW.desk_id
                    ) OR EXISTS (SELECT FROM sources_source WHERE merged_into_id = NEW.id) THEN
                        RAISE EXCEPTION 'A source is merged into one of its desk that is nobody''s duplicate'
                            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'merged_into_one_that_stands';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # Its history would hold the name that is to be kept secret.
            pgtrigger.Trigger(
                name="nobody_becomes_protected_afterwards",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("kind"),
                condition=pgtrigger.Condition(
                    "NEW.kind <> OLD.kind AND 'protected-person' IN (NEW.kind, OLD.kind)"
                ),
                func="""
                    RAISE EXCEPTION 'Who is protected is so from the first record on, and stays so'
                        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'nobody_becomes_protected_afterwards';
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_protected(self) -> bool:
        return self.kind == SourceKind.PROTECTED_PERSON


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Alias(models.Model):
    """Another name of a source, in any script."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=12, blank=True, help_text="BCP 47")
    key = models.TextField(editable=False, default="", help_text=NAME_KEY_HELP)

    class Meta:
        ordering = ["name"]
        indexes = [GinIndex(name="alias_key_trigrams", fields=["key"], opclasses=["gin_trgm_ops"])]
        constraints = [
            models.UniqueConstraint(fields=["source", "name"], name="one_alias_of_a_name_per_source")
        ]

    def __str__(self) -> str:
        return self.name


class AffiliationKind(models.TextChoices):
    OWNED_BY = "owned-by", _("owned by")
    PART_OF = "part-of", _("part of")
    SPEAKS_FOR = "speaks-for", _("speaks for")
    EMPLOYED_BY = "employed-by", _("employed by")
    FUNDED_BY = "funded-by", _("funded by")


@pghistory.track()
class Affiliation(Withdrawable):
    """`source` is owned by, part of, … `principal`, from–to, with what shows it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="affiliations")
    kind = models.CharField(_("relation"), max_length=12, choices=AffiliationKind)
    principal = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="affiliates", verbose_name=_("to whom")
    )
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("to"), null=True, blank=True)
    evidence = models.ForeignKey(
        "Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("evidence"),
    )
    note = models.TextField(_("note"), blank=True)

    objects = WithdrawableQuerySet.as_manager()

    class Meta:
        ordering = ["source", "kind", "valid_from"]
        constraints = [
            withdrawn_whole("affiliation_is_withdrawn_by_somebody_for_a_reason"),
            models.CheckConstraint(
                condition=~models.Q(source=models.F("principal")), name="nobody_is_affiliated_with_themselves"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="affiliation_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.get_kind_display()} {self.principal}"


class Reliability(models.TextChoices):
    """The Admiralty reliability of a source."""

    A = "A", _("A · completely reliable")
    B = "B", _("B · usually reliable")
    C = "C", _("C · fairly reliable")
    D = "D", _("D · not usually reliable")
    E = "E", _("E · unreliable")
    F = "F", _("F · cannot be judged")


class Grade(models.Model):
    """How reliable a source was judged to be, when and why. A new judgement is a new row."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="grades")
    reliability = models.CharField(_("reliability"), max_length=1, choices=Reliability)
    reason = models.TextField(_("reason"))
    graded_at = models.DateTimeField()
    graded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entry = models.OneToOneField("sources.Entry", on_delete=models.PROTECT, related_name="grade")

    class Meta:
        ordering = ["-graded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reliability__in=Reliability.values), name="reliability_is_a_to_f"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_grade_has_a_reason"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="grade_is_never_overwritten", operation=pgtrigger.Update | pgtrigger.Delete
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.reliability}"


class ProtectedIdentity(models.Model):
    """Who a protected person is, encrypted with a key that is not in the database."""

    source = models.OneToOneField(Source, on_delete=models.PROTECT, related_name="identity")
    sealed = models.BinaryField(
        help_text="version byte, 12-byte nonce, AES-256-GCM ciphertext bound to the source's id"
    )
    custodians = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    sealed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"identity of {self.source_id}"


class Document(models.Model):
    """A published item at a URL; its archived copies are its captures."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="documents")
    url = models.CharField(_("URL"), max_length=2048, help_text="ASCII, as the fetcher asks for it")
    outlet = models.ForeignKey(
        Source,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="documents",
        verbose_name=_("outlet"),
    )
    title = models.CharField(_("title"), max_length=500, blank=True)
    byline = models.CharField(_("byline"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True, help_text="BCP 47")
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_precision = models.CharField(max_length=8, choices=Precision, default=Precision.MINUTE)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="empty when it was registered at the command line",
    )
    created_at = models.DateTimeField()

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["desk", "url"], name="one_document_per_url_and_desk"),
            models.CheckConstraint(
                condition=models.Q(url__regex=r"^https?://"), name="a_document_is_on_the_web"
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.url


class Batch(models.Model):
    """A list of URLs that somebody pasted or sent as a CSV, to be registered and captured row by row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="batches")
    label = models.CharField(_("label"), max_length=200, blank=True)
    mode = models.CharField(max_length=10, choices=CaptureMode, default=CaptureMode.PAGE)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    requested_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return self.label or f"{self.requested_at:%Y-%m-%d %H:%M}"


class BatchRow(models.Model):
    """One line of a batch as it was given, and what became of it: a capture, or the reason why there is none."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(help_text="1-based, as in the list that was given")
    url = models.TextField(help_text="as typed")
    title = models.CharField(max_length=500, blank=True)
    outlet_name = models.CharField(
        max_length=200, blank=True, help_text="as typed; found among the desk's sources"
    )
    capture = models.ForeignKey(
        "sources.Capture", on_delete=models.PROTECT, null=True, blank=True, related_name="batch_rows"
    )
    refusal = models.TextField(blank=True, help_text="why it was not asked for, as a sentence")
    note = models.TextField(blank=True, help_text="what was left aside, as a sentence")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["batch", "number"]
        indexes = [
            models.Index(fields=["batch"], name="batch_rows_to_do", condition=models.Q(done_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_row_per_line_of_a_batch"),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, capture__isnull=True, refusal="")
                | models.Q(done_at__isnull=False, capture__isnull=False, refusal="")
                | models.Q(done_at__isnull=False, capture__isnull=True) & ~models.Q(refusal=""),
                name="a_row_ends_in_a_capture_or_a_refusal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.url}"
