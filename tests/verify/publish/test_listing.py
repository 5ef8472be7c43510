"""What lists go by: derived from a snapshot alone, kept in the transaction of the move, mended by relist."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from io import StringIO
from typing import Any
from uuid import UUID, uuid5

import pytest
from django.core.management import call_command
from django.utils import timezone

from claims.statements.models import Topic
from sources.catalog.models import SourceKind
from tests.cast import at_once
from tests.verify.publish import contents
from verify.publish import listed, listing
from verify.publish.fsck import faults
from verify.publish.models import Listing, Publication
from verify.publish.services import correct, pause, publish, resume, retract

NAMES = UUID(int=7)
STANDING = listing.Standing(
    state="published",
    sha256="ab" * 32,
    changed_at=datetime(2025, 3, 11, 9, tzinfo=UTC),
    first_published_at=datetime(2025, 3, 10, 8, tzinfo=UTC),
)


def uid(name: str) -> str:
    return str(uuid5(NAMES, name))


def with_ids(value: Any) -> Any:
    """Contents of tests name things by short ids; a database has UUIDs."""
    if isinstance(value, list):
        return [with_ids(each) for each in value]
    if isinstance(value, dict):
        return {name: uid(each) if name == "id" else with_ids(each) for name, each in value.items()}
    return value


def columns(content: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    snapshot = contents.version(with_ids(content or contents.whole()), **fields)
    return listing.columns(snapshot, STANDING, url="/claims/1/", publisher_url="/")


def test_everybody_named_is_found_and_nobody_protected():
    made = columns()
    assert set(made["speakers"]) == {UUID(uid(n)) for n in ("spokesperson", "broadcaster", "portal")}
    assert set(made["sources"]) == {*made["speakers"], UUID(uid("ministry")), UUID(uid("agency"))}
    assert UUID(uid("witness")) not in made["sources"]


def test_the_record_that_was_merged_is_found_too():
    former = contents.source("new", recorded_as={"id": "old", "name": "Old"})
    made = columns(contents.claim(assertions=[contents.said("a1", speaker=former)]))
    assert made["speakers"] == made["sources"] == sorted([UUID(uid("new")), UUID(uid("old"))])


def test_places_are_found_by_id_and_by_every_name_of_the_path():
    made = columns()
    for name in ("Latakia", "latakia", "اللاذقية", "Syria", "سوريا"):
        assert listing.place_key(name) in made["places"], name
    assert uid("p1") in made["places"]
    assert listing.place_key("Homs") not in made["places"]


def test_what_the_first_schema_wrote_of_a_place_is_found_as_it_was_written():
    made = columns(contents.frozen())
    assert made["places"] == [listing.place_key("Latakia and Tartous")]
    assert made["topics"] == []


def test_a_retracted_version_has_neither_verdict_nor_review():
    made = columns(kind="retracted", reason="Misread.")
    assert (made["retracted"], made["verdict"], made["review"]) == (True, "", "")
    assert json.loads(made["summary"])["verdict"] is None


def test_the_span_of_what_was_said_is_of_all_assertions():
    told = [
        contents.said("a1", said_at="2025-03-09T10:00:00.000000Z"),
        contents.said("a2", said_at=None, published_at="2025-03-07T00:00:00.000000Z"),
        contents.said("a3", said_at=None),
    ]
    made = columns(contents.claim(assertions=told))
    assert (made["said_from"].day, made["said_until"].day) == (7, 9)
    assert columns(contents.claim())["said_from"] is None


def test_the_summary_has_every_count_that_the_snapshot_has():
    counts = {"outlets": 3, "origins": 2, "independent_origins": 1, "circle_origins": 1, "linked_origins": 0}
    made = columns(origins={"counts": counts})
    assert json.loads(made["summary"])["origins"] == counts


@pytest.mark.parametrize(
    ("one", "other"),
    [("Größe", "grosse"), ("Éte\u0301", "ete"), ("أَحْمَد", "احمد"), ("ســوريا", "سوريا"), ("A  b\nC", "a b c")],
)
def test_texts_that_differ_in_marks_alone_are_folded_alike(one, other):
    assert listing.folded(one) == listing.folded(other)


# --- Kept -----------------------------------------------------------------------------------------------------------


def test_publishing_lists_it_and_a_pause_takes_it_off(published_claim, bob):
    assert Listing.objects.get().version == published_claim.versions.get()
    pause(claim=published_claim, reason="r", by=bob, at=timezone.now())
    assert not Listing.objects.exists()
    resume(claim=published_claim, reason="r", by=bob, at=timezone.now())
    assert json.loads(Listing.objects.get().summary)["state"] == "published"
    assert list(faults()) == []


def test_a_correction_lists_what_it_says_and_when_it_was_first_published(
    published_claim, bob, reword, approve
):
    first = Listing.objects.get().first_published_at
    reword(published_claim, "The group put the dead at 803.")
    approve(published_claim)
    correct(claim=published_claim, reason="Revised.", by=bob, at=timezone.now())
    row = Listing.objects.get()
    assert "803" in row.text and "745" not in row.text
    assert (row.first_published_at, row.version.number) == (first, 2)


def test_a_retraction_stays_listed_and_says_so(published_claim, bob):
    retract(claim=published_claim, reason="Misread.", by=bob, at=timezone.now())
    row = Listing.objects.get()
    assert (row.retracted, row.verdict, json.loads(row.summary)["state"]) == (True, "", "retracted")


def test_topics_are_frozen_with_the_version_and_a_retraction_keeps_them(approved_claim, desk, bob):
    topic = Topic.objects.create(desk=desk, name="Casualties")
    approved_claim.topics.add(topic)
    first = publish(claim=approved_claim, by=bob, at=timezone.now())
    approved_claim.topics.clear()
    last = retract(claim=approved_claim, reason="Misread.", by=bob, at=timezone.now())
    for version in (first, last):
        snapshot = json.loads(bytes(version.snapshot))
        assert snapshot["schema"] == "verify-version/2"
        assert snapshot["topics"] == [{"id": topic.pk, "name": "Casualties"}]
    assert Listing.objects.get().topics == [topic.pk]


def test_relist_makes_what_is_missing_old_or_too_much(published_claim, make_published, bob):
    older, hidden = make_published("An older one."), make_published("A hidden one.")
    whole = list(Listing.objects.filter(pk=older.pk).values())
    extra = Listing.objects.get(pk=hidden.pk)
    Listing.objects.filter(pk=older.pk).update(format=0, text="x", summary="{}")
    Listing.objects.filter(pk=published_claim.pk).delete()
    pause(claim=hidden, reason="r", by=bob, at=timezone.now())
    extra.save(force_insert=True)
    assert listed.relist() == 3
    assert list(Listing.objects.filter(pk=older.pk).values()) == whole
    assert set(Listing.objects.values_list("pk", flat=True)) == {older.pk, published_claim.pk}
    assert listed.relist() == 0
    assert list(faults()) == []


def test_an_upgrade_lists_what_it_finds_unlisted(published_claim, django_assert_num_queries):
    Listing.objects.all().delete()
    out = StringIO()
    call_command("migrate", verbosity=0, stdout=out)
    assert Listing.objects.count() == 1
    from verify.apps import VerifyConfig
    from verify.publish.receivers import list_the_unlisted

    with django_assert_num_queries(1):
        list_the_unlisted(app_config=VerifyConfig.create("verify"), verbosity=0)


def test_a_listing_is_of_the_version_not_of_the_claim(published_claim, reword):
    before = Listing.objects.values().get()
    reword(published_claim, "Nobody published this wording.")
    assert Listing.objects.values().get() == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_whoever_moves_it_at_the_same_time_leaves_the_right_listing(
    published_claim, bob, alice, reword, approve
):
    outcomes: list[Any] = []
    for number in range(6):
        reword(published_claim, f"The group put the dead at {900 + number}.")
        approve(published_claim)
        given = {"claim": published_claim, "by": bob}
        if number % 2:
            Listing.objects.update(format=0)
        outcomes += at_once(
            partial(correct, **given, reason="Revised.", at=timezone.now()),
            partial(pause, **given, reason="Wait.", at=timezone.now()),
            listed.relist,
        )
        assert list(faults()) == [], f"round {number}"
        state = Publication.objects.get().state
        assert Listing.objects.filter(format=listing.FORMAT).count() == (state != "paused")
    assert not [each for each in outcomes if isinstance(each, Exception) and "circle" in str(each)]


def test_a_protected_person_is_in_no_column(make_published, make_source):
    person = make_source("Witness 4", kind=SourceKind.PROTECTED_PERSON)
    claim = make_published("A witness saw it.", said={"speaker": person})
    row = Listing.objects.get(pk=claim.pk)
    assert person.pk not in (*row.sources, *row.speakers)
