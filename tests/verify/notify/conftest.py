"""A real mail server on a port of this machine, and people with addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cast import T0
from tests.verify.notify.mailserver import MailServer
from verify.accounts.models import User
from verify.notify.models import Kind
from verify.notify.services import notify


@pytest.fixture
def mailserver(settings: Any) -> Iterator[MailServer]:
    """Where Django's SMTP backend sends to during the test."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.DEFAULT_FROM_EMAIL = "verify@desk.example"
        settings.SITE_URL = "https://desk.example"
        yield server


@pytest.fixture
def with_address(db: None) -> Callable[..., str]:
    """`with_address(person)`: give the person an address, and say which."""

    def give(person: Any, address: str = "") -> str:
        person.email = address or f"{person.username}@people.example"
        User.objects.filter(pk=person.pk).update(email=person.email)
        return person.email

    return give


@pytest.fixture
def tell(desk: Any) -> Callable[..., int]:
    """`tell(person, …, key=…)`: tell them of a review that is asked of them, at T0."""

    def tell(*to: Any, key: str = "k", **fields: Any) -> int:
        return notify(**({"to": to, "kind": Kind.ASSIGNED, "desk": desk, "key": key, "at": T0} | fields))

    return tell
