"""The shapes of what is published: claims, their versions and parts, and what claims name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, time
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework import ISO_8601, serializers

from verify.api.shapes.base import Paging, Strict, absolute
from verify.publish.listing import compact
from verify.publish.models import Version, VersionKind
from verify.publish.states import SHOWN, PublicationState

SHOWN_STATES = [(state.value, state.label) for state in PublicationState if state in SHOWN]
ORDERS = {
    "changed": ("-changed_at", "publication_id"),
    "published": ("-published_at", "publication_id"),
    "relevance": ("-rank", "publication_id"),
}
EXPANSIONS = ("snapshot", "versions", "review")


class Names(serializers.CharField):
    """Names with commas between them, each of those that are known."""

    def __init__(self, *known: str, **options: Any) -> None:
        self.known = known
        super().__init__(max_length=400, **options)

    def to_internal_value(self, data: Any) -> Any:
        names = super().to_internal_value(data).split(",")
        unknown = [name for name in names if name not in self.known]
        if unknown:
            known = {"name": unknown[0], "known": ", ".join(self.known)}
            raise serializers.ValidationError(_("There is no “%(name)s” here. There are: %(known)s.") % known)
        return names


class FromDay(serializers.DateTimeField):
    """A moment (RFC 3339) or a day, which begins at midnight UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(input_formats=[ISO_8601, "%Y-%m-%d"], **options)


class UntilDay(FromDay):
    """A moment (RFC 3339) or a day, which ends with its last microsecond (UTC)."""

    def to_internal_value(self, value: Any) -> datetime:
        at: datetime = super().to_internal_value(value)
        return datetime.combine(at, time.max, at.tzinfo) if len(str(value).strip()) <= 10 else at


class ClaimFilters(Paging):
    q = serializers.CharField(
        required=False,
        max_length=200,
        help_text="words in the claim or its headline, as search engines take them; parts of words too",
    )
    case = serializers.UUIDField(required=False)
    source = serializers.UUIDField(required=False, help_text="anybody named: speaker, principal, outlet")  # type: ignore[assignment]
    speaker = serializers.UUIDField(required=False, help_text="who said it")
    verdict = serializers.SlugField(required=False, max_length=30, help_text="code of the desk's scale")
    topic = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    place = serializers.CharField(
        required=False,
        max_length=200,
        help_text="id or name, in English or Arabic, of where or of what it lies in",
    )
    desk = serializers.SlugField(required=False, max_length=50)
    said_from = FromDay(required=False, help_text="said at or after this moment, or day (UTC)")
    said_until = UntilDay(required=False, help_text="said at or before this moment, or day (UTC)")
    published_from = FromDay(required=False, help_text="of the current version")
    published_until = UntilDay(required=False, help_text="of the current version")
    language = serializers.RegexField(
        r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z",
        required=False,
        max_length=35,
        help_text="BCP 47; `ar` finds `ar-SY` too",
    )
    updated_since = FromDay(required=False, help_text="changed at or after this moment")
    state = serializers.ChoiceField(required=False, choices=SHOWN_STATES)
    order = serializers.ChoiceField(
        required=False,
        choices=[(name, name) for name in ORDERS],
        help_text="changed (the default): last changed first; published: newest version first; relevance: best for `q`",
    )

    def get_fields(self) -> dict[str, Any]:
        return {
            **super().get_fields(),
            "fields": Names(*ITEM, required=False, help_text="only these, with commas between"),
            "expand": Names(*EXPANSIONS, required=False, help_text="these too, with commas between"),
        }

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("order") == "relevance" and "q" not in given:
            raise serializers.ValidationError({"order": [_("Relevance to what? Give `q` too.")]})
        return given


class OneClaimFilters(Strict):
    """What is wanted of one claim."""

    def get_fields(self) -> dict[str, Any]:
        return {
            "fields": Names(*ITEM, required=False, help_text="only these, with commas between"),
            "expand": Names(*EXPANSIONS, required=False, help_text="these too, with commas between"),
        }


