"""The history: what the triggers wrote down of a claim and what it stands on, and its moves, as a reader reads it.

Newest first: who recorded, changed or withdrew what, when, old → new, and why. What was withdrawn is shown here and
nowhere else. What was recorded or added, and the moves of the claim, of its verdict, reviews and publication, are no
corrections, and stand in the whole history alone. Opinions stand nowhere in it: only that they were asked for and came.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.attribution.changing import ADDED, RELINKED
from claims.attribution.models import Assertion, Evidence
from claims.statements.models import Case, Claim, Figure, Transition
from verify.accounts.models import User
from verify.web.moves import Act, Acts, Move
from verify.web.passages import Piece, wording
from verify.web.restoring import Plan, restorable, token

LABELS = {
    "claim": gettext_lazy("Claim"),
    "assertion": gettext_lazy("Assertion"),
    "figure": gettext_lazy("Figure"),
    "evidence": gettext_lazy("Evidence"),
    "workflow": gettext_lazy("Workflow"),
    "verdict": gettext_lazy("Verdict"),
    "task": gettext_lazy("Review task"),
    "publication": gettext_lazy("Publication"),
}
# In the order in which they are read when they are of one moment: first the claim, then what it stands on.
TRACKED: dict[str, type[models.Model]] = {
    "claim": Claim,
    "assertion": Assertion,
    "figure": Figure,
    "evidence": Evidence,
}
KEPT: dict[str, type[models.Model]] = {**TRACKED, "case": Case}
CHANGES = ("insert", "update")  # the labels of events that hold a whole state
RECORDED = ("insert", ADDED)  # the labels of what is no correction
MOVED = "moved"  # the kind of a key that is of moves
SHOWN = {
    "case": ("title", "summary", "place", "began_on", "ended_on"),
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
LONG = 60  # code points, from which on two wordings stand one below the other
TITLE = 60  # code points of a document's title, where it tells assertions apart

Key = tuple[datetime, str, int]  # when (UTC), the kind, the event's number


@dataclass
class Changed:
    """One field: what it was and what it became, in the reader's words. Empty is an empty string."""

    name: str
    old: str
    new: str

    @property
    def is_long(self) -> bool:
        """Whether it is better read as two wordings with their words marked than in a line."""
        return bool(self.old and self.new) and max(len(self.old), len(self.new)) > LONG

    @cached_property
    def wordings(self) -> tuple[list[Piece], list[Piece]]:
        return wording(self.old, self.new)


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
    about: UUID | None = None  # the row, where it has a history of its own
    token: str = ""  # of an earlier state that can be asked for again
    moves: list[Move] = field(default_factory=list)  # of an act that moved something, and changed no words
    restores: datetime | None = None  # the moment whose state this brought back


def corrections(
    claim: Claim,
    *,
    number: Any = 1,
    per_page: int = 25,
    with_recorded: bool = False,
    kind: str = "",
    by: User | None = None,
    about: UUID | None = None,
) -> Page[Correction]:
    """One page of what was corrected and withdrawn, newest first; `with_recorded` also of what was recorded and moved.

    Of one `kind` (of LABELS), of what one person did, of one row `about` which it is, where these are given. The number
    of queries does not grow with it.
    """
    moves = _moves(claim, kind=kind, by=by, about=about) if with_recorded else None
    keys = _keys(claim, moves, with_recorded, kind=kind, by=by, about=about)
    page: Any = Paginator(keys, per_page).get_page(number)
    shown = [(at, of, event) for at, _made, _rank, of, event in page.object_list]
    page.object_list = _Reader(shown, claim, moves).read()
    return page


def case_corrections(case: Case, *, number: Any = 1, per_page: int = 25) -> Page[Correction]:
    """One page of what became of the case's own words, newest first."""
    events = _events(Case).objects.filter(pgh_obj=case.pk).annotate(at=_SAID).order_by("-at", "-pgh_id")
    page: Any = Paginator(events.values_list("at", "pgh_id"), per_page).get_page(number)
    page.object_list = _Reader([(at, "case", event) for at, event in page.object_list]).read()
    return page


