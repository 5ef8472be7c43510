"""Examples of what is published."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

BASE = "https://factcheck.example.org"
CLAIM = "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"
CASE = "0c7b6bd5-4d0e-4a54-8d5a-0f4a7a8d1d11"
SOURCE = "2f1d7c54-6a0b-4e0c-9d7e-1b8a4c3d5e6f"
CAPTURE = "8d5a7e10-2f3b-4c6d-9e8f-0a1b2c3d4e5f"
ASSERTION = "b1f3d2a4-5c6e-4f70-8a1b-2c3d4e5f6a7b"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OTHER = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
AT = "2025-03-12T09:30:00.000000Z"
PAGE = f"{BASE}/claims/{CLAIM}"
API = f"{BASE}/api/v1/claims/{CLAIM}"


def _answers(value: Any, media_type: str = "application/json") -> list[OpenApiExample]:
    return [
        OpenApiExample(
            "an answer", value=value, response_only=True, status_codes=["200"], media_type=media_type
        )
    ]


_TITLE = {"id": CASE, "title": "The coast, March 2025"}
_SPEAKER = {
    "id": SOURCE,
    "name": "Observatory",
    "kind": "organisation",
    "party": False,
    "homepage": "https://observatory.example",
    "recorded_as": None,
}
_COUNTS = {
    "assertions": 9,
    "outlets": 7,
    "origins": 2,
    "party_origins": 1,
    "unattributed_origins": 0,
    "origins_for": 1,
    "origins_against": 1,
    "independent_origins": 2,
    "circle_origins": 0,
    "possible_origins": 0,
    "unnamed_origins": 0,
    "independent_party_origins": 1,
    "linked_origins": 0,
    "cofunded_origins": 0,
}
_ITEM: dict[str, Any] = {
    "id": CLAIM,
    "state": "published",
    "updated_at": AT,
    "version": 1,
    "sha256": SHA256,
    "first_published_at": AT,
    "published_at": AT,
    "desk": "Coast desk",
    "headline": "About 745 civilians killed on the coast",
    "text": "The monitoring group put the civilian dead of 7 and 8 March at about 745.",
    "language": "en",
    "case": _TITLE,
    "topics": [{"id": 3, "name": "Casualties"}],
    "verdict": {
        "code": "partly-confirmed",
        "value": 5,
        "best": 6,
        "worst": 1,
        "labels": {"en": "Partly confirmed", "ar": "مؤكَّد جزئيًا"},
    },
    "origins": _COUNTS,
    "links": {
        "self": f"{API}/",
        "page": f"{PAGE}/",
        "versions": f"{API}/versions/",
        "snapshot": f"{API}/versions/1/",
        "entry": f"{PAGE}/v1/entry.json",
        "proof": f"{PAGE}/v1/proof.txt",
    },
}
_COPY = {
    "id": CAPTURE,
    "url": "https://observatory.example/news/1",
    "finished_at": AT,
    "http_status": 200,
    "datapackage_sha256": OTHER,
    "entry": 41,
}
_SAID: dict[str, Any] = {
    "id": ASSERTION,
    "speaker": _SPEAKER,
    "role": "originator",
    "verb": "said",
    "polarity": "affirms",
    "quotes": [{"exact": "around 745 civilians were killed", "start": 35, "end": 67, "capture": _COPY}],
}
_SNAPSHOT: dict[str, Any] = {
    "schema": "verify-version/2",
    "kind": "published",
    "number": 1,
    "published_at": AT,
    "reason": "",
    "desk": {"slug": "coast", "name": "Coast desk"},
    "topics": _ITEM["topics"],
    "claim": {"id": CLAIM, "text": _ITEM["text"], "assertions": [_SAID]},
    "origins": {"counts": _COUNTS},
}
_VERSION: dict[str, Any] = {
    "number": 2,
    "kind": "corrected",
    "reason": "The group revised its count.",
    "published_at": "2025-03-13T08:00:00Z",
    "sha256": OTHER,
    "content_sha256": SHA256,
    "entry": 57,
    "links": {
        "self": f"{API}/versions/2/",
        "page": f"{PAGE}/v2/",
        "entry": f"{PAGE}/v2/entry.json",
        "proof": f"{PAGE}/v2/proof.txt",
    },
}
_PART = {"claim": CLAIM, "version": 1, "sha256": SHA256}
_FIGURE = {
    "id": "a4b3c2d1-e0f9-4817-a6b5-c4d3e2f1a0b9",
    "lower": None,
    "point": 745,
    "upper": None,
    "qualifier": "around",
    "as_written": "around 745",
    "unit": "people-killed",
    "category": "civilians",
}
_PIECE = {
    "id": "c0ffee00-1234-4abc-8def-001122334455",
    "stance": "corroborates",
    "credibility": 3,
    "reason": "Its own count, as reported.",
    "assertion": ASSERTION,
}
_GROUP = {"name": "Observatory", "members": [ASSERTION], "roots": [ASSERTION], "party": False, "flags": []}
_LINKS = {"entry": f"{API}/captures/{CAPTURE}/entry/", "proof": f"{API}/captures/{CAPTURE}/proof/"}

CLAIM_ITEMS = _answers(_ITEM)
ONE_CLAIM = _answers(_ITEM | {"snapshot": _SNAPSHOT})
VERSIONS = _answers(_VERSION)
SNAPSHOT = _answers(_SNAPSHOT)
CORRECTIONS = _answers(
    _VERSION
    | {"claim": {"id": CLAIM, "state": "corrected", "headline": _ITEM["headline"], "text": _ITEM["text"]}}
)
PARTS = {
    "assertions": _answers(_PART | {"results": [_SAID]}),
    "evidence": _answers(_PART | {"results": [_PIECE]}),
    "figures": _answers(_PART | {"results": [_FIGURE]}),
    "origins": _answers(
        _PART
        | {"counts": _COUNTS, "cautions": ["Daily also names Radio as its source."], "results": [_GROUP]}
    ),
    "captures": _answers(
        _PART | {"results": [_COPY | {"texts_sha256": [SHA256], "files_sha256": [], "links": _LINKS}]}
    ),
}
ENTRY = _answers({"schema": "verify-entry/1", "kind": "capture-archived", "index": 41})
PROOF = _answers(
    "c2sp.org/tlog-proof@v1\nindex 41\nVGhlIGZpcnN0IGhhc2gsIG9mIHRoaXJ0eSB0d28u\n\nfactcheck.example.org/log\n…\n",
    "text/plain",
)
_CASE = _TITLE | {
    "claims": 4,
    "updated_at": AT,
    "links": {
        "self": f"{BASE}/api/v1/cases/{CASE}/",
        "claims": f"{BASE}/api/v1/claims/?case={CASE}",
        "page": f"{BASE}/cases/{CASE}/",
    },
}
CASES, ONE_CASE = _answers(_CASE), _answers(_CASE)
_TOPIC_CLAIMS = f"{BASE}/api/v1/claims/?topic=3"
TOPICS = _answers(
    {
        "id": 3,
        "name": "Casualties",
        "desk": "coast",
        "claims": 4,
        "links": {"self": _TOPIC_CLAIMS, "claims": _TOPIC_CLAIMS},
    }
)
_SOURCE = {name: value for name, value in _SPEAKER.items() if name != "recorded_as"} | {
    "claims": 4,
    "links": {
        "self": f"{BASE}/api/v1/sources/{SOURCE}/",
        "claims": f"{BASE}/api/v1/claims/?source={SOURCE}",
        "said": f"{BASE}/api/v1/claims/?speaker={SOURCE}",
        "page": f"{BASE}/sources/{SOURCE}/",
    },
}
SOURCES, ONE_SOURCE = _answers(_SOURCE), _answers(_SOURCE)

LOOKALIKE = _answers(
    {
        "claims": [
            {
                "text": _ITEM["text"],
                "claimant": "Observatory",
                "claimDate": "2025-03-09T00:00:00Z",
                "claimReview": [
                    {
                        "publisher": {"name": "Coast desk", "site": "factcheck.example.org"},
                        "url": f"{PAGE}/",
                        "title": _ITEM["headline"],
                        "reviewDate": "2025-03-12T09:30:00Z",
                        "textualRating": "Partly confirmed",
                        "languageCode": "en",
                    }
                ],
            }
        ],
        "nextPageToken": "WzAsMV0",
    }
)
