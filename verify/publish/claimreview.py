"""A published version as schema.org ClaimReview, as search engines and the reporters' schema read it. Pure.

At the root stand only the keys that the Duke reporters' schema allows; `reviewRating` has numbers only when the
desk's scale has at least two steps, since bestRating must be greater than worstRating. What else a page says to
machines stands beside it in one graph: see verify.publish.markup.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

CLAIM_LIMIT = 74  # code points: Google asks for less than 75 characters

_PEOPLE = frozenset({"person", "protected-person"})

# A script element ends at the first "</script", whatever the JSON around it says, and "<!--" changes how it is read.
_IN_A_SCRIPT = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def claim_review(snapshot: Mapping[str, Any], *, url: str, publisher_url: str) -> dict[str, Any] | None:
    """The ClaimReview of a snapshot (verify-version/1) whose page is at `url`; None for one that reviews nothing.

    A retracted version, or one without a verdict, must not be offered as a review.
    """
    claim, verdict = snapshot["claim"], snapshot["claim"].get("verdict")
    if snapshot.get("kind") == "retracted" or not verdict:
        return None
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "datePublished": snapshot["published_at"][:10],
        "url": url,
        "author": {"@type": "Organization", "name": snapshot["desk"]["name"], "url": publisher_url},
        "claimReviewed": shortened(claim.get("headline") or claim["text"]),
        "reviewRating": _rating(verdict, claim.get("language") or "en"),
        "itemReviewed": _item(claim),
    }


def in_script(value: Mapping[str, Any]) -> str:
    """JSON that may stand in a script element: nothing in it can end the element or open a comment."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_IN_A_SCRIPT)


def shortened(text: str, limit: int = CLAIM_LIMIT) -> str:
    """`text` in at most `limit` code points, cut between words and marked with an ellipsis where it is longer."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] != " " and " " in head:
        head = head[: head.rindex(" ")]
    return head.rstrip(" ,;:–-") + "…"


def web_address(url: str | None) -> str | None:
    """`url` if it is an absolute http or https address, else None: nothing else may become a link."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def label_of(labels: Mapping[str, str], language: str) -> str:
    """The word for a verdict in `language` (BCP 47), in English where the desk gave none."""
    return labels.get(language.split("-")[0].lower()) or labels["en"]


def _rating(verdict: Mapping[str, Any], language: str) -> dict[str, str]:
    rating = {"@type": "Rating", "alternateName": label_of(verdict["labels"], language)}
    best, worst = verdict.get("best"), verdict.get("worst")
    if best is not None and worst is not None and best > worst >= 1:
        rating |= {"ratingValue": str(verdict["value"]), "bestRating": str(best), "worstRating": str(worst)}
    return rating


def _item(claim: Mapping[str, Any]) -> dict[str, Any]:
    made = [said for said in claim.get("assertions", []) if said.get("polarity") != "denies"]
    item: dict[str, Any] = {"@type": "Claim"}
    origin = _claimant(made)
    if origin:
        speaker = origin["speaker"]
        item["author"] = {
            "@type": "Person" if speaker["kind"] in _PEOPLE else "Organization",
            "name": speaker["name"],
        }
        if origin.get("said_at"):
            item["datePublished"] = origin["said_at"][:10]
    works = _works(made)
    if works:
        item["appearance"] = works
        item["firstAppearance"] = works[0]
    return item


def _claimant(made: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Who said it first: the earliest assertion that was not taken over from another one."""
    own = [said for said in made if not said.get("derives_from")] or list(made)
    return min(own, key=lambda said: said.get("said_at") or "9999", default=None)


def _works(made: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The documents in which the claim was made, oldest first, each once."""
    documents = {
        document["id"]: document
        for said in made
        if (document := said.get("document")) and web_address(document["url"])
    }
    works = []
    for document in sorted(documents.values(), key=lambda document: document.get("published_at") or "9999"):
        work = {"@type": "CreativeWork", "url": document["url"]}
        if document.get("title"):
            work["headline"] = document["title"]
        if document.get("published_at"):
            work["datePublished"] = document["published_at"][:10]
        works.append(work)
    return works
