"""The four axes of a claim as docs/reference/states.md shows them, drawn from the tables that hold them.

To write the page anew: `manage.py shell --no-imports -c "from verify.publish.axes import page; print(page(), end='')"`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from claims.statements import states as workflow
from claims.statements.states import Workflow as W
from verify.publish import states as publication
from verify.publish.states import PublicationState as P
from verify.review import states as review
from verify.review.states import TaskState as T
from verify.review.states import VerdictState as V

INTRODUCTION = """# The four axes of a claim

A claim has four states, and none follows from another: where the work on it is, what is held to be true, what the
world sees, and what is asked of its reviewers. Every move is on record with who, when and why. “Reason owed” means
that a move without a reason is refused.

*Drawn from the code, `verify/publish/axes.py`; a test compares.*
"""

WHO = {
    "hand": "a checker, by hand",
    "begin": "a checker, by hand; Verify, when the first assertion is recorded",
    "ask": "an editor, by asking for a review",
    "approve": "Verify, when enough people have approved this content and nobody owes an opinion",
    "return": "a checker, by hand; Verify, when the reviewers or the adjudicator return it",
    "reopen": "a checker, by hand; Verify, when the content is edited or a re-check finds that it no longer holds",
    "propose": "a checker, by proposing the next verdict",
    "settle": "Verify, when enough people have approved the content with it",
    "publish": "an editor",
    "give": "an editor",
    "take": "whoever may review the claim, by taking it from the pool",
    "accept": "its reviewer",
    "judge": "its reviewer, with the reason of the opinion",
    "cancel": "an editor, by cancelling it",
    "move": "an editor, also in the middle of it; Verify, to the pool, when its reviewer edits the content",
    "agree": "Verify, when the last opinion is in and all agree",
    "differ": "Verify, when the last opinion is in and they differ",
    "decide": "the adjudicator, who gave none of the opinions",
    "close": "Verify, when a re-check or an adjudication is answered, or the content is edited",
    "end": "Verify, when the claim is published, or the content is edited",
    "void": "Verify, when the content is edited",
}


class Axis(NamedTuple):
    """One axis: its moves, who makes each (a key of `WHO`), and whether a reason is owed."""

    title: str
    about: str
    begins: Any
    moves: Mapping[Any, frozenset[Any]]
    who: Callable[[Any, Any], str]
    owes: Callable[[Any, Any], bool]


def _moves_a_claim(old: W, new: W) -> str:
    if new == W.IN_REVIEW:
        return "ask"
    if new == W.APPROVED:
        return "approve"
    if new == W.IN_RESEARCH:
        by_itself = {W.DRAFT: "begin", W.TRIAGED: "begin", W.IN_REVIEW: "return"}
        return by_itself.get(old, "reopen" if old in (W.APPROVED, W.CLOSED) else "hand")
    return "hand"


def _moves_a_task(old: T, new: T) -> str:
    if new == T.DONE:
        return {T.SUBMITTED: "close", T.CONFLICT: "void"}.get(
            old, "end" if old in (T.AGREED, T.ADJUDICATED) else "cancel"
        )
    if new == T.ACCEPTED:
        return "take" if old == T.OPEN else "accept"
    if new in (T.OPEN, T.ASSIGNED):
        return "give" if old == T.OPEN else "move"
    return {
        T.DECLINED: "accept",
        T.SUBMITTED: "judge",
        T.AGREED: "agree",
        T.CONFLICT: "differ",
        T.ADJUDICATED: "decide",
    }[new]


AXES = (
    Axis(
        "Workflow",
        "Where the work on the claim is.",
        W.DRAFT,
        workflow.TRANSITIONS,
        _moves_a_claim,
        workflow.owes_reason,
    ),
    Axis(
        "Verdict",
        "What the desk holds. A verdict is never reworded: the next one has the next number. Its rating is a step of "
        "the desk's own scale, and any may follow any.",
        V.PROPOSED,
        review.VERDICT_TRANSITIONS,
        lambda _old, new: "settle" if new == V.APPROVED else "propose",
        lambda _old, new: new == V.REPLACED,
    ),
    Axis(
        "Publication",
        "What the world sees. A version never changes: a correction is a new one.",
        P.UNPUBLISHED,
        publication.TRANSITIONS,
        lambda _old, _new: "publish",
        publication.owes_reason,
    ),
    Axis(
        "Review task",
        "What is asked of one reviewer, or of the pool. A claim may have several at a time.",
        T.OPEN,
        review.TRANSITIONS,
        _moves_a_task,
        review.owes_reason,
    ),
)


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([INTRODUCTION, *(line for axis in AXES for line in _section(axis))])


def _section(axis: Axis) -> Iterator[str]:
    yield f"## {axis.title}\n\n{axis.about}\n"
    yield from _diagram(axis)
    yield "\n| From | To | Who | Reason owed |\n|---|---|---|---|"
    for old, new in _pairs(axis):
        reason = "yes" if axis.owes(old, new) else ""
        yield f"| {old.label} | {new.label} | {WHO[axis.who(old, new)]} | {reason} |"
    yield ""


def _diagram(axis: Axis) -> Iterator[str]:
    yield "```mermaid\nstateDiagram-v2"
    for state in axis.moves:
        yield f'    state "{state.label}" as {_id(state)}'
    yield f"    [*] --> {_id(axis.begins)}"
    for old, new in _pairs(axis):
        yield f"    {_id(old)} --> {_id(new)}"
    for state, following in axis.moves.items():
        if not following:
            yield f"    {_id(state)} --> [*]"
    yield "```"


def _pairs(axis: Axis) -> Iterator[tuple[Any, Any]]:
    """Every move, in the order of the states."""
    order = list(axis.moves)
    for old, following in axis.moves.items():
        for new in sorted(following, key=order.index):
            yield old, new


def _id(state: Any) -> str:
    return str(state.value).replace("-", "_")
