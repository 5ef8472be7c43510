"""Examples of webhooks and of their deliveries."""

from __future__ import annotations

from typing import Any

from verify.api.examples.records import ALICE, AT, BASE, CLAIM

WEBHOOK = "d3b07384-d9a0-4f3c-8a55-6c1d2e3f4a5b"
DELIVERY = "0b4e7a0e-5fea-4d6b-9cf9-8d54b6a1c2d3"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="  # of nothing
HERE = f"{BASE}/api/v1/webhooks/{WEBHOOK}/"

WEBHOOK_IN: dict[str, Any] = {
    "name": "Archive of the coast project",
    "url": "https://archive.example/hooks/verify",
    "told_of": ["published", "corrected", "retracted"],
}
WEBHOOK_OUT: dict[str, Any] = {
    "id": WEBHOOK,
    "desk": "coast",
    "owner": ALICE,
    **WEBHOOK_IN,
    "all_desks": False,
    "state": "active",
    "failing_since": None,
    "former_secret_until": None,
    "created_at": AT,
    "changed_at": AT,
    "links": {
        "self": HERE,
        "page": f"{BASE}/desk/settings/webhooks/{WEBHOOK}/",
        "deliveries": f"{HERE}deliveries/",
    },
}
WEBHOOK_MADE = {**WEBHOOK_OUT, "secret": SECRET}
WEBHOOK_CHANGE = {"state": "paused"}
WEBHOOK_CHANGED = {**WEBHOOK_OUT, "state": "paused"}
WEBHOOK_ROTATED = {**WEBHOOK_MADE, "former_secret_until": "2025-03-10T10:00:00Z"}
DELIVERY_OUT: dict[str, Any] = {
    "id": DELIVERY,
    "announcement": 41,
    "claim": CLAIM,
    "event": "published",
    "replay_of": None,
    "state": "delivered",
    "attempts_made": 1,
    "next_at": None,
    "created_at": AT,
    "finished_at": AT,
    "attempts": [
        {
            "number": 1,
            "at": AT,
            "seconds": 0.214,
            "status": 200,
            "problem": "",
            "detail": "",
            "answer": "thank you",
        }
    ],
    "links": {
        "self": f"{HERE}deliveries/{DELIVERY}/",
        "page": f"{BASE}/desk/settings/deliveries/{DELIVERY}/",
        "webhook": HERE,
    },
}
TEST_OUT: dict[str, Any] = {
    **DELIVERY_OUT,
    **dict.fromkeys(("announcement", "claim", "event", "finished_at")),
    "state": "queued",
    "attempts_made": 0,
    "next_at": AT,
    "attempts": [],
}
REPLAY_IN = {"since": "2025-03-08T00:00:00Z"}
REPLAYED = {"deliveries": [DELIVERY]}
