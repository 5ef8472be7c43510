"""Blobs in the storage: written to a temporary name, synced and renamed; read only if the digest still holds."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from sources.archive.models import Blob

CHUNK = 2**20  # bytes


class BlobDamaged(Exception):
    """The stored bytes are missing or are not those that the name promises; `str()` says which and where."""


def storage() -> Storage:
    """The storage configured as ``STORAGES["blobs"]``."""
    return storages["blobs"]


def store(content: bytes | BinaryIO, *, media_type: str, at: datetime) -> Blob:
    """Keep bytes (or what a binary file holds from its start) and return their row; the same bytes are kept once.

    The row is written only after the bytes are safe, so that a row without bytes means damage, never a crash.
    """
    with tempfile.TemporaryFile() as spool:
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks(content):
            digest.update(chunk)
            size += len(chunk)
            spool.write(chunk)
        name = digest.hexdigest()
        blob = Blob(sha256=name, size=size, media_type=media_type, created_at=at)
        if not is_intact(blob):
            spool.seek(0)
            _write(blob.path, spool)
    return Blob.objects.get_or_create(
        sha256=name, defaults={"size": size, "media_type": media_type, "created_at": at}
    )[0]


def read(blob: Blob) -> bytes:
    """The bytes of `blob`. Raises BlobDamaged when they are missing or altered."""
    return b"".join(verified(blob))


def verified(blob: Blob) -> Iterator[bytes]:
    """The bytes of `blob` in pieces of up to 1 MiB; raises BlobDamaged at the end if they were not its bytes."""
    digest = hashlib.sha256()
    for chunk in raw(blob):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != blob.sha256:
        raise BlobDamaged(f"blob {blob.sha256} was altered: its bytes now hash to {digest.hexdigest()}")


def raw(blob: Blob) -> Iterator[bytes]:
    """The stored bytes as they are, unchecked, in pieces of up to 1 MiB. Raises BlobDamaged when there are none."""
    try:
        handle = storage().open(blob.path, "rb")
    except OSError as error:
        raise BlobDamaged(f"blob {blob.sha256} is missing from the storage") from error
    with handle:
        yield from handle.chunks(CHUNK)


def is_intact(blob: Blob) -> bool:
    """Whether the stored bytes are those that the name promises (reads them all)."""
    try:
        for _chunk in verified(blob):
            pass
    except BlobDamaged:
        return False
    return True


def _chunks(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    content.seek(0)
    while chunk := content.read(CHUNK):
        yield chunk


def _write(path: str, spool: BinaryIO) -> None:
    where = storage()
    if isinstance(where, FileSystemStorage):
        _write_locally(Path(where.path(path)), spool)
        return
    if where.exists(path):
        where.delete(path)  # it is there and not intact: a half upload, or damage
    where.save(path, File(spool))


def _write_locally(target: Path, spool: BinaryIO) -> None:
    # A crash at any moment leaves either no file of this name or the whole one.
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".incoming-")
    try:
        with os.fdopen(handle, "wb") as out:
            while chunk := spool.read(CHUNK):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, 0o440)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    directory = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
