"""Origins of a claim in the database: rows in, the pure search of `origins.py`, names and sentences out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from claims.attribution import copies, origins
from claims.attribution.models import Assertion, AssertionRole
from claims.attribution.origins import Origins, Said
from claims.attribution.ties import Tie
from claims.statements.models import Claim
from claims.statements.reasons import Reason
from sources.catalog.models import Affiliation, Source


def assertions_of(claim: Claim) -> list[Assertion]:
    """The claim's assertions with all that pages, origins and snapshots need of them: six queries.

    In the order of the telling: whoever begins comes before whoever takes it over, then as they were said.
    """
    assertions = list(
        claim.assertions.select_related(
            "speaker", "on_behalf_of", "outlet", "document__outlet", "derives_from"
        ).prefetch_related("figures", "anchors__text__capture__entry")
    )
    steps = _steps(assertions)
    return sorted(
        assertions, key=lambda assertion: steps[assertion.pk]
    )  # stable: the query's order within a step


def _steps(assertions: list[Assertion]) -> dict[UUID, int]:
    """How many assertions lie between each one and where its chain begins; a circle counts as far as it goes."""
    derives_from = {assertion.pk: assertion.derives_from_id for assertion in assertions}
    steps: dict[UUID, int] = {}
    for start in derives_from:
        path: list[UUID] = []
        at: UUID | None = start
        while at is not None and at in derives_from and at not in steps and at not in path:
            path.append(at)
            at = derives_from[at]
        beyond = steps[at] + 1 if at in steps else 0
        for place, each in enumerate(reversed(path)):
            steps[each] = beyond + place
    return steps


def origins_of(claim: Claim, assertions: list[Assertion] | None = None) -> Origins:
    """Where the claim begins, by its assertions and the affiliations that the desk has on record."""
    assertions = assertions_of(claim) if assertions is None else assertions
    affiliations = Affiliation.objects.filter(source__desk=claim.desk_id)
    ties = [
        Tie(str(tie.source_id), tie.kind, str(tie.principal_id), tie.valid_from, tie.valid_to)
        for tie in affiliations
    ]
    # All the desk's parties, not only those who speak here: an agency may be owned by one that says nothing itself.
    parties = Source.objects.filter(desk=claim.desk_id, is_party=True).values_list("pk", flat=True)
    return origins.find_origins(_said(assertions), ties, parties=set(map(str, parties)))


def names_of(assertions: list[Assertion], claim: Claim) -> dict[str, str]:
    """What to call the ids in an origin's reasons: sources by name, assertions by speaker and outlet."""
    names: dict[str, str] = {}
    for assertion in assertions:
        for source in (assertion.speaker, assertion.on_behalf_of, assertion.outlet):
            if source is not None:
                names[str(source.pk)] = source.name
        names[str(assertion.pk)] = _label(assertion)
    tied = Affiliation.objects.filter(source__desk=claim.desk_id).values_list(
        "source_id", "source__name", "principal_id", "principal__name"
    )
    for source_id, source_name, principal_id, principal_name in tied:
        names.setdefault(str(source_id), source_name)
        names.setdefault(str(principal_id), principal_name)
    return names


def sentence(reason: Reason, names: dict[str, str]) -> str:
    """The reason in the reader's language, with names in place of ids."""
    return reason.say(gettext, names)


def origins_summary(claim: Claim) -> dict[str, Any]:
    """What a published version says about its origins: counts, groups with their sentences in English, cautions."""
    assertions = assertions_of(claim)
    found, names = origins_of(claim, assertions), names_of(assertions, claim)

    def said(reasons: tuple[Reason, ...]) -> list[str]:
        return [reason.say(names=names) for reason in reasons]

    return {
        "counts": found.counts,
        "groups": [
            {
                "name": ", ".join(names.get(voice, voice) for voice in origin.voices),
                "members": list(origin.members),
                "roots": list(origin.roots),
                "affirms": origin.affirms,
                "denies": origin.denies,
                "party": origin.is_party,
                "flags": sorted(origin.flags),
                "because": said(origin.merged_because),
            }
            for origin in found
        ],
        "cautions": said(found.cautions),
    }


def _said(assertions: list[Assertion]) -> list[Said]:
    # Only an outlet's own word can be a copy of another outlet's. An article also quotes others, who differ among
    # themselves though they stand in one text; whose word those quotes are, their speakers say.
    sketches = {
        str(assertion.pk): [bytes(a.text.fingerprint) for a in assertion.anchors.all() if a.text.fingerprint]
        for assertion in assertions
        if assertion.speaker_id == assertion.outlet_id
    }
    same_text = copies.group({key: found[0] for key, found in sketches.items() if found})
    return [
        Said(
            id=str(assertion.pk),
            speaker=str(assertion.speaker_id),
            on_behalf_of=str(assertion.on_behalf_of_id) if assertion.on_behalf_of_id else None,
            outlet=str(assertion.outlet_id) if assertion.outlet_id else None,
            derives_from=str(assertion.derives_from_id) if assertion.derives_from_id else None,
            polarity="denies" if assertion.polarity == "denies" else "affirms",
            is_relay=assertion.role == AssertionRole.RELAY,
            copy_of=same_text.get(str(assertion.pk)),
            at=assertion.said_at.date() if assertion.said_at else None,
        )
        for assertion in assertions
    ]


def _label(assertion: Assertion) -> str:
    if assertion.outlet is None or assertion.outlet_id == assertion.speaker_id:
        return assertion.speaker.name
    return f"{assertion.speaker.name} ({assertion.outlet.name})"
