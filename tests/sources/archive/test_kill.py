"""Captures on a real worker: end to end, over bad input, past a killed worker and a flushed broker."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone

from claims.attribution import fsck as attribution_fsck
from sources.archive import fsck as archive_fsck
from sources.archive import storage, tasks
from sources.archive.models import Capture
from sources.archive.wacz_check import verify_wacz
from sources.catalog.services import archive_document
from sources.custody import fsck as custody_fsck
from sources.custody.models import Entry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ARTICLE = "http://wire.example/2025/03/08/syria-coast-monitor-toll"
TROUBLE = "http://trouble.example"
LEASE = 5  # seconds


@pytest.fixture
def press(pressroom: Any, environment: dict[str, str]) -> Any:
    """The press site, known to the workers that this test starts; these have small limits and short leases."""
    environment |= {
        "VERIFY_DEMO_PRESS": pressroom.address,
        "ARCHIVE_LEASE_SECONDS": str(LEASE),
        "ARCHIVE_MAX_ATTEMPTS": "9",
        "ARCHIVE_MAX_WIRE_BYTES": "1000000",
        "ARCHIVE_MAX_DECODED_BYTES": "2000000",
        "ARCHIVE_READ_SECONDS": "2",
        "ARCHIVE_CONNECT_SECONDS": "5",
    }
    return pressroom


@pytest.fixture
def worker(press: Any, request: pytest.FixtureRequest) -> Any:
    """A worker that knows the press site."""
    return request.getfixturevalue("celery_worker_process")


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
                tasks.sweep.delay()
                time.sleep(0.5)
            capture.refresh_from_db()
            return capture.is_finished

        wait_until(done, 60)
        return capture

    return finished


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
    assert "Traceback" not in worker.said()
    assert Entry.objects.count() == len(ARCHIVED) + 1
    assert Capture.objects.filter(attempt=1).count() == len(ARCHIVED) + len(FAILED) + 1
    assert faults() == []


def kill_all(worker: Any) -> None:
    os.killpg(worker.process.pid, signal.SIGKILL)


def kill_children(worker: Any) -> None:
    for child in psutil.Process(worker.process.pid).children():
        child.kill()


@pytest.mark.parametrize("kill", [kill_all, kill_children], ids=["the-whole-worker", "its-children"])
def test_a_capture_whose_worker_is_killed_in_mid_fetch_is_done_once_by_another(
    worker, start_worker, ask, finished, wait_until, kill
):
    capture = ask(f"{TROUBLE}/slow?n=2")

    def fetching() -> bool:
        capture.refresh_from_db()
        return capture.progress == "fetching"

    wait_until(fetching)
    lost = capture.lease_token
    kill(worker)
    capture.refresh_from_db()
    assert (capture.state, capture.lease_token) == ("fetching", lost)
    start_worker()
    finished(capture, sweeping=True)
    assert (capture.state, capture.lease_token) == ("archived", None)
    assert capture.attempt > 1
    assert capture.finished_at >= capture.requested_at + timedelta(seconds=LEASE)
    assert Entry.objects.filter(subject_id=str(capture.pk)).count() == 1
    assert (capture.exchanges.count(), capture.texts.count()) == (1, 1)
    assert faults() == []


def test_a_capture_whose_message_was_lost_is_found_by_the_sweeper(
    press, desk, alice, ask, empty_queue, start_worker, finished
):
    capture = ask(ARTICLE, at=timezone.now() - timedelta(seconds=10))
    empty_queue()
    start_worker()
    tasks.sweep.delay()
    assert finished(capture).state == "archived"
    assert Entry.objects.count() == 1


def test_a_message_that_comes_twice_makes_one_capture_and_one_entry(worker, ask, finished):
    capture = ask(ARTICLE)
    for _ in range(5):
        tasks.capture.delay(str(capture.pk))
    finished(capture)
    other = finished(ask("http://wire.example/"))  # when this is through, the messages before it are too
    assert other.state == "archived"
    assert (Capture.objects.get(pk=capture.pk).attempt, Entry.objects.count()) == (1, 2)
