"""Two people's changes put together: nothing of either side is lost, and it is all the same which side is which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.web.merging_edits import (
    _WORDS,
    MOST_WORDS,
    Kind,
    Outcome,
    _edits,
    merge,
    merge_sets,
    merge_words,
)

WORDS = st.sampled_from(["745", "dead", "civilians", "about", "نحو", "قتيل", "in", "Latakia,", "\n", "  "])
TEXTS = st.lists(WORDS, max_size=12).map(" ".join)
VALUES = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5).map(lambda found: tuple(sorted(found)))


@given(TEXTS, TEXTS, TEXTS)
def test_merging_is_all_the_same_from_either_side(base, mine, theirs):
    assert merge_words(base, mine, theirs) == merge_words(base, theirs, mine)


@given(TEXTS, TEXTS)
def test_what_one_side_left_alone_is_what_the_other_made_of_it(base, changed):
    assert merge_words(base, base, changed) == changed
    assert merge_words(base, changed, base) == changed
    assert merge_words(base, changed, changed) == changed  # an equal change is made once


@given(st.integers(3, 30), st.data())
def test_changes_with_words_between_them_both_stand(length, data):
    base = [f"w{number}" for number in range(length)]
    first = data.draw(st.integers(0, length - 3))
    second = data.draw(st.integers(first + 2, length - 1))
    mine, theirs, both = list(base), list(base), list(base)
    mine[first] = both[first] = data.draw(st.sampled_from(["X", "X Y", "X\nY"]))
    theirs[second] = both[second] = "Z"
    assert merge_words(" ".join(base), " ".join(mine), " ".join(theirs)) == " ".join(both)


@given(TEXTS, TEXTS, TEXTS)
def test_no_word_of_either_side_is_lost_silently(base, mine, theirs):
    """Whatever a side added is in the result, or nothing is merged: then somebody must look."""
    merged = merge(_value(base), _value(mine), _value(theirs), Kind.WORDS)
    if merged.outcome is Outcome.CONTESTED:
        assert merged.value == _value(mine)
        return
    (words,) = merged.value or ("",)
    for side in (mine, theirs):
        for _begin, _end, instead in _edits(_WORDS.findall(base), _WORDS.findall(side)):
            assert "".join(instead) in words


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("around 745 dead", "about 746 dead"),  # next to each other
        ("about 744 dead", "about 746 dead"),
        ("about dead", "about 746 dead"),  # one removed what the other changed
        ("about 745 dead today", "about 745 dead yesterday"),
    ],
)
def test_changes_that_meet_are_for_a_person_to_decide(mine, theirs):
    assert merge_words("about 745 dead", mine, theirs) is None


def test_a_text_that_is_too_long_is_not_put_together():
    long = "word " * (MOST_WORDS + 1)
    assert merge_words(long, "A " + long, long + "Z") is None


@given(VALUES, VALUES, VALUES)
def test_sets_keep_what_either_added_and_lose_what_either_took_away(base, mine, theirs):
    merged = set(merge_sets(base, mine, theirs))
    assert set(mine) - set(base) <= merged and set(theirs) - set(base) <= merged
    assert not merged & ((set(base) - set(mine)) | (set(base) - set(theirs)))
    assert merge_sets(base, mine, theirs) == merge_sets(base, theirs, mine)


@pytest.mark.parametrize(
    ("base", "mine", "theirs", "outcome", "value"),
    [
        (("a",), ("a",), ("b",), "theirs", ("b",)),
        (("a",), ("b",), ("a",), "mine", ("b",)),
        (("a",), ("b",), ("b",), "same", ("b",)),
        (("a",), ("b",), ("c",), "contested", ("b",)),
        (("a",), (), ("c",), "contested", ()),  # that it was emptied is a change too
        (
            None,
            ("b",),
            ("c",),
            "contested",
            ("b",),
        ),  # nothing is taken over unasked when nobody knows what was
    ],
)
def test_a_whole_field_is_one_sides_or_nobodys(base, mine, theirs, outcome, value):
    merged = merge(base, mine, theirs)
    assert (merged.outcome, merged.value) == (outcome, value)


def _value(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
