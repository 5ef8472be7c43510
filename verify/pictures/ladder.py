"""The figure ladder of a case or a claim: who gave which figures when, read from the rows and drawn.

How to read the picture is in docs/reference/figure-ladder.md; where everything stands is decided in `steps.py`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from claims.attribution.models import Assertion
from claims.statements.counting import counted, place_names, totals_first, with_places
from claims.statements.figures import compare
from claims.statements.models import Case, Claim, Figure, Unit
from claims.statements.places import place_path
from claims.statements.scopes import Scope, path_words, relation
from sources.catalog.models import Source
from verify.pictures.drawing import Direction, Pen, Picture, fit, group, link, text_width, wrapped
from verify.pictures.steps import GUTTER, LINE, SIZE, SMALL, Ladder, Lane, Mark, Panel, Step, Words, ladder
from verify.pictures.voices import Voice, Word, trace

MOST = 300  # figures that are drawn; the table holds all
LONGEST = (
    28  # code points of a number as written that stand beside its mark; longer ones are written in our words
)
STATED = 170  # pixels for what a figure does say of its scope, below its number


@dataclass(frozen=True)
class Given:
    """A figure as one voice gave it. `via` names those who carry it when the voice's own words do not show it."""

    figure: Figure
    voice: str
    via: str = ""


@dataclass(frozen=True)
class Figures:
    """The standing figures of a case or claim with whoever gave them, by day, parts after their total."""

    title: str
    given: list[Given]
    voices: dict[str, Voice]
    places: dict[str, str]
    replaced_by: dict[UUID, Figure]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > MOST

    def place_of(self, figure: Figure) -> str:
        """The place in the reader's language, or as it was written where it is not on record."""
        return self.places.get(path_words(place_path(figure)), figure.place_as_written)


def ladder_of_case(case: Case) -> Figures:
    """What the ladder of a case is drawn from: five queries."""
    return _figures_of(Figure.objects.filter(claim__case=case), str(case))


def ladder_of_claim(claim: Claim) -> Figures:
    """What the ladder of a claim is drawn from: five queries."""
    return _figures_of(Figure.objects.filter(claim=claim), str(claim))


def _desk_figure(figure: Figure) -> str:
    return reverse("claim", args=[figure.claim_id]) + "#figures"


def _desk_source(source: Source) -> str:
    return reverse("source", args=[source.pk])


def ladder_picture(
    figures: Figures,
    *,
    direction: Direction = "ltr",
    narrow: bool = False,
    number: Callable[[Figure], str] = str,
    category: Callable[[str], str] = str,
    address: Callable[[str], str] = str,
    figure_page: Callable[[Figure], str] = _desk_figure,
    source_page: Callable[[Source], str] = _desk_source,
) -> Picture:
    """The ladder in the language that is active. `number` and `category` are the words of a figure and of a category.

    `narrow` is as wide as a phone; `address` makes a whole address of a path, for a picture that leaves its page.
    `figure_page` and `source_page` say where a number and a name lead; a name without a page leads nowhere.
    """
    telling = _Telling(figures, number, category, address, figure_page, source_page)
    shown = figures.given[:MOST]
    laid = ladder(map(telling.step, shown), telling.words, text_width, names=telling.name, narrow=narrow)
    elements, height = _Drawing(laid, telling, Pen(laid.width, direction)).all()
    return Picture(laid.width, height, telling.title, telling.description(laid), elements, direction)


# ---- rows


def _figures_of(rows: QuerySet[Any], title: str) -> Figures:
    standing = with_places(rows.filter(withdrawn_at__isnull=True)).select_related("claim")
    figures = list(standing.order_by("as_of", "id")[: MOST + 1])
    total = len(figures) if len(figures) <= MOST else rows.filter(withdrawn_at__isnull=True).count()
    figures = totals_first(figures[:MOST])
    links = Assertion.figures.through.objects.filter(
        figure__in=[figure.pk for figure in figures], assertion__withdrawn_at__isnull=True
    ).values_list("figure_id", "assertion_id")
    givers: dict[UUID, list[UUID]] = defaultdict(list)
    for figure_id, assertion_id in links:
        givers[figure_id].append(assertion_id)
    words = trace(pk for found in givers.values() for pk in found)
    return gathered(title, figures, givers, words, total=total)


