"""No host is hammered: never more captures at once than N, never closer than the delay, in any race."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection
from django.utils import timezone

from sources.archive import politeness, work
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture, Host
from sources.archive.services import request_capture, run_capture
from sources.archive.states import Waiting
from tests.cast import T0
from tests.sources.archive.scripted import Answer, site

HOST = "wire.example:80"


def second(n: float):
    return T0 + timedelta(seconds=n)


@pytest.fixture
def ask(desk, alice):
    """Ask for page `n` of a host, n seconds after T0."""

    def ask(n: int, host: str = "wire.example", **fields) -> Capture:
        fields = {"desk": desk, "by": alice} | fields
        return request_capture(url=f"http://{host}/{n}", at=second(n), **fields)

    return ask


@pytest.fixture(autouse=True)
def polite(settings):
    settings.ARCHIVE_HOST_DELAY, settings.ARCHIVE_HOST_CONCURRENCY = 10, 2


def row(capture: Capture) -> Capture:
    return Capture.objects.get(pk=capture.pk)


def finish(capture: Capture, at) -> None:
    work.fail(capture, FailureCode.ADDRESS_REFUSED, "Not public.", at=at)


def test_the_single_capture_of_an_idle_host_begins_at_once(ask):
    first, other = ask(1), ask(1, "agency.example")
    assert work.take(first.pk, at=second(5)) is not None
    assert work.take(other.pk, at=second(5)) is not None
    assert Host.objects.get(pk=HOST).next_at == second(15)


def test_what_comes_too_soon_gets_slots_in_the_order_of_asking(ask):
    work.take(ask(0).pk, at=second(5))
    waiting = [ask(n) for n in (1, 2, 3)]
    for capture in waiting:
        assert work.take(capture.pk, at=second(6)) is None
    assert [row(capture).not_before for capture in waiting] == [second(15), second(25), second(35)]
    assert {row(capture).progress for capture in waiting} == {Waiting.TURN}
    assert [row(capture).attempt for capture in waiting] == [0, 0, 0]
    assert work.take(waiting[0].pk, at=second(14)) is None
    assert work.take(waiting[0].pk, at=second(15)) is not None


def test_who_comes_at_the_right_moment_does_not_pass_those_who_wait(ask, settings):
    settings.ARCHIVE_HOST_CONCURRENCY = 0
    work.take(ask(0).pk, at=second(5))
    first, later = ask(1), ask(2)
    for capture in (first, later):
        work.take(capture.pk, at=second(6))
    newcomer = ask(7)
    assert work.take(newcomer.pk, at=second(15)).pk == first.pk
    assert (row(newcomer).state, row(newcomer).not_before) == ("queued", second(45))
    assert work.take(later.pk, at=second(30)).pk == later.pk


def test_it_holds_across_desks(ask, other_desk, mallory):
    work.take(ask(0).pk, at=second(5))
    theirs = ask(1, desk=other_desk, by=mallory)
    assert work.take(theirs.pk, at=second(6)) is None
    assert row(theirs).not_before == second(15)


def test_another_port_is_another_host(ask):
    work.take(ask(0).pk, at=second(5))
    assert work.take(ask(1, "wire.example:8080").pk, at=second(6)) is not None


def test_a_full_host_is_left_alone_until_one_ends_and_then_the_longest_waiting_is_called(
    ask, django_capture_on_commit_callbacks
):
    first, _second = (work.take(ask(n).pk, at=second(10 * n)) for n in (0, 1))
    waiting = [ask(n) for n in (2, 3)]
    for capture in reversed(waiting):
        assert work.take(capture.pk, at=second(100)) is None
    assert row(waiting[0]).not_before > second(100)
    with django_capture_on_commit_callbacks(execute=True):
        finish(first, second(101))
    assert row(waiting[0]).not_before == second(101)
    assert work.take(waiting[0].pk, at=second(101)) is not None
    assert work.take(waiting[1].pk, at=second(150)) is None  # full again


def test_a_lost_worker_gives_its_place_free(ask, settings):
    settings.ARCHIVE_LEASE_SECONDS = 60
    for n in (0, 1):
        work.take(ask(n).pk, at=second(10 * n))
    third = ask(2)
    assert work.take(third.pk, at=second(50)) is None
    assert work.take(third.pk, at=second(100)) is not None


def test_a_host_that_asks_for_peace_gets_it_from_all(ask):
    politeness.leave_alone(HOST, until=second(1000))
    politeness.leave_alone(HOST, until=second(10))  # takes nothing back
    capture = ask(1)
    assert work.take(capture.pk, at=second(5)) is None
    assert row(capture).not_before == second(1000)
    assert work.take(capture.pk, at=second(1000)) is not None


def test_a_capture_that_waits_for_another_try_holds_up_nobody(ask, settings):
    settings.ARCHIVE_RETRY_DELAYS = [500.0]
    work.try_again(work.take(ask(0).pk, at=second(5)), FailureCode.TIMEOUT, "Too slow.", at=second(6))
    assert work.take(ask(1).pk, at=second(15)) is not None
    late = ask(2)
    work.take(late.pk, at=second(16))
    assert row(late).not_before == second(25)


def test_a_host_of_ones_own_needs_no_delay(ask, settings):
    settings.ARCHIVE_GUARD_EXCEPTIONS = {"wire.example": "127.0.0.1:9"}
    for n in (0, 1):
        assert work.take(ask(n).pk, at=second(5)) is not None
    third = ask(2)
    assert work.take(third.pk, at=second(5)) is None  # there are no more than two at once all the same
    assert row(third).not_before == second(6)


def test_nothing_is_limited_where_the_settings_say_so(ask, settings):
    settings.ARCHIVE_HOST_DELAY = settings.ARCHIVE_HOST_CONCURRENCY = 0
    assert all(work.take(ask(n).pk, at=second(5)) for n in range(5))


class Crowd:
    """Workers in threads who serve the bells of one host's captures until all of them are finished."""

    def __init__(self, captures: list[Capture], work_on) -> None:
        self.captures, self.work_on = captures, work_on

    def run(self, workers: int) -> None:
        threads = [threading.Thread(target=self.worker) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not self.left()

    def left(self) -> list:
        ours = Capture.objects.filter(pk__in=[capture.pk for capture in self.captures])
        return list(ours.unfinished().order_by("requested_at").values_list("pk", flat=True))

    def worker(self) -> None:
        try:
            while left := self.left():
                for pk in left:
                    self.work_on(pk)
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_race_of_eight_workers_keeps_number_distance_and_order(ask, settings, empty_queue):
    """40 captures of one host; two at most at once, 0.05 s apart at least, measured on what the rows say."""
    delay, most, count = 0.05, 2, 40
    settings.ARCHIVE_HOST_DELAY, settings.ARCHIVE_HOST_CONCURRENCY = delay, most
    captures = [ask(n) for n in range(count)]
    held: list[int] = []
    lock, now = threading.Lock(), 0

    def work_on(pk) -> None:
        nonlocal now
        capture = work.take(pk, at=timezone.now())
        if capture is None:
            return
        with lock:
            now += 1
            held.append(now)
        threading.Event().wait(0.06)
        with lock:
            now -= 1
        finish(capture, timezone.now())

    Crowd(captures, work_on).run(8)
    began = sorted(Capture.objects.values_list("started_at", "requested_at"))
    gaps = [(after[0] - before[0]).total_seconds() for before, after in pairwise(began)]
    assert (len(held), max(held)) == (count, most)
    assert min(gaps) >= delay
    ranks = [asked for _, asked in began]
    behind = [abs(place - sorted(ranks).index(asked)) for place, asked in enumerate(ranks)]
    assert max(behind) <= 8, behind  # roughly in order: nobody is passed by more than the workers there are
    empty_queue()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_wire_shows_no_more_at_once_than_allowed(ask, settings, empty_queue):
    settings.ARCHIVE_EXCEPTED_HOST_DELAY, settings.ARCHIVE_ROBOTS = 0.2, "ignore"
    with site() as web:
        settings.ARCHIVE_GUARD_EXCEPTIONS = {"wire.example": web.address}
        web.answers = {f"/{n}": [Answer(seconds=0.3)] for n in range(6)}
        captures = [ask(n) for n in range(6)]

        Crowd(captures, lambda pk: run_capture(capture_id=pk)).run(6)
        assert web.most_at_once <= 2
        assert len(web.asked) == 6
    assert set(Capture.objects.values_list("state", "attempt")) == {("archived", 1)}
    empty_queue()


# --- Retry-After --------------------------------------------------------------------------------------------------


@pytest.fixture
def busy(settings):
    settings.ARCHIVE_ROBOTS, settings.ARCHIVE_RETRY_DELAYS = "ignore", [0.0]
    settings.ARCHIVE_HOST_DELAY = 0
    with site() as web:
        settings.ARCHIVE_GUARD_EXCEPTIONS = {"wire.example": web.address, "other.example": web.address}
        yield web


def test_retry_after_holds_the_capture_and_its_host_back(ask, busy):
    busy.answers["/1"] = [Answer(503, "busy", {"Retry-After": "300"})]
    run_capture(capture_id=(capture := ask(1)).pk)
    other, now = ask(2), timezone.now()
    waits = row(capture).not_before - now
    assert (row(capture).progress, row(capture).attempts.get().failure_code) == (Waiting.RETRY, "busy")
    assert timedelta(seconds=290) < waits <= timedelta(seconds=300)
    assert work.take(other.pk, at=now) is None
    assert row(other).not_before >= row(capture).not_before


def test_retry_after_is_of_the_host_that_answered(ask, busy, settings):
    settings.ARCHIVE_MAX_RETRY_AFTER = 60
    busy.answers["/1"] = [Answer(302, "", {"Location": "http://other.example/full"})]
    busy.answers["/full"] = [Answer(429, "too many", {"Retry-After": "86400"})]
    run_capture(capture_id=ask(1).pk)
    assert work.take(ask(2).pk, at=timezone.now()) is not None
    held = Host.objects.get(pk="other.example:80").next_at - timezone.now()
    assert timedelta(seconds=50) < held <= timedelta(seconds=60)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_the_last_answer_of_a_server_that_stays_busy_is_archived(ask, busy, status):
    busy.answers["/1"] = [Answer(status, "later"), Answer(status, "still")]
    capture = ask(1)
    for _ in range(2):
        run_capture(capture_id=capture.pk)
    kept = row(capture)
    assert (kept.state, kept.http_status, kept.attempt) == ("archived", status, 2)
    assert kept.entry.read().facts["status"] == status
    assert "The server was asked 2 times; this is its last answer." in kept.notes
    assert kept.attempts.get().number == 1


def test_a_server_that_comes_back_is_archived_as_if_nothing_had_been(ask, busy):
    busy.answers["/1"] = [Answer(503, "later"), Answer()]
    capture = ask(1)
    for _ in range(2):
        run_capture(capture_id=capture.pk)
    assert (row(capture).http_status, row(capture).notes[1:]) == (200, [])
