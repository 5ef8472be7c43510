"""A desk's settings and a person's tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import make_person
from verify.accounts.models import Membership, Role
from verify.api.models import Token
from verify.api.services import make_token

pytestmark = pytest.mark.django_db

PAGE = "/desk/settings/"


@pytest.fixture
def erin(desk: Any) -> Any:
    """The administrator."""
    return make_person("erin", desk, Role.ADMIN)


def test_settings_ask_to_sign_in(client, db):
    assert client.get(PAGE)["Location"].startswith("/sign-in/?next=")


def test_settings_show_the_own_desk_alone(client, dave, mallory):
    client.force_login(dave)
    html = client.get(PAGE).content.decode()
    assert "Dave" in html and "Mallory" not in html and "Confirmed" in html


@pytest.mark.parametrize("name", ["member-new", "member-role", "desk-approvals"])
def test_settings_are_changed_by_administrators_alone(client, bob, desk, name):
    client.force_login(bob)
    given = {"username": "bob", "member": bob.memberships.get().pk, "role": "admin", "approvals_needed": 1}
    assert client.post(reverse(name), given).status_code == 403
    assert bob.memberships.get().role == "editor"


def test_settings_add_a_person_by_user_name(client, erin, mallory, desk):
    client.force_login(erin)
    assert client.post(reverse("member-new"), {"username": "nobody", "role": "viewer"}).status_code == 422
    assert client.post(reverse("member-new"), {"username": "mallory", "role": "viewer"}).status_code == 302
    assert Membership.objects.get(user=mallory, desk=desk).role == "viewer"


def test_settings_change_a_role_but_keep_an_administrator(client, erin, dave):
    client.force_login(erin)
    own, other = erin.memberships.get(), dave.memberships.get()
    assert client.post(reverse("member-role"), {"member": own.pk, "role": "viewer"}).status_code == 422
    assert client.post(reverse("member-role"), {"member": other.pk, "role": "checker"}).status_code == 302
    own.refresh_from_db(), other.refresh_from_db()
    assert (own.role, other.role) == ("admin", "checker")


def test_settings_do_not_reach_members_of_another_desk(client, erin, mallory):
    client.force_login(erin)
    theirs = mallory.memberships.get()
    assert client.post(reverse("member-role"), {"member": theirs.pk, "role": "viewer"}).status_code == 422
    theirs.refresh_from_db()
    assert theirs.role == "editor"


def test_settings_change_the_approvals(client, erin, desk):
    client.force_login(erin)
    assert client.post(reverse("desk-approvals"), {"approvals_needed": 0}).status_code == 422
    client.post(reverse("desk-approvals"), {"approvals_needed": 2})
    desk.refresh_from_db()
    assert desk.approvals_needed == 2


def test_a_token_is_shown_once_and_works(client, dave):
    client.force_login(dave)
    response = client.post(reverse("token-new"), {"name": "Reader", "scopes": ["read"]})
    secret = response.context["secret"]
    assert secret in response.content.decode() and "no-store" in response["Cache-Control"]
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(Token.objects.values())


@pytest.mark.parametrize(
    ("given", "field"),
    [({"name": ""}, "name"), ({"scopes": []}, "scopes"), ({"expires_at": "2020-01-01T00:00"}, "expires_at")],
)
def test_a_token_that_makes_no_sense_is_refused(client, dave, given, field):
    client.force_login(dave)
    response = client.post(reverse("token-new"), {"name": "Reader", "scopes": ["read"], **given})
    assert response.status_code == 422 and field in response.context["token_form"].errors
    assert not Token.objects.exists()


def test_tokens_are_revoked_by_their_owner_alone(client, dave, bob):
    token, _ = make_token(name="Reader", scopes=["read"], by=dave, at=timezone.now() - timedelta(days=1))
    client.force_login(bob)
    assert client.post(reverse("token-revoke", args=[token.pk])).status_code == 404
    client.force_login(dave)
    assert client.post(reverse("token-revoke", args=[token.pk])).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("rows", [1, 3])
def test_settings_ask_the_same_for_one_and_three(client, erin, desk, django_assert_num_queries, rows):
    for number in range(rows):
        make_person(f"person{number}", desk, Role.VIEWER)
        make_token(name=f"Token {number}", scopes=["read"], by=erin, at=timezone.now())
    client.force_login(erin)
    # session, person, desks, members twice (how many, the page), the same for the select, scale, tokens, the inbox
    with django_assert_num_queries(9):
        client.get(PAGE)
