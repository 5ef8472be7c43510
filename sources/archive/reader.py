"""Reading files in a process of its own, so that no document can take a worker down with it.

Parsers of documents, pictures and films can be made to loop, to eat all memory or to crash the interpreter. The reader
is a child process with bounded memory that is killed when a document takes too long. It is kept between documents,
because starting one costs about a second; it talks JSON and plain bytes over its pipes, so that nothing it says is
executed. A file on disk is handed over by its path and is not brought into memory. Pure: no Django.
"""

from __future__ import annotations

import io
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sources.archive import pages
from sources.archive.inspected import Inspected
from sources.archive.inspecting import FAMILIES, inspect, prepare
from sources.archive.kinds import Family, Kind
from sources.archive.pages import Box, Drawn, Looked, Place, Seen
from sources.archive.text import READABLE, Extracted, extract, failed

SECONDS = 40.0  # for one document, more than text.PDF_SECONDS
MEMORY = 2 << 30  # bytes of address space
DOCUMENTS = 200  # after which a fresh process is started, whatever leaked
_START = 60.0  # seconds
_ROOT = Path(__file__).resolve().parents[2]


class _Broken(Exception):
    """A document broke the reader; the rest of a sentence says how."""


class Reader:
    """One child process, started when first needed. Safe to share between threads; documents go one at a time."""

    def __init__(self, *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._seconds, self._memory = seconds, memory
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._served = 0

    def read(self, kind: Kind, content: bytes | Path, **options: Any) -> Extracted | None:
        """As ``text.extract``; a document that breaks the reader is answered with a problem sentence."""
        try:
            answer = self._ask("extract", kind, content, options)
        except _Broken as broken:
            return failed(f"Reading the text {broken}")
        return None if answer is None else Extracted(**_with_moment(answer, "published_at"))

    def inspect(self, kind: Kind, content: bytes | Path, **options: Any) -> Inspected | None:
        """As ``inspecting.inspect``; a file that breaks the reader is answered with a problem sentence."""
        try:
            answer = self._ask("inspect", kind, content, options)
        except _Broken as broken:
            return Inspected(problem=f"Reading what the file says of itself {broken}")
        if answer is None:
            return None
        for name in ("perceptual_hash", "thumbnail"):
            answer[name] = bytes.fromhex(answer[name])
        return Inspected(**_with_moment(answer, "taken_at"))

    def look(self, kind: Kind, content: bytes | Path, **options: Any) -> Looked:
        """As ``pages.look``; a file that breaks the reader is answered with a problem sentence."""
        try:
            answer = self._ask("look", kind, content, options) or {}
        except _Broken as broken:
            return Looked(problem=f"Looking at the file {broken}")
        return Looked(**{**answer, "places": [Seen(**seen) for seen in answer["places"]]})

    def draw(self, kind: Kind, content: bytes | Path, **options: Any) -> Drawn:
        """As ``pages.draw``; a file that breaks the reader is answered with a problem sentence."""
        try:
            answer = self._ask("draw", kind, content, options) or {}
        except _Broken as broken:
            return Drawn(problem=f"Drawing it {broken}")
        return Drawn(**{**answer, "png": bytes.fromhex(answer["png"])})

    def _ask(
        self, task: str, kind: Kind, content: bytes | Path, options: dict[str, Any]
    ) -> dict[str, Any] | None:
        with self._lock:
            if self._process is None or self._process.poll() is not None or self._served >= DOCUMENTS:
                self._restart()
            assert self._process is not None
            self._served += 1
            overdue = threading.Event()
            clock = threading.Timer(self._seconds, self._kill, args=(self._process, overdue))
            clock.start()
            try:
                return _exchange(self._process, task, kind, content, options)
            except (OSError, ValueError, KeyError, TypeError) as error:
                self._stop()
                if overdue.is_set():
                    unit = "second" if self._seconds == 1 else "seconds"
                    raise _Broken(f"took more than {self._seconds:g} {unit} and was stopped.") from error
                raise _Broken("used up its memory or crashed, and was stopped.") from error
            finally:
                clock.cancel()
                clock.join()
                if overdue.is_set():  # it may have fired just after the answer
                    self._stop()

    def close(self) -> None:
        """End the child process; the next document starts another."""
        with self._lock:
            self._stop()

    def _restart(self) -> None:
        self._stop()
        # Nothing of the worker's environment goes along: a broken parser must find no secrets.
        environment = {
            "PYTHONPATH": str(_ROOT),
            "PATH": os.defpath,
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONUTF8": "1",
        }
        command = [
            sys.executable,
            "-m",
            "sources.archive.reader",
            str(self._memory),
            str(int(self._seconds) + 5),
        ]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            cwd=_ROOT,
            start_new_session=True,
        )
        self._served = 0
        # The libraries take a second to load, more on a busy machine; that is not the first document's fault.
        starting = threading.Timer(_START, self._process.kill)
        starting.start()
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        starting.cancel()
        if not ready:
            self._stop()
            raise RuntimeError("The process that reads texts did not start.")

    @staticmethod
    def _kill(process: subprocess.Popen[bytes], overdue: threading.Event) -> None:
        overdue.set()
        process.kill()

    def _stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                assert pipe is not None
                pipe.close()
            except OSError:  # bytes that were still to be written to a dead process
                pass
        self._process.wait()
        self._process = None


