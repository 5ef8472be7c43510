"""One process that sets Verify up, runs its parts, shows their logs and stops them in good order.

Why not one of the supervisors there are: docs/decisions/0001-supervisor.md.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from verify.stack import services
from verify.stack.children import Child, Console, run_to_end, stop_all
from verify.stack.errors import StackError
from verify.stack.paths import make_var_dir, var_dir

PYTHON = sys.executable
MANAGE = [PYTHON, "manage.py"]
READY_PATH = "/health/ready"
LOOPBACK = "127.0.0.1"
WORKER_READY = re.compile(r"\bready\.")
CHECK_SERVICES_SECONDS = 2.0
INTERRUPTED = 130  # the shell's exit code for Ctrl-C


class BadUsage(StackError):
    """What was asked for cannot be done here, a busy port for example; the text says what to do."""


def run() -> int:
    """Set everything up and serve until Ctrl-C. Returns the exit code."""
    host, port = os.environ.get("HOST", LOOPBACK), _port()
    console = Console()
    with ExitStack() as stack:
        stack.enter_context(_only_one(f"http://{host}:{port}/"))
        _refuse_busy_port(host, port)
        os.environ |= {"HOST": host, "PORT": str(port)}
        with _services(console):
            return asyncio.run(_until_signal(_serve(console, host, port), interrupted=0))


def demo() -> int:
    """Do the main job without a screen, on servers and files of its own that are removed afterwards."""
    console = Console(show_children=False)
    for name in ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT"):
        os.environ.pop(name, None)
    with tempfile.TemporaryDirectory(prefix="verify-demo-") as folder:
        os.environ["VERIFY_VAR"] = folder
        Path(folder).chmod(0o711)  # root's PostgreSQL runs as another account and passes through
        with _services(console):
            return asyncio.run(_until_signal(_demonstrate(console), interrupted=INTERRUPTED))


def hold_services() -> int:
    """Keep the embedded servers running, for a shell or another tool, until Ctrl-C."""
    console = Console()
    with _services(console):
        print(f"DATABASE_URL={services.database_url()}\nREDIS_URL={services.redis_url()}", flush=True)
        return asyncio.run(_until_signal(_watch_services(console), interrupted=0))


async def _serve(console: Console, host: str, port: int) -> int:
    await _set_up(console, static=True)
    worker, press = _worker(console), _press(console)
    web, beat = web_child(console, host, port), _beat(console)
    children = [child for child in (press, worker, beat, web) if child]
    try:
        await _start(console, children)
        async with asyncio.TaskGroup() as watching:
            for child in children:
                watching.create_task(child.keep_alive())
            watching.create_task(_watch_services(console))
            if press and await run_to_end(Child("demo", [*MANAGE, "demo", "--if-empty"], console)):
                console.say("The demo case was not loaded: see above. The workbench runs without it.")
            await _greet(console, host, port, logins=press is not None)
    finally:
        console.say("Stopping.")
        await stop_all([[web, beat, worker], [press] if press else []])
    return 0


async def _demonstrate(console: Console) -> int:
    await _set_up(console, static=False)
    worker, press = _worker(console), _press(console)
    children = [child for child in (press, worker) if child]
    try:
        await _start(console, children)
        loud = Console()
        loud.pass_on = lambda name, line: print(line, flush=True)  # type: ignore[method-assign]
        code = await run_to_end(Child("demo", [*MANAGE, "demo"], loud))
        if code:
            for child in children:
                print(f"\nThe last lines of {child.name}: {child.said()}")
        return code
    finally:
        await stop_all([[worker], [press] if press else []])


async def _set_up(console: Console, *, static: bool) -> None:
    """Bring database and static files up to date."""
    steps = {"The database is migrated": ["migrate", "--no-input", "--verbosity=1"]}
    if static:
        steps["Static files are collected"] = ["collectstatic", "--no-input", "--verbosity=0"]

    async def step(done: str, arguments: list[str]) -> None:
        child = Child("setup", [*MANAGE, *arguments], console)
        if await run_to_end(child):
            raise StackError(f"manage.py {arguments[0]} failed: {child.said()}")
        console.say(f"{done}.")

    await asyncio.gather(*(step(done, arguments) for done, arguments in steps.items()))


async def _start(console: Console, children: list[Child]) -> None:
    for child in children:
        await child.start()
    for child in children:
        await child.wait_until_ready()
        console.say(f"{child.name} is ready.")


async def _greet(console: Console, host: str, port: int, *, logins: bool) -> None:
    console.say(f"Verify is at http://{host}:{port}/ (Ctrl-C stops it)")
    if logins:
        child = Child("demo", [*MANAGE, "demo", "--logins"], Console(show_children=False))
        if await run_to_end(child) == 0:
            print("\n".join(f"    {line}" for line in child.last_lines), flush=True)


async def _watch_services(console: Console) -> None:
    """Start an embedded server again when it has died."""
    while True:
        await asyncio.sleep(CHECK_SERVICES_SECONDS)
        for server in services.embedded():
            if await asyncio.to_thread(server.answers):
                continue
            console.say(f"{server.name} does not answer; it is started again.")
            try:
                await asyncio.to_thread(services.start)
            except StackError as error:
                console.say(str(error))


# --- The children -------------------------------------------------------------------------------------------------


def web_child(console: Console, host: str, port: int) -> Child:
    """The web server as the product runs it."""
    command = [PYTHON, "-m", "gunicorn", "verify.wsgi:application", f"--bind={host}:{port}"]
    command += ["--worker-class=gthread", f"--workers={os.environ.get('WEB_PROCESSES', '2')}", "--threads=8"]
    command += ["--timeout=60", "--graceful-timeout=10", "--no-control-socket", "--log-level=warning"]
    if Path("/dev/shm").is_dir():
        command.append(
            "--worker-tmp-dir=/dev/shm"
        )  # a heartbeat file on a slow disk gets good workers killed
    return Child("web", command, console, ready=lambda _: _speaks_http(host, port))


def _worker(console: Console) -> Child:
    command = [
        PYTHON,
        "-m",
        "celery",
        "-A",
        "verify",
        "--quiet",
        "worker",
        "--loglevel=INFO",
        "--without-gossip",
    ]
    command += ["--without-mingle", f"--concurrency={os.environ.get('WORKER_PROCESSES', '2')}"]

    async def ready(child: Child) -> bool:
        return any(WORKER_READY.search(line) for line in child.last_lines)

    return Child("worker", command, console, ready=ready)


def _beat(console: Console) -> Child:
    command = [PYTHON, "-m", "celery", "-A", "verify", "--quiet", "beat", "--loglevel=WARNING", "--pidfile="]
    return Child("beat", [*command, f"--schedule={var_dir() / 'beat-schedule'}"], console)


def _press(console: Console) -> Child | None:
    """The demo's press site on a loopback port that all the others are told; production has none."""
    if os.environ.get("VERIFY_PRODUCTION", "").lower() in {"1", "true", "yes", "on"}:
        return None
    port = _press_port()
    os.environ["VERIFY_DEMO_PRESS"] = f"{LOOPBACK}:{port}"
    command = [PYTHON, "-m", "verify.demo.pressroom", "--port", str(port)]
    return Child("press", command, console, ready=lambda _: _speaks_http(LOOPBACK, port))


