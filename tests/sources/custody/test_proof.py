import pytest

from sources.custody import merkle
from sources.custody.merkle import ProofError
from sources.custody.note import COSIGNATURE, Head, NoteError, Signer, sign
from sources.custody.proof import Proof

LOG = Signer("verify.example/log", bytes(32))
ENTRIES = [b"entry %d" % n for n in range(7)]
NODES = merkle.nodes_of([merkle.leaf_hash(entry) for entry in ENTRIES])
NOTE = sign(Head("verify.example/log", 7, merkle.root(7, NODES)).text(), [LOG])
PROOF = Proof(5, tuple(merkle.inclusion_proof(5, 7, NODES)), NOTE)


def verify(text, entry=ENTRIES[5], key=LOG.verifier_key, origin="verify.example/log"):
    return Proof.parse(text).verify(entry, [key], origin=origin)


def test_proof_verifies_offline():
    assert verify(PROOF.text()).size == 7
    assert Proof.parse(PROOF.text()) == PROOF


def test_proof_keeps_extra_and_witness_lines():
    witness = Signer("w.example", bytes([2]) * 32, COSIGNATURE)
    cosigned = NOTE + witness.cosign(NOTE.rpartition("\n\n")[0] + "\n", 9)
    proof = Proof(5, PROOF.hashes, cosigned, extra=b"salt")
    assert Proof.parse(proof.text()) == proof
    assert verify(proof.text()).size == 7


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"entry": b"entry 4"}, ProofError),
        ({"origin": "another.example/log"}, NoteError),
        ({"key": Signer("verify.example/log", bytes([9]) * 32).verifier_key}, NoteError),
    ],
)
def test_proof_for_another_entry_log_or_key_fails(change, error):
    with pytest.raises(error):
        verify(PROOF.text(), **change)


def test_no_changed_character_of_a_proof_verifies():
    text = PROOF.text()
    for at, char in enumerate(text):
        with pytest.raises((NoteError, ProofError)):
            verify(text[:at] + ("B" if char != "B" else "C") + text[at + 1 :])


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROOF.text().replace("@v1", "@v2"),
        PROOF.text().replace("index 5", "index 05"),
        PROOF.text().replace("index 5\n", ""),
        PROOF.text().replace("index 5", "extra %\nindex 5"),
        PROOF.text().partition("\n\n")[0],
        Proof(5, PROOF.hashes * 40, NOTE).text(),
    ],
)
def test_malformed_proofs_are_refused(text):
    with pytest.raises(NoteError):
        Proof.parse(text)
