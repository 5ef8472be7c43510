"""The shapes of what goes in and out. What is unknown is refused, never ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import serializers

from sources.archive.models import Capture, CaptureKind, CaptureMode
from sources.archive.states import CaptureState
from verify.publish.models import Publication, Version, VersionKind
from verify.publish.presenting import Reading
from verify.publish.states import SHOWN, PublicationState

SHOWN_STATES = [(state.value, state.label) for state in PublicationState if state in SHOWN]
_REPORTED = 10  # unknown fields named in one answer


def absolute(name: str, *args: Any) -> str:
    """The public address of a named URL."""
    return f"{settings.SITE_URL}{reverse(name, args=args)}"


class Strict(serializers.Serializer[Any]):
    """Input in which a field that is not known is an error of that name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(data) - set(self.fields))[:_REPORTED]
            if unknown:
                raise serializers.ValidationError(
                    {name: [_("There is no such field here.")] for name in unknown}
                )
        return super().to_internal_value(data)


# --- What goes in ---------------------------------------------------------------------------------------------------


class Paging(Strict):
    cursor = serializers.CharField(
        required=False, help_text="from `next` or `previous`; not to be made or read"
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=100, help_text="25 if not given"
    )


class ClaimFilters(Paging):
    q = serializers.CharField(required=False, max_length=200, help_text="words in the claim or its headline")
    verdict = serializers.SlugField(required=False, max_length=30, help_text="code of the desk's scale")
    case = serializers.UUIDField(required=False)
    updated_since = serializers.DateTimeField(required=False, help_text="changed at or after this moment")


class CaptureFilters(Paging):
    state = serializers.ChoiceField(choices=CaptureState.choices, required=False)
    document = serializers.UUIDField(required=False)


class CaptureRequest(Strict):
    url = serializers.CharField(
        max_length=2048, required=False, help_text="left out when `document` is given"
    )
    mode = serializers.ChoiceField(choices=CaptureMode.choices, default=CaptureMode.HTTP)
    document = serializers.UUIDField(required=False, help_text="a document of one's desk, archived once more")
    desk = serializers.SlugField(required=False, help_text="needed by members of several desks")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("url") and not attrs.get("document"):
            raise serializers.ValidationError({"url": [_("Give a URL, or a document.")]})
        return attrs


# --- What comes out -------------------------------------------------------------------------------------------------


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


class Failure(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField(help_text="a sentence")


class CaptureDigests(serializers.Serializer[Any]):
    datapackage = serializers.CharField(help_text="what the log entry commits to")
    package = serializers.CharField(allow_null=True, help_text="of the WACZ file")
    body = serializers.CharField(allow_null=True, help_text="of the decoded main body")
    texts = serializers.ListField(child=serializers.CharField(), help_text="of each extracted text")


class CaptureLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField()
    document = serializers.URLField(allow_null=True)


class CaptureOut(serializers.Serializer[Any]):
    """One attempt to archive one URL, or one uploaded file. Digests are SHA-256 in hexadecimal."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    document = serializers.UUIDField(allow_null=True)
    kind = serializers.ChoiceField(choices=CaptureKind.choices)
    mode = serializers.ChoiceField(choices=CaptureMode.choices)
    url = serializers.CharField()
    state = serializers.ChoiceField(choices=CaptureState.choices)
    progress = serializers.CharField(allow_blank=True)
    failure = Failure(allow_null=True)
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    final_url = serializers.CharField(allow_blank=True)
    http_status = serializers.IntegerField(allow_null=True)
    media_type = serializers.CharField(allow_blank=True)
    truncated = serializers.CharField(allow_blank=True, help_text="as WARC-Truncated, empty if whole")
    degraded = serializers.BooleanField(help_text="a page was asked for and no browser was there")
    notes = serializers.ListField(child=serializers.CharField())
    digests = CaptureDigests(allow_null=True)
    entry = serializers.IntegerField(allow_null=True, help_text="index in the log")
    links = CaptureLinks()


class FieldError(serializers.Serializer[Any]):
    field = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """An error (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="a sentence for a person")
    errors = FieldError(  # type: ignore[assignment] # the framework takes declared fields off the class
        many=True, required=False, help_text="which fields were wrong, and how"
    )


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


def capture_facts(capture: Capture) -> dict[str, Any]:
    """What CaptureOut shows; `desk` and `texts` should have been fetched along."""
    archived = {
        "datapackage": capture.datapackage_sha256,
        "package": capture.package_id,
        "body": capture.body_id,
        "texts": [text.sha256 for text in capture.texts.all()],
    }
    plain = {
        name: getattr(capture, name)
        for name in map(str, CaptureOut().fields)
        if name not in ("desk", "document", "failure", "digests", "entry", "links")
    }
    return plain | {
        "desk": capture.desk.slug,
        "document": capture.document_id,
        "failure": {"code": capture.failure_code, "detail": capture.failure_detail}
        if capture.failure_code
        else None,
        "digests": archived if capture.datapackage_sha256 else None,
        "entry": capture.entry_id,
        "links": {
            "self": absolute("api-capture", capture.pk),
            "page": absolute("capture", capture.pk),
            "document": absolute("document", capture.document_id) if capture.document_id else None,
        },
    }
