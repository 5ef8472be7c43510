"""`manage.py desk`: exit codes 0, 1 and 2, and what a new desk has."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from verify.accounts.models import Desk, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user(username="anna", password="correct-horse-battery")


def run(*arguments: str) -> None:
    call_command("desk", *arguments)


def test_a_desk_is_made_with_its_administrator_and_all_that_it_needs(anna, capsys):
    run("add", "coast", "--name", "Coast desk", "--admin", "anna", "--json")
    assert json.loads(capsys.readouterr().out) == {"slug": "coast", "name": "Coast desk", "admin": "anna"}
    desk = Desk.objects.get(slug="coast")
    assert desk.memberships.get(user=anna).role == "admin"
    assert desk.ratings.exists() and desk.checklist.exists() and desk.due_times.exists()


@pytest.mark.parametrize(
    ("slug", "name", "admin", "code"),
    [
        ("coast", "Coast", "nobody", 2),
        ("a b", "Coast", "anna", 2),
        ("", "Coast", "anna", 2),
        ("coast", "", "anna", 2),
        ("taken", "Taken", "anna", 1),
    ],
)
def test_a_desk_that_cannot_be_is_refused_with_a_code(anna, slug, name, admin, code):
    Desk.objects.create(slug="taken", name="Taken")
    with pytest.raises(CommandError) as refusal:
        run("add", slug, "--name", name, "--admin", admin)
    assert refusal.value.returncode == code and list(Desk.objects.values_list("slug", flat=True)) == ["taken"]


def test_a_closed_account_is_nobody(anna):
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="nobody"):
        run("add", "coast", "--name", "Coast", "--admin", "anna")


def test_desks_are_listed(desk: Any, other_desk: Any, alice: Any, bob: Any, capsys):
    run("list", "--json")
    assert json.loads(capsys.readouterr().out) == {
        "desks": [
            {"slug": "coast", "name": "Coast desk", "members": 2},
            {"slug": "elsewhere", "name": "Elsewhere desk", "members": 0},
        ]
    }
    run("list")
    assert "Coast desk" in capsys.readouterr().out
