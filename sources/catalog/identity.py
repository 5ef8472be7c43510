"""Sealing a protected person's identity: AES-256-GCM with a key that is kept outside the database.

The sealed form is one version byte (1), a 12-byte random nonce, and the ciphertext with its tag. The source's id is
bound in as associated data, so that a sealed identity cannot be moved to another source's row.
"""

from __future__ import annotations

import base64
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = b"\x01"
NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The sealed identity was altered, belongs to another source, or was sealed with another key."""


def seal(name: str, source_id: UUID) -> bytes:
    """Encrypt `name` for the source; two sealings of one name differ."""
    nonce = os.urandom(NONCE_BYTES)
    return VERSION + nonce + _cipher().encrypt(nonce, name.encode(), source_id.bytes)


def unseal(sealed: bytes, source_id: UUID) -> str:
    """The name that was sealed for the source. Raises CannotUnseal."""
    nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if sealed[:1] != VERSION:
        raise CannotUnseal("this identity was sealed in a form that this version does not know")
    try:
        return _cipher().decrypt(nonce, ciphertext, source_id.bytes).decode()
    except InvalidTag:
        raise CannotUnseal("this identity was altered or was sealed with another key") from None


def _cipher() -> AESGCM:
    return AESGCM(base64.b64decode(settings.IDENTITY_KEY))
