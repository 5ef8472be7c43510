"""Bytes by their digest: kept once, whole or not at all, and read only if they still are what the name says.

The promises are the same for a folder and for a bucket of a real S3 server; what only one of them can do stands below.
"""

from __future__ import annotations

import hashlib
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from sources.archive import fsck, storage
from sources.archive.models import Blob, Capture
from sources.archive.services import request_capture, run_capture
from sources.archive.storage import BlobDamaged, StorageUnavailable, is_intact, read, store, verified
from tests.cast import T0, at_once
from tests.sources.archive.hostile import response, serving
from tests.sources.archive.s3 import SECRET_KEY, S3Server, serving_s3
from verify.stack.paths import ROOT

CONTENT = b"What was said on the ninth of March."
S3 = "storages.backends.s3.S3Storage"


def keep(content: Any = CONTENT) -> Blob:
    return store(content, media_type="text/plain", at=T0)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@dataclass(frozen=True)
class Place:
    """A storage, and how somebody with access to it behind our back meddles with what is there."""

    overwrite: Callable[[Blob, bytes], None]
    remove: Callable[[Blob], None]
    names: Callable[[], list[str]]


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with serving_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(s3_server: S3Server, settings: Any) -> Any:
    """An empty bucket of its own for each test, as the storage of blobs; answers with boto3's view of it."""
    name = f"blobs-{uuid4().hex}"
    options = s3_server.options(name, prefix="desk/blobs")
    settings.STORAGES = {**settings.STORAGES, "blobs": {"BACKEND": S3, "OPTIONS": options}}
    return storage.storage().connection.create_bucket(Bucket=name)


@pytest.fixture
def folder(settings: Any) -> Path:
    return Path(settings.MEDIA_ROOT)


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest) -> Place:
    where = request.getfixturevalue(request.param)
    if request.param == "bucket":
        return Place(
            overwrite=lambda blob, content: where.put_object(Key=f"desk/blobs/{blob.path}", Body=content),
            remove=lambda blob: where.Object(f"desk/blobs/{blob.path}").delete(),
            names=lambda: [one.key.removeprefix("desk/blobs/") for one in where.objects.all()],
        )

    def overwrite(blob: Blob, content: bytes) -> None:
        (where / blob.path).parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            (where / blob.path).unlink()
        (where / blob.path).write_bytes(content)

    return Place(
        overwrite=overwrite,
        remove=lambda blob: (where / blob.path).unlink(),
        names=lambda: [path.relative_to(where).as_posix() for path in files(where)],
    )


def test_bytes_are_kept_under_their_digest_and_come_back(db, place):
    blob = keep()
    assert blob.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert blob.path == f"{blob.sha256[:2]}/{blob.sha256[2:4]}/{blob.sha256}"
    assert (read(blob), blob.size, place.names()) == (CONTENT, len(CONTENT), [blob.path])


def test_the_same_bytes_are_kept_once_however_they_come(db, place):
    first = keep()
    assert keep(BytesIO(CONTENT)) == first
    assert store(CONTENT, media_type="application/pdf", at=T0).media_type == "text/plain"
    assert (Blob.objects.count(), place.names()) == (1, [first.path])


def test_a_file_is_kept_from_its_start_wherever_it_was_read_to(db, place):
    handle = BytesIO(CONTENT)
    handle.read(7)
    assert read(keep(handle)) == CONTENT


@pytest.mark.parametrize("size", [0, 1, storage.CHUNK - 1, storage.CHUNK, 2 * storage.CHUNK + 1])
def test_bytes_of_any_size_come_back_in_pieces(db, place, size):
    content = os.urandom(size)
    pieces = list(verified(keep(content)))
    assert b"".join(pieces) == content
    assert all(len(piece) <= storage.CHUNK for piece in pieces)


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b".", CONTENT.replace(b"ninth", b"tenth")])
def test_altered_bytes_are_never_read_as_the_blob(db, place, content):
    blob = keep()
    place.overwrite(blob, content)
    assert not is_intact(blob)
    with pytest.raises(BlobDamaged, match=f"{blob.sha256} was altered"):
        read(blob)


