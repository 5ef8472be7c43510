"""What the tests of review share: a second reviewer, and ways to ask and to answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from claims.statements.models import Claim
from tests.cast import T0, make_person
from verify.accounts.models import Role
from verify.review.content import content_digest
from verify.review.models import Review, Task
from verify.review.services import assign_review, submit_review


@pytest.fixture
def erin(desk: Any) -> Any:
    """A second reviewer."""
    return make_person("erin", desk, Role.CHECKER)


@pytest.fixture
def ask(bob: Any) -> Callable[..., Task]:
    """Bob asks somebody to review a claim."""
    return lambda claim, reviewer: assign_review(claim=claim, reviewer=reviewer, by=bob, at=T0)


@pytest.fixture
def answer() -> Callable[..., Review]:
    """The reviewer of a task gives an opinion on the claim as it is now."""

    def answer(task: Task, opinion: str = "approve", **given: Any) -> Review:
        seen = content_digest(Claim.objects.get(pk=task.claim_id))
        given = {"reason": "Looked at.", "content_digest_seen": seen, "by": task.assignee, "at": T0} | given
        return submit_review(task=task, opinion=opinion, **given)

    return answer
