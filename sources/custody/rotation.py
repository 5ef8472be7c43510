"""Change the key that signs the log, so that nobody who follows it loses the thread.

A new key is *introduced*: an entry names both, and from then on every checkpoint carries both signatures. When all
who verify have the new key, the old one is *retired*: another entry, and from then on the new key signs alone. Which
keys to trust comes from the settings on either side, never from the database.
"""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction

from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry, LogKey
from sources.custody.note import VerifierKey
from sources.custody.services import CustodyError, Subject, configured_signers, lock_signing, record

INTRODUCED, RETIRED = "introduced", "retired"


def introduce_key(*, by: models.Model | None, at: datetime) -> Entry:
    """Bring LOG_NEXT_SIGNING_KEY into use beside the key that signs; returns the entry that says so.

    From the next checkpoint on both sign. A process that was started without the next key signs nothing from here on
    and says why. Raises `CustodyError` when there is no next key, or a rotation is under way already.
    """
    signers = configured_signers()
    if len(signers) < 2 or signers[0].verifier_key == signers[1].verifier_key:
        raise CustodyError(
            "There is no next signing key: LOG_NEXT_SIGNING_KEY is not set, or is the old one."
        )
    old, new = (str(signer.verifier_key) for signer in signers)
    with transaction.atomic(durable=True):
        lock_signing()
        known = {key.verifier_key: key for key in LogKey.objects.all()}
        if not known:
            raise CustodyError("The log has not been signed yet: there is no key to change.")
        if new in known:
            raise CustodyError(f"The key {new} is one of this log's already; nothing was changed.")
        if [key for key in known if known[key].retired_at is None] != [old]:
            raise CustodyError(f"The key {old} is not the one that signs this log; nothing was changed.")
        LogKey.objects.create(name=signers[1].name, verifier_key=new, added_at=at)
        return _record(INTRODUCED, old, new, by, at)


def retire_key(*, by: models.Model | None, at: datetime) -> Entry:
    """Let the new key sign alone; returns the entry that says so.

    Raises `CustodyError` unless a checkpoint signed by both keys covers the introduction: whoever has the old key alone
    learns of the new one from there.
    """
    with transaction.atomic(durable=True):
        lock_signing()
        keys = list(LogKey.objects.filter(retired_at=None).order_by("added_at", "pk"))
        introduced = Entry.objects.filter(kind=Kind.KEY_ROTATED).order_by("-index").first()
        if introduced and len(keys) == 1 and _is_next(keys[0]):
            return introduced  # done before, but the settings were not brought to it yet
        if len(keys) != 2:
            raise CustodyError("No rotation is under way: there is no old key to retire.")
        old, new = keys
        if introduced is None or not Checkpoint.objects.filter(size__gt=introduced.index).exists():
            raise CustodyError(
                "No checkpoint covers the introduction of the new key yet. Restart the workers, so that they have both "
                "keys, wait for the next checkpoint, and let those who verify take over the new key."
            )
        # Whoever retires must be able to sign alone: a typing error here would end the log.
        if new.verifier_key not in {str(signer.verifier_key) for signer in configured_signers()}:
            raise CustodyError(f"This process does not have the new key {new}; nothing was changed.")
        LogKey.objects.filter(pk=old.pk).update(retired_at=at)
        return _record(RETIRED, old.verifier_key, new.verifier_key, by, at)


def keys_required(size: int, rotations: list[tuple[int, str, str, str]]) -> set[str]:
    """The verifier keys that must have signed a checkpoint of `size` entries, by the log's own rotation entries.

    `rotations` holds (index, stage, old, new) in order; the set is empty where they say nothing.
    """
    required: set[str] = set()
    for index, stage, old, new in rotations:
        if index >= size:
            return required or {old}
        required = {old, new} if stage == INTRODUCED else {new}
    return required


def rotations() -> list[tuple[int, str, str, str]]:
    """The rotations that the log records, as `keys_required` wants them."""
    found = []
    for entry in Entry.objects.filter(kind=Kind.KEY_ROTATED).order_by("index"):
        facts = entry.read().facts
        found.append((entry.index, str(facts["stage"]), str(facts["old"]), str(facts["new"])))
    return found


def _is_next(key: LogKey) -> bool:
    return key.verifier_key in {str(signer.verifier_key) for signer in configured_signers()[1:]}


def _record(stage: str, old: str, new: str, by: models.Model | None, at: datetime) -> Entry:
    subject = Subject("log-key", VerifierKey.parse(new).key_id.hex())
    facts = {"stage": stage, "old": old, "new": new}
    return record(kind=Kind.KEY_ROTATED, subject=subject, facts=facts, by=by, at=at)
