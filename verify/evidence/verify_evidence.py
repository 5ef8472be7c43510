#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check an evidence package offline, with nothing but the Python standard library (3.9 or later).

    python verify_evidence.py PACKAGE.zip --key VKEY [--policy FILE] [--tsa-ca FILE] [--checkpoint FILE] [--json]

Exit code 0: nothing failed; 1: something failed; 2: bad usage. docs/reference/evidence-package.md specifies the format.

Take this program, the log's key, the policy and the authorities' certificates from somewhere other than the package.
A program or a key that comes with the evidence proves nothing: whoever changed the one could change the other.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import json
import mmap
import re
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple, Union

FORMAT = "verify-evidence-package/1"
CUSTODY_FORMAT = "verify-custody/1"
REPORT_FORMAT = "verify-evidence-report/1"
UTC = timezone.utc

PASS, FAIL, NOT_CHECKED, REDACTED = "pass", "fail", "not checked", "redacted"

LEVELS = {
    "L0": "intact: every file has the digest that the package gives for it, and every capture agrees with itself",
    "L1": "signed and logged: each capture is in the log that the given key signed, and so is this very package",
    "L2": "witnessed and timestamped: also countersigned as the given policy asks, and timestamped by two authorities",
    "L3": "a second vantage: also fetched from elsewhere, by somebody else, with the same result",
}
LIMITS_OF_PROOF = (
    "that the site said it: a package shows what the archive received, and since when it has been unchanged",
    "that the archive was honest when it made the capture; a second vantage or an outside archive would help",
    "when a page was published: dates inside captures are the archive's and the sites' own words",
    "that a claim is true, that a text was extracted rightly, or that nothing was left out of the package",
)

MAX_FILES = 100_000
MAX_JSON = 64 * 2**20  # bytes
MAX_RECORD = 1 << 30  # bytes of one unpacked WARC record
MAX_HEADERS = 2_000  # of one WARC record
MAX_TEXT = 1 << 30  # bytes of unpacked index

Bytes = Union[bytes, memoryview]


class Invalid(ValueError):
    """What was read is not what it should be; the message is a sentence for a person."""


class Unknown(ValueError):
    """What was read may be right, but this program cannot tell; the message says why."""


# --- The answer ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One question and its answer. `subject` is a file of the package, or what the question is about."""

    name: str
    subject: str
    result: str  # PASS, FAIL, NOT_CHECKED or REDACTED
    detail: str = ""


@dataclass
class CaptureResult:
    """What is shown for one capture. `existed_by` are (time in UTC, who says so), earliest first."""

    id: str
    url: str
    result: str
    level: str | None
    existed_by: list[tuple[datetime, str]]


@dataclass
class Report:
    """All checks, and what follows from them."""

    checks: list[Check] = field(default_factory=list)
    captures: list[CaptureResult] = field(default_factory=list)
    level: str | None = None
    missing: dict[str, str] = field(default_factory=dict)  # level not reached: why

    def add(self, name: str, subject: str, result: str, detail: str = "") -> bool:
        """Note an answer; True unless it is a failure."""
        self.checks.append(Check(name, subject, result, detail))
        return result != FAIL

    def run(self, name: str, subject: str, check: Any, *arguments: Any) -> Any:
        """Call a check; note pass, fail (`Invalid`) or not checked (`Unknown`), and return what it returned."""
        try:
            found = check(*arguments)
        except Unknown as reason:
            self.add(name, subject, NOT_CHECKED, str(reason))
        except Invalid as reason:
            self.add(name, subject, FAIL, str(reason))
        except (
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            RecursionError,
            struct.error,
            zlib.error,
        ) as e:
            self.add(name, subject, FAIL, f"It is malformed ({type(e).__name__}: {e}).")
        else:
            self.add(name, subject, PASS, found if isinstance(found, str) else "")
            return True if found is None else found
        return None

    @property
    def ok(self) -> bool:
        return not any(check.result == FAIL for check in self.checks)

    def count(self, result: str) -> int:
        return sum(check.result == result for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "format": REPORT_FORMAT,
            "result": PASS if self.ok else FAIL,
            "level": self.level,
            "levels": LEVELS,
            "not_reached": self.missing,
            "captures": [
                {
                    "id": capture.id,
                    "url": capture.url,
                    "result": capture.result,
                    "level": capture.level,
                    "existed_by": [
                        {"time": _iso(time), "according_to": who} for time, who in capture.existed_by
                    ],
                }
                for capture in self.captures
            ],
            "checks": [check.__dict__ for check in self.checks],
            "counts": {result: self.count(result) for result in (PASS, FAIL, NOT_CHECKED, REDACTED)},
            "does_not_prove": list(LIMITS_OF_PROOF),
        }


# --- Small readers ------------------------------------------------------------------------------------------


def sha256(data: Bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def unbase64(text: str, what: str) -> bytes:
    """Strict base64 (RFC 4648 section 4): one text for one value."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError) as error:
        raise Invalid(f"The {what} is not base64.") from error
    if base64.b64encode(data).decode() != text:
        raise Invalid(f"The {what} is not base64 as RFC 4648 writes it.")
    return data


def decimal(text: str) -> int:
    """ASCII digits, no sign, no leading zero, below 2**63."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII) or int(text) >= 2**63:
        raise Invalid(f"{text[:30]!a} is not a number as the log writes it.")
    return int(text)


def canonical(value: Any) -> bytes:
    """RFC 8785 for objects, arrays, strings, booleans, null and integers up to 2**53 - 1."""
    text = json.dumps(_ordered(value, 0), ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def _ordered(value: Any, depth: int) -> Any:
    if depth > 64:
        raise Invalid("It is nested deeper than 64 levels.")
    if isinstance(value, dict):  # RFC 8785 section 3.2.3: by UTF-16 code units
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _ordered(value[key], depth + 1) for key in keys}
    if isinstance(value, list):
        return [_ordered(item, depth + 1) for item in value]
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > 2**53 - 1):
        raise Invalid("It holds a number that is not exact everywhere.")
    return value


def parse_canonical(data: Bytes) -> Any:
    """The value of canonical JSON; repeated keys, spaces and needless escapes are refused."""
    value = parse_json(data)
    if canonical(value) != bytes(data):
        raise Invalid("The JSON is not in canonical form (RFC 8785).")
    return value


