"""One's own account: what is reachable, what mails say, and that what is ended has ended."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings as configured
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, make_person
from verify.accounts import adapters
from verify.accounts.models import Role
from verify.web.urls import account as addresses

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "another-horse-entirely"
OPEN = {  # to somebody who is signed out; with the status that they get
    "account_login": 200,
    "sign-in": 200,
    "mfa_authenticate": 302,
    "mfa_login_webauthn": 302,
    "account_logout": 405,
    "logout": 405,
    "account_confirm_email": 200,
    "account_reset_password": 200,
    "account_reset_password_done": 200,
    "account_reset_password_from_key": 200,
    "account_reset_password_from_key_done": 200,
    "set-theme": 405,
    "set_language": 405,
}
OWN = {
    "mfa_index",
    "account-security",
    "account-sessions",
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
}
ARGUMENTS = {
    "account_confirm_email": ["junk"],
    "account_reset_password_from_key": ["junk", "junk"],
    "mfa_edit_webauthn": [1],
    "mfa_remove_webauthn": [1],
}


@pytest.fixture(autouse=True)
def _no_attempts_yet():
    cache.clear()


def page(name: str) -> str:
    return reverse(name, args=ARGUMENTS.get(name, []))


def sign_in(name: str = "alice", password: str = PASSWORD, **headers: Any) -> Client:
    client = Client(headers=headers)
    client.post(reverse("sign-in"), {"username": name, "password": password})
    return client


def confirm(client: Client) -> None:
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def without_tokens(response: Any) -> str:
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "", response.content.decode())


def link_in(mail: Any) -> str:
    found = re.search(r"^https?://\S+$", mail.body, re.MULTILINE)
    assert found, mail.body
    return found[0]


def path_in(mail: Any) -> str:
    return link_in(mail).removeprefix(configured.SITE_URL)


def test_nothing_else_of_the_library_is_reachable(client):
    assert {pattern.name for pattern in addresses.urlpatterns} == set(OPEN) | OWN
    for path in (
        "signup/",
        "login/",
        "login/code/",
        "signup/passkey/",
        "3rdparty/",
        "inactive/",
        "password/set/",
    ):
        assert client.get("/account/" + path).status_code == 404, path
        assert client.get("/accounts/" + path).status_code == 404, path


@pytest.mark.parametrize(("name", "status"), OPEN.items())
def test_page_is_open_to_everybody(client, name, status):
    response = client.get(page(name))
    assert response.status_code == status
    assert status != 302 or response["Location"] == reverse("sign-in")


@pytest.mark.parametrize("name", sorted(OWN))
@pytest.mark.parametrize("method", ["get", "post"])
def test_own_pages_need_signing_in(client, name, method):
    response = getattr(client, method)(page(name))
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, reverse("sign-in"))


def test_own_pages_open_and_run_no_inline_script(client, alice):
    client.force_login(alice)
    confirm(client)
    for name in ("account-security", "account-sessions", "account_email", "account_change_password"):
        response = client.get(page(name))
        assert response.status_code == 200, name
        assert not re.search(
            r"<script(?![^>]* src=)(?![^>]*application/json)|\son\w+=", response.content.decode()
        )
    for name in ("account_reauthenticate", "mfa_activate_totp", "mfa_list_webauthn", "mfa_add_webauthn"):
        assert client.get(page(name)).status_code == 200, name
    for name in (
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_edit_webauthn",
        "mfa_remove_webauthn",
    ):
        assert client.get(page(name)).status_code == 404, name  # there is none yet


def test_public_pages_set_no_cookie(client):
    for name in ("front", "corrections", "methodology"):
        assert not client.get(reverse(name)).cookies, name


# ---- signing in by e-mail


def make_erin(desk: Any, *, verified: bool) -> None:
    erin = make_person("erin", desk, Role.CHECKER)
    EmailAddress.objects.create(user=erin, email="erin@example.org", verified=verified, primary=True)


@pytest.mark.parametrize(("verified", "signed_in"), [(True, True), (False, False)])
def test_only_a_confirmed_address_signs_in(desk, verified, signed_in):
    make_erin(desk, verified=verified)
    assert ("_auth_user_id" in sign_in("erin@example.ORG").session) == signed_in
    assert "_auth_user_id" in sign_in("erin").session


def test_guesses_by_address_are_counted_too(desk, monkeypatch):
    make_erin(desk, verified=True)
    monkeypatch.setattr("verify.web.views.account.TRIES_PER_NAME", 2)
    for _round in range(2):
        sign_in("erin@example.org", "wrong")
    response = Client().post(reverse("sign-in"), {"username": "ERIN@example.org ", "password": PASSWORD})
    assert response.status_code == 429


# ---- a forgotten password


def ask_for_link(client: Client, email: str, **extra: Any) -> Any:
    return client.post(reverse("account_reset_password"), {"email": email}, follow=True, **extra)


def test_forgotten_password_says_the_same_whoever_asks(client, alice, mailoutbox):
    type(alice).objects.filter(pk=alice.pk).update(email="alice@example.org")
    answers = [ask_for_link(Client(), email) for email in ("alice@example.org", "nobody@example.org")]
    assert [mail.to for mail in mailoutbox] == [["alice@example.org"]]
    told = [without_tokens(answer) for answer in answers]
    assert told[0] == told[1]
    assert "If there is an account" in told[0]


def test_forgotten_password_says_the_same_when_the_mail_cannot_be_sent(client, alice, monkeypatch):
    type(alice).objects.filter(pk=alice.pk).update(email="alice@example.org")
    monkeypatch.setattr(
        adapters.AccountAdapter, "render_mail", lambda *_: (_ for _ in ()).throw(OSError("no server"))
    )
    assert ask_for_link(client, "alice@example.org").status_code == 200


def test_link_names_this_site_whatever_the_request_says(client, alice, mailoutbox, settings):
    settings.ALLOWED_HOSTS = ["*"]
    type(alice).objects.filter(pk=alice.pk).update(email="alice@example.org")
    ask_for_link(
        client, "alice@example.org", headers={"host": "evil.example", "x-forwarded-host": "evil.example"}
    )
    assert link_in(mailoutbox[0]).startswith(configured.SITE_URL + "/account/password/new/")
    assert "evil.example" not in mailoutbox[0].body + mailoutbox[0].subject


def test_link_sets_a_password_once_and_ends_every_session(client, alice, mailoutbox):
    type(alice).objects.filter(pk=alice.pk).update(email="alice@example.org")
    stolen = sign_in()
    ask_for_link(client, "alice@example.org")
    form = client.get(path_in(mailoutbox[0]), follow=True)
    assert mailoutbox[0].body not in form.content.decode()
    new = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(form.wsgi_request.path, new).status_code == 302
    assert stolen.get(reverse("account-security")).status_code == 302
    assert "_auth_user_id" not in sign_in().session
    assert "_auth_user_id" in sign_in(password=NEW_PASSWORD).session
    assert "does not work" in Client().get(path_in(mailoutbox[0]), follow=True).content.decode()


def test_weak_password_is_refused(client, alice):
    client.force_login(alice)
    weak = {"oldpassword": PASSWORD, "password1": "alice", "password2": "alice"}
    response = client.post(reverse("account_change_password"), weak)
    assert response.status_code == 200
    assert "too short" in response.content.decode()


# ---- another password, another address


def test_stolen_session_ends_with_the_password(alice, mailoutbox):
    EmailAddress.objects.create(user=alice, email="alice@example.org", verified=True, primary=True)
    own, stolen = sign_in(), sign_in()
    new = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert own.post(reverse("account_change_password"), new)["Location"] == reverse("account-security")
    assert own.get(reverse("account-security")).status_code == 200
    assert stolen.get(reverse("account-security")).status_code == 302
    assert [mail.to for mail in mailoutbox] == [["alice@example.org"]]
    assert NEW_PASSWORD not in mailoutbox[0].body


def test_password_cannot_be_guessed_at_an_open_session(client, alice, monkeypatch):
    monkeypatch.setattr("verify.web.views.account.TRIES_PER_NAME", 2)
    client.force_login(alice)
    for name, field in (("account_change_password", "oldpassword"), ("account_reauthenticate", "password")):
        client.post(page(name), {field: "wrong", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    confirm(client)
    assert client.get(page("mfa_add_webauthn")).status_code == 302


def test_address_counts_once_it_is_confirmed(client, alice, mailoutbox):
    client.force_login(alice)
    confirm(client)
    client.post(reverse("account_email"), {"email": "alice@example.org", "action_add": "1"})
    assert not EmailAddress.objects.get(user=alice).verified
    assert link_in(mailoutbox[0]).startswith(configured.SITE_URL + "/account/email/confirm/")
    assert client.get(path_in(mailoutbox[0])).status_code == 200
    assert not EmailAddress.objects.get(user=alice).verified  # a scanner that follows links confirms nothing
    client.post(path_in(mailoutbox[0]))
    assert EmailAddress.objects.get(user=alice).verified


def test_address_is_changed_only_by_who_shows_the_password(client, alice):
    client.force_login(alice)
    response = client.post(reverse("account_email"), {"email": "alice@example.org", "action_add": "1"})
    assert response["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.exists()


def test_adding_somebody_elses_address_does_not_say_that_it_is_known(client, alice, bob, mailoutbox):
    EmailAddress.objects.create(user=bob, email="bob@example.org", verified=True, primary=True)
    client.force_login(alice)
    confirm(client)
    pages = []
    for email in ("bob@example.org", "nobody@example.org"):
        response = client.post(reverse("account_email"), {"email": email, "action_add": "1"}, follow=True)
        pages.append(without_tokens(response).replace(email, ""))
    assert pages[0] == pages[1]


# ---- sessions


def test_sessions_are_listed_and_ended_one_by_one(alice):
    here, there = sign_in(), sign_in(**{"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    listed = here.get(reverse("account-sessions")).content.decode()
    assert "Firefox, Linux" in listed
    row = UserSession.objects.get(session_key=there.session.session_key)
    here.post(reverse("account-sessions"), {"end": str(row.pk)})
    assert not Session.objects.filter(session_key=row.session_key).exists()
    assert there.get(reverse("account-security")).status_code == 302
    assert here.get(reverse("account-security")).status_code == 200


@pytest.mark.parametrize(("end", "here_stays"), [("others", True), ("all", False)])
def test_signing_out_everywhere(alice, end, here_stays):
    here, there = sign_in(), sign_in()
    here.post(reverse("account-sessions"), {"end": end})
    assert there.get(reverse("account-security")).status_code == 302
    assert (here.get(reverse("account-security")).status_code == 200) == here_stays


@pytest.mark.parametrize("end", ["", "0", "-1", "x", "٣", "9" * 30])
def test_nobody_ends_the_session_of_another(alice, mallory, end):
    victim, attacker = sign_in(), sign_in("mallory")
    row = UserSession.objects.get(user=alice)
    assert attacker.post(reverse("account-sessions"), {"end": end}).status_code == 404
    assert attacker.post(reverse("account-sessions"), {"end": str(row.pk)}).status_code == 404
    assert str(row.ip) and victim.get(reverse("account-security")).status_code == 200


def test_session_is_listed_however_it_began(client, alice):
    client.force_login(alice)  # as after an invitation, past the sign-in page
    assert UserSession.objects.get(user=alice).session_key == client.session.session_key


@pytest.mark.parametrize("count", [1, 3])
def test_sessions_cost_the_same_queries(alice, count, django_assert_num_queries):
    clients = [sign_in() for _round in range(count)]
    with django_assert_num_queries(4):  # session, person; rows, their sessions
        assert clients[0].get(reverse("account-sessions")).status_code == 200


def test_signing_in_is_possible_without_an_address_of_the_client(alice):
    client = Client(REMOTE_ADDR="")
    client.post(reverse("sign-in"), {"username": "alice", "password": PASSWORD})
    assert UserSession.objects.get(user=alice).ip == "::"
