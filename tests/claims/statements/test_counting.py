"""From rows to what is calculated with: places, sources, what replaces what."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from claims.attribution.services import state_figure
from claims.statements import counting, figures
from claims.statements.counting import counted, supersessions, totals_first, whose, with_places
from claims.statements.models import Figure, Place
from claims.statements.services import add_figure, withdraw_figure
from tests.cast import T0

SCOPE = {
    "unit": "people-killed",
    "category": "civilians",
    "window_from": "2025-03-07",
    "window_to": "2025-03-12",
}

pytestmark = pytest.mark.usefixtures("shipped_places")


@pytest.fixture
def figure(make_claim: Any, alice: Any) -> Any:
    claim = make_claim()

    def make(point: int, **fields: Any) -> Figure:
        return add_figure(claim=claim, by=alice, at=T0, **{**SCOPE, "point": point, **fields})

    return make


@pytest.mark.parametrize("rows", [1, 3])
def test_figures_become_counts_without_further_queries(figure, django_assert_num_queries, rows):
    town = Place.objects.get(name="Jableh", kind="city")
    for number in range(rows):
        figure(number, place=town)
    with django_assert_num_queries(1):
        found = [counted(each) for each in with_places(Figure.objects.standing())]
    assert [each.scope.place for each in found] == [("Syria", "Latakia", "Jableh", "Jableh")] * rows


def test_governorates_of_the_database_make_the_total(figure):
    total = figure(1383, place=Place.objects.get(code="SY"), parts_are_all=True)
    for code, killed in (("SY-LA", 683), ("SY-TA", 433), ("SY-HM", 255), ("SY-HI", 12)):
        figure(killed, place=Place.objects.get(code=code), part_of=total)
    rows = [counted(each, source="sohr") for each in with_places(Figure.objects.order_by("-point"))]
    check = figures.check_parts(rows[0], rows[1:], complete=True)
    assert (check.verdict, check.shows.code) == ("consistent", "fits")


def test_replaced_figures_are_followed_through_the_chain_of_those_that_stand(figure, alice):
    first = figure(745)
    second = figure(1383, supersedes=first)
    third = figure(1557, supersedes=second)
    rows = list(Figure.objects.all())
    assert supersessions(rows)[third.pk] == {first.pk, second.pk}
    assert counted(third, supersedes=supersessions(rows)[third.pk]).supersedes == {
        str(first.pk),
        str(second.pk),
    }
    withdraw_figure(figure=third, by=alice, at=T0, why="Another event.")
    assert third.pk not in supersessions(Figure.objects.all())


def test_parts_come_right_after_their_total_the_largest_first(figure):
    small, whole, other = figure(12), figure(1383), figure(745)
    parts = [figure(number, part_of=whole) for number in (255, 683)]
    deeper = figure(99, part_of=parts[0])
    found = totals_first([deeper, *parts, small, whole, other])
    assert [each.point for each in found] == [12, 1383, 683, 255, 99, 745]
    assert [each.point for each in totals_first([*parts, small])] == [255, 683, 12]


def test_count_belongs_to_who_gave_it_first_and_on_whose_behalf(
    make_claim, make_source, make_assertion, alice
):
    claim, group, outlet, ministry = make_claim(), make_source(), make_source(), make_source()
    told = make_assertion(claim, group)
    figure = state_figure(assertion=told, point=745, unit="people-killed", by=alice, at=T0)
    relayed = make_assertion(claim, outlet, derives_from=told)
    relayed.figures.add(figure)
    assert whose(figure) == (group.pk,)
    spoken = make_assertion(claim, outlet, on_behalf_of=ministry)
    spoken.figures.add(figure)
    assert set(whose(figure)) == {group.pk, ministry.pk}


def test_places_in_reasons_have_the_readers_names(figure):
    rows = [
        counted(each)
        for each in (figure(1, place=Place.objects.get(code=code)) for code in ("SY-LA", "SY-TA"))
    ]
    with translation.override("ar"):
        names = counting.place_names(with_places(Figure.objects.all()))
        said = figures.compare(*rows).reason.say(names=names)
    assert said == "اللاذقية, سوريا and طرطوس, سوريا are different places."
