"""A desk that requires a second factor is shut to members without one, by every door."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from claims.statements.services import add_figure
from sources.archive.models import Capture, Text
from verify.accounts.models import Membership, Role
from verify.accounts.rules import desks_of, has_role
from verify.api.models import Scope, Token
from verify.api.services import make_token
from verify.web.mixins import DESK_KEY

pytestmark = pytest.mark.django_db
SET_UP = "/account/security/"
VALUES: dict[str, Any] = {
    "UUIDConverter": UUID(int=7),
    "IntConverter": 1,
    "SlugConverter": "text",
    "StringConverter": "x",
}


@pytest.fixture
def strict(desk):
    desk.requires_second_factor = True
    desk.save(update_fields=["requires_second_factor"])
    return desk


def give_factor(user: Any) -> None:
    Authenticator.objects.create(user=user, type="totp", data={"secret": "sealed"})


def patterns(resolver: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield before + str(entry.pattern), entry
        else:
            yield from patterns(entry, before + str(entry.pattern))


def addresses() -> list[str]:
    """Every address of the workbench, with ids that name nothing."""
    found = []
    for route, entry in patterns(get_resolver()):
        if route.startswith("desk/"):
            arguments = {key: VALUES[type(value).__name__] for key, value in entry.pattern.converters.items()}
            found.append(reverse(str(entry.name), kwargs=arguments))
    assert len(found) > 80
    return found


def test_every_address_of_the_desk_leads_to_setting_one_up(client, alice, strict):
    client.force_login(alice)
    for address in addresses():
        for method in ("get", "post"):
            response = getattr(client, method)(address)
            assert (response.status_code, response.get("Location")) == (302, SET_UP), (method, address)
            response = getattr(client, method)(address, headers={"hx-request": "true"})
            assert response.headers.get("HX-Redirect") == SET_UP, (method, address)


def test_page_says_which_desk_asks(client, alice, strict):
    client.force_login(alice)
    page = client.get(SET_UP).content.decode()
    assert f"The desk “{strict.name}” asks its members for a second factor" in page
    give_factor(alice)
    assert "asks its members" not in client.get(SET_UP).content.decode()


@pytest.mark.parametrize(("type_", "opens"), [("totp", True), ("webauthn", True), ("recovery_codes", False)])
def test_factor_opens_the_desk(client, alice, strict, type_, opens):
    data = {"secret": "sealed", "name": "Key", "credential": {}}
    Authenticator.objects.create(user=alice, type=type_, data=data)
    client.force_login(alice)
    assert (client.get(reverse("case-list")).status_code == 200) == opens
    assert desks_of(alice).exists() == opens


def test_role_is_kept_while_the_factor_is_missing(alice, strict):
    assert not desks_of(alice).exists()
    assert has_role(alice, strict, Role.CHECKER)


def test_another_desk_is_no_way_around(client, alice, strict, other_desk, make_claim, make_capture):
    claim, capture = make_claim(text="Something that only members may read"), make_capture()
    Membership.objects.create(user=alice, desk=other_desk, role=Role.EDITOR)
    client.force_login(alice)
    session = client.session
    session[DESK_KEY] = str(other_desk.pk)
    session.save()
    for name, thing in (("claim", claim), ("capture", capture)):
        response = client.get(reverse(name, args=[thing.pk]))
        assert (response.status_code, response.get("Location")) == (302, SET_UP), name
    assert client.get(reverse("claim", args=[uuid4()])).status_code == 404
    for name in ("case-list", "search", "document-list", "source-list", "inbox"):
        response = client.get(reverse(name), {"q": "members"} if name == "search" else {})
        assert response.status_code == 200, name
        assert "only members may read" not in response.content.decode(), name


def test_what_is_part_of_a_closed_claim_or_capture_leads_to_setting_one_up_too(
    client, alice, strict, other_desk, researched_claim, mallory
):
    figure = add_figure(claim=researched_claim, point=745, unit="massacres", by=alice, at=timezone.now())
    evidence, text = researched_claim.evidence.get(), Text.objects.get()
    parts = {
        "assertion-edit": evidence.assertion_id,
        "evidence-edit": evidence.pk,
        "figure-edit": figure.pk,
        "anchor-new": text.pk,
    }
    Membership.objects.create(user=alice, desk=other_desk, role=Role.EDITOR)
    for person, answer in ((alice, (302, SET_UP)), (mallory, (404, None))):
        client.force_login(person)
        session = client.session
        session[DESK_KEY] = str(other_desk.pk)
        session.save()
        for name, pk in parts.items():
            for method in (client.get, client.post):
                response = method(reverse(name, args=[pk]))
                assert (response.status_code, response.get("Location")) == answer, name
            assert client.get(reverse(name, args=[uuid4()])).status_code == 404


def test_way_out_to_another_desk_stays_open(client, alice, strict, other_desk):
    Membership.objects.create(user=alice, desk=other_desk, role=Role.EDITOR)
    client.force_login(alice)
    session = client.session
    session[DESK_KEY] = str(strict.pk)
    session.save()
    assert client.get(reverse("inbox"))["Location"] == SET_UP
    assert client.get(reverse("desk-list")).status_code == 200
    client.post(reverse("desk-list"), {"desk": str(other_desk.pk)})
    assert client.get(reverse("inbox")).status_code == 200


@pytest.mark.parametrize("way", ["session", "token"])
def test_api_shows_nothing_of_the_desk(alice, strict, make_capture, way):
    capture = make_capture()
    client, headers = Client(), {}
    if way == "session":
        client.force_login(alice)
    else:
        _token, secret = make_token(name="mine", scopes=list(Scope), by=alice, at=timezone.now())
        headers = {"authorization": f"Bearer {secret}"}
    assert Capture.objects.count() == 1
    listed = client.get("/api/v1/captures/", headers=headers)
    assert (listed.status_code, listed.json()["results"]) == (200, [])
    assert client.get(f"/api/v1/captures/{capture.pk}/", headers=headers).status_code == 404
    asked = {"url": "https://example.org/", "desk": strict.slug}
    assert client.post(
        "/api/v1/captures/", asked, headers=headers, content_type="application/json"
    ).status_code in (400, 403)
    give_factor(alice)
    assert len(client.get("/api/v1/captures/", headers=headers).json()["results"]) == 1


def test_no_token_is_made_at_the_desk(client, alice, strict):
    client.force_login(alice)
    response = client.post(reverse("token-new"), {"name": "mine", "scopes": [Scope.values[0]]})
    assert response["Location"] == SET_UP
    assert not Token.objects.exists()


def test_desk_that_asks_for_nothing_is_not_asked_about(client, alice, desk):
    client.force_login(alice)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("help")).status_code == 200
    assert not [
        query for query in asked.captured_queries if query["sql"].startswith('SELECT 1 AS "a" FROM "mfa')
    ]


def test_desk_that_asks_for_a_factor_costs_one_query(client, alice, strict):
    give_factor(alice)
    client.force_login(alice)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse("help")).status_code == 200
    assert len([q for q in asked.captured_queries if q["sql"].startswith('SELECT 1 AS "a" FROM "mfa')]) == 1
