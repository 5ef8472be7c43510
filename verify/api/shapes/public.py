"""The shapes of what is published: claims, versions, and what a claim's snapshot holds."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from verify.api.shapes.base import Paging, absolute
from verify.publish.models import Publication, Version, VersionKind
from verify.publish.presenting import Reading
from verify.publish.states import SHOWN, PublicationState

SHOWN_STATES = [(state.value, state.label) for state in PublicationState if state in SHOWN]


class ClaimFilters(Paging):
    q = serializers.CharField(required=False, max_length=200, help_text="words in the claim or its headline")
    verdict = serializers.SlugField(required=False, max_length=30, help_text="code of the desk's scale")
    case = serializers.UUIDField(required=False)
    updated_since = serializers.DateTimeField(required=False, help_text="changed at or after this moment")


class Case(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()


class Labels(serializers.Serializer[Any]):
    en = serializers.CharField()
    ar = serializers.CharField(allow_blank=True)


class Verdict(serializers.Serializer[Any]):
    code = serializers.CharField()
    value = serializers.IntegerField()
    best = serializers.IntegerField()
    worst = serializers.IntegerField()
    labels = Labels()


class Origins(serializers.Serializer[Any]):
    outlets = serializers.IntegerField(help_text="that carried it; they do not count as origins")
    origins = serializers.IntegerField(help_text="independent of each other")
    party_origins = serializers.IntegerField(help_text="of them parties to the conflict")
    origins_for = serializers.IntegerField()
    origins_against = serializers.IntegerField()


class ClaimLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField(help_text="for people")
    versions = serializers.URLField()
    snapshot = serializers.URLField(help_text="the stored bytes of the current version")
    entry = serializers.URLField(help_text="the log entry's bytes")
    proof = serializers.URLField(help_text="inclusion proof; 404 until the log is signed next")


class ClaimSummary(serializers.Serializer[Any]):
    """A published claim, in short."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=SHOWN_STATES)
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="of the snapshot")
    published_at = serializers.DateTimeField(help_text="of this version")
    desk = serializers.CharField()
    headline = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    language = serializers.CharField(help_text="BCP 47")
    case = Case(allow_null=True)
    verdict = Verdict(allow_null=True, help_text="null for a retracted claim")
    origins = Origins()
    links = ClaimLinks()


class ClaimDetail(ClaimSummary):
    """A published claim with everything that was published about it."""

    snapshot = serializers.DictField(
        help_text="schema verify-version/1: claim, assertions, quotes, evidence, figures"
    )


class VersionLinks(serializers.Serializer[Any]):
    self = serializers.URLField(help_text="the stored bytes")
    page = serializers.URLField()
    entry = serializers.URLField()
    proof = serializers.URLField()


class VersionOut(serializers.Serializer[Any]):
    """One immutable version."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=VersionKind.choices)
    reason = serializers.CharField(allow_blank=True, help_text="public reason of a correction or retraction")
    published_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="of the snapshot")
    content_sha256 = serializers.CharField(help_text="of the content that the reviewers approved")
    entry = serializers.IntegerField(help_text="index in the log")
    links = VersionLinks()


def summary(publication: Publication) -> dict[str, Any]:
    """What ClaimSummary and ClaimDetail show of a publication with its version."""
    version = publication.version
    assert version is not None
    read = Reading(version.snapshot)
    place = (publication.pk, version.number)
    return {
        "id": publication.pk,
        "state": publication.state,
        "updated_at": publication.changed_at,
        "version": version.number,
        "sha256": version.sha256,
        "published_at": version.published_at,
        "desk": read.desk["name"],
        "headline": read.claim["headline"],
        "text": read.claim["text"],
        "language": read.language,
        "case": read.case,
        "verdict": read.verdict,
        "origins": read.counts,
        "snapshot": read.data,
        "links": {
            "self": absolute("api-claim", publication.pk),
            "page": absolute("public-claim", publication.pk),
            "versions": absolute("api-versions", publication.pk),
            "snapshot": absolute("api-version", *place),
            "entry": absolute("public-entry", *place),
            "proof": absolute("public-proof", *place),
        },
    }


def version_facts(version: Version) -> dict[str, Any]:
    """What VersionOut shows."""
    place = (version.claim_id, version.number)
    return {
        "number": version.number,
        "kind": version.kind,
        "reason": version.reason,
        "published_at": version.published_at,
        "sha256": version.sha256,
        "content_sha256": version.content_digest,
        "entry": version.entry_id,
        "links": {
            "self": absolute("api-version", *place),
            "page": absolute("public-version", *place),
            "entry": absolute("public-entry", *place),
            "proof": absolute("public-proof", *place),
        },
    }
