"""The search keys of the names that are there already, and what the log says of a protected person's custodians."""

import pgtrigger
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from sources.catalog.names import key

KINDS = [
    ("capture-archived", "capture archived"),
    ("capture-failed", "capture failed"),
    ("upload-received", "upload received"),
    ("capture-rechecked", "capture re-checked"),
    ("protected-viewed", "evidence viewed under protection"),
    ("identity-sealed", "identity sealed anew"),
    ("custodian-changed", "custodian added or removed"),
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
]
BATCH = 1000


def fill_keys(apps, schema_editor):
    # Nobody changed these names, so their history has nothing to say of it.
    with pgtrigger.ignore("sources.Source:update_update", "sources.Alias:update_update"):
        for model in (apps.get_model("sources", "Source"), apps.get_model("sources", "Alias")):
            rows = []
            for row in model.objects.only("pk", "name").iterator(chunk_size=BATCH):
                row.key = key(row.name)
                rows.append(row)
            model.objects.bulk_update(rows, ["key"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("sources", "0007_names_merges_history")]

    operations = [
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
        # A name that is taken back goes; who took it back, when and why is the last line of its history.
        pgtrigger.migrations.AddTrigger(
            model_name="alias",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "sources_aliasevent" ("id", "key", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") VALUES (OLD."id", OLD."key", OLD."language", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."source_id"); RETURN NULL;',
                    hash="5836a071d05d9a4b04d450b2abbf8a405236a428",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d2c05",
                    table="sources_alias",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RemoveConstraint(model_name="entry", name="entry_kind_is_known"),
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=64, verbose_name="kind"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _word in KINDS])), name="entry_kind_is_known"
            ),
        ),
    ]
