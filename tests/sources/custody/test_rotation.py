import base64
import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from sources.custody import fsck
from sources.custody.kinds import Kind
from sources.custody.models import Checkpoint, Entry, LogKey
from sources.custody.note import NoteError, Signer, parse
from sources.custody.proof import Proof
from sources.custody.rotation import introduce_key, keys_required, retire_key
from sources.custody.services import (
    CustodyError,
    ForkRefused,
    Subject,
    checkpoint,
    inclusion_proof,
    record,
)
from tests.sources.custody.conftest import ORIGIN
from verify.stack import secrets
from verify.stack.paths import ROOT

pytestmark = pytest.mark.django_db
AT = datetime(2025, 3, 9, tzinfo=UTC)
NEXT = base64.b64encode(b"\7" * 32).decode()


@pytest.fixture
def following(signer, settings):
    """The next key, in the settings."""
    settings.LOG_NEXT_SIGNING_KEY = NEXT
    return Signer.from_base64(ORIGIN, NEXT)


@pytest.fixture
def overlap(following, append):
    """A log whose newest checkpoint is signed by both keys."""
    append(3)
    checkpoint(at=AT)
    introduce_key(by=None, at=AT)
    return checkpoint(at=AT)


def signers_of(row):
    return [signature.key_id for signature in parse(row.note).signatures]


def promote(settings, signer):
    """Bring the settings to where `--retire` leaves them."""
    settings.LOG_SIGNING_KEY, settings.LOG_NEXT_SIGNING_KEY = NEXT, ""
    settings.LOG_RETIRED_KEYS = [str(signer.verifier_key)]


def test_both_keys_sign_during_the_overlap_and_the_new_one_after(
    signer, following, overlap, append, settings
):
    old, new = signer.verifier_key, following.verifier_key
    assert signers_of(overlap) == [old.key_id, new.key_id]
    retire_key(by=None, at=AT)
    after = checkpoint(at=AT)
    promote(settings, signer)
    append()
    assert signers_of(after) == signers_of(checkpoint(at=AT)) == [new.key_id]
    assert list(fsck.faults()) == []
    assert [(key.verifier_key, key.retired_at) for key in LogKey.objects.order_by("pk")] == [
        (str(old), AT),
        (str(new), None),
    ]


def test_whoever_has_one_key_alone_accepts_the_overlap(signer, following, overlap):
    for key in (signer.verifier_key, following.verifier_key):
        assert parse(overlap.note).verified_by([key])
    retire_key(by=None, at=AT)
    after = checkpoint(at=AT)
    with pytest.raises(NoteError, match="no signature by a known key"):
        parse(after.note).verified_by([signer.verifier_key])


def test_the_old_key_vouches_for_the_new_one(signer, following, overlap):
    """What somebody does who has the old key alone and meets a checkpoint of the new one."""
    entry = Entry.objects.get(kind=Kind.KEY_ROTATED)
    proof = Proof.parse(inclusion_proof(entry.index, overlap))
    proof.verify(bytes(entry.body), [signer.verifier_key], origin=ORIGIN)
    facts = json.loads(bytes(entry.body))["facts"]
    assert facts == {
        "stage": "introduced",
        "old": str(signer.verifier_key),
        "new": str(following.verifier_key),
    }


def test_a_worker_without_the_new_key_signs_nothing_and_says_why(overlap, append, settings):
    settings.LOG_NEXT_SIGNING_KEY = ""
    append()
    with pytest.raises(CustodyError, match=r"does not have the signing key.*restart it"):
        checkpoint(at=AT)
    settings.LOG_NEXT_SIGNING_KEY = NEXT
    assert checkpoint(at=AT).size == 5


def test_a_worker_of_before_the_retiring_signs_right(overlap, append, following):
    retire_key(by=None, at=AT)  # the settings of this process are still those of the overlap
    append()
    assert signers_of(checkpoint(at=AT)) == [following.verifier_key.key_id]