class Case(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()


class Labels(serializers.Serializer[Any]):
    en = serializers.CharField()
    ar = serializers.CharField(allow_blank=True)


class Verdict(serializers.Serializer[Any]):
    code = serializers.CharField()
    value = serializers.IntegerField()
    best = serializers.IntegerField()
    worst = serializers.IntegerField()
    labels = Labels()


class Topic(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


def _count(said: str = "", *, newer: bool = True) -> Any:
    return serializers.IntegerField(min_value=0, required=not newer, help_text=said)


class Origins(serializers.Serializer[Any]):
    """Who says so, counted. What an older version did not count is not there."""

    assertions = _count()
    outlets = _count("that carried it; they do not count as origins", newer=False)
    origins = _count("where it begins, of every kind", newer=False)
    party_origins = _count("parties to the conflict", newer=False)
    unattributed_origins = _count("that are named by nobody")
    origins_for = _count(newer=False)
    origins_against = _count(newer=False)
    independent_origins = _count("of each other")
    circle_origins = _count("circles of outlets that name each other")
    possible_origins = _count("that only said it may be so")
    unnamed_origins = _count("that nobody names")
    independent_party_origins = _count("of the independent ones, parties to the conflict")
    linked_origins = _count("of the independent ones, linked by money")
    cofunded_origins = _count("of the independent ones, funded by one and the same")


class ClaimLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    page = serializers.URLField(help_text="for people")
    versions = serializers.URLField()
    snapshot = serializers.URLField(help_text="the stored bytes of the current version")
    entry = serializers.URLField(help_text="the log entry's bytes")
    proof = serializers.URLField(help_text="inclusion proof; 404 until the log is signed next")


class ClaimSummary(serializers.Serializer[Any]):
    """A published claim, in short."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=SHOWN_STATES)
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="of the snapshot")
    first_published_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(help_text="of this version")
    desk = serializers.CharField()
    headline = serializers.CharField(allow_blank=True)
    text = serializers.CharField()
    language = serializers.CharField(help_text="BCP 47")
    case = Case(allow_null=True)
    topics = Topic(many=True)
    verdict = Verdict(allow_null=True, help_text="null for a retracted claim")
    origins = Origins()
    links = ClaimLinks()


def _snapshot(**options: Any) -> Any:
    return serializers.DictField(
        help_text="the stored bytes, schema verify-version/2 or older: claim, assertions, quotes, evidence, figures",
        **options,
    )


class ClaimDetail(ClaimSummary):
    """A published claim with everything that was published about it."""

    snapshot = _snapshot()


class VersionLinks(serializers.Serializer[Any]):
    self = serializers.URLField(help_text="the stored bytes")
    page = serializers.URLField()
    entry = serializers.URLField()
    proof = serializers.URLField()


class VersionOut(serializers.Serializer[Any]):
    """One immutable version."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=VersionKind.choices)
    reason = serializers.CharField(allow_blank=True, help_text="public reason of a correction or retraction")
    published_at = serializers.DateTimeField()
    sha256 = serializers.CharField(help_text="of the snapshot")
    content_sha256 = serializers.CharField(help_text="of the content that the reviewers approved")
    entry = serializers.IntegerField(help_text="index in the log")
    links = VersionLinks()


class ClaimItem(ClaimSummary):
    """A published claim in a list: with `fields` fewer members, with `expand` more."""

    snapshot = _snapshot(required=False)
    versions = VersionOut(many=True, required=False)
    review = serializers.DictField(
        required=False, allow_null=True, help_text="schema.org ClaimReview; null if none"
    )

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        for field in found.values():
            field.required = False
        return found


class OneClaim(ClaimItem):
    """A published claim with everything that was published about it, or with what `fields` names of it."""


ITEM = (*ClaimSummary().fields, *EXPANSIONS)


def links_of(pk: UUID, number: int) -> str:
    """ClaimLinks of a claim's current version, as JSON."""
    return _links(settings.SITE_URL).replace(str(_NOBODY), str(pk)).replace(str(_NEVER), str(number))


_NOBODY, _NEVER = UUID("00000000-0000-4000-8000-00000badcafe"), 2_147_483_646  # stand for id and number


@lru_cache(maxsize=4)
def _links(site: str) -> str:
    return compact(
        {
            "self": absolute("api-claim", _NOBODY),
            "page": absolute("public-claim", _NOBODY),
            "versions": absolute("api-versions", _NOBODY),
            "snapshot": absolute("api-version", _NOBODY, _NEVER),
            "entry": absolute("public-entry", _NOBODY, _NEVER),
            "proof": absolute("public-proof", _NOBODY, _NEVER),
        }
    )


def item(row: Mapping[str, Any], added: Mapping[str, str], fields: list[str] | None) -> str:
    """A claim as JSON: its listing's summary as it is stored, its links, and what is `added`, JSON by member.

    `row` has `publication_id`, `number` and `summary`. `fields` are all that is wanted, None for everything.
    """
    members = {"links": links_of(row["publication_id"], row["number"]), **added}
    if fields is not None:
        kept = {name: compact(value) for name, value in json.loads(row["summary"]).items()} | members
        members = {name: kept[name] for name in kept if name in fields}
        return f"{{{_joined(members)}}}"
    return f"{row['summary'][:-1]},{_joined(members)}}}"


def _joined(members: Mapping[str, str]) -> str:
    return ",".join(f'"{name}":{value}' for name, value in members.items())


def review_of(review: str) -> str:
    """A listing's ClaimReview with the addresses by which the world knows it, as JSON; null if it has none."""
    if not review:
        return "null"
    read = json.loads(review)
    read["url"] = f"{settings.SITE_URL}{read['url']}"
    read["author"]["url"] = f"{settings.SITE_URL}{read['author']['url']}"
    return compact(read)


def version_facts(version: Version) -> dict[str, Any]:
    """What VersionOut shows."""
    place = (version.claim_id, version.number)
    return {
        "number": version.number,
        "kind": version.kind,
        "reason": version.reason,
        "published_at": version.published_at,
        "sha256": version.sha256,
        "content_sha256": version.content_digest,
        "entry": version.entry_id,
        "links": {
            "self": absolute("api-version", *place),
            "page": absolute("public-version", *place),
            "entry": absolute("public-entry", *place),
            "proof": absolute("public-proof", *place),
        },
    }


class PartOf(serializers.Serializer[Any]):
    """A part of a claim, as its current version has it."""

    claim = serializers.UUIDField()
    version = serializers.IntegerField()
    sha256 = serializers.CharField(help_text="of the snapshot")


class ClaimPart(PartOf):
    results = serializers.ListField(
        child=serializers.DictField(), help_text="as in the newest schema of a claim"
    )


class ClaimOrigins(ClaimPart):
    counts = Origins()
    cautions = serializers.ListField(child=serializers.CharField())


class CopyLinks(serializers.Serializer[Any]):
    entry = serializers.URLField(help_text="the log entry's bytes")
    proof = serializers.URLField(help_text="inclusion proof; 404 until the log is signed next")


class Copy(serializers.Serializer[Any]):
    """An archived copy that the claim stands on, as it was published."""

    id = serializers.UUIDField()
    url = serializers.CharField(help_text="what was archived")
    finished_at = serializers.DateTimeField(allow_null=True)
    http_status = serializers.IntegerField(allow_null=True)
    datapackage_sha256 = serializers.CharField(allow_blank=True, help_text="of the WACZ's datapackage.json")
    texts_sha256 = serializers.ListField(
        child=serializers.CharField(), help_text="of the extracted texts that are quoted"
    )
    files_sha256 = serializers.ListField(
        child=serializers.CharField(), help_text="of the files in which a place is marked"
    )
    entry = serializers.IntegerField(allow_null=True, help_text="index in the log")
    links = CopyLinks(allow_null=True, help_text="null without an entry")


class ClaimCopies(PartOf):
    results = Copy(many=True)


class NamedLinks(serializers.Serializer[Any]):
    self = serializers.URLField()
    claims = serializers.URLField()


class PageLinks(NamedLinks):
    page = serializers.URLField(help_text="for people")


class CaseOut(serializers.Serializer[Any]):
    """A case of which something is published."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    claims = serializers.IntegerField(help_text="how many are public")
    updated_at = serializers.DateTimeField(help_text="when one of them last changed")
    links = PageLinks()


class TopicOut(serializers.Serializer[Any]):
    """A topic under which something published was filed."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    desk = serializers.SlugField()
    claims = serializers.IntegerField(help_text="how many are public")
    links = NamedLinks()


class SourceLinks(PageLinks):
    said = serializers.URLField(help_text="claims of which it is a speaker")


class SourceOut(serializers.Serializer[Any]):
    """A source as the newest version that names it describes it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.CharField()
    party = serializers.BooleanField(help_text="to the conflict")
    homepage = serializers.CharField(allow_blank=True)
    claims = serializers.IntegerField(help_text="public ones that name it")
    links = SourceLinks()


class Corrected(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=SHOWN_STATES)
    headline = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


class CorrectionOut(VersionOut):
    """A correction or retraction, with its public reason, and the claim as it stands now."""

    claim = Corrected()


def correction_facts(version: Version) -> dict[str, Any]:
    """What CorrectionOut shows."""
    summary = json.loads(version.claim.publication.listing.summary)
    return version_facts(version) | {"claim": {name: summary[name] for name in Corrected().fields}}
