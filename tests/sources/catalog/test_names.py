"""The key of a name: which spellings meet, which do not, and that nothing breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.catalog.names import holds, joined, key, words


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("سانا", "sn sana"),
        ("SANA", "sn sana"),
        ("تشرين", "txrn txrin"),
        ("Tishreen", "txrn tixrin"),
        ("الثورة", key("Ath-Thawra")),
        ("Al Jazeera", key("Aljazeera")),
        ("", ""),
        (" \n", ""),
        ("!?", "!?"),
        ("7", "7"),
    ],
)
def test_key_of_a_name(name, expected):
    assert key(name) == expected


def test_vocalised_arabic_has_the_key_of_the_plain():
    assert key("المَرْصَدُ السُّورِيّ") == key("المرصد السوري")
    assert key("الـمـرصـد") == key("المرصد")


def test_name_written_as_one_word_or_two_is_joined_alike():
    assert joined("Hizbullah") == joined("حزب الله")


@given(st.text(max_size=60))
def test_key_is_empty_for_blank_names_alone_and_repeats_itself(name):
    assert bool(key(name)) == bool(name.casefold().split())
    assert key(name) == key(name) and "\x00" not in key(name.replace("\x00", ""))


@given(st.text(max_size=60))
def test_words_are_of_small_latin_letters_and_digits(name):
    for word in words(name):
        assert word.bones and word.bones == word.bones.lower()


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Known as Layla Haddad at home", True),
        ("ليلى حداد", True),
        ("Leyla  HADDAD", True),
        ("Лейла Хаддад", True),
        ("Haddad", False),
        ("Activist N.", False),
        ("", False),
    ],
)
def test_text_that_holds_a_name_in_any_script(text, held):
    assert holds(text, "Layla Haddad") is held
