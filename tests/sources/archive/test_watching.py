"""Setting watches, serving them on time and once, and saying that somebody has looked."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from sources.archive import watching
from sources.archive.models import Capture, Change, Watch
from sources.archive.watching import mark_seen, run_due
from sources.catalog.services import watch_document
from sources.custody import services as custody
from sources.custody.kinds import Kind
from tests.cast import T0, at_once

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURLY = {"mode": "http", "shortest": 3600, "longest": 86_400}


@pytest.fixture
def set_watch(make_document, alice):
    """Alice watches a document, from T0 on, at first hourly."""

    def set_watch(document=None, **fields):
        return watch_document(
            **{"document": document or make_document(), "by": alice, "at": T0} | HOURLY | fields
        )

    return set_watch


def finish(**fields):
    """Let every capture that waits come to an end, without comparing it."""
    entry = {"facts": {}, "by": None, "at": T0, "kind": Kind.CAPTURE_FAILED}
    for capture in Capture.objects.unfinished():
        with transaction.atomic():
            capture.entry = custody.record(subject=capture, **entry)
            capture.state, capture.failure_code, capture.finished_at = (
                "failed",
                "timeout",
                capture.requested_at,
            )
            capture.save()


def test_a_new_watch_is_served_at_once_and_then_less_and_less_often(set_watch):
    watch, now, asked = set_watch(), T0, []
    while now < T0 + 21 * DAY:  # three weeks, a beat every ten minutes
        if run_due(at=now):
            asked.append(now)
            finish()
        now += timedelta(minutes=10)
    waits = [(later - earlier) / HOUR for earlier, later in pairwise(asked)]
    assert asked[0] == T0
    assert waits[:3] == [1, 1.5, pytest.approx(2.25, abs=0.17)]
    assert waits[8:] == [24] * len(waits[8:])
    assert len(asked) == Capture.objects.filter(watch=watch, requested_by=None).count() == 27


def test_a_changed_schedule_begins_anew_and_waits_for_nothing_that_was_just_done(set_watch):
    watch = set_watch()
    for hours in (0, 1, 3, 6):
        run_due(at=T0 + hours * HOUR)
        finish()
    again = set_watch(watch.document, at=T0 + 7 * HOUR, shortest=7200)
    assert (again.pk, again.interval) == (watch.pk, 7200)
    assert again.next_at == T0 + 8 * HOUR  # the last copy was asked for at six
    assert Watch.objects.count() == 1


def test_a_paused_or_ended_watch_is_not_served_and_can_go_on(set_watch):
    paused, ended = set_watch(is_paused=True), set_watch(ends_at=T0 + HOUR)
    assert run_due(at=T0 + 2 * HOUR) == 0
    set_watch(paused.document, at=T0 + 2 * HOUR)
    assert run_due(at=T0 + 2 * HOUR) == 1
    assert Capture.objects.get().document == paused.document != ended.document


def test_time_that_nobody_served_is_not_made_up_for(set_watch):
    set_watch()
    assert run_due(at=T0 + 30 * DAY) == 1
    assert run_due(at=T0 + 30 * DAY) == 0
    finish()
    assert run_due(at=T0 + 30 * DAY + HOUR) == 1


def test_a_document_whose_capture_is_under_way_is_not_asked_for_again(set_watch):
    watch = set_watch()
    assert [run_due(at=T0 + hours * HOUR) for hours in (0, 2, 4, 6)] == [1, 0, 0, 0]
    watch.refresh_from_db()
    assert watch.interval == 5400  # grown once
    finish()
    assert run_due(at=T0 + 8 * HOUR) == 1


def test_a_watch_that_may_not_be_served_any_more_does_not_keep_the_others_waiting(
    set_watch, make_document, settings
):
    refused = set_watch(make_document("http://wire.example:8443/a"))
    fine = set_watch(make_document("http://wire.example/b"), at=T0 + HOUR)
    settings.ARCHIVE_PORTS = frozenset({80})
    assert run_due(at=T0 + HOUR) == 1
    assert Capture.objects.get().document == fine.document
    refused.refresh_from_db()
    assert (refused.unreachable, refused.next_at) == (1, T0 + 2 * HOUR)


def test_a_fault_with_one_watch_does_not_keep_the_others_waiting(set_watch, monkeypatch):
    watches = [set_watch() for _ in range(3)]
    whole = watching.request_capture

    def request_capture(**arguments):
        if arguments["watch"] == watches[1]:
            raise RuntimeError
        return whole(**arguments)

    monkeypatch.setattr(watching, "request_capture", request_capture)
    assert run_due(at=T0) == 2
    monkeypatch.undo()
    assert run_due(at=T0) == 1


@pytest.mark.django_db(transaction=True)
def test_beats_that_run_at_once_ask_once_for_each_due_time(set_watch, empty_queue):
    watches = [set_watch() for _ in range(8)]
    for round_ in range(3):
        now = T0 + round_ * 3 * HOUR
        asked = at_once(*[lambda now=now: run_due(at=now)] * 4)
        assert sum(asked) == len(watches)
        assert Capture.objects.count() == (round_ + 1) * len(watches)
        finish()
    empty_queue()


@pytest.mark.django_db(transaction=True)
def test_people_who_set_a_watch_at_once_set_one(make_document, alice, bob):
    document = make_document()
    acts = [
        lambda by=by: watch_document(document=document, by=by, at=timezone.now(), **HOURLY)
        for by in (alice, bob, alice, bob)
    ]
    assert len({watch.pk for watch in at_once(*acts)}) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"shortest": 299}, "shortest"),
        ({"shortest": -1}, "shortest"),
        ({"shortest": 10**12, "longest": 10**12}, "shortest"),
        ({"longest": 3599}, "longest"),
        ({"longest": 10**12}, "longest"),
        ({"mode": "video"}, "mode"),
        ({"ends_at": T0}, "ends_at"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused_at_its_field(set_watch, fields, field):
    with pytest.raises(ValidationError) as refusal:
        set_watch(**fields)
    assert list(refusal.value.message_dict) == [field]
    assert not Watch.objects.exists()


def test_only_checkers_of_the_desk_set_watches(set_watch, make_document, dave, mallory, bob):
    document = make_document()
    for person in (dave, mallory):
        with pytest.raises(PermissionDenied):
            set_watch(document, by=person)
    assert set_watch(document, by=bob).set_by == bob
    assert not Watch.objects.visible_to(mallory).exists()


def test_a_document_of_another_desk_cannot_be_watched_through_ones_own(make_document, other_desk, mallory):
    with pytest.raises(ValidationError, match="same desk"):
        watching.set_watch(desk=other_desk, document_id=make_document().pk, by=mallory, at=T0, **HOURLY)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"shortest": 60, "interval": 60}, "a_watch_waits_at_least_five_minutes"),
        ({"interval": 10}, "the_interval_is_within_its_bounds"),
        ({"interval": 10**6}, "the_interval_is_within_its_bounds"),
    ],
)
def test_the_database_refuses_a_schedule_that_contradicts_itself(set_watch, fields, rule):
    watch = set_watch()
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Watch.objects.filter(pk=watch.pk).update(**fields)


@pytest.fixture
def alert(make_capture, make_document, desk):
    """A change that somebody must look at."""
    document = make_document()
    before, after = (make_capture(document=document) for _ in range(2))
    with transaction.atomic():
        entry = custody.record(kind=Kind.CAPTURE_RECHECKED, subject=after, facts={}, by=None, at=T0)
        return Change.objects.create(
            desk=desk,
            document=document,
            before=before,
            after=after,
            kind="edited",
            is_alert=True,
            detected_at=T0,
            entry=entry,
        )


def test_who_looked_and_what_they_concluded_is_kept_and_closes_the_alert(alert, carol):
    assert Change.objects.open_alerts().get() == alert
    mark_seen(change=alert, by=carol, at=T0 + HOUR, note=" A correction, and marked as one.\x00 ")
    alert.refresh_from_db()
    assert (alert.seen_by, alert.seen_at) == (carol, T0 + HOUR)
    assert alert.seen_note == "A correction, and marked as one."
    assert not Change.objects.open_alerts().exists()


def test_the_first_who_looked_stays(alert, alice, carol):
    mark_seen(change=alert, by=carol, at=T0, note="Mine.")
    mark_seen(change=alert, by=carol, at=T0 + HOUR, note="Again.")
    with pytest.raises(ValidationError, match="Carol has looked at this already"):
        mark_seen(change=alert, by=alice, at=T0 + HOUR, note="Me too.")
    alert.refresh_from_db()
    assert (alert.seen_by, alert.seen_at, alert.seen_note) == (carol, T0, "Mine.")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_look_at_once_one_is_told_so(alert, alice, carol):
    answers = at_once(
        *[lambda by=by: mark_seen(change=Change.objects.get(), by=by, at=T0) for by in (alice, carol)]
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Change", "ValidationError"]


def test_viewers_and_other_desks_do_not_close_alerts_and_notes_have_an_end(alert, dave, mallory, alice):
    for person in (dave, mallory):
        with pytest.raises(PermissionDenied):
            mark_seen(change=alert, by=person, at=T0)
    with pytest.raises(ValidationError) as refusal:
        mark_seen(change=alert, by=alice, at=T0, note="x" * 5001)
    assert list(refusal.value.message_dict) == ["note"]
    assert Change.objects.open_alerts().exists()
    assert not Change.objects.visible_to(mallory).exists()
