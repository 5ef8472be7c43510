"""The shapes of cases, claims, topics and places."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.statements.models import PlaceKind
from claims.statements.places import path_of
from claims.statements.services import BY_HAND
from claims.statements.states import Workflow
from verify.api.shapes.base import Strict, absolute
from verify.api.shapes.records import (
    MOST,
    DeskFilters,
    Named,
    Person,
    desk_field,
    language_field,
    person_facts,
    plain,
    words,
)
from verify.publish.states import PublicationState

ME, POOL, NOBODY = "me", "pool", "nobody"
_MOST_ID = 2**63 - 1


class CaseFilters(DeskFilters):
    q = serializers.CharField(required=False, max_length=200, help_text="in the title or the summary")


class DeskCaseIn(Strict):
    title = serializers.CharField(max_length=200)
    summary = words()
    place = words(max_length=200)
    began_on = serializers.DateField(required=False, allow_null=True)
    ended_on = serializers.DateField(required=False, allow_null=True)
    desk = desk_field()


class DeskLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField()


class DeskCaseLinks(DeskLinks):
    claims = serializers.URLField()
    compare = serializers.URLField()


class DeskCaseOut(serializers.Serializer[Any]):
    """An event or investigation that claims belong to."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_blank=True)
    began_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = Person()
    claim_count = serializers.IntegerField()
    open_count = serializers.IntegerField(help_text="claims that are neither closed nor left aside")
    links = DeskCaseLinks()


class DeskClaimFilters(DeskFilters):
    q = serializers.CharField(required=False, max_length=200, help_text="in the claim or its headline")
    workflow = serializers.ChoiceField(choices=Workflow.choices, required=False)
    publication = serializers.ChoiceField(choices=PublicationState.choices, required=False)
    case = serializers.UUIDField(required=False)
    topic = serializers.IntegerField(required=False, min_value=1, max_value=_MOST_ID)
    author = serializers.UUIDField(required=False)
    assignee = serializers.CharField(
        required=False,
        max_length=36,
        help_text="for whom a review waits: `me`, `pool`, `nobody`, or the id of a person",
    )
    external_id = serializers.CharField(required=False, max_length=200)
    updated_since = serializers.DateTimeField(required=False, help_text="RFC 3339; of the content")


class DeskClaimIn(Strict):
    text = words(required=True, allow_blank=False, help_text="one checkable proposition, in the desk's words")
    headline = words(max_length=74, help_text="without a rating in it; used where space is short")
    language = language_field()
    case = serializers.UUIDField(required=False, allow_null=True)
    external_id = words(max_length=200, help_text="of another system; one claim of the desk has it at most")
    desk = desk_field()


class DeskClaimChange(Strict):
    """What is left out stays as it is. Give the `revision` that was read, or its ETag as If-Match."""

    text = words(allow_blank=False)
    headline = words(max_length=74)
    revision = serializers.IntegerField(min_value=1, max_value=MOST, required=False)
    why = words(help_text="stays in the history")


class DeskMoveIn(Strict):
    to = serializers.ChoiceField(choices=[(state.value, state.label) for state in BY_HAND])
    reason = words(help_text="owed for every way back and out; stays on record")
    seen = serializers.ChoiceField(
        choices=Workflow.choices, required=False, help_text="the state that was read: 409 when it left that"
    )


class DeskTopicsIn(Strict):
    topics = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=_MOST_ID),
        min_length=1,
        max_length=100,
        help_text="their ids",
    )


class DeskTopicIn(Strict):
    name = serializers.CharField(max_length=100)
    desk = desk_field()


class DeskTopicOut(serializers.Serializer[Any]):
    """A subject under which a desk files its claims."""

    id = serializers.IntegerField()
    desk = serializers.CharField()
    name = serializers.CharField()


class TopicRef(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class DeskClaimLinks(DeskLinks):
    figures = serializers.URLField()


class DeskClaimOut(serializers.Serializer[Any]):
    """A checkable proposition. `revision` counts the changes of whatever a reviewer judges."""

    id = serializers.UUIDField()
    desk = serializers.CharField()
    case = Named(allow_null=True)
    external_id = serializers.CharField(allow_blank=True)
    headline = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    language = serializers.CharField()
    workflow = serializers.ChoiceField(choices=Workflow.choices)
    publication = serializers.ChoiceField(choices=PublicationState.choices)
    topics = TopicRef(many=True)
    revision = serializers.IntegerField()
    author = Person()
    changed_by = Person()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    links = DeskClaimLinks()


class PlaceFilters(DeskFilters):
    q = serializers.CharField(required=False, max_length=200, help_text="like a name, in either script")
    kind = serializers.ChoiceField(choices=PlaceKind.choices, required=False)


class DeskPlaceIn(Strict):
    name = serializers.CharField(max_length=200)
    name_ar = words(max_length=200)
    kind = serializers.ChoiceField(
        choices=[choice for choice in PlaceKind.choices if choice[0] != PlaceKind.COUNTRY]
    )
    parent = serializers.UUIDField(  # type: ignore[assignment] # the framework takes declared fields off the class
        help_text="the larger place that it lies in"
    )
    desk = desk_field()


class DeskPlaceOut(serializers.Serializer[Any]):
    """A place by which figures are compared. No coordinates."""

    id = serializers.UUIDField()
    desk = serializers.CharField(allow_null=True, help_text="null for those that come with Verify")
    kind = serializers.ChoiceField(choices=PlaceKind.choices)
    name = serializers.CharField()
    name_ar = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True, help_text="ISO 3166")
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment] # the framework takes declared fields off the class
    path = serializers.ListField(child=serializers.CharField(), help_text="from the whole to the part")


def case_facts(case: Any) -> dict[str, Any]:
    """Of a case `with_counts`, with `desk` and `created_by` fetched along."""
    names = ("id", "title", "summary", "place", "began_on", "ended_on", "created_at")
    return plain(case, *names, "claim_count", "open_count") | {
        "desk": case.desk.slug,
        "created_by": person_facts(case.created_by),
        "links": {
            "self": absolute("api-desk-case", case.pk),
            "page": absolute("case", case.pk),
            "claims": f"{absolute('api-desk-claims')}?case={case.pk}",
            "compare": absolute("api-desk-case-compare", case.pk),
        },
    }


def claim_facts(claim: Any) -> dict[str, Any]:
    """With desk, case, people and publication fetched along, and `topics`. Nothing of reviews or verdicts."""
    publication = getattr(claim, "publication", None)
    names = ("id", "external_id", "headline", "text", "language", "workflow", "revision")
    return plain(claim, *names, "created_at", "changed_at") | {
        "desk": claim.desk.slug,
        "case": {"id": claim.case_id, "name": claim.case.title} if claim.case else None,
        "publication": publication.state if publication else PublicationState.UNPUBLISHED.value,
        "topics": [plain(topic, "id", "name") for topic in claim.topics.all()],
        "author": person_facts(claim.author),
        "changed_by": person_facts(claim.changed_by),
        "links": {
            "self": absolute("api-desk-claim", claim.pk),
            "page": absolute("claim", claim.pk),
            "figures": absolute("api-desk-figures", claim.pk),
        },
    }


def topic_facts(topic: Any) -> dict[str, Any]:
    return plain(topic, "id", "name") | {"desk": topic.desk.slug}


def place_facts(place: Any) -> dict[str, Any]:
    """Of a place with all that it lies in, and its desk, fetched along."""
    return plain(place, "id", "kind", "name", "name_ar", "code") | {
        "desk": place.desk.slug if place.desk else None,
        "parent": place.parent_id,
        "path": [each.name for each in path_of(place)],
    }
