"""The registry of sources: who they are, whose, how reliable, what they have said, and what was changed of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from claims.attribution.models import Assertion
from sources.catalog import affiliations, history, merging, services
from sources.catalog.models import Affiliation, Alias, Document, Grade, ProtectedIdentity, Source
from sources.custody.kinds import Kind as EntryKind
from sources.custody.models import Entry
from verify.accounts.models import Role
from verify.pictures import affiliations as pictures
from verify.review import track
from verify.web.forms.catalog import (
    AffiliationEditForm,
    AffiliationForm,
    AliasForm,
    GradeForm,
    IdentityForm,
    SourceEditForm,
    SourceFilter,
    SourceForm,
    WhyForm,
)
from verify.web.mixins import DeskRequest, DeskView, call, page_of
from verify.web.views.documents import name_states

LATEST = 10  # documents shown on a source's page


class SourceList(DeskView):
    section = "sources"

    def get(self, request: DeskRequest) -> HttpResponse:
        sources = Source.objects.current().filter(desk=self.desk).with_current_grade()
        found = SourceFilter(
            request.GET or None, queryset=sources.prefetch_related("aliases", "duplicates__aliases")
        )
        return self.render("sources/source_list.html", page=page_of(request, found.qs), filter=found)


@method_decorator(never_cache, name="dispatch")  # a protected name may be typed here
class SourceNew(DeskView):
    section = "sources"
    role = Role.CHECKER

    def get(self, request: DeskRequest) -> HttpResponse:
        form = SourceForm(initial={"name": request.GET.get("name", "")[:200]})
        return self.render("sources/source_new.html", form=form)

    @method_decorator(sensitive_post_parameters("secret_name"))
    @method_decorator(sensitive_variables("form"))
    def post(self, request: DeskRequest) -> HttpResponse:
        form = SourceForm(request.POST)
        source = form.is_valid() and call(
            form,
            services.register_source,
            desk=self.desk,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not source:
            return self.render("sources/source_new.html", status=422, form=form)
        messages.success(request, _("Registered."))
        return redirect("source", source.pk)


class SourcePage(DeskView):
    """Everything about one source. The forms on it post to views of their own, which come back here."""

    section = "sources"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return self.show(self.load(SOURCES, pk=pk))

    def show(self, source: Source, *, status: int = 200, **forms: Any) -> HttpResponse:
        """The page, with forms that came back with errors in place of empty ones."""
        if self.can(Role.CHECKER) and not source.merged_into_id:
            forms = {
                "grade_form": GradeForm(),
                "alias_form": AliasForm(),
                "affiliation_form": AffiliationForm(source=source),
                "identity_form": IdentityForm(),
            } | forms
        family = merging.family_ids(source)
        documents = Document.objects.filter(outlet__in=family).with_captures()[:LATEST]
        name_states(documents)
        said = page_of(self.request, track.assertions(source))
        for assertion in said:
            assertion.outcome_label = track.Outcome(assertion.outcome).label
        return self.render(
            "sources/source.html",
            status=status,
            source=source,
            family=family,
            names=_names(source, family),
            grades=Grade.objects.filter(source__in=family).select_related("graded_by", "source"),
            said=said,
            passed_on=_passed_on(source, family)[:LATEST],
            **_track(source),
            documents=documents,
            duplicates=source.duplicates.select_related("merged_by"),
            suggestions=merging.suggestions(source) if self.can(Role.EDITOR) else [],
            changes=history.changes(source),
            **_affiliations(source, family),
            **(self._protection(source) if source.is_protected else {}),
            **forms,
        )

    def _protection(self, source: Source) -> dict[str, Any]:
        """Whether an identity is sealed, who its custodians are, and how often it was looked at; never who it is."""
        sealed = ProtectedIdentity.objects.filter(source=source).first()
        custodians = list(sealed.custodians.all()) if sealed else []
        return {
            "sealed": sealed,
            "custodians": custodians,
            "is_custodian": self.request.user in custodians,
            "looks": Entry.objects.filter(
                subject_type="source", subject_id=str(source.pk), kind=EntryKind.PROTECTED_VIEWED
            ).order_by("-index"),
        }


class GradeNew(SourcePage):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.CHECKER)
        form = GradeForm(request.POST)
        done = form.is_valid() and call(
            form,
            services.grade_source,
            source=source,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not done:
            return self.show(source, status=422, grade_form=form)
        messages.success(request, _("Graded. The grade is in the log."))
        return redirect("source", pk)


class AffiliationNew(SourcePage):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.CHECKER)
        form = AffiliationForm(request.POST, source=source)
        done = form.is_valid() and call(
            form,
            affiliations.affiliate,
            source=source,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not done:
            return self.show(source, status=422, affiliation_form=form)
        messages.success(request, _("Affiliation added."))
        return redirect("source", pk)


class AliasNew(SourcePage):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.CHECKER)
        form = AliasForm(request.POST)
        done = form.is_valid() and call(
            form,
            services.add_alias,
            source=source,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not done:
            return self.show(source, status=422, alias_form=form)
        messages.success(request, _("Name added."))
        return redirect("source", pk)


class SourceEdit(DeskView):
    """What is said of a source, changed for a reason; and its other names, which can be taken back."""

    section = "sources"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.CHECKER)
        return self.show(source, SourceEditForm(source=source))

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.CHECKER)
        form = SourceEditForm(request.POST, source=source)
        done = form.is_valid() and call(
            form,
            services.correct_source,
            source=source,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not done:
            return self.show(source, form, status=422)
        messages.success(request, _("Changed. What it said before stays in the history."))
        return redirect("source", pk)

    def show(self, source: Source, form: SourceEditForm, *, status: int = 200, **taking: Any) -> HttpResponse:
        aliases = source.aliases.all()
        taking = {"why_form": WhyForm()} | taking
        return self.render(
            "sources/source_edit.html", status=status, source=source, form=form, aliases=aliases, **taking
        )


class AliasRemove(SourceEdit):
    def post(self, request: DeskRequest, pk: UUID, alias: int) -> HttpResponse:  # type: ignore[override]
        source = self.load(SOURCES, pk=pk, role=Role.CHECKER)
        form = WhyForm(request.POST)
        row = get_object_or_404(Alias.objects.select_related("source__desk"), source=source, pk=alias)
        if form.is_valid():
            call(
                form,
                services.remove_alias,
                alias=row,
                by=request.user,
                at=timezone.now(),
                **form.cleaned_data,
            )
        if form.errors:
            return self.show(source, SourceEditForm(source=source), status=422, why_form=form, taking=row)
        messages.success(request, _("Name taken back. The history keeps it."))
        return redirect("source", pk)

    def get(self, request: DeskRequest, pk: UUID, alias: int) -> HttpResponse:  # type: ignore[override]
        return super().get(request, pk)


class AffiliationEdit(DeskView):
    """An affiliation said otherwise, ended, or withdrawn."""

    section = "sources"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        affiliation = self.find(pk)
        return self.show(affiliation, form=AffiliationEditForm(affiliation=affiliation))

    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        affiliation = self.find(pk)
        form = AffiliationEditForm(request.POST, affiliation=affiliation)
        done = form.is_valid() and call(
            form,
            affiliations.correct_affiliation,
            affiliation=affiliation,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not done:
            return self.show(affiliation, status=422, form=form)
        messages.success(request, _("Changed. What it said before stays in the history."))
        return redirect("source", affiliation.source_id)

    def find(self, pk: UUID) -> Affiliation:
        """The affiliation, if its source is of a desk of the person who asks; the page is then about that desk."""
        rows = Affiliation.objects.select_related("source__desk", "principal", "evidence", "withdrawn_by")
        sources = Source.objects.visible_to(self.request.user)
        affiliation: Affiliation = get_object_or_404(rows.filter(source__in=sources), pk=pk)
        self.enter(affiliation.source.desk_id, Role.CHECKER)
        return affiliation

    def show(self, affiliation: Affiliation, *, status: int = 200, **forms: Any) -> HttpResponse:
        forms = {"form": None, "why_form": WhyForm()} | forms
        if forms["form"] is None:
            forms["form"] = AffiliationEditForm(affiliation=affiliation)
        return self.render(
            "sources/affiliation_edit.html",
            status=status,
            affiliation=affiliation,
            source=affiliation.source,
            **forms,
        )


class AffiliationWithdraw(AffiliationEdit):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        affiliation = self.find(pk)
        form = WhyForm(request.POST)
        done = form.is_valid() and call(
            form,
            affiliations.withdraw_affiliation,
            affiliation=affiliation,
            by=request.user,
            at=timezone.now(),
            **form.cleaned_data,
        )
        if not done:
            return self.show(affiliation, status=422, why_form=form)
        messages.success(request, _("Withdrawn. The history keeps it, with your reason."))
        return redirect("source", affiliation.source_id)


def _track(source: Source) -> dict[str, Any]:
    """How what it asserted held up: the counts, and those of them that are shown, by their words."""
    record = track.track_record(source)
    shown = [(outcome.label, count) for outcome, count in record.claims.items() if count]
    return {"track": record, "outcomes": shown}


def _passed_on(source: Source, family: set[UUID]) -> Any:
    """What it said for somebody else or took over from somebody: assertions that are not its own word."""
    own = track.assertions(source).order_by().values("pk")
    spoken = Assertion.objects.standing().filter(Q(speaker__in=family) | Q(on_behalf_of__in=family))
    others = spoken.filter(claim__desk=source.desk_id).exclude(pk__in=own)
    return others.select_related("claim", "speaker", "on_behalf_of", "document").order_by(
        F("said_at").desc(nulls_last=True), "-created_at", "-id"
    )


def _names(source: Source, family: set[UUID]) -> list[tuple[str, str]]:
    """(name, BCP 47 language or "") of everything that is read as the source, its own first, each once."""
    rows = Source.objects.filter(pk__in=family - {source.pk}).values_list("name", flat=True)
    aliases = Alias.objects.filter(source__in=family).values_list("name", "language")
    found = dict.fromkeys([source.name, *rows], "") | {}
    for name, language in aliases:
        found[name] = found.get(name) or language
    return list(found.items())


def _affiliations(source: Source, family: set[UUID]) -> dict[str, Any]:
    """Whose it is and what is its own, those that stand; the circles that they make."""
    rows = Affiliation.objects.select_related("source", "principal", "evidence")
    shown = rows.filter(Q(source__in=family) | Q(principal__in=family)).order_by("-valid_from", "kind")
    desk = rows.standing().filter(source__desk=source.desk_id, kind__in=affiliations.HOLDING)
    standing = [row for row in shown if row.stands]
    is_held = any(row.kind in affiliations.HOLDING for row in standing)
    return {
        "affiliations": standing,
        "picture": _picture(source) if standing else None,
        "circles": affiliations.circles(desk, source) if is_held else [],
    }


def _picture(source: Source) -> Any:
    found = pictures.affiliations_of(source, on=timezone.localdate())
    return pictures.shown(found, lambda other: reverse("source", args=[other]))


SOURCES = Source.objects.with_current_grade().select_related("merged_into", "merged_by", "desk")
