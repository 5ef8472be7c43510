"""Examples of captures."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

from verify.api.examples.records import AT, BASE, CAPTURE, DOCUMENT, examples

_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
URL = "https://example.org/news/1"
ARCHIVED: dict[str, Any] = {
    "id": CAPTURE,
    "desk": "coast",
    "document": DOCUMENT,
    "kind": "url",
    "mode": "page",
    "url": URL,
    "state": "archived",
    "progress": "",
    "failure": None,
    "requested_at": AT,
    "finished_at": "2025-03-09T10:00:21Z",
    "final_url": URL,
    "http_status": 200,
    "media_type": "text/html",
    "truncated": "",
    "degraded": False,
    "notes": [],
    "digests": {"datapackage": _DIGEST, "package": _DIGEST, "body": _DIGEST, "texts": [_DIGEST]},
    "entry": 41,
    "links": {
        "self": f"{BASE}/api/v1/captures/{CAPTURE}/",
        "page": f"{BASE}/desk/captures/{CAPTURE}/",
        "document": f"{BASE}/desk/documents/{DOCUMENT}/",
    },
}
QUEUED = {
    **ARCHIVED,
    **dict.fromkeys(("finished_at", "http_status", "digests", "entry")),
    **dict.fromkeys(("final_url", "media_type"), ""),
    "state": "queued",
}
ONE = examples(response=ARCHIVED)
MADE = [
    OpenApiExample("a page in a browser", value={"url": URL, "mode": "page"}, request_only=True),
    OpenApiExample("once more", value={"document": DOCUMENT, "mode": "http"}, request_only=True),
    OpenApiExample("queued", value=QUEUED, response_only=True, status_codes=["202"]),
    OpenApiExample("archived already", value=ARCHIVED, response_only=True, status_codes=["200"]),
]
