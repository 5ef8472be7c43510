"""The affiliation graph of a source: whose it is and who belongs to it, and whose these are, two steps around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from sources.catalog.models import Affiliation, AffiliationKind, Document, Source
from verify.pictures import boxes
from verify.pictures.boxes import Content, Frame, Mark, Node, Row
from verify.pictures.drawing import Cell, Direction, Picture, render

MOST = 400  # relations read
SHOWN = 12  # relations of one source drawn; the table has all


@dataclass(frozen=True)
class Relation:
    """`source` is related to `principal`, each by the id of the source as which it is read."""

    source: UUID
    principal: UUID
    kind: str
    since: date | None
    until: date | None
    evidence: Document | None


@dataclass(frozen=True)
class Affiliations:
    """What the graph is drawn from. `on` is the day on which relations hold or have ended."""

    source: Source
    on: date
    relations: tuple[Relation, ...]
    sources: dict[UUID, Source]

    def __bool__(self) -> bool:
        return bool(self.relations)

    def of(self, pk: UUID, apart_from: UUID | None = None) -> list[tuple[Relation, UUID]]:
        """The relations of a source with whoever is at their other end; upwards first, what holds before what ended."""
        found = [
            (relation, relation.principal if relation.source == pk else relation.source)
            for relation in self.relations
            if pk in (relation.source, relation.principal)
        ]
        others = [(relation, other) for relation, other in found if other not in (pk, apart_from)]
        return sorted(
            others, key=lambda pair: (pair[0].source != pk, self.ended(pair[0]), self.sources[pair[1]].name)
        )

    def ended(self, relation: Relation) -> bool:
        return relation.until is not None and relation.until < self.on


def affiliations_of(source: Source, *, on: date) -> Affiliations:
    """The standing affiliations two steps around a source, merged sources as one: three queries."""
    root = source.merged_into_id or source.pk
    read = (
        Affiliation.objects.standing()
        .annotate(
            one=Coalesce("source__merged_into_id", "source_id"),
            other=Coalesce("principal__merged_into_id", "principal_id"),
        )
        .filter(source__desk=source.desk_id)
        .select_related("evidence")
        .order_by("kind", "valid_from", "id")
    )
    near = read.filter(Q(one=root) | Q(other=root)).values_list("one", "other")[:MOST]
    around = {root, *(pk for pair in near for pk in pair)}
    found = {
        Relation(each.one, each.other, each.kind, each.valid_from, each.valid_to, each.evidence): None
        for each in read.filter(Q(one__in=around) | Q(other__in=around))[:MOST]
        if each.one != each.other
    }
    met = {root, *(pk for each in found for pk in (each.source, each.principal))}
    sources = Source.objects.in_bulk(met)
    return Affiliations(sources[root], on, tuple(found), sources)


def picture(
    affiliations: Affiliations,
    source_page: Callable[[UUID], str],
    *,
    form: str = "wide",
    alone: bool = False,
) -> Picture:
    """One picture in the active language: "wide", or "narrow" for a phone; `alone`, it has its heading in it."""
    direction: Direction = "rtl" if get_language_bidi() else "ltr"
    drawing = _Drawing(affiliations, source_page)
    title = _("Affiliations of %(source)s") % {"source": affiliations.source.name}
    frames = tuple(drawing.frames())
    legend: dict[Mark, str] = {
        "archived": _("a document shows it"),
        "missing": _("no document shows it yet"),
        "ended": _("ended"),
        "party": _("party to the conflict"),
    }
    content = Content(frames, legend, (title, _date(affiliations.on)) if alone else None)
    sheet = (boxes.narrow if form == "narrow" else boxes.wide)(content, direction)
    told = [f"{frame.name}: {'; '.join(row.title for row in _near(frame.trees[0]))}." for frame in frames]
    return Picture(sheet.pen.width, sheet.height, title, " ".join(told), sheet.elements, direction)


def shown(
    affiliations: Affiliations,
    source_page: Callable[[UUID], str],
    document_page: Callable[[UUID], str] = lambda pk: "",
) -> boxes.Graph:
    """The graph for a page, with its table."""
    pictures = (picture(affiliations, source_page, form=form) for form in ("wide", "narrow"))
    wide, narrow = (render(each, inline=True) for each in pictures)
    columns = boxes.columns(_Drawing(affiliations, source_page).frames())
    head = (_("Who"), _("Relation"), _("To whom"), _("When"), _("Evidence"))
    rows = tuple(
        (
            Cell(affiliations.sources[each.source].name, source_page(each.source)),
            Cell(_kind(each.kind)),
            Cell(affiliations.sources[each.principal].name, source_page(each.principal)),
            Cell(_span(each, ended=affiliations.ended(each))),
            Cell(str(each.evidence), document_page(each.evidence.pk)) if each.evidence else Cell("–"),
        )
        for each in affiliations.relations
    )
    return boxes.Graph(_("Who it belongs to and who belongs to it"), wide, narrow, head, rows, columns)


class _Drawing:
    def __init__(self, affiliations: Affiliations, source_page: Callable[[UUID], str]) -> None:
        self.all, self.page = affiliations, source_page
        self.roles = (_("The source"), _("One step away"), _("Two steps away"))

    def frames(self) -> Iterator[Frame]:
        root = self.all.source.pk
        related = self.all.of(root)
        for name, upwards in ((_("Whose it is"), True), (_("Who belongs to it"), False)):
            side = [(relation, other) for relation, other in related if (relation.source == root) == upwards]
            if side:
                children = self._nodes(side, root, 1)
                row = self._row(self.all.source.pk, (), ())
                yield Frame(name, trees=(Node((row,), children, 0, self.roles[0]),))

    def _nodes(self, related: list[tuple[Relation, UUID]], pk: UUID, step: int) -> tuple[Node, ...]:
        """One box for each that leads further, then one for all that do not."""
        branches, leaves = [], []
        for relation, other in related[:SHOWN]:
            onward = self.all.of(other, apart_from=pk) if step < 2 else []
            row = self._relation(relation, other, pk)
            if onward:
                branches.append(Node((row,), self._nodes(onward, other, step + 1), step, self.roles[step]))
            else:
                leaves.append(row)
        if (rest := len(related) - SHOWN) > 0:
            leaves.append(Row(ngettext("and %(n)s more", "and %(n)s more", rest) % {"n": rest}))
        return (*branches, Node(tuple(leaves), (), step, self.roles[step])) if leaves else tuple(branches)

    def _relation(self, relation: Relation, other: UUID, pk: UUID) -> Row:
        words = _words()[relation.kind][relation.source != pk] if relation.kind in _words() else relation.kind
        ended = self.all.ended(relation)
        marks: list[Mark] = ["archived" if relation.evidence else "missing"]
        marks += ["ended"] if ended else []
        return self._row(other, (words, _span(relation, ended=ended)), tuple(marks))

    def _row(self, pk: UUID, detail: tuple[str, ...], marks: tuple[Mark, ...]) -> Row:
        source = self.all.sources[pk]
        marks += ("party",) if source.is_party else ()
        detail = tuple(line for line in detail if line)
        href = "" if pk == self.all.source.pk else self.page(pk)
        return Row(source.name, detail, "", marks, href, ", ".join([source.name, *detail]))


def _words() -> dict[str, tuple[str, str]]:
    """What the one at the end of the arrow is to the one where it begins: as its principal, as its affiliate."""
    return {
        AffiliationKind.OWNED_BY: (_("owns it"), _("owned by it")),
        AffiliationKind.PART_OF: (_("of which it is part"), _("part of it")),
        AffiliationKind.SPEAKS_FOR: (_("for which it speaks"), _("speaks for it")),
        AffiliationKind.EMPLOYED_BY: (_("employs it"), _("employed by it")),
        AffiliationKind.FUNDED_BY: (_("funds it"), _("funded by it")),
    }


def _near(tree: Node) -> Iterator[Row]:
    for child in tree.children:
        yield from child.rows


def _kind(kind: str) -> str:
    return str(AffiliationKind(kind).label) if kind in AffiliationKind.values else kind


def _span(relation: Relation, *, ended: bool) -> str:
    since = relation.since and _date(relation.since)
    until = relation.until and _date(relation.until)
    if since and until:
        words = _("%(since)s to %(until)s") % {"since": since, "until": until}
    elif until:
        words = _("until %(until)s") % {"until": until}
    else:
        words = _("since %(since)s") % {"since": since} if since else ""
    return ", ".join(filter(None, (words, _("ended") if ended else "")))


def _date(day: date) -> str:
    return str(date_format(day, "j M Y"))
