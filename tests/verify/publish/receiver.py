"""A consumer of webhooks, as a stranger would write it: a real server, and the library that checks signatures."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook as Checker

from tests.sources.archive.hostile import Behaviour, HostileServer, Visitor, response, serving

HOST = "wire.example"  # a name to which a demonstration's exceptions lead
URL = f"http://{HOST}/hook"
OK = response(b"thank you", "200 OK")


@dataclass(frozen=True)
class Post:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.body)
        return said

    def checked(self, secret: str) -> Any:
        """What it says, if the signature holds and the timestamp is of this minute; raises else."""
        return Checker(secret).verify(self.body, self.headers)


def read(request: bytes) -> Post:
    head, _, body = request.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    pairs = (one.split(": ", 1) for one in lines)
    return Post(line, {name.lower(): value for name, value in pairs}, body)


@dataclass
class Receiver:
    """Answers with what `answers` holds, the last of them for ever."""

    answers: list[Behaviour] = field(default_factory=lambda: [OK])
    server: HostileServer = field(init=False)

    @property
    def where(self) -> str:
        return self.server.where

    @property
    def posts(self) -> list[Post]:
        return [read(request) for request in self.server.requests]

    def answer(self, visitor: Visitor) -> None:
        behaviour = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(behaviour, bytes):
            visitor.send(behaviour)
        else:
            behaviour(visitor)


@contextmanager
def receiving(*answers: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(list(answers) or [OK])
    with serving({"/hook": receiver.answer}, tls) as server:
        receiver.server = server
        yield receiver
