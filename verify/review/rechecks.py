"""What the system asks for: another look at a decided claim when something that it stands on has changed.

Swept, not sent: whatever a worker loses, the next sweep finds in the rows. Asking twice is one task, held by the
database.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import DateTimeField, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from claims.attribution.models import Anchor, AnchorCheck, Assertion, Evidence, Region, RegionCheck
from claims.attribution.receivers import LOST
from claims.statements.models import Axis, Figure
from sources.archive.models import ChangeKind
from verify.notify.models import Kind
from verify.notify.services import editors_of, notify
from verify.review import rules
from verify.review.assigning import due_time
from verify.review.models import Cause, Task, TaskKind, Verdict
from verify.review.moving import lock, note, recorded
from verify.review.states import TaskState

BATCH = 100
BACK = timedelta(days=30)
"""How far a sweep looks back: no change is found while the sweeper is down, since both are workers."""

WORTH_A_LOOK = (ChangeKind.EDITED, ChangeKind.QUOTE_LOST, ChangeKind.GONE)
"""A page that cannot be reached, or is back as it was, says nothing about a claim yet."""


class Found(NamedTuple):
    """A reason to look again at a claim: a change of a page, or a figure that replaced one of the claim's."""

    claim: UUID
    cause: Cause
    since: datetime
    change: UUID | None = None
    figure: UUID | None = None


def raise_rechecks(at: datetime) -> int:
    """Ask whoever takes it to look again at each decided claim under which something has changed since it was decided.

    The oldest reason first, at most `BATCH` of each sort at a time. How many re-checks were asked for.
    """
    found = sorted([*_changed_pages(at), *_new_figures(at)], key=lambda each: (each.since, str(each.claim)))
    return sum(_ask(each, at) for each in found)


@transaction.atomic
def _ask(found: Found, at: datetime) -> bool:
    claim = lock(found.claim)
    if not rules.is_decided(claim):
        return False  # reopened meanwhile: whoever researches it sees what changed
    same = claim.tasks.filter(change=found.change, figure=found.figure).exclude(cause="")
    if same.exists():
        return False  # another sweeper was here first
    task = Task(
        claim=claim,
        kind=TaskKind.RECHECK,
        state=TaskState.OPEN,
        cause=found.cause,
        change_id=found.change,
        figure_id=found.figure,
        due_at=due_time(claim, TaskKind.RECHECK, at),
        created_at=at,
    )
    with recorded(by=None, at=at, why=str(found.cause.label)):
        task.save(force_insert=True)
    reason = _("The system asks: %(cause)s.") % {"cause": found.cause.label}
    note(claim, Axis.TASK, old="", new=TaskState.OPEN, by=None, at=at, reason=reason, subject=task)
    notify(
        to=editors_of(claim.desk),
        kind=Kind.RECHECK,
        desk=claim.desk,
        key=f"recheck:{task.pk}",
        at=at,
        claim=claim,
        task=task,
    )
    return True


# --- Pages ----------------------------------------------------------------------------------------------------------

# What of a claim stands on a document: the rows, the way to the claim, the ways to the document.
_STANDING: list[tuple[Any, str, tuple[str, ...]]] = [
    (Assertion.objects.standing, "claim", ("document",)),
    (
        lambda: Anchor.objects.filter(assertion__withdrawn_at__isnull=True),
        "assertion__claim",
        ("text__capture__document",),
    ),
    (
        lambda: Region.objects.standing().filter(assertion__withdrawn_at__isnull=True),
        "assertion__claim",
        ("capture__document",),
    ),
    (Evidence.objects.standing, "claim", ("document", "capture__document", "region__capture__document")),
]


