"""The feed of all reviews, for those who gather them from many sites."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import BinaryField, Case, F, Func, IntegerField, OuterRef, Q, Subquery, Value, When
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from verify.publish.claimreview import claim_review
from verify.publish.datafeed import Item, datafeed, on_site
from verify.publish.mediareview import media_reviews
from verify.publish.models import Announcement, Publication, Version
from verify.publish.schemas import NEWEST
from verify.web.views.conditional import cached
from verify.web.views.site import absolute

MADE = (
    "1"  # raise when the same snapshots would give another feed: followers ask by the ETag that it is part of
)
AT_ONCE = 200  # claims that are held in memory


@require_safe
def claimreview_feed(request: HttpRequest) -> HttpResponseBase:
    """Everything that is public now as a schema.org DataFeed, the longest published first."""
    last = Announcement.objects.order_by("-number").first()
    # The mark of the last change names all that is public: nothing of it changes without another announcement.
    parts = [MADE, settings.SITE_URL, settings.SITE_NAME, str(last.mark if last else "")]
    etag = quote_etag(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32])
    response = cached(request, _stream, etag=etag, at=last.at if last else None)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _stream() -> HttpResponseBase:
    url, site = absolute(reverse("claimreview-feed")), absolute(reverse("front"))
    pieces = datafeed(_items(), name=settings.SITE_NAME, url=url, site=site)
    return StreamingHttpResponse(pieces, content_type="application/ld+json; charset=utf-8")


def _items() -> Iterator[Item]:
    for publication in _publications().iterator(chunk_size=AT_ONCE):
        yield _item(publication)


def _publications() -> Any:
    """What is public, with its snapshot only where more is wanted of it than its listing says."""
    # A snapshot is canonical JSON: these bytes can stand in it as the schema's name alone, never inside a string.
    named = Value(f'"schema":"{NEWEST}"'.encode(), output_field=BinaryField())
    rates_media = Func(
        named,
        F("version__snapshot"),
        function="position",
        arg_joiner=" in ",
        output_field=IntegerField(),
    )
    wanted = Q(listing__isnull=True) | Q(rates_media__gt=0)
    return (
        Publication.objects.public()
        .select_related("listing", "version")
        .defer("version__snapshot", "listing__words", "listing__summary", "listing__text")
        .annotate(rates_media=rates_media)
        .annotate(
            wanted=Case(When(wanted, then=F("version__snapshot")), default=None, output_field=BinaryField())
        )
        .annotate(first_at=_first_published())
        .order_by("first_at", "claim_id")
    )


def _first_published() -> Any:
    first = Version.objects.filter(claim=OuterRef("claim")).order_by("number")
    return Subquery(first.values("published_at")[:1])


def _item(publication: Any) -> Item:
    page, site = reverse("public-claim", args=[publication.pk]), reverse("front")
    snapshot = json.loads(bytes(publication.wanted)) if publication.wanted else None
    listing = getattr(publication, "listing", None)
    reviews: list[dict[str, Any]] = []
    if listing is None:
        assert snapshot is not None  # asked for where there is no listing
        if review := claim_review(snapshot, url=absolute(page), publisher_url=absolute(site)):
            reviews.append(review)
    elif listing.review:
        reviews.append(on_site(json.loads(listing.review), settings.SITE_URL))
    if snapshot is not None:
        reviews += media_reviews(snapshot, url=absolute(page), publisher_url=absolute(site))
    return Item(
        page=absolute(page),
        created_at=publication.first_at,
        modified_at=publication.version.published_at,
        retracted=publication.version.kind == "retracted",
        reviews=tuple(reviews),
    )
