"""A fingerprint kept per text, by which near-identical texts (syndicated copy) are found.

Bottom-k sketch (Broder 1997, "On the resemblance and containment of documents"): the k smallest hashes of the
text's word shingles. It estimates the Jaccard resemblance of the two shingle sets, and is exact for short texts.
Stored as bytes: up to 128 hashes of 8 bytes, big-endian, ascending. Pure; standard library only.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

VERSION = (
    1  # raise when tokens, shingles or hashing change: fingerprints of different versions do not compare
)
SKETCH = 128  # hashes kept; the estimate's standard error is about 0.04
SHINGLE = 4  # words
_HASH = 8  # bytes

# Scripts that are written without spaces count a character as a word.
_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]|\w+"
)
# Spellings that copy-editing changes freely: alef maqsura, teh marbuta, Persian yeh and kaf; tatweel only stretches.
_ARABIC = str.maketrans({"ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "ـ": None})


def tokens(text: str) -> list[str]:
    """Words without what copies differ in by accident: case, diacritics, Arabic spelling variants, digit script."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(_folded(c) for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf"))
    return _WORD.findall(plain.translate(_ARABIC))


def fingerprint(text: str) -> bytes:
    """The sketch of ``text``; empty for a text without words."""
    words = tokens(text)
    last = max(len(words) - SHINGLE, 0)
    shingles = {" ".join(words[i : i + SHINGLE]) for i in range(last + 1)} - {""}
    return b"".join(sorted({_hash(shingle) for shingle in shingles})[:SKETCH])


def similarity(a: bytes, b: bytes) -> float:
    """Estimated share, 0 to 1, of four-word sequences that both texts have among all that either has.

    0 when either is empty: nothing is known of a text without words. Raises ValueError for bytes that are no sketch.
    """
    left, right = _hashes(a), _hashes(b)
    if not left or not right:
        return 0.0
    smallest = sorted(left | right)[:SKETCH]
    return sum(h in left and h in right for h in smallest) / len(smallest)


def _folded(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _hash(shingle: str) -> bytes:
    return blake2b(shingle.encode("utf-8", "surrogatepass"), digest_size=_HASH).digest()


def _hashes(sketch: bytes) -> set[bytes]:
    if len(sketch) % _HASH or len(sketch) > SKETCH * _HASH:
        raise ValueError("These bytes are not a text fingerprint.")
    return {sketch[i : i + _HASH] for i in range(0, len(sketch), _HASH)}
