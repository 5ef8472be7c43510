"""Members of a desk: roles, leaving, and what a desk asks of everybody."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tests.cast import T0, at_once, make_person
from verify.accounts.invitations import invite
from verify.accounts.models import Desk, Invitation, Membership, Role
from verify.accounts.services import change_desk, change_role, remove_member
from verify.review.content import content_digest
from verify.review.leaving import give_role, leave_desk
from verify.review.models import Review, Task
from verify.review.services import assign_review, submit_review

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def erin(desk: Any) -> Any:
    """The administrator."""
    return make_person("erin", desk, Role.ADMIN)


@pytest.mark.parametrize("who", ["dave", "alice", "bob", "mallory"])
def test_only_an_administrator_of_the_desk_changes_who_belongs_to_it(request, desk, carol, who):
    person = request.getfixturevalue(who)
    member, given = carol.memberships.get(), {"by": person, "at": NOW}
    for act in (
        lambda: change_role(member=member, role=Role.VIEWER, **given),
        lambda: remove_member(member=member, **given),
        lambda: leave_desk(member=member, **given),
        lambda: change_desk(desk=desk, name="Mine", **given),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert carol.memberships.get().role == "checker"


@pytest.mark.parametrize("act", ["demote", "remove"])
def test_a_desk_keeps_its_last_administrator(erin, act):
    member = erin.memberships.get()
    with pytest.raises(ValidationError, match="needs an administrator"):
        if act == "demote":
            change_role(member=member, role=Role.EDITOR, by=erin, at=NOW)
        else:
            remove_member(member=member, by=erin, at=NOW)
    assert erin.memberships.get().role == "admin"


@pytest.mark.django_db(transaction=True)
def test_of_administrators_who_remove_or_demote_each_other_at_once_one_stays(desk):
    people = [make_person(f"admin{number}", desk, Role.ADMIN) for number in range(4)]
    members = [person.memberships.get() for person in people]
    at_once(
        *[
            lambda by=by, member=member, act=act: act(by, member)
            for by, member, act in (
                (people[0], members[1], lambda by, member: remove_member(member=member, by=by, at=NOW)),
                (people[1], members[2], lambda by, member: leave_desk(member=member, by=by, at=NOW)),
                (people[2], members[3], lambda by, m: change_role(member=m, role=Role.VIEWER, by=by, at=NOW)),
                (people[3], members[0], lambda by, m: give_role(member=m, role=Role.VIEWER, by=by, at=NOW)),
            )
        ]
    )
    assert Membership.objects.filter(desk=desk, role=Role.ADMIN).count() >= 1


def test_the_invitations_of_who_is_removed_end(desk, erin):
    frank = make_person("frank", desk, Role.ADMIN)
    invite(desk=desk, email="back@wire.example", role=Role.ADMIN, by=frank, at=NOW)
    invite(desk=desk, email="other@wire.example", role=Role.VIEWER, by=erin, at=NOW)
    remove_member(member=frank.memberships.get(), by=erin, at=NOW)
    ended = Invitation.objects.get(revoked_at__isnull=False)
    assert (ended.email, ended.revoked_by) == ("back@wire.example", erin)


def test_who_was_removed_meanwhile_cannot_be_given_a_role(desk, erin, dave):
    member = dave.memberships.get()
    remove_member(member=dave.memberships.get(), by=erin, at=NOW)
    with pytest.raises(ValidationError, match="any more"):
        change_role(member=member, role=Role.ADMIN, by=erin, at=NOW)
    assert not dave.memberships.exists()


@pytest.mark.parametrize("how", ["removed", "made a viewer"])
def test_the_reviews_of_who_goes_are_in_the_pool(researched_claim, bob, carol, erin, how):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    member = carol.memberships.get()
    if how == "removed":
        given = leave_desk(member=member, by=erin, at=NOW)
    else:
        given = give_role(member=member, role=Role.VIEWER, by=erin, at=NOW)
    task.refresh_from_db()
    assert (given, task.state, task.assignee) == (1, "open", None)
    assert Task.objects.pool().filter(pk=task.pk).exists()


@pytest.mark.parametrize("how", ["leaves", "steps down"])
def test_an_administrator_who_goes_by_their_own_hand_gives_back_their_reviews(
    researched_claim, desk, bob, erin, how
):
    make_person("boss", desk, Role.ADMIN)
    task = assign_review(claim=researched_claim, reviewer=erin, by=bob, at=T0)
    given: dict[str, Any] = {"member": erin.memberships.get(), "by": erin, "at": NOW}
    assert (leave_desk(**given) if how == "leaves" else give_role(role=Role.VIEWER, **given)) == 1
    task.refresh_from_db()
    assert (task.state, task.assignee) == ("open", None)


def test_who_becomes_an_editor_keeps_their_reviews(researched_claim, bob, carol, erin):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    assert give_role(member=carol.memberships.get(), role=Role.EDITOR, by=erin, at=NOW) == 0
    task.refresh_from_db()
    assert task.assignee == carol


def test_an_opinion_that_was_given_stays(approved_claim, carol, erin):
    leave_desk(member=carol.memberships.get(), by=erin, at=NOW)
    assert Review.objects.get().reviewer == carol and approved_claim.workflow == "approved"


def test_the_reviews_at_another_desk_are_not_touched(researched_claim, other_desk, bob, carol, erin):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    member = Membership.objects.create(user=carol, desk=other_desk, role=Role.CHECKER)
    boss = make_person("boss", other_desk, Role.ADMIN)
    assert leave_desk(member=member, by=boss, at=NOW) == 0
    task.refresh_from_db()
    assert task.assignee == carol


def test_who_was_removed_cannot_submit_what_they_had_open(researched_claim, bob, carol, erin):
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=T0)
    leave_desk(member=carol.memberships.get(), by=erin, at=NOW)
    with pytest.raises((ValidationError, PermissionDenied)):
        submit_review(
            task=task,
            opinion="approve",
            reason="Holds.",
            content_digest_seen=content_digest(researched_claim),
            by=carol,
            at=NOW,
        )
    assert not Review.objects.exists()


def test_a_second_factor_is_required_by_those_who_have_one(desk, erin):
    with pytest.raises(ValidationError) as refusal:
        change_desk(desk=desk, requires_second_factor=True, by=erin, at=NOW)
    assert list(refusal.value.error_dict) == ["requires_second_factor"]
    assert not Desk.objects.get(pk=desk.pk).requires_second_factor
    Authenticator.objects.create(user=erin, type=Authenticator.Type.TOTP, data={})
    assert change_desk(desk=desk, requires_second_factor=True, by=erin, at=NOW).requires_second_factor


def test_recovery_codes_alone_are_no_second_factor(desk, erin):
    Authenticator.objects.create(user=erin, type=Authenticator.Type.RECOVERY_CODES, data={})
    with pytest.raises(ValidationError):
        change_desk(desk=desk, requires_second_factor=True, by=erin, at=NOW)


@pytest.mark.parametrize("fields", [{"approvals_needed": 0}, {"name": ""}, {"name": "n" * 151}])
def test_a_desk_that_may_not_be_is_refused(desk, erin, fields):
    with pytest.raises(ValidationError) as refusal:
        change_desk(desk=desk, by=erin, at=NOW, **fields)
    assert set(refusal.value.error_dict) in ({*fields}, {"__all__"})


def test_nothing_else_of_a_desk_is_changed_this_way(desk, erin):
    with pytest.raises(TypeError, match="slug"):
        change_desk(desk=desk, by=erin, at=NOW, slug="mine")


def test_the_history_has_who_and_when(desk, erin, carol):
    change_role(member=carol.memberships.get(), role=Role.EDITOR, by=erin, at=NOW)
    event = Membership.pgh_event_model.objects.filter(user=carol).latest("pgh_id")
    assert (event.role, event.pgh_context.metadata["by"]) == ("editor", str(erin.pk))
    assert event.pgh_context.metadata["at"] == NOW.isoformat()
