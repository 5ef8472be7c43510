"""What becomes of somebody's reviews when they leave a desk, or may only look from now on: the pool gets them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from verify.accounts.models import Membership, Role, User
from verify.accounts.rules import check_has_role
from verify.accounts.services import change_role, remove_member
from verify.review.assigning import return_to_pool
from verify.review.models import Task


@transaction.atomic
def leave_desk(*, member: Membership, by: User, at: datetime) -> int:
    """End a membership and give back what the person had to review; how many reviews went to the pool.

    Opinions that were given stay and count: they were given by a member.
    """
    check_has_role(by, member.desk_id, Role.ADMIN)
    user, desk_id = member.user, member.desk_id
    remove_member(member=member, by=by, at=at)
    reason = _("%(name)s does not belong to the desk any more.") % {"name": user}
    return _give_back(user, desk_id, reason, by=by, at=at)


@transaction.atomic
def give_role(*, member: Membership, role: Role, by: User, at: datetime) -> int:
    """Change a role; who may only look from now on gives back their reviews. How many reviews went to the pool."""
    change_role(member=member, role=role, by=by, at=at)
    if role in Role.at_least(Role.CHECKER):
        return 0
    reason = _("%(name)s may only look at this desk now.") % {"name": member.user}
    return _give_back(member.user, member.desk_id, reason, by=by, at=at)


def _give_back(user: User, desk_id: UUID, reason: str, *, by: User, at: datetime) -> int:
    tasks = Task.objects.waiting().filter(assignee=user, claim__desk=desk_id)
    # In one order, so that two who leave never wait for each other.
    return sum(
        return_to_pool(task=task, owed_by=user, reason=reason, by=by, at=at)
        for task in tasks.order_by("claim_id", "pk")
    )
