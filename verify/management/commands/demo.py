"""`manage.py demo`: load the demo case."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from sources.custody.models import Entry
from verify.demo import load
from verify.publish.models import Publication


class Command(BaseCommand):
    help = "Load the demo case: pages really fetched by the worker, claims attributed, reviewed, published, checked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if the case is there already")
        parser.add_argument("--logins", action="store_true", help="only print the demo's logins, one a line")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["logins"]:
            for name, password, role in load.logins():
                self.stdout.write(f"{name:<10} {password}   {role}")
            return
        if options["if_empty"] and load.is_complete():
            return
        try:
            load.load(say=lambda line: self.stdout.write(f"demo: {line}"))
        except (load.DemoError, ValidationError) as error:
            raise CommandError(str(error), returncode=1) from error
        for publication in Publication.objects.public().select_related("claim", "version"):
            assert publication.version is not None  # held by the database: published_means_there_is_a_version
            self.stdout.write(f"demo: published: {publication.claim} ({publication.version.sha256[:12]}…)")
        self.stdout.write(f"demo: the log has {Entry.objects.count()} entries; checking everything with fsck")
        call_command("fsck")
