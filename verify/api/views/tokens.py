"""What the token that asks is; and what the types of problems mean."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from verify.api.examples.tokens import TOKEN_EXAMPLES
from verify.api.models import Token
from verify.api.problems import MEANING
from verify.api.shapes import tokens as shapes


class ThisToken(APIView):
    """For a token of any scope: the first thing to ask when something is refused."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="token",
        summary="The token that asks",
        description="Its name, its scopes, the desk that it is bound to, when it expires, and its limits.",
        examples=TOKEN_EXAMPLES,
        auth=[{"token": []}],  # type: ignore[list-item] # requirements are mappings
        responses={200: shapes.TokenOut},
    )
    def get(self, request: Request) -> Response:
        if not isinstance(request.auth, Token):
            raise NotFound(_("This was asked without a token."))
        return Response(
            shapes.TokenOut(shapes.token_facts(request.auth)).data, headers={"Cache-Control": "no-store"}
        )


@extend_schema(exclude=True)
class ProblemType(APIView):
    """What a problem's `type` names, for whoever opens it (RFC 9457, section 3.1.1)."""

    permission_classes = [AllowAny]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)  # a browser comes here too

    def get(self, request: Request, name: str) -> HttpResponse:
        if name not in MEANING:
            raise NotFound(_("There is nothing at this address."))
        return HttpResponse(f"{MEANING[name]}\n", content_type="text/plain; charset=utf-8")
