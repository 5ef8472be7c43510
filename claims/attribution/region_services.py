"""Marking a place in an archived file that is no text, and taking it back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from claims.attribution.changing import check_why, refuse_withdrawn
from claims.attribution.models import Assertion, Region, RegionKind
from claims.attribution.regions import LONGEST_MS, Box, Span, box_of, clock, span_of
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import touch
from sources.archive import storage
from sources.archive.kinds import Family, Kind, family_of
from sources.archive.models import Blob, Capture, RenditionKind
from sources.archive.pages import Looked, lies_within
from sources.archive.reader import look_safely
from sources.archive.states import CaptureState
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind
from verify.accounts.acting import acting
from verify.accounts.models import User

BODY, SCREENSHOT = "body", "screenshot"
KIND_OF = {
    Family.PDF: RegionKind.PAGE,
    Family.IMAGE: RegionKind.PICTURE,
    Family.VIDEO: RegionKind.TIME,
    Family.AUDIO: RegionKind.TIME,
}


@dataclass(frozen=True)
class Measures:
    """A region before it is one: where it lies, by the kind of place."""

    kind: RegionKind
    page: int | None = None
    box: Box | None = None
    span: Span | None = None


def mark_region(
    *,
    capture: Capture,
    by: User,
    at: datetime,
    kind: str,
    shows: str,
    page: int | None = None,
    box: Box | None = None,
    span: Span | None = None,
    on: str = BODY,
    assertion: Assertion | None = None,
) -> Region:
    """Mark a place in the body of `capture`, or in its screenshot, and say what it shows; it is looked at in the bytes.

    `box` is (left, top, width, height), `span` (from, to) in milliseconds; see `Region` for the units. Raises
    PermissionDenied below a checker, ValidationError for what does not lie in the file, or cannot be read there.
    """
    check_can_edit_claims(by, capture.desk)
    if assertion is not None:
        _check_assertion(assertion, capture)
    if not shows.strip():
        raise ValidationError({"shows": _("Say what is to be seen or heard there.")})
    blob = blob_of(capture, on)
    measures = _measured(blob, kind, page, box, span)
    found = _checked(look_at(blob, [(page or 1, box)] if box else []), measures)
    try:
        with transaction.atomic(), acting(by=by, at=at):
            return _keep(capture, blob, measures, assertion, shows.strip(), found, by=by, at=at)
    except IntegrityError as error:  # nothing_is_shown_in_an_erased_capture
        raise ValidationError(_("This capture was erased meanwhile.")) from error


@transaction.atomic
def withdraw_region(*, region: Region, by: User, at: datetime, why: str) -> Region:
    """Take a region back; it stays on record and counts nowhere. Raises ValidationError while evidence rests on it."""
    check_can_edit_claims(by, region.capture.desk)
    check_why(why)
    locked = (
        Region.objects.select_for_update(of=("self",)).select_related("assertion__claim").get(pk=region.pk)
    )
    if not locked.stands:
        raise ValidationError(_("This was withdrawn already."))
    if locked.evidence.standing().exists():
        raise ValidationError(_("Evidence rests on this place: withdraw the evidence first."))
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_because = at, by, why.strip()
    locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_because"])
    if locked.assertion is not None:
        with acting(by=by, at=at, why=why.strip()):
            touch(claim=locked.assertion.claim, by=by, at=at)
    return locked


def blob_of(capture: Capture, on: str) -> Blob:
    """The bytes in which a place is marked. Raises ValidationError when the capture has none such."""
    if capture.state == CaptureState.ARCHIVED:
        if on == BODY and capture.body is not None:
            return capture.body
        picture = capture.renditions.select_related("blob").filter(kind=RenditionKind.SCREENSHOT).first()
        if on == SCREENSHOT and picture is not None:
            return picture.blob
    raise ValidationError(_("This capture holds nothing in which a place could be marked."))


def blob_in(region: Region) -> Blob | None:
    """The bytes in which a region was measured, while its capture holds them."""
    capture = region.capture
    held = [capture.body, *(each.blob for each in capture.renditions.all())]
    return next((blob for blob in held if blob is not None and blob.pk == region.blob_sha256), None)


def kind_for(blob: Blob) -> RegionKind | None:
    """How places in these bytes are measured; None for a file in which none can be marked."""
    return None if blob.media_type == "image/svg+xml" else KIND_OF.get(family_of(blob.media_type))


def look_at(blob: Blob, places: list[Any], *, texts: bool = False) -> Looked:
    """What is at `places` in the bytes, read apart. Damaged or missing bytes give a problem sentence."""
    try:
        with on_disk(blob) as path:
            return look_safely(kind_of(blob), path, places=places, texts=texts)
    except storage.BlobDamaged:
        return Looked(problem=_("The stored bytes are damaged: fsck names them."))
    except storage.StorageUnavailable:
        return Looked(problem=_("The storage does not answer. Try again later."))


def kind_of(blob: Blob) -> Kind:
    """The kind that the archive found these bytes to be."""
    return Kind(blob.media_type, family_of(blob.media_type), False)


@contextmanager
def on_disk(blob: Blob) -> Iterator[Path]:
    """The blob's bytes, whole and checked, as a file for a while. Raises BlobDamaged, StorageUnavailable."""
    with tempfile.NamedTemporaryFile(prefix="verify-look-") as spool:
        for chunk in storage.verified(blob):
            spool.write(chunk)
        spool.flush()
        yield Path(spool.name)


