"""The shapes of evidence, and of the origins that bound its credibility."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from claims.attribution.evidence import best_grade
from claims.attribution.models import Evidence, Stance, Strength
from claims.attribution.reading import assertions_of, origins_of, origins_summary
from claims.statements.models import Claim
from verify.api.shapes.base import Strict, absolute
from verify.api.shapes.work import (
    DeskOwnLinks,
    DeskPerson,
    DeskWithdrawn,
    WithdrawalRequest,
    Words,
    person_facts,
    withdrawn_facts,
)

THINGS = ("assertion", "document", "capture", "region")


class EvidenceRequest(Strict):
    """Exactly one of `assertion`, `document`, `capture` and `region`."""

    assertion = serializers.UUIDField(required=False, allow_null=True)
    document = serializers.UUIDField(required=False, allow_null=True)
    capture = serializers.UUIDField(required=False, allow_null=True)
    region = serializers.UUIDField(required=False, allow_null=True)
    stance = serializers.ChoiceField(choices=Stance.choices)
    strength = serializers.ChoiceField(choices=Strength.choices, required=False)
    credibility = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=6,
        help_text="Admiralty: 1 confirmed by other sources … 6 truth cannot be judged",
    )
    reason = Words(help_text="why it bears on the claim; it is published")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(attrs.get(name) is not None for name in THINGS) != 1:
            raise serializers.ValidationError(
                {"assertion": _("Give exactly one thing: an assertion, a document, a capture or a region.")}
            )
        return attrs


class EvidenceChange(Strict):
    """What is not given stays. What the evidence is stays always: another thing is other evidence.

    `revision` or If-Match says what was read.
    """

    stance = serializers.ChoiceField(choices=Stance.choices, required=False)
    strength = serializers.ChoiceField(choices=Strength.choices, required=False)
    credibility = serializers.IntegerField(required=False, min_value=1, max_value=6)
    reason = Words(required=False)
    why = Words(help_text="stays on record")
    revision = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="of the claim, as it was read"
    )


class EvidenceWithdrawal(WithdrawalRequest):
    pass


class DeskEvidence(serializers.Serializer[Any]):
    """An assertion, document, capture or region that bears on a claim."""

    id = serializers.UUIDField()
    claim = serializers.UUIDField()
    assertion = serializers.UUIDField(allow_null=True)
    document = serializers.UUIDField(allow_null=True)
    capture = serializers.UUIDField(allow_null=True)
    region = serializers.UUIDField(allow_null=True)
    stance = serializers.ChoiceField(choices=Stance.choices)
    strength = serializers.ChoiceField(choices=Strength.choices)
    credibility = serializers.IntegerField()
    reason = serializers.CharField()
    linked_by = DeskPerson()
    linked_at = serializers.DateTimeField()
    revision = serializers.IntegerField(help_text="of the claim: what a change must name")
    withdrawn = DeskWithdrawn(allow_null=True)
    links = DeskOwnLinks()


class OriginCounts(serializers.Serializer[Any]):
    assertions = serializers.IntegerField()
    outlets = serializers.IntegerField()
    origins = serializers.IntegerField()
    independent_origins = serializers.IntegerField()
    party_origins = serializers.IntegerField()
    unattributed_origins = serializers.IntegerField()
    origins_for = serializers.IntegerField()
    origins_against = serializers.IntegerField()


class OriginGroup(serializers.Serializer[Any]):
    name = serializers.CharField()
    members = serializers.ListField(child=serializers.UUIDField(), help_text="assertions")
    roots = serializers.ListField(child=serializers.UUIDField(), help_text="assertions with which it begins")
    affirms = serializers.BooleanField()
    denies = serializers.BooleanField()
    party = serializers.BooleanField(help_text="a party to the conflict")
    flags = serializers.ListField(child=serializers.CharField())
    because = serializers.ListField(
        child=serializers.CharField(), help_text="why these are one origin, in English"
    )


class BestCredibility(serializers.Serializer[Any]):
    corroborates = serializers.IntegerField()
    contradicts = serializers.IntegerField()
    contextualises = serializers.IntegerField()


class DeskOrigins(serializers.Serializer[Any]):
    """Where the claim begins, computed from what stands now. Outlets that repeat one origin make no second."""

    claim = serializers.UUIDField()
    counts = OriginCounts()
    groups = OriginGroup(many=True)
    cautions = serializers.ListField(child=serializers.CharField())
    best_credibility = BestCredibility(help_text="the best grade that evidence may have now (1 is best)")
    links = DeskOwnLinks()


def evidence_facts(piece: Evidence) -> dict[str, Any]:
    """What DeskEvidence shows."""
    names = "id stance strength credibility reason linked_at".split()
    return {name: getattr(piece, name) for name in names} | {
        **{name: getattr(piece, f"{name}_id") for name in ("claim", *THINGS)},
        "linked_by": person_facts(piece.linked_by),
        "revision": piece.claim.revision,
        "withdrawn": withdrawn_facts(piece),
        "links": {
            "self": absolute("api-desk-evidence-piece", piece.pk),
            "claim": absolute("claim", piece.claim_id),
        },
    }


def origins_facts(claim: Claim) -> dict[str, Any]:
    """What DeskOrigins shows."""
    found = origins_of(claim, assertions_of(claim))
    return origins_summary(claim) | {
        "claim": claim.pk,
        "best_credibility": {stance: best_grade(stance, found) for stance in Stance.values},
        "links": {
            "self": absolute("api-desk-origins", claim.pk),
            "claim": absolute("claim", claim.pk),
        },
    }
