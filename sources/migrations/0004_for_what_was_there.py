"""Hosts of earlier captures, sketches of earlier texts; and what is on record is guarded against TRUNCATE."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db import migrations

from sources.custody.triggers import refuse_truncate

TABLES = ("sources_attempt", "sources_change")
PORTS = {"http": 80, "https": 443}
SKETCHED, HASH = 16, 8  # hashes, bytes; as when texts were first sketched


def fill_hosts(apps: Any, schema_editor: Any) -> None:
    captures = apps.get_model("sources", "Capture").objects.filter(kind="url", host="")
    for pk, url in captures.values_list("pk", "url").iterator():
        parts = urlsplit(url)
        host = f"{parts.hostname}:{parts.port or PORTS.get(parts.scheme, 0)}"
        captures.filter(pk=pk).update(host=host[:300])


def sketch_texts(apps: Any, schema_editor: Any) -> None:
    texts = apps.get_model("sources", "Text").objects.filter(sketch__isnull=True, fingerprint__isnull=False)
    sketches = apps.get_model("sources", "TextSketch").objects
    for pk, desk, fingerprint in texts.values_list("pk", "capture__desk", "fingerprint").iterator():
        smallest = bytes(fingerprint)[: SKETCHED * HASH]
        hashes = [
            int.from_bytes(smallest[at : at + HASH], "big", signed=True)
            for at in range(0, len(smallest), HASH)
        ]
        sketches.create(text_id=pk, desk_id=desk, hashes=hashes)


class Migration(migrations.Migration):
    dependencies = [("sources", "0003_the_archive_again")]

    operations = [
        migrations.RunPython(fill_hosts, migrations.RunPython.noop),
        migrations.RunPython(sketch_texts, migrations.RunPython.noop),
        *(
            migrations.RunSQL(refuse_truncate(table), f"DROP TRIGGER {table}_no_truncate ON {table};")
            for table in TABLES
        ),
    ]
