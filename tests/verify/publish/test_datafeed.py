"""The feed of all reviews: one JSON document in pieces."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from verify.publish.datafeed import Item, datafeed, elements, on_site

T1, T2 = datetime(2025, 3, 10, 8, tzinfo=UTC), datetime(2025, 3, 12, 9, tzinfo=UTC)
REVIEW = {"@type": "ClaimReview", "url": "https://desk.example/claims/1/"}
MEDIUM = {"@type": "MediaReview", "url": "https://desk.example/claims/1/#media-m1"}


def item(*reviews: dict[str, Any], retracted: bool = False) -> Item:
    page = "https://desk.example/claims/1/"
    return Item(page=page, created_at=T1, modified_at=T2, retracted=retracted, reviews=reviews)


def written(*items: Item) -> Any:
    pieces = datafeed(
        items, name="Verify", url="https://desk.example/claimreview.json", site="https://desk.example/"
    )
    return json.loads("".join(pieces))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_pieces_are_one_document(count):
    feed = written(*[item(REVIEW)] * count)
    assert feed["@type"] == "DataFeed" and len(feed["dataFeedElement"]) == count


def test_each_review_is_an_item_with_its_moments():
    first, second = written(item(REVIEW, MEDIUM))["dataFeedElement"]
    assert first["item"] == REVIEW and second["item"] == MEDIUM
    assert first["dateCreated"] == "2025-03-10T08:00:00Z" and first["dateModified"] == "2025-03-12T09:00:00Z"
    assert second["url"] == MEDIUM["url"] and "dateDeleted" not in first


def test_retracted_check_is_deleted_and_has_no_review():
    [told] = elements(item(REVIEW, retracted=True))
    assert told["dateDeleted"] == "2025-03-12T09:00:00Z" and "item" not in told
    assert told["url"] == "https://desk.example/claims/1/"


def test_check_without_a_review_is_no_item():
    assert elements(item()) == []


def test_items_are_taken_one_at_a_time():
    taken = []

    def many() -> Any:
        for number in range(1000):
            taken.append(number)
            yield item(REVIEW)

    pieces = datafeed(many(), name="x", url="x", site="x")
    next(pieces), next(pieces)
    assert len(taken) == 1


def test_relative_addresses_are_put_on_the_site():
    review = {"url": "/claims/1/", "author": {"name": "Desk", "url": "/"}}
    assert on_site(review, "https://desk.example") == {
        "url": "https://desk.example/claims/1/",
        "author": {"name": "Desk", "url": "https://desk.example/"},
    }
    assert review["url"] == "/claims/1/"
