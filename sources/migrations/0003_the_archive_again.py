"""The archive goes again: attempts, politeness, watches, inspections, copies elsewhere, batches.

Captures that failed before this have no log entry, so that rule is held for what comes from now on.
"""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.lookups
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("sources", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.PositiveSmallIntegerField(help_text="the capture's `attempt` at that time"),
                ),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField()),
                (
                    "failure_code",
                    models.CharField(
                        choices=[
                            ("invalid-url", "invalid-url"),
                            ("scheme-refused", "scheme-refused"),
                            ("credentials-refused", "credentials-refused"),
                            ("port-refused", "port-refused"),
                            ("name-not-resolved", "name-not-resolved"),
                            ("address-refused", "address-refused"),
                            ("connect-failed", "connect-failed"),
                            ("tls-failed", "tls-failed"),
                            ("timeout", "timeout"),
                            ("disconnected", "disconnected"),
                            ("protocol-error", "protocol-error"),
                            ("headers-too-large", "headers-too-large"),
                            ("too-large", "too-large"),
                            ("too-many-redirects", "too-many-redirects"),
                            ("robots-refused", "robots-refused"),
                            ("busy", "busy"),
                            ("given-up", "given-up"),
                            ("worker-lost", "worker-lost"),
                            ("internal-error", "internal-error"),
                        ],
                        max_length=30,
                    ),
                ),
                ("failure_detail", models.TextField(blank=True, help_text="the reason as a sentence")),
                ("retry_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["capture", "number"],
            },
        ),
        migrations.CreateModel(
            name="Batch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("label", models.CharField(blank=True, max_length=200, verbose_name="label")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("http", "Plain: the response as it was sent"),
                            ("page", "Page: rendered in a browser"),
                        ],
                        default="page",
                        max_length=10,
                    ),
                ),
                ("requested_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "batches",
                "ordering": ["-requested_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="BatchRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(help_text="1-based, as in the list that was given")),
                ("url", models.TextField(help_text="as typed")),
                ("title", models.CharField(blank=True, max_length=500)),
                (
                    "outlet_name",
                    models.CharField(
                        blank=True, help_text="as typed; found among the desk's sources", max_length=200
                    ),
                ),
                (
                    "refusal",
                    models.TextField(blank=True, help_text="why it was not asked for, as a sentence"),
                ),
                ("note", models.TextField(blank=True, help_text="what was left aside, as a sentence")),
                ("done_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["batch", "number"],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("nothing", "Nothing changed"),
                            ("edited", "Text edited"),
                            ("quote-lost", "A quotation is altered or gone"),
                            ("gone", "The document is gone"),
                            ("unreachable", "The document cannot be reached"),
                            ("back", "The document is back"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "gone_sign",
                    models.CharField(
                        blank=True,
                        choices=[("status", "HTTP 404 or 410"), ("redirect", "sent on to the front page")],
                        max_length=10,
                    ),
                ),
                ("words_added", models.PositiveIntegerField(blank=True, null=True)),
                ("words_removed", models.PositiveIntegerField(blank=True, null=True)),
                ("quotes_checked", models.PositiveIntegerField(default=0)),
                ("quotes_lost", models.PositiveIntegerField(default=0, help_text="altered or gone")),
                ("is_alert", models.BooleanField(default=False, help_text="somebody must look at it")),
                ("detected_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(blank=True, null=True)),
                ("seen_note", models.TextField(blank=True, help_text="what was concluded")),
            ],
            options={
                "ordering": ["-detected_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Host",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="host:port, ASCII, lower case",
                        max_length=300,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "next_at",
                    models.DateTimeField(
                        blank=True, help_text="the next capture from it may not begin before this", null=True
                    ),
                ),
                (
                    "robots_status",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="HTTP status of robots.txt; empty when nothing came back",
                        null=True,
                    ),
                ),
                ("robots_txt", models.TextField(blank=True)),
                ("robots_fetched_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Inspection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("inspector_version", models.CharField(max_length=60)),
                ("facts", models.JSONField(default=list)),
                ("width", models.PositiveIntegerField(blank=True, help_text="pixels, as shown", null=True)),
                ("height", models.PositiveIntegerField(blank=True, help_text="pixels, as shown", null=True)),
                ("duration", models.FloatField(blank=True, help_text="seconds", null=True)),
                (
                    "taken_at",
                    models.DateTimeField(blank=True, help_text="UTC where the file says its zone", null=True),
                ),
                (
                    "taken_evidence",
                    models.CharField(
                        blank=True, help_text="which field said so, and its words", max_length=300
                    ),
                ),
                ("latitude", models.FloatField(blank=True, help_text="degrees north, WGS 84", null=True)),
                ("longitude", models.FloatField(blank=True, help_text="degrees east, WGS 84", null=True)),
                (
                    "perceptual_hash",
                    models.BinaryField(
                        blank=True, help_text="8 bytes; alike pictures differ in few bits", null=True
                    ),
                ),
                (
                    "credentials",
                    models.CharField(
                        choices=[
                            ("none", "none found"),
                            ("trusted", "signature holds, signer on the trust list"),
                            ("valid", "signature holds, signer not on the trust list"),
                            ("invalid", "does not hold"),
                        ],
                        default="none",
                        help_text="C2PA manifest",
                        max_length=10,
                    ),
                ),
                (
                    "manifest",
                    models.JSONField(
                        blank=True,
                        help_text="the C2PA manifest store as read, validation included",
                        null=True,
                    ),
                ),
                (
                    "problem",
                    models.TextField(blank=True, help_text="why reading stopped short, as a sentence"),
                ),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Memento",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("service", models.CharField(max_length=100)),
                ("url", models.TextField(help_text="URI-M")),
                ("at", models.DateTimeField(help_text="Memento-Datetime, as the archive says it")),
                ("is_ours", models.BooleanField(default=False, help_text="made because we asked for it")),
                ("found_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="OutsideRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "work",
                    models.CharField(
                        choices=[("look-up", "Look for mementos"), ("copy", "Ask for an independent copy")],
                        max_length=10,
                    ),
                ),
                ("service", models.CharField(help_text="the service's name in the settings", max_length=100)),
                ("url", models.TextField(help_text="the original's, as it was asked about")),
                ("requested_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("working", "Working"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("lease_token", models.UUIDField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("found", models.PositiveIntegerField(default=0, help_text="mementos, new ones or not")),
                ("detail", models.TextField(blank=True, help_text="what came of it, as a sentence")),
            ],
            options={
                "ordering": ["-requested_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="TextSketch",
            fields=[
                (
                    "text",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="sketch",
                        serialize=False,
                        to="sources.text",
                    ),
                ),
                (
                    "hashes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(),
                        help_text="the 16 smallest of the fingerprint, as signed 64-bit numbers",
                        size=None,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("http", "Plain: the response as it was sent"),
                            ("page", "Page: rendered in a browser"),
                        ],
                        default="http",
                        max_length=10,
                    ),
                ),
                (
                    "shortest",
                    models.PositiveIntegerField(
                        default=3600, help_text="seconds", verbose_name="at first every"
                    ),
                ),
                (
                    "longest",
                    models.PositiveIntegerField(
                        default=604800, help_text="seconds", verbose_name="at last every"
                    ),
                ),
                (
                    "interval",
                    models.PositiveIntegerField(default=3600, help_text="seconds, as it stands now"),
                ),
                ("next_at", models.DateTimeField(help_text="when it is due")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                ("is_paused", models.BooleanField(default=False, verbose_name="paused")),
                (
                    "unreachable",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="re-captures in a row that brought no page"
                    ),
                ),
                ("set_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "watches",
                "ordering": ["next_at", "id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="entry_kind_is_known",
        ),
        migrations.AddField(
            model_name="capture",
            name="filename",
            field=models.CharField(
                blank=True, help_text="of an upload, as its sender called it", max_length=255
            ),
        ),
        migrations.AddField(
            model_name="capture",
            name="host",
            field=models.CharField(
                blank=True, help_text="host:port of `url`; empty for an upload", max_length=300
            ),
        ),
        migrations.AddField(
            model_name="capture",
            name="not_before",
            field=models.DateTimeField(
                blank=True, help_text="while queued: no worker takes it before this", null=True
            ),
        ),
        migrations.AlterField(
            model_name="capture",
            name="attempt",
            field=models.PositiveSmallIntegerField(default=0, help_text="how often a worker took it"),
        ),
        migrations.AlterField(
            model_name="capture",
            name="failure_code",
            field=models.CharField(
                blank=True,
                choices=[
                    ("invalid-url", "invalid-url"),
                    ("scheme-refused", "scheme-refused"),
                    ("credentials-refused", "credentials-refused"),
                    ("port-refused", "port-refused"),
                    ("name-not-resolved", "name-not-resolved"),
                    ("address-refused", "address-refused"),
                    ("connect-failed", "connect-failed"),
                    ("tls-failed", "tls-failed"),
                    ("timeout", "timeout"),
                    ("disconnected", "disconnected"),
                    ("protocol-error", "protocol-error"),
                    ("headers-too-large", "headers-too-large"),
                    ("too-large", "too-large"),
                    ("too-many-redirects", "too-many-redirects"),
                    ("robots-refused", "robots-refused"),
                    ("busy", "busy"),
                    ("given-up", "given-up"),
                    ("worker-lost", "worker-lost"),
                    ("internal-error", "internal-error"),
                ],
                max_length=30,
            ),
        ),
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("capture-archived", "capture archived"),
                    ("capture-failed", "capture failed"),
                    ("upload-received", "upload received"),
                    ("capture-rechecked", "capture re-checked"),
                    ("protected-viewed", "evidence viewed under protection"),
                    ("evidence-exported", "exported"),
                    ("content-redacted", "redacted"),
                    ("anchor-made", "anchor made"),
                    ("source-graded", "source graded"),
                    ("verdict-approved", "verdict approved"),
                    ("version-published", "version published"),
                    ("version-corrected", "corrected"),
                    ("version-retracted", "retracted"),
                    ("key-rotated", "key rotated"),
                ],
                max_length=64,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="rendition",
            name="kind",
            field=models.CharField(
                choices=[
                    ("screenshot", "Screenshot"),
                    ("thumbnail", "Thumbnail"),
                    ("dom", "Rendered DOM"),
                    ("pdf", "PDF"),
                    ("layout", "Where the words stand on the screenshot"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "capture-archived",
                            "capture-failed",
                            "upload-received",
                            "capture-rechecked",
                            "protected-viewed",
                            "evidence-exported",
                            "content-redacted",
                            "anchor-made",
                            "source-graded",
                            "verdict-approved",
                            "version-published",
                            "version-corrected",
                            "version-retracted",
                            "key-rotated",
                        ],
                    )
                ),
                name="entry_kind_is_known",
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="capture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="attempts", to="sources.capture"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="batches", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="batchrow",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="sources.batch"
            ),
        ),
        migrations.AddField(
            model_name="batchrow",
            name="capture",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batch_rows",
                to="sources.capture",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="after",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="change", to="sources.capture"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="before",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes_since",
                to="sources.capture",
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="sources.document"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="entry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="change", to="sources.entry"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="seen_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="inspection",
            name="capture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="inspections", to="sources.capture"
            ),
        ),
        migrations.AddField(
            model_name="memento",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="mementos", to="sources.document"
            ),
        ),
        migrations.AddField(
            model_name="outsiderequest",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="outsiderequest",
            name="document",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="outside_requests",
                to="sources.document",
            ),
        ),
        migrations.AddField(
            model_name="outsiderequest",
            name="requested_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="memento",
            name="request",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mementos",
                to="sources.outsiderequest",
            ),
        ),
        migrations.AddField(
            model_name="textsketch",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="watch",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="watches", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="watch",
            name="document",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="watch", to="sources.document"
            ),
        ),
        migrations.AddField(
            model_name="watch",
            name="set_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="capture",
            name="watch",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="captures",
                to="sources.watch",
            ),
        ),
        migrations.AddIndex(
            model_name="capture",
            index=models.Index(
                condition=models.Q(("state", "fetching")), fields=["host"], name="captures_under_way_by_host"
            ),
        ),
        migrations.AddConstraint(
            model_name="capture",
            constraint=models.CheckConstraint(
                condition=models.Q(("not_before__isnull", True), ("state", "queued"), _connector="OR"),
                name="only_what_is_queued_waits",
            ),
        ),
        AddConstraintNotValid(
            model_name="capture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "failed"), _negated=True), ("entry__isnull", False), _connector="OR"
                ),
                name="failed_means_logged",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("capture", "number"), name="one_outcome_per_attempt"),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "failure_code__in",
                        [
                            "invalid-url",
                            "scheme-refused",
                            "credentials-refused",
                            "port-refused",
                            "name-not-resolved",
                            "address-refused",
                            "connect-failed",
                            "tls-failed",
                            "timeout",
                            "disconnected",
                            "protocol-error",
                            "headers-too-large",
                            "too-large",
                            "too-many-redirects",
                            "robots-refused",
                            "busy",
                            "given-up",
                            "worker-lost",
                            "internal-error",
                        ],
                    )
                ),
                name="attempt_failed_for_a_known_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="attempt_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="d1928a8ca9baa1f9681225e984fff007519c50a1",
                    operation="UPDATE",
                    pgid="pgtrigger_attempt_never_changes_03a12",
                    table="sources_attempt",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="batchrow",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True)), fields=["batch"], name="batch_rows_to_do"
            ),
        ),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.UniqueConstraint(
                fields=("batch", "number"), name="one_row_per_line_of_a_batch"
            ),
        ),
        migrations.AddConstraint(
            model_name="batchrow",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("capture__isnull", True), ("done_at__isnull", True), ("refusal", "")),
                    models.Q(("capture__isnull", False), ("done_at__isnull", False), ("refusal", "")),
                    models.Q(
                        ("capture__isnull", True),
                        ("done_at__isnull", False),
                        models.Q(("refusal", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="a_row_ends_in_a_capture_or_a_refusal",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("is_alert", True), ("seen_at__isnull", True)),
                fields=["desk", "-detected_at"],
                name="open_alerts_of_a_desk",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["nothing", "edited", "quote-lost", "gone", "unreachable", "back"])
                ),
                name="change_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("gone_sign__in", ["status", "redirect"]), ("kind", "gone")),
                    models.Q(models.Q(("kind", "gone"), _negated=True), ("gone_sign", "")),
                    _connector="OR",
                ),
                name="gone_means_there_is_a_sign",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("before", models.F("after")), _negated=True),
                name="a_change_is_between_two_captures",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(("quotes_lost__lte", models.F("quotes_checked"))),
                name="no_more_quotes_lost_than_checked",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("seen_at__isnull", True), ("seen_by__isnull", True), ("seen_note", "")),
                    models.Q(("seen_at__isnull", False), ("seen_by__isnull", False)),
                    _connector="OR",
                ),
                name="seen_by_and_when_all_set_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.UniqueConstraint(
                fields=("capture", "inspector_version"), name="one_inspection_per_capture_and_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(("credentials__in", ["none", "trusted", "valid", "invalid"])),
                name="credentials_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(("latitude__range", (-90, 90)), ("longitude__range", (-180, 180))),
                    _connector="OR",
                ),
                name="a_position_is_on_earth",
            ),
        ),
        migrations.AddConstraint(
            model_name="inspection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("perceptual_hash__isnull", True),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("perceptual_hash"),
                            function="octet_length",
                            output_field=models.IntegerField(),
                        ),
                        8,
                    ),
                    _connector="OR",
                ),
                name="a_perceptual_hash_is_8_bytes",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="inspection",
            trigger=pgtrigger.compiler.Trigger(
                name="inspection_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="bdf1b30cf653970df929b9b0eb8cb63d2cfc42d0",
                    operation="UPDATE",
                    pgid="pgtrigger_inspection_never_changes_930d8",
                    table="sources_inspection",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="outsiderequest",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "working"])),
                fields=["requested_at"],
                name="outside_requests_at_work",
            ),
        ),
        migrations.AddConstraint(
            model_name="outsiderequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("work__in", ["look-up", "copy"])), name="outside_work_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="outsiderequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["queued", "working", "done", "failed"])),
                name="outside_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="outsiderequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("lease_token__isnull", False), ("lease_until__isnull", False), ("state", "working")
                    ),
                    models.Q(
                        models.Q(("state", "working"), _negated=True),
                        ("lease_token__isnull", True),
                        ("lease_until__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="outside_working_means_leased",
            ),
        ),
        migrations.AddConstraint(
            model_name="outsiderequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("finished_at__isnull", False), ("state__in", ["done", "failed"])),
                    models.Q(("finished_at__isnull", True), ("state__in", ["queued", "working"])),
                    _connector="OR",
                ),
                name="outside_finished_means_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="outsiderequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["queued", "working"])),
                fields=("document", "work", "service"),
                name="one_outside_request_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="memento",
            constraint=models.UniqueConstraint(
                fields=("document", "url"), name="one_memento_per_document_and_address"
            ),
        ),
        migrations.AddConstraint(
            model_name="memento",
            constraint=models.CheckConstraint(
                condition=models.Q(("url__regex", "^https?://")), name="a_memento_is_on_the_web"
            ),
        ),
        migrations.AddIndex(
            model_name="textsketch",
            index=django.contrib.postgres.indexes.GinIndex(fields=["hashes"], name="texts_by_shared_hash"),
        ),
        migrations.AddIndex(
            model_name="watch",
            index=models.Index(
                condition=models.Q(("is_paused", False)), fields=["next_at"], name="watches_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.CheckConstraint(
                condition=models.Q(("longest__gte", models.F("shortest")), ("shortest__gte", 300)),
                name="a_watch_waits_at_least_five_minutes",
            ),
        ),
        migrations.AddConstraint(
            model_name="watch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("interval__gte", models.F("shortest")), ("interval__lte", models.F("longest"))
                ),
                name="the_interval_is_within_its_bounds",
            ),
        ),
    ]
