"""What a figure counts: unit, category, perpetrator, place, window; and how two scopes lie to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from claims.statements.reasons import Reason, gettext_noop

Kind = Literal["same", "subset", "total", "overlap", "disjoint", "incomparable"]
Side = Literal["same", "subset", "total", "overlap", "disjoint", "unknown"]

UNITS = ("people-killed", "people-injured", "people-displaced", "massacres")

# Who is counted, as sets of groups that share nobody. "all" has whoever else there is.
_ATOMS: dict[str, str] = {
    "civilians": "civilians",
    "pro-assad-fighters": "pro-assad",
    "government-soldiers": "soldiers",
    "security-personnel": "soldiers police",
    "civilians-and-fighters": "civilians pro-assad other-fighters",
    "all": "civilians pro-assad other-fighters soldiers police others",
}
CATEGORIES: dict[str, frozenset[str]] = {code: frozenset(atoms.split()) for code, atoms in _ATOMS.items()}

SENTENCES = {
    "unit-differs": gettext_noop("They count different things: %(first)s and %(second)s."),
    "category-unknown": gettext_noop(
        "It is not said how the categories “%(first)s” and “%(second)s” overlap."
    ),
    "category-overlap": gettext_noop("%(first)s and %(second)s share some people."),
    "category-disjoint": gettext_noop("%(first)s and %(second)s share nobody."),
    "perpetrator-unknown": gettext_noop(
        "They are divided by perpetrator (“%(first)s”, “%(second)s”), which need not exclude each other."
    ),
    "place-unknown": gettext_noop("The place of one of them is not stated."),
    "place-words": gettext_noop("Where “%(first)s” and “%(second)s” lie to each other is not on record."),
    "place-disjoint": gettext_noop("%(first)s and %(second)s are different places."),
    "window-unknown": gettext_noop("The days that one of them covers are not stated."),
    "window-overlap": gettext_noop("They cover days in common: %(first)s and %(second)s."),
    "window-disjoint": gettext_noop("They cover different days: %(first)s and %(second)s."),
    "mixed": gettext_noop(
        "Each is wider than the other in something: the first by %(first)s, the second by %(second)s."
    ),
    "victim-perpetrator": gettext_noop(
        "One divides the dead by victim (%(victims)s), the other by perpetrator (%(perpetrator)s): some may be in both."
    ),
    "by-category": gettext_noop("who is counted"),
    "by-place": gettext_noop("place"),
    "by-window": gettext_noop("days"),
    "by-perpetrator": gettext_noop("perpetrator"),
    "and": gettext_noop("%(first)s and %(second)s"),
    "same": gettext_noop("They count the same."),
    "subset": gettext_noop("What the first counts is part of what the second counts."),
    "total": gettext_noop("What the second counts is part of what the first counts."),
}


@dataclass(frozen=True)
class Scope:
    """What is counted. Empty means: not stated.

    `place` goes from the whole to the part ("Syria", "Latakia", "Jableh"); `place_words` is what was written, and
    decides only where one of two places is not on record. `perpetrator` empty means that the count is not divided by
    perpetrator. The window's days are inclusive; `as_of` is the day by which it was counted: it is no part of the
    scope, two counts of one scope by different days are two states of knowledge.
    """

    unit: str
    category: str = ""
    perpetrator: str = ""
    place: tuple[str, ...] = ()
    window_from: date | None = None
    window_to: date | None = None
    as_of: date | None = None
    place_words: str = ""


@dataclass(frozen=True)
class Relation:
    """How the first scope lies to the second: the same, a subset of it, its total, overlapping, disjoint."""

    kind: Kind
    reason: Reason


def relation(a: Scope, b: Scope) -> Relation:
    """How `a` lies to `b`, with the first thing that decides it. Not stated is never taken for equal to stated."""
    if a.unit != b.unit:
        return Relation("incomparable", _reason("unit-differs", a.unit, b.unit))
    sides: list[tuple[str, Side, str, str]] = [
        ("category", _categories(a.category, b.category), a.category, b.category),
        ("place", _places(a, b), _place_words(a), _place_words(b)),
        ("window", _windows(a, b), days_words(a), days_words(b)),
        ("perpetrator", _perpetrators(a.perpetrator, b.perpetrator), a.perpetrator, b.perpetrator),
    ]
    for wanted, kind in (("disjoint", "disjoint"), ("unknown", "incomparable"), ("overlap", "overlap")):
        for name, side, first, second in sides:
            if side == wanted:
                code = (
                    "place-words"
                    if name == "place" and side == "unknown" and first and second
                    else f"{name}-{side}"
                )
                return Relation(kind, _reason(code, first, second))  # type: ignore[arg-type]
    found = {side for _, side, _, _ in sides} - {"same"}
    if len(found) == 2:
        wider = [name for name, side, _, _ in sides if side == "total"]
        narrower = [name for name, side, _, _ in sides if side == "subset"]
        return Relation("overlap", _mixed(a, b, wider, narrower))
    kind_found: Kind = "subset" if "subset" in found else "total" if "total" in found else "same"
    return Relation(kind_found, Reason(kind_found, SENTENCES[kind_found]))


def _categories(a: str, b: str) -> Side:
    if a == b and a:
        return "same"
    if a not in CATEGORIES or b not in CATEGORIES:
        return "unknown"
    first, second = CATEGORIES[a], CATEGORIES[b]
    if first <= second:
        return "subset"
    if first >= second:
        return "total"
    return "overlap" if first & second else "disjoint"


def _perpetrators(a: str, b: str) -> Side:
    if a == b:
        return "same"
    return "unknown" if a and b else ("subset" if a else "total")


def _mixed(a: Scope, b: Scope, wider: list[str], narrower: list[str]) -> Reason:
    """Why neither is part of the other: the one is wider in some things, the other in others."""
    if {*wider, *narrower} == {"category", "perpetrator"}:
        by_victim, by_perpetrator = (a, b) if wider == ["perpetrator"] else (b, a)
        said = {"victims": by_victim.category, "perpetrator": by_perpetrator.perpetrator}
        return Reason("victim-perpetrator", SENTENCES["victim-perpetrator"], said)
    return Reason("mixed", SENTENCES["mixed"], {"first": _list(wider), "second": _list(narrower)})


def _list(names: list[str]) -> Reason:
    first = Reason(f"by-{names[0]}", SENTENCES[f"by-{names[0]}"])
    return (
        first
        if len(names) == 1
        else Reason("and", SENTENCES["and"], {"first": first, "second": _list(names[1:])})
    )


def path_words(place: tuple[str, ...]) -> str:
    """A place in a sentence, the part first: "Jableh, Latakia, Syria"; a town of its district's name is said once."""
    names = place[::-1]
    return ", ".join(name for number, name in enumerate(names) if number == 0 or names[number - 1] != name)


