"""The shapes of captures: what is asked for, and how it went."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from sources.archive.models import Capture, CaptureKind, CaptureMode
from sources.archive.states import CaptureState
from verify.api.shapes.base import Paging, Strict, absolute


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
