"""What the views of the API stand on: answers that may be kept, lists that are filtered, addresses that are none."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import parse_etags, quote_etag
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
from verify.api import repeating
from verify.api.models import Scope
from verify.api.pagination import Cursor
from verify.api.permissions import HasScope
from verify.api.problems import PreconditionFailed, PreconditionRequired
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


def etag_of(row: Model) -> str:
    """What names the state of a row: SHA-256 over all its columns (not of those of other rows that belong to it)."""
    columns = [(column.attname, column.value_to_string(row)) for column in row._meta.concrete_fields]
    return hashlib.sha256(repr(columns).encode(errors="surrogatepass")).hexdigest()[:32]


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

        `queryset` is a manager or queryset with `visible_to`, of rows that have a `desk`. Inside `once` it may be
        locked until the end: `self.load(Document.objects.select_for_update(of=("self",)), pk=pk)`.
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
        """What `act` answers; what it does is done in one transaction, and under one `Idempotency-Key` only once.

        Whatever depends on how things stand (`load`, `desk_of`, `must_match`, the service) belongs into `act`: a
        repetition that comes at the same time waits before `act`, and is then answered without it.
        """
        return repeating.do_once(self.request, self.by, act, self._finished)

    def must_match(self, etag: str, *, required: bool = False) -> None:
        """Raise PreconditionFailed (412) when `If-Match` names another state than `etag`, which is `etag_of(row)`.

        Without the header nothing is asked, or, where it is `required`, PreconditionRequired (428) is raised. It is
        required where the service takes what was seen (a claim's `revision`): whoever changes what others work on says
        on what they looked. Call it inside `once`, of a row that is locked or that the service compares anew.
        """
        given = self.request.headers.get("If-Match")
        if given is None:
            if required:
                raise PreconditionRequired
        elif given.strip() != "*" and quote_etag(etag) not in parse_etags(given):
            raise PreconditionFailed

    def made(self, shape: type[Any], facts: dict[str, Any], *, etag: str = "") -> Response:
        """201, with the address of what was made and, given `etag_of(row)`, what `If-Match` is to name."""
        headers = {"Location": facts["links"]["self"]} | ({"ETag": quote_etag(etag)} if etag else {})
        return Response(shape(facts).data, status=201, headers=headers)

    def now(self, shape: type[Any], facts: dict[str, Any], *, etag: str = "") -> Response:
        """200, with how it stands now and, given `etag_of(row)`, what `If-Match` is to name."""
        return Response(shape(facts).data, headers={"ETag": quote_etag(etag)} if etag else None)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        repeating.check_new(request, self.by)

    def handle_exception(self, exc: Exception) -> Response:
        return exc.answer if isinstance(exc, repeating.Repeated) else super().handle_exception(exc)  # type: ignore[return-value]

    def _finished(self, answer: Response) -> HttpResponse:
        answer.accepted_renderer = self.request.accepted_renderer
        answer.accepted_media_type = self.request.accepted_media_type
        answer.renderer_context = self.get_renderer_context()  # type: ignore[attr-defined]
        return answer.render()


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
