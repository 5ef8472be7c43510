"""Figures put right and taken back, places added: who may, what stays on record, and what the database refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError

from claims.statements.models import Figure, Place
from claims.statements.services import (
    ChangedMeanwhile,
    add_figure,
    add_place,
    correct_figure,
    withdraw_figure,
)
from claims.statements.states import Workflow
from tests.cast import T0, at_once

LATER = T0 + timedelta(hours=2)

pytestmark = pytest.mark.usefixtures("shipped_places")


@pytest.fixture
def figure(make_claim: Any, alice: Any) -> Figure:
    return add_figure(claim=make_claim(), point=745, unit="people-killed", by=alice, at=T0)


def another(figure: Figure, by: Any, **fields: Any) -> Figure:
    fields = {"point": 100, "unit": "people-killed"} | fields
    return add_figure(claim=figure.claim, by=by, at=T0, **fields)


def test_correction_changes_the_row_and_stays_on_record_with_who_and_why(figure, bob):
    corrected = correct_figure(
        figure=figure, by=bob, at=LATER, why=" A slip. ", point=754, category="civilians"
    )
    figure.refresh_from_db()
    assert (figure.point, figure.category, corrected.pk) == (754, "civilians", figure.pk)
    figure.claim.refresh_from_db()
    assert (figure.claim.revision, figure.claim.changed_by) == (3, bob)
    events = apps.get_model("claims", "FigureEvent").objects.filter(pgh_obj=figure).order_by("pgh_id")
    said = events.last().pgh_context.metadata
    assert [event.point for event in events] == [745, 754]
    assert (said["by"], said["why"]) == (str(bob.pk), "A slip.")


def test_correction_reopens_an_approved_claim(approved_claim, alice):
    figure = Figure.objects.create(claim=approved_claim, point=745, unit="people-killed")
    correct_figure(figure=figure, by=alice, at=LATER, why="A slip.", point=754)
    approved_claim.refresh_from_db()
    assert approved_claim.workflow == Workflow.IN_RESEARCH


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"why": "  ", "point": 754}, "why"),
        ({"why": "A slip.", "point": 745}, "__all__"),
        ({"why": "A slip.", "lower": 800}, "__all__"),
        ({"why": "A slip.", "unit": "shoes"}, "unit"),
    ],
)
def test_correction_that_says_nothing_or_is_impossible_is_refused(figure, alice, fields, named):
    with pytest.raises(ValidationError) as refusal:
        correct_figure(figure=figure, by=alice, at=LATER, **fields)
    assert named in getattr(refusal.value, "message_dict", {"__all__": refusal.value.messages})
    figure.refresh_from_db()
    assert (figure.point, figure.lower, figure.unit) == (745, None, "people-killed")


def test_correction_of_what_somebody_else_changed_meanwhile_is_refused(figure, alice, bob):
    seen = figure.claim.revision
    correct_figure(figure=figure, by=bob, at=LATER, why="A slip.", point=754, revision=seen)
    with pytest.raises(ChangedMeanwhile, match="Bob"):
        correct_figure(figure=figure, by=alice, at=LATER, why="Mine.", point=755, revision=seen)
    assert Figure.objects.get().point == 754


def test_withdrawn_figure_counts_no_more_and_cannot_be_changed(figure, alice):
    withdraw_figure(figure=figure, by=alice, at=LATER, why="It was of another event.")
    assert not Figure.objects.standing().exists()
    figure.refresh_from_db()
    assert (figure.withdrawn_by, figure.withdrawn_because) == (alice, "It was of another event.")
    for act in (withdraw_figure, correct_figure):
        with pytest.raises(ValidationError, match="withdrawn"):
            act(figure=figure, by=alice, at=LATER, why="Again.")


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_viewer_and_other_desk_change_no_figure_and_add_no_place(request, desk, figure, who):
    by = request.getfixturevalue(who)
    syria = Place.objects.get(code="SY")
    acts = [
        lambda: correct_figure(figure=figure, by=by, at=LATER, why="Mine.", point=1),
        lambda: withdraw_figure(figure=figure, by=by, at=LATER, why="Mine."),
        lambda: add_place(desk=desk, parent=syria, kind="city", name="Mine", name_ar="", by=by),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    figure.refresh_from_db()
    assert (figure.point, figure.stands, Place.objects.filter(desk=desk).count()) == (745, True, 0)


@pytest.mark.parametrize("name", ["supersedes", "part_of", "place"])
def test_figure_refers_to_its_own_desk_only(figure, alice, mallory, other_desk, make_claim, name):
    claim = make_claim("Theirs.", desk=other_desk, by=mallory)
    theirs: Any = add_figure(claim=claim, point=1, unit="people-killed", by=mallory, at=T0)
    if name == "place":
        latakia = Place.objects.get(code="SY-LA")
        theirs = add_place(
            desk=other_desk, parent=latakia, kind="city", name="Theirs", name_ar="", by=mallory
        )
    for act in (
        lambda: correct_figure(figure=figure, by=alice, at=LATER, why="So it says.", **{name: theirs}),
        lambda: another(figure, alice, **{name: theirs}),
    ):
        with pytest.raises(ValidationError) as refusal:
            act()
        assert list(refusal.value.message_dict) == [name]


@pytest.mark.parametrize(
    ("name", "says"), [("supersedes", "supersedes this one"), ("part_of", "a part of this one")]
)
def test_circle_is_refused_with_a_sentence_on_the_field_that_closes_it(figure, alice, name, says):
    second = another(figure, alice, **{name: figure})
    third = another(figure, alice, **{name: second})
    with pytest.raises(ValidationError) as refusal:
        correct_figure(figure=figure, by=alice, at=LATER, why="So it says.", **{name: third})
    assert says in refusal.value.message_dict[name][0]
    with pytest.raises(ValidationError) as itself:
        correct_figure(figure=figure, by=alice, at=LATER, why="So it says.", **{name: figure})
    assert list(itself.value.message_dict) == [name]
    assert Figure.objects.filter(pk=figure.pk, **{name: None}).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["supersedes", "part_of"])
def test_of_two_who_close_a_circle_at_once_one_is_refused(transactional_db, make_claim, alice, bob, name):
    for _ in range(4):
        one, other = (
            add_figure(claim=make_claim(), point=number, unit="people-killed", by=alice, at=T0)
            for number in (1, 2)
        )

        def close(figure: Figure, above: Figure, by: Any) -> Any:
            return lambda: correct_figure(figure=figure, by=by, at=LATER, why="So it says.", **{name: above})

        answers = at_once(close(one, other, alice), close(other, one, bob))
        refused = [answer for answer in answers if isinstance(answer, ValidationError)]
        assert len(refused) == 1 and list(refused[0].message_dict) == [name]
        assert Figure.objects.filter(pk__in=[one.pk, other.pk], **{f"{name}__isnull": False}).count() == 1


def test_place_of_a_desk_is_its_own(desk, other_desk, alice, mallory):
    jableh = Place.objects.get(name="Jableh", kind="district")
    made = add_place(desk=desk, parent=jableh, kind="city", name=" Al-Sanobar ", name_ar="الصنوبر", by=alice)
    assert (made.name, made.desk, made.parent) == ("Al-Sanobar", desk, jableh)
    with pytest.raises(ValidationError) as refusal:
        add_place(desk=other_desk, parent=made, kind="city", name="There", name_ar="", by=mallory)
    assert list(refusal.value.message_dict) == ["parent"]
    add_place(desk=other_desk, parent=jableh, kind="city", name="Al-Sanobar", name_ar="", by=mallory)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": "Latakia"}, "name"),  # a name of the path, to the letter
        ({"name": "Jabla"}, ""),
        ({"kind": "district", "name": "Lattakia"}, "name"),
        ({"kind": "district", "name": "New", "name_ar": "اللاذقية"}, "name"),
        ({"kind": "governorate", "name": "New"}, "kind"),
        ({"kind": "country", "name": "New"}, "__all__"),
        ({"kind": "planet", "name": "New"}, "kind"),
        ({"name": " "}, "name"),
    ],
)
def test_place_that_is_there_already_or_larger_is_refused(desk, alice, fields, named):
    fields = {"kind": "city", "name_ar": ""} | fields
    parent = Place.objects.get(code="SY-LA")
    if not named:
        assert add_place(desk=desk, parent=parent, by=alice, **fields).desk == desk
        return
    with pytest.raises(ValidationError) as refusal:
        add_place(desk=desk, parent=parent, by=alice, **fields)
    assert named in refusal.value.message_dict


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_one_place_at_once_one_finds_the_others(transactional_db, desk, alice, bob):
    country = Place.objects.create(kind="country", name="Somewhere")

    def adding(name: str, by: Any) -> Any:
        return lambda: add_place(desk=desk, parent=country, kind="city", name=name, name_ar="", by=by)

    answers = at_once(adding("Tartus", alice), adding("Tartous", bob))
    assert sorted(type(answer).__name__ for answer in answers) == ["Place", "ValidationError"]
    assert Place.objects.filter(desk=desk).count() == 1
