"""How a forger works: unpack, change, and put everything back so that as much as possible fits again."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from sources.custody.canonical import canonical

Files = dict[str, bytes]
DATAPACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"


def unpack(data: bytes) -> Files:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(files: Files, *, date: tuple[int, ...] = (1980, 1, 1, 0, 0, 0)) -> bytes:
    """A zip in the one form, with the files in the order given."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, date)  # type: ignore[arg-type]
            info.create_system, info.external_attr = 3, 0o100644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def resum(files: Files) -> Files:
    """SHA256SUMS over what is there now."""
    files = {name: content for name, content in files.items() if name != "SHA256SUMS"}
    files["SHA256SUMS"] = "".join(f"{sha256(files[name])}  {name}\n" for name in sorted(files)).encode()
    return dict(sorted(files.items()))


def relist(files: Files, **members: Any) -> Files:
    """The manifest, with other members and the digests of what is there now; and the sums."""
    manifest = json.loads(files["manifest.json"]) | members
    what = {entry["path"]: entry["what"] for entry in manifest["files"]}
    manifest["files"] = [
        {"path": name, "size": len(content), "sha256": sha256(content), "what": what.get(name, "evidence")}
        for name, content in sorted(files.items())
        if not name.startswith("log/") and name not in ("manifest.json", "SHA256SUMS")
    ]
    return resum({**files, "manifest.json": canonical(manifest)})


def reseal_wacz(members: Files, *, date: tuple[int, ...]) -> bytes:
    """A WACZ with datapackage.json and its digest made anew for what is in it."""
    package = json.loads(members[DATAPACKAGE])
    known = {resource["path"]: resource for resource in package["resources"]}
    package["resources"] = [
        {
            **known.get(name, {"name": name.rsplit("/", 1)[-1], "path": name}),
            "hash": "sha256:" + sha256(content),
            "bytes": len(content),
        }
        for name, content in members.items()
        if name not in (DATAPACKAGE, DIGEST)
    ]
    data = json.dumps(package, indent=2, ensure_ascii=False).encode()
    digest = json.dumps({"path": DATAPACKAGE, "hash": "sha256:" + sha256(data)}, indent=2).encode()
    return pack({**members, DATAPACKAGE: data, DIGEST: digest}, date=date)


def records(warc: bytes) -> list[bytes]:
    """The gzip members of a WARC file, unpacked."""
    found = []
    while warc:
        inflater = zlib.decompressobj(31)
        found.append(inflater.decompress(warc))
        warc = inflater.unused_data
    return found


def join(plain: Iterable[bytes]) -> bytes:
    """A WARC file of these records."""
    out = []
    for record in plain:
        deflater = zlib.compressobj(4, zlib.DEFLATED, 31)
        out.append(deflater.compress(record) + deflater.flush())
    return b"".join(out)
