"""Examples of assertions and anchors."""

from typing import Any

from verify.api.examples import work as of

ATTRIBUTE = {
    "speaker": of.SPEAKER,
    "role": "originator",
    "outlet": of.OUTLET,
    "verb": "estimated",
    "hedge": "about",
    "said_at": "2025-03-08T00:00:00Z",
    "said_precision": "day",
    "document": of.DOCUMENT,
    "derives_from": of.ROOT,
}
ASSERTION: dict[str, Any] = {
    "id": of.ASSERTION,
    "claim": of.CLAIM,
    "speaker": {"id": of.SPEAKER, "name": "Observatory"},
    "role": "originator",
    "on_behalf_of": None,
    "outlet": {"id": of.OUTLET, "name": "The Broadcaster"},
    "verb": "estimated",
    "hedge": "about",
    "polarity": "affirms",
    "modality": "certain",
    "said_at": "2025-03-08T00:00:00Z",
    "said_precision": "day",
    "published_at": None,
    "published_precision": "minute",
    "document": of.DOCUMENT,
    "derives_from": of.ROOT,
    "cites": [],
    "figures": [],
    "anchors": [of.ANCHOR],
    "regions": [],
    "created_by": of.ALICE,
    "created_at": of.AT,
    "revision": 4,
    "withdrawn": None,
    "links": {
        "self": f"{of.API}/assertions/{of.ASSERTION}/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
        "anchors": f"{of.API}/assertions/{of.ASSERTION}/anchors/",
    },
}
CORRECT = {"verb": "said", "why": "The article says “said”.", "revision": 4}
WITHDRAW = {"why": "Recorded twice.", "relays_to": of.ROOT}
WITHDRAWN_ASSERTION = ASSERTION | {"withdrawn": of.WITHDRAWN}
QUOTE = {"text": of.TEXT, "quote": "around 745 civilians were killed in 30 massacres"}
ANCHOR: dict[str, Any] = {
    "id": of.ANCHOR,
    "assertion": of.ASSERTION,
    "capture": of.CAPTURE,
    "text": of.TEXT,
    "text_sha256": of.TEXT_DIGEST,
    "start": 31,
    "end": 79,
    "exact": "around 745 civilians were killed in 30 massacres",
    "prefix": "The monitoring group said that ",
    "suffix": ".",
    "quoted": "around 745 civilians were killed in 30 massacres",
    "match": "exact",
    "occurrences": 1,
    "created_at": of.AT,
    "links": {
        "self": f"{of.API}/anchors/{of.ANCHOR}/",
        "assertion": f"{of.API}/assertions/{of.ASSERTION}/",
        "page": f"{of.BASE}/desk/documents/{of.DOCUMENT}/?capture={of.CAPTURE}#anchor-{of.ANCHOR}",
    },
}
