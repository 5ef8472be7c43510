"""Figures for editors: what was done by week, what waits and for how long, and how far reviewers agree.

Whatever is told of opinions is of rounds that are all in, whoever asks: a count must not give a blind opinion away.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from statistics import median
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import TruncWeek

from claims.statements.models import Axis, Case, Claim, Transition
from claims.statements.states import Workflow
from verify.accounts.models import Desk, User
from verify.review.agreement import Agreement, Judged, Pair, alpha, kappas
from verify.review.models import Review, Task, TaskKind
from verify.review.states import ROUND, WAITING

WEEKS = 12  # shown unless other days are asked for
MOST_WEEKS = 53
OPEN = (Workflow.DRAFT, Workflow.TRIAGED, Workflow.IN_RESEARCH, Workflow.IN_REVIEW, Workflow.APPROVED)
# Ages of claims since they were registered: up to so many days (exclusive), the last without an end.
AGES = (1, 3, 7, 14, 28, None)


@dataclass(frozen=True)
class Asked:
    """What a report is of: a desk, its cases or one, the days `first` to `last` (UTC, both included)."""

    desk: Desk
    first: date
    last: date
    case: Case | None = None

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the first moment of the first day to the first moment after the last one, in UTC."""
        return _midnight(self.first), _midnight(self.last + timedelta(days=1))


@dataclass(frozen=True)
class Week:
    """How many claims were registered, approved and published in the week that begins on Monday `begins`."""

    begins: date
    registered: int
    approved: int
    published: int


@dataclass(frozen=True)
class Ages:
    """Open claims in one state of the workflow by their age: one count for each of AGES."""

    state: Workflow
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Answering:
    """Reviews of one kind: how many wait, how many of these are overdue; how many were answered, and how fast.

    `answer` is the median time from asking to the opinion; None when none was given.
    """

    kind: TaskKind
    waiting: int
    overdue: int
    answered: int
    answer: timedelta | None


@dataclass(frozen=True)
class Load:
    """What waits for one person (None: for whoever takes it from the pool), and what they answered."""

    reviewer: User | None
    waiting: int
    overdue: int
    answered: int


