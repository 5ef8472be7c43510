"""The processes that the supervisor starts, watches, restarts and stops."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

from verify.stack.errors import StackError
from verify.stack.paths import ROOT
from verify.stack.processes import die_with_parent

COLOURS = {"web": 36, "worker": 33, "beat": 35, "press": 32, "demo": 34, "setup": 37}
LONGEST_LINE = 2**20  # bytes; longer ones are cut in pieces
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds before a restart
STEADY_SECONDS = 60.0  # whoever ran this long begins again with the first pause
STOP_SECONDS = 15.0  # the worker's time to finish what it does

Ready = Callable[["Child"], Awaitable[bool]]


class Console:
    """Prints lines of several processes, each under the name of its process."""

    def __init__(self, *, show_children: bool = True) -> None:
        self.show_children = show_children
        self.begun = time.monotonic()
        self.coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def say(self, text: str) -> None:
        """A line of the supervisor's own, with the seconds since it began."""
        print(f"[{time.monotonic() - self.begun:6.1f} s] {text}", flush=True)

    def pass_on(self, name: str, line: str) -> None:
        """A line that a child printed."""
        if not self.show_children:
            return
        prefix = f"{name:>7} | "
        if self.coloured:
            prefix = f"\x1b[{COLOURS.get(name, 37)}m{prefix}\x1b[0m"
        print(prefix + line, flush=True)


class Child:
    """One process in a session of its own, so that Ctrl-C reaches only the supervisor, which keeps the order."""

    def __init__(
        self, name: str, command: Sequence[str], console: Console, *, ready: Ready | None = None
    ) -> None:
        self.name = name
        self.command = command
        self.console = console
        self.last_lines: deque[str] = deque(maxlen=100)
        self._ready = ready
        self._process: asyncio.subprocess.Process | None = None
        self._printing: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process; Linux ends it when the supervisor is gone, even after a SIGKILL."""
        creating = asyncio.create_task(
            asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=ROOT,
                limit=LONGEST_LINE,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        )
        try:
            await asyncio.shield(creating)
        finally:  # a Ctrl-C in this very moment must not lose sight of the process
            self._process = await creating
            self._printing = asyncio.create_task(self._print_lines())

    async def wait(self) -> int:
        """Wait for its end and return its exit code; a negative one is the signal that ended it."""
        assert self._process is not None and self._printing is not None
        code = await self._process.wait()
        with suppress(TimeoutError):  # a grandchild may hold the pipe open
            await asyncio.wait_for(asyncio.shield(self._printing), 2)
        return code

    async def wait_until_ready(self, seconds: float = 60) -> None:
        """Return when it does its work. Raises StackError when it ends before, or does not get there in time."""
        deadline = time.monotonic() + seconds
        while self._ready is not None and not await self._ready(self):
            if not self.alive:
                raise StackError(f"{self.name} ended before it was ready: {self.said()}")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} was not ready after {seconds:.0f} seconds: {self.said()}")
            await asyncio.sleep(0.05)

    async def keep_alive(self) -> None:
        """Restart it whenever it ends, sooner after a long life than after a short one."""
        pause = FIRST_PAUSE
        while True:
            begun = time.monotonic()
            code = await self.wait()
            self.signal(signal.SIGKILL)  # whatever it started and left behind
            if time.monotonic() - begun > STEADY_SECONDS:
                pause = FIRST_PAUSE
            self.console.say(f"{self.name} ended with {_ending(code)}; it is started again in {pause:.0f} s.")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            await self.start()

    async def stop(self) -> None:
        """Ask it to finish; after a while, end it with all that it started."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            self._process.terminate()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        await self.kill()

    async def kill(self) -> None:
        """End it at once, with all that it started."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            await self.wait()
        self._process = None

    def signal(self, number: int) -> None:
        """Send a signal to its process and every process that it started."""
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def said(self) -> str:
        """The last lines that it printed."""
        return "\n".join(["", *list(self.last_lines)[-20:]]) if self.last_lines else "it said nothing."

    async def _print_lines(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        while True:
            try:
                line = await self._process.stdout.readuntil()
            except asyncio.IncompleteReadError as end:
                line = end.partial
                if not line:
                    return
            except asyncio.LimitOverrunError as overrun:
                line = await self._process.stdout.readexactly(overrun.consumed)
            text = line.decode(errors="replace").rstrip("\r\n")
            self.last_lines.append(text)
            self.console.pass_on(self.name, text)


async def run_to_end(child: Child) -> int:
    """Start a process that ends by itself, and return its exit code."""
    try:
        await child.start()
        return await child.wait()
    finally:
        await child.kill()


async def stop_all(stages: Iterable[Sequence[Child]]) -> None:
    """Stop the children stage by stage; a second Ctrl-C cancels the waiting and ends them all at once."""
    stages = list(stages)
    try:
        for stage in stages:
            await asyncio.gather(*(child.stop() for child in stage))
    finally:
        await asyncio.gather(*(child.kill() for stage in stages for child in stage))


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
