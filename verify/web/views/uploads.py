"""Files that somebody has: received, packed, logged; as a copy of the document that they come from, if there is one."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, resolve_url
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRedirect

from sources.archive.models import Capture, CaptureKind
from sources.catalog.services import upload_file
from verify.accounts.models import Role
from verify.web.forms.archive import FilesForm
from verify.web.mixins import DeskRequest, DeskView, add_errors


class UploadFile(DeskView):
    """Takes files. htmx sends them with a bar that shows how far they are; without it the browser does."""

    section = "documents"
    role = Role.CHECKER

    def get(self, request: DeskRequest) -> HttpResponse:
        return self.render(
            "sources/upload_file.html", form=FilesForm(initial={"url": request.GET.get("url", "")})
        )

    def post(self, request: DeskRequest) -> HttpResponse:
        form = FilesForm(request.POST, request.FILES)
        received = self._receive(form) if form.is_valid() else []
        if not form.is_valid():
            template = "sources/upload_file.html" + ("#form" if request.htmx else "")
            return self.render(template, status=422, form=form, received=received)
        count = len(received)
        said = ngettext(
            "%(n)s file was received, packed and logged.",
            "%(n)s files were received, packed and logged.",
            count,
        )
        messages.success(request, said % {"n": count})
        there = _whither(received)
        return HttpResponseClientRedirect(there) if request.htmx else redirect(there)

    def _receive(self, form: FilesForm) -> list[Capture]:
        """The captures of the files; what a file was refused for is on the form, under its name."""
        received = []
        for file in form.cleaned_data["uploads"]:
            try:
                capture = upload_file(
                    desk=self.desk,
                    content=file.chunks(),
                    filename=file.name,
                    url=form.cleaned_data["url"],
                    title=form.cleaned_data["title"],
                    by=self.request.user,
                    at=timezone.now(),
                )
            except ValidationError as refusal:
                add_errors(
                    form, ValidationError({"uploads": [f"{file.name}: {why}" for why in refusal.messages]})
                )
            else:
                received.append(capture)
        return received


def _whither(received: list[Capture]) -> str:
    """To the capture, to the document that several files are copies of, else to the newest uploads."""
    first, *more = received
    if not more:
        return resolve_url("capture", first.pk)
    if first.document_id:
        return resolve_url("document", first.document_id)
    return reverse("capture-list") + f"?kind={CaptureKind.UPLOAD}"
