"""What readers see: pages made from the stored bytes of published versions, and nothing else."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sources.catalog.models import Reliability
from sources.custody import services as custody
from verify.pictures.attribution import shown
from verify.pictures.drawing import Shown
from verify.publish import reading
from verify.publish.claimreview import claim_review, in_script
from verify.publish.models import Publication, Version, VersionKind
from verify.publish.presenting import Reading, credibility
from verify.publish.states import PublicationState
from verify.web.views.conditional import answer, stored
from verify.web.views.pictures import graph_of

PAGE_SIZE = 25


class Filters(forms.Form):
    """What the front page can be narrowed to."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    verdict = forms.ChoiceField(label=_("Verdict"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {rating.code: str(rating) for _desk, scale in reversed(reading.scales()) for rating in scale}
        self.fields["verdict"].choices = [("", _("all")), *words.items()]  # type: ignore[attr-defined]


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """The published claims, newest first."""
    filters = Filters(request.GET)
    found = reading.published().none()
    if filters.is_valid():
        found = reading.found(reading.published(), **filters.cleaned_data)
    page, items = _page(request, found)
    context = {
        "filters": filters,
        "page": page,
        "items": items,
        "section": "checks",
        "canonical": absolute(reverse("front")),
        "narrowed": any(filters.data.get(name) for name in filters.fields),
    }
    shows = [*_shown(page), filters.data.urlencode(), filters.fields["verdict"].choices]  # type: ignore[attr-defined]
    return answer(request, lambda: render(request, "verify/public/front.html", context), shows=shows)


@require_safe
def claim(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A claim in its current version."""
    publication = _publication(pk)
    if publication.state == PublicationState.PAUSED:
        return _paused(request)
    assert publication.version is not None
    return _version_page(request, publication, publication.version)


@require_safe
def version(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """A claim as it was published at a time; says so if it is not so any more."""
    publication = _publication(pk)
    if publication.state == PublicationState.PAUSED:
        return _paused(request)
    return _version_page(request, publication, get_object_or_404(reading.versions_of(pk), number=number))


@require_safe
def snapshot(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """The bytes that the log's entry commits to."""
    one = get_object_or_404(reading.versions_of(pk), number=number)
    return stored(
        request, bytes(one.snapshot), content_type="application/json", sha256=one.sha256, at=one.published_at
    )


@require_safe
def entry(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """The log's entry on a version, byte for byte: SHA-256 of 0x00 and these bytes is the leaf (RFC 6962 §2.1)."""
    one = get_object_or_404(reading.versions_of(pk).select_related("entry"), number=number)
    body = bytes(one.entry.body)
    return stored(request, body, content_type="application/json", sha256=hashlib.sha256(body).hexdigest())


@require_safe
def proof(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """The proof (c2sp.org/tlog-proof@v1) that the entry is in the log, under the first checkpoint that covers it."""
    one = get_object_or_404(reading.versions_of(pk), number=number)
    checkpoint = reading.covering_checkpoint(one.entry_id)
    if checkpoint is None:
        raise Http404(_("The log has not been signed since this was published; try again in a minute."))
    text = custody.inclusion_proof(one.entry_id, checkpoint).encode()
    return stored(
        request, text, content_type="text/plain; charset=utf-8", sha256=hashlib.sha256(text).hexdigest()
    )


@require_safe
def case(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The published claims of a case. A case of which nothing is published does not exist for the world."""
    page, items = _page(request, reading.found(reading.published(), case=pk))
    if not items:
        raise Http404
    context = {
        "page": page,
        "items": items,
        "title": items[0].case["title"] if items[0].case else "",
        "publisher": items[0].desk,
        "section": "cases",
        "canonical": absolute(reverse("public-case", args=[pk])),
    }
    shows = [*_shown(page), request.GET.urlencode()]
    return answer(request, lambda: render(request, "verify/public/case.html", context), shows=shows)


@require_safe
def corrections(request: HttpRequest) -> HttpResponseBase:
    """Every correction and retraction, newest first, with its reason."""
    page = Paginator(reading.corrections(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows: list[tuple[Any, Reading]] = [(one, Reading(one.snapshot)) for one in page]
    context = {
        "page": page,
        "rows": rows,
        "section": "corrections",
        "canonical": absolute(reverse("corrections")),
    }
    shows = [page.number, page.paginator.count, *(f"{one.sha256} {one.current}" for one, _read in rows)]
    return answer(request, lambda: render(request, "verify/public/corrections.html", context), shows=shows)


@require_safe
def methodology(request: HttpRequest) -> HttpResponseBase:
    """How verdicts are reached: the scales in use, how sources are graded and origins counted."""
    scales = reading.scales()
    context = {
        "scales": scales,
        "reliability": [(grade.value, str(grade.label).partition(" · ")[2]) for grade in Reliability],
        "credibility": [(grade, credibility(grade)) for grade in range(1, 7)],
        "section": "methodology",
        "canonical": absolute(reverse("methodology")),
    }
    shows = [
        f"{desk.name} {rating.code} {rating.value} {rating}" for desk, scale in scales for rating in scale
    ]
    return answer(request, lambda: render(request, "verify/public/methodology.html", context), shows=shows)


def absolute(path: str) -> str:
    """The address by which the world knows a page, whatever host this request came to."""
    return f"{settings.SITE_URL}{path}"


def _publication(pk: UUID) -> Publication:
    known = Publication.objects.exclude(state=PublicationState.UNPUBLISHED).select_related("version")
    return get_object_or_404(known, pk=pk)


def _paused(request: HttpRequest) -> HttpResponse:
    response = render(request, "verify/public/paused.html", status=404)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _version_page(request: HttpRequest, publication: Publication, one: Version) -> HttpResponseBase:
    current = publication.version
    assert current is not None
    versions = list(reading.versions_of(publication.pk).defer("snapshot"))
    checkpoint = reading.covering_checkpoint(one.entry_id)

    def make() -> HttpResponse:
        read = Reading(one.snapshot)
        url = absolute(reverse("public-claim", args=[publication.pk]))
        review = (
            claim_review(read.data, url=url, publisher_url=absolute(reverse("front")))
            if one == current
            else None
        )
        context = {
            "read": read,
            "graph": _graph(read),
            "version": one,
            "current": current,
            "is_current": one == current,
            "withdrawn": current.kind == VersionKind.RETRACTED,
            "versions": versions,
            "first": versions[-1],
            "checkpoint": checkpoint,
            "publisher": read.desk,
            "canonical": url,
            "log_origin": read.data.get("log", settings.LOG_ORIGIN),
            "site": settings.SITE_URL,
            # Made safe by in_script: nothing in it can end the element.
            "jsonld": mark_safe(in_script(review)) if review else "",
        }
        return render(request, "verify/public/claim.html", context)

    shows = [one.sha256, current.sha256, publication.state, checkpoint.size if checkpoint else 0]
    return answer(
        request,
        make,
        shows=shows,
        at=publication.changed_at
        if checkpoint is None
        else max(publication.changed_at, checkpoint.signed_at),
    )


def _graph(read: Reading) -> Shown | None:
    """Who says it and who took it over, as a picture made of the snapshot; there must be somebody to draw."""
    if read.retracted or not read.claim["assertions"]:
        return None
    return shown(graph_of(read))


def _page(request: HttpRequest, found: QuerySet[Publication]) -> tuple[Any, list[Reading]]:
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return page, [Reading(publication.version.snapshot) for publication in page if publication.version]


def _shown(page: Any) -> list[str]:
    return [f"{page.number} {page.paginator.count}", *(publication.version.sha256 for publication in page)]
