"""WACZ packages: judged by py-wacz and cdxj-indexer, and our own verifier against tampering that they pass."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import timedelta, timezone
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources.archive.cdxj import LINES_PER_BLOCK, cdxj_lines, compress_index, surt
from sources.archive.decode import decode
from sources.archive.exchange import Exchange, Limits
from sources.archive.wacz import DATAPACKAGE, DATAPACKAGE_DIGEST, MANIFEST, Page, build_wacz
from sources.archive.wacz_check import read_wacz, verify_wacz
from tests.sources.archive.test_warc import (
    AT,
    RESOURCES,
    counting_ids,
    exchanges,
    run,
    warc_of,
)

__all__ = ["exchanges"]  # a fixture

Members = dict[str, bytes]


def wacz_of(exchanges: list[Exchange], resources: Any = RESOURCES) -> tuple[bytes, str]:
    stream = BytesIO()
    digest = build_wacz(
        stream,
        software="Verify 0.1",
        created_at=AT,
        page=Page("http://site.test/plain", "Said on Friday: خبر", AT),
        exchanges=exchanges,
        bodies=[decode(exchange, Limits()) for exchange in exchanges],
        resources=resources,
        new_id=counting_ids(),
    )
    return stream.getvalue(), digest


@pytest.fixture(scope="session")
def package(exchanges: list[Exchange], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wacz") / "capture.wacz"
    path.write_bytes(wacz_of(exchanges)[0])
    return path


def test_wacz_validate_accepts(package: Path) -> None:
    result = run("wacz", "validate", "-f", package)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Validation succeeded" in result.stdout


def test_verify_wacz_accepts_and_knows_the_committed_digest(exchanges: list[Exchange]) -> None:
    content, digest = wacz_of(exchanges)
    assert verify_wacz(BytesIO(content), digest) == []
    assert verify_wacz(BytesIO(content)) == []
    assert verify_wacz(BytesIO(content), "0" * 64) == [
        "datapackage.json is not the one that was committed to."
    ]
    assert hashlib.sha256(read_wacz(BytesIO(content))[DATAPACKAGE]).hexdigest() == digest


def test_wacz_of_one_exchange_and_of_none_is_valid(exchanges: list[Exchange], tmp_path: Path) -> None:
    for chosen in (exchanges[:1], []):
        path = tmp_path / "small.wacz"
        path.write_bytes(wacz_of(chosen, [])[0])
        assert verify_wacz(path) == []
        assert run("wacz", "validate", "-f", path).returncode == 0


def test_wacz_is_stored_in_order_with_the_time_of_the_capture(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == [
        "archive/data.warc.gz",
        "indexes/index.cdx.gz",
        "indexes/index.idx",
        "pages/pages.jsonl",
        MANIFEST,
        DATAPACKAGE,
        DATAPACKAGE_DIGEST,
    ]
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    assert {info.date_time for info in infos} == {(2025, 3, 7, 12, 30, 0)}  # zip keeps even seconds


def test_wacz_is_the_same_bytes_for_the_same_capture(exchanges: list[Exchange]) -> None:
    assert wacz_of(exchanges) == wacz_of(exchanges)


def test_wacz_needs_a_body_for_each_exchange(exchanges: list[Exchange]) -> None:
    with pytest.raises(ValueError):
        build_wacz(
            BytesIO(),
            software="x",
            created_at=AT,
            page=Page("http://a/", "", AT),
            exchanges=exchanges,
            bodies=[],
        )


def test_manifest_has_a_digest_for_each_stage(exchanges: list[Exchange], package: Path) -> None:
    manifest = json.loads(read_wacz(package)[MANIFEST])
    by_url = {entry["url"]: entry for entry in manifest["exchanges"]}
    both, plain = by_url["http://site.test/both"], by_url["http://site.test/plain"]
    assert both["decoded"]["sha256"] == plain["decoded"]["sha256"] == plain["wireBody"]["sha256"]
    assert len({both[stage]["sha256"] for stage in ("response", "wireBody", "entity", "decoded")}) == 4
    assert by_url["http://site.test/cut"]["truncated"] == "disconnect"
    assert plain["peer"]["guardException"] == "site.test"
    secure = by_url["https://secure.test/plain"]["peer"]["tls"]
    assert secure["verified"] is True
    assert [len(digest) for digest in secure["chain"]] == [71, 71]
    assert [entry["name"] for entry in manifest["derived"]] == ["screenshot", "dom", "text"]


# The index.


def test_cdxj_equals_that_of_cdxj_indexer(exchanges: list[Exchange], tmp_path: Path) -> None:
    content, records = warc_of(exchanges)
    path = tmp_path / "data.warc.gz"
    path.write_bytes(content)
    result = run("cdxj-indexer", "--sort", "--digest-records", "-f", "req.http:cookie", path)
    assert result.returncode == 0, result.stderr
    theirs = [line.split(" ", 2) for line in result.stdout.splitlines()]
    ours = [line.split(" ", 2) for line in cdxj_lines(records, path.name)]
    assert len(ours) == len(exchanges) + 1 + len(RESOURCES)
    assert sorted(line[:2] for line in ours) == sorted(line[:2] for line in theirs)
    by_offset = {json.loads(line[2])["offset"]: json.loads(line[2]) for line in theirs}
    for line in ours:
        entry = json.loads(line[2])
        expected = by_offset[entry["offset"]]
        if "digest" not in entry:  # the indexer makes up a digest that the record does not have
            assert expected.pop("digest").startswith("sha1:")
        assert entry == expected


SURT_URLS = [
    *("http://example.com/", "https://www.example.com:8443/A/B/?b=2&a=1#x", "http://www2.exa.com", "http://a.b.c.example/"),
    *("http://ex.com:443/", "https://ex.com:443/x//y/../z/", "http://127.0.0.1:8000/a?", "http://[2001:db8::1]:80/x"),
    *("http://xn--mnchen-3ya.de/%C3%BC", "https://e.com/%D8%B3/%d8?q=%D8%B3%26x", "http://e.com/a?x=1&&b", "http://e.com/a/?"),
    *("http://e.com/?utm=a+b%20c", "http://e.com/a;jsessionid=0123456789abcdef0123456789abcdef?y", "http://www.com/"),
    *("http://e.com/a?PHPSESSID=0123456789abcdef0123456789abcdef&z=1", "http://e.com/?a=1&sid=0123456789abcdef0123456789abcdef"),
    *("http://e.com/?jsessionid=0123456789abcdef0123456789abcdeF", "http://e.com/?ASPSESSIONIDabcdefgh=abcdefghijklmnopqrstuvwx&b"),
    *("http://e.com/?cfid=1&cftoken=2&x=y", "http://e.com/(S(4hqa0555fwsecu455xqckv45))/x.aspx", "http://e.com/a%2Fb/%2e%2e/c"),
    *("http://e.com/(4hqa0555fwsecu455xqckv45)/x.aspx?y", "http://e.com/a%25b", "http://e.com/a%2525b", "http://e.com/%00%0a"),
    *("http://e.com/a\"b<>|{}^`~'()", "http://e.com/a%3Fb", "http://e.com/a%23b", "http://www1.www.e.com/", "http://e.com/?a==1"),
    *("http://e.com/a+b%2Bc?d+e%2Bf", "http://e.com/a?%3D=1", "http://e.com/a?b=1&a=2&a=1&B", "http://e.com/..;/x", "http://e.com?q"),
    *("urn:screenshot:https://Example.com/A?b=2&a=1", "urn:text:https://www.example.com/x/", "urn:tls-chain:e.com:443"),
    *("urn:screenshot:https://e.com/%D8%B3?Q=%41", "urn:uuid:123"),
]  # fmt: skip


@pytest.mark.parametrize("url", SURT_URLS)
def test_surt_equals_that_of_the_reference(url: str) -> None:
    import surt as reference

    assert surt(url) == reference.surt(url)


@settings(deadline=None)
@given(
    st.lists(
        st.text("aZ09-_~.%25+;", min_size=1, max_size=6).filter(lambda part: part.strip(".")), max_size=4
    ),
    st.lists(st.text("aZ09-_=%26+", max_size=6), max_size=4),
)
def test_surt_equals_that_of_the_reference_for_any_url(path: list[str], query: list[str]) -> None:
    import surt as reference

    url = "https://www.Example.org/" + "/".join(path) + ("?" + "&".join(query) if query else "")
    assert surt(url.replace("..", "x")) == reference.surt(url.replace("..", "x"))


def test_compressed_index_points_at_its_blocks() -> None:
    lines = [f"com,example)/{n:06} 20250307120000 {{}}\n" for n in range(LINES_PER_BLOCK * 2 + 5)]
    data, secondary = compress_index(lines)
    assert gzip.decompress(data).decode() == "".join(lines)
    meta, *blocks = secondary.decode().splitlines()
    assert meta == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    for place, block in enumerate(blocks):
        key, timestamp, where = block.split(" ", 2)
        entry = json.loads(where)
        first = (
            gzip.decompress(data[entry["offset"] : entry["offset"] + entry["length"]])
            .decode()
            .splitlines()[0]
        )
        assert first.startswith(f"{key} {timestamp} ")
        assert first + "\n" == lines[place * LINES_PER_BLOCK]


# Tampering.


def rebuilt(members: Members, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def reseal(members: Members) -> Members:
    """What a forger can do: make every digest of the package fit what it now holds."""
    package = json.loads(members[DATAPACKAGE])
    for resource in package["resources"]:
        if resource["path"] in members:
            content = members[resource["path"]]
            resource["hash"] = "sha256:" + hashlib.sha256(content).hexdigest()
            resource["bytes"] = len(content)
    sealed = json.dumps(package).encode()
    digest = {"path": DATAPACKAGE, "hash": "sha256:" + hashlib.sha256(sealed).hexdigest()}
    return members | {DATAPACKAGE: sealed, DATAPACKAGE_DIGEST: json.dumps(digest).encode()}


def flip(members: Members, name: str) -> Members:
    content = bytearray(members[name])
    content[len(content) // 2] ^= 1
    return members | {name: bytes(content)}


def without(members: Members, name: str) -> Members:
    return {other: content for other, content in members.items() if other != name}


def edit_json(members: Members, name: str, change: Callable[[Any], Any]) -> Members:
    value = json.loads(members[name])
    change(value)
    return members | {name: json.dumps(value).encode()}


def edit_warc(members: Members, old: bytes, new: bytes) -> Members:
    """Change the WARC's text and write it anew, members and all, as a tool would."""
    pieces = gzip.decompress(members["archive/data.warc.gz"]).replace(old, new).split(b"WARC/1.1\r\n")[1:]
    return members | {
        "archive/data.warc.gz": b"".join(gzip.compress(b"WARC/1.1\r\n" + piece) for piece in pieces)
    }


