"""The shapes of what consumers follow: changes, the lines of the export, the log, a package that is being made."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from rest_framework import serializers
from rest_framework.fields import DateTimeField

from sources.custody.models import Checkpoint, LogKey
from verify.api.shapes.base import Strict, absolute
from verify.evidence.models import PackageState
from verify.publish.following import HELD
from verify.publish.models import Announcement, Publication
from verify.publish.states import PublicationState

EXPORT_SCHEMA = "verify-export/1"
LIMIT, MAX_LIMIT, MAX_EXPANDED = 100, 1000, 100
LARGEST = 2**63 - 1

ANNOUNCED = [(s.value, s.label) for s in PublicationState if s != PublicationState.UNPUBLISHED]
STATES = [(s.value, s.label) for s in PublicationState if s in HELD]
EXPANSIONS = [("snapshot", "the stored bytes")]
ACTIONS = [("put", "in the set, in this version"), ("remove", "out of the set")]


class ChangeFilters(Strict):
    after = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=LARGEST, help_text="number of the last change seen"
    )
    seen = serializers.UUIDField(
        required=False, help_text="its mark; 409 when the history has another one there"
    )
    limit = serializers.IntegerField(
        required=False,
        default=LIMIT,
        min_value=1,
        max_value=MAX_LIMIT,
        help_text=f"at most so many changes; with snapshots never more than {MAX_EXPANDED}",
    )
    expand = serializers.ChoiceField(required=False, choices=EXPANSIONS)


class ExportFilters(Strict):
    after = serializers.UUIDField(required=False, help_text="id of the last claim that was received whole")


class Head(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="0 while nothing was announced")
    mark = serializers.UUIDField(allow_null=True)


class ChangeLinks(serializers.Serializer[Any]):
    """Where to read on. All null for what is paused."""

    claim = serializers.URLField(allow_null=True)
    page = serializers.URLField(allow_null=True, help_text="for people")
    snapshot = serializers.URLField(allow_null=True, help_text="the stored bytes of this version")
    entry = serializers.URLField(allow_null=True, help_text="the log entry's bytes")
    proof = serializers.URLField(
        allow_null=True, help_text="inclusion proof; 404 until the log is signed next"
    )


class ChangeOut(serializers.Serializer[Any]):
    """One change of what is public."""

    number = serializers.IntegerField(help_text="from 1 without a hole")
    mark = serializers.UUIDField()
    claim = serializers.UUIDField()
    action = serializers.ChoiceField(choices=ACTIONS)
    state = serializers.ChoiceField(choices=ANNOUNCED)
    version = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="of that version's snapshot")
    at = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True, help_text="public reason of a correction or retraction")
    links = ChangeLinks()
    snapshot = serializers.DictField(
        allow_null=True,
        required=False,
        help_text="with expand=snapshot: the stored bytes as they are, if this version is the current one of a claim "
        "in the set; null if not",
    )


class ChangesOut(serializers.Serializer[Any]):
    results = ChangeOut(many=True)
    next = serializers.URLField(help_text="to ask next, now or later")
    more = serializers.BooleanField(help_text="whether there is more already")
    head = Head()


class ExportLine(serializers.Serializer[Any]):
    """One line of the export that is a claim."""

    claim = serializers.UUIDField()
    state = serializers.ChoiceField(choices=STATES)
    version = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="of the snapshot")
    published_at = serializers.DateTimeField()
    snapshot = serializers.DictField(help_text="the stored bytes as they are")


class Key(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="verifier key: name+key id+base64")
    added_at = serializers.DateTimeField(allow_null=True)
    retired_at = serializers.DateTimeField(allow_null=True)


class CheckpointOut(serializers.Serializer[Any]):
    size = serializers.IntegerField(help_text="leaves")
    root = serializers.CharField(  # type: ignore[assignment] # the framework takes declared fields off the class
        help_text="hexadecimal"
    )
    signed_at = serializers.DateTimeField()
    note = serializers.CharField(help_text="the signed note, with the cosignatures that there are")


class LogLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField(help_text="for people")
    checkpoint = serializers.URLField(help_text="the newest signed note as text")


class LogOut(serializers.Serializer[Any]):
    """The log that proves what was published and archived."""

    origin = serializers.CharField()
    keys = Key(many=True)
    checkpoint = CheckpointOut(allow_null=True)
    links = LogLinks()


class PackageWaits(serializers.Serializer[Any]):
    """The package is not there yet; ask again after `Retry-After` seconds."""

    state = serializers.ChoiceField(
        choices=[(s.value, s.label) for s in PackageState if s != PackageState.READY]
    )


def head_facts(head: Announcement | None) -> dict[str, Any]:
    """What `head` says."""
    return {"number": head.number, "mark": head.mark} if head else {"number": 0, "mark": None}


def following(after: int, seen: UUID | None, **given: Any) -> str:
    """The address of the changes behind one that was seen."""
    query = {"after": after, **({"seen": seen} if seen else {})}
    return f"{absolute('api-changes')}?{urlencode(query | given)}"


def export_facts(publication: Publication) -> dict[str, Any]:
    """What ExportLine shows, but for the snapshot."""
    version = publication.version
    assert version is not None
    return {
        "claim": str(publication.pk),
        "state": publication.state,
        "version": version.number,
        "sha256": version.sha256,
        "published_at": DateTimeField().to_representation(version.published_at),
    }


def log_facts(origin: str, keys: list[LogKey], checkpoint: Checkpoint | None, note: str) -> dict[str, Any]:
    """What LogOut shows; `note` is the checkpoint's with its cosignatures."""
    newest = checkpoint and {
        "size": checkpoint.size,
        "root": bytes(checkpoint.root).hex(),
        "signed_at": checkpoint.signed_at,
        "note": note,
    }
    return {
        "origin": origin,
        "keys": [
            {"key": key.verifier_key, "added_at": key.added_at, "retired_at": key.retired_at} for key in keys
        ],
        "checkpoint": newest,
        "links": {
            "self": absolute("api-log"),
            "page": absolute("public-log"),
            "checkpoint": absolute("public-log-checkpoint"),
        },
    }
