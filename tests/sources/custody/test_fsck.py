"""Tampering by a superuser who first puts the guards out of the way; fsck must name the row."""

import json
from pathlib import Path

import pytest
from django.db import connection, transaction

from sources.custody.fsck import Progress, faults
from sources.custody.models import Checkpoint, Entry
from sources.custody.note import Head, Signer, sign
from sources.custody.services import checkpoint, erase_openings

pytestmark = pytest.mark.django_db
TABLES = ("sources_entry", "sources_opening", "sources_tile", "sources_checkpoint")


@pytest.fixture
def log(append, settings):
    """300 entries, signed at 300 and, with 5 more that have openings, at 305; one more is not signed yet."""
    first = append(300)
    checkpoint(at=first[0].at)
    append(5, commitments={"note": "told"})
    row = checkpoint(at=first[1].at)
    append(1)
    assert list(faults()) == []
    return row


def tamper(sql, args=()):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE sources_entry DROP CONSTRAINT entry_leaf_hash_is_of_body")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(sql, args)
        for table in TABLES:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass", [table]
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def found():
    return {(fault.thing, fault.problem) for fault in faults()}


def things():
    return {fault.thing for fault in faults()}


EDIT = "UPDATE sources_entry SET body = set_byte(body, 30, 65) WHERE index = {}"
REHASH = EDIT + "; UPDATE sources_entry SET leaf_hash = sha256('\\x00'::bytea || body) WHERE index = {}"


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        (EDIT.format(17), {"entry 17"}),
        (EDIT.format(305), {"entry 305"}),
        ("UPDATE sources_entry SET kind = 'anchor-made' WHERE index = 4", {"entry 4"}),
        ("UPDATE sources_entry SET at = at + interval '1 us' WHERE index = 4", {"entry 4"}),
        ("UPDATE sources_entry SET subject_id = 'c9' WHERE index = 4", {"entry 4"}),
        ("DELETE FROM sources_entry WHERE index = 299", {"entry 299"}),
        ("DELETE FROM sources_entry WHERE index IN (7, 8, 9)", {"entry 7 to 9"}),
        ("UPDATE sources_opening SET value = '\"lie\"' WHERE entry_id = 301", {"opening note of entry 301"}),
        ("UPDATE sources_opening SET value = '{' WHERE entry_id = 301", {"opening note of entry 301"}),
        ("UPDATE sources_opening SET salt = sha256('') WHERE entry_id = 301", {"opening note of entry 301"}),
        ("DELETE FROM sources_opening WHERE entry_id = 302", {"opening note of entry 302"}),
        ("UPDATE sources_tile SET hashes = set_byte(hashes, 64, get_byte(hashes, 64) # 1)", {"tile 0/0"}),
        ("UPDATE sources_tile SET root = sha256('')", {"tile 0/0"}),
        ("DELETE FROM sources_tile", {"tile 0/0"}),
        ("UPDATE sources_tile SET index = 1", {"tile 0/0", "tile 0/1"}),
        ("UPDATE sources_checkpoint SET note = replace(note, '305', '306')", {"checkpoint 305"}),
        ("UPDATE sources_checkpoint SET size = 304 WHERE size = 305", {"checkpoint 304"}),
    ],
)
def test_fsck_names_the_row(log, sql, named):
    tamper(sql)
    assert named <= things()


def test_fsck_names_one_row_for_one_edited_byte(log):
    tamper(EDIT.format(17))
    assert {
        (thing, "leaf hash" in problem or "not a log entry" in problem) for thing, problem in found()
    } == {("entry 17", True)}


def test_fsck_sees_an_entry_rehashed_after_the_edit(log):
    swap = (
        "UPDATE sources_entry AS a SET body = b.body, leaf_hash = b.leaf_hash, at = b.at, subject_id = b.subject_id"
        " FROM sources_entry AS b WHERE (a.index, b.index) IN ((3, 4), (4, 3))"
    )
    tamper(swap)
    assert found() == {
        ("tile 0/0", "holds another hash than entry 3"),
        ("tile 0/0", "holds another hash than entry 4"),
        ("tile 0/0", "its root is not that of what lies below it"),
        ("checkpoint 300", "its root is not that of the entries it covers; look at entries 0 to 299"),
        ("checkpoints", "2 later roots do not match the entries either"),
    }


def test_fsck_narrows_a_change_down_to_one_checkpoint(log):
    tamper(REHASH.format(302, 302))
    assert (
        "checkpoint 305",
        "its root is not that of the entries it covers; look at entries 300 to 304",
    ) in found()


def test_fsck_sees_a_cut_off_log(log, settings):
    tamper("DELETE FROM sources_opening; DELETE FROM sources_entry WHERE index > 303")
    said = "covers 305 entries, but the log holds 304"
    assert {("checkpoint 305", said), (f"state file {settings.LOG_STATE_FILE}", said)} <= found()


def test_fsck_trusts_no_key_from_the_database(log):
    stranger = Signer("verify.example/log", bytes([9]) * 32)
    row = Checkpoint.objects.get(size=305)
    tamper(
        "UPDATE sources_checkpoint SET note = %s WHERE size = 305",
        [sign(Head("verify.example/log", 305, bytes(row.root)).text(), [stranger])],
    )
    tamper_key = str(stranger.verifier_key)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sources_logkey SET verifier_key = %s", [tamper_key])
    said = "its note does not verify under the configured keys: the note has no signature by a known key"
    assert ("checkpoint 305", said) in found()


def test_fsck_accepts_a_retired_key_that_is_configured(log, settings):
    settings.LOG_RETIRED_KEYS = [
        str(Signer.from_base64(settings.LOG_ORIGIN, settings.LOG_SIGNING_KEY).verifier_key)
    ]
    settings.LOG_SIGNING_KEY = "A" * 43 + "="
    assert found() == set()


def test_fsck_misses_the_guards_when_they_are_off(log):
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE sources_entry DISABLE TRIGGER sources_entry_no_truncate"
        )
        cursor.execute("ALTER TABLE sources_tile ENABLE TRIGGER sources_tile_no_change")
    assert things() == {"trigger sources_entry_no_truncate", "trigger sources_tile_no_change"}


def test_fsck_names_a_damaged_memory(log, settings):
    path = Path(settings.LOG_STATE_FILE)
    path.write_text("{")
    assert things() == {f"state file {path}"}
    path.write_text(json.dumps({"origin": "verify.example/log", "size": 305, "root": "0" * 64}))
    assert things() == {f"state file {path}"}


def test_fsck_passes_an_erasure_that_the_log_records(log):
    with transaction.atomic():
        erase_openings(
            entry=Entry.objects.get(index=301),
            names=["note"],
            ground="court-order",
            by=None,
            at=log.signed_at,
        )
    assert found() == set()


def test_fsck_of_an_empty_log_is_silent_and_progress_is_told(signer, append):
    assert found() == set()
    append(3)
    told = []
    assert list(faults(report=told.append)) == []
    assert told == [Progress("custody", 3, 3)]
