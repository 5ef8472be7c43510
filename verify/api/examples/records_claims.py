"""Examples of cases, claims, figures, topics and places."""

from __future__ import annotations

from typing import Any

from verify.api.examples.records import ALICE, API, AT, BASE, CASE, CLAIM, COUNTRY, FIGURE, PLACE, TOTAL

CASE_IN: dict[str, Any] = {
    "title": "The coast, March 2025",
    "summary": "Killings on the Syrian coast, and how many.",
    "place": "Latakia and Tartous",
    "began_on": "2025-03-06",
}
CASE_OUT: dict[str, Any] = {
    **CASE_IN,
    "id": CASE,
    "desk": "coast",
    "ended_on": None,
    "created_at": AT,
    "created_by": ALICE,
    "claim_count": 7,
    "open_count": 5,
    "links": {
        "self": f"{API}/cases/{CASE}/",
        "page": f"{BASE}/cases/{CASE}/",
        "claims": f"{API}/claims/?case={CASE}",
        "compare": f"{API}/cases/{CASE}/figures/compare/",
    },
}
CLAIM_IN: dict[str, Any] = {
    "text": "The monitoring group put the civilian dead of 7 and 8 March at about 745.",
    "headline": "About 745 civilians killed on the coast",
    "language": "en",
    "case": CASE,
    "external_id": "cms-4711",
}
CLAIM_OUT: dict[str, Any] = {
    **CLAIM_IN,
    "id": CLAIM,
    "desk": "coast",
    "case": {"id": CASE, "name": CASE_IN["title"]},
    "workflow": "draft",
    "publication": "unpublished",
    "topics": [{"id": 3, "name": "Casualties"}],
    "revision": 1,
    "author": ALICE,
    "changed_by": ALICE,
    "created_at": AT,
    "changed_at": AT,
    "links": {
        "self": f"{API}/claims/{CLAIM}/",
        "page": f"{BASE}/claims/{CLAIM}/",
        "figures": f"{API}/claims/{CLAIM}/figures/",
    },
}
CLAIM_CHANGE = {"headline": "About 745 civilians killed", "revision": 1, "why": "Shorter."}
CLAIM_CHANGED = {**CLAIM_OUT, "headline": "About 745 civilians killed", "revision": 2}
MOVE_IN = {"to": "triaged", "seen": "draft"}
CLAIM_MOVED = {**CLAIM_OUT, "workflow": "triaged"}
TOPICS_IN = {"topics": [3]}
TOPIC_IN = {"name": "Casualties"}
TOPIC_OUT = {"id": 3, "desk": "coast", "name": "Casualties"}
PLACE_IN = {"name": "Al-Mukhtariyah", "name_ar": "المختارية", "kind": "city", "parent": COUNTRY}
PLACE_OUT = {
    **PLACE_IN,
    "id": PLACE,
    "desk": "coast",
    "code": "",
    "path": ["Syria", "Al-Mukhtariyah"],
}
FIGURE_IN: dict[str, Any] = {
    "as_written": "around 745",
    "qualifier": "around",
    "point": 745,
    "unit": "people-killed",
    "category": "civilians",
    "window_from": "2025-03-07",
    "window_to": "2025-03-08",
    "as_of": "2025-03-08",
}
FIGURE_OUT: dict[str, Any] = {
    **FIGURE_IN,
    "id": FIGURE,
    "claim": CLAIM,
    "lower": None,
    "upper": None,
    "perpetrator": "",
    "place": None,
    "place_as_written": "",
    "supersedes": None,
    "part_of": None,
    "parts_are_all": False,
    "revision": 4,
    "withdrawn": None,
    "links": {"self": f"{API}/figures/{FIGURE}/"},
}
FIGURE_CHANGE = {"as_of": "2025-03-09", "revision": 4, "why": "It was counted a day later."}
FIGURE_CHANGED = {**FIGURE_OUT, "as_of": "2025-03-09", "revision": 5}
FIGURE_WITHDRAWN = {
    **FIGURE_OUT,
    "revision": 5,
    "withdrawn": {"at": AT, "by": ALICE, "why": "Recorded by mistake."},
}
WHY = {"why": "Recorded by mistake."}
REINSTATE = {"why": "It was no mistake."}
COMPARED: dict[str, Any] = {
    "figures": [FIGURE, TOTAL],
    "total": None,
    "parts": [FIGURE, TOTAL],
    "check": None,
    "unchecked": [],
    "pairs": [
        {
            "first": FIGURE,
            "second": TOTAL,
            "relation": "subset",
            "why": "What the first counts is part of what the second counts.",
            "said": False,
            "clash": "",
        }
    ],
    "sum": {
        "refused": "“around 745” and “more than 1,000” may count the same people. What the first counts is part of "
        "what the second counts."
    },
    "range": {"refused": "“around 745” and “more than 1,000” do not count the same."},
}
