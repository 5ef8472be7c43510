"""Figures on the workbench: places asked for, corrections, withdrawals, and what the page of comparison answers."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from claims.attribution.services import state_figure
from claims.statements.models import Figure, Place
from claims.statements.services import add_figure, correct_figure, open_case, withdraw_figure
from tests.cast import T0

SCOPE = {"unit": "people-killed", "category": "civilians"}
DAYS = {"window_from": "2025-03-07", "window_to": "2025-03-08", "as_of": "2025-03-08"}

pytestmark = pytest.mark.usefixtures("shipped_places")


@pytest.fixture
def case(desk: Any, alice: Any) -> Any:
    return open_case(desk=desk, title="The coast", by=alice, at=T0)


@pytest.fixture
def figure(case: Any, make_claim: Any, alice: Any) -> Any:
    claim = make_claim(case=case)
    syria = Place.objects.get(code="SY")

    def make(point: int, **fields: Any) -> Figure:
        given = {**SCOPE, **DAYS, "point": point, "as_written": str(point), "place": syria, **fields}
        return add_figure(claim=claim, by=alice, at=T0, **given)

    return make


def new(client: Any, claim: Any, **given: Any) -> Any:
    return client.post(reverse("figure-new", args=[claim.pk]), {**SCOPE, "as_written": "745", **given})


def compare(client: Any, case: Any, *figures: Figure, **query: Any) -> str:
    query = {"figure": [figure.pk for figure in figures], **query}
    answer = client.get(reverse("figure-compare", args=[case.pk]) + "?" + urlencode(query, doseq=True))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("typed", "code"), [("سوريا", "SY"), ("Syria", "SY"), ("Syria (country)", "SY"), ("turkiye", "TR")]
)
def test_place_is_taken_under_either_name(client, alice, make_claim, typed, code):
    client.force_login(alice)
    assert new(client, make_claim(), place=typed).status_code == 302
    figure = Figure.objects.get()
    assert (figure.place.code, figure.place_as_written) == (code, "" if "(" in typed else typed)


def test_place_that_may_be_several_is_asked_for_and_nothing_is_lost(client, alice, make_claim):
    client.force_login(alice)
    claim = make_claim()
    asked = new(client, claim, place="Tartous", perpetrator="as typed")
    page = asked.content.decode()
    assert asked.status_code == 422 and not Figure.objects.exists()
    assert "Tartus, Syria (governorate)" in page and 'value="Tartous"' in page and 'value="as typed"' in page
    tartus = Place.objects.get(code="SY-TA")
    assert new(client, claim, place="Tartous", place_choice=tartus.pk).status_code == 302
    assert new(client, claim, place="Tartous", place_choice="words").status_code == 302
    found = Figure.objects.order_by("place").values_list("place", "place_as_written")
    assert set(found) == {(tartus.pk, "Tartous"), (None, "Tartous")}
    assert (
        new(client, claim, place="Tartous", place_choice=Place.objects.get(code="FR").pk).status_code == 422
    )


def test_place_that_is_not_on_record_is_kept_as_written_and_said_so(client, alice, make_claim):
    client.force_login(alice)
    answer = client.get(new(client, make_claim(), place="the Syrian coast")["Location"])
    assert "kept as written" in answer.content.decode()
    figure = Figure.objects.get()
    assert (figure.place, figure.place_as_written) == (None, "the Syrian coast")


def test_figures_of_the_same_source_are_offered_first(client, alice, make_claim, make_assertion, make_source):
    claim, group = make_claim(), make_source()
    said, other = make_assertion(claim, group), make_assertion(claim, make_source())
    mine = state_figure(assertion=said, point=745, as_written="mine", by=alice, at=T0, **SCOPE)
    state_figure(assertion=other, point=1, as_written="theirs", by=alice, at=T0, **SCOPE)
    gone = state_figure(assertion=said, point=2, as_written="withdrawn-one", by=alice, at=T0, **SCOPE)
    withdraw_figure(figure=gone, by=alice, at=T0, why="A slip.")
    client.force_login(alice)
    form = client.get(reverse("figure-new", args=[claim.pk]), {"assertion": said.pk}).context["form"]
    groups = form.fields["supersedes"].widget.choices
    assert groups[1][0] == "The same source" and [pk for pk, _ in groups[1][1]] == [mine.pk]
    assert "withdrawn-one" not in str(form["part_of"]) and "theirs" in str(form["part_of"])


def edited(client: Any, figure: Figure, **given: Any) -> Any:
    """The edit form sent back as it came, but for `given`."""
    page = client.get(reverse("figure-edit", args=[figure.pk]))
    form = page.context["form"]
    as_it_came = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in {**as_it_came, **given}.items() if value not in (None, False)}
    return client.post(reverse("figure-edit", args=[figure.pk]), sent)


def test_correction_needs_a_reason_and_a_change(client, alice, figure):
    made = figure(745)
    client.force_login(alice)
    assert edited(client, made, why="").status_code == 422
    unchanged = edited(client, made, why="None.")
    assert unchanged.status_code == 422 and "Nothing is different" in unchanged.content.decode()
    assert edited(client, made, why="A slip.", category="all").status_code == 302
    made.refresh_from_db()
    assert (made.category, made.point, made.place.code) == ("all", 745, "SY")


def test_corrected_words_are_read_again_unless_numbers_were_typed(client, alice, figure):
    made = figure(745)
    client.force_login(alice)
    edited(client, made, why="A slip.", as_written="more than 754")
    made.refresh_from_db()
    assert (made.lower, made.point, made.qualifier) == (754, None, "more-than")
    edited(client, made, why="A slip.", as_written="some", lower="", point=760, qualifier="around")
    made.refresh_from_db()
    assert (made.as_written, made.lower, made.point, made.qualifier) == ("some", None, 760, "around")


def test_correction_of_what_changed_meanwhile_keeps_what_was_typed(client, alice, bob, figure):
    made = figure(745)
    client.force_login(alice)
    page = client.get(reverse("figure-edit", args=[made.pk]))
    seen = page.context["form"]["revision"].value()
    correct_figure(figure=made, by=bob, at=T0, why="Mine.", point=754)
    answer = edited(client, made, why="My own words.", point=755, revision=seen)
    assert answer.status_code == 422
    assert "Bob changed this claim" in answer.content.decode() and "My own words." in answer.content.decode()
    assert Figure.objects.get().point == 754


def test_circle_is_said_at_the_field_that_closes_it(client, alice, figure):
    total = figure(1000, category="all")
    part = figure(745, part_of=total)
    client.force_login(alice)
    answer = edited(client, total, why="So it says.", part_of=part.pk)
    assert answer.status_code == 422 and "part of this one already" in str(
        answer.context["form"].errors["part_of"]
    )


def test_withdrawn_figure_says_who_and_why(client, alice, figure):
    made = figure(745)
    client.force_login(alice)
    url = reverse("figure-withdraw", args=[made.pk])
    assert 'name="why"' in client.get(url).content.decode()
    assert client.post(url, {"why": " "}).status_code == 422
    assert client.post(url, {"why": "Of another event."}).status_code == 302
    for name in ("figure-edit", "figure-withdraw"):
        page = client.get(reverse(name, args=[made.pk])).content.decode()
        assert "was withdrawn by Alice" in page and "Of another event." in page and "<textarea" not in page
    assert client.post(url, {"why": "Again."}).status_code == 422


@pytest.fixture
def given(figure: Any, make_assertion: Any) -> Any:
    """A figure with whoever gives it."""

    def make(source: Any, point: int | None, **fields: Any) -> Figure:
        made = figure(point, **fields)
        make_assertion(made.claim, source).figures.add(made)
        return made

    return make


def test_parts_are_held_against_the_total_with_what_that_does_not_show(
    client, dave, case, given, make_source
):
    figure = partial(given, make_source("Observatory"))
    total = figure(None, lower=1000, qualifier="more-than", as_written="more than 1,000", category="all")
    parts = [
        figure(745, qualifier="around", as_written="around 745"),
        figure(125, category="security-personnel"),
        figure(148, category="pro-assad-fighters"),
    ]
    client.force_login(dave)
    page = compare(client, case, total, *parts)
    assert "The parts can belong to the total." in page
    assert "The parts make 1,018, which agrees with “more than 1,000”." in page
    assert "It does not show that these are all the parts." in page and "around 1,018" in page


def test_other_peoples_figures_are_not_checked_as_parts_and_it_is_said_why(
    client, dave, case, given, make_source
):
    group, radio = make_source("Observatory"), make_source("Radio")
    total = given(group, 1383, category="all", as_written="1383 شخصا")
    part, theirs = given(group, 125), given(radio, 745)
    client.force_login(dave)
    why = "“745” was not checked against “1,383”: they are figures of different sources"
    page = compare(client, case, total, part, theirs)
    assert "The parts make 125, which leaves room for more under “1,383”." in page and why in page
    for query in ({}, {"total": total.pk}):
        page = compare(client, case, total, theirs, **query)
        assert "Not checked." in page and why in page and "can belong to the total" not in page
        assert "“1,383” and “745” may count the same people" in page
    assert why not in compare(client, case, total, theirs, total="none")


def test_sentences_name_figures_as_the_reader_writes_them(client, dave, case, figure):
    one = figure(1383, as_written="")
    other = figure(1745, qualifier="around", as_written="نحو 1745 مدنيا")
    client.force_login(dave)
    page = compare(client, case, one, other)
    either_way = "“1,383” and “around 1,745”", "“around 1,745” and “1,383”"
    assert any(f"{pair} may count the same people" in page for pair in either_way)
    assert "exactly 1383" not in page
    assert 0 < page.count("<bdi>نحو 1745 مدنيا</bdi>") == page.count("نحو 1745 مدنيا")


def test_governorates_that_are_all_the_parts_fit(client, dave, case, figure):
    total = figure(1383, parts_are_all=True)
    killed = {"SY-LA": 683, "SY-TA": 433, "SY-HM": 255, "SY-HI": 12}
    parts = [figure(n, place=Place.objects.get(code=code), part_of=total) for code, n in killed.items()]
    client.force_login(dave)
    page = compare(client, case, total, *parts)
    assert "all there are, its source says" in page and "these are all the parts" not in page
    page = compare(client, case, total, *parts[1:])
    assert "all there are, its source says" not in page and "these are all the parts" in page


def test_victims_and_perpetrators_are_refused_with_the_reason(client, dave, case, figure):
    ours = figure(1383)
    theirs = figure(1217, category="all", perpetrator="government forces")
    client.force_login(dave)
    page = compare(client, case, ours, theirs)
    assert "Not added." in page and "No range." in page
    assert "divides the dead by victim (civilians), the other by perpetrator (government forces)" in page


def test_vague_and_withdrawn_figures_are_left_out(client, alice, dave, case, figure):
    one, other = figure(745), figure(760)
    vague = figure(None, qualifier="dozens", as_written="dozens")
    gone = figure(9_999)
    withdraw_figure(figure=gone, by=alice, at=T0, why="A slip.")
    client.force_login(dave)
    page = compare(client, case, one, other, vague, gone)
    assert "745–760" in page and "“dozens” is a vague word, not a count." in page and "9,999" not in page


def test_clash_of_what_is_said_and_what_is_counted_is_named(client, dave, case, figure):
    total = figure(1383)
    part = figure(300, part_of=total, window_from="2025-04-01", window_to="2025-04-02")
    client.force_login(dave)
    page = compare(client, case, total, part, total=total.pk)
    assert "The parts cannot be checked against the total." in page
    assert page.count("which does not go with what they count. They cover different days") == 2


@pytest.mark.parametrize(
    "query", [{"figure": ["x", "", "00000000-0000-0000-0000-000000000000"]}, {"total": "\x00"}, {}]
)
def test_address_of_nonsense_is_survived(client, dave, case, figure, query):
    figure(745)
    client.force_login(dave)
    assert "Figures of the case" in compare(client, case, **query)


def test_other_cases_and_desks_figures_are_not_compared(
    client, dave, mallory, case, figure, make_claim, alice
):
    elsewhere = add_figure(claim=make_claim(), point=4_321, unit="massacres", by=alice, at=T0)
    client.force_login(dave)
    assert "4,321" not in compare(client, case, figure(745), elsewhere)
    client.force_login(mallory)
    assert client.get(reverse("figure-compare", args=[case.pk])).status_code == 404


def test_only_so_many_are_set_against_each_other(client, dave, case, figure):
    made = [figure(number, place=None) for number in range(1, 15)]
    client.force_login(dave)
    page = compare(client, case, *made)
    assert "Only the first 12" in page and page.count("cannot be compared with") == 66


@pytest.mark.parametrize("rows", [1, 3])
def test_comparison_asks_the_same_for_one_and_three(
    client, dave, case, figure, make_assertion, django_assert_num_queries, rows
):
    made = [figure(number + 1, as_of=f"2025-03-{9 + number:02}") for number in range(rows + 1)]
    for each in made:
        make_assertion(each.claim).figures.add(each)
    client.force_login(dave)
    url = (
        reverse("figure-compare", args=[case.pk])
        + "?"
        + urlencode({"figure": [one.pk for one in made]}, doseq=True)
    )
    # session, person, desks, case, figures, assertions, the inbox
    with django_assert_num_queries(7):
        client.get(url)


@pytest.mark.parametrize("rows", [1, 3])
def test_figure_form_asks_the_same_for_one_and_three(
    client, alice, case, figure, make_assertion, django_assert_num_queries, rows
):
    made = [figure(number + 1) for number in range(rows + 1)]
    for each in made:
        make_assertion(each.claim).figures.add(each)
    client.force_login(alice)
    # session, person, desks, figure, its assertions, their speakers, places, figures, theirs, their speakers, the inbox
    with django_assert_num_queries(11):
        client.get(reverse("figure-edit", args=[made[0].pk]))
