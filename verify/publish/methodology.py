"""How a desk says that it works: the points of the standards, what of them is missing, and how they are changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from verify.accounts.acting import acting
from verify.accounts.models import Desk, Role, User
from verify.accounts.rules import check_has_role
from verify.publish.models import Methodology

LONGEST = 6000  # code points of one point
CHANGES = 10  # of the history, that are shown
_EMPTY = {"offers_packages": False}

# What each point has to answer, as readers and editors see it: in the order of the page.
POINTS = {
    "scope": gettext_lazy("Which events, places, times and people are covered, and what is left out."),
    "inclusion": gettext_lazy("What must be known before a claim or a death is taken up."),
    "source_types": gettext_lazy("Which kinds of sources are used, and in which languages."),
    "evaluation": gettext_lazy("How it is judged whether a source can be relied on."),
    "corroboration": gettext_lazy("How many independent origins are asked for, and what happens with fewer."),
    "quality_control": gettext_lazy("Who looks at what before it is published, and afterwards."),
    "definitions": gettext_lazy("What the words mean: civilian, massacre, perpetrator, killed."),
    "corrections": gettext_lazy("How mistakes are reported and put right, and how fast."),
    "independence": gettext_lazy("Who pays, who owns it, and who may not decide what is published."),
    "contact": gettext_lazy("Where to write, also safely."),
}


@transaction.atomic
def change_methodology(
    *, desk: Desk, by: User, at: datetime, seen: datetime | None = None, **fields: Any
) -> Methodology:
    """Say anew how the desk works: any of the points, and `offers_packages`. Its history is kept.

    `seen` is when the one that was read had been changed: if it is otherwise now, nothing is written. Raises
    ValidationError by field, PermissionDenied for who is no administrator of the desk.
    """
    check_has_role(by, desk, Role.ADMIN)
    if unknown := fields.keys() - {*POINTS, "offers_packages"}:
        raise TypeError(f"a methodology has no {', '.join(sorted(unknown))}")
    Desk.objects.select_for_update().get(pk=desk.pk)  # one at a time, also for the first
    known = Methodology.objects.filter(desk=desk).first()
    if known is not None and seen is not None and known.changed_at != seen:
        raise ValidationError(
            _(
                "Somebody else has changed the methodology meanwhile. Yours is kept below; compare, then save again."
            )
        )
    row = known or Methodology(desk=desk)
    for name, value in fields.items():
        setattr(row, name, value if name == "offers_packages" else _clean(name, value))
    if known is not None and not _differs(row):
        return row
    row.changed_by, row.changed_at = by, at
    row.full_clean()
    with acting(by=by, at=at):
        row.save()
    return row


def name_of(field: str) -> str:
    """What a point is called, in the language that is active."""
    found: Any = Methodology._meta.get_field(field)
    return str(found.verbose_name)


def points_of(methodology: Methodology | None) -> list[dict[str, Any]]:
    """Every point with its name, what it should answer and the desk's words; without words it is missing."""
    return [
        {
            "code": name,
            "label": name_of(name),
            "asks": asks,
            "text": getattr(methodology, name) if methodology else "",
        }
        for name, asks in POINTS.items()
    ]


def history_of(desk: Desk) -> list[dict[str, Any]]:
    """The last changes, newest first: when, by whom, and which points became otherwise."""
    events = list(
        Methodology.pgh_event_model.objects.filter(desk=desk)  # type: ignore[attr-defined]
        .select_related("changed_by")
        .order_by("-pgh_id")[: CHANGES + 1]
    )
    return [
        {
            "at": event.changed_at,
            "by": event.changed_by,
            "points": [
                name_of(name)
                for name in (*POINTS, "offers_packages")
                if getattr(event, name) != (getattr(before, name) if before else _EMPTY.get(name, ""))
            ],
        }
        for event, before in zip(events, [*events[1:], None], strict=False)
    ][:CHANGES]


def _clean(name: str, value: str) -> str:
    text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\x00" in text:
        raise ValidationError({name: _("This holds a character that cannot be stored.")})
    if len(text) > LONGEST:
        raise ValidationError(
            {name: _("At most %(most)s characters; these are %(n)s.") % {"most": LONGEST, "n": len(text)}}
        )
    return text


def _differs(row: Methodology) -> bool:
    stored = Methodology.objects.get(pk=row.pk)
    return any(getattr(stored, name) != getattr(row, name) for name in (*POINTS, "offers_packages"))
