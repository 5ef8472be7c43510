"""What would be published, on whose approval, and the ways to publish it or to take it back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin

from verify.accounts.models import Role
from verify.pictures.attribution import shown
from verify.publish import services
from verify.publish.corrected import changes
from verify.publish.differences import LONGEST
from verify.publish.presenting import Reading
from verify.publish.readiness import Act as Way
from verify.publish.readiness import Readiness
from verify.publish.validation import page_faults, worst
from verify.web.drafts import Draft, axes
from verify.web.forms.publish import NoReasonForm, ReasonForm, RecordedReasonForm
from verify.web.jsonld import graph_of_page
from verify.web.mixins import DeskView, call
from verify.web.passages import wording
from verify.web.previewing import checks, would_be
from verify.web.views.claims import CLAIMS, review_panel
from verify.web.views.pictures import graph_of
from verify.web.views.public_ladder import ladder_of

REVIEWS = ("ClaimReview", "MediaReview")


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
        is_current = bool(versions) and versions[0].content_digest == read.digest
        one = would_be(claim, read, versions, at=at)
        draft = Reading(one.snapshot)
        graph = graph_of_page(draft.data, one, [one, *versions])
        faults = page_faults(graph, site=settings.SITE_URL)
        return self.render(
            "verify/publish.html",
            status=status,
            claim=claim,
            read=read,
            versions=versions,
            is_current=is_current,
            public=claim.published.value in ("published", "corrected", "retracted"),
            checks=checks(claim, read, draft, panel, faults),
            changes=self._changes(claim, draft) if versions and not is_current else [],
            reviews=[_review(node) for node in graph["@graph"] if node["@type"] in REVIEWS],
            faults=faults,
            level=worst(faults),
            acts=self._acts(claim, read, refused or {}),
            **panel,
        )

    @staticmethod
    def _changes(claim: Any, draft: Reading) -> list[dict[str, Any]]:
        """What is otherwise than in the version that is current, long wordings with the words that changed marked."""
        told = changes(Reading(claim.publication.version.snapshot), draft)
        return [
            {
                "said": one,
                "wordings": wording(one.old, one.new) if len(one.old) + len(one.new) > LONGEST else None,
            }
            for one in told
        ]

    def _acts(self, claim: Any, read: Draft, refused: dict[str, forms.Form]) -> list[dict[str, Any]]:
        ready = Readiness(claim, self.request.user, assertions=read.assertions, content=read.claim)
        return [
            {
                "act": act,
                "why_not": ready.why_not(Way(act.name)),
                "form": refused.get(act.name) or act.form(auto_id=f"id_{act.name}_%s"),
                "action": reverse(act.url, args=[claim.pk]),
            }
            for act in ACTS.values()
        ]


class Preview(DeskView):
    """The public page as it would be, for a frame on the page above: the real template, from what would be frozen."""

    section = "cases"

    @method_decorator(xframe_options_sameorigin)
    @method_decorator(csp_replace({"frame-ancestors": [SELF]}))
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        claim = self.load(CLAIMS, pk=pk)
        at = timezone.now()
        versions = list(claim.versions.defer("snapshot"))
        one = would_be(claim, Draft(claim, at=at), versions, at=at)
        read = Reading(one.snapshot)
        response = self.render(
            "verify/public/claim.html",
            read=read,
            graph=shown(graph_of(read)) if read.claim["assertions"] else None,
            ladder=ladder_of([read], read.title, in_page=True),
            version=one,
            current=one,
            is_current=True,
            withdrawn=False,
            versions=[one, *versions],
            changed=[],
            first=versions[-1] if versions else one,
            checkpoint=None,
            publisher=read.desk,
            log_origin=settings.LOG_ORIGIN,
            site=settings.SITE_URL,
            canonical="",
            is_preview=True,
        )
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response


class Correct(PublishPage):
    act = "correct"


class Pause(PublishPage):
    act = "pause"


class Resume(PublishPage):
    act = "resume"


class Retract(PublishPage):
    act = "retract"


def _review(node: dict[str, Any]) -> dict[str, str]:
    return {"type": node["@type"], "written": json.dumps(node, ensure_ascii=False, indent=2)}