def _place_words(scope: Scope) -> str:
    return path_words(scope.place) or scope.place_words


def _places(a: Scope, b: Scope) -> Side:
    first, second = a.place, b.place
    if not first or not second:
        words = " ".join(a.place_words.split()).casefold(), " ".join(b.place_words.split()).casefold()
        return "same" if first == second and words[0] == words[1] != "" else "unknown"
    if first[: len(second)] == second:
        return "same" if first == second else "subset"
    return "total" if second[: len(first)] == first else "disjoint"


def _windows(a: Scope, b: Scope) -> Side:
    first, second = (a.window_from, a.window_to), (b.window_from, b.window_to)
    if first == second != (None, None):
        return "same"
    if None in first or None in second:
        return "unknown"
    (a_from, a_to), (b_from, b_to) = first, second
    assert a_from and a_to and b_from and b_to
    if a_to < b_from or b_to < a_from:
        return "disjoint"
    if b_from <= a_from and a_to <= b_to:
        return "subset"
    return "total" if a_from <= b_from and b_to <= a_to else "overlap"


def days_words(scope: Scope) -> str:
    """The window in a sentence, ISO 8601 dates."""
    return f"{scope.window_from or '…'}–{scope.window_to or '…'}"


def _reason(code: str, first: str, second: str) -> Reason:
    return Reason(code, SENTENCES[code], {"first": first or "—", "second": second or "—"})
