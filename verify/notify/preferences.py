"""How people want to be told by e-mail: what holds without a choice of theirs, and what they chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from verify.notify.models import Digest, Kind, Mail, Preference

if TYPE_CHECKING:
    from verify.accounts.models import User

# what somebody waits for is told at once; what only keeps a person informed comes once a day
_AT_ONCE = {Kind.ASSIGNED, Kind.OVERDUE, Kind.CONFLICT, Kind.MENTION}
DEFAULTS: Mapping[Kind, Mail] = {kind: Mail.IMMEDIATE if kind in _AT_ONCE else Mail.DIGEST for kind in Kind}


def choices_of(user: User) -> dict[Kind, Mail]:
    """How `user` wants each kind: their choice, else the default."""
    chosen = {Kind(p.kind): Mail(p.mail) for p in Preference.objects.filter(user=user)}
    return {**DEFAULTS, **chosen}


def choices_for(people: Iterable[Any], kind: Kind) -> dict[Any, Mail]:
    """By the id of each of `people` how they want `kind` just now; never for who wants no e-mail at all."""
    asked = list(people)
    silent = set(Digest.objects.filter(user__in=asked, silent=True).values_list("user_id", flat=True))
    chosen = dict(Preference.objects.filter(user__in=asked, kind=kind).values_list("user_id", "mail"))
    return {
        person: Mail.NEVER if person in silent else Mail(chosen.get(person, DEFAULTS[kind]))
        for person in asked
    }


def digest_of(user: User) -> Digest:
    """When `user` gets the digest, and whether they want e-mail at all; not saved while they never chose."""
    return Digest.objects.filter(user=user).first() or Digest(user=user)


@transaction.atomic
def choose(*, user: User, choices: Mapping[Kind, Mail], hour: int, silent: bool) -> None:
    """Keep how `user` wants each kind in `choices`, the hour (UTC, 0–23) of the digest, and whether to send nothing.

    The choices hold for what is told from now on; `silent` also holds back what waits to be sent.
    """
    Preference.objects.bulk_create(
        [Preference(user=user, kind=kind, mail=mail) for kind, mail in choices.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["mail"],
    )
    Digest.objects.update_or_create(user=user, defaults={"hour": hour, "silent": silent})
