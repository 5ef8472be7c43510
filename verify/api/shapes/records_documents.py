"""The shapes of documents, of the watches on them, and of what their re-captures showed."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from sources.archive.models import CaptureMode, ChangeKind, GoneSign
from sources.archive.states import CaptureState
from sources.archive.watching import LONGEST as LONGEST_WAIT
from sources.archive.watching import NOTE, SHORTEST
from sources.precision import Precision
from verify.api.shapes.base import Strict, absolute
from verify.api.shapes.records import (
    DeskFilters,
    Flag,
    Named,
    Person,
    desk_field,
    language_field,
    named_facts,
    person_facts,
    plain,
    words,
)
from verify.api.shapes.records_sources import SelfLink


class DocumentFilters(DeskFilters):
    q = serializers.CharField(required=False, max_length=200, help_text="in title, byline or address")
    url = serializers.CharField(required=False, max_length=2048, help_text="exactly this address")
    outlet = serializers.UUIDField(required=False, help_text="a source, under any of its records")
    archived = Flag(required=False, help_text="whether there is an archived copy")


class DeskDocumentIn(Strict):
    """Of a document that is registered already, an empty outlet or title is filled in; the rest stays as it is."""

    url = serializers.CharField(max_length=2048, help_text="as in the browser's address bar")
    outlet = serializers.UUIDField(required=False, allow_null=True, help_text="a source of the desk")
    title = words(max_length=500)
    byline = words(max_length=300)
    language = language_field(allow_blank=True)
    published_at = serializers.DateTimeField(required=False, allow_null=True)
    published_precision = serializers.ChoiceField(choices=Precision.choices, required=False)
    desk = desk_field()


class DeskWatchIn(Strict):
    mode = serializers.ChoiceField(choices=CaptureMode.choices, default=CaptureMode.HTTP)
    shortest = serializers.IntegerField(
        min_value=SHORTEST, max_value=LONGEST_WAIT, help_text="seconds between two captures, at first"
    )
    longest = serializers.IntegerField(
        min_value=SHORTEST,
        max_value=LONGEST_WAIT,
        help_text="seconds to which that grows, while nothing changes",
    )
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    is_paused = serializers.BooleanField(required=False, help_text="true stops it")


class DeskWatchOut(serializers.Serializer[Any]):
    """A document's re-capture schedule. Lengths of time are seconds."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    document = Named()
    mode = serializers.ChoiceField(choices=CaptureMode.choices)
    shortest = serializers.IntegerField()
    longest = serializers.IntegerField()
    interval = serializers.IntegerField(help_text="as it stands now")
    next_at = serializers.DateTimeField(help_text="when the next capture is due")
    ends_at = serializers.DateTimeField(allow_null=True)
    is_paused = serializers.BooleanField()
    unreachable = serializers.IntegerField(help_text="re-captures in a row that brought no page")
    set_at = serializers.DateTimeField()
    set_by = Person()
    links = SelfLink()


class WatchFilters(DeskFilters):
    state = serializers.ChoiceField(
        choices=[("running", "running"), ("paused", "paused"), ("ended", "ended")], required=False
    )


class DeskDocumentLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField()
    captures = serializers.URLField()
    watch = serializers.URLField()
    changes = serializers.URLField()


class DeskDocumentOut(serializers.Serializer[Any]):
    """A published item at a URL. Its archived copies are its captures."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    url = serializers.CharField(help_text="ASCII, as the fetcher asks for it")
    outlet = Named(allow_null=True)
    title = serializers.CharField(allow_blank=True)
    byline = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    published_at = serializers.DateTimeField(allow_null=True)
    published_precision = serializers.ChoiceField(choices=Precision.choices)
    created_at = serializers.DateTimeField()
    capture_count = serializers.IntegerField()
    latest_state = serializers.ChoiceField(
        choices=CaptureState.choices, allow_null=True, help_text="of the newest capture"
    )
    latest_at = serializers.DateTimeField(allow_null=True)
    links = DeskDocumentLinks()


class DocumentChangeFilters(DeskFilters):
    kind = serializers.ChoiceField(choices=ChangeKind.choices, required=False)
    document = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(
        choices=[("open", "alerts nobody has seen"), ("alert", "all alerts"), ("seen", "seen")],
        required=False,
    )


class DeskSeenIn(Strict):
    note = words(max_length=NOTE, help_text="what was concluded")


class SeenBy(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = Person()
    note = serializers.CharField(allow_blank=True)


class DeskDocumentChangeOut(serializers.Serializer[Any]):
    """What a re-capture shows beside the newest good capture before it."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    document = Named()
    before = serializers.UUIDField(help_text="a capture")
    after = serializers.UUIDField(help_text="a capture")
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    gone_sign = serializers.ChoiceField(choices=GoneSign.choices, allow_blank=True)
    words_added = serializers.IntegerField(allow_null=True)
    words_removed = serializers.IntegerField(allow_null=True)
    quotes_checked = serializers.IntegerField()
    quotes_lost = serializers.IntegerField(help_text="altered or gone")
    is_alert = serializers.BooleanField(help_text="somebody must look at it")
    detected_at = serializers.DateTimeField()
    entry = serializers.IntegerField(help_text="index in the log")
    seen = SeenBy(allow_null=True)
    links = SelfLink()


def document_facts(document: Any) -> dict[str, Any]:
    """Of a document `with_captures`, with `desk` and `outlet` fetched along."""
    names = (
        *("id", "url", "title", "byline", "language", "published_at", "published_precision"),
        *("created_at", "capture_count", "latest_state", "latest_at"),
    )
    return plain(document, *names) | {
        "desk": document.desk.slug,
        "outlet": named_facts(document.outlet and (document.outlet.merged_into or document.outlet)),
        "links": {
            "self": absolute("api-desk-document", document.pk),
            "page": absolute("document", document.pk),
            "captures": f"{absolute('api-captures')}?document={document.pk}",
            "watch": absolute("api-desk-watch", document.pk),
            "changes": f"{absolute('api-desk-changes')}?document={document.pk}",
        },
    }


def watch_facts(watch: Any) -> dict[str, Any]:
    names = (
        "id",
        "mode",
        "shortest",
        "longest",
        "interval",
        "next_at",
        "ends_at",
        "is_paused",
        "unreachable",
    )
    return plain(watch, *names, "set_at") | {
        "desk": watch.desk.slug,
        "document": named_facts(watch.document),
        "set_by": person_facts(watch.set_by),
        "links": {"self": absolute("api-desk-watch", watch.document_id)},
    }


def change_facts(change: Any) -> dict[str, Any]:
    names = ("id", "kind", "gone_sign", "words_added", "words_removed", "quotes_checked", "quotes_lost")
    seen = {"at": change.seen_at, "by": person_facts(change.seen_by), "note": change.seen_note}
    return plain(change, *names, "is_alert", "detected_at") | {
        "desk": change.desk.slug,
        "document": named_facts(change.document),
        "before": change.before_id,
        "after": change.after_id,
        "entry": change.entry_id,
        "seen": seen if change.seen_at else None,
        "links": {"self": absolute("api-desk-change", change.pk)},
    }