def gathered(
    title: str,
    figures: list[Figure],
    givers: Mapping[UUID, list[UUID]],
    words: Mapping[UUID, Word],
    *,
    total: int,
) -> Figures:
    """Figures with whoever gave them. `givers`: the assertions of each figure; `words`: whose word each of these is."""
    voices = {"": Voice("", _("Not attributed"))}
    given: list[Given] = []
    for figure in figures:
        carried: dict[str, list[Word]] = defaultdict(list)
        for word in (words[pk] for pk in givers.get(figure.pk, [])):
            voices[word.voice.key] = word.voice
            carried[word.voice.key].append(word)
        for key, found in sorted(carried.items()):
            own = any(word.is_own for word in found)
            given.append(
                Given(figure, key, "" if own else ", ".join(sorted({word.carrier.name for word in found})))
            )
        if not carried:
            given.append(Given(figure, ""))
    replaced_by = {figure.supersedes_id: figure for figure in figures if figure.supersedes_id}
    return Figures(title, given, voices, place_names(figures), replaced_by, total)


# ---- words


class _Telling:
    """The words of the picture."""

    def __init__(
        self,
        figures: Figures,
        number: Callable[[Figure], str],
        category: Callable[[str], str],
        address: Callable[[str], str],
        figure_page: Callable[[Figure], str],
        source_page: Callable[[Source], str],
    ) -> None:
        self.figures, self.number, self.category, self.address = figures, number, category, address
        self.figure_page, self.source_page = figure_page, source_page
        self.by_id = {str(given.figure.pk): given.figure for given in figures.given}
        self.title = _("Figures over time: %(what)s") % {"what": figures.title}
        self.words = Words(
            heading=self.heading,
            apart=self.apart,
            part=self.part,
            unstated=self.unstated,
            stated=self.stated,
            unstated_note=_(
                "What each of these counts is not stated in full, and may be something else: they are not set against "
                "each other or against any other figure, and have no scale."
            ),
            day=lambda day: date_format(day, "j M Y"),
            span=self.span,
            undated=_("no day stated"),
            other_days=_(
                "These figures do not all cover the same days: who replaces a figure may have gone on counting."
            ),
        )

    def step(self, given: Given) -> Step:
        figure = given.figure
        written = figure.as_written.strip()
        scope = counted(figure).scope
        later = self.figures.replaced_by.get(figure.pk)
        return Step(
            id=str(figure.pk),
            voice=given.voice,
            label=written if 0 < len(written) <= LONGEST else self.number(figure),
            scope=scope,
            qualifier=figure.qualifier,
            lower=figure.lower,
            point=figure.point,
            upper=figure.upper,
            supersedes=str(figure.supersedes_id or ""),
            replaced=later is not None,
            part_of=str(figure.part_of_id or ""),
            via=given.via,
            href=self.address(self.figure_page(figure)),
            title=self.told(given, scope, later),
        )

    def told(self, given: Given, scope: Scope, later: Figure | None) -> str:
        """A figure in a line, for whoever rests on its mark or has the picture read out."""
        who = self.name(given.voice)
        said = [f"{who}: {self.number(given.figure)}", self.heading(scope), self.span(scope)]
        said.append(
            _("counted by %(day)s") % {"day": date_format(scope.as_of, "j M Y")}
            if scope.as_of
            else self.words.undated
        )
        if given.via:
            said.append(_("as relayed by %(outlet)s") % {"outlet": given.via})
        if later is not None:
            said.append(_("replaced by %(number)s") % {"number": self.number(later)})
        return " · ".join(filter(None, said))

    def name(self, voice: str) -> str:
        return self.figures.voices[voice].name

    def heading(self, scope: Scope) -> str:
        """What is counted, without the days."""
        who = self.category(scope.category) if scope.category else _("of whom is not stated")
        by = _("by %(perpetrator)s") % {"perpetrator": scope.perpetrator} if scope.perpetrator else ""
        return " · ".join(filter(None, [_unit(scope.unit), who, self.place(scope), by]))

    def span(self, scope: Scope) -> str:
        first, last = scope.window_from, scope.window_to
        if first is None and last is None:
            return ""
        if first is None or last is None:
            return f"{_short(first)} – {_short(last)}".strip()
        if first == last:
            return date_format(last, "j M Y")
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{date_format(last, 'j M Y')}"
        alike = "j M" if first.year == last.year else "j M Y"
        return f"{date_format(first, alike)} – {date_format(last, 'j M Y')}"

    def apart(self, scope: Scope, other: Scope) -> str:
        """Why a panel's figures are not to be set against another panel's."""
        found = relation(scope, other)
        about = {"other": " · ".join(filter(None, [self.heading(other), self.span(other)]))}
        if found.kind == "subset":
            return _("A part of what “%(other)s” counts: never to be added to it or set against it.") % about
        if found.kind == "total":
            return _("It counts more than “%(other)s”, which is a part of it.") % about
        why = found.reason.say(_, self.names(scope, other))
        return _("Not to be set against “%(other)s”. %(why)s") % (about | {"why": why[:1].upper() + why[1:]})

    def part(self, step: Step, whole: Step) -> str:
        """That its source calls a figure part of another; or why that does not go with what they count."""
        part, total = (self.by_id[each.id] for each in (step, whole))
        found = compare(counted(part, name=self.number(part)), counted(total, name=self.number(total)))
        if found.clash is not None:
            return found.clash.say(_, self.names(step.scope, whole.scope))
        about = " · ".join(filter(None, [self.heading(whole.scope), self.span(whole.scope)]))
        return _(
            "Its source says that %(part)s is part of %(total)s (%(other)s): never to be added to it or set against it."
        ) % {"part": self.number(part), "total": self.number(total), "other": about}

    def names(self, *scopes: Scope) -> dict[str, str]:
        """What the codes and ids in a reason are called."""
        categories = {code: self.category(code) for scope in scopes if (code := scope.category)}
        return categories | {unit.value: str(unit.label) for unit in Unit} | self.figures.places

    def unstated(self, unit: str) -> str:
        return " · ".join([_unit(unit), _("what exactly is not stated in full")])

    def stated(self, scope: Scope) -> str:
        """What a scope does say, as short as it stands below a number."""
        who = self.category(scope.category) if scope.category else ""
        by = _("by %(perpetrator)s") % {"perpetrator": scope.perpetrator} if scope.perpetrator else ""
        said = [who, self.place(scope), by, self.span(scope)]
        return fit(" · ".join(filter(None, said)), STATED, SMALL)

    def place(self, scope: Scope) -> str:
        return self.figures.places.get(path_words(scope.place), scope.place_words)

    def description(self, laid: Ladder) -> str:
        """The picture in a sentence; the page's table holds the rest."""
        days = sorted(day for given in self.figures.given if (day := given.figure.as_of))
        figures = len({given.figure.pk for given in self.figures.given})
        sources, panels = len({given.voice for given in self.figures.given}), len(laid.panels)
        parts = [
            ngettext("%(n)s figure", "%(n)s figures", figures) % {"n": figures},
            ngettext("%(n)s source", "%(n)s sources", sources) % {"n": sources},
            ngettext("%(n)s kind of count", "%(n)s kinds of count", panels) % {"n": panels},
        ]
        said = ", ".join(parts) + "."
        if days:
            said += " " + _("Counted from %(first)s to %(last)s.") % {
                "first": _short(days[0]),
                "last": _short(days[-1]),
            }
        return said


