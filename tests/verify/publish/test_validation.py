"""Validation: a good review has no fault, and each kind of bad one has its own sentence."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from verify.publish.validation import (
    claim_review_faults,
    media_review_faults,
    page_faults,
    worst,
)

SITE = "https://desk.example"
GOOD: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "datePublished": "2025-03-12",
    "url": f"{SITE}/claims/1/",
    "author": {"@type": "Organization", "name": "Coast desk", "url": f"{SITE}/"},
    "claimReviewed": "About 745 dead",
    "reviewRating": {
        "@type": "Rating",
        "alternateName": "Partly confirmed",
        "ratingValue": "5",
        "bestRating": "6",
        "worstRating": "1",
    },
    "itemReviewed": {
        "@type": "Claim",
        "author": {"@type": "Organization", "name": "Observatory"},
        "appearance": [{"@type": "CreativeWork", "url": "https://wire.example/1"}],
    },
}
MEDIUM: dict[str, Any] = {
    "@type": "MediaReview",
    "url": f"{SITE}/claims/1/#media-1",
    "mediaAuthenticityCategory": "DecontextualizedContent",
    "originalMediaContextDescription": "Filmed in 2013.",
    "itemReviewed": {"@type": "VideoObject", "contentUrl": "https://wire.example/film.mp4"},
}


def changed(good: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy in which the value at `path` is another one; Ellipsis takes the key away."""
    review = deepcopy(good)
    *parents, key = path.split(".")
    place = review
    for parent in parents:
        place = place[parent]
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return review


def test_good_review_has_no_fault():
    assert claim_review_faults(GOOD, site=SITE) == []
    assert media_review_faults(MEDIUM, site=SITE) == []
    assert worst([]) == "success"


@pytest.mark.parametrize(
    ("path", "value", "level", "rules", "key"),
    [
        ("@type", "Review", "error", "google", "@type"),
        ("@context", "https://example.org", "error", "google", "@type"),
        ("claimReviewed", "", "error", "google", "claimReviewed"),
        ("claimReviewed", ["a"], "error", "google", "claimReviewed"),
        ("claimReviewed", "x" * 75, "warning", "google", "claimReviewed"),
        ("claimReviewed", "Partly confirmed: 745 dead", "warning", "google", "claimReviewed"),
        ("datePublished", "yesterday", "warning", "google", "datePublished"),
        ("url", "/claims/1/", "error", "google", "url"),
        ("url", "javascript:alert(1)", "error", "google", "url"),
        ("url", "https://[x/", "error", "google", "url"),
        ("url", "https://other.example/claims/1/", "error", "google", "url"),
        ("url", "http://desk.example/claims/1/", "error", "google", "url"),
        ("reviewRating", "Confirmed", "error", "google", "reviewRating"),
        ("reviewRating.alternateName", " ", "error", "google", "reviewRating.alternateName"),
        ("reviewRating.bestRating", ..., "error", "google", "reviewRating"),
        ("reviewRating.bestRating", "1", "error", "google", "reviewRating"),
        ("reviewRating.worstRating", "0", "error", "google", "reviewRating"),
        ("reviewRating.ratingValue", "7", "error", "google", "reviewRating.ratingValue"),
        ("reviewRating.ratingValue", "high", "error", "google", "reviewRating"),
        ("reviewRating.ratingValue", 5, "error", "reporters", "reviewRating.ratingValue"),
        ("author", "Coast desk", "warning", "google", "author"),
        ("author.url", "desk.example", "warning", "google", "author.url"),
        ("itemReviewed.@type", "CreativeWork", "warning", "google", "itemReviewed"),
        ("itemReviewed.author", ..., "warning", "google", "itemReviewed.author"),
        ("itemReviewed.datePublished", "in March", "warning", "google", "itemReviewed.datePublished"),
        ("itemReviewed.appearance", ..., "warning", "google", "itemReviewed.appearance"),
        ("citation", "https://wire.example/1", "error", "reporters", "citation"),
        ("@id", "#review", "error", "reporters", "@id"),
    ],
)
def test_each_fault_has_its_sentence(path, value, level, rules, key):
    faults = claim_review_faults(changed(GOOD, path, value), site=SITE)
    assert [(fault.level, fault.rules, fault.key) for fault in faults] == [(level, rules, key)]
    assert faults[0].sentence.endswith(".") and worst(faults) == level


@pytest.mark.parametrize("key", list(GOOD))
def test_whatever_is_missing_at_the_root_is_named(key):
    faults = claim_review_faults(changed(GOOD, key, ...), site=SITE)
    assert ("error", "reporters", key) in [(fault.level, fault.rules, fault.key) for fault in faults]


def test_scale_of_one_step_is_a_warning():
    review = changed(GOOD, "reviewRating", {"@type": "Rating", "alternateName": "Confirmed"})
    assert [(fault.level, fault.key) for fault in claim_review_faults(review)] == [
        ("warning", "reviewRating.ratingValue")
    ]


@pytest.mark.parametrize("junk", [None, 1, [], " ", {"@type": []}, {"name": {"en": "x"}}, True])
@pytest.mark.parametrize("key", list(GOOD))
def test_junk_is_a_fault_and_no_crash(key, junk):
    assert claim_review_faults(changed(GOOD, key, junk), site=SITE)


@pytest.mark.parametrize(
    ("path", "value", "level"),
    [
        ("url", "", "error"),
        ("mediaAuthenticityCategory", "Fake", "error"),
        ("mediaAuthenticityCategory", ..., "error"),
        ("originalMediaContextDescription", "", "warning"),
        ("itemReviewed", {"@type": "Claim"}, "error"),
        ("itemReviewed.contentUrl", ..., "warning"),
    ],
)
def test_faults_of_a_media_review(path, value, level):
    assert [fault.level for fault in media_review_faults(changed(MEDIUM, path, value), site=SITE)] == [level]


def test_page_has_one_claim_review():
    graph = {
        "@graph": [GOOD, GOOD, changed(MEDIUM, "mediaAuthenticityCategory", "Fake"), {"@type": "WebPage"}]
    }
    found = page_faults(graph, site=SITE)
    assert sorted(fault.key for fault in found) == ["ClaimReview", "mediaAuthenticityCategory"]
    assert page_faults({"@graph": [GOOD, MEDIUM]}, site=SITE) == page_faults(GOOD, site=SITE) == []
