"""Forms of verdicts, review tasks and reviews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from claims.statements.models import Case, Claim
from verify.accounts.models import User
from verify.review.models import Answer, ChecklistItem, Opinion, Priority, Rating, Task, TaskKind, Verdict
from verify.review.states import APPROVING, OWN_VERDICT, ROUND, WAITING, TaskState
from verify.web.forms.catalog import wide

POOL = "pool"  # in a field for a person: whoever takes it
MINE = "mine"


class VerdictForm(forms.Form):
    rating = forms.ModelChoiceField(
        label=_("Verdict"), queryset=Rating.objects.none(), widget=forms.RadioSelect, empty_label=None
    )
    rationale = forms.CharField(
        label=_("Reasoning"),
        help_text=_("Published with the verdict: why, on what evidence."),
        widget=wide(rows=6),
    )

    def __init__(self, data: Any = None, *, claim: Claim, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        rating: Any = self.fields["rating"]
        rating.queryset = Rating.objects.filter(desk=claim.desk_id, retired=False)


class ReviewerField(forms.ModelChoiceField):
    """One of the people who may, or nobody in particular: the pool, which is None."""

    def __init__(self, **options: Any) -> None:
        super().__init__(queryset=User.objects.none(), **options)

    def offer(self, people: Iterable[User]) -> None:
        people = list(people)
        self.queryset = User.objects.filter(pk__in=[person.pk for person in people])
        self.widget.choices = [
            ("", "–"),
            (POOL, _("The pool: whoever takes it")),
            *((person.pk, str(person)) for person in people),
        ]

    def clean(self, value: Any) -> Any:
        return None if value == POOL else super().clean(value)


class PriorityField(forms.TypedChoiceField):
    def __init__(self, *, required: bool = False) -> None:
        super().__init__(
            label=_("Priority"), choices=Priority, coerce=int, initial=Priority.NORMAL, required=required
        )

    def clean(self, value: Any) -> Any:
        return super().clean(value) or Priority.NORMAL


class DueField(forms.DateTimeField):
    """A moment in UTC, as the browser's own control writes it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Due (UTC)"), required=False, **options)


class AdjudicationForm(forms.Form):
    """Who is to decide between opinions. What it has is what `assign_adjudication` takes."""

    reviewer = ReviewerField(label=_("Who decides"))
    priority = PriorityField()
    due_at = DueField()
    instructions = forms.CharField(
        label=_("Instructions"), required=False, help_text=_("What to look at above all."), widget=wide()
    )

    def __init__(self, data: Any = None, *, reviewers: Iterable[User], due: str = "") -> None:
        super().__init__(data)
        person: Any = self.fields["reviewer"]
        person.offer(reviewers)
        self.fields["due_at"].help_text = due


class TaskForm(AdjudicationForm):
    """Who is to review, and what for. What it has is what `assign_review` takes."""

    reviewer = ReviewerField(label=_("Reviewer"))
    kind = forms.ChoiceField(
        label=_("What for"),
        choices=[(kind.value, kind.label) for kind in TaskKind if kind != TaskKind.ADJUDICATION],
        initial=TaskKind.SIGN_OFF,
    )

    field_order = ["reviewer", "kind"]


class ReviewForm(forms.Form):
    """An opinion: the person's own verdict where the whole claim is judged, the desk's questions, the reason.

    Nothing is chosen beforehand: an answer that nobody gave would be counted as agreement.
    """

    opinion = forms.ChoiceField(label=_("Opinion"), choices=Opinion, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), help_text=_("Others read it when all opinions are in."), widget=wide()
    )
    content_digest_seen = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, task: Task, checklist: Iterable[ChecklistItem] = (), **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.items = {f"item-{item.pk}": item for item in checklist}
        if task.kind not in ROUND:  # nobody else is waited for
            self.fields["reason"].help_text = _("Others of the desk read it.")
        if task.kind in APPROVING:
            proposed = Verdict.objects.filter(claim=task.claim_id).values("rating")
            scale = Rating.objects.filter(Q(retired=False) | Q(pk__in=proposed), desk=task.claim.desk_id)
            self.fields["rating"] = forms.ModelChoiceField(
                label=_("Your own verdict"),
                queryset=scale,
                to_field_name="code",
                widget=forms.RadioSelect,
                required=task.kind in OWN_VERDICT,
                help_text=_("The verdict that you would give yourself. Who approves gives the proposed one."),
            )
        for name, item in self.items.items():
            self.fields[name] = forms.ChoiceField(label=str(item), choices=Answer, widget=forms.RadioSelect)
        self.order_fields(["rating", *self.items])

    @property
    def given(self) -> dict[str, Any]:
        """What `submit_review` takes."""
        answers = {item: Answer(self.cleaned_data[name]) for name, item in self.items.items()}
        names = ("opinion", "reason", "content_digest_seen", "rating")
        return {name: self.cleaned_data.get(name) for name in names} | {"answers": answers}

    @property
    def questions(self) -> Iterator[BoundField]:
        """The fields of the desk's checklist."""
        return (self[name] for name in self.items)


