"""What a reviewer judges: a claim's whole content as plain data, and its digest.

Only what stands is here: a row that was withdrawn counts nowhere. A source that was merged into another is named as
the one that stands, with `recorded_as` saying under which record it was entered. Any change of what is here makes
another digest and so voids the approvals of the old one. Personal names of protected people never enter: a source is
named by its public name or pseudonym.

The schema is verify-claim/3 where a medium is rated, else verify-claim/2, which says the same without them: so what was
approved before media could be rated stays approved. Published versions may still hold the older verify-claim/1
(docs/reference/exports.md says what differs).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from claims.attribution.models import Anchor, Assertion, Citation, Evidence, Region
from claims.attribution.reading import assertions_of
from claims.statements.models import Claim, Figure, Place
from claims.statements.places import PARENTS, path_of
from sources.archive.models import Capture, Text
from sources.archive.states import CaptureState
from sources.catalog.models import Document, Source
from sources.custody import canonical
from verify.review.models import MediaRating, Rating, Verdict

SCHEMA = "verify-claim/2"
WITH_MEDIA = (
    "verify-claim/3"  # the same, and ratings of media: what was approved before there were any stays approved
)

Json = dict[str, Any]


def content_of(claim: Claim, assertions: list[Assertion] | None = None) -> Json:
    """The claim with its figures, assertions, anchors, regions, evidence, latest verdict and ratings of media, for
    canonical JSON.

    `assertions` are those of `assertions_of`, for who has read them already. The number of queries does not grow with
    what there is.
    """
    if assertions is None:
        assertions = assertions_of(claim)
    verdict = claim.verdicts.select_related("rating").order_by("-number").first()
    media = [_medium(rating) for rating in _standing_media(claim)]
    return {
        "schema": WITH_MEDIA if media else SCHEMA,
        **_head(claim),
        "language": claim.language,
        "figures": [_figure(figure) for figure in _with_scope(claim.figures.standing())],
        "assertions": [_assertion(assertion) for assertion in assertions],
        "evidence": [_evidence(piece) for piece in _standing_evidence(claim)],
        "verdict": _verdict(verdict) if verdict else None,
        **({"media": media} if media else {}),
    }


def content_digest(claim: Claim) -> str:
    """The SHA-256 (lower-case hex) of the canonical JSON (RFC 8785) of `content_of`."""
    return canonical.digest(canonical.canonical(content_of(claim)))


def figures_of(claims: QuerySet[Claim]) -> list[Json]:
    """Those of `claims` that have figures, with these and the assertions that give them, as in `content_of`.

    The number of queries does not grow with the claims.
    """
    claims = claims.select_related("case")
    figures: dict[UUID, list[Json]] = defaultdict(list)
    for figure in _with_scope(Figure.objects.standing().filter(claim__in=claims)):
        figures[figure.claim_id].append(_figure(figure))
    found = [claim for claim in claims if claim.pk in figures]
    said: dict[UUID, list[Json]] = defaultdict(list)
    for assertion in _giving_figures(claims):
        said[assertion.claim_id].append(_assertion(assertion))
    return [
        {
            "schema": SCHEMA,
            **_head(claim),
            "figures": figures[claim.pk],
            "assertions": said[claim.pk],
            "evidence": [],
        }
        for claim in found
    ]


def _head(claim: Claim) -> Json:
    return {
        "id": str(claim.pk),
        "case": {"id": str(claim.case.pk), "title": claim.case.title} if claim.case else None,
        "text": claim.text,
        "headline": claim.headline,
    }


def _with_scope(figures: Any) -> Iterable[Figure]:
    related = ("supersedes", "part_of", "place", f"place__{PARENTS}")
    found: Iterable[Figure] = figures.select_related(*related).order_by("as_of", "id")
    return found


def _giving_figures(claims: QuerySet[Claim]) -> Iterable[Assertion]:
    """The assertions of `claims` that give figures."""
    marked = Region.objects.standing().select_related("capture")
    cited = Citation.objects.filter(cited__withdrawn_at__isnull=True)
    sources = ("speaker", "on_behalf_of", "outlet", "document__outlet")
    return (
        Assertion.objects.standing()
        .filter(
            pk__in=Assertion.figures.through.objects.filter(assertion__claim__in=claims).values("assertion")
        )
        .select_related(*(f"{source}__merged_into" for source in sources), "derives_from")
        .prefetch_related(
            "figures",
            Prefetch("anchors__text", queryset=Text.objects.defer("content").select_related("capture")),
            Prefetch("regions", queryset=marked),
            Prefetch("citations", queryset=cited),
        )
    )


def _standing_evidence(claim: Claim) -> Iterable[Evidence]:
    """What stands and is about something that stands."""
    evidence: Iterable[Evidence] = (
        claim.evidence.standing()
        .filter(assertion__withdrawn_at__isnull=True, region__withdrawn_at__isnull=True)
        .select_related("document__outlet__merged_into", "capture", "assertion", "region__capture")
        .order_by("linked_at", "id")
    )
    return evidence


def _standing_media(claim: Claim) -> Iterable[MediaRating]:
    ratings: Iterable[MediaRating] = (
        claim.media_ratings.standing().select_related("capture").order_by("rated_at", "id")
    )
    return ratings


def _source(source: Source | None) -> Json | None:
    if source is None:
        return None
    stands = source.merged_into or source
    return {
        "id": str(stands.pk),
        "name": stands.name,
        "kind": stands.kind,
        "party": stands.is_party,
        "homepage": stands.homepage,
        "recorded_as": {"id": str(source.pk), "name": source.name} if stands is not source else None,
    }


def _document(document: Document | None) -> Json | None:
    if document is None:
        return None
    return {
        "id": str(document.pk),
        "url": document.url,
        "title": document.title,
        "outlet": _source(document.outlet),
        "published_at": moment(document.published_at),
        "published_precision": document.published_precision,
    }


def _capture(capture: Capture) -> Json:
    return {
        "id": str(capture.pk),
        "url": capture.url,
        "finished_at": moment(capture.finished_at),
        "http_status": capture.http_status,
        "datapackage_sha256": capture.datapackage_sha256,
        "entry": capture.entry_id if capture.state == CaptureState.ARCHIVED else None,
    }


def _assertion(assertion: Assertion) -> Json:
    return {
        "id": str(assertion.pk),
        "speaker": _source(assertion.speaker),
        "role": assertion.role,
        "on_behalf_of": _source(assertion.on_behalf_of),
        "outlet": _source(assertion.outlet),
        "verb": assertion.verb,
        "hedge": assertion.hedge,
        "polarity": assertion.polarity,
        "modality": assertion.modality,
        "said_at": moment(assertion.said_at),
        "said_precision": assertion.said_precision,
        "published_at": moment(assertion.published_at),
        "published_precision": assertion.published_precision,
        "document": _document(assertion.document),
        "derives_from": _standing_id(assertion.derives_from),
        "cites": sorted(str(citation.cited_id) for citation in assertion.citations.all()),
        "figures": sorted(str(figure.pk) for figure in assertion.figures.all() if figure.stands),
        "quotes": [_anchor(anchor) for anchor in assertion.anchors.all()],
        "regions": [_region(region) for region in assertion.regions.all() if region.stands],
    }


def _standing_id(thing: Assertion | Figure | None) -> str | None:
    return str(thing.pk) if thing is not None and thing.stands else None


def _anchor(anchor: Anchor) -> Json:
    return {
        "id": str(anchor.pk),
        "exact": anchor.exact,
        "prefix": anchor.prefix,
        "suffix": anchor.suffix,
        "start": anchor.start,
        "end": anchor.end,
        "match": anchor.match,
        "text_sha256": anchor.text_sha256,
        "capture": _capture(anchor.text.capture),
    }


def _region(region: Region) -> Json:
    """A place in an archived file. `box`: left, top, width, height; `span`: milliseconds from, to."""
    kept = (
        region.capture.state == CaptureState.ARCHIVED
    )  # of an erased file nobody can say any more which it was
    file = ("body" if region.blob_sha256 == region.capture.body_id else "screenshot") if kept else None
    return {
        "id": str(region.pk),
        "kind": region.kind,
        "file": file,
        "blob_sha256": region.blob_sha256,
        "page": region.page,
        "box": None if region.left is None else [region.left, region.top, region.width, region.height],
        "span": None if region.from_ms is None else [region.from_ms, region.to_ms],
        "fragment": region.fragment,
        "shows": region.shows,
        "found": region.found,
        "capture": _capture(region.capture),
    }


def _evidence(piece: Evidence) -> Json:
    return {
        "id": str(piece.pk),
        "stance": piece.stance,
        "strength": piece.strength,
        "credibility": piece.credibility,
        "reason": piece.reason,
        "assertion": str(piece.assertion_id) if piece.assertion_id else None,
        "document": _document(piece.document),
        "capture": _capture(piece.capture) if piece.capture else None,
        "region": _region(piece.region) if piece.region else None,
    }


def _medium(rating: MediaRating) -> Json:
    """`is_file`: the archived copy is of the medium itself, and not of a page that shows it."""
    return {
        "id": str(rating.pk),
        "media": rating.media,
        "rating": rating.rating,
        "context": rating.context,
        "original_url": rating.original_url,
        "is_file": rating.capture.media_type.partition("/")[0] == rating.media,
        "capture": _capture(rating.capture),
    }


def _figure(figure: Figure) -> Json:
    return {
        "id": str(figure.pk),
        "lower": figure.lower,
        "point": figure.point,
        "upper": figure.upper,
        "qualifier": figure.qualifier,
        "as_written": figure.as_written,
        "unit": figure.unit,
        "category": figure.category,
        "perpetrator": figure.perpetrator,
        "place": _place(figure.place),
        "place_as_written": figure.place_as_written,
        "window": [moment(figure.window_from), moment(figure.window_to)],
        "as_of": moment(figure.as_of),
        "supersedes": _standing_id(figure.supersedes),
        "part_of": _standing_id(figure.part_of),
        "parts_are_all": figure.parts_are_all,
    }


def _place(place: Place | None) -> Json | None:
    """`path` leads from the whole to the part, the place itself included."""
    if place is None:
        return None
    return {
        "id": str(place.pk),
        "kind": place.kind,
        "name": place.name,
        "name_ar": place.name_ar,
        "path": [each.name for each in path_of(place)],
        "path_ar": [each.name_ar or each.name for each in path_of(place)],
    }


def _verdict(verdict: Verdict) -> Json:
    rating = verdict.rating
    scale = [rating, *Rating.objects.filter(desk=rating.desk_id, retired=False)]
    return {
        "number": verdict.number,
        "code": rating.code,
        "value": rating.value,
        "best": max(step.value for step in scale),
        "worst": min(step.value for step in scale),
        "labels": {"en": rating.label, "ar": rating.label_ar},
        "rationale": verdict.rationale,
    }


def moment(value: datetime | date | None) -> str | None:
    """A date as YYYY-MM-DD, a moment in UTC as YYYY-MM-DDTHH:MM:SS.ffffffZ, nothing as None."""
    if value is None:
        return None
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(value, datetime) else value.isoformat()
