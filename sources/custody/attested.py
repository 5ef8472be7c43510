"""fsck of what others said of our checkpoints: cosignatures and timestamps are as they were received."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sources.custody.body import BodyError
from sources.custody.models import Cosignature, Timestamp
from sources.custody.note import NoteError, VerifierKey
from sources.custody.rfc3161 import TimestampError, read_response
from sources.custody.witnessing import cosignatures_in


def problems(signed: int) -> Iterator[tuple[str, str]]:
    """(thing, problem) for whatever under the newest `signed` entries does not fit."""
    cosignatures = Cosignature.objects.filter(checkpoint__size__lte=signed).select_related("checkpoint")
    for row in cosignatures.order_by("pk").iterator():
        if problem := _cosignature_problem(row):
            yield f"cosignature of checkpoint {row.checkpoint.size} by {row.name}", problem
    timestamps = Timestamp.objects.filter(checkpoint__size__lte=signed).select_related("checkpoint", "entry")
    for stamp in timestamps.order_by("pk").iterator():
        if problem := _timestamp_problem(stamp):
            yield f"timestamp of checkpoint {stamp.checkpoint.size} by {stamp.authority}", problem


def _cosignature_problem(row: Cosignature) -> str | None:
    """Its signature is verified under its own key; whether to trust that key is the policy's to say."""
    try:
        key = VerifierKey.parse(row.verifier_key)
        ((_, signature),) = cosignatures_in(row.checkpoint.note, row.line.encode(), [key])
    except NoteError as error:
        return f"does not verify: {error}"
    if (row.name, row.line) != (key.name, signature.line()):
        return "its row says another witness or line than its key"
    if row.at != datetime.fromtimestamp(signature.time, UTC):
        return "its row says another time than its signature"
    return None


def _timestamp_problem(row: Timestamp) -> str | None:
    """The log holds the digest of its response; so signature and certificates need no second look."""
    try:
        facts = row.entry.read().facts
        token = read_response(bytes(row.response))
    except (BodyError, TimestampError) as error:
        return f"cannot be read: {error}"
    if hashlib.sha256(bytes(row.response)).hexdigest() != facts.get("response_sha256"):
        return f"its response is not the one that entry {row.entry_id} records"
    if hashlib.sha256(row.checkpoint.note.encode()).digest() not in bytes(row.query):
        return "its query is not about its checkpoint's note"
    if (row.gen_time, row.serial, row.certificate_expires_at) != (
        token.gen_time,
        str(token.serial),
        token.certificate_expires_at,
    ):
        return "its row says another time, number or certificate than its response"
    return None
