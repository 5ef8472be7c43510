"""Taking a withdrawal of a figure back, perhaps in an earlier state of it: a new change, with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from claims.statements import rules
from claims.statements.models import Claim, Figure
from claims.statements.services import (
    ChangedMeanwhile,
    _check_refers_within_desk,
    _circles_refused,
    touch,
)
from verify.accounts.acting import acting
from verify.accounts.models import User

WITHDRAWAL = ("withdrawn_by", "withdrawn_at", "withdrawn_because")


@transaction.atomic
def reinstate_figure(
    *, figure: Figure, by: User, at: datetime, why: str, revision: int | None = None, **fields: Any
) -> Figure:
    """Let a figure that was withdrawn stand again, with `fields` as they shall be; approvals count no more.

    The checks are those of a new figure. Raises ValidationError when it stands already, when what it refers to was
    withdrawn, or when another figure has superseded the same one meanwhile; ChangedMeanwhile if the claim is no longer
    at `revision`.
    """
    rules.check_can_edit_claims(by, figure.claim.desk)
    if not why.strip():
        raise ValidationError({"why": _("Say why: it stays on record.")})
    rows = Claim.objects.select_for_update(no_key=True, of=("self",)).select_related("desk")
    claim = rows.get(pk=figure.claim_id)
    if revision is not None and claim.revision != revision:
        raise ChangedMeanwhile(
            _("%(name)s changed this claim while you were writing. Compare, then save again.")
            % {"name": claim.changed_by}
        )
    figure = Figure.objects.select_for_update(no_key=True, of=("self",)).get(pk=figure.pk)
    if figure.stands:
        raise ValidationError(_("It stands already: nobody has withdrawn it, or somebody reinstated it."))
    for name, value in fields.items():
        setattr(figure, name, value)
    _check_refers_within_desk(figure)
    check_refers_to_what_stands(figure)
    figure.withdrawn_at, figure.withdrawn_by, figure.withdrawn_because = None, None, ""
    figure.full_clean()
    with acting(by=by, at=at, why=why.strip()), _circles_refused():
        figure.save(update_fields=[*WITHDRAWAL, *fields])
    touch(claim=claim, by=by, at=at)
    return figure


def check_refers_to_what_stands(figure: Figure) -> None:
    """ValidationError when what the figure supersedes or is part of was withdrawn, or superseded by another."""
    wrong = {}
    for name in ("supersedes", "part_of"):
        other = getattr(figure, name)
        if other is not None and not other.stands:
            wrong[name] = _("“%(figure)s” was withdrawn meanwhile.") % {"figure": other}
    if figure.supersedes is not None and "supersedes" not in wrong:
        instead = figure.supersedes.superseded_by.standing().exclude(pk=figure.pk).first()
        if instead is not None:
            wrong["supersedes"] = _("“%(old)s” was superseded meanwhile, by “%(new)s”.") % {
                "old": figure.supersedes,
                "new": instead,
            }
    if wrong:
        raise ValidationError(wrong)
