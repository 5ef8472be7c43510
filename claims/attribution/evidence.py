"""What people do with evidence: link it to a claim, judge it anew, take it back; and which grades it may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.attribution.changing import (
    WITHDRAWAL,
    check_why,
    lock,
    refuse_other_desks,
    refuse_withdrawn,
    standing,
)
from claims.attribution.models import Assertion, Evidence, Region, Stance, Strength
from claims.attribution.origins import Origins, credibility_cap
from claims.attribution.reading import origins_of
from claims.statements.models import Claim
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import touch
from sources.archive.models import Capture
from sources.catalog.models import Document
from verify.accounts.acting import acting
from verify.accounts.models import User

EVIDENCE_FIELDS = ("stance", "strength", "credibility", "reason")


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
    region: Region | None = None,
    strength: Strength = Strength.MODERATE,
    credibility: int = 6,
) -> Evidence:
    """Link an assertion, a document, a capture or a region of one to a claim, for, against or as context."""
    check_can_edit_claims(by, claim.desk)
    things = {"assertion": assertion, "document": document, "capture": capture, "region": region}
    if sum(thing is not None for thing in things.values()) != 1:
        raise ValidationError(
            _("Evidence is exactly one thing: an assertion, a document, a capture or a region.")
        )
    refuse_other_desks(
        claim,
        document=document,
        capture=capture,
        assertion=assertion and assertion.claim,
        region=region and region.capture,
    )
    for field in ("assertion", "region"):
        refuse_withdrawn(field, [things[field]])
    evidence = Evidence(
        claim=claim,
        **things,
        stance=stance,
        strength=strength,
        credibility=credibility,
        reason=reason,
        linked_by=by,
        linked_at=at,
    )
    evidence.full_clean()
    _check_grade(evidence)
    with acting(by=by, at=at):
        evidence.save(force_insert=True)
        touch(claim=claim, by=by, at=at)
    return evidence


@transaction.atomic
def correct_evidence(
    *, evidence: Evidence, by: User, at: datetime, why: str, revision: int, **fields: Any
) -> Evidence:
    """Judge a piece of evidence anew: its stance, strength, credibility or reason.

    What it is stays: another thing is other evidence. Raises as `correct_assertion` does; the grade must be one that
    the origins allow now, whatever they allowed when it was given.
    """
    check_can_edit_claims(by, evidence.claim.desk)
    check_why(why)
    claim = lock(evidence.claim, revision)
    evidence = standing(evidence)
    if unknown := set(fields) - set(EVIDENCE_FIELDS):
        raise TypeError(f"Evidence has no {', '.join(sorted(unknown))} to correct.")
    changed = [name for name, value in fields.items() if getattr(evidence, name) != value]
    if not changed:
        raise ValidationError(_("Nothing has been changed."))
    for name in changed:
        setattr(evidence, name, fields[name])
    evidence.full_clean()
    _check_grade(evidence)
    with acting(by=by, at=at, why=why):
        evidence.save(update_fields=changed)
        touch(claim=claim, by=by, at=at)
    return evidence


@transaction.atomic
def withdraw_evidence(*, evidence: Evidence, by: User, at: datetime, why: str) -> Evidence:
    """Take back the link between a claim and a piece of evidence; the thing itself stays."""
    check_can_edit_claims(by, evidence.claim.desk)
    check_why(why)
    claim = lock(evidence.claim)
    evidence = standing(evidence)
    evidence.withdrawn_by, evidence.withdrawn_at, evidence.withdrawn_because = by, at, why
    with acting(by=by, at=at, why=why):
        evidence.save(update_fields=WITHDRAWAL)
        touch(claim=claim, by=by, at=at)
    return evidence


def beyond_grade(pieces: Iterable[Mapping[str, Any]], origins: Origins) -> list[Mapping[str, Any]]:
    """Those pieces (each with `stance` and `credibility`) that are graded better than the origins allow."""
    return [piece for piece in pieces if piece["credibility"] < best_grade(piece["stance"], origins)]


def best_grade(stance: str, origins: Origins) -> int:
    """The best credibility (1 is best) that evidence of a stance may be given while the claim has these origins."""
    return credibility_cap(origins, "denies" if stance == Stance.CONTRADICTS else "affirms")


def _check_grade(evidence: Evidence) -> None:
    cap = best_grade(evidence.stance, origins_of(evidence.claim))
    if evidence.credibility < cap:
        raise ValidationError(
            {
                "credibility": _(
                    "Fewer than two independent, named origins say this, so none confirms the other: "
                    "%(cap)s is the best grade."
                )
                % {"cap": cap}
            }
        )
