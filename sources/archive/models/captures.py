"""Captures, the attempts at them, the exchanges in them, the blobs they are kept in and the texts made from them."""

from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sources.archive.erasing import only_erased
from sources.archive.exchange import FailureCode, Truncation
from sources.archive.querysets import CaptureQuerySet
from sources.archive.states import CaptureState

SHA256_HEX = RegexValidator(r"^[0-9a-f]{64}\Z")


class Blob(models.Model):
    """Bytes in the blob storage, named by what they are: the lower-case hex SHA-256 of the content."""

    sha256 = models.CharField(max_length=64, primary_key=True, validators=[SHA256_HEX])
    size = models.BigIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=127)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="blob_name_is_a_sha256"
            ),
            models.CheckConstraint(condition=models.Q(size__gte=0), name="blob_size_is_not_negative"),
        ]
        triggers = [pgtrigger.Protect(name="blob_never_changes", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        """Where the bytes lie in the storage: ``ab/cd/abcd…``."""
        return f"{self.sha256[:2]}/{self.sha256[2:4]}/{self.sha256}"


class CaptureKind(models.TextChoices):
    URL = "url", _("Fetched from the web")
    UPLOAD = "upload", _("Uploaded file")


class CaptureMode(models.TextChoices):
    HTTP = "http", _("Plain: the response as it was sent")
    PAGE = "page", _("Page: rendered in a browser")


class Capture(models.Model):
    """One attempt to archive one URL at one time, or one uploaded file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="captures")
    # The catalog is above the archive; the archive never imports it and works without a document.
    document = models.ForeignKey(
        "sources.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="captures"
    )
    retry_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="retries"
    )
    watch = models.ForeignKey(
        "sources.Watch", on_delete=models.PROTECT, null=True, blank=True, related_name="captures"
    )

    kind = models.CharField(max_length=10, choices=CaptureKind, default=CaptureKind.URL)
    mode = models.CharField(max_length=10, choices=CaptureMode, default=CaptureMode.HTTP)
    url = models.TextField(help_text="as asked for; for an upload, where the file is said to come from")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="captures"
    )
    requested_at = models.DateTimeField()
    host = models.CharField(max_length=300, blank=True, help_text="host:port of `url`; empty for an upload")
    filename = models.CharField(max_length=255, blank=True, help_text="of an upload, as its sender called it")

    state = models.CharField(max_length=10, choices=CaptureState, default=CaptureState.QUEUED)
    progress = models.CharField(max_length=100, blank=True, help_text="what the worker is doing just now")
    failure_code = models.CharField(
        max_length=30, choices=[(c.value, c.value) for c in FailureCode], blank=True
    )
    failure_detail = models.TextField(blank=True, help_text="the reason as a sentence")

    # The lease: a worker that holds it writes; one whose lease has run out finds its token replaced and writes nothing.
    attempt = models.PositiveSmallIntegerField(default=0, help_text="how often a worker took it")
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="while queued: no worker takes it before this"
    )
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    final_url = models.TextField(blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    declared_type = models.CharField(
        max_length=255, blank=True, help_text="Content-Type as the server sent it"
    )
    media_type = models.CharField(max_length=127, blank=True, help_text="as the bytes show")
    truncated = models.CharField(max_length=12, choices=[(t.value, t.value) for t in Truncation], blank=True)
    degraded = models.BooleanField(default=False, help_text="a page was asked for and no browser was there")
    notes = models.JSONField(
        default=list, blank=True, help_text="sentences on what a reader of this capture must know"
    )

    body = models.ForeignKey(
        Blob,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="the decoded main body",
    )
    package = models.ForeignKey(
        Blob, on_delete=models.PROTECT, null=True, blank=True, related_name="+", help_text="the WACZ"
    )
    datapackage_sha256 = models.CharField(
        max_length=64, blank=True, help_text="what the log entry commits to"
    )
    entry = models.OneToOneField(
        "sources.Entry", on_delete=models.PROTECT, null=True, blank=True, related_name="capture"
    )

    objects = CaptureQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            models.Index(fields=["desk", "-requested_at"], name="captures_of_a_desk"),
            models.Index(
                fields=["host"],
                name="captures_under_way_by_host",
                condition=models.Q(state="fetching"),
            ),
            models.Index(
                fields=["lease_until"],
                name="captures_at_work",
                condition=models.Q(state__in=["queued", "fetching"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=CaptureState.values), name="capture_state_is_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["archived", "redacted"])
                | models.Q(
                    entry__isnull=False,
                    finished_at__isnull=False,
                    datapackage_sha256__regex=r"^[0-9a-f]{64}$",
                ),
                name="archived_means_logged_and_packaged",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="archived") | models.Q(package__isnull=False),
                name="archived_means_the_package_is_there",
            ),
            models.CheckConstraint(
                condition=models.Q(state="failed", finished_at__isnull=False) & ~models.Q(failure_code="")
                | ~models.Q(state="failed") & models.Q(failure_code=""),
                name="failed_means_there_is_a_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(not_before__isnull=True) | models.Q(state="queued"),
                name="only_what_is_queued_waits",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="failed") | models.Q(entry__isnull=False),
                name="failed_means_logged",
            ),
            models.CheckConstraint(
                condition=models.Q(state="fetching", lease_token__isnull=False, lease_until__isnull=False)
                | ~models.Q(state="fetching") & models.Q(lease_token__isnull=True, lease_until__isnull=True),
                name="fetching_means_leased",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.url} ({self.get_state_display()})"

    @property
    def is_finished(self) -> bool:
        return self.state in (CaptureState.ARCHIVED, CaptureState.FAILED, CaptureState.REDACTED)


class Attempt(models.Model):
    """One try at a capture that brought no page: why, and when the next one was to be, if any."""

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(help_text="the capture's `attempt` at that time")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    failure_code = models.CharField(max_length=30, choices=[(c.value, c.value) for c in FailureCode])
    failure_detail = models.TextField(blank=True, help_text="the reason as a sentence")
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["capture", "number"]
        constraints = [
            models.UniqueConstraint(fields=["capture", "number"], name="one_outcome_per_attempt"),
            models.CheckConstraint(
                condition=models.Q(failure_code__in=[c.value for c in FailureCode]),
                name="attempt_failed_for_a_known_reason",
            ),
        ]
        triggers = [only_erased(name="attempt_never_changes", empty={"failure_detail": "= ''"})]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.failure_code}"


class Exchange(models.Model):
    """One request and its response in a capture; the wire bytes lie in the capture's package."""

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="exchanges")
    position = models.PositiveIntegerField(help_text="0-based, in the order of the requests")
    is_main = models.BooleanField(
        default=False, help_text="a hop of the document itself, not of a subresource"
    )
    url = models.TextField()
    method = models.CharField(max_length=16)
    status = models.PositiveSmallIntegerField()
    media_type = models.CharField(max_length=255, blank=True)
    started_at = models.DateTimeField()
    peer_address = models.GenericIPAddressField()
    peer_port = models.PositiveIntegerField()
    tls_version = models.CharField(max_length=16, blank=True)
    tls_verified = models.BooleanField(default=False)
    guard_exception = models.CharField(max_length=255, blank=True)
    wire_size = models.BigIntegerField(help_text="bytes of the response as received")
    wire_sha256 = models.CharField(
        max_length=64, help_text="of the body as received, transfer coding included"
    )
    entity_sha256 = models.CharField(max_length=64, help_text="of the body without its transfer coding")
    decoded_sha256 = models.CharField(max_length=64, help_text="of the body without its content coding")
    truncated = models.CharField(max_length=12, choices=[(t.value, t.value) for t in Truncation], blank=True)

    class Meta:
        ordering = ["capture", "position"]
        constraints = [
            models.UniqueConstraint(fields=["capture", "position"], name="one_exchange_per_position"),
        ]
        triggers = [
            only_erased(
                name="exchange_never_changes",
                empty={"url": "= ''", "media_type": "= ''", "guard_exception": "= ''"},
            )
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.url} → {self.status}"


class RenditionKind(models.TextChoices):
    SCREENSHOT = "screenshot", _("Screenshot")
    THUMBNAIL = "thumbnail", _("Thumbnail")
    DOM = "dom", _("Rendered DOM")
    PDF = "pdf", _("PDF")
    LAYOUT = "layout", _("Where the words stand on the screenshot")


class Rendition(models.Model):
    """What was made while the page was captured; the same bytes are a resource record in its WARC."""

    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="renditions")
    kind = models.CharField(max_length=12, choices=RenditionKind)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    media_type = models.CharField(max_length=127)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["capture", "kind"], name="one_rendition_of_a_kind_per_capture"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.capture_id}"


