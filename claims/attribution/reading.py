"""Origins of a claim in the database: rows in, the pure search of `origins.py`, names and sentences out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Prefetch, Q, prefetch_related_objects
from django.utils.translation import gettext

from claims.attribution import copies, origins
from claims.attribution.models import Anchor, Assertion, AssertionRole, Citation, Region
from claims.attribution.origins import Modality, Origins, Said
from claims.attribution.ties import SAME_AS, Tie
from claims.statements.models import Claim, Figure
from claims.statements.reasons import Reason
from sources.archive.models import Text
from sources.catalog.models import Affiliation, Source


def assertions_of(claim: Claim) -> list[Assertion]:
    """The claim's assertions that stand, with all that pages, origins and snapshots need of them.

    In the order of the telling: whoever begins comes before whoever takes it over, then as they were said. Six
    queries, nine when some are anchored, one more when one was taken over from an assertion that is not among them
    (another claim's, or a withdrawn one). Of the anchors' texts the content is left in the database. A source's
    `merged_into` is there too; figures, regions and citations are those that stand.
    """
    assertions = list(claim.assertions.standing().select_related("document"))
    _with_rows(claim, assertions)
    texts = Text.objects.defer("content").prefetch_related("capture__entry")
    prefetch_related_objects(assertions, Prefetch("anchors__text", texts))
    _with_sources(assertions)
    _with_parents(assertions)
    steps = _steps(assertions)
    return sorted(assertions, key=lambda each: steps[each.pk])  # stable: the query's order within a step


def _with_rows(claim: Claim, assertions: list[Assertion]) -> None:
    """What `prefetch_related` would do for the rows of each assertion, in a fraction of the time.

    That sends the ids of all assertions with each query, and builds a queryset for each assertion and relation, most of
    them empty. Here the claim is asked for, and all that have no rows share one `none()`, which nothing done with it
    can fill. Only here is Django's own cache written; whoever uses `.all()` does not see the difference.
    """
    relations: list[tuple[str, str, Any]] = [
        ("figures", "assertions", Figure.objects.standing()),
        ("citations", "assertion", Citation.objects.filter(cited__withdrawn_at=None)),
        ("regions", "assertion", Region.objects.standing().select_related("capture__entry")),
        ("anchors", "assertion", Anchor.objects.all()),
    ]
    here: dict[UUID, Any] = {assertion.pk: assertion for assertion in assertions}
    for name, link, rows in relations if here else []:
        found: dict[UUID, list[Any]] = defaultdict(list)
        for row in rows.filter(**{f"{link}__claim": claim}).annotate(of=F(link)):
            found[row.of].append(row)
        nothing = rows.none()
        for pk, assertion in here.items():
            kept = nothing
            if pk in found:
                kept = getattr(assertion, name)._apply_rel_filters(rows)
                kept._result_cache = found[pk]
                if link == "assertion":
                    for row in found[pk]:
                        row.assertion = assertion
            vars(assertion).setdefault("_prefetched_objects_cache", {})[name] = kept


def _with_sources(assertions: list[Assertion]) -> None:
    """One query and one object for each source, not one for each assertion: a few sources say most of it."""
    things: list[tuple[Any, str]] = [
        (assertion, field) for assertion in assertions for field in ("speaker", "on_behalf_of", "outlet")
    ]
    things += [(assertion.document, "outlet") for assertion in assertions if assertion.document is not None]
    named = [(thing, field, getattr(thing, f"{field}_id")) for thing, field in things]
    known = Source.objects.select_related("merged_into").in_bulk({id for _, _, id in named if id})
    for thing, field, id in named:
        if id:
            setattr(thing, field, known[id])


def _with_parents(assertions: list[Assertion]) -> None:
    here = {assertion.pk: assertion for assertion in assertions}
    above = {each.derives_from_id for each in assertions if each.derives_from_id}
    elsewhere = Assertion.objects.select_related("speaker__merged_into", "outlet__merged_into")
    known = here | (elsewhere.in_bulk(above - here.keys()) if above - here.keys() else {})
    for assertion in assertions:
        if assertion.derives_from_id:
            assertion.derives_from = known[assertion.derives_from_id]
        for citation in assertion.citations.all():
            if citation.cited_id in here:
                citation.cited = here[citation.cited_id]


def _steps(assertions: list[Assertion]) -> dict[UUID, int]:
    """How many assertions lie between each one and where its chain begins; a circle counts as far as it goes."""
    derives_from = {assertion.pk: assertion.derives_from_id for assertion in assertions}
    steps: dict[UUID, int] = {}
    for start in derives_from:
        path: dict[UUID, None] = {}
        at: UUID | None = start
        while at is not None and at in derives_from and at not in steps and at not in path:
            path[at] = None
            at = derives_from[at]
        beyond = steps[at] + 1 if at in steps else 0
        for place, each in enumerate(reversed(path)):
            steps[each] = beyond + place
    return steps


def origins_of(claim: Claim, assertions: list[Assertion] | None = None) -> Origins:
    """Where the claim begins, by its assertions and what the desk has on record of whoever speaks.

    Four queries, one more when the assertions are not given, and two more when a chain leads out of the claim: it is
    followed to where it begins there.
    """
    if assertions is None:
        assertions = list(claim.assertions.standing().only(*_WHO_SAID_IT).order_by())
    affiliations = Affiliation.objects.standing().filter(source__desk=claim.desk_id)
    ties = [
        Tie(str(source), kind, str(principal), begun, ended)
        for source, kind, principal, begun, ended in affiliations.values_list(
            "source_id", "kind", "principal_id", "valid_from", "valid_to"
        )
    ]
    # All the desk's parties, not only those who speak here: an agency may be owned by one that says nothing itself.
    marked = Source.objects.filter(Q(is_party=True) | Q(merged_into__isnull=False), desk=claim.desk_id)
    parties, read_as = set(), {}
    for source, is_party, merged_into in marked.values_list("pk", "is_party", "merged_into_id"):
        if is_party:
            parties.add(str(source))
        if merged_into is not None:
            read_as[source] = merged_into
    ties += [Tie(str(source), SAME_AS, str(record)) for source, record in read_as.items()]
    copied = _copies(claim, assertions, read_as)
    return origins.find_origins(_said(claim, assertions, copied), ties, parties=parties)


def names_of(assertions: list[Assertion], claim: Claim) -> dict[str, str]:
    """What to call the ids in an origin's reasons: sources by name, assertions by speaker and outlet.

    One query, and two more when a chain leads out of the claim.

    A duplicate has its own name here, for the sentence that says whose duplicate it is; assertions are labelled with
    the name of the source that it was merged into.
    """
    names: dict[str, str] = {}
    for assertion in assertions:
        if assertion.derives_from is not None:
            names[str(assertion.derives_from_id)] = _label(assertion.derives_from)
        for source in (assertion.speaker, assertion.on_behalf_of, assertion.outlet):
            if source is not None:
                names[str(source.pk)] = source.name
    for beginning in _beginnings(claim, assertions).values():
        names[str(beginning.pk)] = _label(beginning)
        for source in (beginning.speaker, beginning.on_behalf_of):
            if source is not None:
                names[str(source.pk)] = source.name
    names |= {str(assertion.pk): _label(assertion) for assertion in assertions}
    tied = Affiliation.objects.standing()
    others = Source.objects.filter(
        Exists(tied.filter(source=OuterRef("pk")))
        | Exists(tied.filter(principal=OuterRef("pk")))
        | Exists(Source.objects.filter(merged_into=OuterRef("pk"))),
        desk=claim.desk_id,
    )
    for pk, name in others.values_list("pk", "name"):
        names.setdefault(str(pk), name)
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


_WHO_SAID_IT = ["claim_id", "speaker_id", "on_behalf_of_id", "outlet_id", "derives_from_id"]
_WHO_SAID_IT += ["polarity", "modality", "role", "said_at"]


def _copies(claim: Claim, assertions: list[Assertion], read_as: dict[UUID, UUID]) -> dict[str, str]:
    """Which assertions stand in near-identical texts, as `copies.group` has it.

    Only an outlet's own word can be a copy of another outlet's. An article also quotes others, who differ among
    themselves though they stand in one text; whose word those quotes are, their speakers say.
    """

    def record(source: UUID | None) -> UUID | None:
        return source and read_as.get(source, source)

    own = {each.pk for each in assertions if record(each.speaker_id) == record(each.outlet_id)}
    anchors = Anchor.objects.filter(assertion__claim=claim, text__fingerprint__isnull=False)
    sketches: dict[str, bytes] = {}
    for assertion, sketch in anchors.values_list("assertion_id", "text__fingerprint"):
        if assertion in own and sketch:
            sketches.setdefault(
                str(assertion), bytes(sketch)
            )  # of its first quotation, as anchors are ordered
    return copies.group(sketches)


def _said(claim: Claim, assertions: list[Assertion], copied: dict[str, str]) -> list[Said]:
    cites: dict[UUID, list[str]] = defaultdict(list)
    citations = Citation.objects.filter(assertion__claim=claim).order_by()
    for assertion, cited in citations.values_list("assertion_id", "cited_id"):
        cites[assertion].append(str(cited))
    said = [
        Said(
            id=str(assertion.pk),
            speaker=str(assertion.speaker_id),
            on_behalf_of=_id(assertion.on_behalf_of_id),
            outlet=_id(assertion.outlet_id),
            derives_from=_id(assertion.derives_from_id),
            cites=tuple(cites[assertion.pk]),
            polarity="denies" if assertion.polarity == "denies" else "affirms",
            modality=cast("Modality", assertion.modality),
            is_relay=assertion.role == AssertionRole.RELAY,
            copy_of=copied.get(str(assertion.pk)),
            at=assertion.said_at.date() if assertion.said_at else None,
        )
        for assertion in assertions
    ]
    beginnings = _beginnings(claim, assertions)
    return [_begun_elsewhere(each, beginnings.get(each.id), claim.pk) for each in said]


_ABOVE = """
    WITH RECURSIVE above(begun_by, id) AS (
        SELECT id, derives_from_id FROM claims_assertion WHERE id = ANY(%s)
        UNION
        SELECT above.begun_by, row.derives_from_id FROM above JOIN claims_assertion row ON row.id = above.id
        WHERE row.claim_id <> %s AND row.withdrawn_at IS NULL AND row.derives_from_id IS NOT NULL
    )
    SELECT begun_by, id FROM above JOIN claims_assertion row USING (id)
    WHERE row.claim_id = %s OR row.withdrawn_at IS NOT NULL OR row.derives_from_id IS NULL
"""


def _beginnings(claim: Claim, assertions: list[Assertion]) -> dict[str, Assertion]:
    """Where chains end that lead out of the assertions: at their root, back in the claim, or at a withdrawn one."""
    here = {each.pk for each in assertions}
    leading_out = [
        each.pk for each in assertions if each.derives_from_id and each.derives_from_id not in here
    ]
    if not leading_out:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [leading_out, claim.pk, claim.pk])
        ends = dict(cursor.fetchall())
    speakers = Assertion.objects.select_related("speaker__merged_into", "on_behalf_of", "outlet__merged_into")
    found = speakers.in_bulk(set(ends.values()))
    return {str(start): found[end] for start, end in ends.items()}


def _begun_elsewhere(said: Said, beginning: Assertion | None, claim: UUID) -> Said:
    """What was taken over from another claim's assertion is the word of whoever it begins with there."""
    if beginning is None:
        return said
    is_relay = beginning.role == AssertionRole.RELAY
    unnamed = is_relay and not beginning.on_behalf_of_id
    if beginning.claim_id == claim or not beginning.stands or unnamed:
        return replace(said, derives_from=str(beginning.pk))
    return replace(
        said,
        speaker=str(beginning.speaker_id),
        on_behalf_of=_id(beginning.on_behalf_of_id),
        outlet=said.outlet or (said.speaker if said.is_relay else None),
        derives_from=None,
        is_relay=is_relay,
        at=beginning.said_at.date() if beginning.said_at else None,
    )


def _id(pk: UUID | None) -> str | None:
    return str(pk) if pk else None


def _current(source: Source) -> Source:
    """The source that a duplicate is read as, else the source itself."""
    return source.merged_into or source


def _label(assertion: Assertion) -> str:
    speaker, outlet = _current(assertion.speaker), assertion.outlet and _current(assertion.outlet)
    return speaker.name if outlet in (None, speaker) else f"{speaker.name} ({outlet.name})"
