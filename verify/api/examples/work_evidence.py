"""Examples of evidence and origins."""

from typing import Any

from verify.api.examples import work as of

LINK = {
    "assertion": of.ASSERTION,
    "stance": "corroborates",
    "strength": "moderate",
    "credibility": 3,
    "reason": "The group's own count, as reported.",
}
EVIDENCE: dict[str, Any] = {
    "id": of.EVIDENCE,
    "claim": of.CLAIM,
    "assertion": of.ASSERTION,
    "document": None,
    "capture": None,
    "region": None,
    "stance": "corroborates",
    "strength": "moderate",
    "credibility": 3,
    "reason": "The group's own count, as reported.",
    "linked_by": of.ALICE,
    "linked_at": of.AT,
    "revision": 5,
    "withdrawn": None,
    "links": {
        "self": f"{of.API}/evidence/{of.EVIDENCE}/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
    },
}
JUDGE_ANEW = {"credibility": 2, "why": "The list of names was published since.", "revision": 5}
WITHDRAW = {"why": "Recorded twice."}
WITHDRAWN_EVIDENCE = EVIDENCE | {"withdrawn": of.WITHDRAWN}
ORIGINS: dict[str, Any] = {
    "claim": of.CLAIM,
    "counts": {
        "assertions": 8,
        "outlets": 7,
        "origins": 2,
        "independent_origins": 1,
        "party_origins": 1,
        "unattributed_origins": 0,
        "origins_for": 1,
        "origins_against": 1,
    },
    "groups": [
        {
            "name": "Observatory",
            "members": [of.ROOT, of.ASSERTION],
            "roots": [of.ROOT],
            "affirms": True,
            "denies": False,
            "party": False,
            "flags": [],
            "because": [],
        }
    ],
    "cautions": [],
    "best_credibility": {"corroborates": 2, "contradicts": 2, "contextualises": 2},
    "links": {
        "self": f"{of.API}/claims/{of.CLAIM}/origins/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
    },
}
