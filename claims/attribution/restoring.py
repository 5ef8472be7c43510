"""Taking back a withdrawal, of an assertion or a piece of evidence: a new change with a reason, checked as a new row.

What was withdrawn together comes back piece by piece, each after its own look: evidence that was nothing but an
assertion is not judged anew by reinstating the assertion, and what was handed over stays where it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.attribution.changing import (
    WITHDRAWAL,
    check_why,
    circles_as_sentences,
    hold_chains_still,
    lock,
    refuse_other_desks,
)
from claims.attribution.evidence import EVIDENCE_FIELDS, _check_grade
from claims.attribution.models import Assertion, Evidence
from claims.attribution.services import (
    ASSERTION_FIELDS,
    SOURCES,
    _check_document_shows_it,
    _check_root,
    _set,
)
from claims.statements.rules import check_can_edit_claims
from claims.statements.services import touch
from verify.accounts.acting import acting
from verify.accounts.models import User


@transaction.atomic
def reinstate_assertion(
    *, assertion: Assertion, by: User, at: datetime, why: str, revision: int | None = None, **fields: Any
) -> Assertion:
    """Let an assertion that was withdrawn stand again, with `fields` (of `attribute_claim`) as they shall be.

    A source that was merged meanwhile is replaced by the other. Raises ValidationError when it stands already, when
    what it was taken over from does not stand or was itself taken over from it, and when its quotes lie in copies of
    another document; ChangedMeanwhile if the claim is no longer at `revision`.
    """
    check_can_edit_claims(by, assertion.claim.desk)
    check_why(why)
    hold_chains_still(assertion.claim.desk_id)
    claim = lock(assertion.claim, revision)
    assertion = _withdrawn(assertion, "speaker", "on_behalf_of", "outlet", "document", "derives_from__claim")
    if unknown := set(fields) - set(ASSERTION_FIELDS):
        raise TypeError(f"An assertion has no {', '.join(sorted(unknown))} to reinstate.")
    now = {name: getattr(assertion, name) for name in (*SOURCES, "document", "derives_from")}
    changed = _set(assertion, **(now | fields))
    if assertion.derives_from is not None:
        _check_root("derives_from", assertion, assertion.derives_from)
        _check_no_circle(assertion)
    if "document" in changed:
        _check_document_shows_it(assertion)
    _stand_again(assertion)
    with acting(by=by, at=at, why=why), circles_as_sentences():
        assertion.save(update_fields=[*WITHDRAWAL, *changed])
        touch(claim=claim, by=by, at=at)
    return assertion


@transaction.atomic
def reinstate_evidence(
    *, evidence: Evidence, by: User, at: datetime, why: str, revision: int | None = None, **fields: Any
) -> Evidence:
    """Let a piece of evidence that was withdrawn count again, judged as `fields` say.

    What it is must stand, and the grade must be one that the origins allow now. Raises as `reinstate_assertion` does.
    """
    check_can_edit_claims(by, evidence.claim.desk)
    check_why(why)
    claim = lock(evidence.claim, revision)
    evidence = _withdrawn(evidence, "assertion__claim", "document", "capture", "region__capture")
    if unknown := set(fields) - set(EVIDENCE_FIELDS):
        raise TypeError(f"Evidence has no {', '.join(sorted(unknown))} to reinstate.")
    check_evidence_stands(evidence)
    refuse_other_desks(
        claim,
        document=evidence.document,
        capture=evidence.capture,
        assertion=evidence.assertion and evidence.assertion.claim,
        region=evidence.region and evidence.region.capture,
    )
    for name, value in fields.items():
        setattr(evidence, name, value)
    _stand_again(evidence)
    _check_grade(evidence)
    with acting(by=by, at=at, why=why):
        evidence.save(update_fields=[*WITHDRAWAL, *fields])
        touch(claim=claim, by=by, at=at)
    return evidence


def check_evidence_stands(evidence: Evidence) -> None:
    """ValidationError when the thing that it is was itself withdrawn."""
    if evidence.assertion is not None and not evidence.assertion.stands:
        raise ValidationError(
            {"assertion": _("The assertion that it is was withdrawn: reinstate that one first.")}
        )
    if evidence.region is not None and not evidence.region.stands:
        raise ValidationError({"region": _("The place in a file that it is was withdrawn.")})


def _withdrawn(thing: Any, *related: str) -> Any:
    """The row as it is, which the claim's lock holds still; ValidationError if it stands."""
    rows = type(thing).objects.select_related("claim__desk", *related)
    row = rows.get(pk=thing.pk)
    if row.stands:
        raise ValidationError(_("It stands already: nobody has withdrawn it, or somebody reinstated it."))
    return row


def _stand_again(row: Any) -> None:
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_because = None, None, ""
    row.full_clean()


def _check_no_circle(assertion: Assertion) -> None:
    """The database looks only when what it derives from is written; here nothing of that may have changed."""
    seen, root = {assertion.pk}, assertion.derives_from
    while root is not None:
        if root.pk in seen:
            raise ValidationError(
                {
                    "derives_from": _(
                        "That one was itself taken over from this one, directly or through others: a circle."
                    )
                }
            )
        seen.add(root.pk)
        root = root.derives_from
