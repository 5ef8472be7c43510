"""The figure ladder laid out: figures in, places of marks, labels, steps and words out. Pixels, nothing is drawn here.

Figures of one scope share a panel, those of different scope never do; so does a figure with the one that it replaced,
when nothing but the days differ. What does not say in full what it counts stands in one panel for each source. In a
panel each source has a lane, and all its lanes have one scale from zero; all panels share the axis of days. Labels
never lie on each other: what finds no room beside its mark goes to a row above it. Across, pixels count from where a
line of the reader's script begins.

Pure: no Django; whatever a person reads is given (`Words`), and so is how wide a text is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from claims.statements.phrases import VAGUE_QUALIFIERS
from claims.statements.scopes import UNITS, Scope, relation

WIDE, NARROW = 1120, 358  # the picture's width in pixels: beside a desk's page, and on a phone
GUTTER = 200  # for the names of the sources, where there is room beside their lanes
UNDATED = 120  # the strip for what has no day
SIZE, SMALL = 13, 11.5  # of letters
LINE = 17  # from one line of letters to the next
EDGE = 42  # that stays free at both ends of the days
DASHES = 5  # the room of the dashed line under a relayed figure, where something is written below it
MANY = 12  # figures that say different things of what they count: of so many it is written below each
REACH = 13  # half the length of the dashes that say that "around" has no bounds

Measure = Callable[[str, float, bool], float]


@dataclass(frozen=True, slots=True)
class Step:
    """One figure as one voice gave it. `supersedes` is the id of the figure that it replaces, "" for none.

    `label` is the number as it is written beside the mark; `via` names who relays it when nobody else gives it so.
    """

    id: str
    voice: str
    label: str
    scope: Scope
    qualifier: str = "exactly"
    lower: int | None = None
    point: int | None = None
    upper: int | None = None
    supersedes: str = ""
    replaced: bool = False
    part_of: str = ""
    via: str = ""
    href: str = ""
    title: str = ""

    @property
    def is_word(self) -> bool:
        """Whether a vague word was said: it has a place in time and none on a scale of numbers."""
        return self.qualifier in VAGUE_QUALIFIERS

    @property
    def numbers(self) -> tuple[int, ...]:
        numbers = (self.lower, self.point, self.upper)
        return () if self.is_word else tuple(number for number in numbers if number is not None)

    @property
    def opens_up(self) -> bool:
        return not self.is_word and self.point is None and self.lower is not None and self.upper is None

    @property
    def opens_down(self) -> bool:
        return not self.is_word and self.point is None and self.upper is not None and self.lower is None


@dataclass(frozen=True, slots=True)
class Words:
    """What is written: the scope of a panel, why it stands apart from another, a day, the days that a figure covers.

    `part`: how a figure lies to the total that its source names. `unstated` is the heading, by its unit, of a panel of
    figures that do not say in full what they count, `stated` what one of them does say, `unstated_note` the warning.
    """

    heading: Callable[[Scope], str]
    apart: Callable[[Scope, Scope], str]
    part: Callable[[Step, Step], str]
    unstated: Callable[[str], str]
    stated: Callable[[Scope], str]
    unstated_note: str
    day: Callable[[date], str]
    span: Callable[[Scope], str]
    undated: str
    other_days: str


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box, gap: float = 0) -> bool:
        """Whether they share more than an edge, or come nearer than `gap`."""
        return (
            self.x < other.x + other.width + gap
            and other.x < self.x + self.width + gap
            and self.y < other.y + other.height + gap
            and other.y < self.y + self.height + gap
        )

    def moved(self, down: float) -> Box:
        return replace(self, y=self.y + down)


@dataclass(slots=True)
class Mark:
    """A figure's place: `x`, `y` of its middle, `top` and `bottom` of what is drawn, and where its label stands."""

    step: Step
    x: float
    y: float
    top: float
    bottom: float
    label: Box = field(default_factory=lambda: Box(0, 0, 0, 0))
    text: str = ""
    under: str = ""  # the days that it covers, where these differ in the panel
    leader: bool = False  # the label stands apart, at the end of a line

    @property
    def drop(self) -> float:
        """How far the line below the number lies under it; the dashes of a relayed figure stand between them."""
        return (LINE - 3 + (DASHES if self.step.via else 0)) if self.under else 0

    @property
    def box(self) -> Box:
        return Box(self.x - 5, self.top, 10, self.bottom - self.top)


