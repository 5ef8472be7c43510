"""The log is append-only, contiguous and guarded by the database itself.

The SQL lives beside the code that relies on it; a later change of it is a later migration, never an edit of this SQL.
"""

from django.db import migrations

from sources.custody import triggers


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]

    operations = [migrations.RunSQL(triggers.FORWARD, triggers.REVERSE)]