def _unit(code: str) -> str:
    """What is counted, as it begins a heading."""
    unit = str(Unit(code).label) if code in Unit.values else code
    return unit[:1].upper() + unit[1:]


def _short(day: date | None) -> str:
    return date_format(day, "j M Y") if day else "…"


# ---- drawing


class _Drawing:
    def __init__(self, laid: Ladder, telling: _Telling, pen: Pen) -> None:
        self.laid, self.telling, self.pen = laid, telling, pen

    def all(self) -> tuple[list[ET.Element], float]:
        """The elements, and the height with the key below."""
        drawn = [self._axis(y) for y in self.laid.axes]
        drawn += [self._panel(panel) for panel in self.laid.panels]
        key, height = self._key(self.laid.height + 4)
        return [*drawn, key], height

    def _axis(self, y: float) -> ET.Element:
        drawn = [
            self.pen.text(tick.x, y, tick.text, SMALL, css="d-soft", anchor="middle")
            for tick in self.laid.ticks
        ]
        if self.laid.undated is not None:
            words = fit(self.telling.words.undated, self.laid.width - self.laid.right - 4, SMALL)
            drawn.append(self.pen.text(self.laid.undated, y, words, SMALL, css="d-soft", anchor="middle"))
        return group(drawn)

    def _panel(self, panel: Panel) -> ET.Element:
        pen, y = self.pen, panel.top
        css = "d-rule" if panel.depth else "d-edge"
        drawn: list[ET.Element] = [pen.path([(0, y), (self.laid.width, y)], css)]
        y += 6
        for line in panel.heading:
            y += LINE
            drawn.append(pen.text(0, y, line, SIZE + 1, bold=True))
        for line in panel.notes:
            y += LINE - 1
            drawn.append(pen.text(0, y, line, SMALL + 0.5, css="d-soft"))
        for lane in panel.lanes:
            drawn += self._lane(panel, lane)
        return group(drawn)

    def _lane(self, panel: Panel, lane: Lane) -> list[ET.Element]:
        pen, laid = self.pen, self.laid
        drawn = [
            pen.path([(tick.x, lane.y), (tick.x, lane.bottom)], "d-rule d-dotted") for tick in laid.ticks
        ]
        drawn.append(pen.path([(laid.left, lane.bottom), (laid.width, lane.bottom)], "d-rule"))
        drawn += self._name(panel, lane)
        for rise in lane.rises:
            css = "d-edge d-dotted" if rise.off_scale else "d-edge"
            drawn.append(pen.path([(rise.x1, rise.y1), (rise.x2, rise.y1), (rise.x2, rise.y2)], css))
        drawn += [self._leader(mark) for mark in lane.marks if mark.leader]
        return drawn + [self._mark(mark, panel, lane) for mark in lane.marks]

    def _name(self, panel: Panel, lane: Lane) -> list[ET.Element]:
        """Whose lane it is, and the scale at its beginning."""
        pen, voice = self.pen, self.telling.figures.voices[lane.voice]
        scale = f"{panel.scale:,}" if panel.scale else ""
        party = _("party to the conflict") if voice.is_party else ""
        if self.laid.narrow:
            ends = f"0–{scale}" if scale else ""
            room = self.laid.width - text_width(ends, SMALL) - 12
            name = f"{voice.name} ({party})" if party else voice.name
            drawn = [self._named(voice, 0, lane.top + LINE - 4, fit(name, room, SIZE))]
            if ends:
                drawn.append(
                    pen.text(self.laid.width, lane.top + LINE - 4, ends, SMALL, css="d-soft", anchor="end")
                )
            return drawn
        room = GUTTER - 16 - (text_width(scale, SMALL) + 4 if scale else 0)
        lines = wrapped(voice.name, room, SIZE, 2)
        y = lane.y + lane.height / 2 + 4 - (LINE - 2) * (len(lines) - 1 + bool(party)) / 2
        drawn = [self._named(voice, 0, y + (LINE - 2) * number, line) for number, line in enumerate(lines)]
        if party:
            y += (LINE - 2) * len(lines)
            drawn.append(pen.text(0, y, fit(party, room, SMALL), SMALL, css="d-soft"))
        if scale:
            drawn.append(pen.text(GUTTER - 6, lane.y + 4, scale, SMALL, css="d-soft", anchor="end"))
            drawn.append(pen.path([(GUTTER, lane.y), (GUTTER, lane.bottom)], "d-rule"))
            if lane is panel.lanes[-1]:
                drawn.append(pen.text(GUTTER - 6, lane.bottom + 4, "0", SMALL, css="d-soft", anchor="end"))
        return drawn

    def _named(self, voice: Voice, x: float, y: float, text: str) -> ET.Element:
        written = self.pen.text(x, y, text, SIZE)
        page = self.telling.source_page(voice.source) if voice.source is not None else ""
        return link(self.telling.address(page), voice.name, [written]) if page else written

    def _leader(self, mark: Mark) -> ET.Element:
        end = mark.label.y + mark.label.height
        return self.pen.path([(mark.x, end), (mark.x, mark.top)], "d-rule")

    def _mark(self, mark: Mark, panel: Panel, lane: Lane) -> ET.Element:
        pen, step, label = self.pen, mark.step, mark.label
        middle = label.x + label.width / 2
        drawn = [] if step.is_word else self._shape(mark)
        if step.is_word and mark.leader:
            drawn.append(pen.circle(mark.x, mark.y, 2.5, "d-soft"))
        if step.is_word:
            drawn.append(pen.rect(label.x - 3, label.y, label.width + 6, label.height, "d-box d-dotted", r=8))
        text = pen.text(
            middle,
            label.y + 13,
            fit(mark.text, label.width, SIZE, bold=True),
            SIZE,
            css="d-soft" if step.replaced else "",
            bold=True,
            anchor="middle",
        )
        if step.replaced:
            text.set("text-decoration", "line-through")
        drawn.append(text)
        if step.via:
            line = [(label.x, label.y + 16), (label.x + label.width, label.y + 16)]
            drawn.append(pen.path(line, "d-edge d-dashed"))
        if mark.under:
            drawn.append(
                pen.text(middle, label.y + 12 + mark.drop, mark.under, SMALL, css="d-soft", anchor="middle")
            )
        hit = pen.rect(label.x, label.y - 3, label.width, max(24.0, label.height), "")
        hit.set("fill", "none")
        hit.set("pointer-events", "all")
        return link(step.href, step.title, [hit, *drawn])

    def _shape(self, mark: Mark) -> list[ET.Element]:
        """A dot for a count, a ring with dashes for “around”, a bar for a range, an arrow where an end is open."""
        step, x, y = mark.step, mark.x, mark.y
        return _shape(self.pen, step, x, y, mark.top, mark.bottom, "d-soft" if step.replaced else "d-ink")

    def _key(self, y: float) -> tuple[ET.Element, float]:
        """What the shapes mean: of those alone that are drawn."""
        kinds = [
            (Step("", "", "", _NOWHERE, point=1), _("a count")),
            (Step("", "", "", _NOWHERE, "around", point=1), _("around: how far, nobody said")),
            (Step("", "", "", _NOWHERE, "between", lower=1, upper=2), _("a range")),
            (Step("", "", "", _NOWHERE, "at-least", lower=1), _("open above")),
            (Step("", "", "", _NOWHERE, "up-to", upper=1), _("open below")),
            (Step("", "", "", _NOWHERE, "dozens"), _("a word, not a count: it is not on the scale")),
        ]
        marks = self.laid.marks
        drawn_kinds = {_kind(mark.step) for mark in marks}
        shown: list[tuple[Step | str, str]] = [(s, text) for s, text in kinds if _kind(s) in drawn_kinds]
        if any(mark.step.replaced for mark in marks):
            shown.append(("replaced", _("struck: its source replaced it")))
        if any(mark.step.via for mark in marks):
            shown.append(
                ("relayed", _("dashed underline: as others relay it, not in its source’s own words"))
            )
        x, y = 0.0, y + 22
        drawn: list[ET.Element] = []
        for sample, text in shown:
            words = fit(text, self.laid.width - 34, SMALL)
            width = 34 + text_width(words, SMALL) + 18
            if x and x + width > self.laid.width:
                x, y = 0.0, y + 28
            drawn += [*self._sample(sample, x, y), self.pen.text(x + 34, y + 4, words, SMALL, css="d-soft")]
            x += width
        return group(drawn), y + 20 if shown else y - 18

    def _sample(self, sample: Step | str, x: float, y: float) -> list[ET.Element]:
        pen = self.pen
        if sample == "replaced":
            text = pen.text(x + 14, y + 4, "12", SIZE, css="d-soft", bold=True, anchor="middle")
            text.set("text-decoration", "line-through")
            return [text]
        if sample == "relayed":
            text = pen.text(x + 14, y + 4, "12", SIZE, bold=True, anchor="middle")
            return [text, pen.path([(x + 5, y + 7), (x + 23, y + 7)], "d-edge d-dashed")]
        assert isinstance(sample, Step)
        if sample.is_word:
            return [pen.rect(x + 1, y - 8, 26, 16, "d-edge d-dotted", r=8)]
        if sample.opens_up:
            return _shape(pen, sample, x + 14, y + 8, y - 12, y + 10, "d-ink")
        if sample.opens_down:
            return _shape(pen, sample, x + 14, y - 8, y - 10, y + 12, "d-ink")
        return _shape(pen, sample, x + 14, y, y - 9, y + 9, "d-ink")


