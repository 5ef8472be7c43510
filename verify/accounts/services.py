"""What administrators do at their desk: who belongs to it and in which role, and what the desk asks of everybody."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from verify.accounts.acting import acting
from verify.accounts.models import Desk, Invitation, Membership, Role, User
from verify.accounts.rules import check_has_role

CHANGEABLE = frozenset({"name", "approvals_needed", "requires_second_factor"})


@transaction.atomic
def change_role(*, member: Membership, role: Role, by: User, at: datetime) -> None:
    """Give a member another role. A desk always keeps an administrator.

    Who is an administrator no longer has no open invitations: a link that was kept would lead back in.
    """
    check_has_role(by, member.desk_id, Role.ADMIN)
    member = _kept(member, role)
    if member.role == role:
        return
    with acting(by=by, at=at):
        member.role = role
        member.full_clean()
        member.save(update_fields=["role"])
        if role != Role.ADMIN:
            _revoke_invitations_of(member, by=by, at=at)


@transaction.atomic
def remove_member(*, member: Membership, by: User, at: datetime) -> None:
    """End a membership, from the next request on. What the person did stays; a desk always keeps an administrator.

    What the person was asked to review is not looked at here: `verify.review.leaving.leave_desk` does both.
    """
    check_has_role(by, member.desk_id, Role.ADMIN)
    member = _kept(member, None)
    with acting(by=by, at=at):
        _revoke_invitations_of(member, by=by, at=at)
        member.delete()


@transaction.atomic
def change_desk(*, desk: Desk, by: User, at: datetime, **fields: Any) -> Desk:
    """Change the desk's name, how many must approve, or whether a second factor is required.

    Whoever requires a second factor of everybody must have one: else the desk could be locked against all of them.
    """
    check_has_role(by, desk, Role.ADMIN)
    if unknown := fields.keys() - CHANGEABLE:
        raise TypeError(f"a desk has no {', '.join(sorted(unknown))} to change")
    desk = Desk.objects.select_for_update().get(pk=desk.pk)
    changed = [name for name, value in fields.items() if getattr(desk, name) != value]
    if not changed:
        return desk
    if "requires_second_factor" in changed and fields["requires_second_factor"]:
        _check_has_second_factor(by)
    for name in changed:
        setattr(desk, name, fields[name])
    desk.full_clean()
    with acting(by=by, at=at):
        desk.save(update_fields=changed)
    return desk


def hold_membership(person: User, desk_id: UUID) -> None:
    """Let nobody end or change this membership before the current transaction ends; nothing for who is no member.

    Whoever gives somebody work holds their membership first, then asks whether they may have it: what is given at the
    moment in which somebody leaves is then either refused or found by `verify.review.leaving`. Memberships are locked
    before claims, always, so that nobody waits in a circle.
    """
    held = Membership.objects.select_for_update(no_key=True).filter(user=person, desk=desk_id)
    held.values_list("pk").first()


def _kept(member: Membership, role: Role | None) -> Membership:
    """The member's row as it is now, locked, if the desk keeps an administrator when it gets `role` (None: goes)."""
    # All administrators' rows are locked: two who demote or remove each other at once must not both succeed.
    desk = Membership.objects.select_for_update().filter(desk=member.desk_id).order_by("pk")
    admins = [admin.pk for admin in desk.filter(role=Role.ADMIN)]
    current = desk.filter(pk=member.pk).first()
    if current is None:
        raise ValidationError(_("This person does not belong to the desk any more."))
    if role != Role.ADMIN and admins == [current.pk]:
        raise ValidationError({"role": _("A desk needs an administrator: make somebody else one first.")})
    return current


def _revoke_invitations_of(member: Membership, *, by: User, at: datetime) -> None:
    open_ones = Invitation.objects.filter(
        desk=member.desk_id, invited_by=member.user_id, accepted_at=None, revoked_at=None
    )
    open_ones.update(revoked_at=at, revoked_by=by)


def _check_has_second_factor(by: User) -> None:
    # The sign-in library is asked for only here, so that rows and rules load without it.
    from verify.accounts.second_factor import has_second_factor

    if not has_second_factor(by):
        raise ValidationError(
            {
                "requires_second_factor": _(
                    "Set up a second factor for yourself first: otherwise you would lock yourself out."
                )
            }
        )
