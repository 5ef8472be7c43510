"""Checking a WACZ: every member against ``datapackage.json``, every record against its digests, index and manifest.

Outside validators pass packages with unlisted files, a missing digest file or stripped record digests; this one does
not. It reads whatever bytes it is given and answers with sentences; it never raises on a broken package.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
import zlib
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from sources.archive.wacz import DATAPACKAGE, DATAPACKAGE_DIGEST, MANIFEST, WACZ_VERSION
from sources.archive.warc import sha256_digest

MAX_UNPACKED = 2 * 1024 * 1024 * 1024  # bytes of all members together
_REQUIRED = (
    "indexes/index.cdx.gz",
    "indexes/index.idx",
    "pages/pages.jsonl",
    MANIFEST,
    DATAPACKAGE,
    DATAPACKAGE_DIGEST,
)
_BROKEN = (
    zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, OSError, EOFError, ValueError, LookupError, TypeError,
    AttributeError, NotImplementedError, RuntimeError, ArchiveLoadFailed,
)  # fmt: skip


def read_wacz(source: Path | BinaryIO) -> dict[str, bytes]:
    """The members of a package by name, CRC checked. Raises ``ValueError`` with a sentence if it cannot be read."""
    try:
        with zipfile.ZipFile(source) as package:
            twice = [name for name, count in Counter(package.namelist()).items() if count > 1]
            if twice:
                raise ValueError(f"The package holds {twice[0]!r} more than once.")
            if sum(member.file_size for member in package.infolist()) > MAX_UNPACKED:
                raise ValueError(f"The package unpacks to more than {MAX_UNPACKED} bytes.")
            return {member.filename: package.read(member) for member in package.infolist()}
    except ValueError:
        raise
    except _BROKEN as error:
        raise ValueError(f"The package cannot be read: {error}.") from error


def verify_wacz(source: Path | BinaryIO, datapackage_sha256: str = "") -> list[str]:
    """What is wrong with a package, a sentence each; empty when nothing is.

    ``datapackage_sha256`` is the digest (hexadecimal) that was committed to elsewhere, in the log for instance. Without
    it a package is only checked against itself: whoever changed all of it consistently is not found out.
    """
    try:
        members = read_wacz(source)
    except ValueError as error:
        return [str(error)]
    problems = [f"{name} is missing." for name in _REQUIRED if name not in members]
    if problems:
        return problems
    if datapackage_sha256 and hashlib.sha256(members[DATAPACKAGE]).hexdigest() != datapackage_sha256.lower():
        problems.append(f"{DATAPACKAGE} is not the one that was committed to.")
    for check in (_check_digest_file, _check_members, _check_archives):
        try:
            problems += check(members)
        except _BROKEN as error:
            what = (check.__doc__ or "").rstrip(".").lower()
            problems.append(f"{what} could not be checked: {type(error).__name__}: {error}.")
    return problems


def _check_digest_file(members: dict[str, bytes]) -> list[str]:
    """The digest file."""
    digest = json.loads(members[DATAPACKAGE_DIGEST])
    if digest.get("path") != DATAPACKAGE or digest.get("hash") != sha256_digest(members[DATAPACKAGE]):
        return [f"{DATAPACKAGE_DIGEST} does not give the digest of {DATAPACKAGE}."]
    return []


def _check_members(members: dict[str, bytes]) -> list[str]:
    """The members."""
    package = json.loads(members[DATAPACKAGE])
    problems = []
    if package.get("profile") != "data-package" or package.get("wacz_version") != WACZ_VERSION:
        problems.append(f"{DATAPACKAGE} does not say that this is WACZ {WACZ_VERSION}.")
    listed = {resource["path"]: resource for resource in package["resources"]}
    if len(listed) != len(package["resources"]):
        problems.append(f"{DATAPACKAGE} lists a member more than once.")
    present = members.keys() - {DATAPACKAGE, DATAPACKAGE_DIGEST}
    problems += [f"{name} is in the package but not listed." for name in sorted(present - listed.keys())]
    problems += [f"{name} is listed but missing." for name in sorted(listed.keys() - present)]
    for name in sorted(present & listed.keys()):
        if listed[name].get("hash") != sha256_digest(members[name]):
            problems.append(f"{name} does not have the listed digest.")
        if listed[name].get("bytes") != len(members[name]):
            problems.append(f"{name} does not have the listed size.")
    return problems


def _check_archives(members: dict[str, bytes]) -> list[str]:
    """The archived records."""
    archives = [name for name in members if name.startswith("archive/")]
    if not archives:
        return ["There is no WARC file in archive/."]
    problems: list[str] = []
    seen: dict[str, dict[str, Any]] = {}
    for name in archives:
        problems += _check_records(name, members[name], seen)
    problems += _check_index(members)
    problems += _check_manifest(json.loads(members[MANIFEST]), seen)
    return problems


def _check_records(name: str, content: bytes, seen: dict[str, dict[str, Any]]) -> list[str]:
    problems = []
    # Unparsed: the block is what the digests are about, not what a library makes of the HTTP message in it.
    for place, record in enumerate(ArchiveIterator(BytesIO(content), no_record_parse=True)):
        headers = record.rec_headers
        record_id = str(headers.get_header("WARC-Record-ID")).strip("<>")
        block = record.content_stream().read()
        if place == 0 and record.rec_type != "warcinfo":
            problems.append(f"{name} does not begin with a warcinfo record.")
        if headers.get_header("WARC-Block-Digest") != sha256_digest(block):
            problems.append(f"Record {record_id} does not have the SHA-256 digest that it should.")
        if record_id in seen:
            problems.append(f"Two records have the id {record_id}.")
        seen[record_id] = {
            "kind": record.rec_type,
            "url": headers.get_header("WARC-Target-URI"),
            "date": headers.get_header("WARC-Date"),
            "address": headers.get_header("WARC-IP-Address"),
            "sha256": hashlib.sha256(block).hexdigest(),
            "payload": headers.get_header("WARC-Payload-Digest"),
            "truncated": headers.get_header("WARC-Truncated"),
            "block": block,
        }
    return problems


def _check_index(members: dict[str, bytes]) -> list[str]:
    """Every line of the index must lead to the bytes whose digest it gives."""
    problems = []
    lines = gzip.decompress(members["indexes/index.cdx.gz"]).decode().splitlines()
    if lines != sorted(lines):
        problems.append("The index is not sorted.")
    for line in lines:
        entry = json.loads(line.split(" ", 2)[2])
        start, length = int(entry["offset"]), int(entry["length"])
        member = members.get(f"archive/{entry['filename']}", b"")[start : start + length]
        if entry.get("recordDigest") != sha256_digest(member):
            problems.append(f"The index entry of {entry.get('url')} does not lead to its record.")
    return problems


def _check_manifest(manifest: dict[str, Any], records: dict[str, dict[str, Any]]) -> list[str]:
    """The manifest and the WARC must tell the same story, and neither may hold a record that the other lacks."""
    problems = []
    told: set[str] = set()
    for entry in manifest["exchanges"]:
        for kind in ("response", "request"):
            record_id = entry[f"{kind}RecordId"]
            told.add(record_id)
            expected = {
                "kind": kind,
                "url": entry["url"],
                "date": entry["startedAt"],
                "address": entry["peer"]["address"],
                "sha256": entry[kind]["sha256"],
                "truncated": entry["truncated"] if kind == "response" else None,
            }
            problems += _differences(record_id, expected, records)
        problems += _body_differences(entry, records.get(entry["responseRecordId"]))
    for entry in manifest["derived"]:
        told.add(entry["recordId"])
        expected = {
            "kind": "resource",
            "url": entry["targetUri"],
            "date": entry["createdAt"],
            "sha256": entry["sha256"],
        }
        problems += _differences(entry["recordId"], expected, records)
    for record_id, record in records.items():
        if record["kind"] not in ("warcinfo", "metadata") and record_id not in told:
            problems.append(f"The manifest does not know record {record_id}.")
    return problems


def _differences(record_id: str, expected: dict[str, Any], records: dict[str, dict[str, Any]]) -> list[str]:
    record = records.get(record_id)
    if record is None:
        return [f"The manifest names record {record_id}, which is not in the WARC."]
    return [
        f"Record {record_id} and the manifest differ in {name}."
        for name, value in expected.items()
        if record[name] != value
    ]


def _body_differences(entry: dict[str, Any], record: dict[str, Any] | None) -> list[str]:
    if record is None:
        return []
    digest = sha256_digest(record["block"][int(entry["response"]["headBytes"]) :])
    problems = []
    if digest != "sha256:" + entry["wireBody"]["sha256"]:
        problems.append(f"The body of record {entry['responseRecordId']} and the manifest differ.")
    if record["payload"] not in (None, digest):
        problems.append(
            f"Record {entry['responseRecordId']} does not have the payload digest that it should."
        )
    return problems
