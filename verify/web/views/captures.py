"""Captures: the desk's list of them, one in full, and the kept bytes themselves."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget

from claims.attribution.models import Anchor, Assertion
from sources.archive.alike import similar_pictures, similar_texts
from sources.archive.exchange import FailureCode
from sources.archive.models import (
    Blob,
    Capture,
    CaptureKind,
    ContentCredentials,
    Inspection,
    Rendition,
    RenditionKind,
    Text,
)
from sources.archive.services import request_capture, stop_waiting
from sources.archive.states import CaptureState
from verify.accounts.models import Role
from verify.web.archived import HEADERS, send
from verify.web.forms.archive import FAILURES, CaptureFilter
from verify.web.mixins import DeskRequest, DeskView, page_of
from verify.web.passages import segments
from verify.web.views.documents import prepare, with_details
from verify.web.views.regions import places_in

ASSERTIONS_OFFERED = 200  # the newest ones of the desk, for a text that belongs to no document
ALIKE_SHOWN = 6
# Of a file's own words those that a picture editor asks for first.
SALIENT = (
    "Make",
    "Model",
    "LensModel",
    "Software",
    "Artist",
    "Creator",
    "Author",
    "Producer",
    "Copyright",
    "Title",
)

_ADDRESS = gettext_lazy("Check the address: open it in a browser and copy it from there.")
_LATER = gettext_lazy("Try again. If it stays so, save the page yourself and upload it.")
_NEVER = gettext_lazy("This stays refused. If you have a copy of your own, upload it on the document’s page.")
_OURS = gettext_lazy("Try again. If it happens twice, tell whoever runs this installation.")

ADVICE = {
    FailureCode.INVALID_URL: _ADDRESS,
    FailureCode.SCHEME_REFUSED: _NEVER,
    FailureCode.CREDENTIALS_REFUSED: gettext_lazy("Leave user name and password out of the address."),
    FailureCode.PORT_REFUSED: _NEVER,
    FailureCode.NAME_NOT_RESOLVED: _ADDRESS,
    FailureCode.ADDRESS_REFUSED: _NEVER,
    FailureCode.CONNECT_FAILED: _LATER,
    FailureCode.TLS_FAILED: _LATER,
    FailureCode.TIMEOUT: _LATER,
    FailureCode.DISCONNECTED: _LATER,
    FailureCode.PROTOCOL_ERROR: _LATER,
    FailureCode.HEADERS_TOO_LARGE: _NEVER,
    FailureCode.TOO_LARGE: gettext_lazy(
        "It is over this installation’s limit. Upload the part that matters."
    ),
    FailureCode.TOO_MANY_REDIRECTS: _ADDRESS,
    FailureCode.ROBOTS_REFUSED: _NEVER,
    FailureCode.BUSY: gettext_lazy("The server asked to be left alone. Try again in an hour or two."),
    FailureCode.GIVEN_UP: gettext_lazy("Somebody of the desk stopped the waiting. Try again when it suits."),
    FailureCode.WORKER_LOST: _OURS,
    FailureCode.INTERNAL_ERROR: _OURS,
}


# What Content Credentials (C2PA) do and do not say.
CREDENTIALS = {
    ContentCredentials.NONE: gettext_lazy(
        "The file carries none. Most files do not; it says nothing for or against it."
    ),
    ContentCredentials.TRUSTED: gettext_lazy(
        "The file is as its signer left it, and the signer is on this installation’s trust list. That the picture "
        "shows what it is said to show does not follow."
    ),
    ContentCredentials.VALID: gettext_lazy(
        "The file is as whoever signed it left it. The signer is not on this installation’s trust list, and anybody "
        "can sign: who it was, and what the picture shows, is not shown by this."
    ),
    ContentCredentials.INVALID: gettext_lazy(
        "There is a manifest and it does not hold: the file was changed after it was signed, or the manifest is "
        "damaged or taken from another file. Many programs break it without ill intent."
    ),
}


class CaptureList(DeskView):
    """All captures of the desk, whatever became of them."""

    section = "documents"

    def get(self, request: DeskRequest) -> HttpResponse:
        thumbnail = Rendition.objects.filter(capture=OuterRef("pk"), kind=RenditionKind.THUMBNAIL)
        captures = (
            Capture.objects.filter(desk=self.desk)
            .select_related("document", "requested_by")
            .annotate(thumbnail=Subquery(thumbnail.values("pk")[:1]))
            .order_by("-requested_at", "-id")
        )
        found = CaptureFilter(request.GET or None, queryset=captures, request=request)
        page = page_of(request, found.qs)
        for capture in page:
            name_failure(capture)
        return self.render("sources/capture_list.html", page=page, filter=found)


class CapturePage(DeskView):
    """A capture in full. htmx asks here how a running one is doing; `?then=refresh` reloads the page at its end."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture = self.load(with_details(Capture.objects.all()).select_related("document", "retry_of"), pk=pk)
        if request.htmx:
            return self._status(capture)
        prepare([capture], refresh=True)
        capture.has_screenshot = any(
            each.kind == RenditionKind.SCREENSHOT for each in capture.renditions.all()
        )
        attempts = list(capture.attempts.all())
        for attempt in attempts:
            name_failure(attempt)
        texts = list(capture.texts.defer("content").select_related("capture").order_by("-created_at"))
        return self.render(
            "sources/capture.html",
            capture=capture,
            advice=ADVICE.get(capture.failure_code, ""),
            attempts=attempts,
            exchanges=page_of(request, capture.exchanges.all()),
            texts=texts,
            retries=capture.retries.all(),
            **places_in(capture),
            **_alike(capture, texts),
            **metadata_of(capture),
            **(self._reading(capture, texts[0]) if texts and not capture.document_id else {}),
        )

    def _reading(self, capture: Capture, text: Text) -> dict[str, Any]:
        """The text of a file that belongs to no document, to be read and quoted as a document's is."""
        anchored = Anchor.objects.filter(text=text).select_related("assertion__claim", "assertion__speaker")
        anchors = list(anchored.order_by("start"))
        said = Assertion.objects.filter(claim__desk=capture.desk_id).select_related("claim", "speaker")
        return {
            "text": text,
            "anchors": anchors,
            "segments": segments(text.content, anchors),
            "assertions": said.order_by("-created_at")[:ASSERTIONS_OFFERED],
            "chosen_assertion": self.request.GET.get("assertion", ""),
        }

    def _status(self, capture: Capture) -> HttpResponse:
        refresh = self.request.GET.get("then") == "refresh"
        if capture.is_finished and refresh:
            return HttpResponseClientRefresh()
        prepare([capture], refresh=refresh)
        if not capture.is_finished:
            return self.render("sources/capture_line.html#progress", capture=capture)
        line = self.render("sources/capture_line.html", capture=capture)
        return reswap(retarget(line, f"#capture-{capture.pk}"), "outerHTML")


