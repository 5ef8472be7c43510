"""Forms of verdicts and reviews."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.statements.models import Claim
from verify.accounts.models import User
from verify.review.models import Opinion, Rating, TaskKind
from verify.web.forms.catalog import wide


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


class TaskForm(forms.Form):
    reviewer = forms.ModelChoiceField(label=_("Reviewer"), queryset=User.objects.none())
    kind = forms.ChoiceField(label=_("What for"), choices=TaskKind, initial=TaskKind.SIGN_OFF)
    due_at = forms.DateTimeField(
        label=_("Due (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    instructions = forms.CharField(
        label=_("Instructions"), required=False, help_text=_("What to look at above all."), widget=wide()
    )

    def __init__(self, data: Any = None, *, reviewers: list[User]) -> None:
        super().__init__(data)
        field: Any = self.fields["reviewer"]
        field.queryset = User.objects.filter(pk__in=[user.pk for user in reviewers])
        field.widget.choices = [("", "–"), *((user.pk, str(user)) for user in reviewers)]

    def clean_due_at(self) -> Any:
        due = self.cleaned_data["due_at"]
        return due and due.astimezone(UTC)


class ReviewForm(forms.Form):
    opinion = forms.ChoiceField(label=_("Opinion"), choices=Opinion, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), help_text=_("Others read it when all opinions are in."), widget=wide()
    )
    content_digest_seen = forms.RegexField(r"^[0-9a-f]{64}\Z", widget=forms.HiddenInput)


class DeclineForm(forms.Form):
    reason = forms.CharField(label=_("Why not"), widget=wide(rows=2))
