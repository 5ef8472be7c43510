"""Forms of the history: what of it is looked at, and why an earlier state is restored."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from verify.accounts.models import Desk, User
from verify.web.corrections import LABELS
from verify.web.forms.catalog import wide


class HistoryFilter(forms.Form):
    """A filter that is nonsense filters nothing: an address that was typed by hand shows the history."""

    kind = forms.ChoiceField(label=_("Of"), required=False)
    by = forms.ModelChoiceField(
        label=_("By"), queryset=User.objects.none(), required=False, empty_label=_("everybody")
    )
    only = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("everything")), ("corrections", _("corrections only"))],
    )
    about = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, desk: Desk) -> None:
        super().__init__(data)
        kind, by = self.fields["kind"], self.fields["by"]
        assert isinstance(kind, forms.ChoiceField) and isinstance(by, forms.ModelChoiceField)
        kind.choices = [("", _("everything")), *LABELS.items()]
        by.queryset = User.objects.filter(memberships__desk=desk).distinct()

    def asked(self) -> dict[str, Any]:
        """For `corrections`."""
        self.is_valid()
        given = self.cleaned_data
        return {
            "kind": given.get("kind") or "",
            "by": given.get("by"),
            "about": given.get("about"),
            "with_recorded": given.get("only") != "corrections",
        }


class RestoreForm(forms.Form):
    why = forms.CharField(
        label=_("Why it is restored"), help_text=_("It stays on record."), widget=wide(rows=2)
    )
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
