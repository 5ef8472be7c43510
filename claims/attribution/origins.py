"""Where what was said begins: outlets are never counted, origins are.

Each assertion is followed to the assertion that it was taken over from, and so on, to its root. Roots are one origin
when they have the same principal or speaker, when their speakers belong together at the time of saying, or when
their texts are near-identical (syndicated copy). Everything is merged by union-find, so that the time is near-linear
in assertions and ties, and the answer does not depend on the order of either.

Rules, with what was rejected: docs/decisions/0040, 0041; for readers: docs/reference/origins.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from claims.attribution.ties import MERGING, Node, Tie, Ties, Unions, between
from claims.statements.reasons import Reason, gettext_noop

Polarity = Literal["affirms", "denies"]
Flag = Literal["cycle", "same-affiliation", "unattributed", "says-both", "relay-reverses", "linked-funding"]

__all__ = [
    "MERGING",
    "SENTENCES",
    "Flag",
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
        "%(first)s and %(second)s name no source and come through the same outlet, %(name)s."
    ),
    "same-text": gettext_noop("%(first)s and %(second)s have nearly the same text: copies of one report."),
    "cycle": gettext_noop(
        "%(first)s was taken over from %(second)s, and that in the end from the first: a circle."
    ),
    "same-missing": gettext_noop("%(first)s and %(second)s were taken over from the same report, %(name)s."),
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
    unknown source. `copy_of` is a key that near-identical texts share (`copies.group`), None when not compared.
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


@dataclass(frozen=True)
class Origin:
    """One place where the claim begins: its root assertions, and everything that was taken over from them.

    `key` is the smallest id among the roots: it is stable while the roots are. `voices` are the principals or speakers
    at the roots. `affirms` and `denies` are what the roots say; a root's own denial counts against the claim.
    """

    key: str
    members: tuple[str, ...]
    roots: tuple[str, ...]
    voices: tuple[str, ...]
    outlets: tuple[str, ...]
    affirms: bool
    denies: bool
    is_party: bool
    merged_because: tuple[Reason, ...]
    flags: frozenset[Flag]

    @property
    def is_attributed(self) -> bool:
        return "unattributed" not in self.flags


@dataclass(frozen=True)
class Origins:
    """The origins of one claim, those with most assertions first. Their members are the assertions, each once."""

    origins: tuple[Origin, ...]
    outlets: tuple[str, ...]
    cautions: tuple[Reason, ...] = ()

    def __iter__(self) -> Iterator[Origin]:
        return iter(self.origins)

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def counts(self) -> dict[str, int]:
        """What the summary's sentence is made of: seven outlets, two origins, one of them a party."""
        return {
            "assertions": sum(len(origin.members) for origin in self.origins),
            "outlets": len(self.outlets),
            "origins": len(self.origins),
            "party_origins": sum(origin.is_party for origin in self.origins),
            "unattributed_origins": sum(not origin.is_attributed for origin in self.origins),
            "origins_for": sum(origin.affirms for origin in self.origins),
            "origins_against": sum(origin.denies for origin in self.origins),
        }

    def confirming(self, polarity: Polarity = "affirms") -> int:
        """How many origins can confirm each other: those with a known speaker, that are not circular."""
        return sum(
            origin.is_attributed
            and "cycle" not in origin.flags
            and (origin.affirms, origin.denies)[polarity == "denies"]
            for origin in self.origins
        )


def credibility_cap(origins: Origins, polarity: Polarity = "affirms") -> int:
    """The best Admiralty credibility that evidence for (or against) the claim may be given.

    1 is "confirmed by other sources": it takes two origins with known speakers. Otherwise 2.
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
    origin, the others are only cautioned about. Raises ValueError when two assertions have one id.
    """
    by_id: dict[str, Said] = {}
    for each in sorted(said, key=lambda each: each.id):
        if by_id.setdefault(each.id, each) is not each:
            raise ValueError(f"Two assertions have the id {each.id}.")
    return _Search(by_id, Ties(ties, merging), frozenset(parties)).result()


