"""What every change of who said it stands on: locks, refusals, circles as sentences, the history of links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Func
from django.utils.translation import gettext as _

from claims.attribution.models import Assertion
from claims.statements.models import Claim
from claims.statements.services import ChangedMeanwhile
from verify.accounts.models import Desk

WITHDRAWAL = ("withdrawn_by", "withdrawn_at", "withdrawn_because")
# How events of links are labelled in an assertion's history: one that was only added corrects nothing.
ADDED, RELINKED = "added", "links"


def hold_chains_still(desk_id: Any) -> None:
    """Let nobody else change who took over from whom at this desk until the transaction ends.

    So nothing is taken over from what is just being withdrawn. Taken before the locks of claims, of which a withdrawal
    takes several; FOR NO KEY UPDATE, since every new row of the desk refers to it by key.
    """
    Desk.objects.select_for_update(no_key=True).get(pk=desk_id)


def lock(claim: Claim, revision: int | None = None) -> Claim:
    """The claim as it stands, locked until the transaction ends. ChangedMeanwhile if it is not at `revision`."""
    # Not joined with who changed it last: whoever waits here would find no row once that is somebody else.
    rows = Claim.objects.select_for_update(of=("self",), no_key=True).select_related("desk")
    claim = rows.get(pk=claim.pk)
    if revision is not None and claim.revision != revision:
        raise ChangedMeanwhile(
            _("%(name)s changed this claim while you were writing. Compare, then save again.")
            % {"name": claim.changed_by}
        )
    return claim


def standing(thing: Any) -> Any:
    """The row as it stands, which the claim's lock holds still; ValidationError if it was withdrawn."""
    row = type(thing).objects.select_related("claim__desk", "withdrawn_by").get(pk=thing.pk)
    if not row.stands:
        raise ValidationError(_("%(name)s has withdrawn this already.") % {"name": row.withdrawn_by})
    return row


def check_why(why: str) -> None:
    if not why.strip():
        raise ValidationError({"why": _("Say why; the reason stays on record.")})


def refuse_withdrawn(field: str, things: Iterable[Any]) -> None:
    if any(thing is not None and not thing.stands for thing in things):
        raise ValidationError({field: _("This was withdrawn; choose one that stands.")})


def refuse_other_desks(claim: Claim, **things: Any) -> None:
    for field, thing in things.items():
        if thing is not None and thing.desk_id != claim.desk_id:
            raise ValidationError({field: _("Choose one of the same desk.")})


@contextmanager
def circles_as_sentences(field: str = "derives_from") -> Iterator[None]:
    """What the database refuses as a circle, as a sentence at the field."""
    try:
        yield
    except IntegrityError as error:
        if "assertions_do_not_derive_in_a_circle" not in _constraint(error):
            raise
        raise ValidationError(
            {field: _("That one was itself taken over from this one, directly or through others: a circle.")}
        ) from error


def _constraint(error: IntegrityError) -> str:
    return str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")


def note_links(
    assertion: Assertion, linked: dict[str, dict[str, list[Any]]], *, label: str = RELINKED
) -> None:
    """A row in the assertion's history for links to figures and citations: triggers see the columns alone."""
    words = {
        name: {side: [str(row) for row in rows] for side, rows in sides.items()}
        for name, sides in linked.items()
    }
    event = Assertion.pgh_event_model  # type: ignore[attr-defined] # put there by pghistory
    row = {field.attname: getattr(assertion, field.attname) for field in Assertion._meta.concrete_fields}
    with pghistory.context(links={str(assertion.pk): words}):
        event.objects.create(
            **row,
            pgh_label=label,
            pgh_obj_id=assertion.pk,
            pgh_context_id=Func(
                function="_pgh_attach_context", output_field=event.pgh_context.field.target_field
            ),
        )