EACH = (
    "archive/data.warc.gz",
    "indexes/index.cdx.gz",
    "indexes/index.idx",
    "pages/pages.jsonl",
    MANIFEST,
    DATAPACKAGE,
    DATAPACKAGE_DIGEST,
)


def package_json(change: Callable[[Any], Any]) -> Callable[[Members], Members]:
    return lambda members: edit_json(members, DATAPACKAGE, change)


def manifest_json(change: Callable[[Any], Any]) -> Callable[[Members], Members]:
    return lambda members: reseal(edit_json(members, MANIFEST, change))


def warc_text(old: bytes, new: bytes) -> Callable[[Members], Members]:
    return lambda members: reseal(edit_warc(members, old, new))


def put(name: str, content: bytes) -> Callable[[Members], Members]:
    return lambda members: reseal(members | {name: content})


TAMPERED: dict[str, Callable[[Members], Members]] = {
    **{f"flip {name}": partial(flip, name=name) for name in EACH},
    **{f"drop {name}": partial(without, name=name) for name in EACH},
    "add a file": put("pages/extra.jsonl", b"{}"),
    "add a file without a dot": put("evidence", b"x"),
    "add a file at the top": put("README.txt", b"x"),
    "rewrite created": package_json(lambda value: value.update(created="2024-01-01T00:00:00Z")),
    "another version": lambda members: reseal(
        package_json(lambda value: value.update(wacz_version="1.2.0"))(members)
    ),
    "unlist a member": lambda members: reseal(package_json(lambda value: value["resources"].pop(3))(members)),
    "list a member twice": lambda members: reseal(
        package_json(lambda value: value["resources"].append(value["resources"][0]))(members)
    ),
    "drop a member, reseal": lambda members: reseal(without(members, "pages/pages.jsonl")),
    "change a body, reseal": warc_text(b"Said on Friday", b"Said on Monday"),
    "change dates, reseal": warc_text(b"WARC-Date: 202", b"WARC-Date: 201"),
    "change addresses, reseal": warc_text(b"IP-Address: 127.0.0.1", b"IP-Address: 127.0.0.2"),
    "change URLs, reseal": warc_text(b"Target-URI: http://site.test/p", b"Target-URI: http://site.test/q"),
    "strip block digests, reseal": warc_text(b"WARC-Block-Digest", b"WARC-Block-Dlgest"),
    "strip truncation, reseal": warc_text(b"WARC-Truncated: disconnect\r\n", b""),
    "change a digest in the manifest, reseal": manifest_json(
        lambda value: value["exchanges"][0]["wireBody"].update(sha256="0" * 64)
    ),
    "forget an exchange, reseal": manifest_json(lambda value: value["exchanges"].pop()),
    "invent an exchange, reseal": manifest_json(
        lambda value: value["exchanges"][0].update(responseRecordId="urn:uuid:0")
    ),
    "datapackage of nonsense": lambda members: members | {DATAPACKAGE: b"[" * 100_000},
    "datapackage of another shape": lambda members: members | {DATAPACKAGE: b"[1]"},
    "manifest of another shape": put(MANIFEST, b'{"exchanges": 3}'),
    "index of nonsense": put("indexes/index.cdx.gz", gzip.compress(b"a b c\nd")),
    "warc of nonsense": put("archive/data.warc.gz", b"\x1f\x8b\x08nonsense"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_verify_wacz_finds_tampering(name: str, package: Path, tmp_path: Path) -> None:
    problems = verify_wacz(rebuilt(TAMPERED[name](read_wacz(package)), tmp_path / "x.wacz"))
    assert problems
    assert all(problem.endswith(".") for problem in problems)


def test_verify_wacz_needs_the_outside_digest_against_a_whole_forgery(
    exchanges: list[Exchange], package: Path, tmp_path: Path
) -> None:
    _, digest = wacz_of(exchanges)
    forged = rebuilt(reseal(read_wacz(package)), tmp_path / "x.wacz")
    assert verify_wacz(forged) == []
    assert verify_wacz(forged, digest) == ["datapackage.json is not the one that was committed to."]


def test_verify_wacz_finds_a_member_that_is_there_twice(package: Path, tmp_path: Path) -> None:
    path = shutil.copy(package, tmp_path / "x.wacz")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("pages/pages.jsonl", b"other")
    assert "more than once" in verify_wacz(Path(path))[0]


def test_verify_wacz_of_any_flipped_byte_never_passes_silently_and_never_raises(package: Path) -> None:
    content = package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        start = archive.infolist()[-1].header_offset
    passed = 0
    for place in range(0, start, max(1, start // 150)):
        changed = bytearray(content)
        changed[place] ^= 0x10
        passed += verify_wacz(BytesIO(bytes(changed))) == []
    assert passed <= 3  # bytes of zip local headers that carry no content (times, attributes)


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"<html>", b"\0" * 1000])
def test_verify_wacz_of_no_package_says_so(content: bytes) -> None:
    assert verify_wacz(BytesIO(content))


def test_wacz_time_is_that_of_utc(exchanges: list[Exchange]) -> None:
    stream = BytesIO()
    build_wacz(
        stream,
        software="x",
        created_at=AT.astimezone(timezone(timedelta(hours=3))),
        page=Page("http://a.example/", "", AT),
        exchanges=[],
        bodies=[],
    )
    with zipfile.ZipFile(stream) as archive:
        assert archive.infolist()[0].date_time[:4] == (2025, 3, 7, 12)
        assert json.loads(archive.read(DATAPACKAGE))["created"] == "2025-03-07T12:30:01Z"
