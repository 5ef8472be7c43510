"""What the signer remembers outside the database: the largest tree that it has set out to sign.

A database can be restored from yesterday's backup; this file cannot be restored with it. Keep it on another disk
than the database's if there is one, and out of the database's backup.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path


class StateError(Exception):
    """The file cannot be read, is malformed, or belongs to another log."""


@dataclass(frozen=True)
class State:
    size: int  # leaves
    root: bytes


def read(path: Path, *, origin: str) -> State | None:
    """The largest tree signed so far; None if the file does not exist yet."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise StateError(f"The signer's state file {path} cannot be read: {error}") from error
    try:
        value = json.loads(text)
        found, state = value["origin"], State(int(value["size"]), bytes.fromhex(value["root"]))
        if len(state.root) != 32 or state.size < 1:
            raise ValueError("size or root out of range")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StateError(
            f"The signer's state file {path} is damaged ({error}). Put back its last good copy; if there is none, "
            "write the size and root of the newest checkpoint that anybody has seen into it."
        ) from error
    if found != origin:
        raise StateError(f"The signer's state file {path} belongs to the log {found}, not to {origin}.")
    return state


def write(path: Path, state: State, *, origin: str) -> None:
    """Replace the file, on disk before this returns."""
    text = json.dumps({"origin": origin, "size": state.size, "root": state.root.hex()}, indent=1) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        raise StateError(f"The signer's state file {path} cannot be written: {error}") from error


def replace_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a power cut, finds either the old one or the whole new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
