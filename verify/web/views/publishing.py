"""What would be published, on whose approval, and the ways to publish it or to take it back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.statements.states import Workflow
from verify.accounts.models import Role
from verify.publish import services
from verify.publish.claimreview import claim_review
from verify.publish.rules import can_publish
from verify.publish.states import TRANSITIONS, PublicationState
from verify.web.drafts import Draft, axes
from verify.web.forms.publish import NoReasonForm, ReasonForm, RecordedReasonForm
from verify.web.mixins import DeskView, call
from verify.web.views.claims import CLAIMS, review_panel


@dataclass(frozen=True)
class Act:
    """One way along the publication axis."""

    name: str
    url: str
    service: Callable[..., Any]
    form: type[forms.Form]
    label: Any
    done: Any
    explains: Any
    dangerous: bool = False


ACTS = {
    act.name: act
    for act in (
        Act(
            "publish",
            "publish",
            services.publish,
            NoReasonForm,
            gettext_lazy("Publish"),
            gettext_lazy("Published."),
            gettext_lazy("Freezes what is below into an immutable version, and shows it to the world."),
        ),
        Act(
            "correct",
            "publication-correct",
            services.correct,
            ReasonForm,
            gettext_lazy("Publish correction"),
            gettext_lazy("Correction published."),
            gettext_lazy(
                "Publishes the newly approved content as the next version; the earlier ones stay readable."
            ),
        ),
        Act(
            "pause",
            "publication-pause",
            services.pause,
            RecordedReasonForm,
            gettext_lazy("Pause"),
            gettext_lazy("Paused: the world does not see it just now."),
            gettext_lazy("Hides the page for a time; nothing is erased."),
        ),
        Act(
            "resume",
            "publication-resume",
            services.resume,
            RecordedReasonForm,
            gettext_lazy("Resume"),
            gettext_lazy("Public again."),
            gettext_lazy("Shows the paused version again, as it was."),
        ),
        Act(
            "retract",
            "publication-retract",
            services.retract,
            ReasonForm,
            gettext_lazy("Retract"),
            gettext_lazy("Retracted. The page says so, and why."),
            gettext_lazy("Withdraws it for good. The page stays and says that it was retracted, and why."),
            dangerous=True,
        ),
    )
}


class PublishPage(DeskView):
    """Everybody of the desk may look; the buttons are an editor's."""

    section = "cases"
    act = "publish"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self.show(axes(self.load(CLAIMS, pk=pk)))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = axes(self.load(CLAIMS, pk=pk, role=Role.EDITOR))
        act = ACTS[self.act]
        form = act.form(request.POST, auto_id=f"id_{act.name}_%s")
        if form.is_valid():
            call(form, act.service, claim=claim, by=request.user, at=timezone.now(), **form.cleaned_data)
        if form.errors:
            return self.show(axes(self.load(CLAIMS, pk=pk)), status=422, refused={act.name: form})
        messages.success(request, act.done)
        return redirect("publish", pk)

    def show(
        self, claim: Any, *, status: int = 200, refused: dict[str, forms.Form] | None = None
    ) -> HttpResponse:
        at = timezone.now()
        read = Draft(claim, at=at)
        panel = review_panel(claim, read.digest, self.request.user)
        versions = list(claim.versions.defer("snapshot"))
        read.data["number"] = versions[0].number + 1 if versions else 1
        url = settings.SITE_URL + reverse("public-claim", args=[claim.pk])
        preview = claim_review(read.data, url=url, publisher_url=settings.SITE_URL)
        return self.render(
            "verify/publish.html",
            status=status,
            claim=claim,
            read=read,
            versions=versions,
            is_current=bool(versions) and versions[0].content_digest == read.digest,
            public=claim.published.value in ("published", "corrected", "retracted"),
            preview=preview and json.dumps(preview, ensure_ascii=False, indent=2),
            acts=self._acts(claim, read, panel, versions, refused or {}),
            **panel,
        )

    def _acts(
        self,
        claim: Any,
        read: Draft,
        panel: dict[str, Any],
        versions: list[Any],
        refused: dict[str, forms.Form],
    ) -> list[dict[str, Any]]:
        editor = can_publish(self.request.user, claim)
        acts = []
        for act in ACTS.values():
            why_not = "" if editor else _("This takes the role “Editor” at the desk.")
            why_not = why_not or _why_not(act.name, claim, read, panel, versions)
            acts.append(
                {
                    "act": act,
                    "why_not": why_not,
                    "form": refused.get(act.name) or act.form(auto_id=f"id_{act.name}_%s"),
                    "action": reverse(act.url, args=[claim.pk]),
                }
            )
        return acts


class Correct(PublishPage):
    act = "correct"


class Pause(PublishPage):
    act = "pause"


class Resume(PublishPage):
    act = "resume"


class Retract(PublishPage):
    act = "retract"


_REACHES = {
    "publish": (PublicationState.PUBLISHED,),
    "correct": (PublicationState.CORRECTED,),
    "pause": (PublicationState.PAUSED,),
    "resume": (PublicationState.PUBLISHED, PublicationState.CORRECTED),
    "retract": (PublicationState.RETRACTED,),
}


def _why_not(name: str, claim: Any, read: Draft, panel: dict[str, Any], versions: list[Any]) -> str:
    """Why a button is not there, in a sentence; empty when it is. The service has the last word."""
    state = claim.published
    if name == "publish" and state != PublicationState.UNPUBLISHED:
        return _("It was published already: publish a correction.")
    if name == "resume" and state != PublicationState.PAUSED:
        return _("Only a paused claim can be resumed.")
    if not set(_REACHES[name]) & TRANSITIONS[state]:
        if state == PublicationState.UNPUBLISHED:
            return _("It was never published.")
        return _("It is “%(state)s”: there is no way from there.") % {"state": state.label}
    if name not in ("publish", "correct"):
        return ""
    if name == "correct" and versions and versions[0].content_digest == read.digest:
        return _("Nothing has changed since the published version.")
    return _not_approved(claim, panel) or _graded_too_well(read)


def _graded_too_well(read: Draft) -> str:
    return services.graded_too_well(len(read.beyond_grade)) if read.beyond_grade else ""


def _not_approved(claim: Any, panel: dict[str, Any]) -> str:
    if panel["outstanding"]:
        return _("A review is still outstanding.")
    if panel["approvals"] < panel["needed"]:
        return _("Publishing needs %(needed)s approvals of exactly this content; it has %(has)s.") % {
            "needed": panel["needed"],
            "has": panel["approvals"],
        }
    if claim.workflow != Workflow.APPROVED:
        return _("This claim is not approved yet.")
    return ""
