"""WACZ 1.1.1 packages: one capture, its index, its page list and a manifest of what was seen on the wire.

Members are stored uncompressed, in a fixed order and with the capture's time, so that the same capture gives the same
bytes. The log commits to the SHA-256 of ``datapackage.json``, which commits to every other member.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID, uuid4

import rfc8785

from sources.archive.cdxj import cdxj_lines, compress_index
from sources.archive.exchange import Body, Exchange, Peer, Resource
from sources.archive.warc import WarcRecord, sha256_digest, warc_date, write_warc

WACZ_VERSION = "1.1.1"
WARC_NAME = "data.warc.gz"
DATAPACKAGE = "datapackage.json"
DATAPACKAGE_DIGEST = "datapackage-digest.json"
MANIFEST = "evidence/manifest.json"
MANIFEST_FORMAT = "capture-manifest/v1"


@dataclass(frozen=True, slots=True)
class Page:
    """The page that a capture is of, for the page list that replay software shows."""

    url: str
    title: str
    at: datetime


def build_wacz(
    stream: BinaryIO,
    *,
    software: str,
    created_at: datetime,
    page: Page,
    exchanges: Sequence[Exchange],
    bodies: Sequence[Body],
    resources: Sequence[Resource] = (),
    new_id: Callable[[], UUID] = uuid4,
) -> str:
    """Write a WACZ to ``stream`` and return the SHA-256 of its ``datapackage.json`` in hexadecimal.

    ``bodies[n]`` belongs to ``exchanges[n]``; a difference in number raises ``ValueError``. The time of every member
    is ``created_at``.
    """
    with tempfile.TemporaryFile() as warc:
        records = write_warc(
            warc,
            software=software,
            created_at=created_at,
            exchanges=exchanges,
            resources=resources,
            filename=WARC_NAME,
            new_id=new_id,
        )
        index, secondary = compress_index(cdxj_lines(records, WARC_NAME))
        members: dict[str, bytes | BinaryIO] = {
            f"archive/{WARC_NAME}": warc,
            "indexes/index.cdx.gz": index,
            "indexes/index.idx": secondary,
            "pages/pages.jsonl": _page_list(page, new_id()),
            MANIFEST: rfc8785.dumps(manifest(exchanges, bodies, resources, records)),
        }
        datapackage = _datapackage(members, software=software, created_at=created_at, page=page)
        digest = sha256_digest(datapackage)
        members[DATAPACKAGE] = datapackage
        members[DATAPACKAGE_DIGEST] = _json({"path": DATAPACKAGE, "hash": digest})
        moment = created_at.astimezone(UTC).timetuple()[:6]
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as package:
            for name, content in members.items():
                member = zipfile.ZipInfo(name, moment)
                member.create_system = 3  # Unix, wherever this runs: the bytes must not tell
                member.external_attr = 0o100644 << 16
                member.file_size = _size(content)
                with package.open(member, "w") as out:
                    shutil.copyfileobj(_opened(content), out, 2**20)
    return digest.removeprefix("sha256:")


def manifest(
    exchanges: Sequence[Exchange],
    bodies: Sequence[Body],
    resources: Sequence[Resource],
    records: Sequence[WarcRecord],
) -> dict[str, Any]:
    """What was seen on the wire, exchange by exchange, with a digest for each stage of decoding.

    ``records`` are those of :func:`write_warc` for the same exchanges and resources. Times are UTC, sizes bytes.
    """
    responses = [record for record in records if record.kind == "response"]
    requests = [record for record in records if record.kind == "request"]
    derived = [record for record in records if record.kind == "resource"]
    return {
        "format": MANIFEST_FORMAT,
        "exchanges": [
            _exchange_entry(*each) for each in zip(exchanges, bodies, responses, requests, strict=True)
        ],
        "derived": [
            {
                "name": resource.name,
                "recordId": record.record_id,
                "targetUri": resource.target_uri,
                "mediaType": resource.media_type,
                "createdAt": warc_date(resource.created_at),
                **_known(resource.content, record.block_digest),
            }
            for resource, record in zip(resources, derived, strict=True)
        ],
    }


def _exchange_entry(
    exchange: Exchange, body: Body, response: WarcRecord, request: WarcRecord
) -> dict[str, Any]:
    # Hashing is most of the work that is left: what two stages have in common is hashed once.
    wire_body = exchange.wire_body
    wire = _known(wire_body, response.payload_digest)
    entity = wire if body.entity == wire_body else _bytes(body.entity)
    decoded = entity if body.decoded == body.entity else _bytes(body.decoded)
    return {
        "url": exchange.url,
        "method": exchange.method,
        "status": exchange.status,
        "startedAt": warc_date(exchange.started_at),
        "finishedAt": warc_date(exchange.finished_at),
        "responseRecordId": response.record_id,
        "requestRecordId": request.record_id,
        "request": _known(exchange.request_wire, request.block_digest),
        "response": _known(exchange.response_wire, response.block_digest)
        | {"headBytes": exchange.head_length},
        "interim": _bytes(exchange.interim_wire) if exchange.interim_wire else None,
        "wireBody": wire,
        "entity": entity,
        "decoded": decoded | {"problem": body.decode_problem, "cut": body.truncated},
        "truncated": exchange.truncated.value if exchange.truncated else None,
        "redirectsTo": exchange.location or None,
        "peer": _peer_entry(exchange.peer),
    }


def _peer_entry(peer: Peer) -> dict[str, Any]:
    tls = {
        "version": peer.tls_version,
        "cipher": peer.tls_cipher,
        "verified": peer.tls_verified,
        "problem": peer.tls_problem,
        "chain": [sha256_digest(der) for der in peer.tls_chain],
    }
    return {
        "host": peer.host,
        "address": peer.address,
        "port": peer.port,
        "guardException": peer.exception or None,
        "tls": tls if peer.tls_version else None,
    }


def _opened(content: bytes | BinaryIO) -> BinaryIO:
    """The content as a file, at its start."""
    if isinstance(content, bytes):
        return BytesIO(content)
    content.seek(0)
    return content


def _size(content: bytes | BinaryIO) -> int:
    return len(content) if isinstance(content, bytes) else content.seek(0, 2)


def _digest(content: bytes | BinaryIO) -> str:
    digest = hashlib.sha256()
    source = _opened(content)
    while piece := source.read(2**20):
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"


def _bytes(content: bytes) -> dict[str, Any]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _known(content: bytes, digest: str) -> dict[str, Any]:
    """Like `_bytes`, for content that the WARC writer has hashed already (``sha256:…``; empty when it has not)."""
    if not digest:
        return _bytes(content)
    return {"bytes": len(content), "sha256": digest.removeprefix("sha256:")}


def _page_list(page: Page, page_id: UUID) -> bytes:
    lines = [
        {"format": "json-pages-1.0", "id": "pages", "title": "All Pages"},
        {"id": page_id.hex, "url": page.url, "ts": warc_date(page.at), "title": page.title or page.url},
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")


def _datapackage(
    members: dict[str, bytes | BinaryIO], *, software: str, created_at: datetime, page: Page
) -> bytes:
    resources = [
        {
            "name": name.rsplit("/", 1)[-1].lower(),
            "path": name,
            "hash": _digest(content),
            "bytes": _size(content),
        }
        for name, content in members.items()
    ]
    return _json(
        {
            "profile": "data-package",
            "wacz_version": WACZ_VERSION,
            "title": page.title or page.url,
            "software": software,
            "created": created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "mainPageUrl": page.url,
            "mainPageDate": warc_date(page.at),
            "resources": resources,
        }
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "replace")
