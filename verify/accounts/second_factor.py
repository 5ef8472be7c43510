"""Second factors: who has one, which desks wait for one, and how their secrets are kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db.models import Exists, Q

from verify.accounts import sealing
from verify.accounts.sealing import CannotUnseal as CannotUnseal

if TYPE_CHECKING:
    from verify.accounts.models import Desk, User

FACTORS = ("totp", "webauthn")  # recovery codes stand in for these, and are none by themselves
PURPOSE = b"verify: secrets of second factors, version 1"


class SecondFactorMissing(Exception):
    """The person has no second factor, and the desk asks for one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(f"{desk.slug} requires a second factor")
        self.desk = desk


def has_second_factor(user: User) -> bool:
    """Whether the person has an authenticator or a passkey: one query."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def open_to(user: User) -> Q:
    """The condition on desks that `user` may open with the factors that they have; costs no query of its own."""
    # Imported here: querysets, and so the models of every part, stand on this module.
    from allauth.mfa.models import Authenticator

    factors = Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS)
    return Q(requires_second_factor=False) | Q(Exists(factors))


def check_open_to(user: User, desk: Desk) -> None:
    """Raise SecondFactorMissing; asks the database only for desks that require a second factor."""
    if desk.requires_second_factor and not has_second_factor(user):
        raise SecondFactorMissing(desk)


seal = partial(sealing.seal, purpose=PURPOSE)
unseal = partial(sealing.unseal, purpose=PURPOSE)
