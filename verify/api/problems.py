"""Every error of the API as a problem (RFC 9457): `application/problem+json` with a sentence for a person."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from psycopg.errors import UniqueViolation
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import set_rollback

from claims.statements.services import ChangedMeanwhile
from verify.api.parsers import BodyTooLarge
from verify.api.throttling import count

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

# Most errors are told apart by their status. These have a type of their own: a program must know what to do next.
BLANK = "about:blank"
QUOTA_EXCEEDED = (
    "https://iana.org/assignments/http-problem-types#quota-exceeded"  # draft-ietf-httpapi-ratelimit-headers
)
KEY_REUSED = "idempotency-key-reused"
HISTORY_CHANGED = "history-changed"
MEANING = {
    KEY_REUSED: _lazy(
        "The same Idempotency-Key was sent before with another method, address or body. Nothing was done. Send a new "
        "key with each thing to be done, and the old key only when repeating the very same request."
    ),
    HISTORY_CHANGED: _lazy(
        "The numbers of the changes that the consumer has seen do not lead to what is published here, as after a "
        "backup was restored. Nothing can be followed on from there: take everything anew."
    ),
}


def handler(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to whatever a view raised. What nobody foresaw is logged with its traceback and answers 500."""
    known = _counted(context["request"]) or _known(error)
    if known is None:
        request = context["request"]
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        known = exceptions.APIException(_("An error in Verify itself; its log says more."))
    set_rollback()
    headers = {}
    if challenge := getattr(known, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(known, "wait", None):
        headers["Retry-After"] = str(int(wait))
    body = problem(known.status_code, *_said(known), kind=getattr(known, "kind", BLANK))
    body |= getattr(known, "extra", {})
    return Response(body, status=known.status_code, headers=headers, content_type=MEDIA_TYPE)


def _counted(request: Request) -> exceptions.APIException | None:
    """What refuses a request that was refused already, before it was counted: too many of them."""
    try:
        count(request)
    except exceptions.Throttled as too_many:
        return too_many
    return None


def problem(
    status: int, detail: str, errors: list[dict[str, str]] | None = None, *, kind: str = BLANK
) -> dict[str, Any]:
    """The members of RFC 9457 §3.1, with `errors` naming the fields that were wrong, if any were."""
    body: dict[str, Any] = {
        "type": f"{settings.SITE_URL}/api/problems/{kind}" if kind in MEANING else kind,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return body | ({"errors": errors} if errors else {})


class Conflict(exceptions.APIException):
    status_code = HTTPStatus.CONFLICT


class HistoryChanged(Conflict):
    """What a consumer has followed so far is no beginning of what is here: it must begin anew."""

    kind = HISTORY_CHANGED


class PreconditionFailed(exceptions.APIException):
    status_code = HTTPStatus.PRECONDITION_FAILED
    default_detail = _lazy("What is here now is not what the request was made for.")


class PreconditionRequired(exceptions.APIException):
    """RFC 6585, section 3."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_detail = _lazy("Say with If-Match which state you have seen.")


class KeyReused(exceptions.APIException):
    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = _lazy(
        "This key was sent with another request. Take a new one for each thing to be done."
    )
    kind = KEY_REUSED


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound(_("There is nothing at this address."))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied(str(error) or None)
    if isinstance(error, ChangedMeanwhile):
        return Conflict(" ".join(error.messages))
    if isinstance(error, DjangoValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return exceptions.ValidationError(
            {"" if name == "__all__" else name: text for name, text in fields.items()}
        )
    if isinstance(error, IntegrityError) and isinstance(error.__cause__, UniqueViolation):
        return Conflict(_("Somebody else has made the same at this moment."))
    if isinstance(error, RequestDataTooBig):
        return BodyTooLarge()
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError()
    return None


def _said(error: exceptions.APIException) -> tuple[str, list[dict[str, str]] | None]:
    if not isinstance(error, exceptions.ValidationError):
        return str(error.detail), None
    errors = list(_flat(error.detail, ""))
    named = [f"{each['field']}: {each['detail']}" if each["field"] else each["detail"] for each in errors]
    return " ".join(named), [each for each in errors if each["field"]] or None


def _flat(detail: Any, field: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name in ("non_field_errors", "") else str(name)
            yield from _flat(inner, ".".join(part for part in (field, own) if part))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, field)
    else:
        yield {"field": field, "detail": str(detail)}
