"""Examples of places in files."""

from typing import Any

from verify.api.examples import work as of

MARK = {
    "kind": "page",
    "page": 3,
    "box": [72, 144, 200, 40],
    "shows": "1,383 civilians",
    "assertion": of.ASSERTION,
}
REGION: dict[str, Any] = {
    "id": of.REGION,
    "capture": of.CAPTURE,
    "blob_sha256": of.DIGEST,
    "assertion": of.ASSERTION,
    "kind": "page",
    "page": 3,
    "box": [72, 144, 200, 40],
    "span": None,
    "fragment": "page=3&viewrect=72,144,200,40",
    "shows": "1,383 civilians",
    "found": "1,383 civilians",
    "created_by": of.ALICE,
    "created_at": of.AT,
    "withdrawn": None,
    "links": {
        "self": f"{of.API}/regions/{of.REGION}/",
        "page": f"{of.BASE}/desk/regions/{of.REGION}/",
    },
}
WITHDRAW = {"why": "Recorded twice."}
WITHDRAWN_REGION = REGION | {"withdrawn": of.WITHDRAWN}
