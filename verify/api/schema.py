"""What the OpenAPI description says beyond what the code shows: problems, examples, how tokens are sent."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

from verify.api.problems import BLANK, KEY_REUSED, MEDIA_TYPE, problem
from verify.api.shapes.base import Problem
from verify.api.throttling import QUOTA_EXCEEDED

_WHEN = {
    400: ("The request cannot be understood.", "url: The address has no host."),
    401: ("Nobody is signed in, or the token is not valid.", "This token is not valid, or not any more."),
    403: ("Not with this role, or not with this token.", "This token lacks the scope “capture”."),
    404: ("There is nothing here for you.", "There is nothing at this address."),
    405: ("There is no such method here.", "Method “PUT” not allowed."),
    406: ("Nothing can be answered in the form wanted.", "Could not satisfy the request Accept header."),
    409: ("It is not so any more, or cannot be done as things stand.", "Somebody changed this meanwhile."),
    412: ("`If-Match` names another state.", "What is here now is not what the request was made for."),
    413: ("The body is too large.", "The body is larger than this installation accepts."),
    415: ("The body is not JSON.", "Unsupported media type “text/plain” in request."),
    422: (
        "The `Idempotency-Key` came before with another request.",
        "This key was sent with another request.",
    ),
    428: ("`If-Match` is missing.", "Say with If-Match which state you have seen."),
    429: ("More requests than are allowed.", "Too many requests. Try again in 12 seconds."),
}
_KINDS = {422: KEY_REUSED, 429: QUOTA_EXCEEDED}


def problems(*statuses: int) -> dict[Any, Any]:
    """The error responses of an operation, for `extend_schema`."""
    return {
        (status, MEDIA_TYPE): OpenApiResponse(
            Problem,
            _WHEN[status][0],
            examples=[
                OpenApiExample(
                    f"problem {status}",
                    value=problem(status, _WHEN[status][1], kind=_KINDS.get(status, BLANK)),
                    media_type=MEDIA_TYPE,
                    response_only=True,
                    status_codes=[str(status)],
                )
            ],
        )
        for status in statuses
    }


class BearerToken(OpenApiAuthenticationExtension):
    target_class = "verify.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the desk's settings page.",
        }
