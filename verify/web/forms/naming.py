"""Fields in which a source is named by typing: in any script, and however many a desk has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Max, Q, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from sources.catalog import names
from sources.catalog.models import Source
from sources.catalog.rules import check_publishes

SUGGESTED = 40  # names that are offered while typing: those who spoke last
NEAREST = 5
DATALIST = "known-sources"  # the id of the <datalist> on the page


class SourceField(forms.CharField):
    """One source of a desk by its name, another name of it, or its id.

    The whole name must be given, though in any script and spelling: part of one is somebody else's too often. A
    duplicate is read as the source that it was merged into.
    """

    def __init__(self, *, publishes: bool = False, **options: Any) -> None:
        attributes = {"dir": "auto", "list": DATALIST, "autocomplete": "off"}
        super().__init__(max_length=200, widget=forms.TextInput(attrs=attributes), **options)
        self.publishes = publishes
        self.sources: QuerySet[Source] = Source.objects.none()

    def prepare_value(self, value: Any) -> Any:
        """An id, as links carry it, is shown as the name."""
        if isinstance(value, Source):
            return value.name
        pk = _uuid(value)
        named = self.sources.filter(pk=pk).values_list("name", flat=True).first() if pk else None
        return named or value

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        found = self._named(typed)
        if len(found) > 1:
            raise ValidationError(
                _("Several have this name: %(names)s. Give the one that is meant by its own.")
                % {"names": ", ".join(source.name for source in found)}
            )
        if not found:
            raise ValidationError(self._unknown(typed))
        source = found[0]
        if self.publishes:
            check_publishes(source)
        return source

    def _named(self, typed: str) -> list[Source]:
        """By id, else by the very name, else by the whole name as other scripts and spellings have it."""
        if pk := _uuid(typed):
            return self._standing(Q(pk=pk))
        key = names.key(typed)
        spelled = Q(key=key) | Q(aliases__key=key) if key else Q(pk=None)
        exactly = Q(name__iexact=typed) | Q(aliases__name__iexact=typed)
        return self._standing(exactly) or self._standing(spelled)

    def _standing(self, condition: Q) -> list[Source]:
        found = self.sources.filter(condition).select_related("merged_into").distinct()
        return list({source.pk: source for source in ((each.merged_into or each) for each in found)}.values())

    def _unknown(self, typed: str) -> str:
        near = {(source.merged_into or source).name: None for source in self._near(typed)}
        register = f"{reverse('source-new')}?{urlencode({'name': typed})}"
        said = _("Nobody is registered under this name.")
        if near:
            said = _("Nobody is registered under this name. Nearest: %(names)s.") % {
                "names": " · ".join(near)
            }
        return format_html('{} <a href="{}">{}</a>', said, register, _("Register the source"))

    def _near(self, typed: str) -> QuerySet[Source]:
        return self.sources.matching(typed).select_related("merged_into")[:NEAREST]  # type: ignore[attr-defined]


def name_sources(form: forms.Form, desk_id: Any) -> list[str]:
    """Let the source fields of a form look among a desk's sources; returns the names to offer while typing."""
    sources = Source.objects.filter(desk=desk_id)
    for field in form.fields.values():
        if isinstance(field, SourceField):
            field.sources = sources
    spoke = sources.filter(merged_into=None).annotate(spoke_last=Max("assertions__created_at"))
    newest = spoke.order_by(F("spoke_last").desc(nulls_last=True), "name")
    return list(newest.values_list("name", flat=True)[:SUGGESTED])


def _uuid(value: Any) -> UUID | None:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError:
        return None
