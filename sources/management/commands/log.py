"""The transparency log on the command line; docs/reference/log-format.md says what it prints and writes."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from sources.custody import grants, rotation, services
from sources.custody.models import Checkpoint, Entry
from sources.custody.note import NoteError
from sources.custody.tree import NotInLog
from verify.stack import secrets
from verify.stack.errors import StackError


class Command(BaseCommand):
    help = "Sign the log, prove an entry, write the log as static files, change its key, guard its tables."

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
        rotate = actions.add_parser(
            "rotate-key", parents=[output], help="bring a new signing key into use beside the old one"
        )
        rotate.add_argument("--retire", action="store_true", help="end the overlap: the new key signs alone")
        harden = actions.add_parser(
            "harden",
            parents=[output],
            help="print the SQL that makes a database role without the right to change",
        )
        harden.add_argument("role", metavar="ROLE", help="what the web server and the workers connect as")
        harden.add_argument("--apply", action="store_true", help="run it, as the owner of the tables")

    def handle(self, *args: Any, **options: Any) -> None:
        action = {
            "checkpoint": self.checkpoint,
            "proof": self.proof,
            "export": self.export,
            "verifier-key": self.verifier_key,
            "rotate-key": self.rotate_key,
            "harden": self.harden,
        }[options["action"]]
        try:
            answer, text = action(options)
        except (services.CustodyError, NoteError, NotInLog, OSError, StackError, DatabaseError) as error:
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

    def rotate_key(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        entry = self.retire_key() if options["retire"] else self.introduce_key()
        facts = dict(entry.read().facts)
        answer = {"entry": entry.index, **facts, "in_file": secrets.is_file_kept()}
        return answer, "\n".join([f"entry {entry.index}: {facts['stage']}", *self.advice(facts), ""])

    def introduce_key(self) -> Entry:
        if secrets.is_file_kept():  # on disk before anything is signed with it
            settings.LOG_NEXT_SIGNING_KEY = secrets.begin_rotation()
        elif not settings.LOG_NEXT_SIGNING_KEY:
            raise services.CustodyError(
                "The log's key is given in the environment. Give all processes LOG_NEXT_SIGNING_KEY (made with: "
                "openssl rand -base64 32), restart them, and run this again. Nothing was changed."
            )
        return rotation.introduce_key(by=None, at=timezone.now())

    def retire_key(self) -> Entry:
        entry = rotation.retire_key(by=None, at=timezone.now())
        if secrets.is_file_kept():
            secrets.finish_rotation(retired=str(entry.read().facts["old"]))
        return entry

    def advice(self, facts: dict[str, Any]) -> list[str]:
        """What is left to do by hand."""
        if facts["stage"] == rotation.INTRODUCED:
            return [
                f"new key: {facts['new']}",
                "Restart the web server and the workers, so that both keys sign. Give the new key to all who verify",
                "and to the witnesses' operators. When they have it: log rotate-key --retire",
            ]
        if secrets.is_file_kept():
            return [
                "Restart the web server and the workers. The old key is destroyed here; its signatures stay good."
            ]
        return [
            "In the environment of all processes: LOG_SIGNING_KEY becomes what LOG_NEXT_SIGNING_KEY is, which is taken",
            f"out; LOG_RETIRED_KEYS gets {facts['old']}. Then restart them.",
        ]

    def harden(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        sql = grants.statements(options["role"])
        if options["apply"]:
            grants.apply(options["role"])
        return {"role": options["role"], "applied": options["apply"], "sql": sql}, "".join(
            f"{line};\n" for line in sql
        )
