"""A claim: the page where everything about it stands, rewording it, moving it along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.statements import services
from claims.statements.models import Claim
from claims.statements.states import Workflow
from verify.accounts.models import Role
from verify.pictures import attribution
from verify.pictures.drawing import Shown
from verify.review.models import Opinion, Review, TaskKind
from verify.review.rules import is_blind
from verify.review.states import APPROVING, WAITING, TaskState
from verify.web.corrections import corrections
from verify.web.drafts import HISTORY, Draft, axes, history, of_case
from verify.web.forms.claims import ClaimEditForm, MoveForm
from verify.web.forms.comparing import Merge, put_together, sent, undecided_again
from verify.web.mixins import DeskView, call
from verify.web.moves import latest
from verify.web.views.comments import discussed
from verify.web.views.pictures import graph_of

CORRECTIONS = 5  # the last ones, on the claim's page
DRAWN = 80  # assertions; a picture of more is one of its own


class ClaimPage(DeskView):
    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.show(self.load(CLAIMS, pk=pk))

    def show(self, claim: Any, *, status: int = 200, **forms: Any) -> HttpResponse:
        """The page, with forms that came back with errors in place of empty ones."""
        at = timezone.now()
        read = Draft(claim, at=at, asked=self.request.GET)
        if self.can(Role.CHECKER):
            forms = {"move_form": MoveForm(claim=claim)} | forms
        moves = claim.transitions.select_related("by").order_by("-at", "-id")[:HISTORY]
        return self.render(
            "claims/claim.html",
            status=status,
            claim=axes(claim),
            read=read,
            talk=discussed(claim, read, self.request.GET),
            version=claim.published.value != "unpublished" and claim.publication.version,
            **review_panel(claim, read.digest, self.request.user),
            history=history(latest(moves), self.desk.ratings.all()),
            corrected=corrections(claim, per_page=CORRECTIONS),
            graph=_graph(read) if len(read.assertions) <= DRAWN else None,
            now=at,
            **forms,
        )


class ClaimEdit(DeskView):
    """Rewording. When somebody else was quicker, both texts are put together, or to the person, before it is saved."""

    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        form = self._form(claim)
        return self.render("claims/claim_edit.html", claim=claim, form=form, merge=Merge.of(form))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        came, data = sent(request.POST, ClaimEditForm)
        form = ClaimEditForm(data)
        given = {"claim": claim, "by": request.user, "at": timezone.now()}
        decided = form.is_valid() and not came.undecided
        if decided and call(form, services.edit_claim, **given, **form.cleaned_data):
            messages.success(request, _("Reworded. Approvals of the earlier words no longer count."))
            return redirect("claim", pk)
        claim = self.load(CLAIMS, pk=pk)
        conflict = str(claim.revision) != request.POST.get("revision")
        if conflict:
            came = put_together(came, form, self._form(claim), revision=claim.revision)
        elif came.undecided:
            came = undecided_again(came, form, self._form(claim))
        page = {"claim": claim, "form": form, "merge": came, "conflict": conflict or bool(came.lines)}
        return self.render("claims/claim_edit.html", status=422, **page)

    @staticmethod
    def _form(claim: Claim) -> ClaimEditForm:
        initial = {"text": claim.text, "headline": claim.headline, "revision": claim.revision}
        return ClaimEditForm(initial=initial)


class ClaimMove(ClaimPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk, role=Role.CHECKER)
        form = MoveForm(request.POST, claim=claim)
        if not form.is_valid():
            return self.show(claim, status=422, move_form=form)
        to, reason = Workflow(form.cleaned_data["to"]), form.cleaned_data["reason"]
        call(
            form, services.move_by_hand, claim=claim, to=to, reason=reason, by=request.user, at=timezone.now()
        )
        if form.errors:
            return self.show(claim, status=422, move_form=form)
        messages.success(request, _("Moved to “%(state)s”.") % {"state": to.label})
        return redirect("claim", pk)


def _graph(read: Draft) -> Shown:
    return read.fold.lead(read.id, attribution.shown(graph_of(read, in_desk=True)))


def review_panel(claim: Any, digest: str, user: Any) -> dict[str, Any]:
    """Who was asked, what they said as far as `user` may read it, and how many approvals this content has.

    While an opinion is outstanding the count would give the others away, so it is None.
    """
    answered = Exists(Review.objects.filter(task=OuterRef("pk")))
    asked = claim.tasks.select_related("assignee").annotate(answered=answered)
    tasks: list[Any] = list(asked.order_by("created_at", "id"))
    readable = Review.objects.readable_by(user).filter(claim=claim).select_related("reviewer", "rating")
    opinions = {review.task_id: review for review in readable} if tasks else {}
    outstanding = is_blind(tasks)
    for task in tasks:
        task.opinion = opinions.get(task.pk)
        task.void = task.opinion is not None and task.opinion.content_digest != digest
    approving = [task for task in tasks if task.opinion and task.opinion.opinion == Opinion.APPROVE]
    counted = {
        task.opinion.reviewer_id for task in approving if task.opinion.kind in APPROVING and not task.void
    }
    deciding = (task for task in tasks if task.kind == TaskKind.ADJUDICATION and task.state in WAITING)
    return {
        "tasks": tasks,
        "outstanding": outstanding,
        "approvals": None if outstanding else len(counted),
        "void": 0 if outstanding else sum(task.void for task in approving),
        "needed": claim.desk.approvals_needed,
        "conflict": not outstanding
        and any(task.state == TaskState.CONFLICT and not task.void for task in tasks),
        "adjudication": next(deciding, None),
    }


CLAIMS = of_case(Claim.objects.select_related("desk", "case", "author", "changed_by"))
