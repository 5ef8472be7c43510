"""Attacks on the tables, by somebody who speaks SQL as the owner of the tables."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from sources.custody.models import Checkpoint, Cosignature, Entry, Opening, Timestamp
from sources.custody.services import checkpoint

pytestmark = pytest.mark.django_db


def at(seconds=0):
    return datetime(2025, 3, 9, 10, 11, 12, 123456, tzinfo=UTC) + timedelta(seconds=seconds)


@pytest.fixture
def log(append):
    append(256)
    append(2, commitments={"n": 1})
    signed = checkpoint(at=at())
    Cosignature.objects.create(
        checkpoint=signed, name="w", verifier_key="w+0+0", line="l", at=at(), received_at=at()
    )
    Timestamp.objects.create(
        checkpoint=signed,
        authority="a",
        query=b"q",
        response=b"r",
        gen_time=at(),
        serial="1",
        certificate_expires_at=at(1),
        entry_id=0,
        received_at=at(),
    )
    return signed


def attack(sql, args=()):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, args)


CHANGES = [
    "UPDATE sources_entry SET kind = 'redacted' WHERE index = 3",
    "UPDATE sources_entry SET index = 999 WHERE index = 257",
    "UPDATE sources_entry SET index = CASE index WHEN 1 THEN 2 ELSE 1 END WHERE index IN (1, 2)",
    "DELETE FROM sources_entry WHERE index = 257",
    "TRUNCATE sources_entry CASCADE",
    "UPDATE sources_tile SET root = hashes",
    "DELETE FROM sources_tile",
    "TRUNCATE sources_tile",
    "UPDATE sources_checkpoint SET size = 259",
    "DELETE FROM sources_checkpoint",
    "TRUNCATE sources_checkpoint CASCADE",
    "UPDATE sources_cosignature SET name = 'other'",
    "DELETE FROM sources_cosignature",
    "TRUNCATE sources_cosignature",
    "UPDATE sources_timestamp SET gen_time = now()",
    "DELETE FROM sources_timestamp",
    "TRUNCATE sources_timestamp",
    "UPDATE sources_opening SET value = '2'",
    "DELETE FROM sources_opening",
    "TRUNCATE sources_opening",
]


@pytest.mark.parametrize("sql", CHANGES)
def test_changes_are_refused(log, sql):
    with pytest.raises(IntegrityError, match=r"append-only|erased by the erasure service only"):
        attack("SET CONSTRAINTS ALL IMMEDIATE; " + sql)


@pytest.mark.parametrize("sql", CHANGES)
def test_replication_role_does_not_help(log, sql):
    # A superuser gets as far as the triggers, which are enabled always; anybody else not even there.
    with pytest.raises(
        DatabaseError, match=r"append-only|erasure service only|permission denied to set parameter"
    ):
        attack("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL session_replication_role = replica; " + sql)


def test_an_inheriting_table_does_not_help(log):
    with pytest.raises(IntegrityError, match="append-only"):
        attack(
            "SET CONSTRAINTS ALL IMMEDIATE; CREATE TABLE parent (LIKE sources_entry);"
            "ALTER TABLE sources_entry INHERIT parent; DELETE FROM parent"
        )


def insert(index, body=b"{}", leaf_hash=None, kind="anchor-made"):
    leaf_hash = hashlib.sha256(b"\0" + body).digest() if leaf_hash is None else leaf_hash
    Entry(
        index=index, kind=kind, at=at(), subject_type="a", subject_id="b", body=body, leaf_hash=leaf_hash
    ).save(force_insert=True)


@pytest.mark.parametrize("index", [-1, 0, 257, 259, 2**40])
def test_a_hole_or_a_second_entry_is_refused(log, index):
    with pytest.raises(IntegrityError, match="the next log entry is 258"), transaction.atomic():
        insert(index)
    insert(258)


@pytest.mark.parametrize(
    "wrong",
    [
        {"leaf_hash": b"\0" * 32},
        {"leaf_hash": hashlib.sha256(b"{}").digest()},
        {"kind": "made-up"},
        {"body": b""},
        {"body": b"x" * 2**16},
    ],
)
def test_a_wrong_entry_is_refused(log, wrong):
    with pytest.raises(IntegrityError, match="violates check constraint"), transaction.atomic():
        insert(258, **wrong)


def test_a_second_root_for_a_size_is_refused(log):
    with pytest.raises(IntegrityError, match="unique"), transaction.atomic():
        Checkpoint.objects.create(size=log.size, root=b"\0" * 32, note="", signed_at=at(), key=log.key)


def test_openings_and_rows_of_the_wrong_length_are_refused(log):
    for sql in (
        "INSERT INTO sources_opening (entry_id, name, salt, value) VALUES (256, 'x', 'short', '1')",
        "INSERT INTO sources_tile (level, index, hashes, root) VALUES (0, 1, 'short', sha256(''))",
        "INSERT INTO sources_checkpoint (size, root, note, signed_at, key_id) VALUES (9, 'short', '', now(), 1)",
    ):
        with pytest.raises(DatabaseError, match="violates check constraint"):
            attack(sql)


def test_erasing_is_let_through_for_one_statement_only(log):
    from sources.custody.services import erase_openings

    with transaction.atomic():
        erase_openings(entry=Entry.objects.get(index=256), names=["n"], ground="test", by=None, at=at())
        with pytest.raises(IntegrityError), transaction.atomic():
            Opening.objects.filter(entry=257).delete()
