"""Tell people of things, and keep what they have read."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from verify.accounts.models import Role, User
from verify.notify.models import Kind, Notification
from verify.notify.preferences import choices_for

if TYPE_CHECKING:
    from claims.statements.models import Claim
    from verify.accounts.models import Desk


def notify(
    *,
    to: Iterable[User],
    kind: Kind,
    desk: Desk,
    key: str,
    at: datetime.datetime,
    claim: Claim | None = None,
    task: Any = None,
    comment: Any = None,
    actor: User | None = None,
) -> int:
    """Tell each of `to` once of the event that `key` names (up to 200 characters); how many were told.

    It belongs to the caller's transaction: what is rolled back is told to nobody. Nobody is told of what they did
    themselves, nor of a desk that they do not belong to. `task` and `comment` are rows of the floor above. No sentence
    is kept: it is made when it is read, from what its reader may see then. Five queries, however many people.
    """
    kind = Kind(kind)
    asked = {person.pk for person in to} - {actor.pk if actor else None}
    people = (
        list(members(desk).filter(pk__in=asked).order_by("pk").values_list("pk", flat=True)) if asked else []
    )
    if not people:
        return 0
    wanted = choices_for(people, kind)
    told = [
        Notification(
            recipient_id=person,
            desk=desk,
            kind=kind,
            key=key,
            claim=claim,
            task=task,
            comment=comment,
            actor=actor,
            created_at=at,
            mail=wanted[person],
        )
        for person in people
    ]
    Notification.objects.bulk_create(told, ignore_conflicts=True)
    # What was told before conflicts with what was just made, and keeps the id that it had.
    return Notification.objects.filter(pk__in=[row.pk for row in told]).count()


def members(desk: Desk, role: Role = Role.VIEWER) -> QuerySet[User]:
    """The active people who have `role` or a higher one at `desk`."""
    return User.objects.filter(
        is_active=True, memberships__desk=desk, memberships__role__in=Role.at_least(role)
    )


def editors_of(desk: Desk) -> QuerySet[User]:
    """Who is told of what concerns the desk as a whole: its active editors and administrators."""
    return members(desk, Role.EDITOR)


def unread_count(user: Any, desk: Desk) -> int:
    """How many notifications of `desk` the person has not read, of those that they may still see."""
    return Notification.objects.visible_to(user).unread().filter(desk=desk).count()


def mark_read(
    *,
    by: User,
    at: datetime.datetime,
    notification: Notification | None = None,
    desk: Desk | None = None,
    up_to: datetime.datetime | None = None,
) -> int:
    """Mark one `notification` as read, or all of a `desk` told until `up_to` (without it, until `at`); how many were.

    What was read before keeps its time.
    """
    rows = Notification.objects.visible_to(by).unread()
    if notification is not None:
        rows = rows.filter(pk=notification.pk)
    else:
        rows = rows.filter(desk=desk, created_at__lte=up_to or at)
    return rows.update(read_at=at)
