import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.custody import note
from sources.custody.note import COSIGNATURE, Head, NoteError, Signer, VerifierKey, parse, sign

LOG = Signer("verify.example/log", bytes(32))
OTHER = Signer("verify.example/log", bytes([1]) * 32)
WITNESS = Signer("witness.example/w1", bytes([2]) * 32, COSIGNATURE)
TEXT = Head("verify.example/log", 7, b"r" * 32).text()

# The example of golang.org/x/mod/sumdb/note, a key and a note made by Go.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_made_by_go_verifies():
    key = VerifierKey.parse(GO_KEY)
    assert str(key) == GO_KEY
    assert [found for found, _ in parse(GO_NOTE).verified_by([key])] == [key]


def test_a_signed_note_verifies_and_a_changed_one_does_not():
    signed = sign(TEXT, [LOG])
    assert parse(signed.encode()).verified_by([LOG.verifier_key])
    with pytest.raises(NoteError, match="wrong"):
        parse(signed.replace("\n7\n", "\n8\n")).verified_by([LOG.verifier_key])


def test_unknown_signatures_are_passed_over_but_do_not_suffice():
    signed = sign(TEXT, [OTHER, LOG])
    assert [key for key, _ in parse(signed).verified_by([LOG.verifier_key])] == [LOG.verifier_key]
    with pytest.raises(NoteError, match="no signature by a known key"):
        parse(sign(TEXT, [OTHER])).verified_by([LOG.verifier_key])


def test_a_wrong_signature_by_a_known_key_spoils_the_note():
    line = sign("another text\n", [OTHER]).rpartition("\n\n")[2]
    with pytest.raises(NoteError, match="wrong"):
        parse(sign(TEXT, [LOG]) + line).verified_by([LOG.verifier_key, OTHER.verifier_key])


def test_cosignature_verifies_with_its_time_and_only_so():
    signed = sign(TEXT, [LOG]) + WITNESS.cosign(TEXT, 1_741_515_072)
    ((_, found),) = parse(signed).verified_by([WITNESS.verifier_key])
    assert found.time == 1_741_515_072
    line = WITNESS.cosign(TEXT, 1_741_515_072).split(" ")[2]
    raw = bytearray(base64.b64decode(line))
    raw[11] ^= 1  # the time's last byte
    moved = sign(TEXT, [LOG]) + f"— witness.example/w1 {base64.b64encode(raw).decode()}\n"
    with pytest.raises(NoteError, match="wrong"):
        parse(moved).verified_by([WITNESS.verifier_key])


def test_a_cosigner_and_a_log_do_not_sign_for_each_other():
    with pytest.raises(NoteError):
        WITNESS.sign(TEXT)
    with pytest.raises(NoteError):
        LOG.cosign(TEXT, 1)
    with pytest.raises(NoteError):
        WITNESS.cosign(TEXT, -1)


def test_the_seed_is_not_in_the_representation():
    assert Signer("a", b"secret".ljust(32)).__repr__().startswith("Signer(a+")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT,
        TEXT + "\n",
        sign(TEXT, [LOG])[:-1],
        sign(TEXT, [LOG]).replace("— ", "- "),
        "x\r\n\n— a AAAAAAA=\n",
        TEXT + "\n— a b c\n",
        TEXT + "\n— a+b AAAAAAAA\n",
        TEXT + "\n— a AAAA\n",
        TEXT + "\n— a AAAAAAA\n",
        TEXT + "\n— a AAAAAAB=\n",
        TEXT + "\n" + "— a AAAAAAAA\n" * 101,
        "\ud800\n\n— a AAAAAAAA\n",
        "x" * 1_000_001,
    ],
)
def test_malformed_notes_are_refused(text):
    with pytest.raises(NoteError):
        parse(text)


@given(st.binary(max_size=200))
def test_no_bytes_crash_the_parsers(data):
    for read in (
        parse,
        lambda raw: Head.parse(raw.decode("latin-1")),
        lambda raw: VerifierKey.parse(raw.decode("latin-1")),
    ):
        with contextlib.suppress(NoteError):
            read(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1\nAAAA\n",
        "o\n٣\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "=",
        f"o\n{2**63}\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "=\n\n",
    ],
)
def test_malformed_heads_are_refused(text):
    with pytest.raises(NoteError):
        Head.parse(text)


def test_head_keeps_extension_lines():
    head = Head("o", 0, b"r" * 32, ("more",))
    assert Head.parse(head.text()) == head


@pytest.mark.parametrize(
    "key",
    [
        "",
        "a+b",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        "a+00000000+",
        "a b+0+AA==",
    ],
)
def test_malformed_verifier_keys_are_refused(key):
    with pytest.raises(NoteError):
        VerifierKey.parse(key)


@pytest.mark.parametrize("seed", ["", "AAAA", "not base64", "A" * 43])
def test_a_bad_signing_key_is_refused(seed):
    with pytest.raises(NoteError):
        Signer.from_base64("a", seed)


def test_what_cannot_be_read_back_is_not_signed():
    for text in ("no newline", "control \x00\n"):
        with pytest.raises(NoteError):
            note.sign(text, [LOG])
    with pytest.raises(NoteError):
        note.sign(TEXT, [])
