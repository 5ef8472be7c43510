"""Near-identical texts have near-identical fingerprints."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.archive.fingerprint import SKETCH, fingerprint, similarity, tokens

WORDS = [f"word{i}" for i in range(5000)]
texts = st.lists(st.sampled_from(WORDS[:40]), max_size=300).map(" ".join)


@given(st.text())
def test_a_text_is_like_itself(text: str) -> None:
    sketch = fingerprint(text)
    assert len(sketch) <= SKETCH * 8
    assert similarity(sketch, sketch) == (1.0 if tokens(text) else 0.0)


@given(texts, texts)
def test_similarity_is_symmetric_and_a_share(a: str, b: str) -> None:
    left, right = fingerprint(a), fingerprint(b)
    assert similarity(left, right) == similarity(right, left)
    assert 0.0 <= similarity(left, right) <= 1.0


@given(texts, texts)
def test_short_texts_are_compared_exactly(a: str, b: str) -> None:
    def shingles(text: str) -> set[tuple[str, ...]]:
        words = text.split()[:100]
        return {tuple(words[i : i + 4]) for i in range(max(len(words) - 3, 1))} - {()}

    left, right = shingles(a), shingles(b)
    short = [" ".join(text.split()[:60]) for text in (a, b)]
    left, right = shingles(short[0]), shingles(short[1])
    truth = len(left & right) / len(left | right) if left and right else 0.0
    assert similarity(fingerprint(short[0]), fingerprint(short[1])) == pytest.approx(truth)


@pytest.mark.parametrize("seed", range(5))
def test_syndicated_copy_is_found_and_other_news_is_not(seed: int) -> None:
    chance = random.Random(seed)
    wire = [chance.choice(WORDS) for _ in range(600)]
    copy = ["BEIRUT", "(Agency)", *wire[:560], "Additional", "reporting", "by", "our", "staff"]
    for _ in range(5):
        copy[chance.randrange(len(copy))] = "changed"
    other = [chance.choice(WORDS) for _ in range(600)]
    assert similarity(fingerprint(" ".join(wire)), fingerprint(" ".join(copy))) > 0.7
    assert similarity(fingerprint(" ".join(wire)), fingerprint(" ".join(other))) < 0.05


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("قُتِلَ ٧٤٥ مدنيًّا في الساحل السوري", "قتل 745 مدنيا في الساحل السوري"),
        ("إلى مدينة جبلـــة يوم الأحد", "الى مدينه جبلة يوم الاحد"),
        ("The Café’s OWNER said so", "the café’s owner said so"),
        ("یک گزارش کوتاه از ساحل", "يك گزارش كوتاه از ساحل"),
    ],
)
def test_spelling_variants_do_not_matter(a: str, b: str) -> None:
    assert fingerprint(a) == fingerprint(b) != b""


def test_figures_do_matter() -> None:
    assert fingerprint("at least 745 civilians were killed") != fingerprint(
        "at least 1383 civilians were killed"
    )


def test_scripts_without_spaces_are_compared_by_character() -> None:
    assert tokens("叙利亚沿海") == list("叙利亚沿海")


def test_a_stored_fingerprint_does_not_change() -> None:
    assert fingerprint("four words make one").hex() == "c3a4634823ccdfd4"


@pytest.mark.parametrize("bad", [b"1234567", b"x" * 8 * (SKETCH + 1)])
def test_similarity_refuses_other_bytes(bad: bytes) -> None:
    with pytest.raises(ValueError, match="not a text fingerprint"):
        similarity(bad, fingerprint("a b c d"))
