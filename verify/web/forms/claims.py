"""Forms of cases and claims: the shape of what is typed; the services judge it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import Assertion
from claims.statements.models import Claim
from claims.statements.services import BY_HAND
from claims.statements.states import TRANSITIONS, Workflow
from verify.web.forms.catalog import AUTO, wide

LONGEST_LIST = 300  # things that a select offers: the newest, or the first by name


def day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def line(**attributes: Any) -> forms.TextInput:
    return forms.TextInput(attrs={**AUTO, **attributes})


def grouped(rows: Iterable[Any], group: Any, word: Any = str) -> list[Any]:
    """Choices with the groups' names between them; each group's rows must stand together."""
    groups = [(str(name), [(row.pk, word(row)) for row in found]) for name, found in groupby(rows, key=group)]
    return [("", "–"), *groups]


class CaseForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=200, widget=line(autofocus=""))
    summary = forms.CharField(
        label=_("What it is about"),
        required=False,
        help_text=_("What happened, and what is in question."),
        widget=wide(),
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=200, widget=line())
    began_on = forms.DateField(label=_("Began on"), required=False, widget=day())
    ended_on = forms.DateField(label=_("Ended on"), required=False, widget=day())


class ClaimForm(forms.Form):
    text = forms.CharField(
        label=_("Claim"),
        help_text=_("One checkable proposition, in the desk’s own words."),
        widget=wide(autofocus=""),
    )
    headline = forms.CharField(
        label=_("Headline"),
        required=False,
        max_length=75,
        help_text=_("Up to 75 characters, without a rating in it; used where space is short."),
        widget=line(),
    )
    language = forms.ChoiceField(label=_("Language"), choices=[("en", _("English")), ("ar", _("Arabic"))])


class ClaimEditForm(forms.Form):
    text = forms.CharField(label=_("Claim"), widget=wide())
    headline = forms.CharField(label=_("Headline"), required=False, max_length=75, widget=line())
    revision = forms.IntegerField(min_value=1, widget=forms.HiddenInput(attrs={"data-keep": ""}))


class MoveForm(forms.Form):
    to = forms.ChoiceField(label=_("Move to"))
    reason = forms.CharField(label=_("Reason"), help_text=_("It stays on record."), widget=wide(rows=2))

    def __init__(self, data: Any = None, *, claim: Claim) -> None:
        super().__init__(data)
        allowed = TRANSITIONS[Workflow(claim.workflow)]
        field(self, "to").choices = [(state.value, state.label) for state in BY_HAND if state in allowed]


def field(form: forms.Form, name: str) -> Any:
    return form.fields[name]


def assertion_words(assertion: Assertion) -> str:
    """An assertion in a line: who, through whom, with which verb, and when: one outlet says much."""
    outlet = assertion.outlet if assertion.outlet_id not in (None, assertion.speaker_id) else None
    said = f"{assertion.speaker} ({outlet})" if outlet else str(assertion.speaker)
    day = f", {date_format(assertion.said_at, 'j M Y')}" if assertion.said_at else ""
    return f"{said}: {assertion.get_verb_display()}{day}"
