"""Forms of a desk's settings and of a person's tokens."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from verify.accounts.models import Membership, Role
from verify.api.models import Scope
from verify.web.forms.catalog import AUTO


class MemberForm(forms.Form):
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role)


class RoleForm(forms.Form):
    member = forms.ModelChoiceField(label=_("Member"), queryset=Membership.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=Role)

    def __init__(self, data: Any = None, *, desk: Any, **options: Any) -> None:
        super().__init__(data, **options)
        field: Any = self.fields["member"]
        field.queryset = Membership.objects.filter(desk=desk).select_related("user")
        field.label_from_instance = lambda member: str(member.user)


class ApprovalsForm(forms.Form):
    approvals_needed = forms.IntegerField(
        label=_("Approvals needed"),
        min_value=1,
        max_value=9,
        help_text=_("How many reviewers must approve the same content before it is published."),
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What it is for."), widget=forms.TextInput(attrs=AUTO)
    )
    scopes = forms.MultipleChoiceField(label=_("It may"), choices=Scope, widget=forms.CheckboxSelectMultiple)
    expires_at = forms.DateTimeField(
        label=_("Expires (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
