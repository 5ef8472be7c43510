"""Where else a document's words or copies are: other documents with nearly the same text, archives of others."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery

from sources.archive import alike, outside
from sources.archive.models import Capture, Memento, OutsideState, Text
from sources.catalog.models import Document

MOST_ALIKE = 20
REQUESTS_SHOWN = 6
SHAPES = {  # of components/shape.html
    OutsideState.QUEUED: "queued",
    OutsideState.WORKING: "fetching",
    OutsideState.DONE: "success",
    OutsideState.FAILED: "failed",
}


def also_in(text: Text) -> list[dict[str, Any]]:
    """Captures of other documents with nearly the same text, most alike first, one per document."""
    return [
        {"capture": other.capture, "percent": round(100 * share)}
        for other, share in alike.similar_texts(text, limit=MOST_ALIKE)
    ]


def looks_like(capture: Capture) -> list[Capture]:
    """Captures of other documents whose picture looks the same, most alike first."""
    return [other for other, _bits in alike.similar_pictures(capture, limit=MOST_ALIKE)]


def elsewhere(document: Document) -> dict[str, Any]:
    """What is known of copies in other archives: by service, and what was asked for; two queries.

    Without configured services nothing can be asked, but what was found before stays on show.
    """
    own = Memento.objects.filter(document=document, service=OuterRef("service"))
    found = (
        Memento.objects.filter(document=document)
        .order_by()
        .values("service")
        .annotate(
            count=Count("pk"),
            first=Min("at"),
            last=Max("at"),
            ours=Count("pk", filter=Q(is_ours=True)),
            first_url=Subquery(own.order_by("at", "id").values("url")[:1]),
            last_url=Subquery(own.order_by("-at", "-id").values("url")[:1]),
        )
        .order_by("service")
    )
    requests: list[Any] = list(document.outside_requests.select_related("requested_by")[:REQUESTS_SHOWN])
    for request in requests:
        request.shape = SHAPES[request.state]
    busy = any(request.state in (OutsideState.QUEUED, OutsideState.WORKING) for request in requests)
    services = outside.services()
    return {
        "services": services,
        "looks": any(service.looks_up for service in services),
        "copies": [service.name for service in services if service.copies],
        "found": list(found),
        "requests": requests,
        "busy": busy,
    }
