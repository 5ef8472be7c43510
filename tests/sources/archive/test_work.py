"""Leases: one worker at a time, none that was taken for dead may write, and nothing that waits is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture
from sources.archive.services import request_capture, run_capture
from sources.custody.models import Entry
from tests.cast import T0, at_once

URL = "http://wire.example/coast"
LEASE = timedelta(seconds=180)


@pytest.fixture
def queued(desk, alice):
    return request_capture(desk=desk, url=URL, by=alice, at=T0)


def row(capture: Capture) -> Capture:
    return Capture.objects.get(pk=capture.pk)


def test_taking_a_capture_leases_it(queued):
    taken = work.take(queued.pk, at=T0)
    assert (taken.state, taken.attempt, taken.lease_until) == ("fetching", 1, T0 + LEASE)
    assert row(queued).lease_token == taken.lease_token


def test_a_leased_capture_cannot_be_taken_until_its_lease_is_over(queued):
    first = work.take(queued.pk, at=T0)
    assert work.take(queued.pk, at=T0 + LEASE) is None
    second = work.take(queued.pk, at=T0 + LEASE + timedelta(seconds=1))
    assert (second.attempt, second.lease_token != first.lease_token) == (2, True)


@pytest.mark.parametrize("state", ["archived", "failed"])
def test_a_finished_capture_is_never_taken_again(make_capture, queued, state):
    if state == "failed":
        work.fail(work.take(queued.pk, at=T0), FailureCode.TIMEOUT, "Too slow.", at=T0)
    capture = make_capture() if state == "archived" else row(queued)
    assert capture.state == state
    assert work.take(capture.pk, at=T0 + timedelta(days=1)) is None


def test_a_worker_that_was_taken_for_dead_writes_nothing(queued):
    late = work.take(queued.pk, at=T0)
    current = work.take(queued.pk, at=T0 + LEASE * 2)
    for act in (
        lambda: work.report(late, "reading"),
        lambda: work.hold(late),
        lambda: work.fail(late, FailureCode.TIMEOUT, "Too slow.", at=T0),
    ):
        with pytest.raises(work.LeaseLost):
            act()
    assert (row(queued).state, row(queued).lease_token) == ("fetching", current.lease_token)


def test_a_report_says_what_is_done_and_extends_the_lease(queued):
    taken = work.take(queued.pk, at=T0)
    work.report(taken, "reading")
    assert row(queued).progress == "reading"
    assert row(queued).lease_until > timezone.now() + LEASE / 2


def test_a_failure_has_its_reason_and_frees_the_lease(queued):
    work.fail(work.take(queued.pk, at=T0), FailureCode.TIMEOUT, "Too slow.", at=T0)
    failed = row(queued)
    assert (failed.state, failed.failure_code, failed.failure_detail) == ("failed", "timeout", "Too slow.")
    assert (failed.lease_token, failed.lease_until, failed.finished_at) == (None, None, T0)


def test_a_page_that_kills_its_workers_is_given_up_with_a_reason(queued, settings):
    now = T0
    for _ in range(settings.ARCHIVE_MAX_ATTEMPTS):
        assert work.take(queued.pk, at=now) is not None
        now += LEASE * 2
    assert work.take(queued.pk, at=now) is None
    assert (row(queued).state, row(queued).failure_code) == ("failed", "worker-lost")
    assert f"lost {settings.ARCHIVE_MAX_ATTEMPTS} times" in row(queued).failure_detail


def test_the_sweeper_finds_what_waits_and_what_was_lost_and_nothing_else(desk, alice, queued, make_capture):
    def another(at):
        return request_capture(desk=desk, url=f"{URL}/{at:%H%M%S}", by=alice, at=at)

    lost, held = another(T0 + timedelta(seconds=1)), another(T0 + timedelta(seconds=2))
    now = T0 + LEASE * 2
    just_asked = another(now - timedelta(seconds=1))
    make_capture()
    work.take(lost.pk, at=T0)
    work.take(held.pk, at=now)
    assert work.sweep(at=now) == [queued.pk, lost.pk]
    assert just_asked.pk in work.sweep(at=now + timedelta(minutes=1))


def test_the_sweeper_gives_up_what_was_tried_too_often(queued, settings):
    settings.ARCHIVE_MAX_ATTEMPTS = 1
    work.take(queued.pk, at=T0)
    assert work.sweep(at=T0 + LEASE * 2) == []
    assert row(queued).failure_code == "worker-lost"


@pytest.mark.django_db(transaction=True)
def test_workers_who_reach_for_one_capture_at_once_get_it_once(desk, alice, empty_queue):
    for number in range(10):
        capture = request_capture(desk=desk, url=f"{URL}/{number}", by=alice, at=T0)
        taken = at_once(*[lambda pk=capture.pk: work.take(pk, at=timezone.now())] * 4)
        assert sum(each is not None for each in taken) == 1
        assert row(capture).attempt == 1
    empty_queue()


@pytest.mark.django_db(transaction=True)
def test_workers_who_run_one_capture_at_once_leave_one_entry(desk, alice, pressroom, empty_queue):
    url = "http://trouble.example/redirects?n=2"
    capture = request_capture(desk=desk, url=url, by=alice, at=timezone.now())
    at_once(*[lambda: run_capture(capture_id=capture.pk)] * 3)
    run_capture(capture_id=capture.pk)  # a message that comes again
    kept = row(capture)
    assert (kept.state, kept.attempt, kept.exchanges.count(), Entry.objects.count()) == ("archived", 1, 3, 1)
    empty_queue()


def test_an_error_of_our_own_fails_the_capture_with_a_reason_and_does_not_raise(
    queued, settings, monkeypatch
):
    settings.ARCHIVE_GUARD_EXCEPTIONS = {"wire.example": "not an address"}
    run_capture(capture_id=queued.pk)
    assert (row(queued).state, row(queued).failure_code) == ("failed", "internal-error")


def test_a_capture_that_is_not_there_is_nobodys_work(db):
    run_capture(capture_id="00000000-0000-0000-0000-000000000000")
