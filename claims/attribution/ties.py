"""Who belongs to whom, and when: affiliations as a graph that is walked upwards on a given day."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

MERGING = frozenset({"owned-by", "part-of", "speaks-for", "employed-by"})
SAME_AS = (
    "same-as"  # a tie of a duplicate to the record that it was merged into: whatever the day, two are one
)

Node = tuple[str, str]


@dataclass(frozen=True, order=True)
class Tie:
    """`source` is owned by, part of, … `principal`, from one day to another (inclusive; None: open)."""

    source: str
    kind: str
    principal: str
    valid_from: date | None = None
    valid_to: date | None = None


class Ties:
    """Ties by source and by period. A period is a stretch of days in which no tie begins or ends; period -1 stands for
    "day unknown", when every tie counts: two speakers are rather one origin too few than one too many.
    """

    def __init__(self, ties: Iterable[Tie], merging: Collection[str]) -> None:
        self.merging = frozenset(merging)
        self.by_source: dict[str, list[Tie]] = defaultdict(list)
        bounds: set[date] = set()
        for tie in sorted(
            set(ties), key=lambda tie: (tie.source, tie.kind, tie.principal, str(tie.valid_from))
        ):
            self.by_source[tie.source].append(tie)
            bounds |= {tie.valid_from} if tie.valid_from else set()
            bounds |= (
                {tie.valid_to + timedelta(days=1)} if tie.valid_to and tie.valid_to < date.max else set()
            )
        self.bounds = sorted(bounds)
        self.seen: set[tuple[str, int]] = set()

    def walk(self, starts: Iterable[tuple[str, date | None]]) -> Iterator[Tie]:
        """Every tie at or above the sources on their days, merging or not; merging ties lead on upwards.

        A source is left once per period, so that the walk is linear in what it reaches.
        """
        queue = [(source, self._period(day)) for source, day in starts]
        while queue:
            source, period = queue.pop()
            if (source, period) in self.seen:
                continue
            self.seen.add((source, period))
            for tie in self.by_source.get(source, ()):
                if self._holds(tie, period):
                    yield tie
                    if tie.kind in self.merging:
                        queue.append((tie.principal, period))

    def _period(self, day: date | None) -> int:
        return -1 if day is None else bisect_right(self.bounds, day)

    def _holds(self, tie: Tie, period: int) -> bool:
        if period == -1:
            return True
        began = self.bounds[period - 1] if period else date.min
        return (tie.valid_from or date.min) <= began <= (tie.valid_to or date.max)


class Unions:
    """Disjoint sets, with path halving and union by size: near-linear."""

    def __init__(self) -> None:
        self.parent: dict[Node, Node] = {}
        self.size: dict[Node, int] = {}

    def __contains__(self, node: Node) -> bool:
        return node in self.parent

    def find(self, node: Node) -> Node:
        parent = self.parent
        if node not in parent:
            parent[node], self.size[node] = node, 1
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def join(self, one: Node, other: Node) -> bool:
        """Make one set of two; False when they were one already."""
        small, large = self.find(one), self.find(other)
        if small == large:
            return False
        if self.size[small] > self.size[large]:
            small, large = large, small
        self.parent[small] = large
        self.size[large] += self.size[small]
        return True


def circles(edges: Mapping[str, Collection[str]]) -> dict[str, str]:
    """For each node from which the edges lead back to it, the circle that it is in: its smallest node.

    Circles that share a node are one: the strongly connected components (Kosaraju's two walks, without recursion).
    Every node is a key of `edges`.
    """
    left: dict[str, None] = {}  # in the order in which the first walk left them
    seen: set[str] = set()
    walk = [(node, False) for node in edges]
    while walk:
        node, leaves = walk.pop()
        if leaves:
            left[node] = None
        elif node not in seen:
            seen.add(node)
            walk.append((node, True))
            walk += [(other, False) for other in edges[node] if other not in seen]
    back: dict[str, list[str]] = defaultdict(list)
    for node, others in edges.items():
        for other in others:
            back[other].append(node)
    circle: dict[str, str] = {}
    while left:
        start, _ = left.popitem()  # the one that was left last
        group, queue = [start], [start]
        while queue:
            for other in back[queue.pop()]:
                if other in left:
                    del left[other]
                    group.append(other)
                    queue.append(other)
        if len(group) > 1 or start in edges[start]:
            circle |= dict.fromkeys(group, min(group))
    return circle


def one_record(ties: Iterable[Tie]) -> dict[str, str]:
    """What each duplicate is read as: the record that its same-as ties lead to. Other sources are left out.

    Of records that are said to be each other's duplicates, the one with the smallest id.
    """
    unions, duplicates = Unions(), set()
    groups: dict[Node, list[str]] = defaultdict(list)
    for tie in ties:
        if tie.kind == SAME_AS:
            duplicates.add(tie.source)
            unions.join(("source", tie.source), ("source", tie.principal))
    for kind, name in list(unions.parent):
        groups[unions.find((kind, name))].append(name)
    read_as: dict[str, str] = {}
    for group in groups.values():
        survivor = min(set(group) - duplicates, default=min(group))
        read_as |= {name: survivor for name in group if name != survivor}
    return read_as


def between(ties: list[Tie], speaking: Collection[str]) -> list[Tie]:
    """Of ties that form a forest, those on a path between two speaking sources: the ones that explain a merge."""
    at: dict[str, set[int]] = defaultdict(set)
    for index, tie in enumerate(ties):
        at[tie.source].add(index)
        at[tie.principal].add(index)
    dropped: set[int] = set()
    queue = [node for node in at if node not in speaking]
    while queue:
        node = queue.pop()
        if len(at[node]) == 1:
            index = at[node].pop()
            dropped.add(index)
            other = ties[index].principal if ties[index].source == node else ties[index].source
            at[other].discard(index)
            if other not in speaking:
                queue.append(other)
    return [tie for index, tie in enumerate(ties) if index not in dropped]
