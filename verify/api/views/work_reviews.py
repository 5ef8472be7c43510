"""Review tasks and opinions: asking, taking, declining, handing on, judging.

Opinions are read through `Review.objects.readable_by` alone: decision 0132.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from claims.statements.models import Claim
from verify.accounts.models import Role, User
from verify.api.examples import work_reviews as examples
from verify.api.models import Scope
from verify.api.shapes import work_reviews as shapes
from verify.api.views.work import IF_MATCH, JUDGEMENTS, LISTS, WRITES, WorkEndpoint, WorkList, operation
from verify.api.views.work_verdicts import rating_of
from verify.notify.services import members
from verify.review import services
from verify.review.models import Answer, ChecklistItem, Review, Task, TaskKind

_TASKS = Task.objects.select_related("claim__desk", "assignee", "created_by")
_REVIEWS = Review.objects.select_related("reviewer", "rating").prefetch_related("answers")


def _person(claim: Claim, username: str | None) -> User | None:
    """The member of the claim's desk; None stands for the pool. Raises ValidationError for `reviewer`."""
    if username is None:
        return None
    person: User | None = members(claim.desk).filter(username=username).first()
    if person is None:
        raise ValidationError({"reviewer": _("Nobody of this name belongs to the desk.")})
    return person


class Tasks(WorkList):
    serializer_class = shapes.DeskTask
    filters = shapes.TaskFilters
    ordering = ("-created_at", "-id")
    facts = staticmethod(shapes.task_facts)

    def get_queryset(self) -> QuerySet[Task]:
        given, at = self.given(), timezone.now()
        tasks = _TASKS.visible_to(self.by)
        for name, found in (
            ("mine", Task.objects.filter(assignee=self.by)),
            ("open", Task.objects.waiting()),
            ("pool", Task.objects.pool()),
            ("overdue", Task.objects.overdue(at)),
        ):
            if (wanted := given.pop(name, None)) is not None:
                tasks = tasks.filter(
                    Q(pk__in=found.values("pk")) if wanted else ~Q(pk__in=found.values("pk"))
                )
        found_tasks: QuerySet[Task] = tasks.filter(**given)
        return found_tasks

    @operation(
        "desk_tasks_list",
        "The review tasks of one's desks, newest first",
        gives=shapes.DeskTask,
        answers=examples.TASK,
        many=True,
        parameters=[shapes.TaskFilters],
        refuses=LISTS,
    )
    def get(self, request: Request) -> Response:
        return self.list(request)


