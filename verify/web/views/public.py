"""What readers see: pages made from the stored bytes of published versions, and nothing else."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sources.custody import services as custody
from verify.pictures.attribution import shown
from verify.pictures.drawing import Shown
from verify.publish import reading
from verify.publish.claimreview import in_script
from verify.publish.corrected import with_changes
from verify.publish.differences import Difference
from verify.publish.models import Methodology, Publication, Version, VersionKind
from verify.publish.presenting import Reading
from verify.publish.states import PublicationState
from verify.web.jsonld import graph_of_page
from verify.web.views.conditional import answer, stored
from verify.web.views.pictures import graph_of
from verify.web.views.public_ladder import ladder_of
from verify.web.views.public_lists import PAGE_SIZE
from verify.web.views.site import absolute

COMPARED = 10  # versions of which the page says what they changed: the newest


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
def corrections(request: HttpRequest) -> HttpResponseBase:
    """Every correction and retraction, newest first, with its reason and what it changed."""
    found: Any = reading.corrections()  # with `current`: which version stands now
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))

    def make() -> HttpResponse:
        context = {
            "page": page,
            "rows": [(one, Reading(one.snapshot), changed) for one, changed in with_changes(page)],
            "section": "corrections",
            "canonical": absolute(reverse("corrections")),
        }
        return render(request, "verify/public/corrections.html", context)

    shows = [page.number, page.paginator.count, *(f"{one.sha256} {one.current}" for one in page)]
    return answer(request, make, shows=shows)


def _publication(pk: UUID) -> Any:
    """With `offers`: whether its desk gives evidence packages to readers. Of the claim's own row nothing is read."""
    offering = Methodology.objects.filter(desk__claims=OuterRef("pk"), offers_packages=True)
    known = Publication.objects.exclude(state=PublicationState.UNPUBLISHED).select_related("version")
    return get_object_or_404(known.annotate(offers=Exists(offering)), pk=pk)


def _paused(request: HttpRequest) -> HttpResponse:
    response = render(request, "verify/public/paused.html", status=404)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _version_page(request: HttpRequest, publication: Any, one: Version) -> HttpResponseBase:
    current = publication.version
    assert current is not None
    versions = list(reading.versions_of(publication.pk).defer("snapshot"))
    checkpoint = reading.covering_checkpoint(one.entry_id)
    package = _package(publication, one)

    def make() -> HttpResponse:
        read = Reading(one.snapshot)
        url = absolute(reverse("public-claim", args=[publication.pk]))
        graph = graph_of_page(read.data, one, versions) if one == current else None
        _lead_to_sources(read)
        context = {
            "read": read,
            "graph": _graph(read),
            "ladder": None if read.retracted else ladder_of([read], read.title, in_page=True),
            "version": one,
            "current": current,
            "is_current": one == current,
            "withdrawn": current.kind == VersionKind.RETRACTED,
            "versions": versions,
            "changed": _changed(publication.pk, versions),
            "first": versions[-1],
            "checkpoint": checkpoint,
            "package": package,
            "publisher": read.desk,
            "canonical": url,
            "log_origin": read.data.get("log", settings.LOG_ORIGIN),
            "site": settings.SITE_URL,
            # Made safe by in_script: nothing in it can end the element.
            "jsonld": mark_safe(in_script(graph)) if graph else "",
        }
        return render(request, "verify/public/claim.html", context)

    shows = [one.sha256, current.sha256, publication.state, checkpoint.size if checkpoint else 0, package]
    return answer(
        request,
        make,
        shows=shows,
        at=publication.changed_at
        if checkpoint is None
        else max(publication.changed_at, checkpoint.signed_at),
    )


def _package(publication: Any, one: Version) -> str:
    """Where the evidence package is had; "" where the desk offers none, or none of this version."""
    if not publication.offers or one != publication.version or one.kind == VersionKind.RETRACTED:
        return ""
    try:
        return absolute(reverse("api-claim-package", args=[publication.pk]))
    except NoReverseMatch:
        return ""


def _changed(pk: UUID, versions: list[Version]) -> list[tuple[Version, list[Difference]]]:
    """The newest corrections and retractions with what each changed; what nobody corrected costs no query."""
    newest = [one.pk for one in versions if one.number > 1][:COMPARED]
    if not newest:
        return []
    return with_changes(reading.versions_of(pk).filter(pk__in=newest))


def _lead_to_sources(read: Reading) -> None:
    """Names in chains lead to the pages of their sources, where these have one."""
    for said in read.statements.values():
        for link in said["chain"]:
            if link["source"]:
                link["href"] = reverse("public-source", args=[link["source"]])


def _graph(read: Reading) -> Shown | None:
    """Who says it and who took it over, as a picture made of the snapshot; there must be somebody to draw."""
    if read.retracted or not read.claim["assertions"]:
        return None
    return shown(graph_of(read))
