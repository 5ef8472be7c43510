"""Batches: many addresses at once. Every row is stored before anything is asked for; a worker then asks row by row.

PostgreSQL is the truth about this work as about every other: a row is done in one transaction with the capture that it
asked for, so a worker may be killed at any moment and the next one goes on where it stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sources.archive import services as archive
from sources.archive.models import Capture, CaptureMode
from sources.archive.states import CaptureState
from sources.catalog import lists, rules
from sources.catalog.merging import read_as
from sources.catalog.models import PUBLISHERS, Batch, BatchRow, Document, Source
from sources.catalog.services import archive_document
from verify.accounts.models import Desk, User

logger = logging.getLogger(__name__)

UNTOUCHED = timedelta(seconds=30)  # after which the sweeper rings for a batch again
_LONGEST_URL = Document._meta.get_field("url").max_length

PROBLEMS: dict[lists.Problem, Promise] = {
    lists.Problem.NO_ADDRESS: gettext_lazy(
        "There is no address in this line; one begins with https:// or http://."
    ),
    lists.Problem.SEVERAL_ADDRESSES: gettext_lazy(
        "There is more than one address in this line; give each a line of its own."
    ),
    lists.Problem.TOO_MANY_CELLS: gettext_lazy(
        "This line has more cells than there are columns; put a cell that holds the delimiter in double quotes."
    ),
}


def read_file(content: bytes) -> tuple[str, str]:
    """The text of a list that was sent as a file; with a sentence when its encoding had to be guessed.

    Raises ValidationError for `file` when it is too large or its encoding cannot be told.
    """
    _check_size(content, "file")
    try:
        text, guess = lists.decode(content)
    except lists.Unreadable as fault:
        raise ValidationError({"file": _why_unreadable(fault)}) from fault
    sentence = _(
        "The file does not say its encoding; it was read as %(name)s. Look whether the titles are right."
    )
    return text, sentence % {"name": guess} if guess else ""


def read_list(text: str) -> list[lists.Row]:
    """The rows of a list. Raises ValidationError for `list`: too large, too many rows or none, broken quotes."""
    _check_size(text.encode("utf-8", "replace"), "list")
    try:
        rows = lists.read(text)
    except lists.Unreadable as fault:
        raise ValidationError({"list": _why_unreadable(fault)}) from fault
    _check_number(rows)
    return rows


def refusals(rows: Iterable[lists.Row]) -> dict[int, str]:
    """Why rows cannot be asked for, by their number, as far as the list alone can tell."""
    return {row.number: refusal for row in rows if (refusal := _refusal(row))}


@transaction.atomic
def request_batch(
    *, desk: Desk, rows: list[lists.Row], label: str, mode: CaptureMode, by: User, at: datetime
) -> Batch:
    """Store a list, and ring for a worker once the transaction is through.

    A row that can never be asked for is stored too, with the reason. Raises ValidationError for `list` when there are
    no rows or too many.
    """
    rules.check_can_edit_catalog(by, desk)
    _check_number(rows)
    batch = Batch(desk=desk, label=label.strip(), mode=mode, requested_by=by, requested_at=at)
    batch.full_clean()
    batch.save(force_insert=True)
    refused = refusals(rows)
    BatchRow.objects.bulk_create(
        BatchRow(
            batch=batch,
            number=row.number,
            url=row.url,
            title=row.title,
            outlet_name=row.outlet,
            refusal=refused.get(row.number, ""),
            note=_("The title or the outlet was too long and was cut.") if row.cut else "",
            done_at=at if row.number in refused else None,
        )
        for row in rows
    )
    transaction.on_commit(lambda: ring(batch.pk))
    return batch


def ring(batch_id: UUID) -> None:
    """Tell the workers that there is something to do. A broker that is down costs time, not the batch."""
    from sources.catalog import tasks

    try:
        tasks.batch.apply_async((str(batch_id),), retry=False)
    except Exception:  # whatever the broker's client raises; the sweeper finds the rows
        logger.warning(
            "the broker does not answer; the sweeper will ring for batch %s", batch_id, exc_info=True
        )


def work_through(*, batch_id: UUID, at: datetime) -> None:
    """Ask for the rows that are not done, each in a transaction of its own. Several workers may do so at once."""
    try:
        while _next_row(batch_id, at=at):
            pass
    except OperationalError:  # a deadlock, or a database that restarts: nothing is wrong with the row
        logger.warning("batch %s was interrupted; the sweeper will ring again", batch_id, exc_info=True)


def sweep(*, at: datetime) -> list[UUID]:
    """The batches with rows that nobody has dealt with for a while; ringing for one twice is harmless."""
    waiting = BatchRow.objects.filter(done_at__isnull=True, batch__requested_at__lt=at - UNTOUCHED)
    return list(waiting.order_by("batch").values_list("batch", flat=True).distinct()[:500])


@transaction.atomic
def retry_failed(*, batch: Batch, by: User, at: datetime) -> int:
    """Ask once more for each capture of the batch that failed; how many captures that are.

    The failed ones stay on record. A row whose capture was tried again elsewhere is led to that one.
    """
    rules.check_can_edit_catalog(by, batch.desk)
    # One at a time: who presses the button twice gets one retry.
    Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch.pk)
    failed = Capture.objects.filter(batch_rows__batch=batch, state=CaptureState.FAILED).distinct()
    asked = 0
    for capture in failed.order_by("requested_at", "pk"):
        newest = _newest_try(capture)
        if newest.state == CaptureState.FAILED:
            retry = _try_again(newest, desk=batch.desk, by=by, at=at)
            asked += retry is not None
            newest = retry or newest
        if newest != capture:
            BatchRow.objects.filter(batch=batch, capture=capture).update(capture=newest)
    return asked


# --- reading --------------------------------------------------------------------------------------------------------


def _check_size(content: bytes, field: str) -> None:
    if len(content) > settings.ARCHIVE_BATCH_MAX_BYTES:
        limit = settings.ARCHIVE_BATCH_MAX_BYTES / 2**20
        raise ValidationError({field: _("The list is larger than %(limit).3g MiB.") % {"limit": limit}})


def _why_unreadable(fault: lists.Unreadable) -> str:
    if fault.fault is lists.Fault.QUOTES_BROKEN:
        return _(
            "A double quote that opens in line %(line)s does not close as it should. In a quoted cell a double quote "
            "is written twice."
        ) % {"line": fault.line}
    return _(
        "The encoding of this file cannot be told. Save it as UTF-8 (in Excel: “CSV UTF-8”) and choose it again."
    )


def _check_number(rows: list[lists.Row]) -> None:
    if not rows:
        raise ValidationError({"list": _("There is no address in it.")})
    if len(rows) > settings.ARCHIVE_BATCH_MAX_ROWS:
        counts = {"n": len(rows), "limit": settings.ARCHIVE_BATCH_MAX_ROWS}
        raise ValidationError({"list": _("These are %(n)s rows; a batch holds up to %(limit)s.") % counts})


def _refusal(row: lists.Row) -> str:
    if row.problem:
        return str(PROBLEMS[row.problem])
    try:
        url = archive.normalised(row.url)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    if _LONGEST_URL and len(url) > _LONGEST_URL:
        return _("The address is longer than %(n)s characters.") % {"n": _LONGEST_URL}
    return ""


# --- working --------------------------------------------------------------------------------------------------------


@transaction.atomic
def _next_row(batch_id: UUID, *, at: datetime) -> bool:
    """Deal with one row that nobody else has in hand; False when there is none."""
    undone = BatchRow.objects.filter(batch=batch_id, done_at__isnull=True).order_by("number")
    row = undone.select_for_update(skip_locked=True, of=("self",)).select_related("batch__desk").first()
    if row is None:
        return False
    try:
        with transaction.atomic():  # what a refused row began is taken back, its refusal is kept
            row.capture, notes = _ask(row, at=at)
        row.note = " ".join(filter(None, [row.note, *notes]))
    except ValidationError as refusal:
        row.refusal = " ".join(refusal.messages)
    except PermissionDenied as refusal:
        row.refusal = str(refusal) or _(
            "Who sent the list may not have pages archived at this desk any more."
        )
    except OperationalError:
        raise
    except Exception:
        logger.exception("row %s of batch %s was refused for a reason of ours", row.number, batch_id)
        row.refusal = _("An error in Verify itself; the log of the worker says more.")
    row.done_at = at
    row.save(update_fields=["capture", "note", "refusal", "done_at"])
    return True


def _ask(row: BatchRow, *, at: datetime) -> tuple[Capture, list[str]]:
    """The capture that a row asks for, and what somebody who reads the row should know."""
    if refusal := _refusal(lists.Row(row.number, row.url)):
        raise ValidationError(refusal)
    batch = row.batch
    url = archive.normalised(row.url)
    outlet, note = _outlet(batch.desk, row.outlet_name)
    earlier = _asked_in(batch, row, capture__url=url)
    if earlier is not None and earlier.capture is not None:
        return earlier.capture, [_same_as(earlier), note]
    capture = archive_document(
        desk=batch.desk,
        url=url,
        by=batch.requested_by,
        at=at,
        mode=CaptureMode(batch.mode),
        outlet=outlet,
        title=row.title,
    )
    if (other := _asked_in(batch, row, capture=capture)) is not None:  # by another worker, just now
        return capture, [_same_as(other), note]
    again = _("It had been asked for less than a minute before: that is the capture.")
    return capture, [again if capture.requested_at != at else "", note]


def _asked_in(batch: Batch, row: BatchRow, **what: object) -> BatchRow | None:
    done = batch.rows.filter(done_at__isnull=False, capture__isnull=False, **what).exclude(pk=row.pk)
    return done.select_related("capture").order_by("number").first()


def _same_as(other: BatchRow) -> str:
    return _("The same address as in line %(n)s.") % {"n": other.number}


def _outlet(desk: Desk, name: str) -> tuple[Source | None, str]:
    """The one source of the desk that is called so, in whatever script, and a sentence when there is not one.

    Persons are left out: they publish nothing, and a protected one must not be found by what others call them.
    """
    if not name:
        return None, ""
    publishers = Source.objects.filter(desk=desk, kind__in=PUBLISHERS)
    called = publishers.filter(Q(name__iexact=name) | Q(aliases__name__iexact=name)).select_related(
        "merged_into"
    )
    exact = list({read_as(source) for source in called if source.name == name})
    named = list({read_as(source) for source in called})
    if len(exact or named) == 1:
        return (exact or named)[0], ""
    if named:
        return None, _("Several sources are called “%(name)s”; none was taken as the outlet.") % {
            "name": name
        }
    return None, _("No source of this desk is called “%(name)s”; the outlet stays empty.") % {"name": name}


# --- retrying -------------------------------------------------------------------------------------------------------


def _newest_try(capture: Capture) -> Capture:
    while (retry := capture.retries.order_by("-requested_at", "-pk").first()) is not None:
        capture = retry
    return capture


def _try_again(failed: Capture, *, desk: Desk, by: User, at: datetime) -> Capture | None:
    """A new capture of what failed; None when it may not be fetched any more."""
    try:
        return archive.request_capture(
            desk=desk,
            url=failed.url,
            by=by,
            at=at,
            mode=CaptureMode(failed.mode),
            document_id=failed.document_id,
            retry_of=failed,
            force=True,
        )
    except ValidationError:
        return None