_shared = Reader()


def extract_safely(
    kind: Kind,
    content: bytes | Path,
    *,
    url: str,
    charset_hint: str = "",
    captured_at: datetime | None = None,
) -> Extracted | None:
    """``text.extract`` in this process's shared reader. Never raises on any bytes; takes at most ``SECONDS``."""
    if kind.family not in READABLE:
        return None
    moment = captured_at.isoformat() if captured_at else None
    return _shared.read(kind, content, url=url, charset_hint=charset_hint, captured_at=moment)


def inspect_safely(kind: Kind, content: bytes | Path, *, trust_anchors: str = "") -> Inspected | None:
    """``inspecting.inspect`` in this process's shared reader. Never raises on any bytes; takes at most ``SECONDS``."""
    if kind.family not in FAMILIES:
        return None
    return _shared.inspect(kind, content, trust_anchors=trust_anchors)


def look_safely(
    kind: Kind, content: bytes | Path, *, places: Sequence[Place] = (), texts: bool = False
) -> Looked:
    """``pages.look`` in this process's shared reader. Never raises on any bytes; takes at most ``SECONDS``."""
    return _shared.look(kind, content, places=list(places), texts=texts)


def draw_safely(
    kind: Kind, content: bytes | Path, *, page: int = 1, box: Box | None = None, side: int = pages.SIDE
) -> Drawn:
    """``pages.draw`` in this process's shared reader. Never raises on any bytes; takes at most ``SECONDS``."""
    return _shared.draw(kind, content, page=page, box=box, side=side)


def _after_fork() -> None:
    """A forked worker must not talk over its parent's pipes."""
    global _shared
    _shared = Reader()


os.register_at_fork(after_in_child=_after_fork)


def _exchange(
    process: subprocess.Popen[bytes], task: str, kind: Kind, content: bytes | Path, options: dict[str, Any]
) -> dict[str, Any] | None:
    assert process.stdin is not None and process.stdout is not None
    given = {"path": str(content)} if isinstance(content, Path) else {"size": len(content)}
    question = {"task": task, "kind": asdict(kind), "options": options, **given}
    process.stdin.write(json.dumps(question).encode() + b"\n")
    if isinstance(content, bytes):
        process.stdin.write(content)
    process.stdin.flush()
    answer: dict[str, Any] | None = json.loads(process.stdout.readline())
    return answer


def _with_moment(answer: dict[str, Any], name: str) -> dict[str, Any]:
    return {**answer, name: datetime.fromisoformat(answer[name]) if answer[name] else None}


# What is done while nothing can be opened.
_CLOSED: dict[str, Callable[..., Inspected | Looked | Drawn | None]] = {
    "inspect": inspect,
    "look": pages.look,
    "draw": pages.draw,
}


def serve(questions: IO[bytes], answers: IO[bytes], seconds: int) -> None:
    """The child's side: a question, its bytes or their path, an answer; until the pipe is closed."""
    while line := questions.readline():
        question = json.loads(line)
        content = None if "path" in question else questions.read(question["size"])
        # Should the parent be killed, nobody is left to stop us: the alarm's default action ends the process.
        signal.alarm(seconds)
        kind = Kind(**{**question["kind"], "family": Family(question["kind"]["family"])})
        options = question["options"]
        with open(question["path"], "rb") if content is None else io.BytesIO(content) as stream:
            found: Extracted | Inspected | Looked | Drawn | None
            if question["task"] in _CLOSED:
                prepare()
                pages.prepare()
                with _nothing_more_opened():
                    found = _CLOSED[question["task"]](kind, stream, **options)
            else:
                found = extract(kind, stream, **_with_moment(options, "captured_at"))
        answers.write(json.dumps(asdict(found) if found else None, default=_plain).encode() + b"\n")
        answers.flush()
        signal.alarm(0)


@contextmanager
def _nothing_more_opened() -> Iterator[None]:
    """No file and no socket can be opened meanwhile, whatever a file tells its parser to fetch or to look up."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _plain(value: datetime | bytes) -> str:
    return value.hex() if isinstance(value, bytes) else value.isoformat()


def main() -> None:
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    # The answers' pipe is taken away from print(): a chatty library must not garble them.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    extract(Kind("text/html", Family.HTML, False), b"<p>" + b"warm " * 60, url="")
    answers.write(b"ready\n")
    answers.flush()
    serve(sys.stdin.buffer, answers, seconds)


if __name__ == "__main__":
    main()
