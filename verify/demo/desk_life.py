"""What the demo's desk is in the middle of: opinions that differ, work to be taken, comments, topics, a saved view."""

from __future__ import annotations

from django.utils import timezone

from claims.attribution.models import Assertion
from claims.statements.models import Claim, Figure
from claims.statements.services import make_topic, tag_claims
from verify.demo import talked
from verify.demo.records import Thread
from verify.demo.registry import Cast
from verify.review.comments import comment, resolve_thread
from verify.review.models import Comment, Priority, TaskKind
from verify.review.services import assign_adjudication, assign_review, decline_task
from verify.web.saved_views import save_view


def live(
    cast: Cast, claims: dict[str, Claim], assertions: dict[str, Assertion], figures: dict[str, Figure]
) -> None:
    """All of it; the reviews have been given."""
    _tasks(cast, claims)
    for thread in talked.THREADS:
        _discuss(thread, cast, claims[thread.claim], assertions, figures)
    by = cast.people["editor"]
    for name, keys in talked.TOPICS.items():
        topic = make_topic(desk=cast.desk, name=name, by=by, at=timezone.now())
        tag_claims(claims=[claims[key] for key in keys], topics=[topic], by=by, at=timezone.now())
    save_view(
        desk=cast.desk, name="Nobody has it", query="assignee=pool", is_shared=True, by=by, at=timezone.now()
    )


def _tasks(cast: Cast, claims: dict[str, Claim]) -> None:
    """A conflict that waits for its adjudicator, a task that is free to be taken, one that was declined."""
    editor = cast.people["editor"]
    assign_adjudication(
        claim=claims["violations"],
        adjudicator=cast.people["admin"],
        instructions="They differ on what the ministry has admitted. Please read its Arabic text.",
        by=editor,
        at=timezone.now(),
    )
    assign_review(
        claim=claims["only-111"],
        reviewer=None,
        kind=TaskKind.EVIDENCE_REVIEW,
        priority=Priority.HIGH,
        instructions="Does the briefing say anywhere that 111 is everybody who was killed?",
        by=editor,
        at=timezone.now(),
    )
    declined = assign_review(
        claim=claims["road-clip"],
        reviewer=cast.people["second"],
        kind=TaskKind.SOURCE_CHECK,
        by=editor,
        at=timezone.now(),
    )
    decline_task(
        task=declined,
        reason="I know somebody who appears in the clip.",
        by=cast.people["second"],
        at=timezone.now(),
    )


def _discuss(
    thread: Thread,
    cast: Cast,
    claim: Claim,
    assertions: dict[str, Assertion],
    figures: dict[str, Figure],
) -> None:
    begun: Comment | None = None
    quote = assertions[thread.assertion].anchors.first() if thread.assertion else None
    figure = figures[thread.figure] if thread.figure else None
    for who, words in thread.said:
        said = comment(
            claim=claim,
            text=words,
            parent=begun,
            anchor=None if begun else quote,
            figure=None if begun else figure,
            by=cast.people[who],
            at=timezone.now(),
        )
        begun = begun or said
    if thread.resolved_by and begun:
        resolve_thread(thread=begun, by=cast.people[thread.resolved_by], at=timezone.now())
