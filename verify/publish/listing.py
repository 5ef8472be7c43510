"""What lists and searches of the public side go by, derived from a published snapshot alone. Pure.

The same snapshot always gives the same columns, so that they can be made anew at any time and compared. Whatever is
changed here so that they come out otherwise raises FORMAT: then the rows of the older format are made anew.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sources.catalog.names import key
from verify.publish.claimreview import claim_review
from verify.publish.schemas import current, current_version

FORMAT = 1
UNNAMED_KINDS = frozenset({"protected-person"})  # of whom no list is ever made

_MARKS = re.compile("\u0640")  # the Arabic stroke that only lengthens a line


@dataclass(frozen=True)
class Standing:
    """What is known of a publication beside its snapshot: how it stands, and since when (UTC)."""

    state: str
    sha256: str  # of the snapshot
    changed_at: datetime
    first_published_at: datetime


def columns(
    snapshot: Mapping[str, Any], standing: Standing, *, url: str, publisher_url: str
) -> dict[str, Any]:
    """The columns of a Listing, all but its keys and its words.

    `url` and `publisher_url` are those of the claim's page and of the site, relative. Raises KeyError, TypeError or
    ValueError for what is not the snapshot of a version.
    """
    whole = current_version(snapshot)
    claim = current(whole["claim"])
    retracted = whole["kind"] == "retracted"
    verdict = None if retracted else claim.get("verdict")
    said = sorted(filter(None, map(_said_at, claim["assertions"])))
    review = claim_review(snapshot, url=url, publisher_url=publisher_url)
    return {
        "format": FORMAT,
        "retracted": retracted,
        "desk": whole["desk"]["slug"],
        "language": (claim.get("language") or "en").lower(),
        "verdict": verdict["code"] if verdict else "",
        "case": UUID(claim["case"]["id"]) if claim.get("case") else None,
        "sources": _ids(named(claim)),
        "speakers": _ids(said["speaker"] for said in claim["assertions"]),
        "topics": sorted(topic["id"] for topic in whole["topics"]),
        "places": sorted(_places(claim["figures"])),
        "said_from": said[0] if said else None,
        "said_until": said[-1] if said else None,
        "first_published_at": standing.first_published_at,
        "published_at": datetime.fromisoformat(whole["published_at"]),
        "changed_at": standing.changed_at,
        "text": folded("\n".join(searched(claim))),
        "summary": compact(_summary(whole, claim, verdict, standing)),
        "review": compact(review) if review else "",
    }


def searched(claim: Mapping[str, Any]) -> tuple[str, str]:
    """The headline (may be empty) and the text, in which words are searched."""
    return claim.get("headline") or "", claim["text"]


def folded(text: str) -> str:
    """`text` as it is compared: small letters without accents and vowel marks, one space between words.

    Two texts that differ only in these, in whatever script, are the same when folded.
    """
    letters = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return " ".join(_MARKS.sub("", bare).split())


def place_key(name: str) -> str:
    """Under what a place is found by one of its names."""
    return key(name)


def named(claim: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Everybody whom a claim (newest schema) names as a source; some of them more than once."""
    for said in claim["assertions"]:
        yield from filter(None, (said["speaker"], said.get("on_behalf_of"), said.get("outlet")))
        yield from _outlet(said.get("document"))
    for piece in claim["evidence"]:
        yield from _outlet(piece.get("document"))


def compact(value: Any) -> str:
    """JSON without a space too many."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def moment(at: datetime) -> str:
    """A moment as RFC 3339, in UTC, as snapshots have it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _summary(
    whole: Mapping[str, Any],
    claim: Mapping[str, Any],
    verdict: Mapping[str, Any] | None,
    standing: Standing,
) -> dict[str, Any]:
    return {
        "id": claim["id"],
        "state": standing.state,
        "updated_at": moment(standing.changed_at),
        "version": whole["number"],
        "sha256": standing.sha256,
        "first_published_at": moment(standing.first_published_at),
        "published_at": whole["published_at"],
        "desk": whole["desk"]["name"],
        "headline": claim.get("headline") or "",
        "text": claim["text"],
        "language": claim.get("language") or "en",
        "case": claim.get("case"),
        "topics": whole["topics"],
        "verdict": _verdict(verdict) if verdict else None,
        "origins": dict(whole.get("origins", {}).get("counts", {})),
    }


def _verdict(verdict: Mapping[str, Any]) -> dict[str, Any]:
    return {name: verdict.get(name) for name in ("code", "value", "best", "worst", "labels")}


def _said_at(said: Mapping[str, Any]) -> datetime | None:
    at = said.get("said_at") or said.get("published_at")
    return datetime.fromisoformat(at) if at else None


def _outlet(document: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    if document and document.get("outlet"):
        yield document["outlet"]


def _ids(sources: Iterable[Mapping[str, Any]]) -> list[UUID]:
    """Of these sources and of the records that were merged into them; nobody protected."""
    found: set[UUID] = set()
    for source in sources:
        if source["kind"] not in UNNAMED_KINDS:
            found.add(UUID(source["id"]))
            if former := source.get("recorded_as"):
                found.add(UUID(former["id"]))
    return sorted(found)


def _places(figures: Iterable[Mapping[str, Any]]) -> set[str]:
    found: set[str] = set()
    for figure in figures:
        place = figure["place"]
        if place is None:
            found.add(place_key(figure["place_as_written"] or ""))
            continue
        names = {place["name"], place["name_ar"], *place["path"], *place["path_ar"]}
        found |= {place["id"], *map(place_key, names)}
    return found - {""}
