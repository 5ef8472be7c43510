"""Places in files that are no text: marking one, a region's own page, and the pictures of pages and places."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from claims.attribution import regions
from claims.attribution.models import Region, RegionKind
from claims.attribution.region_services import (
    BODY,
    SCREENSHOT,
    blob_in,
    kind_for,
    kind_of,
    look_at,
    mark_region,
    on_disk,
    withdraw_region,
)
from sources.archive import storage
from sources.archive.models import Blob, Capture, RenditionKind
from sources.archive.pages import SIDE, Looked
from sources.archive.reader import draw_safely
from sources.archive.states import CaptureState
from sources.custody.models import Entry
from verify.accounts.models import Role
from verify.web.archived import HEADERS
from verify.web.forms.regions import RegionForm, WithdrawForm
from verify.web.mixins import DeskRequest, DeskView, call

DRAWN = 1  # raise when the same bytes could be drawn otherwise: browsers ask by this number
SMALL = 960  # pixels of the longer side of a place's own picture
_CAPTURES = Capture.objects.select_related("desk", "document", "body").prefetch_related("renditions__blob")


class RegionNew(DeskView):
    """Choose what of a capture to mark, draw a box or give a span, say what it shows."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture = self.load(_CAPTURES, pk=pk, role=Role.CHECKER)
        chosen = _chosen(capture, request.GET.get("on", ""))
        if chosen is None:
            return self.render("claims/region_new.html", capture=capture)
        on, blob, kind = chosen
        given = {name: request.GET[name] for name in ("page", "assertion") if name in request.GET}
        form = RegionForm(capture=capture, kind=kind, initial={"on": on, "page": 1} | given)
        return self._show(capture, on, blob, kind, form, page=_whole(given.get("page"), 1))

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture = self.load(_CAPTURES, pk=pk, role=Role.CHECKER)
        chosen = _chosen(capture, request.POST.get("on", ""))
        if chosen is None:
            return self.render("claims/region_new.html", status=422, capture=capture)
        on, blob, kind = chosen
        form = RegionForm(request.POST, capture=capture, kind=kind)
        region = form.is_valid() and call(
            form,
            mark_region,
            capture=capture,
            kind=kind,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not region:
            page = _whole(request.POST.get("page"), 1)
            return self._show(capture, on, blob, kind, form, page=page, status=422)
        messages.success(request, _("Marked. It is on record in the log."))
        if region.found and not regions.holds(region.found, region.shows):
            messages.warning(
                request, _("The words that the file holds there are other ones: compare them below.")
            )
        return redirect("region", region.pk)

    def _show(
        self,
        capture: Capture,
        on: str,
        blob: Blob,
        kind: str,
        form: RegionForm,
        *,
        page: int,
        status: int = 200,
    ) -> HttpResponse:
        looked = look_at(blob, [(page, None)])
        page = min(max(1, page), looked.pages or 1)
        if kind == RegionKind.PAGE and looked.places and looked.places[0].width is None:
            looked = look_at(blob, [(page, None)])
        return self.render(
            "claims/region_new.html",
            status=status,
            capture=capture,
            form=form,
            kind=kind,
            on=on,
            both=all(_chosen(capture, which) for which in (BODY, SCREENSHOT)),
            looked=looked,
            page=page,
            size=_size(looked, kind),
            picture=_picture(capture, on, kind, page),
            is_film=blob.media_type.startswith("video/"),
            length=regions.clock(looked.duration or 0),
            frame=round(1 / (looked.frame_rate or 25), 5),
        )


class RegionPage(DeskView):
    """The place in its file, what it shows, and what became of it in later copies."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return self.show(_region(self, pk))

    def show(self, region: Region, *, form: Any = None, status: int = 200) -> HttpResponse:
        capture, blob = region.capture, blob_in(region)
        on = BODY if capture.body_id == region.blob_sha256 else SCREENSHOT
        looked = (
            look_at(blob, [(region.page or 1, None)]) if blob and region.kind != RegionKind.TIME else None
        )
        if form is None and region.stands and self.can(Role.CHECKER):
            form = WithdrawForm()
        bytes_url = reverse("capture-body", args=[capture.pk])
        if on == SCREENSHOT:
            bytes_url = reverse("capture-rendition", args=[capture.pk, RenditionKind.SCREENSHOT.value])
        return self.render(
            "claims/region.html",
            status=status,
            region=region,
            capture=capture,
            blob=blob,
            on=on,
            size=looked and _size(looked, region.kind),
            picture=_picture(capture, on, region.kind, region.page or 1),
            is_film=bool(blob and blob.media_type.startswith("video/")),
            in_file=f"{bytes_url}#{region.fragment}",
            differs=bool(region.found) and not regions.holds(region.found, region.shows),
            checks=region.checks.select_related("change__after").order_by("-checked_at", "-pk"),
            entry=Entry.objects.filter(subject_type="region", subject_id=str(region.pk)).first(),
            evidence=region.evidence.standing().select_related("claim"),
            withdrawing=form,
        )


class RegionWithdraw(RegionPage):
    """Takes a region back; it stays on record."""

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return redirect("region", pk)

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        region = _region(self, pk, role=Role.CHECKER)
        form = WithdrawForm(request.POST)
        done = form.is_valid() and call(
            form, withdraw_region, region=region, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not done:
            return self.show(region, form=form, status=422)
        messages.success(request, _("Withdrawn. It stays on record and counts nowhere."))
        return redirect("region", pk)


class RegionPicture(DeskView):
    """The box of a region, cut out, as a PNG of ours."""

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponseBase:
        region = _region(self, pk)
        blob, box = blob_in(region), regions.box_of(region)
        if blob is None or box is None or region.kind == RegionKind.TIME:
            raise Http404
        return _drawn(request, blob, page=region.page or 1, box=box, side=SMALL)


class PagePicture(DeskView):
    """A page of an archived PDF, or an archived picture as page 1, as a PNG of ours."""

    def get(self, request: DeskRequest, pk: UUID, page: int) -> HttpResponseBase:
        capture = self.load(_CAPTURES, pk=pk)
        if capture.body is None or kind_for(capture.body) not in (RegionKind.PAGE, RegionKind.PICTURE):
            raise Http404
        return _drawn(request, capture.body, page=page, box=None, side=SIDE)


def _region(view: DeskView, pk: UUID, *, role: Role = Role.VIEWER) -> Region:
    """The region as the person may see it, else 404."""
    rows = Region.objects.select_related(
        "capture__document", "capture__body", "capture__desk", "assertion__claim", "assertion__speaker",
        "created_by", "withdrawn_by",
    ).prefetch_related("capture__renditions__blob")  # fmt: skip
    region: Region = view.load_part(rows, of="capture", role=role, pk=pk)
    return region


def _chosen(capture: Capture, on: str) -> tuple[str, Blob, RegionKind] | None:
    """What of the capture is to be marked: what was asked for, else its body, else its screenshot; None for neither."""
    if capture.state != CaptureState.ARCHIVED:
        return None
    for which in (on,) if on in (BODY, SCREENSHOT) else (BODY, SCREENSHOT):
        blob = _held(capture, which)
        if blob is not None and (kind := kind_for(blob)) is not None:
            return which, blob, kind
    return None


def _held(capture: Capture, on: str) -> Blob | None:
    if on == BODY:
        return capture.body
    pictures = (each.blob for each in capture.renditions.all() if each.kind == RenditionKind.SCREENSHOT)
    return next(pictures, None)


def places_in(capture: Capture) -> dict[str, Any]:
    """What claims/region_list.html needs, for one query. The capture needs `body` and `renditions__blob`."""
    return {
        "regions": Region.objects.standing().filter(capture=capture),
        "markable": _chosen(capture, "") is not None,
    }


def _picture(capture: Capture, on: str, kind: str, page: int) -> str:
    """The address of the picture in which a box is drawn; empty for a recording."""
    if kind == RegionKind.TIME:
        return ""
    if on == SCREENSHOT:
        return reverse("capture-rendition", args=[capture.pk, RenditionKind.SCREENSHOT.value])
    return reverse("capture-page", args=[capture.pk, page])


def _size(looked: Looked, kind: str) -> tuple[int, int] | None:
    """Width and height of what boxes are measured in."""
    seen = looked.places[0] if looked.places and kind != RegionKind.TIME else looked
    return (seen.width, seen.height) if seen.width and seen.height else None


def _whole(value: Any, otherwise: int) -> int:
    try:
        return min(max(1, int(value)), 2**31 - 1)
    except (TypeError, ValueError):
        return otherwise


def _drawn(
    request: HttpRequest, blob: Blob, *, page: int, box: regions.Box | None, side: int
) -> HttpResponseBase:
    """A PNG drawn in the process apart; a page that says why when it cannot be."""
    etag = f'"{blob.sha256[:32]}-{DRAWN}-{page}-{"x".join(map(str, box or ()))}-{side}"'
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        return unchanged
    try:
        with on_disk(blob) as path:
            drawn = draw_safely(kind_of(blob), path, page=page, box=box, side=side)
    except storage.BlobDamaged as damage:
        return render(request, "sources/damaged.html", {"damage": str(damage)}, status=500)
    except storage.StorageUnavailable:
        return render(request, "sources/storage_away.html", status=503)
    if not drawn.png:
        raise Http404(drawn.problem)
    return HttpResponse(drawn.png, content_type="image/png", headers=HEADERS | {"ETag": etag})
