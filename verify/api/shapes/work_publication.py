"""The shapes of publishing: how a claim stands, what may be done with it and why not, its versions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from claims.statements.states import Workflow
from verify.api.shapes.base import absolute
from verify.api.shapes.work import DeskPerson, Words, person_facts
from verify.api.shapes.work_reviews import ReasonRequest, Seen
from verify.publish.models import Version, VersionKind
from verify.publish.readiness import Act, Readiness
from verify.publish.states import PublicationState


class PublishRequest(Seen):
    pass


class CorrectRequest(Seen):
    reason = Words(help_text="readers see it")


class ReasonForReaders(ReasonRequest):
    reason = Words(help_text="readers see it")


class Possible(serializers.Serializer[Any]):
    """One way along the publication axis, for the caller."""

    act = serializers.ChoiceField(choices=Act.choices)
    possible = serializers.BooleanField()
    why_not = serializers.CharField(allow_blank=True, help_text="a sentence; empty when it is possible")


class Approvals(serializers.Serializer[Any]):
    needed = serializers.IntegerField()
    given = serializers.IntegerField(
        allow_null=True, help_text="of exactly this content; null while an opinion is owed"
    )


class DeskPublicationLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    claim = serializers.URLField()
    content = serializers.URLField()
    versions = serializers.URLField()
    public = serializers.URLField(help_text="the page that readers see, while it is public")


class DeskPublication(serializers.Serializer[Any]):
    """Whether a claim is public, in which version, and what keeps it from being published."""

    claim = serializers.UUIDField()
    state = serializers.ChoiceField(choices=PublicationState.choices)
    version = serializers.IntegerField(allow_null=True, help_text="the current one")
    version_digest = serializers.CharField(
        allow_null=True, help_text="of the content of the current version, to compare with content_digest"
    )
    content_digest = serializers.CharField(help_text="of the claim's content as it is now")
    workflow = serializers.ChoiceField(choices=Workflow.choices)
    approvals = Approvals()
    acts = Possible(many=True)
    links = DeskPublicationLinks()


class DeskVersionLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    claim = serializers.URLField()


class DeskVersion(serializers.Serializer[Any]):
    """An immutable published version. `self` leads to the stored bytes, of which `sha256` is the digest."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=VersionKind.choices)
    reason = serializers.CharField(allow_blank=True)
    sha256 = serializers.CharField()
    content_digest = serializers.CharField()
    published_by = DeskPerson()
    published_at = serializers.DateTimeField()
    entry = serializers.IntegerField(help_text="index in the log")
    links = DeskVersionLinks()


def publication_facts(ready: Readiness) -> dict[str, Any]:
    """What DeskPublication shows."""
    claim, version = ready.claim, ready.version
    why = {act: ready.why_not(act) for act in Act}
    return {
        "claim": claim.pk,
        "state": ready.state,
        "version": version.number if version else None,
        "version_digest": version.content_digest if version else None,
        "content_digest": ready.digest,
        "workflow": claim.workflow,
        "approvals": {"needed": ready.needed, "given": ready.approvals},
        "acts": [{"act": act, "possible": not why[act], "why_not": why[act]} for act in Act],
        "links": {
            "self": absolute("api-desk-publication", claim.pk),
            "claim": absolute("claim", claim.pk),
            "content": absolute("api-desk-content", claim.pk),
            "versions": absolute("api-desk-versions", claim.pk),
            "public": absolute("public-claim", claim.pk),
        },
    }


def version_facts(version: Version) -> dict[str, Any]:
    """What DeskVersion shows."""
    names = "id number kind reason sha256 content_digest published_at".split()
    return {name: getattr(version, name) for name in names} | {
        "published_by": person_facts(version.published_by),
        "entry": version.entry_id,
        "links": {
            "self": absolute("api-desk-version", version.claim_id, version.number),
            "claim": absolute("claim", version.claim_id),
        },
    }
