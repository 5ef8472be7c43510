"""Examples of publishing."""

from typing import Any

from verify.api.examples import work as of

PUBLISH = {"content_digest_seen": of.DIGEST}
CORRECT = {"content_digest_seen": of.DIGEST, "reason": "The monitoring group has revised its count."}
PAUSE = {"reason": "A photograph is being checked."}
RESUME = {"reason": "The photograph holds."}
RETRACT = {"reason": "The document was forged."}
PUBLICATION: dict[str, Any] = {
    "claim": of.CLAIM,
    "state": "published",
    "version": 1,
    "version_digest": of.DIGEST,
    "content_digest": of.DIGEST,
    "workflow": "approved",
    "approvals": {"needed": 1, "given": 1},
    "acts": [
        {"act": "publish", "possible": False, "why_not": "It was published already: publish a correction."},
        {"act": "correct", "possible": False, "why_not": "Nothing has changed since the published version."},
        {"act": "pause", "possible": True, "why_not": ""},
        {"act": "resume", "possible": False, "why_not": "Only a paused claim can be resumed."},
        {"act": "retract", "possible": True, "why_not": ""},
    ],
    "links": {
        "self": f"{of.API}/claims/{of.CLAIM}/publication/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
        "content": f"{of.API}/claims/{of.CLAIM}/content/",
        "versions": f"{of.API}/claims/{of.CLAIM}/versions/",
        "public": f"{of.BASE}/claims/{of.CLAIM}/",
    },
}
PAUSED = PUBLICATION | {"state": "paused"}
VERSION: dict[str, Any] = {
    "id": of.VERSION,
    "number": 1,
    "kind": "published",
    "reason": "",
    "sha256": of.TEXT_DIGEST,
    "content_digest": of.DIGEST,
    "published_by": of.BOB,
    "published_at": of.AT,
    "entry": 41,
    "links": {
        "self": f"{of.API}/claims/{of.CLAIM}/versions/1/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
    },
}
CORRECTED = VERSION | {"number": 2, "kind": "corrected", "reason": CORRECT["reason"]}
RETRACTED = VERSION | {"number": 2, "kind": "retracted", "reason": RETRACT["reason"]}
