"""What people and workers do with the archive: ask for a capture, upload a file, archive, retry."""

from __future__ import annotations

import hashlib
import logging
import mmap
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sources.archive import config, politeness, robots, storage, work
from sources.archive.alike import keep_sketch
from sources.archive.exchange import Body, FailureCode, FetchError, Resource
from sources.archive.exchange import Exchange as WireExchange
from sources.archive.fingerprint import fingerprint
from sources.archive.guard import Target
from sources.archive.heartbeat import beating
from sources.archive.inspected import printable
from sources.archive.inspecting import inspection_resources
from sources.archive.inspections import inspection_facts, keep_inspection
from sources.archive.kinds import sniff
from sources.archive.models import (
    Capture,
    CaptureKind,
    CaptureMode,
    Exchange,
    Rendition,
    RenditionKind,
    Text,
    Watch,
)
from sources.archive.retries import BUSY_STATUSES, retry_after
from sources.archive.rules import check_can_capture
from sources.archive.signals import capture_archived
from sources.archive.states import CaptureState
from sources.archive.wacz import Page, build_wacz
from sources.custody import services as custody
from sources.custody.kinds import Kind as EntryKind
from verify.accounts.models import Desk, User

# The libraries that read pages and drive the browser take over a second to import; only what works on a capture does.
if TYPE_CHECKING:
    from sources.archive.acquire import Acquired
    from sources.archive.text import Extracted

logger = logging.getLogger(__name__)

WACZ_TYPE = "application/wacz+zip"
SAME_FETCH = timedelta(minutes=1)


def normalised(url: str) -> str:
    """The URL as the fetcher would ask for it (ASCII). Raises ValidationError with the reason it may not be fetched."""
    return _target(url).url


def _target(url: str) -> Target:
    try:
        return config.guard().check_url(url.strip())
    except FetchError as refusal:
        raise ValidationError({"url": ValidationError(str(refusal), code=refusal.code)}) from refusal


@transaction.atomic
def request_capture(
    *,
    desk: Desk,
    url: str,
    by: User | None,
    at: datetime,
    mode: CaptureMode = CaptureMode.HTTP,
    document_id: UUID | None = None,
    retry_of: Capture | None = None,
    watch: Watch | None = None,
    force: bool = False,
) -> Capture:
    """Queue a capture of `url` and ring for a worker once the transaction is through.

    The same URL asked for twice in a minute is one fetch, unless `force`: the capture that is there is returned.
    `by` is None for who runs the installation, at its command line. Raises ValidationError for a URL that may not be
    fetched at all.
    """
    if by is not None:
        check_can_capture(by, desk)
    target = _target(url)
    url = target.url
    if not force:
        # One lock per desk and URL, so that two people asking at the same moment get one capture.
        Desk.objects.select_for_update(of=("self",)).get(pk=desk.pk)
        same = Capture.objects.filter(desk=desk, url=url, mode=mode, kind=CaptureKind.URL)
        recent = same.filter(requested_at__gt=at - SAME_FETCH).exclude(state=CaptureState.FAILED).first()
        if recent is not None:
            return recent
    capture = Capture.objects.create(
        desk=desk,
        document_id=document_id,
        retry_of=retry_of,
        watch=watch,
        kind=CaptureKind.URL,
        mode=mode,
        url=url,
        host=config.host_of(target),
        requested_by=by,
        requested_at=at,
    )
    transaction.on_commit(lambda: ring(capture.pk))
    return capture


def ring(capture_id: UUID) -> None:
    """Tell the workers that there is something to do. A broker that is down costs time, not the capture."""
    work.ring(capture_id)


def stop_waiting(*, capture: Capture, by: User, at: datetime) -> Capture:
    """Give up a capture that waits for a worker, for its turn or for another try: it has failed, and that is logged.

    Raises PermissionDenied, and ValidationError when it is being fetched already or is finished.
    """
    check_can_capture(by, capture.desk)
    stopped = work.give_up(capture.pk, by=by, at=at)
    if stopped is None:
        raise ValidationError(
            _("It does not wait any more: it is being fetched, or finished."), code="not-waiting"
        )
    return stopped


