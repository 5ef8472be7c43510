"""The shapes of verdicts, of review tasks and of opinions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from verify.api.shapes.base import Paging, Strict, absolute
from verify.api.shapes.work import DeskOwnLinks, DeskPerson, Moment, Words, person_facts
from verify.review.judging import checklist_for
from verify.review.models import Answer, Cause, Opinion, Priority, Rating, Review, Task, TaskKind, Verdict
from verify.review.states import WAITING, TaskState

PRIORITIES = {priority.name.lower(): priority for priority in Priority}
DIGEST = r"^[0-9a-f]{64}\Z"


class Seen(Strict):
    """Under which content something is done: as `content_digest_seen`, or as `If-Match` with the content's ETag."""

    content_digest_seen = serializers.RegexField(
        DIGEST, required=False, help_text="SHA-256 of the claim's content, the ETag of `…/content/`"
    )


class VerdictRequest(Strict):
    rating = serializers.SlugField(max_length=30, help_text="a code of the desk's scale")
    rationale = serializers.CharField(help_text="published with the verdict: why, on what evidence")


class DeskRating(serializers.Serializer[Any]):
    """A step of a desk's verdict scale; the highest value is the best."""

    desk = serializers.CharField()
    code = serializers.CharField()
    value = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment] # declared fields are taken off the class
    label_ar = serializers.CharField(allow_blank=True)
    retired = serializers.BooleanField(help_text="no new verdict can have it")


class DeskVerdict(serializers.Serializer[Any]):
    """A verdict that was proposed, and whether it was approved. The one with the highest number counts."""

    id = serializers.UUIDField()
    claim = serializers.UUIDField()
    number = serializers.IntegerField()
    rating = serializers.CharField()
    rationale = serializers.CharField()
    proposed_by = DeskPerson()
    proposed_at = serializers.DateTimeField()
    approved_at = serializers.DateTimeField(allow_null=True)
    approved_digest = serializers.CharField(allow_blank=True, help_text="of the content that was approved")
    entry = serializers.IntegerField(allow_null=True, help_text="index in the log")
    links = DeskOwnLinks()


class TaskFilters(Paging):
    """Which tasks. What is not named does not matter."""

    claim = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=TaskState.choices, required=False)
    kind = serializers.ChoiceField(choices=TaskKind.choices, required=False)
    mine = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="assigned to the caller"
    )
    open = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="somebody still owes an opinion"
    )
    pool = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="free to be taken"
    )
    overdue = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="waited for, and due before now"
    )


class TaskAsked(Strict):
    priority = serializers.ChoiceField(choices=list(PRIORITIES), required=False)
    due_at = Moment(required=False, allow_null=True, help_text="not given: as the desk has set it")
    instructions = Words(required=False, allow_blank=True)

    def validate_priority(self, name: str) -> Priority:
        return PRIORITIES[name]


class TaskRequest(TaskAsked):
    """`adjudication` asks somebody to decide between opinions that differ."""

    kind = serializers.ChoiceField(choices=TaskKind.choices, default=TaskKind.SIGN_OFF)
    reviewer = serializers.CharField(
        allow_null=True, max_length=150, help_text="a user name; null: whoever takes it from the pool"
    )


class TaskChange(TaskAsked):
    """What is not given stays; `due_at` null: at no time."""


class ReasonRequest(Strict):
    reason = Words(help_text="stays on record")


class HandOnRequest(Strict):
    reviewer = serializers.CharField(
        allow_null=True, max_length=150, help_text="a user name; null: back to the pool"
    )
    reason = Words(
        required=False, allow_blank=True, default="", help_text="needed when somebody has the task"
    )


class NothingSaid(Strict):
    """An act that needs nothing to be said."""


class ReviewRequest(Seen):
    opinion = serializers.ChoiceField(choices=Opinion.choices)
    reason = Words(help_text="others read it when all opinions are in")
    rating = serializers.SlugField(
        required=False,
        allow_null=True,
        max_length=30,
        help_text="the verdict that one would give oneself; needed in tasks for a verdict or an adjudication",
    )
    answers = serializers.DictField(
        child=serializers.ChoiceField(choices=Answer.choices),
        required=False,
        help_text="to every question of the task's checklist, by its id",
    )