class Metadata(DeskView):
    """All that a file says of itself, in its own words."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture = self.load(Capture.objects.select_related("document"), pk=pk)
        found = metadata_of(capture)
        manifest = found["inspection"] and found["inspection"].manifest
        return self.render(
            "sources/capture_metadata.html",
            capture=capture,
            manifest=json.dumps(manifest, indent=2, ensure_ascii=False) if manifest else "",
            **found,
        )


class Stop(DeskView):
    """Ends the waiting for another try; what was tried stays on record."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return redirect("capture", pk)

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture = self.load(Capture.objects.select_related("desk"), pk=pk, role=Role.CHECKER)
        try:
            stop_waiting(capture=capture, by=request.user, at=timezone.now())
        except ValidationError as refusal:  # a worker was faster
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.info(request, _("It is not tried any more."))
        return redirect("capture", pk)


class Retry(DeskView):
    """Asks again for what failed; the failed attempt stays on record."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return redirect("capture", pk)

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        failed = self.load(
            Capture.objects.select_related("desk").filter(state=CaptureState.FAILED, kind=CaptureKind.URL),
            pk=pk,
            role=Role.CHECKER,
        )
        try:
            capture = request_capture(
                desk=failed.desk,
                url=failed.url,
                by=request.user,
                at=timezone.now(),
                mode=failed.mode,
                document_id=failed.document_id,
                retry_of=failed,
                force=True,
            )
        except ValidationError as refusal:  # what was allowed when it was first asked for may not be any more
            messages.error(request, " ".join(refusal.messages))
            return redirect("capture", pk)
        messages.info(request, _("Asked for again."))
        if capture.document_id:
            return redirect("document", capture.document_id)
        return redirect("capture", capture.pk)


class ArchivedBytes(DeskView):
    """Bytes of a capture, for members of its desk."""

    def capture(self, pk: UUID) -> Capture:
        return self.load(Capture.objects.select_related("body", "package"), pk=pk)

    @staticmethod
    def kept(blob: Blob | None) -> Blob:
        """The blob, else 404: it never came to be, or was erased."""
        if blob is None:
            raise Http404
        return blob


class PackageBytes(ArchivedBytes):
    def get(self, request: DeskRequest, pk: UUID) -> HttpResponseBase:
        return send(request, self.kept(self.capture(pk).package), name=f"capture-{pk}")


class BodyBytes(ArchivedBytes):
    def get(self, request: DeskRequest, pk: UUID) -> HttpResponseBase:
        capture = self.capture(pk)
        return send(
            request, self.kept(capture.body), name=f"body-{pk}", inline=True, declared=capture.declared_type
        )


class RenditionBytes(ArchivedBytes):
    def get(self, request: DeskRequest, pk: UUID, kind: str) -> HttpResponseBase:
        rendition = self.capture(pk).renditions.select_related("blob").filter(kind=kind).first()
        if rendition is None:
            raise Http404
        picture = kind in (RenditionKind.SCREENSHOT, RenditionKind.THUMBNAIL)
        return send(request, rendition.blob, name=f"{kind}-{pk}", inline=picture)


class TextBytes(ArchivedBytes):
    """The newest text that was read out of a capture, as plain UTF-8: exactly what anchors count in."""

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        text = self.capture(pk).texts.order_by("-created_at").first()
        if text is None or text.redacted_at:
            raise Http404
        return HttpResponse(text.content.encode(), content_type="text/plain; charset=utf-8", headers=HEADERS)


def name_failure(thing: Any) -> None:
    """Give a capture or an attempt the words for why it failed."""
    thing.failure_label = FAILURES.get(thing.failure_code, "")


def metadata_of(capture: Capture) -> dict[str, Any]:
    """The newest findings on a capture's file, their facts by group, and what its Content Credentials say."""
    inspection = Inspection.objects.filter(capture=capture).order_by("-created_at", "-pk").first()
    if inspection is None:
        return {"inspection": None}
    groups: dict[str, list[dict[str, str]]] = {}
    for fact in inspection.facts:
        groups.setdefault(fact["group"], []).append(fact)
    first = {fact["name"]: fact for fact in reversed(inspection.facts) if fact["name"] in SALIENT}
    return {
        "inspection": inspection,
        "groups": groups,
        "salient": [first[name] for name in SALIENT if name in first],
        "credentials_say": CREDENTIALS[ContentCredentials(inspection.credentials)],
    }


def _alike(capture: Capture, texts: list[Text]) -> dict[str, Any]:
    """What the desk has that reads or looks almost the same; a reason to look, not a finding."""
    if capture.state != CaptureState.ARCHIVED:
        return {}
    return {
        "alike_texts": [
            {"capture": text.capture, "title": text.title, "percent": int(share * 100)}
            for text, share in (similar_texts(texts[0], limit=ALIKE_SHOWN) if texts else [])
        ],
        "alike_pictures": [
            {"capture": other, "bits": bits} for other, bits in similar_pictures(capture, limit=ALIKE_SHOWN)
        ],
    }
