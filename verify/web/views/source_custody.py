"""Protected persons: looking at a sealed identity, sealing it later or anew, and who its custodians are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from sources.catalog import protected_persons
from sources.catalog.identity import CannotUnseal
from sources.catalog.models import ProtectedIdentity, Source
from sources.custody.kinds import Kind as EntryKind
from sources.custody.models import Entry, Opening
from verify.accounts.models import Role, User
from verify.web.forms.catalog import CustodianForm, IdentityForm, SealForm
from verify.web.mixins import DeskRequest, DeskView, call
from verify.web.views.sources import SOURCES, SourcePage

KINDS = (EntryKind.PROTECTED_VIEWED, EntryKind.IDENTITY_SEALED, EntryKind.CUSTODIAN_CHANGED)
MOST = 100  # entries of the history that are shown


@method_decorator(never_cache, name="dispatch")  # no-store: neither browser nor proxy keeps who it is
class Identity(SourcePage):
    """Shows a custodian who a protected person is, once, for a reason that goes on record."""

    @method_decorator(sensitive_variables("secret"))
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(SOURCES, pk=pk, role=Role.CHECKER)
        form = IdentityForm(request.POST)
        if not form.is_valid():
            return self.show(source, status=422, identity_form=form)
        try:
            secret = call(
                form,
                protected_persons.view_identity,
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


@method_decorator(never_cache, name="dispatch")  # a protected name may be typed here
class SourceCustodians(DeskView):
    """Who may see who it is, since when and why; for custodians, also the forms that change it.

    One address and three forms: `do` is "add", "remove" or "seal".
    """

    section = "sources"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        return self.show(self.load(PROTECTED, pk=pk, role=Role.CHECKER))

    @method_decorator(sensitive_post_parameters("secret_name"))
    @method_decorator(sensitive_variables("form"))
    def post(self, request: DeskRequest, pk: UUID) -> HttpResponse:
        source = self.load(PROTECTED, pk=pk, role=Role.CHECKER)
        do = request.POST.get("do", "")
        form = self.forms(source, request.POST).get(do)
        if form is None:
            return self.show(source, status=422)
        services: dict[str, Callable[..., Any]] = {
            "add": protected_persons.add_custodian,
            "remove": protected_persons.remove_custodian,
            "seal": protected_persons.seal_identity,
        }
        if form.is_valid():
            call(form, services[do], source=source, by=request.user, at=timezone.now(), **form.cleaned_data)
        if form.errors:
            return self.show(source, status=422, **{do: form})
        messages.success(request, _("Done. It is an entry in the log."))
        return redirect("source-custodians", pk)

    def forms(self, source: Source, data: Any = None) -> dict[str, Any]:
        custodians = User.objects.filter(pk__in=_custodians(source))
        writers = User.objects.filter(
            memberships__desk=source.desk_id,
            memberships__role__in=Role.at_least(Role.CHECKER),
            is_active=True,
        )
        return {
            "add": CustodianForm(data, people=writers.exclude(pk__in=_custodians(source)), prefix="add"),
            "remove": CustodianForm(data, people=custodians, prefix="remove"),
            "seal": SealForm(data),
        }

    def show(self, source: Source, *, status: int = 200, **forms: Any) -> HttpResponse:
        sealed = ProtectedIdentity.objects.filter(source=source).first()
        custodians = list(User.objects.filter(pk__in=_custodians(source)).order_by("username"))
        return self.render(
            "sources/source_custodians.html",
            status=status,
            source=source,
            sealed=sealed,
            custodians=custodians,
            is_custodian=self.request.user in custodians,
            acts=_acts(source),
            forms=self.forms(source) | forms,
        )


def _custodians(source: Source) -> Any:
    return ProtectedIdentity.objects.filter(source=source).values("custodians")


def _acts(source: Source) -> list[dict[str, Any]]:
    """What was done with the identity, newest first, as the log has it: who, when, why; whatever was not erased."""
    entries = Entry.objects.filter(subject_type="source", subject_id=str(source.pk), kind__in=KINDS)
    entries = entries.order_by("-index")[:MOST]
    opened: dict[int, dict[str, Any]] = {entry.pk: {} for entry in entries}
    for opening in Opening.objects.filter(entry__in=opened):
        opened[opening.entry_id][opening.name] = json.loads(opening.value)
    told = [(entry, opened[entry.pk]) for entry in entries]
    ids = {str(who["id"]) for _entry, said in told for name in ("by", "custodian") if (who := said.get(name))}
    people = {str(user.pk): user for user in User.objects.filter(pk__in=ids)}
    return [
        {
            "entry": entry,
            "body": entry.read(),
            "by": people.get(said.get("by", {}).get("id", "")),
            "custodian": people.get(said.get("custodian", {}).get("id", "")),
            "reason": said.get("reason", ""),
        }
        for entry, said in told
    ]


PROTECTED = SOURCES.filter(kind="protected-person")
