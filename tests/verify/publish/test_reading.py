"""What lists and searches find: by what was published, in words and their parts, and by every filter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from claims.statements.models import Topic
from tests.cast import T0
from verify.publish import reading
from verify.publish.models import Listing
from verify.publish.services import publish, retract

pytestmark = pytest.mark.django_db


def found(**filters):
    rows = set(reading.listings(**filters).values_list("pk", flat=True))
    assert rows == set(reading.found(reading.published(), **filters).values_list("pk", flat=True))
    return rows


@pytest.mark.parametrize(
    "q",
    [
        "monitoring group",
        "killings monitors",  # neither is there …
        "MONITORING",
        "group dead",
        "nitor",
        "745",
        '"civilian dead"',
        "zanzibar or group",
        "the",
    ],
)
def test_words_and_parts_of_words_are_found(published_claim, q):
    assert bool(found(q=q)) == (q != "killings monitors")


@pytest.mark.parametrize(
    "q", ["zanzibar", "100%", "_", "group -monitoring", '"dead civilian"', "'; --", "&|!()"]
)
def test_what_is_not_there_is_not_found(published_claim, q):
    assert not found(q=q)


@pytest.mark.parametrize("q", ["counted", "counts", "count", "counting"])
def test_a_word_is_found_in_its_other_forms(make_published, q):
    claim = make_published("The group counted about 745 dead.")
    assert found(q=q) == {claim.pk}


@pytest.mark.parametrize("q", ["مدنيين", "المدنيين", "احمد", "مدني"])
def test_arabic_is_found_whatever_its_marks_and_endings(make_published, q):
    claim = make_published("قال أَحْمَد إن القتلى من المدنيين", language="ar-SY")
    assert found(q=q) == {claim.pk}


def test_the_headline_weighs_more_and_parts_of_words_come_last(make_published):
    part = make_published("Unmassacred is no word.")
    text = make_published("There was a massacre of civilians.")
    head = make_published("Something else entirely.", headline="A massacre")
    rows = reading.ranked(reading.listings(q="massacre"), "massacre").order_by("-rank")
    assert [row.pk for row in rows] == [head.pk, text.pk, part.pk]


def test_language_finds_the_narrower_ones_and_no_others(make_published):
    wide, narrow = make_published(language="ar", text="واحد"), make_published(language="ar-SY", text="اثنان")
    make_published(text="One.", language="arz")
    assert found(language="ar") == {wide.pk, narrow.pk}
    assert found(language="AR-sy") == {narrow.pk}


def test_sources_and_speakers_are_told_apart(make_published, make_source):
    monitor, ministry, outlet = make_source("Monitor"), make_source("Ministry"), make_source("Daily")
    claim = make_published(
        "One.", said={"speaker": monitor, "role": "spokesperson", "on_behalf_of": ministry, "outlet": outlet}
    )
    make_published("Two.")
    for source in (monitor, ministry, outlet):
        assert found(source=source.pk) == {claim.pk}
    assert found(speaker=monitor.pk) == {claim.pk}
    assert not found(speaker=ministry.pk)


def test_what_was_said_in_a_time_overlaps_it(make_published):
    claim = make_published("One.", said={"said_at": T0})
    day = timedelta(days=1)
    assert found(said_from=T0, said_until=T0) == {claim.pk}
    assert found(said_from=T0 - day) == found(said_until=T0 + day) == {claim.pk}
    assert not found(said_from=T0 + day)
    assert not found(said_until=T0 - day)


def test_topic_desk_state_case_and_verdict_are_filters(approved_claim, make_published, desk, bob):
    topic = Topic.objects.create(desk=desk, name="Casualties")
    approved_claim.topics.add(topic)
    publish(claim=approved_claim, by=bob, at=timezone.now())
    other = make_published("Another.")
    mine = {approved_claim.pk}
    assert found(topic=topic.pk) == found(case=approved_claim.case_id) == mine
    assert found(verdict="confirmed") == {other.pk}
    assert found(desk="coast") == {approved_claim.pk, other.pk}
    assert not found(desk="elsewhere")
    retract(claim=other, reason="r", by=bob, at=timezone.now())
    assert found(state="retracted") == {other.pk}
    assert not found(verdict="confirmed")


def test_published_and_changed_are_about_the_current_version(published_claim):
    at = Listing.objects.get().published_at
    assert found(published_from=at, published_until=at, updated_since=at)
    assert not found(published_from=at + timedelta(microseconds=1))
    assert not found(published_until=at - timedelta(microseconds=1))


def test_a_wording_that_nobody_published_is_not_found(published_claim, reword):
    reword(published_claim, "An embargoed wording.")
    assert not found(q="embargoed")


@pytest.mark.parametrize("number", [1, 3])
def test_what_is_published_costs_one_query(make_published, django_assert_num_queries, number):
    for i in range(number):
        make_published(f"Claim {i} is published.")
    with django_assert_num_queries(1):
        rows = list(reading.found(reading.published(), q="published"))
        assert [bool(row.version.snapshot and row.listing.summary) for row in rows] == [True] * number


def test_names_cost_two_queries_whatever_their_number(make_published, make_source, django_assert_num_queries):
    speakers = [make_source() for _ in range(3)]
    for speaker in speakers:
        make_published(f"{speaker.name} said so.", said={"speaker": speaker})
    with django_assert_num_queries(2):
        naming = reading.naming("sources", [speaker.pk for speaker in speakers])
        assert {pk: each.claims for pk, each in naming.items()} == {speaker.pk: 1 for speaker in speakers}
