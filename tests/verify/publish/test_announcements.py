"""What changes for the world is announced by the database: each once, in the order in which it could be seen."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from verify.publish.models import Announcement, Publication
from verify.publish.services import pause, resume, retract

pytestmark = pytest.mark.django_db


def told() -> list[tuple[int, str, int]]:
    return list(Announcement.objects.order_by("number").values_list("number", "state", "version__number"))


def act(service: Any, claim: Any, by: Any) -> None:
    service(claim=claim, reason="As readers see.", by=by, at=timezone.now())


def test_each_move_is_announced_with_the_version_that_it_shows(published_claim, bob):
    act(pause, published_claim, bob)
    act(resume, published_claim, bob)
    act(retract, published_claim, bob)
    assert told() == [(1, "published", 1), (2, "paused", 1), (3, "published", 1), (4, "retracted", 2)]
    assert Announcement.objects.values("mark").distinct().count() == 4


def test_what_is_rolled_back_leaves_no_hole(published_claim, bob):
    with pytest.raises(RuntimeError), transaction.atomic():
        act(pause, published_claim, bob)
        raise RuntimeError
    act(pause, published_claim, bob)
    assert told() == [(1, "published", 1), (2, "paused", 1)]


def test_a_claim_that_was_never_published_is_not_announced(make_claim):
    Publication.objects.create(claim=make_claim(), changed_at=timezone.now())
    assert told() == []


def test_a_change_in_sql_is_announced_too(published_claim, sql):
    sql("UPDATE verify_publication SET state = 'paused', changed_at = now()")
    assert told()[1:] == [(2, "paused", 1)]


def test_a_move_that_changes_nothing_is_not_announced(published_claim, sql):
    assert (
        sql("UPDATE verify_publication SET changed_at = now(), state = state, version_id = version_id") == 1
    )
    assert told() == [(1, "published", 1)]


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE verify_announcement SET state = 'paused'",
        "UPDATE verify_announcement SET mark = gen_random_uuid()",
        "DELETE FROM verify_announcement",
        "TRUNCATE verify_announcement CASCADE",
    ],
)
def test_what_was_announced_stays(published_claim, sql, attack):
    before = list(Announcement.objects.values())
    with pytest.raises(DatabaseError):
        sql(attack)
    assert list(Announcement.objects.values()) == before


@pytest.mark.parametrize(("number", "state"), [(0, "paused"), (2, "unpublished"), (2, "seen"), (1, "paused")])
def test_an_announcement_that_says_nonsense_is_refused(published_claim, sql, number, state):
    with pytest.raises(DatabaseError):
        sql(
            "INSERT INTO verify_announcement (number, mark, claim_id, state, version_id, at)"
            " SELECT %s, gen_random_uuid(), claim_id, %s, version_id, now() FROM verify_publication",
            [number, state],
        )
