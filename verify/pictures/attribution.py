"""The attribution graph of a claim: on whose behalf, who speaks, where it was said, who took it over.

It is made from a claim's content and the summary of its origins as published versions hold them, so that the desk's
picture and the public one are drawn by the same hand, and the public one from its snapshot alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from claims.attribution.models import Modality, Polarity, Verb
from verify.pictures import boxes
from verify.pictures.boxes import Content, Frame, Mark, Node, Row
from verify.pictures.drawing import Cell, Direction, Picture, render

MANY = 80  # statements up to which each has its place, in as many steps as are read with patience
STEPS = 12
FRAMES, STEPS_OF_MANY = 8, 6  # beyond: origins, steps
BRANCHES = (5, 5, 4, 2, 1)  # and what comes of a box, by its column
CLOSE = 6  # rows of a box up to which they have their details
_DATES = {"year": "Y", "month": "M Y", "day": "j M Y"}
_SAID = "#said"

Address = Callable[[str], str]
"""From the id of a source to its page; "" where it has none."""


@dataclass(frozen=True)
class Attribution:
    """The graph of one claim. `counted` is its origins in a sentence."""

    title: str
    counted: str
    frames: tuple[Frame, ...]
    rows: tuple[tuple[Cell, ...], ...]


def attribution(
    claim: dict[str, Any],
    origins: dict[str, Any],
    *,
    counted: str = "",
    page: str = "",
    source_page: Address = lambda pk: "",
) -> Attribution:
    """The graph from `content_of` a claim and `origins_summary`, in the active language.

    `page` is the address of the page on which the statements stand, "" for a picture on it. No query is made.
    """
    drawing = _Drawing(claim, origins, page, source_page)
    return Attribution(
        str(claim.get("headline") or claim["text"]), counted, tuple(drawing.frames()), tuple(drawing.table())
    )


def picture(shown: Attribution, *, form: str = "wide", alone: bool = False) -> Picture:
    """One picture: "wide", or "narrow" for a phone; `alone`, it has its heading in it."""
    direction: Direction = "rtl" if get_language_bidi() else "ltr"
    legend: dict[Mark, str] = {
        "archived": _("shown by archived words"),
        "missing": _("no archived words yet"),
        "denies": _("denies it"),
        "party": _("party to the conflict"),
        "circle": _("circular reporting"),
        "warning": _("caution"),
    }
    content = Content(shown.frames, legend, (shown.title, shown.counted) if alone else None)
    sheet = (boxes.narrow if form == "narrow" else boxes.wide)(content, direction)
    told = [". ".join(filter(None, (each.eyebrow, each.name, *_notes(each)))) for each in shown.frames]
    return Picture(
        sheet.pen.width,
        sheet.height,
        _("Who says it, and where it begins: %(claim)s") % {"claim": shown.title},
        " ".join([shown.counted, *told]).strip(),
        sheet.elements,
        direction,
    )


def shown(graph: Attribution) -> boxes.Graph:
    """The graph for a page."""
    wide, narrow = (render(picture(graph, form=form), inline=True) for form in ("wide", "narrow"))
    head = (
        _("Origin"),
        _("Who speaks"),
        _("On behalf of"),
        _("Through"),
        _("Document"),
        _("Taken over from"),
        _("How"),
        _("When"),
        _("Archived words"),
    )
    title = _("Where it begins and who took it over")
    return boxes.Graph(title, wide, narrow, head, graph.rows, boxes.columns(graph.frames))


class _Drawing:
    def __init__(
        self, claim: dict[str, Any], origins: dict[str, Any], page: str, source_page: Address
    ) -> None:
        self.said: dict[str, dict[str, Any]] = {said["id"]: said for said in claim["assertions"]}
        self.page, self.source_page = page, source_page
        groups = origins.get("groups", [])
        grouped = {pk for group in groups for pk in group["members"]}
        others = [pk for pk in self.said if pk not in grouped]
        self.groups = groups + ([{"members": others, "name": None}] if others else [])
        self.many = len(self.said) > MANY
        self.children: dict[str, list[str]] = {}
        for pk, said in self.said.items():
            self.children.setdefault(said["derives_from"] or "", []).append(pk)
        # Without anybody who speaks for somebody else, there is no column for it.
        self.first = int(any(said["on_behalf_of"] for said in self.said.values()))
        self.circular = {pk for group in self.groups for pk in self._circle(group)}

    def frames(self) -> Iterator[Frame]:
        number = 0
        shown = self.groups[:FRAMES] if self.many else self.groups
        for group in shown:
            number += group["name"] is not None
            yield self._frame(group, number)
        if rest := self.groups[len(shown) :]:
            more = ngettext("and %(n)s more origin", "and %(n)s more origins", len(rest)) % {"n": len(rest)}
            statements = sum(len(group["members"]) for group in rest)
            parties = sum(bool(group.get("party")) for group in rest)
            notes: list[tuple[Mark | None, str]] = [(None, _statements(statements))]
            if parties:
                told = ngettext("%(n)s of them is a party", "%(n)s of them are parties", parties)
                notes.append(("party", told % {"n": parties}))
            notes += self._denials([pk for group in rest for pk in group["members"]])
            yield Frame(more, notes=tuple(notes))

    def table(self) -> Iterator[tuple[Cell, ...]]:
        carried = Counter(_where(said) for said in self.said.values())
        for number, group in enumerate(self.groups, 1):
            name = group["name"] or _("no source named") if group["name"] is not None else ""
            for pk in group["members"]:
                if (said := self.said.get(pk)) is None:
                    continue
                above = self._above(pk)
                taken = _where(above) if above else ""
                if above and carried[taken] > 1 and (document := _document(above)):  # which of them
                    taken = _("%(outlet)s: %(document)s") % {"outlet": taken, "document": document}
                archived = _("yes") if _archived(said) else _("no")
                yield (
                    Cell(f"{number} · {name}" if name else ""),
                    Cell(said["speaker"]["name"], self._href(pk)),
                    Cell(_name(said["on_behalf_of"])),
                    Cell(_name(said["outlet"])),
                    Cell(_document(said)),
                    Cell(taken),
                    Cell(_how(said)),
                    Cell(_when(said)),
                    Cell(archived),
                )

    def _frame(self, group: dict[str, Any], number: int) -> Frame:
        members = [self.said[pk] for pk in group["members"] if pk in self.said]
        outlets = {_where(said) for said in members if said["outlet"] or said["role"] == "relay"}
        counted = _statements(len(members))
        if outlets:
            through = ngettext("through %(n)s outlet", "through %(n)s outlets", len(outlets)) % {
                "n": len(outlets)
            }
            counted = f"{counted} {through}"
        notes: list[tuple[Mark | None, str]] = [(None, counted)]
        because = group.get("because", [])
        if because:
            more = ngettext("and %(n)s more reason", "and %(n)s more reasons", len(because) - 1)
            tail = f" ({more % {'n': len(because) - 1}})" if len(because) > 1 else ""
            notes.append((None, _("One origin: %(why)s") % {"why": because[0] + tail}))
        flags = {
            *group.get("flags", ()),
            *(["cycle"] if self.circular.intersection(group["members"]) else []),
        }
        notes += [(mark, words) for flag, mark, words in _flags() if flag in flags]
        if group["name"] is None:
            return Frame(_("Other statements"), notes=(notes[0],), trees=tuple(self._trees(group)))
        eyebrow = _("Origin %(n)s") % {"n": number}
        if group.get("party"):
            eyebrow = f"{eyebrow} · {_('party to the conflict')}"
        return Frame(
            group["name"] or _("No source named"),
            eyebrow,
            ("party",) if group.get("party") else (),
            tuple(notes),
            "\n".join(because),
            tuple(self._trees(group)),
        )

    def _above(self, pk: str) -> dict[str, Any] | None:
        """What a statement was taken over from, if that is on record."""
        return self.said.get(self.said[pk]["derives_from"] or "")

    def _href(self, pk: str) -> str:
        return f"{self.page}#said-{pk}"

    def _trees(self, group: dict[str, Any]) -> list[Node]:
        """Principals, with whoever speaks for them; then whoever speaks for themselves."""
        seen: set[str] = set()
        members = set(group["members"])
        own = [pk for pk in group["members"] if pk in self.said]
        roots = self._once([pk for pk in own if pk in self.circular or not self._above(pk)])
        voices: dict[tuple[str, str], list[str]] = {}
        for pk in roots:
            said = self.said[pk]
            unnamed = said["role"] == "relay" and not said["on_behalf_of"]
            speaker = "" if unnamed else said["speaker"]["id"]
            voices.setdefault((_id(said["on_behalf_of"]), speaker), []).append(pk)
        trees: dict[str, list[Node]] = {}
        for (principal, speaker), pks in voices.items():
            pks = [pk for pk in pks if pk not in seen]
            if not pks:  # of a circle that was walked from elsewhere
                continue
            below = self._below(pks, self.first + 1, members, seen)
            if speaker:
                rows: tuple[Row, ...] = (self._source(self.said[pks[0]]["speaker"]),)
                node = Node(rows, below, self.first, _("Who speaks"))
            else:
                node = Node(
                    (Row(_("No source named")),), below, self.first, _("Who speaks"), "d-box d-dashed"
                )
            trees.setdefault(principal, []).append(node)
        made: list[Node] = []
        for principal, nodes in trees.items():
            nodes = self._some(nodes, self.first)
            if not principal:
                made += nodes
                continue
            source = next(
                said["on_behalf_of"] for said in self.said.values() if _id(said["on_behalf_of"]) == principal
            )
            made.append(Node((self._source(source),), tuple(nodes), 0, _("On whose behalf")))
        return self._some(made, 0)

    def _below(self, pks: Sequence[str], column: int, members: set[str], seen: set[str]) -> tuple[Node, ...]:
        """The boxes of statements that stand side by side: those from which others took it over, then the others."""
        role = _("Where it was said") if column == self.first + 1 else _("Taken over by")
        if pks and column >= (STEPS_OF_MANY if self.many else STEPS):
            deeper = list(self._descendants(pks, members, seen))
            return (Node((self._folded(deeper, _("further on")),), (), column, role, "d-box d-dashed"),)
        own = [pk for pk in pks if pk not in seen]
        seen.update(own)
        onward = {pk: [c for c in self.children.get(pk, []) if c in members and c not in seen] for pk in own}
        again = {pk: self._again(pk, seen, column + 1) for pk in own}
        branches = [pk for pk in own if onward[pk] or again[pk]]
        leaves = [pk for pk in own if not onward[pk] and not again[pk]]
        rest: list[str] = []
        most = BRANCHES[min(column, len(BRANCHES)) - 1]
        if self.many and len(own) > most:
            kept = max(most - len(branches), 1)
            further = self._descendants(branches[most:], members, seen - set(branches))
            rest = leaves[kept:] + list(further)
            branches, leaves = branches[:most], leaves[:kept]
        made = []
        for pk in branches:
            below = self._below(onward[pk], column + 1, members, seen) + again[pk]
            made.append(Node((self._statement(pk),), below, column, role))
        rows = [self._statement(pk) for pk in leaves]
        if rest:
            rows.append(self._folded(rest))
        if rows:
            made.append(Node(tuple(rows), (), column, role, close=len(rows) > CLOSE))
        return tuple(made)

    def _some(self, nodes: list[Node], column: int) -> list[Node]:
        """Not more than are shown of who speaks; the rest counted."""
        most = BRANCHES[0]
        if not self.many or len(nodes) <= most + 1:
            return nodes
        rest = len(nodes) - most
        more = ngettext("and %(n)s more", "and %(n)s more", rest) % {"n": rest}
        row = Row(more, href=f"{self.page}{_SAID}")
        return [*nodes[:most], Node((row,), (), column, nodes[most].role, "d-box d-dashed")]

    def _descendants(self, pks: Iterable[str], members: set[str], seen: set[str]) -> Iterator[str]:
        """These and whatever was taken over from them, each once; they count as seen."""
        stack = [pk for pk in pks if pk not in seen]
        while stack:
            pk = stack.pop()
            if pk not in seen:
                seen.add(pk)
                yield pk
                stack += [child for child in self.children.get(pk, []) if child in members]

    def _folded(self, pks: list[str], where: str = "") -> Row:
        """A row that stands for many statements, and says so; denials among them are never hidden."""
        outlets = len({_where(self.said[pk]) for pk in pks})
        name = ngettext("and %(n)s more outlet", "and %(n)s more outlets", outlets) % {"n": outlets}
        denials = self._denials(pks)
        detail = tuple(
            part for part in (where, _statements(len(pks)), *(words for _mark, words in denials)) if part
        )
        marks: tuple[Mark, ...] = ("denies",) if denials else ()
        return Row(name, detail, _statements(len(pks)), marks, f"{self.page}{_SAID}")

    def _denials(self, pks: Iterable[str]) -> list[tuple[Mark | None, str]]:
        count = sum(_denies(self.said[pk]) for pk in pks if pk in self.said)
        told = ngettext("%(n)s of them denies it", "%(n)s of them deny it", count) % {"n": count}
        return [("denies", told)] if count else []

    def _statement(self, pk: str) -> Row:
        said = self.said[pk]
        speaker, outlet = said["speaker"], said["outlet"]
        relays = self._above(pk) is not None or said["role"] == "relay"
        detail = [_how(said), _when(said)]
        if relays and outlet and outlet["id"] != speaker["id"]:
            name = speaker["name"]
            detail.insert(0, _("through %(outlet)s") % {"outlet": outlet["name"]})
        elif relays or (outlet and outlet["id"] != speaker["id"]):
            name = _where(said)
        else:
            name = _("Directly")
        marks: list[Mark] = ["archived" if _archived(said) else "missing"]
        marks += ["denies"] if _denies(said) else []
        marks += ["party"] if relays and speaker.get("party") else []
        marks += ["circle"] if pk in self.circular else []
        cited = [_where(self.said[each]) for each in said.get("cites", ()) if each in self.said]
        detail += [_("also cites %(names)s") % {"names": ", ".join(cited)}] if cited else []
        lines = tuple(line for line in detail if line)
        unarchived = "" if _archived(said) else _("no archived words yet")
        title = ", ".join(filter(None, (name, *lines, _document(said), unarchived)))
        return Row(
            name,
            lines,
            _("denies it") if _denies(said) else _verb(said),
            tuple(marks),
            self._href(pk),
            title,
        )

    def _again(self, pk: str, seen: set[str], column: int) -> tuple[Node, ...]:
        """Where a circle closes: the statement from which it was followed stands once more."""
        closing = (each for each in self.children.get(pk, []) if each in self.circular and each in seen)
        if (back := next(closing, None)) is None:
            return ()
        row = Row(_where(self.said[back]), (_("once more: a circle"),), "", ("circle",), self._href(back))
        return (Node((row,), (), column, _("Taken over by"), "d-box d-dashed"),)

    def _once(self, roots: list[str]) -> list[str]:
        """Of each circle, of which all are roots, the first alone: the others are reached from it."""
        kept, reached = [], set()
        for pk in roots:
            if pk not in reached:
                kept.append(pk)
                at = pk
                while pk in self.circular and at not in reached:
                    reached.add(at)
                    at = self.said[at]["derives_from"]
        return kept

    def _source(self, source: dict[str, Any]) -> Row:
        party = bool(source.get("party"))
        detail = (_("party to the conflict"),) if party else ()
        marks: tuple[Mark, ...] = ("party",) if party else ()
        return Row(source["name"], detail, "", marks, self.source_page(source["id"]), source["name"])

    def _circle(self, group: dict[str, Any]) -> Iterator[str]:
        """The statements of an origin that were taken over, in the end, from themselves."""
        done: set[str] = set()
        for start in group["members"]:
            path: list[str] = []
            at = start
            while at in self.said and at not in done and at not in path:
                path.append(at)
                at = self.said[at]["derives_from"] or ""
            if at in path:
                yield from path[path.index(at) :]
            done.update(path)


def _flags() -> list[tuple[str, Mark, str]]:
    return [
        ("cycle", "circle", _("Circular reporting: in the end, it was taken over from itself")),
        ("relay-reverses", "warning", _("Somebody who took it over reports the opposite")),
        ("relay-hardens", "warning", _("Somebody who took it over is more certain than it was")),
        ("only-possible", "warning", _("Presented as possible and no more")),
        ("cites-another", "warning", _("Also names another origin as its source")),
        ("says-both", "warning", _("Says it and denies it")),
        ("linked-funding", "warning", _("Linked by money with another origin")),
    ]


def _notes(frame: Frame) -> list[str]:
    return [words for _mark, words in frame.notes]


def _id(source: dict[str, Any] | None) -> str:
    return str(source["id"]) if source else ""


def _name(source: dict[str, Any] | None) -> str:
    return str(source["name"]) if source else ""


def _where(said: dict[str, Any]) -> str:
    return _name(said["outlet"]) or _name(said["speaker"])


def _document(said: dict[str, Any]) -> str:
    """The title of what it stands in, or else its address: two statements of one outlet are told apart by it."""
    document = said["document"] or {}
    return str(document.get("title") or document.get("url") or "")


def _archived(said: dict[str, Any]) -> bool:
    return bool(said.get("quotes") or said.get("regions"))


def _denies(said: dict[str, Any]) -> bool:
    return bool(said["polarity"] == Polarity.DENIES)


def _verb(said: dict[str, Any]) -> str:
    verb = said["verb"]
    return str(Verb(verb).label) if verb in Verb.values else str(verb)


def _how(said: dict[str, Any]) -> str:
    """“denies it: claimed, “reportedly”, as possible”."""
    modality = said.get("modality", Modality.CERTAIN)
    parts = [_verb(said)]
    parts += [f"“{said['hedge']}”"] if said["hedge"] else []
    parts += [str(Modality(modality).label)] if modality in ("probable", "possible") else []
    how = ", ".join(parts)
    return _("denies it: %(how)s") % {"how": how} if _denies(said) else how


def _when(said: dict[str, Any]) -> str:
    if not said["said_at"]:
        return ""
    return date_format(
        datetime.fromisoformat(said["said_at"]), _DATES.get(said["said_precision"], "j M Y, H:i")
    )


def _statements(count: int) -> str:
    return ngettext("%(n)s statement", "%(n)s statements", count) % {"n": count}
