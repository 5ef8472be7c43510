"""Verdicts and reviews: proposing, assigning, judging."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from verify.accounts.models import Role
from verify.review import services
from verify.review.models import Task
from verify.review.rules import can_be_reviewer, can_review, reviewers_for
from verify.review.states import TaskState
from verify.web.drafts import Draft, axes
from verify.web.forms.review import DeclineForm, ReviewForm, TaskForm, VerdictForm
from verify.web.mixins import DeskView, call
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
    section = "cases"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=pk, role=Role.EDITOR))
        able, refused = reviewers_for(claim)
        return self.render(
            "claims/task_new.html", claim=claim, form=TaskForm(reviewers=able), able=able, refused=refused
        )

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=pk, role=Role.EDITOR))
        able, refused = reviewers_for(claim)
        form = TaskForm(request.POST, reviewers=able)
        task = form.is_valid() and call(
            form, services.assign_review, claim=claim, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not task:
            return self.render(
                "claims/task_new.html", status=422, claim=claim, form=form, able=able, refused=refused
            )
        messages.success(request, _("Assigned to %(name)s.") % {"name": task.assignee})
        return redirect("claim", pk)


class TaskPage(DeskView):
    """What is judged, laid out as its digest covers it, and the form for who is to judge."""

    section = "inbox"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.show(self.find(pk))

    def find(self, pk: UUID) -> Task:
        task: Task = self.load(_TASKS, via="claim", pk=pk)
        return task

    def show(self, task: Task, *, status: int = 200, **forms: Any) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=task.claim_id))
        read = Draft(claim, at=timezone.now())
        form = forms.pop("form", None) or ReviewForm(initial={"content_digest_seen": read.digest})
        changed = form.is_bound and form.data.get("content_digest_seen") != read.digest
        if changed:  # what was typed stays; the next opinion is on what is shown now
            form.data = {**self.request.POST.dict(), "content_digest_seen": read.digest}
        mine = task.assignee_id == self.request.user.pk
        return self.render(
            "verify/task.html",
            status=status,
            task=task,
            claim=claim,
            read=read,
            form=form,
            changed=changed,
            mine=mine,
            may_review=can_review(self.request.user, task),
            conflicted=mine and not can_be_reviewer(self.request.user, claim),
            waits=task.state in (TaskState.ASSIGNED, TaskState.ACCEPTED),
            overdue=task.due_at and task.due_at < timezone.now(),
            **({"decline_form": DeclineForm(auto_id="id_decline_%s")} | forms),
            **review_panel(claim, read.digest, self.request.user),
        )

    def only_mine(self, pk: UUID) -> Task:
        """The task, for the person to whom it is assigned; 403 for everybody else."""
        task = self.find(pk)
        if task.assignee_id != self.request.user.pk:
            raise PermissionDenied(_("This task is assigned to somebody else."))
        self.enter(self.desk.pk, Role.CHECKER)
        return task


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
            task.refresh_from_db(fields=["state"])
            return self.show(task, status=422, decline_form=form)
        messages.success(request, _("Declined. The editor will ask somebody else."))
        return redirect("inbox")


class TaskSubmit(TaskPage):
    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        task = self.only_mine(pk)
        form = ReviewForm(request.POST)
        review = form.is_valid() and call(
            form, services.submit_review, task=task, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not review:
            task = self.find(pk)
            return self.show(task, status=422, form=form)
        messages.success(request, _("Your opinion is in."))
        return redirect("claim", task.claim_id)


_TASKS = Task.objects.select_related("claim__desk", "assignee", "created_by")
