"""The description for machines, as it is served."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from verify.api.openapi import written
from verify.api.views.base import unchanged_or

JSON_TYPE, YAML_TYPE = "application/vnd.oai.openapi+json", "application/vnd.oai.openapi"


@extend_schema(exclude=True)
class Description(APIView):
    """The description itself: JSON, or YAML for who accepts that before JSON. It costs a second once a process."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> HttpResponseBase:
        as_json, as_yaml = written()
        first = request.headers.get("Accept", "").split(",")[0].split(";")[0].strip()
        yaml = request.query_params.get("format") == "yaml" or first == YAML_TYPE
        body, media_type = (as_yaml, YAML_TYPE) if yaml else (as_json, JSON_TYPE)
        etag = hashlib.sha256(body).hexdigest()[:32]
        response = unchanged_or(request, lambda: HttpResponse(body, content_type=media_type), etag=etag)
        response.headers["Vary"] = "Accept"
        return response

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return super().perform_content_negotiation(request, force=True)  # it has two forms of its own
