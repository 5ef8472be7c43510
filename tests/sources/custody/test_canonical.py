import datetime
import functools
import uuid
from collections import namedtuple

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sources.custody.canonical import CanonicalError, canonical, digest, parse

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_canonical_is_rfc8785_byte_for_byte(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(values)
def test_parse_inverts_canonical(value):
    assert parse(canonical(value)) == value


def test_canonical_sorts_by_utf16_not_by_code_point():
    # From the example of RFC 8785 §3.2.3: U+1F600 is written with surrogates, which sort before U+FB33.
    data = canonical({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "1": 4})
    assert data.decode() == '{"1":4,"\u20ac":3,"\U0001f600":2,"\ufb33":1}'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.1, "not exact"),
        (float("nan"), "not exact"),
        (float("inf"), "not exact"),
        ({"n": [2**53]}, r"\$\.n\[0\].*2\*\*53"),
        (1e300, r"2\*\*53"),
        ({1: "x"}, "not a string"),
        ({None: "x"}, "not a string"),
        ({"a": {1, 2}}, r"\$\.a: set"),
        (b"bytes", "bytes is not"),
        (datetime.date(2025, 3, 9), "date is not"),
        (uuid.UUID(int=0), "UUID is not"),
        ("\ud800", "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        (functools.reduce(lambda inner, _: [inner], range(80), 0), "deeper"),
    ],
)
def test_canonical_refuses_with_a_reason(value, said):
    with pytest.raises(CanonicalError, match=said):
        canonical(value)


def test_canonical_writes_whole_floats_and_tuples_as_json_does():
    pair = namedtuple("pair", "a b")
    assert canonical([1.0, -0.0, (1, 2), pair(3, 4)]) == b"[1,0,[1,2],[3,4]]"


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b"[1, 2]",
        b"1.0",
        b"-0",
        b'"\\u0041"',
        b"NaN",
        b"1e400",
        b"\xff",
        b"",
        b"[" * 9000,
    ],
)
def test_parse_refuses_what_is_not_canonical(data):
    with pytest.raises(CanonicalError):
        parse(data)


def test_digest_is_sha256_in_hex():
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
