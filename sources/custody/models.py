"""The rows of the transparency log. All but openings and keys are insert-only, held so by the database."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from sources.custody.body import SALT_SIZE, Body
from sources.custody.kinds import Kind
from sources.custody.merkle import HASH_SIZE
from sources.custody.note import VerifierKey
from sources.custody.tiles import MAX_ENTRY_SIZE, MAX_LEVEL, TILE_SIZE

__all__ = ["Checkpoint", "Cosignature", "Entry", "LogKey", "Opening", "Tile", "Timestamp"]


def _octets(field: str, test: str) -> Func:
    """The condition that the length of a binary column, in bytes, passes the test."""
    return Func(
        F(field), template=f"octet_length(%(expressions)s) {test}", output_field=models.BooleanField()
    )


class Entry(models.Model):
    """One leaf of the log. `body` is the truth; the columns before it repeat what lookups need, and fsck compares."""

    index = models.BigIntegerField(_("index"), primary_key=True)
    kind = models.CharField(_("kind"), max_length=64, choices=Kind.choices)
    at = models.DateTimeField(_("recorded at"))
    subject_type = models.CharField(_("subject type"), max_length=64)
    subject_id = models.CharField(_("subject id"), max_length=64)
    body = models.BinaryField(_("canonical JSON"))
    leaf_hash = models.BinaryField(_("leaf hash"))

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        ordering = ["index"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "index"], name="entry_by_subject"),
            models.Index(fields=["kind", "index"], name="entry_by_kind"),
            models.Index(fields=["leaf_hash"], name="entry_by_leaf_hash"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(index__gte=0), name="entry_index_counts_from_zero"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="entry_kind_is_known"),
            models.CheckConstraint(
                # RFC 6962 §2.1: SHA-256 of 0x00 and the entry.
                condition=Q(
                    leaf_hash=Func(
                        F("body"),
                        template=r"sha256('\x00'::bytea || %(expressions)s)",
                        output_field=models.BinaryField(),
                    )
                ),
                name="entry_leaf_hash_is_of_body",
            ),
            models.CheckConstraint(
                condition=_octets("body", f"BETWEEN 1 AND {MAX_ENTRY_SIZE}"),
                name="entry_body_fits_a_bundle",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.kind}"

    def read(self) -> Body:
        """What the entry says; `BodyError` if its bytes were tampered with."""
        return Body.decode(bytes(self.body))


class Opening(models.Model):
    """What a salted commitment in an entry commits to. Deleting it (erasure) leaves the entry provable."""

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="openings", verbose_name=_("entry")
    )
    name = models.CharField(_("name"), max_length=64)
    salt = models.BinaryField(_("salt"))
    value = models.TextField(_("canonical JSON"))

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        constraints = [
            models.UniqueConstraint(fields=["entry", "name"], name="opening_once_per_name"),
            models.CheckConstraint(
                condition=_octets("salt", f"= {SALT_SIZE}"),
                name="opening_salt_is_32_bytes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.name}"


class Tile(models.Model):
    """A full tile (c2sp.org/tlog-tiles) of 256 hashes; partial ones are made from entries and from roots here."""

    level = models.PositiveSmallIntegerField(_("level"))
    index = models.BigIntegerField(_("index"))
    hashes = models.BinaryField(_("hashes"))
    root = models.BinaryField(_("root over its hashes"))

    class Meta:
        verbose_name = _("tile")
        verbose_name_plural = _("tiles")
        constraints = [
            models.UniqueConstraint(fields=["level", "index"], name="tile_once_per_place"),
            models.CheckConstraint(condition=Q(level__lte=MAX_LEVEL, index__gte=0), name="tile_place_exists"),
            models.CheckConstraint(
                condition=_octets("hashes", f"= {TILE_SIZE}"),
                name="tile_is_full",
            ),
            models.CheckConstraint(condition=_octets("root", f"= {HASH_SIZE}"), name="tile_root_is_32_bytes"),
        ]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class LogKey(models.Model):
    """A key that signs, or has signed, checkpoints. Which keys to trust comes from the settings, never from here."""

    name = models.CharField(_("name"), max_length=255)
    verifier_key = models.CharField(_("verifier key"), max_length=512, unique=True)
    added_at = models.DateTimeField(_("added at"))
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("log key")
        verbose_name_plural = _("log keys")

    def __str__(self) -> str:
        return self.verifier_key

    def parsed(self) -> VerifierKey:
        return VerifierKey.parse(self.verifier_key)


class Checkpoint(models.Model):
    """A signed tree head. One per size: a second root for a size cannot be stored, so it is never handed out."""

    size = models.BigIntegerField(_("size"), unique=True)
    root = models.BinaryField(_("root hash"))
    note = models.TextField(_("signed note"))
    signed_at = models.DateTimeField(_("signed at"))
    key = models.ForeignKey(
        LogKey, on_delete=models.PROTECT, related_name="checkpoints", verbose_name=_("key")
    )

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering = ["-size"]
        get_latest_by = "size"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="checkpoint_signs_something"),
            models.CheckConstraint(
                condition=_octets("root", f"= {HASH_SIZE}"),
                name="checkpoint_root_is_32_bytes",
            ),
        ]

    def __str__(self) -> str:
        return str(self.size)


class Cosignature(models.Model):
    """What a witness (c2sp.org/tlog-witness) signed of a checkpoint: that this log never showed it another history.

    Only lines whose signature was verified under a key of the settings are kept. Which witnesses to trust is the
    reader's to say, by a policy; a row here is no reason to.
    """

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="cosignatures", verbose_name=_("checkpoint")
    )
    name = models.CharField(_("witness"), max_length=255)
    verifier_key = models.CharField(_("verifier key"), max_length=512)
    line = models.TextField(_("signature line"), help_text="as in a note, with its newline")
    at = models.DateTimeField(_("signed at"), help_text="by the witness's clock; under its signature")
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        ordering = ["checkpoint", "at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "verifier_key"], name="cosignature_once_per_key")
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.name}"


class Timestamp(models.Model):
    """An RFC 3161 timestamp of a checkpoint's signed note, byte for byte as the log keeps it.

    `entry` is the log's own record of the response, by its SHA-256. So each later timestamp, of whatever authority,
    is over a tree that holds this one: it shows that this one was there before its certificate ran out.
    """

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="timestamps", verbose_name=_("checkpoint")
    )
    authority = models.CharField(_("authority"), max_length=100, help_text="its name in the settings")
    query = models.BinaryField(_("query"), help_text="DER TimeStampReq")
    response = models.BinaryField(_("response"), help_text="DER TimeStampResp, whole, with its certificates")
    gen_time = models.DateTimeField(_("time"), help_text="genTime of the token")
    serial = models.CharField(_("serial number"), max_length=64, help_text="of the token, decimal")
    certificate_expires_at = models.DateTimeField(_("signing certificate expires at"))
    renews = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="renewed_by",
        verbose_name=_("made because this one runs out"),
    )
    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, related_name="timestamp", verbose_name=_("log entry")
    )
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("timestamp")
        verbose_name_plural = _("timestamps")
        ordering = ["checkpoint", "gen_time", "id"]
        indexes = [models.Index(fields=["authority", "gen_time"], name="timestamp_by_authority")]
        constraints = [
            models.CheckConstraint(
                condition=Q(certificate_expires_at__gt=F("gen_time")), name="timestamp_within_certificate"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.authority}"
