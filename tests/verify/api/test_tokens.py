"""Tokens: shown once, kept as a digest, refused the moment they are no good."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.verify.api.conftest import Caller
from verify.api.models import Scope, Token
from verify.api.services import make_token, revoke_token

pytestmark = pytest.mark.django_db

URL = "/api/v1/captures/"


@pytest.fixture
def made(alice):
    return make_token(name="laptop", scopes=[Scope.READ], by=alice, at=timezone.now())


def test_token_is_kept_as_its_digest_only(made):
    token, secret = made
    token.refresh_from_db()
    assert token.sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert len(secret) > 43
    assert all(secret not in str(value) for value in Token.objects.values_list().get())


def test_good_token_is_its_owner(made, alice):
    assert Caller(made[1]).get(URL).status_code == 200


@pytest.mark.parametrize("why", ["revoked", "expired", "inactive", "unknown", "empty", "digest", "latin"])
def test_token_that_is_no_good_is_401_and_does_not_say_why(made, alice, is_problem, why):
    token, secret = made
    if why == "revoked":
        revoke_token(token=token, by=alice, at=timezone.now())
    elif why == "expired":
        Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif why == "inactive":
        type(alice).objects.update(is_active=False)
    else:
        secret = {"unknown": secret[:-1] + "!", "empty": " ", "digest": token.sha256, "latin": "é\xff"}[why]
    client = Caller()
    response = client.get(URL, headers={"authorization": f"Bearer {secret}"})
    body = is_problem(response, 401)
    assert body["detail"] == "This token is not valid, or not any more."
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_bad_token_is_refused_where_none_is_needed(is_problem, db):
    is_problem(Caller("vfy_no-such").get("/api/v1/claims/"), 401)


def test_nobody_is_401(api, is_problem):
    assert is_problem(api.get(URL), 401)
    assert is_problem(api.post(URL, {"url": "http://wire.example/"}), 401)


def test_token_never_does_more_than_its_scopes(caller, alice, is_problem):
    read, capture = caller(alice, Scope.READ), caller(alice, Scope.CAPTURE)
    assert "capture" in is_problem(read.post(URL, {"url": "http://wire.example/"}), 403)["detail"]
    assert "read" in is_problem(capture.get(URL), 403)["detail"]
    assert capture.head(URL).status_code == 403


def test_session_needs_the_csrf_token_to_write(api, alice, is_problem):
    api.force_login(alice)
    assert api.get(URL).status_code == 200
    is_problem(api.post(URL, {"url": "http://wire.example/"}), 403)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["everything"]}),
        ("name", {"name": " "}),
        ("expires_at", {"expires_at": timezone.now() - timedelta(1)}),
    ],
)
def test_token_that_makes_no_sense_is_not_made(alice, field, given):
    fields = {"name": "x", "scopes": [Scope.READ], "by": alice, "at": timezone.now()} | given
    with pytest.raises(ValidationError) as refused:
        make_token(**fields)
    assert field in refused.value.message_dict
    assert not Token.objects.exists()


def test_nobody_revokes_the_token_of_somebody_else(made, bob):
    with pytest.raises(PermissionDenied):
        revoke_token(token=made[0], by=bob, at=timezone.now())
    made[0].refresh_from_db()
    assert made[0].revoked_at is None


def test_revoking_twice_keeps_the_first_moment(made, alice):
    first = timezone.now()
    revoke_token(token=made[0], by=alice, at=first)
    revoke_token(token=made[0], by=alice, at=first + timedelta(1))
    assert made[0].revoked_at == first
