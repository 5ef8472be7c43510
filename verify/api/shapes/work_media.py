"""The shapes of what a desk found a picture, a film or a recording to be."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from verify.api.shapes.base import Strict, absolute
from verify.api.shapes.work import (
    DeskOwnLinks,
    DeskPerson,
    DeskWithdrawn,
    Words,
    person_facts,
    withdrawn_facts,
)
from verify.review.models import Manipulation, MediaRating

MEDIA = [("image", "picture"), ("video", "film"), ("audio", "recording")]


class MediaRequest(Strict):
    capture = serializers.UUIDField(
        help_text="the archived copy of the file itself, or of a page that shows it"
    )
    media = serializers.ChoiceField(choices=MEDIA)
    rating = serializers.ChoiceField(
        choices=Manipulation.choices, help_text="schema.org MediaManipulationRatingEnumeration"
    )
    context = Words(  # type: ignore[assignment] # declared fields are taken off the class
        help_text="what it shows, where and when it was made, and how that is known"
    )
    original_url = serializers.CharField(required=False, allow_blank=True, max_length=2048)


class DeskMediaRating(serializers.Serializer[Any]):
    """What a medium is that is put forward for a claim; part of what reviewers judge."""

    id = serializers.UUIDField()
    claim = serializers.UUIDField()
    capture = serializers.UUIDField()
    media = serializers.ChoiceField(choices=MEDIA)
    rating = serializers.ChoiceField(choices=Manipulation.choices)
    context = serializers.CharField()  # type: ignore[assignment] # as above
    original_url = serializers.CharField(allow_blank=True)
    rated_by = DeskPerson()
    rated_at = serializers.DateTimeField()
    withdrawn = DeskWithdrawn(allow_null=True)
    links = DeskOwnLinks()


def media_facts(row: MediaRating) -> dict[str, Any]:
    """What DeskMediaRating shows."""
    names = "id media rating context original_url rated_at".split()
    return {name: getattr(row, name) for name in names} | {
        "claim": row.claim_id,
        "capture": row.capture_id,
        "rated_by": person_facts(row.rated_by),
        "withdrawn": withdrawn_facts(row),
        "links": {
            "self": absolute("api-desk-medium", row.pk),
            "claim": absolute("claim", row.claim_id),
        },
    }
