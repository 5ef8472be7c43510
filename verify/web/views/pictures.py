"""Pictures by themselves: SVG and PNG of the graphs and figure ladders, for reports and other pages.

`?form=narrow` is as wide as a phone; `?theme=light` or `?theme=dark` settles the colours, which an SVG otherwise takes
from whoever looks at it, and a PNG has in light ones.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from claims.statements.models import Case, Claim
from sources.catalog.models import Source
from verify.pictures import affiliations, attribution
from verify.pictures.drawing import Picture, Theme, render, stylesheet
from verify.pictures.ladder import Figures, ladder_of_case, ladder_of_claim, ladder_picture
from verify.pictures.png import png
from verify.publish import reading
from verify.publish.models import VersionKind
from verify.publish.presenting import Reading, category_words
from verify.web.drafts import Draft, figure_number
from verify.web.mixins import DeskRequest, DeskView
from verify.web.views.conditional import answer

MEDIA_TYPES = {"svg": "image/svg+xml", "png": "image/png"}
FORMS = ("wide", "narrow")
THEMES: dict[str, Theme] = {"light": "light", "dark": "dark"}


class PictureView(DeskView):
    """A picture of something of the desk, for its members."""

    name = ""

    def get(self, request: DeskRequest, pk: UUID, kind: str) -> HttpResponseBase:
        if kind not in MEDIA_TYPES:
            raise Http404
        form, theme = asked_form(request)
        svg = render(self.picture(pk, form), inline=False, theme=theme if kind == "svg" else theme or "light")
        etag = quote_etag(hashlib.sha256(f"{kind}\n{svg}".encode()).hexdigest()[:32])
        response = get_conditional_response(request, etag=etag) or picture_file(
            svg, kind, theme, f"{self.name}-{pk}"
        )
        response.headers["ETag"] = etag
        patch_cache_control(response, private=True, no_cache=True)
        return response

    def picture(self, pk: UUID, form: str) -> Picture:
        raise NotImplementedError


class ClaimGraph(PictureView):
    """Who says a claim, and where it begins."""

    name = "attribution"
    section = "cases"

    def picture(self, pk: UUID, form: str) -> Picture:
        claim = self.load(Claim.objects.select_related("desk", "case"), pk=pk)
        read = Draft(claim, at=timezone.now())
        return attribution.picture(
            graph_of(read, page=_address("claim", pk), in_desk=True), form=form, alone=True
        )


class SourceGraph(PictureView):
    """Whose a source is."""

    name = "affiliations"
    section = "sources"

    def picture(self, pk: UUID, form: str) -> Picture:
        source = self.load(Source.objects.all(), pk=pk)
        found = affiliations.affiliations_of(source, on=timezone.localdate())
        return affiliations.picture(found, lambda other: _address("source", other), form=form, alone=True)


class CaseLadder(PictureView):
    """The figures of a case over time."""

    name = "figures"
    section = "cases"

    def picture(self, pk: UUID, form: str) -> Picture:
        return _ladder(ladder_of_case(self.load(Case.objects.all(), pk=pk)), form)


class ClaimLadder(PictureView):
    """The figures of a claim over time."""

    name = "figures"
    section = "cases"

    def picture(self, pk: UUID, form: str) -> Picture:
        return _ladder(ladder_of_claim(self.load(Claim.objects.all(), pk=pk)), form)


@require_safe
def public_graph(request: HttpRequest, pk: UUID, number: int, kind: str) -> HttpResponseBase:
    """Who says a published claim: from its snapshot alone. A retracted check has none, as on its page."""
    version = get_object_or_404(reading.versions_of(pk), number=number)
    if kind not in MEDIA_TYPES:
        raise Http404
    if version.kind == VersionKind.RETRACTED:
        raise Http404(_("This check was retracted. Its page says when and why."))
    form, theme = asked_form(request)

    def make() -> HttpResponse:
        graph = graph_of(Reading(version.snapshot), page=_address("public-version", pk, number))
        drawn = attribution.picture(graph, form=form, alone=True)
        svg = render(drawn, inline=False, theme=theme if kind == "svg" else theme or "light")
        return picture_file(svg, kind, theme, f"attribution-{pk}-v{number}")

    return answer(request, make, shows=[version.sha256, kind, form, theme], at=version.published_at)


def graph_of(read: Reading, *, page: str = "", in_desk: bool = False) -> attribution.Attribution:
    """The attribution graph of a draft or of a published version. `in_desk`, speakers lead to their pages."""

    def source_page(pk: str) -> str:
        return (_address("source", pk) if page else reverse("source", args=[pk])) if in_desk else ""

    origins = read.data.get("origins") or {}
    return attribution.attribution(
        read.claim, origins, counted=read.counted, page=page, source_page=source_page
    )


def _ladder(figures: Figures, form: str) -> Picture:
    return ladder_picture(
        figures,
        direction="rtl" if get_language_bidi() else "ltr",
        narrow=form == "narrow",
        number=figure_number,
        category=category_words,
        address=_whole,
    )


def _address(name: str, *args: Any) -> str:
    """The whole address of a page: a picture that was saved still leads to it."""
    return _whole(reverse(name, args=args))


def _whole(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def asked_form(request: HttpRequest) -> tuple[str, Theme | None]:
    form = request.GET.get("form", "")
    return form if form in FORMS else FORMS[0], THEMES.get(request.GET.get("theme", ""))


def picture_file(svg: str, kind: str, theme: Theme | None, name: str) -> HttpResponse:
    response = HttpResponse(png(svg) if kind == "png" else svg, content_type=MEDIA_TYPES[kind])
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{kind}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    # An SVG is a document: this one may use its own stylesheet and nothing else.
    style = base64.b64encode(hashlib.sha256(stylesheet(theme).encode()).digest()).decode()
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response
