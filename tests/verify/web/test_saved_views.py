"""Filters of the board under a name: whose they are, who sees them, what they keep."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from claims.statements.services import make_topic
from tests.cast import T0, make_person
from verify.accounts.models import Role
from verify.web import saved_views
from verify.web.models import SavedView
from verify.web.saved_views import delete_view, save_view

pytestmark = pytest.mark.django_db
BOARD, SAVE = "/desk/claims/", "/desk/claims/views/"


def names(client: Any) -> list[str]:
    return [view.name for view in client.get(BOARD).context["views"]]


@pytest.fixture
def make_view(desk: Any) -> Any:
    def make(by: Any, name: str = "Mine", **fields: Any) -> SavedView:
        return save_view(**{"desk": desk, "name": name, "query": "assignee=me", "by": by, "at": T0} | fields)

    return make


def test_a_view_keeps_known_filters_alone_in_one_order(client, desk, alice):
    topic = make_topic(desk=desk, name="Figures", by=alice, at=T0)
    client.force_login(alice)
    posted = f"junk=1&sort=due&view=list&state=no&topic={topic.pk}&page=7&q=%D8%B3&choose=all&case={uuid4()}"
    answer = client.post(SAVE, {"name": " My   view ", "query": posted})
    view = SavedView.objects.get()
    assert (view.name, view.owner, view.query) == (
        "My view",
        alice,
        f"q=%D8%B3&topic={topic.pk}&view=list&sort=due",
    )
    assert answer["Location"] == f"{BOARD}?{view.query}"


def test_saving_under_the_same_name_replaces_and_another_person_has_their_own(desk, alice, carol, make_view):
    one = make_view(alice)
    assert make_view(alice, query="overdue=1") == one
    make_view(carol)
    assert sorted(SavedView.objects.values_list("owner__username", "query")) == [
        ("alice", "overdue=1"),
        ("carol", "assignee=me"),
    ]


def test_a_private_view_is_nobody_elses(client, alice, bob, mallory, make_view):
    view = make_view(alice)
    for person in (bob, mallory, make_person("anna", view.desk, Role.ADMIN)):
        client.force_login(person)
        assert names(client) == []
        assert client.post(reverse("view-delete", args=[view.pk])).status_code == 404
        assert client.post(SAVE, {"name": "Taken", "query": "", "view": str(view.pk)}).status_code == 404
    client.force_login(alice)
    assert names(client) == ["Mine"]


def test_only_editors_share(client, alice, bob, make_view):
    client.force_login(alice)
    client.post(SAVE, {"name": "Sneaky", "query": "overdue=1", "is_shared": "on"})
    assert not SavedView.objects.get().is_shared
    with pytest.raises(PermissionDenied):
        make_view(alice, is_shared=True)
    client.force_login(bob)
    client.post(SAVE, {"name": "Late", "query": "overdue=1", "is_shared": "on"})
    assert SavedView.objects.get(name="Late").is_shared


def test_a_shared_view_is_read_with_ones_own_eyes(client, alice, bob, mallory, make_claim, make_view):
    make_claim("Alice's.")
    make_view(bob, "Own claims", query="author=me", is_shared=True)
    client.force_login(alice)
    assert names(client) == ["Own claims"]
    assert client.get(f"{BOARD}?author=me").context["total"] == 1
    client.force_login(mallory)
    assert names(client) == [] and client.get(f"{BOARD}?author=me").context["total"] == 0


def test_a_shared_view_is_deleted_by_its_owner_or_an_administrator(
    client, alice, bob, carol, desk, make_view
):
    anna = make_person("anna", desk, Role.ADMIN)
    for person in (bob, anna):
        view = make_view(bob, is_shared=True)
        client.force_login(alice)
        assert client.post(reverse("view-delete", args=[view.pk])).status_code == 403
        client.force_login(person)
        assert client.post(reverse("view-delete", args=[view.pk])).status_code == 302
        assert not SavedView.objects.exists()


def test_who_has_left_the_desk_reads_and_deletes_nothing_there(client, bob, desk, make_view):
    view = make_view(bob, is_shared=True)
    bob.memberships.all().delete()
    with pytest.raises(PermissionDenied):
        delete_view(view=view, by=bob)
    with pytest.raises(PermissionDenied):
        make_view(bob, "Another")
    assert not saved_views.views_for(bob).exists()


def test_renaming_keeps_the_row_and_refuses_a_name_that_is_taken(client, alice, make_view):
    view = make_view(alice)
    make_view(alice, "Taken", query="overdue=1")
    client.force_login(alice)
    fields = {"query": view.query, "view": str(view.pk)}
    page = client.post(SAVE, fields | {"name": "Taken"})
    assert page.status_code == 422 and "a view of this name already" in page.content.decode()
    client.post(SAVE, fields | {"name": "Later"})
    view.refresh_from_db()
    assert view.name == "Later" and SavedView.objects.count() == 2


def test_a_shared_view_stays_shared_when_its_owner_is_no_editor_any_more(bob, make_view):
    view = make_view(bob, is_shared=True)
    bob.memberships.update(role=Role.CHECKER)
    make_view(bob, view=view, name="Renamed", is_shared=None)
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Renamed", True)


@pytest.mark.parametrize("fields", [{}, {"name": "  "}, {"name": "x" * 61}, {"name": "\x00"}])
def test_a_name_that_is_none_comes_back_with_the_board(client, alice, make_claim, fields):
    make_claim("Ours.")
    client.force_login(alice)
    page = client.post(SAVE, {"query": "q=Ours"} | fields)
    assert page.status_code == 422 and page.context["total"] == 1
    assert not SavedView.objects.exists()


def test_filters_that_are_too_long_are_said(client, alice):
    client.force_login(alice)
    page = client.post(SAVE, {"name": "Long", "query": "q=" + "国" * 100 + "&case=" + "x" * 900})
    assert page.status_code == 302  # what is no filter does not count
    with pytest.raises(ValidationError, match="too long"):
        save_view(desk=SavedView.objects.get().desk, name="L", query="q" * 1001, by=alice, at=T0)


def test_nobody_keeps_more_than_so_many(alice, make_view, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST", 1)
    make_view(alice)
    make_view(alice, query="overdue=1")  # the same one again
    with pytest.raises(ValidationError):
        make_view(alice, "Another")


def test_a_form_of_a_desk_that_one_does_not_belong_to_is_not_found(client, mallory, desk):
    client.force_login(mallory)
    assert client.post(SAVE, {"name": "x", "query": "", "desk": str(desk.pk)}).status_code == 404
    assert not SavedView.objects.exists()
