"""What a check looks like elsewhere: a JSON feed, the picture of a shared link, a frame for other people's pages."""

from __future__ import annotations

import hashlib
import json
import xml.etree.ElementTree as ET
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from csp.decorators import csp_replace
from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import Resolver404, resolve, reverse
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import get_language, get_language_bidi, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from verify.pictures.card import HEIGHT, WIDTH, Card
from verify.pictures.card import card as drawn
from verify.pictures.drawing import is_rtl
from verify.publish import reading
from verify.publish.models import Publication
from verify.publish.presenting import Reading
from verify.web.views.conditional import MAX_AGE, answer
from verify.web.views.feeds import FEED_SIZE
from verify.web.views.public import absolute

FRAME_WIDTH, FRAME_HEIGHT = 600, 300  # CSS pixels; what is longer is scrolled inside
LEAST_SIDE = 200
CARD_SECONDS = 24 * 3600  # that a drawn picture is kept


@require_safe
def json_feed(request: HttpRequest) -> HttpResponseBase:
    """The newest published, corrected and retracted claims as JSON Feed 1.1 (jsonfeed.org)."""
    publications = list(reading.published()[:FEED_SIZE])
    first = reading.first_published([publication.pk for publication in publications])

    def make() -> HttpResponse:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": _("%(site)s: checked claims") % {"site": settings.SITE_NAME},
            "description": _("Published, corrected and retracted claims, newest first."),
            "home_page_url": absolute(reverse("front")),
            "feed_url": absolute(reverse("json-feed")),
            "language": get_language() or "en",
            "items": [_item(each, first[each.pk].isoformat()) for each in publications],
        }
        body = json.dumps(feed, ensure_ascii=False, separators=(",", ":"))
        return HttpResponse(body, content_type="application/feed+json; charset=utf-8")

    shows = [publication.version.sha256 for publication in publications if publication.version]
    response = answer(request, make, shows=["json", *shows])
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _item(publication: Publication, first: str) -> dict[str, Any]:
    read = _read(publication)
    text = [read.claim["text"], read.verdict["rationale"] if read.verdict else "", read.counted, read.reason]
    return {
        "id": f"urn:uuid:{publication.pk}",
        "url": absolute(reverse("public-claim", args=[publication.pk])),
        "title": f"{_standing(read)}: {read.title}",
        "content_text": "\n\n".join(part for part in text if part),
        "image": _card_address(read),
        "date_published": first,
        "date_modified": read.published_at.isoformat(),
        "language": read.language,
        "authors": [{"name": read.desk["name"]}],
        "tags": [read.verdict["code"] if read.verdict else "retracted"],
    }


