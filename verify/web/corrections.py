"""The history of corrections: what the triggers wrote down of a claim and what it stands on, as a reader reads it.

Newest first: who recorded, changed or withdrew what, when, old → new, and why. What was withdrawn is shown here and
nowhere else. What was recorded or added is no correction, and stands in the whole history alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import CharField, DateTimeField, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.attribution.changing import ADDED, RELINKED
from claims.attribution.models import Assertion, Evidence
from claims.statements.models import Claim, Figure
from verify.accounts.models import User

LABELS = {
    "claim": gettext_lazy("Claim"),
    "assertion": gettext_lazy("Assertion"),
    "figure": gettext_lazy("Figure"),
    "evidence": gettext_lazy("Evidence"),
}
# In the order in which they are read when they are of one moment: first the claim, then what it stands on.
TRACKED: dict[str, type[models.Model]] = {
    "claim": Claim,
    "assertion": Assertion,
    "figure": Figure,
    "evidence": Evidence,
}
RECORDED = ("insert", ADDED)  # the labels of what is no correction
SHOWN = {
    "claim": ("text", "headline", "language", "case"),
    "assertion": (
        *("speaker", "role", "on_behalf_of", "outlet", "verb", "hedge", "polarity", "modality", "said_at"),
        *("said_precision", "published_at", "published_precision", "document", "derives_from"),
    ),
    "evidence": ("stance", "strength", "credibility", "reason"),
    "figure": (
        *("as_written", "qualifier", "lower", "point", "upper", "unit", "category", "perpetrator", "place"),
        *("place_as_written", "window_from", "window_to", "as_of", "supersedes", "part_of", "parts_are_all"),
    ),
}
LINKS = {"figures": gettext_lazy("figures"), "cites": gettext_lazy("also names as its sources")}
SELECTED = {
    Assertion: ("speaker", "outlet", "document"),
    Evidence: ("assertion__speaker", "document", "capture__document", "region"),
}
TITLE = 60  # code points of a document's title, where it tells assertions apart

Key = tuple[datetime, str, int]  # when (UTC), the kind, the event's number


@dataclass
class Changed:
    """One field: what it was and what it became, in the reader's words. Empty is an empty string."""

    name: str
    old: str
    new: str


@dataclass
class Correction:
    """One entry of the history."""

    kind: str
    what: str
    did: str
    at: datetime
    by: str
    why: str
    recorded: bool = False
    withdrawn: bool = False
    changes: list[Changed] = field(default_factory=list)


def corrections(
    claim: Claim, *, number: Any = 1, per_page: int = 25, with_recorded: bool = False
) -> Page[Correction]:
    """One page of what was corrected and withdrawn, newest first; `with_recorded` also of what was recorded.

    The number of queries does not grow with it.
    """
    page: Any = Paginator(_keys(claim, with_recorded), per_page).get_page(number)
    page.object_list = _Reader(
        [(at, kind, event) for at, _made, _rank, kind, event in page.object_list]
    ).read()
    return page


def _keys(claim: Claim, with_recorded: bool) -> QuerySet[Any]:
    """When, when stored, the kind's rank, the kind and the number of the claim's events and of what stands on it.

    The database's own time is that of the transaction, in which much may have been done; who acted says when. Numbers
    are those of one kind's table: between kinds they say nothing.
    """
    said = Cast(KeyTextTransform("at", F("pgh_context__metadata")), DateTimeField())
    keys = []
    for rank, (kind, model) in enumerate(TRACKED.items()):
        mine = Q(pgh_obj=claim.pk) if kind == "claim" else Q(claim=claim.pk)
        events = _events(model).objects.filter(mine).order_by()
        if not with_recorded:
            events = events.exclude(pgh_label__in=RECORDED)
        events = events.annotate(
            at=Coalesce(said, F("pgh_created_at")),
            rank=Value(rank, output_field=IntegerField()),
            kind=Value(kind, output_field=CharField()),
        )
        keys.append(events.values_list("at", "pgh_created_at", "rank", "kind", "pgh_id"))
    return keys[0].union(*keys[1:], all=True).order_by("-at", "-pgh_created_at", "rank", "-pgh_id")


def _events(model: type[models.Model]) -> Any:
    return model.pgh_event_model  # type: ignore[attr-defined] # put there by pghistory