@dataclass(frozen=True, slots=True)
class Rise:
    """From a figure to the one that replaced it: along at `y1`, then up or down to `y2`."""

    x1: float
    y1: float
    x2: float
    y2: float
    off_scale: bool = False  # one of them is a vague word


@dataclass(slots=True)
class Lane:
    """A source's figures in a panel. `y` and `height` are those of its scale, from `scale` down to zero."""

    voice: str
    top: float
    y: float
    height: float
    marks: list[Mark]
    rises: list[Rise]

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(slots=True)
class Panel:
    """Figures of one scope; `scale` is the number at the top of its lanes, None where one figure stands alone.

    `is_mixed`: its figures count what they do not state in full, each something else; they have no scale in common.
    """

    scope: Scope
    top: float
    heading: list[str]
    notes: list[str]
    lanes: list[Lane]
    scale: int | None
    depth: int
    bottom: float = 0
    is_mixed: bool = False

    @property
    def marks(self) -> list[Mark]:
        return [mark for lane in self.lanes for mark in lane.marks]


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    text: str


@dataclass(slots=True)
class Ladder:
    """The whole picture: the days run from `left` to `right`, what has no day stands at `undated`."""

    width: float
    height: float
    left: float
    right: float
    undated: float | None
    ticks: list[Tick]
    axes: list[float]  # heights at which the days are written
    panels: list[Panel]
    narrow: bool

    @property
    def marks(self) -> list[Mark]:
        return [mark for panel in self.panels for mark in panel.marks]


def ladder(
    steps: Iterable[Step],
    words: Words,
    measure: Measure,
    *,
    names: Callable[[str], str] = str,
    narrow: bool = False,
) -> Ladder:
    """Lay out the figures, in whatever order they come; `names` tells a voice's name, `measure` a text's width."""
    return _Layout(list(steps), words, measure, names, narrow).result()


def panels_of(steps: Sequence[Step]) -> list[list[Step]]:
    """The figures by what may stand side by side: one scope, or a figure and its revision for other days.

    A scope that does not say in full what it counts is like no other: one source's figures of that kind stand together,
    those apart of which it says what they are part of.
    """
    parents: dict[object, object] = {}

    def find(key: object) -> object:
        while (above := parents.get(key, key)) != key:
            key = above
        return key

    def home(step: Step) -> object:
        return _bare(step.scope) if _is_stated(step.scope) else (step.id, step.voice)

    by_id = {step.id: step for step in steps}
    for step in steps:
        earlier = by_id.get(step.supersedes)
        if earlier is not None and _but_for_days(step.scope) == _but_for_days(earlier.scope):
            for one in (other for other in steps if other.id == earlier.id and other.voice == step.voice):
                parents[find(home(step))] = find(home(one))
    found: dict[object, list[Step]] = defaultdict(list)
    for step in steps:
        found[find(home(step))].append(step)
    groups: dict[object, list[Step]] = defaultdict(list)
    for key, group in found.items():
        if not any(_is_stated(step.scope) for step in group):
            whole = min((step.part_of for step in group if step.part_of in by_id), default="")
            key = (group[0].scope.unit, group[0].voice, whole)
        groups[key] += group
    return [_by_day(group) for group in groups.values()]


def _is_stated(scope: Scope) -> bool:
    """Whether it says in full what it counts, so that another of the same words counts the same."""
    return relation(scope, scope).kind == "same"


def _is_mixed(group: Sequence[Step]) -> bool:
    """Whether its figures do not say in full what they count, and do not say the same of it."""
    stated = any(_is_stated(step.scope) for step in group)
    return not stated and len({_but_for_days(step.scope) for step in group}) > 1


def _facets(scope: Scope) -> tuple[object, ...]:
    bare = _bare(scope)
    where, when = (bare.place, bare.place_words), (bare.window_from, bare.window_to)
    return (bare.unit, bare.category, bare.perpetrator, where, when)


def _bare(scope: Scope) -> Scope:
    """Without the day of the count; how a place was written decides only where it is not on record."""
    words = "" if scope.place else " ".join(scope.place_words.casefold().split())
    return replace(scope, as_of=None, place_words=words)


def _but_for_days(scope: Scope) -> Scope:
    return replace(_bare(scope), window_from=None, window_to=None)


def _by_day(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: (step.scope.as_of or date.max, step.label, step.id))


