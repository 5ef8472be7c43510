"""Leases: one worker at a time, none that was taken for dead may write, and nothing that waits is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.heartbeat import beating
from sources.archive.models import Capture
from sources.archive.services import request_capture, run_capture, stop_waiting
from sources.archive.states import Waiting
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
    assert failed.entry.read().facts == {"reason": "timeout", "attempts": 1}
    assert [attempt.failure_code for attempt in failed.attempts.all()] == ["timeout"]


def test_a_page_that_kills_its_workers_is_given_up_with_a_reason(queued, settings):
    now = T0
    for _ in range(settings.ARCHIVE_MAX_ATTEMPTS):
        assert work.take(queued.pk, at=now) is not None
        now += LEASE * 2
    assert work.take(queued.pk, at=now) is None
    assert (row(queued).state, row(queued).failure_code) == ("failed", "worker-lost")
    assert f"lost {settings.ARCHIVE_MAX_ATTEMPTS} times" in row(queued).failure_detail
    told = [(each.number, each.failure_code, each.retry_at is None) for each in queued.attempts.all()]
    assert told == [(1, "worker-lost", False), (2, "worker-lost", False), (3, "worker-lost", True)]
    assert Entry.objects.get().read().facts == {"reason": "worker-lost", "attempts": 3}


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
def test_workers_who_reach_for_one_capture_at_once_get_it_once(desk, alice, empty_queue, settings):
    settings.ARCHIVE_HOST_CONCURRENCY = 0
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


# --- Tries that may be made again ---------------------------------------------------------------------------------


def put_off(capture, at, code=FailureCode.TIMEOUT, **fields):
    return work.try_again(work.take(capture.pk, at=at), code, "No answer came.", at=at, **fields)


def test_a_failure_that_may_pass_is_tried_again_after_its_delay(queued, settings):
    settings.ARCHIVE_RETRY_DELAYS = [30.0, 120.0]
    assert put_off(queued, T0)
    waiting = row(queued)
    assert (waiting.state, waiting.progress, waiting.lease_token) == ("queued", Waiting.RETRY, None)
    assert T0 + timedelta(seconds=30) <= waiting.not_before <= T0 + timedelta(seconds=36)
    assert work.take(queued.pk, at=waiting.not_before - timedelta(seconds=1)) is None
    assert work.sweep(at=waiting.not_before - timedelta(seconds=1)) == []
    assert work.sweep(at=waiting.not_before) == [queued.pk]
    assert put_off(queued, waiting.not_before)
    assert row(queued).not_before >= waiting.not_before + timedelta(seconds=120)
    assert Entry.objects.count() == 0


def test_when_the_tries_are_used_up_nothing_is_put_back(queued, settings):
    settings.ARCHIVE_RETRY_DELAYS = [1.0]
    assert put_off(queued, T0)
    assert not put_off(queued, T0 + timedelta(minutes=1))
    assert row(queued).state == "fetching"


@pytest.mark.parametrize("code", [FailureCode.ADDRESS_REFUSED, FailureCode.TOO_MANY_REDIRECTS])
def test_what_does_not_pass_is_not_tried_again(queued, settings, code):
    settings.ARCHIVE_RETRY_DELAYS = [1.0] * 9
    assert not put_off(queued, T0, code)


def test_a_lost_worker_uses_up_no_try_and_a_try_no_worker(queued, settings):
    settings.ARCHIVE_RETRY_DELAYS, settings.ARCHIVE_MAX_ATTEMPTS = [1.0, 1.0], 2
    assert put_off(queued, T0)
    work.take(queued.pk, at=T0 + LEASE)  # this worker is lost
    assert put_off(queued, T0 + LEASE * 3)
    assert [each.failure_code for each in queued.attempts.all()] == ["timeout", "worker-lost", "timeout"]
    work.take(queued.pk, at=T0 + LEASE * 4)  # and this one
    assert work.sweep(at=T0 + LEASE * 6) == []
    assert (row(queued).failure_code, row(queued).attempt) == ("worker-lost", 4)


def test_the_server_is_given_the_time_that_it_asks_for(queued, settings):
    settings.ARCHIVE_RETRY_DELAYS = [1.0]
    assert put_off(queued, T0, at_least=500)
    assert row(queued).not_before == T0 + timedelta(seconds=500)


def test_what_lost_its_database_is_given_back_at_once(queued):
    work.give_back(work.take(queued.pk, at=T0), at=T0)
    again = work.take(queued.pk, at=T0)
    assert (again.attempt, queued.attempts.get().failure_code) == (2, "worker-lost")


# --- Giving up ----------------------------------------------------------------------------------------------------


def test_waiting_is_stopped_on_record(queued, alice, settings):
    settings.ARCHIVE_RETRY_DELAYS = [600.0]
    put_off(queued, T0)
    stopped = stop_waiting(capture=queued, by=alice, at=T0)
    assert (stopped.state, stopped.failure_code, stopped.not_before) == ("failed", "given-up", None)
    assert stopped.failure_detail.endswith("No answer came.")
    body = Entry.objects.get().read()
    assert (body.kind, body.facts) == ("capture-failed", {"reason": "given-up", "attempts": 1})
    assert body.by is not None
    assert work.take(queued.pk, at=T0 + timedelta(days=1)) is None


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_a_viewer_and_another_desk_stop_nothing(request, queued, who):
    with pytest.raises(PermissionDenied):
        stop_waiting(capture=queued, by=request.getfixturevalue(who), at=T0)
    assert row(queued).state == "queued"


def test_what_is_being_fetched_or_finished_cannot_be_stopped(queued, alice, make_capture):
    work.take(queued.pk, at=T0)
    for capture in (queued, make_capture()):
        with pytest.raises(ValidationError, match="does not wait"):
            stop_waiting(capture=capture, by=alice, at=T0)


@pytest.mark.django_db(transaction=True)
def test_stopping_and_taking_at_once_end_in_one_of_the_two(desk, alice, empty_queue, settings):
    settings.ARCHIVE_HOST_CONCURRENCY = 0
    for number in range(8):
        capture = request_capture(desk=desk, url=f"{URL}/{number}", by=alice, at=T0)
        acts = [
            lambda capture=capture: stop_waiting(capture=capture, by=alice, at=timezone.now()),
            lambda capture=capture: work.take(capture.pk, at=timezone.now()),
        ]
        stopped, taken = at_once(*acts)
        assert isinstance(stopped, Capture) == (taken is None)
        assert row(capture).state == ("failed" if taken is None else "fetching")
    assert Entry.objects.count() == Capture.objects.filter(state="failed").count()
    empty_queue()


# --- The heartbeat ------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_long_work_keeps_its_lease_and_a_stuck_one_loses_it(desk, alice, settings, wait_until, empty_queue):
    settings.ARCHIVE_LEASE_SECONDS, settings.ARCHIVE_WORK_SECONDS = 0.6, 2
    queued = request_capture(desk=desk, url=URL, by=alice, at=T0)
    taken = work.take(queued.pk, at=timezone.now())
    began = taken.lease_until
    with beating(taken):
        wait_until(lambda: row(queued).lease_until > began + timedelta(seconds=0.5), 10)
        assert work.take(queued.pk, at=timezone.now()) is None
        wait_until(lambda: work.sweep(at=timezone.now()) == [queued.pk], 10)
    with pytest.raises(work.LeaseLost):
        work.report(taken, "reading")
    empty_queue()


# --- After the end ------------------------------------------------------------------------------------------------


def test_a_comparison_that_breaks_spoils_no_capture(
    make_document, desk, alice, monkeypatch, django_capture_on_commit_callbacks
):
    def broken(**_):
        raise RuntimeError("the comparison broke")

    monkeypatch.setattr("sources.archive.comparing.compare", broken)
    with django_capture_on_commit_callbacks(execute=True):
        capture = request_capture(desk=desk, url=URL, by=alice, at=T0, document_id=make_document().pk)
        work.fail(work.take(capture.pk, at=T0), FailureCode.ADDRESS_REFUSED, "Not public.", at=T0)
    assert row(capture).state == "failed"
