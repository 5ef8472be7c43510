"""Which texts are copies of one another: the near-identical ones, as syndicated copy is.

Fingerprints (`sources.archive.fingerprint`) that share several of their smallest hashes are compared, the rest are
not: of pairs with a resemblance of 0.7, fewer than one in ten thousand is missed that way.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from claims.attribution.ties import Unions
from sources.archive.fingerprint import similarity

NEAR_IDENTICAL = 0.7  # share of four-word sequences; an edited lead and a new headline stay above it
_HASH = 8  # bytes of one hash in a fingerprint
_COMPARED = 16  # smallest hashes by which candidates are found
_SHARED = 4  # of them, to be compared (half of them where there are fewer than eight)
_CROWD = 100  # texts with one hash in common that are remembered; more share boilerplate, not a report


def group(fingerprints: Mapping[str, bytes], *, threshold: float = NEAR_IDENTICAL) -> dict[str, str]:
    """A key per text that has a copy among the others, the same for all its copies; texts without one are left out.

    The keys are ids of the texts: the smallest of each group.
    """
    unions = Unions()
    with_hash: dict[bytes, list[str]] = defaultdict(list)
    for id in sorted(fingerprints):
        sketch = fingerprints[id]
        hashes = [
            sketch[start : start + _HASH] for start in range(0, min(len(sketch), _COMPARED * _HASH), _HASH)
        ]
        shared = Counter(other for each in hashes for other in with_hash[each])
        for other, count in shared.items():
            if count < min(_SHARED, max(1, len(hashes) // 2)):
                continue
            apart = unions.find(("text", id)) != unions.find(("text", other))
            if apart and similarity(sketch, fingerprints[other]) >= threshold:
                unions.join(("text", id), ("text", other))
        for each in hashes:
            if len(with_hash[each]) < _CROWD:
                with_hash[each].append(id)
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for id in sorted(fingerprints):
        groups[unions.find(("text", id))].append(id)
    return {id: members[0] for members in groups.values() if len(members) > 1 for id in members}
