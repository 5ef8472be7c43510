"""Erasure: ask for it, see what would go and what would stay, decide on what somebody else asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, Sum, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution.models import Anchor
from sources.archive.models import Blob, Capture, Exchange, Redaction, Rendition, Text
from sources.archive.redaction import ask_redaction, decide_redaction, held_elsewhere, same_bytes
from sources.archive.states import CaptureState
from verify.accounts.models import Role
from verify.publish.models import Publication
from verify.web.forms.redactions import RedactionForm
from verify.web.mixins import DeskRequest, DeskView, call, page_of

REDACTIONS = Redaction.objects.select_related(
    "capture__document", "asked_by", "decided_by", "leader", "entry", "desk"
)


class RedactionNew(DeskView):
    """Asks for what a capture holds to be erased; says first what that means."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture = self._capture(pk)
        if open_one := Redaction.objects.filter(capture=capture, decision="").first():
            return redirect("redaction", open_one.leader_id or open_one.pk)
        return self._show(capture, RedactionForm())

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        capture, form = self._capture(pk), RedactionForm(request.POST)
        asked = form.is_valid() and call(
            form, ask_redaction, capture=capture, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not asked:
            return self._show(capture, form, status=422)
        messages.success(request, _("Asked for. Another editor decides."))
        return redirect("redaction", asked.pk)

    def _capture(self, pk: UUID) -> Capture:
        captures = Capture.objects.select_related("desk", "document")
        capture: Capture = self.load(captures, pk=pk, role=Role.EDITOR)
        if capture.state != CaptureState.ARCHIVED:
            raise Http404
        return capture

    def _show(self, capture: Capture, form: RedactionForm, *, status: int = 200) -> HttpResponse:
        covered = [capture, *same_bytes(capture).select_related("document")]
        return self.render(
            "sources/redaction_new.html", status=status, capture=capture, form=form, **consequences(covered)
        )


class RedactionList(DeskView):
    """What the desk was asked to erase: what waits for a decision first, then by time."""

    section = "documents"

    def get(self, request: DeskRequest) -> HttpResponse:
        decided = Case(When(decision="", then=0), default=1)
        asked = REDACTIONS.leading().filter(desk=self.desk).order_by(decided, "-asked_at", "-id")
        return self.render("sources/redaction_list.html", page=page_of(request, asked))


class RedactionPage(DeskView):
    """One request: what it covers, why, what would go, and the decision, or what became of it."""

    section = "documents"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        redaction = self.load(REDACTIONS, pk=pk)
        return redirect("redaction", redaction.leader_id) if redaction.leader_id else self.show(redaction)

    def show(self, redaction: Redaction, *, status: int = 200, refusal: str = "") -> HttpResponse:
        rows = [redaction, *redaction.companions.select_related("capture__document", "entry")]
        return self.render(
            "sources/redaction.html",
            status=status,
            redaction=redaction,
            rows=rows,
            refusal=refusal,
            is_done=all(row.done_at for row in rows),
            may_decide=redaction.is_open
            and self.can(Role.EDITOR)
            and redaction.asked_by_id != self.request.user.pk,
            **consequences([row.capture for row in rows]),
        )


class RedactionDecide(RedactionPage):
    """Approve, which erases at once, or refuse."""

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return redirect("redaction", pk)

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        redaction = self.load(REDACTIONS, pk=pk, role=Role.EDITOR)
        decision = request.POST.get("decision")
        if (
            redaction.is_open
            and redaction.asked_by_id != request.user.pk
            and decision not in ("approve", "refuse")
        ):
            return self.show(redaction, status=422, refusal=_("Approve or refuse it."))
        try:
            decided = decide_redaction(
                redaction=redaction, approve=decision == "approve", by=request.user, at=timezone.now()
            )
        except ValidationError as refusal:
            return self.show(self.load(REDACTIONS, pk=pk), status=422, refusal=" ".join(refusal.messages))
        said = _("Approved: the content is erased.") if decided.decision == "approved" else _("Refused.")
        messages.success(request, said)
        return redirect("redaction", decided.pk)


def consequences(captures: Sequence[Capture]) -> dict[str, Any]:
    """What erasing the captures would destroy, who else holds the same bytes, and what stays public."""
    pks = [capture.pk for capture in captures]
    renditions = Rendition.objects.filter(capture__in=pks)
    files = {getattr(capture, name) for capture in captures for name in ("body_id", "package_id")}
    files |= set(renditions.values_list("blob_id", flat=True))
    files.discard(None)
    quotations = Anchor.objects.filter(text__capture__in=pks)
    return {
        "captures": captures,
        "files": len(files),
        "size": Blob.objects.filter(pk__in=files).aggregate(total=Sum("size"))["total"] or 0,
        "texts": Text.objects.filter(capture__in=pks, redacted_at__isnull=True).count(),
        "quotations": quotations.exclude(exact="").count(),
        "exchanges": Exchange.objects.filter(capture__in=pks).exclude(url="").count(),
        "elsewhere": max((held_elsewhere(capture) for capture in captures), default=0),
        "publications": Publication.objects.naming(pks).select_related("claim", "version"),
    }