def _press_port() -> int:
    """The port of the last time if it is free, else a new one: the demo's archived pages keep their addresses."""
    remembered = var_dir() / "press-port"
    for wanted in (int(remembered.read_text()) if remembered.exists() else 0, 0):
        with suppress(OSError, OverflowError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOOPBACK, wanted))
            port: int = probe.getsockname()[1]
            remembered.write_text(f"{port}\n")
            return port
    raise StackError("This machine has no free port on 127.0.0.1 for the demo's press site.")


async def _speaks_http(host: str, port: int) -> bool:
    """Whether an HTTP server answers there, whatever its answer is."""
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)
    try:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(f"GET {READY_PATH} HTTP/1.0\r\nHost: {LOOPBACK}\r\n\r\n".encode())
            return (await asyncio.wait_for(reader.readline(), 10)).startswith(b"HTTP/")
        finally:
            writer.close()
    except (TimeoutError, OSError):
        return False


# --- Beginning and end --------------------------------------------------------------------------------------------


@contextmanager
def _services(console: Console) -> Iterator[None]:
    names = " and ".join(server.name for server in services.embedded())
    with services.ensure():
        console.say(f"{names or 'Nothing embedded; the given servers'} answer.")
        try:
            yield
        finally:
            console.say("Stopped.")


@contextmanager
def _only_one(address: str) -> Iterator[None]:
    """Refuse to run twice from one var folder: two would fight over worker names, schedule and press site."""
    with (make_var_dir() / "running").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise StackError(
                f"Verify already runs from this checkout, at {lock.read().strip()}; stop that one with Ctrl-C first."
            ) from None
        lock.truncate(0)
        lock.write(address + "\n")
        lock.flush()
        yield


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadUsage(
            f"PORT={text} is not a port number; give one from 1 to 65535, for example PORT=8001 make run."
        )
    return int(text)


def _refuse_busy_port(host: str, port: int) -> None:
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise BadUsage(
            f"Port {port} on {host} cannot be used ({os.strerror(error.errno or 0)}); "
            f"choose another: PORT={port + 1 if port < 65535 else 8001} make run"
        ) from error


@contextmanager
def _signals(handler: Callable[[], object]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, handler)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _until_signal(work: Coroutine[Any, Any, int | None], *, interrupted: int) -> int:
    """Do the work and return its exit code; the first signal ends it in good order, the second at once."""
    task = asyncio.ensure_future(work)
    with _signals(task.cancel):
        try:
            return await task or 0
        except asyncio.CancelledError:
            return interrupted
