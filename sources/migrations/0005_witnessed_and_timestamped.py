"""Cosignatures of witnesses and RFC 3161 timestamps of checkpoints, insert-only like the rest of the log."""

import django.db.models.deletion
from django.db import migrations, models

from sources.custody.triggers import append_only, drop_append_only

TABLES = ("sources_cosignature", "sources_timestamp")


class Migration(migrations.Migration):
    dependencies = [
        ("sources", "0004_for_what_was_there"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255, verbose_name="witness")),
                ("verifier_key", models.CharField(max_length=512, verbose_name="verifier key")),
                (
                    "line",
                    models.TextField(
                        help_text="as in a note, with its newline", verbose_name="signature line"
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        help_text="by the witness's clock; under its signature", verbose_name="signed at"
                    ),
                ),
                ("received_at", models.DateTimeField(verbose_name="received at")),
            ],
            options={
                "verbose_name": "cosignature",
                "verbose_name_plural": "cosignatures",
                "ordering": ["checkpoint", "at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Timestamp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "authority",
                    models.CharField(
                        help_text="its name in the settings", max_length=100, verbose_name="authority"
                    ),
                ),
                ("query", models.BinaryField(help_text="DER TimeStampReq", verbose_name="query")),
                (
                    "response",
                    models.BinaryField(
                        help_text="DER TimeStampResp, whole, with its certificates", verbose_name="response"
                    ),
                ),
                ("gen_time", models.DateTimeField(help_text="genTime of the token", verbose_name="time")),
                (
                    "serial",
                    models.CharField(
                        help_text="of the token, decimal", max_length=64, verbose_name="serial number"
                    ),
                ),
                (
                    "certificate_expires_at",
                    models.DateTimeField(verbose_name="signing certificate expires at"),
                ),
                ("received_at", models.DateTimeField(verbose_name="received at")),
            ],
            options={
                "verbose_name": "timestamp",
                "verbose_name_plural": "timestamps",
                "ordering": ["checkpoint", "gen_time", "id"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="entry",
            name="entry_kind_is_known",
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
                    ("checkpoint-timestamped", "checkpoint timestamped"),
                ],
                max_length=64,
                verbose_name="kind",
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
                            "checkpoint-timestamped",
                        ],
                    )
                ),
                name="entry_kind_is_known",
            ),
        ),
        migrations.AddField(
            model_name="cosignature",
            name="checkpoint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cosignatures",
                to="sources.checkpoint",
                verbose_name="checkpoint",
            ),
        ),
        migrations.AddField(
            model_name="timestamp",
            name="checkpoint",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="timestamps",
                to="sources.checkpoint",
                verbose_name="checkpoint",
            ),
        ),
        migrations.AddField(
            model_name="timestamp",
            name="entry",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="timestamp",
                to="sources.entry",
                verbose_name="log entry",
            ),
        ),
        migrations.AddField(
            model_name="timestamp",
            name="renews",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="renewed_by",
                to="sources.timestamp",
                verbose_name="made because this one runs out",
            ),
        ),
        migrations.AddConstraint(
            model_name="cosignature",
            constraint=models.UniqueConstraint(
                fields=("checkpoint", "verifier_key"), name="cosignature_once_per_key"
            ),
        ),
        migrations.AddIndex(
            model_name="timestamp",
            index=models.Index(fields=["authority", "gen_time"], name="timestamp_by_authority"),
        ),
        migrations.AddConstraint(
            model_name="timestamp",
            constraint=models.CheckConstraint(
                condition=models.Q(("certificate_expires_at__gt", models.F("gen_time"))),
                name="timestamp_within_certificate",
            ),
        ),
        *(migrations.RunSQL(append_only(table), drop_append_only(table)) for table in TABLES),
    ]
