"""Every error of the API as a problem (RFC 9457): `application/problem+json` with a sentence for a person."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from claims.statements.services import ChangedMeanwhile

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


def handler(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to whatever a view raised. What nobody foresaw is logged with its traceback and answers 500."""
    known = _known(error)
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
    body = problem(known.status_code, *_said(known))
    return Response(body, status=known.status_code, headers=headers, content_type=MEDIA_TYPE)


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """The members of RFC 9457 §3.1, with `errors` naming the fields that were wrong, if any were."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return body | ({"errors": errors} if errors else {})


class Conflict(exceptions.APIException):
    status_code = HTTPStatus.CONFLICT


class PreconditionFailed(exceptions.APIException):
    status_code = HTTPStatus.PRECONDITION_FAILED
    default_detail = "What is here now is not what the request was made for."


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
