"""Two records of one source: what would be read differently, merging them, taking it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.attribution.models import Assertion
from claims.statements.models import Claim
from sources.catalog import merging
from sources.catalog.models import Affiliation, Alias, Document, Grade, Source
from verify.accounts.models import Role
from verify.web.forms.catalog import MergeForm, WhyForm
from verify.web.mixins import DeskRequest, DeskView, call
from verify.web.views.sources import SOURCES


class SourceMerge(DeskView):
    """Choose what a duplicate is read as (`?into=` a source), see what that changes, say why."""

    section = "sources"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.EDITOR)
        form = MergeForm(source=source, initial={"into": request.GET.get("into", "")})
        return self.show(source, form, into=self._chosen(source, request.GET.get("into", "")))

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.EDITOR)
        form = MergeForm(request.POST, source=source)
        done = form.is_valid() and call(
            form, merging.merge, source=source, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not done:
            return self.show(source, form, status=422, into=form.cleaned_data.get("into"))
        messages.success(
            request, _("Merged. “%(name)s” is read as this from now on.") % {"name": source.name}
        )
        return redirect("source", done.merged_into_id)

    def show(self, source: Source, form: Any, *, into: Source | None, status: int = 200) -> HttpResponse:
        return self.render(
            "sources/source_merge.html",
            status=status,
            source=source,
            form=form,
            into=into,
            counts=_read_differently(source) if into else [],
            published=_published(source) if into else 0,
            suggestions=merging.suggestions(source),
        )

    def _chosen(self, source: Source, given: str) -> Source | None:
        """The source that the address names by its id, if it may be chosen here."""
        try:
            others = Source.objects.current().filter(desk=source.desk_id)
            return others.exclude(pk=source.pk).filter(pk=given).first() if given else None
        except ValidationError:  # no id
            return None


class SourceUnmerge(DeskView):
    section = "sources"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return self.show(self.load(SOURCES, pk=pk, role=Role.EDITOR), WhyForm())

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.EDITOR)
        form = WhyForm(request.POST)
        done = form.is_valid() and call(
            form, merging.unmerge, source=source, by=request.user, at=timezone.now(), **form.cleaned_data
        )
        if not done:
            return self.show(source, form, status=422)
        messages.success(request, _("Taken back. It stands for itself again."))
        return redirect("source", pk)

    def show(self, source: Source, form: WhyForm, *, status: int = 200) -> HttpResponse:
        return self.render(
            "sources/source_unmerge.html",
            status=status,
            source=source,
            form=form,
            counts=_read_differently(source),
        )


def _read_differently(source: Source) -> list[tuple[str, int]]:
    """What refers to the source and to what was merged into it before: (word, how many)."""
    family = {source.pk, *source.duplicates.values_list("pk", flat=True)}
    said = Assertion.objects.standing()
    tied = Affiliation.objects.standing().filter(Q(source__in=family) | Q(principal__in=family))
    return [
        (_("assertions that it made"), said.filter(speaker__in=family).count()),
        (_("assertions made on its behalf"), said.filter(on_behalf_of__in=family).count()),
        (_("assertions that it carried as an outlet"), said.filter(outlet__in=family).count()),
        (_("documents that it published"), Document.objects.filter(outlet__in=family).count()),
        (_("affiliations"), tied.count()),
        (_("grades of its reliability"), Grade.objects.filter(source__in=family).count()),
        (_("other names"), Alias.objects.filter(source__in=family).count()),
        (_("former duplicates"), len(family) - 1),
    ]


def _published(source: Source) -> int:
    """How many published claims name it: their published versions stay as they are, the next one reads differently."""
    named = Q(assertions__speaker=source) | Q(assertions__on_behalf_of=source) | Q(assertions__outlet=source)
    return Claim.objects.filter(named, versions__isnull=False).distinct().count()
