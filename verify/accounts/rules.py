"""Who belongs where. Each rule comes as `can_…` (an answer) and, where a reason is owed, `check_can_…` (raises)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from verify.accounts.models import Desk, Membership, Role
from verify.accounts.second_factor import open_to

if TYPE_CHECKING:
    from uuid import UUID

    from django.contrib.auth.models import AnonymousUser

    from verify.accounts.models import User


def desks_of(user: User | AnonymousUser, role: Role = Role.VIEWER) -> QuerySet[Desk]:
    """The desks whose rows `user` may see now, having `role` or a higher one there; none for nobody.

    Every list, page, file and answer of the API stands on this, so a desk that requires a second factor stays shut to
    members without one, by whichever door and with whichever token they come.
    """
    desks = _desks_where(user, role)
    return desks.filter(open_to(user)) if user.is_authenticated else desks


def has_role(user: User | AnonymousUser, desk: Desk | Any, role: Role) -> bool:
    """Whether `user` has `role` or a higher one at `desk` (a Desk or its id).

    Whether they have the second factor that the desk may require is asked at the doors, not here: work that was given
    to them, or goes on in their name, is not lost for a telephone that is.
    """
    return _desks_where(user, role).filter(pk=getattr(desk, "pk", desk)).exists()


def bind(user: User, desk_id: UUID) -> None:
    """Let this object stand for `user` at one desk only: of their other desks it sees and may do nothing.

    It holds for the object as it was authenticated, which is what querysets, rules and services are given; a person
    read anew from the database (an author, a reviewer) is the whole person.
    """
    user._bound_to = desk_id  # type: ignore[attr-defined]


def bound_to(user: User | AnonymousUser) -> UUID | None:
    """The only desk that `user` stands for, if it was bound to one."""
    return getattr(user, "_bound_to", None)


def _desks_where(user: User | AnonymousUser, role: Role) -> QuerySet[Desk]:
    if not user.is_authenticated or not user.is_active:
        return Desk.objects.none()
    desks = Desk.objects.filter(
        pk__in=Membership.objects.filter(user=user, role__in=Role.at_least(role)).values("desk_id")
    )
    only = bound_to(user)
    return desks if only is None else desks.filter(pk=only)


def check_has_role(user: User | AnonymousUser, desk: Desk | Any, role: Role) -> None:
    """Raise PermissionDenied with a sentence that names the role that is missing."""
    if not has_role(user, desk, role):
        raise PermissionDenied(_("This needs the role “%(role)s” at the desk.") % {"role": role.label})
