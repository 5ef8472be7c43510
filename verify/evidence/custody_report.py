"""The custody report of a capture or of a claim: who did what when, assembled from rows, each re-checked on the way.

The parts of a capture bear the names of the Berkeley Protocol's fields: custodian, control, date and time, transfer,
analysis, disposition. docs/how-to/custody-report.md says what stands in each. Times are UTC with microseconds, digests
SHA-256 in lower-case hexadecimal. The caller answers for who may read it: it names people of the desk, though never
who a protected person is, nor what a reviewer thinks while others are still asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.conf import settings

from claims.statements.models import Claim
from sources.archive.models import Capture
from sources.custody.body import format_time
from sources.custody.canonical import canonical, digest
from verify.accounts.models import User
from verify.evidence import custody_claim
from verify.evidence.custody_captures import Gathered
from verify.evidence.custody_log import FAIL, Extract, Json, extract

FORMAT = "verify-custody-report/1"
LIMITS = (
    "It does not show that a page said what it says to everybody, nor that what it says is true.",
    "It rests on the records of this installation. What somebody outside can check without trusting them stands under "
    "control: signed checkpoints, cosignatures, timestamps. The evidence package holds them with their proofs.",
    "Stored bytes were not read again for it: digests are those on record. The command fsck reads all of them.",
)


@dataclass(frozen=True)
class Report:
    """A report as plain data that has a canonical form (RFC 8785)."""

    data: Json

    @cached_property
    def json(self) -> bytes:
        return canonical(self.data)

    @property
    def sha256(self) -> str:
        return digest(self.json)

    @property
    def made_at(self) -> datetime:
        return datetime.fromisoformat(self.data["made"]["at"])


def of_capture(*, capture: Capture, by: User | None, at: datetime) -> Report:
    """The report on one capture, as of `at`; `by` is whom it is made for, None for who runs the installation."""
    gathered = Gathered([capture.pk])
    log = extract(gathered.subjects(), [])
    return _report(
        "capture", capture.pk, capture.url or capture.filename, capture.desk, gathered, log, by, at
    )


def of_claim(*, claim: Claim, by: User | None, at: datetime) -> Report:
    """The report on a claim: its own history, and every capture that its assertions and its evidence rest on."""
    history = custody_claim.History(claim)
    gathered = Gathered(history.captures)
    subjects = gathered.subjects()
    for name, ids in history.subjects().items():
        subjects[name] = {*subjects.get(name, ()), *ids}
    log = extract(subjects, [])
    return _report("claim", claim.pk, str(claim), claim.desk, gathered, log, by, at, claim=history.data(log))


def problems_in(value: Any, where: str = "") -> list[str]:
    """Every failed check of a report's data, in words, with what it is about."""
    if isinstance(value, dict):
        own = [each["detail"] for each in value.get("checks", ()) if each["result"] == FAIL]
        name = value.get("what") or (f"Entry {value['index']}" if "index" in value else where)
        found = [f"{name}: {detail}" for detail in own]
        return found + [p for key, item in value.items() if key != "checks" for p in problems_in(item, name)]
    if isinstance(value, list):
        return [problem for item in value for problem in problems_in(item, where)]
    return []


def _report(
    kind: str,
    pk: UUID,
    title: str,
    desk: Any,
    gathered: Gathered,
    log: Extract,
    by: User | None,
    at: datetime,
    claim: Json | None = None,
) -> Report:
    data: Json = {
        "format": FORMAT,
        "made": {"at": format_time(at), "by": str(by) if by else None, "software": settings.SOFTWARE},
        "scope": {"type": kind, "id": str(pk), "title": title},
        "desk": {"slug": desk.slug, "name": desk.name},
        "log": {"origin": settings.LOG_ORIGIN, "checkpoints": log.checkpoints},
        "claim": claim,
        "captures": [gathered.capture(capture, log) for capture in gathered.captures],
        "limits": list(LIMITS),
    }
    return Report({**data, "problems": list(dict.fromkeys(problems_in(data)))})
