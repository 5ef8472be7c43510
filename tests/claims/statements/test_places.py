"""Places that come with Verify, and finding them under either name in whatever spelling."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import translation

from claims.statements import places
from claims.statements.models import Place
from claims.statements.services import add_place

GOVERNORATES = "SY-DI SY-DR SY-DY SY-HA SY-HI SY-HL SY-HM SY-ID SY-LA SY-QU SY-RA SY-RD SY-SU SY-TA".split()

pytestmark = pytest.mark.usefixtures("shipped_places")


@pytest.fixture
def known(desk: Any) -> list[Place]:
    return list(places.of_desk(desk))


def test_places_that_come_with_verify(db):
    shipped = Place.objects.filter(desk__isnull=True)
    assert shipped.filter(kind="country").exclude(code="").count() == 249  # officially assigned in ISO 3166-1
    assert not shipped.filter(name_ar="").exists()
    syria = shipped.get(code="SY")
    assert (syria.name, syria.name_ar) == ("Syria", "سوريا")
    assert sorted(syria.children.values_list("code", flat=True)) == GOVERNORATES
    districts = shipped.filter(kind="district", parent__code="SY-LA").values_list("name", flat=True)
    assert sorted(districts) == ["Al-Haffah", "Jableh", "Latakia", "Qardaha"]
    assert [place.name for place in places.path_of(shipped.get(name="Baniyas", kind="city"))] == [
        "Syria",
        "Tartus",
        "Baniyas",
        "Baniyas",
    ]


def test_shipping_again_changes_nothing(db):
    before = set(Place.objects.values_list("pk", "name", "parent"))
    import_module("claims.migrations.0005_places_that_come_with_verify").ship(apps, None)
    assert set(Place.objects.values_list("pk", "name", "parent")) == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_places_are_there_after_a_test_that_emptied_them(turn):
    assert Place.objects.filter(code="SY-LA").exists(), turn


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Jableh", ["Jableh", "Jableh"]),
        ("جبلة", ["Jableh", "Jableh"]),
        ("Tartous", ["Tartus"] * 3),
        ("طرطوس", ["Tartus"] * 3),
        ("Lattakia", ["Latakia"] * 3),
        ("اللاذقية", ["Latakia"] * 3),
        ("SYRIA", ["Syria"]),
        ("sy-la", ["Latakia"]),
        ("سورية", ["Syria"]),
        ("Banias", ["Baniyas"] * 2),
        ("حماه", ["Hama"] * 3),
        ("the Syrian coast", []),
        ("", []),
        ("…", []),
    ],
)
def test_place_is_found_in_either_script_and_other_spellings(known, typed, names):
    assert [place.name for place in places.find(typed, known).places] == names


def test_near_spelling_is_offered_and_never_taken(known):
    found = places.find("Qirdahha", known)
    assert found.places and found.places[0].name == "Qardaha" and found.only is None


def test_line_of_a_list_names_one_place_in_either_language(known):
    for language in ("en", "ar"):
        with translation.override(language):
            labels = [places.label(place) for place in known]
            assert len(set(labels)) == len(labels)
            for place, label in list(zip(known, labels, strict=True))[::29]:
                assert places.find(label, known).labelled == place
    district = next(place for place in known if (place.name, place.kind) == ("Jableh", "district"))
    assert places.label(district) == "Jableh, Latakia, Syria (district)"


def test_search_has_the_surest_first(known):
    assert [place.name for place in places.matching("Lat", known)][:3] == ["Latakia"] * 3
    assert places.matching("zzzzqqq", known) == []
    assert len(places.matching("", known)) == len(known)


def test_desk_finds_its_own_places_and_no_other_desks(desk, other_desk, alice, mallory):
    parent = Place.objects.get(name="Jableh", kind="district")
    add_place(desk=desk, parent=parent, kind="city", name="Ours", name_ar="", by=alice)
    add_place(desk=other_desk, parent=parent, kind="city", name="Theirs", name_ar="", by=mallory)
    seen = {place.name for place in places.of_desk(desk)}
    assert "Ours" in seen and "Theirs" not in seen
    assert places.find("Theirs", places.of_desk(desk)).only is None


def test_paths_are_read_without_further_queries(desk, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert max(len(places.path_of(place)) for place in places.of_desk(desk)) == 4


def test_place_that_figures_use_is_not_taken_back(make_claim, alice):
    from claims.statements.services import add_figure
    from tests.cast import T0

    latakia = Place.objects.get(code="SY-LA")
    add_figure(claim=make_claim(), point=1, unit="people-killed", place=latakia, by=alice, at=T0)
    with pytest.raises((DatabaseError, ValidationError)), transaction.atomic():
        latakia.delete()
