"""What the OpenAPI description says beyond what the code shows: problems, examples, how tokens are sent."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from verify.api.problems import MEDIA_TYPE, problem
from verify.api.shapes.base import Problem

_WHEN = {
    400: ("The request cannot be understood.", "url: The address has no host."),
    401: ("Nobody is signed in, or the token is not valid.", "This token is not valid, or not any more."),
    403: ("Not with this role, or not with this token.", "This token lacks the scope “capture”."),
    404: ("There is nothing here for you.", "There is nothing at this address."),
    413: ("The body is too large.", "The body is larger than this installation accepts."),
    415: ("The body is not JSON.", "Unsupported media type “text/plain” in request."),
}


def problems(*statuses: int) -> dict[Any, Any]:
    """The error responses of an operation, for `extend_schema`."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            Problem,
            _WHEN[status][0],
            examples=[
                OpenApiExample(
                    f"problem {status}",
                    value=problem(status, _WHEN[status][1]),
                    media_type=MEDIA_TYPE,
                    response_only=True,
                    status_codes=[str(status)],
                )
            ],
        )
        for status in statuses
    }


CAPTURE_EXAMPLES = [
    OpenApiExample(
        "a page in a browser", value={"url": "https://example.org/news/1", "mode": "page"}, request_only=True
    ),
    OpenApiExample(
        "once more",
        value={"document": "3f0f8f1e-6f3c-4a36-a7d1-93a2a1f0b1c2", "mode": "http"},
        request_only=True,
    ),
]

_CLAIM = "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"
_BASE = "https://factcheck.example.org"
CLAIM_EXAMPLES = [
    OpenApiExample(
        "a claim",
        response_only=True,
        status_codes=["200"],
        value={
            "id": _CLAIM,
            "state": "published",
            "updated_at": "2025-03-12T09:30:00Z",
            "version": 1,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "published_at": "2025-03-12T09:30:00Z",
            "desk": "Coast desk",
            "headline": "About 745 civilians killed on the coast",
            "text": "The monitoring group put the civilian dead of 7 and 8 March at about 745.",
            "language": "en",
            "case": {"id": "0c7b6bd5-4d0e-4a54-8d5a-0f4a7a8d1d11", "title": "The coast, March 2025"},
            "verdict": {
                "code": "partly-confirmed",
                "value": 5,
                "best": 6,
                "worst": 1,
                "labels": {"en": "Partly confirmed", "ar": "مؤكَّد جزئيًا"},
            },
            "origins": {
                "outlets": 7,
                "origins": 2,
                "party_origins": 1,
                "origins_for": 1,
                "origins_against": 1,
            },
            "links": {
                "self": f"{_BASE}/api/v1/claims/{_CLAIM}/",
                "page": f"{_BASE}/claims/{_CLAIM}/",
                "versions": f"{_BASE}/api/v1/claims/{_CLAIM}/versions/",
                "snapshot": f"{_BASE}/api/v1/claims/{_CLAIM}/versions/1/",
                "entry": f"{_BASE}/claims/{_CLAIM}/v1/entry.json",
                "proof": f"{_BASE}/claims/{_CLAIM}/v1/proof.txt",
            },
        },
    )
]


class BearerToken(OpenApiAuthenticationExtension):
    target_class = "verify.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the desk's settings page.",
        }
