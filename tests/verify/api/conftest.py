"""Callers of the API: members of the desk, strangers, nobody; each with a token."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from verify.api.models import Scope
from verify.api.services import make_token, note_use


class Caller(APIClient):
    """A client that sends JSON and, given a secret, a bearer token."""

    def __init__(self, secret: str = "") -> None:
        super().__init__(enforce_csrf_checks=True)
        self.default_format = "json"
        if secret:
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")


@pytest.fixture
def api() -> Caller:
    """Somebody unknown."""
    return Caller()


@pytest.fixture
def caller() -> Callable[..., Caller]:
    """A caller with a token of a person, which was used a moment ago: that it is used is not noted again."""

    def caller(person: Any, *scopes: Scope, desk: Any = None) -> Caller:
        chosen, now = scopes or (Scope.READ, Scope.CAPTURE), timezone.now()
        token, secret = make_token(name="test", scopes=chosen, desk=desk, by=person, at=now)
        note_use(token=token, at=now)
        return Caller(secret)

    return caller


@pytest.fixture
def is_problem() -> Callable[..., dict[str, Any]]:
    """Check that an answer is a problem (RFC 9457) of a status, and give its body."""

    def is_problem(response: Any, status: int) -> dict[str, Any]:
        assert response.status_code == status, response.content
        assert response["Content-Type"] == "application/problem+json"
        body: dict[str, Any] = response.json()
        assert body["status"] == status
        assert body["type"] and body["title"] and body["detail"]
        return body

    return is_problem
