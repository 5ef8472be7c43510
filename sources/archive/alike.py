"""What is alike: texts that share most of their words in order, pictures that look the same. Within one desk.

A likeness is a reason to look, not a finding: syndicated copy is alike, and so are two pictures of one night sky.
"""

from __future__ import annotations

import struct

from django.db import connection
from django.db.models import F, Func, IntegerField, Q, Value

from sources.archive.fingerprint import similarity
from sources.archive.models import Capture, Inspection, Text, TextSketch
from sources.archive.states import CaptureState

SKETCH = 16  # hashes of a text's fingerprint that are indexed
ALIKE = 0.7  # share of four-word sequences from which on texts are near-identical
LOOKS_ALIKE = 10  # bits of 64
_CANDIDATES = 200  # whose whole fingerprints are compared, those that share most first


def keep_sketch(text: Text) -> None:
    """Index a text's fingerprint; a text without words is like no other and has none."""
    if hashes := sketch(bytes(text.fingerprint or b"")):
        TextSketch.objects.create(text=text, desk_id=text.capture.desk_id, hashes=hashes)


def sketch(fingerprint: bytes) -> list[int]:
    """The smallest hashes of a fingerprint, as PostgreSQL's signed 64-bit integers."""
    kept = fingerprint[: SKETCH * 8]
    return list(struct.unpack(f">{len(kept) // 8}q", kept))


def similar_texts(text: Text, *, limit: int = 20) -> list[tuple[Text, float]]:
    """The desk's texts that are near-identical to `text`, with the share (0.7 to 1) they have in common, most first.

    Of other documents: earlier and later captures of the same one are compared elsewhere. One text per document is
    given, the newest of the most alike. Two queries.
    """
    own = bytes(text.fingerprint or b"")
    if not (hashes := sketch(own)):
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SHARING, {"hashes": hashes, "desk": text.capture.desk_id, "most": _CANDIDATES})
        candidates = [pk for (pk,) in cursor.fetchall()]
    others = (
        Text.objects.filter(pk__in=candidates)
        .exclude(capture=text.capture_id)
        .select_related("capture__document")
    )
    if text.capture.document_id is not None:
        others = others.exclude(capture__document=text.capture.document_id)
    others = others.exclude(capture__state=CaptureState.REDACTED).defer("content")
    measured = [(other, similarity(own, bytes(other.fingerprint or b""))) for other in others]
    alike = [(other, share) for other, share in measured if share >= ALIKE]
    alike.sort(key=lambda pair: (pair[1], pair[0].created_at, pair[0].pk), reverse=True)
    first: dict[object, tuple[Text, float]] = {}
    for other, share in alike:
        first.setdefault(other.capture.document_id or other.capture_id, (other, share))
    return list(first.values())[:limit]


# The index finds whoever shares a hash; those that share most come first, so that the bound drops the least alike.
_SHARING = """
    SELECT text_id FROM sources_textsketch
    WHERE hashes && %(hashes)s::bigint[] AND desk_id = %(desk)s
    ORDER BY cardinality(ARRAY(SELECT unnest(hashes) INTERSECT SELECT unnest(%(hashes)s::bigint[]))) DESC, text_id
    LIMIT %(most)s
"""


def similar_pictures(capture: Capture, *, limit: int = 20) -> list[tuple[Capture, int]]:
    """The desk's captures whose picture looks like this one's, with the bits (0 to 10 of 64) that differ, fewest first.

    Other captures of the same document are left out. Two queries.
    """
    own = (
        Inspection.objects.filter(capture=capture, perceptual_hash__isnull=False)
        .order_by("-created_at", "-pk")
        .values_list("perceptual_hash", flat=True)
        .first()
    )
    if own is None:
        return []
    differing = Func(
        Func(F("perceptual_hash"), template="('x' || encode(%(expressions)s, 'hex'))::bit(64)"),
        Func(
            Value(int.from_bytes(bytes(own), "big", signed=True)),
            template="(%(expressions)s)::bigint::bit(64)",
        ),
        template="bit_count(%(expressions)s)",
        arg_joiner=" # ",
        output_field=IntegerField(),
    )
    same = Q(capture=capture.pk)
    if capture.document_id is not None:
        same |= Q(capture__document=capture.document_id)
    others = (
        Inspection.objects.filter(capture__desk=capture.desk_id, perceptual_hash__isnull=False)
        .exclude(same)
        .exclude(capture__state=CaptureState.REDACTED)
        .annotate(differing=differing)
        .filter(differing__lte=LOOKS_ALIKE)
        .order_by("differing", "-created_at")
        .select_related("capture__document")
    )
    found: dict[object, tuple[Capture, int]] = {}
    for other in others[: limit * 3]:
        found.setdefault(other.capture_id, (other.capture, other.differing))
    return list(found.values())[:limit]
