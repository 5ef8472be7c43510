"""Canonical JSON (RFC 8785, JCS): one value, one sequence of bytes, so that its digest means something."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

MAX_INTEGER = 2**53 - 1  # RFC 8785 §3.2.2.3: beyond it a JSON number is no longer exact everywhere
MAX_DEPTH = 64

# Up to here, sorting by code point and by UTF-16 code unit (RFC 8785 §3.2.3) is the same.
_LAST_PLAIN = "\ud7ff"


class CanonicalError(ValueError):
    """The value has no canonical form; the message says where and why."""


def canonical(obj: Any) -> bytes:
    """The RFC 8785 form of `obj`, in UTF-8.

    Accepts None, booleans, strings, integers up to 2**53 - 1 either way, whole floats in the same range, lists,
    tuples, and dicts with string keys. Everything else raises `CanonicalError`: a date, a UUID, bytes or a
    fraction must be made a string by the caller, who knows how it should be written.
    """
    if _check(obj, "$", 0):
        return json.dumps(obj, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return rfc8785.dumps(obj)


def parse(data: bytes) -> Any:
    """The value that the canonical bytes `data` stand for; `CanonicalError` if they are not canonical JSON."""
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise CanonicalError(f"not JSON in UTF-8: {error}") from error
    if canonical(value) != data:  # also catches repeated keys, spaces, 1.0 for 1, needless escapes
        raise CanonicalError("the JSON is not in canonical form (RFC 8785)")
    return value


def digest(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _check(obj: Any, where: str, depth: int) -> bool:
    """Refuse what has no canonical form. True if `json.dumps` with sorted keys writes it exactly as RFC 8785 does."""
    if depth > MAX_DEPTH:
        raise CanonicalError(f"{where}: nested deeper than {MAX_DEPTH} levels")
    if obj is None or isinstance(obj, bool):
        return True
    if isinstance(obj, str):
        return _check_string(obj, where)
    if isinstance(obj, (int, float)):
        return _check_number(obj, where)
    if isinstance(obj, (list, tuple)):
        plain = [_check(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(obj)]
        return all(plain)
    if isinstance(obj, dict):
        plain = [_check_member(key, value, where, depth) for key, value in obj.items()]
        return all(plain)
    raise CanonicalError(f"{where}: {type(obj).__name__} is not a JSON value; pass it as a string")


def _check_member(key: Any, value: Any, where: str, depth: int) -> bool:
    if not isinstance(key, str):
        raise CanonicalError(f"{where}: the key {key!r} is {type(key).__name__}, not a string")
    plain = _check_string(key, f"{where} (key {key!a})") and max(key, default="") <= _LAST_PLAIN
    return _check(value, f"{where}.{key}", depth + 1) and plain


def _check_string(text: str, where: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CanonicalError(f"{where}: the text has a lone surrogate and cannot be UTF-8") from error
    return True


def _check_number(number: float, where: str) -> bool:
    if isinstance(number, float) and not number.is_integer():
        raise CanonicalError(f"{where}: {number} is not exact as a float; pass it as a string")
    if abs(number) > MAX_INTEGER:
        raise CanonicalError(f"{where}: {number} is beyond 2**53 - 1; pass it as a string")
    return not isinstance(number, float)
