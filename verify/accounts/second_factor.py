"""Second factors: who has one, which desks wait for one, and how their secrets are kept."""

from __future__ import annotations

import base64
import os
from functools import cache
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db.models import Exists, Q

if TYPE_CHECKING:
    from verify.accounts.models import Desk, User

FACTORS = ("totp", "webauthn")  # recovery codes stand in for these, and are none by themselves
VERSION = b"\x01"
NONCE_BYTES = 12
PURPOSE = b"verify: secrets of second factors, version 1"


class SecondFactorMissing(Exception):
    """The person has no second factor, and the desk asks for one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(f"{desk.slug} requires a second factor")
        self.desk = desk


class CannotUnseal(Exception):
    """The secret was altered, or was sealed with another key."""


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


def seal(text: str) -> str:
    """`text` under AES-256-GCM: base64 of a version byte (1), a 12-byte random nonce, ciphertext with tag."""
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(VERSION + nonce + _cipher().encrypt(nonce, text.encode(), PURPOSE)).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Raises CannotUnseal."""
    try:
        given = base64.b64decode(sealed, validate=True)
    except ValueError:
        raise CannotUnseal("this secret is not in the form in which secrets are kept") from None
    if given[:1] != VERSION:
        raise CannotUnseal("this secret was sealed in a form that this version does not know")
    nonce, ciphertext = given[1 : 1 + NONCE_BYTES], given[1 + NONCE_BYTES :]
    try:
        return _cipher().decrypt(nonce, ciphertext, PURPOSE).decode()
    except (InvalidTag, ValueError):
        raise CannotUnseal("this secret was altered or was sealed with another key") from None


def _cipher() -> AESGCM:
    return AESGCM(_key(settings.IDENTITY_KEY))


@cache
def _key(identity_key: str) -> bytes:
    """A key of its own for this purpose (HKDF, RFC 5869): what seals identities seals nothing else."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return kdf.derive(base64.b64decode(identity_key))
