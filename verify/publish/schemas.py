"""A claim's content and a version in the shape of the newest schema, whichever one it was published in. Pure.

A published version never changes, so what was published as verify-claim/1 is so for good. Whoever shows or exports it
reads it through `current`, and knows one shape only. What the older schema could not say is None or empty there:
"not on record" is never filled in with a likely value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NEWEST = "verify-claim/3"
KNOWN = ("verify-claim/1", "verify-claim/2", NEWEST)
NEWEST_VERSION = "verify-version/2"

_ASSERTION = {"modality": None, "published_at": None, "published_precision": None}


def current(claim: Mapping[str, Any]) -> dict[str, Any]:
    """`claim` (the content of any known schema) in the shape of verify-claim/3; the one given is left as it is."""
    if claim.get("schema") == NEWEST:
        return dict(claim)
    if claim.get("schema") == "verify-claim/2":  # it differs in this alone: no medium was rated
        return {**claim, "media": []}
    return {
        **claim,
        "media": [],
        "figures": [_figure(figure) for figure in claim.get("figures", [])],
        "assertions": [
            {**_ASSERTION, "cites": [], "regions": [], **said} for said in claim.get("assertions", [])
        ],
        "evidence": [{"region": None, **piece} for piece in claim.get("evidence", [])],
    }


def current_version(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """`snapshot` (of any known schema) in the shape of verify-version/2; its claim is left as it is.

    verify-version/1 did not say under which topics a claim was filed.
    """
    return {"topics": [], **snapshot}


def _figure(figure: Mapping[str, Any]) -> dict[str, Any]:
    """In verify-claim/1 `place` is what the source wrote; the desk knew no places yet."""
    scope = {"part_of": None, "parts_are_all": False, **figure}
    if not isinstance(figure.get("place"), Mapping):
        scope |= {"place": None, "place_as_written": figure.get("place") or ""}
    return scope
