"""How far reviewers agree beyond chance: Krippendorff's alpha and Cohen's kappa.

Pure: no Django. The sums are NLTK's (`nltk.metrics.agreement`); here are the distances, which pairs may be compared,
and when there is too little to say anything. See docs/decisions/0136-agreement-by-krippendorffs-alpha.md.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

FEWEST_UNITS = 10  # judged by two or more, below which nothing is said
MOST_CODERS = 8  # of a table of pairs

Why = Literal["", "few", "same"]


@dataclass(frozen=True)
class Judged:
    """What one coder said of one unit. For the ordinal measure `value` is a whole number: a step of the scale."""

    coder: str
    unit: Hashable
    value: Any


@dataclass(frozen=True)
class Agreement:
    """A coefficient: 1 is full agreement, 0 what chance gives, less is worse than chance.

    None when there is nothing to say: `why` is "few" units, or "same": all said the same of everything, and what is
    expected by chance is then full agreement too. `units` are those judged by two or more `coders`.
    """

    value: float | None
    units: int
    coders: int
    judgements: int
    why: Why = ""


@dataclass(frozen=True)
class Pair:
    """Two coders and their kappa."""

    one: str
    other: str
    kappa: Agreement


def alpha(judged: Iterable[Judged], *, ordinal: bool = False, fewest: int = FEWEST_UNITS) -> Agreement:
    """Krippendorff's alpha (2011, "Computing Krippendorff's Alpha-Reliability"), nominal or ordinal.

    Not every coder need have judged every unit; a unit that only one did says nothing and is left out.
    """
    kept = _pairable(judged)
    values = Counter(each.value for each in kept)
    refused = _refused(kept, values, fewest)
    if refused is not None:
        return refused
    distance = _ordinal(values) if ordinal else _nominal
    return _agreement(kept, float(_task(kept, distance).alpha()))


def kappas(judged: Iterable[Judged], *, fewest: int = FEWEST_UNITS) -> list[Pair]:
    """Cohen's kappa (nominal) of every two coders over the units that both judged; none for more than MOST_CODERS."""
    kept = _pairable(judged)
    by_coder: dict[str, dict[Hashable, Judged]] = defaultdict(dict)
    for each in kept:
        by_coder[each.coder][each.unit] = each
    if len(by_coder) > MOST_CODERS:
        return []
    pairs = []
    for one, other in combinations(sorted(by_coder), 2):
        # Only units of both: NLTK reckons what each said of the others as answers that chance may give
        both = by_coder[one].keys() & by_coder[other].keys()
        said = [by_coder[coder][unit] for coder in (one, other) for unit in by_coder[coder] if unit in both]
        refused = _refused(said, Counter(each.value for each in said), fewest)
        if refused is None:
            refused = _agreement(said, float(_task(said, _nominal).kappa_pairwise(one, other)))
        pairs.append(Pair(one, other, refused))
    return pairs


def _task(kept: list[Judged], distance: Callable[[Any, Any], float]) -> Any:
    # Half a second to import, for the one page that needs it
    from nltk.metrics.agreement import AnnotationTask  # type: ignore[import-untyped]

    return AnnotationTask([(each.coder, each.unit, each.value) for each in kept], distance=distance)


def _pairable(judged: Iterable[Judged]) -> list[Judged]:
    """What is said of units of which at least two coders said something; the last word of a coder on a unit counts."""
    last = {(each.coder, each.unit): each for each in judged}
    counts = Counter(unit for _coder, unit in last)
    return [each for each in last.values() if counts[each.unit] > 1]


def _refused(kept: list[Judged], values: Counter[Any], fewest: int) -> Agreement | None:
    """The answer when there is none to give."""
    if len({each.unit for each in kept}) < fewest:
        return _agreement(kept, None, "few")
    return _agreement(kept, None, "same") if len(values) == 1 else None


def _agreement(kept: list[Judged], value: float | None, why: Why = "") -> Agreement:
    units, coders = {each.unit for each in kept}, {each.coder for each in kept}
    return Agreement(value, len(units), len(coders), len(kept), why)


def _nominal(one: Any, other: Any) -> float:
    return 0.0 if one == other else 1.0


def _ordinal(values: Counter[int]) -> Callable[[int, int], float]:
    """The squared ordinal difference: how many judgements lie between two values, the two themselves by half."""

    def distance(one: int, other: int) -> float:
        low, high = sorted((one, other))
        between = sum(count for value, count in values.items() if low <= value <= high)
        return float(between - (values[low] + values[high]) / 2) ** 2

    return distance
