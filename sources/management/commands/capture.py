"""`manage.py capture URL`: archive a URL."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from sources.archive.models import Capture, CaptureMode
from sources.archive.services import normalised, request_capture
from sources.archive.states import CaptureState, Waiting
from sources.catalog.services import register_document
from sources.management.commands._desk import BAD_USAGE, add_desk_argument, find_desk, sentence

POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = "Archive a URL; prints the capture's id, state, digest and log entry index."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--mode", choices=CaptureMode.values, default=CaptureMode.HTTP)
        parser.add_argument(
            "--wait", action="store_true", help="until it is archived or failed (exit code 1)"
        )
        parser.add_argument(
            "--timeout", type=float, default=300, metavar="SECONDS", help="how long --wait waits"
        )
        parser.add_argument("--force", action="store_true", help="fetch again even if it was just fetched")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        add_desk_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        desk = find_desk(options["desk"])
        now = timezone.now()
        try:
            with transaction.atomic():
                document = register_document(desk=desk, url=normalised(options["url"]), by=None, at=now)
                capture = request_capture(
                    desk=desk,
                    url=document.url,
                    by=None,
                    at=now,
                    mode=CaptureMode(options["mode"]),
                    document_id=document.pk,
                    force=options["force"],
                )
        except ValidationError as error:
            if options["json"]:
                self.stdout.write(json.dumps({"error": error.message_dict, "url": options["url"]}))
            raise CommandError(f"URL: {sentence(error)}", returncode=BAD_USAGE) from error
        if options["wait"]:
            self.wait_for(capture, options["timeout"])
        self.show(capture, as_json=options["json"])
        if capture.state == CaptureState.FAILED:
            raise CommandError(f"{capture.failure_code}: {capture.failure_detail}", returncode=1)
        if options["wait"] and not capture.is_finished:
            raise CommandError(
                f"still {capture.state} after {options['timeout']:g} s; {_why(capture)}", returncode=1
            )

    def wait_for(self, capture: Capture, seconds: float) -> None:
        """Read the row again until it is finished or the time is over."""
        until = time.monotonic() + seconds
        while not capture.is_finished and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
            capture.refresh_from_db()

    def show(self, capture: Capture, *, as_json: bool) -> None:
        """Print id, state, digest and entry index."""
        facts = {
            "id": str(capture.pk),
            "state": capture.state,
            "digest": f"sha256:{capture.datapackage_sha256}" if capture.datapackage_sha256 else None,
            "entry": capture.entry_id,
            "status": capture.http_status,
            "failure": {"code": capture.failure_code, "detail": capture.failure_detail}
            if capture.failure_code
            else None,
            "notes": capture.notes,
            "waiting_until": _moment(capture.not_before),
            "reason": capture.progress if capture.not_before else None,
            "attempts": [
                {
                    "number": attempt.number,
                    "code": attempt.failure_code,
                    "detail": attempt.failure_detail,
                    "started_at": _moment(attempt.started_at),
                    "ended_at": _moment(attempt.ended_at),
                    "retry_at": _moment(attempt.retry_at),
                }
                for attempt in capture.attempts.all()
            ],
        }
        if as_json:
            self.stdout.write(json.dumps(facts))
            return
        self.stdout.write(
            f"{facts['id']} {facts['state']} {facts['digest'] or '-'} {_or_dash(facts['entry'])}"
        )
        for note in capture.notes:
            self.stdout.write(f"  {note}")


def _why(capture: Capture) -> str:
    """What a person can do about a capture that is not finished."""
    if capture.not_before is None:
        return "it stays queued. Is a worker running? Start one with: make run"
    last = capture.attempts.last()
    because = f" The last try: {last.failure_detail}" if last and capture.progress == Waiting.RETRY else ""
    return f"{capture.progress}, until {_moment(capture.not_before)}.{because}"


def _moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)
