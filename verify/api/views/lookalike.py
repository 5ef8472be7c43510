"""`claims:search` with the parameters and the answers of Google's Fact Check Tools API, for clients made for that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from verify.api import problems as known
from verify.api.examples import public as examples
from verify.api.pagination import page_of
from verify.api.shapes import lookalike as shapes
from verify.api.views.public import public_answer
from verify.publish import reading

STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    406: "INVALID_ARGUMENT",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
}
ORDERS = {True: ("-rank", "publication_id"), False: ("-published_at", "publication_id")}


def _errors(*statuses: int) -> dict[Any, Any]:
    return {
        (status, "application/json"): OpenApiResponse(
            shapes.Error,
            "An error as Google's APIs say it.",
            examples=[
                OpenApiExample(
                    f"error {status}",
                    value={
                        "error": {
                            "code": status,
                            "message": "pageSize: A number.",
                            "status": STATUSES[status],
                        }
                    },
                    response_only=True,
                    status_codes=[str(status)],
                )
            ],
        )
        for status in statuses
    }


class Search(APIView):
    permission_classes = [AllowAny]
    refusals = staticmethod(_errors)

    @extend_schema(
        operation_id="claims_search",
        summary="Published reviews, as Google's Fact Check Tools API gives them",
        description="For clients of that API: only the host is another. A key is accepted and not looked at.",
        parameters=[shapes.Search],
        examples=examples.LOOKALIKE,
        responses={200: shapes.Found, **_errors(400, 412)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        asked = shapes.Search(data=request.query_params)
        asked.is_valid(raise_exception=True)
        # How old something is changes by itself: such an answer is the same until the day is over.
        day = f"{timezone.now():%Y-%m-%d}" if "maxAgeDays" in asked.validated_data else ""
        return public_answer(request, lambda: Response(_found(asked.validated_data)), also=day)

    def handle_exception(self, exc: Exception) -> Response:
        answer: Response = known.handler(exc, self.get_exception_handler_context())
        said = {
            "code": answer.status_code,
            "message": answer.data["detail"],
            "status": STATUSES.get(answer.status_code, "INTERNAL"),
        }
        headers = {name: answer.headers[name] for name in answer.headers if name != "Content-Type"}
        answer = Response({"error": said}, status=answer.status_code, headers=headers)
        answer.exception = True
        return answer


def _midnight() -> datetime:
    return timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _found(given: dict[str, Any]) -> dict[str, Any]:
    query, size = given.get("query", ""), min(given.get("pageSize") or shapes.PAGE_SIZE, shapes.MAX_PAGE_SIZE)
    rows = reading.listings(q=query, language=given.get("languageCode", "").split("-")[0])
    rows = rows.filter(retracted=False).exclude(review="")
    wanted = given.get("reviewPublisherSiteFilter", "").strip().lower().removeprefix("www.")
    if wanted and wanted != shapes.site():
        rows = rows.none()
    if "maxAgeDays" in given:
        rows = rows.filter(published_at__gte=_midnight() - timedelta(days=given["maxAgeDays"]))
    ordering = ORDERS[bool(query)]
    if query:
        rows = reading.ranked(rows, query)
    columns = ("publication_id", "published_at", "summary", "review", *(["rank"] if query else []))
    rows, token, skipped = rows.values(*columns), given.get("pageToken", ""), given.get("offset", 0)
    page = page_of(rows, ordering, cursor=token, size=size, skip=0 if token else skipped)
    found: dict[str, Any] = {"claims": [shapes.reviewed(row) for row in page.rows]} if page.rows else {}
    return found | ({"nextPageToken": page.next} if page.next else {})
