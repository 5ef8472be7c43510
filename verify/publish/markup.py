"""All that a public page says to machines, as one JSON-LD graph of schema.org nodes. Pure.

The ClaimReview keeps the root that search engines and the reporters' schema allow, with its own `@context`, so that it
can be cut out of the graph and still be whole. What that root has no room for stands in nodes of its own: the desk with
its policies, the page with its corrections, the claim in full, the archived copies with their digests, the published
file with its place in the log, the origins. They are tied by `@id`: the review names the desk (`author`) and the claim
(`itemReviewed`), which are objects whose keys the root does not rule; everything else hangs on the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verify.publish.claimreview import claim_review, web_address
from verify.publish.mediareview import media_reviews
from verify.publish.schemas import current

Json = dict[str, Any]

CONTEXT = "https://schema.org"


@dataclass(frozen=True)
class Where:
    """The absolute addresses that a page's markup names."""

    page: str  # of the claim, whichever version it shows
    site: str  # the front page
    methodology: str  # how verdicts are reached, and the corrections policy
    corrections: str  # the log of corrections
    snapshot: str  # the published file


@dataclass(frozen=True)
class Change:
    """A correction or retraction as the world was told of it."""

    number: int  # the version's
    reason: str
    at: datetime


@dataclass(frozen=True)
class Published:
    """What the log knows of a version beyond its own bytes."""

    sha256: str  # of the snapshot
    entry: int | None  # its place in the log; None while it is a draft
    first_at: datetime  # when the claim was published for the first time
    changes: Sequence[Change] = ()


def page_graph(snapshot: Mapping[str, Any], *, where: Where, published: Published) -> Json:
    """The graph of the page that shows `snapshot` (verify-version/1) as what stands now.

    At most one ClaimReview is in it; a retracted version has none, and its graph says that it was retracted and why.
    """
    claim = current(snapshot["claim"])
    desk = {"@id": f"{where.site}#desk-{snapshot['desk']['slug']}"}
    nodes: list[Json] = []
    review = claim_review(snapshot, url=where.page, publisher_url=where.site)
    if review is not None:
        review["author"] = desk | review["author"]
        review["itemReviewed"] = {"@id": f"{where.page}#claim"} | review["itemReviewed"]
        nodes.append(review)
    media = media_reviews(snapshot, url=where.page, publisher_url=where.site)
    nodes += [rating | {"author": desk | rating["author"]} for rating in media]
    nodes += [_desk(snapshot, desk, where), _page(snapshot, claim, desk, where, published)]
    nodes += [_correction(change, desk, where) for change in published.changes]
    nodes.append(_file(snapshot, where, published))
    if snapshot.get("kind") != "retracted":
        nodes.append({"@type": "Claim", "@id": f"{where.page}#claim", "text": claim["text"]})
        nodes += [_copy(copy, snapshot, where) for copy in copies_of(claim)]
        nodes += _origins(snapshot, where)
    return {"@context": CONTEXT, "@graph": nodes}


