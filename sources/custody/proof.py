"""Proof files: one entry's place in a signed tree, checkable offline (c2sp.org/tlog-proof@v1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from sources.custody import merkle, note
from sources.custody.note import Head, NoteError, VerifierKey

HEADER = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
MAX_HASHES = 63


@dataclass(frozen=True)
class Proof:
    index: int
    hashes: tuple[bytes, ...]  # from the leaf's sibling up to the root's child
    checkpoint: str  # the signed note, verbatim
    extra: bytes = b""  # authenticated by nothing

    def text(self) -> str:
        lines = [HEADER]
        if self.extra:
            lines.append("extra " + base64.b64encode(self.extra).decode())
        lines.append(f"index {self.index}")
        lines += [note.encode_hash(item) for item in self.hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def parse(cls, text: str) -> Proof:
        """Read a proof file strictly; nothing is verified by this. `NoteError` says what is malformed."""
        front, blank, checkpoint = text.partition("\n\n")
        lines = front.split("\n")
        if not blank or lines.pop(0) != HEADER:
            raise NoteError(f"a proof begins with the line {HEADER} and has a checkpoint after a blank line")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = _extra(lines.pop(0))
        if not lines or not lines[0].startswith("index "):
            raise NoteError("the proof has no index line")
        index = note.parse_decimal(lines.pop(0).removeprefix("index "))
        if len(lines) > MAX_HASHES:
            raise NoteError(f"a proof of more than {MAX_HASHES} hashes is refused")
        note.parse(checkpoint)
        return cls(index, tuple(note.decode_hash(line) for line in lines), checkpoint, extra)

    def verify(self, entry: bytes, keys: Sequence[VerifierKey], *, origin: str) -> Head:
        """The head of the tree that `entry` is proven to be in, signed by one of `keys`.

        `entry` is the entry's bytes, `origin` the log's name, `keys` the log's own (not its witnesses'): all come
        from the verifier, never from the proof. Raises `NoteError` or `merkle.ProofError`.
        """
        checkpoint = note.parse(self.checkpoint)
        checkpoint.verified_by(keys)
        head = Head.parse(checkpoint.text)
        if head.origin != origin:
            raise NoteError(f"the checkpoint is of the log {head.origin}, not {origin}")
        merkle.verify_inclusion(
            index=self.index, size=head.size, leaf=merkle.leaf_hash(entry), proof=self.hashes, root=head.root
        )
        return head


def _extra(line: str) -> bytes:
    try:
        return base64.b64decode(line.removeprefix("extra "), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("the proof's extra line is not base64") from error