def preview(plan: Plan) -> list[Changed]:
    """What restoring would change, now → then, in the reader's words."""
    found = []
    for name, then in plan.changed.items():
        of: Any = KEPT[plan.kind]._meta.get_field(name)
        now = getattr(plan.thing, name)
        words = [
            (_called(value) if value is not None else "") if of.is_relation else _plain(of, value)
            for value in (now, then)
        ]
        found.append(Changed(str(of.verbose_name), *words))
    return found


_METADATA = F("pgh_context__metadata")
# The database's own time is that of the transaction, in which much may have been done; who acted says when.
_SAID = Coalesce(Cast(KeyTextTransform("at", _METADATA), DateTimeField()), F("pgh_created_at"))


def _moves(claim: Claim, *, kind: str, by: User | None, about: UUID | None) -> QuerySet[Transition] | None:
    """The moves of the claim and of its reviews, verdicts and publication; None when none are asked for."""
    if kind in TRACKED:
        return None
    asked = {"axis": kind, "by": by, "subject": about}
    return Transition.objects.filter(claim=claim, **{name: value for name, value in asked.items() if value})


def _keys(
    claim: Claim,
    moves: QuerySet[Transition] | None,
    with_recorded: bool,
    *,
    kind: str,
    by: User | None,
    about: UUID | None,
) -> QuerySet[Any]:
    """When, when stored, the kind's rank, the kind and the number of the events of the claim, and of its moves.

    Numbers are those of one kind's table: between kinds they say nothing. What one person moved at one moment has the
    number of the last of these moves.
    """
    keys: list[QuerySet[Any]] = []
    for rank, (name, model) in enumerate(TRACKED.items()):
        mine = Q(pgh_obj=claim.pk) if name == "claim" else Q(claim=claim.pk)
        events = _events(model).objects.filter(mine)
        if not with_recorded:
            events = events.exclude(pgh_label__in=RECORDED)
        if about is not None:
            events = events.filter(pgh_obj=about)
        if by is not None:
            events = events.alias(said_by=KeyTextTransform("by", _METADATA)).filter(said_by=str(by.pk))
        if kind in ("", name):
            keys.append(_key(events, rank, when=_SAID, made=F("pgh_created_at"), of=name, number=F("pgh_id")))
    if moves is not None:
        acts = moves.order_by().values("at", "by")
        keys.append(_key(acts, len(TRACKED), when=F("at"), made=F("at"), of=MOVED, number=Max("pk")))
    if not keys:
        return Transition.objects.none()
    return keys[0].union(*keys[1:], all=True).order_by("-when", "-made", "rank", "-number")


def _key(rows: QuerySet[Any], rank: int, *, of: str, number: Any, **moments: Any) -> QuerySet[Any]:
    key = moments | {
        "rank": Value(rank, output_field=IntegerField()),
        "of": Value(of, output_field=CharField()),
        "number": Cast(number, BigIntegerField()),
    }
    return rows.order_by().annotate(**key).values_list("when", "made", "rank", "of", "number")


def _events(model: type[models.Model]) -> Any:
    return model.pgh_event_model  # type: ignore[attr-defined] # put there by pghistory


