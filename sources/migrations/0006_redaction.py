"""Redactions, and texts that keep their digest when their words are erased; what may be emptied, and only then."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from sources.archive.erasing import CREATE_ERASING, DROP_ERASING
from sources.custody.triggers import refuse_truncate


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("sources", "0005_witnessed_and_timestamped"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Redaction",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("court-order", "Order of a court or an authority"),
                            ("data-protection-request", "Request under data-protection law"),
                            ("copyright", "Copyright or a related right"),
                            ("safety-of-a-person", "Safety of a person"),
                            ("unlawful-content", "Content that may not be kept"),
                        ],
                        max_length=30,
                        verbose_name="legal ground",
                    ),
                ),
                (
                    "reason",
                    models.TextField(
                        help_text="for the desk; the log has a salted digest of it", verbose_name="reason"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "Approved"), ("refused", "Refused")],
                        help_text="empty while open",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "blobs",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        blank=True,
                        default=list,
                        help_text="SHA-256 of the bytes that had to go, shared ones too",
                        size=None,
                    ),
                ),
                (
                    "done_at",
                    models.DateTimeField(
                        blank=True, help_text="when the last of the bytes was gone", null=True
                    ),
                ),
            ],
            options={
                "ordering": ["-asked_at", "-id"],
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="attempt",
            name="attempt_never_changes",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="exchange",
            name="exchange_never_changes",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="text",
            name="text_never_changes",
        ),
        migrations.RemoveConstraint(
            model_name="text",
            name="text_has_its_own_digest",
        ),
        migrations.AddField(
            model_name="text",
            name="redacted_at",
            field=models.DateTimeField(
                blank=True, help_text="when its words were erased; the digest stays", null=True
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="attempt_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF custody_erasing(OLD.capture_id) AND NEW.failure_detail = ''\n                AND to_jsonb(NEW) - ARRAY['failure_detail'] = to_jsonb(OLD) - ARRAY['failure_detail'] THEN\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'Cannot update rows from % table: what is on record stays, or is erased by two people',\n                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n        ",
                    hash="18bda68d44da1b76323290e1c0a47174ceb4f7ff",
                    operation="UPDATE",
                    pgid="pgtrigger_attempt_never_changes_03a12",
                    table="sources_attempt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="exchange",
            trigger=pgtrigger.compiler.Trigger(
                name="exchange_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF custody_erasing(OLD.capture_id) AND NEW.url = '' AND NEW.media_type = '' AND NEW.guard_exception = ''\n                AND to_jsonb(NEW) - ARRAY['url', 'media_type', 'guard_exception'] = to_jsonb(OLD) - ARRAY['url', 'media_type', 'guard_exception'] THEN\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'Cannot update rows from % table: what is on record stays, or is erased by two people',\n                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n        ",
                    hash="59cdb33585c1a34cf1b383785cc32100ac3478d4",
                    operation="UPDATE",
                    pgid="pgtrigger_exchange_never_changes_f2973",
                    table="sources_exchange",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="text",
            trigger=pgtrigger.compiler.Trigger(
                name="text_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF OLD.redacted_at IS NULL AND custody_erasing(OLD.capture_id) AND NEW.content = '' AND NEW.title = '' AND NEW.byline = '' AND NEW.site_name = '' AND NEW.language_evidence = '' AND NEW.published_precision = '' AND NEW.published_evidence = '' AND NEW.fingerprint IS NULL AND NEW.published_at IS NULL AND NEW.redacted_at IS NOT NULL\n                AND to_jsonb(NEW) - ARRAY['content', 'title', 'byline', 'site_name', 'language_evidence', 'published_precision', 'published_evidence', 'fingerprint', 'published_at', 'redacted_at'] = to_jsonb(OLD) - ARRAY['content', 'title', 'byline', 'site_name', 'language_evidence', 'published_precision', 'published_evidence', 'fingerprint', 'published_at', 'redacted_at'] THEN\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'Cannot update rows from % table: what is on record stays, or is erased by two people',\n                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n        ",
                    hash="2e8ab5b5e67a6cdd75f1217e7e70869c32ebd531",
                    operation="UPDATE",
                    pgid="pgtrigger_text_never_changes_a6142",
                    table="sources_text",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="text",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("redacted_at__isnull", True),
                        (
                            "sha256",
                            models.Func(
                                models.Func(
                                    models.Func(
                                        models.F("content"), models.Value("UTF8"), function="convert_to"
                                    ),
                                    function="sha256",
                                ),
                                models.Value("hex"),
                                function="encode",
                                output_field=models.CharField(),
                            ),
                        ),
                    ),
                    models.Q(
                        ("byline", ""),
                        ("content", ""),
                        ("fingerprint__isnull", True),
                        ("language_evidence", ""),
                        ("published_at__isnull", True),
                        ("published_evidence", ""),
                        ("published_precision", ""),
                        ("redacted_at__isnull", False),
                        ("site_name", ""),
                        ("title", ""),
                    ),
                    _connector="OR",
                ),
                name="text_has_its_own_digest",
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="capture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="redactions", to="sources.capture"
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="desk",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="redactions", to="accounts.desk"
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="entry",
            field=models.OneToOneField(
                blank=True,
                help_text="the tombstone",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redaction",
                to="sources.entry",
            ),
        ),
        migrations.AddField(
            model_name="redaction",
            name="leader",
            field=models.ForeignKey(
                blank=True,
                help_text="the request that this one is decided with; empty for that request itself",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="companions",
                to="sources.redaction",
            ),
        ),
        migrations.AddIndex(
            model_name="redaction",
            index=models.Index(
                condition=models.Q(("decision", "approved"), ("done_at__isnull", True)),
                fields=["decided_at"],
                name="redactions_not_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "ground__in",
                        [
                            "court-order",
                            "data-protection-request",
                            "copyright",
                            "safety-of-a-person",
                            "unlawful-content",
                        ],
                    )
                ),
                name="ground_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="a_redaction_has_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="a_redaction_takes_two_people",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decided_at__isnull", True), ("decided_by__isnull", True), ("decision", "")),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("decision__in", ["approved", "refused"]),
                    ),
                    _connector="OR",
                ),
                name="redaction_decided_by_and_when_all_or_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("entry__isnull", True), ("decision", "approved"), _connector="OR"),
                name="a_tombstone_needs_approval",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("done_at__isnull", True),
                    models.Q(("decision", "approved"), ("entry__isnull", False)),
                    _connector="OR",
                ),
                name="erased_means_approved_and_logged",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "")),
                fields=("capture",),
                name="one_open_redaction_per_capture",
            ),
        ),
        migrations.AddConstraint(
            model_name="redaction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decision", "approved")),
                fields=("capture",),
                name="a_capture_is_redacted_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="redaction",
            trigger=pgtrigger.compiler.Trigger(
                name="a_redaction_is_never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="72387c05c0c15b085871111aaa84bdceadbcbfe8",
                    operation="DELETE",
                    pgid="pgtrigger_a_redaction_is_never_deleted_68b57",
                    table="sources_redaction",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="redaction",
            trigger=pgtrigger.compiler.Trigger(
                name="what_was_asked_and_decided_stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF (NEW.id, NEW.desk_id, NEW.capture_id, NEW.leader_id, NEW.ground, NEW.reason, NEW.asked_by_id,\n                        NEW.asked_at) IS DISTINCT FROM (OLD.id, OLD.desk_id, OLD.capture_id, OLD.leader_id, OLD.ground,\n                        OLD.reason, OLD.asked_by_id, OLD.asked_at)\n                        OR OLD.decision <> '' AND (NEW.decision, NEW.decided_by_id, NEW.decided_at)\n                            IS DISTINCT FROM (OLD.decision, OLD.decided_by_id, OLD.decided_at)\n                        OR OLD.entry_id IS NOT NULL AND (NEW.entry_id, NEW.blobs)\n                            IS DISTINCT FROM (OLD.entry_id, OLD.blobs)\n                        OR OLD.done_at IS NOT NULL AND NEW.done_at IS DISTINCT FROM OLD.done_at THEN\n                        RAISE EXCEPTION 'What was asked, decided and done of a redaction stays as it is'\n                            USING ERRCODE = 'restrict_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="845660e94cdada3089c56e6be9f01f89332f7e98",
                    operation="UPDATE",
                    pgid="pgtrigger_what_was_asked_and_decided_stands_1fca9",
                    table="sources_redaction",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(CREATE_ERASING, DROP_ERASING),
        migrations.RunSQL(
            refuse_truncate("sources_redaction"),
            "DROP TRIGGER sources_redaction_no_truncate ON sources_redaction;",
        ),
    ]
