"""Verdicts and reviews: proposing, assigning, judging."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.statements.models import Claim
from verify.accounts.models import Role
from verify.review import rules, services
from verify.review.models import Task, TaskKind
from verify.review.states import WAITING, TaskState
from verify.web.asked import due_words, ended, lost_quotes, replaced, taken_away
from verify.web.drafts import Draft, axes
from verify.web.forms.review import (
    AdjudicationForm,
    CancelForm,
    ChangeForm,
    DeclineForm,
    ReassignForm,
    ReviewForm,
    TaskForm,
    VerdictForm,
)
from verify.web.mixins import DeskView, call
from verify.web.opinions import SideBySide, side_by_side
from verify.web.views.claims import CLAIMS, review_panel


class VerdictNew(DeskView):
    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim: Any = axes(self.load(CLAIMS, pk=pk, role=Role.CHECKER))
        last = claim.verdict
        initial = {"rating": last.rating_id, "rationale": last.rationale} if last else {}
        return self._show(claim, VerdictForm(claim=claim, initial=initial))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=pk, role=Role.CHECKER))
        form = VerdictForm(request.POST, claim=claim)
        verdict = form.is_valid() and call(
            form,
            services.propose_verdict,
            claim=claim,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not verdict:
            return self._show(claim, form, status=422)
        messages.success(request, _("Verdict proposed. An editor asks somebody else to review it."))
        return redirect("claim", pk)

    def _show(self, claim: Any, form: VerdictForm, status: int = 200) -> HttpResponse:
        return self.render(
            "claims/verdict_new.html",
            status=status,
            claim=claim,
            form=form,
            read=Draft(claim, at=timezone.now()),
        )


class TaskNew(DeskView):
    """Asking for a review: a person who may, or whoever takes it; those who may not are named with the reason."""

    section = "tasks"
    template = "claims/task_new.html"
    form = TaskForm

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=pk, role=Role.EDITOR))
        return self.show(claim, *self.people(claim))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=pk, role=Role.EDITOR))
        able, refused = self.people(claim)
        form = self.form(request.POST, reviewers=able)
        task = form.is_valid() and call(form, self.assign, claim=claim, **form.cleaned_data)
        if not task:
            return self.show(claim, able, refused, form=form, status=422)
        if task.assignee:
            messages.success(request, _("Assigned to %(name)s.") % {"name": task.assignee})
        else:
            messages.success(request, _("In the pool: whoever is free takes it."))
        return redirect("claim", pk)

    def people(self, claim: Claim) -> tuple[list[Any], list[tuple[Any, str]]]:
        """Who may, and who may not with the reason: whoever has another kind of review of it may have this as well."""
        asked = self.request.POST.get("kind")
        kind = TaskKind(asked) if asked in TaskKind.values else TaskKind.SIGN_OFF
        return rules.reviewers_for(claim, kind)

    def assign(self, **asked: Any) -> Task:
        return services.assign_review(by=self.request.user, at=timezone.now(), **asked)

    def show(
        self,
        claim: Any,
        able: list[Any],
        refused: list[tuple[Any, str]],
        *,
        form: Any = None,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        due = due_words(claim.desk)
        form = form or self.form(reviewers=able)
        form.fields["due_at"].help_text = self.due_help(due)
        return self.render(
            self.template, status=status, claim=claim, form=form, able=able, refused=refused, **more
        )

    def due_help(self, due: dict[str, str]) -> str:
        """What an empty due time means at this desk."""
        asked = {kind.value: kind.label for kind in TaskKind if kind != TaskKind.ADJUDICATION}
        given = [f"{label}: {due[kind]}" for kind, label in asked.items() if kind in due]
        if not given:
            return _("Empty: no due time. The desk has set none.")
        return _("Empty: as the desk has set it (%(times)s).") % {"times": "; ".join(given)}


class AdjudicationNew(TaskNew):
    """Asking somebody who gave none of the opinions to decide between them."""

    template = "verify/task_adjudication.html"
    form: Any = AdjudicationForm

    def people(self, claim: Claim) -> tuple[list[Any], list[tuple[Any, str]]]:
        return rules.adjudicators_for(claim)

    def assign(self, **asked: Any) -> Task:
        asked["adjudicator"] = asked.pop("reviewer")
        return services.assign_adjudication(by=self.request.user, at=timezone.now(), **asked)

    def due_help(self, due: dict[str, str]) -> str:
        if given := due.get(TaskKind.ADJUDICATION):
            return _("Empty: as the desk has set it (%(times)s).") % {"times": given}
        return _("Empty: no due time. The desk has set none.")

    def show(self, claim: Any, able: list[Any], refused: list[tuple[Any, str]], **more: Any) -> HttpResponse:
        digest = Draft(claim, at=timezone.now()).digest
        panel = review_panel(claim, digest, self.request.user)
        return super().show(claim, able, refused, opinions=_opinions(panel), **panel, **more)


class TaskPage(DeskView):
    """What is judged, laid out as its digest covers it; the form for who is to judge; for editors what they may change.

    In a task for a verdict the proposed one is folded away until the opinion is in: the reviewer forms their own first.
    """

    section = "tasks"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.show(self.find(pk))

    def find(self, pk: UUID) -> Task:
        task: Task = self.load(TASKS, via="claim", pk=pk)
        return task

    def show(self, task: Task, *, status: int = 200, **forms: Any) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=task.claim_id))
        read = Draft(claim, at=timezone.now())
        user = self.request.user
        mine, waits = task.assignee_id == user.pk, task.state in WAITING
        may_review = rules.can_review(user, task)
        form = forms.pop("form", None)
        if form is None and may_review:
            form = self.review_form(task, initial={"content_digest_seen": read.digest})
        changed = form and form.is_bound and form.data.get("content_digest_seen") != read.digest
        if changed:  # what was typed stays; the next opinion is on what is shown now
            form.data = {**self.request.POST.dict(), "content_digest_seen": read.digest}
        panel = review_panel(claim, read.digest, user)
        if self.can(Role.EDITOR) and task.state in CHANGEABLE:
            forms = self._panel(task) | forms
        return self.render(
            "verify/task.html",
            status=status,
            task=task,
            claim=claim,
            read=read,
            form=form,
            changed=changed,
            mine=mine,
            may_review=may_review,
            may_take=not task.assignee_id and rules.can_take(user, task),
            conflicted=mine and not rules.can_be_reviewer(user, claim),
            waits=waits,
            folded=task.kind == TaskKind.VERDICT and mine and waits,
            overdue=waits and task.due_at and task.due_at < timezone.now(),
            opinions=_opinions(panel),
            taken=None if mine else taken_away(task, user),
            ended=ended(task),
            lost=lost_quotes(task),
            replaced=replaced(task),
            next_task=self._next() if mine and not waits else None,
            now=timezone.now(),
            **({"decline_form": DeclineForm(auto_id="id_decline_%s")} | forms),
            **panel,
        )

    def review_form(self, task: Task, data: Any = None, **options: Any) -> ReviewForm:
        return ReviewForm(data, task=task, checklist=services.checklist_for(task), **options)

    def only_mine(self, pk: UUID) -> Task:
        """The task, for the person to whom it is assigned; 403 for everybody else."""
        task = self.find(pk)
        if task.assignee_id != self.request.user.pk:
            raise PermissionDenied(_("This task is assigned to somebody else."))
        self.enter(self.desk.pk, Role.CHECKER)
        return task

    def _next(self) -> Task | None:
        """The task that waits for the person most urgently."""
        own = Task.objects.waiting().filter(assignee=self.request.user, claim__desk=self.desk)
        return own.by_urgency().first()

    def _panel(self, task: Task) -> dict[str, Any]:
        """What an editor may do with a task on which no opinion is in."""
        if task.kind == TaskKind.ADJUDICATION:
            able, refused = rules.adjudicators_for(task.claim)
        else:
            able, refused = rules.reviewers_for(task.claim, TaskKind(task.kind))
        asked = {"priority": task.priority, "due_at": task.due_at, "instructions": task.instructions}
        return {
            "able": able,
            "refused": refused,
            "reassign_form": ReassignForm(task=task, reviewers=able, auto_id="id_reassign_%s"),
            "change_form": ChangeForm(initial=asked, auto_id="id_change_%s"),
            "cancel_form": CancelForm(auto_id="id_cancel_%s"),
        }


class TaskTake(TaskPage):
    """Taking a task from the pool; the one who was quicker has it."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        task = self.find(pk)
        self.enter(self.desk.pk, Role.CHECKER)
        reviewer: Any = request.user
        try:
            services.take_task(task=task, by=reviewer, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect("inbox")
        messages.success(request, _("The task is yours."))
        return redirect("task", pk) if "open" in request.POST else redirect("inbox")


class TaskAccept(TaskPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        task = self.only_mine(pk)
        reviewer: Any = request.user
        try:
            services.accept_task(task=task, by=reviewer, at=timezone.now())
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("task", pk)


class TaskDecline(TaskPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        task = self.only_mine(pk)
        form = DeclineForm(request.POST, auto_id="id_decline_%s")
        if form.is_valid():
            call(
                form,
                services.decline_task,
                task=task,
                by=request.user,
                at=timezone.now(),
                **form.cleaned_data,
            )
        if form.errors:
            return self.show(self.find(pk), status=422, decline_form=form)
        messages.success(request, _("Declined. The editor will ask somebody else."))
        return redirect("inbox")


class TaskSubmit(TaskPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        task = self.only_mine(pk)
        form = self.review_form(task, request.POST)
        review = form.is_valid() and call(
            form, services.submit_review, task=task, by=request.user, at=timezone.now(), **form.given
        )
        if not review:
            return self.show(self.find(pk), status=422, form=form)
        messages.success(request, _("Your opinion is in."))
        return redirect("task", pk)


class TaskReassign(TaskPage):
    """To somebody else, or back to the pool; whoever had it is told on the task's page, and why."""

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        task = self.of_editor(pk)
        able = self._panel(task)["able"]
        form = ReassignForm(request.POST, task=task, reviewers=able, auto_id="id_reassign_%s")
        return self.act(task, form, services.reassign_task, "reassign_form", _("Reassigned."))

    def of_editor(self, pk: UUID) -> Task:
        task = self.find(pk)
        self.enter(self.desk.pk, Role.EDITOR)
        return task

    def act(self, task: Task, form: Form, service: Any, name: str, done: str) -> HttpResponse:
        """Run one service with what was typed; the page again, with the panel open, if it is refused."""
        if form.is_valid():
            call(form, service, task=task, by=self.request.user, at=timezone.now(), **form.cleaned_data)
        if form.errors:
            return self.show(self.find(task.pk), status=422, **{name: form})
        messages.success(self.request, done)
        return redirect("task", task.pk)


class TaskChange(TaskReassign):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        form = ChangeForm(request.POST, auto_id="id_change_%s")
        return self.act(self.of_editor(pk), form, services.change_task, "change_form", _("Changed."))


class TaskCancel(TaskReassign):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        form = CancelForm(request.POST, auto_id="id_cancel_%s")
        return self.act(self.of_editor(pk), form, services.cancel_task, "cancel_form", _("Cancelled."))


def _opinions(panel: dict[str, Any]) -> SideBySide | None:
    """The opinions on this content, once they are for everybody's eyes."""
    if panel["outstanding"]:
        return None
    return side_by_side(task.opinion for task in panel["tasks"] if task.opinion and not task.void)


TASKS = Task.objects.select_related(
    "claim__desk", "assignee", "created_by", "change__document", "figure__supersedes"
)
# No opinion is in yet, so that an editor may still hand it on, change or cancel it.
CHANGEABLE = WAITING | {TaskState.DECLINED}
