"""Forms of a desk's settings, of invitations and of a person's tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from verify.accounts.models import Desk, Role, User
from verify.accounts.rules import desks_of
from verify.api.models import Scope
from verify.review.models import DueTime, Rating, TaskKind
from verify.web.forms.catalog import AUTO

ARABIC = {"dir": "rtl", "lang": "ar"}
LONGEST = 24 * 365  # hours, as the database holds it


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off", "dir": "ltr"})
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role, initial=Role.CHECKER)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role)


class NewcomerForm(forms.Form):
    """An account for who was invited and has none. Passwords are kept as they were typed, spaces and all."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        help_text=_("For signing in. Letters, digits and . + - _ only."),
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", **AUTO}),
    )
    display_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("As the desk is to read it."),
        widget=forms.TextInput(attrs={"autocomplete": "name", **AUTO}),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        help_text=lazy(password_validators_help_text_html, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Password, again"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if {"password", "again"} <= given.keys() and given["password"] != given["again"]:
            raise ValidationError({"again": _("This is not the password above.")})
        return given


class DeskForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the desk"),
        max_length=150,
        help_text=_("Published with everything that the desk publishes from now on."),
        widget=forms.TextInput(attrs=AUTO),
    )
    approvals_needed = forms.IntegerField(
        label=_("Approvals needed"),
        min_value=1,
        max_value=9,
        help_text=_("How many reviewers must approve the same content before it is published."),
    )


class SecondFactorForm(forms.Form):
    requires_second_factor = forms.BooleanField(
        label=_("Require a second factor of every member"),
        required=False,
        help_text=_(
            "Members open the desk's pages only after they have set up an authenticator or a passkey."
        ),
    )


class RatingForm(forms.Form):
    label = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(attrs=AUTO))
    label_ar = forms.CharField(
        label=_("Name in Arabic"), max_length=60, required=False, widget=forms.TextInput(attrs=ARABIC)
    )


class NewRatingForm(RatingForm):
    code = forms.SlugField(
        label=_("Code"),
        max_length=30,
        required=False,
        help_text=_("Latin letters, digits and -. Stands in the API and the log, and never changes."),
        widget=forms.TextInput(attrs={"dir": "ltr"}),
    )
    below = forms.ModelChoiceField(
        label=_("Directly below"),
        queryset=Rating.objects.none(),
        required=False,
        empty_label=_("nothing: it is the best step"),
    )

    def __init__(self, data: Any = None, *, desk: Any, **options: Any) -> None:
        super().__init__(data, **options)
        field: Any = self.fields["below"]
        field.queryset = Rating.objects.filter(desk=desk, retired=False)


class ItemForm(forms.Form):
    text = forms.CharField(
        label=_("Question"),
        max_length=200,
        help_text=_("A sentence to which the answer is yes, no, or does not apply."),
        widget=forms.TextInput(attrs=AUTO),
    )
    text_ar = forms.CharField(
        label=_("Question in Arabic"), max_length=200, required=False, widget=forms.TextInput(attrs=ARABIC)
    )
    kind = forms.ChoiceField(
        label=_("Asked at"), choices=[("", _("every review")), *TaskKind.choices], required=False
    )


class DueTimesForm(forms.Form):
    """Hours for each kind of review; empty leaves it open."""

    def __init__(self, data: Any = None, *, desk: Any, **options: Any) -> None:
        super().__init__(data, **options)
        hours = dict(DueTime.objects.filter(desk=desk).values_list("kind", "hours"))
        for kind in TaskKind:
            self.fields[kind.value] = forms.IntegerField(
                label=kind.label,
                min_value=1,
                max_value=LONGEST,
                required=False,
                initial=hours.get(kind.value),
            )


LIFETIMES = [("30", _("30 days")), ("90", _("90 days")), ("365", _("one year"))]
SCOPES = [
    (_("Look"), [(Scope.READ.value, Scope.READ.label)]),
    (_("Work"), [(scope.value, scope.label) for scope in (Scope.CAPTURE, Scope.WRITE, Scope.REVIEW)]),
    (_("Speak to the world"), [(scope.value, scope.label) for scope in (Scope.PUBLISH, Scope.WEBHOOKS)]),
]


class TokenForm(forms.Form):
    """A token of `person`: for one desk, unless they say otherwise, and for a time."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("What it is for."), widget=forms.TextInput(attrs=AUTO)
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may yourself. Choose as little as will do."),
    )
    desk = forms.ModelChoiceField(
        label=_("Desk"),
        queryset=Desk.objects.none(),
        required=False,
        empty_label=_("all of my desks"),
        help_text=_("Of your other desks it sees nothing."),
    )
    lifetime = forms.ChoiceField(
        label=_("It works for"),
        choices=[*LIFETIMES, ("date", _("until the moment below")), ("never", _("ever (unwise)"))],
        required=False,
        initial="90",
        help_text=_("A token that is forgotten somewhere works until it expires."),
    )
    expires_at = forms.DateTimeField(
        label=_("Until (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    requests_per_minute = forms.IntegerField(
        label=_("Requests a minute"),
        required=False,
        min_value=1,
        help_text=_("Empty: as many as the installation gives every token."),
    )

    def __init__(self, *args: Any, person: User, desk: Desk, can_admin: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["desk"].initial = desk.pk
        self.fields["desk"].queryset = desks_of(person)  # type: ignore[attr-defined]
        if can_admin:
            self.fields["requests_per_minute"].max_value = settings.API_RATE_MAX  # type: ignore[attr-defined]
        else:
            del self.fields["requests_per_minute"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        lifetime, until = given.pop("lifetime", "") or "90", given.get("expires_at")
        if lifetime == "never":
            given["expires_at"] = None
        elif lifetime.isdigit() and not until:
            given["expires_at"] = timezone.now() + timedelta(days=int(lifetime))
        elif not until and "expires_at" not in self.errors:
            self.add_error("expires_at", _("Say until when."))
        return given
