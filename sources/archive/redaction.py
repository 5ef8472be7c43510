"""Erasing what a capture holds: one person asks, another decides, everything goes, and the log says that it went.

The rows are emptied and the tombstone is logged in the transaction of the decision. The bytes go after it, since a
storage knows no rollback; what was not yet deleted when a machine stopped is deleted by the sweeper.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sources.archive import storage
from sources.archive.models import (
    Capture,
    Decision,
    Exchange,
    Ground,
    Inspection,
    Redaction,
    Rendition,
    Text,
    TextSketch,
    Watch,
)
from sources.archive.rules import check_can_redact
from sources.archive.signals import capture_redacted
from sources.archive.states import CaptureState
from sources.custody import services as custody
from sources.custody.body import BY
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening
from verify.accounts.models import User

logger = logging.getLogger(__name__)


def same_bytes(capture: Capture) -> QuerySet[Capture]:
    """The desk's other captures whose body is the same, byte for byte: erasing one alone erases nothing."""
    if capture.body_id is None:
        return Capture.objects.none()
    same = Capture.objects.filter(desk=capture.desk_id, state=CaptureState.ARCHIVED, body=capture.body_id)
    # No bytes at all are shared by whatever answered without a body.
    return same.filter(body__size__gt=0).exclude(pk=capture.pk).order_by("requested_at", "pk")


def held_elsewhere(capture: Capture) -> int:
    """How many captures of other desks hold some of the same bytes. Whose and which is not ours to know."""
    blobs = _blobs_of(capture)
    holding = Q(body__in=blobs) | Q(package__in=blobs) | Q(renditions__blob__in=blobs)
    return Capture.objects.filter(holding).exclude(desk=capture.desk_id).distinct().count()


@transaction.atomic
def ask_redaction(*, capture: Capture, ground: str, reason: str, by: User, at: datetime) -> Redaction:
    """Ask for what `capture` holds to be erased, with every other capture of the desk that has the same body.

    Raises PermissionDenied below an editor, ValidationError for what is not archived or is asked for already.
    """
    check_can_redact(by, capture.desk)
    if ground not in Ground.values:
        raise ValidationError({"ground": _("Choose the legal ground.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Say who asks for it, and why; whoever decides reads it.")})
    covered = _locked([capture, *same_bytes(capture)])
    if any(one.state != CaptureState.ARCHIVED for one in covered):
        raise ValidationError(_("Only an archived capture can be erased."))
    asked = {"desk": capture.desk, "ground": ground, "reason": reason.strip(), "asked_by": by, "asked_at": at}
    leader: Redaction | None = None
    try:
        with transaction.atomic():
            for one in covered:
                row = Redaction.objects.create(capture=one, leader=leader, **asked)
                leader = leader or row
    except IntegrityError as error:  # one_open_redaction_per_capture
        raise ValidationError(_("An erasure that covers this capture is asked for already.")) from error
    assert leader is not None
    return leader


@transaction.atomic
def decide_redaction(*, redaction: Redaction, approve: bool, by: User, at: datetime) -> Redaction:
    """Approve a request, which erases at once, or refuse it. Its bytes are deleted soon after the transaction.

    Raises PermissionDenied below an editor and for whoever asked, ValidationError when it is decided already, or when
    the desk has captured the same bytes again since.
    """
    check_can_redact(by, redaction.desk)
    if redaction.asked_by_id == by.pk:
        raise PermissionDenied(_("Somebody else than who asked for it must decide."))
    leader = redaction.leader_id or redaction.pk
    rows = list(
        Redaction.objects.select_for_update(of=("self",))
        .filter(Q(pk=leader) | Q(leader=leader))
        .select_related("capture", "desk")
        .order_by("asked_at", "pk")
    )
    rows.sort(key=lambda row: row.leader_id is not None)
    if any(row.decision for row in rows):
        raise ValidationError(_("This was decided already."))
    if approve:
        _check_covers_all(rows)
    for row in rows:
        row.decision = Decision.APPROVED if approve else Decision.REFUSED
        row.decided_by, row.decided_at = by, at
        row.save(update_fields=["decision", "decided_by", "decided_at"])
    if approve:
        for row, capture in zip(rows, _locked([row.capture for row in rows]), strict=True):
            _erase(row, capture, by=by, at=at)
        transaction.on_commit(lambda: _ring([row.pk for row in rows]))
    return rows[0]


def carry_out(*, redaction_id: UUID, at: datetime) -> bool:
    """Delete the bytes of an approved redaction; whether nothing is left to do. May be run again at any time.

    Bytes that another capture holds in its own right stay. Raises StorageUnavailable.
    """
    redaction = Redaction.objects.unfinished().filter(pk=redaction_id, entry__isnull=False).first()
    if redaction is None:
        return True
    for sha256 in redaction.blobs:
        storage.destroy(sha256)
    return bool(Redaction.objects.unfinished().filter(pk=redaction.pk).update(done_at=at))


def sweep(*, at: datetime) -> int:
    """Finish what was approved and not finished, the oldest first; how many could not be."""
    left = 0
    for pk in Redaction.objects.unfinished().order_by("decided_at").values_list("pk", flat=True):
        try:
            left += not carry_out(redaction_id=pk, at=at)
        except OSError as error:  # of a disk, or StorageUnavailable
            logger.warning("the bytes of redaction %s are still there: %s", pk, error)
            left += 1
    return left


