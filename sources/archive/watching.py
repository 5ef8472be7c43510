"""Watches: who sets them, when they are due, and who has looked at what they found."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sources.archive.changes import longer
from sources.archive.models import Capture, CaptureMode, Change, Watch
from sources.archive.rules import check_can_capture
from sources.archive.services import request_capture
from verify.accounts.models import Desk, User

logger = logging.getLogger(__name__)

SHORTEST = 300  # seconds
LONGEST = 366 * 86_400  # seconds
NOTE = 5_000  # characters


@transaction.atomic
def set_watch(
    *,
    desk: Desk,
    document_id: UUID,
    by: User,
    at: datetime,
    mode: CaptureMode,
    shortest: int,
    longest: int,
    ends_at: datetime | None = None,
    is_paused: bool = False,
) -> Watch:
    """Have a document of the desk captured again and again, or change how; `shortest` and `longest` are seconds.

    The schedule begins with `shortest`, also when it is changed; the first copy is due at once, unless there is one
    younger than that. `is_paused` stops it. Raises ValidationError by field, PermissionDenied below a checker.
    """
    check_can_capture(by, desk)
    _refuse(desk, document_id, mode, shortest, longest, ends_at, at)
    latest = Capture.objects.filter(document_id=document_id).order_by("-requested_at").first()
    due = max(at, latest.requested_at + timedelta(seconds=shortest)) if latest else at
    watch, _made = Watch.objects.update_or_create(
        document_id=document_id,
        defaults={
            "desk": desk,
            "mode": mode,
            "shortest": shortest,
            "longest": longest,
            "interval": shortest,
            "next_at": due,
            "ends_at": ends_at,
            "is_paused": is_paused,
            "unreachable": 0,
            "set_by": by,
            "set_at": at,
        },
    )
    return watch


def run_due(*, at: datetime) -> int:
    """Ask for a capture for each watch whose time has come; how many were asked for.

    May run anywhere any number of times at once: a watch is locked while it is served, and its next time is written in
    the transaction that queues the capture. What was missed while nobody ran this is not made up for: one capture.
    """
    asked = 0
    for pk in list(Watch.objects.due(at).order_by("next_at").values_list("pk", flat=True)):
        try:
            asked += _run(pk, at=at)
        except Exception:  # a watch that cannot be served must not keep the others waiting
            logger.exception("watch %s could not be served", pk)
    return asked


def mark_seen(*, change: Change, by: User, at: datetime, note: str = "") -> Change:
    """Say that somebody has looked at a change, and what was concluded. Once; for the same person again harmless.

    Raises ValidationError when somebody else has, PermissionDenied below a checker.
    """
    check_can_capture(by, change.desk)
    note = note.replace("\x00", "").strip()
    if len(note) > NOTE:
        raise ValidationError(
            {"note": ngettext("At most %(n)s character.", "At most %(n)s characters.", NOTE) % {"n": NOTE}}
        )
    unseen = Change.objects.filter(pk=change.pk, seen_at__isnull=True)
    marked = unseen.update(seen_by=by, seen_at=at, seen_note=note)
    change.refresh_from_db(fields=["seen_by", "seen_at", "seen_note"])
    if not marked and change.seen_by != by:
        raise ValidationError(
            _("%(name)s has looked at this already; what was concluded then stays as it is.")
            % {"name": change.seen_by}
        )
    return change


def _run(watch_id: UUID, *, at: datetime) -> bool:
    with transaction.atomic():
        due = Watch.objects.due(at).filter(pk=watch_id).select_related("document", "desk")
        watch = due.select_for_update(skip_locked=True, of=("self",)).first()
        if watch is None:  # somebody else is serving it, has served it, or has stopped it
            return False
        watch.next_at = at + timedelta(seconds=watch.interval)
        asked = not Capture.objects.filter(document_id=watch.document_id).unfinished().exists()
        if asked:
            asked = _ask(watch, at=at)
            watch.interval = longer(watch.interval, watch.longest)
        watch.save(update_fields=["next_at", "interval", "unreachable"])
        return asked


def _ask(watch: Watch, *, at: datetime) -> bool:
    try:
        request_capture(
            desk=watch.desk,
            url=watch.document.url,
            by=None,
            at=at,
            mode=CaptureMode(watch.mode),
            document_id=watch.document_id,
            watch=watch,
            force=True,
        )
    except ValidationError as refusal:  # the guard's settings have changed since
        logger.warning("watch %s may not be served: %s", watch.pk, " ".join(refusal.messages))
        watch.unreachable += 1
        return False
    return True


def _refuse(
    desk: Desk,
    document_id: UUID,
    mode: CaptureMode,
    shortest: int,
    longest: int,
    ends_at: datetime | None,
    at: datetime,
) -> None:
    problems: dict[str, str] = {}
    # The catalog is above the archive, which knows its documents by name only.
    if not apps.get_model("sources", "Document").objects.filter(pk=document_id, desk=desk).exists():
        problems["document"] = _("Choose a document of the same desk.")
    if mode not in CaptureMode.values:
        problems["mode"] = _("Choose plain or page.")
    if not SHORTEST <= shortest <= LONGEST:
        problems["shortest"] = _("Wait at least five minutes and at most a year.")
    elif not shortest <= longest <= LONGEST:
        problems["longest"] = _("The longest wait is at least the shortest, and at most a year.")
    if ends_at is not None and ends_at <= at:
        problems["ends_at"] = _("Choose a time to come.")
    if problems:
        raise ValidationError(problems)
