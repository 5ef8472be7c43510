"""Who vouches for an entry beside us: the first witnessed and the first timestamped checkpoint that covers it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import connection

from sources.custody.models import Checkpoint, Timestamp
from sources.custody.witnessing import has_quorum

_NEWEST = 5  # cosigned checkpoints that are looked at when the first one never had its quorum

_FIRST = """
    SELECT entry.index,
        (SELECT min(c.size) FROM sources_checkpoint c
            WHERE c.size > entry.index AND EXISTS (SELECT FROM sources_cosignature WHERE checkpoint_id = c.id)),
        (SELECT min(c.size) FROM sources_checkpoint c
            WHERE c.size > entry.index AND EXISTS (SELECT FROM sources_timestamp WHERE checkpoint_id = c.id))
    FROM unnest(%s::bigint[]) AS entry (index)
"""


@dataclass(frozen=True)
class Attestations:
    """By the index of an entry: the checkpoint whose cosignatures are the policy's quorum, and the first timestamp."""

    witnessed: dict[int, Checkpoint] = field(default_factory=dict)
    timestamped: dict[int, Timestamp] = field(default_factory=dict)


def attestations(indices: Collection[int]) -> Attestations:
    """What is known of the entries with these indices: one query, and four more where there is anything to tell."""
    found = Attestations()
    if not indices:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, [list(indices)])
        rows = cursor.fetchall()
    sizes = {size for _, cosigned, stamped in rows for size in (cosigned, stamped) if size is not None}
    if not sizes:
        return found
    attested = Checkpoint.objects.prefetch_related("cosignatures", "timestamps")
    by_size = {checkpoint.size: checkpoint for checkpoint in attested.filter(size__in=sizes)}
    newest = attested.filter(cosignatures__isnull=False).distinct().order_by("-size")[:_NEWEST]
    later = next((checkpoint for checkpoint in newest if has_quorum(checkpoint)), None)
    for index, cosigned, stamped in rows:
        first = by_size.get(cosigned)
        if first is not None and has_quorum(first):
            found.witnessed[index] = first
        elif later is not None and later.size > index:
            found.witnessed[index] = later
        if stamped is not None:
            found.timestamped[index] = min(
                by_size[stamped].timestamps.all(), key=lambda timestamp: timestamp.gen_time
            )
    return found
