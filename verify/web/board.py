"""The claims board: which claims an address asks for, in columns by workflow state or as a list.

Everything that is asked for is in the address, so that a view can be kept, sent and opened again; what an address holds
beyond the filters known here is not kept (`Asked.query`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from claims.attribution.models import Assertion, Evidence
from claims.statements.models import Claim
from claims.statements.services import BY_HAND
from claims.statements.states import TRANSITIONS, Workflow, owes_reason
from sources.archive.models import Change
from verify.accounts.models import Desk, User
from verify.publish.states import PublicationState
from verify.review.models import Task, Verdict
from verify.web.forms.board import ME, NOBODY, NONE, POOL, SORTS, VIEWS, BoardFilter

COLUMN = 50  # cards in a column; the list shows all
SIDE_EXITS = (Workflow.DUPLICATE, Workflow.OUT_OF_SCOPE)


class Asked:
    """What an address asks of the board of a desk; `case` is fixed on the page of a case."""

    def __init__(self, data: Any, *, desk: Desk, case: Any = None) -> None:
        self.form = BoardFilter(data, desk=desk, in_case=case is not None)
        self.desk, self.case = desk, case
        self.view = data.get("view") if data.get("view") in VIEWS else "board"
        self.sort = data.get("sort") if data.get("sort") in SORTS else "changed"
        self.given = self.form.given

    def query(self, **changes: str) -> str:
        """The address's query with `changes` ("" takes one away): known filters alone, in one order; never the page."""
        words = {name: _written(value) for name, value in self.given.items()}
        words |= {
            "view": "" if self.view == "board" else self.view,
            "sort": "" if self.sort == "changed" else self.sort,
        }
        words |= changes
        return urlencode({name: value for name, value in words.items() if value})

    @property
    def chips(self) -> list[dict[str, str]]:
        """The filters that are set, each with the address without it."""
        return [
            {
                "label": str(self.form.fields[name].label),
                "word": self.form.word(name),
                "href": f"?{self.query(**{name: ''})}",
            }
            for name in self.given
        ]

    @property
    def sorts(self) -> list[dict[str, Any]]:
        return [
            {"label": label, "href": f"?{self.query(sort=name)}", "current": name == self.sort}
            for name, label in SORTS.items()
        ]

    @property
    def cleared(self) -> str:
        """The address without filters."""
        kept = {
            "view": self.view if self.view != "board" else "",
            "sort": self.sort if self.sort != "changed" else "",
        }
        return urlencode({name: value for name, value in kept.items() if value})

    def claims(self, *, user: User, at: datetime) -> QuerySet[Claim]:
        """The claims that are asked for, in no order yet."""
        found: QuerySet[Claim] = Claim.objects.filter(desk=self.desk)
        if self.case is not None:
            found = found.filter(case=self.case)
        for name, value in self.given.items():
            if name in ("overdue", "assignee", "alert"):
                continue
            found = _FILTERS[name](found, value, user)
        if wanted := self._tasks(user, at):
            found = found.filter(Exists(wanted[0]))
        if self.given.get("assignee") == NOBODY:
            found = found.filter(~Exists(_waiting()))
        if self.given.get("alert"):
            found = found.filter(_alerted(self.desk))
        return found

    def _tasks(self, user: User, at: datetime) -> list[QuerySet[Task]]:
        """Of one waiting task at once: "mine" and "overdue" together mean that mine is overdue."""
        assignee, overdue = self.given.get("assignee", ""), "overdue" in self.given
        if assignee in ("", NOBODY) and not overdue:
            return []
        tasks = _waiting()
        if overdue:
            tasks = tasks.filter(due_at__lt=at)
        if assignee == POOL:
            tasks = tasks.filter(assignee=None)
        elif assignee not in ("", NOBODY):
            tasks = tasks.filter(assignee=user.pk if assignee == ME else assignee)
        return [tasks]


def _written(value: Any) -> str:
    return "1" if value is True else value.isoformat() if hasattr(value, "isoformat") else str(value)


def _waiting() -> QuerySet[Task]:
    return Task.objects.waiting().filter(claim=OuterRef("pk"))


def _by_words(claims: Any, words: str, user: User) -> Any:
    return claims.filter(
        Q(text__icontains=words) | Q(headline__icontains=words) | Q(external_id__icontains=words)
    )


def _by_verdict(claims: Any, code: str, user: User) -> Any:
    if code == NONE:
        return claims.filter(verdicts=None)
    newest = Verdict.objects.filter(claim=OuterRef("pk")).order_by("-number").values("rating__code")
    return claims.annotate(newest_rating=Subquery(newest[:1])).filter(newest_rating=code)


def _by_publication(claims: Any, state: str, user: User) -> Any:
    if state == PublicationState.UNPUBLISHED:
        return claims.filter(Q(publication=None) | Q(publication__state=state))
    return claims.filter(publication__state=state)


def _since(claims: Any, day: Any, user: User) -> Any:
    return claims.filter(changed_at__gte=timezone.make_aware(datetime.combine(day, time.min)))


_FILTERS: dict[str, Callable[[Any, Any, User], Any]] = {
    "q": _by_words,
    "state": lambda claims, value, user: claims.filter(workflow=value),
    "case": lambda claims, value, user: claims.filter(case=None if value == NONE else value),
    "topic": lambda claims, value, user: claims.filter(topics=None if value == NONE else value),
    "author": lambda claims, value, user: claims.filter(author=user.pk if value == ME else value),
    "verdict": _by_verdict,
    "publication": _by_publication,
    "since": _since,
}


