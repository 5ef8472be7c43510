"""The installation's secrets: made at the first run into a private file, never defaults.

Environment variables win over the file. With VERIFY_PRODUCTION=1 nothing is generated: there a secret that is
missing is an error, because a key made by accident on one machine of several splits the installation.
"""

from __future__ import annotations

import base64
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from verify.stack.errors import StackError
from verify.stack.paths import make_var_dir, var_dir


def _base64_of_32_bytes() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def _token() -> str:
    return base64.urlsafe_b64encode(os.urandom(48)).decode()


GENERATORS: dict[str, Callable[[], str]] = {
    "DJANGO_SECRET_KEY": _token,
    "LOG_SIGNING_KEY": _base64_of_32_bytes,  # an Ed25519 seed, RFC 8032 section 5.1.5
    "IDENTITY_KEY": _base64_of_32_bytes,
}
# Not generated: they come with a rotation of the log's key (`manage.py log rotate-key`).
NEXT_SIGNING_KEY, RETIRED_KEYS = "LOG_NEXT_SIGNING_KEY", "LOG_RETIRED_KEYS"
OF_ROTATION = (NEXT_SIGNING_KEY, RETIRED_KEYS)
KEYS = ("LOG_SIGNING_KEY", "IDENTITY_KEY", NEXT_SIGNING_KEY)


def load() -> dict[str, str]:
    """All secrets by name. Raises StackError naming what is missing, open to others or malformed.

    LOG_NEXT_SIGNING_KEY and LOG_RETIRED_KEYS (comma-separated) are there only after a rotation was begun.
    """
    given = {name: value for name in (*GENERATORS, *OF_ROTATION) if (value := os.environ.get(name))}
    kept: dict[str, str] = {}
    if GENERATORS.keys() - given.keys():
        kept = _read(var_dir() / "secrets.env") if _production() else _complete()
    # Only as a set: next and retired keys of the file belong to the signing key of the file.
    ours = set(GENERATORS) if "LOG_SIGNING_KEY" in given else {*GENERATORS, *OF_ROTATION}
    found = {name: value for name, value in kept.items() if name in ours} | given
    for name in GENERATORS:
        if name not in found:
            raise StackError(f"{name} is not set; in production it must be given in the environment.")
    for name in KEYS:
        if name in found:
            _check_key(name, found[name])
    return {name: found[name] for name in (*GENERATORS, *OF_ROTATION) if name in found}


def begin_rotation() -> str:
    """The next signing key (base64 of an Ed25519 seed), made into the private file unless it is there already.

    Raises StackError where the signing key is not the file's to change: in production, and when it is given in the
    environment.
    """
    if given := os.environ.get(NEXT_SIGNING_KEY):
        return given
    with _changing() as kept:
        kept.setdefault(NEXT_SIGNING_KEY, _base64_of_32_bytes())
        return kept[NEXT_SIGNING_KEY]


def finish_rotation(*, retired: str) -> None:
    """Make the next signing key of the private file the signing key; `retired` is the old one's verifier key."""
    with _changing() as kept:
        if following := kept.pop(NEXT_SIGNING_KEY, None):
            kept["LOG_SIGNING_KEY"] = following
        old = [key for key in kept.get(RETIRED_KEYS, "").split(",") if key]
        kept[RETIRED_KEYS] = ",".join([*old, *([] if retired in old else [retired])])


def is_file_kept() -> bool:
    """Whether the log's signing key is the private file's to change."""
    return not _production() and not os.environ.get("LOG_SIGNING_KEY")


@contextmanager
def _changing() -> Iterator[dict[str, str]]:
    """The file's secrets, written back as a whole; one process at a time."""
    if not is_file_kept():
        raise StackError("The log's signing key is given in the environment, so it is changed there.")
    _complete()
    path = make_var_dir() / "secrets.env"
    with (path.parent / "secrets.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read(path)
        before = dict(kept)
        yield kept
        if kept != before:
            _write(path, kept)


def _production() -> bool:
    return os.environ.get("VERIFY_PRODUCTION", "").lower() in {"1", "true", "yes", "on"}


def _complete() -> dict[str, str]:
    """Read the file, making first what it lacks; two processes at once end with the same secrets."""
    path = make_var_dir() / "secrets.env"
    kept = _read(path)
    if kept.keys() >= GENERATORS.keys():
        return kept
    with (path.parent / "secrets.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = _read(path)
        if lacking := GENERATORS.keys() - kept.keys():
            kept |= {name: GENERATORS[name]() for name in GENERATORS if name in lacking}
            _write(path, kept)
    return kept


def _read(path: Path) -> dict[str, str]:
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise StackError(f"{path} holds secrets and is open to others; run: chmod 600 {path}")
            lines = [line.strip() for line in file]
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"{path} cannot be read: {error}.") from error
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs if value}


def _write(path: Path, secrets: dict[str, str]) -> None:
    """Replace the file as a whole, on disk before it has its name: a lost signing key cannot be made again."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write("# Secrets of this installation. Keep a copy where the backups are; never commit it.\n")
        file.writelines(f"{name}={value}\n" for name, value in secrets.items())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def _check_key(name: str, value: str) -> None:
    try:
        length = len(base64.b64decode(value, validate=True))
    except ValueError:
        length = -1
    if length != 32:
        raise StackError(f"{name} must be base64 of exactly 32 bytes.")
