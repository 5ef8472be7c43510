"""Captures on a real worker: end to end, over bad input, past a killed worker and a flushed broker."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from claims.attribution import fsck as attribution_fsck
from sources.archive import fsck as archive_fsck
from sources.archive import storage, tasks
from sources.archive.models import Capture
from sources.archive.wacz_check import verify_wacz
from sources.catalog.services import archive_document
from sources.custody import fsck as custody_fsck
from sources.custody.models import Entry
from tests.conftest import _beside, _wait_until
from verify.demo.pressroom import running
from verify.stack import secrets, services

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ARTICLE = "http://wire.example/2025/03/08/syria-coast-monitor-toll"
TROUBLE = "http://trouble.example"
LEASE = 3  # seconds
# How often the stages are gone through; for a soak: KILL_ROUNDS=50 pytest tests/sources/archive/test_kill.py
ROUNDS = int(os.environ.get("KILL_ROUNDS", "1"))


class Fleet:
    """One worker of two processes for the whole module: a test that kills it leaves the start to the next."""

    def __init__(self, folder: Path, press: str) -> None:
        self.folder, self.running, self.stack = folder, None, ExitStack()
        url = services.with_database(settings.DATABASE_URL, connection.settings_dict["NAME"])
        self.environment = (
            os.environ
            | secrets.load()
            | {
                "VERIFY_VAR": str(folder),
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "verify.settings",
                "PYTHONUNBUFFERED": "1",
                "VERIFY_DEMO_PRESS": press,
                "ARCHIVE_LEASE_SECONDS": str(LEASE),
                "ARCHIVE_MAX_ATTEMPTS": "99",
                "ARCHIVE_MAX_WIRE_BYTES": "1000000",
                "ARCHIVE_MAX_DECODED_BYTES": "2000000",
                "ARCHIVE_READ_SECONDS": "2",
                "ARCHIVE_CONNECT_SECONDS": "5",
            }
        )

    def start(self) -> Any:
        """The worker, started if it does not run."""
        if self.running is None or self.running.process.poll() is not None:
            command = [sys.executable, "-m", "celery", "-A", "verify", "--quiet", "worker", "--loglevel=INFO"]
            command += ["--concurrency=2", "--without-gossip", "--without-mingle", "--without-heartbeat"]
            log = self.folder / f"worker-{uuid4().hex[:6]}.log"
            self.running = self.stack.enter_context(_beside(command, self.environment, log))
            _wait_until(
                lambda: " ready." in self.running.said() or self.running.process.poll() is not None, 90
            )
            assert " ready." in self.running.said(), self.running.said()
        return self.running

    def kill_all(self) -> None:
        os.killpg(self.running.process.pid, signal.SIGKILL)
        self.running.process.wait()

    def kill_children(self) -> None:
        for child in psutil.Process(self.running.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                child.kill()


@pytest.fixture(scope="module")
def fleet(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("fleet")
    with running() as site:
        fleet = Fleet(folder, site.address)
        try:
            yield fleet
        finally:
            fleet.stack.close()


@pytest.fixture(autouse=True)
def var_folder(fleet: Fleet, settings: Any) -> Path:
    """The files of the fleet's installation, which its worker keeps all the while."""
    settings.VAR_DIR, settings.MEDIA_ROOT = fleet.folder, fleet.folder / "blobs"
    settings.LOG_STATE_FILE = fleet.folder / "log-state.json"
    blobs = {**settings.STORAGES["blobs"], "OPTIONS": {"location": settings.MEDIA_ROOT}}
    settings.STORAGES = {**settings.STORAGES, "blobs": blobs}
    return fleet.folder


@pytest.fixture
def empty_queue(fleet: Fleet) -> Any:
    def empty() -> None:
        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.delete(os.environ["CELERY_QUEUE"])

    return empty


@pytest.fixture
def worker(fleet: Fleet, empty_queue: Any, transactional_db: None) -> Any:
    empty_queue()
    return fleet.start()


@pytest.fixture
def ask(desk: Any, alice: Any) -> Any:
    """Alice asks for a page."""

    def ask(url: str, **fields: Any) -> Capture:
        return archive_document(**{"desk": desk, "url": url, "by": alice, "at": timezone.now()} | fields)

    return ask


