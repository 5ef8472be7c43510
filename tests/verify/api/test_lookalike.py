"""`claims:search` as clients of Google's Fact Check Tools API know it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from verify.publish.models import Listing
from verify.publish.services import pause, retract

pytestmark = pytest.mark.django_db

URL = "/api/v1alpha1/claims:search"


def found(api, **asked):
    response = api.get(URL, asked)
    assert response.status_code == 200, response.content
    return response.json()


def texts(api, **asked):
    return [claim["text"] for claim in found(api, **asked).get("claims", [])]


def test_answer_has_the_shape_that_clients_know(api, published_claim, settings):
    (claim,) = found(api, query="monitoring group", key="AIza", alt="json")["claims"]
    assert set(claim) == {"text", "claimant", "claimReview"} | ({"claimDate"} & set(claim))
    assert claim["claimant"] == "Observatory"
    (review,) = claim["claimReview"]
    assert review == {
        "publisher": {"name": "Coast desk", "site": urlsplit(settings.SITE_URL).hostname},
        "url": f"{settings.SITE_URL}/claims/{published_claim.pk}/",
        "title": "About 745 dead",
        "reviewDate": review["reviewDate"],
        "textualRating": "Partly confirmed",
        "languageCode": "en",
    }


def test_nothing_found_is_an_empty_object(api, published_claim):
    assert found(api, query="zanzibar") == {}


@pytest.mark.parametrize("withdraw", [retract, pause])
def test_what_is_withdrawn_is_not_in_it(api, published_claim, bob, withdraw):
    withdraw(claim=published_claim, reason="r", by=bob, at=timezone.now())
    assert found(api, query="group") == {}


def test_pages_follow_their_tokens_and_offset_skips(api, make_published):
    for i in range(5):
        make_published(f"Claim {i} is published.")
    whole = texts(api, query="published", pageSize=100)
    assert len(whole) == 5
    first = found(api, query="published", pageSize=2)
    second = found(api, query="published", pageSize=2, pageToken=first["nextPageToken"])
    third = found(api, query="published", pageSize=2, pageToken=second["nextPageToken"])
    assert "nextPageToken" not in third
    assert [claim["text"] for page in (first, second, third) for claim in page["claims"]] == whole
    assert texts(api, query="published", offset=3) == whole[3:]
    assert found(api, query="published", offset=9) == {}


def test_language_age_and_publisher_are_filters(api, make_published, settings):
    make_published("نُشر هذا.", language="ar-SY")
    old = make_published("An old one.")
    Listing.objects.filter(pk=old.pk).update(published_at=timezone.now() - timedelta(days=9))
    site = urlsplit(settings.SITE_URL).hostname
    assert len(texts(api, reviewPublisherSiteFilter=site)) == 2
    assert texts(api, reviewPublisherSiteFilter="elsewhere.example") == []
    assert texts(api, reviewPublisherSiteFilter=site, languageCode="ar-EG") == ["نُشر هذا."]
    assert texts(api, query="old", maxAgeDays=8) == []
    assert texts(api, query="old", maxAgeDays=10) == ["An old one."]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"query": ""},
        {"query": "x", "pageSize": "many"},
        {"query": "x", "pageSize": "-1"},
        {"query": "x", "pageSize": str(2**80)},
        {"query": "x", "pageToken": "x"},
        {"query": "x", "offset": "-1"},
        {"query": "x", "maxAgeDays": "999999999"},
        {"query": "\x00"},
        {"query": "x" * 501},
        {"query": "x", "nonsense": "1"},
    ],
)
def test_errors_are_said_as_google_says_them(api, asked):
    response = api.get(URL, asked)
    error = response.json()["error"]
    assert (response.status_code, error["code"], error["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert response["Content-Type"] == "application/json" and error["message"]


def test_another_method_and_a_bad_token_are_errors_too(api):
    assert api.post(URL, {}).json()["error"]["code"] == 405
    api.credentials(HTTP_AUTHORIZATION="Bearer vfy_nobody")
    assert api.get(URL, {"query": "x"}).json()["error"]["status"] == "UNAUTHENTICATED"


def test_an_unchanged_answer_is_not_sent_again(api, published_claim):
    etag = api.get(URL, {"query": "group"})["ETag"]
    assert api.get(URL, {"query": "group"}, headers={"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize("number", [1, 3])
def test_search_costs_two_queries(api, make_published, number, django_assert_num_queries):
    for i in range(number):
        make_published(f"Claim {i} is published.")
    with django_assert_num_queries(2):
        assert len(texts(api, query="published")) == number