class DeclineForm(forms.Form):
    reason = forms.CharField(label=_("Why not"), widget=wide(rows=2))


class ReassignForm(forms.Form):
    reviewer = ReviewerField(label=_("To whom"))
    reason = forms.CharField(label=_("Why"), widget=wide(rows=2))

    def __init__(self, data: Any = None, *, task: Task, reviewers: Iterable[User], **options: Any) -> None:
        super().__init__(data, **options)
        person: Any = self.fields["reviewer"]
        person.offer(reviewers)
        # Whoever had the task is told why it was given away; of a free one there is nothing to tell.
        self.fields["reason"].required = task.assignee_id is not None


class ChangeForm(forms.Form):
    """What was asked, as it now is; every field is written."""

    priority = PriorityField(required=True)
    due_at = DueField()
    instructions = forms.CharField(label=_("Instructions"), required=False, widget=wide())


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Why"), widget=wide(rows=2))


# --- the list of tasks ----------------------------------------------------------------------------------------------

ORDERS = {
    "newest": ("-created_at", "id"),
    "oldest": ("created_at", "id"),
    "due": (F("due_at").asc(nulls_last=True), "created_at", "id"),
    "priority": ("-priority", F("due_at").asc(nulls_last=True), "created_at", "id"),
}


class TaskFilter(django_filters.FilterSet):
    """Without a state: what somebody still owes. Without an order: the most urgent first."""

    q = django_filters.CharFilter(label=_("Words of the claim"), method="by_words")
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=TaskKind, empty_label=_("all kinds"))
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("all", _("all")), *TaskState.choices],
        empty_label=_("still to be done"),
    )
    assignee = django_filters.ChoiceFilter(label=_("With whom"), method="by_person", empty_label=_("anybody"))
    priority = django_filters.ChoiceFilter(label=_("Priority"), choices=Priority, empty_label=_("any"))
    case = django_filters.ModelChoiceFilter(
        label=_("Case"), field_name="claim__case", queryset=Case.objects.none(), empty_label=_("all cases")
    )
    sort = django_filters.ChoiceFilter(
        label=_("Order"),
        method="by_order",
        choices=[
            ("due", _("by due time")),
            ("priority", _("by priority")),
            ("newest", _("newest first")),
            ("oldest", _("oldest first")),
        ],
        empty_label=_("most urgent first"),
    )
    overdue = django_filters.BooleanFilter(
        label=_("overdue only"), method="by_overdue", widget=forms.CheckboxInput
    )

    class Meta:
        model = Task
        fields: list[str] = []

    def __init__(
        self, data: Any, queryset: Any, *, user: User, people: Iterable[User], cases: Any, at: datetime
    ) -> None:
        super().__init__(data, queryset)
        self.user, self.at = user, at
        chosen: Any = self.filters["assignee"]
        chosen.extra["choices"] = [
            (MINE, _("me")),
            (POOL, _("the pool")),
            *((str(person.pk), str(person)) for person in people),
        ]
        case: Any = self.filters["case"]
        case.queryset = cases

    @property
    def qs(self) -> Any:
        found = super().qs
        return found if self.form.data.get("state") else found.filter(state__in=WAITING)

    def by_words(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.filter(Q(claim__text__icontains=value) | Q(claim__headline__icontains=value))

    def by_state(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset if value == "all" else queryset.filter(state=value)

    def by_person(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        if value == POOL:
            return queryset.filter(assignee=None)
        return queryset.filter(assignee__pk=self.user.pk if value == MINE else value)

    def by_order(self, queryset: QuerySet[Task], name: str, value: str) -> QuerySet[Task]:
        return queryset.order_by(*ORDERS[value])

    def by_overdue(self, queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
        return queryset.filter(state__in=WAITING, due_at__lt=self.at) if value else queryset
