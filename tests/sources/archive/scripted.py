"""A web server on loopback that answers as a test tells it, and remembers when it was asked for what."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

PAGE = "<!doctype html><title>A page</title><p>The monitoring group said that it was so.</p>"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: str | bytes = PAGE
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0  # before it answers


@dataclass
class Site:
    """`answers` per path, in order, the last one for ever; what is not there is 404."""

    address: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)  # time.monotonic(), path
    most_at_once: int = 0
    _now: int = 0
    _lock: Any = field(default_factory=Lock)
    _stop: Event = field(default_factory=Event)

    def times(self, path: str) -> int:
        return sum(asked == path for _, asked in self.asked)

    def answer(self, path: str) -> Answer:
        with self._lock:
            self.asked.append((time.monotonic(), path))
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            script = self.answers.get(path) or [Answer(404, "")]
            answer = script.pop(0) if len(script) > 1 else script[0]
        self._stop.wait(answer.seconds)
        with self._lock:
            self._now -= 1
        return answer


@contextmanager
def site() -> Iterator[Site]:
    told = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = told.answer(self.path)
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            for name, value in {"Content-Type": "text/html", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        told.address = f"127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield told
        finally:
            told._stop.set()
            server.shutdown()
            thread.join()
