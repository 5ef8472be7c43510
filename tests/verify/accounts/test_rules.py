"""Who belongs where: each role may do what the lower ones may, at its own desk and nowhere else."""

from __future__ import annotations

from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tests.cast import make_desk, make_person
from verify.accounts.models import Desk, Membership, Role, User
from verify.accounts.rules import check_has_role, desks_of, has_role


@pytest.mark.parametrize(("has", "asked"), list(product(Role, Role)))
def test_a_role_includes_the_lower_ones_and_not_the_higher_ones(desk, has, asked):
    person = make_person("p", desk, has)
    expected = list(Role).index(has) >= list(Role).index(asked)
    assert has_role(person, desk, asked) == has_role(person, desk.pk, asked) == expected


def test_the_order_of_the_roles_is_viewer_checker_editor_admin():
    assert [role.value for role in Role] == ["viewer", "checker", "editor", "admin"]


def test_a_role_holds_at_its_own_desk_alone(desk, other_desk, bob):
    assert list(desks_of(bob)) == [desk]
    assert not has_role(bob, other_desk, Role.VIEWER)


def test_a_person_of_two_desks_has_a_role_at_each(desk, other_desk, bob):
    Membership.objects.create(user=bob, desk=other_desk, role=Role.VIEWER)
    assert set(desks_of(bob)) == {desk, other_desk}
    assert list(desks_of(bob, Role.EDITOR)) == [desk]


def test_nobody_and_who_was_deactivated_belong_nowhere(desk, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    for person in (AnonymousUser(), User.objects.get(pk=bob.pk)):
        assert not desks_of(person).exists()
        assert not has_role(person, desk, Role.VIEWER)


def test_a_superuser_has_no_role_that_nobody_gave(desk):
    root = User.objects.create_superuser("root", password="correct-horse-battery")
    assert not has_role(root, desk, Role.VIEWER)


def test_a_refusal_names_the_role_that_is_missing(desk, dave):
    with pytest.raises(PermissionDenied, match="This needs the role “Editor”"):
        check_has_role(dave, desk, Role.EDITOR)
    check_has_role(dave, desk, Role.VIEWER)


def test_the_database_refuses_a_second_role_an_unknown_one_and_a_desk_without_approvals(desk, bob):
    for act, rule in (
        (lambda: Membership.objects.create(user=bob, desk=desk), "one_role_per_person_and_desk"),
        (lambda: Membership.objects.update(role="owner"), "membership_role_is_known"),
        (lambda: Desk.objects.update(approvals_needed=0), "a_desk_needs_at_least_one_approval"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            act()


def test_people_are_called_by_the_name_they_show(desk):
    person = make_person("zoe", desk, Role.VIEWER)
    assert str(person) == "Zoe"
    person.display_name = ""
    assert str(person) == "zoe"
    assert str(make_desk("third")) == "Third desk"
