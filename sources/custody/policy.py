"""Which witnesses there are, and whose cosignatures make a checkpoint *witnessed*: a C2SP trust policy file.

The form is that of c2sp.org/tlog-policy, so that one file serves the log, which submits to the witnesses in it, and
whoever verifies offline.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sources.custody.note import COSIGNATURE, ED25519, NoteError, VerifierKey
from sources.custody.post import check_url

NONE = "none"
MAX_LINES = 1000


class PolicyError(ValueError):
    """The text is not a policy; the message names the line."""


@dataclass(frozen=True)
class Witness:
    name: str  # in this file
    key: VerifierKey
    url: str = ""  # submission prefix; empty if we do not submit to it


@dataclass(frozen=True)
class Group:
    name: str
    threshold: int  # members that must have witnessed
    members: tuple[str, ...]  # names of witnesses and groups


@dataclass
class Policy:
    """The known logs and witnesses, and the quorum."""

    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    def satisfied_by(self, keys: Collection[VerifierKey]) -> bool:
        """Whether valid cosignatures by `keys` are a quorum. Always so under `quorum none`: see `asks_for_none`."""
        return self.asks_for_none or self._witnessed(self.quorum, set(keys))

    @property
    def asks_for_none(self) -> bool:
        """Whether it asks for no cosignature at all, so that *satisfied* does not mean *witnessed*."""
        return self.quorum == NONE

    def witness_of(self, key: VerifierKey) -> Witness | None:
        return next((witness for witness in self.witnesses.values() if witness.key == key), None)

    def _witnessed(self, name: str, keys: set[VerifierKey]) -> bool:
        if name in self.witnesses:
            return self.witnesses[name].key in keys
        group = self.groups[name]
        return sum(self._witnessed(member, keys) for member in group.members) >= group.threshold


def parse(text: str) -> Policy:
    """Read a policy strictly; `PolicyError` says what is wrong and in which line."""
    if any((char < " " and char not in "\t\n") or char == "\x7f" for char in text):
        raise PolicyError("the policy has control characters other than tab and newline")
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        raise PolicyError(f"a policy of more than {MAX_LINES} lines is refused")
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        items = line.replace("\t", " ").split(" ")  # no other space separates
        items = [item for item in items if item]
        if items and not items[0].startswith("#"):
            try:
                reading.line(items)
            except ValueError as error:  # NoteError is one
                raise PolicyError(f"line {number} of the policy: {error}") from error
    if not reading.has_quorum:
        raise PolicyError("the policy has no quorum line")
    return reading.policy


@dataclass
class _Reading:
    policy: Policy = field(default_factory=Policy)
    has_quorum: bool = False
    grouped: set[str] = field(default_factory=set)

    def line(self, items: Sequence[str]) -> None:
        readers: dict[str, Callable[..., None]] = {
            "log": self.log,
            "witness": self.witness,
            "group": self.group,
            "quorum": self.quorum,
        }
        if items[0] not in readers:
            raise PolicyError(f"{items[0]!a} is neither log, witness, group nor quorum")
        try:
            readers[items[0]](*items[1:])
        except TypeError as error:
            raise PolicyError(f"too few or too many words after {items[0]}") from error

    def log(self, vkey: str, url: str = "") -> None:
        key = _key(vkey, ED25519, url)
        if any(key.public == other.public for other in self.policy.logs):
            raise PolicyError("this log's key is there already")
        self.policy.logs.append(key)

    def witness(self, name: str, vkey: str, url: str = "") -> None:
        self._new(name)
        key = _key(vkey, COSIGNATURE, url)
        if any(key.public == other.key.public for other in self.policy.witnesses.values()):
            raise PolicyError("this witness's key is there already")
        self.policy.witnesses[name] = Witness(name, key, url.rstrip("/"))

    def group(self, name: str, threshold: str, first: str, *more: str) -> None:
        self._new(name)
        members = (first, *more)
        for member in members:
            self._known(member)
            if member in self.grouped:
                raise PolicyError(f"{member!a} is a member already, and can be one only once")
            self.grouped.add(member)
        self.policy.groups[name] = Group(name, _threshold(threshold, len(members)), members)

    def quorum(self, name: str) -> None:
        if self.has_quorum:
            raise PolicyError("there is a second quorum line")
        if name != NONE:
            self._known(name)
        self.policy.quorum, self.has_quorum = name, True

    def _new(self, name: str) -> None:
        if name == NONE or name in self.policy.witnesses or name in self.policy.groups:
            raise PolicyError(f"the name {name!a} is taken")

    def _known(self, name: str) -> None:
        if name not in self.policy.witnesses and name not in self.policy.groups:
            raise PolicyError(f"{name!a} is not a witness or group of a line before")


def _key(vkey: str, algorithm: int, url: str) -> VerifierKey:
    key = VerifierKey.parse(vkey)
    if key.algorithm != algorithm:
        raise NoteError(f"the key {key.name} is of the wrong algorithm: a log signs with 1, a witness with 4")
    if url:
        check_url(url)
    return key


def _threshold(text: str, members: int) -> int:
    if text in {"any", "all"}:
        return 1 if text == "any" else members
    if not (text.isascii() and text.isdigit()) or text[0] == "0" or not 1 <= int(text[:9]) <= members:
        raise PolicyError(f"{text!a} is not any, all or a number from 1 to {members}")
    return int(text)
