"""What the views of the API stand on: answers that may be kept, lists that are filtered, addresses that are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from verify.accounts.models import Desk, Role, User
from verify.accounts.rules import check_has_role
from verify.api.models import Scope
from verify.api.pagination import Cursor
from verify.api.permissions import HasScope
from verify.api.problems import PreconditionFailed
from verify.api.services import desk_for
from verify.api.shapes.base import Paging, Strict

MAX_AGE = 60  # seconds


def unchanged_or(request: Request, make: Callable[[], HttpResponseBase], *, etag: str) -> HttpResponseBase:
    """304 for a caller who has it already, else what `make` gives, for anybody's cache."""
    quoted = quote_etag(etag)
    known = get_conditional_response(request._request, etag=quoted)
    if known is not None and known.status_code == PreconditionFailed.status_code:
        raise PreconditionFailed
    response: HttpResponseBase = known or make()
    response.headers["ETag"] = quoted
    response.headers["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return response


class Filtered(GenericAPIView):
    """A list whose query parameters are all known, or refused by name."""

    filters: type[Strict]
    pagination_class = Cursor
    facts: Callable[[Any], dict[str, Any]]

    def given(self) -> dict[str, Any]:
        """The filters of this request, checked."""
        filters = self.filters(data=self.request.query_params)
        filters.is_valid(raise_exception=True)
        paging = Paging().fields
        return {name: value for name, value in filters.validated_data.items() if name not in paging}

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        facts = [type(self).facts(row) for row in page or []]
        return self.get_paginated_response(self.get_serializer(facts, many=True).data)


class DeskEndpoint(APIView):
    """An address for members of a desk: a scope for each method, rows as the caller may see them, one service a write.

    It looks so::

        class Documents(DeskList):
            scopes = {"GET": Scope.READ, "POST": Scope.WRITE}

            def post(self, request: Request) -> HttpResponseBase:
                given = self.given_body(shapes.DocumentIn)          # 400 names the fields
                def act() -> Response:
                    document = register_document(desk=self.desk_of(given), by=self.by, at=timezone.now(), **given)
                    return self.made(shapes.DocumentOut, shapes.document_facts(document))
                return self.once(act)
    """

    permission_classes = [HasScope]
    scopes: Mapping[str, Scope] = {"GET": Scope.READ}

    @property
    def by(self) -> User:
        """Who acts."""
        assert isinstance(self.request.user, User)  # HasScope saw to it
        return self.request.user

    def load(self, queryset: Any, *, role: Role = Role.VIEWER, **lookup: Any) -> Any:
        """The row as the caller may see it, else 404; 403 for whoever has a lower role at its desk.

        `queryset` is a manager or queryset with `visible_to`, of rows that have a `desk`.
        """
        row = get_object_or_404(queryset.visible_to(self.by), **lookup)
        if role != Role.VIEWER:
            check_has_role(self.by, row.desk_id, role)
        return row

    def given_body(self, shape: type[Strict]) -> dict[str, Any]:
        """The body, checked against its shape. Raises ValidationError, which names the fields."""
        given = shape(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def desk_of(self, given: dict[str, Any], role: Role = Role.CHECKER) -> Desk:
        """The desk that the body names (and `given` no longer does), or the caller's only one."""
        desk = desk_for(self.by, given.pop("desk", None))
        check_has_role(self.by, desk.pk, role)
        return desk

    def once(self, act: Callable[[], Response]) -> HttpResponseBase:
        """What `act` answers; what it does is done in one transaction, and under one `Idempotency-Key` only once."""
        with transaction.atomic():
            return act()

    def made(self, shape: type[Any], facts: dict[str, Any]) -> Response:
        """201, with the address of what was made."""
        return Response(shape(facts).data, status=201, headers={"Location": facts["links"]["self"]})

    def now(self, shape: type[Any], facts: dict[str, Any]) -> Response:
        """200, with how it stands now."""
        return Response(shape(facts).data)


class DeskList(DeskEndpoint, Filtered):
    """A list for members of a desk, filtered by what the URL says."""


@extend_schema(exclude=True)
class Nothing(APIView):
    """Whatever has no address of its own, answered as a problem and not as a page."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        try:
            match = resolve(f"{request.path_info}/")
        except Resolver404:
            match = None
        if match is not None and match.url_name != "api-nothing":
            raise NotFound(_("There is nothing at this address; with a slash at its end there is."))
        raise NotFound(_("There is nothing at this address."))
