"""The guarantee of docs/reference/sync.md under everything at once: whoever follows has exactly the published set."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from random import Random
from threading import Event
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from claims.statements.models import Claim
from claims.statements.services import edit_claim
from tests.cast import at_once
from tests.verify.api.conftest import Caller
from tests.verify.api.consumer import Consumer, published_set
from verify.publish.models import Announcement, Publication
from verify.publish.services import correct, pause, resume, retract

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = int(os.environ.get("VERIFY_SYNC_ROUNDS", "4"))
ACTS = 25  # of each writer in a round


class Undone(Exception):
    """Somebody changed their mind after the move."""


def done_or_refused() -> Any:
    """What rivals make impossible is refused with a sentence; anything else is a fault."""
    return suppress(ValidationError)


def move(service: Callable[..., Any], claim: Any, by: Any) -> None:
    service(claim=claim, reason="As readers see.", by=by, at=timezone.now())


def undone(claim: Any, by: Any, services: list[Any]) -> None:
    with suppress(Undone), transaction.atomic():
        for service in services:
            with done_or_refused():
                move(service, claim, by)
        raise Undone


def killed(claim: Any, by: Any) -> None:
    """The database ends our connection in the middle of a transaction that has announced something already."""
    try:
        with transaction.atomic():
            with done_or_refused():
                move(pause, claim, by)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    except DatabaseError:
        connection.close()
    else:
        raise AssertionError("the connection was not ended")


class Writer:
    """Moves claims about as chance has it. Counts what it did, by name."""

    def __init__(
        self, claims: list[Any], by: Any, random: Random, revise: Callable[[Any], None] | None
    ) -> None:
        self.claims, self.by, self.random, self.revise = claims, by, random, revise
        self.did: dict[str, int] = {}

    def __call__(self) -> None:
        for _ in range(ACTS):
            claim = Claim.objects.get(pk=self.random.choice(self.claims).pk)
            name, deed = self.random.choice(self._deeds(claim))
            with done_or_refused():
                deed()
                self.did[name] = self.did.get(name, 0) + 1

    def _deeds(self, claim: Any) -> list[tuple[str, Callable[[], None]]]:
        deeds: list[tuple[str, Callable[[], None]]] = [
            ("pause", partial(move, pause, claim, self.by)),
            ("resume", partial(move, resume, claim, self.by)),
            ("pause", partial(move, pause, claim, self.by)),
            ("resume", partial(move, resume, claim, self.by)),
            ("roll back", partial(undone, claim, self.by, [pause, resume])),
            ("kill", partial(killed, claim, self.by)),
        ]
        if self.revise is not None:
            deeds += [("correct", partial(self.revise, claim))] * 2
        if self.random.random() < 0.05:
            deeds = [("retract", partial(move, retract, claim, self.by))]
        return deeds


@pytest.fixture
def revise(alice: Any, approve: Any, bob: Any) -> Callable[[Any], None]:
    """Alice rewords a claim, Carol approves it, Bob publishes the correction."""
    texts = iter(range(10**6))

    def revise(claim: Any) -> None:
        given = {"text": f"It is so, as of {next(texts)}.", "headline": "", "by": alice}
        edit_claim(claim=claim, revision=claim.revision, at=timezone.now(), **given)
        claim.refresh_from_db()
        approve(claim)
        move(correct, claim, bob)

    return revise


def watch(over: Event) -> int:
    """Read the numbers as fast as one can: never n + 1 without n. How often they were read."""
    looks = newest = 0
    while not over.is_set():
        seen = list(Announcement.objects.order_by("number").values_list("number", flat=True))
        assert seen == list(range(1, len(seen) + 1)), "a number was seen before the one before it"
        assert len(seen) >= newest, "a number that was seen is gone"
        looks, newest = looks + 1, len(seen)
    return looks


def test_whoever_follows_has_exactly_the_published_set(make_published, revise, bob, desk):
    random, total = Random(7), {"announcements": 0, "looks": 0, "pages": 0, "crashes": 0}
    claims = [make_published(f"Claim {number}.") for number in range(8)]
    consumers = [
        Consumer(Caller(), expand=True, limit=3, random=Random(1)),
        Consumer(Caller(), expand=False, limit=5, atomic=True, random=Random(2)),
    ]
    for number in range(ROUNDS):
        over, writing = Event(), []
        # Each writer has claims of its own and two that all fight for; the first one revises too.
        for place in range(3):
            own = claims[2 + 2 * place : 4 + 2 * place] + claims[:2]
            revising = revise if place == 0 else None
            writing.append(Writer(own, bob, Random(random.random()), revising))

        def write(number: int = number, writing: list[Writer] = writing, over: Event = over) -> None:
            try:
                for outcome in at_once(*writing):
                    assert outcome is None
            finally:
                over.set()

        follow = [partial(consumer.follow, until=over.is_set) for consumer in consumers]
        _wrote, looks, *_followed = at_once(write, partial(watch, over), *follow)
        for consumer in consumers:
            assert consumer.copies == published_set(), f"round {number}"
        fresh = Consumer(Caller(), expand=True, limit=100)
        fresh.export()
        fresh.follow()
        assert fresh.copies == published_set(), f"round {number}"
        total["looks"] += looks
        for writer in writing:
            for name, times in writer.did.items():
                total[name] = total.get(name, 0) + times
        retracted = Publication.objects.filter(state="retracted").values_list("pk", flat=True)
        claims = [make_published(f"Anew {number}.") if one.pk in retracted else one for one in claims]
    total["announcements"] = Announcement.objects.count()
    total["pages"] = sum(consumer.pages for consumer in consumers)
    total["crashes"] = sum(consumer.crashes for consumer in consumers)
    print(f"\n{ROUNDS} rounds: {total}")
    assert total["crashes"] and total["kill"] and total["roll back"] and total["correct"], total
    assert total["looks"] > ROUNDS
