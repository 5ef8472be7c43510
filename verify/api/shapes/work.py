"""What the shapes of a desk's work share: moments, people, sources, and what was taken back and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from sources.catalog.models import Source
from verify.api.shapes.base import Strict

LONGEST = 10_000  # code points of a reason
MOST = 200  # rows that one list in a body may name


class Moment(serializers.DateTimeField):
    """RFC 3339 with its zone: a moment without one is a guess."""

    default_error_messages = {"zone": _("Say the zone, such as Z for UTC: 2025-03-09T10:00:00Z.")}

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("zone")
        return super().enforce_timezone(value)


class Words(serializers.CharField):
    """Words of a person, at most LONGEST code points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"max_length": LONGEST} | options))


class Ids(serializers.ListField):
    """Some rows, by their ids; the whole list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(child=serializers.UUIDField(), max_length=MOST, **options)


class WithdrawalRequest(Strict):
    why = Words(help_text="stays on record")


class DeskPerson(serializers.Serializer[Any]):
    username = serializers.CharField()
    name = serializers.CharField()


class SourceRef(serializers.Serializer[Any]):
    """A source by the name under which it stands: of one that was merged into another, the other's."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class DeskWithdrawn(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    by = DeskPerson()
    because = serializers.CharField()


class DeskOwnLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    claim = serializers.URLField()


def person_facts(user: Any) -> dict[str, str] | None:
    """Somebody of the desk; None for nobody, or for the system."""
    return {"username": user.username, "name": str(user)} if user is not None else None


def source_facts(source: Source | None) -> dict[str, Any] | None:
    """A source as it stands; `merged_into` should have been fetched along."""
    if source is None:
        return None
    stands = source.merged_into or source
    return {"id": stands.pk, "name": stands.name}


def withdrawn_facts(row: Any) -> dict[str, Any] | None:
    """Who took a row back, when and why; None for one that stands."""
    if row.stands:
        return None
    return {
        "at": row.withdrawn_at,
        "by": person_facts(row.withdrawn_by),
        "because": row.withdrawn_because,
    }