def run_capture(*, capture_id: UUID) -> None:
    """Archive one capture: take the lease, acquire, keep. Nothing that the web sends makes this raise."""
    capture = work.take(capture_id, at=timezone.now())
    if capture is None:
        return
    try:
        with beating(capture):
            _work_on(capture)
    except work.LeaseLost:
        logger.warning("capture %s was given to another worker meanwhile", capture.pk)


def _work_on(capture: Capture) -> None:
    try:
        _acquire_and_keep(capture)
    except work.LeaseLost:
        raise
    except (OperationalError, InterfaceError):
        logger.warning("the database went away while capture %s was worked on", capture.pk, exc_info=True)
        connection.close()
        try:
            work.give_back(capture, at=timezone.now())
        except (OperationalError, InterfaceError):
            logger.warning("capture %s waits until its lease has run out", capture.pk)
    except Exception:
        logger.exception("capture %s failed for a reason of ours", capture.pk)
        detail = _("An error in Verify itself; the log of the worker says more.")
        _unsuccessful(capture, FailureCode.INTERNAL_ERROR, detail)


def _acquire_and_keep(capture: Capture) -> None:
    from sources.archive import rendering
    from sources.archive.acquire import Broken, acquire

    try:
        with robots.remark(capture) as remark:
            acquired = acquire(
                capture.url,
                page=capture.mode == CaptureMode.PAGE,
                fetcher=robots.Obeying() if robots.must_obey(capture) else config.fetcher(),
                limits=config.limits(),
                browser=rendering.browser() if capture.mode == CaptureMode.PAGE else None,
                subresource_limit=settings.ARCHIVE_MAX_SUBRESOURCES,
                software=settings.SOFTWARE,
                report=lambda doing: work.report(capture, doing),
                trust_anchors=config.trust_anchors(),
            )
            acquired.notes += remark()
        with acquired.package:
            if not _told_to_come_back(capture, acquired):
                keep(capture=capture, acquired=acquired, at=timezone.now())
    except FetchError as failure:
        seen = failure.exchanges if isinstance(failure, Broken) else []
        _unsuccessful(capture, failure.code, str(failure), seen)


def _told_to_come_back(capture: Capture, acquired: Acquired) -> bool:
    """Whether the server asks to be left alone for now, and the capture was put off. Its host is left alone at once."""
    final, at = acquired.final, timezone.now()
    if final.status not in BUSY_STATUSES:
        return False
    wait = retry_after(_header(final, "retry-after"), now=at, most=settings.ARCHIVE_MAX_RETRY_AFTER)
    if wait:
        host = config.host_of(_target(final.url))
        politeness.leave_alone(host, until=at + timedelta(seconds=wait))
    detail = f"The server answered {final.status}: it is too busy or out of order just now."
    if work.try_again(capture, FailureCode.BUSY, detail, at=at, at_least=wait):
        return True
    if before := capture.attempts.count():
        acquired.notes.append(f"The server was asked {before + 1} times; this is its last answer.")
    return False


def _unsuccessful(
    capture: Capture, code: FailureCode, detail: str, seen: Sequence[WireExchange] = ()
) -> None:
    """Try again later, or end as failed and keep the exchanges that were seen before. Raises work.LeaseLost."""
    from sources.archive.acquire import pack_hops

    detail = detail.replace("\x00", "")
    if work.try_again(capture, code, detail, at=timezone.now()):
        return
    if not seen:
        work.fail(capture, code, detail, at=timezone.now())
        return
    at = timezone.now()
    with tempfile.TemporaryFile() as stream:
        bodies, digest = pack_hops(seen, config.limits(), stream, software=settings.SOFTWARE)
        package = storage.store(stream, media_type=WACZ_TYPE, at=at)
    with transaction.atomic():
        row = work.hold(capture)
        Exchange.objects.bulk_create(_exchange_rows(row, seen, bodies, len(seen)))
        work.fail(capture, code, detail, at=at, kept=work.Kept(package, digest))


