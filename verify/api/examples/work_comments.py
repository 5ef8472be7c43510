"""Examples of comments."""

from typing import Any

from verify.api.examples import work as of

SAY = {"text": "@carol, is this the same count?", "assertion": of.ASSERTION}
REWORD = {"text": "@carol, is this the same count as on Sunday?"}
COMMENT: dict[str, Any] = {
    "id": of.COMMENT,
    "claim": of.CLAIM,
    "parent": None,
    "assertion": of.ASSERTION,
    "anchor": None,
    "figure": None,
    "text": "@carol, is this the same count?",
    "author": of.ALICE,
    "created_at": of.AT,
    "edited_at": None,
    "removed_at": None,
    "resolved_at": None,
    "resolved_by": None,
    "links": {
        "self": f"{of.API}/comments/{of.COMMENT}/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
    },
}
REMOVED = COMMENT | {"text": "", "removed_at": of.AT, "resolved_at": of.AT, "resolved_by": of.ALICE}
RESOLVED = COMMENT | {"resolved_at": of.AT, "resolved_by": of.CAROL}
