"""The form by which the erasure of a capture is asked for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from sources.archive.models import Ground
from verify.web.forms.catalog import wide


class RedactionForm(forms.Form):
    ground = forms.ChoiceField(
        label=_("Legal ground"),
        choices=[("", _("Choose the ground")), *Ground.choices],
        help_text=_("It is in the log for ever, for anybody to see."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=4000,
        help_text=_(
            "Who asks for it, by what letter or order, and why. For the desk; the log has a digest of it."
        ),
        widget=wide(),
    )
