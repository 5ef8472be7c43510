"""Ending processes that are not our children, and having those that are end with us."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil

PR_SET_PDEATHSIG = 1  # prctl(2)


def stop(find: Callable[[], psutil.Process | None], signals: Iterable[int], *, seconds: float) -> None:
    """Send the signals one after the other, each with so many seconds to work, until `find` finds nothing.

    `find` is asked again and again rather than the process waited for: an ended server stays a zombie for as long as
    the machine's first process takes to reap it.
    """
    for number in signals:
        process = find()
        if process is None:
            return
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
        deadline = time.monotonic() + seconds
        while find() and time.monotonic() < deadline:
            time.sleep(0.01)


def die_with_parent() -> Callable[[], None] | None:
    """A preexec function by which Linux kills the child when its parent dies, however that happens."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def in_child() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the request was made
            os._exit(1)

    return in_child
