"""The servers that Verify needs, embedded unless DATABASE_URL or REDIS_URL names others.

Whoever uses the embedded servers holds a shared lock on `services.lock` in the var folder; the kernel drops it however
the user ends, so the count of users is never wrong. Whoever can take the lock alone when leaving is the last, and
stops the servers.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from verify.stack.errors import StackError as StackError
from verify.stack.paths import make_var_dir, run_dir
from verify.stack.postgres import DATABASE, ROLE, Postgres
from verify.stack.valkey import SOCKET, Valkey


class Server(Protocol):
    """An embedded server."""

    name: str

    def answers(self) -> bool:
        """Whether it serves now."""

    def start(self, *, durable: bool = True) -> None:
        """Start it unless it runs."""

    def stop(self) -> None:
        """Stop it if it runs."""


def database_url() -> str:
    """The URL of the embedded PostgreSQL, whether it runs or not."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(run_dir()))}"


def redis_url() -> str:
    """The URL of the embedded Valkey, whether it runs or not, as redis-py reads it."""
    return f"unix://{quote(str(run_dir() / SOCKET))}?db=0"


def broker_url(redis_url: str) -> str:
    """The same server as Celery's Redis transport reads it: sockets have a scheme of their own there."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    query["virtual_host"] = query.pop("db", "0")
    return f"redis+socket://{parts.netloc}{parts.path}?{urlencode(query)}"


def with_database(url: str, name: str) -> str:
    """The URL of another database of the same PostgreSQL server."""
    return urlsplit(url)._replace(path=f"/{quote(name)}").geturl()


def embedded() -> list[Server]:
    """The servers that are ours to start: those that no environment variable points elsewhere."""
    candidates: dict[str, Server] = {"DATABASE_URL": Postgres(), "REDIS_URL": Valkey()}
    return [server for name, server in candidates.items() if _ours(os.environ.get(name, ""))]


def _ours(url: str) -> bool:
    """Whether this is the embedded server, perhaps with another database of it than the usual one."""
    return not url or str(run_dir()) in unquote(url)


def start(*, durable: bool = True) -> None:
    """Start what does not run. Two callers at once start each server once."""
    with _lock_file("start.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for server in embedded():
            server.start(durable=durable)


@contextmanager
def ensure(*, durable: bool = True) -> Iterator[None]:
    """Have the servers running while the block runs; the last user of all processes stops them.

    Raises StackError with a sentence when a server does not start.
    """
    if not embedded():
        yield
        return
    with _lock_file("services.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)  # waits while the last user before us stops the servers
        try:
            start(durable=durable)
            yield
        finally:
            _stop_if_last(lock)


def _stop_if_last(lock: IO[bytes]) -> None:
    try:
        # Trading the shared lock for the exclusive one drops the first: of two who leave at once, one gets it.
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    for server in reversed(embedded()):
        server.stop()


def _lock_file(name: str) -> IO[bytes]:
    path: Path = make_var_dir() / name
    return path.open("ab")
