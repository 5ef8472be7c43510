"""Examples of what consumers follow and check."""

from __future__ import annotations

from typing import Any

CLAIM = "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"
GONE = "f3a1d0c2-52f4-4b0e-8f11-6a1c0d9be7a4"
BASE = "https://factcheck.example.org"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MARKS = ("5b1c3b60-7b1e-4a39-9c55-0d8d3f6e2a01", "e8f0a6c4-2d0f-4c59-8f2e-7f3f6f1f9b02")


def _links(claim: str, version: int) -> dict[str, Any]:
    one = f"{BASE}/api/v1/claims/{claim}/"
    place = f"{one}versions/{version}/"
    return {
        "claim": one,
        "page": f"{BASE}/claims/{claim}/",
        "snapshot": place,
        "entry": f"{place}entry/",
        "proof": f"{place}proof/",
    }


CHANGES: dict[str, Any] = {
    "results": [
        {
            "number": 41,
            "mark": MARKS[0],
            "claim": CLAIM,
            "action": "put",
            "state": "published",
            "version": 1,
            "sha256": SHA256,
            "at": "2025-03-12T09:30:00.000000Z",
            "reason": "",
            "links": _links(CLAIM, 1),
        },
        {
            "number": 42,
            "mark": MARKS[1],
            "claim": GONE,
            "action": "remove",
            "state": "retracted",
            "version": 3,
            "sha256": SHA256[::-1],
            "at": "2025-03-12T10:00:00.000000Z",
            "reason": "The film shows another place.",
            "links": _links(GONE, 3),
        },
    ],
    "next": f"{BASE}/api/v1/changes/?after=42&seen={MARKS[1]}",
    "more": False,
    "head": {"number": 42, "mark": MARKS[1]},
}

EXPORT_LINE: dict[str, Any] = {
    "claim": CLAIM,
    "state": "published",
    "version": 1,
    "sha256": SHA256,
    "published_at": "2025-03-12T09:30:00Z",
    "snapshot": {"schema": "verify-version/1"},
}

ENTRY: dict[str, Any] = {
    "at": "2025-03-12T09:30:00.000000Z",
    "by": "0b" * 32,
    "commitments": {},
    "facts": {"content_sha256": SHA256, "number": 1, "sha256": SHA256},
    "kind": "version-published",
    "schema": "verify-entry/1",
    "subject": {"id": CLAIM, "type": "claim"},
}

NOTE = (
    "factcheck.example.org/log\n"
    "1204\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— factcheck.example.org/log AOvSGbI3gYpQ2fVY0J1YyZ1F0cQ6Kk8k5n1cQ2T5m6yPqL1u5f2m1cX8B3n0aQd7oV1nq4mZ8e0kq2tq\n"
)

PROOF = f"c2sp.org/tlog-proof@v1\nindex 1187\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n{NOTE}"

LOG: dict[str, Any] = {
    "origin": "factcheck.example.org/log",
    "keys": [
        {
            "key": "factcheck.example.org/log+00ebd219+AZ0Z8dY2m1cX8B3n0aQd7oV1nq4mZ8e0kq2tqPqL1u5f",
            "added_at": "2025-01-04T08:00:00Z",
            "retired_at": None,
        }
    ],
    "checkpoint": {
        "size": 1204,
        "root": "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62",
        "signed_at": "2025-03-12T09:30:20Z",
        "note": NOTE,
    },
    "links": {
        "self": f"{BASE}/api/v1/log/",
        "page": f"{BASE}/log/",
        "checkpoint": f"{BASE}/log/checkpoint",
    },
}

WAITS: dict[str, Any] = {"state": "queued"}
