import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from sources.custody import merkle, tree
from sources.custody.models import Checkpoint, Entry, LogKey, Tile
from sources.custody.note import Head, parse
from sources.custody.proof import Proof
from sources.custody.services import (
    CustodyError,
    ForkRefused,
    checkpoint,
    consistency_proof,
    inclusion_proof,
    latest_checkpoint,
)
from sources.custody.tasks import sign_checkpoint
from sources.custody.tree import NotInLog

pytestmark = pytest.mark.django_db
ORIGIN = "verify.example/log"


def at(seconds=0):
    return datetime(2025, 3, 9, 10, 11, 12, 123456, tzinfo=UTC) + timedelta(seconds=seconds)


def leaves():
    return [bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf_hash", flat=True)]


def test_checkpoint_signs_all_entries(signer, append):
    append(300)
    row = checkpoint(at=at())
    note = parse(row.note)
    assert note.verified_by([signer.verifier_key])
    assert Head.parse(note.text) == Head(ORIGIN, 300, merkle.root(300, merkle.nodes_of(leaves())))
    assert [(tile.level, tile.index, bytes(tile.root)) for tile in Tile.objects.all()] == [
        (0, 0, merkle.complete_root(leaves()[:256]))
    ]


def test_checkpoint_of_nothing_new_is_none(signer, append):
    assert checkpoint(at=at()) is None
    append()
    assert checkpoint(at=at()).size == 1
    assert checkpoint(at=at(1)) is None
    assert Checkpoint.objects.count() == 1


def test_each_checkpoint_extends_the_one_before(append):
    rows = []
    for count in (1, 5, 250, 1, 300):
        append(count)
        rows.append(checkpoint(at=at()))
    for old in rows:
        for new in rows[rows.index(old) :]:
            merkle.verify_consistency(
                old_size=old.size,
                new_size=new.size,
                old_root=bytes(old.root),
                new_root=bytes(new.root),
                proof=consistency_proof(old, new),
            )
    assert latest_checkpoint() == rows[-1]


def test_higher_tiles_are_made_from_full_ones():
    hashes = [merkle.leaf_hash(b"%d" % n) for n in range(256 * 256)]
    rows = [hashes[n : n + 256] for n in range(0, len(hashes), 256)]
    Tile.objects.bulk_create(
        Tile(level=0, index=n, hashes=b"".join(row), root=merkle.complete_root(row))
        for n, row in enumerate(rows)
    )
    tree.integrate(len(hashes))
    tile = Tile.objects.get(level=1)
    assert tile.index == 0 and bytes(tile.root) == merkle.complete_root(hashes)
    assert merkle.root(len(hashes), tree.tree_nodes(len(hashes))) == merkle.complete_root(hashes)


def test_inclusion_proof_verifies_and_reads_little(signer, append, django_assert_max_num_queries):
    append(1000)
    row = checkpoint(at=at())
    for index in (0, 255, 256, 767, 999):
        with django_assert_max_num_queries(8):
            text = inclusion_proof(index, row)
        entry = bytes(Entry.objects.get(index=index).body)
        assert Proof.parse(text).verify(entry, [signer.verifier_key], origin=ORIGIN).size == 1000
    for index in (-1, 1000):
        with pytest.raises(NotInLog):
            inclusion_proof(index, row)


@pytest.mark.django_db(transaction=True)
def test_a_restored_backup_is_not_signed(append):
    append(5)
    checkpoint(at=at())
    restore(3)
    with pytest.raises(ForkRefused, match=r"holds 3 entries, but 5 were signed.*Nothing was signed"):
        checkpoint(at=at(1))
    append(4)  # the restored log grows past the signed size, with other entries
    with pytest.raises(ForkRefused, match="are not the ones that were signed"):
        checkpoint(at=at(2))
    assert not Checkpoint.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_honest_restore_is_signed_on(append):
    append(5)
    first = checkpoint(at=at())
    restore(5)
    assert checkpoint(at=at(1)).root == first.root


def restore(size):
    """Put the database back to when it had `size` entries and no checkpoint."""
    with connection.cursor() as cursor:
        for table in ("sources_entry", "sources_tile", "sources_checkpoint"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM sources_checkpoint; DELETE FROM sources_tile")
        cursor.execute("DELETE FROM sources_entry WHERE index >= %s", [size])
        for table in ("sources_entry", "sources_tile", "sources_checkpoint"):
            cursor.execute(
                f"SELECT tgname FROM pg_trigger WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal"
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "damaged"),
        ('{"origin": "verify.example/log", "size": 0, "root": ""}', "damaged"),
        (
            json.dumps({"origin": "else.example", "size": 1, "root": "0" * 64}),
            r"belongs to the log else\.example",
        ),
        (json.dumps({"origin": ORIGIN, "size": 1, "root": "0" * 64}), "not the ones that were signed"),
    ],
)
def test_a_wrong_memory_stops_the_signer(settings, append, text, said):
    append()
    path = Path(settings.LOG_STATE_FILE)
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(CustodyError, match=said):
        checkpoint(at=at())
    assert not Checkpoint.objects.exists()


def test_the_memory_is_on_disk_before_the_key_is_used(settings, append, monkeypatch):
    append(2)

    def crash(*args):
        raise RuntimeError("power cut")

    monkeypatch.setattr("sources.custody.note.Signer.sign", crash)
    with pytest.raises(RuntimeError):
        checkpoint(at=at())
    assert json.loads(Path(settings.LOG_STATE_FILE).read_text())["size"] == 2
    monkeypatch.undo()
    assert checkpoint(at=at()).size == 2


def test_a_foreign_or_retired_key_signs_nothing(settings, append):
    append()
    key = checkpoint(at=at()).key
    append()
    LogKey.objects.filter(pk=key.pk).update(retired_at=at())
    with pytest.raises(CustodyError, match="retired"):
        checkpoint(at=at())
    settings.LOG_SIGNING_KEY = "A" * 43 + "="
    with pytest.raises(CustodyError, match="not one of this log's"):
        checkpoint(at=at())


@pytest.mark.django_db(transaction=True)
def test_uncommitted_entries_are_not_signed_and_signers_do_not_race(append):
    append(2)
    found, start = [], threading.Barrier(4)

    def sign():
        try:
            start.wait()
            found.append(checkpoint(at=at()))
        finally:
            connection.close()

    with transaction.atomic():
        append(3)
        threads = [threading.Thread(target=sign) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(row.size if row else 0 for row in found) == [0, 0, 0, 2]
    assert checkpoint(at=at()).size == 5


def test_the_task_may_run_twice(append):
    append(3)
    sign_checkpoint()
    sign_checkpoint()
    assert Checkpoint.objects.get().size == 3
