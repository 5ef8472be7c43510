"""Where what was said begins: outlets are never counted, origins are.

Each assertion is followed to the assertion that it was taken over from, and so on, to its root. Roots are one origin
when they have the same principal or speaker, when their speakers belong together at the time of saying, when their
texts are near-identical (syndicated copy), or when they rest on each other in a circle. Everything is merged by
union-find, so that the time is near-linear in assertions, citations and ties, and the answer does not depend on the
order of any of them.

Rules, with what was rejected: docs/decisions/0040, 0041, 0096; for readers: docs/reference/origins.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from claims.attribution.ties import MERGING, SAME_AS, Node, Tie, Ties, Unions, between, circles, one_record
from claims.statements.reasons import Reason, gettext_noop

Polarity = Literal["affirms", "denies"]
Modality = Literal["certain", "probable", "possible"]
_SURE: dict[Modality, int] = {"possible": 0, "probable": 1, "certain": 2}
Flag = Literal[
    "cycle",
    "same-affiliation",
    "unattributed",
    "says-both",
    "relay-reverses",
    "relay-hardens",
    "only-possible",
    "linked-funding",
    "cites-another",
]

Kind = Literal["independent", "circle", "possible", "unnamed"]
KINDS: tuple[Kind, ...] = ("independent", "circle", "possible", "unnamed")

__all__ = [
    "KINDS",
    "MERGING",
    "SAME_AS",
    "SENTENCES",
    "Flag",
    "Kind",
    "Link",
    "Origin",
    "Origins",
    "Said",
    "Tie",
    "credibility_cap",
    "find_origins",
]

# Ids fill the `first` and `second` with assertions, the other fields with sources (of same-missing: an assertion).
SENTENCES = {
    "same-speaker": gettext_noop("%(first)s and %(second)s were both said by %(name)s."),
    "same-principal": gettext_noop("%(first)s and %(second)s were both said on behalf of %(name)s."),
    "same-outlet-unattributed": gettext_noop(
        "%(first)s and %(second)s have no named speaker and come through the same outlet, %(name)s."
    ),
    "same-text": gettext_noop("%(first)s and %(second)s have nearly the same text: copies of one report."),
    "cycle": gettext_noop(
        "%(first)s was taken over from %(second)s, and that rests in the end on the first: a circle."
    ),
    "cycle-cites": gettext_noop(
        "%(first)s names %(second)s as its source, and that rests in the end on the first: a circle."
    ),
    "cites": gettext_noop("%(first)s also names %(second)s as its source."),
    "same-missing": gettext_noop("%(first)s and %(second)s were taken over from the same report, %(name)s."),
    "same-as": gettext_noop("%(source)s and %(principal)s are two records of one source."),
    "owned-by": gettext_noop("%(source)s is owned by %(principal)s."),
    "part-of": gettext_noop("%(source)s is part of %(principal)s."),
    "speaks-for": gettext_noop("%(source)s speaks for %(principal)s."),
    "employed-by": gettext_noop("%(source)s is employed by %(principal)s."),
    "tie": gettext_noop("%(source)s is tied to %(principal)s."),
    "funded-by": gettext_noop("%(source)s is funded by %(principal)s."),
}


@dataclass(frozen=True)
class Said:
    """One assertion. Ids are opaque; `at` is the day it was said (UTC), None when not known.

    `speaker` is None for an unknown one ("sources said"); so does a relay that derives from nothing speak for an
    unknown source. `cites` are the assertions that it names as its source beside the one that it was taken over from.
    `modality` is how certain the speaker presents it. `copy_of` is a key that near-identical texts share
    (`copies.group`), None when not compared.
    """

    id: str
    speaker: str | None
    on_behalf_of: str | None = None
    outlet: str | None = None
    derives_from: str | None = None
    polarity: Polarity = "affirms"
    is_relay: bool = False
    copy_of: str | None = None
    at: date | None = None
    cites: tuple[str, ...] = ()
    modality: Modality = "certain"


@dataclass(frozen=True)
class Origin:
    """One place where the claim begins: its root assertions, and everything that was taken over from them.

    `key` is the smallest id among the roots: it is stable while the roots are. `voices` are the principals or speakers
    at the roots. `affirms` and `denies` are what the roots say; a root's own denial counts against the claim.
    `confirms` are the sides on which it can confirm another origin: those that a root takes which has a known speaker,
    rests on no circle and presents it as more than possible.

    `kind` is how it is counted: "independent" when it confirms a side. Of the others, "possible" when somebody with a
    name began it who says no more; "circle" when nobody did, and it begins in a circle; else "unnamed".
    """

    key: str
    members: tuple[str, ...]
    roots: tuple[str, ...]
    voices: tuple[str, ...]
    outlets: tuple[str, ...]
    affirms: bool
    denies: bool
    confirms: frozenset[Polarity]
    kind: Kind
    is_party: bool
    merged_because: tuple[Reason, ...]
    flags: frozenset[Flag]

    @property
    def is_attributed(self) -> bool:
        return "unattributed" not in self.flags


@dataclass(frozen=True)
class Link:
    """Origins, by their keys, that one principal links without merging them; `shared` when it funds them all and is
    none of them."""

    origins: frozenset[str]
    shared: bool


@dataclass(frozen=True)
class Origins:
    """The origins of one claim, those with most assertions first. Their members are the assertions, each once."""

    origins: tuple[Origin, ...]
    outlets: tuple[str, ...]
    cautions: tuple[Reason, ...] = ()
    links: tuple[Link, ...] = ()

    def __iter__(self) -> Iterator[Origin]:
        return iter(self.origins)

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def counts(self) -> dict[str, int]:
        """What the summary's sentence is made of: seven outlets, two origins, one of them a party.

        Every origin is counted in `origins`, and in that of its kind. Linked, by money, are independent origins
        alone; `cofunded_origins` is how many of them one outside source funds, where this is most.
        """
        independent = {origin.key for origin in self.origins if origin.kind == "independent"}
        linked = [(link.origins & independent, link.shared) for link in self.links]
        linked = [(keys, shared) for keys, shared in linked if len(keys) > 1]
        return {
            "assertions": sum(len(origin.members) for origin in self.origins),
            "outlets": len(self.outlets),
            "origins": len(self.origins),
            "party_origins": sum(origin.is_party for origin in self.origins),
            "unattributed_origins": sum(not origin.is_attributed for origin in self.origins),
            "origins_for": sum(origin.affirms for origin in self.origins),
            "origins_against": sum(origin.denies for origin in self.origins),
            **{f"{kind}_origins": sum(origin.kind == kind for origin in self.origins) for kind in KINDS},
            "independent_party_origins": sum(
                origin.is_party and origin.key in independent for origin in self.origins
            ),
            "linked_origins": len(frozenset().union(*(keys for keys, _shared in linked))),
            "cofunded_origins": max((len(keys) for keys, shared in linked if shared), default=0),
        }

    def confirming(self, polarity: Polarity = "affirms") -> int:
        """How many origins can confirm each other on one side."""
        return sum(polarity in origin.confirms for origin in self.origins)


def credibility_cap(origins: Origins, polarity: Polarity = "affirms") -> int:
    """The best Admiralty credibility that evidence for (or against) the claim may be given.

    1 is "confirmed by other sources": it takes two origins that can confirm. Otherwise 2.
    """
    return 1 if origins.confirming(polarity) > 1 else 2


def find_origins(
    said: Iterable[Said],
    ties: Iterable[Tie] = (),
    *,
    parties: Collection[str] = (),
    merging: Collection[str] = MERGING,
) -> Origins:
    """The origins of what was said about one claim, given who belongs to whom.

    `parties` are the sources that are parties to the conflict; `merging` the kinds of tie that make two speakers one
    origin, the others are only cautioned about. A same-as tie leads from a duplicate to the record that it is read
    as, everywhere and on any day. Raises ValueError when two assertions have one id.
    """
    by_id: dict[str, Said] = {}
    for each in sorted(said, key=lambda each: each.id):
        if by_id.setdefault(each.id, each) is not each:
            raise ValueError(f"Two assertions have the id {each.id}.")
    ties = set(ties)
    read_as = one_record(ties)
    others = {
        replace(
            tie,
            source=read_as.get(tie.source, tie.source),
            principal=read_as.get(tie.principal, tie.principal),
        )
        for tie in ties
        if tie.kind != SAME_AS
    }
    return _Search(
        by_id, Ties(others, merging), frozenset(read_as.get(party, party) for party in parties), read_as
    ).result()


class _Search:
    """Nodes of the union-find: ("said", id), a voice ("source", id and others, see `_voice`), ("text", key)."""

    def __init__(
        self, said: dict[str, Said], ties: Ties, parties: frozenset[str], read_as: Mapping[str, str]
    ) -> None:
        self.said, self.ties, self.parties, self.read_as = said, ties, parties, read_as
        self.unions = Unions()
        self.reasons: list[tuple[Node, Reason]] = []  # with a node of the origin that they explain
        over = {each.id: [each.derives_from] if each.derives_from in said else [] for each in said.values()}
        self.rests_on = {
            id: [*above, *sorted({cited for cited in said[id].cites if cited in said}.difference(above))]
            for id, above in over.items()
        }
        self.circle = circles(self.rests_on)
        going_round = circles(
            {id: [other for other in over[id] if other in self.circle] for id in self.circle}
        )
        self.roots = [each for each in said.values() if not over[each.id] or each.id in going_round]
        self.records: dict[Node, set[str]] = defaultdict(set)  # under which the roots name a voice
        self.loose: list[Tie] = []  # ties that do not merge: cautions

    def result(self) -> Origins:
        self._follow_chains()
        self._merge_circles()
        self._merge_copies()
        self._merge_voices()
        self._merge_affiliates()
        members: dict[Node, list[Said]] = defaultdict(list)
        for each in self.said.values():
            members[self.unions.find(("said", each.id))].append(each)
        reasons: dict[Node, list[Reason]] = defaultdict(list)
        for node, reason in self.reasons:
            reasons[self.unions.find(node)].append(reason)
        parties = {self.unions.find(("source", party)) for party in self.parties}
        links, cautions = self._linked(members)
        linked = {node for nodes, _shared in links for node in nodes}
        citing, cited = self._cited()
        roots = {root.id for root in self.roots}
        origins = {}
        for node, group in members.items():
            marks: dict[Flag, bool] = {"linked-funding": node in linked, "cites-another": node in citing}
            origins[node] = self._origin(group, roots, reasons[node], node in parties, marks)
        return Origins(
            tuple(sorted(origins.values(), key=lambda origin: (-len(origin.members), origin.key))),
            self._outlets(self.said.values()),
            cautions + cited,
            tuple(Link(frozenset(origins[node].key for node in nodes), shared) for nodes, shared in links),
        )

    def _is_missing(self, root: Said) -> bool:
        """Whether it was taken over from an assertion that was not given, and stands here in its stead."""
        return root.derives_from is not None and root.derives_from not in self.said

    def _is_unattributed(self, root: Said) -> bool:
        unknown = root.on_behalf_of is None and (root.speaker is None or root.is_relay)
        return unknown or self._is_missing(root)

    def _record(self, source: str) -> str:
        return self.read_as.get(source, source)

    def _voice(self, root: Said) -> Node:
        """Whose word a root is; two roots with one voice are one origin."""
        if self._is_missing(root):
            return ("missing", root.derives_from or "")
        if not self._is_unattributed(root):
            return ("source", self._record(_named(root)))
        outlet = _carried(root)
        if (
            not outlet or root.derives_from is not None
        ):  # in a circle: it does name whom it was taken over from
            return ("unknown", root.id)
        return ("unattributed", self._record(outlet))

    def _follow_chains(self) -> None:
        for each in self.said.values():
            if each.derives_from in self.said:
                self.unions.join(("said", each.id), ("said", each.derives_from))

    def _merge_circles(self) -> None:
        """What rests on each other is one origin, whichever of the links is a citation."""
        for id, circle in sorted(self.circle.items()):
            for other in self.rests_on[id]:
                if other != id and self.circle.get(other) == circle:
                    self.unions.join(("said", id), ("said", other))
                    code = "cycle" if other == self.said[id].derives_from else "cycle-cites"
                    self._because(code, ("said", id), first=id, second=other)

    def _merge_copies(self) -> None:
        first: dict[str, Said] = {}
        for each in self.said.values():
            if each.copy_of is not None:
                earlier = first.setdefault(each.copy_of, each)
                if self.unions.join(("said", earlier.id), ("said", each.id)):
                    self._because("same-text", ("said", each.id), first=earlier.id, second=each.id)

    def _merge_voices(self) -> None:
        first: dict[Node, Said] = {}
        for root in self.roots:
            kind, name = voice = self._voice(root)
            earlier = first.setdefault(voice, root)
            self.unions.join(voice, ("said", earlier.id))
            if kind in ("source", "unattributed"):
                self.records[voice].add(_named(root) if kind == "source" else _carried(root))
            if self.unions.join(("said", earlier.id), ("said", root.id)):
                code = {"missing": "same-missing", "unattributed": "same-outlet-unattributed"}.get(kind)
                code = code or (
                    "same-principal" if earlier.on_behalf_of and root.on_behalf_of else "same-speaker"
                )
                self._because(code, voice, first=earlier.id, second=root.id, name=name)

    def _merge_affiliates(self) -> None:
        """Join each voice with those it belonged to on the day, and these with theirs; keep the ties that explain."""
        voices = [(self._voice(root), root.at) for root in self.roots]
        known = [(name, day) for (kind, name), day in voices if kind == "source"]
        forest, used = Unions(), []
        for tie in self.ties.walk(known):
            ends = ("source", tie.source), ("source", tie.principal)
            if tie.kind not in self.ties.merging:
                self.loose.append(tie)
            elif forest.join(*ends):
                used.append(tie)
                self.unions.join(*ends)
        tied: set[Node] = set()
        explaining = between(used, {name for name, _ in known})
        for tie in sorted(explaining, key=lambda tie: (tie.source, tie.principal)):
            self._because(tie.kind, ("source", tie.source), source=tie.source, principal=tie.principal)
            tied |= {("source", tie.source), ("source", tie.principal)}
        for voice, names in self.records.items():
            if len(names) > 1 or voice in tied:  # else nothing was merged because of them
                for duplicate in sorted(names - {voice[1]}):
                    self._because("same-as", voice, source=duplicate, principal=voice[1])

    def _linked(self, members: Collection[Node]) -> tuple[list[tuple[set[Node], bool]], tuple[Reason, ...]]:
        """Origins that a tie links which does not merge: one funds the other, or (True) somebody else funds both."""
        by_principal: dict[str, dict[Node, Tie]] = defaultdict(dict)
        for tie in sorted(set(self.loose), key=lambda tie: (tie.source, tie.kind, tie.principal)):
            by_principal[tie.principal].setdefault(self.unions.find(("source", tie.source)), tie)
        links: list[tuple[set[Node], bool]] = []
        cautions = []
        for principal, ties in sorted(by_principal.items()):
            own = self.unions.find(("source", principal))
            groups = set(ties) | ({own} if own in members else set())
            if len(groups) > 1:
                funds = all(tie.kind == "funded-by" for tie in ties.values())
                links.append((groups, funds and own not in members))
                cautions += [
                    self._reason(t.kind, source=t.source, principal=t.principal) for t in ties.values()
                ]
        return links, tuple(cautions)

    def _cited(self) -> tuple[set[Node], tuple[Reason, ...]]:
        """Origins that also name another origin as their source, without resting on each other."""
        citing: set[Node] = set()
        cautions = []
        for id, others in self.rests_on.items():
            node = self.unions.find(("said", id))
            for other in others:
                if self.unions.find(("said", other)) != node:
                    citing.add(node)
                    cautions.append(self._reason("cites", first=id, second=other))
        return citing, tuple(cautions)

    def _can_confirm(self, root: Said) -> bool:
        return not (self._is_unattributed(root) or root.id in self.circle or root.modality == "possible")

    def _kind(self, roots: list[Said]) -> Kind:
        if any(self._can_confirm(root) for root in roots):
            return "independent"
        if any(not self._is_unattributed(root) and root.id not in self.circle for root in roots):
            return "possible"
        return "circle" if any(root.id in self.circle for root in roots) else "unnamed"

    def _origin(
        self,
        members: list[Said],
        all_roots: set[str],
        reasons: list[Reason],
        is_party: bool,
        outside: dict[Flag, bool],
    ) -> Origin:
        roots = [each for each in members if each.id in all_roots]
        said = {root.polarity for root in roots}
        relays = [(each, self.said[each.derives_from or ""]) for each in members if each.id not in all_roots]
        marks: dict[Flag, bool] = {
            "cycle": any(each.id in self.circle for each in members),
            "same-affiliation": any(reason.code in self.ties.merging for reason in reasons),
            "unattributed": all(self._is_unattributed(root) for root in roots),
            "says-both": len(said) > 1,
            "relay-reverses": any(relay.polarity != taken.polarity for relay, taken in relays),
            "relay-hardens": any(_SURE[relay.modality] > _SURE[taken.modality] for relay, taken in relays),
            "only-possible": all(root.modality == "possible" for root in roots),
            **outside,
        }
        return Origin(
            key=min(root.id for root in roots),
            members=tuple(each.id for each in members),
            roots=tuple(root.id for root in roots),
            voices=tuple(sorted({name for kind, name in map(self._voice, roots) if kind == "source"})),
            outlets=self._outlets(members),
            affirms="affirms" in said,
            denies="denies" in said,
            confirms=frozenset(root.polarity for root in roots if self._can_confirm(root)),
            kind=self._kind(roots),
            is_party=is_party,
            merged_because=tuple(reasons),
            flags=frozenset(flag for flag, applies in marks.items() if applies),
        )

    def _outlets(self, said: Iterable[Said]) -> tuple[str, ...]:
        """Where it was carried; a relay that names no outlet is one."""
        carried = {each.outlet or (each.is_relay and each.speaker) for each in said}
        return tuple(sorted({self._record(outlet) for outlet in carried if outlet}))

    def _because(self, code: str, node: Node, **params: str | None) -> None:
        self.reasons.append((node, self._reason(code, **params)))

    @staticmethod
    def _reason(code: str, **params: str | None) -> Reason:
        return Reason(
            code, SENTENCES.get(code, SENTENCES["tie"]), {name: value or "" for name, value in params.items()}
        )


def _named(root: Said) -> str:
    """The record of whose word it is."""
    return root.on_behalf_of or root.speaker or ""


def _carried(root: Said) -> str:
    return root.outlet or root.speaker or ""
