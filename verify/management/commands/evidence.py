"""`manage.py evidence`: evidence packages written, and checked (docs/reference/evidence-package.md)."""

from __future__ import annotations

import json
import os
import tempfile
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from claims.statements.models import Case, Claim
from sources.archive.storage import BlobDamaged
from sources.custody import services as custody
from sources.custody.note import NoteError
from sources.management.commands._desk import BAD_USAGE, sentence
from verify.evidence import verify_evidence
from verify.evidence.checking import trust
from verify.evidence.package import Exported, export_case, export_claim


def _opening(text: str) -> tuple[int, str]:
    index, colon, name = text.partition(":")
    if not colon or not index.isdecimal() or not name:
        raise ArgumentTypeError("write it as INDEX:NAME, such as 12:by")
    return int(index), name


class Command(BaseCommand):
    help = "Write the evidence package of a claim or a case, or check one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        output = ArgumentParser(add_help=False)
        output.add_argument("--json", action="store_true", help="one JSON object instead of text")
        actions = parser.add_subparsers(dest="action", required=True)
        export = actions.add_parser("export", parents=[output], help="write a package; the export is logged")
        export.add_argument("id", type=UUID, metavar="CLAIM", help="the claim's id (with --case, the case's)")
        export.add_argument("--case", action="store_true", help="all claims of a case")
        export.add_argument("--out", type=Path, required=True, metavar="FILE.zip")
        export.add_argument(
            "--open",
            type=_opening,
            action="append",
            default=[],
            metavar="INDEX:NAME",
            help="reveal what a log entry commits to, 12:by for who made entry 12; by default nothing is",
        )
        check = actions.add_parser(
            "verify", parents=[output], help="check a package; exit code 1 if it fails"
        )
        check.add_argument("file", type=Path, metavar="FILE.zip")
        check.add_argument(
            "--key", action="append", default=[], metavar="VKEY", help="default: this log's own keys"
        )
        check.add_argument("--policy", metavar="FILE")
        check.add_argument("--tsa-ca", action="append", default=[], metavar="FILE")
        check.add_argument("--checkpoint", action="append", default=[], metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        self.verify(options) if options["action"] == "verify" else self.export(options)

    def export(self, options: dict[str, Any]) -> None:
        """The package appears under its name only when it is whole and its export is in the log."""
        target: Path = options["out"]
        if target.is_dir() or not target.parent.is_dir():
            raise CommandError(f"--out: {target} cannot be written", returncode=BAD_USAGE)
        try:
            with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".export-", delete=False) as out:
                try:
                    done = self._export(options, out)
                    out.flush()
                    os.fsync(out.fileno())
                    os.replace(out.name, target)
                except BaseException:
                    Path(out.name).unlink(missing_ok=True)
                    raise
        except ValidationError as error:
            raise CommandError(sentence(error), returncode=1) from error
        except (custody.CustodyError, NoteError, BlobDamaged, OSError) as error:
            raise CommandError(str(error), returncode=1) from error
        if options["json"]:
            self.stdout.write(json.dumps({"file": str(target), **asdict(done)}))
        else:
            self.stdout.write(f"{done.sha256}  {target}")
            self.stdout.write(
                f"{done.captures} captures, {done.files} files, {done.size} bytes; log entry {done.entry}"
            )

    def _export(self, options: dict[str, Any], out: Any) -> Exported:
        at = timezone.now()
        if options["case"]:
            case = Case.objects.select_related("desk").filter(pk=options["id"]).first()
            if case is None:
                raise CommandError("There is no case with this id.", returncode=BAD_USAGE)
            return export_case(case=case, by=None, at=at, out=out, opened=options["open"])
        claim = Claim.objects.select_related("desk").filter(pk=options["id"]).first()
        if claim is None:
            raise CommandError("There is no claim with this id.", returncode=BAD_USAGE)
        return export_claim(claim=claim, by=None, at=at, out=out, opened=options["open"])

    def verify(self, options: dict[str, Any]) -> None:
        """The single-file verifier, with this log's keys and policy unless others are given."""
        own, authorities = trust()
        try:
            given = verify_evidence.Given(
                keys=[verify_evidence.Key.parse(key) for key in options["key"] or own],
                policy=verify_evidence.Policy.parse(
                    Path(options["policy"]).read_text(encoding="utf-8")
                    if options["policy"]
                    else settings.LOG_POLICY
                ),
                anchors=[
                    certificate
                    for path in options["tsa_ca"] or authorities
                    for certificate in verify_evidence.parse_pem(Path(path).read_text(encoding="utf-8"))
                ],
                seen=[(path, Path(path).read_bytes()) for path in options["checkpoint"]],
            )
            report = verify_evidence.verify_file(options["file"], given)
        except (OSError, ValueError) as error:
            raise CommandError(str(error), returncode=BAD_USAGE) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json()))
        else:
            self.stdout.write(verify_evidence.show(report), ending="")
        if not report.ok:
            raise CommandError(f"{report.count(verify_evidence.FAIL)} checks failed", returncode=1)