class Question(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    text = serializers.CharField()
    text_ar = serializers.CharField(allow_blank=True)


class DeskTaskLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    claim = serializers.URLField()
    content = serializers.URLField(help_text="what is to be judged")
    page = serializers.URLField()


class DeskTask(serializers.Serializer[Any]):
    """A request to review one claim: to one person, or to whoever takes it."""

    id = serializers.UUIDField()
    claim = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=TaskKind.choices)
    state = serializers.ChoiceField(choices=TaskState.choices)
    assignee = DeskPerson(allow_null=True)
    instructions = serializers.CharField(allow_blank=True)
    priority = serializers.ChoiceField(choices=list(PRIORITIES))
    due_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.BooleanField(help_text="whether an opinion is still owed")
    cause = serializers.ChoiceField(
        choices=[("", ""), *Cause.choices],
        allow_blank=True,
        help_text="why the system asks; empty for a person",
    )
    created_by = DeskPerson(allow_null=True)
    created_at = serializers.DateTimeField()
    links = DeskTaskLinks()


class DeskTaskDetail(DeskTask):
    checklist = Question(many=True, help_text="what whoever answers it is asked now")


class GivenAnswer(serializers.Serializer[Any]):
    item = serializers.UUIDField()
    answer = serializers.ChoiceField(choices=Answer.choices)


class DeskReviewLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    task = serializers.URLField()


class DeskReview(serializers.Serializer[Any]):
    """An opinion on one content. Nobody but who gave it reads it while another of its round is owed."""

    id = serializers.UUIDField()
    task = serializers.UUIDField()
    claim = serializers.UUIDField()
    reviewer = DeskPerson()
    kind = serializers.ChoiceField(choices=TaskKind.choices)
    opinion = serializers.ChoiceField(choices=Opinion.choices)
    rating = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    content_digest = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    answers = GivenAnswer(many=True)
    links = DeskReviewLinks()


def rating_facts(rating: Rating) -> dict[str, Any]:
    """What DeskRating shows."""
    names = "code value label label_ar retired".split()
    return {name: getattr(rating, name) for name in names} | {"desk": rating.desk.slug}


def verdict_facts(verdict: Verdict) -> dict[str, Any]:
    """What DeskVerdict shows."""
    names = "id number rationale proposed_at approved_at approved_digest".split()
    return {name: getattr(verdict, name) for name in names} | {
        "claim": verdict.claim_id,
        "rating": verdict.rating.code,
        "proposed_by": person_facts(verdict.proposed_by),
        "entry": verdict.entry_id,
        "links": {
            "self": absolute("api-desk-verdict", verdict.pk),
            "claim": absolute("claim", verdict.claim_id),
        },
    }


def task_facts(task: Task) -> dict[str, Any]:
    """What DeskTask shows."""
    names = "id kind state instructions due_at cause created_at".split()
    return {name: getattr(task, name) for name in names} | {
        "claim": task.claim_id,
        "assignee": person_facts(task.assignee),
        "priority": Priority(task.priority).name.lower(),
        "waiting": task.state in WAITING,
        "created_by": person_facts(task.created_by),
        "links": {
            "self": absolute("api-desk-task", task.pk),
            "claim": absolute("claim", task.claim_id),
            "content": absolute("api-desk-content", task.claim_id),
            "page": absolute("task", task.pk),
        },
    }


def task_detail(task: Task) -> dict[str, Any]:
    """What DeskTaskDetail shows; the claim should have been fetched along."""
    asked = [
        {name: getattr(item, name) for name in ("id", "text", "text_ar")} for item in checklist_for(task)
    ]
    return task_facts(task) | {"checklist": asked}


def review_facts(review: Review) -> dict[str, Any]:
    """What DeskReview shows. Whether the caller may read it is asked before, of `readable_by`."""
    names = "id kind opinion reason content_digest submitted_at".split()
    return {name: getattr(review, name) for name in names} | {
        "task": review.task_id,
        "claim": review.claim_id,
        "reviewer": person_facts(review.reviewer),
        "rating": review.rating.code if review.rating else None,
        "answers": [{"item": each.item_id, "answer": each.answer} for each in review.answers.all()],
        "links": {
            "self": absolute("api-desk-review", review.pk),
            "task": absolute("api-desk-task", review.task_id),
        },
    }


ASKED_FOR = _("Say which content you have judged: send its digest, or its ETag as If-Match.")
