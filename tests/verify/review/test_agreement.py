"""Agreement: the published worked examples, missing data, and what nobody can say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from verify.review.agreement import Judged, alpha, kappas

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section D: four observers, twelve units, three of
# the ways to leave something out. The coefficients that it gives: nominal .743, ordinal .815.
OBSERVERS = {
    "A": "1 2 3 3 2 1 4 1 2 . . .",
    "B": "1 2 3 3 2 2 4 1 2 5 . 3",
    "C": ". 3 3 3 2 3 4 2 2 5 1 .",
    "D": "1 2 3 3 2 4 4 1 2 5 1 .",
}
# The same paper, section B: two observers, ten units, binary: .095.
BINARY = {"A": "0 1 0 0 0 0 0 0 1 0", "B": "1 1 1 0 0 1 0 0 0 0"}


def judged(rows: dict[str, str], unit: str = "u") -> list[Judged]:
    return [
        Judged(coder, f"{unit}{place}", int(value))
        for coder, values in rows.items()
        for place, value in enumerate(values.split())
        if value != "."
    ]


@pytest.mark.parametrize(("ordinal", "published"), [(False, 0.743), (True, 0.815)])
def test_alpha_is_that_of_the_worked_example_with_missing_data(ordinal, published):
    found = alpha(judged(OBSERVERS), ordinal=ordinal)
    assert found.value == pytest.approx(published, abs=0.0005)
    # the twelfth unit, that one observer alone judged, is left out
    assert (found.units, found.coders, found.judgements) == (11, 4, 40)


def test_alpha_is_that_of_the_worked_example_of_two_observers():
    assert alpha(judged(BINARY)).value == pytest.approx(0.095, abs=0.0005)


def test_alpha_is_the_same_in_every_order():
    given = judged(OBSERVERS)
    assert alpha(given[::-1], ordinal=True).value == pytest.approx(alpha(given, ordinal=True).value)


def test_ordinal_alpha_knows_near_from_far():
    near = {"A": "1 2 3 4 5 6 1 2 3 4", "B": "2 3 4 5 6 6 2 3 4 5"}
    far = {"A": "1 2 3 4 5 6 1 2 3 4", "B": "6 6 1 1 1 1 6 6 6 1"}
    assert alpha(judged(near), ordinal=True).value > 0.5
    assert alpha(judged(near)).value < 0.2
    assert alpha(judged(far), ordinal=True).value < 0


def test_too_few_units_say_nothing_and_how_many_there_are():
    nine = {coder: values.rpartition(" ")[0] for coder, values in BINARY.items()}
    found = alpha(judged(nine))
    assert (found.value, found.units, found.why) == (None, 9, "few")
    alone = alpha(judged({"A": "1 2 3 4 5 1 2 3 4 5 1 2"}))
    assert (alone.value, alone.units, alone.coders, alone.why) == (None, 0, 0, "few")
    assert alpha([]).why == "few"


def test_when_all_say_the_same_of_everything_chance_would_too():
    same = {"A": "1 1 1 1 1 1 1 1 1 1", "B": "1 1 1 1 1 1 1 1 1 1"}
    assert (alpha(judged(same)).value, alpha(judged(same)).why) == (None, "same")
    assert kappas(judged(same))[0].kappa.why == "same"


def test_the_last_word_of_a_coder_on_a_unit_counts():
    twice = [*judged(BINARY), Judged("B", "u0", 0)]
    assert alpha(twice).judgements == 20
    assert alpha(twice).value > alpha(judged(BINARY)).value


def test_kappa_is_that_of_the_usual_example():
    # Fifty applications, two readers: 20 both yes, 15 both no, 5 and 10 apart; observed .70, by chance .50: .40.
    cells = [("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15)]
    said = [pair for one, other, times in cells for pair in [(one, other)] * times]
    both = [Judged(who, n, pair[side]) for n, pair in enumerate(said) for side, who in enumerate("AB")]
    (pair,) = kappas(both)
    assert (pair.one, pair.other, pair.kappa.units) == ("A", "B", 50)
    assert pair.kappa.value == pytest.approx(0.4)


def test_kappa_of_two_is_of_the_units_of_both_alone():
    alone = kappas(judged(BINARY))
    # what A and C judged beside it, and B never saw, changes nothing between A and B
    beside = judged({"A": "1 1 1 1 0 1", "C": "1 0 1 1 0 1"}, unit="v")
    pairs = {(pair.one, pair.other): pair.kappa for pair in kappas([*judged(BINARY), *beside])}
    assert pairs["A", "B"] == alone[0].kappa
    assert (pairs["A", "C"].why, pairs["A", "C"].units) == ("few", 6)
    assert (pairs["B", "C"].why, pairs["B", "C"].units) == ("few", 0)


def test_of_more_than_eight_no_table_of_pairs_is_made():
    eight = {f"R{n}": "1 2 1 2 1 2 1 2 1 2" for n in range(8)}
    assert len(kappas(judged(eight))) == 28
    assert kappas(judged(eight | {"R8": "1 2 1 2 1 2 1 2 1 2"})) == []


def test_nltk_waits_until_it_is_asked_and_brings_no_drawing_nor_learning_with_it():
    asked = (
        "import sys; import verify.review.agreement as a; assert 'nltk' not in sys.modules;"
        "a.kappas([a.Judged(who, n, n % 2) for who in 'AB' for n in range(10)]);"
        "assert 'nltk' in sys.modules; print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"matplotlib", "sklearn", "scipy", "pandas", "tkinter"} & set(loaded)
