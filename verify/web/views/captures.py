"""One attempt to archive something: what happened, what was kept, and the kept bytes themselves."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget

from sources.archive.exchange import FailureCode
from sources.archive.models import Blob, Capture, CaptureKind, RenditionKind
from sources.archive.services import request_capture
from sources.archive.states import CaptureState
from verify.accounts.models import Role
from verify.web.archived import HEADERS, send
from verify.web.mixins import DeskRequest, DeskView, page_of
from verify.web.views.documents import prepare, with_details

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
    FailureCode.WORKER_LOST: _OURS,
    FailureCode.INTERNAL_ERROR: _OURS,
}


class CapturePage(DeskView):
    """A capture in full. htmx asks here how a running one is doing; `?then=refresh` reloads the page at its end."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture = self.load(with_details(Capture.objects.all()).select_related("document", "retry_of"), pk=pk)
        if request.htmx:
            return self._status(capture)
        prepare([capture], refresh=True)
        return self.render(
            "sources/capture.html",
            capture=capture,
            advice=ADVICE.get(capture.failure_code, ""),
            exchanges=page_of(request, capture.exchanges.all()),
            texts=capture.texts.defer("content").order_by("-created_at"),
            retries=capture.retries.all(),
        )

    def _status(self, capture: Capture) -> HttpResponse:
        refresh = self.request.GET.get("then") == "refresh"
        if capture.is_finished and refresh:
            return HttpResponseClientRefresh()
        prepare([capture], refresh=refresh)
        if not capture.is_finished:
            return self.render("sources/capture_line.html#progress", capture=capture)
        line = self.render("sources/capture_line.html", capture=capture)
        return reswap(retarget(line, f"#capture-{capture.pk}"), "outerHTML")


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
        if text is None:
            raise Http404
        return HttpResponse(text.content.encode(), content_type="text/plain; charset=utf-8", headers=HEADERS)
