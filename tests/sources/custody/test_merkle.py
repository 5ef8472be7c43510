import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.custody import merkle
from sources.custody.merkle import Frontier, ProofError, nodes_of

sizes = st.integers(1, 70)


def leaves_of(size):
    return [merkle.leaf_hash(b"entry %d" % n) for n in range(size)]


def pymerkle_tree(size):
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(size):
        tree.append_entry(b"entry %d" % n)
    return tree


def test_hashes_are_those_of_rfc_6962():
    assert merkle.EMPTY_ROOT == hashlib.sha256(b"").digest() == merkle.root(0, nodes_of([]))
    assert merkle.leaf_hash(b"x") == hashlib.sha256(b"\0x").digest()
    assert merkle.node_hash(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\1" + b"l" * 32 + b"r" * 32).digest()


def test_an_odd_tree_repeats_no_leaf():
    three, four = leaves_of(3), [*leaves_of(3), leaves_of(3)[2]]
    assert merkle.root(3, nodes_of(three)) != merkle.root(4, nodes_of(four))


@pytest.mark.parametrize("size", range(1, 40))
def test_root_and_proofs_are_those_of_pymerkle(size):
    tree, nodes = pymerkle_tree(size), nodes_of(leaves_of(size))
    root = merkle.root(size, nodes)
    assert root == tree.get_root(size)
    for index in range(size):
        theirs = tree.prove_inclusion(index + 1, size)
        assert theirs.path == [leaves_of(size)[index], *merkle.inclusion_proof(index, size, nodes)]
    for old in range(1, size + 1):
        proof = merkle.consistency_proof(old, size, nodes)
        merkle.verify_consistency(
            old_size=old, new_size=size, old_root=tree.get_root(old), new_root=root, proof=proof
        )


@given(sizes, st.data())
def test_inclusion_verifies_here_and_nowhere_else(size, data):
    index = data.draw(st.integers(0, size - 1))
    leaves = leaves_of(size)
    proof, root = merkle.inclusion_proof(index, size, nodes_of(leaves)), merkle.root(size, nodes_of(leaves))
    good = {"index": index, "size": size, "leaf": leaves[index], "proof": proof, "root": root}
    merkle.verify_inclusion(**good)
    for spoiled in (
        {"leaf": b"\0" * 32},
        {"root": b"\0" * 32},
        {"proof": [*proof, b"\0" * 32]},
        {"proof": [item[:-1] for item in proof] or [b""]},
        {"index": size},
        {"index": -1},
        *({"proof": proof[:n] + proof[n + 1 :]} for n in range(len(proof))),
        *({"proof": [*proof[:n], b"\0" * 32, *proof[n + 1 :]]} for n in range(len(proof))),
        *({"index": other} for other in range(size) if other != index),
    ):
        with pytest.raises(ProofError):
            merkle.verify_inclusion(**{**good, **spoiled})


@given(sizes, st.data())
def test_consistency_verifies_here_and_nowhere_else(new, data):
    old = data.draw(st.integers(0, new))
    nodes = nodes_of(leaves_of(new))
    proof = merkle.consistency_proof(old, new, nodes)
    good = {"old_size": old, "new_size": new, "proof": proof}
    good |= {"old_root": merkle.root(old, nodes), "new_root": merkle.root(new, nodes)}
    merkle.verify_consistency(**good)
    for spoiled in (
        {"old_root": b"\0" * 32},
        {"new_root": b"\0" * 32} if old else {"old_size": new + 1},
        {"proof": [*proof, b"\0" * 32]},
        {"old_size": new + 1},
        *({"proof": proof[:n] + proof[n + 1 :]} for n in range(len(proof))),
        *({"proof": [*proof[:n], b"\0" * 32, *proof[n + 1 :]]} for n in range(len(proof))),
    ):
        with pytest.raises(ProofError):
            merkle.verify_consistency(**{**good, **spoiled})


@given(st.integers(0, 300))
def test_frontier_has_the_root_of_the_tree(size):
    frontier = Frontier()
    frontier.extend(leaves_of(size))
    assert (frontier.size, frontier.root()) == (size, merkle.root(size, nodes_of(leaves_of(size))))


def test_a_proof_of_what_is_not_there_is_refused():
    nodes = nodes_of(leaves_of(3))
    for index, size in ((3, 3), (-1, 3), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            merkle.inclusion_proof(index, size, nodes)
    with pytest.raises(ValueError, match="no beginning"):
        merkle.consistency_proof(3, 2, nodes)