def parse_json(data: Bytes) -> Any:
    if len(data) > MAX_JSON:
        raise Invalid(f"The JSON is longer than {MAX_JSON} bytes.")
    try:
        return json.loads(bytes(data).decode(), object_pairs_hook=_once)
    except RecursionError as error:
        raise Invalid("The JSON is nested too deeply.") from error
    except ValueError as error:
        raise Invalid(f"It is not JSON in UTF-8: {error}.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid("A JSON object has the same key twice.")
    return found


def _iso(time: datetime) -> str:
    return (
        time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        + (f".{time.microsecond:06}" if time.microsecond else "")
        + "Z"
    )


# --- Zip: the one strict form -------------------------------------------------------------------------------


_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*", re.ASCII)
_LOCAL, _CENTRAL, _END = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s4H2LH")
_END64, _LOCATOR = struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_FIXED_DATE = (0, 0x21)  # 1980-01-01 00:00


class Archive:
    """A zip whose members are stored, lie end to end, and have nothing before, between or after them.

    So there is nothing to unpack, nothing to overlap, nothing to hide, and no name that leaves a folder.
    """

    def __init__(self, data: Bytes, *, ordered: bool = False) -> None:
        """With `ordered`, the names must be in order, and the date the earliest that a zip can say."""
        self._data = memoryview(data)
        self.members: dict[str, memoryview] = {}
        self._ordered = ordered
        try:
            self._read()
        except struct.error as error:
            raise Invalid("The zip ends in the middle of a header.") from error

    def _read(self) -> None:
        count, start, size, end = self._directory()
        place, expected, folded = start, 0, set()
        for _ in range(count):
            name, crc, length, offset, after, fields = self._central(place)
            if offset != expected:
                raise Invalid(f"{name}: the member does not lie where the one before it ends.")
            content, expected = self._local(name, crc, length, offset, fields)
            if name.casefold() in folded:
                raise Invalid(f"{name}: the name is there twice, or twice but for upper and lower case.")
            folded.add(name.casefold())
            self.members[name] = content
            place = after
        if self._ordered and list(self.members) != sorted(self.members):
            raise Invalid("The members of the zip are not in the order of their names.")
        if expected != start or place != end or place - start != size:
            raise Invalid("The zip holds bytes that belong to no member.")

    def _directory(self) -> tuple[int, int, int, int]:
        place = len(self._data) - _END.size
        if place < 0:
            raise Invalid("This is not a zip file, or it was cut off.")
        mark, disk, first, here, count, size, start, comment = _END.unpack_from(self._data, place)
        if mark != b"PK\5\6" or comment:
            raise Invalid(
                "The zip does not end where a zip ends: it was cut off, or something was added to it."
            )
        if disk or first or here != count:
            raise Invalid("The zip is in several parts.")
        if 0xFFFF in (count,) or 0xFFFFFFFF in (size, start):
            locator = _LOCATOR.unpack_from(self._data, place - _LOCATOR.size)
            place -= _LOCATOR.size + _END64.size
            end = _END64.unpack_from(self._data, place)
            if locator != (b"PK\6\7", 0, place, 1) or end[:2] != (b"PK\6\6", 44) or end[4:6] != (0, 0):
                raise Invalid("The zip64 end is malformed.")
            if end[2:4] != (45, 45) and end[2:4] != (3 << 8 | 45, 45):
                raise Invalid("The zip64 end is malformed.")
            here, count, size, start = end[6:]
            if here != count:
                raise Invalid("The zip is in several parts.")
        if count > MAX_FILES:
            raise Invalid(f"The zip has more than {MAX_FILES} members.")
        return count, start, size, place

    def _central(self, place: int) -> tuple[str, int, int, int, int, tuple[int, ...]]:
        values = _CENTRAL.unpack_from(self._data, place)
        mark, made, needed, flags, method, time, date, crc, packed, length = values[:10]
        name_size, extra_size, comment, disk, internal, external, offset = values[10:]
        if mark != b"PK\1\2":
            raise Invalid("The zip's directory is malformed.")
        place += _CENTRAL.size
        name = _name(bytes(self._data[place : place + name_size]))
        extra = bytes(self._data[place + name_size : place + name_size + extra_size])
        length, packed, offset = _wide(name, extra, length, packed, offset)
        if flags or method:
            raise Invalid(f"{name}: members must be stored as they are: not packed, encrypted or streamed.")
        if (
            external != 0o100644 << 16
            or internal
            or disk
            or comment
            or made not in (3 << 8 | 20, 3 << 8 | 45)
        ):
            raise Invalid(f"{name}: members must be plain files without comments or other attributes.")
        if packed != length or needed != made & 0xFF:
            raise Invalid(f"{name}: the sizes or versions in the zip's directory differ.")
        if self._ordered and (time, date) != _FIXED_DATE:
            raise Invalid(f"{name}: the date in the zip is not 1980-01-01.")
        return (
            name,
            crc,
            length,
            offset,
            place + name_size + extra_size,
            (needed, flags, method, time, date, crc),
        )

    def _local(
        self, name: str, crc: int, length: int, offset: int, fields: tuple[int, ...]
    ) -> tuple[memoryview, int]:
        values = _LOCAL.unpack_from(self._data, offset)
        packed, size, name_size, extra_size = values[7:]
        place = offset + _LOCAL.size
        written = bytes(self._data[place : place + name_size])
        extra = bytes(self._data[place + name_size : place + name_size + extra_size])
        size, packed, _ = _wide(name, extra, size, packed, 0)
        same = values[0] == b"PK\3\4" and values[1:7] == fields and written == name.encode()
        if not same or size != length or packed != length:
            raise Invalid(f"{name}: the member's header and the zip's directory differ.")
        place += name_size + extra_size
        content = self._data[place : place + length]
        if len(content) != length or zlib.crc32(content) != crc:
            raise Invalid(f"{name}: the member's bytes do not have the checksum of the zip.")
        return content, place + length


def _name(raw: bytes) -> str:
    name = raw.decode("ascii", "replace")
    if len(name) > 255 or not _NAME.fullmatch(name):
        raise Invalid(f"{name[:80]!a} is not a name that a member may have.")
    return name


def _wide(name: str, extra: bytes, length: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset with those that are too long for 32 bits taken from the zip64 field; no other field may be."""
    values = [length, packed, offset]
    wide = [n for n, value in enumerate(values) if value == 0xFFFFFFFF]
    if extra != b"" or wide:
        if len(extra) != 4 + 8 * len(wide) or struct.unpack_from("<2H", extra) != (1, 8 * len(wide)):
            raise Invalid(f"{name}: the member has extra fields.")
        for place, n in enumerate(wide):
            values[n] = struct.unpack_from("<Q", extra, 4 + 8 * place)[0]
    return values[0], values[1], values[2]


# --- Ed25519 (RFC 8032) -------------------------------------------------------------------------------------


_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_D2 = 2 * _D % _P
_ROOT = pow(2, (_P - 1) // 4, _P)  # of -1
Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
_ZERO: Point = (0, 1, 1, 0)


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = p[3] * q[3] * _D2 % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double(p: Point) -> Point:
    a, b = p[0] * p[0] % _P, p[1] * p[1] % _P
    h, g, s = a + b, a - b, p[0] + p[1]
    e, f = h - s * s % _P, 2 * p[2] * p[2] % _P + g
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _decode_point(data: bytes) -> Point | None:
    """Section 5.1.3; None for what is not the one encoding of a point on the curve."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if len(data) != 32 or y >= _P:
        return None
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * pow(v, 3, _P) * pow(u * pow(v, 7, _P), (_P - 5) // 8, _P) % _P
    if (v * x * x - u) % _P:
        x = x * _ROOT % _P
        if (v * x * x - u) % _P:
            return None
    if not x and sign:
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _encode_point(p: Point) -> bytes:
    inverse = pow(p[2], _P - 2, _P)
    x, y = p[0] * inverse % _P, p[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _odd_multiples(p: Point, count: int) -> list[Point]:
    twice, multiples = _double(p), [p]
    for _ in range(count - 1):
        multiples.append(_add(multiples[-1], twice))
    return multiples


def _digits(scalar: int, width: int) -> list[int]:
    """The scalar in non-adjacent form: each digit is zero or odd, and rarely not zero."""
    digits, full = [], 1 << width
    while scalar:
        digit = 0
        if scalar & 1:
            digit = scalar & (full - 1)
            digit -= full if digit > full >> 1 else 0
        digits.append(digit)
        scalar = (scalar - digit) >> 1
    return digits


def _decoded(data: bytes) -> Point:
    point = _decode_point(data)
    if point is None:
        raise ValueError("not a point")
    return point


_BASE = _odd_multiples(_decoded((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")), 32)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """RFC 8032 section 5.1.7, strictly: S below the order, R and the key in their one encoding, no small order."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    a = _decode_point(public)
    if a is None or s >= _L:
        return False
    times8 = _double(_double(_double(a)))
    if times8[0] % _P == 0 and (times8[1] - times8[2]) % _P == 0:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    minus_a = (_P - a[0], a[1], 1, _P - a[3])
    tables = ((_digits(s, 7), _BASE), (_digits(k, 5), _odd_multiples(minus_a, 8)))
    total = _ZERO
    for place in range(max(len(digits) for digits, _ in tables) - 1, -1, -1):
        total = _double(total)
        for digits, table in tables:
            digit = digits[place] if place < len(digits) else 0
            if digit > 0:
                total = _add(total, table[digit >> 1])
            elif digit < 0:
                x, y, z, t = table[-digit >> 1]
                total = _add(total, (_P - x, y, z, _P - t))
    return _encode_point(total) == signature[:32]


# --- The log: tree, notes, proofs ---------------------------------------------------------------------------


def leaf_hash(entry: Bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return hashlib.sha256(b"\0" + bytes(entry)).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def check_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 section 2.1.3.2."""
    if index >= size:
        raise Invalid(f"Entry {index} is not in a tree of {size}.")
    position, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Invalid("The inclusion proof is too long.")
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    if last or result != root:
        raise Invalid("The inclusion proof does not lead from the entry to the signed root.")


def check_consistency(old: Head, new: Head, proof: Sequence[bytes]) -> None:
    """RFC 9162 section 2.1.4.2: the old tree is a beginning of the new one."""
    if old.size > new.size:
        raise Invalid(f"A tree of {old.size} is no beginning of a tree of {new.size}.")
    if old.size == new.size:
        if proof or old.root != new.root:
            raise Invalid(f"FORK: two trees of {new.size} entries have different roots.")
        return
    path = list(proof)
    if old.size & (old.size - 1) == 0:
        path.insert(0, old.root)
    position, last = old.size - 1, new.size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    if not path:
        raise Invalid("The consistency proof is too short.")
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise Invalid("The consistency proof is too long.")
        if position & 1 or position == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        position, last = position >> 1, last >> 1
    if last or first != old.root or second != new.root:
        raise Invalid(
            f"The tree of {old.size} entries is not proven to be a beginning of the tree of {new.size}."
        )


class Key(NamedTuple):
    """A verifier key: `name+hex(key id)+base64(algorithm and key)` (c2sp.org/signed-note)."""

    name: str
    algorithm: int  # 1 Ed25519, 4 cosignature/v1
    public: bytes

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Key:
        parts = text.strip().split("+", 2)
        encoded = unbase64(parts[2], "verifier key") if len(parts) == 3 else b""
        if len(encoded) != 33 or encoded[0] not in (1, 4):
            raise Invalid("A verifier key has the form name+keyid+base64, for Ed25519.")
        key = cls(parts[0], encoded[0], encoded[1:])
        if parts[1] != key.id.hex() or not key.name or re.search(r"\s", key.name):
            raise Invalid(f"The key id {parts[1]!a} does not belong to this key and name.")
        return key


class Head(NamedTuple):
    """A checkpoint's note text, read (c2sp.org/tlog-checkpoint)."""

    origin: str
    size: int
    root: bytes


class Line(NamedTuple):
    """One signature line of a note."""

    name: str
    key_id: bytes
    value: bytes


class Note(NamedTuple):
    """A signed checkpoint: its text with the final newline, what it says, its signatures, all its bytes."""

    text: str
    head: Head
    lines: tuple[Line, ...]
    raw: bytes


def parse_note(data: Bytes) -> Note:
    """Read a signed checkpoint strictly; nothing is verified by this."""
    raw = bytes(data)
    if len(raw) > 1_000_000:
        raise Invalid("The signed note is too long.")
    try:
        text = raw.decode()
    except UnicodeError as error:
        raise Invalid("The signed note is not UTF-8.") from error
    body, blank, tail = text.rpartition("\n\n")
    if any(char < " " and char != "\n" for char in text) or not blank or not tail.endswith("\n"):
        raise Invalid("The signed note is malformed.")
    rows = body.split("\n")
    if len(rows) < 3 or "" in rows:
        raise Invalid("A checkpoint has at least three lines, none of them empty.")
    head = Head(rows[0], decimal(rows[1]), unbase64(rows[2], "root hash"))
    if len(head.root) != 32:
        raise Invalid("The root hash is not 32 bytes long.")
    found = tail[:-1].split("\n")
    if len(found) > 100:
        raise Invalid("The note has more than 100 signatures.")
    return Note(body + "\n", head, tuple(_signature_line(line) for line in found), raw)


def _signature_line(line: str) -> Line:
    match = re.fullmatch(r"\u2014 ([^\s+]+) (\S+)", line)
    if not match:
        raise Invalid("A signature line is malformed.")
    value = unbase64(match[2], "signature")
    if len(value) < 5:
        raise Invalid("A signature is too short.")
    return Line(match[1], value[:4], value[4:])


def signed_by(note: Note, keys: Iterable[Key]) -> dict[Key, datetime | None]:
    """Which of `keys` signed, with the time of each cosignature. A wrong signature by a known key is `Invalid`."""
    known = {(key.name, key.id): key for key in keys}
    found: dict[Key, datetime | None] = {}
    for line in note.lines:
        key = known.get((line.name, line.key_id))
        if key is None or key in found:
            continue
        message, value, time = note.text.encode(), line.value, None
        if key.algorithm == 4:  # c2sp.org/tlog-cosignature
            seconds = int.from_bytes(value[:8], "big")
            if len(value) != 72 or seconds >= 2**37:
                raise Invalid(f"The cosignature by {key.name} is malformed.")
            time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
            message, value = f"cosignature/v1\ntime {seconds}\n".encode() + message, value[8:]
        if not ed25519_verify(key.public, message, value):
            raise Invalid(f"The signature by {key.name} is wrong.")
        found[key] = time
    return found


def parse_proof(data: Bytes) -> tuple[int, list[bytes], bytes]:
    """Index, hashes and the checkpoint's bytes of a proof file (c2sp.org/tlog-proof@v1)."""
    front, blank, note = bytes(data).partition(b"\n\n")
    lines = front.decode("ascii", "replace").split("\n")
    if not blank or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise Invalid("It is not a tlog-proof file of version 1.")
    if lines and lines[0].startswith("extra "):
        raise Invalid("A proof in a package has no extra line: nothing would authenticate it.")
    if not lines or not lines[0].startswith("index "):
        raise Invalid("The proof has no index line.")
    return decimal(lines.pop(0)[6:]), _hashes(lines), note


def parse_consistency(data: Bytes) -> tuple[int, list[bytes], bytes]:
    """Old size, hashes and the newer checkpoint's bytes, in the form of add-checkpoint (c2sp.org/tlog-witness)."""
    front, blank, note = bytes(data).partition(b"\n\n")
    lines = front.decode("ascii", "replace").split("\n")
    if not blank or not lines[0].startswith("old "):
        raise Invalid("It is not a consistency proof in the form of add-checkpoint.")
    return decimal(lines.pop(0)[4:]), _hashes(lines), note


def _hashes(lines: Sequence[str]) -> list[bytes]:
    if len(lines) > 64:
        raise Invalid("The proof has too many hashes.")
    hashes = [unbase64(line, "hash") for line in lines]
    if any(len(item) != 32 for item in hashes):
        raise Invalid("A hash in the proof is not 32 bytes long.")
    return hashes


@dataclass
class Policy:
    """Who must have cosigned: c2sp.org/tlog-policy. `groups` holds (threshold, members) by name."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, list[str]]] = field(default_factory=dict)
    quorum: str = ""

    @classmethod
    def parse(cls, text: str) -> Policy:
        policy = cls()
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split("#", 1)[0].split() if line.lstrip().startswith("#") else line.split()
            try:
                if words:
                    policy._line(words)
            except (Invalid, IndexError, ValueError) as error:
                raise Invalid(f"Line {number} of the policy cannot be understood: {error}") from error
        if not policy.quorum:
            raise Invalid("The policy has no quorum line.")
        return policy

    def _line(self, words: list[str]) -> None:
        what = words[0]
        if what == "log":
            self.logs.append(Key.parse(words[1]))
        elif what == "witness":
            self._fresh(words[1])
            key = Key.parse(words[2])
            if key.algorithm != 4 or any(key.public == other.public for other in self.witnesses.values()):
                raise Invalid("a witness has a key for cosignatures, and no other witness has the same")
            self.witnesses[words[1]] = key
        elif what == "group":
            self._fresh(words[1])
            members = words[3:]
            need = {"any": 1, "all": len(members)}.get(words[2]) or int(words[2])
            if not 1 <= need <= len(members) or len(set(members)) != len(members):
                raise Invalid("a group cannot need so many of its members")
            for member in members:
                self._known(member)
            self.groups[words[1]] = (need, members)
        elif what == "quorum":
            if words[1] != "none":
                self._known(words[1])
            self.quorum = words[1]
        else:
            raise Invalid(f"{what!a} is not a word of a policy")

    def _fresh(self, name: str) -> None:
        if name == "none" or name in self.witnesses or name in self.groups:
            raise Invalid(f"{name!a} is taken")

    def _known(self, name: str) -> None:
        if name not in self.witnesses and name not in self.groups:
            raise Invalid(f"{name!a} is not defined before")

    def met_by(self, keys: Iterable[Key], name: str = "") -> bool:
        """Whether those who signed make the quorum."""
        name, signed = name or self.quorum, set(keys)
        if name == "none":
            return False  # a policy that asks for nobody witnesses nothing
        if name in self.witnesses:
            return self.witnesses[name] in signed
        need, members = self.groups[name]
        return sum(self.met_by(signed, member) for member in members) >= need


# --- RFC 3161 timestamps ------------------------------------------------------------------------------------


class Node:
    """One DER value (X.690 section 10): tag byte, contents, and all its bytes."""

    def __init__(self, data: bytes, start: int, end: int) -> None:
        if end - start < 2:
            raise Invalid("A DER value is cut off.")
        self.tag, size, place = data[start], data[start + 1], start + 2
        if self.tag & 0x1F == 0x1F:
            raise Invalid("A DER tag is of a form that timestamps do not use.")
        if size == 0x80:
            raise Unknown("The timestamp is in BER with indefinite lengths; use openssl ts -verify.")
        if size > 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[place : place + count], "big")
            if count > 4 or size < 0x80 or data[place] == 0:
                raise Invalid("A DER length is malformed.")
            place += count
        if place + size > end:
            raise Invalid("A DER value is cut off.")
        self.body, self.raw, self.end = data[place : place + size], data[start : place + size], place + size

    def children(self) -> list[Node]:
        if not self.tag & 0x20:
            raise Invalid("A DER value that should hold others does not.")
        place, found = 0, []
        while place < len(self.body):
            found.append(Node(self.body, place, len(self.body)))
            place = found[-1].end
        return found

    def expect(self, tag: int) -> Node:
        if self.tag != tag:
            raise Invalid(f"A DER value has tag {self.tag:#x} where {tag:#x} belongs.")
        return self

    def integer(self) -> int:
        self.expect(2)
        if not self.body:
            raise Invalid("A DER integer is empty.")
        return int.from_bytes(self.body, "big", signed=True)

    def oid(self) -> str:
        self.expect(6)
        numbers, value = [], 0
        for byte in self.body:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))

    def time(self) -> datetime:
        text = self.body.decode("ascii", "replace")
        if self.tag == 0x17 and re.fullmatch(r"\d{12}Z", text):
            text = ("19" if text[:2] >= "50" else "20") + text
        elif self.tag != 0x18 or not re.fullmatch(r"\d{14}(\.\d{1,9})?Z", text):
            raise Invalid("A time is not written as DER writes it.")
        whole, _, fraction = text[:-1].partition(".")
        moment = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return moment + timedelta(microseconds=int((fraction + "000000")[:6]))


def der(data: bytes) -> Node:
    """The one value that `data` is."""
    node = Node(data, 0, len(data))
    if node.end != len(data):
        raise Invalid("There are bytes after a DER value.")
    return node


_HASHES = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_RSA = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
}
_ECDSA = {"1.2.840.10045.4.3.2": "sha256", "1.2.840.10045.4.3.3": "sha384", "1.2.840.10045.4.3.4": "sha512"}
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
_KNOWN_EXTENSIONS = {"2.5.29.15", "2.5.29.19", "2.5.29.32", "2.5.29.37"}


class Curve(NamedTuple):
    """y^2 = x^3 - 3x + b over a prime, with a generator of prime order (SEC 2)."""

    p: int
    b: int
    n: int
    x: int
    y: int


_CURVES = {
    "1.2.840.10045.3.1.7": Curve(
        0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
        0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
        0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    "1.3.132.0.34": Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
}


def ecdsa_verify(curve: Curve, point: bytes, digest: bytes, signature: bytes) -> bool:
    """SEC 1 section 4.1.4, for a public key in uncompressed form."""
    p, size = curve.p, (curve.p.bit_length() + 7) // 8
    if len(point) != 2 * size + 1 or point[0] != 4:
        return False
    qx, qy = int.from_bytes(point[1 : size + 1], "big"), int.from_bytes(point[size + 1 :], "big")
    if qx >= p or qy >= p or (qy * qy - (qx * qx * qx - 3 * qx + curve.b)) % p:
        return False
    r, s = (node.integer() for node in der(signature).expect(0x30).children())
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    e = int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())
    w = pow(s, curve.n - 2, curve.n)
    total = _ec_sum(curve, e * w % curve.n, (curve.x, curve.y), r * w % curve.n, (qx, qy))
    if total[2] == 0:
        return False
    return total[0] * pow(total[2], 2 * (p - 2), p) % p % curve.n == r


Jacobian = tuple[int, int, int]


def _ec_sum(curve: Curve, u: int, g: tuple[int, int], v: int, q: tuple[int, int]) -> Jacobian:
    """u*g + v*q, both scalars at once."""
    one, other = (*g, 1), (*q, 1)
    both = _ec_add(curve.p, one, other)
    total: Jacobian = (1, 1, 0)
    for bit in range(max(u.bit_length(), v.bit_length()) - 1, -1, -1):
        total = _ec_add(curve.p, total, total)
        which = (u >> bit & 1) | (v >> bit & 1) << 1
        if which:
            total = _ec_add(curve.p, total, (one, other, both)[which - 1])
    return total


def _ec_add(p: int, one: Jacobian, other: Jacobian) -> Jacobian:
    x1, y1, z1 = one
    x2, y2, z2 = other
    if not z1 or not z2:
        return other if not z1 else one
    a, b = x1 * z2 * z2 % p, x2 * z1 * z1 % p
    c, d = y1 * z2 * z2 * z2 % p, y2 * z1 * z1 * z1 % p
    if a == b:
        if c != d or not y1:
            return 1, 1, 0
        m = 3 * (x1 - z1 * z1) * (x1 + z1 * z1) % p
        t = 4 * x1 * y1 * y1 % p
        x3 = (m * m - 2 * t) % p
        return x3, (m * (t - x3) - 8 * pow(y1, 4, p)) % p, 2 * y1 * z1 % p
    h, r = (b - a) % p, (d - c) % p
    hh = h * h % p
    hhh, t = h * hh % p, a * hh % p
    x3 = (r * r - hhh - 2 * t) % p
    return x3, (r * (t - x3) - c * hhh) % p, h * z1 * z2 % p


def rsa_verify(
    n: int, e: int, name: str, message: bytes, signature: bytes, pss_salt: int | None = None
) -> bool:
    """RFC 8017 section 8.2.2 (PKCS #1 v1.5), or 8.1.2 (PSS) with the given length of salt."""
    size = (n.bit_length() + 7) // 8
    if n.bit_length() < 2048 or not 3 <= e < 2**64 or not e & 1:
        raise Unknown("The RSA key is too weak to rely on.")
    value = int.from_bytes(signature, "big")
    if len(signature) != size or value >= n:
        return False
    encoded = pow(value, e, n).to_bytes(size, "big")
    digest = hashlib.new(name, message).digest()
    if pss_salt is not None:
        return _pss(encoded, n.bit_length() - 1, name, digest, pss_salt)
    oid = {"sha256": 1, "sha384": 2, "sha512": 3}[name]
    info = bytes.fromhex("06096086480165030402") + bytes([oid]) + b"\5\0"
    info = b"\x30" + bytes([len(info)]) + info + b"\4" + bytes([len(digest)]) + digest
    info = b"\x30" + bytes([len(info)]) + info
    return encoded == b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info


def _pss(encoded: bytes, bits: int, name: str, digest: bytes, salt_size: int) -> bool:
    size = (bits + 7) // 8
    encoded, width = encoded[-size:], len(digest)
    if size < width + salt_size + 2 or encoded[-1] != 0xBC:
        return False
    masked, seed = encoded[: size - width - 1], encoded[size - width - 1 : -1]
    mask = b"".join(
        hashlib.new(name, seed + counter.to_bytes(4, "big")).digest()
        for counter in range(len(masked) // width + 1)
    )
    block = bytearray(a ^ b for a, b in zip(masked, mask))
    if masked[0] >> (8 - (8 * size - bits)) if 8 * size > bits else 0:
        return False
    block[0] &= 0xFF >> (8 * size - bits)
    salt = bytes(block[len(block) - salt_size :]) if salt_size else b""
    if bytes(block[: len(block) - salt_size]) != b"\0" * (len(block) - salt_size - 1) + b"\1":
        return False
    return hashlib.new(name, b"\0" * 8 + digest + salt).digest() == seed


def verify_with(spki: Node, algorithm: Node, digest_name: str, message: bytes, signature: bytes) -> bool:
    """Whether the key made the signature; `Unknown` for algorithms that this program does not know."""
    key_algorithm, bits = spki.children()
    kind, *parameters = key_algorithm.children()
    named, *options = algorithm.children()
    key, oid = bits.expect(3).body[1:], named.oid()
    if kind.oid() == "1.2.840.113549.1.1.1":
        n, e = (node.integer() for node in der(key).children())
        if oid == "1.2.840.113549.1.1.10":
            name, salt = _pss_options(options)
            return rsa_verify(n, e, name, message, signature, salt)
        name = digest_name if oid == "1.2.840.113549.1.1.1" else _RSA.get(oid, "")
        if name:
            return rsa_verify(n, e, name, message, signature)
    elif kind.oid() == "1.2.840.10045.2.1" and parameters:
        curve, name = _CURVES.get(parameters[0].oid()), _ECDSA.get(oid, "")
        if curve and name:
            return ecdsa_verify(curve, key, hashlib.new(name, message).digest(), signature)
    raise Unknown(f"The signature is of an algorithm that is not known here ({oid}); use openssl ts -verify.")


def _pss_options(options: list[Node]) -> tuple[str, int]:
    """RFC 4055 section 3.1; only what is as strong as the rest."""
    fields = {node.tag: node.children()[0] for node in options[0].children()} if options else {}
    name = _HASHES.get(fields[0xA0].children()[0].oid(), "") if 0xA0 in fields else ""
    if not name or 0xA1 not in fields or 0xA2 not in fields:
        raise Unknown("The signature uses a weak digest (SHA-1); it is not relied on.")
    mask, inner = fields[0xA1].children()
    if mask.oid() != "1.2.840.113549.1.1.8" or _HASHES.get(inner.children()[0].oid()) != name:
        raise Unknown("The PSS signature mixes digests; use openssl ts -verify.")
    return name, fields[0xA2].integer()


class Certificate:
    """An X.509 certificate (RFC 5280), as far as it matters for timestamps."""

    def __init__(self, raw: bytes) -> None:
        tbs, self.algorithm, signature = der(raw).expect(0x30).children()
        self.raw, self.signed, self.signature = raw, tbs.raw, signature.expect(3).body[1:]
        fields = tbs.children()
        fields = fields[1:] if fields[0].tag == 0xA0 else fields
        self.serial, self.issuer, self.subject = fields[0].integer(), fields[2].raw, fields[4].raw
        self.valid_from, self.valid_to = (node.time() for node in fields[3].children())
        self.spki = fields[5]
        self.extensions: dict[str, tuple[bool, Node]] = {}
        for node in fields[6:]:
            if node.tag == 0xA3:
                for extension in node.children()[0].children():
                    parts = extension.children()
                    critical = len(parts) == 3 and parts[1].expect(1).body != b"\0"
                    self.extensions[parts[0].oid()] = (critical, der(parts[-1].expect(4).body))

    def name(self) -> str:
        """The last common or organisation name of the subject."""
        found = "?"
        for group in der(self.subject).children():
            for pair in group.children():
                kind, value = pair.children()
                if kind.oid() in ("2.5.4.3", "2.5.4.10"):
                    found = value.body.decode("utf-8", "replace")
        return "".join(char if char.isprintable() else "?" for char in found)

    def is_authority(self) -> bool:
        if "2.5.29.19" not in self.extensions:
            return False
        parts = self.extensions["2.5.29.19"][1].children()
        usage = self.extensions.get("2.5.29.15")
        may_sign = usage is None or bool(len(usage[1].body) > 1 and usage[1].body[1] & 0x04)
        return bool(parts) and parts[0].tag == 1 and parts[0].body != b"\0" and may_sign

    def path_length(self) -> int:
        parts = self.extensions["2.5.29.19"][1].children() if "2.5.29.19" in self.extensions else []
        return parts[1].integer() if len(parts) > 1 else 99

    def may_stamp(self) -> bool:
        """RFC 3161 section 2.3: the key is for timestamping and nothing else, and says so critically."""
        critical, purposes = self.extensions.get("2.5.29.37", (False, None))
        return (
            critical and purposes is not None and [n.oid() for n in purposes.children()] == [_TIME_STAMPING]
        )

    def odd_extensions(self) -> set[str]:
        return {oid for oid, (critical, _) in self.extensions.items() if critical} - _KNOWN_EXTENSIONS

    def issued_by(self, issuer: Certificate) -> bool:
        if issuer.subject != self.issuer:
            return False
        try:
            return verify_with(issuer.spki, self.algorithm, "", self.signed, self.signature)
        except (Invalid, Unknown):  # somebody else of the same name, with a key of another kind
            return False


def find_anchor(
    leaf: Certificate, others: Sequence[Certificate], anchors: Sequence[Certificate], at: datetime
) -> Certificate:
    """The given certificate that the leaf leads to, all being valid at that time. `Unknown` if there is none."""
    trail: list[tuple[Certificate, int]] = [(leaf, 0)]
    seen = set()
    while trail:
        certificate, depth = trail.pop()
        if certificate.raw in seen or depth > 6 or not certificate.valid_from <= at <= certificate.valid_to:
            continue
        seen.add(certificate.raw)
        if any(certificate.raw == anchor.raw for anchor in anchors):
            return certificate
        for issuer in (*anchors, *others):
            fits = issuer.is_authority() and not issuer.odd_extensions() and issuer.path_length() >= depth
            if fits and certificate.issued_by(issuer):
                trail.append((issuer, depth + 1))
    raise Unknown(f"Its authority ({leaf.name()}) leads to none of the certificates given with --tsa-ca.")


class Stamp(NamedTuple):
    """A timestamp that was read: when at the latest, by whom, and the certificate trusted for it."""

    time: datetime
    authority: str
    anchor: bytes | None


def read_stamp(query: bytes, response: bytes, message: bytes, anchors: Sequence[Certificate]) -> Stamp:
    """Check an RFC 3161 response over `message`; who signed it is only checked if `anchors` are given.

    Everything is looked at as of the time in the token, so that a certificate that has expired since does no harm.
    """
    parts = der(response).expect(0x30).children()
    if parts[0].children()[0].integer() not in (0, 1) or len(parts) != 2:
        raise Invalid("The authority did not grant the timestamp.")
    kind, wrapped = parts[1].children()
    if kind.oid() != _SIGNED_DATA:
        raise Invalid("The response holds no signed data.")
    signed = wrapped.expect(0xA0).children()[0].children()
    content_type, content = signed[2].children()
    token = content.expect(0xA0).children()[0].expect(4).body
    if content_type.oid() != _TST_INFO:
        raise Invalid("The response holds no timestamp token.")
    time = _check_token(der(token).expect(0x30).children(), der(query).expect(0x30).children(), message)
    certificates = []
    for node in signed[3:-1]:
        if node.tag == 0xA0:
            certificates = [Certificate(item.raw) for item in node.children() if item.tag == 0x30]
    signers = signed[-1].expect(0x31).children()
    if len(signers) != 1:
        raise Invalid("A timestamp has exactly one signer.")
    leaf = _check_signer(signers[0].children(), token, [*certificates, *anchors])
    if not leaf.may_stamp() or leaf.odd_extensions():
        raise Invalid(
            f"The certificate of {leaf.name()} is not one for timestamping alone (RFC 3161 section 2.3)."
        )
    if not leaf.valid_from <= time <= leaf.valid_to:
        raise Invalid(f"The certificate of {leaf.name()} was not valid at the time of the timestamp.")
    anchor = find_anchor(leaf, certificates, anchors, time).raw if anchors else None
    return Stamp(time, leaf.name(), anchor)


def _check_token(token: list[Node], query: list[Node], message: bytes) -> datetime:
    """RFC 3161 section 2.4.2. Returns the latest time that the token allows: genTime with its accuracy."""
    if token[0].integer() != 1 or query[0].integer() != 1:
        raise Invalid("The timestamp is of an unknown version.")
    algorithm, imprint = token[2].children()
    name = _HASHES.get(algorithm.children()[0].oid())
    if not name:
        raise Unknown("The imprint is of a digest that is not relied on here.")
    if imprint.expect(4).body != hashlib.new(name, message).digest():
        raise Invalid("The timestamp is not over this checkpoint.")
    if query[1].raw != token[2].raw:
        raise Invalid("The query asked for a timestamp of something else.")
    if any(n.raw not in (token[1].raw, b"\1\1\xff") and n.tag != 2 for n in query[2:]):
        raise Invalid("The query is malformed, or asked for a policy that the answer is not under.")
    asked, given = [n.raw for n in query[2:] if n.tag == 2], [n.raw for n in token[5:] if n.tag == 2]
    if asked and asked != given:
        raise Invalid("The timestamp does not answer this query: the nonces differ.")
    time = token[4].expect(0x18).time()
    accuracy = next((node for node in token[5:] if node.tag == 0x30), None)
    for part in accuracy.children() if accuracy else []:
        unit = {2: "seconds", 0x80: "milliseconds", 0x81: "microseconds"}[part.tag]
        time += timedelta(**{unit: int.from_bytes(part.body, "big")})
    return time


def _check_signer(signer: list[Node], token: bytes, certificates: Sequence[Certificate]) -> Certificate:
    """RFC 5652 section 5.4 and 5.6, RFC 5816: the certificate whose key signed the token."""
    name = _HASHES.get(signer[2].children()[0].oid())
    if not name:
        raise Unknown("The token is signed over a digest that is not relied on here; use openssl ts -verify.")
    attributes = {}
    for node in signer[3].expect(0xA0).children():
        kind, values = node.children()
        attributes[kind.oid()] = values.expect(0x31).children()[0]
    if attributes["1.2.840.113549.1.9.3"].oid() != _TST_INFO:
        raise Invalid("The signature is not one over a timestamp token.")
    if attributes["1.2.840.113549.1.9.4"].expect(4).body != hashlib.new(name, token).digest():
        raise Invalid("The token was changed after it was signed.")
    leaf = _signing_certificate(attributes, certificates)
    message = b"\x31" + signer[3].raw[1:]  # section 5.4: signed as a SET, not under its implicit tag
    if not verify_with(leaf.spki, signer[4], name, message, signer[5].expect(4).body):
        raise Invalid(f"The signature by {leaf.name()} is wrong.")
    return leaf


def _signing_certificate(attributes: Mapping[str, Node], certificates: Sequence[Certificate]) -> Certificate:
    old, new = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
    if new in attributes:
        parts = attributes[new].children()[0].children()[0].children()
        name = _HASHES.get(parts[0].children()[0].oid()) if parts[0].tag == 0x30 else "sha256"
        wanted = next(node for node in parts if node.tag == 4).body
    elif old in attributes:  # RFC 3161's own form; SHA-1 finds the certificate, the signature is what proves
        name, wanted = "sha1", attributes[old].children()[0].children()[0].children()[0].expect(4).body
    else:
        raise Invalid("The timestamp does not say which certificate signed it.")
    for certificate in certificates:
        if name and hashlib.new(name, certificate.raw).digest() == wanted:
            return certificate
    raise Unknown("The certificate that signed the timestamp is not with it; use openssl ts -verify.")


def parse_pem(text: str) -> list[Certificate]:
    """The certificates in a PEM file."""
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", text, re.DOTALL)
    found = [Certificate(base64.b64decode("".join(block.split()))) for block in blocks]
    if not found:
        raise Invalid("There is no PEM certificate in it.")
    return found


# --- Captures: WACZ and WARC --------------------------------------------------------------------------------


WACZ_MEMBERS = (
    "indexes/index.cdx.gz",
    "indexes/index.idx",
    "pages/pages.jsonl",
    "evidence/manifest.json",
    "datapackage.json",
    "datapackage-digest.json",
)
_WARC = re.compile(r"archive/[A-Za-z0-9_.-]+\.warc\.gz", re.ASCII)
_RECORD_ID = re.compile(r"<urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}>", re.ASCII)
_WARC_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_HEADERS = {  # of each type of record: what must be there, and what may
    "warcinfo": ({"WARC-Filename"}, set()),
    "response": (
        {"WARC-Target-URI", "WARC-IP-Address", "WARC-Warcinfo-ID"},
        {"WARC-Truncated", "WARC-Payload-Digest"},
    ),
    "request": ({"WARC-Target-URI", "WARC-IP-Address", "WARC-Warcinfo-ID", "WARC-Concurrent-To"}, set()),
    "metadata": ({"WARC-Target-URI", "WARC-Warcinfo-ID", "WARC-Concurrent-To"}, set()),
    "resource": ({"WARC-Target-URI", "WARC-Warcinfo-ID"}, set()),
}
_ALWAYS = {"WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Block-Digest", "Content-Type", "Content-Length"}


class Record(NamedTuple):
    """One WARC record: headers (a name may repeat), block, and where its gzip member lies in which file."""

    headers: list[tuple[str, str]]
    block: bytes
    file: str
    offset: int
    length: int
    digest: str  # of the gzip member

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    @property
    def kind(self) -> str:
        return self.get("WARC-Type") or ""


def gunzip(data: Bytes, limit: int) -> tuple[bytes, int]:
    """The first gzip member of `data`, unpacked, and its length in bytes packed. No more than `limit` is unpacked."""
    inflater = zlib.decompressobj(31)
    try:
        out = inflater.decompress(data, limit + 1)
    except zlib.error as error:
        raise Invalid(f"The gzip data is damaged ({error}).") from error
    if len(out) > limit:
        raise Invalid(f"The gzip data unpacks to more than {limit} bytes.")
    if not inflater.eof:
        raise Invalid("The gzip data is cut off.")
    return out, len(data) - len(inflater.unused_data)


def gunzip_all(data: Bytes, limit: int) -> bytes:
    """All gzip members, one after the other."""
    view, place, found = memoryview(data), 0, []
    while place < len(view):
        out, used = gunzip(view[place:], limit)
        found.append(out)
        place, limit = place + used, limit - len(out)
    return b"".join(found)


def read_records(name: str, data: memoryview) -> Iterator[Record]:
    """The records of a WARC file, each a gzip member of its own, read strictly (ISO 28500:2017)."""
    place = 0
    while place < len(data):
        if bytes(data[place : place + 10]) != b"\x1f\x8b\x08\0\0\0\0\0" + bytes(data[place + 8 : place + 10]):
            raise Invalid(f"{name}: a record at byte {place} does not begin as our gzip members do.")
        # A slice that grows: handing all the rest to zlib would copy it for each record.
        plain, used = _first_member(data, place)
        head, blank, rest = plain.partition(b"\r\n\r\n")
        lines = head.decode("utf-8").split("\r\n")
        if not blank or lines.pop(0) != "WARC/1.1":
            raise Invalid(f"{name}: a record at byte {place} is not of WARC/1.1.")
        headers = []
        for line in lines:
            key, colon, value = line.partition(": ")
            if not colon or not re.fullmatch(r"[A-Za-z-]+", key) or value != value.strip():
                raise Invalid(f"{name}: a record at byte {place} has a malformed header.")
            headers.append((key, value))
        if rest[-4:] != b"\r\n\r\n":
            raise Invalid(f"{name}: a record at byte {place} does not end as it should.")
        member = data[place : place + used]
        yield Record(headers, rest[:-4], name, place, used, "sha256:" + sha256(member))
        place += used


def _first_member(data: memoryview, place: int) -> tuple[bytes, int]:
    inflater, out, at = zlib.decompressobj(31), bytearray(), place
    while not inflater.eof:
        piece = data[at : at + 65536]
        if not len(piece):
            raise Invalid("A WARC record is cut off.")
        at += len(piece)
        try:
            out += inflater.decompress(piece, MAX_RECORD + 1 - len(out))
        except zlib.error as error:
            raise Invalid(f"A WARC record is damaged ({error}).") from error
        if len(out) > MAX_RECORD or inflater.unconsumed_tail:
            raise Invalid(f"A WARC record unpacks to more than {MAX_RECORD} bytes.")
    return bytes(out), at - place - len(inflater.unused_data)


def check_wacz(data: Bytes, report: Report, subject: str) -> str | None:
    """Check a WACZ 1.1.1 against itself. Returns the SHA-256 of datapackage.json, None if it cannot be read."""
    archive: Archive | None = report.run("wacz: zip", subject, Archive, data)
    if archive is None:
        return None
    members = archive.members
    missing = [name for name in WACZ_MEMBERS if name not in members]
    warcs = [name for name in members if _WARC.fullmatch(name)]
    if missing or not warcs:
        report.add("wacz: members", subject, FAIL, f"{(missing or ['archive/*.warc.gz'])[0]} is missing.")
        return None
    report.run("wacz: members", subject, _check_datapackage, members, warcs)
    records: list[Record] | None = report.run("warc: records", subject, _all_records, members, warcs)
    if records:
        report.run("warc: headers and digests", subject, _check_headers, records)
        report.run("wacz: index", subject, _check_index, members, records)
        report.run("wacz: pages", subject, _check_pages, members)
        manifest = report.run("wacz: manifest", subject, parse_canonical, members["evidence/manifest.json"])
        if isinstance(manifest, dict):
            report.run("warc: manifest and records agree", subject, _check_manifest, manifest, records)
            report.run("warc: bodies decode to their digests", subject, _check_bodies, manifest, records)
    return sha256(members["datapackage.json"])


def _all_records(members: Mapping[str, memoryview], warcs: Sequence[str]) -> list[Record]:
    found = [record for name in warcs for record in read_records(name, members[name])]
    if not found:
        raise Invalid("There is no record in the WARC.")
    return found


def _check_datapackage(members: Mapping[str, memoryview], warcs: Sequence[str]) -> None:
    raw = members["datapackage.json"]
    package, digest = parse_json(raw), parse_json(members["datapackage-digest.json"])
    if digest != {"path": "datapackage.json", "hash": "sha256:" + sha256(raw)}:
        raise Invalid("datapackage-digest.json does not give the digest of datapackage.json.")
    if package["profile"] != "data-package" or package["wacz_version"] != "1.1.1":
        raise Invalid("datapackage.json does not say that this is WACZ 1.1.1.")
    listed = {resource["path"]: resource for resource in package["resources"]}
    present = set(members) - {"datapackage.json", "datapackage-digest.json"}
    if len(listed) != len(package["resources"]) or set(listed) != present:
        raise Invalid("datapackage.json does not list exactly the members that are there.")
    if present != set(WACZ_MEMBERS[:4]) | set(warcs):
        raise Invalid("There is a member that a capture does not have.")
    for name, resource in listed.items():
        content = members[name]
        expected = {
            "name": name.rsplit("/", 1)[-1].lower(),
            "path": name,
            "hash": "sha256:" + sha256(content),
            "bytes": len(content),
        }
        if resource != expected:
            raise Invalid(f"{name} does not have the size and digest that datapackage.json gives.")


def _check_headers(records: Sequence[Record]) -> None:
    info, seen = records[0].get("WARC-Record-ID"), set()
    for place, record in enumerate(records):
        where, names = (
            f"The record at byte {record.offset} of {record.file}",
            [key for key, _ in record.headers],
        )
        if len(names) > MAX_HEADERS:
            raise Invalid(f"{where} has more than {MAX_HEADERS} headers.")
        if record.kind not in _HEADERS or (record.kind == "warcinfo") != (place == 0):
            raise Invalid(f"{where} is of a type that does not belong there.")
        must, may = _HEADERS[record.kind]
        repeated = {name for name in names if names.count(name) > 1} - {"WARC-Concurrent-To"}
        if not _ALWAYS | must <= set(names) or set(names) - _ALWAYS - must - may or repeated:
            raise Invalid(f"{where} does not have the headers of its type.")
        own = record.get("WARC-Record-ID") or ""
        if (
            not _RECORD_ID.fullmatch(own)
            or own in seen
            or not _WARC_DATE.fullmatch(record.get("WARC-Date") or "")
        ):
            raise Invalid(f"{where} has an id or a date that it cannot have.")
        seen.add(own)
        if place and record.get("WARC-Warcinfo-ID") != info:
            raise Invalid(f"{where} does not name the warcinfo record of its file.")
        if record.get("Content-Length") != str(len(record.block)):
            raise Invalid(f"{where} does not have the length that it says.")
        if record.get("WARC-Block-Digest") != "sha256:" + sha256(record.block):
            raise Invalid(f"{where} does not have the digest that it says.")
        if any(other not in seen for other in record.all("WARC-Concurrent-To")):
            raise Invalid(f"{where} belongs to a record that is not there before it.")


def _check_index(members: Mapping[str, memoryview], records: Sequence[Record]) -> None:
    data = members["indexes/index.cdx.gz"]
    lines = gunzip_all(data, MAX_TEXT).decode().split("\n")
    if lines.pop() != "" or lines != sorted(lines):
        raise Invalid("The index is not sorted, or does not end in a line feed.")
    shown = {
        (r.file.split("/", 1)[1], r.offset): r
        for r in records
        if r.kind in ("response", "resource", "metadata")
    }
    for line in lines:
        _, stamp, entry = line.split(" ", 2)
        fields = parse_json(entry.encode())
        record = shown.pop((fields["filename"], int(fields["offset"])), None)
        if record is None:
            raise Invalid("The index leads to a record that is not there, or twice to the same.")
        date = re.sub(r"\D", "", record.get("WARC-Date") or "")[:14]
        expected = (record.get("WARC-Target-URI"), str(record.length), record.digest, stamp)
        if (fields["url"], fields["length"], fields["recordDigest"], date) != expected:
            raise Invalid(f"The index and the record at byte {record.offset} differ.")
        if fields.get("digest") != record.get("WARC-Payload-Digest"):
            raise Invalid(f"The index and the record at byte {record.offset} differ in the payload digest.")
        status = record.block[9:12].decode("ascii", "replace") if record.kind == "response" else None
        if fields.get("status") != status:
            raise Invalid(f"The index and the record at byte {record.offset} differ in the status.")
    if shown:
        raise Invalid("The index leaves out a record.")
    _check_secondary(members, lines)


def _check_secondary(members: Mapping[str, memoryview], lines: Sequence[str]) -> None:
    data, place, number = members["indexes/index.cdx.gz"], 0, 0
    first, *blocks = bytes(members["indexes/index.idx"]).decode().split("\n")
    if first != '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}' or blocks.pop() != "":
        raise Invalid("index.idx is malformed.")
    for block in blocks:
        key, brace, rest = block.partition("{")
        fields = parse_json((brace + rest).encode())
        piece = data[place : place + fields["length"]]
        if fields["offset"] != place or fields["digest"] != "sha256:" + sha256(piece) or not len(piece):
            raise Invalid("index.idx does not give the blocks of the index.")
        if lines[number].split("{", 1)[0].strip() != key.strip():
            raise Invalid("index.idx gives another key than the index.")
        number += gunzip_all(piece, MAX_TEXT).count(b"\n")
        place += len(piece)
    if place != len(data):
        raise Invalid("index.idx does not cover the index.")


def _check_pages(members: Mapping[str, memoryview]) -> None:
    package = parse_json(members["datapackage.json"])
    header, page, end = bytes(members["pages/pages.jsonl"]).decode().split("\n")
    told = parse_json(page.encode())
    if (
        parse_json(header.encode()) != {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}
        or end
    ):
        raise Invalid("The page list is malformed.")
    shown = (told["url"], told["ts"], told["title"])
    if shown != (package["mainPageUrl"], package["mainPageDate"], package["title"]):
        raise Invalid("The page list and datapackage.json speak of different pages.")


def _check_manifest(manifest: dict[str, Any], records: Sequence[Record]) -> None:
    """Both tell the same story in the same order, and neither has anything that the other lacks."""
    if set(manifest) != {"format", "exchanges", "derived"} or manifest["format"] != "capture-manifest/v1":
        raise Invalid("The capture's manifest is of an unknown format.")
    rest = [record for record in records if record.kind != "metadata"][1:]
    chains = {}
    for exchange in manifest["exchanges"]:
        response, request = _take(rest, "response"), _take(rest, "request")
        peer = exchange["peer"]
        for record, name in ((response, "response"), (request, "request")):
            _same(record, exchange[name + "RecordId"], exchange["url"], exchange["startedAt"], exchange[name])
            if record.get("WARC-IP-Address") != peer["address"]:
                raise Invalid(f"Record {exchange[name + 'RecordId']} and the manifest differ in the address.")
        if request.all("WARC-Concurrent-To") != [response.get("WARC-Record-ID")]:
            raise Invalid("A request does not belong to its response.")
        if response.get("WARC-Truncated") != exchange["truncated"]:
            raise Invalid("A response and the manifest differ in whether it was cut.")
        head = response.block[: exchange["response"]["headBytes"]]
        if not re.match(rb"HTTP/1\.[01] %03d[ \r\n]" % exchange["status"], head) or not head.endswith(b"\n"):
            raise Invalid("A response and the manifest differ in the status.")
        if not re.match(re.escape(exchange["method"]).encode() + rb" \S+ HTTP/1\.1\r\n", request.block):
            raise Invalid("A request and the manifest differ in the method.")
        if peer["tls"] and peer["tls"]["chain"]:
            chains[response.get("WARC-Record-ID")] = (peer["host"], peer["port"], tuple(peer["tls"]["chain"]))
    for derived in manifest["derived"]:
        record = _take(rest, "resource")
        _same(record, derived["recordId"], derived["targetUri"], derived["createdAt"], derived)
        if record.get("Content-Type") != derived["mediaType"]:
            raise Invalid("A derived file and the manifest differ in the type.")
    if rest:
        raise Invalid("The WARC has a record that the manifest does not tell of.")
    _check_chains([record for record in records if record.kind == "metadata"], chains)


def _take(records: list[Record], kind: str) -> Record:
    if not records or records[0].kind != kind:
        raise Invalid("The records are not those, or not in the order, that the manifest tells of.")
    return records.pop(0)


def _same(record: Record, record_id: str, url: str, date: str, content: Mapping[str, Any]) -> None:
    told = (record.get("WARC-Record-ID"), record.get("WARC-Target-URI"), record.get("WARC-Date"))
    if told != (f"<{record_id}>", _one_line(url), date):
        raise Invalid(f"Record {record_id} and the manifest differ in id, URL or date.")
    if (content["bytes"], content["sha256"]) != (len(record.block), sha256(record.block)):
        raise Invalid(f"Record {record_id} and the manifest differ in the bytes.")


def _one_line(value: str) -> str:
    return " ".join(value.split()) if re.search(r"[\x00-\x1f]", value) else value


def _check_chains(metadata: Sequence[Record], expected: Mapping[str | None, tuple[Any, ...]]) -> None:
    """Each response over TLS has exactly one record with the certificates that its peer showed."""
    told: dict[str | None, tuple[Any, ...]] = {}
    for record in metadata:
        blocks = re.findall(
            rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", record.block, re.DOTALL
        )
        chain = tuple("sha256:" + sha256(base64.b64decode(b"".join(block.split()))) for block in blocks)
        host, port = (record.get("WARC-Target-URI") or "")[len("urn:tls-chain:") :].rsplit(":", 1)
        for response in record.all("WARC-Concurrent-To"):
            if response in told:
                raise Invalid("Two records give the certificates of one response.")
            told[response] = (host, int(port), chain)
    if told != expected:
        raise Invalid("The certificates in the WARC are not those that the manifest tells of.")


def _check_bodies(manifest: dict[str, Any], records: Sequence[Record]) -> None:
    by_id = {record.get("WARC-Record-ID"): record for record in records}
    left = set()
    for exchange in manifest["exchanges"]:
        response = by_id[f"<{exchange['responseRecordId']}>"]
        size = exchange["response"]["headBytes"]
        head, body = response.block[:size], response.block[size:]
        _has(body, exchange["wireBody"], "body as received")
        if response.get("WARC-Payload-Digest") not in (None, "sha256:" + sha256(body)):
            raise Invalid("A response does not have the payload digest that it says.")
        fields = _http_fields(head)
        try:
            entity = _dechunked(body) if fields.get("transfer-encoding") else body
            _has(entity, exchange["entity"], "body without its transfer coding")
            if not exchange["decoded"]["problem"] and not exchange["decoded"]["cut"]:
                _has(
                    _inflated(entity, fields.get("content-encoding", "")), exchange["decoded"], "decoded body"
                )
        except Unknown as reason:
            left.add(str(reason))
    if left:
        raise Unknown(" ".join(sorted(left)))


def _has(content: bytes, expected: Mapping[str, Any], what: str) -> None:
    if (len(content), sha256(content)) != (expected["bytes"], expected["sha256"]):
        raise Invalid(f"The {what} is not the one that the manifest tells of.")


def _http_fields(head: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in head.decode("latin-1").splitlines()[1:]:
        key, _, value = line.partition(":")
        name = key.strip().lower()
        fields[name] = f"{fields[name]}, {value.strip()}" if name in fields else value.strip()
    return fields


def _dechunked(body: bytes) -> bytes:
    """RFC 9112 section 7.1; whatever is not quite that is left to the archive's own, more patient reader."""
    place = 0
    found: list[bytes] = []
    while True:
        match = re.compile(rb"([0-9A-Fa-f]{1,15})[^\r\n]*\r\n").match(body, place)
        if not match:
            raise Unknown("A chunked body was cut or is malformed; its decoding was not repeated.")
        size, start = int(match[1], 16), match.end()
        if not size:
            return b"".join(found)
        if body[start + size : start + size + 2] != b"\r\n":
            raise Unknown("A chunked body was cut or is malformed; its decoding was not repeated.")
        found.append(body[start : start + size])
        place = start + size + 2


def _inflated(entity: bytes, coding: str) -> bytes:
    coding = coding.lower()
    if coding in ("", "identity") or not entity:
        return entity
    if coding not in ("gzip", "x-gzip"):
        raise Unknown(f"A body is in the coding {coding[:20]!a}, which the standard library does not read.")
    try:
        return gunzip_all(entity, MAX_RECORD)
    except Invalid as error:
        raise Unknown("A gzip body is cut or malformed; its decoding was not repeated.") from error


# --- The package --------------------------------------------------------------------------------------------


SUMS, MANIFEST, CUSTODY = "SHA256SUMS", "manifest.json", "custody.json"
_ENTRY = re.compile(r"log/entries/(0|[1-9]\d*)\.json", re.ASCII)
_CHECKPOINT = re.compile(r"log/(checkpoints|cosigned)/([1-9]\d*)\.txt", re.ASCII)
_PROOF = re.compile(r"log/proofs/(0|[1-9]\d*)-([1-9]\d*)\.tlog-proof", re.ASCII)
_CONSISTENCY = re.compile(r"log/consistency/([1-9]\d*)-([1-9]\d*)\.txt", re.ASCII)
_STAMP = re.compile(r"log/timestamps/([1-9]\d*)-([1-9]\d*)\.(tsq|tsr)", re.ASCII)
_ENTRY_MEMBERS = {"v", "kind", "at", "subject", "facts", "by", "commitments"}


@dataclass
class Given:
    """What the person who checks brings along; nothing of it is ever taken from the package."""

    keys: Sequence[Key] = ()
    policy: Policy | None = None
    anchors: Sequence[Certificate] = ()
    seen: Sequence[tuple[str, bytes]] = ()  # checkpoints from elsewhere: name and bytes

    def log_keys(self) -> list[Key]:
        return [*self.keys, *(self.policy.logs if self.policy else [])]


def verify(data: Bytes, given: Given) -> Report:
    """Check a package. Never raises for what is in it."""
    report = Report()
    try:
        archive: Archive | None = report.run("zip", "package", lambda: Archive(data, ordered=True))
        if archive is not None:
            _Package(archive.members, given, report).check()
    except (RecursionError, MemoryError) as error:
        report.add("package", "package", FAIL, f"It cannot be read ({type(error).__name__}).")
    if not report.ok:
        report.level = None
    return report


def verify_file(path: Any, given: Given) -> Report:
    """Check the package in a file, however large. Raises OSError when it cannot be read at all."""
    with open(path, "rb") as file:
        try:
            data: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (ValueError, OSError):  # empty, or not a plain file
            data = file.read()
        return verify(data, given)


class _Package:
    """The checks of one package, in order; each leaves what the next ones need."""

    def __init__(self, files: dict[str, memoryview], given: Given, report: Report) -> None:
        self.files, self.given, self.report = files, given, report
        self.manifest: dict[str, Any] = {}
        self.entries: dict[int, dict[str, Any]] = {}
        self.heads: dict[int, Note] = {}  # size: the checkpoint as its log signed it
        self.proven: dict[int, int] = {}  # entry: the smallest checkpoint that it is proven to be in
        self.linked = True  # whether each checkpoint is a beginning of the next
        self.signed = False
        self.witnessed: list[
            tuple[int, datetime, str, bool]
        ] = []  # size, time, witness, whether the policy is met
        self.stamps: list[tuple[int, Stamp]] = []
        self.seal: int | None = None

    def check(self) -> None:
        manifest = self.report.run("manifest", MANIFEST, self._read_manifest)
        if not manifest:
            return
        self.manifest = manifest
        for path, what in self._files():
            self.report.run("file", path, what)
        self.report.run("no other files", "package", self._check_unlisted)
        self.report.run("sums", SUMS, self._check_sums)
        self._log()
        self.report.run("custody events", CUSTODY, self._check_custody)
        for claim in self.manifest["claims"]:
            self.report.run("claim", claim["id"], self._check_claim, claim)
        for capture in self.manifest["captures"]:
            self._capture(capture)
        for text in self.manifest["texts"]:
            self.report.run("text", text["path"], self._check_text, text)
        self._quotes()
        self._regions()
        self._conclude()

    # Files

    def _read_manifest(self) -> dict[str, Any]:
        if MANIFEST not in self.files:
            raise Invalid(f"{MANIFEST} is missing.")
        manifest = parse_canonical(self.files[MANIFEST])
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise Invalid(f"The package is not of the format {FORMAT}, the one that this program reads.")
        if set(manifest) != {"format", "log", "desk", "scope", "claims", "captures", "texts", "files"}:
            raise Invalid("The manifest does not have exactly the members of its format.")
        paths = [entry["path"] for entry in manifest["files"]]
        if len(set(paths)) != len(paths) or paths != sorted(paths):
            raise Invalid("The manifest lists a file twice, or not in order.")
        return manifest

    def _files(self) -> Iterator[tuple[str, Any]]:
        def check(entry: dict[str, Any]) -> None:
            content = self.files.get(entry["path"])
            if content is None:
                raise Invalid("The file is missing.")
            if len(content) != entry["size"] or sha256(content) != entry["sha256"]:
                raise Invalid("The file is not the one that the manifest lists: size or SHA-256 differ.")

        for entry in self.manifest["files"]:
            yield entry["path"], lambda entry=entry: check(entry)

    def _check_unlisted(self) -> None:
        listed = {entry["path"] for entry in self.manifest["files"]} | {MANIFEST, SUMS}
        forms = (_ENTRY, _CHECKPOINT, _PROOF, _CONSISTENCY, _STAMP)
        for path in self.files:
            if path not in listed and not any(form.fullmatch(path) for form in forms):
                raise Invalid(f"{path} is in the package and nothing speaks of it.")
        if any(path.startswith("log/") for path in listed):
            raise Invalid("The manifest lists a file of the log, which it cannot vouch for.")
        expected = {CUSTODY} | {claim["content"] for claim in self.manifest["claims"]}
        expected |= {version["path"] for claim in self.manifest["claims"] for version in claim["versions"]}
        expected |= {capture["package"] for capture in self.manifest["captures"] if capture["package"]}
        expected |= {text["path"] for text in self.manifest["texts"]}
        if (
            listed
            - expected
            - {MANIFEST, SUMS, "README.txt", "VERIFY.md", "policy.txt", "verify_evidence.py"}
        ):
            raise Invalid("The manifest lists a file that has no place in a package.")
        if expected - listed:
            raise Invalid("The manifest speaks of a file that it does not list.")

    def _check_sums(self) -> None:
        lines = [f"{sha256(self.files[path])}  {path}\n" for path in sorted(self.files) if path != SUMS]
        if bytes(self.files.get(SUMS, b"")) != "".join(lines).encode():
            raise Invalid(f"{SUMS} does not give the digests of exactly the files that are there.")

    # The log

    def _log(self) -> None:
        report = self.report
        for path in sorted(self.files):
            match = _ENTRY.fullmatch(path)
            if match:
                entry = report.run("entry", path, self._read_entry, path)
                if entry:
                    self.entries[int(match[1])] = entry
        notes = [
            (path, m)
            for path in self.files
            for m in [_CHECKPOINT.fullmatch(path)]
            if m and m[1] == "checkpoints"
        ]
        for path, match in sorted(notes, key=lambda pair: int(pair[1][2])):
            note = report.run("checkpoint", path, self._read_checkpoint, path, int(match[2]))
            if note:
                self.heads[int(match[2])] = note
        self._signatures()
        self.linked = bool(report.run("consistency", "log/consistency", self._check_consistency))
        self._proofs()
        self._witnesses()
        self._timestamps()
        for name, data in self.given.seen:
            report.run("checkpoint from elsewhere", name, self._check_seen, data)
        report.run("this package is in the log", MANIFEST, self._check_seal)

    def _read_entry(self, path: str) -> dict[str, Any]:
        entry = parse_canonical(self.files[path])
        if not isinstance(entry, dict) or set(entry) != _ENTRY_MEMBERS or entry["v"] != 1:
            raise Invalid("It is not an entry of version 1.")
        return entry

    def _read_checkpoint(self, path: str, size: int) -> Note:
        note = parse_note(self.files[path])
        if note.head.size != size or note.head.origin != self.manifest["log"]["origin"]:
            raise Invalid("The checkpoint is of another size, or of another log, than it should be.")
        return note

    def _signatures(self) -> None:
        keys = self.given.log_keys()
        if not keys:
            reason = "No key was given with --key, and keys inside a package are never trusted."
            self.report.add("signatures of the log", "log/checkpoints", NOT_CHECKED, reason)
            return
        self.signed = bool(self.heads)
        if not self.heads:
            self.report.add("signatures of the log", "log/checkpoints", FAIL, "There is no checkpoint.")
        for size, note in self.heads.items():
            path = f"log/checkpoints/{size}.txt"
            self.signed &= bool(
                self.report.run("signature of the log", path, self._check_signature, note, keys)
            )

    def _check_signature(self, note: Note, keys: Sequence[Key]) -> str:
        found = [key for key in signed_by(note, keys) if key.algorithm == 1 and key.name == note.head.origin]
        if not found:
            raise Invalid("It is not signed by the key that was given.")
        return f"signed by {found[0].name}, key {found[0].id.hex()}"

    def _check_consistency(self) -> str:
        sizes, used = sorted(self.heads), set()
        for old, new in zip(sizes, sizes[1:]):
            path = f"log/consistency/{old}-{new}.txt"
            if path not in self.files:
                raise Invalid(f"{path} is missing.")
            size, proof, note = parse_consistency(self.files[path])
            if size != old or note != self.heads[new].raw:
                raise Invalid(f"{path} is not about the checkpoints of {old} and {new} entries.")
            check_consistency(self.heads[old].head, self.heads[new].head, proof)
            used.add(path)
        for path in self.files:
            if _CONSISTENCY.fullmatch(path) and path not in used:
                raise Invalid(f"{path} is about a checkpoint that is not there.")
        if len(sizes) < 2:
            raise Unknown("There is only one checkpoint, so none that it could be consistent with.")
        return f"each of {len(sizes)} checkpoints is a beginning of the next"

    def _proofs(self) -> None:
        for path in sorted(self.files):
            match = _PROOF.fullmatch(path)
            if match and self.report.run(
                "proof", path, self._check_proof, path, int(match[1]), int(match[2])
            ):
                index, size = int(match[1]), int(match[2])
                self.proven[index] = min(size, self.proven.get(index, size))
        for index in self.entries:
            if index not in self.proven:
                self.report.add(
                    "proof", f"log/entries/{index}.json", FAIL, "No proof shows that it is in the log."
                )

    def _check_proof(self, path: str, index: int, size: int) -> None:
        told, hashes, note = parse_proof(self.files[path])
        if index not in self.entries or size not in self.heads:
            raise Invalid("The entry or the checkpoint that it is about is not there.")
        cosigned = self.files.get(f"log/cosigned/{size}.txt", self.heads[size].raw)
        if told != index or note != bytes(cosigned):
            raise Invalid("The proof is about another entry or checkpoint than its name says.")
        head = self.heads[size].head
        check_inclusion(index, size, leaf_hash(self.files[f"log/entries/{index}.json"]), hashes, head.root)

    def _witnesses(self) -> None:
        for path in sorted(self.files):
            match = _CHECKPOINT.fullmatch(path)
            if match and match[1] == "cosigned":
                self.report.run("cosignatures", path, self._check_cosigned, path, int(match[2]))

    def _check_cosigned(self, path: str, size: int) -> str:
        note, plain = parse_note(self.files[path]), self.heads.get(size)
        if (
            plain is None
            or not note.raw.startswith(plain.raw)
            or note.text != plain.text
            or note.raw == plain.raw
        ):
            raise Invalid("It is not the checkpoint of this size with further signatures.")
        policy = self.given.policy
        if policy is None:
            raise Unknown(
                "No policy was given with --policy: which witnesses count is not for the package to say."
            )
        found = {key: time for key, time in signed_by(note, policy.witnesses.values()).items() if time}
        met = policy.met_by(found)
        self.witnessed += [(size, time, key.name, met) for key, time in found.items()]
        if not met:
            raise Unknown("The witnesses that the policy asks for have not all signed.")
        return "cosigned by " + ", ".join(f"{key.name} at {_iso(time)}" for key, time in found.items())

    def _timestamps(self) -> None:
        logged = {
            entry["facts"].get("response_sha256"): index
            for index, entry in self.entries.items()
            if entry["kind"] == "checkpoint-timestamped"
        }
        for path in self.files:
            if path.endswith(".tsr"):
                logged.pop(sha256(self.files[path]), None)
        for index in logged.values():
            reason = f"Log entry {index} is about a timestamp whose response is not here, or not as it was."
            self.report.add("timestamp", f"log/entries/{index}.json", FAIL, reason)
        pairs = sorted(
            {match.group(1, 2) for path in self.files for match in [_STAMP.fullmatch(path)] if match}
        )
        for size, number in pairs:
            name = f"log/timestamps/{size}-{number}"
            self.report.run("timestamp", name + ".tsr", self._check_stamp, name, int(size))

    def _check_stamp(self, name: str, size: int) -> str:
        query, response = self.files.get(name + ".tsq"), self.files.get(name + ".tsr")
        if query is None or response is None or size not in self.heads:
            raise Invalid("Its query, its response or its checkpoint is missing.")
        stamp = read_stamp(bytes(query), bytes(response), self.heads[size].raw, self.given.anchors)
        self.stamps.append((size, stamp))
        if stamp.anchor is None:
            raise Unknown(
                f"{stamp.authority} signed it for {_iso(stamp.time)}; whether that is an authority was not checked, "
                "since no certificates were given with --tsa-ca."
            )
        return f"{stamp.authority} at {_iso(stamp.time)}"

    def _check_seen(self, data: bytes) -> str:
        proof: tuple[int, list[bytes], bytes] | None = None
        if data.startswith(b"old "):
            proof = parse_consistency(data)
        other = parse_note(proof[2] if proof else data)
        if not self.given.log_keys():
            raise Unknown("Without a key, a checkpoint from elsewhere says nothing.")
        self._check_signature(other, self.given.log_keys())
        if other.head.origin != self.manifest["log"]["origin"]:
            raise Invalid("The checkpoint from elsewhere is of another log.")
        if other.head.size in self.heads:
            check_consistency(self.heads[other.head.size].head, other.head, [])
            return f"it is the package's own of {other.head.size} entries"
        if proof and proof[0] in self.heads:
            check_consistency(self.heads[proof[0]].head, other.head, proof[1])
            return f"the package's checkpoint of {proof[0]} entries is a beginning of it"
        raise Unknown(
            f"It is of {other.head.size} entries, the package's are of {', '.join(map(str, sorted(self.heads)))}; "
            "give a consistency proof in the form of add-checkpoint instead."
        )

    def _check_seal(self) -> str:
        digest = sha256(self.files[MANIFEST])
        seals = [index for index, entry in self.entries.items() if entry["kind"] == "evidence-exported"]
        if len(seals) != 1 or self.entries[seals[0]]["facts"].get("manifest_sha256") != digest:
            raise Invalid("No log entry says that a package with this manifest was exported.")
        if seals[0] not in self.proven:
            raise Invalid("The log entry about this package is not proven to be in the log.")
        subject = self.entries[seals[0]]["subject"]
        scope = self.manifest["scope"]
        if subject != {"type": scope["type"], "id": scope["id"]}:
            raise Invalid("The log entry about this package speaks of another claim or case.")
        self.seal = seals[0]
        return f"entry {seals[0]}, exported at {self.entries[seals[0]]['at']} by the archive's clock"

    # What the log is about

    def _check_custody(self) -> str:
        custody = parse_canonical(self.files[CUSTODY])
        if set(custody) != {"format", "events"} or custody["format"] != CUSTODY_FORMAT:
            raise Invalid("The custody events are of an unknown format.")
        indices = [event["index"] for event in custody["events"]]
        # The log's own entries, about its timestamps and about this package, are none of the evidence's.
        kinds = ("evidence-exported", "checkpoint-timestamped")
        own = {index for index, entry in self.entries.items() if entry["kind"] not in kinds}
        if indices != sorted(set(indices)) or set(indices) != own:
            raise Invalid("The custody events are not exactly the log entries that the package holds.")
        for event in custody["events"]:
            entry = self.entries[event["index"]]
            told = {name: event[name] for name in ("kind", "at", "subject", "by", "facts")}
            if set(event) != set(told) | {"index", "openings"} or any(entry[k] != v for k, v in told.items()):
                raise Invalid(f"Custody event {event['index']} and its log entry differ.")
            _check_openings(entry, event["openings"])
        return f"{len(indices)} events, each in the log"

    def _entry(self, index: Any, kinds: Sequence[str], subject: str, facts: Mapping[str, Any]) -> None:
        entry = self.entries.get(index)
        if entry is None:
            raise Invalid(f"Log entry {index} is missing.")
        if entry["kind"] not in kinds or entry["subject"]["id"] != subject:
            raise Invalid(f"Log entry {index} is about something else.")
        for name, value in facts.items():
            if entry["facts"].get(name) != value:
                raise Invalid(f"Log entry {index} says something else of {name}.")

    def _about(self, kind: str, subject: str) -> list[dict[str, Any]]:
        return [e for e in self.entries.values() if e["kind"] == kind and e["subject"]["id"] == subject]

    def _check_claim(self, claim: dict[str, Any]) -> str:
        content = self.files[claim["content"]]
        parsed, digest = parse_canonical(content), sha256(content)
        if parsed["id"] != claim["id"] or digest != claim["content_sha256"]:
            raise Invalid("The claim's content is of another claim, or not the one that the manifest means.")
        for version in claim["versions"]:
            self._check_version(claim["id"], version)
        approved = [
            e for e in self._about("verdict-approved", claim["id"]) if e["facts"]["content_sha256"] == digest
        ]
        frozen = [
            entry
            for kind in ("version-published", "version-corrected")
            for entry in self._about(kind, claim["id"])
            if entry["facts"]["content_sha256"] == digest
        ]
        if frozen:
            return "published in exactly this wording"
        if approved:
            return "approved in exactly this wording"
        raise Unknown(
            "No log entry approves the claim in this wording; only the export as a whole is in the log."
        )

    def _check_version(self, claim_id: str, version: dict[str, Any]) -> None:
        raw = self.files[version["path"]]
        snapshot = parse_canonical(raw)
        kinds = {
            "published": "version-published", "corrected": "version-corrected", "retracted": "version-retracted",
        }  # fmt: skip
        content = sha256(canonical(snapshot["claim"]))
        facts = {"number": version["number"], "sha256": sha256(raw), "content_sha256": content}
        self._entry(version["entry"], [kinds[version["kind"]]], claim_id, facts)
        told = (snapshot["number"], snapshot["kind"], snapshot["content_sha256"], snapshot["claim"]["id"])
        if told != (version["number"], version["kind"], content, claim_id):
            raise Invalid(f"Published version {version['number']} and the manifest differ.")

    def _capture(self, capture: dict[str, Any]) -> None:
        report, name, before = self.report, capture["id"], self.report.count(FAIL)
        if capture["package"]:
            path = capture["package"]
            digest = check_wacz(self.files[path], report, path) if path in self.files else None
            if digest != capture["datapackage_sha256"]:
                report.add(
                    "capture", name, FAIL, "Its datapackage.json is not the one that the manifest names."
                )
            report.run("capture is the one in the log", name, self._check_capture, capture)
            result = PASS if report.count(FAIL) == before else FAIL
        else:
            redacted = report.run("capture is the one in the log", name, self._check_redacted, capture)
            report.add("capture", name, REDACTED if redacted else FAIL, redacted or "Its package is missing.")
            result = REDACTED if redacted else FAIL
        times = self._existed_by(capture["entry"])
        report.captures.append(CaptureResult(name, capture["url"], result, None, times))

    def _check_capture(self, capture: dict[str, Any]) -> str:
        facts = {
            "datapackage_sha256": capture["datapackage_sha256"],
            "package_sha256": sha256(self.files[capture["package"]]),
        }
        self._entry(capture["entry"], ["capture-archived", "upload-received"], capture["id"], facts)
        return f"entry {capture['entry']}"

    def _check_redacted(self, capture: dict[str, Any]) -> str:
        facts = {"datapackage_sha256": capture["datapackage_sha256"]}
        self._entry(capture["entry"], ["capture-archived", "upload-received"], capture["id"], facts)
        for entry in self._about("content-redacted", capture["id"]):
            if entry["subject"]["type"] == "capture":
                return f"its content was erased; the log says so at {entry['at']}"
        raise Invalid("Its package is missing, and no log entry says that it was erased.")

    def _check_text(self, text: dict[str, Any]) -> str:
        raw = self.files[text["path"]]
        if sha256(raw) != text["sha256"]:
            raise Invalid("The text does not have the digest that anchors name.")
        bytes(raw).decode()
        for index, entry in sorted(self.entries.items()):
            about = entry["subject"]["id"] == text["capture"] or entry["kind"] == "anchor-made"
            if about and entry["facts"].get("text_sha256") == text["sha256"]:
                return f"entry {index}"
        raise Unknown("No log entry names the digest of this text.")

    def _quotes(self) -> None:
        texts = {text["sha256"]: text["path"] for text in self.manifest["texts"]}
        captures = {capture["id"]: capture for capture in self.manifest["captures"]}
        for claim in self.manifest["claims"]:
            try:
                content = parse_canonical(self.files[claim["content"]])
                quotes = [quote for assertion in content["assertions"] for quote in assertion["quotes"]]
            except (ValueError, LookupError, TypeError, RecursionError):
                continue  # said already
            for quote in quotes:
                subject = f"quotation {quote.get('id')}"
                capture = captures.get(quote["capture"]["id"])
                if capture is not None and not capture["package"] and quote["text_sha256"] not in texts:
                    self.report.add("quotation", subject, REDACTED, "The text that it stood in was erased.")
                else:
                    self.report.run("quotation", subject, self._check_quote, quote, texts, capture)

    def _check_quote(
        self, quote: dict[str, Any], texts: Mapping[str, str], capture: dict[str, Any] | None
    ) -> str:
        if quote["text_sha256"] not in texts or capture is None:
            raise Invalid("The text that it stands in is not in the package.")
        told, known = quote["capture"], ("id", "url", "datapackage_sha256")
        if any(told[name] != capture[name] for name in known):
            raise Invalid("The claim and the manifest differ about the capture that it was read from.")
        text = bytes(self.files[texts[quote["text_sha256"]]]).decode()
        start, end = quote["start"], quote["end"]  # code points, as W3C Web Annotation counts
        before = text[max(0, start - len(quote["prefix"])) : start]
        if not 0 <= start < end <= len(text) or text[start:end] != quote["exact"]:
            raise Invalid("The quotation does not stand in the text where the claim says.")
        if before != quote["prefix"] or text[end : end + len(quote["suffix"])] != quote["suffix"]:
            raise Invalid("The words around the quotation are not those that the claim gives.")
        made = [e for e in self._about("anchor-made", quote["id"]) if e["subject"]["type"] == "anchor"]
        for entry in made:
            if entry["facts"] == {"text_sha256": quote["text_sha256"], "start": start, "end": end}:
                return f"code points {start} to {end}"
        raise Invalid("No log entry says that the quotation was tied to this place.")

    def _regions(self) -> None:
        """Places in pictures, films and pages: in which bytes they were measured, and that the log says so."""
        captures = {capture["id"]: capture for capture in self.manifest["captures"]}
        for claim in self.manifest["claims"]:
            try:
                content = parse_canonical(self.files[claim["content"]])
                told = [region for said in content["assertions"] for region in said.get("regions", [])]
                told += [piece["region"] for piece in content["evidence"] if piece.get("region")]
                regions = {region["id"]: (region, captures.get(region["capture"]["id"])) for region in told}
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
                continue  # said already
            for name, (region, capture) in regions.items():
                if capture is not None and not capture["package"]:
                    self.report.add(
                        "region", f"region {name}", REDACTED, "The file that it lies in was erased."
                    )
                else:
                    self.report.run("region", f"region {name}", self._check_region, region, capture)

    def _check_region(self, region: dict[str, Any], capture: dict[str, Any] | None) -> str:
        if capture is None:
            raise Invalid("The archived copy that it lies in is not in the package.")
        told, known = region["capture"], ("id", "url", "datapackage_sha256")
        if any(told[name] != capture[name] for name in known):
            raise Invalid("The claim and the manifest differ about the capture that it lies in.")
        manifest = parse_canonical(Archive(self.files[capture["package"]]).members["evidence/manifest.json"])
        held = {derived["sha256"] for derived in manifest["derived"]}
        for exchange in manifest["exchanges"]:
            held |= {exchange[name]["sha256"] for name in ("wireBody", "entity", "decoded")}
        if region["blob_sha256"] not in held:
            raise Invalid("The archived copy does not hold the file in which it was measured.")
        facts = {name: region[name] for name in ("blob_sha256", "kind", "page", "box", "span")}
        for entry in self._about("anchor-made", region["id"]):
            if entry["subject"]["type"] == "region" and entry["facts"] == facts:
                return f"#{region['fragment']}"
        raise Invalid("No log entry says that this place was marked there.")

    # What follows

    def _covering(self, index: Any) -> int | None:
        return self.proven.get(index) if self.linked or len(self.heads) < 2 else None

    def _existed_by(self, index: Any) -> list[tuple[datetime, str]]:
        """Who countersigned or timestamped a tree with the entry in it, earliest first, each with its first word."""
        size = self._covering(index)
        if size is None or not self.signed:
            return []
        said = [(time, f"witness {name}") for at, time, name, _ in self.witnessed if at >= size]
        said += [
            (s.time, f"timestamp authority {s.authority}") for at, s in self.stamps if at >= size and s.anchor
        ]
        first: dict[str, datetime] = {}
        for time, who in said:
            first[who] = min(time, first.get(who, time))
        return sorted((time, who) for who, time in first.items())

    def _level(self, index: Any) -> tuple[str, dict[str, str]]:
        """The level of one capture, and why no higher one."""
        missing = {"L3": "There is no second vantage in packages of this format."}
        if not self.given.log_keys():
            return "L0", {"L1": "No key was given with --key.", **missing}
        size = self._covering(index)
        if not self.signed or size is None or self.seal is None:
            return "L0", {
                "L1": "The capture or this package is not proven to be in the signed log.",
                **missing,
            }
        authorities = {stamp.anchor for at, stamp in self.stamps if at >= size and stamp.anchor}
        if not any(met for at, _, _, met in self.witnessed if at >= size):
            missing["L2"] = "No checkpoint with it carries the cosignatures that a given policy asks for."
        elif len(authorities) < 2:
            missing["L2"] = (
                f"It is timestamped by {len(authorities)} of the authorities given with --tsa-ca, not two."
            )
        return ("L1", missing) if "L2" in missing else ("L2", missing)

    def _conclude(self) -> None:
        reached = []
        for capture, told in zip(self.report.captures, self.manifest["captures"]):
            level, missing = self._level(told["entry"])
            capture.level = level if capture.result != FAIL else None
            reached.append((level, missing))
        level, missing = min(reached, key=lambda pair: pair[0], default=self._level(self.seal))
        self.report.level, self.report.missing = level, missing
        if "L3" in missing:
            self.report.add("second vantage", "package", NOT_CHECKED, missing["L3"])


def _check_openings(entry: dict[str, Any], openings: dict[str, Any]) -> None:
    for name, opening in openings.items():
        expected = entry["by"] if name == "by" else entry["commitments"].get(name)
        message = canonical([name, opening["salt"], opening["value"]])
        if len(opening["salt"]) != 64 or sha256(b"verify-log-commitment/v1\n" + message) != expected:
            raise Invalid(f"The opening of {name} does not belong to its log entry.")


# --- The command line ---------------------------------------------------------------------------------------


def show(report: Report, verbose: bool = False) -> str:
    """The report for people."""
    lines = []
    for check in report.checks:
        if verbose or check.result != PASS:
            lines.append(
                f"{check.result.upper():<12}{check.name}: {check.subject}. {check.detail}".rstrip(". ") + "."
            )
    lines.append("")
    for capture in report.captures:
        lines.append(
            f"capture {capture.id}  {capture.result}  {capture.level or '-'}  {_printable(capture.url)}"
        )
        for time, who in capture.existed_by:
            lines.append(f"    existed by {_iso(time)}, according to {_printable(who)}")
        if not capture.existed_by:
            lines.append(
                "    existed by: not checked (no witness or authority that you named vouches for a time)"
            )
    counts = ", ".join(f"{report.count(result)} {result}" for result in (PASS, FAIL, NOT_CHECKED, REDACTED))
    lines += ["", f"checks: {counts}"]
    if not report.ok:
        lines.append("RESULT: FAIL. Something in this package is not what it was, or not what it says.")
    else:
        lines.append(f"RESULT: PASS, level {report.level}: {LEVELS.get(report.level or '', '')}")
        lines += [f"  {level} not reached: {why}" for level, why in sorted(report.missing.items())]
    lines += ["This does not prove:"] + [f"  - {limit}" for limit in LIMITS_OF_PROOF]
    return "\n".join(_printable(line) for line in lines) + "\n"


def _printable(text: str) -> str:
    """What comes out of a package must not steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(16 * 2**20)


def _given(arguments: argparse.Namespace) -> Given:
    keys = [Key.parse(text) for text in arguments.key]
    if any(key.algorithm != 1 for key in keys):
        raise Invalid("--key is for the log's own key; witnesses are named in a policy.")
    policy = Policy.parse(_read(arguments.policy).decode()) if arguments.policy else None
    anchors = [certificate for path in arguments.tsa_ca for certificate in parse_pem(_read(path).decode())]
    return Given(keys, policy, anchors, [(path, _read(path)) for path in arguments.checkpoint])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Check an evidence package offline. Exit code 0: nothing failed; 1: something failed; 2: bad usage."
    )
    parser.add_argument("package", help="the zip file")
    parser.add_argument("--key", action="append", default=[], metavar="VKEY", help="the log's verifier key")
    parser.add_argument("--policy", metavar="FILE", help="which witnesses count (c2sp.org/tlog-policy)")
    parser.add_argument(
        "--tsa-ca", action="append", default=[], metavar="FILE", help="PEM of a timestamp authority's CA"
    )
    parser.add_argument(
        "--checkpoint",
        action="append",
        default=[],
        metavar="FILE",
        help="a checkpoint that you have from elsewhere",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--verbose", action="store_true", help="show what passed, too")
    arguments = parser.parse_args(argv)
    try:
        report = verify_file(arguments.package, _given(arguments))
    except (OSError, ValueError, LookupError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        sys.stdout.write(show(report, arguments.verbose))
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
