"""The form that marks a place in a file; the service judges whether it lies there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import Assertion, RegionKind
from claims.attribution.region_services import BODY, SCREENSHOT
from claims.attribution.regions import parse_clock
from sources.archive.models import Capture
from verify.web.forms.catalog import wide
from verify.web.forms.claims import LONGEST_LIST, assertion_words

BOX = ("left", "top", "width", "height")
SPAN = ("from", "to")


def _number(label: Any, least: int) -> forms.IntegerField:
    # Of a draft the words are kept, not the numbers: they would be drawn on whatever page is shown then.
    numbers = forms.NumberInput(attrs={"data-no-draft": ""})
    return forms.IntegerField(
        label=label, min_value=least, max_value=2**31 - 1, required=False, widget=numbers
    )


class ClockField(forms.CharField):
    """A time in a recording: `12.5`, `0:12.5` or `1:02:03`; milliseconds when cleaned, None when empty."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "placeholder": "0:00.0"})
        super().__init__(max_length=20, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        if (ms := parse_clock(typed)) is None:
            raise forms.ValidationError(_("Type minutes and seconds, such as 1:02.5."))
        return ms


class RegionForm(forms.Form):
    """`kind` says what is measured: a box on a page, a box in a picture, or a span of time and perhaps a box."""

    on = forms.ChoiceField(choices=[(BODY, ""), (SCREENSHOT, "")], widget=forms.HiddenInput, initial=BODY)
    page = _number(_("Page"), 1)
    left = _number(_("From the left"), 0)
    top = _number(_("From the top"), 0)
    width = _number(_("Width"), 1)
    height = _number(_("Height"), 1)
    shows = forms.CharField(
        label=_("What it shows"),
        max_length=10_000,
        help_text=_("The words that stand there, as they stand there; or what is seen or heard."),
        widget=wide(rows=3),
    )
    assertion = forms.ModelChoiceField(
        label=_("It shows the assertion"), queryset=Assertion.objects.none(), required=False
    )

    def __init__(
        self, data: Any = None, *, capture: Capture, kind: str, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.kind = kind
        if kind == RegionKind.TIME:
            spans = {"from": ClockField(label=_("From")), "to": ClockField(label=_("To"))}
            self.fields = {"on": self.fields["on"], **spans, **self.fields}
        else:
            for name in BOX:
                self.fields[name].required = True
        if kind == RegionKind.PAGE:
            self.fields["page"].required = True
        else:
            del self.fields["page"]
        self._offer_assertions(capture)

    def _offer_assertions(self, capture: Capture) -> None:
        said = Assertion.objects.standing().filter(claim__desk=capture.desk_id)
        if capture.document_id:
            said = said.filter(document=capture.document_id)
        said = said.select_related("speaker", "outlet", "claim").order_by("-created_at")
        field: Any = self.fields["assertion"]
        field.queryset = said
        words = [(one.pk, f"{assertion_words(one)} – {one.claim}"[:140]) for one in said[:LONGEST_LIST]]
        field.widget.choices = [("", "–"), *words]
        if not words:
            del self.fields["assertion"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        numbers = [data.pop(name, None) for name in BOX]
        if None in numbers and any(number is not None for number in numbers):
            self.add_error(None, _("A box has four numbers: type all of them, or none."))
        data["box"] = None if None in numbers else tuple(numbers)
        times = [data.pop(name, None) for name in SPAN]
        data["span"] = None if None in times else tuple(times)
        return data


class WithdrawForm(forms.Form):
    why = forms.CharField(
        label=_("Why it is withdrawn"),
        help_text=_("It stays on record."),
        max_length=2000,
        widget=wide(rows=2),
    )
