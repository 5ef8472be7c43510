"""How a desk says that it works: what its administrators write, and what readers see of it beside what Verify knows."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sources.catalog.models import Reliability
from verify.accounts.models import Desk, Role
from verify.publish import reading
from verify.publish.methodology import POINTS, change_methodology, history_of, points_of
from verify.publish.models import Methodology
from verify.publish.presenting import credibility
from verify.publish.standard import INDEPENDENT_ORIGINS
from verify.web.forms.methodology import MethodologyForm
from verify.web.views.conditional import answer
from verify.web.views.settings import SettingsPage
from verify.web.views.site import absolute


class DeskMethodology(SettingsPage):
    """The desk's words: for its members to read, for its administrators to write."""

    tab = "desk-methodology"
    template = "verify/settings_methodology.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        self.enter(self.desk.pk, Role.ADMIN)
        form = MethodologyForm(request.POST)
        done = _("Saved. Readers see it from now on.")
        return self.administer("form", form, change_methodology, done, desk=self.desk)

    def context(self) -> dict[str, Any]:
        known = Methodology.objects.filter(desk=self.desk).first()
        context: dict[str, Any] = {
            "methodology": known,
            "points": points_of(known),
            "public": reverse("public-methodology", args=[self.desk.slug]),
            "is_public": any(desk == self.desk for desk, _scale in reading.scales()),
            "history": history_of(self.desk),
        }
        if self.can(Role.ADMIN):
            names = (*POINTS, "offers_packages")
            context["form"] = MethodologyForm(
                initial={name: getattr(known, name) for name in names} if known else {}
            )
            context["seen"] = known.changed_at.isoformat() if known else ""
        return context


@require_safe
def page(request: HttpRequest, slug: str = "") -> HttpResponseBase:
    """How verdicts are reached: in a desk's words, and what Verify knows of it. Several desks have a page each."""
    scales = reading.scales()
    chosen = next((one for one in scales if one[0].slug == slug), None)
    if slug and chosen is None:
        raise Http404
    if chosen is None and len(scales) == 1:
        chosen = scales[0]
    desk, scale = chosen or (None, [])
    known = Methodology.objects.filter(desk=desk).first() if desk else None
    points = points_of(known)
    context = {
        "desk": desk,
        "scale": scale,
        "desks": [other for other, _scale in scales],
        "written": [point for point in points if point["text"]],
        "missing": [point for point in points if not point["text"]],
        "known": known,
        "needed": INDEPENDENT_ORIGINS,
        "reliability": [(grade.value, str(grade.label).partition(" · ")[2]) for grade in Reliability],
        "credibility": [(grade, credibility(grade)) for grade in range(1, 7)],
        "publisher": {"name": desk.name} if desk else None,
        "section": "methodology",
        "canonical": absolute(reverse("public-methodology", args=[slug]) if slug else reverse("methodology")),
    }
    return answer(
        request,
        lambda: render(request, "verify/public/methodology.html", context),
        shows=_shown(scales, desk, known),
    )


def _shown(scales: list[Any], desk: Desk | None, known: Methodology | None) -> list[str]:
    shown = [
        f"{each.name} {each.slug} {each.approvals_needed} {each.requires_second_factor}"
        for each, _scale in scales
    ]
    shown += [f"{rating.code} {rating.value} {rating}" for _desk, scale in scales for rating in scale]
    return [*shown, desk.slug if desk else "", known.changed_at.isoformat() if known else ""]
