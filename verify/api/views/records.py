"""What the views of a desk's own rows share: rows that a body names, and writes that are refused when the row is no
longer as the caller has read it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from verify.api.models import Scope
from verify.api.problems import PreconditionFailed
from verify.api.views.base import DeskEndpoint, DeskList

SEEN = [
    OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        description="The ETag under which the row was read: nothing is written when it is another by now.",
    )
]


class Record(DeskEndpoint):
    """An address of one row, or of something that is done with it."""

    scopes = {"GET": Scope.READ, "POST": Scope.WRITE, "PUT": Scope.WRITE, "PATCH": Scope.WRITE}

    def resolve(self, given: dict[str, Any], **among: Any) -> dict[str, Any]:
        """`given` with rows in place of ids, each found in its queryset. Raises ValidationError by field."""
        missing = {}
        for field, rows in among.items():
            if given.get(field) is None:
                continue
            given[field] = rows.filter(pk=given[field]).first()
            if given[field] is None:
                missing[field] = [_("There is nothing of this id at your desks.")]
        if missing:
            raise ValidationError(missing)
        return given

    def shown(self, shape: type[Any], facts: dict[str, Any]) -> HttpResponseBase:
        """200 with how the row stands now and its ETag; 304 for a reader who has it already."""
        etag = tag_of(shape, facts)
        known = get_conditional_response(self.request._request, etag=quote_etag(etag))
        if known is not None and known.status_code == PreconditionFailed.status_code:
            raise PreconditionFailed
        response: HttpResponseBase = known or self.now(shape, facts)
        response.headers["ETag"] = quote_etag(etag)
        return response

    def standing(self, shape: type[Any], facts: dict[str, Any]) -> Response:
        """200 with how the row stands after a write, and its ETag."""
        return self.now(shape, facts, etag=tag_of(shape, facts))

    def created(self, shape: type[Any], facts: dict[str, Any]) -> Response:
        """201 with the row, its address and its ETag."""
        return self.made(shape, facts, etag=tag_of(shape, facts))

    def unless_changed(self, shape: type[Any], facts: dict[str, Any]) -> None:
        """Raise PreconditionFailed (412) when `If-Match` is given, and does not name the row as it is.

        Call it with the row locked, in the transaction of the change.
        """
        self.must_match(tag_of(shape, facts))

    def revision_seen(
        self, revision: int, given: dict[str, Any], shape: type[Any], facts: dict[str, Any]
    ) -> int:
        """The revision of the claim that the caller has read: what the body says, or what `If-Match` stands for.

        `revision` is the one that it has. `*` is no state that anybody has seen. Raises ValidationError for neither.
        """
        self.unless_changed(shape, facts)
        said: int | None = given.pop("revision", None)
        if said is None and self.request.headers.get("If-Match", "*").strip() == "*":
            why = _("Say which revision you have read, or send its ETag as If-Match.")
            raise ValidationError({"revision": [why]})
        return revision if said is None else said


class RecordList(Record, DeskList):
    """A list of rows of one's desks, to which new ones may be added."""


def tag_of(shape: type[Any], facts: dict[str, Any]) -> str:
    """What names the state of a row and of all that is shown with it, its names and topics too: SHA-256 over that."""
    return hashlib.sha256(JSONRenderer().render(shape(facts).data)).hexdigest()[:32]
