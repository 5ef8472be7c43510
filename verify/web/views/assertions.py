"""What a claim stands on: who asserts it, in which archived words, with which figures, as evidence for what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution import services
from claims.attribution.evidence import EVIDENCE_FIELDS
from claims.attribution.hedges import suggested
from claims.attribution.models import Anchor, Assertion, Evidence, Modality
from claims.statements.models import Claim
from sources.archive.models import CaptureMode, Text
from sources.catalog.services import archive_document
from verify.accounts.models import Role
from verify.web.forms.attribution import (
    AnchorForm,
    AssertionEditForm,
    AssertionForm,
    AssertionWithdrawForm,
    EvidenceEditForm,
    EvidenceForm,
    WithdrawForm,
    recorded,
)
from verify.web.forms.comparing import Merge, put_together, sent, undecided_again
from verify.web.mixins import DeskView, call
from verify.web.passages import segments

__all__ = [
    "AnchorNew",
    "AssertionEdit",
    "AssertionNew",
    "AssertionWithdraw",
    "EvidenceEdit",
    "EvidenceNew",
    "EvidenceWithdraw",
]
WITHDRAWING = "id_withdraw_%s"  # two forms on a page, both with a reason
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
    prefilled = ("speaker", "document", "derives_from", "outlet", "on_behalf_of")

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
        suggest_modality(self.request, made)
        if made.document_id is None:
            messages.warning(self.request, _("Recorded. No archived copy shows it yet: give it a document."))
            return redirect("claim", claim.pk)
        messages.success(self.request, _("Recorded. Now anchor the words that show it."))
        return redirect(anchoring(made))


class EvidenceNew(PartNew):
    form_class = EvidenceForm
    template = "claims/evidence_new.html"
    prefilled = ("assertion", "document", "capture", "region", "stance")

    def make(self, form: Form, claim: Claim) -> Any:
        by, at = self.request.user, timezone.now()
        return call(form, services.link_evidence, claim=claim, by=by, at=at, **form.cleaned_data)

    def done(self, claim: Claim, made: Any) -> HttpResponse:
        messages.success(self.request, _("Evidence linked."))
        return redirect(reverse("claim", args=[claim.pk]) + "#evidence")


class Recorded(DeskView):
    """Something that was recorded of a claim, to be corrected or withdrawn on one page."""

    section = "cases"
    rows: Any
    name = ""  # of the thing in the template, in the address and in the services
    template = ""
    edit_form: type[Any]

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        thing = self.thing(pk)
        if not thing.stands:
            messages.info(request, _("This was withdrawn. Its history is here."))
            return redirect("claim-history", thing.claim_id)
        return self.show(thing)

    def thing(self, pk: UUID) -> Any:
        return self.load_part(self.rows, of="claim", role=Role.CHECKER, pk=pk)

    def show(self, thing: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        forms = {"withdraw_form": self.withdrawal(thing)} | forms
        if "form" not in forms:
            initial = {**self.recorded(thing), "revision": thing.claim.revision}
            forms["form"] = self.correction(thing, initial=initial)
            forms["merge"] = Merge.of(forms["form"])
        return self.render(self.template, status=status, claim=thing.claim, thing=thing, **forms)

    def correction(self, thing: Any, data: Any = None, **options: Any) -> Any:
        return self.edit_form(data, **options)

    def withdrawal(self, thing: Any, data: Any = None) -> Any:
        return WithdrawForm(data, auto_id=WITHDRAWING)

    def recorded(self, thing: Any) -> dict[str, Any]:
        raise NotImplementedError

    def back(self, thing: Any, text: str) -> HttpResponse:
        messages.success(self.request, text)
        return redirect("claim", thing.claim_id)


class Edit(Recorded):
    correct: Any

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        thing = self.thing(pk)
        came, data = sent(request.POST, self.edit_form)
        form = self.correction(thing, data)
        given = {self.name: thing, "by": request.user, "at": timezone.now()}
        decided = form.is_valid() and not came.undecided
        if decided and call(form, type(self).correct, **given, **form.cleaned_data):
            return self.back(thing, _("Corrected. Approvals of the earlier content no longer count."))
        thing = self.thing(pk)
        now = self.correction(thing, initial=self.recorded(thing))
        if str(thing.claim.revision) != request.POST.get("revision"):
            # Saving again is then a decision, taken with what stands and what was typed in view.
            merge = put_together(came, form, now, revision=thing.claim.revision)
            return self.show(thing, status=422, form=form, conflict=True, merge=merge)
        if came.undecided:
            came = undecided_again(came, form, now)
        return self.show(thing, status=422, form=form, conflict=bool(came.lines), merge=came)


class Withdraw(Recorded):
    withdraw: Any

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return redirect(f"{self.name}-edit", pk)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        thing = self.thing(pk)
        form = self.withdrawal(thing, request.POST)
        given = {self.name: thing, "by": request.user, "at": timezone.now()}
        if form.is_valid() and call(form, type(self).withdraw, **given, **form.cleaned_data):
            return self.back(thing, _("Withdrawn. It counts no more; the history keeps it."))
        return self.show(thing, status=422, withdraw_form=form)


class RecordedAssertion(Recorded):
    rows = Assertion.objects.select_related(
        "claim__desk", "claim__case", "claim__changed_by", "speaker", "outlet", "on_behalf_of"
    )
    name, template, edit_form = "assertion", "claims/assertion_edit.html", AssertionEditForm

    def correction(self, thing: Any, data: Any = None, **options: Any) -> Any:
        return AssertionEditForm(data, claim=thing.claim, itself=thing, **options)

    def withdrawal(self, thing: Any, data: Any = None) -> Any:
        return AssertionWithdrawForm(data, assertion=thing, auto_id=WITHDRAWING)

    def recorded(self, thing: Any) -> dict[str, Any]:
        return recorded(thing)


class RecordedEvidence(Recorded):
    rows = Evidence.objects.select_related(
        "claim__desk",
        "claim__case",
        "claim__changed_by",
        "assertion__speaker",
        "assertion__outlet",
        "document",
        "capture__document",
        "region",
    )
    name, template, edit_form = "evidence", "claims/evidence_edit.html", EvidenceEditForm

    def recorded(self, thing: Any) -> dict[str, Any]:
        return {name: getattr(thing, name) for name in EVIDENCE_FIELDS}


class AssertionEdit(RecordedAssertion, Edit):
    correct = services.correct_assertion

    def back(self, thing: Any, text: str) -> HttpResponse:
        suggest_modality(self.request, Assertion.objects.get(pk=thing.pk))
        return super().back(thing, text)


class AssertionWithdraw(RecordedAssertion, Withdraw):
    withdraw = services.withdraw_assertion


class EvidenceEdit(RecordedEvidence, Edit):
    correct = services.correct_evidence


class EvidenceWithdraw(RecordedEvidence, Withdraw):
    withdraw = services.withdraw_evidence


def suggest_modality(request: HttpRequest, assertion: Assertion) -> None:
    """Say so when the hedge usually means another degree of certainty than was recorded. It decides nothing."""
    suggestion = suggested(assertion.hedge)
    if suggestion not in (None, assertion.modality):
        words = {"hedge": assertion.hedge, "other": Modality(suggestion).label}
        words["recorded"] = assertion.get_modality_display()
        messages.info(
            request,
            _("“%(hedge)s” usually presents a thing %(other)s; it is recorded %(recorded)s.") % words,
        )


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
        texts = Text.objects.select_related("capture__document")
        text: Text = self.load_part(texts, of="capture", role=Role.CHECKER, pk=pk)
        return text

    def _show(
        self, text: Text, *, chosen: str, status: int = 200, form: AnchorForm | None = None
    ) -> HttpResponse:
        anchors = list(
            Anchor.objects.filter(text=text, assertion__withdrawn_at=None).select_related(
                "assertion__claim", "assertion__speaker"
            )
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
    said = (
        Assertion.objects.standing()
        .filter(claim__desk=text.capture.desk_id)
        .select_related("claim", "speaker")
    )
    return said.filter(document=text.capture.document_id) if text.capture.document_id else said
