"""In what way a source takes part in a published claim: as an origin, or as one who took it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from verify.publish.presenting import Reading


@dataclass(frozen=True)
class Participation:
    """One statement of a claim in which a source takes part. `is_origin`: it begins there, and the word is its own."""

    how: str
    is_origin: bool
    said: dict[str, Any]


def participations(read: Reading, source: str) -> list[Participation]:
    """The statements of a published claim in which the source with this id takes part, what began with it first."""
    by_id = {said["id"]: said for said in read.claim["assertions"]}
    found = []
    for said in read.claim["assertions"]:
        how, own = _part(said, source, _root(said, by_id))
        if how:
            found.append(Participation(how, own, read.statements[said["id"]]))
    return sorted(found, key=lambda each: not each.is_origin)


def _root(said: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Where a statement begins; of a circle, the last before it closes."""
    seen = {said["id"]}
    while (above := by_id.get(said["derives_from"] or "")) and above["id"] not in seen:
        seen.add(above["id"])
        said = above
    return said


def _part(said: dict[str, Any], source: str, root: dict[str, Any]) -> tuple[str, bool]:
    """How a source takes part in one statement, and whether the word is its own; "" where it does not."""
    begins = root["id"] == said["id"]
    if _is(said["on_behalf_of"], source):
        return _("somebody speaks on its behalf"), begins
    if _is(said["speaker"], source):
        if begins:
            return _("says it"), said["on_behalf_of"] is None
        # Its own words again: in a translation, say.
        own = _is(root["on_behalf_of"] or root["speaker"], source)
        return (_("says it again") if own else _("takes it over")), own
    if _is(said["outlet"], source):
        return _("carries it"), False
    if said["document"] and _is(said["document"]["outlet"], source):
        return _("published the page"), False
    return "", False


def _is(named: dict[str, Any] | None, source: str) -> bool:
    return named is not None and named["id"] == source
