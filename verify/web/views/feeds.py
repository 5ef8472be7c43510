"""The same published versions for machines that follow a site: Atom feed, site map, robots.txt."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as render_sitemap
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from verify.pictures.png import png
from verify.publish import directory, reading
from verify.publish.models import Publication, VersionKind
from verify.publish.presenting import Reading
from verify.web.views.conditional import MAX_AGE, answer
from verify.web.views.site import absolute

FEED_SIZE = 50
NAMED = 10_000  # cases, and sources, in the site map: the newest

# XML 1.0 has no way to write these; one of them in a claim must not take the feed away from everybody.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Item:
    """A published claim as the feed shows it."""

    def __init__(self, publication: Publication, first: datetime) -> None:
        assert publication.version is not None
        self.publication, self.first = publication, first
        self.read = Reading(publication.version.snapshot)


class CleanAtomFeed(Atom1Feed):
    """Atom without the characters that XML 1.0 cannot hold."""

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **{name: _clean(value) for name, value in kwargs.items()})


def _clean(value: Any) -> Any:
    return _NOT_XML.sub("", value) if isinstance(value, str) else value


class ClaimFeed(Feed):
    """The newest published, corrected and retracted claims, with verdict and reasoning."""

    feed_type = CleanAtomFeed
    description_template = "verify/public/feed_item.html"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> list[Item]:
        publications: list[Publication] = kwargs["publications"]
        first = reading.first_published([publication.pk for publication in publications])
        return [Item(publication, first[publication.pk]) for publication in publications]

    def title(self, obj: list[Item]) -> str:
        return _("%(site)s: checked claims") % {"site": settings.SITE_NAME}

    def subtitle(self, obj: list[Item]) -> str:
        return _("Published, corrected and retracted claims, newest first.")

    def link(self, obj: list[Item]) -> str:
        return absolute(reverse("front"))

    def feed_url(self, obj: list[Item]) -> str:
        return absolute(reverse("claim-feed"))

    def feed_guid(self, obj: list[Item]) -> str:
        return absolute(reverse("claim-feed"))

    def items(self, obj: list[Item]) -> list[Item]:
        return obj

    def item_title(self, item: Item) -> str:
        read = item.read
        if read.retracted:
            title = _("Retracted: %(title)s") % {"title": read.title}
        elif read.verdict:
            title = _("%(verdict)s: %(title)s") % {"verdict": read.verdict["label"], "title": read.title}
        else:
            title = read.title
        return title

    def item_description(self, item: Item) -> str:
        raise NotImplementedError  # the template is the description

    def item_link(self, item: Item) -> str:
        return absolute(reverse("public-claim", args=[item.publication.pk]))

    def item_guid(self, item: Item) -> str:
        return f"urn:uuid:{item.publication.pk}"

    def item_pubdate(self, item: Item) -> datetime:
        return item.first

    def item_updateddate(self, item: Item) -> datetime:
        return item.read.published_at

    def item_author_name(self, item: Item) -> str:
        return item.read.desk["name"]

    def item_categories(self, item: Item) -> list[str]:
        return [item.read.verdict["code"]] if item.read.verdict else ["retracted"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"read": kwargs["item"].read}


@require_safe
def claim_feed(request: HttpRequest) -> HttpResponseBase:
    """The Atom feed (RFC 4287)."""
    publications = list(reading.published()[:FEED_SIZE])
    shows = [publication.version.sha256 for publication in publications if publication.version]
    return answer(request, lambda: ClaimFeed()(request, publications=publications), shows=shows)


class ClaimSitemap(Sitemap):
    """Every public claim that stands (retracted ones need not be found), after the pages that are always there."""

    limit = 10_000  # of the 50,000 that sitemaps.org allows

    def items(self) -> QuerySet[Publication]:
        standing = reading.published().exclude(version__kind=VersionKind.RETRACTED)
        return standing.defer("version__snapshot")

    def location(self, item: Publication) -> str:
        return reverse("public-claim", args=[item.pk])

    def lastmod(self, item: Publication) -> datetime:
        return item.changed_at

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_urls(
        self, page: int | str = 1, site: Any = None, protocol: str | None = None
    ) -> list[dict[str, Any]]:
        first = _always() if str(page) == "1" else []
        return first + super().get_urls(page, site, protocol)


def _always() -> list[dict[str, Any]]:
    """The pages that are always there, the cases and the sources that published claims name."""
    pages: list[dict[str, Any]] = [
        {"location": absolute(reverse(name))}
        for name in ("front", "public-case-list", "corrections", "methodology", "api-reference")
    ]
    cases = directory.cases_by_change().values_list("case", "changed")[:NAMED]
    for name, known in (("public-case", cases), ("public-source", directory.sources_by_change(NAMED))):
        pages += [
            {"location": absolute(reverse(name, args=[pk])), "lastmod": changed} for pk, changed in known
        ]
    return pages


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """The site map (sitemaps.org); `?p=` turns its pages, all of which robots.txt names."""
    response = render_sitemap(request, {"claims": ClaimSitemap()}, template_name="verify/public/sitemap.xml")
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may look at: every public page once, and what machines are meant to read.

    The API says the same again and has limits of its own; a search has no end of addresses that all lead to pages that
    the site map names.
    """
    lines = [
        "User-agent: *",
        "Disallow: /desk/",
        "Disallow: /api/",
        "Disallow: /search/",
        "Disallow: /sign-in/",
        "Disallow: /account/",
        "",
    ]
    for page in ClaimSitemap().paginator.page_range:
        lines.append(f"Sitemap: {absolute(reverse('sitemap'))}" + (f"?p={page}" if page > 1 else ""))
    response = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponseBase:
    """The site's mark for whoever asks for it at the old address and reads no SVG: a PNG, which they all take."""
    response = HttpResponse(_mark(), content_type="image/png")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@cache
def _mark() -> bytes:
    return png((settings.BASE_DIR / "static/img/favicon.svg").read_text(encoding="utf-8"))