def keep(*, capture: Capture, acquired: Acquired, at: datetime) -> Capture:
    """Store what was acquired, write its rows and its log entry in one transaction. Raises work.LeaseLost."""
    package = storage.store(acquired.package, media_type=WACZ_TYPE, at=at)
    body = storage.store(acquired.body.decoded, media_type=acquired.kind.media_type, at=at)
    renditions = [
        (resource, storage.store(resource.content, media_type=resource.media_type, at=at))
        for resource in acquired.resources
        if resource.name in RenditionKind.values
    ]
    final = acquired.final
    with transaction.atomic():
        row = work.hold(capture)
        Exchange.objects.bulk_create(_exchange_rows(row, acquired.exchanges, acquired.bodies, acquired.main))
        Rendition.objects.bulk_create(
            Rendition(capture=row, kind=resource.name, blob=blob, media_type=resource.media_type)
            for resource, blob in renditions
        )
        text = keep_text(row, acquired.text, at=at)
        keep_inspection(row, acquired.inspected, at=at)
        row.state = CaptureState.ARCHIVED
        row.finished_at, row.progress = at, ""
        row.lease_token = row.lease_until = None
        row.final_url, row.http_status = final.url, final.status
        row.declared_type, row.media_type = acquired.kind.declared[:255], acquired.kind.media_type
        row.truncated = final.truncated or ""
        row.degraded, row.notes = acquired.degraded, acquired.notes
        row.body, row.package, row.datapackage_sha256 = body, package, acquired.datapackage_sha256
        capture_archived.send(Capture, capture=row, text=text)
        work.ended(row, at=at)
        row.entry = custody.record(
            kind=EntryKind.CAPTURE_ARCHIVED,
            subject=row,
            facts={
                "datapackage_sha256": acquired.datapackage_sha256,
                "package_sha256": package.sha256,
                "status": final.status,
                **({"text_sha256": text.sha256} if text else {}),
                **inspection_facts(acquired.inspected),
            },
            by=None,
            at=at,
        )
        row.save()
    return row


def receive_upload(
    *,
    desk: Desk,
    content: Iterable[bytes],
    filename: str,
    url: str,
    by: User | None,
    at: datetime,
    document_id: UUID | None = None,
) -> Capture:
    """Register a file as evidence: digest taken while receiving, packed as a WACZ, logged.

    `url` says where it is from and may be empty. The file goes over the disk; memory does not grow with it. `by` is
    None for who runs the installation, at its command line. Raises ValidationError when the file is empty or over the
    limit.
    """
    from sources.archive.reader import extract_safely, inspect_safely

    if by is not None:
        check_can_capture(by, desk)
    filename = printable(filename.replace("\\", "/").rpartition("/")[2])[:255]
    with tempfile.NamedTemporaryFile() as spool, tempfile.TemporaryFile() as package:
        digest = _receive(content, spool)
        path = Path(spool.name)
        with mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) as received:
            kind = sniff(received, "", filename)
            body = storage.store(cast(BinaryIO, spool.file), media_type=kind.media_type, at=at)
            if body.sha256 != digest:
                raise storage.BlobDamaged(f"the file changed while it was stored: {digest} was received")
            extracted = extract_safely(kind, path, url=url, captured_at=at)
            inspected = inspect_safely(kind, path, trust_anchors=config.trust_anchors())
            target = url or f"urn:sha256:{digest}"
            original = Resource("upload", target, kind.media_type, cast(bytes, received), at)
            derived = inspection_resources(inspected, target, at)
            datapackage_sha256 = build_wacz(
                package,
                software=settings.SOFTWARE,
                created_at=at,
                page=Page(url=target, title=extracted.title if extracted else "", at=at),
                exchanges=[],
                bodies=[],
                resources=[original, *derived],
            )
        packed = storage.store(package, media_type=WACZ_TYPE, at=at)
    renditions = [
        (resource, storage.store(resource.content, media_type=resource.media_type, at=at))
        for resource in derived
        if resource.name in RenditionKind.values
    ]
    with transaction.atomic():
        capture = Capture.objects.create(
            desk=desk,
            document_id=document_id,
            kind=CaptureKind.UPLOAD,
            url=url,
            filename=filename,
            requested_by=by,
            requested_at=at,
        )
        text = keep_text(capture, extracted, at=at)
        keep_inspection(capture, inspected, at=at)
        Rendition.objects.bulk_create(
            Rendition(capture=capture, kind=resource.name, blob=blob, media_type=resource.media_type)
            for resource, blob in renditions
        )
        capture.state = CaptureState.ARCHIVED
        capture.started_at = capture.finished_at = at
        capture.media_type = kind.media_type
        capture.notes = [
            problem for problem in (kind.problem, extracted.problem if extracted else "") if problem
        ]
        capture.body, capture.package, capture.datapackage_sha256 = body, packed, datapackage_sha256
        capture_archived.send(Capture, capture=capture, text=text)
        capture.entry = custody.record(
            kind=EntryKind.UPLOAD_RECEIVED,
            subject=capture,
            facts={
                "datapackage_sha256": datapackage_sha256,
                "package_sha256": packed.sha256,
                "file_sha256": body.sha256,
                "size": body.size,
                **({"text_sha256": text.sha256} if text else {}),
                **inspection_facts(inspected),
            },
            by=by,
            at=at,
            commitments={"filename": filename, "url": url},
        )
        capture.save()
    return capture


