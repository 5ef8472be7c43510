"""The shapes of `claims:search`: those of Google's Fact Check Tools API, v1alpha1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import serializers

PAGE_SIZE, MAX_PAGE_SIZE = 10, 100
# Known to every client of that API; here they change nothing.
IGNORED = frozenset(
    {"key", "alt", "prettyPrint", "fields", "quotaUser", "userIp", "callback", "access_token", "oauth_token"}
    | {"uploadType", "upload_protocol", "$.xgafv"}
)


class Search(serializers.Serializer[Any]):
    query = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="words")
    languageCode = serializers.CharField(
        required=False, allow_blank=True, max_length=35, help_text="BCP 47; the region is not considered"
    )
    reviewPublisherSiteFilter = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=200,
        help_text="host of a publisher; of any but this site's, none",
    )
    maxAgeDays = serializers.IntegerField(required=False, min_value=0, max_value=100_000)
    pageSize = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text=f"{PAGE_SIZE} if not given, at most {MAX_PAGE_SIZE}",
    )
    pageToken = serializers.CharField(
        required=False, allow_blank=True, max_length=600, help_text="from `nextPageToken`"
    )
    offset = serializers.IntegerField(
        required=False, min_value=0, max_value=100_000, help_text="results to skip; not with `pageToken`"
    )
    key = serializers.CharField(required=False, allow_blank=True, help_text="accepted and ignored")

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields) - IGNORED)
        if unknown:
            raise serializers.ValidationError({unknown[0]: [_("There is no such field here.")]})
        return super().to_internal_value(data)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given.get("query") and not given.get("reviewPublisherSiteFilter"):
            raise serializers.ValidationError(
                {"query": [_("Give words to look for, or a publisher's site.")]}
            )
        return given


class Publisher(serializers.Serializer[Any]):
    name = serializers.CharField()
    site = serializers.CharField()


class Review(serializers.Serializer[Any]):
    publisher = Publisher()
    url = serializers.URLField()
    title = serializers.CharField()
    reviewDate = serializers.DateTimeField()
    textualRating = serializers.CharField()
    languageCode = serializers.CharField()


class Reviewed(serializers.Serializer[Any]):
    text = serializers.CharField()
    claimant = serializers.CharField(required=False)
    claimDate = serializers.DateTimeField(required=False)
    claimReview = Review(many=True)


class Found(serializers.Serializer[Any]):
    claims = Reviewed(many=True, required=False, help_text="not there when nothing was found")
    nextPageToken = serializers.CharField(required=False)


class ErrorSaid(serializers.Serializer[Any]):
    code = serializers.IntegerField()
    message = serializers.CharField()
    status = serializers.CharField()


class Error(serializers.Serializer[Any]):
    """An error as Google's APIs say it."""

    error = ErrorSaid()


def site() -> str:
    """The host by which this site is known as a publisher."""
    return (urlsplit(settings.SITE_URL).hostname or "").removeprefix("www.")


def reviewed(row: Mapping[str, Any]) -> dict[str, Any]:
    """What Reviewed shows of a listing's summary and ClaimReview."""
    summary, review = json.loads(row["summary"]), json.loads(row["review"])
    of = review["itemReviewed"]
    claim: dict[str, Any] = {"text": summary["text"]}
    if "author" in of:
        claim["claimant"] = of["author"]["name"]
    if "datePublished" in of:
        claim["claimDate"] = f"{of['datePublished'][:10]}T00:00:00Z"
    claim["claimReview"] = [
        {
            "publisher": {"name": summary["desk"], "site": site()},
            "url": f"{settings.SITE_URL}{review['url']}",
            "title": summary["headline"] or review["claimReviewed"],
            "reviewDate": summary["published_at"],
            "textualRating": review["reviewRating"]["alternateName"],
            "languageCode": summary["language"].split("-")[0].lower(),
        }
    ]
    return claim
