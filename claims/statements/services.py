"""What people do with cases and claims. Every change of a claim's content goes through `touch`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from claims.statements import rules
from claims.statements.models import Axis, Case, Claim, Figure, Transition
from claims.statements.states import TRANSITIONS, Workflow
from verify.accounts.models import Desk, User


class ChangedMeanwhile(ValidationError):
    """Somebody else changed the claim since it was read; nothing was written."""


@transaction.atomic
def open_case(
    *,
    desk: Desk,
    title: str,
    by: User,
    at: datetime,
    summary: str = "",
    place: str = "",
    began_on: date | None = None,
    ended_on: date | None = None,
) -> Case:
    """Open a case at a desk."""
    rules.check_can_edit_claims(by, desk)
    case = Case(
        desk=desk,
        title=title,
        summary=summary,
        place=place,
        began_on=began_on,
        ended_on=ended_on,
        created_by=by,
        created_at=at,
    )
    case.full_clean()
    case.save(force_insert=True)
    return case


@transaction.atomic
def register_claim(
    *,
    desk: Desk,
    text: str,
    by: User,
    at: datetime,
    case: Case | None = None,
    headline: str = "",
    language: str = "en",
    external_id: str = "",
) -> Claim:
    """Register a claim in the desk's words; it begins as a draft of its author."""
    rules.check_can_edit_claims(by, desk)
    if case is not None and case.desk_id != desk.pk:
        raise ValidationError({"case": _("Choose a case of the same desk.")})
    claim = Claim(
        desk=desk,
        case=case,
        text=text,
        headline=headline,
        language=language,
        external_id=external_id,
        author=by,
        changed_by=by,
        created_at=at,
        changed_at=at,
    )
    claim.full_clean()
    claim.save(force_insert=True)
    Transition.objects.create(claim=claim, axis=Axis.WORKFLOW, new=Workflow.DRAFT, by=by, at=at)
    return claim


@transaction.atomic
def edit_claim(*, claim: Claim, revision: int, text: str, headline: str, by: User, at: datetime) -> Claim:
    """Reword a claim that was read at `revision`. Raises ChangedMeanwhile if it is no longer at that revision."""
    rules.check_can_edit_claims(by, claim.desk)
    claim = Claim.objects.select_for_update().get(pk=claim.pk)
    if claim.revision != revision:
        raise ChangedMeanwhile(
            _("%(name)s changed this claim while you were writing. Compare, then save again.")
            % {"name": claim.changed_by}
        )
    claim.text, claim.headline = text, headline
    claim.full_clean()
    claim.save(update_fields=["text", "headline"])
    touch(claim=claim, by=by, at=at)
    return claim


@transaction.atomic
def add_figure(*, claim: Claim, by: User, at: datetime, **fields: Any) -> Figure:
    """Add a scoped measurement to a claim; `fields` are those of Figure."""
    rules.check_can_edit_claims(by, claim.desk)
    supersedes = fields.get("supersedes")
    if supersedes is not None and supersedes.claim.desk_id != claim.desk_id:
        raise ValidationError({"supersedes": _("Choose a figure of the same desk.")})
    figure = Figure(claim=claim, **fields)
    figure.full_clean()
    figure.save(force_insert=True)
    touch(claim=claim, by=by, at=at)
    return figure


def touch(*, claim: Claim, by: User, at: datetime) -> None:
    """Note that what reviewers judge has changed: the revision goes up, and an approved claim reopens.

    A claim in review stays there: whoever still owes an opinion judges the new content, and the approvals of the old
    content count no more, since they name another digest.

    Call inside the transaction of the change. The update locks the claim's row, so that a review or a publication
    of the old content waits and then finds that it is old.
    """
    Claim.objects.filter(pk=claim.pk).update(revision=F("revision") + 1, changed_by=by, changed_at=at)
    claim.refresh_from_db(fields=["revision", "changed_by", "changed_at", "workflow"])
    if claim.workflow in (Workflow.APPROVED, Workflow.CLOSED):
        move(claim=claim, to=Workflow.IN_RESEARCH, reason=_("The content was changed."), by=by, at=at)
    elif claim.workflow in (Workflow.DRAFT, Workflow.TRIAGED) and claim.assertions.exists():
        move(claim=claim, to=Workflow.IN_RESEARCH, reason="", by=by, at=at)


@transaction.atomic
def move(*, claim: Claim, to: Workflow, reason: str, by: User | None, at: datetime) -> None:
    """Move a claim along its workflow. Raises ValidationError when there is no such move or it moved meanwhile."""
    if by is not None:
        rules.check_can_edit_claims(by, claim.desk)
    old = Workflow(claim.workflow)
    if to not in TRANSITIONS[old]:
        raise ValidationError(
            _("A claim cannot go from “%(old)s” to “%(new)s”.")
            % {"old": old.label, "new": Workflow(to).label}
        )
    if not Claim.objects.filter(pk=claim.pk, workflow=old).update(workflow=to):
        raise ChangedMeanwhile(_("This claim was moved by somebody else meanwhile."))
    claim.workflow = to
    Transition.objects.create(claim=claim, axis=Axis.WORKFLOW, old=old, new=to, reason=reason, by=by, at=at)
