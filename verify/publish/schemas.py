"""A claim's content in the shape of the newest schema, whichever one it was published in. Pure.

A published version never changes, so what was published as verify-claim/1 is so for good. Whoever shows or exports it
reads it through `current`, and knows one shape only. What the older schema could not say is None or empty there:
"not on record" is never filled in with a likely value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NEWEST = "verify-claim/2"
KNOWN = ("verify-claim/1", NEWEST)

_ASSERTION = {"modality": None, "published_at": None, "published_precision": None}


def current(claim: Mapping[str, Any]) -> dict[str, Any]:
    """`claim` (the content of any known schema) in the shape of verify-claim/2; the one given is left as it is."""
    if claim.get("schema") == NEWEST:
        return dict(claim)
    return {
        **claim,
        "figures": [_figure(figure) for figure in claim.get("figures", [])],
        "assertions": [
            {**_ASSERTION, "cites": [], "regions": [], **said} for said in claim.get("assertions", [])
        ],
        "evidence": [{"region": None, **piece} for piece in claim.get("evidence", [])],
    }


def _figure(figure: Mapping[str, Any]) -> dict[str, Any]:
    """In verify-claim/1 `place` is what the source wrote; the desk knew no places yet."""
    scope = {"part_of": None, "parts_are_all": False, **figure}
    if not isinstance(figure.get("place"), Mapping):
        scope |= {"place": None, "place_as_written": figure.get("place") or ""}
    return scope
