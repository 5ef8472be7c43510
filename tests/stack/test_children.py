"""The supervisor's children: restarted, stopped in order, and gone when the supervisor is."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import psutil
import pytest

from verify.stack.children import Child, Console, run_to_end, stop_all
from verify.stack.errors import StackError
from verify.stack.paths import ROOT

STUBBORN = (
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready.', flush=True); time.sleep(600)"
)


def child(code: str, **options) -> Child:
    return Child("child", [sys.executable, "-c", code], Console(show_children=False), **options)


def _is_gone(number: int) -> bool:
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def _has_spoken(child: Child) -> bool:
    return bool(child.last_lines)


def test_child_passes_its_lines_on_with_its_name(capsys):
    loud = Child("worker", [sys.executable, "-c", "print('one'); print('two', end='')"], Console())
    assert asyncio.run(run_to_end(loud)) == 0
    assert capsys.readouterr().out.splitlines() == [" worker | one", " worker | two"]


def test_child_may_print_bytes_that_are_no_text_and_very_long_lines():
    noisy = child("import sys; sys.stdout.buffer.write(b'\\xff\\n' + b'x' * 3_000_000 + b'\\nend\\n')")
    assert asyncio.run(run_to_end(noisy)) == 0
    assert noisy.last_lines[0] == "\ufffd"
    assert noisy.last_lines[-1] == "end"


def test_child_that_ends_before_it_is_ready_is_reported_with_what_it_said():
    async def scenario():
        failing = child("import sys; sys.exit('no such thing')", ready=lambda _: asyncio.sleep(0, False))
        await failing.start()
        await failing.wait_until_ready()

    with pytest.raises(StackError, match=r"ended before it was ready:\s+no such thing"):
        asyncio.run(scenario())


def test_child_is_started_again_when_it_dies(monkeypatch):
    monkeypatch.setattr("verify.stack.children.FIRST_PAUSE", 0.05)

    async def scenario():
        mortal = child("import os; print(os.getpid(), flush=True); os.kill(os.getpid(), 9)")
        await mortal.start()
        watch = asyncio.create_task(mortal.keep_alive())
        while len(set(mortal.last_lines)) < 3:
            await asyncio.sleep(0.01)
        watch.cancel()
        await asyncio.wait([watch])
        await mortal.kill()

    asyncio.run(asyncio.wait_for(scenario(), 30))


def test_stop_waits_for_a_child_to_finish_its_work():
    finishing = child(
        "import signal, sys, time\n"
        "def finish(*_): time.sleep(0.3); print('finished', flush=True); sys.exit()\n"
        "signal.signal(15, finish); print('ready', flush=True); time.sleep(600)",
        ready=_has_spoken,
    )

    async def scenario():
        await finishing.start()
        await finishing.wait_until_ready()
        await stop_all([[finishing]])

    asyncio.run(scenario())
    assert finishing.last_lines[-1] == "finished"


def test_stop_ends_a_stubborn_child_with_its_children(monkeypatch, wait_until):
    monkeypatch.setattr("verify.stack.children.STOP_SECONDS", 0.3)
    code = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
    code += "import signal; signal.signal(15, signal.SIG_IGN); print(p.pid, flush=True); p.wait()"
    parent = child(code, ready=_has_spoken)

    async def scenario():
        await parent.start()
        await parent.wait_until_ready()
        await stop_all([[parent]])

    asyncio.run(scenario())
    number = next(int(line) for line in parent.last_lines if line.isdecimal())
    wait_until(lambda: _is_gone(number), 10)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prctl is Linux's")
def test_child_dies_with_a_killed_supervisor(wait_until):
    code = (
        "import asyncio, sys\nfrom verify.stack.children import Child, Console\n"
        "async def main():\n"
        f"    c = Child('c', [sys.executable, '-c', {STUBBORN!r}], Console())\n"
        "    await c.start(); print(c._process.pid, flush=True); await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    number = int(supervisor.stdout.readline())
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.communicate()
    wait_until(lambda: _is_gone(number), 10)