def _in_order(groups: list[list[Step]]) -> list[tuple[int, list[Step]]]:
    """Panels with what they are parts of before them, and how deep they lie; the fullest first."""

    def rank(group: list[Step]) -> tuple[object, ...]:
        scope = group[-1].scope
        unit = UNITS.index(scope.unit) if scope.unit in UNITS else len(UNITS)
        largest = max((number for step in group for number in step.numbers), default=0)
        return (
            unit,
            -len({step.voice for step in group}),
            -len(group),
            -largest,
            scope.category,
            scope.place,
        )

    of_figure = {step.id: number for number, group in enumerate(groups) for step in group}
    whole = {
        number: next(
            (of_figure[s.part_of] for s in group if of_figure.get(s.part_of, number) != number), None
        )
        for number, group in enumerate(groups)
    }
    parts: dict[int | None, list[int]] = defaultdict(list)
    for number, above in whole.items():
        parts[above].append(number)
    ordered: list[tuple[int, list[Step]]] = []
    seen: set[int] = set()

    def family(number: int, depth: int) -> list[tuple[int, list[Step]]]:
        if number in seen:
            return []
        seen.add(number)
        below = sorted(parts[number], key=lambda n: rank(groups[n]))
        return [(depth, groups[number]), *(each for part in below for each in family(part, depth + 1))]

    # Panels may be parts of each other in a circle, though figures may not: the second round takes those up.
    families = [found for number in (*parts[None], *whole) if (found := family(number, 0))]

    def first(found: list[tuple[int, list[Step]]]) -> tuple[object, ...]:
        top = rank(found[0][1])
        return (top[0], -sum(len(group) for _depth, group in found), *top)

    for found in sorted(families, key=first):
        ordered += found
    return ordered


