"""What tests of the upper floor share: ways to have claims approved and published by the cast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from claims.statements.services import edit_claim
from tests.cast import T0
from verify.publish.services import publish
from verify.review.content import content_digest
from verify.review.services import assign_review, propose_verdict, submit_review


@pytest.fixture
def approve(bob: Any, carol: Any) -> Callable[[Any], None]:
    """Carol approves a claim as it is, at Bob's request."""

    def approve(claim: Any) -> None:
        at = timezone.now()
        task = assign_review(claim=claim, reviewer=carol, by=bob, at=at)
        seen = content_digest(claim)
        submit_review(
            task=task, opinion="approve", reason="It holds.", content_digest_seen=seen, by=carol, at=at
        )
        claim.refresh_from_db()

    return approve


@pytest.fixture
def reword(alice: Any) -> Callable[..., None]:
    """Alice rewords a claim."""

    def reword(claim: Any, text: str, headline: str = "") -> None:
        claim.refresh_from_db()
        at = timezone.now()
        edit_claim(claim=claim, revision=claim.revision, text=text, headline=headline, by=alice, at=at)
        claim.refresh_from_db()

    return reword


@pytest.fixture
def make_published(
    make_claim: Any, make_assertion: Any, approve: Any, desk: Any, alice: Any, bob: Any
) -> Callable[..., Any]:
    """A published claim with a verdict and one assertion, to which `said` gives fields."""

    def make(text: str, said: dict[str, Any] | None = None, **fields: Any) -> Any:
        claim = make_claim(text, **fields)
        make_assertion(claim, **(said or {}))
        rating = desk.ratings.get(code="confirmed")
        propose_verdict(claim=claim, rating=rating, rationale="It is so.", by=alice, at=T0)
        claim.refresh_from_db()
        approve(claim)
        publish(claim=claim, by=bob, at=timezone.now())
        return claim

    return make
