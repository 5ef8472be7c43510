"""`manage.py fsck`: re-derive everything from rows, blobs and log, and name whatever was touched."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from claims.attribution import fsck as attribution
from claims.statements import fsck as statements
from sources.archive import fsck as archive
from sources.archive.storage import StorageUnavailable
from sources.custody import fsck as custody
from sources.custody.fsck import Progress
from verify.publish import fsck as publish

BAR = 24  # characters
PARTS = (custody, archive, statements, attribution, publish)


class Command(BaseCommand):
    help = "Re-derive everything; a line per fault. Exit code 0: all holds; 1: something was touched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        self.seen: dict[str, int] = {}
        found = []
        try:
            for fault in chain.from_iterable(part.faults(report=self.report) for part in PARTS):
                found.append(fault)
                if not options["json"]:
                    self.clear()
                    self.stdout.write(str(fault))
        except StorageUnavailable as away:
            # No answer is no fault; but what was not read was not checked either.
            raise CommandError(
                f"not checked to the end, the storage does not answer: {away}", returncode=1
            ) from away
        self.clear()
        warnings = list(custody.warnings())
        if options["json"]:
            answer = {
                "ok": not found,
                "checked": self.seen,
                "faults": [asdict(fault) for fault in found],
                "warnings": [asdict(warning) for warning in warnings],
            }
            self.stdout.write(json.dumps(answer, indent=2))
        else:
            for warning in warnings:
                self.stdout.write(f"warning: {warning}")
            checked = ", ".join(f"{count} {what}" for what, count in self.seen.items())
            self.stdout.write(f"checked: {checked or 'nothing is there yet'}")
        if found:
            raise CommandError(f"{len(found)} faults", returncode=1)
        if not options["json"]:
            self.stdout.write("all of it holds")

    def report(self, progress: Progress) -> None:
        """Count, and draw a bar where a person watches."""
        self.seen[progress.part] = progress.done
        if sys.stderr.isatty() and (progress.done == progress.total or progress.done % 50 == 0):
            filled = "█" * round(BAR * progress.done / max(progress.total, 1))
            self.stderr.write(
                f"\r{progress.part:<24} {filled:<{BAR}} {progress.done}/{progress.total}", ending=""
            )

    def clear(self) -> None:
        """Take the bar away before a line is written."""
        if sys.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
