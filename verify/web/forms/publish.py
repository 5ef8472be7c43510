"""Forms of publishing."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from verify.web.forms.catalog import wide


class NoReasonForm(forms.Form):
    """Publishing needs no reason; the form carries what the service refuses."""


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), help_text=_("Readers see it."), widget=wide(rows=2))


class RecordedReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), help_text=_("It stays on record at the desk."), widget=wide(rows=2)
    )
