"""Who may assign, decide and sign."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from claims.statements.models import Claim
from verify.accounts.models import Role
from verify.accounts.rules import check_has_role, has_role
from verify.review.models import Review, Task
from verify.review.states import WAITING


def can_assign(user: Any, claim: Claim) -> bool:
    """Editors and above assign review tasks."""
    return has_role(user, claim.desk_id, Role.EDITOR)


def check_can_assign(user: Any, claim: Claim) -> None:
    """Raise PermissionDenied unless `can_assign`."""
    check_has_role(user, claim.desk_id, Role.EDITOR)


def can_be_reviewer(user: Any, claim: Claim) -> bool:
    """A checker or above of the desk who neither wrote the claim nor changed it last nor proposed its verdict."""
    proposer = claim.verdicts.order_by("-number").values_list("proposed_by_id", flat=True).first()
    return user.pk not in (claim.author_id, claim.changed_by_id, proposer) and has_role(
        user, claim.desk_id, Role.CHECKER
    )


def check_can_be_reviewer(user: Any, claim: Claim) -> None:
    """Raise PermissionDenied with the reason unless `can_be_reviewer`."""
    check_has_role(user, claim.desk_id, Role.CHECKER)
    if not can_be_reviewer(user, claim):
        raise PermissionDenied(
            _("Whoever wrote a claim, changed it last or proposed its verdict may not review it.")
        )


def can_review(user: Any, task: Task) -> bool:
    """The person to whom the task is assigned, while an opinion is owed and they are not the author."""
    return task.assignee_id == user.pk and task.state in WAITING and can_be_reviewer(user, task.claim)


def can_read_review(user: Any, review: Review, *, outstanding: bool) -> bool:
    """One's own; those of others once no opinion on the claim is outstanding: opinions are blind until all are in."""
    return not outstanding or review.reviewer_id == user.pk


def reviewers_for(claim: Claim) -> tuple[list[Any], list[tuple[Any, str]]]:
    """The members of the desk who may review a claim now, and each of the others with the reason why not."""
    proposer = claim.verdicts.order_by("-number").values_list("proposed_by_id", flat=True).first()
    asked = set(claim.tasks.filter(state__in=WAITING).values_list("assignee_id", flat=True))
    able, refused = [], []
    for member in claim.desk.memberships.select_related("user").filter(user__is_active=True):
        reasons = [
            (
                member.role not in Role.at_least(Role.CHECKER),
                _("may only look: reviewers are checkers or above"),
            ),
            (member.user_id == claim.author_id, _("wrote the claim")),
            (member.user_id == claim.changed_by_id, _("changed its content last")),
            (member.user_id == proposer, _("proposed the verdict")),
            (member.user_id in asked, _("has it to review already")),
        ]
        why = [reason for applies, reason in reasons if applies]
        if why:
            refused.append((member.user, ", ".join(why)))
        else:
            able.append(member.user)
    return able, refused