def test_a_missing_file_is_said_to_be_missing(db, place):
    blob = keep()
    place.remove(blob)
    assert not is_intact(blob)
    with pytest.raises(BlobDamaged, match=f"{blob.sha256} is missing"):
        read(blob)


@pytest.mark.parametrize("damage", [None, b"?", CONTENT.replace(b"ninth", b"tenth")])
def test_storing_the_bytes_again_mends_what_was_damaged(db, place, damage):
    blob = keep()
    place.remove(blob) if damage is None else place.overwrite(blob, damage)
    assert keep() == blob
    assert read(blob) == CONTENT
    assert Blob.objects.count() == 1


def test_a_blob_is_streamed_and_never_whole_in_memory(db, place, tmp_path):
    (big := tmp_path / "big").write_bytes(os.urandom(storage.CHUNK) * 48)
    with big.open("rb") as handle:
        keep(BytesIO(b"warm-up: what libraries load at first use"))
        tracemalloc.start()
        try:
            blob = keep(handle)
            assert is_intact(blob)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert blob.size == 48 * storage.CHUNK
    assert peak < 8 * storage.CHUNK, f"{peak / 2**20:.1f} MiB"


@pytest.mark.django_db(transaction=True)
def test_the_same_bytes_stored_by_several_at_once_are_one_blob(place):
    blobs = at_once(*[keep] * 4)
    assert len({blob.pk for blob in blobs}) == Blob.objects.count() == 1
    assert (read(blobs[0]), place.names()) == (CONTENT, [blobs[0].path])


def test_what_a_crash_left_without_row_or_use_is_listed_and_harmless(db, place, make_capture):
    used = make_capture()
    left = Blob(sha256=hashlib.sha256(b"left").hexdigest(), size=4, media_type="x/y", created_at=T0)
    place.overwrite(left, b"left")
    unused = keep(b"a row, and then the worker was killed")
    soon = timezone.now() + timedelta(minutes=1)
    assert [(name, size) for name, size, _at in storage.orphans(before=soon)] == [(left.path, 4)]
    assert list(storage.orphans(before=timezone.now() - timedelta(hours=1))) == []
    assert list(storage.unused(before=soon)) == [unused]
    assert not storage.unused(before=T0).exists()
    assert {used.body_id, used.package_id}.isdisjoint(
        storage.unused(before=soon).values_list("pk", flat=True)
    )
    assert read(keep(b"left")) == b"left"
    assert list(storage.orphans(before=soon)) == []


def test_the_commands_list_what_was_left_and_fsck_names_what_was_hurt(place, make_capture, capsys):
    capture = make_capture()
    left = Blob(sha256=hashlib.sha256(b"left").hexdigest(), size=4, media_type="x/y", created_at=T0)
    place.overwrite(left, b"left")
    call_command("orphans", "--hours=-1")
    assert capsys.readouterr().out == f"{left.path}  4 bytes  without a row\n"
    place.overwrite(capture.body, b"other bytes")
    place.remove(capture.package)
    said = {fault.thing: fault.problem for fault in fsck.faults() if fault.thing.startswith("file ")}
    assert set(said) == {f"file {capture.body.path}", f"file {capture.package.path}"}
    assert "was altered" in said[f"file {capture.body.path}"]
    assert "is missing" in said[f"file {capture.package.path}"]


def test_a_storage_that_works_says_so(place):
    storage.check()


# --- The folder -----------------------------------------------------------------------------------------------------


def test_a_stored_file_is_read_only_and_stays_the_file_it_was(db, folder):
    file = folder / keep().path
    inode = file.stat().st_ino
    keep()
    assert stat.S_IMODE(file.stat().st_mode) == 0o440
    assert file.stat().st_ino == inode


