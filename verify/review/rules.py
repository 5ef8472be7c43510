"""Who may assign, decide and sign."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from claims.statements.models import Axis, Claim, Transition
from claims.statements.states import Workflow
from verify.accounts.models import Role
from verify.accounts.rules import check_has_role, has_role
from verify.review.models import Review, Task, TaskKind
from verify.review.states import ROUND, WAITING, TaskState


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


def can_take(user: Any, task: Task) -> bool:
    """Whoever could be asked for it, while it is free."""
    return task.state == TaskState.OPEN and _can_have(user, task)


def can_review(user: Any, task: Task) -> bool:
    """The person to whom the task is assigned, while an opinion is owed and they are not the author."""
    return task.assignee_id == user.pk and task.state in WAITING and _can_have(user, task)


def _can_have(user: Any, task: Task) -> bool:
    able = can_adjudicate if task.kind == TaskKind.ADJUDICATION else can_be_reviewer
    return able(user, task.claim)


def can_adjudicate(user: Any, claim: Claim) -> bool:
    """Whoever could review the claim and has given none of the opinions that differ."""
    return can_be_reviewer(user, claim) and user.pk not in _reviewers(claim)


def check_can_adjudicate(user: Any, claim: Claim) -> None:
    """Raise PermissionDenied with the reason unless `can_adjudicate`."""
    check_can_be_reviewer(user, claim)
    if user.pk in _reviewers(claim):
        raise PermissionDenied(_("Whoever gave one of the opinions may not decide between them."))


def _reviewers(claim: Claim) -> set[Any]:
    """Everybody who has given an opinion on the content on which opinions differ."""
    differ = Task.objects.filter(claim=claim.pk, state=TaskState.CONFLICT)
    content = Review.objects.filter(task__in=differ).values("content_digest")
    given = Review.objects.filter(claim=claim.pk, content_digest__in=content)
    return {*given.values_list("reviewer_id", flat=True), *differ.values_list("assignee_id", flat=True)}


def is_blind(tasks: Iterable[Task]) -> bool:
    """Whether, of all tasks of a claim, one of the blind round still owes its opinion.

    The same as `TaskQuerySet.blind`, for who has read the rows.
    """
    return any(task.kind in ROUND and task.state in WAITING for task in tasks)


def is_decided(claim: Claim) -> bool:
    """Whether a claim is approved, closed, or shown to the public: what is re-checked when the world changes."""
    return claim.workflow in DECIDED or Claim.objects.filter(pk=claim.pk).filter(shown()).exists()


DECIDED = frozenset({Workflow.APPROVED, Workflow.CLOSED})


def shown(claim: str = "pk") -> Q:
    """The claims (named so from the queried rows) that were published and not retracted: from their transitions."""
    moves = Transition.objects.filter(claim=OuterRef(claim), axis=Axis.PUBLICATION)
    return Q(Exists(moves)) & ~Q(Exists(moves.filter(new="retracted")))


def reviewers_for(claim: Claim, kind: TaskKind | None = None) -> tuple[list[Any], list[tuple[Any, str]]]:
    """The members of the desk who may review a claim now, and each of the others with the reason why not.

    With `kind`, somebody who has another kind of review of it to do may be asked for this one as well.
    """
    asked = claim.tasks.filter(state__in=WAITING)
    if kind is not None:
        asked = asked.filter(kind=kind)
    return _sorted_out(
        claim, [(set(asked.values_list("assignee_id", flat=True)), _("has it to review already"))]
    )


def adjudicators_for(claim: Claim) -> tuple[list[Any], list[tuple[Any, str]]]:
    """The members of the desk who may decide between the opinions, and each of the others with the reason why not."""
    return _sorted_out(claim, [(_reviewers(claim), _("gave one of the opinions"))])


def who_can_take(task: Task) -> list[Any]:
    """Everybody to whom a task in the pool is offered."""
    if task.kind == TaskKind.ADJUDICATION:
        return adjudicators_for(task.claim)[0]
    return reviewers_for(task.claim, TaskKind(task.kind))[0]


def _sorted_out(claim: Claim, further: list[tuple[set[Any], str]]) -> tuple[list[Any], list[tuple[Any, str]]]:
    proposer = claim.verdicts.order_by("-number").values_list("proposed_by_id", flat=True).first()
    barred: list[tuple[set[Any], str]] = [
        ({claim.author_id}, _("wrote the claim")),
        ({claim.changed_by_id}, _("changed its content last")),
        ({proposer}, _("proposed the verdict")),
        *further,
    ]
    able, refused = [], []
    for member in claim.desk.memberships.select_related("user").filter(user__is_active=True):
        why = [reason for people, reason in barred if member.user_id in people]
        if member.role not in Role.at_least(Role.CHECKER):
            why.insert(0, _("may only look: reviewers are checkers or above"))
        if why:
            refused.append((member.user, ", ".join(why)))
        else:
            able.append(member.user)
    return able, refused
