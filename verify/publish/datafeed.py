"""All ClaimReviews and MediaReviews of a site as one schema.org DataFeed, piece by piece. Pure.

Each item says when it was made and last changed. A check that was retracted stays as an item that was deleted, without
a review: whoever follows the feed learns that what they have of it does not stand any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """A published claim: its page, its moments (UTC), and what is offered of it."""

    page: str  # absolute address
    created_at: datetime  # first published
    modified_at: datetime  # of the version that stands
    retracted: bool
    reviews: tuple[Mapping[str, Any], ...] = ()  # a ClaimReview, if there is one, and MediaReviews


def datafeed(items: Iterable[Item], *, name: str, url: str, site: str) -> Iterator[str]:
    """The feed's JSON in pieces that together are one document; no item is held longer than it is written."""
    head = {
        "@context": "https://schema.org",
        "@type": "DataFeed",
        "name": name,
        "url": url,
        "publisher": {"@type": "Organization", "name": name, "url": site},
    }
    yield _json(head)[:-1] + ',"dataFeedElement":['
    comma = ""
    for item in items:
        for element in elements(item):
            yield comma + _json(element)
            comma = ",\n"
    yield "]}"


def elements(item: Item) -> list[Json]:
    """The DataFeedItems of a claim: one for each review, or one that says that it was retracted."""
    base = {
        "@type": "DataFeedItem",
        "url": item.page,
        "dateCreated": _moment(item.created_at),
        "dateModified": _moment(item.modified_at),
    }
    if item.retracted:
        return [base | {"dateDeleted": _moment(item.modified_at)}]
    return [base | {"url": review["url"], "item": dict(review)} for review in item.reviews]


def on_site(review: Mapping[str, Any], site: str) -> Json:
    """A ClaimReview with relative addresses (of a listing) as the world knows it at `site`."""
    author = {**review["author"], "url": site + review["author"]["url"]}
    return {**review, "url": site + review["url"], "author": author}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
