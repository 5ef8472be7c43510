"""Bytes by their digest: kept once, whole or not at all, and read only if they still are what the name says."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from sources.archive import storage
from sources.archive.models import Blob
from sources.archive.storage import BlobDamaged, is_intact, read, store, verified
from tests.cast import T0, at_once
from verify.stack.paths import ROOT

CONTENT = b"What was said on the ninth of March."


def keep(content=CONTENT) -> Blob:
    return store(content, media_type="text/plain", at=T0)


def file_of(blob: Blob) -> Path:
    return Path(storage.storage().path(blob.path))


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def damage(blob: Blob, content: bytes) -> None:
    file_of(blob).chmod(0o640)
    file_of(blob).write_bytes(content)


def test_bytes_are_kept_under_their_digest_and_come_back(db):
    blob = keep()
    assert blob.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert blob.path == f"{blob.sha256[:2]}/{blob.sha256[2:4]}/{blob.sha256}"
    assert (read(blob), blob.size) == (CONTENT, len(CONTENT))


def test_a_stored_file_is_read_only(db):
    assert stat.S_IMODE(file_of(keep()).stat().st_mode) == 0o440


def test_the_same_bytes_are_kept_once_however_they_come(db, settings):
    first, inode = keep(), file_of(keep()).stat().st_ino
    assert keep(BytesIO(CONTENT)) == first
    assert store(CONTENT, media_type="application/pdf", at=T0).media_type == "text/plain"
    assert (Blob.objects.count(), len(files(settings.MEDIA_ROOT))) == (1, 1)
    assert file_of(first).stat().st_ino == inode


def test_a_file_is_kept_from_its_start_wherever_it_was_read_to(db):
    handle = BytesIO(CONTENT)
    handle.read(7)
    assert read(keep(handle)) == CONTENT


@pytest.mark.parametrize("size", [0, 1, storage.CHUNK - 1, storage.CHUNK, 2 * storage.CHUNK + 1])
def test_bytes_of_any_size_come_back_in_pieces(db, size):
    content = os.urandom(size)
    pieces = list(verified(keep(content)))
    assert b"".join(pieces) == content
    assert all(len(piece) <= storage.CHUNK for piece in pieces)


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b".", CONTENT.replace(b"ninth", b"tenth")])
def test_altered_bytes_are_never_read_as_the_blob(db, content):
    blob = keep()
    damage(blob, content)
    assert not is_intact(blob)
    with pytest.raises(BlobDamaged, match=f"{blob.sha256} was altered"):
        read(blob)


def test_a_missing_file_is_said_to_be_missing(db):
    blob = keep()
    file_of(blob).unlink()
    assert not is_intact(blob)
    with pytest.raises(BlobDamaged, match=f"{blob.sha256} is missing"):
        read(blob)


@pytest.mark.parametrize(
    "hurt", [lambda file: file.unlink(), lambda file: (file.chmod(0o640), file.write_bytes(b"?"))]
)
def test_storing_the_bytes_again_mends_what_was_damaged(db, hurt):
    blob = keep()
    hurt(file_of(blob))
    assert keep() == blob
    assert read(blob) == CONTENT
    assert Blob.objects.count() == 1


def test_a_disk_that_is_full_leaves_neither_file_nor_row(db, settings, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep()
    assert (files(settings.MEDIA_ROOT), Blob.objects.count()) == ([], 0)


WRITE_WITHOUT_END = """
import django; django.setup()
from sources.archive.storage import _write
class Endless:
    def read(self, size):
        print("writing", flush=True)
        return b"x" * size
_write("ab/cd/abcd", Endless())
"""


@pytest.mark.slow
def test_a_process_killed_while_it_writes_leaves_no_file_of_that_name(environment, settings):
    command = [sys.executable, "-c", WRITE_WITHOUT_END]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(4):
            assert writer.stdout.readline() == b"writing\n"
        writer.send_signal(signal.SIGKILL)
    left = [path.name for path in files(settings.MEDIA_ROOT)]
    assert left
    assert all(name.startswith(".incoming-") for name in left)


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_stored_by_several_at_once_are_one_blob(settings):
    blobs = at_once(*[keep] * 4)
    assert len({blob.pk for blob in blobs}) == Blob.objects.count() == 1
    assert (read(blobs[0]), len(files(settings.MEDIA_ROOT))) == (CONTENT, 1)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [({"sha256": "0" * 63}, "blob_name_is_a_sha256"), ({"size": -1}, "blob_size_is_not_negative")],
)
def test_the_database_refuses_a_row_that_can_be_no_blob(db, fields, rule):
    fields = {"sha256": "0" * 64, "size": 1, "media_type": "x/y", "created_at": T0} | fields
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Blob.objects.create(**fields)
