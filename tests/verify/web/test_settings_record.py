"""The record of a desk: who changed its people and its way of judging, and nothing of anybody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from tests.cast import make_person
from verify.accounts.invitations import accept_invitation, invite, resend_invitation, revoke_invitation
from verify.accounts.models import Membership, Role
from verify.accounts.services import change_desk, change_role, remove_member
from verify.publish.methodology import change_methodology
from verify.publish.webhooks import services
from verify.publish.webhooks.models import Webhook
from verify.publish.webhooks.services import make_webhook
from verify.review import scale
from verify.web.desk_record import Act, record

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def erin(desk: Any) -> Any:
    """The administrator."""
    return make_person("erin", desk, Role.ADMIN)


def last(desk: Any) -> Act:
    return record(desk)[0]


def read(act: Act) -> tuple[str, str, list[tuple[str, str, str]]]:
    return act.name, act.did, [(change.name, change.old, change.new) for change in act.changes]


def test_people_are_read_with_who_and_what_they_were(desk, erin, carol, dave):
    at = timezone.now()
    change_role(member=carol.memberships.get(), role=Role.EDITOR, by=erin, at=at)
    act = last(desk)
    assert read(act) == ("Carol", "changed", [("role", "Checker", "Editor")])
    assert (act.by, act.at, act.what) == ("Erin", at, "Member")
    remove_member(member=dave.memberships.get(), by=erin, at=timezone.now())
    assert read(last(desk)) == ("Dave", "removed", [])


def test_an_invitation_is_read_from_its_beginning_to_its_end(desk, erin, mallory):
    words = []
    invitation, _secret = invite(desk=desk, email="n@x.example", role=Role.VIEWER, by=erin, at=timezone.now())
    words.append(last(desk).did)
    _same, secret = resend_invitation(invitation=invitation, by=erin, at=timezone.now())
    words.append(last(desk).did)
    accept_invitation(secret=secret, user=mallory, at=timezone.now())
    words += [act.did for act in record(desk)[:2]]
    invitation, secret = invite(desk=desk, email="n@x.example", role=Role.VIEWER, by=erin, at=timezone.now())
    revoke_invitation(invitation=invitation, by=erin, at=timezone.now())
    words.append(last(desk).did)
    assert words == ["invited", "sent again", "added", "accepted", "revoked"]


def test_the_way_of_judging_is_read(desk, erin):
    change_desk(desk=desk, approvals_needed=2, by=erin, at=timezone.now())
    assert read(last(desk)) == ("Coast desk", "changed", [("approvals needed", "1", "2")])
    scale.retire_rating(rating=desk.ratings.get(code="disputed"), by=erin, at=timezone.now())
    assert read(last(desk)) == ("Disputed", "retired", [])
    scale.restore_rating(rating=desk.ratings.get(code="disputed"), by=erin, at=timezone.now())
    assert read(last(desk)) == ("Disputed", "restored", [])
    item = scale.add_item(desk=desk, text="Is it so?", by=erin, at=timezone.now())
    scale.change_item(item=item, text="Why?", kind="verdict", by=erin, at=timezone.now())
    changed = [("for", "every review", "Verdict"), ("question", "Is it so?", "Why?")]
    name, did, changes = read(last(desk))
    assert (name, did, sorted(changes)) == ("Why?", "changed", changed)
    for hours in (8, None):
        scale.set_due_time(desk=desk, kind="verdict", hours=hours, by=erin, at=timezone.now())
    assert [read(act)[:2] for act in record(desk)[:2]] == [("Verdict", "removed"), ("Verdict", "added")]


def test_the_methodology_is_read_point_by_point(desk, erin):
    at = timezone.now()
    change_methodology(desk=desk, scope="Deaths.", by=erin, at=at)
    act = last(desk)
    assert (act.what, act.by, act.at, act.did) == ("Methodology", "Erin", at, "added")
    change_methodology(desk=desk, scope="All deaths.", offers_packages=True, by=erin, at=timezone.now())
    changed = [("evidence packages are public", "no", "yes"), ("what is checked", "Deaths.", "All deaths.")]
    name, did, changes = read(last(desk))
    assert (name, did, sorted(changes)) == ("", "changed", changed)


def test_a_webhook_is_read_to_its_end_and_its_secret_is_not(client, desk, erin):
    hook = {"desk": desk, "name": "Archive", "url": "https://archive.example/hook", "told_of": ["corrected"]}
    webhook, secret = make_webhook(**hook, by=erin, at=timezone.now())
    assert (last(desk).what, last(desk).by, read(last(desk))[:2]) == ("Webhook", "Erin", ("Archive", "added"))
    given = {"webhook": webhook, "by": erin}
    services.change_webhook(**given, told_of=["paused", "retracted"], at=timezone.now())
    assert read(last(desk)) == ("Archive", "changed", [("events", "corrected", "paused · retracted")])
    _same, new = services.rotate_secret(**given, at=timezone.now())
    said = [read(last(desk))]
    services.disable(webhook=webhook, at=timezone.now())
    assert (last(desk).by, last(desk).by_itself) == ("", True)
    for act in (services.switch_on, services.switch_off, services.remove):
        act(**given, at=timezone.now())
        said.append(read(last(desk)))
    words = ["given a new secret", "switched on", "switched off", "removed"]
    assert said == [("Archive", word, []) for word in words]
    client.force_login(erin)
    html = client.get(reverse("desk-record")).content.decode()
    assert "by itself" in html and "whsec_" not in html
    sealed = Webhook.objects.get()
    assert not any(each and each in html for each in (secret, new, webhook.secret, sealed.secret))


def test_what_happens_at_another_desk_is_not_in_the_record(desk, erin, other_desk, mallory):
    boss = make_person("boss", other_desk, Role.ADMIN)
    before = record(desk).paginator.count
    invite(desk=other_desk, email="n@x.example", role=Role.VIEWER, by=boss, at=NOW)
    change_desk(desk=other_desk, name="Nowhere", by=boss, at=NOW)
    assert record(desk).paginator.count == before
    assert not any("Mallory" in act.name or "Nowhere" in act.name for act in record(desk, per_page=1000))


def test_the_record_is_paged_and_shows_no_digest_of_a_secret(client, desk, erin):
    for number in range(30):
        invitation, _secret = invite(
            desk=desk, email=f"n{number}@x.example", role=Role.VIEWER, by=erin, at=timezone.now()
        )
    client.force_login(erin)
    html = client.get(reverse("desk-record")).content.decode()
    assert "n29@x.example" in html and "n1@x.example" not in html and "page=2" in html
    assert invitation.secret_sha256 not in html
    assert client.get(reverse("desk-record") + "?page=x").status_code == 200


def test_what_nobody_is_on_record_for_was_done_on_the_command_line(client, desk, erin):
    client.force_login(erin)
    assert "on the command line" in client.get(reverse("desk-record")).content.decode()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE accounts_membershipevent SET role = 'admin'", "DELETE FROM accounts_membershipevent"],
)
def test_the_record_refuses_to_be_rewritten(desk, erin, sql, statement):
    before = list(Membership.pgh_event_model.objects.values())
    with pytest.raises(DatabaseError), transaction.atomic():
        sql(statement)
    assert list(Membership.pgh_event_model.objects.values()) == before
