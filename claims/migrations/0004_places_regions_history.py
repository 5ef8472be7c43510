"""Places in a hierarchy, regions of files, citations, and the history of what a desk records."""

import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from sources.custody.triggers import refuse_truncate

HISTORIES = ("claims_assertionevent", "claims_claimevent", "claims_evidenceevent", "claims_figureevent")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("claims", "0003_redaction"),
        ("pghistory", "0007_auto_20250421_0444"),
        ("sources", "0007_names_merges_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AssertionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_because", models.TextField(blank=True, editable=False, verbose_name="reason")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("originator", "originator"),
                            ("spokesperson", "spokesperson"),
                            ("witness", "witness"),
                            ("relay", "relay"),
                        ],
                        default="originator",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                (
                    "verb",
                    models.CharField(
                        choices=[
                            ("stated", "stated"),
                            ("said", "said"),
                            ("reported", "reported"),
                            ("claimed", "claimed"),
                            ("alleged", "alleged"),
                            ("confirmed", "confirmed"),
                            ("denied", "denied"),
                            ("estimated", "estimated"),
                            ("warned", "warned"),
                            ("acknowledged", "acknowledged"),
                        ],
                        default="stated",
                        max_length=12,
                        verbose_name="verb",
                    ),
                ),
                (
                    "hedge",
                    models.CharField(
                        blank=True,
                        help_text="The words that weaken it, as used: “about”, “reportedly”.",
                        max_length=200,
                        verbose_name="hedge",
                    ),
                ),
                (
                    "polarity",
                    models.CharField(
                        choices=[("affirms", "affirms"), ("denies", "denies")],
                        default="affirms",
                        max_length=8,
                        verbose_name="polarity",
                    ),
                ),
                (
                    "modality",
                    models.CharField(
                        choices=[
                            ("certain", "as certain"),
                            ("probable", "as probable"),
                            ("possible", "as possible"),
                        ],
                        default="certain",
                        help_text="by its speaker",
                        max_length=8,
                        verbose_name="presented",
                    ),
                ),
                ("said_at", models.DateTimeField(blank=True, null=True, verbose_name="said at")),
                (
                    "said_precision",
                    models.CharField(
                        choices=[
                            ("minute", "to the minute"),
                            ("hour", "to the hour"),
                            ("day", "to the day"),
                            ("month", "to the month"),
                            ("year", "to the year"),
                        ],
                        default="day",
                        max_length=8,
                        verbose_name="known",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="When this outlet carried it, where its document does not say so.",
                        null=True,
                        verbose_name="published at",
                    ),
                ),
                (
                    "published_precision",
                    models.CharField(
                        choices=[
                            ("minute", "to the minute"),
                            ("hour", "to the hour"),
                            ("day", "to the day"),
                            ("month", "to the month"),
                            ("year", "to the year"),
                        ],
                        default="minute",
                        max_length=8,
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Citation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("note", models.TextField(blank=True, verbose_name="note")),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ClaimEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ("external_id", models.CharField(blank=True, max_length=200, verbose_name="external id")),
                (
                    "headline",
                    models.CharField(
                        blank=True,
                        help_text="Fewer than 75 characters, without a rating in it; used where space is short.",
                        max_length=74,
                        verbose_name="headline",
                    ),
                ),
                (
                    "text",
                    models.TextField(
                        help_text="One checkable proposition, in the desk's own words.", verbose_name="claim"
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        default="en", help_text="BCP 47", max_length=12, verbose_name="language"
                    ),
                ),
                (
                    "workflow",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("triaged", "Triaged"),
                            ("in-research", "In research"),
                            ("in-review", "In review"),
                            ("approved", "Approved"),
                            ("closed", "Closed"),
                            ("duplicate", "Duplicate"),
                            ("out-of-scope", "Out of scope"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EvidenceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_because", models.TextField(blank=True, editable=False, verbose_name="reason")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                (
                    "stance",
                    models.CharField(
                        choices=[
                            ("corroborates", "corroborates"),
                            ("contradicts", "contradicts"),
                            ("contextualises", "contextualises"),
                        ],
                        max_length=14,
                        verbose_name="stance",
                    ),
                ),
                (
                    "strength",
                    models.CharField(
                        choices=[("strong", "strong"), ("moderate", "moderate"), ("weak", "weak")],
                        default="moderate",
                        max_length=8,
                        verbose_name="strength",
                    ),
                ),
                (
                    "credibility",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "1 · confirmed by other sources"),
                            (2, "2 · probably true"),
                            (3, "3 · possibly true"),
                            (4, "4 · doubtful"),
                            (5, "5 · improbable"),
                            (6, "6 · truth cannot be judged"),
                        ],
                        default=6,
                        verbose_name="credibility",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("linked_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FigureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_because", models.TextField(blank=True, editable=False, verbose_name="reason")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, serialize=False)),
                ("lower", models.PositiveIntegerField(blank=True, null=True, verbose_name="at least")),
                ("point", models.PositiveIntegerField(blank=True, null=True, verbose_name="figure")),
                ("upper", models.PositiveIntegerField(blank=True, null=True, verbose_name="at most")),
                (
                    "qualifier",
                    models.CharField(
                        choices=[
                            ("exactly", "exactly"),
                            ("around", "around"),
                            ("more-than", "more than"),
                            ("at-least", "at least"),
                            ("up-to", "up to"),
                            ("between", "between"),
                            ("dozens", "dozens"),
                            ("hundreds", "hundreds"),
                            ("thousands", "thousands"),
                        ],
                        default="exactly",
                        max_length=10,
                        verbose_name="qualifier",
                    ),
                ),
                ("as_written", models.CharField(blank=True, max_length=200, verbose_name="as written")),
                (
                    "unit",
                    models.CharField(
                        choices=[
                            ("people-killed", "people killed"),
                            ("people-injured", "people injured"),
                            ("people-displaced", "people displaced"),
                            ("massacres", "massacres"),
                        ],
                        max_length=20,
                        verbose_name="unit",
                    ),
                ),
                ("category", models.CharField(blank=True, max_length=60, verbose_name="victim category")),
                ("perpetrator", models.CharField(blank=True, max_length=200, verbose_name="perpetrator")),
                (
                    "place_as_written",
                    models.CharField(blank=True, max_length=200, verbose_name="place as written"),
                ),
                ("window_from", models.DateField(blank=True, null=True, verbose_name="window from")),
                ("window_to", models.DateField(blank=True, null=True, verbose_name="window to")),
                ("as_of", models.DateField(blank=True, null=True, verbose_name="as of")),
                (
                    "parts_are_all",
                    models.BooleanField(
                        default=False,
                        help_text="Its source says that there are no other parts.",
                        verbose_name="its parts are all",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("country", "country"),
                            ("governorate", "governorate"),
                            ("district", "district"),
                            ("city", "city, town or village"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("name_ar", models.CharField(blank=True, max_length=200, verbose_name="name in Arabic")),
                (
                    "code",
                    models.CharField(blank=True, help_text="ISO 3166-1 alpha-2 or ISO 3166-2", max_length=6),
                ),
            ],
            options={
                "ordering": ["name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                ("withdrawn_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("withdrawn_because", models.TextField(blank=True, editable=False, verbose_name="reason")),
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("blob_sha256", models.CharField(max_length=64)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("page", "on a page of a PDF"),
                            ("picture", "in a picture"),
                            ("time", "in a recording"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "page",
                    models.PositiveIntegerField(
                        blank=True, help_text="1-based", null=True, verbose_name="page"
                    ),
                ),
                ("left", models.PositiveIntegerField(blank=True, null=True, verbose_name="from the left")),
                ("top", models.PositiveIntegerField(blank=True, null=True, verbose_name="from the top")),
                ("width", models.PositiveIntegerField(blank=True, null=True, verbose_name="width")),
                ("height", models.PositiveIntegerField(blank=True, null=True, verbose_name="height")),
                ("from_ms", models.PositiveIntegerField(blank=True, null=True, verbose_name="from")),
                ("to_ms", models.PositiveIntegerField(blank=True, null=True, verbose_name="to")),
                (
                    "shows",
                    models.TextField(
                        help_text="The words that stand there, or what is seen.", verbose_name="what it shows"
                    ),
                ),
                (
                    "found",
                    models.TextField(
                        blank=True, help_text="the words that the file itself holds there, if any"
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="RegionCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("intact", "intact"),
                            ("moved", "moved"),
                            ("altered", "altered"),
                            ("gone", "gone"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "page",
                    models.PositiveIntegerField(blank=True, help_text="on which it stands now", null=True),
                ),
                ("found", models.TextField(blank=True, help_text="the words that stand there now, if any")),
                ("why", models.CharField(blank=True, help_text="what was compared", max_length=200)),
                ("checked_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["change", "region"],
            },
        ),
        migrations.RemoveConstraint(
            model_name="evidence",
            name="evidence_is_exactly_one_thing",
        ),
        migrations.AddField(
            model_name="assertion",
            name="modality",
            field=models.CharField(
                choices=[("certain", "as certain"), ("probable", "as probable"), ("possible", "as possible")],
                default="certain",
                help_text="by its speaker",
                max_length=8,
                verbose_name="presented",
            ),
        ),
        migrations.AddField(
            model_name="assertion",
            name="published_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When this outlet carried it, where its document does not say so.",
                null=True,
                verbose_name="published at",
            ),
        ),
        migrations.AddField(
            model_name="assertion",
            name="published_precision",
            field=models.CharField(
                choices=[
                    ("minute", "to the minute"),
                    ("hour", "to the hour"),
                    ("day", "to the day"),
                    ("month", "to the month"),
                    ("year", "to the year"),
                ],
                default="minute",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="assertion",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="assertion",
            name="withdrawn_because",
            field=models.TextField(blank=True, editable=False, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="assertion",
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
            model_name="evidence",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="evidence",
            name="withdrawn_because",
            field=models.TextField(blank=True, editable=False, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="evidence",
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
            model_name="figure",
            name="part_of",
            field=models.ForeignKey(
                blank=True,
                help_text="The total that its source says it belongs to: “of them 125”.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="parts",
                to="claims.figure",
                verbose_name="part of",
            ),
        ),
        migrations.AddField(
            model_name="figure",
            name="parts_are_all",
            field=models.BooleanField(
                default=False,
                help_text="Its source says that there are no other parts.",
                verbose_name="its parts are all",
            ),
        ),
        migrations.RenameField(model_name="figure", old_name="place", new_name="place_as_written"),
        migrations.AlterField(
            model_name="figure",
            name="place_as_written",
            field=models.CharField(blank=True, max_length=200, verbose_name="place as written"),
        ),
        migrations.AddField(
            model_name="figure",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="figure",
            name="withdrawn_because",
            field=models.TextField(blank=True, editable=False, verbose_name="reason"),
        ),
        migrations.AddField(
            model_name="figure",
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
        pgtrigger.migrations.AddTrigger(
            model_name="assertion",
            trigger=pgtrigger.compiler.Trigger(
                name="assertions_do_not_derive_in_a_circle",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.derives_from_id <> NEW.id)",
                    func="\n            IF TG_OP = 'UPDATE' THEN\n                PERFORM pg_advisory_xact_lock(hashtext('claims_assertion.derives_from_id'));\n            ELSIF NOT EXISTS (SELECT FROM claims_assertion row WHERE row.derives_from_id = NEW.id) THEN\n                RETURN NEW; -- nothing leads to a new row yet: no walk up a long chain for each link of it\n            END IF;\n            IF EXISTS (\n                WITH RECURSIVE above(id) AS (\n                    SELECT NEW.derives_from_id\n                    UNION\n                    SELECT row.derives_from_id FROM claims_assertion row JOIN above ON row.id = above.id\n                    WHERE row.derives_from_id IS NOT NULL\n                ) SELECT FROM above WHERE above.id = NEW.id\n            ) THEN\n                RAISE EXCEPTION 'An assertion cannot be taken over from what was taken over from it' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'assertions_do_not_derive_in_a_circle';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="4f61ee93cfb5ed0c5f126046c0654498b9a8e510",
                    operation='INSERT OR UPDATE OF "derives_from_id"',
                    pgid="pgtrigger_assertions_do_not_derive_in_a_circle_b975e",
                    table="claims_assertion",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assertion",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "claims_assertionevent" ("claim_id", "created_at", "created_by_id", "derives_from_id", "document_id", "hedge", "id", "modality", "on_behalf_of_id", "outlet_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "polarity", "published_at", "published_precision", "role", "said_at", "said_precision", "speaker_id", "verb", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."claim_id", NEW."created_at", NEW."created_by_id", NEW."derives_from_id", NEW."document_id", NEW."hedge", NEW."id", NEW."modality", NEW."on_behalf_of_id", NEW."outlet_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."polarity", NEW."published_at", NEW."published_precision", NEW."role", NEW."said_at", NEW."said_precision", NEW."speaker_id", NEW."verb", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="6f378a3352e6458ab8902c1217fb24d27cff1740",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b4ab1",
                    table="claims_assertion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assertion",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "claims_assertionevent" ("claim_id", "created_at", "created_by_id", "derives_from_id", "document_id", "hedge", "id", "modality", "on_behalf_of_id", "outlet_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "polarity", "published_at", "published_precision", "role", "said_at", "said_precision", "speaker_id", "verb", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."claim_id", NEW."created_at", NEW."created_by_id", NEW."derives_from_id", NEW."document_id", NEW."hedge", NEW."id", NEW."modality", NEW."on_behalf_of_id", NEW."outlet_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."polarity", NEW."published_at", NEW."published_precision", NEW."role", NEW."said_at", NEW."said_precision", NEW."speaker_id", NEW."verb", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="9744144cf04fe14663680667e0583840c18a0c59",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_bc9ee",
                    table="claims_assertion",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "claims_claimevent" ("author_id", "case_id", "changed_at", "changed_by_id", "created_at", "desk_id", "external_id", "headline", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "text", "workflow") VALUES (NEW."author_id", NEW."case_id", NEW."changed_at", NEW."changed_by_id", NEW."created_at", NEW."desk_id", NEW."external_id", NEW."headline", NEW."id", NEW."language", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."revision", NEW."text", NEW."workflow"); RETURN NULL;',
                    hash="f9ec498c0621973ce2e9b288156342d8044f5668",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_df8fa",
                    table="claims_claim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."headline" IS DISTINCT FROM (NEW."headline") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."text" IS DISTINCT FROM (NEW."text"))',
                    func='INSERT INTO "claims_claimevent" ("author_id", "case_id", "changed_at", "changed_by_id", "created_at", "desk_id", "external_id", "headline", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "text", "workflow") VALUES (NEW."author_id", NEW."case_id", NEW."changed_at", NEW."changed_by_id", NEW."created_at", NEW."desk_id", NEW."external_id", NEW."headline", NEW."id", NEW."language", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."revision", NEW."text", NEW."workflow"); RETURN NULL;',
                    hash="0320258e4a1a0540cc58854e44a73a58eda948a1",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_fe4ba",
                    table="claims_claim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claim",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "claims_claimevent" ("author_id", "case_id", "changed_at", "changed_by_id", "created_at", "desk_id", "external_id", "headline", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "revision", "text", "workflow") VALUES (OLD."author_id", OLD."case_id", OLD."changed_at", OLD."changed_by_id", OLD."created_at", OLD."desk_id", OLD."external_id", OLD."headline", OLD."id", OLD."language", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."revision", OLD."text", OLD."workflow"); RETURN NULL;',
                    hash="a133198b9a157ad6706a00e49b032a280e1340c9",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_dbf31",
                    table="claims_claim",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "claims_evidenceevent" ("assertion_id", "capture_id", "claim_id", "credibility", "document_id", "id", "linked_at", "linked_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "stance", "strength", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."assertion_id", NEW."capture_id", NEW."claim_id", NEW."credibility", NEW."document_id", NEW."id", NEW."linked_at", NEW."linked_by_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."region_id", NEW."stance", NEW."strength", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="aed9a77a8412ee4dfcddcea85066c3dcdf4c8929",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_d2960",
                    table="claims_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "claims_evidenceevent" ("assertion_id", "capture_id", "claim_id", "credibility", "document_id", "id", "linked_at", "linked_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "region_id", "stance", "strength", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."assertion_id", NEW."capture_id", NEW."claim_id", NEW."credibility", NEW."document_id", NEW."id", NEW."linked_at", NEW."linked_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."region_id", NEW."stance", NEW."strength", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="4cfba9bd7903a9d35a75c695da7490769faf2e20",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_0cf54",
                    table="claims_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="figure",
            trigger=pgtrigger.compiler.Trigger(
                name="figures_do_not_supersede_in_a_circle",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.supersedes_id <> NEW.id)",
                    func="\n            IF TG_OP = 'UPDATE' THEN\n                PERFORM pg_advisory_xact_lock(hashtext('claims_figure.supersedes_id'));\n            ELSIF NOT EXISTS (SELECT FROM claims_figure row WHERE row.supersedes_id = NEW.id) THEN\n                RETURN NEW; -- nothing leads to a new row yet: no walk up a long chain for each link of it\n            END IF;\n            IF EXISTS (\n                WITH RECURSIVE above(id) AS (\n                    SELECT NEW.supersedes_id\n                    UNION\n                    SELECT row.supersedes_id FROM claims_figure row JOIN above ON row.id = above.id\n                    WHERE row.supersedes_id IS NOT NULL\n                ) SELECT FROM above WHERE above.id = NEW.id\n            ) THEN\n                RAISE EXCEPTION 'A figure cannot supersede what supersedes it' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'figures_do_not_supersede_in_a_circle';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="77198fab50f365d2c629856ce25bab7fc6c9a609",
                    operation='INSERT OR UPDATE OF "supersedes_id"',
                    pgid="pgtrigger_figures_do_not_supersede_in_a_circle_5264a",
                    table="claims_figure",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="figure",
            trigger=pgtrigger.compiler.Trigger(
                name="a_figure_is_no_part_of_its_parts",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.part_of_id <> NEW.id)",
                    func="\n            IF TG_OP = 'UPDATE' THEN\n                PERFORM pg_advisory_xact_lock(hashtext('claims_figure.part_of_id'));\n            ELSIF NOT EXISTS (SELECT FROM claims_figure row WHERE row.part_of_id = NEW.id) THEN\n                RETURN NEW; -- nothing leads to a new row yet: no walk up a long chain for each link of it\n            END IF;\n            IF EXISTS (\n                WITH RECURSIVE above(id) AS (\n                    SELECT NEW.part_of_id\n                    UNION\n                    SELECT row.part_of_id FROM claims_figure row JOIN above ON row.id = above.id\n                    WHERE row.part_of_id IS NOT NULL\n                ) SELECT FROM above WHERE above.id = NEW.id\n            ) THEN\n                RAISE EXCEPTION 'A figure cannot be part of its own part' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_figure_is_no_part_of_its_parts';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="5ebf9d4eacaf101bde90c7cc8a5d5da803229cac",
                    operation='INSERT OR UPDATE OF "part_of_id"',
                    pgid="pgtrigger_a_figure_is_no_part_of_its_parts_c8255",
                    table="claims_figure",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="figure",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "claims_figureevent" ("as_of", "as_written", "category", "claim_id", "id", "lower", "part_of_id", "parts_are_all", "perpetrator", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_as_written", "place_id", "point", "qualifier", "supersedes_id", "unit", "upper", "window_from", "window_to", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."as_of", NEW."as_written", NEW."category", NEW."claim_id", NEW."id", NEW."lower", NEW."part_of_id", NEW."parts_are_all", NEW."perpetrator", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."place_as_written", NEW."place_id", NEW."point", NEW."qualifier", NEW."supersedes_id", NEW."unit", NEW."upper", NEW."window_from", NEW."window_to", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="d9accadddf372e560534a6fc83258cb5d7fda2c5",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_a8f13",
                    table="claims_figure",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="figure",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "claims_figureevent" ("as_of", "as_written", "category", "claim_id", "id", "lower", "part_of_id", "parts_are_all", "perpetrator", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "place_as_written", "place_id", "point", "qualifier", "supersedes_id", "unit", "upper", "window_from", "window_to", "withdrawn_at", "withdrawn_because", "withdrawn_by_id") VALUES (NEW."as_of", NEW."as_written", NEW."category", NEW."claim_id", NEW."id", NEW."lower", NEW."part_of_id", NEW."parts_are_all", NEW."perpetrator", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."place_as_written", NEW."place_id", NEW."point", NEW."qualifier", NEW."supersedes_id", NEW."unit", NEW."upper", NEW."window_from", NEW."window_to", NEW."withdrawn_at", NEW."withdrawn_because", NEW."withdrawn_by_id"); RETURN NULL;',
                    hash="1b91f7a05a21f5138d72a4633bba12904b5f6ed6",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_ce0c5",
                    table="claims_figure",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
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
            model_name="assertionevent",
            name="derives_from",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.assertion",
                verbose_name="taken over from",
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
            name="document",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.document",
                verbose_name="shown in the document",
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
            name="on_behalf_of",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.source",
                verbose_name="on behalf of",
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
            name="outlet",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.source",
                verbose_name="through the outlet",
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
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
            model_name="assertionevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="claims.assertion",
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
            name="speaker",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.source",
                verbose_name="speaker",
            ),
        ),
        migrations.AddField(
            model_name="assertionevent",
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
            model_name="citation",
            name="assertion",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="citations", to="claims.assertion"
            ),
        ),
        migrations.AddField(
            model_name="citation",
            name="cited",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="claims.assertion"
            ),
        ),
        migrations.AddField(
            model_name="citation",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="assertion",
            name="cites",
            field=models.ManyToManyField(
                help_text="what else it names as its source, beside what it was taken over from",
                related_name="cited_by",
                through="claims.Citation",
                to="claims.assertion",
            ),
        ),
        migrations.AddConstraint(
            model_name="assertion",
            constraint=models.CheckConstraint(
                condition=models.Q(("modality__in", ["certain", "probable", "possible"])),
                name="modality_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="assertion",
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
                name="assertion_is_withdrawn_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="claimevent",
            name="author",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="claimevent",
            name="case",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.case",
            ),
        ),
        migrations.AddField(
            model_name="claimevent",
            name="changed_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="claimevent",
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
            model_name="claimevent",
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
            model_name="claimevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="assertion",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.assertion",
                verbose_name="assertion",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="capture",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.capture",
                verbose_name="capture",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="document",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="sources.document",
                verbose_name="document",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
            name="linked_by",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
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
            model_name="evidenceevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="claims.evidence",
            ),
        ),
        migrations.AddField(
            model_name="evidenceevent",
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
            model_name="figureevent",
            name="claim",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.claim",
            ),
        ),
        migrations.AddField(
            model_name="figureevent",
            name="part_of",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="The total that its source says it belongs to: “of them 125”.",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.figure",
                verbose_name="part of",
            ),
        ),
        migrations.AddField(
            model_name="figureevent",
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
            model_name="figureevent",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="claims.figure",
            ),
        ),
        migrations.AddField(
            model_name="figureevent",
            name="supersedes",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.figure",
            ),
        ),
        migrations.AddField(
            model_name="figureevent",
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
            model_name="place",
            name="desk",
            field=models.ForeignKey(
                blank=True,
                help_text="empty for those that come with Verify",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="places",
                to="accounts.desk",
            ),
        ),
        migrations.AddField(
            model_name="place",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="claims.place",
                verbose_name="in",
            ),
        ),
        migrations.AddField(
            model_name="figureevent",
            name="place",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.place",
                verbose_name="place",
            ),
        ),
        migrations.AddField(
            model_name="figure",
            name="place",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="figures",
                to="claims.place",
                verbose_name="place",
            ),
        ),
        migrations.AddConstraint(
            model_name="figure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("part_of__isnull", True),
                    models.Q(("part_of", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="a_figure_is_no_part_of_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="figure",
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
                name="figure_is_withdrawn_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="region",
            name="assertion",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="regions",
                to="claims.assertion",
            ),
        ),
        migrations.AddField(
            model_name="region",
            name="capture",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="regions", to="sources.capture"
            ),
        ),
        migrations.AddField(
            model_name="region",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="region",
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
            model_name="evidenceevent",
            name="region",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="claims.region",
                verbose_name="place in a file",
            ),
        ),
        migrations.AddField(
            model_name="evidence",
            name="region",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="evidence",
                to="claims.region",
                verbose_name="place in a file",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("assertion__isnull", False),
                        ("capture__isnull", True),
                        ("document__isnull", True),
                        ("region__isnull", True),
                    ),
                    models.Q(
                        ("assertion__isnull", True),
                        ("capture__isnull", True),
                        ("document__isnull", False),
                        ("region__isnull", True),
                    ),
                    models.Q(
                        ("assertion__isnull", True),
                        ("capture__isnull", False),
                        ("document__isnull", True),
                        ("region__isnull", True),
                    ),
                    models.Q(
                        ("assertion__isnull", True),
                        ("capture__isnull", True),
                        ("document__isnull", True),
                        ("region__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="evidence_is_exactly_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
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
                name="evidence_is_withdrawn_by_somebody_for_a_reason",
            ),
        ),
        migrations.AddField(
            model_name="regioncheck",
            name="change",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="region_checks", to="sources.change"
            ),
        ),
        migrations.AddField(
            model_name="regioncheck",
            name="region",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="claims.region"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="assertionevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="6d098fc8b49ea5dc46a7d2a65ae052e06085f314",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_76a13",
                    table="claims_assertionevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.UniqueConstraint(
                fields=("assertion", "cited"), name="an_assertion_cites_another_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="citation",
            constraint=models.CheckConstraint(
                condition=models.Q(("assertion", models.F("cited")), _negated=True),
                name="an_assertion_does_not_cite_itself",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="claimevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="0342f9354d975fc258a2169f5a68f2fcb6b672f7",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_aeef3",
                    table="claims_claimevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["country", "governorate", "district", "city"])),
                name="place_kind_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(("name", ""), _negated=True), name="a_place_has_a_name"
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent__isnull", True),
                    models.Q(("parent", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="a_place_does_not_lie_in_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "country"), ("parent__isnull", True)),
                    models.Q(models.Q(("kind", "country"), _negated=True), ("parent__isnull", False)),
                    _connector="OR",
                ),
                name="whatever_is_no_country_lies_in_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(
                fields=("desk", "parent", "name"), name="one_place_of_a_name_in_a_place", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="place",
            constraint=models.UniqueConstraint(
                condition=models.Q(("code", ""), _negated=True),
                fields=("code",),
                name="one_place_per_iso_code",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="place",
            trigger=pgtrigger.compiler.Trigger(
                name="places_do_not_lie_in_each_other",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NEW.parent_id <> NEW.id)",
                    func="\n            IF TG_OP = 'UPDATE' THEN\n                PERFORM pg_advisory_xact_lock(hashtext('claims_place.parent_id'));\n            ELSIF NOT EXISTS (SELECT FROM claims_place row WHERE row.parent_id = NEW.id) THEN\n                RETURN NEW; -- nothing leads to a new row yet: no walk up a long chain for each link of it\n            END IF;\n            IF EXISTS (\n                WITH RECURSIVE above(id) AS (\n                    SELECT NEW.parent_id\n                    UNION\n                    SELECT row.parent_id FROM claims_place row JOIN above ON row.id = above.id\n                    WHERE row.parent_id IS NOT NULL\n                ) SELECT FROM above WHERE above.id = NEW.id\n            ) THEN\n                RAISE EXCEPTION 'A place cannot lie in what lies in it' USING ERRCODE = 'restrict_violation', CONSTRAINT = 'places_do_not_lie_in_each_other';\n            END IF;\n            RETURN NEW;\n        ",
                    hash="a03057c58f126585040986cce444d164fc28b156",
                    operation='INSERT OR UPDATE OF "parent_id"',
                    pgid="pgtrigger_places_do_not_lie_in_each_other_a3afc",
                    table="claims_place",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="figureevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="11c75a43ef719519146b207768aa949d3a0061c6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_60ff8",
                    table="claims_figureevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["page", "picture", "time"])), name="region_kind_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("height__isnull", True),
                        ("left__isnull", True),
                        ("top__isnull", True),
                        ("width__isnull", True),
                    ),
                    models.Q(
                        ("height__gt", 0), ("left__isnull", False), ("top__isnull", False), ("width__gt", 0)
                    ),
                    _connector="OR",
                ),
                name="a_box_is_whole_and_spans_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("from_ms__isnull", True),
                        ("kind", "page"),
                        ("left__isnull", False),
                        ("page__gt", 0),
                        ("to_ms__isnull", True),
                    ),
                    models.Q(
                        ("from_ms__isnull", True),
                        ("kind", "picture"),
                        ("left__isnull", False),
                        ("page__isnull", True),
                        ("to_ms__isnull", True),
                    ),
                    models.Q(
                        ("from_ms__isnull", False),
                        ("kind", "time"),
                        ("page__isnull", True),
                        ("to_ms__gt", models.F("from_ms")),
                    ),
                    _connector="OR",
                ),
                name="a_region_is_measured_as_its_kind_is",
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
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
                name="region_is_withdrawn_by_somebody_for_a_reason",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="region",
            trigger=pgtrigger.compiler.Trigger(
                name="nothing_is_shown_in_an_erased_capture",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE now_in TEXT;",
                    func="\n                    SELECT state INTO now_in FROM sources_capture WHERE id = NEW.capture_id FOR SHARE;\n                    IF now_in IS DISTINCT FROM 'archived' THEN\n                        RAISE EXCEPTION 'The capture is not archived: nothing can be shown in it'\n                            USING ERRCODE = 'restrict_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="1f1ac5ed3f4b298b2c967464d854b691d1f3f1e4",
                    operation="INSERT",
                    pgid="pgtrigger_nothing_is_shown_in_an_erased_capture_1c2b7",
                    table="claims_region",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidenceevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="9b156cb2ce3ac82360d6f20539a0292c4af11367",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3fd72",
                    table="claims_evidenceevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="regioncheck",
            constraint=models.UniqueConstraint(
                fields=("region", "change"), name="one_check_per_region_and_change"
            ),
        ),
        migrations.AddConstraint(
            model_name="regioncheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["intact", "moved", "altered", "gone"])),
                name="region_state_is_known",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="regioncheck",
            trigger=pgtrigger.compiler.Trigger(
                name="region_check_never_changes",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n            IF EXISTS (\n                SELECT FROM sources_change c, claims_region r WHERE c.id = OLD.change_id AND r.id = OLD.region_id\n                    AND (custody_erasing(r.capture_id) OR custody_erasing(c.after_id))\n            ) AND NEW.found = ''\n                AND to_jsonb(NEW) - ARRAY['found'] = to_jsonb(OLD) - ARRAY['found'] THEN\n                RETURN NEW;\n            END IF;\n            RAISE EXCEPTION 'Cannot update rows from % table: what is on record stays, or is erased by two people',\n                TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\n        ",
                    hash="fbbaf0de0dc371b285f7e8a9839aab88874a8a56",
                    operation="UPDATE",
                    pgid="pgtrigger_region_check_never_changes_4c113",
                    table="claims_regioncheck",
                    when="BEFORE",
                ),
            ),
        ),
        *(
            migrations.RunSQL(refuse_truncate(table), f"DROP TRIGGER {table}_no_truncate ON {table};")
            for table in HISTORIES
        ),
    ]