class _Layout:
    def __init__(
        self, steps: list[Step], words: Words, measure: Measure, names: Callable[[str], str], narrow: bool
    ) -> None:
        self.words, self.measure, self.names, self.narrow = words, measure, names, narrow
        self.groups = _in_order(panels_of(steps))
        self.width = NARROW if narrow else WIDE
        self.days = sorted({step.scope.as_of for step in steps if step.scope.as_of})
        self.has_undated = any(step.scope.as_of is None for step in steps)
        self.left = 0.0 if narrow else GUTTER
        self.right = float(self.width - (UNDATED * (0.7 if narrow else 1) if self.has_undated else 0))
        if not self.days:
            self.right = self.left

    def result(self) -> Ladder:
        y = 0.0
        panels: list[Panel] = []
        axes = [y + LINE - 4]
        y += LINE + 8
        for depth, group in self.groups:
            if y - axes[-1] > 560:
                axes.append(y + LINE - 4)
                y += LINE + 8
            panel = self._panel(group, depth, panels, y)
            panels.append(panel)
            y = panel.bottom + 14
        axes.append(y + LINE - 8)
        undated = (self.right + self.width) / 2 if self.has_undated else None
        height = y + LINE + 2
        return Ladder(
            self.width, height, self.left, self.right, undated, self._ticks(), axes, panels, self.narrow
        )

    def x(self, day: date | None) -> float:
        if day is None:
            return (self.right + self.width) / 2
        first, last = self.days[0], self.days[-1]
        share = (day - first) / (last - first) if last > first else 0.5
        return self.left + EDGE + share * (self.right - self.left - 2 * EDGE)

    # -- panels

    def _panel(self, group: list[Step], depth: int, before: list[Panel], y: float) -> Panel:
        scope = next((step for step in reversed(group) if not step.replaced), group[-1]).scope
        mixed = _is_mixed(group)
        spans = {self.words.span(step.scope) for step in group}
        notes = self._parts(group, before)
        if mixed:
            notes.append(self.words.unstated_note)
        elif not notes:
            notes += [
                self.words.apart(scope, other.scope) for other in self._neighbours(scope, group, before)
            ]
        if len(spans) > 1 and not mixed:
            notes.append(self.words.other_days)
        heading_words = self.words.unstated(scope.unit) if mixed else self.words.heading(scope)
        said = [heading_words, *(spans - {""} if len(spans) == 1 else ())]
        heading = self._wrapped(" · ".join(said), SIZE + 1, bold=True)
        panel = Panel(
            scope,
            y,
            heading,
            [line for note in notes for line in self._wrapped(note, SMALL + 0.5)],
            [],
            None if mixed else _scale(group),
            depth,
            is_mixed=mixed,
        )
        y += 12 + LINE * len(panel.heading) + (LINE - 1) * len(panel.notes) + 4
        by_voice: dict[str, list[Step]] = defaultdict(list)
        for step in group:
            by_voice[step.voice].append(step)
        under = self._under(mixed, len(group), len(spans))
        height = 30 if panel.scale is None else (78, 56, 40)[(len(by_voice) > 4) + (len(by_voice) > 12)]
        for voice in sorted(
            by_voice, key=lambda voice: (-len(by_voice[voice]), self.names(voice).casefold())
        ):
            lane = self._lane(voice, by_voice[voice], y, height, panel.scale, under)
            panel.lanes.append(lane)
            y = lane.bottom + (12 if panel.scale else 6)
        panel.bottom = y
        return panel

    def _under(self, mixed: bool, figures: int, spans: int) -> Callable[[Scope], str]:
        """What stands below the numbers of a panel: what tells its figures apart, where that leaves room."""
        if mixed:
            return self.words.stated if figures <= MANY else lambda scope: ""
        return self.words.span if spans > 1 else lambda scope: ""

    def _parts(self, group: list[Step], before: list[Panel]) -> list[str]:
        """How figures lie to the totals that their source names: of those that stand, once for each."""
        totals = {mark.step.id: mark.step for panel in before for mark in panel.marks}
        parts = {step.id: step for step in group if step.part_of in totals}
        standing = {id: step for id, step in parts.items() if not step.replaced} or parts
        return [self.words.part(step, totals[step.part_of]) for step in standing.values()]

    def _neighbours(self, scope: Scope, group: list[Step], before: list[Panel]) -> list[Panel]:
        """The panels beside which a reader may put this one: the likest.

        And, where others divide the dead by whom they were and these by who killed them, the likest of the others.
        """

        def likeness(panel: Panel) -> int:
            pairs = zip(_facets(scope), _facets(panel.scope), strict=True)
            return -sum(one == other for one, other in pairs)

        stated = [panel for panel in before if not panel.is_mixed]
        alike = [panel for panel in stated if panel.scope.unit == scope.unit] or stated
        if not alike:
            return []
        found, voices = [min(alike, key=likeness)], {step.voice for step in group}
        others = [
            panel
            for panel in alike
            if not voices & {lane.voice for lane in panel.lanes}
            and relation(scope, panel.scope).reason.code == "victim-perpetrator"
        ]
        if others and (nearest := min(others, key=likeness)) not in found:
            found.append(nearest)
        return found

    def _wrapped(self, text: str, size: float, *, bold: bool = False) -> list[str]:
        lines: list[str] = []
        for word in text.split():
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and self.measure(longer, size, bold) <= self.width - 8:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    # -- lanes

    def _lane(
        self,
        voice: str,
        steps: list[Step],
        top: float,
        height: float,
        scale: int | None,
        under: Callable[[Scope], str],
    ) -> Lane:
        marks = [self._mark(step, height, scale) for step in steps]
        _dodge(marks, self.width)
        rises = _rises(marks)
        low = self._label(marks, rises, height, under)
        y = top + (LINE + 2 if self.narrow else 0) - low
        for mark in marks:
            mark.y, mark.top, mark.bottom = mark.y + y, mark.top + y, mark.bottom + y
            mark.label = mark.label.moved(y)
        moved = [replace(rise, y1=rise.y1 + y, y2=rise.y2 + y) for rise in rises]
        return Lane(voice, top, y, height, marks, moved)

    def _mark(self, step: Step, height: float, scale: int | None) -> Mark:
        def y(number: int) -> float:
            return height - number / scale * height if scale else height / 2

        x = self.x(step.scope.as_of)
        if step.is_word or not step.numbers:
            return Mark(step, x, height / 2, height / 2 - 4, height / 2 + 4)
        if step.opens_up:
            # Alone in its lane, its number stands beside it: above the lane's line.
            at = y(step.numbers[0]) if scale else height - 10
            return Mark(step, x, at, max(0.0, at - 30), at + 4)
        if step.opens_down:
            at = y(step.numbers[0]) if scale else 6
            return Mark(step, x, at, at - 4, min(height, at + 30))
        low, high = y(step.numbers[0]), y(step.numbers[-1])
        if not scale and step.numbers[0] != step.numbers[-1]:
            low, high = height - 3, 3
        middle = y(step.point) if step.point is not None else (low + high) / 2
        reach = REACH if step.qualifier == "around" else 5
        return Mark(step, x, middle, min(high, middle - reach), max(low, middle + reach))

    def _label(
        self, marks: list[Mark], rises: list[Rise], height: float, under: Callable[[Scope], str]
    ) -> float:
        """Give each mark's label a place of its own; how far (negative) the topmost reaches above the lane."""
        lines = [box for rise in rises for box in _lines(rise)]
        labels: list[Box] = []
        late: list[Mark] = []
        for mark in sorted(
            marks, key=lambda mark: not mark.step.is_word
        ):  # a word stands where its mark would
            mark.text = mark.step.label
            mark.under = under(mark.step.scope)
            width = max(self.measure(mark.text, SIZE, True), self.measure(mark.under, SMALL, False)) + 4
            mark.label = Box(0, 0, min(width, self.width - 8), LINE + mark.drop)
            around = [other.box for other in marks if other is not mark and not other.step.is_word]
            taken = around + labels + ([] if mark.step.is_word else lines)
            places = [at for at in self._places(mark, height) if not any(at.meets(box, 2) for box in taken)]
            # Not over a mark whose label has to stand above, and rather not over one whose label may have to.
            places = [at for at in places if not any(at.meets(_above(other)) for other in late)]
            places.sort(key=lambda at: any(at.meets(_above(other)) for other in marks if other is not mark))
            place = next(iter(places), None)
            if place is None:
                late.append(mark)
            else:
                mark.label = place
                labels.append(place)
        self._on_rows(late, labels, [mark.box for mark in marks if not mark.step.is_word])
        return min([0.0, *(mark.label.y for mark in marks)])

    def _places(self, mark: Mark, height: float) -> list[Box]:
        """Where a label may stand beside its mark, the best first: above, beside, below, and askew."""
        w, h = mark.label.width, mark.label.height
        middle = mark.y - h / 2
        if mark.step.is_word:
            return [replace(mark.label, x=self._clamped(mark.x - w / 2, w), y=middle)]
        above, below = mark.top - h - 1, mark.bottom + 1
        spots = [
            (mark.x - w / 2, above),
            (mark.x + 9, middle),
            (mark.x - 9 - w, middle),
            (mark.x - w / 2, below),
            (mark.x + 3 - w, above),
            (mark.x - 3, above),
            (mark.x + 3 - w, below),
            (mark.x - 3, below),
        ]
        return [
            replace(mark.label, x=x, y=y)
            for x, y in spots
            if x == self._clamped(x, w) and y >= -LINE and y + h <= height + 3
        ]

    def _on_rows(self, late: list[Mark], labels: list[Box], shapes: list[Box]) -> None:
        """Put the labels that found no place on rows above, each at the end of a line to its mark that crosses none.

        The rows lie above all else: a label on one can meet those of its own row alone, and whose lines it would lie
        over is the same on each.
        """
        base = min([0.0, *(box.y for box in labels), *(box.y for box in shapes)]) - 1
        step = max((mark.label.height for mark in late), default=0) + 3
        rows: dict[int, list[Box]] = defaultdict(list)
        leads: list[Box] = []
        for mark in late:
            x, w = mark.x, mark.label.width
            beside = [self._clamped(at, w) for at in (x - w / 2, x - 3, x + 3 - w)]
            over = {
                at: any(at < o.x + 1 and o.x - 1 < at + w for o in late if o is not mark) for at in beside
            }
            # With one row more than are in use one is always free, though a line may have to cross a label.
            free = [
                (row, place)
                for row in range(1, max(rows, default=0) + 2)
                for place in (replace(mark.label, x=at, y=base - row * step) for at in beside)
                if not any(place.meets(box, 2) for box in rows[row])
            ]
            low = _lowest_end([*labels, *(box for boxes in rows.values() for box in boxes)], mark)
            near = [lead for lead in leads if min(beside) < lead.x + 3 and lead.x < max(beside) + w + 2]
            clear = (
                (row, place)
                for row, place in sorted(free, key=lambda found: over[found[1].x])
                if place.y + place.height >= low and not any(place.meets(lead, 2) for lead in near)
            )
            row, place = next(clear, free[0])
            mark.label, mark.leader = place, True
            rows[row].append(place)
            leads.append(_lead(place, mark))

    def _clamped(self, x: float, width: float) -> float:
        return max(self.left + 2, min(x, self.width - width - 2))

    # -- days

    def _ticks(self) -> list[Tick]:
        if not self.days:
            return []
        first, last = self.days[0], self.days[-1]
        widest = max(self.measure(self.words.day(day), SMALL, False) for day in (first, last)) + 18
        most = max(2, int((self.right - self.left) / widest))
        days = _round_days(first, last, most)
        ticks = [Tick(self.x(day), self.words.day(day)) for day in days]
        spaced: list[Tick] = []
        for tick in ticks:
            if not spaced or abs(tick.x - spaced[-1].x) >= widest:
                spaced.append(tick)
        return spaced