class _Search:
    """Nodes of the union-find: ("said", id), a voice ("source", id and others, see `_voice`), ("text", key)."""

    def __init__(self, said: dict[str, Said], ties: Ties, parties: frozenset[str]) -> None:
        self.said, self.ties, self.parties = said, ties, parties
        self.unions = Unions()
        self.reasons: list[tuple[Node, Reason]] = []  # with a node of the origin that they explain
        self.circular = _circular(said)
        self.roots = [
            each for each in said.values() if each.derives_from not in said or each.id in self.circular
        ]
        self.loose: list[Tie] = []  # ties that do not merge: cautions

    def result(self) -> Origins:
        self._follow_chains()
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
        linked, cautions = self._linked(members)
        roots = {root.id for root in self.roots}
        origins = [
            self._origin(group, roots, reasons[node], node in parties, node in linked)
            for node, group in members.items()
        ]
        origins.sort(key=lambda origin: (-len(origin.members), origin.key))
        return Origins(tuple(origins), _outlets(self.said.values()), cautions)

    def _is_missing(self, root: Said) -> bool:
        """Whether it was taken over from an assertion that was not given, and stands here in its stead."""
        return root.derives_from is not None and root.derives_from not in self.said

    def _is_unattributed(self, root: Said) -> bool:
        unknown = root.on_behalf_of is None and (root.speaker is None or root.is_relay)
        return unknown or self._is_missing(root)

    def _voice(self, root: Said) -> Node:
        """Whose word a root is; two roots with one voice are one origin."""
        if self._is_missing(root):
            return ("missing", root.derives_from or "")
        if not self._is_unattributed(root):
            return ("source", root.on_behalf_of or root.speaker or "")
        outlet = root.outlet or root.speaker
        return ("unattributed", outlet) if outlet and root.id not in self.circular else ("unknown", root.id)

    def _follow_chains(self) -> None:
        for each in self.said.values():
            if each.derives_from in self.said:
                self.unions.join(("said", each.id), ("said", each.derives_from))
            if each.id in self.circular and each.derives_from not in (each.id, None):
                self._because("cycle", ("said", each.id), first=each.id, second=each.derives_from)

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
        for tie in sorted(
            between(used, {name for name, _ in known}), key=lambda tie: (tie.source, tie.principal)
        ):
            self._because(tie.kind, ("source", tie.source), source=tie.source, principal=tie.principal)

    def _linked(self, members: Collection[Node]) -> tuple[set[Node], tuple[Reason, ...]]:
        """Origins that a tie links which does not merge: one funds the other, or somebody funds both."""
        by_principal: dict[str, dict[Node, Tie]] = defaultdict(dict)
        for tie in sorted(set(self.loose), key=lambda tie: (tie.source, tie.kind, tie.principal)):
            by_principal[tie.principal].setdefault(self.unions.find(("source", tie.source)), tie)
        linked: set[Node] = set()
        cautions = []
        for principal, ties in sorted(by_principal.items()):
            own = self.unions.find(("source", principal))
            groups = set(ties) | ({own} if own in members else set())
            if len(groups) > 1:
                linked |= groups
                cautions += [
                    self._reason(t.kind, source=t.source, principal=t.principal) for t in ties.values()
                ]
        return linked, tuple(cautions)

    def _origin(
        self, members: list[Said], all_roots: set[str], reasons: list[Reason], is_party: bool, linked: bool
    ) -> Origin:
        roots = [each for each in members if each.id in all_roots]
        said = {root.polarity for root in roots}
        turned = any(
            each.id not in all_roots and each.polarity != self.said[each.derives_from or ""].polarity
            for each in members
        )
        marks: dict[Flag, bool] = {
            "cycle": any(each.id in self.circular for each in members),
            "same-affiliation": any(reason.code in self.ties.merging for reason in reasons),
            "unattributed": all(self._is_unattributed(root) for root in roots),
            "says-both": len(said) > 1,
            "relay-reverses": turned,
            "linked-funding": linked,
        }
        return Origin(
            key=min(root.id for root in roots),
            members=tuple(each.id for each in members),
            roots=tuple(root.id for root in roots),
            voices=tuple(sorted({name for kind, name in map(self._voice, roots) if kind == "source"})),
            outlets=_outlets(members),
            affirms="affirms" in said,
            denies="denies" in said,
            is_party=is_party,
            merged_because=tuple(reasons),
            flags=frozenset(flag for flag, applies in marks.items() if applies),
        )

    def _because(self, code: str, node: Node, **params: str | None) -> None:
        self.reasons.append((node, self._reason(code, **params)))

    @staticmethod
    def _reason(code: str, **params: str | None) -> Reason:
        return Reason(
            code, SENTENCES.get(code, SENTENCES["tie"]), {name: value or "" for name, value in params.items()}
        )


def _outlets(said: Iterable[Said]) -> tuple[str, ...]:
    """Where it was carried; a relay that names no outlet is one."""
    return tuple(
        sorted({outlet for each in said if (outlet := each.outlet or (each.is_relay and each.speaker))})
    )


def _circular(said: dict[str, Said]) -> set[str]:
    """The assertions that were taken over, through others, from themselves."""
    state: dict[str, int] = {}  # 1 while on the path that is being followed, 2 afterwards
    circular: set[str] = set()
    for start in said:
        path: list[str] = []
        at: str | None = start
        while at is not None and at in said and at not in state:
            state[at] = 1
            path.append(at)
            at = said[at].derives_from
        if at is not None and state.get(at) == 1:
            circular.update(path[path.index(at) :])
        state.update(dict.fromkeys(path, 2))
    return circular
