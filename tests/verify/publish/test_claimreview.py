"""ClaimReview against a schema written from the rules that publishers must keep."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest

from tests.verify.publish.duke_schema import assert_keeps_the_rules
from verify.publish.claimreview import CLAIM_LIMIT, claim_review, in_script, shortened, web_address

URL = "https://desk.example/claims/1/"


def said(speaker: str, **fields: Any) -> dict[str, Any]:
    return {
        "speaker": {"name": speaker, "kind": "organisation"},
        "polarity": "affirms",
        "said_at": None,
        "derives_from": None,
        "document": None,
    } | fields


def document(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "url": f"https://wire.example/{number}",
        "title": "",
        "published_at": None,
    } | fields


@pytest.fixture
def snapshot() -> dict[str, Any]:
    return {
        "kind": "published",
        "published_at": "2025-03-12T09:30:00.000000Z",
        "desk": {"slug": "coast", "name": "Coast desk"},
        "claim": {
            "headline": "About 745 dead",
            "text": "The monitoring group put the civilian dead at about 745.",
            "language": "en",
            "assertions": [
                said(
                    "Broadcaster",
                    said_at="2025-03-09T10:00:00.000000Z",
                    derives_from="x",
                    document=document(2, title="Relay", published_at="2025-03-09T11:00:00.000000Z"),
                ),
                said(
                    "Observatory",
                    said_at="2025-03-09T08:00:00.000000Z",
                    document=document(1, published_at="2025-03-09T08:30:00.000000Z"),
                ),
            ],
            "verdict": {
                "code": "partly-confirmed",
                "value": 5,
                "best": 6,
                "worst": 1,
                "labels": {"en": "Partly confirmed", "ar": "مؤكَّد جزئيًا"},
            },
        },
    }


def review_of(snapshot: dict[str, Any]) -> dict[str, Any]:
    review = claim_review(snapshot, url=URL, publisher_url="https://desk.example/")
    assert review is not None
    assert_keeps_the_rules(review)
    return review


def test_review_names_the_claimant_and_where_it_appeared_first(snapshot):
    review = review_of(snapshot)
    assert review["claimReviewed"] == "About 745 dead"
    assert review["reviewRating"]["ratingValue"] == "5"
    assert review["itemReviewed"]["author"] == {"@type": "Organization", "name": "Observatory"}
    assert review["itemReviewed"]["firstAppearance"]["url"] == "https://wire.example/1"
    assert [work["url"][-1] for work in review["itemReviewed"]["appearance"]] == ["1", "2"]


def test_review_of_arabic_claim_has_the_arabic_word(snapshot):
    snapshot["claim"]["language"] = "ar-SY"
    assert review_of(snapshot)["reviewRating"]["alternateName"] == "مؤكَّد جزئيًا"


def test_word_falls_back_to_english(snapshot):
    snapshot["claim"]["language"] = "ar"
    snapshot["claim"]["verdict"]["labels"]["ar"] = ""
    assert review_of(snapshot)["reviewRating"]["alternateName"] == "Partly confirmed"


@pytest.mark.parametrize(
    "scale", [{"best": 5, "worst": 5}, {"best": None, "worst": None}, {"best": 3, "worst": 0}]
)
def test_scale_that_is_none_gives_no_numbers(snapshot, scale):
    snapshot["claim"]["verdict"] |= scale
    assert set(review_of(snapshot)["reviewRating"]) == {"@type", "alternateName"}


def test_denials_are_no_appearance_of_the_claim(snapshot):
    denial = said("Ministry", polarity="denies", said_at="2025-03-01T00:00:00.000000Z", document=document(9))
    snapshot["claim"]["assertions"] = [denial]
    assert review_of(snapshot)["itemReviewed"] == {"@type": "Claim"}


def test_person_is_a_person(snapshot):
    snapshot["claim"]["assertions"][1]["speaker"] = {"name": "Witness A", "kind": "protected-person"}
    assert review_of(snapshot)["itemReviewed"]["author"] == {"@type": "Person", "name": "Witness A"}


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "", "//x.example/", "http:///x", "data:text/html,x", "http://[x"]
)
def test_other_addresses_are_no_appearance(snapshot, url):
    assert web_address(url) is None
    for assertion in snapshot["claim"]["assertions"]:
        assertion["document"]["url"] = url
    assert "appearance" not in review_of(snapshot)["itemReviewed"]


def test_retracted_or_unjudged_is_no_review(snapshot):
    retracted = deepcopy(snapshot) | {"kind": "retracted"}
    assert claim_review(retracted, url=URL, publisher_url=URL) is None
    snapshot["claim"]["verdict"] = None
    assert claim_review(snapshot, url=URL, publisher_url=URL) is None


def test_long_claim_is_cut_between_words(snapshot):
    snapshot["claim"] |= {"headline": "", "text": "The group counted many " * 9}
    reviewed = review_of(snapshot)["claimReviewed"]
    assert len(reviewed) <= CLAIM_LIMIT
    assert reviewed[-1] == "…"
    assert set(reviewed[:-1].split()) == {"The", "group", "counted", "many"}


@pytest.mark.parametrize("length", [1, 73, 74, 75, 500])
def test_word_without_spaces_is_cut_too(length):
    cut = shortened("x" * length)
    assert len(cut) == min(length, CLAIM_LIMIT)
    assert cut.endswith("…") == (length > CLAIM_LIMIT)


@pytest.mark.parametrize(
    "attack", ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "a\u2028b", "&lt;/script&gt;"]
)
def test_nothing_in_a_claim_ends_the_script_element(snapshot, attack):
    snapshot["claim"]["headline"] = attack
    written = in_script(review_of(snapshot))
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written)["claimReviewed"] == " ".join(attack.split())
