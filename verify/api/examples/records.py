"""Ids of the examples of a desk's own rows, and how an example is attached to an operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample

BASE = "https://factcheck.example.org"
API = f"{BASE}/api/v1/desk"

ALICE = {"id": "5b7c2f5e-8c1d-4f0e-9a55-0a3b6c1d2e3f", "name": "Alice"}
SOURCE = "2f1d7c54-6a0b-4e0c-9d7e-1b8a4c3d5e6f"
STATE = "9c0e1f2a-3b4c-4d5e-8f6a-7b8c9d0e1f2a"
AFFILIATION = "c1a2b3c4-d5e6-4f70-8a9b-0c1d2e3f4a5b"
DOCUMENT = "3f0f8f1e-6f3c-4a36-a7d1-93a2a1f0b1c2"
CAPTURE = "8d5a7e10-2f3b-4c6d-9e8f-0a1b2c3d4e5f"
EARLIER = "1a2b3c4d-5e6f-4a0b-8c1d-2e3f4a5b6c7d"
WATCH = "6e5d4c3b-2a19-4807-96f5-e4d3c2b1a098"
CHANGE = "0f1e2d3c-4b5a-4968-8776-655443322110"
BATCH = "e7d6c5b4-a392-4817-a6f5-04e3d2c1b0a9"
CASE = "0c7b6bd5-4d0e-4a54-8d5a-0f4a7a8d1d11"
CLAIM = "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"
FIGURE = "a4b3c2d1-e0f9-4817-a6b5-c4d3e2f1a0b9"
TOTAL = "b5c4d3e2-f1a0-4928-b7c6-d5e4f3a2b1c0"
PLACE = "d0c1b2a3-9485-4766-8574-635241302f1e"
COUNTRY = "f2e1d0c3-b4a5-4697-8879-6a5b4c3d2e1f"
AT = "2025-03-09T10:00:00Z"


def examples(
    *, request: Any = None, response: Any = None, status: int = 200, media_type: str = "application/json"
) -> list[OpenApiExample]:
    """The examples of one operation: what is sent, and what its success answers."""
    found = []
    if request is not None:
        found.append(OpenApiExample("a request", value=request, request_only=True, media_type=media_type))
    if response is not None:
        found.append(
            OpenApiExample("an answer", value=response, response_only=True, status_codes=[str(status)])
        )
    return found


def without(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}
