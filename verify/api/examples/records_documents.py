"""Examples of documents, watches, changes, uploads and batches."""

from __future__ import annotations

from typing import Any

from verify.api.examples.records import (
    ALICE,
    API,
    AT,
    BASE,
    BATCH,
    CAPTURE,
    CHANGE,
    DOCUMENT,
    EARLIER,
    SOURCE,
    WATCH,
)

_URL = "https://news.example.org/2025/03/08/coast"
_NAMED = {"id": DOCUMENT, "name": "Killings on the coast"}
DOCUMENT_IN: dict[str, Any] = {
    "url": _URL,
    "outlet": SOURCE,
    "title": "Killings on the coast",
    "language": "en",
    "published_at": "2025-03-08T00:00:00Z",
    "published_precision": "day",
}
DOCUMENT_OUT: dict[str, Any] = {
    **DOCUMENT_IN,
    "id": DOCUMENT,
    "desk": "coast",
    "outlet": {"id": SOURCE, "name": "The Wire"},
    "byline": "",
    "created_at": AT,
    "capture_count": 2,
    "latest_state": "archived",
    "latest_at": AT,
    "links": {
        "self": f"{API}/documents/{DOCUMENT}/",
        "page": f"{BASE}/documents/{DOCUMENT}/",
        "captures": f"{BASE}/api/v1/captures/?document={DOCUMENT}",
        "watch": f"{API}/documents/{DOCUMENT}/watch/",
        "changes": f"{API}/changes/?document={DOCUMENT}",
    },
}
WATCH_IN: dict[str, Any] = {"mode": "http", "shortest": 3600, "longest": 604800}
WATCH_OUT: dict[str, Any] = {
    **WATCH_IN,
    "id": WATCH,
    "desk": "coast",
    "document": _NAMED,
    "interval": 7200,
    "next_at": "2025-03-09T12:00:00Z",
    "ends_at": None,
    "is_paused": False,
    "unreachable": 0,
    "set_at": AT,
    "set_by": ALICE,
    "links": {"self": f"{API}/documents/{DOCUMENT}/watch/"},
}
CHANGE_OUT: dict[str, Any] = {
    "id": CHANGE,
    "desk": "coast",
    "document": _NAMED,
    "before": EARLIER,
    "after": CAPTURE,
    "kind": "quote-lost",
    "gone_sign": "",
    "words_added": 14,
    "words_removed": 9,
    "quotes_checked": 3,
    "quotes_lost": 1,
    "is_alert": True,
    "detected_at": AT,
    "entry": 57,
    "seen": None,
    "links": {"self": f"{API}/changes/{CHANGE}/"},
}
SEEN_IN = {"note": "The figure was revised and the page says so."}
CHANGE_SEEN = {**CHANGE_OUT, "seen": {"at": AT, "by": ALICE, **SEEN_IN}}

_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
CAPTURE_OUT: dict[str, Any] = {
    "id": CAPTURE,
    "desk": "coast",
    "document": DOCUMENT,
    "kind": "url",
    "mode": "http",
    "url": _URL,
    "state": "queued",
    "progress": "",
    "failure": None,
    "requested_at": AT,
    "finished_at": None,
    "final_url": "",
    "http_status": None,
    "media_type": "",
    "truncated": "",
    "degraded": False,
    "notes": [],
    "digests": None,
    "entry": None,
    "links": {
        "self": f"{BASE}/api/v1/captures/{CAPTURE}/",
        "page": f"{BASE}/captures/{CAPTURE}/",
        "document": f"{BASE}/documents/{DOCUMENT}/",
    },
}
GIVEN_UP = {
    **CAPTURE_OUT,
    "state": "failed",
    "finished_at": AT,
    "failure": {"code": "given-up", "detail": "Alice stopped the waiting."},
    "entry": 58,
}
UPLOADED = {
    **CAPTURE_OUT,
    "kind": "upload",
    "state": "archived",
    "finished_at": AT,
    "media_type": "image/jpeg",
    "digests": {"datapackage": _SHA, "package": _SHA, "body": _SHA, "texts": []},
    "entry": 59,
}
BATCH_IN: dict[str, Any] = {
    "list": [
        {"url": _URL, "title": "Killings on the coast", "outlet": "The Wire"},
        {"url": "https://x.example/1"},
    ],
    "label": "Morning list",
    "mode": "page",
}
BATCH_OUT: dict[str, Any] = {
    "id": BATCH,
    "desk": "coast",
    "label": "Morning list",
    "mode": "page",
    "requested_at": AT,
    "requested_by": ALICE,
    "total": 2,
    "dealt_with": 1,
    "refused": 0,
    "archived": 1,
    "failed": 0,
    "waiting": 1,
    "links": {
        "self": f"{API}/batches/{BATCH}/",
        "rows": f"{API}/batches/{BATCH}/rows/",
        "page": f"{BASE}/batches/{BATCH}/",
    },
}
BATCH_ROW = {
    "number": 1,
    "url": _URL,
    "title": "Killings on the coast",
    "outlet": "The Wire",
    "capture": CAPTURE,
    "state": "archived",
    "refusal": "",
    "note": "",
    "done_at": AT,
}
RETRIED = {"asked": 3}
