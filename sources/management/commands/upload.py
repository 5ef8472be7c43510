"""`manage.py upload FILE --url URL`: register a file as evidence."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from sources.archive.services import normalised, receive_upload
from sources.archive.storage import CHUNK
from sources.catalog.services import register_document
from sources.management.commands._desk import BAD_USAGE, add_desk_argument, find_desk, sentence


class Command(BaseCommand):
    help = "Register a file as evidence; prints the capture's id, state, digest and log entry index."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--url", required=True, metavar="URL", help="where the file is said to come from")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        add_desk_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        desk = find_desk(options["desk"])
        now = timezone.now()
        try:
            with options["file"].open("rb") as handle, transaction.atomic():
                document = register_document(desk=desk, url=normalised(options["url"]), by=None, at=now)
                capture = receive_upload(
                    desk=desk,
                    content=iter(lambda: handle.read(CHUNK), b""),
                    filename=options["file"].name,
                    url=document.url,
                    by=None,
                    at=now,
                    document_id=document.pk,
                )
        except OSError as error:
            raise CommandError(f"FILE: {error}", returncode=BAD_USAGE) from error
        except ValidationError as error:
            raise CommandError(sentence(error), returncode=BAD_USAGE) from error
        facts = {
            "id": str(capture.pk),
            "state": capture.state,
            "digest": f"sha256:{capture.datapackage_sha256}",
            "entry": capture.entry_id,
        }
        self.stdout.write(
            json.dumps(facts) if options["json"] else " ".join(str(value) for value in facts.values())
        )
