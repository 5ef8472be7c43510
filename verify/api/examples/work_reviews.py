"""Examples of verdicts, tasks and opinions."""

from typing import Any

from verify.api.examples import work as of

RATING: dict[str, Any] = {
    "desk": "coast",
    "code": "partly-confirmed",
    "value": 5,
    "label": "Partly confirmed",
    "label_ar": "مؤكَّد جزئيًا",
    "retired": False,
}
PROPOSE = {"rating": "partly-confirmed", "rationale": "One origin; the count itself is documented."}
VERDICT: dict[str, Any] = {
    "id": of.VERDICT,
    "claim": of.CLAIM,
    "number": 1,
    "rating": "partly-confirmed",
    "rationale": "One origin; the count itself is documented.",
    "proposed_by": of.ALICE,
    "proposed_at": of.AT,
    "approved_at": None,
    "approved_digest": "",
    "entry": None,
    "links": {
        "self": f"{of.API}/verdicts/{of.VERDICT}/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
    },
}
ASK = {"kind": "sign-off", "reviewer": "carol", "priority": "high", "instructions": "Look at the quotes."}
CHANGE = {"due_at": "2025-03-10T18:00:00Z", "priority": "urgent"}
TASK: dict[str, Any] = {
    "id": of.TASK,
    "claim": of.CLAIM,
    "kind": "sign-off",
    "state": "assigned",
    "assignee": of.CAROL,
    "instructions": "Look at the quotes.",
    "priority": "high",
    "due_at": "2025-03-10T18:00:00Z",
    "waiting": True,
    "cause": "",
    "created_by": of.BOB,
    "created_at": of.AT,
    "links": {
        "self": f"{of.API}/tasks/{of.TASK}/",
        "claim": f"{of.BASE}/desk/claims/{of.CLAIM}/",
        "content": f"{of.API}/claims/{of.CLAIM}/content/",
        "page": f"{of.BASE}/desk/tasks/{of.TASK}/",
    },
}
TASK_DETAIL = TASK | {
    "checklist": [{"id": of.ITEM, "text": "Do the quotes stand in the copies?", "text_ar": ""}]
}
TAKEN = TASK_DETAIL | {"state": "accepted"}
DECLINED = TASK_DETAIL | {"state": "declined", "waiting": False}
CANCELLED = TASK_DETAIL | {"state": "done", "waiting": False}
NOT_ME = {"reason": "I know the speaker."}
HAND_ON = {"reviewer": "erin", "reason": "Carol is away."}
CANCEL = {"reason": "The claim is withdrawn."}
JUDGE = {
    "opinion": "approve",
    "reason": "Sources and quotes hold.",
    "content_digest_seen": of.DIGEST,
    "rating": "partly-confirmed",
    "answers": {of.ITEM: "yes"},
}
REVIEW: dict[str, Any] = {
    "id": of.REVIEW,
    "task": of.TASK,
    "claim": of.CLAIM,
    "reviewer": of.CAROL,
    "kind": "sign-off",
    "opinion": "approve",
    "rating": "partly-confirmed",
    "reason": "Sources and quotes hold.",
    "content_digest": of.DIGEST,
    "submitted_at": of.AT,
    "answers": [{"item": of.ITEM, "answer": "yes"}],
    "links": {
        "self": f"{of.API}/reviews/{of.REVIEW}/",
        "task": f"{of.API}/tasks/{of.TASK}/",
    },
}
