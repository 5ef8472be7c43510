"""Rating media: who may, of which copies, and what it does to the content that was judged."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from sources.archive.models import Capture
from sources.archive.services import request_capture
from tests.cast import T0
from verify.publish import fsck
from verify.publish.models import Version
from verify.publish.services import correct, publish
from verify.review.content import content_digest, content_of
from verify.review.media import rate_media, withdraw_media_rating
from verify.review.models import MediaRating
from verify.review.services import approvals_of

pytestmark = pytest.mark.django_db

LATER = T0 + timedelta(hours=2)


@pytest.fixture
def rate(alice, make_capture):
    def make(claim: Any, capture: Any = None, **fields: Any) -> MediaRating:
        given = {
            "media": "video",
            "rating": "DecontextualizedContent",
            "context": "Filmed in 2013, in another town.",
            "original_url": "https://wire.example/2013",
            "by": alice,
            "at": LATER,
        } | fields
        return rate_media(claim=claim, capture=capture or make_capture(), **given)

    return make


def test_content_without_media_has_the_schema_and_digest_of_before(researched_claim):
    content = content_of(researched_claim)
    assert content["schema"] == "verify-claim/2" and "media" not in content


def test_rated_medium_is_part_of_what_is_judged(researched_claim, make_capture, rate):
    capture = make_capture()
    made = rate(researched_claim, capture)
    content = content_of(researched_claim)
    assert content["schema"] == "verify-claim/3"
    [medium] = content["media"]
    assert medium["id"] == str(made.pk) and medium["capture"]["id"] == str(capture.pk)
    assert medium["is_file"] is False  # the copy is of a text
    assert medium["original_url"] == "https://wire.example/2013"


def test_rating_voids_opinions_and_withdrawing_it_restores_the_very_content(approved_claim, rate, alice):
    before = content_digest(approved_claim)
    made = rate(approved_claim)
    approved_claim.refresh_from_db()
    assert approved_claim.workflow == "in-research"
    assert approvals_of(approved_claim, content_digest(approved_claim)) == 0
    withdraw_media_rating(media_rating=made, why="Another film.", by=alice, at=LATER)
    assert content_digest(approved_claim) == before
    made.refresh_from_db()
    assert (made.withdrawn_by, made.withdrawn_because) == (alice, "Another film.")


def test_copy_is_rated_once_and_again_after_withdrawal(researched_claim, make_capture, rate, alice):
    capture = make_capture()
    made = rate(researched_claim, capture)
    with pytest.raises(ValidationError) as refusal:
        rate(researched_claim, capture)
    assert "capture" in refusal.value.message_dict
    withdraw_media_rating(media_rating=made, why="Wrong.", by=alice, at=LATER)
    rate(researched_claim, capture, rating="StagedContent")
    assert content_of(researched_claim)["media"][0]["rating"] == "StagedContent"


def test_withdrawing_twice_is_refused(researched_claim, rate, alice):
    made = rate(researched_claim)
    with pytest.raises(ValidationError):
        withdraw_media_rating(media_rating=made, why=" ", by=alice, at=LATER)
    withdraw_media_rating(media_rating=made, why="Wrong.", by=alice, at=LATER)
    with pytest.raises(ValidationError):
        withdraw_media_rating(media_rating=made, why="Again.", by=alice, at=LATER)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("original_url", "javascript:alert(1)"),
        ("original_url", "https://[x"),
        ("original_url", "wire.example/1"),
        ("original_url", "https://wire.example/a b"),
        ("original_url", "https://wire.example/" + "x" * 2048),
        ("context", "  "),
        ("media", "smell"),
        ("rating", "Fake"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(researched_claim, rate, field, value):
    with pytest.raises(ValidationError) as refusal:
        rate(researched_claim, **{field: value})
    assert field in refusal.value.message_dict and not MediaRating.objects.exists()


def test_copy_must_be_archived_and_of_the_desk(researched_claim, rate, alice, desk, mallory, other_desk):
    queued = request_capture(desk=desk, url="http://wire.example/film", by=alice, at=T0)
    with pytest.raises(ValidationError):
        rate(researched_claim, queued)
    foreign = Capture(pk=queued.pk, desk=other_desk, state="archived")
    with pytest.raises(ValidationError):
        rate(researched_claim, foreign)


@pytest.mark.parametrize("person", ["dave", "mallory"])
def test_only_checkers_of_the_desk_rate(request, researched_claim, rate, person):
    somebody = request.getfixturevalue(person)
    with pytest.raises(PermissionDenied):
        rate(researched_claim, by=somebody)
    made = rate(researched_claim)
    with pytest.raises(PermissionDenied):
        withdraw_media_rating(media_rating=made, why="x", by=somebody, at=LATER)


def test_rating_is_never_reworded(researched_claim, rate):
    made = rate(researched_claim)
    with pytest.raises(DatabaseError), transaction.atomic():
        MediaRating.objects.filter(pk=made.pk).update(context="Something else.")
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_correction_publishes_the_medium_and_fsck_reads_both_schemas(published_claim, rate, approve, bob):
    rate(published_claim)
    approve(published_claim)
    correct(claim=published_claim, reason="A film was rated.", by=bob, at=LATER)
    schemas = [
        json.loads(bytes(one.snapshot))["claim"]["schema"] for one in Version.objects.order_by("number")
    ]
    assert schemas == ["verify-claim/2", "verify-claim/3"]
    assert [str(fault) for fault in fsck.faults()] == []


def test_published_medium_is_named_to_who_would_erase_its_copy(
    researched_claim, make_capture, rate, approve, bob
):
    from verify.publish.models import Publication

    capture = make_capture()
    rate(researched_claim, capture)
    approve(researched_claim)
    publish(claim=researched_claim, by=bob, at=LATER)
    assert Publication.objects.naming([capture.pk]).count() == 1
