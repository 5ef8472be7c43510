"""The transparency log on the command line; docs/reference/log-format.md says what it prints and writes."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sources.custody import services
from sources.custody.models import Checkpoint
from sources.custody.note import NoteError
from sources.custody.tree import NotInLog


class Command(BaseCommand):
    help = "Sign the log, prove an entry, write the log as static files, or print its verifier key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        output = ArgumentParser(add_help=False)
        output.add_argument("--json", action="store_true", help="one JSON object instead of text")
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser(
            "checkpoint", parents=[output], help="sign what is new; print the newest checkpoint"
        )
        proof = actions.add_parser("proof", parents=[output], help="print the tlog-proof of an entry")
        proof.add_argument("index", type=int, metavar="INDEX", help="the entry's index, from 0")
        export = actions.add_parser("export", parents=[output], help="write the log as static tiles")
        export.add_argument("directory", type=Path, metavar="DIR")
        actions.add_parser("verifier-key", parents=[output], help="print the key that checks the signatures")

    def handle(self, *args: Any, **options: Any) -> None:
        action = {
            "checkpoint": self.checkpoint,
            "proof": self.proof,
            "export": self.export,
            "verifier-key": self.verifier_key,
        }[options["action"]]
        try:
            answer, text = action(options)
        except (services.CustodyError, NoteError, NotInLog, OSError) as error:
            raise CommandError(str(error), returncode=1) from error
        self.stdout.write(
            json.dumps(answer) if options["json"] else text, ending="\n" if options["json"] else ""
        )

    def checkpoint(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        new = services.checkpoint(at=timezone.now())
        if new is None and not Checkpoint.objects.exists():
            raise services.CustodyError("The log is empty: there is nothing to sign yet.")
        newest = new or services.latest_checkpoint()
        answer = {
            "size": newest.size,
            "root": bytes(newest.root).hex(),
            "new": new is not None,
            "note": newest.note,
        }
        return answer, newest.note

    def proof(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        newest = services.latest_checkpoint()
        text = services.inclusion_proof(options["index"], newest)
        return {"index": options["index"], "size": newest.size, "proof": text}, text

    def export(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        done = services.export(options["directory"])
        answer = {"size": done.size, "files": done.written, "bytes": done.bytes}
        return answer, f"{done.size} entries; {done.written} files written, {done.bytes} bytes\n"

    def verifier_key(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        key = str(services.configured_signer().verifier_key)
        return {"verifier_key": key}, key + "\n"
