"""Ids and people that the examples of a desk's work share: those of the demo's kind."""

from typing import Any

BASE = "https://factcheck.example.org"
API = f"{BASE}/api/v1/desk"
CLAIM = "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"
ASSERTION = "1f9c4b58-6a0e-4c53-8d0b-7f1f1f2f6a11"
ROOT = "2a5d6b7c-3e4f-4a51-9c62-8e7d6c5b4a12"
ANCHOR = "3b6e7c8d-4f50-4b62-8d73-9f8e7d6c5b13"
REGION = "4c7f8d9e-5061-4c73-9e84-a09f8e7d6c14"
EVIDENCE = "5d809eaf-6172-4d84-8f95-b1a09f8e7d15"
VERDICT = "6e91afb0-7283-4e95-90a6-c2b1a09f8e16"
TASK = "7fa2b0c1-8394-4fa6-81b7-d3c2b1a09f17"
REVIEW = "80b3c1d2-94a5-40b7-92c8-e4d3c2b1a018"
COMMENT = "91c4d2e3-a5b6-41c8-83d9-f5e4d3c2b119"
ITEM = "a2d5e3f4-b6c7-42d9-94ea-06f5e4d3c21a"
MEDIUM = "08293a4b-1c2d-483f-9a40-6c5b4a392820"
VERSION = "b3e6f405-c7d8-43ea-85fb-1706f5e4d31b"
DOCUMENT = "3f0f8f1e-6f3c-4a36-a7d1-93a2a1f0b1c2"
CAPTURE = "c4f70516-d8e9-44fb-960c-281706f5e41c"
TEXT = "d5081627-e9fa-450c-871d-39281706f51d"
SPEAKER = "e6192738-fa0b-461d-982e-4a392817061e"
OUTLET = "f72a3849-0b1c-472e-893f-5b4a3928171f"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
TEXT_DIGEST = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
AT = "2025-03-09T10:00:00Z"

ALICE = {"username": "alice", "name": "Alice"}
BOB = {"username": "bob", "name": "Bob"}
CAROL = {"username": "carol", "name": "Carol"}
WITHDRAWN: dict[str, Any] = {"at": AT, "by": ALICE, "because": "Recorded twice."}
REINSTATE = {"why": "It was no mistake."}
