"""Figures that refuse to be added, compared or reconciled when they do not count the same."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.statements.figures import Counted, Refusal, Scope, add, check_parts, parse, reconcile, relation

COAST = Scope(
    "people-killed",
    "civilians",
    place=("Syria", "Coast"),
    window_from=date(2025, 3, 6),
    window_to=date(2025, 3, 8),
    as_of=date(2025, 3, 8),
)
SECURITY = replace(COAST, category="security-personnel")
FIGHTERS = replace(COAST, category="pro-assad-fighters")
EVERYBODY = replace(COAST, category="all")


def counted(phrase, scope=COAST, source="sohr"):
    return Counted(parse(phrase), scope, source)


PARTS = [counted("around 745"), counted("125", SECURITY), counted("148", FIGHTERS)]


@pytest.mark.parametrize(
    ("change", "other", "kind"),
    [
        ({}, {}, "same"),
        ({}, {"as_of": date(2025, 3, 12)}, "same"),
        ({}, {"unit": "massacres"}, "incomparable"),
        ({}, {"category": "all"}, "subset"),
        ({"category": "all"}, {}, "total"),
        ({}, {"category": "security-personnel"}, "disjoint"),
        ({"category": "government-soldiers"}, {"category": "security-personnel"}, "subset"),
        ({}, {"category": ""}, "incomparable"),
        ({}, {"category": "shepherds"}, "incomparable"),
        ({"place": ("Syria", "Coast", "Jableh")}, {}, "subset"),
        ({"place": ("Syria",)}, {}, "total"),
        ({"place": ("Syria", "Hama")}, {}, "disjoint"),
        ({"place": ()}, {}, "incomparable"),
        ({"window_to": date(2025, 3, 7)}, {}, "subset"),
        ({"window_from": date(2025, 3, 7), "window_to": date(2025, 3, 12)}, {}, "overlap"),
        ({"window_from": date(2025, 3, 9), "window_to": date(2025, 3, 12)}, {}, "disjoint"),
        ({"window_to": None}, {}, "incomparable"),
        ({"perpetrator": "militia"}, {}, "subset"),
        ({"perpetrator": "militia"}, {"perpetrator": "army"}, "incomparable"),
        ({"category": "all"}, {"place": ("Syria",)}, "overlap"),
        ({"category": "civilians-and-fighters"}, {"category": "all"}, "subset"),
    ],
)
def test_relation_of_two_scopes(change, other, kind):
    found = relation(replace(COAST, **change), replace(COAST, **other))
    assert found.kind == kind
    assert "%(" not in str(found.reason)


def test_categories_that_share_nobody_are_added():
    total = add(PARTS)
    assert (total.measurement.point, total.measurement.qualifier) == (1018, "around")
    assert [caution.code for caution in total.cautions] == ["around-added"]


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (counted("745"), counted("111", source="un"), "not-disjoint"),
        (counted("745"), counted("more than 1,000", EVERYBODY), "not-disjoint"),
        (counted("745"), counted("30", replace(COAST, unit="massacres")), "not-disjoint"),
        (counted("745"), counted("dozens", SECURITY), "vague"),
        (counted("745"), counted("1.383", SECURITY), "ambiguous"),
        (counted("745"), counted("125", replace(SECURITY, as_of=date(2025, 3, 12))), "as-of-differs"),
        (
            counted("1,217", replace(EVERYBODY, perpetrator="army"), "snhr"),
            counted("445", replace(EVERYBODY, perpetrator="militia"), "other"),
            "perpetrators-across-sources",
        ),
    ],
)
def test_incompatible_figures_are_refused_with_the_reason(one, other, code):
    refusal = add([one, other])
    assert isinstance(refusal, Refusal)
    assert refusal.reason.code == code
    assert str(refusal.reason).endswith((".", "first."))


def test_one_sources_division_by_perpetrator_is_added():
    army, militia = replace(EVERYBODY, perpetrator="army"), replace(EVERYBODY, perpetrator="militia")
    assert add([counted("1,217", army, "snhr"), counted("445", militia, "snhr")]).measurement.point == 1662


def test_figures_of_different_sources_are_added_with_a_caution():
    total = add([counted("745"), counted("125", SECURITY, "ministry")])
    assert [caution.code for caution in total.cautions] == ["sources-differ"]


@pytest.mark.parametrize(
    ("phrases", "expected"),
    [
        (["745", "125"], ("exactly", 870, 870, 870)),
        (["more than 700", "125"], ("at-least", 826, None, None)),
        (["between 20 and 30", "5"], ("between", 25, None, 35)),
        (["up to 40", "5"], ("up-to", None, None, 45)),
        (["at least 30", "up to 5"], ("at-least", 30, None, None)),
    ],
)
def test_sum_keeps_what_is_known_of_the_bounds(phrases, expected):
    total = add([counted(phrases[0]), counted(phrases[1], SECURITY)]).measurement
    assert (total.qualifier, total.lower, total.point, total.upper) == expected


def test_parts_are_checked_against_the_total_and_the_limits_are_said():
    check = check_parts(counted("more than 1,000", EVERYBODY), PARTS)
    assert check.verdict == "consistent"
    assert str(check.shows) == "The parts make 1,018, which agrees with “more than 1,000”."
    assert [limit.code for limit in check.does_not_show] == ["not-truth", "not-independent", "not-complete"]


@pytest.mark.parametrize(
    ("total", "parts", "complete", "verdict", "code"),
    [
        ("900", PARTS, False, "inconsistent", "exceeds"),
        ("1,000", PARTS, False, "unclear", "unclear"),
        ("2,000", PARTS, False, "consistent", "room-left"),
        ("2,000", PARTS, True, "inconsistent", "falls-short"),
        ("1,018", PARTS, True, "consistent", "fits"),
        ("hundreds", PARTS, False, "not-checkable", "vague"),
        ("up to 800", PARTS[1:], False, "consistent", "fits"),
    ],
)
def test_parts_that_do_not_add_up(total, parts, complete, verdict, code):
    check = check_parts(counted(total, EVERYBODY), parts, complete=complete)
    assert (check.verdict, check.shows.code) == (verdict, code)


def test_part_of_something_else_is_not_checked():
    check = check_parts(counted("1,662", COAST), [counted("445", replace(EVERYBODY, perpetrator="militia"))])
    assert (check.verdict, check.shows.code) == ("not-checkable", "not-a-part")


def test_range_takes_the_latest_of_each_source_and_says_its_rule():
    later = replace(COAST, as_of=date(2025, 3, 12))
    counts = [
        counted("745"),
        counted("1,383", later),
        counted("1,100", later, "snhr"),
        counted("dozens", source="tv"),
    ]
    found = reconcile(counts)
    assert (found.lower, found.upper, found.used) == (1100, 1383, (1, 2))
    assert {i: reason.code for i, reason in found.left_out} == {0: "superseded", 3: "vague"}
    assert found.rule.code == "minimum-maximum"


@pytest.mark.parametrize(
    ("phrases", "lower", "upper"),
    [
        (["1,383", "at least 111"], 1383, 1383),
        (["745", "more than 1,000"], 745, None),
        (["at least 111", "at least 30"], 30, None),
        (["around 745", "between 700 and 900"], 700, 900),
        (["up to 40"], 0, 40),
    ],
)
def test_range_of_bounds_and_values(phrases, lower, upper):
    found = reconcile([counted(phrase, source=phrase) for phrase in phrases])
    assert (found.lower, found.upper) == (lower, upper)


def test_different_scopes_are_not_reconciled():
    by_killer = counted("1,217", replace(EVERYBODY, perpetrator="army"), "snhr")
    refusal = reconcile([counted("1,557"), by_killer])
    assert isinstance(refusal, Refusal) and refusal.reason.code == "not-same"


def test_nothing_is_refused():
    assert add([]).reason.code == reconcile([]).reason.code == "nothing"


scopes = st.builds(
    Scope,
    st.sampled_from(["people-killed", "massacres"]),
    st.sampled_from(
        ["", "civilians", "all", "security-personnel", "government-soldiers", "civilians-and-fighters"]
    ),
    st.sampled_from(["", "army", "militia"]),
    st.sampled_from([(), ("Syria",), ("Syria", "Hama"), ("Syria", "Coast")]),
    st.none() | st.dates(date(2025, 3, 1), date(2025, 3, 4)),
    st.none() | st.dates(date(2025, 3, 4), date(2025, 3, 8)),
)


@given(scopes, scopes)
def test_relation_is_the_mirror_of_its_inverse(a, b):
    mirrored = {"subset": "total", "total": "subset"}
    forth, back = relation(a, b).kind, relation(b, a).kind
    assert back == mirrored.get(forth, forth)


@given(
    st.lists(
        st.tuples(st.sampled_from(["745", "around 9", "at least 3", "up to 8", "dozens"]), scopes), max_size=5
    )
)
def test_order_of_the_parts_does_not_change_the_sum(parts):
    counts = [counted(phrase, scope) for phrase, scope in parts]
    forth, back = add(counts), add(counts[::-1])
    assert isinstance(forth, Refusal) == isinstance(back, Refusal)
    if not isinstance(forth, Refusal):
        assert replace(forth.measurement, as_written="") == replace(back.measurement, as_written="")
