"""Forms of the notifications: what is listed, and how a person wants to be told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from verify.notify.models import Kind, Mail
from verify.notify.preferences import choices_of, digest_of

_ANY = ("", _("All"))


class NotificationFilter(forms.Form):
    unread = forms.ChoiceField(label=_("Read"), required=False, choices=[_ANY, ("1", _("Unread only"))])
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[_ANY, *Kind.choices])


class ReadForm(forms.Form):
    """Up to which moment all is read; what came after the page was made stays unread."""

    up_to = forms.DateTimeField(required=False, widget=forms.HiddenInput)


class PreferenceForm(forms.Form):
    """How a person wants to be told of each kind of thing, and when the digest comes."""

    silent = forms.BooleanField(
        label=_("No e-mail at all"),
        required=False,
        help_text=_("Whatever is chosen below. Notifications are shown here all the same."),
    )
    hour = forms.TypedChoiceField(
        label=_("The daily digest comes at (UTC)"),
        coerce=int,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
    )

    def __init__(self, data: Any = None, *, user: Any) -> None:
        digest = digest_of(user)
        wanted = choices_of(user)
        super().__init__(data, initial={"silent": digest.silent, "hour": digest.hour})
        for kind in Kind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=Mail.choices, initial=wanted[kind]
            )

    def choices(self) -> dict[Kind, Mail]:
        """What was chosen for each kind."""
        return {kind: Mail(self.cleaned_data[kind.value]) for kind in Kind}

    def kinds(self) -> list[Any]:
        """The fields of the kinds, as the page shows them."""
        return [self[kind.value] for kind in Kind]
