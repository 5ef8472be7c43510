"""pywb, the replay software of web archives: a judge of our packages, and an archive that is not ours.

It lives in an environment of its own (`make .venv/pywb/installed`): it pins packages that the product needs newer.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from verify.stack.processes import die_with_parent

BIN = Path(sys.prefix) / "pywb" / "bin"
COLLECTION = "desk"
START_SECONDS = 30


@dataclass(frozen=True)
class Replayed:
    """What pywb answered, unaltered."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Pywb:
    """A running pywb with one collection."""

    folder: Path
    port: int
    log: Path

    @property
    def where(self) -> str:
        """As the guard's exceptions want it."""
        return f"127.0.0.1:{self.port}"

    def ask(self, path: str) -> Replayed:
        """GET `path` as it is; nothing is followed or inflated on the way."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Accept-Encoding": "gzip", "Connection": "close"})
        with connection.getresponse() as answer:
            fields = {name.lower(): value for name, value in answer.getheaders()}
            try:
                return Replayed(answer.status, fields, answer.read())
            except http.client.IncompleteRead as cut:
                return Replayed(answer.status, fields, cut.partial)

    def replay(self, url: str, timestamp: str) -> Replayed:
        """The archived response of `url` at `timestamp` (14 digits), in pywb's mode that rewrites nothing."""
        return self.ask(f"/{COLLECTION}/{timestamp}id_/{url}")


def manage(folder: Path, *arguments: str | Path) -> None:
    """Run pywb's wb-manager on the collections in `folder`."""
    command = [str(BIN / "wb-manager"), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def serving_archive(folder: Path, packages: Iterable[Path] = (), *options: str) -> Iterator[Pywb]:
    """pywb over a new collection in `folder` that holds the WACZ `packages`, on a free port of loopback.

    `options` are wayback's. Skips the test where pywb is not installed, unless VERIFY_JUDGES=all.
    """
    if not (BIN / "wayback").exists():
        if os.environ.get("VERIFY_JUDGES") == "all":
            pytest.fail("pywb is not installed, and VERIFY_JUDGES=all: make .venv/pywb/installed")
        pytest.skip("pywb is not installed here: make .venv/pywb/installed (needs the package registry)")
    (folder / "config.yaml").write_text("framed_replay: false\n")
    manage(folder, "init", COLLECTION)
    packages = list(packages)
    if packages:
        manage(folder, "add", "--unpack-wacz", COLLECTION, *packages)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = folder / "pywb.log"
    command = [str(BIN / "wayback"), "--bind=127.0.0.1", f"--port={port}", f"--directory={folder}", *options]
    clean = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=clean,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=die_with_parent(),
        )
    try:
        _wait_for(process, port, log)
        yield Pywb(folder, port, log)
    finally:
        process.kill()
        process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"pywb did not start:\n{log.read_text(errors='replace')}")