def facts(region: Region) -> dict[str, Any]:
    """What the log says of a region: where it lies, in which bytes."""
    box, span = box_of(region), span_of(region)
    return {
        "blob_sha256": region.blob_sha256,
        "kind": str(region.kind),
        "page": region.page,
        "box": list(box) if box else None,
        "span": list(span) if span else None,
    }


def _check_assertion(assertion: Assertion, capture: Capture) -> None:
    if assertion.claim.desk_id != capture.desk_id:
        raise ValidationError({"assertion": _("Choose an assertion of the same desk.")})
    refuse_withdrawn("assertion", [assertion])


def _measured(blob: Blob, kind: str, page: int | None, box: Box | None, span: Span | None) -> Measures:
    """The measures, if they are those of the kind and the file is of that kind."""
    if kind_for(blob) is None:
        raise ValidationError(
            _("Places can be marked in PDF files, pictures, films and recordings; this is %(type)s.")
            % {"type": blob.media_type}
        )
    if kind != kind_for(blob):
        raise ValidationError(_("Places in this file are measured %(how)s.") % {"how": _how(kind_for(blob))})
    if kind == RegionKind.TIME:
        if span is None or not 0 <= span[0] < span[1] <= LONGEST_MS:
            raise ValidationError({"span": _("Say from when to when; the end comes after the beginning.")})
    elif box is None:
        raise ValidationError({"box": _("Draw a box, or type its four numbers.")})
    if kind == RegionKind.PAGE and page is None:
        raise ValidationError({"page": _("Say on which page.")})
    return Measures(
        RegionKind(kind),
        page if kind == RegionKind.PAGE else None,
        box,
        span if kind == RegionKind.TIME else None,
    )


def _how(kind: RegionKind | None) -> str:
    return str(RegionKind(kind).label) if kind else ""


def _checked(looked: Looked, measures: Measures) -> str:
    """The words that the file holds there. Raises ValidationError when the place is not in the file."""
    if measures.kind == RegionKind.TIME:
        _check_time(looked, measures)
        return ""
    if not looked.places:
        raise ValidationError(looked.problem or _("The file could not be read."))
    seen = looked.places[0]
    if seen.width is None:
        raise ValidationError({"page": _("The PDF has %(n)s pages.") % {"n": looked.pages}})
    _check_box(measures.box, seen.width, seen.height)
    return seen.words


def _check_time(looked: Looked, measures: Measures) -> None:
    assert measures.span is not None
    if looked.duration is None:
        raise ValidationError(looked.problem or _("How long the recording is could not be read."))
    if measures.span[1] > looked.duration:
        raise ValidationError({"span": _("The recording ends at %(end)s.") % {"end": clock(looked.duration)}})
    if measures.box is not None:
        _check_box(measures.box, looked.width, looked.height)


def _check_box(box: Box | None, width: int | None, height: int | None) -> None:
    if box is None or lies_within(box, width, height):
        return
    if not width or not height:
        raise ValidationError({"box": _("There is no picture in which a box could lie.")})
    raise ValidationError(
        {"box": _("The box must lie within %(width)s × %(height)s.") % {"width": width, "height": height}}
    )


def _keep(
    capture: Capture,
    blob: Blob,
    measures: Measures,
    assertion: Assertion | None,
    shows: str,
    found: str,
    *,
    by: User,
    at: datetime,
) -> Region:
    left, top, width, height = measures.box or (None, None, None, None)
    from_ms, to_ms = measures.span or (None, None)
    region = Region(
        capture=capture,
        blob_sha256=blob.pk,
        assertion=assertion,
        kind=measures.kind,
        page=measures.page,
        left=left,
        top=top,
        width=width,
        height=height,
        from_ms=from_ms,
        to_ms=to_ms,
        shows=shows,
        found=found,
        created_by=by,
        created_at=at,
    )
    _refuse_twin(region)
    region.save(force_insert=True)
    if assertion is not None:
        touch(claim=assertion.claim, by=by, at=at)
    custody.record(
        kind=EntryKind.ANCHOR_MADE,
        subject=region,
        facts=facts(region),
        by=by,
        at=at,
        commitments={"shows": shows, "found": found},
    )
    return region


def _refuse_twin(region: Region) -> None:
    names = "capture assertion blob_sha256 kind page left top width height from_ms to_ms shows".split()
    twin = {name: getattr(region, name) for name in names}
    empty = {f"{name}__isnull": True for name, value in twin.items() if value is None}
    given = {name: value for name, value in twin.items() if value is not None}
    if Region.objects.standing().filter(**given, **empty).exists():
        raise ValidationError(_("This place is marked already, for the same."))
