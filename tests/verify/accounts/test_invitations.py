"""Invitations: a link that works once, for a few days, and tells nobody else anything."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.utils import timezone

from tests.cast import PASSWORD, at_once, make_person
from verify.accounts.invitations import (
    InvitationClosed,
    Mailing,
    accept_as_newcomer,
    accept_invitation,
    invite,
    link_of,
    mailed,
    open_invitation,
    resend_invitation,
    revoke_invitation,
)
from verify.accounts.models import Invitation, Membership, Role, User
from verify.accounts.services import change_role

pytestmark = pytest.mark.django_db
NOW = timezone.now()
NEW = {"username": "nour", "display_name": "Nour", "password": "a-long-enough-phrase"}


@pytest.fixture
def erin(desk: Any) -> Any:
    """The administrator."""
    return make_person("erin", desk, Role.ADMIN)


@pytest.fixture
def invited(desk: Any, erin: Any) -> tuple[Invitation, str]:
    return invite(desk=desk, email="nour@wire.example", role=Role.CHECKER, by=erin, at=NOW)


def test_only_an_administrator_invites_and_only_to_the_own_desk(desk, other_desk, erin, bob):
    for who, where in ((bob, desk), (erin, other_desk)):
        with pytest.raises(PermissionDenied):
            invite(desk=where, email="n@wire.example", role=Role.VIEWER, by=who, at=NOW)


def test_the_secret_is_kept_nowhere(invited):
    _invitation, secret = invited
    rows = [*Invitation.objects.values(), *Invitation.pgh_event_model.objects.values()]
    assert len(secret) == 43 and rows and secret not in str(rows)


def test_the_mail_names_neither_the_desk_nor_who_invites(
    desk, erin, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        _invitation, secret = invite(
            desk=desk,
            email="nour@wire.example",
            role=Role.EDITOR,
            by=erin,
            at=NOW,
            mailing=(sent := Mailing()),
        )
    (message,) = mail.outbox
    assert message.to == ["nour@wire.example"] and sent.sent is True
    words = f"{message.subject} {message.body}".lower()
    assert link_of(mailed(secret)) in message.body and settings.SITE_NAME.lower() in words
    assert not any(word in words for word in ("coast", "erin", "editor"))


def test_nothing_is_mailed_for_an_invitation_that_was_rolled_back(
    erin, desk, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ValidationError):
        invite(desk=desk, email="not an address", role=Role.VIEWER, by=erin, at=NOW)
    assert mail.outbox == []


def test_a_mail_server_that_is_down_undoes_no_invitation(
    desk, erin, settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # nobody listens there
    with django_capture_on_commit_callbacks(execute=True):
        invite(
            desk=desk, email="n@wire.example", role=Role.VIEWER, by=erin, at=NOW, mailing=(sent := Mailing())
        )
    assert sent.sent is False and Invitation.objects.count() == 1


@pytest.mark.parametrize(
    "email", ["", "nour", "nour@", "nour@wire.example\nBcc: all@wire.example", "\x00@x.example"]
)
def test_an_address_that_is_none_is_refused(desk, erin, email):
    with pytest.raises(ValidationError) as refusal:
        invite(desk=desk, email=email, role=Role.VIEWER, by=erin, at=NOW)
    assert "email" in refusal.value.error_dict


def test_a_role_that_there_is_not_is_refused(desk, erin):
    with pytest.raises(ValidationError):
        invite(desk=desk, email="n@wire.example", role="owner", by=erin, at=NOW)


def test_an_address_has_one_open_invitation(desk, erin, invited):
    with pytest.raises(ValidationError, match="open invitation"):
        invite(desk=desk, email="NOUR@wire.example", role=Role.VIEWER, by=erin, at=NOW)
    later = NOW + timedelta(days=8)
    second, _secret = invite(desk=desk, email="NOUR@wire.example", role=Role.VIEWER, by=erin, at=later)
    first = Invitation.objects.exclude(pk=second.pk).get()
    assert first.revoked_at == later


def test_the_database_holds_one_open_invitation_per_address(desk, erin, invited):
    with pytest.raises(IntegrityError, match="one_open_invitation"):
        Invitation.objects.create(
            desk=desk,
            email="Nour@WIRE.example",
            secret_sha256="0",
            invited_by=erin,
            created_at=NOW,
            expires_at=NOW,
        )


def test_a_members_address_is_not_invited(desk, erin, bob):
    User.objects.filter(pk=bob.pk).update(email="bob@wire.example")
    with pytest.raises(ValidationError, match="member of the desk already"):
        invite(desk=desk, email="Bob@wire.example", role=Role.VIEWER, by=erin, at=NOW)


def test_somebody_of_another_desk_joins(desk, mallory, invited):
    member = accept_invitation(secret=invited[1], user=mallory, at=NOW)
    assert (member.desk, member.role) == (desk, "checker")
    invitation = Invitation.objects.get()
    assert (invitation.accepted_by, invitation.accepted_at) == (mallory, NOW)


def test_who_belongs_to_the_desk_is_told_and_the_link_stays_open(bob, invited):
    with pytest.raises(ValidationError, match="belong to this desk already"):
        accept_invitation(secret=invited[1], user=bob, at=NOW)
    assert bob.memberships.get().role == "editor" and Invitation.objects.get().accepted_at is None


def spoil(how: str, invitation: Invitation, secret: str, erin: Any, mallory: Any) -> str:
    """Make the link lead nowhere; the secret to try, and the word of the reason."""
    if how == "used":
        accept_invitation(secret=secret, user=mallory, at=NOW)
    if how == "revoked":
        revoke_invitation(invitation=invitation, by=erin, at=NOW)
    if how == "resent":
        resend_invitation(invitation=invitation, by=erin, at=NOW)
    if how == "inviter demoted":
        other = make_person("frank", invitation.desk, Role.ADMIN)
        change_role(member=erin.memberships.get(), role=Role.EDITOR, by=other, at=NOW)
    if how == "inviter gone":
        Membership.objects.filter(user=erin).delete()  # past the service, which revokes
    return {"used": "accepted already", "wrong": "no invitation", "resent": "no invitation"}.get(
        how, "taken back"
    )


@pytest.mark.parametrize("how", ["used", "revoked", "resent", "wrong", "inviter demoted", "inviter gone"])
def test_a_link_that_leads_nowhere_says_why_and_not_whereto(erin, mallory, bob, desk, invited, how):
    invitation, secret = invited
    word = spoil(how, invitation, secret, erin, mallory)
    before = Membership.objects.filter(desk=desk).count()
    attempts = [
        lambda given: open_invitation(given, NOW),
        lambda given: accept_invitation(secret=given, user=bob, at=NOW),
        lambda given: accept_as_newcomer(secret=given, at=NOW, **NEW),
    ]
    for attempt in attempts:
        with pytest.raises(InvitationClosed, match=word) as closed:
            attempt("x" + secret if how == "wrong" else secret)
        assert desk.name not in str(closed.value)
    assert Membership.objects.filter(desk=desk).count() == before


@pytest.mark.parametrize("secret", ["", ".", "\x00", "\udcff", "é" * 200, ".."])
def test_bytes_that_are_no_secret_lead_nowhere(invited, secret):
    with pytest.raises(InvitationClosed):
        open_invitation(secret, NOW)


def test_a_link_expires_to_the_second(invited, settings):
    end = NOW + timedelta(days=settings.INVITATION_DAYS)
    assert open_invitation(invited[1], end - timedelta(seconds=1))
    with pytest.raises(InvitationClosed, match="expired"):
        open_invitation(invited[1], end)


def test_sent_again_an_expired_invitation_opens_with_the_new_secret_alone(erin, invited):
    later = NOW + timedelta(days=30)
    invitation, secret = resend_invitation(invitation=invited[0], by=erin, at=later)
    assert open_invitation(secret, later).pk == invitation.pk == invited[0].pk
    with pytest.raises(InvitationClosed):
        open_invitation(invited[1], later)


@pytest.mark.parametrize("act", [resend_invitation, revoke_invitation])
def test_an_invitation_that_was_accepted_is_not_changed(erin, bob, mallory, invited, act):
    with pytest.raises(PermissionDenied):
        act(invitation=invited[0], by=bob, at=NOW)
    accept_invitation(secret=invited[1], user=mallory, at=NOW)
    with pytest.raises(ValidationError, match="meanwhile"):
        act(invitation=invited[0], by=erin, at=NOW)


def test_who_opens_the_mailed_link_has_shown_that_the_address_is_theirs(invited, desk):
    user = accept_as_newcomer(secret=mailed(invited[1]), at=NOW, **NEW).user
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("nour@wire.example", True, True)
    assert user.email == "nour@wire.example" and user.check_password(NEW["password"])
    assert user.memberships.get().role == "checker" and str(user) == "Nour"


@pytest.mark.parametrize("forged", ["{}", "{}.", "{}.0000", "{}.{}"])
def test_the_link_that_the_administrator_saw_proves_no_address(invited, forged):
    user = accept_as_newcomer(secret=forged.format(invited[1], "f" * 64), at=NOW, **NEW).user
    address = EmailAddress.objects.get(user=user)
    assert not address.verified and not address.primary and user.email == ""


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "nour-nour-nour", "username": "nour-nour-nour"}, "password"),
        ({"username": ""}, "username"),
        ({"username": "a b"}, "username"),
        ({"username": "nour\x00"}, "username"),
        ({"username": "ERIN"}, "username"),
        ({"username": "bob@wire.example"}, "username"),
        ({"display_name": "n" * 151}, "display_name"),
    ],
)
def test_an_account_that_may_not_be_is_refused_at_its_field(invited, given, field):
    with pytest.raises(ValidationError) as refusal:
        accept_as_newcomer(secret=invited[1], at=NOW, **(NEW | given))
    assert list(refusal.value.error_dict) == [field]
    assert not User.objects.filter(username="nour").exists() and Invitation.objects.get().accepted_at is None


def test_an_address_of_an_account_is_told_to_its_reader_alone(desk, erin, mallory, invited):
    User.objects.filter(pk=mallory.pk).update(email="nour@wire.example")
    with pytest.raises(ValidationError, match="account with this e-mail"):
        accept_as_newcomer(secret=mailed(invited[1]), at=NOW, **NEW)
    # who has the link from the administrator's screen learns nothing of the address
    assert accept_as_newcomer(secret=invited[1], at=NOW, **NEW).user.email == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_joins(desk, mallory, other_desk):
    erin, oscar = make_person("erin", desk, Role.ADMIN), make_person("oscar", other_desk, Role.VIEWER)
    _invitation, secret = invite(desk=desk, email="n@wire.example", role=Role.VIEWER, by=erin, at=NOW)
    found = at_once(
        *[
            lambda user=user: accept_invitation(secret=secret, user=user, at=NOW)
            for user in (mallory, oscar, mallory, oscar)
        ],
        lambda: accept_as_newcomer(secret=secret, at=NOW, **NEW),
    )
    assert sum(isinstance(each, Membership) for each in found) == 1
    assert Membership.objects.filter(desk=desk).count() == 2
    assert User.objects.filter(username="nour").count() == sum(
        isinstance(each, Membership) and each.user.username == "nour" for each in found
    )


@pytest.mark.django_db(transaction=True)
def test_of_two_who_invite_one_person_at_once_one_is_told(desk):
    admins = [make_person(name, desk, Role.ADMIN) for name in ("erin", "frank")]
    found = at_once(
        *[
            lambda by=by: invite(desk=desk, email="n@wire.example", role=Role.VIEWER, by=by, at=NOW)
            for by in admins
        ]
    )
    assert sorted(type(each).__name__ for each in found) == ["ValidationError", "tuple"]


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_link_leaves_the_address_bar_and_uses_nothing_up(client, invited):
    response = client.get("/invitation/", {"link": invited[1]})
    assert response["Location"] == "/invitation/" and "no-store" in response["Cache-Control"]
    page = client.get("/invitation/")
    assert page.status_code == 200 and "Coast desk" in page.content.decode()
    assert Invitation.objects.get().accepted_at is None


def test_the_log_of_requests_has_no_secret(client, invited, caplog):
    with caplog.at_level("INFO", logger="verify.request"):
        client.get("/invitation/", {"link": invited[1]})
    assert "/invitation/" in caplog.text and invited[1] not in caplog.text


def test_a_newcomer_makes_an_account_and_is_signed_in_at_the_desk(client, invited, desk):
    client.get("/invitation/", {"link": mailed(invited[1])})
    response = client.post("/invitation/", NEW | {"again": NEW["password"]})
    assert (response.status_code, response["Location"]) == (302, "/desk/inbox/")
    assert "Coast desk" in client.get("/desk/inbox/").content.decode()
    assert client.get("/invitation/").status_code == 410


def test_a_newcomer_is_told_of_passwords_that_differ_and_keeps_the_rest(client, invited):
    client.get("/invitation/", {"link": invited[1]})
    response = client.post("/invitation/", NEW | {"again": "something-else-again"})
    html = response.content.decode()
    assert response.status_code == 422 and 'value="nour"' in html and NEW["password"] not in html
    assert list(response.context["form"].errors) == ["again"]


def test_who_has_an_account_signs_in_and_joins(client, invited, mallory, desk):
    client.get("/invitation/", {"link": invited[1]})
    link = re.search(r'href="(/sign-in/\?next=[^"]+)"', client.get("/invitation/").content.decode())
    assert link
    client.post(
        link[1], {"login": "mallory", "username": "mallory", "password": PASSWORD, "next": "/invitation/"}
    )
    assert "signed in as" in client.get("/invitation/").content.decode()
    assert client.post("/invitation/")["Location"] == "/desk/inbox/"
    assert mallory.memberships.filter(desk=desk, role="checker").exists()
    assert "Coast desk" in client.get("/desk/inbox/").content.decode()  # and not the other one


@pytest.mark.parametrize("link", ["wrong", "", "\udcff", "x" * 5000])
def test_a_wrong_link_tells_nothing(client, invited, link):
    client.get("/invitation/?link=" + link.encode("utf-8", "surrogateescape").hex())
    for response in (client.get("/invitation/"), client.post("/invitation/", NEW)):
        assert response.status_code == 410 and "Coast" not in response.content.decode()


def test_bytes_in_the_link_do_not_break_the_page(client, invited):
    for raw in ("%ff%fe", "%00", "%ED%B3%BF"):
        assert client.get(f"/invitation/?link={raw}").status_code == 302
        assert client.get("/invitation/").status_code == 410
