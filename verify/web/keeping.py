"""Drafts on the server: what somebody types into a form is theirs on whatever machine they sign in, until it is sent.

Only forms of the kinds that are named here are kept, each about one thing. No other form reaches the table: none with a
password, a file, the reasons of a take-down or the identity of a protected person.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists
from django.utils.translation import gettext as _

from claims.statements.models import Axis, Transition
from verify.accounts.models import User
from verify.review.models import Task
from verify.review.states import WAITING, TaskState
from verify.web.models import FormDraft

KINDS = (
    *("claim-new", "claim-edit", "assertion", "assertion-edit", "figure", "figure-edit"),
    *("evidence", "evidence-edit", "verdict-new", "review", "comment"),
)
KEY = re.compile(rf"(?P<kind>{'|'.join(KINDS)})-(?P<of>[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})")
AWAY = (TaskState.OPEN, TaskState.ASSIGNED, TaskState.DECLINED)  # moves that take a task from whoever had it
MOST_BYTES = 64 * 1024  # of a draft as it is sent
MOST_DRAFTS = 50  # of a person; the oldest goes first
MOST_FIELDS = 200
MAX_AGE = timedelta(days=30)
NEVER = ("csrfmiddlewaretoken", "password", "identity")


def keep_draft(*, key: str, fields: Any, by: User, at: datetime) -> FormDraft:
    """Keep what `by` has typed into the form `key`: lists of strings by the name of the field.

    Raises ValidationError for a form that is not kept here, and for what no form would send.
    """
    check_key(key)
    _check_fields(fields)
    if not _is_theirs(key, by, saved_at=at):
        drop_draft(key=key, by=by)  # no transaction around it: the refusal would bring it back
        raise ValidationError(_("This task is not yours any more."))
    return _keep(key, fields, by=by, at=at)


@transaction.atomic
def _keep(key: str, fields: Any, *, by: User, at: datetime) -> FormDraft:
    # Two tabs of one person keep one after the other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    draft, _made = FormDraft.objects.update_or_create(
        user=by, key=key, defaults={"fields": fields, "saved_at": at}
    )
    newest = FormDraft.objects.filter(user=by).order_by("-saved_at", "-pk").values("pk")[:MOST_DRAFTS]
    FormDraft.objects.filter(user=by).exclude(pk__in=list(newest.values_list("pk", flat=True))).delete()
    return draft


def drafts_of(user: User, keys: list[str], *, at: datetime) -> dict[str, FormDraft]:
    """The person's own drafts of these forms that are not too old. An opinion's only while the task stays theirs."""
    found = FormDraft.objects.filter(user=user, key__in=keys[:MOST_DRAFTS], saved_at__gt=at - MAX_AGE)
    mine = {draft.key: draft for draft in found}
    gone = [draft for draft in mine.values() if not _is_theirs(draft.key, user, saved_at=draft.saved_at)]
    for draft in gone:
        mine.pop(draft.key).delete()
    return mine


def drop_draft(*, key: str, by: User) -> None:
    """Forget it: the form was accepted, or its writer threw it away."""
    check_key(key)
    FormDraft.objects.filter(user=by, key=key).delete()


def sweep_drafts(*, at: datetime) -> int:
    """Forget every draft that has not been touched for too long; how many there were."""
    deleted, _by_model = FormDraft.objects.filter(saved_at__lte=at - MAX_AGE).delete()
    return deleted


def check_key(key: str) -> None:
    """ValidationError unless it names a form that is kept here, about one thing."""
    if not KEY.fullmatch(key):
        raise ValidationError(_("What is typed into this form is not kept here."))


def _is_theirs(key: str, user: User, *, saved_at: datetime) -> bool:
    """Whether an opinion is still asked of this person; every other draft is its writer's for good.

    What was kept before the task was taken away is gone, though the task came back.
    """
    match = KEY.fullmatch(key)
    if match is None or match["kind"] != "review":
        return True
    away = Transition.objects.filter(axis=Axis.TASK, subject=match["of"], new__in=AWAY, at__gt=saved_at)
    asked = Task.objects.filter(pk=match["of"], assignee=user, state__in=WAITING)
    return asked.exclude(Exists(away)).exists()


def _check_fields(fields: Any) -> None:
    wrong = ValidationError(_("This is not what a form sends."))
    if not isinstance(fields, dict) or len(fields) > MOST_FIELDS:
        raise wrong
    for name, values in fields.items():
        if any(word in name for word in NEVER):
            raise ValidationError(_("What is typed into this form is not kept here."))
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise wrong
        if any(not _storable(text) for text in (name, *values)):
            raise wrong


def _storable(text: str) -> bool:
    """PostgreSQL has no U+0000 in text, and half of a surrogate pair is no character."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
