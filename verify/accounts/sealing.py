"""Sealing secrets that must be read again: AES-256-GCM with a key of its own for each purpose, made from IDENTITY_KEY.

The sealed form is base64 of a version byte (1), a 12-byte random nonce, and the ciphertext with its tag.
"""

from __future__ import annotations

import base64
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

VERSION = b"\x01"
NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The secret was altered, was sealed with another key, or for another row."""


def seal(text: str, *, purpose: bytes, of: bytes = b"") -> str:
    """`text` sealed for `purpose`, and for the row whose id is `of`, if given: in another's row it cannot be read."""
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = _cipher(purpose).encrypt(nonce, text.encode(), purpose + of)
    return base64.b64encode(VERSION + nonce + ciphertext).decode()


def unseal(sealed: str, *, purpose: bytes, of: bytes = b"") -> str:
    """What was sealed. Raises CannotUnseal."""
    try:
        given = base64.b64decode(sealed, validate=True)
    except ValueError:
        raise CannotUnseal("this secret is not in the form in which secrets are kept") from None
    if given[:1] != VERSION:
        raise CannotUnseal("this secret was sealed in a form that this version does not know")
    nonce, ciphertext = given[1 : 1 + NONCE_BYTES], given[1 + NONCE_BYTES :]
    try:
        return _cipher(purpose).decrypt(nonce, ciphertext, purpose + of).decode()
    except (InvalidTag, ValueError):
        raise CannotUnseal("this secret was altered or was sealed with another key") from None


def _cipher(purpose: bytes) -> AESGCM:
    return AESGCM(_key(settings.IDENTITY_KEY, purpose))


@cache
def _key(identity_key: str, purpose: bytes) -> bytes:
    """A key of its own for this purpose (HKDF, RFC 5869): what seals one kind of secret seals no other."""
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose)
    return kdf.derive(base64.b64decode(identity_key))
