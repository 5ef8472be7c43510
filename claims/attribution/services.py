"""What people do to say who said it: attribute a claim, anchor a quote, link evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.attribution import anchors
from claims.attribution.models import (
    Anchor,
    Assertion,
    AssertionRole,
    Evidence,
    Polarity,
    Stance,
    Strength,
    Verb,
)
from claims.attribution.origins import credibility_cap
from claims.attribution.reading import origins_of
from claims.statements.models import Claim, Figure
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import add_figure, touch
from sources.archive.models import Capture, Text
from sources.catalog.models import Document, Source
from sources.custody import services as custody
from sources.custody.kinds import Kind
from sources.precision import Precision
from verify.accounts.models import User


@transaction.atomic
def attribute_claim(
    *,
    claim: Claim,
    speaker: Source,
    by: User,
    at: datetime,
    role: AssertionRole = AssertionRole.ORIGINATOR,
    on_behalf_of: Source | None = None,
    outlet: Source | None = None,
    verb: Verb = Verb.STATED,
    hedge: str = "",
    polarity: Polarity = Polarity.AFFIRMS,
    said_at: datetime | None = None,
    said_precision: Precision = Precision.DAY,
    document: Document | None = None,
    derives_from: Assertion | None = None,
    figures: list[Figure] | None = None,
) -> Assertion:
    """Record that `speaker` asserts (or denies) `claim`; all that is named must be of the claim's desk."""
    check_can_edit_claims(by, claim.desk)
    _refuse_other_desks(claim, speaker=speaker, on_behalf_of=on_behalf_of, outlet=outlet, document=document)
    if derives_from is not None and derives_from.claim.desk_id != claim.desk_id:
        raise ValidationError({"derives_from": _("Choose an assertion of the same desk.")})
    if any(figure.claim.desk_id != claim.desk_id for figure in figures or []):
        raise ValidationError({"figures": _("Choose one of the same desk.")})
    assertion = Assertion(
        claim=claim,
        speaker=speaker,
        role=role,
        on_behalf_of=on_behalf_of,
        outlet=outlet,
        verb=verb,
        hedge=hedge,
        polarity=polarity,
        said_at=said_at,
        said_precision=said_precision,
        document=document,
        derives_from=derives_from,
        created_by=by,
        created_at=at,
    )
    assertion.full_clean()
    assertion.save(force_insert=True)
    assertion.figures.set(figures or [])
    touch(claim=claim, by=by, at=at)
    return assertion


@transaction.atomic
def state_figure(*, assertion: Assertion, by: User, at: datetime, **fields: Any) -> Figure:
    """Add a scoped measurement that an assertion makes; `fields` are those of Figure."""
    figure = add_figure(claim=assertion.claim, by=by, at=at, **fields)
    assertion.figures.add(figure)
    return figure


@transaction.atomic
def anchor_quote(
    *, assertion: Assertion, text: Text, quote: str, by: User, at: datetime, near: int | None = None
) -> Anchor:
    """Tie an assertion to the words that show it, in an archived text.

    `near` is the code point near which the quotation was selected, for one that stands there more than once.
    Raises ValidationError for `quote` when the archived text does not hold it.
    """
    check_can_edit_claims(by, assertion.claim.desk)
    if text.capture.desk_id != assertion.claim.desk_id:
        raise ValidationError({"text": _("Choose an archived text of the same desk.")})
    if not quote.strip():
        raise ValidationError({"quote": _("Paste or select the words that show it.")})
    match = anchors.find(text.content, quote, near=near)
    if match is None:
        raise ValidationError({"quote": _why_not_found(text.content, quote)})
    if Anchor.objects.filter(assertion=assertion, text=text, start=match.start, end=match.end).exists():
        raise ValidationError({"quote": _("This place is anchored to this assertion already.")})
    anchor = Anchor.objects.create(
        assertion=assertion,
        text=text,
        text_sha256=text.sha256,
        start=match.start,
        end=match.end,
        exact=match.exact,
        prefix=match.prefix,
        suffix=match.suffix,
        quoted=quote,
        match=match.kind,
        occurrences=match.occurrences,
        created_by=by,
        created_at=at,
    )
    touch(claim=assertion.claim, by=by, at=at)
    custody.record(
        kind=Kind.ANCHOR_MADE,
        subject=anchor,
        facts={"text_sha256": text.sha256, "start": match.start, "end": match.end},
        by=by,
        at=at,
    )
    return anchor


@transaction.atomic
def link_evidence(
    *,
    claim: Claim,
    stance: Stance,
    reason: str,
    by: User,
    at: datetime,
    assertion: Assertion | None = None,
    document: Document | None = None,
    capture: Capture | None = None,
    strength: Strength = Strength.MODERATE,
    credibility: int = 6,
) -> Evidence:
    """Link an assertion, a document or a capture to a claim, for, against or as context."""
    check_can_edit_claims(by, claim.desk)
    _refuse_other_desks(claim, document=document, capture=capture, assertion=assertion and assertion.claim)
    if sum(thing is not None for thing in (assertion, document, capture)) != 1:
        raise ValidationError(_("Evidence is exactly one thing: an assertion, a document or a capture."))
    cap = credibility_cap(origins_of(claim), "denies" if stance == Stance.CONTRADICTS else "affirms")
    if credibility < cap:
        raise ValidationError(
            {
                "credibility": _(
                    "Fewer than two independent, named origins say this, so none confirms the other: "
                    "%(cap)s is the best grade."
                )
                % {"cap": cap}
            }
        )
    evidence = Evidence(
        claim=claim,
        assertion=assertion,
        document=document,
        capture=capture,
        stance=stance,
        strength=strength,
        credibility=credibility,
        reason=reason,
        linked_by=by,
        linked_at=at,
    )
    evidence.full_clean()
    evidence.save(force_insert=True)
    touch(claim=claim, by=by, at=at)
    return evidence


def _why_not_found(content: str, quote: str) -> str:
    near = anchors.closest(content, quote)
    if near is None:
        return _("The archived text does not hold these words. Check the quotation.")
    differences = ", ".join(f"“{each.quoted}” / “{each.found}”" for each in near.differences)
    return _(
        "The archived text does not hold these words. Closest is “%(exact)s”; it differs in (quoted / archived): "
        "%(differences)s"
    ) % {"exact": near.exact, "differences": differences}


def _refuse_other_desks(claim: Claim, **things: Any) -> None:
    for field, thing in things.items():
        if thing is not None and thing.desk_id != claim.desk_id:
            raise ValidationError({field: _("Choose one of the same desk.")})