class Report:
    """The figures of one desk. Seven queries, each made when what it gives is first asked for."""

    def __init__(self, asked: Asked, *, published: QuerySet[Any], at: datetime) -> None:
        """`published` are the versions of the desk's claims with `claim` and `published_at`: they live above."""
        self.asked, self.at, self._versions = asked, at, published

    @cached_property
    def weeks(self) -> list[Week]:
        """Each week of the days asked for, the oldest first, the newest MOST_WEEKS of them."""
        moves = Transition.objects.filter(axis=Axis.WORKFLOW, new=Workflow.APPROVED)
        registered = self._by_week(self._claims(), "created_at", "pk")
        approved = self._by_week(self._of(moves), "at", "claim")
        published = self._by_week(self._of(self._versions), "published_at", "claim")
        begins = _monday(self.asked.first)
        mondays = [begins + timedelta(weeks=n) for n in range((self.asked.last - begins).days // 7 + 1)]
        return [Week(day, registered[day], approved[day], published[day]) for day in mondays[-MOST_WEEKS:]]

    @cached_property
    def ages(self) -> list[Ages]:
        """Open claims as they are now, whenever registered, by state and age."""
        counts: dict[str, Counter[int]] = defaultdict(Counter)
        for state, made in self._claims().filter(workflow__in=OPEN).values_list("workflow", "created_at"):
            counts[state][_age(self.at - made)] += 1
        return [Ages(state, tuple(counts[state][place] for place in range(len(AGES)))) for state in OPEN]

    @cached_property
    def kinds(self) -> list[Answering]:
        """Reviews by kind: what waits now, and what was answered in the days asked for."""
        waiting = Counter(kind for kind, _who, _late in self._waiting)
        overdue = Counter(kind for kind, _who, late in self._waiting if late)
        times: dict[str, list[float]] = defaultdict(list)  # seconds
        for row in self._reviews:
            times[row["kind"]].append((row["submitted_at"] - row["task__created_at"]).total_seconds())
        shown = [kind for kind in TaskKind if waiting[kind] or times[kind]]
        return [
            Answering(
                kind,
                waiting[kind],
                overdue[kind],
                len(times[kind]),
                timedelta(seconds=median(times[kind])) if times[kind] else None,
            )
            for kind in shown
        ]

    @cached_property
    def loads(self) -> list[Load]:
        """Whom the waiting reviews are asked of and who answered, the most burdened first."""
        waiting = Counter(who for _kind, who, _late in self._waiting)
        overdue = Counter(who for _kind, who, late in self._waiting if late)
        answered = Counter(row["reviewer"] for row in self._reviews)
        people: dict[Any, User | None] = {None: None, **self._people}
        found = [Load(people[who], waiting[who], overdue[who], answered[who]) for who in waiting | answered]
        return sorted(found, key=lambda load: (-load.waiting, -load.answered, str(load.reviewer)))

    @cached_property
    def opinions(self) -> Agreement:
        """Agreement on approving or returning (nominal)."""
        return alpha(self._judged("opinion"))

    @cached_property
    def ratings(self) -> Agreement:
        """Agreement on the verdict that each would give (ordinal, by the value on the desk's scale)."""
        return alpha(self._judged("rating__value"), ordinal=True)

    @cached_property
    def pairs(self) -> list[Pair]:
        """Cohen's kappa on approving or returning, of every two reviewers; coders are ids as text."""
        return kappas(self._judged("opinion"))

    def name(self, coder: str) -> str:
        return str(self._people_by_text[coder])

    def _judged(self, what: str) -> list[Judged]:
        """What was said in blind rounds. A unit is one content, looked at for one purpose: what else was asked, or
        what stood there before an edit, is another. Who adjudicates has read the others and is left out."""
        return [
            Judged(str(row["reviewer"]), (row["claim"], row["content_digest"], row["kind"]), row[what])
            for row in self._reviews
            if row["kind"] in ROUND and row[what] is not None
        ]

    @cached_property
    def _waiting(self) -> list[tuple[str, Any, bool]]:
        """(kind, reviewer, whether overdue) of each review that is waited for now."""
        rows = self._of(Task.objects.filter(state__in=WAITING)).values_list("kind", "assignee", "due_at")
        return [(kind, who, due is not None and due < self.at) for kind, who, due in rows]

    @cached_property
    def _reviews(self) -> Sequence[dict[str, Any]]:
        """The opinions of the days asked for, on claims of which nobody owes one."""
        begin, end = self.asked.span
        rows = self._of(Review.objects.all_in().filter(submitted_at__gte=begin, submitted_at__lt=end))
        wanted = ("claim", "content_digest", "kind", "reviewer", "opinion", "rating__value", "submitted_at")
        return list(rows.order_by("submitted_at", "pk").values(*wanted, "task__created_at"))

    @cached_property
    def _people(self) -> dict[Any, User]:
        who = {who for _kind, who, _late in self._waiting if who} | {row["reviewer"] for row in self._reviews}
        return {user.pk: user for user in User.objects.filter(pk__in=who)}

    @cached_property
    def _people_by_text(self) -> dict[str, User]:
        return {str(pk): user for pk, user in self._people.items()}

    def _claims(self) -> QuerySet[Claim]:
        claims = Claim.objects.filter(desk=self.asked.desk).order_by()
        return claims.filter(case=self.asked.case) if self.asked.case else claims

    def _of(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `rows` that are of the claims asked for."""
        rows = rows.filter(claim__desk=self.asked.desk).order_by()
        return rows.filter(claim__case=self.asked.case) if self.asked.case else rows

    def _by_week(self, rows: QuerySet[Any], moment: str, claim: str) -> Counter[date]:
        """How many claims in each week of the days asked for; one that comes back in a week is counted once."""
        begin, end = self.asked.span
        within = rows.filter(**{f"{moment}__gte": begin, f"{moment}__lt": end})
        weeks = within.annotate(week=TruncWeek(F(moment), tzinfo=UTC)).values("week")
        return Counter(
            {row["week"].date(): row["n"] for row in weeks.annotate(n=Count(claim, distinct=True))}
        )


def _age(age: timedelta) -> int:
    """The place in AGES."""
    return next(place for place, days in enumerate(AGES) if days is None or age < timedelta(days=days))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
