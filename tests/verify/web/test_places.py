"""The places on the workbench: found, added, and each desk's own."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from claims.statements.models import Place
from claims.statements.services import add_place

pytestmark = pytest.mark.usefixtures("shipped_places")


@pytest.fixture
def sanobar(desk: Any, alice: Any) -> Place:
    parent = Place.objects.get(name="Jableh", kind="district")
    return add_place(desk=desk, parent=parent, kind="city", name="Al-Sanobar", name_ar="الصنوبر", by=alice)


@pytest.mark.parametrize("sought", ["Sanobar", "sanober", "الصنوبر", "AL-SANOBAR"])
def test_place_is_found_by_its_desk_alone(client, dave, mallory, sanobar, sought):
    for person, seen in ((dave, True), (mallory, False)):
        client.force_login(person)
        page = client.get(reverse("place-list"), {"q": sought}).content.decode()
        assert (str(sanobar) in page) == seen
        assert ("Jableh" in page) == seen


def test_desks_own_places_come_first_and_the_list_is_paged(client, dave, sanobar):
    client.force_login(dave)
    page = client.get(reverse("place-list")).context["page"]
    assert page.object_list[0] == sanobar
    assert (len(page), page.paginator.count) == (25, Place.objects.count())


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_the_same_for_one_and_three(client, desk, alice, django_assert_num_queries, rows):
    parent = Place.objects.get(code="SY-LA")
    for number in range(rows):
        add_place(desk=desk, parent=parent, kind="city", name=f"Village {number}", name_ar="", by=alice)
    client.force_login(alice)
    # session, person, desks, places, the inbox
    with django_assert_num_queries(5):
        client.get(reverse("place-list"))


@pytest.mark.parametrize("parent", ["Jableh, Latakia, Syria (district)", "SY", "القرداحة"])
def test_place_is_added_below_one_on_record(client, alice, desk, parent):
    client.force_login(alice)
    given = {"name": "Mukhtariyah", "name_ar": "المختارية", "kind": "city", "parent": parent}
    answer = client.post(reverse("place-new"), given)
    assert answer.status_code == 302 and "Mukhtariyah" in client.get(answer["Location"]).content.decode()
    assert Place.objects.get(desk=desk).parent.kind == ("country" if parent == "SY" else "district")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"parent": "Latakia"}, "parent"),  # governorate or district?
        ({"parent": "nowhere at all"}, "parent"),
        ({"name": "Jableh", "kind": "district", "parent": "Latakia, Syria (governorate)"}, "name"),
        ({"kind": "country"}, "kind"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_place_says_what_is_wrong_and_keeps_what_was_typed(client, alice, change, field):
    client.force_login(alice)
    given = {"name": "Mukhtariyah", "kind": "city", "parent": "Syria", "name_ar": "as typed", **change}
    answer = client.post(reverse("place-new"), given)
    assert answer.status_code == 422 and field in answer.context["form"].errors
    assert "as typed" in answer.content.decode()
    assert not Place.objects.filter(desk__isnull=False).exists()