class _Reader:
    """Reads the events of one page, with the event before each, and the names of what they refer to."""

    def __init__(
        self, keys: list[Key], claim: Claim | None = None, moves: QuerySet[Transition] | None = None
    ) -> None:
        self.keys, self.claim = keys, claim
        self.events: dict[tuple[str, int], Any] = {}
        self.before: dict[tuple[str, int], Any] = {}
        for kind in KEPT:
            self._load(kind, [number for _at, of, number in keys if of == kind])
        metadata = [self._context(event) for event in self.events.values()]
        people = {pk for each in metadata if (pk := _uuid(each.get("by")))}
        self.people = User.objects.in_bulk(people) if people else {}
        self.names = self._names()
        moved = [number for _at, of, number in keys if of == MOVED]
        self.acts = Acts(claim, moves, moved) if claim and moves is not None else None

    def read(self) -> list[Correction]:
        return [
            _moved(self.acts.read(number))
            if kind == MOVED and self.acts
            else self._correction(at, kind, number)
            for at, kind, number in self.keys
        ]

    def _load(self, kind: str, numbers: list[int]) -> None:
        if not numbers:
            return
        model = _events(KEPT[kind])
        same = model.objects.filter(pgh_obj=OuterRef("pgh_obj")).order_by()
        before = Subquery(same.filter(pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id").values("pgh_id")[:1])
        nth = same.filter(pgh_id__lte=OuterRef("pgh_id")).values("pgh_obj").annotate(n=Count("pk"))
        found = model.objects.filter(pgh_id__in=numbers).select_related("pgh_context")
        rows = list(
            found.annotate(
                before=before,
                nth=Subquery(nth.values("n")),
                newer=Exists(same.filter(pgh_id__gt=OuterRef("pgh_id"), pgh_label__in=CHANGES)),
            )
        )
        olds = {old.pgh_id: old for old in model.objects.filter(pgh_id__in=[row.before for row in rows])}
        for row in rows:
            self.events[kind, row.pgh_id] = row
            self.before[kind, row.pgh_id] = olds.get(row.before)

    def _names(self) -> dict[tuple[type[models.Model], Any], str]:
        """What to call the rows that the events are of, and those that changed fields refer to."""
        wanted: dict[Any, set[Any]] = defaultdict(set)
        for (kind, number), event in self.events.items():
            wanted[KEPT[kind]].add(event.pgh_obj_id)
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
        fields: list[Any] = [KEPT[kind]._meta.get_field(name) for name in SHOWN[kind]]
        return [each for each in fields if getattr(event, each.attname) != getattr(old, each.attname)]

    def _correction(self, at: datetime, kind: str, number: int) -> Correction:
        event, old, model = self.events[kind, number], self.before[kind, number], KEPT[kind]
        context = self._context(event)
        withdrawn = getattr(event, "withdrawn_at", None) is not None
        reinstated = not withdrawn and getattr(old, "withdrawn_at", None) is not None
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
            what=f"{LABELS.get(kind, model._meta.verbose_name)}: {self.names.get((model, event.pgh_obj_id), '')}",
            did=_did(withdrawn, reinstated, recorded),
            at=at,
            by=str(person) if person else "",
            why=str(context.get("why", "")),
            recorded=recorded,
            withdrawn=withdrawn,
            changes=changes,
            about=event.pgh_obj_id,
            token=self._token(kind, event),
            restores=_moment(context.get("restores")),
        )

    def _token(self, kind: str, event: Any) -> str:
        """Of a state that is not the newest; what was recorded of a case is not restored."""
        if self.claim is None or not event.newer or not restorable(event):
            return ""
        return token(self.claim.pk, kind, event.pgh_obj_id, event.nth)

    def _say(self, each: Any, event: Any) -> str:
        """The value of a field in the reader's language."""
        value = getattr(event, each.attname)
        if each.is_relation and value is not None:
            return self.names.get((each.related_model, value), str(value))
        return _plain(each, value)

    @staticmethod
    def _context(event: Any) -> dict[str, Any]:
        return dict(event.pgh_context.metadata) if event.pgh_context else {}


def _moved(act: Act) -> Correction:
    first = act.moves[0]
    return Correction(
        kind=first.axis,
        what=first.what,
        did=first.did,
        at=act.at,
        by=act.by,
        why="",
        recorded=True,
        moves=act.moves,
        about=act.about,
    )


def _did(withdrawn: bool, reinstated: bool, recorded: bool) -> str:
    if reinstated:
        return _("reinstated")
    return _("withdrawn") if withdrawn else _("recorded") if recorded else _("corrected")


def _plain(of: Any, value: Any) -> str:
    """The value of a field that refers to nothing, in the reader's language."""
    if value is None or value == "":
        return ""
    if of.choices:
        return str(dict(of.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(value, "j F Y, H:i")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return str(value)


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        return None


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
