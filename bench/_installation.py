"""A throw-away installation: its own folder, PostgreSQL and Valkey, migrated, and gone afterwards."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from verify.stack import services


@contextmanager
def installation() -> Iterator[Path]:
    """Django set up on an empty, durable installation while the block runs; its var folder."""
    for name in ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT", "VERIFY_PRODUCTION", "VERIFY_DEMO_PRESS"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="verify-bench-") as folder:
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account and passes through
        os.environ |= {"VERIFY_VAR": folder, "DJANGO_SETTINGS_MODULE": "verify.settings"}
        with services.ensure():
            import django
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            call_command("migrate", interactive=False, verbosity=0)
            try:
                yield Path(folder)
            finally:
                connections.close_all()
