"""Whatever is published, hidden, withdrawn or undone, in whatever order: a follower ends with the published set."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from claims.statements.models import Claim
from tests.verify.api.consumer import Consumer, published_set
from verify.publish.models import Announcement
from verify.publish.services import correct, pause, resume, retract

pytestmark = pytest.mark.django_db
PLACES = st.integers(0, 2)


class Undone(Exception):
    pass


class Following(RuleBasedStateMachine):
    """Each example is undone at its end; the consumer of each begins with nothing."""

    claims: ClassVar[list[Any]]
    by: ClassVar[Any]
    client: ClassVar[Any]
    approve: ClassVar[Callable[[Any], None]]
    reword: ClassVar[Callable[..., None]]
    did: ClassVar[dict[str, int]] = {}
    texts = count()

    def __init__(self) -> None:
        super().__init__()
        self.all = transaction.atomic()
        self.all.__enter__()
        self.consumer = Consumer(self.client, expand=True, limit=2)

    def teardown(self) -> None:
        self.catch_up()
        transaction.set_rollback(True)
        self.all.__exit__(None, None, None)

    def move(self, service: Any, place: int) -> None:
        claim = Claim.objects.get(pk=self.claims[place].pk)
        try:
            service(claim=claim, reason="As readers see.", by=self.by, at=timezone.now())
        except ValidationError:  # not from the state in which it is
            return
        self.did[service.__name__] = self.did.get(service.__name__, 0) + 1

    @rule(place=PLACES, service=st.sampled_from([pause, resume, pause, resume, retract]))
    def moved(self, place: int, service: Any) -> None:
        self.move(service, place)

    @rule(place=PLACES)
    def there_and_back(self, place: int) -> None:
        self.move(pause, place)
        self.move(resume, place)

    @rule(place=PLACES)
    def corrected(self, place: int) -> None:
        claim = Claim.objects.get(pk=self.claims[place].pk)
        type(self).reword(claim, f"It is so, as of {next(self.texts)}.")
        type(self).approve(claim)
        self.move(correct, place)

    @rule(place=PLACES, service=st.sampled_from([pause, resume, retract]))
    def undone(self, place: int, service: Any) -> None:
        with pytest.raises(Undone), transaction.atomic():
            self.move(service, place)
            raise Undone

    @rule()
    def a_page(self) -> None:
        self.consumer.step()

    @rule()
    def catch_up(self) -> None:
        self.consumer.follow()
        assert self.consumer.copies == published_set()

    @rule(limit=st.integers(1, 4), expand=st.booleans())
    def begin_anew(self, limit: int, expand: bool) -> None:
        self.consumer = Consumer(self.client, expand=expand, limit=limit)
        self.consumer.export()

    @invariant()
    def numbers_have_no_hole(self) -> None:
        numbers = list(Announcement.objects.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


def test_whatever_happens_in_whatever_order(api, make_published, reword, approve, bob):
    Following.claims = [make_published(f"Claim {number}.") for number in range(3)]
    Following.by, Following.client = bob, api
    Following.reword, Following.approve = staticmethod(reword), staticmethod(approve)
    few = settings(
        max_examples=8, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Following, settings=few)
    print(f"\n{Following.did}")
    assert Following.did.get("pause") and Following.did.get("resume"), Following.did
