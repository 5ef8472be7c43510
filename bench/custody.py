"""The log on the embedded PostgreSQL, durable as in production: entries recorded per second beside bare INSERTs of rows
of the same size, by one writer and by eight, and fsck beside a bare loop of SHA-256.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier

from bench._installation import installation
from bench._measure import Contender, compare, machine

WRITERS = 8
EACH = 40  # transactions of one writer in a round
ALONE = 200  # transactions in a round of one writer
BATCH = 1_000  # entries in one transaction
WALKED = int(os.environ.get("WALKED", "10000"))  # entries that fsck walks

AT = datetime(2025, 3, 9, 10, 0, tzinfo=UTC)
FACTS = {
    "datapackage_sha256": "ab" * 32,
    "package_sha256": "cd" * 32,
    "status": 200,
    "text_sha256": "ef" * 32,
}
SUBJECT = "0b5cd2f6-0f5e-4a1c-9d2f-6a3c1f0e7d11"
# The columns of the log's table, with a primary key and nothing else: no trigger, no lock, no check, no index.
TABLE = """
    CREATE TABLE bare (index bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind varchar(64), at timestamptz,
    subject_type varchar(64), subject_id varchar(64), body bytea, leaf_hash bytea)
"""
Row = tuple[str, datetime, str, str, bytes, bytes]
COLUMNS = "INSERT INTO bare (kind, at, subject_type, subject_id, body, leaf_hash)"
INSERT = f"{COLUMNS} VALUES (%s, %s, %s, %s, %s, %s)"
INSERT_MANY = (
    f"{COLUMNS} SELECT * FROM"
    " unnest(%s::text[], %s::timestamptz[], %s::text[], %s::text[], %s::bytea[], %s::bytea[])"
)


def record(count: int) -> None:
    """Entries as captures make them, each in a transaction of its own."""
    from django.db import transaction

    from sources.custody import services
    from sources.custody.kinds import Kind

    for _ in range(count):
        with transaction.atomic():
            services.record(
                kind=Kind.CAPTURE_ARCHIVED,
                subject=services.Subject("capture", SUBJECT),
                facts=FACTS,
                by=None,
                at=AT,
            )


def record_many(count: int) -> None:
    """As many entries in one transaction."""
    from django.db import transaction

    from sources.custody import services
    from sources.custody.kinds import Kind

    act = services.Act(Kind.CAPTURE_ARCHIVED, services.Subject("capture", SUBJECT), FACTS, None, AT)
    with transaction.atomic():
        services.record_many([act] * count)


def insert(row: Row, count: int) -> None:
    """Rows of the same size, each committed by itself."""
    from django.db import connection

    with connection.cursor() as cursor:
        for _ in range(count):
            cursor.execute(INSERT, row)


def insert_many(row: Row, count: int) -> None:
    """As many rows in one statement."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(INSERT_MANY, [[value] * count for value in row])


def sample() -> Row:
    """The columns of one entry of the log."""
    from sources.custody.models import Entry

    entry = Entry.objects.order_by("index")[0]
    data = (bytes(entry.body), bytes(entry.leaf_hash))
    return (entry.kind, entry.at, entry.subject_type, entry.subject_id, *data)


_gate: Barrier  # in a writer's process: all begin together


def set_up_writer(gate: Barrier) -> None:
    """A process of its own with its own connection, open before the clock runs."""
    global _gate
    _gate = gate
    import django
    from django.db import connection

    django.setup()
    connection.ensure_connection()


def write(work: Callable[[int], None]) -> tuple[float, float]:
    """One writer's part: when it began and ended (seconds of the machine's monotonic clock)."""
    _gate.wait()  # who waits here takes no second part: each of the processes gets one
    begun = time.monotonic()
    work(EACH)
    return begun, time.monotonic()


def together(pool: Pool, work: Callable[[int], None]) -> float:
    """Seconds from the first writer's begin to the last one's end."""
    times = pool.map(write, [work] * WRITERS, chunksize=1)
    return max(end for _, end in times) - min(begin for begin, _ in times)


def compare_fsck() -> None:
    """On a log of so many entries, signed, with its tiles."""
    import hashlib

    from django.db import connection

    from sources.custody import fsck
    from sources.custody.models import Entry
    from sources.custody.services import checkpoint

    for _ in range(WALKED // BATCH):
        record_many(BATCH)
    checkpoint(at=datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    query = "SELECT body, leaf_hash FROM sources_entry ORDER BY index"
    bodies = [b"\x00" + bytes(body) for body in Entry.objects.values_list("body", flat=True)]

    def walk() -> None:
        found = list(fsck.faults())
        assert not found, found[0]

    def read_and_hash() -> None:
        with connection.cursor() as cursor:
            cursor.execute(query)
            for body, leaf_hash in cursor.fetchall():
                assert hashlib.sha256(b"\x00" + body).digest() == leaf_hash

    def hash_only() -> None:
        for body in bodies:
            hashlib.sha256(body).digest()

    compare(
        f"fsck of {WALKED:,} entries of {len(bodies[0]) - 1} bytes",
        "entries",
        [
            Contender("fsck", walk, WALKED),
            Contender("read and hash", read_and_hash, WALKED),
            Contender("hashlib alone", hash_only, WALKED),
        ],
        pairs=[("fsck", "read and hash"), ("fsck", "hashlib alone")],
        rounds=5 if WALKED <= 100_000 else 1,
    )


def compare_writing() -> None:
    """One writer, eight writers, and batches."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    row = sample()
    context = multiprocessing.get_context("spawn")
    with context.Pool(WRITERS, set_up_writer, [context.Barrier(WRITERS)]) as pool:
        compare(
            f"Entries recorded, each in a durable transaction; {WRITERS} writers are {WRITERS} processes",
            "entries",
            [
                Contender("record", partial(record, ALONE), ALONE),
                Contender("bare INSERT", partial(insert, row, ALONE), ALONE),
                Contender("record, 8 writers", partial(together, pool, record), WRITERS * EACH),
                Contender(
                    "bare INSERT, 8 writers", partial(together, pool, partial(insert, row)), WRITERS * EACH
                ),
            ],
            pairs=[
                ("record", "bare INSERT"),
                ("record, 8 writers", "bare INSERT, 8 writers"),
                ("record, 8 writers", "record"),
            ],
        )
        pool.close()
        pool.join()
    compare(
        f"{BATCH:,} entries in one transaction",
        "entries",
        [
            Contender("record_many", partial(record_many, BATCH), BATCH),
            Contender("bare INSERT of all", partial(insert_many, row, BATCH), BATCH),
        ],
        pairs=[("record_many", "bare INSERT of all")],
    )


def main() -> None:
    machine()
    with installation():
        compare_fsck()
        compare_writing()
        check()


def check() -> None:
    """However many wrote, the log has neither hole nor double."""
    from django.db.models import Max

    from sources.custody.models import Entry

    count, last = Entry.objects.count(), Entry.objects.aggregate(last=Max("index"))["last"]
    assert count == last + 1 > WALKED, (count, last)
    print(f"  The log has {count:,} entries, numbered without a hole.")


if __name__ == "__main__":
    main()
