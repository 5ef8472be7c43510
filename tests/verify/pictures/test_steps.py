"""The figure ladder laid out: what stands side by side, and that no label lies on another."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.statements.scopes import Scope
from verify.pictures.drawing import text_width
from verify.pictures.steps import NARROW, SMALL, WIDE, Ladder, Step, Words, ladder, overlapping, panels_of

DAY = date(2025, 3, 8)
WORDS = Words(
    heading=lambda scope: f"{scope.unit} · {scope.category}",
    apart=lambda scope, other: f"Not to be set against {other.category}.",
    day=str,
    span=lambda scope: str(scope.window_from or ""),
    part=lambda step, whole: f"{step.label} is part of {whole.label}.",
    unstated=lambda unit: f"{unit} · not stated",
    stated=lambda scope: scope.category,
    unstated_note="Not stated in full.",
    undated="no day stated",
    other_days="They do not all cover the same days.",
)
SCOPE = Scope(
    "people-killed", "civilians", place=("Syria", "Latakia"), window_from=DAY, window_to=DAY + timedelta(1)
)


def step(id: str, voice: str = "SOHR", day: int | None = 0, **fields: object) -> Step:
    scope = fields.pop("scope", SCOPE)
    as_of = None if day is None else DAY + timedelta(day)
    fields = {"label": id, "point": 745} | fields
    return Step(id=id, voice=voice, scope=Scope(**{**_fields(scope), "as_of": as_of}), **fields)


def _fields(scope: Scope) -> dict[str, object]:
    return {name: getattr(scope, name) for name in scope.__dataclass_fields__}


def laid(steps: list[Step], *, narrow: bool = False) -> Ladder:
    return ladder(steps, WORDS, text_width, narrow=narrow)


def many(number: int, *, seed: int = 1, days: int = 30, voices: int = 20) -> list[Step]:
    dice = random.Random(seed)
    kinds = [
        {"point": 1000},
        {"qualifier": "around", "point": 700},
        {"point": None, "lower": 300, "qualifier": "at-least"},
        {"point": None, "upper": 900, "qualifier": "up-to"},
        {"point": None, "lower": 200, "upper": 400, "qualifier": "between"},
        {"point": None, "qualifier": "hundreds"},
    ]
    return [
        step(
            f"around {n},000",
            f"Source {dice.randrange(voices)}",
            None if dice.random() < 0.05 else dice.randrange(days),
            **dice.choice(kinds),
            supersedes=f"around {n - 1},000" if dice.random() < 0.5 else "",
        )
        for n in range(number)
    ]


@pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize(
    ("number", "days", "voices"),
    [(3, 5, 2), (60, 30, 20), (60, 2, 60), (60, 3, 3), (60, 1, 1), (300, 40, 40)],
)
def test_no_label_lies_on_another_or_outside(number, days, voices, narrow):
    picture = laid(many(number, days=days, voices=voices), narrow=narrow)
    assert len(picture.marks) == number
    assert overlapping(picture) == []
    assert picture.width == (NARROW if narrow else WIDE)
    for mark in picture.marks:
        box = mark.label
        assert box.x >= 0 and box.x + box.width <= picture.width
        assert box.y >= 0 and box.y + box.height <= picture.height


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 400), st.integers(1, 10))
def test_no_label_lies_on_another_whatever_the_figures(seed, number, days, voices):
    assert overlapping(laid(many(number, seed=seed, days=days, voices=voices))) == []


def test_lanes_do_not_reach_into_each_other():
    for panel in laid(many(60)).panels:
        for above, below in zip(panel.lanes, panel.lanes[1:], strict=False):
            lowest = max(mark.label.y + mark.label.height for mark in above.marks)
            assert lowest <= min(mark.label.y for mark in below.marks)


def test_one_scope_is_one_panel_with_a_lane_for_each_source():
    [panel] = laid([step("a"), step("b", "SNHR", 3), step("c", day=4)]).panels
    assert [(lane.voice, len(lane.marks)) for lane in panel.lanes] == [("SOHR", 2), ("SNHR", 1)]


@pytest.mark.parametrize(
    "other",
    [
        {"category": "all"},
        {"perpetrator": "militia"},
        {"place": ("Syria", "Homs")},
        {"unit": "massacres"},
        {"window_to": DAY + timedelta(9)},
    ],
)
def test_another_scope_is_another_panel_that_says_why(other):
    scope = Scope(**_fields(SCOPE) | other)
    first, second = laid([step("a"), step("b"), step("c", scope=scope)]).panels
    assert (len(first.marks), first.notes) == (2, [])
    assert second.notes == ["Not to be set against civilians."]


def test_a_figure_stands_with_its_revision_for_more_days_and_says_which():
    later = Scope(**_fields(SCOPE) | {"window_to": DAY + timedelta(9), "window_from": DAY - timedelta(1)})
    [panel] = laid([step("745"), step("1,383", day=4, scope=later, supersedes="745", point=1383)]).panels
    [lane] = panel.lanes
    old, new = lane.marks
    [rise] = lane.rises
    assert (rise.x1, rise.y1, rise.x2, rise.y2) == (old.x, old.y, new.x, new.y)
    assert new.x > old.x and new.y < old.y  # later, and more
    assert {old.under, new.under} == {"2025-03-08", "2025-03-07"}
    assert panel.notes == [WORDS.other_days]


def test_a_revision_that_counts_others_does_not_bring_scopes_together():
    others = Scope(**_fields(SCOPE) | {"category": "government-soldiers"})
    panels = laid([step("125"), step("273", scope=others, supersedes="125")]).panels
    assert [len(panel.marks) for panel in panels] == [1, 1]
    assert not any(lane.rises for panel in panels for lane in panel.lanes)


def unsaid(**fields: object) -> Scope:
    return Scope(**_fields(SCOPE) | {"category": ""} | fields)


def test_what_does_not_say_whom_it_counts_is_nobody_elses():
    groups = panels_of(
        [step("a", scope=unsaid()), step("b", "SNHR", scope=unsaid()), step("c", scope=unsaid())]
    )
    assert sorted([each.id for each in group] for group in groups) == [["a", "c"], ["b"]]


def test_what_is_not_stated_in_full_is_one_panel_for_each_source_and_says_so():
    scopes = [
        unsaid(place=()),
        unsaid(),
        Scope(**_fields(SCOPE) | {"window_from": None, "window_to": None}),
        Scope("people-killed"),
    ]
    steps = [
        step(f"{voice} {number} {of}", voice, number, scope=scope)
        for voice in ("SOHR", "SNHR")
        for number, scope in enumerate(scopes)
        for of in ("a", "b")
    ]
    massacres = step("30", scope=Scope("massacres"))
    whole = step("745")
    panels = laid([*steps, massacres, whole]).panels
    assert sorted(len(panel.marks) for panel in panels) == [1, 1, 8, 8]
    for panel in panels:
        assert len({mark.step.voice for mark in panel.marks}) == 1
        assert panel.is_mixed == (len(panel.marks) == 8)
        if panel.is_mixed:
            assert (panel.heading, panel.scale) == (["people-killed · not stated"], None)
            assert panel.notes == ["Not stated in full."]
            assert {mark.under for mark in panel.marks} == {"", "civilians"}


def test_three_hundred_figures_that_state_nothing_are_few_panels():
    steps = [
        step(str(n), f"Source {n % 5}", n % 40, scope=unsaid(window_to=DAY + timedelta(n)))
        for n in range(300)
    ]
    picture = laid(steps)
    assert len(picture.panels) == 5 and len(picture.marks) == 300
    assert overlapping(picture) == []


def test_revision_that_states_more_does_not_draw_the_others_into_its_panel():
    earlier = Scope(**_fields(SCOPE) | {"window_from": None, "window_to": None})
    steps = [
        step("745", scope=earlier),
        step("1,383", day=4, supersedes="745"),
        step("12", scope=unsaid(place=())),
    ]
    assert sorted([each.id for each in group] for group in panels_of(steps)) == [["12"], ["745", "1,383"]]


def test_part_without_a_scope_stands_below_the_total_that_its_source_names():
    steps = [step("1,000"), step("125", scope=unsaid(), part_of="1,000"), step("9", scope=unsaid(place=()))]
    found = {panel.marks[0].step.id: panel for panel in laid(steps).panels}
    assert len(found) == 3
    assert (found["125"].depth, found["125"].notes) == (1, ["125 is part of 1,000."])
    assert found["9"].depth == 0


@pytest.mark.parametrize("replaced", [False, True])
def test_part_that_is_said_is_not_put_down_to_the_scopes(replaced):
    elsewhere = Scope(**_fields(SCOPE) | {"place": (), "place_words": "Hama"})
    parts = [
        step("683", scope=elsewhere, part_of="1,383"),
        step("255", scope=elsewhere, part_of="1,383", replaced=replaced),
    ]
    _whole, panel = laid([*parts, step("1,383")]).panels
    assert panel.notes == ["255 is part of 1,383."] * (not replaced) + ["683 is part of 1,383."]


@pytest.mark.parametrize("via", ["", "BBC"])
def test_dashes_of_a_relayed_figure_have_room_above_the_days(via):
    wider = Scope(**_fields(SCOPE) | {"window_from": DAY - timedelta(1)})
    steps = [step("745", via=via), step("1,383", day=9, scope=wider, supersedes="745")]
    mark = next(mark for mark in laid(steps).marks if mark.step.id == "745")
    dashes, letters = (
        16,
        12 + mark.drop - 0.75 * SMALL,
    )  # from the label's top; capitals are 0.75 of their size
    assert mark.under and mark.label.height >= 12 + mark.drop
    assert not via or letters - dashes >= 3


def test_a_vague_word_has_no_place_on_the_scale():
    [panel] = laid(
        [
            step("hundreds", lower=200, upper=999, point=None, qualifier="hundreds"),
            step("30", point=30, day=1),
        ]
    ).panels
    assert panel.scale == 30
    word = next(mark for mark in panel.marks if mark.step.is_word)
    assert word.step.numbers == ()
    assert word.y == pytest.approx(panel.lanes[0].y + panel.lanes[0].height / 2)


def test_open_ends_stay_open_and_points_lie_by_their_number():
    more = step("more than 1,000", lower=1000, point=None, qualifier="more-than")
    marks = {
        mark.step.id: mark
        for mark in laid([more, step("500", point=500, day=9), step("0", point=0, day=20)]).marks
    }
    assert marks["more than 1,000"].step.opens_up
    assert marks["more than 1,000"].top < marks["more than 1,000"].y - 20
    assert marks["0"].y > marks["500"].y > marks["more than 1,000"].y


def test_parts_come_after_the_whole_that_they_belong_to():
    parts = [
        step(name, scope=Scope(**_fields(SCOPE) | {"place": ("Syria", name)}), part_of="1,383")
        for name in ("Homs", "Hama")
    ]
    whole = step("1,383", scope=Scope(**_fields(SCOPE) | {"place": ("Syria",)}))
    assert [(panel.depth, panel.marks[0].step.id) for panel in laid([*parts, whole]).panels] == [
        (0, "1,383"),
        (1, "Hama"),
        (1, "Homs"),
    ]


def test_panels_that_are_parts_of_each_other_are_all_drawn():
    other = Scope(**_fields(SCOPE) | {"category": "all"})
    steps = [step("a", part_of="c"), step("b", scope=other, part_of="a"), step("c", scope=other)]
    assert {mark.step.id for mark in laid(steps).marks} == {"a", "b", "c"}


def test_what_has_no_day_stands_apart_from_the_days():
    picture = laid([step("a", day=None), step("b")])
    places = {mark.step.id: mark.x for mark in picture.marks}
    assert places["b"] < picture.right < places["a"]


@pytest.mark.parametrize("days", [0, 1, 6, 45, 400, 4000, 700_000])
def test_days_are_written_apart(days):
    picture = laid([step("a"), step("b", day=days)])
    assert 1 <= len(picture.ticks) <= 13
    assert all(
        b.x - a.x > text_width(a.text, 11.5) for a, b in zip(picture.ticks, picture.ticks[1:], strict=False)
    )


def test_nothing_is_a_picture_too():
    assert laid([]).panels == []
