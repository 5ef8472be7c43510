"""What a reviewer judges: a claim's whole content as plain data, and its digest.

Any change of what is here makes another digest and so voids the approvals of the old one. Personal names of protected
people never enter: a source is named by its public name or pseudonym.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from claims.attribution.models import Anchor, Assertion, Evidence
from claims.attribution.reading import assertions_of
from claims.statements.models import Claim, Figure
from sources.archive.states import CaptureState
from sources.catalog.models import Document, Source
from sources.custody import canonical
from verify.review.models import Rating, Verdict

SCHEMA = "verify-claim/1"


def content_of(claim: Claim) -> dict[str, Any]:
    """The claim with its figures, assertions, anchors, evidence and latest verdict, ready for canonical JSON.

    Ten queries, however much there is.
    """
    evidence = claim.evidence.select_related("document__outlet", "capture__entry", "assertion").order_by(
        "linked_at", "id"
    )
    verdict = claim.verdicts.select_related("rating").order_by("-number").first()
    return {
        "schema": SCHEMA,
        "id": str(claim.pk),
        "case": {"id": str(claim.case.pk), "title": claim.case.title} if claim.case else None,
        "text": claim.text,
        "headline": claim.headline,
        "language": claim.language,
        "figures": [_figure(figure) for figure in claim.figures.order_by("as_of", "id")],
        "assertions": [_assertion(assertion) for assertion in assertions_of(claim)],
        "evidence": [_evidence(piece) for piece in evidence],
        "verdict": _verdict(verdict) if verdict else None,
    }


def content_digest(claim: Claim) -> str:
    """The SHA-256 (lower-case hex) of the canonical JSON (RFC 8785) of `content_of`."""
    return canonical.digest(canonical.canonical(content_of(claim)))


def _source(source: Source | None) -> dict[str, Any] | None:
    if source is None:
        return None
    return {
        "id": str(source.pk),
        "name": source.name,
        "kind": source.kind,
        "party": source.is_party,
        "homepage": source.homepage,
    }


def _document(document: Document | None) -> dict[str, Any] | None:
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


def _capture(capture: Any) -> dict[str, Any]:
    return {
        "id": str(capture.pk),
        "url": capture.url,
        "finished_at": moment(capture.finished_at),
        "http_status": capture.http_status,
        "datapackage_sha256": capture.datapackage_sha256,
        "entry": capture.entry.index if capture.state == CaptureState.ARCHIVED else None,
    }


def _assertion(assertion: Assertion) -> dict[str, Any]:
    return {
        "id": str(assertion.pk),
        "speaker": _source(assertion.speaker),
        "role": assertion.role,
        "on_behalf_of": _source(assertion.on_behalf_of),
        "outlet": _source(assertion.outlet),
        "verb": assertion.verb,
        "hedge": assertion.hedge,
        "polarity": assertion.polarity,
        "said_at": moment(assertion.said_at),
        "said_precision": assertion.said_precision,
        "document": _document(assertion.document),
        "derives_from": str(assertion.derives_from_id) if assertion.derives_from_id else None,
        "figures": sorted(str(figure.pk) for figure in assertion.figures.all()),
        "quotes": [_anchor(anchor) for anchor in assertion.anchors.all()],
    }


def _anchor(anchor: Anchor) -> dict[str, Any]:
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


def _evidence(piece: Evidence) -> dict[str, Any]:
    return {
        "id": str(piece.pk),
        "stance": piece.stance,
        "strength": piece.strength,
        "credibility": piece.credibility,
        "reason": piece.reason,
        "assertion": str(piece.assertion_id) if piece.assertion_id else None,
        "document": _document(piece.document),
        "capture": _capture(piece.capture) if piece.capture else None,
    }


def _figure(figure: Figure) -> dict[str, Any]:
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
        "place": figure.place_as_written,
        "window": [moment(figure.window_from), moment(figure.window_to)],
        "as_of": moment(figure.as_of),
        "supersedes": str(figure.supersedes_id) if figure.supersedes_id else None,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
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
