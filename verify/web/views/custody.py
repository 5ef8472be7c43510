"""Custody reports, who did what when with a capture or with all that a claim rests on; and evidence packages."""

from __future__ import annotations

from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.statements.models import Claim
from sources.archive.models import Capture
from sources.archive.storage import BlobDamaged
from sources.custody.services import CustodyError
from verify.accounts.models import Role
from verify.evidence.custody_exports import Medium, export_report, report_on
from verify.evidence.custody_words import document
from verify.evidence.package import export_claim
from verify.web.mixins import DeskRequest, DeskView

CAPTURES = Capture.objects.select_related("desk", "document")
CLAIMS = Claim.objects.select_related("desk", "case", "author", "changed_by")
TYPES = {Medium.JSON: "application/json", Medium.PDF: "application/pdf"}


class CustodyPage(DeskView):
    """The report to look at, by any member. Looking at it is not logged; what is handed out is."""

    things: Any = CAPTURES
    name = "capture"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        thing = self.load(self.things, pk=pk)
        return self.render(
            "verify/custody_report.html",
            thing=thing,
            is_claim=isinstance(thing, Claim),
            told=document(report_on(thing, by=request.user, at=timezone.now())),
            downloads=[
                {"label": medium.label, "url": reverse(f"{self.name}-custody-{medium.value}", args=[pk])}
                for medium in (Medium.PDF, Medium.JSON)
            ],
        )


class CaptureCustody(CustodyPage):
    section = "documents"


class ClaimCustody(CustodyPage):
    section = "cases"
    things = CLAIMS
    name = "claim"


class CustodyFile(CustodyPage):
    """The report as a file. Asking for it changes the log, so it is sent for with POST."""

    medium = Medium.JSON

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return redirect(f"{self.name}-custody", pk)

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        thing = self.load(self.things, pk=pk, role=Role.CHECKER)
        made = export_report(scope=thing, medium=self.medium, by=request.user, at=timezone.now())
        name = f"custody-{self.name}-{pk}.{self.medium.value}"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return HttpResponse(made.content, content_type=TYPES[self.medium], headers=headers)


class CaptureCustodyFile(CustodyFile):
    section = "documents"


class ClaimCustodyFile(CustodyFile):
    section = "cases"
    things = CLAIMS
    name = "claim"


class ClaimEvidence(DeskView):
    """The evidence package of a claim: a zip that strangers can check. Making it is logged and has the log signed."""

    section = "cases"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return redirect("claim-custody", pk)

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponseBase:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        with ExitStack() as stack:
            out = stack.enter_context(TemporaryFile())
            try:
                export_claim(claim=claim, by=request.user, at=timezone.now(), out=out)
            except ValidationError as refusal:
                messages.error(request, " ".join(refusal.messages))
                return redirect("claim-custody", pk)
            except (CustodyError, BlobDamaged) as damage:
                why = _("No package was made; tell whoever runs this installation: %(why)s")
                messages.error(request, why % {"why": damage})
                return redirect("claim-custody", pk)
            stack.pop_all()  # the response closes the file
        out.seek(0)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        return FileResponse(out, as_attachment=True, filename=f"evidence-{pk}.zip", headers=headers)