def _check_covers_all(rows: list[Redaction]) -> None:
    covered = {row.capture_id for row in rows}
    late = [capture for capture in same_bytes(rows[0].capture) if capture.pk not in covered]
    if late:
        raise ValidationError(
            ngettext(
                "Since this was asked for, %(n)s more capture came to hold the same bytes. Refuse this request and ask "
                "again: the new one covers it too.",
                "Since this was asked for, %(n)s more captures came to hold the same bytes. Refuse this request and "
                "ask again: the new one covers them too.",
                len(late),
            )
            % {"n": len(late)}
        )


def _locked(captures: list[Capture]) -> list[Capture]:
    """The captures as they are now, in the same order, locked in one order by everybody."""
    rows = Capture.objects.select_for_update(of=("self",)).select_related("desk").order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=[capture.pk for capture in captures])}
    return [found[capture.pk] for capture in captures]


def _erase(row: Redaction, capture: Capture, *, by: User, at: datetime) -> None:
    if capture.state != CaptureState.ARCHIVED:
        raise ValidationError(_("Only an archived capture can be erased."))
    # Whoever is quoting from these texts just now has finished, or waits for us and is refused.
    texts = list(capture.texts.select_for_update().defer("content").order_by("pk"))
    row.blobs = _blobs_of(capture)
    facts: dict[str, Any] = {
        "ground": row.ground,
        "datapackage_sha256": capture.datapackage_sha256,
        "package_sha256": capture.package_id,
        **({"body_sha256": capture.body_id} if capture.body_id else {}),
        "renditions_sha256": sorted(set(capture.renditions.values_list("blob_id", flat=True))),
        "texts_sha256": sorted(text.sha256 for text in texts),
    }
    with _erasing():
        answers: Any = capture_redacted.send(Capture, capture=capture, texts=texts, by=by, at=at)
        for _receiver, counts in answers:
            facts |= counts or {}
        facts["exchanges"] = _empty_rows(capture, at=at)
    _empty_capture(capture)
    facts["blobs"] = len(row.blobs)
    facts["blobs_kept"] = len(row.blobs) - storage.unused(before=None).filter(pk__in=row.blobs).count()
    Watch.objects.filter(document=capture.document_id).update(is_paused=True)
    for entry in Entry.objects.filter(subject_type="capture", subject_id=str(capture.pk)).order_by("index"):
        names = list(Opening.objects.filter(entry=entry).exclude(name=BY).values_list("name", flat=True))
        if names and entry.kind != Kind.CONTENT_REDACTED:
            custody.erase_openings(entry=entry, names=names, ground=row.ground, by=by, at=at)
    row.entry = custody.record(
        kind=Kind.CONTENT_REDACTED,
        subject=capture,
        facts=facts,
        by=by,
        at=at,
        commitments={"reason": row.reason, "asked_by": {"type": "user", "id": str(row.asked_by_id)}},
    )
    row.save(update_fields=["blobs", "entry"])


def _empty_rows(capture: Capture, *, at: datetime) -> int:
    """Empty or delete what the archive's own rows repeat of the content; how many exchanges there are."""
    TextSketch.objects.filter(text__capture=capture).delete()
    Text.objects.filter(capture=capture).update(
        content="",
        fingerprint=None,
        title="",
        byline="",
        site_name="",
        language_evidence="",
        published_at=None,
        published_precision="",
        published_evidence="",
        redacted_at=at,
    )
    Inspection.objects.filter(capture=capture).delete()
    Rendition.objects.filter(capture=capture).delete()
    capture.attempts.update(failure_detail="")
    return Exchange.objects.filter(capture=capture).update(url="", media_type="", guard_exception="")


def _empty_capture(capture: Capture) -> None:
    """What stays says which capture it was: when, by whom, at what address, with what answer, and the digest."""
    Capture.objects.filter(pk=capture.pk, state=CaptureState.ARCHIVED).update(
        state=CaptureState.REDACTED,
        url=without_query(capture.url),
        final_url="",
        filename="",
        declared_type="",
        progress="",
        notes=[],
        body=None,
        package=None,
    )


def without_query(url: str) -> str:
    """The address up to its path: what follows may name a person, or be a key to somebody's page."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def _blobs_of(capture: Capture) -> list[str]:
    kept = {capture.body_id, capture.package_id, *capture.renditions.values_list("blob_id", flat=True)}
    return sorted(blob for blob in kept if blob)


@contextmanager
def _erasing() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('custody.erasing', 'on', true)")
        yield
        cursor.execute("SELECT set_config('custody.erasing', 'off', true)")


def _ring(redactions: list[UUID]) -> None:
    """Tell a worker. A broker that is down costs a minute: the sweeper finds what is left."""
    from sources.archive.tasks import erase

    for pk in redactions:
        try:
            erase.apply_async((str(pk),), retry=False)
        except Exception:  # whatever the broker's client raises
            logger.warning("the broker does not answer; the sweeper finishes redaction %s", pk, exc_info=True)
