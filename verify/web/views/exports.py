"""A claim's content for machines: provenance (W3C PROV), annotations (W3C Web Annotation) and figures (CSV).

The desk gets them of the claim as it stands, readers of each published version. Both are made by the same functions,
from the content alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from claims.statements.models import Case, Claim
from verify.publish import annotations as web_annotations
from verify.publish import figures_csv, reading
from verify.publish.models import VersionKind
from verify.publish.provenance import prov_json
from verify.review.content import content_of, figures_of
from verify.web.mixins import DeskRequest, DeskView
from verify.web.views.conditional import stored

# PROV-JSON has no media type of its own: it is JSON, and RFC 6906 names what kind.
PROV_TYPE = "application/json"
PROV_LINK = '<https://www.w3.org/submissions/prov-json/>; rel="profile"'

Json = dict[str, Any]


class Export:
    """What is made of a version, or of a claim as it stands: bytes, media type, the end of the file's name."""

    def __init__(self, make: Callable[[Json, str, str], bytes], content_type: str, suffix: str) -> None:
        self.make, self.content_type, self.suffix = make, content_type, suffix


def _provenance(version: Json, url: str, page: str) -> bytes:
    return prov_json(version, base=settings.SITE_URL).encode()


def _annotations(version: Json, url: str, page: str) -> bytes:
    if not page:
        return _json(web_annotations.collection(version, base=settings.SITE_URL, url=url))
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 9 else 0
    found = web_annotations.page(version, base=settings.SITE_URL, url=url, number=number)
    if found is None:
        raise Http404(_("There is no such page of annotations."))
    return _json(found)


def _figures(version: Json, url: str, page: str) -> bytes:
    return figures_csv.figures_csv([version["claim"]])


PROVENANCE = Export(_provenance, PROV_TYPE, "provenance.json")
ANNOTATIONS = Export(_annotations, web_annotations.MEDIA_TYPE, "annotations.jsonld")
FIGURES = Export(_figures, figures_csv.MEDIA_TYPE, "figures.csv")


class ClaimExport(DeskView):
    """The claim as it stands on the desk, for its members."""

    section = "cases"
    export: Export

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponseBase:
        claim = self.load(Claim.objects.select_related("desk", "case"), pk=pk)
        desk = {"slug": claim.desk.slug, "name": claim.desk.name}
        draft = {"claim": content_of(claim), "desk": desk, "number": 0}
        url = f"{settings.SITE_URL}{request.path}"
        content = self.export.make(draft, url, request.GET.get("page", ""))
        return _own(request, content, self.export, f"claim-{pk}")


class ClaimProvenance(ClaimExport):
    export = PROVENANCE


class ClaimAnnotations(ClaimExport):
    export = ANNOTATIONS


class ClaimFigures(ClaimExport):
    export = FIGURES


class CaseFigures(DeskView):
    """The figures of all claims of a case in one table."""

    section = "cases"

    def get(self, request: DeskRequest, pk: UUID) -> HttpResponseBase:
        case = self.load(Case.objects.select_related("desk"), pk=pk)
        content = figures_csv.figures_csv(figures_of(case.claims.all()))
        return _own(request, content, FIGURES, f"case-{pk}")


@require_safe
def provenance(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """Where a published version comes from; of a retracted one too, since it says that it was."""
    return _public(request, pk, number, PROVENANCE)


@require_safe
def annotated(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """The quotes, places in files and evidence of a published version."""
    return _public(request, pk, number, ANNOTATIONS)


@require_safe
def figures(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """The figures of a published version."""
    return _public(request, pk, number, FIGURES)


@require_safe
def case_figures(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The figures of what is published of a case now; of what is retracted none."""
    found = [publication.version for publication in reading.found(reading.published(), case=pk)]
    if not found:
        raise Http404
    shown = [version for version in found if version and version.kind != VersionKind.RETRACTED]
    claims = [json.loads(bytes(version.snapshot))["claim"] for version in shown]
    return _open(request, figures_csv.figures_csv(claims), FIGURES, f"case-{pk}")


def _public(request: HttpRequest, pk: UUID, number: int, export: Export) -> HttpResponseBase:
    version = get_object_or_404(reading.versions_of(pk), number=number)
    # A retracted check shows neither quotes nor figures on its page: nothing hands them out as if they stood.
    if version.kind == VersionKind.RETRACTED and export is not PROVENANCE:
        raise Http404(_("This check was retracted. Its provenance says when and why."))
    url = f"{settings.SITE_URL}{request.path}"
    content = export.make(json.loads(bytes(version.snapshot)), url, request.GET.get("page", ""))
    response = _open(request, content, export, f"claim-{pk}-v{number}")
    page = f"{settings.SITE_URL}{reverse('public-version', args=[pk, number])}"
    response.headers["Link"] = ", ".join(
        filter(None, [response.headers.get("Link"), f'<{page}>; rel="describes"'])
    )
    return response


def _open(request: HttpRequest, content: bytes, export: Export, name: str) -> HttpResponseBase:
    """For anybody, from anywhere."""
    sha256 = hashlib.sha256(content).hexdigest()
    response = stored(request, content, content_type=export.content_type, sha256=sha256)
    return _named(response, export, name)


def _own(request: HttpRequest, content: bytes, export: Export, name: str) -> HttpResponseBase:
    """For members of the desk: 304 if they have it, and nothing between them and us may keep it."""
    etag = quote_etag(hashlib.sha256(content).hexdigest())
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        content, content_type=export.content_type
    )
    response.headers["ETag"] = etag
    response.headers["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, private=True, no_cache=True)
    return _named(response, export, name)


def _named(response: Any, export: Export, name: str) -> HttpResponseBase:
    """A table is saved; JSON may be looked at in the browser. Either has a name for whoever saves it."""
    how = "attachment" if export is FIGURES else "inline"
    response.headers["Content-Disposition"] = f'{how}; filename="{name}-{export.suffix}"'
    if export is PROVENANCE:
        response.headers["Link"] = PROV_LINK
    named: HttpResponseBase = response
    return named


def _json(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