@require_safe
def card(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """The picture that stands for a version where its link is shared: PNG, in the language of `?lang=`."""
    version = get_object_or_404(reading.versions_of(pk), number=number)
    language = request.GET.get("lang", "")
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE

    def make() -> HttpResponse:
        with override(language):
            shown, code = _card(Reading(version.snapshot))
        # Drawing costs a hundred times what serving does, and nobody has to sign in to ask for it.
        key = "card:" + hashlib.sha256(f"{code} {shown}".encode()).hexdigest()
        picture = cache.get(key)
        if picture is None:
            picture = drawn(shown, code=code)
            cache.set(key, picture, CARD_SECONDS)
        return HttpResponse(picture, content_type="image/png")

    shows = ["card", version.sha256, language]
    response = answer(request, make, shows=shows, at=version.published_at, varies=False)
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _card(read: Reading) -> tuple[Card, str]:
    code = "retracted" if read.retracted else read.verdict["code"] if read.verdict else ""
    return (
        Card(
            verdict=_standing(read),
            title=read.title,
            counted="" if read.retracted else read.counted,
            desk=read.desk["name"],
            date=date_format(read.published_at, "j F Y"),
            lang=(get_language() or "en").split("-")[0],
            dir="rtl" if get_language_bidi() else "ltr",
            words="rtl" if is_rtl(read.title) else "ltr",
        ),
        code,
    )


@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type] # it takes views with more than a request, too
@require_safe
def embed(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A check in a frame of somebody else's page, as it stands now: no script and no cookie."""
    publication = get_object_or_404(reading.published(), pk=pk)
    read = _read(publication)
    context = {
        "read": read,
        "page_url": absolute(reverse("public-claim", args=[pk])),
        "standing": _standing(read),
    }
    response = answer(
        request,
        lambda: render(request, "verify/public/embed.html", context),
        shows=["embed", read.id, publication.state, publication.changed_at],
        at=publication.changed_at,
    )
    response.xframe_options_exempt = True  # type: ignore[attr-defined] # what XFrameOptionsMiddleware looks for
    return response


@require_safe
def oembed(request: HttpRequest) -> HttpResponseBase:
    """oEmbed 1.0 (oembed.com): how to show the check at `url`, in JSON or XML."""
    form = request.GET.get("format", "json")
    if form not in ("json", "xml"):
        return HttpResponse(_("Only json and xml."), status=501, content_type="text/plain; charset=utf-8")
    publication = _asked(request.GET.get("url", ""))
    width = _bounded(request.GET.get("maxwidth"), FRAME_WIDTH)
    height = _bounded(request.GET.get("maxheight"), FRAME_HEIGHT)
    read = _read(publication)
    title = f"{_standing(read)}: {read.short_title}"
    source = absolute(reverse("public-embed", args=[publication.pk]))
    found = {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "author_name": read.desk["name"],
        "provider_name": settings.SITE_NAME,
        "provider_url": absolute(reverse("front")),
        "cache_age": MAX_AGE,
        "thumbnail_url": _card_address(read),
        "thumbnail_width": WIDTH,
        "thumbnail_height": HEIGHT,
        "width": width,
        "height": height,
        "html": (
            f'<iframe src="{escape(source)}" width="{width}" height="{height}" title="{escape(title)}"'
            ' style="border:1px solid #d3d8d5" loading="lazy"'
            ' sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>'
        ),
    }
    body, media_type = _written(found, form)
    response = answer(
        request,
        lambda: HttpResponse(body, content_type=media_type),
        shows=["oembed", body],
        at=publication.changed_at,
    )
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _written(found: dict[str, Any], form: str) -> tuple[str, str]:
    if form == "json":
        return json.dumps(found, ensure_ascii=False), "application/json"
    root = ET.Element("oembed")
    for name, value in found.items():
        # XML 1.0 cannot hold control characters; a claim that has one is shown without it.
        ET.SubElement(root, name).text = "".join(char for char in str(value) if char >= " " or char in "\n\t")
    declared = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'
    return declared + ET.tostring(root, encoding="unicode"), "text/xml; charset=utf-8"


def _asked(url: str) -> Publication:
    """The publication whose page is at `url`. Raises Http404 for what is no page of a check here."""
    try:
        given, own = urlsplit(url), urlsplit(settings.SITE_URL)
        match = resolve(given.path)
    except (ValueError, Resolver404):
        raise Http404 from None
    if given.netloc != own.netloc or match.url_name not in ("public-claim", "public-version", "public-embed"):
        raise Http404
    return get_object_or_404(reading.published(), pk=match.kwargs["pk"])


def _bounded(given: str | None, most: int) -> int:
    """A side of the frame in CSS pixels: at most what was asked for, and enough to be read."""
    if given and given.isascii() and given.isdecimal() and len(given) < 9:
        return max(LEAST_SIDE, min(most, int(given)))
    return most


def _standing(read: Reading) -> str:
    """What the desk says of it now, in a word or two."""
    if read.retracted:
        return _("Retracted")
    return str(read.verdict["label"]) if read.verdict else _("Checked")


def _card_address(read: Reading) -> str:
    language = (get_language() or settings.LANGUAGE_CODE).split("-")[0]
    return f"{absolute(reverse('public-card', args=[read.id, read.number]))}?lang={language}"


def _read(publication: Publication) -> Reading:
    assert publication.version is not None  # what is public has one
    return Reading(publication.version.snapshot)
