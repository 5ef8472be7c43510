"""`manage.py upload FILE [--url URL]`: register a file as evidence."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from sources.archive.models import Capture
from sources.archive.services import normalised, receive_upload
from sources.archive.storage import CHUNK
from sources.catalog.services import register_document
from sources.management.commands._desk import BAD_USAGE, add_desk_argument, find_desk, sentence


class Command(BaseCommand):
    help = "Register a file as evidence; prints the capture's id, state, digest and log entry index."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--url", default="", metavar="URL", help="where the file is said to come from; may be left out"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        add_desk_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        desk = find_desk(options["desk"])
        now = timezone.now()
        try:
            with options["file"].open("rb") as handle, transaction.atomic():
                url = normalised(options["url"]) if options["url"] else ""
                document = register_document(desk=desk, url=url, by=None, at=now) if url else None
                capture = receive_upload(
                    desk=desk,
                    content=iter(lambda: handle.read(CHUNK), b""),
                    filename=options["file"].name,
                    url=url,
                    by=None,
                    at=now,
                    document_id=document.pk if document else None,
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
        if options["json"]:
            self.stdout.write(json.dumps(facts | _described(capture)))
        else:
            self.stdout.write(" ".join(str(value) for value in facts.values()))


def _described(capture: Capture) -> dict[str, Any]:
    """What the file is, and what it says of itself in brief; all of it is the file's own word."""
    found = capture.inspections.first()
    return {
        "kind": capture.media_type,
        "file": {"sha256": capture.body_id, "size": capture.body.size if capture.body else None},
        "notes": capture.notes,
        "metadata": found
        and {
            "facts": len(found.facts),
            "width": found.width,
            "height": found.height,
            "duration": found.duration,
            "taken_at": found.taken_at and found.taken_at.isoformat(),
            "taken_evidence": found.taken_evidence,
            "latitude": found.latitude,
            "longitude": found.longitude,
            "credentials": found.credentials,
            "problem": found.problem,
        },
    }
