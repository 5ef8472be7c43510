"""The shapes of assertions and of the quotes that show them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from claims.attribution.models import (
    Anchor,
    Assertion,
    AssertionRole,
    MatchKind,
    Modality,
    Polarity,
    Verb,
)
from sources.precision import Precision
from verify.api.shapes.base import Strict, absolute
from verify.api.shapes.work import (
    DeskPerson,
    DeskWithdrawn,
    Ids,
    Moment,
    SourceRef,
    WithdrawalRequest,
    Words,
    person_facts,
    source_facts,
    withdrawn_facts,
)

MOST_CODE_POINT = 2**31 - 1


class Said(Strict):
    """What can be said of an assertion. Sources, documents, figures and other assertions by their ids."""

    speaker = serializers.UUIDField(required=False)
    role = serializers.ChoiceField(choices=AssertionRole.choices, required=False)
    on_behalf_of = serializers.UUIDField(required=False, allow_null=True)
    outlet = serializers.UUIDField(required=False, allow_null=True)
    verb = serializers.ChoiceField(choices=Verb.choices, required=False)
    hedge = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="the words that weaken it, as used"
    )
    polarity = serializers.ChoiceField(choices=Polarity.choices, required=False)
    modality = serializers.ChoiceField(choices=Modality.choices, required=False)
    said_at = Moment(required=False, allow_null=True, help_text="the first instant of the span that is known")
    said_precision = serializers.ChoiceField(choices=Precision.choices, required=False)
    published_at = Moment(required=False, allow_null=True)
    published_precision = serializers.ChoiceField(choices=Precision.choices, required=False)
    document = serializers.UUIDField(required=False, allow_null=True, help_text="that shows it")
    derives_from = serializers.UUIDField(
        required=False, allow_null=True, help_text="the assertion that it was taken over from"
    )
    cites = Ids(required=False, help_text="assertions that it also names as its sources")
    cites_note = Words(
        required=False, allow_blank=True, max_length=500, help_text="how it names those newly cited"
    )
    figures = Ids(required=False)


class AssertionRequest(Said):
    speaker = serializers.UUIDField()


class AssertionChange(Said):
    """What is not given stays; `cites` and `figures` are whole lists. `revision` or If-Match says what was read."""

    why = Words(help_text="stays on record")
    revision = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_CODE_POINT, help_text="of the claim, as it was read"
    )


class AssertionWithdrawal(WithdrawalRequest):
    relays_to = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="the assertion from which those were taken over instead that were taken over from it",
    )


class AnchorRequest(Strict):
    """The words as they were quoted, or where they stand: code points of the text, the end exclusive."""

    text = serializers.UUIDField(help_text="an archived text of the same desk")
    quote = Words(required=False, trim_whitespace=False)
    near = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_CODE_POINT, help_text="of several places the nearest"
    )
    start = serializers.IntegerField(required=False, min_value=0, max_value=MOST_CODE_POINT)
    end = serializers.IntegerField(required=False, min_value=1, max_value=MOST_CODE_POINT)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {"start", "end"} & attrs.keys()
        if given and ("quote" in attrs or "near" in attrs):
            raise serializers.ValidationError(
                {"quote": _("Give the words, or from where to where they stand.")}
            )
        if given == {"start", "end"} and attrs["start"] >= attrs["end"]:
            raise serializers.ValidationError({"end": _("The end comes after the beginning.")})
        if not given and "quote" not in attrs:
            raise serializers.ValidationError(
                {"quote": _("Give the words, or from where to where they stand.")}
            )
        if len(given) == 1:
            missing = ({"start", "end"} - given).pop()
            raise serializers.ValidationError({missing: _("Give both, from where and to where.")})
        return attrs


class DeskAnchorLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    assertion = serializers.URLField()
    page = serializers.URLField(allow_null=True, help_text="the words in their document")


class DeskAnchor(serializers.Serializer[Any]):
    """Where in an archived text the words stand. Positions count Unicode code points, the end exclusive."""

    id = serializers.UUIDField()
    assertion = serializers.UUIDField()
    capture = serializers.UUIDField()
    text = serializers.UUIDField()
    text_sha256 = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    exact = serializers.CharField(help_text="the text's own words there")
    prefix = serializers.CharField(allow_blank=True)
    suffix = serializers.CharField(allow_blank=True)
    quoted = serializers.CharField(help_text="the words as they were given")
    match = serializers.ChoiceField(choices=MatchKind.choices)
    occurrences = serializers.IntegerField(help_text="how often the words stand in the text")
    created_at = serializers.DateTimeField()
    links = DeskAnchorLinks()


class DeskAssertionLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    claim = serializers.URLField()
    anchors = serializers.URLField()


class DeskAssertion(serializers.Serializer[Any]):
    """Who asserts the claim, in which role, on whose behalf, through which outlet, with which words."""

    id = serializers.UUIDField()
    claim = serializers.UUIDField()
    speaker = SourceRef()
    role = serializers.ChoiceField(choices=AssertionRole.choices)
    on_behalf_of = SourceRef(allow_null=True)
    outlet = SourceRef(allow_null=True)
    verb = serializers.ChoiceField(choices=Verb.choices)
    hedge = serializers.CharField(allow_blank=True)
    polarity = serializers.ChoiceField(choices=Polarity.choices)
    modality = serializers.ChoiceField(choices=Modality.choices)
    said_at = serializers.DateTimeField(allow_null=True)
    said_precision = serializers.ChoiceField(choices=Precision.choices)
    published_at = serializers.DateTimeField(allow_null=True)
    published_precision = serializers.ChoiceField(choices=Precision.choices)
    document = serializers.UUIDField(allow_null=True)
    derives_from = serializers.UUIDField(allow_null=True)
    cites = serializers.ListField(child=serializers.UUIDField())
    figures = serializers.ListField(child=serializers.UUIDField())
    anchors = serializers.ListField(child=serializers.UUIDField())
    regions = serializers.ListField(child=serializers.UUIDField())
    created_by = DeskPerson()
    created_at = serializers.DateTimeField()
    revision = serializers.IntegerField(help_text="of the claim: what a change must name")
    withdrawn = DeskWithdrawn(allow_null=True)
    links = DeskAssertionLinks()


def anchor_facts(anchor: Anchor) -> dict[str, Any]:
    """What DeskAnchor shows; the text's capture should have been fetched along."""
    names = "id start end exact prefix suffix quoted match occurrences text_sha256 created_at".split()
    capture = anchor.text.capture
    page = absolute("document", capture.document_id) if capture.document_id else None
    return {name: getattr(anchor, name) for name in names} | {
        "assertion": anchor.assertion_id,
        "capture": capture.pk,
        "text": anchor.text_id,
        "links": {
            "self": absolute("api-desk-anchor", anchor.pk),
            "assertion": absolute("api-desk-assertion", anchor.assertion_id),
            "page": page and f"{page}?capture={capture.pk}#anchor-{anchor.pk}",
        },
    }


