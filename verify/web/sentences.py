"""What a notification says, made when it is read: only from what its reader may see at that moment.

It stands here and not beside the rows because it needs what is above them: whose opinions are blind, and addresses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from verify.notify.models import Kind, Notification
from verify.review.models import Task

if TYPE_CHECKING:
    from verify.accounts.models import User


def told(user: User) -> Any:
    """The notifications that the person may see, a NotificationQuerySet with what their sentences need: one query."""
    owed = Task.objects.filter(claim=OuterRef("claim")).blind()
    rows = Notification.objects.visible_to(user).select_related("desk", "claim", "task", "comment", "actor")
    return rows.annotate(blind=Exists(owed))


def sentence(notification: Any) -> str:
    """What happened, in the reader's language; without the claim, which stands beside it.

    While an opinion on the claim is owed (`blind`), nothing is said that tells how anybody judged it. What was said in
    a comment is never repeated, and a comment that was taken back is not ascribed to anybody.
    """
    made = _SENTENCES[Kind(notification.kind)](notification)
    # The name keeps its own direction inside a sentence of another.
    return made % {"name": f"\u2068{notification.actor}\u2069"} if notification.actor else made


def address(notification: Any) -> str:
    """The page that it is about: the review or the comment that it tells of, the webhooks, else the claim."""
    if notification.kind == Kind.WEBHOOK:
        return reverse("desk-webhooks")
    if notification.task_id and notification.kind in _ABOUT_A_TASK:
        return reverse("task", args=[notification.task_id])
    if not notification.claim_id:
        return reverse("inbox")
    if notification.comment_id:
        return reverse("comment", args=[notification.comment_id]) + f"#comment-{notification.comment_id}"
    return reverse("claim", args=[notification.claim_id])


_ABOUT_A_TASK = {Kind.ASSIGNED, Kind.POOL, Kind.OVERDUE, Kind.RECHECK}


def _assigned(told: Any) -> str:
    return _("%(name)s asks you for a review.") if told.actor else _("A review is asked of you.")


def _pool(told: Any) -> str:
    return _("A review is free to be taken.")


def _taken_away(told: Any) -> str:
    return _("Your review was given to somebody else, or is no longer needed.")


def _declined(told: Any) -> str:
    return _("%(name)s declined a review.") if told.actor else _("A reviewer declined.")


def _overdue(told: Any) -> str:
    return _("A review is overdue.")


def _news() -> str:
    return _("There is news of a review; how it was judged is told when all opinions are in.")


def _conflict(told: Any) -> str:
    return _news() if told.blind else _("The reviewers disagree.")


def _approved(told: Any) -> str:
    return _news() if told.blind else _("The claim is approved.")


def _returned(told: Any) -> str:
    return _news() if told.blind else _("The claim came back.")


def _void(told: Any) -> str:
    if told.blind:
        return _("%(name)s changed the claim.") if told.actor else _("The claim was changed.")
    if told.actor:
        return _("%(name)s changed the claim; the approvals that it had are void.")
    return _("The claim was changed; the approvals that it had are void.")


def _mention(told: Any) -> str:
    if told.comment is None or told.comment.removed_at:
        return _("A comment that mentioned you was taken back.")
    return (
        _("%(name)s mentions you in a comment.") if told.actor else _("Somebody mentions you in a comment.")
    )


def _reply(told: Any) -> str:
    if told.comment is None or told.comment.removed_at:
        return _("An answer in a thread of yours was taken back.")
    return (
        _("%(name)s answers in a thread of yours.") if told.actor else _("A thread of yours has an answer.")
    )


def _recheck(told: Any) -> str:
    return _("Something that the claim stands on has changed.")


def _webhook(told: Any) -> str:
    return _("A webhook of the desk was switched off: its receiver took nothing for days, or wants no more.")


_SENTENCES: dict[Kind, Callable[[Any], str]] = {
    Kind.ASSIGNED: _assigned,
    Kind.POOL: _pool,
    Kind.TAKEN_AWAY: _taken_away,
    Kind.DECLINED: _declined,
    Kind.OVERDUE: _overdue,
    Kind.CONFLICT: _conflict,
    Kind.APPROVED: _approved,
    Kind.RETURNED: _returned,
    Kind.VOID: _void,
    Kind.MENTION: _mention,
    Kind.REPLY: _reply,
    Kind.RECHECK: _recheck,
    Kind.WEBHOOK: _webhook,
}
