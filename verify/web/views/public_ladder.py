"""The figure ladder on public pages and by itself, drawn from snapshots alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from claims.statements.models import Figure
from sources.catalog.models import Source
from verify.pictures.drawing import Picture, render
from verify.pictures.ladder import MOST, Figures, ladder_picture
from verify.pictures.published import ladder_of_published
from verify.publish import reading
from verify.publish.models import VersionKind
from verify.publish.presenting import Reading, category_words, has_page
from verify.web.drafts import figure_number
from verify.web.views.conditional import answer
from verify.web.views.pictures import MEDIA_TYPES, asked_form, picture_file
from verify.web.views.site import absolute

DRAWN = 200  # claims of a case of which the figures are drawn: the newest


@dataclass(frozen=True)
class Ladder:
    """The ladder for a page: drawn for wide and for narrow windows; `cut` figures are drawn when there are more."""

    wide: SafeString
    narrow: SafeString
    total: int
    cut: int


def ladder_of(reads: Iterable[Reading], title: str, *, in_page: bool = False) -> Ladder | None:
    """The ladder of some versions' figures; None where there are no figures. `in_page`: they stand on this page."""
    figures = ladder_of_published((read.claim for read in reads), title)
    if not figures.given:
        return None
    address = _in_page if in_page else _of_claim
    wide, narrow = (
        mark_safe(render(_picture(figures, address, narrow=narrow), inline=True)) for narrow in (False, True)
    )
    return Ladder(wide, narrow, figures.total, MOST if figures.is_cut else 0)


@require_safe
def of_version(request: HttpRequest, pk: UUID, number: int, kind: str) -> HttpResponseBase:
    """The figures of a published version over time. A retracted check has none, as on its page."""
    version = get_object_or_404(reading.versions_of(pk), number=number)
    if version.kind == VersionKind.RETRACTED:
        raise Http404(_("This check was retracted. Its page says when and why."))

    def figures() -> Figures:
        read = Reading(version.snapshot)
        return ladder_of_published([read.claim], read.title)

    return _alone(request, kind, figures, f"figures-{pk}-v{number}", [version.sha256])


@require_safe
def of_case(request: HttpRequest, pk: UUID, kind: str) -> HttpResponseBase:
    """The figures of what is published of a case now, over time."""
    found = reading.found(reading.published(), case=pk).exclude(version__kind=VersionKind.RETRACTED)[:DRAWN]
    versions = [publication.version for publication in found if publication.version]
    if not versions:
        raise Http404

    def figures() -> Figures:
        reads = [Reading(version.snapshot) for version in versions]
        title = reads[0].case["title"] if reads[0].case else ""
        return ladder_of_published((read.claim for read in reads), title)

    return _alone(request, kind, figures, f"figures-{pk}", [version.sha256 for version in versions])


def _alone(
    request: HttpRequest, kind: str, figures: Callable[[], Figures], name: str, shows: list[str]
) -> HttpResponseBase:
    if kind not in MEDIA_TYPES:
        raise Http404
    form, theme = asked_form(request)

    def make() -> HttpResponse:
        found = figures()
        if not found.given:
            raise Http404(_("There are no figures to draw."))
        picture = _picture(found, _of_claim, narrow=form == "narrow", whole=True)
        svg = render(picture, inline=False, theme=theme if kind == "svg" else theme or "light")
        return picture_file(svg, kind, theme, name)

    return answer(request, make, shows=[*shows, kind, form, theme])


def _picture(
    figures: Figures, figure_page: Callable[[Figure], str], *, narrow: bool, whole: bool = False
) -> Picture:
    return ladder_picture(
        figures,
        direction="rtl" if get_language_bidi() else "ltr",
        narrow=narrow,
        number=figure_number,
        category=category_words,
        address=absolute if whole else str,
        figure_page=figure_page,
        source_page=_source,
    )


def _in_page(figure: Figure) -> str:
    return f"#figure-{figure.pk}"


def _of_claim(figure: Figure) -> str:
    return f"{reverse('public-claim', args=[figure.claim_id])}#figure-{figure.pk}"


def _source(source: Source) -> str:
    named: dict[str, Any] = {"kind": source.kind}
    return reverse("public-source", args=[source.pk]) if has_page(named) else ""