def test_a_disk_that_is_full_leaves_neither_file_nor_row(db, folder, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep()
    assert (files(folder), Blob.objects.count()) == ([], 0)


def test_a_folder_where_a_file_should_be_is_damage_and_no_crash(db, folder):
    blob = keep()
    (folder / blob.path).unlink()
    (folder / blob.path).mkdir()
    with pytest.raises(BlobDamaged, match="cannot be read"):
        read(blob)


WRITE_WITHOUT_END = """
import django; django.setup()
from sources.archive.models import Blob
from sources.archive.storage import _place
class Endless:
    def read(self, size):
        print("writing", flush=True)
        return b"x" * size
_place().put(Blob(sha256="ab" * 32, size=1), Endless())
"""


@pytest.mark.slow
def test_a_process_killed_while_it_writes_leaves_no_file_of_that_name(environment, folder):
    command = [sys.executable, "-c", WRITE_WITHOUT_END]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(4):
            assert writer.stdout.readline() == b"writing\n"
        writer.send_signal(signal.SIGKILL)
    left = [path.name for path in files(folder)]
    assert left
    assert all(name.startswith(storage.INCOMING) for name in left)


# --- The bucket -----------------------------------------------------------------------------------------------------


def test_good_bytes_in_a_bucket_are_neither_read_nor_written_again(db, bucket):
    blob = keep()
    before = bucket.Object(f"desk/blobs/{blob.path}").last_modified
    asked: list[str] = []
    events = storage.storage().connection.meta.client.meta.events
    events.register("before-call.s3", lambda model, **_: asked.append(model.name))
    assert keep() == blob
    assert asked == ["HeadObject"]
    assert bucket.Object(f"desk/blobs/{blob.path}").last_modified == before


def test_bytes_that_somebody_put_without_a_digest_are_read_before_they_are_trusted(db, bucket):
    blob = keep()
    bucket.put_object(Key=f"desk/blobs/{blob.path}", Body=CONTENT)
    asked: list[str] = []
    events = storage.storage().connection.meta.client.meta.events
    events.register("before-call.s3", lambda model, **_: asked.append(model.name))
    assert keep() == blob
    assert asked == ["HeadObject", "GetObject"]


def test_the_service_refuses_bytes_that_changed_on_the_way(db, bucket):
    wrong = Blob(sha256=hashlib.sha256(b"other").hexdigest(), size=len(CONTENT))
    with pytest.raises(StorageUnavailable, match="BadDigest"):
        storage._place().put(wrong, BytesIO(CONTENT))
    assert list(bucket.objects.all()) == []


def test_an_upload_that_breaks_off_leaves_no_object(db, bucket):
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 2 * storage.CHUNK:
                raise ConnectionAbortedError("the worker lost its network")
            return super().read(size)

    content = os.urandom(4 * storage.CHUNK)
    blob = Blob(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    with pytest.raises((StorageUnavailable, OSError)):
        storage._place().put(blob, Broken(content))
    assert list(bucket.objects.all()) == []


def test_a_server_that_is_down_is_unavailable_not_damage_and_leaves_no_row(db, settings, caplog):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        endpoint = f"http://127.0.0.1:{probe.getsockname()[1]}"
    options = S3Server(endpoint).options("blobs")
    settings.STORAGES = {**settings.STORAGES, "blobs": {"BACKEND": S3, "OPTIONS": options}}
    blob = Blob(sha256=hashlib.sha256(CONTENT).hexdigest(), size=len(CONTENT))
    with caplog.at_level(logging.DEBUG):
        for act in (keep, lambda: read(blob), lambda: is_intact(blob), storage.check):
            with pytest.raises(StorageUnavailable, match="EndpointConnectionError"):
                act()
    assert Blob.objects.count() == 0
    assert SECRET_KEY not in caplog.text


@pytest.mark.parametrize("wrong", [{"bucket": "no-such-bucket"}, {"secret_key": "wrong"}])
def test_a_bucket_that_is_not_ours_is_unavailable_and_names_no_key(db, s3_server, settings, wrong):
    from verify.settings import s3_options

    given = {"bucket": "any", "endpoint": s3_server.endpoint, "access_key": "verify-tests"}
    options = s3_options(**(given | {"secret_key": SECRET_KEY} | wrong))
    settings.STORAGES = {**settings.STORAGES, "blobs": {"BACKEND": S3, "OPTIONS": options}}
    with pytest.raises(StorageUnavailable) as refusal:
        storage.check()
    assert not any(secret in str(refusal.value) for secret in (SECRET_KEY, "wrong", "verify-tests"))


def test_a_capture_outlives_a_storage_that_is_down(desk, alice, bucket, settings):
    """Work that was done while the storage did not answer is done again later; nothing half done is left."""
    settings.ARCHIVE_RETRY_DELAYS = [30.0]
    good = settings.STORAGES
    down = good["blobs"] | {"OPTIONS": good["blobs"]["OPTIONS"] | {"endpoint_url": "http://127.0.0.1:1"}}
    with serving({"/said": response(CONTENT, content_type="text/plain")}) as site:
        settings.ARCHIVE_GUARD_EXCEPTIONS = {"site.test": site.where}
        capture = request_capture(desk=desk, url="http://site.test/said", by=alice, at=timezone.now())
        for blobs, state in ((down, "queued"), (good["blobs"], "archived")):
            settings.STORAGES = {**good, "blobs": blobs}
            Capture.objects.filter(pk=capture.pk).update(not_before=None)
            run_capture(capture_id=capture.pk)
            capture.refresh_from_db()
            assert capture.state == state, capture.failure_detail
            assert Blob.objects.exists() is (state == "archived")
    assert (read(capture.body), is_intact(capture.package)) == (CONTENT, True)


@pytest.mark.slow
def test_a_server_that_dies_and_comes_back_has_lost_nothing(db, tmp_path, settings):
    with serving_s3(tmp_path) as server:
        options = server.options("blobs")
        settings.STORAGES = {**settings.STORAGES, "blobs": {"BACKEND": S3, "OPTIONS": options}}
        storage.storage().connection.create_bucket(Bucket="blobs")
        blob = keep()
    with pytest.raises(StorageUnavailable):
        read(blob)
    with serving_s3(tmp_path) as server:
        options = server.options("blobs")
        settings.STORAGES = {**settings.STORAGES, "blobs": {"BACKEND": S3, "OPTIONS": options}}
        assert read(blob) == CONTENT


def test_a_storage_that_is_neither_folder_nor_bucket_is_refused(db, settings):
    other = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    settings.STORAGES = {**settings.STORAGES, "blobs": other}
    with pytest.raises(ImproperlyConfigured):
        keep()


@pytest.mark.parametrize(
    ("fields", "rule"),
    [({"sha256": "0" * 63}, "blob_name_is_a_sha256"), ({"size": -1}, "blob_size_is_not_negative")],
)
def test_the_database_refuses_a_row_that_can_be_no_blob(db, fields, rule):
    fields = {"sha256": "0" * 64, "size": 1, "media_type": "x/y", "created_at": T0} | fields
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Blob.objects.create(**fields)


# --- Erasure --------------------------------------------------------------------------------------------------------


def test_destroying_leaves_neither_bytes_nor_row(db, place):
    blob = storage.store(b"to be erased", media_type="text/plain", at=T0)
    assert storage.exists(blob.sha256) and storage.destroy(blob.sha256)
    assert not storage.exists(blob.sha256) and not Blob.objects.filter(pk=blob.pk).exists()
    assert storage.destroy(blob.sha256)  # again: nothing left is nothing to do


def test_destroying_spares_what_is_in_use(make_capture, place):
    capture = make_capture()
    assert not storage.destroy(capture.body_id)
    assert storage.read(capture.body)


def test_destroying_in_a_bucket_that_keeps_versions_takes_all_of_them(db, bucket):
    bucket.Versioning().enable()
    blob = storage.store(b"to be erased", media_type="text/plain", at=T0)
    bucket.Object(f"desk/blobs/{blob.path}").put(Body=b"another version")
    storage.destroy(blob.sha256)
    assert list(bucket.object_versions.all()) == []
