"""Custody reports that leave the installation: as JSON or PDF, and on record in the log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from claims.statements.models import Claim
from sources.archive.models import Capture
from sources.custody import services as custody
from sources.custody.kinds import Kind
from verify.accounts.models import User
from verify.evidence import rules
from verify.evidence.custody_pdf import render
from verify.evidence.custody_report import FORMAT, Report, of_capture, of_claim


class Medium(models.TextChoices):
    JSON = "json", _("JSON")
    PDF = "pdf", _("PDF")


@dataclass(frozen=True)
class ExportedReport:
    """A report that was handed out. Digests are SHA-256 in hexadecimal."""

    content: bytes
    sha256: str  # of the content
    report_sha256: str  # of the report as JSON, which is printed in the PDF as well
    entry: int  # in the log: that it was handed out


def report_on(scope: Capture | Claim, *, by: User | None, at: datetime) -> Report:
    """The custody report of a capture or of a claim, as of `at`."""
    if isinstance(scope, Capture):
        return of_capture(capture=scope, by=by, at=at)
    return of_claim(claim=scope, by=by, at=at)


def export_report(*, scope: Capture | Claim, medium: Medium, by: User | None, at: datetime) -> ExportedReport:
    """Make the report as a file, in the active language if it is a PDF, and log that it was handed out.

    `by` is None for who runs the installation. Raises PermissionDenied for who may not take evidence out.
    """
    if by is not None:
        rules.check_can_export(by, scope.desk)
    report = report_on(scope, by=by, at=at)
    content = report.json if medium == Medium.JSON else render(report)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        entry = custody.record(
            kind=Kind.EVIDENCE_EXPORTED,
            subject=scope,
            facts={
                "format": FORMAT,
                "medium": medium.value,
                "report_sha256": report.sha256,
                "file_sha256": sha256,
            },
            by=by,
            at=at,
        )
    return ExportedReport(content, sha256, report.sha256, entry.index)