_NOWHERE = Scope("")


def _kind(step: Step) -> str:
    if step.is_word:
        return "word"
    if step.opens_up or step.opens_down:
        return "up" if step.opens_up else "down"
    if step.qualifier == "around":
        return "around"
    return "range" if len(set(step.numbers)) > 1 else "count"


def _shape(pen: Pen, step: Step, x: float, y: float, top: float, bottom: float, ink: str) -> list[ET.Element]:
    kind = _kind(step)
    thick = "d-edge d-thick" if ink == "d-soft" else "d-ink-line d-thick"
    if kind == "count":
        return [pen.circle(x, y, 4.5, ink)]
    if kind == "around":
        dashes = pen.path([(x, top), (x, bottom)], f"{thick} d-dotted")
        return [dashes, pen.circle(x, y, 4.5, "d-paper"), pen.circle(x, y, 4.5, thick)]
    if kind == "range":
        drawn = [pen.path([(x, top), (x, bottom)], thick)]
        drawn += [pen.path([(x - 6, end), (x + 6, end)], thick) for end in (top, bottom)]
        return drawn + ([pen.circle(x, y, 4.5, ink)] if step.point is not None else [])
    tip, way = (top, 1) if kind == "up" else (bottom, -1)
    return [
        pen.path([(x - 6, y), (x + 6, y)], thick),
        pen.path([(x, y), (x, tip + way)], thick),
        pen.path([(x - 5, tip + 6 * way), (x, tip), (x + 5, tip + 6 * way)], thick),
    ]
