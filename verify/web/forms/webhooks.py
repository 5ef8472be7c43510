"""Forms of webhooks: what one is told of and where, which deliveries are shown, and which are sent again."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from verify.publish.webhooks.models import DeliveryState, Event
from verify.web.forms.catalog import AUTO


class WebhookForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        help_text=_("Whom or what it tells."),
        widget=forms.TextInput(attrs=AUTO),
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=2048,
        help_text=_("Of the receiver. It may not lead into a private network."),
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "inputmode": "url"}),
    )
    told_of = forms.MultipleChoiceField(
        label=_("It is told when a claim is"),
        choices=Event,
        initial=Event.values,
        widget=forms.CheckboxSelectMultiple,
    )
    all_desks = forms.BooleanField(
        label=_("Also what other desks of this site publish"),
        required=False,
        help_text=_("Otherwise only this desk’s."),
    )


class DeliveryFilter(forms.Form):
    state = forms.ChoiceField(
        label=_("State"), choices=[("", _("all")), *DeliveryState.choices], required=False
    )


class ReplayForm(forms.Form):
    """Since when what did not arrive is sent again."""

    days = forms.TypedChoiceField(
        label=_("What did not arrive in the last"),
        coerce=int,
        choices=[(1, _("day")), (3, _("3 days")), (7, _("week")), (30, _("30 days"))],
        initial=7,
    )

    @property
    def back(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
