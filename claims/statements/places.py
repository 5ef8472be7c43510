"""Places by name: those that come with Verify and those that a desk added, in a small hierarchy.

A place is found under its English and its Arabic name, in either script, and whatever the spelling: "Tartous",
"طرطوس" and "tartus" lead to the same places, with the surest first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from rapidfuzz import fuzz

from claims.statements.models import Figure, Place, PlaceKind
from sources.catalog.names import key

SIZES = tuple(PlaceKind)  # from the whole to the part; what lies in a place is smaller than the place
NEAR = 80  # per cent that two spellings must share to be offered for each other
OFFERED = 6  # places that are offered for what was typed
PARENTS = "__".join(["parent"] * (len(SIZES) - 1))  # a city's district, its governorate, its country


def of_desk(desk: Any) -> QuerySet[Place]:
    """Those that come with Verify and those that the desk (or its id) added, with all that they lie in."""
    return Place.objects.filter(Q(desk__isnull=True) | Q(desk=desk)).select_related(PARENTS)


def path_of(place: Place) -> tuple[Place, ...]:
    """What a place lies in, from the whole to the part, itself included; no queries when read with `of_desk`."""
    path = [place]
    while (above := path[-1].parent) is not None:
        path.append(above)
    return tuple(reversed(path))


def place_path(figure: Figure) -> tuple[str, ...]:
    """Where a figure counts, for its Scope: names as they are on record, whatever the reader's language.

    Empty when the place is not on record. No two places that a desk sees have the same path (`add_place`).
    """
    return tuple(place.name for place in path_of(figure.place)) if figure.place else ()


def name_of(place: Place) -> str:
    """The name in the reader's language, where there is one."""
    return place.name_ar if place.name_ar and (get_language() or "").startswith("ar") else place.name


def label(place: Place) -> str:
    """A place in a line, told apart from others of its name: “Jableh, Latakia, Syria (district)”."""
    names = [name_of(each) for each in reversed(path_of(place))]
    # A town, its district and its governorate often share their name: said once, the kind tells them apart.
    said = [name for number, name in enumerate(names) if number == 0 or names[number - 1] != name]
    comma = "، " if (get_language() or "").startswith("ar") else ", "
    return f"{comma.join(said)} ({place.get_kind_display()})"


@dataclass(frozen=True)
class Found:
    """What typed words may mean, surest first. `exact`: they are a name of each of these, not only like one.

    `labelled` is the place whose line in a list (`label`) was typed or chosen.
    """

    places: tuple[Place, ...] = ()
    exact: bool = False
    labelled: Place | None = None

    @property
    def only(self) -> Place | None:
        """The one place that was named beyond doubt."""
        return self.places[0] if self.exact and len(self.places) == 1 else None


def find(text: str, places: Iterable[Place]) -> Found:
    """Which of `places` (all that may be meant, read with `of_desk`) somebody means by `text`."""
    known = list(places)
    typed = text.strip()
    if labelled := [place for place in known if label(place) == typed]:
        return Found(tuple(labelled), exact=True, labelled=labelled[0])
    if coded := [place for place in known if place.code and place.code == typed.upper()]:
        return Found(tuple(coded), exact=True)
    wanted = key(typed)
    if not wanted:
        return Found()
    if named := [place for place in known if wanted in keys_of(place)]:
        return Found(tuple(sorted(named, key=_size)), exact=True)
    likely = [(max(fuzz.ratio(wanted, each) for each in keys_of(place)), place) for place in known]
    near = sorted(
        ((score, place) for score, place in likely if score >= NEAR), key=lambda p: (-p[0], _size(p[1]))
    )
    return Found(tuple(place for _, place in near[:OFFERED]))


def matching(text: str, places: Iterable[Place]) -> list[Place]:
    """Those of which a name begins with, holds or is spelled like `text`, in any script; all for no text."""
    known, wanted = list(places), key(text)
    if not wanted:
        return known if not text.strip() else []
    typed = text.strip().casefold()
    scored = [(_likeness(wanted, typed, place), place) for place in known]
    return [
        place for score, place in sorted(scored, key=lambda each: (-each[0], label(each[1]))) if score >= NEAR
    ]


def _likeness(wanted: str, typed: str, place: Place) -> float:
    if wanted in (keys := keys_of(place)):
        return 102
    names = [name.casefold() for name in (place.name, place.name_ar)]
    if any(name.startswith(typed) for name in names):
        return 101
    return 100 if any(typed in name for name in names) else max(fuzz.ratio(wanted, each) for each in keys)


def keys_of(place: Place) -> set[str]:
    """The keys of its names: two places that share one may be the same place."""
    return {each for each in (key(place.name), key(place.name_ar)) if each}


def _size(place: Place) -> tuple[int, str]:
    return SIZES.index(PlaceKind(place.kind)), str(place.pk)
