"""Examples of media ratings."""

from typing import Any

from verify.api.examples import work as of

RATE = {
    "capture": of.CAPTURE,
    "media": "video",
    "rating": "DecontextualizedContent",
    "context": "Filmed in another town in 2019; the shop sign is in an archived report of that year.",
}
MEDIUM: dict[str, Any] = {
    "id": of.MEDIUM,
    "claim": of.CLAIM,
    **RATE,
    "original_url": "",
    "rated_by": of.ALICE,
    "rated_at": of.AT,
    "withdrawn": None,
    "links": {
        "self": f"{of.API}/media/{of.MEDIUM}/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
    },
}
WITHDRAW = {"why": "Recorded twice."}
WITHDRAWN_MEDIUM = MEDIUM | {"withdrawn": of.WITHDRAWN}