def _changed_pages(at: datetime) -> list[Found]:
    """The claims under which a page was changed since they were decided, and nobody was asked: four queries."""
    ways = [
        _pairs(rows(), claim, f"{document}__changes", at)
        for rows, claim, documents in _STANDING
        for document in documents
    ]
    pairs = list(ways[0].union(*ways[1:]).order_by("since", "of_claim", "of_change")[:BATCH])
    lost = _lost({change for _claim, change, _since in pairs})
    return [
        Found(
            claim,
            Cause.LOST_QUOTE if (claim, change) in lost else Cause.CHANGED_PAGE,
            since,
            change=change,
        )
        for claim, change, since in pairs
    ]


def _pairs(rows: QuerySet[Any], claim: str, changes: str, at: datetime) -> QuerySet[Any]:
    asked = Task.objects.filter(claim=OuterRef("of_claim"), change=OuterRef("of_change")).exclude(cause="")
    return (
        rows.order_by()
        .annotate(of_claim=F(claim), of_change=F(f"{changes}__pk"), since=F(f"{changes}__detected_at"))
        .filter(
            **{f"{changes}__is_alert": True, f"{changes}__kind__in": WORTH_A_LOOK},
            since__gte=at - BACK,
        )
        .annotate(decided=_decided_at())
        .filter(_is_decided(claim), ~Exists(asked), decided__lt=F("since"))
        .values_list("of_claim", "of_change", "since")
    )


def _lost(changes: set[UUID]) -> set[tuple[UUID, UUID]]:
    """The pairs of a claim and one of `changes` in which a quotation, or a place in a file, of the claim was lost."""
    quotes = AnchorCheck.objects.filter(
        change__in=changes, state__in=LOST, anchor__assertion__withdrawn_at__isnull=True
    ).values_list("anchor__assertion__claim", "change")
    marks = RegionCheck.objects.filter(
        change__in=changes, state__in=LOST, region__withdrawn_at__isnull=True
    ).values_list("region__assertion__claim", "change")
    linked = RegionCheck.objects.filter(
        change__in=changes, state__in=LOST, region__evidence__withdrawn_at__isnull=True
    ).values_list("region__evidence__claim", "change")
    return {*quotes, *marks, *linked}


# --- Figures --------------------------------------------------------------------------------------------------------


def _new_figures(at: datetime) -> list[Found]:
    """The claims of which a figure was replaced since they were decided, and nobody was asked: one query."""
    asked = Task.objects.filter(claim=OuterRef("of_claim"), figure=OuterRef("pk")).exclude(cause="")
    replaced = (
        Figure.objects.standing()
        .filter(supersedes__withdrawn_at__isnull=True, supersedes__isnull=False)
        .annotate(of_claim=F("supersedes__claim"), since=_replaced_at(), decided=_decided_at())
        .filter(_is_decided("supersedes__claim"), ~Exists(asked))
        .filter(since__gte=at - BACK, decided__lt=F("since"))
    )
    found = replaced.order_by("since", "pk").values_list("of_claim", "since", "pk")[:BATCH]
    return [Found(claim, Cause.NEW_FIGURE, since, figure=figure) for claim, since, figure in found]


def _replaced_at() -> Subquery:
    """When a figure was first recorded as the successor of the one that it names, by the history of rows."""
    events = apps.get_model("claims", "FigureEvent").objects
    named = events.filter(pgh_obj=OuterRef("pk"), supersedes=OuterRef("supersedes"))
    return Subquery(named.order_by("pgh_id").values("pgh_created_at")[:1], output_field=DateTimeField())


# --- Claims ---------------------------------------------------------------------------------------------------------


def _decided_at() -> Subquery:
    """When the verdict that counts was approved."""
    approved = Verdict.objects.filter(claim=OuterRef("of_claim"), approved_at__isnull=False).order_by()
    latest = approved.values("claim").annotate(latest=Max("approved_at"))
    return Subquery(latest.values("latest"), output_field=DateTimeField())


def _is_decided(claim: str) -> Q:
    return Q(**{f"{claim}__workflow__in": rules.DECIDED}) | rules.shown("of_claim")
