"""The moves of a claim along its axes, as its history tells them: what one person did at one moment is one act.

Of a review it is told that it was asked for, taken and given, and what came of it when all had answered: no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from claims.statements.models import Axis, Claim, Transition
from claims.statements.states import Workflow
from verify.publish.states import PublicationState
from verify.review.models import Rating, Task
from verify.review.states import WAITING, TaskState

ASKING = ("open", "assigned", "declined")  # moves of a task whose reasons give no opinion away


@dataclass
class Move:
    """One thing's way along one axis: the states that it went through in one act, the last one last."""

    axis: str
    what: str
    path: list[str]
    why: list[str]
    about: UUID | None
    count: int = 1  # of things that went the same way for the same reasons

    @property
    def did(self) -> str:
        return self.path[-1]

    @property
    def was(self) -> list[str]:
        return self.path[:-1]

    def says_the_same(self, other: Move) -> bool:
        return (self.axis, self.path, self.why) == (other.axis, other.path, other.why)


@dataclass
class Act:
    """What one person, or the system, moved at one moment, in the order in which it moved."""

    at: datetime
    by: str
    moves: list[Move]

    @property
    def about(self) -> UUID | None:
        """The one thing that all of it is about; None when there are several."""
        about = {move.about for move in self.moves}
        return about.pop() if len(about) == 1 and all(move.count == 1 for move in self.moves) else None


class Acts:
    """Those of the claim's moves `among` which the acts are that are `numbered`, each by the last of its moves."""

    def __init__(self, claim: Claim, among: QuerySet[Transition], numbered: list[int]) -> None:
        last = among.filter(pk__in=numbered).order_by().values("at")
        found = among.filter(at__in=last).select_related("by").order_by("pk") if numbered else []
        together: dict[Any, list[Transition]] = defaultdict(list)
        for move in found:
            together[move.at, move.by_id].append(move)
        self.acts = {moves[-1].pk: moves for moves in together.values()}
        self.words = _words(claim, {move.axis for move in found})
        # While an opinion is outstanding, what was said when others came in gives them away.
        tasks = any(move.axis == Axis.TASK for move in found)
        self.silent = tasks and Task.objects.filter(claim=claim, state__in=WAITING).exists()

    def read(self, number: int) -> Act:
        moves = self.acts[number]
        ways: dict[Any, list[Transition]] = defaultdict(list)
        for move in moves:
            ways[move.axis, move.subject].append(move)
        told: list[Move] = []
        for way in map(self._way, ways.values()):
            same = next((each for each in told if each.says_the_same(way)), None)
            if same:
                same.count += 1
            else:
                told.append(way)
        return Act(moves[-1].at, str(moves[-1].by or ""), told)

    def _way(self, moves: list[Transition]) -> Move:
        first, axis = moves[0], Axis(moves[0].axis)
        states: list[str] = []
        for move in moves:
            states += [move.old, move.new] if move.old and states[-1:] != [move.old] else [move.new]
        said = self.words[axis]
        why = [move.reason for move in moves if move.reason and not self._is_silent(move)]
        path = [said.get(state, state) for state in states]
        return Move(axis, str(axis.label), path, list(dict.fromkeys(why)), first.subject)

    def _is_silent(self, move: Transition) -> bool:
        return move.axis == Axis.TASK and self.silent and move.new not in ASKING


def latest(moves: Iterable[Transition]) -> list[Transition]:
    """Of moves, newest first, those by which something came to rest in an act; several to one state are told once."""
    told: set[Any] = set()
    kept = []
    for move in moves:
        act = (move.claim_id, move.at, move.by_id, move.axis)
        thing, state = (*act, move.subject), (*act, move.new)
        if thing not in told and state not in told:
            kept.append(move)
            told.add(state)
        told.add(thing)
    return kept


def _words(claim: Claim, axes: set[str]) -> dict[str, dict[str, str]]:
    """The states of each axis in the reader's language; the verdict's are the desk's own."""
    ratings = Rating.objects.filter(desk=claim.desk_id) if Axis.VERDICT in axes else []
    return {
        Axis.WORKFLOW: {state.value: str(state.label) for state in Workflow},
        Axis.PUBLICATION: {state.value: str(state.label) for state in PublicationState},
        Axis.TASK: {state.value: str(state.label) for state in TaskState},
        Axis.VERDICT: {rating.code: str(rating) for rating in ratings},
    }