class _Reader:
    """Reads the events of one page, with the event before each, and the names of what they refer to."""

    def __init__(self, keys: list[Key]) -> None:
        self.keys = keys
        self.events: dict[tuple[str, int], Any] = {}
        self.before: dict[tuple[str, int], Any] = {}
        for kind in TRACKED:
            self._load(kind, [number for _at, of, number in keys if of == kind])
        metadata = [self._context(event) for event in self.events.values()]
        people = {pk for each in metadata if (pk := _uuid(each.get("by")))}
        self.people = User.objects.in_bulk(people)
        self.names = self._names()

    def read(self) -> list[Correction]:
        return [self._correction(at, kind, number) for at, kind, number in self.keys]

    def _load(self, kind: str, numbers: list[int]) -> None:
        model = _events(TRACKED[kind])
        earlier = model.objects.filter(pgh_obj=OuterRef("pgh_obj"), pgh_id__lt=OuterRef("pgh_id"))
        before = Subquery(earlier.order_by("-pgh_id").values("pgh_id")[:1])
        found = model.objects.filter(pgh_id__in=numbers).select_related("pgh_context")
        rows = list(found.annotate(before=before))
        olds = {old.pgh_id: old for old in model.objects.filter(pgh_id__in=[row.before for row in rows])}
        for row in rows:
            self.events[kind, row.pgh_id] = row
            self.before[kind, row.pgh_id] = olds.get(row.before)

    def _names(self) -> dict[tuple[type[models.Model], Any], str]:
        """What to call the rows that the events are of, and those that changed fields refer to."""
        wanted: dict[Any, set[Any]] = defaultdict(set)
        for (kind, number), event in self.events.items():
            wanted[TRACKED[kind]].add(event.pgh_obj_id)
            for each in self._changed(kind, number):
                if each.is_relation:
                    old = self.before[kind, number]
                    wanted[each.related_model] |= {getattr(event, each.attname), getattr(old, each.attname)}
        names: dict[tuple[type[models.Model], Any], str] = {}
        for model, keys in wanted.items():
            rows = model._default_manager.select_related(*SELECTED.get(model, ()))
            names |= {(model, pk): _called(row) for pk, row in rows.in_bulk(keys - {None}).items()}
        return names

    def _changed(self, kind: str, number: int) -> list[Any]:
        """The fields that differ from the event before; none for the first."""
        event, old = self.events[kind, number], self.before[kind, number]
        if old is None:
            return []
        fields: list[Any] = [TRACKED[kind]._meta.get_field(name) for name in SHOWN[kind]]
        return [each for each in fields if getattr(event, each.attname) != getattr(old, each.attname)]

    def _correction(self, at: datetime, kind: str, number: int) -> Correction:
        event, old, model = self.events[kind, number], self.before[kind, number], TRACKED[kind]
        context = self._context(event)
        withdrawn = getattr(event, "withdrawn_at", None) is not None
        recorded = event.pgh_label in RECORDED
        changes = [
            Changed(str(each.verbose_name), self._say(each, old), self._say(each, event))
            for each in self._changed(kind, number)
        ]
        if event.pgh_label in (ADDED, RELINKED):
            changes += _links(context.get("links", {}).get(str(event.pgh_obj_id), {}))
        person = self.people.get(_uuid(context.get("by")) or UUID(int=0))
        return Correction(
            kind=kind,
            what=f"{LABELS[kind]}: {self.names.get((model, event.pgh_obj_id), '')}",
            did=_("withdrawn") if withdrawn else _("recorded") if recorded else _("corrected"),
            at=at,
            by=str(person) if person else "",
            why=str(context.get("why", "")),
            recorded=recorded,
            withdrawn=withdrawn,
            changes=changes,
        )

    def _say(self, each: Any, event: Any) -> str:
        """The value of a field in the reader's language."""
        value = getattr(event, each.attname)
        if value is None or value == "":
            return ""
        if each.is_relation:
            return self.names.get((each.related_model, value), str(value))
        if each.choices:
            return str(dict(each.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return date_format(value, "j F Y, H:i")
        if isinstance(value, date):
            return date_format(value, "j F Y")
        return str(value)

    @staticmethod
    def _context(event: Any) -> dict[str, Any]:
        return dict(event.pgh_context.metadata) if event.pgh_context else {}


def _called(row: Any) -> str:
    """A row in a few words: an assertion also with what tells it from the speaker's others."""
    if isinstance(row, Assertion):
        return " · ".join(filter(None, (_voice(row), _where(row))))
    if isinstance(row, Evidence):
        thing = row.assertion.speaker if row.assertion else row.document or row.region
        return str(thing or (row.capture and (row.capture.document or row.capture.url)) or "")
    return str(row)


def _voice(assertion: Assertion) -> str:
    if assertion.outlet and assertion.outlet_id != assertion.speaker_id:
        return f"{assertion.speaker} ({assertion.outlet})"
    return str(assertion.speaker)


def _where(assertion: Assertion) -> str:
    """The title of the document in which it stands, else the day on which it was said or carried."""
    if assertion.document and assertion.document.title:
        return f"“\u2068{Truncator(assertion.document.title).chars(TITLE)}\u2069”"  # isolated: of any script
    at = assertion.said_at or assertion.published_at
    return date_format(at, "j F Y") if at else ""


def _links(links: dict[str, dict[str, list[str]]]) -> list[Changed]:
    return [
        Changed(str(LINKS.get(name, name)), ", ".join(sides.get("old", [])), ", ".join(sides.get("new", [])))
        for name, sides in links.items()
    ]


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
