"""A mail server on a port of this machine, which accepts what it gets, or misbehaves as a test says."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import threading
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

ACCEPTED = "250 OK"


class Server(SMTP):
    """Breaks the connection in the middle of a mail when it is told to."""

    async def smtp_DATA(self, arg: str) -> None:
        if self.event_handler.breaks_in_data:
            self.event_handler.tried += 1
            await self.push("354 Go on")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class MailServer:
    """Use as a context manager; `arrived` has what it accepted."""

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []
        self.envelopes: list[Any] = []
        self.answers: dict[str, list[str]] = {}  # by recipient: the answers to give before accepting
        self.always: dict[str, str] = {}  # by recipient: the answer to give for ever
        self.breaks_in_data = False
        self.hangs_up_after_data = False
        self.hangs = False
        self.tried = 0
        self.holding = threading.Event()  # set once it hangs
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port: int = listener.getsockname()[1]

    def __enter__(self) -> MailServer:
        self.start()
        return self

    def __exit__(self, *_error: Any) -> None:
        self.stop()

    def start(self) -> None:
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.tried += 1
        if address in self.always:
            return self.always[address]
        if self.answers.get(address):
            return self.answers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return ACCEPTED

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.hangs:
            self.holding.set()
            await asyncio.sleep(3600)
        self.arrived.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        self.envelopes.append(envelope)
        if self.hangs_up_after_data:
            server.transport.abort()
        return ACCEPTED


class _Controller(Controller):
    def factory(self) -> SMTP:
        return Server(self.handler, enable_SMTPUTF8=True)
