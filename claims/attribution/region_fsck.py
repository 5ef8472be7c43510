"""Re-derive the regions: each in the bytes that it names, where it says, with the words that it says, and as logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from claims.attribution import regions
from claims.attribution.models import Region, RegionCheck, RegionKind
from claims.attribution.region_checks import look_again
from claims.attribution.region_services import blob_in, facts, kind_for, look_at
from sources.archive.models import Blob, ChangeKind
from sources.archive.pages import Looked, Seen, lies_within
from sources.archive.states import CaptureState
from sources.custody.body import BodyError
from sources.custody.fsck import Fault, Progress, Report
from sources.custody.kinds import Kind
from sources.custody.models import Entry, Opening

PART = "attribution"


def faults(report: Report) -> Iterator[Fault]:
    """Every region that its file or the log contradicts, and every check of one that cannot be derived again."""
    found = Region.objects.select_related("capture__body").prefetch_related("capture__renditions__blob")
    ordered = found.order_by("capture", "blob_sha256", "pk")
    total, done = found.count(), 0
    # By file, so that each is read once for all regions in it.
    for _file, group in groupby(
        ordered.iterator(chunk_size=200), lambda one: (one.capture_id, one.blob_sha256)
    ):
        same = list(group)
        yield from _file_faults(same)
        for region in same:
            yield from _entry_faults(region)
        done += len(same)
        report(Progress("attribution: regions", done, total))
    yield from _check_faults(report)


def _file_faults(same: list[Region]) -> Iterator[Fault]:
    capture = same[0].capture
    if capture.state == CaptureState.REDACTED:
        for region in same:
            if region.shows or region.found:
                yield Fault(PART, f"region {region.pk}", "still holds words of a capture that was erased")
        return
    blob = blob_in(same[0])
    if blob is None:
        for region in same:
            said = f"was marked in a file {region.blob_sha256}, which is none of its capture"
            yield Fault(PART, f"region {region.pk}", said)
        return
    places = [(region.page or 1, regions.box_of(region)) for region in same]
    looked = look_at(blob, places)
    seen = looked.places if looked.places else [Seen(looked.width, looked.height) for _ in same]
    for region, place in zip(same, seen, strict=True):
        for problem in _problems(region, blob, looked, place):
            yield Fault(PART, f"region {region.pk}", problem)


def _problems(region: Region, blob: Blob, looked: Looked, seen: Seen) -> Iterator[str]:
    box, span = regions.box_of(region), regions.span_of(region)
    if region.kind != kind_for(blob):
        yield f"its file is {blob.media_type}, in which no place is measured {region.get_kind_display()}"
    elif region.kind != RegionKind.TIME and not looked.places:
        yield f"its file could not be looked at: {looked.problem}"
    elif span and (looked.duration is None or span[1] > looked.duration):
        yield f"it lasts to {regions.clock(span[1])}; its file says {looked.duration} ms"
    elif box and not lies_within(box, seen.width, seen.height):
        yield "its box does not lie in its file"
    elif not regions.agree(seen.words, region.found):
        yield "the words that its file holds there are not those that it says"


def _entry_faults(region: Region) -> Iterator[Fault]:
    thing = f"region {region.pk}"
    entry = Entry.objects.filter(
        subject_type="region", subject_id=str(region.pk), kind=Kind.ANCHOR_MADE
    ).first()
    if entry is None:
        yield Fault(PART, thing, "the log has no entry of its making")
        return
    try:
        logged = entry.read().facts
    except BodyError:
        return  # the log's own check names the entry
    if any(logged.get(name) != value for name, value in facts(region).items()):
        yield Fault(PART, thing, f"its log entry {entry.index} says that it lies elsewhere")
    opened = dict(Opening.objects.filter(entry=entry).values_list("name", "value"))
    for name in ("shows", "found"):
        if region.capture.state == CaptureState.REDACTED:
            if name in opened:
                yield Fault(
                    PART, thing, f"the opening {name} of its log entry {entry.index} was to be erased"
                )
        elif name not in opened or json.loads(opened[name]) != getattr(region, name):
            yield Fault(PART, thing, f"its log entry {entry.index} commits to another “{name}”")


def _check_faults(report: Report) -> Iterator[Fault]:
    checks = RegionCheck.objects.select_related("region__capture__body", "change__after__body")
    checks = checks.prefetch_related(
        "region__capture__renditions__blob", "change__after__renditions__blob"
    ).order_by("change", "pk")
    total, done = checks.count(), 0
    for _change, group in groupby(checks.iterator(chunk_size=200), lambda check: check.change_id):
        same = list(group)
        yield from _change_faults(same)
        done += len(same)
        report(Progress("attribution: checks of regions", done, total))


def _change_faults(same: list[RegionCheck]) -> Iterator[Fault]:
    """The checks of one change: from the two files, the same must follow again."""
    change, sound = same[0].change, []
    for check in same:
        thing = f"check {check.pk} of region {check.region_id}"
        if check.region.capture.document_id != change.document_id:
            yield Fault(PART, thing, "its region is in another document than its change")
        elif CaptureState.REDACTED not in (check.region.capture.state, change.after.state):
            sound.append(check)
        elif check.found:
            yield Fault(PART, thing, "still holds words of a capture that was erased")
    marked = [check.region for check in sound]
    again = dict(look_again(marked, change.after, gone=change.kind == ChangeKind.GONE))
    for check in sound:
        result = again.get(check.region)
        now = result and (result.state, result.page, result.found, result.why)
        if now != (check.state, check.page, check.found, check.why):
            said = result.state if result else "not to be told"
            yield Fault(
                PART, f"check {check.pk} of region {check.region_id}", f"says {check.state}; it is {said}"
            )
