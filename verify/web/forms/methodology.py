"""The form of a desk's methodology."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime

from verify.publish.methodology import LONGEST, POINTS, name_of
from verify.publish.models import Methodology
from verify.web.forms.catalog import AUTO


class MethodologyForm(forms.Form):
    """Every point as plain text, and whether readers may download packages. `seen`: which state was being changed."""

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, asks in POINTS.items():
            # Carriage returns that a browser adds are no characters of the text: the service measures it.
            self.fields[name] = forms.CharField(
                label=_name(name),
                help_text=asks,
                required=False,
                max_length=LONGEST * 2,
                widget=forms.Textarea(attrs={"rows": 4, **AUTO}),
            )
        offers: Any = Methodology._meta.get_field("offers_packages")
        self.fields["offers_packages"] = forms.BooleanField(
            label=_name("offers_packages"), help_text=str(offers.help_text), required=False
        )

    def clean_seen(self) -> datetime | None:
        given = self.cleaned_data["seen"]
        try:
            return parse_datetime(given) if given else None
        except ValueError:
            return None


def _name(field: str) -> str:
    name = name_of(field)
    return name[:1].upper() + name[1:]
