"""Pages by opaque cursors: a place in the order, not a number of rows to skip.

A cursor holds what the last row of a page is ordered by, its key included. What comes in, goes or moves elsewhere in
the order while somebody turns the pages shifts nothing: every row that stays where it is is met once.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Field, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

PAGE_SIZE = 25
MAX_PAGE_SIZE = 100


@dataclass(frozen=True)
class Page:
    """Rows, and the cursors of the page after and the page before, empty where there is none."""

    rows: list[Any]
    next: str = ""
    previous: str = ""


def page_of(
    queryset: QuerySet[Any], ordering: Sequence[str], *, cursor: str, size: int, skip: int = 0
) -> Page:
    """The page of `queryset` at `cursor` (empty: the first). Raises ValidationError for what is no cursor of it.

    `skip` leaves out so many rows after the cursor.
    `ordering` names columns or annotations, "-" before what goes down, and ends with what no two rows share.
    """
    backward, place = _opened(cursor, ordering) if cursor else (False, None)
    names = [_turned(name) for name in ordering] if backward else list(ordering)
    rows = queryset.order_by(*names)
    if place is not None:
        try:
            rows = rows.filter(_after(rows, names, place))
        except (DjangoValidationError, ValueError, TypeError, OverflowError) as error:
            raise _no_cursor() from error
    found = list(rows[skip : skip + size + 1])
    more, found = len(found) > size, found[:size]
    if backward:
        found.reverse()
    if not found:
        return Page([])
    first, last = (_cursor(ordering, found[0], True), _cursor(ordering, found[-1], False))
    comes, came = (True, more) if backward else (more, place is not None)
    return Page(found, last if comes else "", first if came else "")


class Cursor(BasePagination):
    """Pages as the view's `ordering` says; `next` and `previous` are addresses to follow as they are."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        self.page = page_of(
            queryset, view.ordering, cursor=request.query_params.get("cursor", ""), size=page_size(request)
        )
        return self.page.rows

    def addresses(self) -> dict[str, str | None]:
        """`next` and `previous`."""
        turns = {"next": self.page.next, "previous": self.page.previous}
        return {name: self._address(cursor) if cursor else None for name, cursor in turns.items()}

    def get_paginated_response(self, data: Any) -> Response:
        return Response({**self.addresses(), "results": data})

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """For the OpenAPI description."""
        address = {
            "type": "string",
            "nullable": True,
            "format": "uri",
            "example": "https://factcheck.example.org/api/v1/claims/?cursor=WzAsMV0",
        }
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def _address(self, cursor: str) -> str:
        given = {**self.request.query_params.dict(), "cursor": cursor}
        return f"{settings.SITE_URL}{self.request.path}?{urlencode(given)}"


def page_size(request: Request) -> int:
    """How many rows a page is asked to have; whether that is allowed, the list's filters see to."""
    try:
        return min(max(int(request.query_params["page_size"]), 1), MAX_PAGE_SIZE)
    except (KeyError, ValueError):
        return PAGE_SIZE


def _after(rows: QuerySet[Any], names: Sequence[str], place: Sequence[str | None]) -> Q:
    """What comes after `place` in the order of `names`.

    That the first of them is not before the place is said for itself, so that the database can go by an index.
    """
    condition, same, bound = Q(pk__in=[]), Q(), Q()
    for number, (name, text) in enumerate(zip(names, place, strict=True)):
        column, down = name.removeprefix("-"), name.startswith("-")
        field = _field(rows, column)
        value = None if text is None else field.to_python(text)
        if text is not None and value is None:
            raise ValueError(text)
        condition |= same & _beyond(column, value, down=down, nullable=field.null)
        same &= Q(**{column: value}) if value is not None else Q(**{f"{column}__isnull": True})
        if number == 0 and value is not None and not field.null:
            bound = Q(**{f"{column}__{'lte' if down else 'gte'}": value})
    return bound & condition


def _beyond(column: str, value: Any, *, down: bool, nullable: bool) -> Q:
    """After `value` in one column. PostgreSQL takes nothing for greater than everything."""
    if value is None:
        return Q(**{f"{column}__isnull": False}) if down else Q(pk__in=[])
    if down:
        return Q(**{f"{column}__lt": value})
    further = Q(**{f"{column}__gt": value})
    return further | Q(**{f"{column}__isnull": True}) if nullable else further


def _field(rows: QuerySet[Any], column: str) -> Field[Any, Any]:
    annotated = rows.query.annotations.get(column)
    if annotated is not None:
        field: Field[Any, Any] = annotated.output_field
        return field
    model = rows.model
    *path, last = column.split("__")
    for step in path:
        model = model._meta.get_field(step).related_model
    try:
        field = model._meta.pk if last == "pk" else model._meta.get_field(last)
    except FieldDoesNotExist:
        field = next(each for each in model._meta.fields if each.attname == last)
    while field.is_relation:
        field = field.target_field  # type: ignore[attr-defined] # of relations alone
    return field


def _value(row: Any, column: str) -> str | None:
    if isinstance(row, Mapping):
        value = row[column]
    else:
        *path, last = column.split("__")
        for step in path:
            row = getattr(row, step)
        value = getattr(row, last)
        value = getattr(value, "pk", value)
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _cursor(ordering: Sequence[str], row: Any, backward: bool) -> str:
    place = [_value(row, name.removeprefix("-")) for name in ordering]
    written = json.dumps([int(backward), ",".join(ordering), place], separators=(",", ":"))
    return urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _opened(cursor: str, ordering: Sequence[str]) -> tuple[bool, list[str | None]]:
    try:
        backward, order, place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        good = (
            backward in (0, 1)
            and order == ",".join(ordering)
            and len(place) == len(ordering)
            and all(text is None or (isinstance(text, str) and "\x00" not in text) for text in place)
        )
        if good:
            json.dumps(place, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, TypeError, RecursionError) as error:
        raise _no_cursor() from error
    if not good:
        raise _no_cursor()
    return bool(backward), place


def _turned(name: str) -> str:
    return name.removeprefix("-") if name.startswith("-") else f"-{name}"


def _no_cursor() -> ValidationError:
    return ValidationError({"cursor": [_("This is no cursor of this list. Begin without one.")]})
