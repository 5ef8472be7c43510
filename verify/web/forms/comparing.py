"""What was typed beside what stands by now, for whoever was not the first to change something."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.formats import date_format


@dataclass(frozen=True)
class Beside:
    """One field of which what was typed is not what stands. Empty is an empty string."""

    label: str
    stands: str
    typed: str


def beside(typed: forms.Form, stands: forms.Form, *, without: Collection[str] = ()) -> list[Beside]:
    """The fields of the form as it was sent that differ from a fresh one of what stands, in words."""
    compared = [
        Beside(str(typed[name].label), _words(stands[name]), _words(typed[name]))
        for name in typed.fields
        if name not in without and name in stands.fields
    ]
    return [each for each in compared if each.stands != each.typed]


def _words(bound: forms.BoundField) -> str:
    value = bound.value()
    values = value if isinstance(value, list | tuple) else [value]
    labels = dict(_options(getattr(bound.field.widget, "choices", ())))
    return ", ".join(_word(bound.field, each, labels) for each in values if each not in (None, ""))


def _word(field: forms.Field, value: Any, labels: dict[str, str]) -> str:
    key = str(getattr(value, "pk", value))
    if labels:
        return labels.get(key, key)
    try:  # what was typed is text still
        date = field.to_python(value) if isinstance(field, forms.DateField) else None
    except forms.ValidationError:
        date = None
    if date:
        return date_format(date, "j F Y")
    return str(field.widget.format_value(value) or "")


def _options(choices: Iterable[Any]) -> Iterable[tuple[str, str]]:
    """Every choice, those in groups too."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from _options(label)
        else:
            yield str(getattr(value, "value", value)), str(label)
