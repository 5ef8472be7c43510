"""Second factors: set up, asked for, never skipped, not guessed; their secrets are kept encrypted."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD
from verify.accounts import second_factor

pytestmark = pytest.mark.django_db
DEAD = {"BACKEND": "verify.accounts.cache.ForgivingCache", "LOCATION": "unix:///no/such.sock"}


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()


def code(secret: str, step: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def confirm(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def set_up(client: Client) -> str:
    """Set up an authenticator app; its secret."""
    confirm(client)
    secret: str = client.get(reverse("mfa_activate_totp")).context["form"].secret
    response = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert response["Location"] == reverse("mfa_view_recovery_codes")
    return secret


def first_step(client: Client, **given: Any) -> Any:
    return client.post(reverse("sign-in"), {"username": "alice", "password": PASSWORD} | given)


@pytest.fixture
def secret(client, alice) -> str:
    client.force_login(alice)
    return set_up(client)


def test_app_is_set_up_used_and_removed(client, alice, secret):
    other = Client()
    assert first_step(other, next="/desk/help/")["Location"] == reverse("mfa_authenticate")
    response = other.post(reverse("mfa_authenticate"), {"code": code(secret, 1)})
    assert (response.status_code, response["Location"]) == (302, "/desk/help/")
    assert other.session["_auth_user_id"] == str(alice.pk)
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.filter(user=alice).exists()  # the recovery codes go with it
    first_step(again := Client())
    assert again.session["_auth_user_id"] == str(alice.pk)


def test_code_works_once(client, alice, secret):
    given = {"code": code(secret, 1)}
    for signed_in in (True, False):
        first_step(other := Client())
        other.post(reverse("mfa_authenticate"), given)
        assert ("_auth_user_id" in other.session) == signed_in


def test_recovery_code_works_once(client, alice, secret):
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(set(codes)) == 10
    assert codes[0] in client.get(reverse("mfa_download_recovery_codes")).content.decode()
    for signed_in in (True, False):
        first_step(other := Client())
        other.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert ("_auth_user_id" in other.session) == signed_in
    client.post(reverse("mfa_generate_recovery_codes"))
    first_step(other := Client())
    other.post(reverse("mfa_authenticate"), {"code": codes[1]})
    assert "_auth_user_id" not in other.session


def test_secrets_are_encrypted_at_rest(client, alice, secret):
    codes = client.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        kept = " ".join(row[0] for row in cursor.fetchall())
    assert secret not in kept
    assert not any(one in kept for one in codes)
    assert second_factor.unseal(Authenticator.objects.get(type="totp").data["secret"]) == secret


@pytest.mark.parametrize(
    "name", ["inbox", "account-security", "account_email", "mfa_activate_totp", "desk-settings"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_second_step_cannot_be_skipped(client, alice, secret, name, method):
    first_step(half := Client())
    response = getattr(half, method)(reverse(name))
    assert response["Location"].partition("?")[0] == reverse("sign-in")
    assert half.get("/api/v1/captures/").status_code in (401, 403)
    assert "_auth_user_id" not in half.session


def test_second_step_needs_the_first(client, alice, secret):
    fresh = Client()
    assert fresh.post(reverse("mfa_authenticate"), {"code": code(secret, 1)})["Location"] == reverse(
        "sign-in"
    )
    assert "_auth_user_id" not in fresh.session


def test_half_a_sign_in_can_be_given_up(client, alice, secret):
    first_step(half := Client())
    half.post(reverse("logout"))
    half.post(reverse("mfa_authenticate"), {"code": code(secret, 1)})
    assert "_auth_user_id" not in half.session


def test_new_password_does_not_replace_the_second_factor(client, alice, secret, mailoutbox):
    type(alice).objects.filter(pk=alice.pk).update(email="alice@example.org")
    other = Client()
    other.post(reverse("account_reset_password"), {"email": "alice@example.org"})
    link = next(line for line in mailoutbox[-1].body.splitlines() if "/account/password/new/" in line)
    form = other.get("/account/" + link.split("/account/")[1], follow=True)
    new = "another-horse-entirely"
    other.post(form.wsgi_request.path, {"password1": new, "password2": new})
    assert first_step(other, password=new)["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in other.session


def test_codes_are_not_guessed_for_long(client, alice, secret):
    for _round in range(5):
        first_step(other := Client())
        assert other.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    response = other.post(reverse("mfa_authenticate"), {"code": code(secret, 1)})
    assert "too many attempts" in response.content.decode()
    assert "_auth_user_id" not in other.session


def test_dead_cache_locks_nobody_out(client, alice, secret, settings):
    settings.CACHES = {"default": DEAD}
    first_step(other := Client())
    other.post(reverse("mfa_authenticate"), {"code": code(secret)})
    assert other.session["_auth_user_id"] == str(alice.pk)
    other.post(reverse("account_reset_password"), {"email": "alice@example.org"})
    confirm(other)
    assert other.get(reverse("mfa_view_recovery_codes")).status_code == 200


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_factors_are_changed_only_by_who_shows_it_is_them(client, alice, name, method):
    client.force_login(alice)
    response = getattr(client, method)(reverse(name), {"code": "000000", "credential": "{}"})
    assert response["Location"].startswith(reverse("account_reauthenticate") + "?next=")
    assert not Authenticator.objects.exists()


def test_removing_a_factor_needs_it_too(client, alice, secret):
    stolen = Client()
    stolen.force_login(alice)
    for name in ("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"):
        assert stolen.post(reverse(name)).status_code in (302, 405), name
        assert "/account/confirm/" in stolen.get(reverse(name))["Location"], name
    assert Authenticator.objects.filter(user=alice, type="totp").exists()


def test_nobody_touches_the_passkey_of_another(client, alice, mallory):
    key = Authenticator.objects.create(user=alice, type="webauthn", data={"name": "Key", "credential": {}})
    client.force_login(mallory)
    confirm(client)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert client.post(reverse(name, args=[key.pk]), {"name": "mine"}).status_code == 404
    assert Authenticator.objects.get().data["name"] == "Key"


JUNK: list[Any] = [
    "",
    "{",
    "[]",
    "null",
    "1",
    '"x"',
    "[" * 2000,
    json.dumps({}),
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": []}),
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "////"}}),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "AA",
                "attestationObject": "AA",
                "signature": "AA",
                "userHandle": "AA",
            },
        }
    ),
    json.dumps({"id": "\x00", "rawId": 5, "response": {"clientDataJSON": "e30", "userHandle": {}}}),
]


@pytest.mark.parametrize("junk", JUNK)
def test_passkey_that_is_none_is_refused(client, alice, secret, junk):
    anybody = Client()
    anybody.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
    assert anybody.post(reverse("mfa_login_webauthn"), {"credential": junk})["Location"] == reverse("sign-in")
    first_step(half := Client())
    assert half.get(reverse("mfa_authenticate")).status_code == 200
    assert half.post(reverse("mfa_authenticate"), {"credential": junk}).status_code == 200
    assert "_auth_user_id" not in half.session
    client.get(reverse("mfa_add_webauthn"))
    assert client.post(reverse("mfa_add_webauthn"), {"name": "x", "credential": junk}).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()
