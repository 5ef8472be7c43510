"""The shapes of uploads and of batches of captures."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sources.archive.models import CaptureMode
from sources.archive.states import CaptureState
from sources.catalog.lists import LONGEST_OUTLET, LONGEST_TITLE
from verify.api.shapes.base import Paging, Strict, absolute
from verify.api.shapes.records import DeskFilters, Person, desk_field, person_facts, plain, words


class UploadFilters(DeskFilters):
    sha256 = serializers.RegexField(
        r"^[0-9a-f]{64}$", required=False, help_text="of the file, in hexadecimal: whether it is here already"
    )


class UploadQuery(Strict):
    """What the address says of the file that is the body."""

    filename = serializers.CharField(max_length=255, help_text="as its sender calls it")
    url = serializers.CharField(
        required=False, max_length=2048, help_text="where it comes from: a document, registered if it is new"
    )
    title = serializers.CharField(
        required=False, max_length=500, help_text="of that document, if it has none"
    )
    desk = desk_field()


class BatchLine(Strict):
    url = words(required=True, help_text="what cannot be asked for is kept with the reason")
    title = words(max_length=LONGEST_TITLE)
    outlet = words(max_length=LONGEST_OUTLET, help_text="found by any name under which the desk has it")


class DeskBatchIn(Strict):
    list = BatchLine(many=True, allow_empty=False)
    label = words(max_length=200)
    mode = serializers.ChoiceField(choices=CaptureMode.choices, default=CaptureMode.PAGE)
    desk = desk_field()


class DeskBatchLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    rows = serializers.URLField()
    page = serializers.URLField()


class DeskBatchOut(serializers.Serializer[Any]):
    """A list of addresses, and how far it is."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    label = serializers.CharField(  # type: ignore[assignment] # the framework takes declared fields off the class
        allow_blank=True
    )
    mode = serializers.ChoiceField(choices=CaptureMode.choices)
    requested_at = serializers.DateTimeField()
    requested_by = Person(allow_null=True)
    total = serializers.IntegerField(help_text="lines")
    dealt_with = serializers.IntegerField(help_text="asked for or refused")
    refused = serializers.IntegerField()
    archived = serializers.IntegerField()
    failed = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="not at their end; 0 when all is done")
    links = DeskBatchLinks()


class RowFilters(Paging):
    outcome = serializers.ChoiceField(
        choices=[(each, each) for each in ("archived", "failed", "refused", "waiting")], required=False
    )


class DeskBatchRowOut(serializers.Serializer[Any]):
    """One line as it was given, and what became of it: a capture, or the reason why there is none."""

    number = serializers.IntegerField()
    url = serializers.CharField(allow_blank=True)
    title = serializers.CharField(allow_blank=True)
    outlet = serializers.CharField(allow_blank=True)
    capture = serializers.UUIDField(allow_null=True)
    state = serializers.ChoiceField(choices=CaptureState.choices, allow_null=True)
    refusal = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    done_at = serializers.DateTimeField(allow_null=True)


class Retried(serializers.Serializer[Any]):
    asked = serializers.IntegerField(help_text="captures that are tried again")


def batch_facts(batch: Any) -> dict[str, Any]:
    """Of a batch `with_progress`, with `desk` and `requested_by` fetched along."""
    counts = ("total", "dealt_with", "refused", "archived", "failed", "waiting")
    return plain(batch, "id", "label", "mode", "requested_at", *counts) | {
        "desk": batch.desk.slug,
        "requested_by": person_facts(batch.requested_by),
        "links": {
            "self": absolute("api-desk-batch", batch.pk),
            "rows": absolute("api-desk-batch-rows", batch.pk),
            "page": absolute("batch", batch.pk),
        },
    }


def row_facts(row: Any) -> dict[str, Any]:
    return plain(row, "number", "url", "title", "refusal", "note", "done_at") | {
        "outlet": row.outlet_name,
        "capture": row.capture_id,
        "state": row.capture.state if row.capture else None,
    }