@pytest.fixture
def finished(wait_until: Any) -> Any:
    """Wait until a capture is finished; with `sweeping` ring for what was lost meanwhile, as the scheduler does."""

    def finished(capture: Capture, *, sweeping: bool = False) -> Capture:
        def done() -> bool:
            if sweeping:
                sweep_now()
            capture.refresh_from_db()
            return capture.is_finished

        wait_until(done, 90)
        return capture

    return finished


def sweep_now() -> None:
    """What the scheduler does every ten seconds, at a quicker beat."""
    tasks.sweep()
    time.sleep(0.3)


def faults() -> list[Any]:
    return list(chain(custody_fsck.faults(), archive_fsck.faults(), attribution_fsck.faults()))


def package_of(capture: Capture) -> Path:
    return Path(storage.storage().path(capture.package.path))


def check_package(capture: Capture, folder: Path) -> None:
    """Our own check and the outside tool both accept the package."""
    with package_of(capture).open("rb") as package:
        assert verify_wacz(package, datapackage_sha256=capture.datapackage_sha256) == []
    copy = shutil.copy(package_of(capture), folder / "capture.wacz")
    tool = Path(sys.executable).with_name("wacz")
    judged = subprocess.run([tool, "validate", "-f", copy], capture_output=True, text=True)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_a_page_is_archived_end_to_end(worker, ask, finished, tmp_path):
    capture = finished(ask(ARTICLE))
    assert (capture.state, capture.http_status, capture.attempt) == ("archived", 200, 1)
    text = capture.texts.get()
    assert "745" in text.content
    assert (capture.document.title, capture.document.language) == (text.title, "en")
    assert capture.entry.read().facts == {
        "datapackage_sha256": capture.datapackage_sha256,
        "package_sha256": capture.package_id,
        "status": 200,
        "text_sha256": text.sha256,
    }
    check_package(capture, tmp_path)
    assert faults() == []


@pytest.mark.browser
def test_a_page_is_rendered_in_the_workers_browser(worker, ask, finished, tmp_path, browser):
    capture = finished(ask("http://agency.example/", mode="page"))
    assert (capture.state, capture.degraded, capture.failure_detail) == ("archived", False, "")
    assert {rendition.kind for rendition in capture.renditions.all()} >= {"screenshot", "thumbnail", "dom"}
    assert capture.exchanges.filter(is_main=False).exists()
    assert all(exchange.guard_exception for exchange in capture.exchanges.all())
    check_package(capture, tmp_path)
    assert faults() == []


ARCHIVED = [
    # path, status, truncated, a word of what a reader is told
    ("/error", 500, "", ""),
    ("/not-there", 404, "", ""),
    ("/binary", 200, "", ""),
    ("/mislabelled", 200, "", ""),
    ("/large?n=3", 200, "length", "was cut"),
    ("/large-declared?n=3", 200, "length", "was cut"),
    ("/cut", 200, "disconnect", "closed the connection"),
    ("/bomb?n=20", 200, "", "limit"),
    ("/redirects?n=2", 200, "", ""),
]
FAILED = [
    (f"{TROUBLE}/redirect-inside", "address-refused"),
    (f"{TROUBLE}/redirect-loop", "too-many-redirects"),
    (f"{TROUBLE}/redirects?n=20", "too-many-redirects"),
    (f"{TROUBLE}/headers", "headers-too-large"),
    (f"{TROUBLE}/silent?n=5", "timeout"),
    ("http://no-such-host.invalid/", "name-not-resolved"),
]


def test_whatever_the_web_sends_ends_in_a_state_with_a_reason_and_the_worker_goes_on(worker, ask, finished):
    archived = {row: ask(TROUBLE + row[0]) for row in ARCHIVED}
    failed = {row: ask(row[0]) for row in FAILED}
    last = ask(ARTICLE)
    for (path, status, truncated, told), capture in archived.items():
        finished(capture)
        assert (path, capture.state, capture.http_status) == (path, "archived", status)
        assert (path, capture.truncated) == (path, truncated)
        assert told in " ".join(capture.notes), path
    for (url, code), capture in failed.items():
        finished(capture)
        assert (url, capture.state, capture.failure_code) == (url, "failed", code)
        assert capture.failure_detail.endswith(".")
    assert finished(last).state == "archived"
    assert worker.process.poll() is None
    assert Entry.objects.count() == len(ARCHIVED) + len(FAILED) + 1
    assert Capture.objects.filter(attempt=1).count() == len(ARCHIVED) + len(FAILED) + 1
    assert faults() == []


