"""A passkey in a real browser, with the authenticator that Chromium offers to tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache

from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def key(page: Any) -> Iterator[Any]:
    """The page at localhost (a passkey wants a name), with an authenticator that verifies its person."""
    cache.clear()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    assert page.problems == []


def give_password(page: Any) -> None:
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")


def test_passkey_is_added_asked_for_and_signs_in_alone(key: Any, alice: Any, web_server: str):
    page = key
    alice.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 8)
    alice.save(update_fields=["password"])
    site = web_server.replace("127.0.0.1", "localhost")
    page.goto(f"{site}/sign-in/?next=/account/passkeys/new/")
    page.fill("[name=username]", "alice")
    give_password(page)
    page.wait_for_url("**/account/confirm/password/**")
    give_password(page)
    page.wait_for_url(f"{site}/account/passkeys/new/")
    page.fill("[name=name]", "My laptop")
    page.click("main button.primary")
    page.wait_for_url("**/account/recovery-codes/")
    assert Authenticator.objects.get(type="webauthn").wrap().name == "My laptop"

    page.goto(f"{site}/account/passkeys/new/")
    page.click("main button.primary")  # the same device once more
    page.wait_for_selector("[data-passkey-error]:not([hidden])")
    assert "already has a passkey" in page.inner_text("[data-passkey-error]")

    page.context.clear_cookies()
    page.goto(f"{site}/sign-in/?next=/account/security/")
    page.fill("[name=username]", "alice")
    give_password(page)
    page.wait_for_url("**/sign-in/second-factor/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site}/account/security/")
    assert "My laptop" in page.inner_text("main")

    page.context.clear_cookies()
    page.goto(f"{site}/sign-in/?next=/account/passkeys/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site}/account/passkeys/")
    assert "signs you in by itself" in page.inner_text("main")
