"""An installation of its own for each test of starting and stopping."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from verify.stack import services
from verify.stack.paths import ROOT

USE_SERVICES = (
    "from verify.stack import services\nwith services.ensure(durable=False): print('up', flush=True); input()"
)


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty var folder with a short path; whatever still runs on it afterwards is stopped."""
    with tempfile.TemporaryDirectory(prefix="v-") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setenv("VERIFY_VAR", folder)
        for name in ("DATABASE_URL", "REDIS_URL"):
            monkeypatch.delenv(name, raising=False)
        yield Path(folder)
        monkeypatch.setenv("VERIFY_VAR", folder)
        for server in services.embedded():
            server.stop()


@pytest.fixture
def user(var: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts another process that uses the servers until its standard input is closed."""
    users: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        command = [sys.executable, "-c", USE_SERVICES]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ.copy(), text=True, **pipes)
        users.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process

    yield start
    for process in users:
        process.kill()
        process.communicate()