def _scale(group: list[Step]) -> int | None:
    """The round number at the top of the lanes: above all that is drawn, with room where an end is open."""
    if len(group) == 1:
        return None
    top = max(
        (number * (1.15 if step.opens_up else 1) for step in group for number in step.numbers), default=0
    )
    if not top:
        return None
    power = 10 ** (len(str(int(top))) - 1)
    return int(next(p * power for p in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if p * power >= top) + 0.5)


def _dodge(marks: list[Mark], width: float) -> None:
    """Move marks of one day and nearly one number aside, so that each is seen."""
    for number, mark in enumerate(marks):
        home = mark.x
        for shift in (0, 11, -11, 22, -22, 33, -33, 44, -44):
            mark.x = home + shift
            if 6 <= mark.x <= width - 6 and not any(mark.box.meets(other.box) for other in marks[:number]):
                break
        else:
            mark.x = home


def _rises(marks: list[Mark]) -> list[Rise]:
    by_id = {mark.step.id: mark for mark in marks}
    pairs = [(by_id.get(mark.step.supersedes), mark) for mark in marks]
    return [
        Rise(old.x, old.y, new.x, new.y, old.step.is_word or new.step.is_word)
        for old, new in pairs
        if old is not None
    ]


def _above(mark: Mark) -> Box:
    """Where a line from above would come down to a mark."""
    return Box(mark.x - 1, -9999, 2, 9999 + mark.y)


