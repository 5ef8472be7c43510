"""Forms of watches and changes: how often to look again, what to list, what was concluded."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from sources.archive.models import CaptureMode, Change, ChangeKind, Watch
from verify.web.forms.catalog import wide
from verify.web.recaptures import spoken

MINUTE, HOUR, DAY = 60, 3600, 86_400  # seconds
EVERY = (
    (15 * MINUTE, _("15 minutes")),
    (30 * MINUTE, _("30 minutes")),
    (HOUR, _("1 hour")),
    (3 * HOUR, _("3 hours")),
    (6 * HOUR, _("6 hours")),
    (12 * HOUR, _("12 hours")),
    (DAY, _("1 day")),
    (2 * DAY, _("2 days")),
    (7 * DAY, _("7 days")),
    (14 * DAY, _("14 days")),
    (30 * DAY, _("30 days")),
)


class WatchForm(forms.Form):
    """A watch as it shall be; what a watch has already is among the choices, whoever set it."""

    mode = forms.ChoiceField(label=_("How"), choices=CaptureMode, initial=CaptureMode.HTTP)
    shortest = forms.TypedChoiceField(label=_("At first every"), coerce=int, choices=EVERY, initial=HOUR)
    longest = forms.TypedChoiceField(
        label=_("At last every"),
        coerce=int,
        choices=EVERY,
        initial=7 * DAY,
        help_text=_("While nothing changes, the time between two captures grows up to this."),
    )
    ends_at = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("The last day, in UTC."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    is_paused = forms.BooleanField(label=_("Paused"), required=False)

    def __init__(self, data: Any = None, *, watch: Watch | None = None) -> None:
        super().__init__(data, initial=settings_of(watch) if watch else None, prefix=None)
        for name in ("shortest", "longest"):
            if watch and getattr(watch, name) not in dict(EVERY):
                field: Any = self.fields[name]
                field.choices = sorted([*EVERY, (getattr(watch, name), spoken(getattr(watch, name)))])

    def clean_ends_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["ends_at"]
        return datetime.combine(day, time(23, 59, 59), UTC) if day else None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        shortest, longest = cleaned.get("shortest"), cleaned.get("longest")
        if shortest and longest and longest < shortest:
            self.add_error("longest", _("At last it cannot be captured more often than at first."))
        return cleaned


def settings_of(watch: Watch) -> dict[str, Any]:
    """A watch's settings as the form's fields have them."""
    return {
        "mode": watch.mode,
        "shortest": watch.shortest,
        "longest": watch.longest,
        "ends_at": watch.ends_at.astimezone(UTC).date() if watch.ends_at else None,
        "is_paused": watch.is_paused,
    }


class WatchFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label=_("Title or address"), method="by_text")
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="by_state",
        choices=[("running", _("watching")), ("paused", _("paused")), ("ended", _("ended"))],
        empty_label=_("any state"),
    )

    class Meta:
        model = Watch
        fields: list[str] = []

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def by_text(self, queryset: QuerySet[Watch], name: str, value: str) -> QuerySet[Watch]:
        return queryset.filter(document__title__icontains=value) | queryset.filter(
            document__url__icontains=value
        )

    def by_state(self, queryset: Any, name: str, value: str) -> QuerySet[Watch]:
        if value == "running":
            return queryset.running(self.at)
        ended = {"ends_at__lte": self.at}
        return queryset.filter(**ended) if value == "ended" else queryset.filter(is_paused=True)


class ChangeFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=ChangeKind.choices, empty_label=_("all kinds")
    )
    state = django_filters.ChoiceFilter(
        label=_("Seen"),
        method="by_state",
        choices=[("open", _("alerts nobody has seen")), ("seen", _("seen")), ("alert", _("all alerts"))],
        empty_label=_("all"),
    )
    document = django_filters.UUIDFilter(widget=forms.HiddenInput)

    class Meta:
        model = Change
        fields: list[str] = []

    def by_state(self, queryset: Any, name: str, value: str) -> QuerySet[Change]:
        if value == "open":
            return queryset.open_alerts()
        if value == "seen":
            return queryset.filter(seen_at__isnull=False)
        return queryset.filter(is_alert=True)


class SeenForm(forms.Form):
    note = forms.CharField(
        label=_("What was concluded"),
        required=False,
        help_text=_(
            "It stays with the change: an edit that only corrects a typing error, a retraction, a new figure."
        ),
        widget=wide(),
    )


class CopyForm(forms.Form):
    """Which outside archive is asked for a copy of its own."""

    service = forms.ChoiceField(label=_("Archive"))

    def __init__(self, data: Any = None, *, names: list[str]) -> None:
        super().__init__(data)
        service: Any = self.fields["service"]
        service.choices = [(name, name) for name in names]
