"""Whether a page's markup keeps the rules of those who read it: a sentence for each fault.

Two readers are asked. Google's rules for fact checks say what must and what should be there (an error keeps the check
out of the results, a warning makes it poorer). The reporters' schema rules which keys stand at the root of a
ClaimReview and of what type they are; it is our reading of it (docs/reference/markup.md). Nothing but the markup is
looked at; of Django only the translations are used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from verify.publish.claimreview import CLAIM_LIMIT

Json = Mapping[str, Any]

GOOGLE, REPORTERS, SCHEMA_ORG = "google", "reporters", "schema.org"
ERROR, WARNING = "error", "warning"

ROOT = (
    "@context",
    "@type",
    "datePublished",
    "url",
    "author",
    "claimReviewed",
    "reviewRating",
    "itemReviewed",
)
CONTEXTS = ("https://schema.org", "http://schema.org", "https://schema.org/", "http://schema.org/")
NUMBERS = ("ratingValue", "bestRating", "worstRating")
MANIPULATIONS = (
    "OriginalMediaContent",
    "DecontextualizedContent",
    "EditedOrCroppedContent",
    "TransformedContent",
    "StagedContent",
    "SatireOrParodyContent",
    "MissingContext",
)
MEDIA = ("ImageObject", "VideoObject", "AudioObject")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Fault:
    """One rule that is not kept. `level` is "error" or "warning"; `rules` says whose it is."""

    level: str
    rules: str
    key: str  # which part of the markup, as a path of keys
    sentence: str


def page_faults(graph: Json, *, site: str) -> list[Fault]:
    """What is wrong with a page's whole markup, of which the address must be on `site` (scheme and host)."""
    nodes = graph.get("@graph", [graph])
    reviews = [node for node in nodes if node.get("@type") == "ClaimReview"]
    found = [fault for review in reviews for fault in claim_review_faults(review, site=site)]
    if len(reviews) > 1:
        found.append(Fault(ERROR, GOOGLE, "ClaimReview", _("A page carries one ClaimReview, not several.")))
    for node in nodes:
        if node.get("@type") == "MediaReview":
            found += media_review_faults(node, site=site)
    return found


def claim_review_faults(review: Json, *, site: str = "") -> list[Fault]:
    """What is wrong with a ClaimReview; nothing when both readers take it. `site` is not looked at when empty."""
    return [
        *_google_root(review),
        *_address(review.get("url"), site),
        *_google_rating(review),
        *_google_author(review.get("author")),
        *_google_item(review.get("itemReviewed")),
        *_reporters(review),
    ]


def media_review_faults(review: Json, *, site: str = "") -> list[Fault]:
    """What is wrong with a MediaReview by schema.org's definition of it."""
    found = list(_address(review.get("url"), site))
    if review.get("mediaAuthenticityCategory") not in MANIPULATIONS:
        sentence = _("mediaAuthenticityCategory is none of the categories that schema.org knows.")
        found.append(Fault(ERROR, SCHEMA_ORG, "mediaAuthenticityCategory", sentence))
    if not _is_text(review.get("originalMediaContextDescription")):
        sentence = _("The original context is not described.")
        found.append(Fault(WARNING, SCHEMA_ORG, "originalMediaContextDescription", sentence))
    item = review.get("itemReviewed")
    if not isinstance(item, Mapping) or item.get("@type") not in MEDIA:
        sentence = _("itemReviewed is no picture, film or recording.")
        found.append(Fault(ERROR, SCHEMA_ORG, "itemReviewed", sentence))
    elif not _is_web(item.get("contentUrl")):
        sentence = _("The address of the medium itself is not known: only a page that shows it was archived.")
        found.append(Fault(WARNING, SCHEMA_ORG, "itemReviewed.contentUrl", sentence))
    return found


# --- Google's rules -------------------------------------------------------------------------------------------------


def _google_root(review: Json) -> Iterator[Fault]:
    if review.get("@context") not in CONTEXTS or review.get("@type") != "ClaimReview":
        yield Fault(ERROR, GOOGLE, "@type", _("It is not marked as a ClaimReview of schema.org."))
    claim = review.get("claimReviewed")
    if not _is_text(claim):
        yield Fault(ERROR, GOOGLE, "claimReviewed", _("The claim is missing (claimReviewed)."))
    elif len(str(claim)) > CLAIM_LIMIT:
        sentence = _("The claim is longer than %(limit)s characters and will be cut; give it a headline.")
        yield Fault(WARNING, GOOGLE, "claimReviewed", sentence % {"limit": CLAIM_LIMIT})
    elif _names_rating(str(claim), review.get("reviewRating")):
        sentence = _(
            "The claim names the verdict; it must say what was claimed, and nothing of how it was judged."
        )
        yield Fault(WARNING, GOOGLE, "claimReviewed", sentence)
    if not _is_date(review.get("datePublished")):
        sentence = _("The day of publication is missing or no date (datePublished).")
        yield Fault(WARNING, GOOGLE, "datePublished", sentence)