@pytest.mark.parametrize(
    "kill", [Fleet.kill_all, Fleet.kill_children], ids=["the-whole-worker", "its-children"]
)
def test_a_capture_whose_worker_is_killed_in_mid_fetch_is_done_once_by_another(
    fleet, worker, ask, finished, wait_until, kill
):
    capture = ask(f"{TROUBLE}/slow?n=2")

    def fetching() -> bool:
        capture.refresh_from_db()
        return capture.progress == "fetching"

    wait_until(fetching)
    lost = capture.lease_token
    kill(fleet)
    capture.refresh_from_db()
    assert (capture.state, capture.lease_token) == ("fetching", lost)
    fleet.start()
    finished(capture, sweeping=True)
    assert (capture.state, capture.lease_token) == ("archived", None)
    assert capture.attempt > 1
    assert {attempt.failure_code for attempt in capture.attempts.all()} == {"worker-lost"}
    assert_each_is_logged_once([capture])


def test_a_capture_whose_message_was_lost_is_found_by_the_sweeper(fleet, worker, ask, empty_queue, finished):
    fleet.kill_all()
    capture = ask(ARTICLE, at=timezone.now() - timedelta(seconds=10))
    empty_queue()
    fleet.start()
    tasks.sweep.delay()
    assert finished(capture).state == "archived"
    assert Entry.objects.count() == 1


def test_a_message_that_comes_twice_makes_one_capture_and_one_entry(worker, ask, finished):
    capture = ask(ARTICLE)
    for _ in range(8):
        tasks.capture.delay(str(capture.pk))
    finished(capture)
    other = finished(ask("http://wire.example/"))  # when this is through, the messages before it are too
    assert other.state == "archived"
    assert (Capture.objects.get(pk=capture.pk).attempt, Entry.objects.count()) == (1, 2)


def assert_each_is_logged_once(captures: list[Capture]) -> None:
    for capture in captures:
        capture.refresh_from_db()
        ended = Entry.objects.filter(kind__in=["capture-archived", "capture-failed"])
        entries = ended.filter(subject_id=str(capture.pk), subject_type="capture")
        assert [entry.kind for entry in entries] == [f"capture-{capture.state}"], capture
        exchanges = 1 if capture.state == "archived" else 0
        assert (capture.exchanges.count(), capture.texts.count()) == (exchanges, exchanges)
    assert faults() == []


# --- Killed at every stage ----------------------------------------------------------------------------------------

# Where a worker is stopped: the statement during which the database lets it wait, so that it can be killed there.
STAGES = {
    "taking": ("sources_capture", "UPDATE", "NEW.state = 'fetching' AND NEW.progress = ''"),
    "reading": ("sources_capture", "UPDATE", "NEW.progress = 'reading'"),
    "packing": ("sources_capture", "UPDATE", "NEW.progress = 'packing'"),
    "storing": ("sources_blob", "INSERT", "true"),
    "exchanges": ("sources_exchange", "INSERT", "true"),
    "logging": ("sources_entry", "INSERT", "true"),  # the log's own lock is held from here on
    "ending": ("sources_capture", "UPDATE", "NEW.state IN ('archived', 'failed')"),
}


