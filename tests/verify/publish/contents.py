"""Contents of claims as tests need them: everything that verify-claim/2 can say, and one frozen in verify-claim/1."""

from __future__ import annotations

from typing import Any

BASE = "https://verify.example"


def source(identifier: str, name: str = "", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": name or identifier.title(),
        "kind": "organisation",
        "party": False,
        "homepage": "",
        "recorded_as": None,
    } | fields


def capture(identifier: str = "c1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "url": f"https://wire.example/{identifier}",
        "finished_at": "2025-03-09T10:00:00.000000Z",
        "http_status": 200,
        "datapackage_sha256": "ab" * 32,
        "entry": 7,
    } | fields


def document(identifier: str = "d1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "url": f"https://wire.example/{identifier}",
        "title": "On the coast",
        "outlet": source("agency"),
        "published_at": "2025-03-08T00:00:00.000000Z",
        "published_precision": "day",
    } | fields


def quote(identifier: str = "q1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "exact": "around 745 civilians were killed",
        "prefix": "said that ",
        "suffix": " in 30 massacres",
        "start": 35,
        "end": 67,
        "match": "exact",
        "text_sha256": "cd" * 32,
        "capture": capture(),
    } | fields


def region(identifier: str = "r1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "kind": "picture",
        "file": "body",
        "blob_sha256": "ef" * 32,
        "page": None,
        "box": [10, 20, 300, 200],
        "span": None,
        "fragment": "xywh=pixel:10,20,300,200",
        "shows": "A burnt house",
        "found": "",
        "capture": capture("c2"),
    } | fields


def said(identifier: str, name: str = "monitor", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "speaker": source(name),
        "role": "originator",
        "on_behalf_of": None,
        "outlet": None,
        "verb": "said",
        "hedge": "",
        "polarity": "affirms",
        "modality": "certain",
        "said_at": "2025-03-08T00:00:00.000000Z",
        "said_precision": "day",
        "published_at": None,
        "published_precision": "minute",
        "document": None,
        "derives_from": None,
        "cites": [],
        "figures": [],
        "quotes": [],
        "regions": [],
    } | fields


def figure(identifier: str = "f1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "lower": None,
        "point": 745,
        "upper": None,
        "qualifier": "around",
        "as_written": "around 745",
        "unit": "people-killed",
        "category": "civilians",
        "perpetrator": "",
        "place": {
            "id": "p1",
            "kind": "governorate",
            "name": "Latakia",
            "name_ar": "اللاذقية",
            "path": ["Syria", "Latakia"],
            "path_ar": ["سوريا", "اللاذقية"],
        },
        "place_as_written": "the coast",
        "window": ["2025-03-06", "2025-03-08"],
        "as_of": "2025-03-08",
        "supersedes": None,
        "part_of": None,
        "parts_are_all": False,
    } | fields


def piece(identifier: str = "e1", **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "stance": "corroborates",
        "strength": "moderate",
        "credibility": 3,
        "reason": "Its own count.",
        "assertion": None,
        "document": None,
        "capture": None,
        "region": None,
    } | fields


def claim(**fields: Any) -> dict[str, Any]:
    return {
        "schema": "verify-claim/2",
        "id": "0b7f",
        "case": None,
        "text": "The group put the civilian dead at about 745.",
        "headline": "About 745 dead",
        "language": "en",
        "figures": [],
        "assertions": [],
        "evidence": [],
        "verdict": None,
    } | fields


def version(content: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "schema": "verify-version/1",
        "claim": content or claim(),
        "origins": {},
        "content_sha256": "12" * 32,
        "desk": {"slug": "coast", "name": "Coast desk"},
        "kind": "published",
        "number": 1,
        "previous_sha256": None,
        "published_at": "2025-03-10T08:00:00.000000Z",
        "reason": "",
    } | fields


VERDICT = {
    "number": 1,
    "code": "partly-confirmed",
    "value": 4,
    "best": 5,
    "worst": 1,
    "labels": {"en": "Partly confirmed", "ar": "مؤكَّد جزئيًا"},
    "rationale": "One origin.",
}


def whole() -> dict[str, Any]:
    """A spokesperson through an agency, a broadcaster that takes it over, a witness, figures that were revised."""
    told = [
        said(
            "a1",
            "spokesperson",
            speaker=source("spokesperson", kind="person"),
            role="spokesperson",
            on_behalf_of=source("ministry", kind="party", party=True),
            outlet=source("agency", kind="agency"),
            document=document(),
            quotes=[quote()],
            figures=["f1"],
        ),
        said("a2", "broadcaster", role="relay", derives_from="a1", cites=["a4"], quotes=[quote("q2")]),
        said("a3", "portal", role="relay", derives_from="a2", figures=["f2"]),
        said(
            "a4",
            "witness",
            speaker=source("witness", "Witness 4", kind="protected-person"),
            role="witness",
            modality="probable",
            cites=["a2"],
            regions=[region()],
        ),
    ]
    return claim(
        assertions=told,
        figures=[figure(), figure("f2", point=803, supersedes="f1", part_of="f1")],
        evidence=[
            piece(assertion="a1"),
            piece("e2", document=document("d2"), stance="contextualises"),
            piece("e3", capture=capture("c3"), stance="contradicts"),
            piece("e4", region=region("r1")),
        ],
        verdict=VERDICT,
    )


def frozen() -> dict[str, Any]:
    """A claim as verify-claim/1 froze it: no modality, no places, no regions, no citations."""
    told = said("a1", document=document(), quotes=[quote()], figures=["f1"])
    for name in ("modality", "published_at", "published_precision", "cites", "regions"):
        del told[name]
    counted = figure(place="Latakia and Tartous")
    for name in ("place_as_written", "part_of", "parts_are_all"):
        del counted[name]
    linked = piece(assertion="a1")
    del linked["region"]
    content = claim(
        schema="verify-claim/1", assertions=[told], figures=[counted], evidence=[linked], verdict=VERDICT
    )
    for one in (told["speaker"], told["document"]["outlet"]):
        del one["recorded_as"]
    return content
