"""Signed notes, checkpoints and cosignatures (c2sp.org/signed-note, /tlog-checkpoint, /tlog-cosignature)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 100
MAX_NOTE_SIZE = 1_000_000  # bytes
MAX_TREE_SIZE = 2**63 - 1
_SIGNATURE_SIZE = 64
_MARK = "— "  # U+2014 and a space begin each signature line


class NoteError(ValueError):
    """A note, key or signature is malformed, or does not verify; the message says which."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name: `name+hex(key id)+base64(algorithm and key)`."""

    name: str
    algorithm: int  # ED25519 or COSIGNATURE
    public: bytes  # 32 bytes, RFC 8032

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.algorithm not in (ED25519, COSIGNATURE) or len(self.public) != 32:
            raise NoteError("only Ed25519 keys of 32 bytes (algorithms 1 and 4) are supported")

    @property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, algorithm, key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_b64(bytes([self.algorithm]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read a verifier key; `NoteError` if it is malformed or its key id is not that of the key."""
        parts = text.split("+", 2)  # base64 may have a plus of its own, a name may not
        if len(parts) != 3:
            raise NoteError("a verifier key has the form name+keyid+base64")
        encoded = _unb64(parts[2], "verifier key")
        if not encoded:
            raise NoteError("the verifier key is empty")
        key = cls(name=parts[0], algorithm=encoded[0], public=encoded[1:])
        if parts[1] != key.key_id.hex():
            raise NoteError(f"the key id {parts[1]} does not belong to this key and name")
        return key


@dataclass(frozen=True)
class Signer:
    """A private key with its name. `algorithm` is ED25519 for a log, COSIGNATURE for a witness."""

    name: str
    seed: bytes
    algorithm: int = ED25519

    def __repr__(self) -> str:  # never the seed: representations end up in logs
        return f"Signer({self.verifier_key})"

    @classmethod
    def from_base64(cls, name: str, seed: str, algorithm: int = ED25519) -> Signer:
        """A signer from the base64 of a 32-byte Ed25519 seed."""
        decoded = _unb64(seed.strip(), "signing key")
        if len(decoded) != 32:
            raise NoteError(f"a signing key is 32 bytes in base64, not {len(decoded)}")
        return cls(name, decoded, algorithm)

    @property
    def verifier_key(self) -> VerifierKey:
        return VerifierKey(self.name, self.algorithm, self._private().public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The signature line, with its newline, of an Ed25519 key over the note text."""
        if self.algorithm != ED25519:
            raise NoteError("a cosigner signs with a time: use cosign")
        return self._line(self._private().sign(text.encode()))

    def cosign(self, text: str, time: int) -> str:
        """The signature line of a cosignature/v1 over a checkpoint's text at `time` (POSIX seconds)."""
        if self.algorithm != COSIGNATURE:
            raise NoteError("this key is not a cosigner's")
        signature = self._private().sign(_cosigned(text, time))
        return self._line(time.to_bytes(8, "big") + signature)

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def _line(self, signature: bytes) -> str:
        return f"{_MARK}{self.name} {_b64(self.verifier_key.key_id + signature)}\n"


@dataclass(frozen=True)
class Signature:
    """One signature line. `value` is what follows the key id."""

    name: str
    key_id: bytes
    value: bytes

    @property
    def time(self) -> int:
        """The POSIX seconds at the head of a cosignature; meaningless for any other signature."""
        return int.from_bytes(self.value[:8], "big")

    def line(self) -> str:
        """As it stands in a note, with its newline."""
        return f"{_MARK}{self.name} {_b64(self.key_id + self.value)}\n"


@dataclass(frozen=True)
class Note:
    text: str  # with its final newline
    signatures: tuple[Signature, ...]

    def verified_by(self, keys: Sequence[VerifierKey]) -> list[tuple[VerifierKey, Signature]]:
        """The signatures by `keys`, in the note's order; those of unknown keys are passed over.

        Raises `NoteError` if a signature by a known key is wrong, or if there is none by a known key.
        """
        known = {(key.name, key.key_id): key for key in keys}
        found: dict[VerifierKey, Signature] = {}
        for signature in self.signatures:
            key = known.get((signature.name, signature.key_id))
            if key is not None and key not in found:
                _verify(key, self.text, signature)
                found[key] = signature
        if not found:
            raise NoteError("the note has no signature by a known key")
        return list(found.items())


@dataclass(frozen=True)
class Head:
    """The body of a checkpoint: what the log says of itself at one size."""

    origin: str
    size: int  # leaves
    root: bytes  # 32 bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        return "\n".join([self.origin, str(self.size), _b64(self.root), *self.extensions]) + "\n"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read a checkpoint's note text, c2sp.org/tlog-checkpoint; `NoteError` if it is malformed."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or "" in lines:
            raise NoteError("a checkpoint has at least three lines, none of them empty")
        head = cls(lines[0], parse_decimal(lines[1]), _unb64(lines[2], "root hash"), tuple(lines[3:]))
        if len(head.root) != 32:
            raise NoteError("the root hash is not 32 bytes long")
        return head


def sign(text: str, signers: Sequence[Signer]) -> str:
    """The note: `text`, a blank line, and a line by each signer."""
    if not signers:
        raise NoteError("a note needs a signature")
    note = text + "\n" + "".join(signer.sign(text) for signer in signers)
    parse(note)  # what we could not read back must not be signed
    return note


def parse(note: str | bytes) -> Note:
    """Read a signed note strictly; no signature is verified by this. `NoteError` says what is malformed."""
    try:
        text = note if isinstance(note, str) else note.decode()
        size = len(text.encode())
    except UnicodeError as error:
        raise NoteError("the note is not UTF-8") from error
    if size > MAX_NOTE_SIZE:
        raise NoteError(f"a note of {size} bytes is too long")
    if any(char < " " and char != "\n" for char in text):
        raise NoteError("the note has control characters")
    body, blank, tail = text.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise NoteError("the note has no signatures after a blank line, or does not end in a newline")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"a note with more than {MAX_SIGNATURES} signatures is refused")
    return Note(body + "\n", tuple(_parse_signature(line) for line in lines))


def parse_decimal(text: str) -> int:
    """A number as the specifications write it: ASCII digits, no sign, no leading zero, below 2**63."""
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or (text[0] == "0" and text != "0"):
        raise NoteError("a number must be ASCII digits without leading zeroes")
    if int(text) > MAX_TREE_SIZE:
        raise NoteError("a number beyond 2**63 - 1 is refused")
    return int(text)


def decode_hash(text: str) -> bytes:
    """32 bytes from strict base64."""
    value = _unb64(text, "hash")
    if len(value) != 32:
        raise NoteError("a hash is not 32 bytes long")
    return value


def encode_hash(value: bytes) -> str:
    return _b64(value)


def _parse_signature(line: str) -> Signature:
    fields = line.removeprefix(_MARK).split(" ")
    if not line.startswith(_MARK) or len(fields) != 2:
        raise NoteError("a signature line is malformed")
    _check_name(fields[0])
    value = _unb64(fields[1], "signature")
    if len(value) < 5:
        raise NoteError("a signature is too short")
    return Signature(fields[0], value[:4], value[4:])


def _verify(key: VerifierKey, text: str, signature: Signature) -> None:
    message, value = text.encode(), signature.value
    if key.algorithm == COSIGNATURE:
        message, value = _cosigned(text, signature.time), value[8:]
    try:
        if len(value) != _SIGNATURE_SIZE:
            raise InvalidSignature
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
    except (InvalidSignature, ValueError) as error:
        raise NoteError(f"the signature by {key.name} is wrong") from error


def _cosigned(text: str, time: int) -> bytes:
    """c2sp.org/tlog-cosignature, Ed25519 signed message."""
    if not 0 <= time < 2**63:
        raise NoteError("the cosignature's time is out of range")
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _check_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() or char < " " for char in name):
        raise NoteError("a key name must not be empty nor have spaces or a plus")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str, what: str) -> bytes:
    """Strict base64 (RFC 4648 §4): one text for one value, or `NoteError`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"the {what} is not base64") from error
    if _b64(data) != text:
        raise NoteError(f"the {what} is not base64 as RFC 4648 writes it")
    return data
