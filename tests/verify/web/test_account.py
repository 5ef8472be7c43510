"""Signing in and out, and preferences: nothing leaks, nothing leads elsewhere, nobody guesses for long."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD
from verify.web.views import account

pytestmark = pytest.mark.django_db

EVIL = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://testserver@evil.example/",
    "\x01//evil.example",
]


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()


def sign_in(client: Client, name: str = "alice", password: str = PASSWORD, **extra: Any) -> Any:
    given = {"username": name, "password": password, "next": "/corrections/"} | extra.pop("given", {})
    return client.post(reverse("sign-in"), given, **extra)


def test_right_password_signs_in_and_goes_on(client, alice):
    response = sign_in(client)
    assert (response.status_code, response["Location"]) == (302, "/corrections/")
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.parametrize("case", ["wrong password", "no such person", "inactive"])
def test_refusal_is_the_same_whatever_was_wrong(client, alice, bob, case):
    if case == "inactive":
        type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    name = "nobody" if case == "no such person" else "alice"
    response = sign_in(client, name, PASSWORD if case == "inactive" else "wrong")
    assert response.status_code == 200
    assert "The user name and password do not fit together." in response.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("target", EVIL)
def test_sign_in_leads_nowhere_else(client, alice, settings, target):
    settings.LOGIN_REDIRECT_URL = "/methodology/"
    response = sign_in(client, given={"next": target})
    assert (response.status_code, response["Location"]) == (302, "/methodology/")


@pytest.mark.parametrize("view", ["set-theme", "set_language"])
@pytest.mark.parametrize("target", EVIL)
def test_preferences_lead_nowhere_else(client, view, target):
    response = client.post(
        reverse(view),
        {"theme": "dark", "language": "ar", "next": target},
        headers={"referer": "https://evil.example/"},
    )
    assert (response.status_code, response["Location"]) == (302, "/")


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_guessing_one_name_ends(client, alice, monkeypatch, name):
    monkeypatch.setattr(account, "TRIES_PER_NAME", 3)
    for address in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
        assert sign_in(client, name, "wrong", REMOTE_ADDR=address).status_code == 200
    response = sign_in(client, name.upper(), PASSWORD, REMOTE_ADDR="192.0.2.4")
    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    assert "too many attempts" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_right_password_is_refused_too_while_the_name_is_closed(client, alice, monkeypatch):
    monkeypatch.setattr(account, "TRIES_PER_NAME", 1)
    sign_in(client, password="wrong")
    assert sign_in(client).status_code == 429


@pytest.mark.parametrize(
    "addresses",
    [
        ["192.0.2.1"],
        ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"],
        ["::ffff:192.0.2.1", "192.0.2.1"],
    ],
)
def test_guessing_from_one_place_ends(client, alice, monkeypatch, addresses):
    monkeypatch.setattr(account, "TRIES_PER_ADDRESS", 3)
    for i in range(3):
        sign_in(client, f"name-{i}", "wrong", REMOTE_ADDR=addresses[i % len(addresses)])
    assert sign_in(client, REMOTE_ADDR=addresses[-1]).status_code == 429
    assert sign_in(client, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_signing_in_forgets_the_slips_before(client, alice, monkeypatch):
    monkeypatch.setattr(account, "TRIES_PER_NAME", 2)
    for _round in range(3):
        sign_in(client, password="wrong")
        assert sign_in(client).status_code == 302


def test_forwarded_address_counts_only_behind_our_proxy(client, alice, monkeypatch, settings):
    monkeypatch.setattr(account, "TRIES_PER_ADDRESS", 1)
    for i in range(2):  # an invented header changes nothing
        response = sign_in(client, f"name-{i}", "wrong", headers={"x-forwarded-for": f"192.0.2.{i}"})
    assert response.status_code == 429
    settings.BEHIND_PROXY = True
    forwarded = {"x-forwarded-for": "127.0.0.1, 198.51.100.9"}
    assert sign_in(client, headers=forwarded).status_code == 302


def test_people_get_in_while_the_cache_is_down(client, alice, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///no/such.sock",
        }
    }
    assert sign_in(client).status_code == 302


def test_sign_in_needs_the_token_of_the_form(alice):
    assert sign_in(Client(enforce_csrf_checks=True)).status_code == 403


def test_signing_out_takes_a_post(client, alice):
    client.force_login(alice)
    assert client.get(reverse("logout")).status_code == 405
    assert "_auth_user_id" in client.session
    assert client.post(reverse("logout")).status_code == 302
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("theme", "kept"), [("dark", "dark"), ("light", "light"), ("", ""), ("<x>", "")])
def test_theme_is_kept(client, theme, kept):
    client.post(reverse("set-theme"), {"theme": theme, "next": "/corrections/"})
    assert (client.cookies["theme"].value if "theme" in client.cookies else "") == kept
    assert (f'data-theme="{kept}"' in client.get("/corrections/").content.decode()) == bool(kept)


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr"), ("xx", "ltr")])
def test_language_is_kept(client, language, direction):
    response = client.post(reverse("set_language"), {"language": language, "next": "/corrections/"})
    assert response["Location"] == "/corrections/"
    assert f'dir="{direction}"' in client.get("/corrections/").content.decode()


@pytest.mark.parametrize("view", ["set-theme", "set_language"])
def test_preferences_take_a_post(client, view):
    assert client.get(reverse(view)).status_code == 405


def test_sign_in_page_has_the_name_of_the_site(client, settings):
    page = client.get(reverse("sign-in")).content.decode()
    assert settings.SITE_NAME in page
    assert "testserver" not in page
