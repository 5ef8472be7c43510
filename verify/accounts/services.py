"""What administrators do at their desk: who belongs to it, in which role, how many approvals it asks for."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from verify.accounts.models import Desk, Membership, Role, User
from verify.accounts.rules import check_has_role


@transaction.atomic
def add_member(*, desk: Desk, username: str, role: Role, by: User) -> Membership:
    """Make the person of that user name a member. Raises ValidationError for `username` when there is none."""
    check_has_role(by, desk, Role.ADMIN)
    user = User.objects.filter(username=username.strip(), is_active=True).first()
    if user is None:
        raise ValidationError({"username": _("Nobody here has this user name.")})
    if Membership.objects.filter(user=user, desk=desk).exists():
        raise ValidationError(
            {"username": _("%(name)s is a member already: change the role.") % {"name": user}}
        )
    member = Membership(user=user, desk=desk, role=role)
    member.full_clean()
    member.save(force_insert=True)
    return member


@transaction.atomic
def change_role(*, member: Membership, role: Role, by: User) -> None:
    """Give a member another role. A desk always keeps an administrator."""
    check_has_role(by, member.desk_id, Role.ADMIN)
    # All administrators' rows are locked: two who demote each other at once must not both succeed.
    admins = list(
        Membership.objects.select_for_update().filter(desk=member.desk_id, role=Role.ADMIN).order_by("pk")
    )
    if role != Role.ADMIN and [admin.pk for admin in admins] == [member.pk]:
        raise ValidationError({"role": _("A desk needs an administrator: make somebody else one first.")})
    member.role = role
    member.full_clean()
    member.save(update_fields=["role"])


@transaction.atomic
def change_approvals(*, desk: Desk, approvals_needed: int, by: User) -> None:
    """Set how many reviewers must approve the same content before it is published."""
    check_has_role(by, desk, Role.ADMIN)
    desk = Desk.objects.select_for_update().get(pk=desk.pk)
    desk.approvals_needed = approvals_needed
    desk.full_clean()
    desk.save(update_fields=["approvals_needed"])