_PLAIN = (
    "id role verb hedge polarity modality said_at said_precision published_at published_precision created_at"
).split()


def assertion_facts(assertion: Assertion) -> dict[str, Any]:
    """What DeskAssertion shows; sources, claim and what hangs on it should have been fetched along."""
    derives_from = assertion.derives_from
    return {name: getattr(assertion, name) for name in _PLAIN} | {
        "claim": assertion.claim_id,
        "speaker": source_facts(assertion.speaker),
        "on_behalf_of": source_facts(assertion.on_behalf_of),
        "outlet": source_facts(assertion.outlet),
        "document": assertion.document_id,
        "derives_from": derives_from.pk if derives_from is not None and derives_from.stands else None,
        "cites": [each.cited_id for each in assertion.citations.all() if each.cited.stands],
        "figures": [figure.pk for figure in assertion.figures.all() if figure.stands],
        "anchors": [anchor.pk for anchor in assertion.anchors.all()],
        "regions": [region.pk for region in assertion.regions.all() if region.stands],
        "created_by": person_facts(assertion.created_by),
        "revision": assertion.claim.revision,
        "withdrawn": withdrawn_facts(assertion),
        "links": {
            "self": absolute("api-desk-assertion", assertion.pk),
            "claim": absolute("claim", assertion.claim_id),
            "anchors": absolute("api-desk-anchors", assertion.pk),
        },
    }
