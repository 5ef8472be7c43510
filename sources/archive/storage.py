"""Blobs in the storage, a folder or an S3 bucket: whole or not at all, and read only if the digest still holds.

A name is the SHA-256 of what it stands for, so nothing is ever changed in place and two writers of one name write the
same bytes. In a folder a blob is written under a temporary name, synced and renamed. In a bucket it is one PUT, which
is atomic, with the digest beside it: the service refuses bytes that were damaged on the way.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from sources.archive.models import Blob

CHUNK = 2**20  # bytes
INCOMING = ".incoming-"
ABANDONED = 3600  # seconds after which a temporary file has no writer any more

Stored = tuple[str, int, datetime]  # name, bytes, when it was written (UTC)


class BlobDamaged(Exception):
    """The stored bytes are missing or are not those that the name promises; `str()` says which and where."""


class StorageUnavailable(OSError):
    """The storage does not answer or does not let us in. Nothing is lost or damaged by that: try again later."""


class _Place(Protocol):
    """What blobs need of a storage. Everything may raise StorageUnavailable."""

    def has(self, blob: Blob) -> bool: ...
    def put(self, blob: Blob, content: BinaryIO) -> None: ...
    def chunks(self, blob: Blob, start: int = 0, length: int | None = None) -> Iterator[bytes]: ...
    def listing(self) -> Iterator[Stored]: ...
    def check(self) -> None: ...
    def exists(self, blob: Blob) -> bool: ...
    def delete(self, blob: Blob) -> None: ...


def storage() -> Storage:
    """The storage configured as ``STORAGES["blobs"]``."""
    return storages["blobs"]


def store(content: bytes | BinaryIO, *, media_type: str, at: datetime) -> Blob:
    """Keep bytes (or what a binary file holds from its start) and return their row; the same bytes are kept once.

    The row is written only after the bytes are safe, so that a row without bytes means damage, never a crash.
    Raises StorageUnavailable, or another OSError of the machine's own disk.
    """
    with tempfile.TemporaryFile() as spool:
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks(content):
            digest.update(chunk)
            size += len(chunk)
            spool.write(chunk)
        name = digest.hexdigest()
        blob = Blob(sha256=name, size=size, media_type=media_type, created_at=at)
        place = _place()
        there = place.has(blob)
        if not there:
            spool.seek(0)
            place.put(blob, spool)
        row, made = Blob.objects.get_or_create(
            sha256=name, defaults={"size": size, "media_type": media_type, "created_at": at}
        )
        if made and there and not place.has(blob):  # erased between the look and the row
            spool.seek(0)
            place.put(blob, spool)
    return row


def read(blob: Blob) -> bytes:
    """The bytes of `blob`. Raises BlobDamaged when they are missing or altered, StorageUnavailable."""
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
    """The stored bytes as they are, unchecked, in pieces of up to 1 MiB.

    Raises BlobDamaged when there are none, StorageUnavailable when that cannot be known.
    """
    yield from _place().chunks(blob)


def stretch(blob: Blob, start: int, length: int) -> Iterator[bytes]:
    """`length` stored bytes from `start` on, unchecked, in pieces of up to 1 MiB; fewer where the blob ends.

    A part has no digest of its own: whoever needs to know that it is whole has read all of it before. Raises as `raw`.
    """
    yield from _place().chunks(blob, start, length)


def is_intact(blob: Blob) -> bool:
    """Whether the stored bytes are those that the name promises (reads them all). Raises StorageUnavailable."""
    try:
        for _chunk in verified(blob):
            pass
    except BlobDamaged:
        return False
    return True


def exists(sha256: str) -> bool:
    """Whether anything lies under this name, whole or damaged. Raises StorageUnavailable."""
    return _place().exists(Blob(sha256=sha256))


def destroy(sha256: str) -> bool:
    """Delete bytes, every stored version of them, and their row; False, and nothing happens, while they are in use.

    The row is locked first: whoever is about to refer to it is waited for, and whoever comes later is refused. The
    bytes go before the row is known to be gone, so that a crash leaves a row to try again with. Raises
    StorageUnavailable, or another OSError of the machine's own disk.
    """
    with transaction.atomic():
        if Blob.objects.select_for_update().filter(pk=sha256).exists():
            if not unused(before=None).filter(pk=sha256).exists():
                return False
            Blob.objects.filter(pk=sha256).delete()
        _place().delete(Blob(sha256=sha256))
    return True


def check() -> None:
    """Return when blobs can be kept. Raises StorageUnavailable with the reason."""
    _place().check()


def orphans(*, before: datetime) -> Iterator[Stored]:
    """What lies in the storage without a row, from before `before`: left by a crash between bytes and row.

    Harmless: the same bytes stored again take the place over. Listed for whoever wants the room back.
    """
    names: list[Stored] = []
    for stored in _place().listing():
        if stored[2] < before:
            names.append(stored)
        if len(names) == 1000:
            yield from _without_row(names)
            names = []
    yield from _without_row(names)


def unused(*, before: datetime | None) -> QuerySet[Blob]:
    """Rows from before `before` (or all) that nothing refers to: left by a crash between blob and capture, harmless."""
    rows = Blob.objects.filter(created_at__lt=before) if before else Blob.objects.all()
    for relation in Blob._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and relation.related_model is not None:
            field: Any = relation
            referring = field.related_model._default_manager.filter(**{field.field.name: OuterRef("pk")})
            rows = rows.exclude(Exists(referring))
    return rows.order_by("pk")


def _without_row(stored: list[Stored]) -> Iterator[Stored]:
    digests = {name: name.rsplit("/", 1)[-1] for name, _size, _at in stored}
    known = {blob.path for blob in Blob.objects.filter(pk__in=digests.values())}
    yield from (one for one in stored if one[0] not in known)


def _chunks(content: bytes | BinaryIO) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    content.seek(0)
    while chunk := content.read(CHUNK):
        yield chunk


def _place() -> _Place:
    where = storage()
    if isinstance(where, FileSystemStorage):
        return _Folder(Path(where.path("")))
    from storages.backends.s3 import S3Storage  # type: ignore[import-untyped]

    if isinstance(where, S3Storage):
        return _Bucket(where)
    raise ImproperlyConfigured(
        "Blobs are kept in a folder or in an S3 bucket; STORAGES names something else."
    )


class _Folder:
    """Blobs as read-only files."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def has(self, blob: Blob) -> bool:
        return is_intact(blob)  # a disk keeps no digest of its own: what it has is known by reading

    def put(self, blob: Blob, content: BinaryIO) -> None:
        # A crash at any moment leaves either no file of this name or the whole one.
        target = self._root / blob.path
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=INCOMING)
        try:
            with os.fdopen(handle, "wb") as out:
                while chunk := content.read(CHUNK):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(temporary, 0o440)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync(target.parent)

    def chunks(self, blob: Blob, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        left = length
        try:
            with (self._root / blob.path).open("rb") as handle:
                handle.seek(start)
                while chunk := handle.read(CHUNK if left is None else min(CHUNK, left)):
                    left = None if left is None else left - len(chunk)
                    yield chunk
        except FileNotFoundError as error:
            raise _missing(blob) from error
        except OSError as error:
            raise BlobDamaged(f"blob {blob.sha256} cannot be read: {error.strerror}") from error

    def listing(self) -> Iterator[Stored]:
        for folder, _folders, files in os.walk(self._root):
            for name in files:
                path = Path(folder, name)
                with suppress(FileNotFoundError):  # one that was just being written has its name by now
                    found = path.stat()
                    written = datetime.fromtimestamp(found.st_mtime, UTC)
                    yield path.relative_to(self._root).as_posix(), found.st_size, written

    def exists(self, blob: Blob) -> bool:
        return (self._root / blob.path).exists()

    def delete(self, blob: Blob) -> None:
        target = self._root / blob.path
        target.unlink(missing_ok=True)
        if not target.parent.is_dir():
            return
        for temporary in target.parent.glob(
            f"{INCOMING}*"
        ):  # of a writer that was killed: perhaps the same bytes
            with suppress(FileNotFoundError):
                if time.time() - temporary.stat().st_mtime > ABANDONED:
                    temporary.unlink()
        _sync(target.parent)

    def check(self) -> None:
        folder = next(one for one in (self._root, *self._root.parents) if one.exists())
        if not os.access(folder, os.W_OK | os.X_OK):
            raise StorageUnavailable(f"The folder {self._root} cannot be written to.")


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


class _Bucket:
    """Blobs as objects of an S3 bucket; never public, and of a type that no browser shows."""

    def __init__(self, where: Any) -> None:
        self._client = where.connection.meta.client
        self._bucket = where.bucket_name
        self._prefix = f"{where.location.strip('/')}/" if where.location.strip("/") else ""

    def has(self, blob: Blob) -> bool:
        """Asked of the service where it keeps the digest that it checked at the PUT; read in full where it does not."""
        try:
            found = self._client.head_object(**self._object(blob), ChecksumMode="ENABLED")
        except self._errors as error:
            if _is_missing(error):
                return False
            raise self._unavailable(error) from error
        checksum = found.get("ChecksumSHA256", "")
        if found["ContentLength"] != blob.size:
            return False
        whole = checksum and "-" not in checksum  # a digest of parts' digests says nothing of the whole
        return bool(checksum == _checksum(blob)) if whole else is_intact(blob)

    def put(self, blob: Blob, content: BinaryIO) -> None:
        try:
            self._client.put_object(
                **self._object(blob),
                Body=content,
                ContentLength=blob.size,
                ContentType="application/octet-stream",
                ChecksumSHA256=_checksum(blob),
            )
        except self._errors as error:
            raise self._unavailable(error) from error

    def chunks(self, blob: Blob, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        part = {} if length is None else {"Range": f"bytes={start}-{start + length - 1}"}
        try:
            with closing(self._client.get_object(**self._object(blob), **part)["Body"]) as body:
                yield from body.iter_chunks(CHUNK)
        except self._errors as error:
            if _is_missing(error):
                raise _missing(blob) from error
            raise self._unavailable(error) from error

    def listing(self) -> Iterator[Stored]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        try:
            for page in pages:
                for found in page.get("Contents", ()):
                    yield found["Key"].removeprefix(self._prefix), found["Size"], found["LastModified"]
        except self._errors as error:
            raise self._unavailable(error) from error

    def exists(self, blob: Blob) -> bool:
        try:
            self._client.head_object(**self._object(blob))
        except self._errors as error:
            if _is_missing(error):
                return False
            raise self._unavailable(error) from error
        return True

    def delete(self, blob: Blob) -> None:
        where = self._object(blob)
        try:
            self._client.delete_object(**where)
            # In a bucket that keeps versions, that hides the bytes; each version is deleted by its own name.
            pages = self._client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket, Prefix=where["Key"]
            )
            for page in pages:
                for found in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    if found["Key"] == where["Key"]:
                        self._client.delete_object(**where, VersionId=found["VersionId"])
        except self._errors as error:
            if not _is_missing(error):
                raise self._unavailable(error) from error

    def check(self) -> None:
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except self._errors as error:
            raise self._unavailable(error) from error

    @property
    def _errors(self) -> tuple[type[Exception], ...]:
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

        return ClientError, BotoCoreError

    def _object(self, blob: Blob) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + blob.path}

    def _unavailable(self, error: Exception) -> StorageUnavailable:
        # Names only: what a service answers may repeat a part of the request, and keys belong in no log.
        reason = _error_code(error) or type(error).__name__
        return StorageUnavailable(f"The S3 storage (bucket {self._bucket}) could not be used: {reason}.")


def _checksum(blob: Blob) -> str:
    return b64encode(bytes.fromhex(blob.sha256)).decode()


def _error_code(error: Exception) -> str:
    answer: dict[str, Any] = getattr(error, "response", {})
    return str(answer.get("Error", {}).get("Code", ""))


def _is_missing(error: Exception) -> bool:
    return _error_code(error) in ("404", "NoSuchKey", "NotFound")


def _missing(blob: Blob) -> BlobDamaged:
    return BlobDamaged(f"blob {blob.sha256} is missing from the storage")