class TasksOfClaim(WorkEndpoint):
    scopes = {"POST": Scope.REVIEW}

    @operation(
        "desk_tasks_create",
        "Ask somebody, or whoever takes it, to review a claim",
        description=(
            "For editors and above. Nobody may be asked who wrote the claim, changed it last or proposed its verdict. "
            "Without `due_at` the desk's time for this kind of review applies."
        ),
        takes=shapes.TaskRequest,
        asks=examples.ASK,
        gives=shapes.DeskTaskDetail,
        answers=examples.TASK_DETAIL,
        status=201,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        claim, given = self.claim(pk, Role.EDITOR), self.given_body(shapes.TaskRequest)

        def act() -> Response:
            with self.as_things_stand():
                task = self._asked(claim, given.pop("kind"), _person(claim, given.pop("reviewer")), given)
            return self.made(shapes.DeskTaskDetail, shapes.task_detail(task))

        return self.once(act)

    def _asked(self, claim: Claim, kind: TaskKind, person: User | None, given: dict[str, Any]) -> Task:
        given |= {"claim": claim, "by": self.by, "at": timezone.now()}
        if kind == TaskKind.ADJUDICATION:
            return services.assign_adjudication(adjudicator=person, **given)
        return services.assign_review(reviewer=person, kind=TaskKind(kind), **given)


class TaskEndpoint(WorkEndpoint):
    def task(self, pk: UUID, role: Role = Role.CHECKER, *, mine: bool = False) -> Task:
        """The task, for who has the role; with `mine`, 403 for everybody to whom it is not assigned."""
        task: Task = self.part(_TASKS, pk, role=role)
        if mine and task.assignee_id != self.by.pk:
            raise PermissionDenied(_("This task is assigned to somebody else."))
        return task

    def does(self, service: Any, task: Task, given: dict[str, Any]) -> HttpResponseBase:
        """Run one service on the task, and answer how it stands then."""

        def act() -> Response:
            with self.as_things_stand():
                if "reviewer" in given:
                    given["reviewer"] = _person(task.claim, given["reviewer"])
                service(task=task, by=self.by, at=timezone.now(), **given)
            return self.now(shapes.DeskTaskDetail, shapes.task_detail(_TASKS.get(pk=task.pk)))

        return self.once(act)


class OneTask(TaskEndpoint):
    scopes = {"GET": Scope.READ, "PATCH": Scope.REVIEW}

    @operation(
        "desk_task",
        "A review task, with the questions that the desk asks",
        gives=shapes.DeskTaskDetail,
        answers=examples.TASK_DETAIL,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.now(shapes.DeskTaskDetail, shapes.task_detail(self.task(pk, Role.VIEWER)))

    @operation(
        "desk_task_update",
        "Change when a task is due, how urgent it is, or what is asked",
        takes=shapes.TaskChange,
        asks=examples.CHANGE,
        gives=shapes.DeskTaskDetail,
        answers=examples.TASK_DETAIL,
        refuses=WRITES,
    )
    def patch(self, request: Request, pk: UUID) -> HttpResponseBase:
        task = self.task(pk, Role.EDITOR)
        return self.does(services.change_task, task, self.given_body(shapes.TaskChange))


class TaskTake(TaskEndpoint):
    scopes = {"POST": Scope.REVIEW}

    @operation(
        "desk_task_take",
        "Take a task from the pool",
        description="Of two who take it at once, one has it, and the other is answered 409.",
        takes=shapes.NothingSaid,
        asks={},
        gives=shapes.DeskTaskDetail,
        answers=examples.TAKEN,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.does(services.take_task, self.task(pk), self.given_body(shapes.NothingSaid))


class TaskAccept(TaskEndpoint):
    scopes = {"POST": Scope.REVIEW}

    @operation(
        "desk_task_accept",
        "Say that one will do it",
        takes=shapes.NothingSaid,
        asks={},
        gives=shapes.DeskTaskDetail,
        answers=examples.TAKEN,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        return self.does(services.accept_task, self.task(pk, mine=True), self.given_body(shapes.NothingSaid))


class TaskDecline(TaskEndpoint):
    scopes = {"POST": Scope.REVIEW}

    @operation(
        "desk_task_decline",
        "Say that one will not do it, and why",
        takes=shapes.ReasonRequest,
        asks=examples.NOT_ME,
        gives=shapes.DeskTaskDetail,
        answers=examples.DECLINED,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        task = self.task(pk, mine=True)
        return self.does(services.decline_task, task, self.given_body(shapes.ReasonRequest))


class TaskHandOn(TaskEndpoint):
    scopes = {"POST": Scope.REVIEW}

    @operation(
        "desk_task_hand_on",
        "Give a task to somebody else, or back to the pool",
        description="For editors and above. Whoever had it is told, and what they had not submitted is gone.",
        takes=shapes.HandOnRequest,
        asks=examples.HAND_ON,
        gives=shapes.DeskTaskDetail,
        answers=examples.TASK_DETAIL,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        task = self.task(pk, Role.EDITOR)
        return self.does(services.reassign_task, task, self.given_body(shapes.HandOnRequest))


class TaskCancel(TaskEndpoint):
    scopes = {"POST": Scope.REVIEW}

    @operation(
        "desk_task_cancel",
        "Ask for a review no more",
        takes=shapes.ReasonRequest,
        asks=examples.CANCEL,
        gives=shapes.DeskTaskDetail,
        answers=examples.CANCELLED,
        refuses=WRITES,
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        task = self.task(pk, Role.EDITOR)
        return self.does(services.cancel_task, task, self.given_body(shapes.ReasonRequest))


class TaskReview(TaskEndpoint):
    scopes = {"POST": Scope.REVIEW}

    @operation(
        "desk_reviews_create",
        "Give one's opinion on the content that one has seen",
        description=(
            "By whom the task is assigned to, with an answer to each question of its checklist, and with the digest "
            "of the content that was read: as `content_digest_seen`, or as `If-Match`. Was the claim changed since, "
            "nothing is recorded and the answer is 409, or 412 to `If-Match`."
        ),
        takes=shapes.ReviewRequest,
        asks=examples.JUDGE,
        gives=shapes.DeskReview,
        answers=examples.REVIEW,
        status=201,
        refuses=JUDGEMENTS,
        parameters=[IF_MATCH],
    )
    def post(self, request: Request, pk: UUID) -> HttpResponseBase:
        task, given = self.task(pk, mine=True), self.given_body(shapes.ReviewRequest)

        def act() -> Response:
            seen = self.seen(given)
            if seen is None:
                raise ValidationError({"content_digest_seen": shapes.ASKED_FOR})
            code = given.pop("rating", None)
            with self.as_things_stand():
                review = services.submit_review(
                    task=task,
                    content_digest_seen=seen,
                    rating=rating_of(task.claim, code) if code else None,
                    answers=_answers(task, given.pop("answers", {})),
                    by=self.by,
                    at=timezone.now(),
                    **given,
                )
            return self.made(shapes.DeskReview, shapes.review_facts(_REVIEWS.get(pk=review.pk)))

        return self.once(act)


class Reviews(WorkList):
    serializer_class = shapes.DeskReview
    ordering = ("submitted_at", "id")
    facts = staticmethod(shapes.review_facts)

    def get_queryset(self) -> QuerySet[Review]:
        self.given()
        claim = self.claim(self.kwargs["pk"])
        readable: QuerySet[Review] = _REVIEWS.readable_by(self.by)
        return readable.filter(claim=claim)

    @operation(
        "desk_reviews_list",
        "The opinions on a claim that the caller may read",
        description="While anybody still owes an opinion of the round, everybody reads their own and no other.",
        gives=shapes.DeskReview,
        answers=examples.REVIEW,
        many=True,
        refuses=LISTS,
    )
    def get(self, request: Request, pk: UUID) -> Response:
        return self.list(request)


class OneReview(WorkEndpoint):
    @operation("desk_review", "An opinion", gives=shapes.DeskReview, answers=examples.REVIEW)
    def get(self, request: Request, pk: UUID) -> Response:
        readable = _REVIEWS.readable_by(self.by)
        return self.now(shapes.DeskReview, shapes.review_facts(get_object_or_404(readable, pk=pk)))


def _answers(task: Task, given: dict[str, str]) -> dict[ChecklistItem, Answer]:
    """By question. Raises ValidationError for `answers` when one is to a question that is not asked."""
    asked = {str(item.pk): item for item in services.checklist_for(task)}
    if unknown := sorted(given.keys() - asked.keys()):
        raise ValidationError({"answers": _("This is not asked: %(id)s.") % {"id": unknown[0][:60]}})
    return {asked[pk]: Answer(answer) for pk, answer in given.items()}
