"""Where an installation keeps what it writes: the var folder, and the folder of its sockets."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from verify.stack.errors import StackError

ROOT = Path(__file__).resolve().parents[2]

# A Unix socket's path must fit sun_path: 108 bytes with its NUL on Linux, 104 on macOS.
SOCKET_PATH_LIMIT = 103
LONGEST_SOCKET = ".s.PGSQL.5432"


def var_dir() -> Path:
    """The folder of everything that an installation writes: `var` in the checkout, or VERIFY_VAR."""
    return (ROOT / os.environ.get("VERIFY_VAR", "var")).resolve()


def run_dir() -> Path:
    """The folder of the embedded servers' sockets, computed and not created.

    It is `run` in the var folder. Where that path is too long for a socket, it is a folder under the system's
    temporary folder, named by a digest of the var folder, so that two checkouts (also one copied from the other)
    never meet; it is remembered in the var folder because TMPDIR differs between a person's sessions.
    """
    var = var_dir()
    if _fits(var / "run"):
        return var / "run"
    name = "verify-" + hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
    try:
        remembered = Path((var / "run-dir").read_text().strip())
    except FileNotFoundError:
        remembered = Path()
    if remembered.name == name:
        return remembered
    system = Path(tempfile.gettempdir()) / name
    return system if _fits(system) else Path("/tmp") / name


def make_var_dir() -> Path:
    """Create the var folder, which other people of the machine may pass through but not list."""
    var = var_dir()
    var.mkdir(mode=0o711, parents=True, exist_ok=True)
    return var


def make_run_dir(*, owner: int) -> Path:
    """Create the sockets' folder for this user id, or refuse one that somebody else could write to."""
    run = run_dir()
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = run.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
        raise StackError(
            f"{run} belongs to somebody else, so the servers' sockets cannot live there; remove it."
        )
    run.chmod(0o700)
    if found.st_uid != owner:
        os.chown(run, owner, -1)
    if run.parent != var_dir():
        (var_dir() / "run-dir").write_text(f"{run}\n")
    return run


def _fits(folder: Path) -> bool:
    return len(os.fsencode(folder / LONGEST_SOCKET)) <= SOCKET_PATH_LIMIT