@pytest.fixture
def stop_at(sql: Any) -> Iterator[Any]:
    """`stop_at(stage, n)`: the next n workers that come to the stage wait there for a moment."""
    sql(
        "CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF nextval('stops') <= 0 THEN PERFORM pg_sleep(1.5); END IF; RETURN NEW; END $$"
    )
    sql("CREATE SEQUENCE stops MINVALUE -1000 START 1")
    made: list[str] = []

    def stop_at(stage: str, times: int) -> None:
        table, event, condition = STAGES[stage]
        # Before all others of the table, so that the wait comes before whatever they do.
        sql(
            f"CREATE TRIGGER aa_stop BEFORE {event} ON {table} FOR EACH ROW WHEN ({condition})"
            " EXECUTE FUNCTION stop_here()"
        )
        sql(f"ALTER SEQUENCE stops RESTART WITH {1 - times}")
        made.append(f"DROP TRIGGER aa_stop ON {table}")

    def go_on() -> None:
        while made:
            sql(made.pop())

    stop_at.go_on = go_on  # type: ignore[attr-defined]
    yield stop_at
    go_on()
    sql("DROP FUNCTION stop_here; DROP SEQUENCE stops")


def waiting_there() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.timeout(120 + 180 * ROUNDS)
def test_workers_killed_at_every_stage_leave_one_result_and_one_entry(
    fleet, worker, ask, finished, wait_until, stop_at
):
    killed = 0
    captures = []
    for stage in [*STAGES] * ROUNDS:
        stop_at(stage, 1)
        captures.append(ask(ARTICLE, force=True))
        wait_until(lambda: waiting_there() > 0)
        fleet.kill_children()
        killed += 1
        wait_until(lambda: waiting_there() == 0)
        stop_at.go_on()
    captures.append(ask("http://trouble.example/redirect-loop"))
    for capture in captures:
        finished(capture, sweeping=True)
    states = [capture.state for capture in captures]
    assert (states, killed) == (["archived"] * killed + ["failed"], len(STAGES) * ROUNDS)
    lost = sum(capture.attempts.filter(failure_code="worker-lost").count() for capture in captures)
    assert lost >= killed - 2 * ROUNDS  # killed while it was being taken or ended, there was nothing to lose
    assert_each_is_logged_once(captures[:-1])
    assert faults() == []


def test_a_stolen_lease_lets_the_first_worker_write_nothing(worker, ask, finished, wait_until, stop_at):
    """The first worker is held while it stores; meanwhile its lease is over, and another has finished before it."""
    stop_at("storing", 1)
    capture = ask(ARTICLE)
    wait_until(lambda: waiting_there() > 0)
    Capture.objects.filter(pk=capture.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.sweep()
    tasks.capture.delay(str(capture.pk))
    finished(capture, sweeping=True)
    wait_until(lambda: waiting_there() == 0)
    other = finished(ask("http://wire.example/"))
    assert (capture.attempt, capture.attempts.get().failure_code) == (2, "worker-lost")
    assert_each_is_logged_once([capture, other])


@pytest.mark.timeout(120 + 60 * ROUNDS)
def test_a_database_that_goes_away_in_mid_work_costs_no_capture(worker, ask, finished, wait_until, stop_at):
    """Every connection to the database is cut, again and again, at each stage, as a restart of the server does."""
    captures = []
    for stage in ["reading", "storing", "exchanges", "ending"] * ROUNDS:
        stop_at(stage, 1)
        captures.append(ask(ARTICLE, force=True))
        wait_until(lambda: waiting_there() > 0)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        wait_until(lambda: waiting_there() == 0)
        stop_at.go_on()
    for capture in captures:
        finished(capture, sweeping=True)
    assert [capture.state for capture in captures] == ["archived"] * len(captures)
    assert_each_is_logged_once(captures)
    assert worker.process.poll() is None


@pytest.mark.timeout(120 + 120 * ROUNDS)
def test_a_flood_with_killed_workers_and_flushed_brokers_ends_well(
    fleet, worker, ask, finished, empty_queue, wait_until
):
    """Twenty captures while workers are killed and the queue is emptied, time and again."""
    captures = [ask(f"{ARTICLE}?n={n}") for n in range(20)]
    for harm in [fleet.kill_children, empty_queue, fleet.kill_children, empty_queue] * ROUNDS:
        done = Capture.objects.filter(state="archived").count()
        harm()
        wait_until(
            lambda done=done: sweep_now() or Capture.objects.filter(state="archived").count() > done, 60
        )
    for capture in captures:
        finished(capture, sweeping=True)
    assert {(capture.state, capture.http_status) for capture in captures} == {("archived", 200)}
    assert_each_is_logged_once(captures)
    assert Entry.objects.count() == len(captures)
