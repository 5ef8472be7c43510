"""What a file says of itself, as a value: bounded, printable, and the same bytes for the same findings. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import rfc8785

VERSION = "1"  # raise when the same file could be read differently
MAX_FACTS = 300
MAX_VALUE = 500  # code points of one value
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufeff]+")
_EXACT = 2**53  # integers beyond it have no canonical JSON (RFC 8785 §3.2.2.3)


@dataclass(slots=True)
class Inspected:
    """The findings on one file. All of it is the file's own word; none of it proves anything.

    ``width`` and ``height`` are pixels as shown, ``duration`` is in seconds, the position in degrees (WGS 84).
    ``taken_at`` is UTC and set only where the file names its zone; ``taken_evidence`` says what stood where.
    """

    facts: list[dict[str, str]] = field(default_factory=list)
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    taken_at: datetime | None = None
    taken_evidence: str = ""
    latitude: float | None = None
    longitude: float | None = None
    perceptual_hash: bytes = b""  # 8 bytes, or none
    credentials: str = "none"  # none, trusted, valid, invalid
    manifest: dict[str, Any] | None = None
    problem: str = ""
    thumbnail: bytes = b""  # JPEG without metadata, or none
    version: str = VERSION

    def say(self, group: str, name: str, value: object) -> None:
        """Add a fact; an empty value is none, and what exceeds the limits is left out."""
        if (text := printable(value)) and len(self.facts) < MAX_FACTS:
            self.facts.append({"group": group, "name": printable(name)[:80], "value": text})

    def trouble(self, sentence: str) -> None:
        """Add a sentence on what could not be read."""
        self.problem = f"{self.problem} {printable(sentence)}".strip()[:1000]

    def place(self, latitude: float, longitude: float) -> None:
        """Keep a position that can be one. 0°, 0° is what recorders without a fix write, and is none."""
        if abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0):
            self.latitude, self.longitude = latitude, longitude

    def took(self, at: datetime | None, evidence: str) -> None:
        """Keep when it was taken, and the words that say so; a moment in UTC replaces one without a zone."""
        if self.taken_at is None and (at is not None or not self.taken_evidence):
            self.taken_at, self.taken_evidence = at, printable(evidence)[:300]

    def document(self) -> bytes:
        """The findings as canonical JSON (RFC 8785), without the thumbnail: what is packed and digested."""
        return rfc8785.dumps(
            {
                "format": "file-inspection/v1",
                "inspectorVersion": self.version,
                "facts": [dict(fact) for fact in self.facts],
                "width": self.width,
                "height": self.height,
                "duration": self.duration,
                "takenAt": self.taken_at.astimezone(UTC).isoformat() if self.taken_at else None,
                "takenEvidence": self.taken_evidence,
                "latitude": self.latitude,
                "longitude": self.longitude,
                "perceptualHash": self.perceptual_hash.hex() or None,
                "credentials": self.credentials,
                "manifest": self.manifest,
                "problem": self.problem,
            }
        )


def printable(value: object) -> str:
    """One line of text that can be stored and shown, at most ``MAX_VALUE`` code points."""
    if isinstance(value, float):
        value = f"{value:.10g}"
    text = str(value)[: MAX_VALUE * 4].encode("utf-8", "replace").decode()
    text = " ".join(_CONTROLS.sub(" ", text).split())
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"


def tame(value: Any, *, depth: int = 0) -> Any:
    """JSON from somebody else with every string printable, every number exact, and no endless nesting."""
    if depth > 24:
        return "…"
    if isinstance(value, Mapping):
        return {printable(key): tame(each, depth=depth + 1) for key, each in list(value.items())[:200]}
    if isinstance(value, list | tuple):
        return [tame(each, depth=depth + 1) for each in value[:200]]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < _EXACT else str(value)
    if isinstance(value, float):
        # The database gives a large or whole float back as an integer; as an integer it stays what it is.
        if not math.isfinite(value) or abs(value) >= _EXACT or 0 < abs(value) < 1e-6:
            return str(value)
        return int(value) if value.is_integer() else value
    return printable(value)