def copies_of(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The archived copies that a content (of the newest shape) rests on, each once, in the order of the content."""
    shown: list[Mapping[str, Any]] = []
    for said in claim["assertions"]:
        shown += [*said["quotes"], *said["regions"]]
    shown += [piece["region"] or piece for piece in claim["evidence"]]
    shown += claim["media"]
    return list({piece["capture"]["id"]: piece["capture"] for piece in shown if piece["capture"]}.values())


def _desk(snapshot: Mapping[str, Any], desk: Json, where: Where) -> Json:
    return {
        "@type": "Organization",
        **desk,
        "name": snapshot["desk"]["name"],
        "url": where.site,
        "publishingPrinciples": where.methodology,
        "correctionsPolicy": where.methodology,
    }


def _page(snapshot: Mapping[str, Any], claim: Json, desk: Json, where: Where, published: Published) -> Json:
    page: Json = {
        "@type": "WebPage",
        "@id": where.page,
        "url": where.page,
        "name": claim.get("headline") or claim["text"],
        "inLanguage": claim.get("language") or "en",
        "datePublished": _seconds(published.first_at),
        "dateModified": snapshot["published_at"][:19] + "Z",
        "version": snapshot["number"],
        "publisher": desk,
        "encoding": {"@id": _file_id(snapshot, where)},
        "isPartOf": {"@type": "WebSite", "url": where.site},
    }
    if published.changes:
        page["correction"] = [{"@id": _correction_id(change, where)} for change in published.changes]
        page["subjectOf"] = {"@type": "WebPage", "url": where.corrections}
    if snapshot.get("kind") == "retracted":
        return page | {"creativeWorkStatus": "Retracted"}
    page["mainEntity"] = {"@id": f"{where.page}#claim"}
    if copies := copies_of(claim):
        page["citation"] = [{"@id": _copy_id(copy, where)} for copy in copies]
    if _groups(snapshot):
        page["mentions"] = {"@id": f"{where.page}#origins"}
    return page


def _correction(change: Change, desk: Json, where: Where) -> Json:
    return {
        "@type": "CorrectionComment",
        "@id": _correction_id(change, where),
        "text": change.reason,
        "datePublished": _seconds(change.at),
        "author": desk,
    }


def _correction_id(change: Change, where: Where) -> str:
    return f"{where.page}#correction-{change.number}"


def _file(snapshot: Mapping[str, Any], where: Where, published: Published) -> Json:
    """The published file, by whose digest and place in the log anybody can check the page."""
    file: Json = {
        "@type": "DataDownload",
        "@id": _file_id(snapshot, where),
        "contentUrl": where.snapshot,
        "encodingFormat": "application/json",
        "sha256": published.sha256,
    }
    if published.entry is not None:
        file["identifier"] = _entry(published.entry, snapshot)
    return file


def _file_id(snapshot: Mapping[str, Any], where: Where) -> str:
    return f"{where.page}#version-{snapshot['number']}"


def _copy(copy: Mapping[str, Any], snapshot: Mapping[str, Any], where: Where) -> Json:
    """An archived copy: `sha256` is of its datapackage.json, which holds the digests of all that is in the package."""
    package: Json = {"@type": "MediaObject", "name": "datapackage.json", "encodingFormat": "application/json"}
    if copy.get("datapackage_sha256"):
        package["sha256"] = copy["datapackage_sha256"]
    if copy.get("finished_at"):
        package["dateCreated"] = copy["finished_at"][:19] + "Z"
    work: Json = {"@type": "CreativeWork", "@id": _copy_id(copy, where), "encoding": package}
    if address := web_address(copy["url"]):
        work["url"] = address
    if copy["entry"] is not None:  # else it was erased since
        work["archivedAt"] = f"{where.page}#copy-{copy['id']}"
        work["identifier"] = _entry(copy["entry"], snapshot)
    return work


def _copy_id(copy: Mapping[str, Any], where: Where) -> str:
    return f"{where.page}#archived-{copy['id']}"


def _entry(index: int, snapshot: Mapping[str, Any]) -> Json:
    return {
        "@type": "PropertyValue",
        "name": "log entry",
        "propertyID": snapshot.get("log") or "log",
        "value": index,
    }


def _groups(snapshot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((snapshot.get("origins") or {}).get("groups", []))


def _origins(snapshot: Mapping[str, Any], where: Where) -> Iterable[Json]:
    """Where the claim begins: outlets are never what is counted."""
    groups = _groups(snapshot)
    if not groups:
        return []
    items = [
        {"@type": "ListItem", "position": place, "name": group["name"] or "nobody named"}
        | ({"description": "party to the conflict"} if group.get("party") else {})
        for place, group in enumerate(groups, start=1)
    ]
    return [
        {
            "@type": "ItemList",
            "@id": f"{where.page}#origins",
            "name": "Origins of the claim",
            "numberOfItems": len(items),
            "itemListElement": items,
        }
    ]


def _seconds(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