def _receive(content: Iterable[bytes], spool: IO[bytes]) -> str:
    """Write what comes into the spool; the SHA-256 in hex of what came."""
    digest, size = hashlib.sha256(), 0
    for chunk in content:
        size += len(chunk)
        if size > settings.ARCHIVE_MAX_UPLOAD_BYTES:
            limit = settings.ARCHIVE_MAX_UPLOAD_BYTES // 2**20
            raise ValidationError({"file": _("The file is larger than %(limit)s MiB.") % {"limit": limit}})
        digest.update(chunk)
        spool.write(chunk)
    if not size:
        raise ValidationError({"file": _("The file is empty.")})
    spool.flush()
    return digest.hexdigest()


def _exchange_rows(
    capture: Capture, exchanges: Sequence[WireExchange], bodies: Sequence[Body], main: int
) -> list[Exchange]:
    return [
        Exchange(
            capture=capture,
            position=position,
            is_main=position < main,
            url=exchange.url,
            method=exchange.method,
            status=exchange.status,
            media_type=_header(exchange, "content-type")[:255],
            started_at=exchange.started_at,
            peer_address=exchange.peer.address,
            peer_port=exchange.peer.port,
            tls_version=exchange.peer.tls_version,
            tls_verified=exchange.peer.tls_verified,
            guard_exception=exchange.peer.exception[:255],
            wire_size=len(exchange.response_wire),
            wire_sha256=hashlib.sha256(exchange.wire_body).hexdigest(),
            entity_sha256=hashlib.sha256(body.entity).hexdigest(),
            decoded_sha256=hashlib.sha256(body.decoded).hexdigest(),
            truncated=exchange.truncated or "",
        )
        for position, (exchange, body) in enumerate(zip(exchanges, bodies, strict=True))
    ]


def _header(exchange: WireExchange, name: str) -> str:
    # NUL cannot be kept in PostgreSQL text; the wire bytes in the package keep it.
    return next((value for key, value in exchange.headers if key == name), "").replace("\x00", "")


def keep_text(capture: Capture, extracted: Extracted | None, *, at: datetime) -> Text | None:
    if extracted is None or not extracted.text:
        return None
    text = Text.objects.create(
        capture=capture,
        extractor=extracted.extractor,
        extractor_version=extracted.extractor_version,
        content=extracted.text,
        sha256=extracted.sha256,
        fingerprint=fingerprint(extracted.text),
        title=extracted.title,
        byline=extracted.byline,
        site_name=extracted.site_name,
        language=extracted.language,
        language_evidence=extracted.language_evidence[:200],
        published_at=extracted.published_at,
        published_precision=extracted.published_precision,
        published_evidence=extracted.published_evidence[:300],
        created_at=at,
    )
    keep_sketch(text)
    return text
