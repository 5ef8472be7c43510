"""Which published records are below the standard of casualty recording, and what their outcome is called there. Pure.

Every Casualty's standards ask that a record says whether it is confirmed, inconclusive or rejected, and that one below
standard is flagged where it is published. Below standard is here what Iraq Body Count calls provisional: fewer than two
independent origins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

INDEPENDENT_ORIGINS = 2  # from which a record is not provisional any more

CONFIRMED, INCONCLUSIVE, REJECTED = "confirmed", "inconclusive", "rejected"


def outcome(verdict: Mapping[str, Any] | None) -> str:
    """The outcome of a published verdict: its scale's best step confirms, its worst rejects, all between is open.

    Empty without a verdict, and for a scale of one step, which tells nothing apart.
    """
    if not verdict or verdict["best"] == verdict["worst"]:
        return ""
    if verdict["value"] == verdict["best"]:
        return CONFIRMED
    return REJECTED if verdict["value"] == verdict["worst"] else INCONCLUSIVE


def independent(counts: Mapping[str, int]) -> int:
    """How many independent origins there are; a snapshot of an early release calls all its origins so."""
    return counts.get("independent_origins", counts.get("origins", 0))


def is_provisional(verdict: Mapping[str, Any] | None, counts: Mapping[str, int]) -> bool:
    """Whether fewer than two independent origins carry a record. What was rejected is not waiting for more of them."""
    return verdict is not None and outcome(verdict) != REJECTED and independent(counts) < INDEPENDENT_ORIGINS
