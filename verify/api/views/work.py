"""What the views of a desk's work share: rows that are part of a claim, references in a body, content that was seen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from claims.statements.models import Claim
from claims.statements.services import ChangedMeanwhile
from verify.accounts.models import Role
from verify.accounts.rules import check_has_role, desks_of
from verify.api.models import Scope
from verify.api.problems import Conflict, PreconditionFailed
from verify.api.schema import problems
from verify.api.shapes.base import Paging
from verify.api.views.base import DeskList
from verify.api.views.records import Record
from verify.review.content import content_digest
from verify.review.moving import lock

CLAIMS = Claim.objects.select_related("desk", "case", "author", "changed_by")
READS = (401, 403, 404, 406, 429)
LISTS = (400, *READS)
WRITES = (*LISTS, 409, 413, 415, 422)
JUDGEMENTS = (*WRITES, 412)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="the ETag of `…/content/` that was seen, in place of `content_digest_seen`",
)
CHANGES = " Say what was read: its ETag as `If-Match` (412 when it is another by now), or the claim's `revision` (409)."
_ETAG = re.compile(r'"([0-9a-f]{64})"')


class WorkEndpoint(Record):
    """An address of something that is part of a claim, or hangs on one."""

    scopes = {"GET": Scope.READ}

    def claim(self, pk: UUID, role: Role = Role.VIEWER) -> Claim:
        """The claim as the caller may see it, else 404; 403 for whoever has a lower role."""
        claim: Claim = self.load(CLAIMS, pk=pk, role=role)
        return claim

    def part(self, queryset: Any, pk: UUID, *, of: str = "claim", role: Role = Role.VIEWER) -> Any:
        """A row that whoever sees what it is part of may see, else 404; 403 for whoever has a lower role."""
        row = get_object_or_404(queryset.filter(**{f"{of}__desk__in": desks_of(self.by)}), pk=pk)
        if role != Role.VIEWER:
            check_has_role(self.by, getattr(row, of).desk_id, role)
        return row

    def seen(self, given: dict[str, Any]) -> str | None:
        """The digest of the content that the caller has seen, from If-Match or the body (and `given` no longer has it).

        412 for an If-Match that is no ETag of a content: `*` says nothing of what was seen.
        """
        said = given.pop("content_digest_seen", None)
        header = self.request.headers.get("If-Match")
        if header is None:
            return said
        etags = parse_etags(header)
        match = _ETAG.fullmatch(etags[0]) if len(etags) == 1 else None
        if match is None or said not in (None, match[1]):
            raise PreconditionFailed(_("If-Match takes the one ETag of the claim's content that was seen."))
        return match[1]

    @contextmanager
    def as_seen(self) -> Iterator[None]:
        """What was changed since it was read is refused with 412 after If-Match, else with 409."""
        try:
            yield
        except ChangedMeanwhile as refusal:
            if "If-Match" in self.request.headers:
                raise PreconditionFailed(" ".join(refusal.messages)) from refusal
            raise

    @contextmanager
    def as_things_stand(self) -> Iterator[None]:
        """What is refused for no field of the body is refused for how things stand: 409, or 412 after If-Match."""
        try:
            with self.as_seen():
                yield
        except ValidationError as refusal:
            if hasattr(refusal, "error_dict"):
                raise
            raise Conflict(" ".join(refusal.messages)) from refusal


class WorkList(WorkEndpoint, DeskList):
    """A list of what is part of a claim."""

    filters = Paging


def check_unchanged(claim: Claim, seen: str | None) -> None:
    """Raise ChangedMeanwhile unless the content of the claim is the one that was `seen`; it is locked from then on."""
    if seen is not None and content_digest(lock(claim.pk)) != seen:
        raise ChangedMeanwhile(
            _("The claim was changed since you looked at it. Look at it again, then decide.")
        )


def resolve(given: dict[str, Any], among: Mapping[str, QuerySet[Any]]) -> None:
    """Put rows in place of the ids in `given`, one or a list. Raises ValidationError for those not `among` them."""
    unknown = {}
    for name in among.keys() & given.keys():
        wanted = given[name]
        if wanted is None:
            continue
        keys = list(dict.fromkeys(wanted)) if isinstance(wanted, list) else [wanted]
        found = among[name].in_bulk(keys)
        if missing := [str(key) for key in keys if key not in found]:
            unknown[name] = _("There is none such at this desk: %(ids)s.") % {"ids": ", ".join(missing[:5])}
            continue
        given[name] = [found[key] for key in keys] if isinstance(wanted, list) else found[wanted]
    if unknown:
        raise ValidationError(unknown)


def operation(
    operation_id: str,
    summary: str,
    *,
    gives: Any,
    answers: Any = None,
    takes: Any = None,
    asks: Any = None,
    status: int = 200,
    refuses: tuple[int, ...] = READS,
    many: bool = False,
    says: str = "",
    parameters: Any = None,
    description: str = "",
) -> Callable[[Any], Any]:
    """`extend_schema` for the operations of a desk's work: what is asked, what is answered, what is refused."""
    examples = []
    if asks is not None:
        examples.append(OpenApiExample("asked", value=asks, request_only=True))
    if answers is not None:
        examples.append(
            OpenApiExample("answered", value=answers, response_only=True, status_codes=[str(status)])
        )
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description or None,
        request=takes,
        parameters=parameters if parameters is not None else ([Paging] if many else None),
        examples=examples,
        responses={
            status: OpenApiResponse(gives(many=True) if many else gives, says),
            **problems(*sorted(refuses)),
        },
    )
