"""Figures are scoped measurements: what may be added, compared and reconciled, and what is refused, with the reason.

Reading what people write is in `phrases.py`, what is counted in `scopes.py`; both are had from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Literal

from claims.statements.phrases import VAGUE_QUALIFIERS, Found, Measurement, Qualifier, find_all, parse
from claims.statements.reasons import Reason, gettext_noop
from claims.statements.scopes import CATEGORIES, UNITS, Kind, Relation, Scope, relation

__all__ = [
    "CATEGORIES",
    "UNITS",
    "VAGUE_QUALIFIERS",
    "Check",
    "Comparison",
    "Counted",
    "Found",
    "Measurement",
    "Range",
    "Refusal",
    "Relation",
    "Scope",
    "Sum",
    "add",
    "check_parts",
    "compare",
    "find_all",
    "foreign",
    "parse",
    "reconcile",
    "relation",
]

AROUND = 10  # per cent either way that "around" is taken to allow when parts are checked against a total, only there

SENTENCES = {
    "nothing": gettext_noop("There is no figure to calculate with."),
    "vague": gettext_noop("“%(written)s” is a vague word, not a count."),
    "ambiguous": gettext_noop("“%(written)s” can be read in two ways: settle which is meant first."),
    "not-disjoint": gettext_noop("“%(first)s” and “%(second)s” may count the same people. %(why)s"),
    "perpetrators-across-sources": gettext_noop(
        "“%(first)s” and “%(second)s” divide the dead by perpetrator and come from different sources, which need not "
        "agree on who killed whom."
    ),
    "as-of-differs": gettext_noop(
        "“%(first)s” was counted by %(first_day)s and “%(second)s” by %(second_day)s: nobody counted their sum."
    ),
    "sources-differ": gettext_noop("They come from different sources, which may count in different ways."),
    "as-of-unknown": gettext_noop("By which day one of them was counted is not known."),
    "around-added": gettext_noop("“Around” was added as if it were exact."),
    "not-same": gettext_noop("“%(first)s” and “%(second)s” do not count the same. %(why)s"),
    "superseded": gettext_noop("“%(written)s” was left out: its source has a later figure, as of %(day)s."),
    "replaced": gettext_noop("“%(written)s” was left out: “%(later)s” replaces it, its source says."),
    "replaced-added": gettext_noop(
        "“%(later)s” replaces “%(earlier)s”: together they would count people twice."
    ),
    "said-part": gettext_noop("“%(part)s” is part of “%(total)s”, as its source says."),
    "said-part-added": gettext_noop(
        "“%(part)s” is part of “%(total)s”, as its source says: together they would count people twice."
    ),
    "said-clashes": gettext_noop(
        "Its source says that “%(part)s” is part of “%(total)s”, which does not go with what they count. %(why)s"
    ),
    "minimum-maximum": gettext_noop(
        "From the lowest to the highest of the latest figure of each source; a bare lower or upper bound does not "
        "narrow it."
    ),
    "bounds-only": gettext_noop(
        "Only bounds were given: from the lowest lower bound to the highest upper one."
    ),
    "not-a-part": gettext_noop("“%(written)s” is not a part of the total. %(why)s"),
    "others-part": gettext_noop(
        "“%(part)s” was not checked against “%(total)s”: they are figures of different sources, and other people’s "
        "parts need not be parts of this total."
    ),
    "whose-part": gettext_noop(
        "“%(part)s” was not checked against “%(total)s”: it is not on record that both are of one source, and other "
        "people’s parts need not be parts of this total."
    ),
    "exceeds": gettext_noop("The parts make at least %(sum)s, the total is at most %(total)s."),
    "falls-short": gettext_noop("The parts make at most %(sum)s, the total is at least %(total)s."),
    "fits": gettext_noop("The parts make %(sum)s, which agrees with “%(total)s”."),
    "room-left": gettext_noop("The parts make %(sum)s, which leaves room for more under “%(total)s”."),
    "unclear": gettext_noop(
        "Whether the parts (%(sum)s) agree with “%(total)s” hangs on how far “around” goes."
    ),
    "not-truth": gettext_noop("It does not show that the total or any part is true."),
    "not-complete": gettext_noop("It does not show that these are all the parts."),
    "not-independent": gettext_noop("A total that its source made by adding these parts is bound to agree."),
}


@dataclass(frozen=True)
class Counted:
    """A measurement with what it counts and whose count it is (an opaque id; "" when not known).

    `key` is the figure's own id. `part_of` and `supersedes` hold ids of figures of which its source says so itself.
    `name` is what sentences call it, in the reader's form; "" for the words as they were written.
    """

    measurement: Measurement
    scope: Scope
    source: str = ""
    key: str = ""
    part_of: str = ""
    supersedes: frozenset[str] = frozenset()
    name: str = ""

    @property
    def written(self) -> str:
        """What to call it in a sentence."""
        return self.name or self.measurement.as_written


@dataclass(frozen=True)
class Comparison:
    """How one figure lies to another: as its source says, else as their scopes do.

    `said`: the source says so itself. `clash`: why what it says does not go with the scopes; `kind` is then theirs.
    """

    kind: Kind
    reason: Reason
    said: bool = False
    clash: Reason | None = None


@dataclass(frozen=True)
class Refusal:
    """Why something was not calculated."""

    reason: Reason


@dataclass(frozen=True)
class Sum:
    measurement: Measurement
    cautions: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Range:
    """`upper` is None when open. `used` are indices of the figures it was made from; the others have a reason each."""

    lower: int
    upper: int | None
    rule: Reason
    used: tuple[int, ...]
    left_out: tuple[tuple[int, Reason], ...] = ()


@dataclass(frozen=True)
class Check:
    """Parts against a total: the verdict, what that shows and what it does not show."""

    verdict: Literal["consistent", "inconsistent", "unclear", "not-checkable"]
    shows: Reason
    does_not_show: tuple[Reason, ...] = ()


def compare(one: Counted, other: Counted) -> Comparison:
    """How `one` lies to `other`. What its source says of it decides where the scopes leave it open, and no further."""
    computed = relation(one.scope, other.scope)
    for part, total, kind, against in (
        (one, other, "subset", ("disjoint", "overlap", "total")),
        (other, one, "total", ("disjoint", "overlap", "subset")),
    ):
        if not part.part_of or part.part_of != total.key:
            continue
        said: dict[str, str | Reason] = {"part": part.written, "total": total.written}
        if computed.kind in against:
            clash = _reason("said-clashes", **said, why=computed.reason)
            return Comparison(computed.kind, computed.reason, said=True, clash=clash)
        return Comparison(kind, _reason("said-part", **said), said=True)  # type: ignore[arg-type]
    return Comparison(computed.kind, computed.reason)


def add(counted: Sequence[Counted]) -> Sum | Refusal:
    """The sum of figures that count nobody twice; otherwise the first reason why they cannot be added."""
    if not counted:
        return _refuse("nothing")
    if (unusable := _unusable(counted)) is not None:
        return unusable
    for one, other in combinations(counted, 2):
        if (refusal := _clash(one, other)) is not None:
            return refusal
    parts = [each.measurement for each in counted]
    cautions = []
    if len({each.source for each in counted}) > 1:
        cautions.append(_reason("sources-differ"))
    if len({each.scope.as_of for each in counted}) > 1:
        cautions.append(_reason("as-of-unknown"))
    if any(part.qualifier == "around" for part in parts) and len(parts) > 1:
        cautions.append(_reason("around-added"))
    made = " + ".join(each.written for each in counted)
    return Sum(replace(_total(parts), as_written=made), tuple(cautions))


def reconcile(counted: Sequence[Counted]) -> Range | Refusal:
    """One range for figures of one scope from several sources, and the rule by which it was made.

    Of each source its latest figure counts, and none that another replaces; vague words and figures read in two
    ways are left out, with the reason.
    """
    left_out = {i: unusable.reason for i, each in enumerate(counted) if (unusable := _unusable([each]))}
    for i, each in enumerate(counted):
        replacing = [o.written for o in counted if each.key and each.key in o.supersedes]
        if replacing and i not in left_out:
            left_out[i] = _reason("replaced", written=each.written, later=min(replacing))
        later = [o.scope.as_of for o in counted if o is not each and _supersedes(o, each)]
        if later and i not in left_out:
            left_out[i] = _reason(
                "superseded", written=each.written, day=str(max(day for day in later if day))
            )
    used = [i for i in range(len(counted)) if i not in left_out]
    if not used:
        return _refuse("nothing")
    for i, j in combinations(used, 2):
        found = compare(counted[i], counted[j])
        if found.kind != "same":
            first, second = counted[i].written, counted[j].written
            return _refuse("not-same", first=first, second=second, why=found.reason)
    lower, upper, rule = _minimum_maximum([counted[i].measurement for i in used])
    return Range(lower, upper, _reason(rule), tuple(used), tuple(sorted(left_out.items())))


def foreign(part: Counted, total: Counted) -> Reason | None:
    """Why a figure is not held against a total, whatever their scopes: nobody says that it is one of its parts.

    None where both are of one source, or where the figure's source says that it is part of that total.
    """
    if (part.part_of and part.part_of == total.key) or part.source == total.source != "":
        return None
    code = "others-part" if part.source and total.source else "whose-part"
    return _reason(code, part=part.written, total=total.written)


def check_parts(total: Counted, parts: Sequence[Counted], *, complete: bool = False) -> Check:
    """Whether parts can belong to a total. `complete` says that there are no other parts than these.

    Only parts of the total's own source are checked, and those that are said to be parts of it.
    """
    for part in parts:
        found = compare(part, total)
        if found.clash is not None:
            return Check("not-checkable", found.clash)
        if found.kind not in ("subset", "same"):
            return Check("not-checkable", _reason("not-a-part", written=part.written, why=found.reason))
        if (reason := foreign(part, total)) is not None:
            return Check("not-checkable", reason)
    summed = add(parts)
    unusable = _unusable([total])
    if isinstance(summed, Refusal) or unusable:
        return Check("not-checkable", unusable.reason if unusable else summed.reason)  # type: ignore[union-attr]
    strict = _compare(total.measurement, [part.measurement for part in parts], complete, around=0)
    lenient = _compare(total.measurement, [part.measurement for part in parts], complete, around=AROUND)
    said: dict[str, str | Reason] = {"sum": _written(summed.measurement), "total": total.written}
    if strict == lenient == "":
        (low, high), (least, most) = (
            _bounds([one], around=0) for one in (summed.measurement, total.measurement)
        )
        limits = [_reason("not-truth"), _reason("not-independent")]
        limits += [] if complete else [_reason("not-complete")]
        short = not complete and high != most and low < least
        return Check("consistent", _reason("room-left" if short else "fits", **said), tuple(limits))
    if not lenient or not strict:
        return Check("unclear", _reason("unclear", **said), (_reason("not-truth"),))
    low, high = _bounds([part.measurement for part in parts], around=0)
    least, most = _bounds([total.measurement], around=0)
    numbers = (low, most) if strict == "exceeds" else (high, least)
    return Check("inconsistent", _reason(strict, sum=f"{numbers[0]:,}", total=f"{numbers[1]:,}"))


def _compare(total: Measurement, parts: Sequence[Measurement], complete: bool, *, around: int) -> str:
    """The code of the contradiction, "" when there is none."""
    (low, high), (least, most) = _bounds(parts, around), _bounds([total], around)
    if most is not None and low > most:
        return "exceeds"
    return "falls-short" if complete and high is not None and high < least else ""


def _bounds(measurements: Sequence[Measurement], around: int) -> tuple[int, int | None]:
    """Lowest and highest sum; a point without bounds is allowed `around` per cent either way."""
    lows, highs = [], []
    for each in measurements:
        slack = (each.point or 0) * around // 100 if each.qualifier == "around" else 0
        lows.append(each.least if each.least is not None else max(0, (each.point or 0) - slack))
        highs.append(
            each.most if each.most is not None else None if each.point is None else each.point + slack
        )
    return sum(lows), None if None in highs else sum(high for high in highs if high is not None)


def _total(parts: list[Measurement]) -> Measurement:
    if len(parts) == 1:
        return parts[0]
    point = _sum([each.point for each in parts])
    kinds = {each.qualifier for each in parts}
    if kinds == {"exactly"}:
        total = Measurement(point, point, point, "exactly", "")
    elif kinds <= {"exactly", "around"}:
        total = Measurement(None, point, None, "around", "")
    else:
        lower = _sum([each.least if each.least is not None else each.point for each in parts], 0)
        upper = _sum([each.most if each.most is not None else each.point for each in parts])
        floor = all(each.least is not None or each.point is not None for each in parts)
        qualifier: Qualifier = "at-least" if upper is None else "between" if floor else "up-to"
        total = Measurement(lower if floor or upper is None else None, None, upper, qualifier, "")
    return total


def _sum(values: list[int | None], missing: int | None = None) -> int | None:
    known = [missing if value is None else value for value in values]
    return None if None in known else sum(value for value in known if value is not None)


def _minimum_maximum(measurements: list[Measurement]) -> tuple[int, int | None, str]:
    valued = [each for each in measurements if each.point is not None or None not in (each.least, each.most)]
    chosen = valued or measurements
    bounds = [_bounds([each], around=0) for each in chosen]
    highs = [high for _, high in bounds]
    # A floor above every figure contradicts them; the range stays open instead of hiding it. A ceiling below likewise.
    floors = [each.least for each in measurements if each not in chosen and each.least is not None]
    ceilings = [each.most for each in measurements if each not in chosen and each.most is not None]
    lower = min([low for low, _ in bounds] + ceilings)
    upper = None if None in highs else max(high for high in highs if high is not None)
    if upper is not None and floors and max(floors) > upper:
        upper = None
    return lower, upper, "minimum-maximum" if valued else "bounds-only"


def _clash(one: Counted, other: Counted) -> Refusal | None:
    names: dict[str, str | Reason] = {"first": one.written, "second": other.written}
    for part, whole in ((one, other), (other, one)):
        if part.part_of and part.part_of == whole.key:
            return _refuse("said-part-added", part=part.written, total=whole.written)
        if whole.key in part.supersedes:
            return _refuse("replaced-added", later=part.written, earlier=whole.written)
    found = relation(one.scope, other.scope)
    if found.kind != "disjoint" and not _divided_by_perpetrator(one, other):
        return _refuse("not-disjoint", **names, why=found.reason)
    if found.kind != "disjoint" and (one.source != other.source or not one.source):
        return _refuse("perpetrators-across-sources", **names)
    days: tuple[date | None, date | None] = one.scope.as_of, other.scope.as_of
    if None not in days and days[0] != days[1]:
        return _refuse("as-of-differs", **names, first_day=str(days[0]), second_day=str(days[1]))
    return None


def _divided_by_perpetrator(one: Counted, other: Counted) -> bool:
    """Whether two figures differ in the perpetrator, and would be of one scope or comparable ones without."""
    if (
        not one.scope.perpetrator
        or not other.scope.perpetrator
        or one.scope.perpetrator == other.scope.perpetrator
    ):
        return False
    undivided = relation(replace(one.scope, perpetrator=""), replace(other.scope, perpetrator=""))
    return undivided.kind in ("same", "subset", "total", "overlap")


def _supersedes(later: Counted, earlier: Counted) -> bool:
    days = later.scope.as_of, earlier.scope.as_of
    same_count = relation(later.scope, earlier.scope).kind == "same" and later.source == earlier.source != ""
    return same_count and days[0] is not None and days[1] is not None and days[0] > days[1]


def _unusable(counted: Sequence[Counted]) -> Refusal | None:
    for each in counted:
        if each.measurement.qualifier in VAGUE_QUALIFIERS:
            return _refuse("vague", written=each.written)
        if each.measurement.is_ambiguous:
            return _refuse("ambiguous", written=each.written)
    return None


def _written(measurement: Measurement) -> str:
    number = measurement.point if measurement.point is not None else measurement.lower or measurement.upper
    return f"{number:,}"


def _refuse(code: str, **params: str | Reason) -> Refusal:
    return Refusal(_reason(code, **params))


def _reason(code: str, **params: str | Reason) -> Reason:
    return Reason(code, SENTENCES[code], params)
