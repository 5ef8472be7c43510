"""The Merkle tree of RFC 6962 §2.1: hashes, roots, proofs and their verification.

Making proofs needs only the hashes of *complete subtrees*. They are read through a `Nodes` function, so that the
same code works on a list in memory, on tiles in a database and on tile files: `nodes(height, position)` is the
hash of the 2**height leaves from position * 2**height on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes = Callable[[int, int], bytes]


class ProofError(ValueError):
    """A proof is malformed or does not prove what it claims."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 §2.1: SHA-256 of 0x00 and the entry's bytes."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 §2.1: SHA-256 of 0x01 and the two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    row = list(hashes)
    if not row or len(row) & (len(row) - 1):
        raise ValueError(f"{len(row)} hashes are not a complete subtree")
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def nodes_of(leaves: Sequence[bytes]) -> Nodes:
    """A `Nodes` function over leaf hashes held in memory."""

    def nodes(height: int, position: int) -> bytes:
        return complete_root(leaves[position << height : (position + 1) << height])

    return nodes


def root(size: int, nodes: Nodes) -> bytes:
    """The Merkle tree hash of the first `size` leaves."""
    return _subtree(0, size, nodes) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """RFC 6962 §2.1.1, PATH(index, D[size]): from the leaf's sibling up to the root's child."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path, low, high = [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_subtree(middle, high, nodes))
            high = middle
        else:
            path.append(_subtree(low, middle, nodes))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """RFC 6962 §2.1.2, PROOF(old, D[new]); empty when `old` is 0 or equals `new`."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is no beginning of a tree of {new}")
    if old in (0, new):
        return []
    path, low, high = [], 0, new
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_subtree(middle, high, nodes))
            high = middle
        else:
            path.append(_subtree(low, middle, nodes))
            low = middle
    if low:  # SUBPROOF leaves out the old root itself, which the verifier has
        path.append(_subtree(low, high, nodes))
    return path[::-1]


def verify_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162 §2.1.3.2. Raises `ProofError` unless `leaf` is leaf `index` of the tree with this `size` and `root`."""
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size}")
    position, last, result = index, size - 1, leaf
    for sibling in _hashes(proof):
        if last == 0:
            raise ProofError("the inclusion proof is too long")
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the inclusion proof is too short")
    if result != root:
        raise ProofError("the inclusion proof leads to another root")


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """RFC 9162 §2.1.4.2. Raises `ProofError` unless the old tree is a beginning of the new one."""
    if not 0 <= old_size <= new_size:
        raise ProofError(f"a tree of {old_size} is no beginning of a tree of {new_size}")
    if old_size in (0, new_size):
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if proof or old_root != expected:
            raise ProofError("two different roots, or a needless proof, for trees that need none")
        return
    path = list(_hashes(proof))
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    if not path:
        raise ProofError("the consistency proof is too short")
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the consistency proof is too long")
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ProofError("the consistency proof is too short")
    if old != old_root or new != new_root:
        raise ProofError("the consistency proof leads to other roots")


class Frontier:
    """The right edge of a growing tree: appends in O(1) on average, its root in O(log n), memory O(log n)."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []  # roots of complete subtrees, largest first: one per set bit of size

    def append(self, leaf: bytes) -> None:
        carry = leaf
        size = self.size
        while size & 1:
            carry = node_hash(self._edge.pop(), carry)
            size >>= 1
        self._edge.append(carry)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        if not self._edge:
            return EMPTY_ROOT
        result = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            result = node_hash(left, result)
        return result


def _split(width: int) -> int:
    """RFC 6962 §2.1: the largest power of two smaller than `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _subtree(low: int, high: int, nodes: Nodes) -> bytes:
    """MTH(D[low:high]) for a range that RFC 6962's recursion reaches: `low` is a multiple of its left part."""
    width = high - low
    if width & (width - 1) == 0:
        height = width.bit_length() - 1
        return nodes(height, low >> height)
    middle = low + _split(width)
    return node_hash(_subtree(low, middle, nodes), _subtree(middle, high, nodes))


def _hashes(proof: Sequence[bytes]) -> Sequence[bytes]:
    if any(len(item) != HASH_SIZE for item in proof):
        raise ProofError("a hash in the proof is not 32 bytes long")
    return proof
