"""Names that are found in any script, duplicates that are merged, and the history of the catalog."""

import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

from sources.custody.triggers import refuse_truncate

HISTORIES = ("sources_affiliationevent", "sources_aliasevent", "sources_sourceevent")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sources", "0006_redaction"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="AffiliationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_because", models.TextField(blank=True, editable=False, verbose_name="reason")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("owned-by", "owned by"),
                            ("part-of", "part of"),
                            ("speaks-for", "speaks for"),
                            ("employed-by", "employed by"),
                            ("funded-by", "funded by"),
                        ],
                        max_length=12,
                        verbose_name="relation",
                    ),
                ),
                ("valid_from", models.DateField(blank=True, null=True, verbose_name="from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="to")),
                ("note", models.TextField(blank=True, verbose_name="note")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AliasEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "language",
                    models.CharField(blank=True, help_text="BCP 47", max_length=12, verbose_name="language"),
                ),
                (
                    "key",
                    models.TextField(
                        default="",
                        editable=False,
                        help_text="the name as it is searched for: see sources.catalog.names",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SourceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("organisation", "Organisation"),
                            ("outlet", "Outlet"),
                            ("agency", "News agency"),
                            ("official-body", "Official body"),
                            ("party", "Party to the conflict"),
                            ("person", "Person"),
                            ("protected-person", "Protected person"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("description", models.TextField(blank=True, verbose_name="what it is")),
                ("homepage", models.URLField(blank=True, max_length=500, verbose_name="homepage")),
                ("is_party", models.BooleanField(default=False, verbose_name="party to the conflict")),
                (
                    "key",
                    models.TextField(
                        default="",
                        editable=False,
                        help_text="the name as it is searched for: see sources.catalog.names",
                    ),
                ),
                ("merged_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("merged_because", models.TextField(blank=True, editable=False, verbose_name="reason")),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="affiliation",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="affiliation",
            name="withdrawn_because",
            field=models.TextField(blank=True, editable=False, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="affiliation",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="alias",
            name="key",
            field=models.TextField(
                default="",
                editable=False,
                help_text="the name as it is searched for: see sources.catalog.names",
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="key",
            field=models.TextField(
                default="",
                editable=False,
                help_text="the name as it is searched for: see sources.catalog.names",
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="merged_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="source",
            name="merged_because",
            field=models.TextField(blank=True, editable=False, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="source",
            name="merged_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="source",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="duplicates",
                to="sources.source",
            ),
        ),
        migrations.AddIndex(
            model_name="alias",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["key"], name="alias_key_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="source",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["key"], name="source_key_trigrams", opclasses=["gin_trgm_ops"]
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="affiliation",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "sources_affiliationevent" ("evidence_id", "id", "kind", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "principal_id", "source_id", "valid_from", "valid_to", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."evidence_id", NEW."id", NEW."kind", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."principal_id", NEW."source_id", NEW."valid_from", NEW."valid_to", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="7169872876530d7f5ac2451b7e0da29626ca049e",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_99061",
                    table="sources_affiliation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="affiliation",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "sources_affiliationevent" ("evidence_id", "id", "kind", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "principal_id", "source_id", "valid_from", "valid_to", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."evidence_id", NEW."id", NEW."kind", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."principal_id", NEW."source_id", NEW."valid_from", NEW."valid_to", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="15d4e050c1bda48bea7cb3ccb74537d6c77ba3b9",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d5523",
                    table="sources_affiliation",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alias",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "sources_aliasevent" ("id", "key", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") VALUES (NEW."id", NEW."key", NEW."language", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."source_id"); RETURN NULL;',
                    hash="3cb655fe9f8ec44a4a6a091f074015b31f44cb36",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_56caa",
                    table="sources_alias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alias",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "sources_aliasevent" ("id", "key", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") VALUES (NEW."id", NEW."key", NEW."language", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."source_id"); RETURN NULL;',
                    hash="839c386d98b1c1c1d05f455972478d585e18dd8d",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_155f3",
                    table="sources_alias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="source",
            trigger=pgtrigger.compiler.Trigger(
                name="merged_into_one_that_stands",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.merged_into_id IS NOT NULL)",
                    func="\n                    PERFORM pg_advisory_xact_lock(hashtext('sources_source.merged_into'));\n                    IF NOT EXISTS (\n                        SELECT FROM sources_source WHERE id = NEW.merged_into_id AND id <> NEW.id\n                            AND merged_into_id IS NULL AND desk_id = NEW.desk_id\n                    ) OR EXISTS (SELECT FROM sources_source WHERE merged_into_id = NEW.id) THEN\n                        RAISE EXCEPTION 'A source is merged into one of its desk that is nobody''s duplicate'\n                            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'merged_into_one_that_stands';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="db15e49ec48fe9b77b03dc9f602792d416ba10ca",
                    operation='INSERT OR UPDATE OF "merged_into_id"',
                    pgid="pgtrigger_merged_into_one_that_stands_a1f09",
                    table="sources_source",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="source",
            trigger=pgtrigger.compiler.Trigger(
                name="nobody_becomes_protected_afterwards",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.kind <> OLD.kind AND 'protected-person' IN (NEW.kind, OLD.kind))",
                    func="\n                    RAISE EXCEPTION 'Who is protected is so from the first record on, and stays so'\n                        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'nobody_becomes_protected_afterwards';\n                ",
                    hash="0c16e5ed00fd2f35f7ed6601b976a035d4631f9e",
                    operation='UPDATE OF "kind"',
                    pgid="pgtrigger_nobody_becomes_protected_afterwards_be6e8",
                    table="sources_source",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="source",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "sources_sourceevent" ("created_at", "created_by_id", "description", "desk_id", "homepage", "id", "is_party", "key", "kind", "merged_at", "merged_because", "merged_by_id", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."created_at", NEW."created_by_id", NEW."description", NEW."desk_id", NEW."homepage", NEW."id", NEW."is_party", NEW."key", NEW."kind", NEW."merged_at", NEW."merged_because", NEW."merged_by_id", NEW."merged_into_id", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="10f3a8a369478c8b43a942ab3c1ed0abfa34bb71",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_c3ed3",
                    table="sources_source",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="source",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "sources_sourceevent" ("created_at", "created_by_id", "description", "desk_id", "homepage", "id", "is_party", "key", "kind", "merged_at", "merged_because", "merged_by_id", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."created_at", NEW."created_by_id", NEW."description", NEW."desk_id", NEW."homepage", NEW."id", NEW."is_party", NEW."key", NEW."kind", NEW."merged_at", NEW."merged_because", NEW."merged_by_id", NEW."merged_into_id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="26296b18ce119d91e4e91622aa1792df3097ca69",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_e6185",
                    table="sources_source",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="affiliation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("withdrawn_at__isnull", True),
                        ("withdrawn_because", ""),
                        ("withdrawn_by__isnull", True),
                    ),
                    models.Q(
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                        models.Q(("withdrawn_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="affiliation_is_withdrawn_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("merged_at__isnull", True),
                        ("merged_because", ""),
                        ("merged_by__isnull", True),
                        ("merged_into__isnull", True),
                    ),
                    models.Q(
                        ("merged_at__isnull", False),
                        ("merged_by__isnull", False),
                        ("merged_into__isnull", False),
                        models.Q(("merged_because", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="who_merged_it_when_and_why_or_nothing",
            ),
        ),
        migrations.AddField(
            model_name="affiliationevent",
            name="evidence",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.document",
                verbose_name="evidence",
            ),
        ),
        migrations.AddField(
            model_name="affiliationevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="affiliationevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="sources.affiliation",
            ),
        ),
        migrations.AddField(
            model_name="affiliationevent",
            name="principal",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.source",
                verbose_name="to whom",
            ),
        ),
        migrations.AddField(
            model_name="affiliationevent",
            name="source",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.source",
            ),
        ),
        migrations.AddField(
            model_name="affiliationevent",
            name="withdrawn_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="aliasevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="aliasevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="sources.alias",
            ),
        ),
        migrations.AddField(
            model_name="aliasevent",
            name="source",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.source",
            ),
        ),
        migrations.AddField(
            model_name="sourceevent",
            name="created_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sourceevent",
            name="desk",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="accounts.desk",
            ),
        ),
        migrations.AddField(
            model_name="sourceevent",
            name="merged_by",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="sourceevent",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.source",
            ),
        ),
        migrations.AddField(
            model_name="sourceevent",
            name="pgh_context",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="pghistory.context",
            ),
        ),
        migrations.AddField(
            model_name="sourceevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="sources.source",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="affiliationevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="48a7e2e2d17a7a3010f9a383d6f8f051958c861d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_59b6a",
                    table="sources_affiliationevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="aliasevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="287f12af5ff45872c24f3460df379758090d24e1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_92b29",
                    table="sources_aliasevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="sourceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="f130dee5c0afd9f03250b1f9000e554b81c5c4ae",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_add2d",
                    table="sources_sourceevent",
                    when="BEFORE",
                ),
            ),
        ),
        *(
            migrations.RunSQL(refuse_truncate(table), f"DROP TRIGGER {table}_no_truncate ON {table};")
            for table in HISTORIES
        ),
    ]
