"""The rated media of a published version as schema.org MediaReview. Pure.

schema.org's pending type MediaReview: `mediaAuthenticityCategory` is a member of MediaManipulationRatingEnumeration,
`itemReviewed` the medium with the address at which it was found (`contentUrl`) and where its archived copy is on record
(`archivedAt`), `originalMediaLink` the original of what was taken out of its context or altered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verify.publish.claimreview import web_address
from verify.publish.schemas import current

Json = dict[str, Any]

ITEMS = {"image": "ImageObject", "video": "VideoObject", "audio": "AudioObject"}


def media_reviews(snapshot: Mapping[str, Any], *, url: str, publisher_url: str) -> list[Json]:
    """A MediaReview for each medium that the snapshot (verify-version/1) at `url` rates, in its order.

    None of a retracted version: what it said is not offered any more. Each stands alone, with its own `@context`.
    """
    if snapshot.get("kind") == "retracted":
        return []
    claim = current(snapshot["claim"])
    return [_review(rating, claim, snapshot, url, publisher_url) for rating in claim["media"]]


def media_anchor(rating_id: str) -> str:
    """The fragment under which the public page shows a rating."""
    return f"media-{rating_id}"


def _review(
    rating: Mapping[str, Any], claim: Json, snapshot: Mapping[str, Any], url: str, publisher_url: str
) -> Json:
    review: Json = {
        "@context": "https://schema.org",
        "@type": "MediaReview",
        "url": f"{url}#{media_anchor(rating['id'])}",
        "datePublished": snapshot["published_at"][:10],
        "author": {"@type": "Organization", "name": snapshot["desk"]["name"], "url": publisher_url},
        "mediaAuthenticityCategory": rating["rating"],
        "originalMediaContextDescription": rating["context"],
        "itemReviewed": _item(rating, claim, url),
    }
    if original := web_address(rating["original_url"]):
        review["originalMediaLink"] = original
    return review


def _item(rating: Mapping[str, Any], claim: Json, url: str) -> Json:
    """A copy of the file itself gives its address; of a page that shows it, only the page's is known."""
    copy = rating["capture"]
    item: Json = {
        "@type": ITEMS[rating["media"]],
        "interpretedAsClaim": {"@type": "Claim", "text": claim["text"]},
    }
    if address := web_address(copy["url"]):
        item["contentUrl" if rating["is_file"] else "url"] = address
    if copy["entry"] is not None:
        item["archivedAt"] = f"{url}#copy-{copy['id']}"
    return item
