"""Row triggers let TRUNCATE through, also when it comes by CASCADE; what is on record is guarded against it too."""

from django.db import migrations

from sources.custody.triggers import refuse_truncate

TABLES = ("sources_grade", "claims_transition", "verify_review", "verify_verdict", "verify_version")


class Migration(migrations.Migration):
    dependencies = [("verify", "0001_initial"), ("claims", "0001_initial"), ("sources", "0002_append_only")]

    operations = [
        migrations.RunSQL(refuse_truncate(table), f"DROP TRIGGER {table}_no_truncate ON {table};")
        for table in TABLES
    ]
