"""Claims as versions hold them, made up for the pictures' tests and their benchmark."""

from __future__ import annotations

from itertools import count
from typing import Any

_numbers = count(1)


def source(name: str, *, party: bool = False) -> dict[str, Any]:
    return {"id": f"source-{name}", "name": name, "kind": "outlet", "party": party, "homepage": ""}


def said(
    speaker: str, outlet: str = "", behalf: str = "", after: Any = None, **fields: Any
) -> dict[str, Any]:
    """One assertion: `speaker` on `behalf` of somebody, through `outlet`, taken over from the assertion `after`."""
    return {
        "id": f"a{next(_numbers)}",
        "speaker": source(speaker),
        "role": "relay" if after else "originator",
        "on_behalf_of": source(behalf, party=True) if behalf else None,
        "outlet": source(outlet) if outlet else None,
        "verb": "said",
        "hedge": "",
        "polarity": "affirms",
        "modality": "certain",
        "said_at": "2025-03-09T10:00:00+00:00",
        "said_precision": "day",
        "document": None,
        "derives_from": after and after["id"],
        "figures": [],
        "quotes": [{"exact": "…"}],
    } | fields


def origin(name: str, members: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    roots = [each["id"] for each in members if each["derives_from"] is None]
    return {
        "name": name,
        "members": [each["id"] for each in members],
        "roots": roots,
        "party": False,
    } | fields


def told(*origins: tuple[dict[str, Any], list[dict[str, Any]]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A claim and the summary of its origins."""
    assertions = [each for _group, members in origins for each in members]
    return {"text": "About 745 civilians were killed.", "headline": "", "assertions": assertions}, {
        "groups": [group for group, _members in origins]
    }


def carried(size: int, origins: int = 2) -> tuple[dict[str, Any], dict[str, Any]]:
    """A claim of `size` assertions: each origin says it, and outlets take it over from it and from each other."""
    made = []
    for each in range(origins):
        members = [said(f"Group {each}")]
        for number in range(size // origins - 1):
            outlet = f"Outlet {number} of {each}"
            above = members[number // 7 if number % 3 else 0]
            members.append(said(outlet, outlet, after=above, verb="reported", hedge="reportedly"))
        made.append((origin(f"Group {each}", members), members))
    return told(*made)
