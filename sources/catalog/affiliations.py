"""Whose a source is, from when to when and shown by what: said, corrected, ended, withdrawn; never deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sources.catalog import rules
from sources.catalog.changing import check_why, lock_standing
from sources.catalog.models import Affiliation, AffiliationKind, Document, Source
from verify.accounts.acting import acting
from verify.accounts.models import User

HOLDING = (AffiliationKind.OWNED_BY, AffiliationKind.PART_OF)
MOST_WAYS = 1000  # that are followed upwards from one source
_FIELDS = ["kind", "principal", "valid_from", "valid_to", "evidence", "note"]


@transaction.atomic
def affiliate(
    *,
    source: Source,
    kind: AffiliationKind,
    principal: Source,
    by: User,
    valid_from: date | None = None,
    valid_to: date | None = None,
    evidence: Document | None = None,
    note: str = "",
    at: datetime | None = None,
) -> Affiliation:
    """Say whose a source is: owned by, part of, speaks for, employed by or funded by `principal`."""
    rules.check_can_edit_catalog(by, source.desk)
    affiliation = Affiliation(
        source=lock_standing(source),
        kind=kind,
        principal=principal,
        valid_from=valid_from,
        valid_to=valid_to,
        evidence=evidence,
        note=note,
    )
    _check(affiliation)
    with acting(by=by, at=at or timezone.now()):
        affiliation.save(force_insert=True)
    return affiliation


@transaction.atomic
def correct_affiliation(
    *,
    affiliation: Affiliation,
    kind: AffiliationKind,
    principal: Source,
    by: User,
    at: datetime,
    why: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
    evidence: Document | None = None,
    note: str = "",
) -> Affiliation:
    """Say it otherwise, or that it ended on `valid_to`, for the reason `why`; its history keeps what was said."""
    check_why(why)
    row = _lock(affiliation, by)
    row.kind, row.principal, row.evidence, row.note = kind, principal, evidence, note
    row.valid_from, row.valid_to = valid_from, valid_to
    _check(row)
    with acting(by=by, at=at, why=why):
        row.save(update_fields=_FIELDS)
    return row


@transaction.atomic
def withdraw_affiliation(*, affiliation: Affiliation, by: User, at: datetime, why: str) -> Affiliation:
    """Take back what was never so; what was so and ended is corrected instead."""
    check_why(why)
    row = _lock(affiliation, by)
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_because = by, at, why
    with acting(by=by, at=at, why=why):
        row.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_because"])
    return row


def overlap(one: Affiliation, other: Affiliation) -> bool:
    """Whether there is a day on which both hold; an open end is not known to have begun or ended."""
    begins = max(one.valid_from or date.min, other.valid_from or date.min)
    return begins <= min(one.valid_to or date.max, other.valid_to or date.max)


def circles(affiliations: Iterable[Affiliation], start: Source) -> list[list[Affiliation]]:
    """The ways in which `start` is, over others, owned by or part of itself on one and the same day.

    This happens in the world (firms that hold each other), so it is shown and not refused. Each circle is given once,
    as the affiliations along it, in order.
    """
    above: dict[object, list[Affiliation]] = {}
    for affiliation in affiliations:
        if affiliation.kind in HOLDING and affiliation.stands:
            above.setdefault(affiliation.source_id, []).append(affiliation)
    found: list[list[Affiliation]] = []
    ways: list[list[Affiliation]] = [[step] for step in above.get(start.pk, [])]
    for way in islice(ways, MOST_WAYS):  # which grows while it is walked
        here = way[-1].principal_id
        if here == start.pk:
            found.append(way)
        elif here not in {step.source_id for step in way}:
            ways += [[*way, step] for step in above.get(here, []) if _common_day([*way, step])]
    return found


def _common_day(way: list[Affiliation]) -> bool:
    begins = max(step.valid_from or date.min for step in way)
    return begins <= min(step.valid_to or date.max for step in way)


def _lock(affiliation: Affiliation, by: User) -> Affiliation:
    """The affiliation as it stands, with its source locked; ValidationError if it was withdrawn."""
    # Not joined with who withdrew it: whoever waits here would read that there is nobody.
    rows = Affiliation.objects.select_for_update(of=("self",)).select_related("source__desk")
    row: Affiliation = rows.get(pk=affiliation.pk)
    rules.check_can_edit_catalog(by, row.source.desk)
    if not row.stands:
        raise ValidationError(_("%(name)s has withdrawn this already.") % {"name": row.withdrawn_by})
    return row


def _check(affiliation: Affiliation) -> None:
    source, principal, evidence = affiliation.source, affiliation.principal, affiliation.evidence
    if principal.desk_id != source.desk_id:
        raise ValidationError({"principal": _("Choose a source of the same desk.")})
    if principal.merged_into_id is not None:
        raise ValidationError({"principal": _("This is a duplicate: choose what it was merged into.")})
    if evidence is not None and evidence.desk_id != source.desk_id:
        raise ValidationError({"evidence": _("Choose one of the same desk.")})
    affiliation.full_clean()
    same = Affiliation.objects.standing().filter(source=source, kind=affiliation.kind, principal=principal)
    if any(overlap(affiliation, other) for other in same.exclude(pk=affiliation.pk)):
        raise ValidationError({"valid_from": _("This is on record already, for some of the same days.")})
