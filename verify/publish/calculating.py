"""What the figures of a case have to do with each other, for whoever compares them.

All that is calculated is in `claims.statements.figures`; here rows become what it calculates with, and what it answers
becomes sentences in the reader's language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from claims.attribution.models import Assertion
from claims.statements import figures as calculate
from claims.statements.counting import counted, place_names, supersessions, totals_first, whose, with_places
from claims.statements.figures import Check, Counted, Refusal
from claims.statements.models import Case, Figure, Qualifier, Unit
from claims.statements.places import name_of, path_of
from claims.statements.reasons import Reason
from claims.statements.scopes import days_words, path_words
from verify.publish.presenting import CATEGORY_WORDS, category_words, number

MOST_OFFERED = 300  # figures of a case on one page
MOST_CHOSEN = 12  # that are set against each other: 66 pairs
NO_TOTAL = "none"

RELATIONS = {
    "same": _("counts the same as"),
    "subset": _("is part of"),
    "total": _("is the total of"),
    "overlap": _("overlaps with"),
    "disjoint": _("is apart from"),
    "incomparable": _("cannot be compared with"),
}
VERDICTS = {
    "consistent": _("The parts can belong to the total."),
    "inconsistent": _("The parts cannot belong to the total."),
    "unclear": _("Whether the parts can belong to the total is open."),
    "not-checkable": _("The parts cannot be checked against the total."),
}


def figures_of(case: Case) -> list[Any]:
    """The standing figures of a case, source by source, each with the words of its line: two queries."""
    said = Assertion.objects.standing().select_related("speaker__merged_into", "on_behalf_of__merged_into")
    rows = Figure.objects.standing().filter(claim__case=case).select_related("claim")
    rows = with_places(rows).prefetch_related(Prefetch("assertions", queryset=said))
    found: list[Any] = list(rows.order_by("as_of", "id")[:MOST_OFFERED])
    replaced = {pk for one in supersessions(found).values() for pk in one}
    for figure in found:
        givers = _givers(figure)
        figure.source = "+".join(sorted(givers))
        figure.givers = ", ".join(sorted(givers.values()))
        figure.number = number(
            {name: getattr(figure, name) for name in ("lower", "point", "upper", "qualifier")}
        )
        figure.who = category_words(figure.category) if figure.category else ""
        figure.where = path_words(tuple(map(name_of, path_of(figure.place)))) if figure.place else ""
        figure.replaced = figure.pk in replaced
    # Each source's figures by the day of the count, parts after their total; sorting is stable.
    return sorted(totals_first(found), key=lambda figure: (not figure.givers, figure.givers))


def _givers(figure: Figure) -> dict[str, str]:
    """Whose count it is: ids and names, those that are duplicates of another source as that one."""
    mine, givers = set(whose(figure)), {}
    for said in figure.assertions.all():
        source = said.on_behalf_of or said.speaker
        if source.pk in mine:
            source = source.merged_into or source
            givers[str(source.pk)] = str(source)
    return givers


@dataclass(frozen=True)
class Pair:
    """How one figure lies to another; `clash`: why what its source says of it does not go with the scopes."""

    first: Any
    second: Any
    kind: str
    word: str
    why: str
    said: bool
    clash: str


class Calculation:
    """What may be done with the chosen figures, and what is refused for which reason. Made for one page."""

    def __init__(self, figures: list[Any], chosen: set[str], *, total: str = "") -> None:
        picked = [figure for figure in figures if str(figure.pk) in chosen or str(figure.pk) == total]
        self.left_away = len(picked[MOST_CHOSEN:])
        self.chosen = picked[:MOST_CHOSEN]
        self.most = MOST_CHOSEN
        for figure in self.chosen:
            figure.chosen = True
        replaced = supersessions(figures)
        self._counted = [
            counted(figure, source=figure.source, supersedes=replaced.get(figure.pk, ()), name=figure.number)
            for figure in self.chosen
        ]
        self.several_sources = len({figure.source for figure in self.chosen}) > 1
        self._names: dict[str, str] = {
            **place_names(figures),
            **_days_in_words(self._counted),
            **{code: str(label) for code, label in Unit.choices},
            **{code: str(words) for code, words in CATEGORY_WORDS.items()},
        }
        whole = self._find_total(total)
        parts, self.unchecked = self._divide(whole)
        # Without a part that may be held against it there is no total: then all of them are added, or refused.
        self._whole = whole if parts else None
        self._parts = parts or self._counted

    def _find_total(self, wanted: str) -> Counted | None:
        """The one that was chosen as the total; else the one within which all others count, if there is one."""
        if wanted == NO_TOTAL or len(self.chosen) < 2:
            return None
        for one in self._counted:
            others = [other for other in self._counted if other is not one]
            if one.key == wanted:
                return one
            if not wanted and all(calculate.compare(other, one).kind == "subset" for other in others):
                return one
        return None

    def _divide(self, whole: Counted | None) -> tuple[list[Counted], list[str]]:
        """The parts of a total; and of what is not held against it, other people's figures, the reasons."""
        if whole is None:
            return [], []
        rest = [(one, calculate.foreign(one, whole)) for one in self._counted if one is not whole]
        parts = [one for one, reason in rest if reason is None]
        return parts, [self._say(reason) for _one, reason in rest if reason is not None]

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each two of the chosen figures, once."""
        both = zip(self.chosen, self._counted, strict=True)
        return [self._pair(*one, *other) for one, other in combinations(both, 2)]

    def _pair(self, first: Any, one: Counted, second: Any, other: Counted) -> Pair:
        found = calculate.compare(one, other)
        clash = self._say(found.clash) if found.clash else ""
        word = str(RELATIONS[found.kind])
        return Pair(first, second, found.kind, word, self._say(found.reason), found.said, clash)

    @cached_property
    def sum(self) -> dict[str, Any]:
        """The sum of the chosen figures, of the total's own parts alone where there is one; or why there is none."""
        found = calculate.add(self._parts)
        if isinstance(found, Refusal):
            return {"refused": self._say(found.reason)}
        cautions = [self._say(caution) for caution in found.cautions]
        return {
            "number": _number(found.measurement),
            "made": found.measurement.as_written,
            "cautions": cautions,
        }

    @cached_property
    def range(self) -> dict[str, Any]:
        """One range for the chosen figures, its rule, and what was left out; or why there is none."""
        found = calculate.reconcile(self._counted)
        if isinstance(found, Refusal):
            return {"refused": self._say(found.reason)}
        qualifier = "between" if found.upper is not None else "at-least"
        if found.lower == found.upper:
            qualifier = "exactly"
        bounds = {"lower": found.lower, "point": None, "upper": found.upper, "qualifier": qualifier}
        return {
            "number": number(bounds),
            "rule": self._say(found.rule),
            "left_out": [(self.chosen[index], self._say(reason)) for index, reason in found.left_out],
        }

    @cached_property
    def check(self) -> dict[str, Any]:
        """The parts against the total: what that shows and what it does not. Only where there is a total.

        `unchecked` says of the chosen figures that are not held against it why they are not, also without a total.
        """
        assert self._whole is not None
        found: Check = calculate.check_parts(self._whole, self._parts, complete=self.complete)
        return {
            "verdict": found.verdict,
            "words": VERDICTS[found.verdict],
            "shows": self._say(found.shows),
            "does_not_show": [self._say(limit) for limit in found.does_not_show],
        }

    @property
    def total(self) -> Any:
        return next((each for each in self.chosen if self._whole and str(each.pk) == self._whole.key), None)

    @property
    def parts(self) -> list[Any]:
        """The chosen figures that are added, and held against the total if there is one."""
        keys = {one.key for one in self._parts}
        return [figure for figure in self.chosen if str(figure.pk) in keys]

    @cached_property
    def complete(self) -> bool:
        """Whether these are all the parts, as the total's source says."""
        if self.total is None or not self.total.parts_are_all:
            return False
        recorded = set(Figure.objects.standing().filter(part_of=self.total).values_list("pk", flat=True))
        return bool(recorded) and recorded == {figure.pk for figure in self.parts}

    def _say(self, reason: Reason) -> str:
        return reason.say(gettext, self._names)


def _days_in_words(counts: list[Counted]) -> dict[str, str]:
    """The days in the figures' scopes as the reader writes them."""

    def written(day: date | None) -> str:
        return date_format(day, "j M Y") if day else "…"

    scopes = [one.scope for one in counts]
    as_of = {str(scope.as_of): written(scope.as_of) for scope in scopes if scope.as_of}
    return as_of | {
        days_words(scope): f"{written(scope.window_from)} – {written(scope.window_to)}" for scope in scopes
    }


def _number(measurement: Any) -> str:
    # "More than" comes out of a sum as "at least" one more: its bounds are of the count itself.
    return number(
        {
            "lower": measurement.lower,
            "point": measurement.point,
            "upper": measurement.upper,
            "qualifier": Qualifier(measurement.qualifier),
        }
    )
