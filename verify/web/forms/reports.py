"""What the editors' figures are asked for: which days, and one case or all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from claims.statements.models import Case
from verify.accounts.models import Desk
from verify.review.reports import WEEKS, Asked

DAYS = date(1970, 1, 1), date(2199, 12, 31)  # so that there are weeks around every day


def _day(label: Any) -> forms.DateField:
    first, last = DAYS
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(first), MaxValueValidator(last)],
    )


class ReportFilter(forms.Form):
    """Filters in the address. Without them the days are those of the last weeks, to today (UTC)."""

    since = _day(_("From"))
    until = _day(_("To"))
    case = forms.ModelChoiceField(
        label=_("Case"), required=False, queryset=Case.objects.none(), empty_label=_("All cases")
    )

    def __init__(self, data: Any, *, desk: Desk, today: date) -> None:
        self.desk, self.today = desk, today
        self.first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
        super().__init__(data or None, initial={"since": self.first, "until": today})
        field: Any = self.fields["case"]
        field.queryset = Case.objects.filter(desk=desk).order_by("title", "pk")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and since > (until or self.today):
            raise ValidationError({"since": _("The first day is after the last one.")})
        return given

    @property
    def asked(self) -> Asked:
        """What is asked for; what was not given, or could not be read, is as without a filter."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        last = given.get("until") or self.today
        first = given.get("since") or min(self.first, last - timedelta(days=last.weekday(), weeks=WEEKS - 1))
        return Asked(self.desk, first, last, given.get("case"))