@pytest.mark.parametrize("seed", ["", None])
def test_without_another_key_nothing_is_introduced(signer, append, settings, seed):
    append()
    checkpoint(at=AT)
    settings.LOG_NEXT_SIGNING_KEY = settings.LOG_SIGNING_KEY if seed is None else seed
    with pytest.raises(CustodyError, match="no next signing key"):
        introduce_key(by=None, at=AT)


def test_an_unsigned_log_has_no_key_to_change(following, append):
    append()
    with pytest.raises(CustodyError, match="not been signed yet"):
        introduce_key(by=None, at=AT)


def test_a_foreign_key_introduces_nothing(following, append, settings):
    append()
    checkpoint(at=AT)
    settings.LOG_SIGNING_KEY = base64.b64encode(b"\5" * 32).decode()
    with pytest.raises(CustodyError, match="not the one that signs this log"):
        introduce_key(by=None, at=AT)
    assert LogKey.objects.count() == 1


def test_a_rotation_is_not_begun_twice_nor_with_a_key_of_old(overlap, settings, signer):
    with pytest.raises(CustodyError, match="is one of this log's already"):
        introduce_key(by=None, at=AT)
    settings.LOG_NEXT_SIGNING_KEY = base64.b64encode(b"\6" * 32).decode()
    with pytest.raises(CustodyError, match="not the one that signs"):
        introduce_key(by=None, at=AT)
    settings.LOG_NEXT_SIGNING_KEY = NEXT
    retire_key(by=None, at=AT)
    settings.LOG_NEXT_SIGNING_KEY, settings.LOG_SIGNING_KEY = settings.LOG_SIGNING_KEY, NEXT
    with pytest.raises(CustodyError, match="is one of this log's already"):
        introduce_key(by=None, at=AT)


def test_nothing_is_retired_before_a_checkpoint_covers_the_new_key(following, append):
    append()
    checkpoint(at=AT)
    with pytest.raises(CustodyError, match="No rotation is under way"):
        retire_key(by=None, at=AT)
    introduce_key(by=None, at=AT)
    with pytest.raises(CustodyError, match="No checkpoint covers"):
        retire_key(by=None, at=AT)


def test_nobody_retires_a_key_without_having_the_next(overlap, settings):
    settings.LOG_NEXT_SIGNING_KEY = ""
    with pytest.raises(CustodyError, match="does not have the new key"):
        retire_key(by=None, at=AT)


def test_retiring_twice_makes_one_entry(overlap):
    assert retire_key(by=None, at=AT) == retire_key(by=None, at=AT)


@pytest.mark.parametrize("size", [0, 3])
def test_an_old_backup_is_refused_after_a_rotation(overlap, settings, signer, append, size):
    retire_key(by=None, at=AT)
    checkpoint(at=AT)
    promote(settings, signer)
    with connection.cursor() as cursor:  # the database of before the rotation, the settings of after it
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("entry", "checkpoint", "tile"):
            cursor.execute(f"ALTER TABLE sources_{table} DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM sources_checkpoint WHERE size > %s", [size])
        cursor.execute("DELETE FROM sources_entry WHERE index >= %s", [size])
    LogKey.objects.filter(verifier_key__endswith=str(overlap.key)[-10:]).update(retired_at=None)
    LogKey.objects.exclude(pk=overlap.key_id).delete()
    with pytest.raises(ForkRefused, match="looks like an older backup"):
        checkpoint(at=AT)


