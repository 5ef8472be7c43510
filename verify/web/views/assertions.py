"""What a claim stands on: who asserts it, in which archived words, with which figures, as evidence for what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution import services
from claims.attribution.models import Anchor, Assertion
from claims.statements.models import Claim, Figure
from claims.statements.services import add_figure
from sources.archive.models import CaptureMode, Text
from sources.catalog.services import archive_document
from verify.accounts.models import Role
from verify.accounts.rules import desks_of
from verify.web.forms.claims import AnchorForm, AssertionForm, EvidenceForm, FigureForm
from verify.web.mixins import DeskView, call
from verify.web.passages import segments

__all__ = ["AnchorNew", "AssertionNew", "EvidenceNew", "FigureNew"]
_CLAIMS = Claim.objects.select_related("desk", "case")


class PartNew(DeskView):
    """A form on a page of its own that adds one thing to a claim and goes back to it."""

    section = "cases"
    form_class: type[Any]
    template = ""
    prefilled: tuple[str, ...] = ()

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(_CLAIMS, pk=pk, role=Role.CHECKER)
        given = {name: request.GET[name] for name in self.prefilled if name in request.GET}
        return self.render(self.template, claim=claim, form=self.form_class(claim=claim, initial=given))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(_CLAIMS, pk=pk, role=Role.CHECKER)
        form = self.form_class(request.POST, claim=claim)
        made = form.is_valid() and self.make(form, claim)
        if not made:
            return self.render(self.template, status=422, claim=claim, form=form)
        return self.done(claim, made)

    def make(self, form: Form, claim: Claim) -> Any:
        raise NotImplementedError

    def done(self, claim: Claim, made: Any) -> HttpResponse:
        return redirect("claim", claim.pk)


class AssertionNew(PartNew):
    form_class = AssertionForm
    template = "claims/assertion_new.html"
    prefilled = ("speaker", "document", "derives_from", "outlet")

    def make(self, form: Form, claim: Claim) -> Assertion | None:
        return call(form, self._attribute, claim=claim, **form.cleaned_data)

    def _attribute(self, *, claim: Claim, document_url: str, **fields: Any) -> Assertion:
        """With an address in place of a document, both are made or neither."""
        by, at = self.request.user, timezone.now()
        with transaction.atomic():
            if document_url:
                fields["document"] = self._archive(claim, document_url, fields.get("outlet"))
            return services.attribute_claim(claim=claim, by=by, at=at, **fields)

    def _archive(self, claim: Claim, url: str, outlet: Any) -> Any:
        try:
            capture = archive_document(
                desk=claim.desk,
                url=url,
                outlet=outlet,
                by=self.request.user,
                at=timezone.now(),
                mode=CaptureMode.PAGE,
            )
        except ValidationError as refusal:
            raise ValidationError({"document_url": refusal.messages}) from refusal
        return capture.document

    def done(self, claim: Claim, made: Assertion) -> HttpResponse:
        if made.document_id is None:
            messages.warning(self.request, _("Recorded. No archived copy shows it yet: give it a document."))
            return redirect("claim", claim.pk)
        messages.success(self.request, _("Recorded. Now anchor the words that show it."))
        return redirect(anchoring(made))


class FigureNew(PartNew):
    form_class = FigureForm
    template = "claims/figure_new.html"
    prefilled = ("assertion", "supersedes", "as_written", "unit")

    def make(self, form: Form, claim: Claim) -> Figure | None:
        fields: dict[str, Any] = {**form.cleaned_data, "by": self.request.user, "at": timezone.now()}
        assertion = fields.pop("assertion")
        if assertion is not None:
            return call(form, services.state_figure, assertion=assertion, **fields)
        return call(form, add_figure, claim=claim, **fields)

    def done(self, claim: Claim, made: Figure) -> HttpResponse:
        messages.success(self.request, _("Figure recorded: %(figure)s.") % {"figure": made})
        return redirect(reverse("claim", args=[claim.pk]) + "#figures")


class EvidenceNew(PartNew):
    form_class = EvidenceForm
    template = "claims/evidence_new.html"
    prefilled = ("assertion", "document", "capture", "stance")

    def make(self, form: Form, claim: Claim) -> Any:
        by, at = self.request.user, timezone.now()
        return call(form, services.link_evidence, claim=claim, by=by, at=at, **form.cleaned_data)

    def done(self, claim: Claim, made: Any) -> HttpResponse:
        messages.success(self.request, _("Evidence linked."))
        return redirect(reverse("claim", args=[claim.pk]) + "#evidence")


class AnchorNew(DeskView):
    """Ties words of an archived text to an assertion; its form also stands on the document’s page."""

    section = "documents"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._show(self._text(pk), chosen=request.GET.get("assertion", ""))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        text = self._text(pk)
        form = AnchorForm(request.POST, assertions=_assertions(text))
        anchor = form.is_valid() and call(
            form, services.anchor_quote, text=text, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not anchor:
            return self._show(text, form=form, chosen=request.POST.get("assertion", ""), status=422)
        found = _("Anchored %(how)s. The claim’s page shows it.") % {"how": anchor.get_match_display()}
        messages.success(request, found)
        capture = text.capture
        if capture.document_id is None:
            return redirect("claim", anchor.assertion.claim_id)
        query = f"?capture={capture.pk}&assertion={anchor.assertion_id}#anchor-{anchor.pk}"
        return redirect(reverse("document", args=[capture.document_id]) + query)

    def _text(self, pk: UUID) -> Text:
        desks = desks_of(self.request.user)
        text = get_object_or_404(
            Text.objects.select_related("capture__document"), pk=pk, capture__desk__in=desks
        )
        self.enter(text.capture.desk_id, Role.CHECKER)
        return text

    def _show(
        self, text: Text, *, chosen: str, status: int = 200, form: AnchorForm | None = None
    ) -> HttpResponse:
        anchors = list(
            Anchor.objects.filter(text=text).select_related("assertion__claim", "assertion__speaker")
        )
        return self.render(
            "claims/anchor_new.html",
            status=status,
            text=text,
            segments=segments(text.content, anchors),
            assertions=_assertions(text),
            chosen_assertion=chosen,
            anchoring=form,
        )


def anchoring(assertion: Assertion) -> str:
    """Where the words that show an assertion are anchored: on its document's page."""
    return reverse("document", args=[assertion.document_id]) + f"?assertion={assertion.pk}"


def _assertions(text: Text) -> Any:
    """Those shown in the text's document; of the whole desk for a text without one."""
    said = Assertion.objects.filter(claim__desk=text.capture.desk_id).select_related("claim", "speaker")
    return said.filter(document=text.capture.document_id) if text.capture.document_id else said
