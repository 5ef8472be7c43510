"""Ask the witnesses of the policy to cosign the newest checkpoint (c2sp.org/tlog-witness)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.conf import settings

from sources.custody import merkle, note, policy, tree
from sources.custody.models import Checkpoint, Cosignature
from sources.custody.note import NoteError, VerifierKey
from sources.custody.policy import Policy, Witness
from sources.custody.post import Answer, PostError, post
from sources.custody.services import CustodyError

logger = logging.getLogger(__name__)

MAX_ANSWER = 64 * 2**10  # bytes
MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)
_CONFLICT = "text/x.tlog.size"


class WitnessError(CustodyError):
    """A witness gave no cosignature that can be kept; the message says why."""


class HistoryDiffers(WitnessError):
    """A witness holds another history of this log than we do: somebody was shown a fork, or we lost entries."""


def configured_policy() -> Policy:
    """The policy of the settings."""
    return policy.parse(settings.LOG_POLICY)


def cosign_newest(*, at: datetime) -> list[Cosignature]:
    """Get the newest checkpoint cosigned by every witness that has not; returns what is new.

    Only the newest needs it: by its consistency proof a witness vouches for all before. Whoever refuses or does not
    answer is logged and asked again the next time; the others are not kept waiting for more than its deadline.
    """
    newest = Checkpoint.objects.order_by("size").last()
    if newest is None:
        return []
    asked = set(newest.cosignatures.values_list("verifier_key", flat=True))
    kept = []
    for witness in configured_policy().witnesses.values():
        if not witness.url or str(witness.key) in asked:
            continue
        try:
            kept.append(cosign(checkpoint=newest, witness=witness, at=at))
        except HistoryDiffers as alarm:
            logger.critical("%s", alarm)
        except WitnessError as refusal:
            logger.warning("%s", refusal)
    return kept


def cosign(*, checkpoint: Checkpoint, witness: Witness, at: datetime) -> Cosignature:
    """Have `witness` cosign `checkpoint`, verify what it answers, keep it. Raises `WitnessError`."""
    old = _last_cosigned(witness.key)
    answer = _submit(checkpoint, witness, min(old, checkpoint.size))
    if answer.status == 409 and answer.content_type == _CONFLICT:
        known = _known_size(answer, witness)
        if known > checkpoint.size:
            raise HistoryDiffers(
                f"The witness {witness.name} has cosigned this log at {known} entries, but our newest checkpoint has "
                f"{checkpoint.size}: the database may be an older backup. Run fsck and log checkpoint."
            )
        answer = _submit(checkpoint, witness, known)
        if answer.status == 409 and known == checkpoint.size:  # as version 1.0 of the protocol says it
            raise _differs(checkpoint, witness)
    if answer.status == 422:
        raise _differs(checkpoint, witness)
    if answer.status != 200:
        raise WitnessError(_refusal(answer, witness))
    return _keep(checkpoint, witness, answer.body, at)


def cosignatures_in(
    checkpoint_note: str, lines: bytes, keys: Iterable[VerifierKey]
) -> list[tuple[VerifierKey, note.Signature]]:
    """The valid cosignatures by `keys` among a witness's answer; those of other keys are passed over."""
    text = checkpoint_note.partition("\n\n")[0]
    answer = note.parse(f"{text}\n\n".encode() + lines)
    return answer.verified_by(list(keys))


def witnessed_note(checkpoint: Checkpoint) -> str:
    """The checkpoint with the cosignatures that were kept, as it is served and put into proofs."""
    lines = checkpoint.cosignatures.order_by("received_at", "id").values_list("line", flat=True)
    return checkpoint.note + "".join(lines)


def has_quorum(checkpoint: Checkpoint) -> bool:
    """Whether the kept cosignatures satisfy the policy of the settings; False if it asks for none."""
    rules = configured_policy()
    keys = [VerifierKey.parse(row.verifier_key) for row in checkpoint.cosignatures.all()]
    return not rules.asks_for_none and rules.satisfied_by(keys)


def _last_cosigned(key: VerifierKey) -> int:
    sizes = Cosignature.objects.filter(verifier_key=str(key)).order_by("-checkpoint__size")
    return sizes.values_list("checkpoint__size", flat=True).first() or 0


def _submit(checkpoint: Checkpoint, witness: Witness, old: int) -> Answer:
    """One add-checkpoint: the witness's size, the proof from there, the checkpoint as we signed it."""
    proof = merkle.consistency_proof(old, checkpoint.size, tree.tree_nodes(checkpoint.size))
    lines = [f"old {old}", *map(note.encode_hash, proof), "", checkpoint.note]
    try:
        return post(
            f"{witness.url}/add-checkpoint",
            "\n".join(lines).encode(),
            content_type="text/plain; charset=utf-8",
            max_bytes=MAX_ANSWER,
        )
    except PostError as error:
        raise WitnessError(f"The witness {witness.name} gave no cosignature. {error}") from error


def _known_size(answer: Answer, witness: Witness) -> int:
    try:
        return note.parse_decimal(answer.body.decode("ascii").removesuffix("\n"))
    except (UnicodeError, IndexError, NoteError) as error:
        raise WitnessError(
            f"The witness {witness.name} answers 409 with a size that cannot be read."
        ) from error


def _keep(checkpoint: Checkpoint, witness: Witness, lines: bytes, at: datetime) -> Cosignature:
    try:
        ((key, signature),) = cosignatures_in(checkpoint.note, lines, [witness.key])
        signed_at = datetime.fromtimestamp(signature.time, UTC)
    except (NoteError, ValueError, OverflowError, OSError) as error:
        raise WitnessError(f"The answer of the witness {witness.name} was not kept: {error}.") from error
    if abs(signed_at - at) > MAX_CLOCK_DIFFERENCE:
        raise WitnessError(
            f"The answer of the witness {witness.name} was not kept: it is dated {signed_at:%Y-%m-%d %H:%M:%S} UTC, "
            f"more than {MAX_CLOCK_DIFFERENCE.seconds // 60} minutes from our clock."
        )
    row, _ = Cosignature.objects.get_or_create(
        checkpoint=checkpoint,
        verifier_key=str(key),
        defaults={"name": key.name, "line": signature.line(), "at": signed_at, "received_at": at},
    )
    return row


def _differs(checkpoint: Checkpoint, witness: Witness) -> HistoryDiffers:
    return HistoryDiffers(
        f"The witness {witness.name} holds another history of this log than our checkpoint of {checkpoint.size} "
        "entries. Keep its database and ours as they are, run fsck, and compare the two checkpoints."
    )


def _refusal(answer: Answer, witness: Witness) -> str:
    reasons = {
        403: "it does not know the key that signed the checkpoint: give its operator the log's verifier key",
        404: "it does not know this log: give its operator the log's origin and verifier key",
    }
    if 300 <= answer.status < 400:
        reason = "it sends us elsewhere, which is never followed: put its new address into the policy"
    else:
        reason = reasons.get(answer.status, "see its operator's log")
    return f"The witness {witness.name} answers {answer.status}: {reason}."
