"""Examples of what is answered about tokens."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiExample

_BASE = "https://factcheck.example.org"
TOKEN_EXAMPLES = [
    OpenApiExample(
        "a token that reads and archives for one desk",
        response_only=True,
        status_codes=["200"],
        value={
            "name": "newsroom feed",
            "hint": "vfy_Zk3q",
            "user": "0b2f6c9e-31c5-4f0e-9d55-7a1f2d1c8e44",
            "scopes": ["read", "capture"],
            "desk": "coast",
            "created_at": "2025-03-01T08:00:00Z",
            "expires_at": "2025-05-30T08:00:00Z",
            "last_used_at": "2025-03-12T09:30:00Z",
            "limits": {"requests_per_minute": 600, "writes_per_minute": 120},
            "links": {"self": f"{_BASE}/api/v1/token/", "page": f"{_BASE}/desk/settings/security/"},
        },
    )
]
