"""Names as they are searched for: one key for however a name is spelled, in whatever script.

Arabic and Hebrew write no short vowels, and every newsroom has its own way of writing the rest in Latin letters. So a
word becomes two forms, side by side in the key: its *bones*, the consonants that transliterations agree on ("Tishreen",
"Tichrine" and "تشرين" are all `txrn`), which find it, and its *sound*, the same with weakened vowels (`tixrin`), which
tells "Sana" from "Sony". Letters that one script or the other does not tell apart are one letter here: p is b, v is f,
z is s, the emphatic consonants are the plain ones, kh is h, gh is g and so is j.

A key is for finding, never for showing and never for deciding that two names are one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from anyascii import anyascii

# Where letter-by-letter transliteration would lose something: long vowels, and letters that Latin writes with two.
# Capitals are sounds of our own, which the rules below do not take for letters that stand beside each other.
_LETTERS = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ى": "a", "ة": "a", "ء": "", "ئ": "i", "ؤ": "u", "ع": "a",
    "و": "w", "ي": "y", "ی": "y", "ـ": "", "ه": "H", "ح": "H", "ث": "T", "ذ": "d", "ظ": "z", "خ": "K", "غ": "g",
    "ش": "X", "ک": "k", "گ": "g", "ژ": "g", "چ": "X", "א": "a", "ע": "a", "ו": "w", "ה": "H", "ח": "K",
    "ש": "X", "ב": "b", "ג": "g", "כ": "k", "ך": "k", "ת": "t",
    "ş": "X", "ș": "X", "š": "X", "ç": "tX", "č": "tX", "ć": "X", "ж": "g", "х": "K", "ш": "X",
    "щ": "X", "ч": "tX", "ž": "g", "ğ": "g", "ı": "i", "ø": "o", "ъ": "", "ь": "", "ё": "yo", "й": "i", "є": "ye",
    "ї": "yi", "ß": "ss",
} | dict.fromkeys("ʻʼ’‘'`´ʿʾ׳״", "")  # fmt: skip
# The article before a word ("al-Thawra", "Ath-Thawra", "An Nahar") and grown together with it ("Aljazeera", "Ezzor").
_ARTICLE = re.compile(
    r"\b(?:al|el|ul)[-\s]+(?=\w)|\b[ae](?:dh?|n|r|sh?|X|th?|z)-(?=\w)|\b[ae]([dnrstz])h?\s+(?=\1)"
)
_GLUED = re.compile(r"^[ae]l(?=lah$|.{4})|^a(?=([dnrz])\1.{3})|^e(?=([dnrz])\2)")
_ARABIC_ARTICLE = re.compile(r"\bو?ال(?=\w{2,})|\bلل(?=\w{3,})")
_SERVANT = re.compile(r"^abd[aeu][lrnsz]")  # Abdul-, Abdel-, Abdur-: "عبد" and the article of the next word
_WORDS = re.compile(r"[^\W_]+")
SHORT = 3  # bones of a word that is often written as one with its neighbour
_SMALL = frozenset({"the", "der", "die", "das", "les", "wa"})

# In this order: what is written with two letters comes before the letters.
_SOUNDS = [
    (re.compile(pattern), letters)
    for pattern, letters in [
        (r"(.)\1+", r"\1"),
        (r"^ou(?=[aeiou])", "w"),
        (r"at$", "a"),
        (r"(?<=.)H$|(?<=[aeiouy])h$", ""),
        (r"sch|sh|ch|^x", "X"),
        (r"(?<=.)tX", "X"),
        (r"kh", "K"),
        (r"gh", "G"),
        (r"zh|dj|dg|j", "g"),
        (r"th", "t"),
        (r"dh", "d"),
        (r"ph|v", "f"),
        (r"x", "ks"),
        (r"ck|q|c(?![eiy])", "k"),
        (r"c|z", "s"),
        (r"p", "b"),
        (r"X", "x"),
        (r"[HK]", "h"),
        (r"G", "g"),
        (r"^y", "Y"),
        (r"^w", "W"),
    ]
]


@dataclass(frozen=True)
class Word:
    """A word of a name: its bones and its sound, in letters a–z and digits."""

    bones: str
    sound: str

    def __str__(self) -> str:
        return self.bones if self.bones == self.sound else f"{self.bones} {self.sound}"


def words(name: str) -> tuple[Word, ...]:
    """The words of `name` as they are searched for, without articles; none for a name without letters or digits."""
    spelled = (_word(word) for word in _WORDS.findall(_latin(name)) if word not in _SMALL)
    return tuple(word for word in spelled if word.bones)


def key(name: str) -> str:
    """The key of `name`; two spellings of one name have keys that share most of their trigrams.

    Empty only for a name that is empty or blank: one of signs alone is its own key.
    """
    found = words(name)
    return " ".join(map(str, (*found, *_joined(found)))) or " ".join(name.casefold().split())


def joined(name: str) -> str:
    """The bones of all words of `name` as one word: what "Hezbollah" and "حزب الله" have in common."""
    return "".join(word.bones for word in words(name))


def holds(text: str, name: str) -> bool:
    """Whether `name` stands in `text`, in whatever script and case: each of its words, in any order."""
    written = words(text)
    return all(any(_same(word, other) for other in written) for word in words(name)) and bool(words(name))


def _same(word: Word, other: Word) -> bool:
    return word.bones == other.bones or word.sound == other.sound


def _joined(found: tuple[Word, ...]) -> list[Word]:
    """Neighbours of which one is short, as one word: some write them so."""
    bones = [
        one.bones + two.bones for one, two in pairwise(found) if min(len(one.bones), len(two.bones)) <= SHORT
    ]
    return [Word(word, word) for word in bones]


def _latin(name: str) -> str:
    """`name` in small Latin letters (and the sounds of the table), without marks and articles."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    plain = "".join(
        letter if letter in _LETTERS else unicodedata.normalize("NFKD", letter) for letter in folded
    )
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("الله", "لاه")
    bare = _ARABIC_ARTICLE.sub("", bare)
    spelled = (_LETTERS[letter] if letter in _LETTERS else anyascii(letter).lower() for letter in bare)
    return _ARTICLE.sub("", "".join(spelled))


def _word(word: str) -> Word:
    said = _SERVANT.sub("abd", _GLUED.sub("", word))
    for pattern, letters in _SOUNDS:
        said = pattern.sub(letters, said)
    sound = re.sub(r"^[aiu]+", "a", re.sub(r"[aeiouyw]+", _vowel, said).lower())
    bones = re.sub(r"(?<=.)[aiu]+", "", sound)
    return Word(_once(bones).replace("nb", "mb"), _once(sound))


def _once(letters: str) -> str:
    """`letters` without doublings."""
    return re.sub(r"(.)\1+", r"\1", letters)


def _vowel(run: re.Match[str]) -> str:
    """A run of vowels, weakened to one: e and i, o and u are told apart nowhere."""
    if set(run[0]) & set("ouw"):
        return "u"
    return "i" if set(run[0]) & set("eiy") else "a"
