"""The bytes of a log entry, and the salted commitments in them; docs/reference/log-format.md is the specification."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sources.custody.canonical import CanonicalError, canonical, parse
from sources.custody.tiles import MAX_ENTRY_SIZE

VERSION = 1
SALT_SIZE = 32  # bytes
COMMITMENT_DOMAIN = b"verify-log-commitment/v1\n"
BY = "by"  # the name under which the actor's commitment is opened

_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_MEMBERS = {"v", "kind", "at", "subject", "facts", "by", "commitments"}


class BodyError(ValueError):
    """The bytes are not an entry of this version, or the values cannot be one."""


@dataclass(frozen=True)
class Body:
    """What one entry says. `facts` holds references, digests and numbers, never personal text."""

    kind: str
    at: datetime
    subject_type: str
    subject_id: str
    facts: Mapping[str, Any]
    by: str | None  # commitment to the actor; None when the system acted by itself
    commitments: Mapping[str, str]

    def encode(self) -> bytes:
        """The entry's bytes; `BodyError` if a value is not allowed or the entry is over 65,535 bytes."""
        members = {
            "v": VERSION,
            "kind": self.kind,
            "at": format_time(self.at),
            "subject": {"type": self.subject_type, "id": self.subject_id},
            "facts": dict(self.facts),
            "by": self.by,
            "commitments": dict(self.commitments),
        }
        _check(members)
        try:
            data = canonical(members)
        except CanonicalError as error:
            raise BodyError(f"the entry has no canonical form: {error}") from error
        if len(data) > MAX_ENTRY_SIZE:
            raise BodyError(f"an entry of {len(data)} bytes is too long: record digests, not content")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Body:
        """Read an entry's bytes strictly; `BodyError` says what is wrong."""
        try:
            members = parse(data)
        except CanonicalError as error:
            raise BodyError(str(error)) from error
        _check(members)
        subject = members["subject"]
        return cls(
            kind=members["kind"],
            at=parse_time(members["at"]),
            subject_type=subject["type"],
            subject_id=subject["id"],
            facts=members["facts"],
            by=members["by"],
            commitments=members["commitments"],
        )

    def all_commitments(self) -> dict[str, str]:
        """Name to commitment, the actor's among them."""
        return {**self.commitments, **({BY: self.by} if self.by else {})}


def commitment(name: str, salt: bytes, value: Any) -> str:
    """SHA-256 over the domain and the canonical [name, salt in hex, value], in hex.

    Without the 32 random bytes of `salt` nobody can tell what was committed to, nor try guesses; so destroying the
    salt destroys the content, and the entry stays as it was.
    """
    if len(salt) != SALT_SIZE:
        raise BodyError(f"a salt is {SALT_SIZE} bytes, not {len(salt)}")
    return hashlib.sha256(COMMITMENT_DOMAIN + canonical([name, salt.hex(), value])).hexdigest()


def format_time(at: datetime) -> str:
    """`at` in UTC with microseconds, such as 2025-03-09T10:11:12.123456Z; a naive time is refused."""
    if at.tzinfo is None:
        raise BodyError("a time without a time zone cannot be logged")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def parse_time(text: str) -> datetime:
    """The inverse of `format_time`, strictly."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise BodyError(f"{text!a} is not a time in UTC with microseconds") from error


def _check(members: Any) -> None:
    if not isinstance(members, dict) or set(members) != _MEMBERS:
        raise BodyError(f"an entry has exactly the members {', '.join(sorted(_MEMBERS))}")
    if members["v"] is True or members["v"] != VERSION:
        raise BodyError(f"version {members['v']!a} of the entry format is unknown")
    subject, facts, commitments = members["subject"], members["facts"], members["commitments"]
    if not isinstance(subject, dict) or set(subject) != {"type", "id"}:
        raise BodyError("the subject has exactly a type and an id")
    _match(_SLUG, members["kind"], "kind")
    _match(_SLUG, subject["type"], "subject type")
    if not isinstance(subject["id"], str) or not 1 <= len(subject["id"]) <= 64:
        raise BodyError("the subject's id is a string of 1 to 64 characters")
    if not isinstance(members["at"], str):
        raise BodyError("the time is a string")
    if not isinstance(facts, dict) or not isinstance(commitments, dict):
        raise BodyError("facts and commitments are objects")
    for name in facts:
        _match(_NAME, name, "name of a fact")
    for name, value in commitments.items():
        _match(_NAME, name, "name of a commitment")
        _match(_DIGEST, value, "commitment")
    if BY in commitments:
        raise BodyError("the actor's commitment is the member by, not one of commitments")
    if members["by"] is not None:
        _match(_DIGEST, members["by"], "commitment to the actor")


def _match(pattern: re.Pattern[str], value: Any, what: str) -> None:
    if not isinstance(value, str) or len(value) > 64 or not pattern.fullmatch(value):
        raise BodyError(f"{value!a} cannot be a {what}")
