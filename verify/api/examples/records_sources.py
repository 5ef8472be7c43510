"""Examples of sources and what is done with them."""

from __future__ import annotations

from typing import Any

from verify.api.examples.records import AFFILIATION, ALICE, API, AT, BASE, SOURCE, STATE

_ALIAS = {"id": 12, "name": "المرصد السوري لحقوق الإنسان", "language": "ar"}
SOURCE_IN: dict[str, Any] = {
    "kind": "organisation",
    "name": "Syrian Observatory for Human Rights",
    "description": "A monitoring group with its seat in the United Kingdom.",
    "homepage": "https://observatory.example/",
    "aliases": [{"name": _ALIAS["name"], "language": "ar"}],
}
SOURCE_OUT: dict[str, Any] = {
    "id": SOURCE,
    "desk": "coast",
    **{name: SOURCE_IN[name] for name in ("kind", "name", "description", "homepage")},
    "is_party": False,
    "reliability": "B",
    "merged_into": None,
    "created_at": AT,
    "aliases": [_ALIAS],
    "links": {
        "self": f"{API}/sources/{SOURCE}/",
        "page": f"{BASE}/sources/{SOURCE}/",
        "history": f"{API}/sources/{SOURCE}/history/",
        "documents": f"{API}/documents/?outlet={SOURCE}",
    },
}
GRADE_IN = {"reliability": "B", "reason": "Its counts of the past ten years were mostly borne out."}
GRADE_OUT = {**GRADE_IN, "graded_at": AT, "graded_by": ALICE, "entry": 41}
AFFILIATION_IN: dict[str, Any] = {"kind": "part-of", "principal": STATE, "valid_from": "2012-01-01"}
AFFILIATION_OUT: dict[str, Any] = {
    "id": AFFILIATION,
    "source": {"id": SOURCE, "name": SOURCE_IN["name"]},
    "kind": "part-of",
    "principal": {"id": STATE, "name": "Network of monitors"},
    "valid_from": "2012-01-01",
    "valid_to": None,
    "evidence": None,
    "note": "",
    "withdrawn": None,
    "links": {"self": f"{API}/affiliations/{AFFILIATION}/"},
}
AFFILIATION_CHANGE = {"valid_to": "2020-12-31", "why": "It left the network at the end of 2020."}
AFFILIATION_ENDED = {**AFFILIATION_OUT, "valid_to": "2020-12-31"}
AFFILIATION_WITHDRAWN = {
    **AFFILIATION_OUT,
    "withdrawn": {"at": AT, "by": ALICE, "why": "Another group of a like name was meant."},
}
SOURCE_DETAIL = {**SOURCE_OUT, "affiliations": [AFFILIATION_OUT], "grades": [GRADE_OUT], "duplicates": []}
SOURCE_CHANGE = {"description": "A monitoring group.", "why": "Where it sits is said elsewhere."}
SOURCE_CHANGED = {**SOURCE_DETAIL, "description": "A monitoring group."}
ALIAS_IN = {"name": "SOHR", "language": "en"}
ALIAS_OUT = {"id": 13, **ALIAS_IN}
WHY = {"why": "Recorded by mistake."}
MERGE_IN = {"into": SOURCE, "why": "Two records of one group."}
MERGED = {**SOURCE_DETAIL, "id": STATE, "name": "SOHR", "merged_into": SOURCE}
HISTORY = {
    "results": [
        {
            "at": AT,
            "by": ALICE,
            "what": "corrected",
            "why": "Where it sits is said elsewhere.",
            "differences": [
                {
                    "field": "what it is",
                    "before": SOURCE_IN["description"],
                    "after": "A monitoring group.",
                }
            ],
        }
    ]
}
