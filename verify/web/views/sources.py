"""The registry of sources: who they are, whose, how reliable, and what they have said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from claims.attribution.models import Assertion
from sources.catalog import services
from sources.catalog.identity import CannotUnseal
from sources.catalog.models import Affiliation, ProtectedIdentity, Source
from sources.custody.kinds import Kind as EntryKind
from sources.custody.models import Entry
from verify.accounts.models import Role
from verify.web.forms.catalog import (
    AffiliationForm,
    AliasForm,
    GradeForm,
    IdentityForm,
    SourceFilter,
    SourceForm,
)
from verify.web.mixins import DeskRequest, DeskView, call, page_of
from verify.web.views.documents import name_states

LATEST = 10  # documents shown on a source's page


class SourceList(DeskView):
    section = "sources"

    def get(self, request: DeskRequest) -> HttpResponse:
        sources = Source.objects.filter(desk=self.desk).with_current_grade().prefetch_related("aliases")
        found = SourceFilter(request.GET or None, queryset=sources)
        return self.render("sources/source_list.html", page=page_of(request, found.qs), filter=found)


@method_decorator(never_cache, name="dispatch")  # a protected name may be typed here
class SourceNew(DeskView):
    section = "sources"
    role = Role.CHECKER

    def get(self, request: DeskRequest) -> HttpResponse:
        return self.render("sources/source_new.html", form=SourceForm())

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
        return self.show(self.load(_SOURCES, pk=pk))

    def show(self, source: Source, *, status: int = 200, **forms: Any) -> HttpResponse:
        """The page, with forms that came back with errors in place of empty ones."""
        if self.can(Role.CHECKER):
            forms = {
                "grade_form": GradeForm(),
                "alias_form": AliasForm(),
                "affiliation_form": AffiliationForm(source=source),
                "identity_form": IdentityForm(),
            } | forms
        said = Assertion.objects.filter(
            Q(speaker=source) | Q(on_behalf_of=source), claim__desk=source.desk_id
        )
        said = said.select_related("claim", "document", "speaker").order_by("-said_at", "-created_at")
        documents = source.documents.with_captures()[:LATEST]
        name_states(documents)
        affiliations = Affiliation.objects.select_related("source", "principal", "evidence")
        return self.render(
            "sources/source.html",
            status=status,
            source=source,
            aliases=source.aliases.all(),
            grades=source.grades.select_related("graded_by"),
            affiliations=affiliations.filter(Q(source=source) | Q(principal=source)).order_by(
                "-valid_from", "kind"
            ),
            said=page_of(self.request, said),
            documents=documents,
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
        source = self.load(_SOURCES, pk=pk, role=Role.CHECKER)
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
        source = self.load(_SOURCES, pk=pk, role=Role.CHECKER)
        form = AffiliationForm(request.POST, source=source)
        done = form.is_valid() and call(
            form, services.affiliate, source=source, by=request.user, **form.cleaned_data
        )
        if not done:
            return self.show(source, status=422, affiliation_form=form)
        messages.success(request, _("Affiliation added."))
        return redirect("source", pk)


class AliasNew(SourcePage):
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(_SOURCES, pk=pk, role=Role.CHECKER)
        form = AliasForm(request.POST)
        done = form.is_valid() and call(
            form, services.add_alias, source=source, by=request.user, **form.cleaned_data
        )
        if not done:
            return self.show(source, status=422, alias_form=form)
        messages.success(request, _("Name added."))
        return redirect("source", pk)


@method_decorator(never_cache, name="dispatch")  # no-store: neither browser nor proxy keeps who it is
class Identity(SourcePage):
    """Shows a custodian who a protected person is, once, for a reason that goes on record."""

    @method_decorator(sensitive_variables("secret"))
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(_SOURCES, pk=pk, role=Role.CHECKER)
        form = IdentityForm(request.POST)
        if not form.is_valid():
            return self.show(source, status=422, identity_form=form)
        try:
            secret = call(
                form,
                services.view_identity,
                source=source,
                by=request.user,
                at=timezone.now(),
                **form.cleaned_data,
            )
        except CannotUnseal as damage:
            form.add_error(None, _("It cannot be shown: %(why)s. Nothing was logged.") % {"why": damage})
            secret = None
        if secret is None:
            return self.show(source, status=422, identity_form=form)
        return self.render(
            "sources/identity.html", source=source, secret=secret, reason=form.cleaned_data["reason"]
        )


_SOURCES = Source.objects.with_current_grade()
