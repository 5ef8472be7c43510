"""What is filed under which topic is on record: who filed it, when, who took it out; and the record stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from claims.statements.models import Filing, Topic
from claims.statements.services import make_topic, tag_claims, untag_claims
from tests.cast import T0

pytestmark = pytest.mark.django_db
FILINGS: Any = Filing.pgh_event_model  # type: ignore[attr-defined] # put there by pghistory
TOPICS: Any = Topic.pgh_event_model  # type: ignore[attr-defined] # put there by pghistory


def record(events: Any) -> list[tuple[str, str, str]]:
    """(label, who, when) of each, oldest first."""
    said = [(event.pgh_label, event.pgh_context.metadata) for event in events.objects.order_by("pgh_id")]
    return [(label, meta["by"], meta["at"]) for label, meta in said]


def test_filing_and_taking_out_are_on_record(make_claim, alice, bob, desk):
    claim = make_claim("A claim.")
    topic = make_topic(desk=desk, name="Floods", by=alice, at=T0)
    tag_claims(claims=[claim], topics=[topic], by=alice, at=T0)
    tag_claims(claims=[claim], topics=[topic], by=bob, at=T0)  # it is there already: nothing to record
    later = T0 + timedelta(hours=1)
    untag_claims(claims=[claim], topics=[topic], by=bob, at=later)
    assert record(FILINGS) == [
        ("insert", str(alice.pk), T0.isoformat()),
        ("delete", str(bob.pk), later.isoformat()),
    ]
    assert set(FILINGS.objects.values_list("claim", "topic")) == {(claim.pk, topic.pk)}
    assert record(TOPICS) == [("insert", str(alice.pk), T0.isoformat())]


def test_record_of_topics_refuses_to_be_rewritten(make_claim, alice, desk):
    topic = make_topic(desk=desk, name="Floods", by=alice, at=T0)
    tag_claims(claims=[make_claim("A claim.")], topics=[topic], by=alice, at=T0)
    for table in ("claims_filingevent", "claims_topicevent"):
        for words in (f"UPDATE {table} SET pgh_label = ''", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with (
                pytest.raises(DatabaseError, match=r"Cannot update or delete|append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(words)
    assert FILINGS.objects.count() == TOPICS.objects.count() == 1