# The columns of a text that hold what was read, and are empty once it is erased.
_WORDS = (
    "content",
    "title",
    "byline",
    "site_name",
    "language_evidence",
    "published_precision",
    "published_evidence",
)


class Text(models.Model):
    """What an extractor, in one version, read out of one capture. Anchors count code points of exactly this text."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="texts")
    extractor = models.CharField(max_length=60)
    extractor_version = models.CharField(max_length=60)
    content = models.TextField()
    sha256 = models.CharField(max_length=64, help_text="of the content in UTF-8")
    fingerprint = models.BinaryField(null=True, blank=True, help_text="finds near-identical texts")
    title = models.TextField(blank=True)
    byline = models.TextField(blank=True)
    site_name = models.TextField(blank=True)
    language = models.CharField(max_length=12, blank=True, help_text="BCP 47")
    language_evidence = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_precision = models.CharField(max_length=10, blank=True)
    published_evidence = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    redacted_at = models.DateTimeField(
        null=True, blank=True, help_text="when its words were erased; the digest stays"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["capture", "extractor", "extractor_version"],
                name="one_text_per_capture_and_extractor_version",
            ),
            # An erased text keeps the digest that the log and anchors name, and nothing else of what was read.
            models.CheckConstraint(
                condition=models.Q(
                    redacted_at__isnull=True,
                    sha256=models.Func(
                        models.Func(
                            models.Func(models.F("content"), models.Value("UTF8"), function="convert_to"),
                            function="sha256",
                        ),
                        models.Value("hex"),
                        function="encode",
                        output_field=models.CharField(),
                    ),
                )
                | models.Q(
                    redacted_at__isnull=False,
                    fingerprint__isnull=True,
                    published_at__isnull=True,
                    **dict.fromkeys(_WORDS, ""),
                ),
                name="text_has_its_own_digest",
            ),
        ]
        triggers = [
            only_erased(
                name="text_never_changes",
                empty=dict.fromkeys(_WORDS, "= ''")
                | dict.fromkeys(("fingerprint", "published_at"), "IS NULL")
                | {"redacted_at": "IS NOT NULL"},
                by="OLD.redacted_at IS NULL AND custody_erasing(OLD.capture_id)",
            )
        ]

    def __str__(self) -> str:
        return self.title or self.sha256[:12]


class TextSketch(models.Model):
    """The hashes of a text's fingerprint, so that the database finds texts that share some of them."""

    text = models.OneToOneField(Text, on_delete=models.PROTECT, primary_key=True, related_name="sketch")
    desk = models.ForeignKey("accounts.Desk", on_delete=models.PROTECT, related_name="+")
    hashes = ArrayField(
        models.BigIntegerField(), help_text="the 16 smallest of the fingerprint, as signed 64-bit numbers"
    )

    class Meta:
        indexes = [GinIndex(fields=["hashes"], name="texts_by_shared_hash")]

    def __str__(self) -> str:
        return f"sketch of {self.text_id}"
