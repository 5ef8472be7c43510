"""Fixtures that give tests real servers, a real worker, a real web server and a real browser."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import redis
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation

from verify.stack import secrets, services
from verify.stack.paths import ROOT
from verify.stack.processes import die_with_parent

pytest_plugins = ["tests.cast"]

# A property holds or it does not; how long an example takes on a busy machine is no property.
hypothesis.settings.register_profile("verify", deadline=None)
hypothesis.settings.load_profile("verify")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def running_services() -> Iterator[None]:
    """PostgreSQL and Valkey (or the given servers), with an empty Redis database for this process."""
    with services.ensure(durable=False):
        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.flushdb()
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    running_services: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Pytest-django's hook before it creates the test database: the server must be up by then."""


@pytest.fixture(scope="session", autouse=True)
def _flush_passes_truncate_triggers() -> Iterator[None]:
    """Let the flush after transactional tests pass the triggers that refuse TRUNCATE, and only the flush.

    The triggers are off inside the flush's own transaction and exactly as they were (also ENABLE ALWAYS) after it;
    a TRUNCATE that a test itself sends is refused like anybody's.
    """
    original = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, style: Any, tables: Any, **options: Any) -> list[str]:
        statements = original(self, style, tables, **options)
        if not statements:
            return statements
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled FROM pg_trigger"
                " WHERE NOT tgisinternal AND tgtype & 32 <> 0 AND tgenabled <> 'D'"
            )
            triggers = cursor.fetchall()
        mode = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}
        off = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name, _ in triggers]
        on = [f"ALTER TABLE {table} {mode[state]} TRIGGER {name}" for table, name, state in triggers]
        return [*off, *statements, *on]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


@pytest.fixture(autouse=True)
def _language_of_the_code() -> Iterator[None]:
    """A request in Arabic leaves the thread in Arabic; the next test must not find it so."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def var_folder(tmp_path: Path, settings: Any) -> Path:
    """The files of an installation, apart for each test: blobs and the log's state, as a subprocess sees them."""
    var = tmp_path / "var"
    settings.VAR_DIR = var
    settings.MEDIA_ROOT = var / "blobs"
    settings.LOG_STATE_FILE = var / "log-state.json"
    blobs = {**settings.STORAGES["blobs"], "OPTIONS": {"location": settings.MEDIA_ROOT}}
    settings.STORAGES = {**settings.STORAGES, "blobs": blobs}
    var.mkdir()
    return var


@pytest.fixture
def shipped_places(db: None) -> None:
    """The places that Verify ships with: a transactional test before this one emptied them with everything else."""
    import_module("claims.migrations.0005_places_that_come_with_verify").ship(apps, None)


@dataclass(frozen=True)
class Running:
    """A process of the product that runs beside a test."""

    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(errors="replace")


@pytest.fixture
def environment(var_folder: Path, transactional_db: None) -> dict[str, str]:
    """The environment in which the product's own commands work on this test's database, queue and files."""
    name = connection.settings_dict["NAME"]
    url = services.with_database(django_settings.DATABASE_URL, name)
    given = {"VERIFY_VAR": str(var_folder), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "verify.settings"}
    return os.environ | secrets.load() | given | {"PYTHONUNBUFFERED": "1"}


@pytest.fixture
def start_worker(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], Running]]:
    """`start_worker()`: a real `celery worker` on this test's queue and database, ready; ended with the test."""
    command = [sys.executable, "-m", "celery", "-A", "verify", "--quiet", "worker", "--loglevel=INFO"]
    command += [
        "--pool=prefork",
        "--concurrency=2",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
    with ExitStack() as workers:

        def start() -> Running:
            log = tmp_path / f"worker-{uuid4().hex[:6]}.log"
            worker = workers.enter_context(_beside(command, environment, log))
            _wait_until(lambda: " ready." in worker.said() or worker.process.poll() is not None, 60)
            assert " ready." in worker.said(), worker.said()
            return worker

        yield start


@pytest.fixture
def empty_queue(environment: dict[str, str]) -> Callable[[], None]:
    """`empty_queue()`: lose every message that waits in this test's queue."""

    def empty() -> None:
        with redis.Redis.from_url(environment["REDIS_URL"]) as client:
            client.delete(environment["CELERY_QUEUE"])

    return empty


@pytest.fixture
def celery_worker_process(start_worker: Callable[[], Running], empty_queue: Callable[[], None]) -> Running:
    """A real `celery worker`, ready to work; call `.delay()` as the product does."""
    empty_queue()  # what a test before this one queued for nobody
    return start_worker()


@pytest.fixture(scope="session")
def collected_static(tmp_path_factory: pytest.TempPathFactory, running_services: None) -> Path:
    """The static files with their hashed names, as the product serves them."""
    var = tmp_path_factory.mktemp("static")
    environment = os.environ | secrets.load() | {"VERIFY_VAR": str(var)}
    environment |= {"DJANGO_SETTINGS_MODULE": "verify.settings"}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    subprocess.run(command, check=True, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    return var / "static"


@pytest.fixture
def web_server(
    environment: dict[str, str], var_folder: Path, collected_static: Path, tmp_path: Path
) -> Iterator[str]:
    """The address of the product's web server, a real gunicorn over this test's database."""
    (var_folder / "static").symlink_to(collected_static)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        fd = listener.fileno()
        command = [sys.executable, "-m", "gunicorn", "verify.wsgi:application", f"--bind=fd://{fd}"]
        command += ["--worker-class=gthread", "--threads=4", "--no-control-socket"]
        environment["SITE_URL"] = address
        with _beside(command, environment, tmp_path / "web.log", keep=(fd,)) as web:
            try:  # the socket listens already: the answer waits until the application is loaded
                urllib.request.urlopen(f"{address}/health/ready", timeout=60)
            except urllib.error.HTTPError:
                pass  # some answer is enough here
            except OSError as error:
                raise AssertionError(web.said()) from error
            yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium, the one that this machine has. Closed after each module: a second one cannot be driven
    from the same thread meanwhile, and the archive's own tests do that."""
    path = django_settings.ARCHIVE_BROWSER or next(filter(None, map(shutil.which, BROWSERS)), "")
    if not path or not Path(path).exists():
        pytest.skip(
            "no Chromium on this machine: install Debian's chromium, or set ARCHIVE_BROWSER to its path"
        )
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread; Django would take the test itself for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with playwright.chromium.launch(executable_path=path, args=["--no-sandbox"]) as chromium:
            yield chromium


@pytest.fixture
def page(browser: Any, web_server: str) -> Iterator[Any]:
    """A browser page of a person who is not signed in; relative addresses are those of the web server."""
    with browser.new_context(base_url=web_server, locale="en-GB") as context:
        yield context.new_page()


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """`wait_until(condition, seconds=30)`: return when the condition holds, fail when it does not in time."""
    return _wait_until


def _wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not so after {seconds} seconds"
        time.sleep(0.05)


@contextmanager
def _beside(
    command: list[str], environment: dict[str, str], log: Path, *, keep: tuple[int, ...] = ()
) -> Iterator[Running]:
    """Run a process in a group of its own, and end all of the group; its output is shown when the test fails."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=keep,
            preexec_fn=die_with_parent(),
        )
    running = Running(process, log)
    try:
        yield running
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        print(f"--- {log.name}\n{running.said()}")
