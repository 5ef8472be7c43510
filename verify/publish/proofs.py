"""What a stranger needs to check a published version: its log entry, the proof of it, and the log's keys."""

from __future__ import annotations

from django.conf import settings

from sources.custody import services as custody
from sources.custody.models import Checkpoint, LogKey
from verify.publish.models import Version
from verify.publish.reading import covering_checkpoint


def entry_bytes(version: Version) -> bytes:
    """The log's entry on a version: SHA-256 of 0x00 and these bytes is the leaf (RFC 6962 §2.1)."""
    return bytes(version.entry.body)


def proof_text(version: Version) -> str | None:
    """The proof (c2sp.org/tlog-proof@v1) that the entry is in the log, under the first checkpoint that covers it.

    None while the log has not been signed since.
    """
    checkpoint = covering_checkpoint(version.entry_id)
    return custody.inclusion_proof(version.entry_id, checkpoint) if checkpoint else None


def newest_checkpoint() -> Checkpoint | None:
    """The newest signed head of the log."""
    return Checkpoint.objects.order_by("-size").first()


def log_keys() -> list[LogKey]:
    """The keys that sign or have signed, newest last; before the first signature, the one of the settings."""
    found = list(LogKey.objects.order_by("added_at", "pk"))
    return found or [
        LogKey(name=settings.LOG_ORIGIN, verifier_key=str(custody.configured_signer().verifier_key))
    ]