def _alerted(desk: Desk) -> Q:
    """Claims that stand on a document with an alert that nobody has seen."""
    documents = Change.objects.open_alerts().filter(desk=desk).values("document")
    said = Assertion.objects.standing().filter(
        Q(document__in=documents) | Q(anchors__text__capture__document__in=documents), claim__desk=desk
    )
    evidence = Evidence.objects.standing().filter(
        Q(document__in=documents)
        | Q(capture__document__in=documents)
        | Q(region__withdrawn_at=None, region__capture__document__in=documents),
        claim__desk=desk,
    )
    return Q(pk__in=said.values("claim")) | Q(pk__in=evidence.values("claim"))


# --- order, columns, cards ------------------------------------------------------------------------------------------


def _ordered(claims: QuerySet[Claim], sort: str) -> tuple[QuerySet[Claim], list[Any]]:
    last = [F("changed_at").desc(), F("pk").asc()]
    if sort == "created":
        return claims, [F("created_at").desc(), F("pk").asc()]
    tasks = _waiting().order_by().values("claim")
    if sort == "due":
        due = Subquery(tasks.annotate(first=Min("due_at")).values("first"))
        return claims.annotate(first_due=due), [F("first_due").asc(nulls_last=True), *last]
    if sort == "priority":
        most = Subquery(tasks.annotate(most=Max("priority")).values("most"))
        return claims.annotate(most_urgent=most), [F("most_urgent").desc(nulls_last=True), *last]
    return claims, last


@dataclass
class Column:
    """The claims of one workflow state: the first of them as cards, and how many there are in all."""

    state: Workflow
    count: int = 0
    cards: list[Any] = field(default_factory=list)
    href: str = ""  # of the list of all that are in the column

    @property
    def targets(self) -> str:
        """The states to which a person may move a claim from here."""
        return " ".join(state.value for state in targets(self.state))

    @property
    def owes(self) -> str:
        """Those of the targets for which a reason is owed."""
        return " ".join(state.value for state in targets(self.state) if owes_reason(self.state, state))

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.cards)

    @property
    def is_spare(self) -> bool:
        """A side exit to which nothing went: it is shown while something is dragged."""
        return not self.count and self.state in SIDE_EXITS


def targets(state: str) -> list[Workflow]:
    """Where people may lead a claim from `state` by hand."""
    return [to for to in BY_HAND if to in TRANSITIONS[Workflow(state)]]


def columns_of(claims: QuerySet[Claim], asked: Asked, *, at: datetime) -> list[Column]:
    """The board: six queries, however many claims there are."""
    counts = dict(claims.order_by().values_list("workflow").annotate(Count("pk", distinct=True)))
    shown, order = _ordered(claims, asked.sort)
    place = Window(RowNumber(), partition_by=F("workflow"), order_by=order)
    picked = list(shown.annotate(place=place).filter(place__lte=COLUMN).values_list("pk", "place"))
    place_of = dict(picked)
    found = cards(Claim.objects.filter(pk__in=place_of), asked.desk, at=at)
    found.sort(key=lambda claim: place_of[claim.pk])
    only = asked.given.get("state")
    columns = [Column(state, counts.get(state, 0)) for state in Workflow if only in (None, state)]
    for column in columns:
        column.cards = [claim for claim in found if claim.workflow == column.state]
    return columns


def listed(claims: QuerySet[Claim], sort: str) -> QuerySet[Claim]:
    """The claims in the order of the list; make `cards` of the page that is shown."""
    found, order = _ordered(claims, sort)
    return found.order_by(*order)


def cards(claims: QuerySet[Claim], desk: Desk, *, at: datetime) -> list[Any]:
    """Claims as cards show them: verdict, publication, topics, who owes a review by when; nothing of opinions.

    Five queries, however many claims there are.
    """
    newest = Verdict.objects.select_related("rating").order_by("claim_id", "-number").distinct("claim_id")
    waiting = (
        Task.objects.waiting().select_related("assignee").order_by(F("due_at").asc(nulls_last=True), "id")
    )
    found: list[Any] = list(
        claims.select_related("publication", "author", "case").prefetch_related(
            "topics",
            Prefetch("verdicts", queryset=newest, to_attr="judgements"),
            Prefetch("tasks", queryset=waiting, to_attr="waiting"),
        )
    )
    shown = Claim.objects.filter(_alerted(desk), pk__in=[claim.pk for claim in found])
    alerted = set(shown.values_list("pk", flat=True)) if found else set()
    for claim in found:
        _dress(claim, at=at, alerted=alerted)
    return found


def _dress(claim: Any, *, at: datetime, alerted: Iterable[Any]) -> None:
    publication = getattr(claim, "publication", None)
    claim.published = PublicationState(publication.state if publication else PublicationState.UNPUBLISHED)
    claim.verdict = claim.judgements[0] if claim.judgements else None
    claim.due_at = claim.waiting[0].due_at if claim.waiting else None
    claim.is_late = claim.due_at is not None and claim.due_at < at
    claim.is_urgent = any(task.priority > 2 for task in claim.waiting)
    claim.reviewers = [task.assignee for task in claim.waiting]
    claim.has_alert = claim.pk in alerted