def test_fsck_names_a_signature_that_was_taken_off(overlap):
    lines = overlap.note.splitlines(keepends=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE sources_checkpoint DISABLE TRIGGER sources_checkpoint_no_change")
        cursor.execute("UPDATE sources_checkpoint SET note = %s WHERE size = 4", ["".join(lines[:-1])])
        cursor.execute("ALTER TABLE sources_checkpoint ENABLE ALWAYS TRIGGER sources_checkpoint_no_change")
    assert ["as the log's rotation of keys wants it" in str(fault) for fault in fsck.faults()] == [True]


def test_the_keys_that_must_have_signed():
    changes = [(3, "introduced", "A", "B"), (5, "retired", "A", "B"), (9, "introduced", "B", "C")]
    found = ["".join(sorted(keys_required(size, changes))) for size in range(1, 12)]
    assert found == ["A", "A", "A", "AB", "AB", "B", "B", "B", "B", "BC", "BC"]
    assert keys_required(7, []) == set()


@pytest.mark.django_db(transaction=True)
def test_rotation_under_load_leaves_every_checkpoint_right(following, append):
    append()
    checkpoint(at=AT)
    stop, failed = threading.Event(), []

    def busy(work):
        try:
            while not stop.is_set():
                work()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    def write():
        with transaction.atomic():
            record(kind=Kind.ANCHOR_MADE, subject=Subject("text", "1"), facts={}, by=None, at=AT)

    threads = [
        threading.Thread(target=busy, args=(work,)) for work in (write, write, lambda: checkpoint(at=AT))
    ]
    for thread in threads:
        thread.start()
    introduced = introduce_key(by=None, at=AT)
    while not Checkpoint.objects.filter(size__gt=introduced.index + 3).exists():
        assert not failed
    retired = retire_key(by=None, at=AT)
    while not Checkpoint.objects.filter(size__gt=retired.index + 3).exists():
        assert not failed
    stop.set()
    for thread in threads:
        thread.join()
    assert not failed and list(fsck.faults()) == []
    seen = set()
    for row in Checkpoint.objects.all():
        expected = 2 if introduced.index < row.size <= retired.index else 1
        assert len(parse(row.note).signatures) == expected, row.size
        seen.add(expected)
    assert seen == {1, 2}


# --- The command, on an installation that keeps its secrets in its file -----------------------------------------------


def manage(environment, *arguments):
    command = [sys.executable, "manage.py", "log", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


@pytest.mark.django_db(transaction=True)
def test_the_command_rotates_the_key_of_the_private_file(environment, append, var_folder, monkeypatch):
    environment = {
        name: value
        for name, value in environment.items()
        if name not in (*secrets.GENERATORS, *secrets.OF_ROTATION)
    }
    append(2)

    def run(*arguments):
        done = manage(environment, *arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    before = run("verifier-key")["verifier_key"]
    assert run("checkpoint")["size"] == 2
    first = run("rotate-key")
    assert (first["stage"], first["old"], first["in_file"]) == ("introduced", before, True)
    assert run("checkpoint")["note"].count("— ") == 2
    assert run("verifier-key")["verifier_key"] == before
    assert run("rotate-key", "--retire")["stage"] == "retired"
    assert run("checkpoint")["note"].count("— ") == 1
    assert run("verifier-key")["verifier_key"] == first["new"]
    kept = (var_folder / "secrets.env").read_text()
    assert f"LOG_RETIRED_KEYS={before}\n" in kept and "LOG_NEXT_SIGNING_KEY" not in kept
    assert os.stat(var_folder / "secrets.env").st_mode & 0o077 == 0
    done = manage(environment, "rotate-key", "--retire")
    assert (done.returncode, "No rotation is under way" in done.stderr) == (1, True)


def test_the_command_says_what_to_set_where_keys_are_given(append, settings, monkeypatch):
    monkeypatch.setenv("LOG_SIGNING_KEY", settings.LOG_SIGNING_KEY)
    append()
    checkpoint(at=AT)
    settings.LOG_NEXT_SIGNING_KEY = ""
    with pytest.raises(CommandError, match=r"Give all processes LOG_NEXT_SIGNING_KEY") as refused:
        call_command("log", "rotate-key")
    assert refused.value.returncode == 1 and LogKey.objects.count() == 1
