"""A claim's quotes, places in files and evidence as W3C Web Annotations (JSON-LD), from its content alone. Pure.

One annotation for each anchored quote and each region (highlighting), and for each piece of evidence (assessing and
linking). A target is the address on the web, in the state in which it was archived (TimeState); `cached` is where the
desk keeps the very representation in which positions are counted: the extracted text, or the file. What the desk
keeps is opened by its members only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from claims.attribution.regions import MEDIA_FRAGMENTS, PDF_FRAGMENTS
from verify.publish.schemas import current

Json = dict[str, Any]

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
MEDIA_TYPE = f'application/ld+json; profile="{CONTEXT}"'
PER_PAGE = 200  # annotations; a longer collection comes in pages


def collection(version: Mapping[str, Any], *, base: str, url: str) -> Json:
    """All annotations of a version or draft, as an AnnotationCollection whose first page is in it.

    `base` is the site's address; `url` that of this collection, further pages are had with `?page=N`.
    """
    found = annotated(version, base=base)
    pages = _pages(found)
    whole: Json = {
        "@context": CONTEXT,
        "id": url,
        "type": "AnnotationCollection",
        "label": version["claim"].get("headline") or version["claim"]["text"],
        "creator": _desk(version["desk"], base),
        "total": len(found),
    }
    if version.get("published_at"):
        whole["modified"] = _seconds(version["published_at"])
    if found:
        whole |= {"first": _page(pages, 1, url), "last": _address(url, len(pages))}
    return whole


def page(version: Mapping[str, Any], *, base: str, url: str, number: int) -> Json | None:
    """One AnnotationPage of the collection at `url`, counted from 1; None if there is none of that number."""
    pages = _pages(annotated(version, base=base))
    if not 1 <= number <= len(pages):
        return None
    return {"@context": CONTEXT, **_page(pages, number, url), "partOf": url}


def annotated(version: Mapping[str, Any], *, base: str) -> list[Json]:
    """Every annotation, without @context: of the assertions in their order, then of the evidence."""
    base, claim = base.rstrip("/"), current(version["claim"])
    made: list[Json] = []
    for said in claim["assertions"]:
        made += [_quote(quote, said, base) for quote in said["quotes"]]
        made += [_region(region, said, base) for region in said["regions"]]
    shown = {said["id"]: said for said in claim["assertions"]}
    page_of_claim = f"{base}/claims/{claim['id']}/"
    made += [_evidence(piece, shown, page_of_claim, base) for piece in claim["evidence"]]
    creator = _desk(version["desk"], base)
    return [annotation | {"creator": creator} for annotation in made]


def _pages(found: Sequence[Json]) -> list[list[Json]]:
    return [list(found[start : start + PER_PAGE]) for start in range(0, len(found), PER_PAGE)]


def _page(pages: Sequence[list[Json]], number: int, url: str) -> Json:
    items = pages[number - 1]
    made: Json = {"id": _address(url, number), "type": "AnnotationPage"}
    if number > 1:
        made["prev"] = _address(url, number - 1)
    if number < len(pages):
        made["next"] = _address(url, number + 1)
    return made | {"startIndex": (number - 1) * PER_PAGE, "items": items}


def _address(url: str, number: int) -> str:
    return f"{url}?page={number}"


def _annotation(
    kind: str, identifier: str, motivation: str | list[str], body: Any, target: Any, base: str
) -> Json:
    return {
        "id": f"{base}/id/annotation/{kind}-{identifier}",
        "type": "Annotation",
        "motivation": motivation,
        "body": body,
        "target": target,
    }


def _quote(quote: Json, said: Json, base: str) -> Json:
    return _annotation("quote", quote["id"], "highlighting", _who(said), _quoted(quote, base), base)


def _region(region: Json, said: Json, base: str) -> Json:
    bodies = [_who(said), _text(region["shows"], "describing")]
    return _annotation("region", region["id"], "highlighting", bodies, _marked(region, base), base)


def _evidence(piece: Json, shown: Mapping[str, Json], claim: str, base: str) -> Json:
    """The desk's judgement of what it holds for or against the claim; a body links to the claim."""
    bodies = [
        _text(piece["stance"], "classifying"),
        _text(piece["reason"], "assessing"),
        {"type": "SpecificResource", "source": claim, "purpose": "linking"},
    ]
    targets = _targets(piece, shown, base)
    target = targets[0] if len(targets) == 1 else targets
    return _annotation("evidence", piece["id"], ["assessing", "linking"], bodies, target, base)


def _targets(piece: Json, shown: Mapping[str, Json], base: str) -> list[Any]:
    """What a piece of evidence is about; an assertion by whatever shows it."""
    if piece["region"]:
        return [_marked(piece["region"], base)]
    if piece["capture"]:
        return [_archived(piece["capture"], "body", base)]
    if piece["document"]:
        return [piece["document"]["url"]]
    said = shown.get(piece["assertion"] or "")
    if said is None:
        return [f"{base}/id/assertion/{piece['assertion']}"]
    places = [_quoted(quote, base) for quote in said["quotes"]]
    places += [_marked(region, base) for region in said["regions"]]
    if not places and said["document"]:
        places = [said["document"]["url"]]
    return places or [f"{base}/id/assertion/{said['id']}"]


def _quoted(quote: Json, base: str) -> Json:
    """Where the quote stands. Words that were erased are not in the selector; the position stays."""
    position = {"type": "TextPositionSelector", "start": quote["start"], "end": quote["end"]}
    words = {"type": "TextQuoteSelector", "exact": quote["exact"]}
    words |= {side: quote[side] for side in ("prefix", "suffix") if quote[side]}
    return _archived(quote["capture"], "text/", base) | {
        "selector": [words, position] if quote["exact"] else position
    }


def _marked(region: Json, base: str) -> Json:
    standard = PDF_FRAGMENTS if region["kind"] == "page" else MEDIA_FRAGMENTS
    selector: Json = {"type": "FragmentSelector", "conformsTo": standard, "value": region["fragment"]}
    if region["found"]:  # the words that the file itself holds there
        selector["refinedBy"] = {"type": "TextQuoteSelector", "exact": region["found"]}
    kept = "rendition/screenshot" if region["file"] == "screenshot" else "body"
    return _archived(region["capture"], kept, base) | {"selector": selector}


def _archived(capture: Json, kept: str, base: str) -> Json:
    cached = f"{base}/desk/captures/{capture['id']}/{kept}"
    target: Json = {"type": "SpecificResource", "source": capture["url"] or cached}
    if capture["finished_at"]:
        state = {"type": "TimeState", "sourceDate": _seconds(capture["finished_at"]), "cached": cached}
        target["state"] = state
    return target


def _who(said: Json) -> Json:
    """Who says it, on whose behalf, through which outlet, with what verb."""
    words = said["speaker"]["name"]
    if said["on_behalf_of"]:
        words += f", on behalf of {said['on_behalf_of']['name']}"
    if said["outlet"] and said["outlet"]["id"] != said["speaker"]["id"]:
        words += f", through {said['outlet']['name']}"
    return _text(f"{words}: {said['verb']}", "describing")


def _text(value: str, purpose: str) -> Json:
    return {"type": "TextualBody", "value": value, "format": "text/plain", "purpose": purpose}


def _desk(desk: Mapping[str, Any], base: str) -> Json:
    return {"id": f"{base.rstrip('/')}/id/desk/{desk['slug']}", "type": "Organization", "name": desk["name"]}


def _seconds(moment: str) -> str:
    """A moment (UTC) of the content as xsd:dateTime to the second, with Z, as the model asks for."""
    return moment[:19] + "Z"
