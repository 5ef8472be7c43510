"""How what a source itself asserted held up: counts by the verdicts that stand, never a score.

It is read from the rows, so that a verdict that changes, an assertion that is withdrawn or a duplicate that is merged
changes it at once. Why there is no rate, and what is left out: docs/decisions/0097.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import Assertion, AssertionRole, Polarity
from claims.statements.models import Figure
from claims.statements.states import Workflow
from sources.catalog.models import Affiliation, AffiliationKind, Source
from verify.review.models import Verdict

JUDGED = (Workflow.APPROVED, Workflow.CLOSED)
NEVER_JUDGED = (Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE)


class Outcome(models.TextChoices):
    """What became of what was asserted, for the side that its speaker took."""

    HELD_UP = "held-up", _("held up")
    IN_PART = "in-part", _("held up in part")
    DISPUTED = "disputed", _("disputed")
    CONTRADICTED = "contradicted", _("contradicted")
    SUPERSEDED = "superseded", _("superseded")
    OPEN = "open", _("open")
    OTHER = "other", _("judged otherwise")


# By the codes of the scale that a new desk starts with. A step of the desk's own says nothing here: OTHER.
_AFFIRMED = {
    "confirmed": Outcome.HELD_UP,
    "partly-confirmed": Outcome.IN_PART,
    "disputed": Outcome.DISPUTED,
    "unverified": Outcome.OPEN,
    "superseded": Outcome.SUPERSEDED,
    "contradicted": Outcome.CONTRADICTED,
}
_DENIED = _AFFIRMED | {"confirmed": Outcome.CONTRADICTED, "contradicted": Outcome.HELD_UP}


@dataclass(frozen=True)
class Track:
    """How many claims ended how, of those that a source asserted itself: not what it passed on.

    A claim counts once for each side that the source took, however often it said so. `figures` are those that it
    gave, `revised` those of them that supersede an earlier one of its own.
    """

    claims: dict[Outcome, int] = field(default_factory=dict)
    figures: int = 0
    revised: int = 0

    @property
    def total(self) -> int:
        return sum(self.claims.values())


def track_record(source: Source) -> Track:
    """How what `source` asserted held up. Three queries, however much it asserted."""
    said = assertions(source)
    counted = said.order_by().values("outcome").annotate(claims=Count("claim", distinct=True))
    found = {row["outcome"]: row["claims"] for row in counted}
    own = said.order_by().values("pk")
    figures = Figure.objects.standing().filter(assertions__in=own)
    return Track(
        claims={outcome: found.get(outcome.value, 0) for outcome in Outcome},
        figures=figures.distinct().count(),
        revised=figures.filter(supersedes__withdrawn_at=None, supersedes__assertions__in=own)
        .distinct()
        .count(),
    )


def assertions(source: Source) -> QuerySet[Any]:
    """What `source` asserted itself, newest first, each with its `outcome` (see `Outcome`) and its claim.

    Its own word is what it, a duplicate of it, or whoever spoke for it on that day said at the beginning of a chain.
    Claims that were set aside as duplicates or as out of scope are left out.
    """
    record = source.merged_into_id or source.pk
    latest = Verdict.objects.filter(claim=OuterRef("claim"), approved_at__isnull=False).order_by("-number")
    return (
        Assertion.objects.standing()
        .filter(claim__desk=source.desk_id, derives_from=None)
        .exclude(role=AssertionRole.RELAY, on_behalf_of=None)
        .exclude(claim__workflow__in=NEVER_JUDGED)
        .annotate(voice=_record("on_behalf_of", "speaker"), day=TruncDate("said_at"))
        .filter(Q(voice=record) | Exists(_spoke_for(record)))
        .annotate(
            verdict=Case(
                When(claim__workflow__in=JUDGED, then=Subquery(latest.values("rating__code")[:1])),
                output_field=models.CharField(),
            )
        )
        .annotate(outcome=_outcome())
        .select_related("claim", "speaker", "on_behalf_of", "outlet", "document")
        .order_by(F("said_at").desc(nulls_last=True), "-created_at", "-id")
    )


def _record(*fields: str) -> Coalesce:
    """The record that the first of the named sources is read as."""
    return Coalesce(*(each for name in fields for each in (f"{name}__merged_into", name)))


def _spoke_for(record: Any) -> QuerySet[Any]:
    """The ties by which the voice of an assertion spoke for `record` on its day; on an unknown day, every one."""
    day = OuterRef("day")
    return (
        Affiliation.objects.standing()
        .filter(kind=AffiliationKind.SPEAKS_FOR)
        .annotate(speaking=_record("source"), spoken_for=_record("principal"))
        .filter(speaking=OuterRef("voice"), spoken_for=record)
        .filter(Q(valid_from=None) | Q(valid_from__lte=Coalesce(day, F("valid_from"))))
        .filter(Q(valid_to=None) | Q(valid_to__gte=Coalesce(day, F("valid_to"))))
    )


def _outcome() -> Case:
    def by(polarity: Polarity, outcomes: dict[str, Outcome]) -> Iterable[When]:
        return (
            When(polarity=polarity, verdict=code, then=Value(outcome.value))
            for code, outcome in outcomes.items()
        )

    return Case(
        When(verdict=None, then=Value(Outcome.OPEN.value)),
        *by(Polarity.AFFIRMS, _AFFIRMED),
        *by(Polarity.DENIES, _DENIED),
        default=Value(Outcome.OTHER.value),
        output_field=models.CharField(),
    )
