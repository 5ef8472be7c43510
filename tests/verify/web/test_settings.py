"""A desk's settings, page by page, and a person's tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.cast import T0, make_desk, make_person
from verify.accounts.invitations import accept_invitation, invite
from verify.accounts.models import Invitation, Membership, Role
from verify.api.models import Token
from verify.api.services import make_token
from verify.review.scale import add_item, add_rating
from verify.review.services import assign_review

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
    assert "Dave" in html and "Mallory" not in html
    assert "Confirmed" in client.get(reverse("desk-judging")).content.decode()


TABS = ["desk-settings", "desk-judging", "desk-security", "desk-record"]


@pytest.mark.parametrize("name", TABS)
def test_a_tab_leads_to_the_others_and_shows_the_own_desk_alone(client, erin, mallory, desk, name):
    client.force_login(erin)
    html = client.get(reverse(name)).content.decode()
    assert all(f'href="{reverse(other)}"' in html for other in TABS)
    assert f'href="{reverse(name)}" aria-current="page"' in html
    assert "Mallory" not in html and "Elsewhere" not in html


def test_who_is_no_administrator_sees_neither_record_nor_how_others_sign_in(client, bob, erin, desk):
    invite(desk=desk, email="nour@wire.example", role=Role.VIEWER, by=erin, at=timezone.now())
    client.force_login(bob)
    for name in TABS[:3]:
        html = client.get(reverse(name)).content.decode()
        assert not any(
            word in html for word in ("Last sign-in", "nour@", reverse("desk-record"), "<button>Save")
        )
    assert client.get(reverse("desk-record")).status_code == 403


def test_members_are_shown_with_what_an_administrator_must_know(client, erin, carol, bob, researched_claim):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    Authenticator.objects.create(user=carol, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=bob, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(erin)
    shown = {each.user.username: each for each in client.get(PAGE).context["page"]}
    assert (shown["carol"].second_factor, shown["carol"].waiting) == (True, 1)
    assert (shown["bob"].second_factor, shown["bob"].waiting) == (False, 0)


@pytest.mark.django_db(transaction=True)
def test_an_invitation_is_shown_once_and_mailed(client, erin):
    client.force_login(erin)
    response = client.post(reverse("invitation-new"), {"email": "nour@wire.example", "role": "checker"})
    link = response.context["link"]
    assert link in response.content.decode().replace("&amp;", "&") and "no-store" in response["Cache-Control"]
    assert "mailed, too" in response.content.decode() and link in mail.outbox[0].body
    page = client.get(PAGE).content.decode()
    assert "nour@wire.example" in page and link not in page
    again = client.post(reverse("invitation-resend", args=[Invitation.objects.get().pk]))
    assert again.status_code == 200 and again.context["link"] != link


def test_an_invitation_that_is_refused_keeps_what_was_typed(client, erin):
    client.force_login(erin)
    response = client.post(reverse("invitation-new"), {"email": "nour@", "role": "checker"})
    assert response.status_code == 422 and 'value="nour@"' in response.content.decode()
    assert not Invitation.objects.exists()


def test_an_act_that_came_too_late_is_explained(client, erin, desk, mallory):
    invitation, secret = invite(
        desk=desk, email="n@wire.example", role=Role.VIEWER, by=erin, at=timezone.now()
    )
    accept_invitation(secret=secret, user=mallory, at=timezone.now())
    client.force_login(erin)
    for name in ("invitation-revoke", "invitation-resend"):
        response = client.post(reverse(name, args=[invitation.pk]))
        assert response.status_code == 422 and "accepted or revoked meanwhile" in response.content.decode()


def test_a_role_is_changed_but_an_administrator_stays(client, erin, dave):
    client.force_login(erin)
    own, other = (reverse("member", args=[who.memberships.get().pk]) for who in (erin, dave))
    assert client.post(own, {"role": "viewer"}).status_code == 422
    assert client.post(other, {"role": "owner"}).status_code == 422
    assert client.post(other, {"role": "checker"}).status_code == 302
    assert (erin.memberships.get().role, dave.memberships.get().role) == ("admin", "checker")
    own = reverse("member-remove", args=[erin.memberships.get().pk])
    assert "needs an administrator" in client.post(own).content.decode()


def test_a_member_of_another_desk_is_not_found(client, erin, mallory):
    client.force_login(erin)
    theirs = mallory.memberships.get()
    for name in ("member", "member-remove"):
        assert client.post(reverse(name, args=[theirs.pk]), {"role": "viewer"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.role == "editor"


def test_who_administers_one_desk_changes_nothing_at_another_where_they_edit(
    client, erin, other_desk, mallory
):
    Membership.objects.create(user=erin, desk=other_desk, role=Role.EDITOR)
    client.force_login(erin)
    member = reverse("member", args=[mallory.memberships.get().pk])
    assert client.get(member).status_code == 403
    assert client.post(member, {"role": "viewer"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_who_is_removed_sees_nothing_from_the_next_click_on(desk, erin, carol, bob, researched_claim):
    assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    theirs, admins = Client(), Client()
    theirs.force_login(carol), admins.force_login(erin)
    claim = reverse("claim", args=[researched_claim.pk])
    assert theirs.get(claim).status_code == 200
    response = admins.post(reverse("member-remove", args=[carol.memberships.get().pk]), follow=True)
    assert "1 review is in the pool" in response.content.decode()
    for page in (claim, PAGE, reverse("inbox")):
        answer = theirs.get(page)
        assert answer.status_code == 403 and "745" not in answer.content.decode()
    Membership.objects.create(user=carol, desk=make_desk("third"), role=Role.ADMIN)
    assert theirs.get(claim).status_code == 404


def test_the_scale_is_changed_on_its_page(client, erin, desk):
    client.force_login(erin)
    code = {"code": "disputed"}
    assert client.post(reverse("rating-new"), {"label": "Proven"}).status_code == 302
    assert client.post(reverse("rating-edit", kwargs=code), {"label": ""}).status_code == 422
    assert client.post(reverse("rating-edit", kwargs=code), {"label": "Open"}).status_code == 302
    assert client.post(reverse("rating-move", kwargs=code), {"to": "down"}).status_code == 302
    assert client.post(reverse("rating-retire", kwargs={"code": "confirmed"})).status_code == 302
    found = list(desk.ratings.filter(retired=False).order_by("-value").values_list("label", flat=True))
    assert found == ["Proven", "Partly confirmed", "Unverified", "Open", "Superseded", "Contradicted"]


def test_a_change_of_the_scale_warns_of_approvals(client, erin, approved_claim):
    client.force_login(erin)
    assert "1 claim is approved with the scale" in client.get(reverse("desk-judging")).content.decode()


def test_the_last_two_steps_cannot_be_retired(client, erin, desk):
    desk.ratings.exclude(code__in=["confirmed", "contradicted"]).update(retired=True)
    client.force_login(erin)
    response = client.post(reverse("rating-retire", kwargs={"code": "confirmed"}))
    assert response.status_code == 422 and "at least two steps" in response.content.decode()


def test_the_checklist_is_changed_on_its_page(client, erin, desk):
    client.force_login(erin)
    client.post(reverse("item-new"), {"text": "Is it so?", "kind": "sign-off"})
    client.post(reverse("item-new"), {"text": "<b>And</b> this?"})
    first, second = desk.checklist.all()
    client.post(reverse("item-move", args=[second.pk]), {"to": "up"})
    client.post(reverse("item-edit", args=[first.pk]), {"text": "Is it really so?"})
    assert client.post(reverse("item-edit", args=[first.pk]), {"text": ""}).status_code == 422
    assert [str(item) for item in desk.checklist.all()] == ["<b>And</b> this?", "Is it really so?"]
    assert "<b>And</b>" not in client.get(reverse("desk-judging")).content.decode()
    client.post(reverse("item-retire", args=[second.pk]))
    assert desk.checklist.filter(retired_at=None).get().pk == first.pk


def test_steps_and_questions_of_another_desk_are_not_found(client, erin, other_desk):
    item = other_desk.checklist.create(text="Theirs?")
    other_desk.ratings.create(code="theirs", value=9, label="Theirs")
    client.force_login(erin)
    for name in ("item-edit", "item-move", "item-retire"):
        assert client.post(reverse(name, args=[item.pk]), {"text": "Ours"}).status_code == 404
    for name in ("rating-edit", "rating-move", "rating-retire", "rating-restore"):
        assert client.post(reverse(name, args=["theirs"]), {"label": "Ours"}).status_code == 404
    assert "Theirs" not in client.get(reverse("desk-judging")).content.decode()


def test_due_times_are_saved_together_or_not_at_all(client, erin, desk):
    client.force_login(erin)
    url = reverse("desk-due-times")
    assert client.post(url, {"verdict": "24", "sign-off": "0"}).status_code == 422
    assert not desk.due_times.exists()
    client.post(url, {"verdict": "24", "sign-off": "6"})
    client.post(url, {"verdict": "24"})
    assert list(desk.due_times.values_list("kind", "hours")) == [("verdict", 24)]


def test_the_desk_is_renamed_and_asks_for_more_approvals(client, erin, desk):
    client.force_login(erin)
    url = reverse("desk-change")
    assert client.post(url, {"name": "Shore", "approvals_needed": 0}).status_code == 422
    assert client.post(url, {"name": "Shore", "approvals_needed": 2}).status_code == 302
    desk.refresh_from_db()
    assert (desk.name, desk.approvals_needed) == ("Shore", 2)


def test_a_second_factor_is_not_required_by_who_has_none(client, erin, desk):
    client.force_login(erin)
    response = client.post(reverse("desk-second-factor"), {"requires_second_factor": "on"})
    assert response.status_code == 422 and "lock yourself out" in response.content.decode()
    desk.refresh_from_db()
    assert not desk.requires_second_factor


def test_a_token_is_shown_once_and_works(client, dave):
    client.force_login(dave)
    response = client.post(reverse("token-new"), {"name": "Reader", "scopes": ["read"]})
    secret = response.context["secret"]
    assert secret in response.content.decode() and "no-store" in response["Cache-Control"]
    assert secret not in client.get(reverse("desk-security")).content.decode()
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


@pytest.mark.parametrize(
    ("given", "days"),
    [({}, 90), ({"lifetime": "30"}, 30), ({"lifetime": "365"}, 365), ({"lifetime": "never"}, None)],
)
def test_a_token_works_for_as_long_as_was_chosen(client, dave, given, days):
    client.force_login(dave)
    client.post(reverse("token-new"), {"name": "Reader", "scopes": ["read"], **given})
    token = Token.objects.get()
    assert token.expires_at == days or (token.expires_at - token.created_at).days in (days - 1, days)


def test_a_token_until_a_moment_says_the_moment(client, dave):
    client.force_login(dave)
    given = {"name": "Reader", "scopes": ["read"], "lifetime": "date"}
    assert "expires_at" in client.post(reverse("token-new"), given).context["token_form"].errors
    client.post(reverse("token-new"), given | {"expires_at": "2099-01-01T00:00"})
    assert Token.objects.get().expires_at.year == 2099


def test_a_token_is_bound_to_a_desk_of_ones_own_alone(client, dave, desk, other_desk):
    client.force_login(dave)
    given = {"name": "Reader", "scopes": ["read"]}
    answer = client.post(reverse("token-new"), given | {"desk": other_desk.pk})
    assert answer.status_code == 422 and not Token.objects.exists()
    client.post(reverse("token-new"), given | {"desk": desk.pk})
    assert Token.objects.get().desk == desk


def test_only_an_administrator_is_asked_for_a_limit(client, dave, erin):
    given = {"name": "Reader", "scopes": ["read"], "requests_per_minute": 7}
    for person, limit in ((dave, None), (erin, 7)):
        client.force_login(person)
        client.post(reverse("token-new"), given)
        assert person.tokens.get().requests_per_minute == limit


def test_an_administrator_sees_what_reaches_the_desk_and_ends_what_is_bound_to_it(client, dave, erin, desk):
    given = {"scopes": ["read"], "by": dave, "at": timezone.now()}
    bound, wide = make_token(name="Bound", desk=desk, **given)[0], make_token(name="Wide", **given)[0]
    client.force_login(erin)
    page = client.get(reverse("desk-security")).content.decode()
    assert bound.hint in page and wide.hint in page
    assert reverse("token-revoke", args=[wide.pk]) not in page
    assert client.post(reverse("token-revoke", args=[wide.pk])).status_code == 404
    assert client.post(reverse("token-revoke", args=[bound.pk])).status_code == 302
    assert set(Token.objects.filter(revoked_at=None)) == {wide}


def test_who_is_no_administrator_sees_their_own_alone(client, dave, bob):
    token, _ = make_token(name="Reader", scopes=["read"], by=dave, at=timezone.now())
    client.force_login(bob)
    assert token.hint not in client.get(reverse("desk-security")).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [("desk-settings", 7), ("desk-judging", 11), ("desk-security", 9), ("desk-record", 12)],
)
def test_settings_ask_the_same_for_one_and_three(
    client, erin, desk, django_assert_num_queries, rows, name, queries
):
    for number in range(rows):
        make_person(f"person{number}", desk, Role.VIEWER)
        make_token(name=f"Token {number}", scopes=["read"], by=erin, at=timezone.now())
        invite(desk=desk, email=f"n{number}@wire.example", role=Role.VIEWER, by=erin, at=timezone.now())
        add_item(desk=desk, text=f"Question {number}?", by=erin, at=timezone.now())
        add_rating(desk=desk, label=f"Step {number}", by=erin, at=timezone.now())
    client.force_login(erin)
    with django_assert_num_queries(queries):
        client.get(reverse(name))
