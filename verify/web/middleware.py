"""One structured log line a request."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

logger = logging.getLogger("verify.request")


class RequestLogMiddleware:
    """Logs method, path, status and milliseconds under a request id, which the response carries too.

    The query string stays out: a search for a protected person's name must not end up in a log file.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex
        begun = time.monotonic()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if not request.path.startswith("/health/"):
            logger.info(
                "%s %s %s",
                request.method,
                request.path,
                response.status_code,
                extra={
                    "request_id": request_id,
                    "status": response.status_code,
                    "ms": round((time.monotonic() - begun) * 1000, 1),
                },
            )
        return response