def _names_rating(claim: str, rating: Any) -> bool:
    word = rating.get("alternateName") if isinstance(rating, Mapping) else None
    return (
        _is_text(word)
        and re.search(rf"(?<!\w){re.escape(str(word))}(?!\w)", claim, re.IGNORECASE) is not None
    )


def _address(url: Any, site: str) -> Iterator[Fault]:
    if not _is_web(url):
        yield Fault(ERROR, GOOGLE, "url", _("The address of the page is missing or no web address (url)."))
    elif site and _origin(url) != _origin(site):
        yield Fault(ERROR, GOOGLE, "url", _("The address of the page is not on this site (url)."))


def _google_rating(review: Json) -> Iterator[Fault]:
    rating = review.get("reviewRating")
    if not isinstance(rating, Mapping) or rating.get("@type") != "Rating":
        yield Fault(ERROR, GOOGLE, "reviewRating", _("The rating is missing (reviewRating)."))
        return
    if not _is_text(rating.get("alternateName")):
        sentence = _("The verdict has no word (reviewRating.alternateName).")
        yield Fault(ERROR, GOOGLE, "reviewRating.alternateName", sentence)
    given = [name for name in NUMBERS if name in rating]
    if not given:
        sentence = _("The verdict has no number: the desk’s scale has fewer than two steps.")
        yield Fault(WARNING, GOOGLE, "reviewRating.ratingValue", sentence)
        return
    value, best, worst = (_as_number(rating.get(name)) for name in NUMBERS)
    if value is None or best is None or worst is None:
        sentence = _("ratingValue, bestRating and worstRating are all numbers, or none of them is given.")
        yield Fault(ERROR, GOOGLE, "reviewRating", sentence)
    elif not best > worst >= 1:
        sentence = _("bestRating must be greater than worstRating, and worstRating at least 1.")
        yield Fault(ERROR, GOOGLE, "reviewRating", sentence)
    elif not worst <= value <= best:
        sentence = _("ratingValue lies outside the scale.")
        yield Fault(ERROR, GOOGLE, "reviewRating.ratingValue", sentence)


def _google_author(author: Any) -> Iterator[Fault]:
    if not isinstance(author, Mapping) or not _is_text(author.get("name")):
        yield Fault(WARNING, GOOGLE, "author", _("Nobody is named as the author of the check (author.name)."))
    elif not _is_web(author.get("url")):
        yield Fault(
            WARNING, GOOGLE, "author.url", _("The author of the check has no web address (author.url).")
        )


def _google_item(item: Any) -> Iterator[Fault]:
    if not isinstance(item, Mapping) or item.get("@type") != "Claim":
        sentence = _("What was checked is not marked as a Claim (itemReviewed).")
        yield Fault(WARNING, GOOGLE, "itemReviewed", sentence)
        return
    author = item.get("author")
    if not isinstance(author, Mapping) or not _is_text(author.get("name")):
        sentence = _("Nobody is named as having made the claim (itemReviewed.author).")
        yield Fault(WARNING, GOOGLE, "itemReviewed.author", sentence)
    if "datePublished" in item and not _is_date(item["datePublished"]):
        sentence = _("The day on which the claim was made is no date (itemReviewed.datePublished).")
        yield Fault(WARNING, GOOGLE, "itemReviewed.datePublished", sentence)
    if not item.get("appearance") and not item.get("firstAppearance"):
        sentence = _("No place is given where the claim was made (itemReviewed.appearance).")
        yield Fault(WARNING, GOOGLE, "itemReviewed.appearance", sentence)


# --- The reporters' schema ------------------------------------------------------------------------------------------


def _reporters(review: Json) -> Iterator[Fault]:
    for key in sorted(review.keys() - set(ROOT)):
        sentence = _("“%(key)s” may not stand in a ClaimReview; it belongs into a node of its own.") % {
            "key": key
        }
        yield Fault(ERROR, REPORTERS, key, sentence)
    for key in ROOT:
        if key not in review:
            sentence = _("“%(key)s” is missing.") % {"key": key}
            yield Fault(ERROR, REPORTERS, key, sentence)
    rating = review.get("reviewRating")
    if not isinstance(rating, Mapping):
        return
    for name in NUMBERS:
        if name in rating and not isinstance(rating[name], str):
            sentence = _("%(name)s must be written as a string.") % {"name": name}
            yield Fault(ERROR, REPORTERS, f"reviewRating.{name}", sentence)


# --- Kinds of values ------------------------------------------------------------------------------------------------


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_date(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    for read in (date.fromisoformat, datetime.fromisoformat):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False


def _is_web(value: Any) -> bool:
    return isinstance(value, str) and all(_origin(value))


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return (parts.scheme, parts.netloc.lower()) if parts.scheme in ("http", "https") else ("", "")


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return float(value) if _NUMBER.fullmatch(str(value)) else None


def worst(faults: Sequence[Fault]) -> str:
    """The level of the worst of them: "error", "warning", or "success" for none."""
    levels = {fault.level for fault in faults}
    return ERROR if ERROR in levels else WARNING if WARNING in levels else "success"