def _lead(label: Box, mark: Mark) -> Box:
    """The line from a label on a row down to its mark."""
    end = label.y + label.height
    return Box(mark.x - 0.5, end, 1, mark.top - end)


def _lowest_end(labels: list[Box], mark: Mark) -> float:
    """How high a line may begin that comes down to a mark and crosses none of the labels above it."""
    return max(
        (
            box.y + box.height
            for box in labels
            if box.x < mark.x + 0.5 and mark.x - 0.5 < box.x + box.width and box.y < mark.top
        ),
        default=-9999.0,
    )


def _lines(rise: Rise) -> list[Box]:
    along = Box(min(rise.x1, rise.x2), rise.y1 - 1, abs(rise.x2 - rise.x1), 2)
    up = Box(rise.x2 - 1, min(rise.y1, rise.y2), 2, abs(rise.y2 - rise.y1))
    return [along, up]


def _round_days(first: date, last: date, most: int) -> list[date]:
    """Days to write below: every so many days, or firsts of months; the ends when nothing round lies between."""
    if first == last:
        return [first]
    for stride in (1, 2, 7, 14):
        if (last - first).days // stride + 1 <= most:
            monday = first + timedelta(-first.weekday() % stride if stride > 2 else 0)
            found = [monday + timedelta(stride * n) for n in range((last - monday).days // stride + 1)]
            return found if len(found) > 1 else [first, last]
    month = first.year * 12 + first.month - 1 + (first.day > 1)
    end = last.year * 12 + last.month - 1
    for months in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000, 120000):
        start = -(-month // months) * months
        found = [date(n // 12, n % 12 + 1, 1) for n in range(start, end + 1, months)]
        if len(found) <= most:
            return found if len(found) > 1 else [first, last]
    return [first, last]


def overlapping(ladder: Ladder) -> list[tuple[Mark, Mark]]:
    """The pairs of labels that lie on each other: none, if the layout does what it promises."""
    boxes = sorted(ladder.marks, key=lambda mark: mark.label.y)
    found = [(one, other) for one, other in pairwise(boxes) if one.label.meets(other.label)]
    for number, one in enumerate(boxes):
        for other in boxes[number + 2 :]:
            if other.label.y > one.label.y + one.label.height:
                break
            if one.label.meets(other.label):
                found.append((one, other))
    return found
