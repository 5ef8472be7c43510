"""Signatures of what is sent, as Standard Webhooks 1.0 describes them. Pure.

Signed are id, timestamp (whole seconds since 1970, UTC) and body, joined by full stops, with HMAC-SHA256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"  # so that scanners for leaked secrets can tell what it is
SECRET_BYTES = 32


def new_secret() -> str:
    """A secret of 32 random bytes, in the form in which receivers' libraries take it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, *, id: str, timestamp: int, body: bytes) -> str:
    """One signature: `v1,` and base64 of the HMAC."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers(keys: Iterable[str], *, id: str, timestamp: int, body: bytes) -> list[tuple[str, str]]:
    """The three headers; with several secrets (one is being replaced) there are as many signatures, one space apart."""
    signatures = " ".join(sign(key, id=id, timestamp=timestamp, body=body) for key in keys)
    return [
        ("webhook-id", id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signatures),
    ]
