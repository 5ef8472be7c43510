"""`manage.py orphans`: what crashes left in the storage that nothing refers to."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sources.archive import storage


class Command(BaseCommand):
    help = "List stored files without a row, and rows of files that nothing refers to. Nothing is deleted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--hours", type=float, default=24, help="only what is older; work under way is younger (24)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        before = timezone.now() - timedelta(hours=options["hours"])
        try:
            for name, size, _at in storage.orphans(before=before):
                self._say("without a row", name, size, options["json"])
            for blob in storage.unused(before=before).iterator():
                self._say("nothing refers to it", blob.path, blob.size, options["json"])
        except storage.StorageUnavailable as unavailable:
            raise CommandError(str(unavailable)) from unavailable

    def _say(self, why: str, name: str, size: int, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"name": name, "bytes": size, "why": why}))
        else:
            self.stdout.write(f"{name}  {size} bytes  {why}")
