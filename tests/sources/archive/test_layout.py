"""Layouts come from hostile pages: what is no list of words with boxes is refused, and what is kept is read again."""

from __future__ import annotations

import contextlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.archive.layout import MOST_BYTES, MOST_WORDS, Box, answered, read

PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 1280, 900)


def test_layout_is_read_as_it_was_kept() -> None:
    kept = answered(json.dumps([["Around", 64, 310, 52, 19], ["", 0, 329, 20, 19]]), PICTURE)
    found = read(kept)
    assert (found.width, found.height) == (1280, 900)
    assert found.words == (Box("Around", 64, 310, 52, 19), Box("", 0, 329, 20, 19))


def test_words_beyond_the_picture_are_left_out() -> None:
    kept = answered(
        json.dumps([["in", 1279, 899, 5, 5], ["right", 1280, 0, 5, 5], ["up", 0, -5, 5, 5]]), PICTURE
    )
    assert [box.text for box in read(kept).words] == ["in"]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        7,
        "",
        "{}",
        "[" * 100_000,
        "[1]",
        '[["a", 1, 2, 3]]',
        '[["a", 1, 2, 3, "4"]]',
        '[["a", 1, 2, 3, 0]]',
        '[["a", 1, 2, 1e999, 4]]',
        '[["a", true, 2, 3, 4]]',
        '[["a", 1.5, 2, 3, 4]]',
        '[["a", 999999999, 2, 3, 4]]',
        json.dumps([["a" * 81, 1, 2, 3, 4]]),
        json.dumps([["", 1, 2, 3, 4]] * (MOST_WORDS + 100)),
        " " * (MOST_BYTES + 1),
    ],
)
def test_answer_that_is_no_list_of_words_is_refused(answer: object) -> None:
    with pytest.raises(ValueError):
        answered(answer, PICTURE)


@pytest.mark.parametrize("picture", [b"", b"GIF89a", PICTURE[:20]])
def test_layout_needs_its_picture(picture: bytes) -> None:
    with pytest.raises(ValueError):
        answered("[]", picture)


@given(
    st.binary(max_size=60)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps({"version": 1, "width": 9, "height": 9, "words": value}).encode()
    )
)
def test_bytes_that_are_no_layout_raise_nothing_but_value_errors(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        read(content)


def test_lone_surrogates_of_a_page_can_be_kept() -> None:
    assert read(answered('[["\\ud800", 1, 1, 9, 9]]', PICTURE)).words[0].text == "?"
