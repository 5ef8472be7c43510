"""Figures that refuse to be added, compared or reconciled when they do not count the same."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.statements.figures import (
    Counted,
    Refusal,
    Scope,
    add,
    check_parts,
    compare,
    parse,
    reconcile,
    relation,
)

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
        ({"place": ()}, {"place": ()}, "incomparable"),
        ({"place": (), "place_words": "the coast"}, {"place": (), "place_words": "The  Coast"}, "same"),
        ({"place": (), "place_words": "the coast"}, {}, "incomparable"),
        ({"window_from": None, "window_to": None}, {"window_from": None, "window_to": None}, "incomparable"),
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


SNHR = [
    counted("1,217", replace(EVERYBODY, perpetrator="government forces and armed groups"), "snhr"),
    counted("445", replace(EVERYBODY, perpetrator="pro-Assad militia"), "snhr"),
]


@pytest.mark.parametrize("theirs", SNHR)
def test_victims_and_perpetrators_are_neither_added_nor_reconciled_nor_parts(theirs):
    ours = counted("1,383")
    for refusal in (add([ours, theirs]), add([theirs, ours]), reconcile([ours, theirs])):
        assert isinstance(refusal, Refusal)
        assert "divides the dead by victim (civilians), the other by perpetrator" in str(refusal.reason)
    check = check_parts(counted("1,662", EVERYBODY, "snhr"), [*SNHR, replace(ours, source="snhr")])
    assert (check.verdict, check.shows.code) == ("not-checkable", "not-disjoint")


@pytest.mark.parametrize(
    ("whose", "totals", "links", "code"),
    [
        ("bbc", "sohr", {}, "others-part"),
        ("", "sohr", {}, "whose-part"),
        ("", "", {}, "whose-part"),
        ("bbc", "sohr", {"part_of": "another"}, "others-part"),
        ("bbc", "sohr", {"part_of": "total"}, "room-left"),
        ("sohr", "sohr", {}, "room-left"),
    ],
)
def test_part_is_checked_only_within_one_source_or_where_it_is_said(whose, totals, links, code):
    total = replace(counted("1,383", EVERYBODY, totals), key="total")
    check = check_parts(total, [replace(counted("745", COAST, whose), **links)])
    assert check.shows.code == code
    assert (check.verdict == "not-checkable") == (code != "room-left")


def test_sentences_have_the_names_and_separators_of_the_reader():
    total = replace(counted("1383 شخصا", EVERYBODY), name="1,383")
    parts = [replace(counted("نحو 2745 مدنيا"), name="around 2,745"), counted("125", SECURITY)]
    assert add(parts).measurement.as_written == "around 2,745 + 125"
    assert str(check_parts(total, [counted("2745")]).shows) == (
        "The parts make at least 2,745, the total is at most 1,383."
    )
    assert "“1,383” and “around 2,745”" in str(add([total, *parts]).reason)


def test_governorates_make_the_total():
    killed = {"Latakia": 683, "Tartus": 433, "Hama": 255, "Homs": 12}
    parts = [counted(str(number), replace(COAST, place=("Syria", name))) for name, number in killed.items()]
    check = check_parts(counted("1,383", replace(COAST, place=("Syria",))), parts, complete=True)
    assert (check.verdict, str(check.shows)) == (
        "consistent",
        "The parts make 1,383, which agrees with “1,383”.",
    )
    assert [limit.code for limit in check.does_not_show] == ["not-truth", "not-independent"]
    short = check_parts(counted("1,383", replace(COAST, place=("Syria",))), parts[1:], complete=True)
    assert (short.verdict, short.shows.code) == ("inconsistent", "falls-short")


def said(counted, **links):
    return replace(counted, key=counted.written, **links)


@pytest.mark.parametrize(
    ("scope", "kind", "clash"),
    [
        (replace(COAST, place=()), "subset", False),  # the scopes leave it open: the source decides
        (COAST, "subset", False),
        (replace(COAST, category="all", place=("Syria",)), "total", True),
        (replace(COAST, window_from=date(2025, 4, 1), window_to=date(2025, 4, 2)), "disjoint", True),
    ],
)
def test_part_that_the_source_says_is_held_against_the_scopes(scope, kind, clash):
    total = said(counted("more than 1,000", EVERYBODY))
    part = said(counted("745", scope), part_of=total.key)
    found, back = compare(part, total), compare(total, part)
    assert (found.kind, found.said, found.clash is not None) == (kind, True, clash)
    assert back.kind == {"subset": "total", "total": "subset"}.get(kind, kind)
    check = check_parts(total, [part])
    assert (check.verdict == "not-checkable") == clash
    if clash:
        assert "does not go with what they count" in str(check.shows)
    assert add([part, total]).reason.code == add([total, part]).reason.code == "said-part-added"


def test_figure_that_another_replaces_is_left_out_and_never_added():
    earlier = said(counted("1,383", replace(COAST, as_of=None)))
    later = said(counted("1,557", replace(COAST, as_of=None)), supersedes=frozenset({earlier.key}))
    found = reconcile([earlier, later])
    assert (found.lower, found.upper, found.used) == (1557, 1557, (1,))
    assert str(found.left_out[0][1]) == "“1,383” was left out: “1,557” replaces it, its source says."
    elsewhere = replace(later, scope=replace(COAST, place=("Syria", "Hama")))
    for pair in ([earlier, elsewhere], [elsewhere, earlier]):
        assert add(pair).reason.code == "replaced-added"


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


PHRASES = ["745", "around 9", "at least 3", "more than 20", "up to 8", "between 4 and 7", "dozens"]
figures = st.builds(
    lambda phrase, scope, source, day: counted(phrase, replace(scope, as_of=day), source),
    st.sampled_from(PHRASES),
    scopes,
    st.sampled_from(["", "sohr", "snhr"]),
    st.none() | st.dates(date(2025, 3, 8), date(2025, 3, 10)),
)
DISJOINT = [replace(COAST, place=("Syria", str(number))) for number in range(6)]


@given(st.lists(figures, max_size=4).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_no_order_turns_a_refusal_into_a_sum_or_moves_a_range(both):
    found, moved = both
    assert isinstance(add(found), Refusal) == isinstance(add(moved), Refusal)
    one, other = reconcile(found), reconcile(moved)
    assert isinstance(one, Refusal) == isinstance(other, Refusal)
    if not isinstance(one, Refusal):
        assert (one.lower, one.upper, one.rule) == (other.lower, other.upper, other.rule)
        assert len(one.used) + len(one.left_out) == len(found)


@given(st.lists(st.tuples(st.sampled_from(PHRASES[:-1]), st.integers(0, 1_000)), min_size=1, max_size=6))
def test_true_sum_lies_within_the_bounds_of_the_sum(parts):
    """Whatever each part really is within its words, the sum of what they are is within the words of the sum."""
    counts = [counted(phrase, scope) for (phrase, _), scope in zip(parts, DISJOINT, strict=False)]
    truth = 0
    for each, (_, chance) in zip(counts, parts, strict=False):
        read = each.measurement
        least, most = read.least if read.least is not None else 0, read.most
        value = read.point if read.qualifier == "around" else least + chance
        truth += value if most is None or value <= most else most
    total = add(counts).measurement
    assert (total.least or 0) <= truth and (total.most is None or truth <= total.most)
    if total.qualifier == "around":
        assert total.point == truth


@given(st.lists(st.sampled_from(PHRASES[:-1]), min_size=1, max_size=6))
def test_range_holds_every_count_that_was_used(phrases):
    counts = [counted(phrase, source=f"s{number}") for number, phrase in enumerate(phrases)]
    found = reconcile(counts)
    for index in found.used:
        point = counts[index].measurement.point
        assert point is None or (found.lower <= point and (found.upper is None or point <= found.upper))


@given(st.integers(0, 2_000), st.lists(st.integers(0, 500), min_size=1, max_size=6), st.booleans())
def test_exact_parts_contradict_an_exact_total_when_arithmetic_does(total, numbers, complete):
    parts = [counted(str(number), scope) for number, scope in zip(numbers, DISJOINT, strict=False)]
    check = check_parts(counted(str(total), replace(COAST, place=("Syria",))), parts, complete=complete)
    wrong = sum(numbers) > total or (complete and sum(numbers) < total)
    assert (check.verdict == "inconsistent") == wrong


@given(figures, figures, st.booleans())
def test_comparison_is_the_mirror_of_its_inverse_also_where_the_source_speaks(one, other, speaks):
    one, other = replace(one, key="1", part_of="2" if speaks else ""), replace(other, key="2")
    mirrored = {"subset": "total", "total": "subset"}
    forth, back = compare(one, other), compare(other, one)
    assert back.kind == mirrored.get(forth.kind, forth.kind)
    assert (forth.said, forth.clash is None) == (back.said, back.clash is None)
    assert forth.said == speaks
