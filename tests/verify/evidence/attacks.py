"""Every way of tampering with a package that we could think of, as (group, what, bytes)."""

from __future__ import annotations

import json
import re
import struct
import zipfile
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any

from sources.custody.canonical import canonical
from tests.verify.evidence import forge
from tests.verify.evidence.forge import Files

Attack = tuple[str, str, bytes]
BITS = 5  # flipped in each file, and in each of the parts of a record


def flipped(data: bytes, place: int) -> bytes:
    """With one bit flipped; which one depends on the place."""
    changed = bytearray(data)
    changed[place] ^= 1 << (place % 8)
    return bytes(changed)


def places(data: bytes, count: int = BITS) -> list[int]:
    """First, last, and evenly between."""
    last = len(data) - 1
    return sorted({last * n // max(1, count - 1) for n in range(count)}) if data else []


def on_files(files: Files) -> Iterator[Attack]:
    """Each file changed, removed, renamed, emptied; then again by somebody who puts manifest and sums right."""
    for name in files:
        for place in places(files[name]):
            yield (
                "a bit of a file",
                f"{name} at {place}",
                forge.pack({**files, name: flipped(files[name], place)}),
            )
        rest = {other: content for other, content in files.items() if other != name}
        yield "a file left out", name, forge.pack(rest)
        yield "a file renamed", name, forge.pack(dict(sorted({**rest, renamed(name): files[name]}.items())))
        yield "a file emptied", name, forge.pack({**files, name: b""})
        if name in ("manifest.json", "SHA256SUMS"):
            continue
        for place in places(files[name]):
            changed = {**files, name: flipped(files[name], place)}
            yield "a bit of a file, lists put right", f"{name} at {place}", forge.pack(forge.relist(changed))
        yield "a file left out, lists put right", name, forge.pack(forge.relist(rest))
        again = {**rest, renamed(name): files[name]}
        yield "a file renamed, lists put right", name, forge.pack(forge.relist(again))
    yield from _added(files)
    yield from _swapped(files)


def renamed(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}x{last}"


def _added(files: Files) -> Iterator[Attack]:
    for name in (
        "extra.txt",
        "captures/extra.wacz",
        "log/extra.txt",
        "log/entries/99.json",
        "texts/extra.txt",
    ):
        more = dict(sorted({**files, name: b"{}"}.items()))
        yield "an unlisted file", name, forge.pack(more)
        yield "a file added, lists put right", name, forge.pack(forge.relist(more))


def _swapped(files: Files) -> Iterator[Attack]:
    for folder in (
        "captures/",
        "log/entries/",
        "log/proofs/",
        "log/checkpoints/",
        "log/timestamps/",
        "log/consistency/",
    ):
        names = [name for name in files if name.startswith(folder)]
        for one, other in pairwise(names):
            swapped = {**files, one: files[other], other: files[one]}
            yield "two files swapped", f"{one} and {other}", forge.pack(swapped)
            yield (
                "two files swapped, lists put right",
                f"{one} and {other}",
                forge.pack(forge.relist(swapped)),
            )


def on_manifest(files: Files) -> Iterator[Attack]:
    """Each member of the manifest and of the custody events rewritten, lists put right."""
    for name in ("manifest.json", "custody.json"):
        value = json.loads(files[name])
        for path, old in leaves(value):
            if path[0] == "files":
                continue
            new = {str: f"{old}x", int: 1, bool: False}.get(type(old), "x") if old != 1 else 2
            rewritten = put(value, path, new)
            where = f"{name} {'.'.join(map(str, path))}"
            if name == "manifest.json":
                changed = forge.relist(files, **{k: v for k, v in rewritten.items() if k != "files"})
            else:
                changed = forge.relist({**files, name: canonical(rewritten)})
            yield "the manifest rewritten, lists put right", where, forge.pack(changed)
    spaced = json.dumps(json.loads(files["manifest.json"]), indent=1).encode()
    yield (
        "the manifest rewritten, lists put right",
        "not canonical",
        forge.pack(forge.resum({**files, "manifest.json": spaced})),
    )


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, (dict, list)):
        yield path, value
    for key, item in pairs:
        yield from leaves(item, (*path, key))


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    copied = json.loads(json.dumps(value))
    at = copied
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = new
    return copied


def on_zip(data: bytes, files: Files) -> Iterator[Attack]:
    """The container: what other readers of zips let pass."""
    group = "the zip itself"
    yield group, "bytes before it", b"MZ" + data
    yield group, "bytes after it", data + b"\0"
    yield group, "a comment", data[:-2] + b"\5\0hello"
    yield group, "cut off", data[:-30]
    yield group, "empty", b""
    yield group, "another date", forge.pack(files, date=(2025, 3, 9, 0, 0, 0))
    yield group, "another order", forge.pack(dict(reversed(files.items())))
    yield group, "a folder", forge.pack({**files, "zzz/": b""})
    for name in (
        "../evil.txt",
        "/etc/passwd",
        "a\\b",
        "C:evil",
        "zzz/../../x",
        "zz\0x",
        "ZZZ é",
        ".hidden",
        "zz//x",
    ):
        yield group, f"the name {name!a}", forge.pack({**files, name: b"x"})
    for name in ("README.txt", "manifest.json"):
        changed = forge.pack({**files, name.upper(): b"x"})
        yield group, f"{name} again in capitals", changed
    start = data.index(b"PK\1\2")
    end = len(data) - 22
    for what, place, value in (
        ("a symbolic link", 38, struct.pack("<L", 0o120777 << 16)),
        ("an encrypted member", 8, b"\1\0"),
        ("a streamed member", 8, b"\x08\0"),
        ("a packed member", 10, b"\x08\0"),
        ("another version", 6, b"\x2d\0"),
        ("another system", 5, b"\0"),
        ("another size", 24, b"\xff\xff\0\0"),
        ("a wrong checksum", 16, b"\0\0\0\0"),
        ("a member elsewhere", 42, struct.pack("<L", 40)),
        ("another name in the directory", 46, b"x"),
    ):
        yield group, what, data[: start + place] + value + data[start + place + len(value) :]
    size = 46 + struct.unpack_from("<H", data, start + 28)[0]
    first = data[start : start + size]
    twice = data[:start] + first + data[start:end] + _end(data, +1, size)
    yield group, "a member twice in the directory (overlap)", twice
    yield (
        group,
        "a member that the directory leaves out",
        data[:start] + data[start + size : end] + _end(data, -1, -size),
    )
    for place in places(data[start:], 200):
        place += start
        yield "a bit of the zip's directory", str(place), flipped(data, place)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        offsets = [(info.filename, info.header_offset) for info in archive.infolist()]
    for name, place in offsets:
        for n in (4, 6, 8, 10, 12, 14, 18, 22, 26, 28, 30):
            yield "a bit of a member's header", f"{name} at {n}", flipped(data, place + n)


def _end(data: bytes, count: int, size: int) -> bytes:
    values = list(struct.unpack("<4s4H2LH", data[-22:]))
    values[3] += count
    values[4] += count
    values[5] += size
    return struct.pack("<4s4H2LH", *values)


def on_records(warc: bytes) -> Iterator[tuple[str, str, bytes]]:
    """The WARC: each header of each record changed, dropped, doubled; bodies; records dropped, doubled, reordered."""
    plain = forge.records(warc)

    def with_record(n: int, record: bytes) -> bytes:
        return forge.join([*plain[:n], record, *plain[n + 1 :]])

    for n, record in enumerate(plain):
        head, _, rest = record.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        for k, line in enumerate(lines):
            label = f"record {n}, {line.split(b':')[0].decode()}"
            for group, new in (
                ("a WARC header changed", [_other(line)]),
                ("a WARC header dropped", []),
                ("a WARC header doubled", [line, line]),
            ):
                changed = b"\r\n".join([*lines[:k], *new, *lines[k + 1 :]])
                yield group, label, with_record(n, changed + b"\r\n\r\n" + rest)
        added = head + b"\r\nWARC-Refers-To: <urn:uuid:00000000-0000-0000-0000-000000000000>\r\n\r\n" + rest
        yield "a WARC header added", f"record {n}", with_record(n, added)
        block = rest[:-4]
        for place in places(block):
            yield (
                "a bit of a WARC body",
                f"record {n} at {place}",
                with_record(n, head + b"\r\n\r\n" + flipped(block, place) + b"\r\n\r\n"),
            )
            yield (
                "a bit of a WARC body, its digest put right",
                f"record {n} at {place}",
                with_record(n, redigested(head, flipped(block, place))),
            )
        yield "a WARC body cut", f"record {n}", with_record(n, redigested(head, block[:-1]))
        yield "a WARC record dropped", f"record {n}", forge.join([*plain[:n], *plain[n + 1 :]])
        yield "a WARC record doubled", f"record {n}", forge.join([*plain[: n + 1], record, *plain[n + 1 :]])
        if n:
            order = [*plain[: n - 1], record, plain[n - 1], *plain[n + 1 :]]
            yield "two WARC records swapped", f"record {n}", forge.join(order)


def _other(line: bytes) -> bytes:
    """Another value of the same form where it has one: a digit or letter more or less."""
    place = len(line) - 1
    while place and not chr(line[place]).isalnum():
        place -= 1
    old = chr(line[place])
    new = str((int(old) + 1) % 10) if old.isdigit() else ("b" if old != "b" else "a")
    return line[:place] + new.encode() + line[place + 1 :]


def redigested(head: bytes, block: bytes) -> bytes:
    digest = b"sha256:" + forge.sha256(block).encode()
    head = re.sub(rb"(WARC-Block-Digest: )\S+", rb"\1" + digest, head)
    head = re.sub(rb"(Content-Length: )\d+", rb"\g<1>%d" % len(block), head)
    return head + b"\r\n\r\n" + block + b"\r\n\r\n"


def on_wacz(members: Files) -> Iterator[tuple[str, str, Files]]:
    """The WACZ: each member changed, left out; another added; datapackage.json rewritten. Members, to be packed."""
    for name, content in members.items():
        for place in places(content, 9):
            yield "a bit of a WACZ member", f"{name} at {place}", {**members, name: flipped(content, place)}
        yield "a WACZ member left out", name, {k: v for k, v in members.items() if k != name}
        yield "a WACZ member emptied", name, {**members, name: b""}
    for name in ("archive/more.warc.gz", "evidence/more.json", "noext", "pages/extra.jsonl"):
        yield "a WACZ member added", name, {**members, name: b"{}"}
    package = json.loads(members["datapackage.json"])
    for path, old in leaves(package):
        if path[0] != "resources":
            new = f"{old}x" if isinstance(old, str) else 1
            data = json.dumps(put(package, path, new), indent=2, ensure_ascii=False).encode()
            yield (
                "datapackage.json rewritten",
                ".".join(map(str, path)),
                {**members, "datapackage.json": data},
            )
    manifest = json.loads(members["evidence/manifest.json"])
    for path, old in leaves(manifest):
        new = f"{old}x" if isinstance(old, str) else (old + 1 if isinstance(old, int) else "x")
        yield (
            "the capture's manifest rewritten",
            ".".join(map(str, path)),
            {
                **members,
                "evidence/manifest.json": canonical(put(manifest, path, new)),
            },
        )
