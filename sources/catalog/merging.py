"""Two records of one source: the duplicate keeps its row and whatever refers to it, and is read as the other.

Nothing that refers to a duplicate is rewritten: what was attributed to whom, by whom and when, stays as it was said,
published versions and log entries keep their meaning, and a merge that was wrong can be taken back whole.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from sources.catalog import finding, rules
from sources.catalog.changing import check_why
from sources.catalog.models import Affiliation, ProtectedIdentity, Source, SourceKind
from verify.accounts.acting import acting
from verify.accounts.models import User

MOST_SUGGESTED = 5
_MERGE = ["merged_into", "merged_by", "merged_at", "merged_because"]


@transaction.atomic
def merge(*, source: Source, into: Source, by: User, at: datetime, why: str) -> Source:
    """Read `source`, and whatever was merged into it before, as `into` from now on."""
    rules.check_can_merge(by, source.desk)
    check_why(why)
    source, into = _lock(source, into)
    _check_pair(source, into, by)
    former = list(Source.objects.select_for_update().filter(merged_into=source).order_by("pk"))
    with acting(by=by, at=at, why=why):
        for duplicate in (*former, source):  # the former first: what is merged has no duplicates of its own
            _read_as(duplicate, into, by, at, why)
    return source


@transaction.atomic
def unmerge(*, source: Source, by: User, at: datetime, why: str) -> Source:
    """Take a merge back: `source` stands again, with those that were merged into it before and went with it."""
    rules.check_can_merge(by, source.desk)
    check_why(why)
    source, _same = _lock(source, source)
    if source.merged_into_id is None:
        raise ValidationError(_("This is nobody’s duplicate."))
    check_custody([source, *Source.objects.filter(pk=source.merged_into_id)], by)
    brought = _brought_along(source)
    with acting(by=by, at=at, why=why):
        _read_as(source, None, None, None, "")
        for duplicate in brought:
            _read_as(duplicate, source, by, at, why)
    return source


def read_as(source: Source) -> Source:
    """What `source` is read as: what it was merged into, or itself."""
    return source.merged_into or source


def family_ids(source: Source) -> set[UUID]:
    """The ids of all rows that are read as one with `source`: what it is read as, and the duplicates of that."""
    head = source.merged_into_id or source.pk
    return {head, *Source.objects.filter(merged_into=head).values_list("pk", flat=True)}


def suggestions(source: Source) -> list[Source]:
    """Sources of the desk that may be the same: a name or another name alike, or the same homepage's host.

    None for a protected person, and never one: that somebody looks like somebody is a trace to who it is.
    """
    if source.is_protected or source.merged_into_id is not None:
        return []
    others = Source.objects.current().filter(desk=source.desk_id).exclude(pk=source.pk)
    others = others.exclude(kind=SourceKind.PROTECTED_PERSON)
    keys = {source.key, *source.aliases.values_list("key", flat=True)} - {""}
    found = finding.alike(others, sorted(keys), limit=MOST_SUGGESTED)
    host = host_of(source.homepage)
    if host and len(found) < MOST_SUGGESTED:
        known = {other.pk for other in found}
        near = others.filter(homepage__icontains=host).exclude(pk__in=known).order_by("name", "id")
        found += [other for other in near if host_of(other.homepage) == host]
    return found[:MOST_SUGGESTED]


def host_of(homepage: str) -> str:
    """The host of an address, without "www."; empty for none."""
    try:
        return (urlsplit(homepage).hostname or "").removeprefix("www.")
    except ValueError:  # brackets that hold no address
        return ""


def check_custody(family: list[Source], by: User) -> None:
    """Raise PermissionDenied unless `by` is a custodian of each sealed identity: that two are one is a secret too."""
    sealed = ProtectedIdentity.objects.filter(source__in=family)
    if sealed.exclude(custodians=by).exists():
        raise PermissionDenied(_("Only a custodian of both may say that two protected persons are one."))


def _lock(source: Source, into: Source) -> tuple[Source, Source]:
    """Both rows as they stand, locked in one order, whichever way round they are merged.

    What they were merged into is not joined: it would be the row of before the wait for the lock.
    """
    rows = Source.objects.select_for_update(of=("self",)).select_related("desk").order_by("pk")
    found = {row.pk: row for row in rows.filter(pk__in=[source.pk, into.pk])}
    return found[source.pk], found[into.pk]


def _check_pair(source: Source, into: Source, by: User) -> None:
    if into.desk_id != source.desk_id:
        raise ValidationError({"into": _("Choose a source of the same desk.")})
    if source.pk == into.pk:
        raise ValidationError({"into": _("A source is not merged into itself.")})
    for row, field in ((source, None), (into, "into")):
        if row.merged_into is not None:
            text = _("“%(name)s” was merged into “%(into)s” already.")
            refusal: Any = text % {"name": row, "into": row.merged_into}
            raise ValidationError({field: refusal} if field else refusal)
    if source.is_protected != into.is_protected:
        raise ValidationError(
            {"into": _("A protected person is merged with another protected person, or with nobody.")}
        )
    check_custody([source, into], by)
    ones, others = family_ids(source), family_ids(into)
    between = Q(source__in=ones, principal__in=others) | Q(source__in=others, principal__in=ones)
    if Affiliation.objects.standing().filter(between).exists():
        raise ValidationError(
            {
                "into": _(
                    "One is recorded as affiliated with the other, so they are two. Withdraw that first if it is wrong."
                )
            }
        )


def _read_as(row: Source, into: Source | None, by: User | None, at: datetime | None, why: str) -> None:
    row.merged_into, row.merged_by, row.merged_at, row.merged_because = into, by, at, why
    row.save(update_fields=_MERGE)


def _brought_along(source: Source) -> list[Source]:
    """What was read as `source` until the merge that is taken back."""
    went_with = Source.objects.select_for_update(of=("self",)).filter(
        merged_into=source.merged_into_id, merged_at=source.merged_at, merged_by=source.merged_by_id
    )
    history = Source.pgh_event_model.objects  # type: ignore[attr-defined]
    before = history.filter(merged_into=source.pk).values("pgh_obj_id")
    return list(went_with.exclude(pk=source.pk).filter(pk__in=before).order_by("pk"))
