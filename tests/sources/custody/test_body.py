import hashlib
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from sources.custody.body import Body, BodyError, commitment, format_time
from sources.custody.kinds import Kind

AT = datetime(2025, 3, 9, 10, 11, 12, tzinfo=UTC)


def body(**changes):
    values = {
        "kind": "capture-archived",
        "at": AT,
        "subject_type": "capture",
        "subject_id": "1",
        "facts": {"n": 1},
    }
    return Body(**{**values, "by": None, "commitments": {}, **changes})


def test_body_is_the_specified_bytes():
    # The first example of docs/reference/log-format.md.
    assert body(commitments={"url": "0" * 64}).encode() == (
        b'{"at":"2025-03-09T10:11:12.000000Z","by":null,"commitments":{"url":"'
        + b"0" * 64
        + b'"},"facts":{"n":1},'
        b'"kind":"capture-archived","subject":{"id":"1","type":"capture"},"v":1}'
    )


def test_the_specification_shows_what_we_write():
    text = (Path(__file__).parents[3] / "docs/reference/log-format.md").read_text()
    assert body(commitments={"url": "0" * 64}).encode().decode() in text
    assert commitment("by", bytes(range(32)), {"id": "7", "type": "user"}) in text
    assert all(f"`{kind}`" in text for kind in Kind.values)


def test_body_is_read_back():
    full = body(by="a" * 64, commitments={"url": "b" * 64}, facts={"list": [1, None, {"x": True}]})
    assert Body.decode(full.encode()) == full
    assert full.all_commitments() == {"url": "b" * 64, "by": "a" * 64}


def test_commitment_is_the_specified_digest():
    salt = bytes(range(32))
    spelled = b'verify-log-commitment/v1\n["by","' + salt.hex().encode() + b'",{"id":"7","type":"user"}]'
    assert commitment("by", salt, {"type": "user", "id": "7"}) == hashlib.sha256(spelled).hexdigest()
    assert commitment("by", salt, "7") != commitment("to", salt, "7") != commitment("to", bytes(32), "7")
    with pytest.raises(BodyError):
        commitment("by", b"short", "7")


def test_time_is_utc_with_microseconds():
    there = timezone(timedelta(hours=3))
    assert format_time(datetime(2025, 3, 9, 1, 0, tzinfo=there)) == "2025-03-08T22:00:00.000000Z"
    with pytest.raises(BodyError, match="time zone"):
        format_time(AT.replace(tzinfo=None))


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "Capture Archived"},
        {"subject_type": ""},
        {"subject_id": ""},
        {"subject_id": "x" * 65},
        {"facts": {"Name": 1}},
        {"facts": {"ratio": 0.5}},
        {"facts": {"big": "x" * 70_000}},
        {"facts": {"when": AT}},
        {"by": "someone"},
        {"commitments": {"url": "A" * 64}},
        {"commitments": {"by": "a" * 64}},
    ],
)
def test_body_refuses(changes):
    with pytest.raises(BodyError):
        body(**changes).encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":true'),
        (b'"n":1', b'"n": 1'),
        (b"12.000000Z", b"12Z"),
        (b"-03-", b"-13-"),
        (b'"facts":{"n":1}', b'"facts":[]'),
        (b'"by":null,', b""),
        (b'"id":"1"', b'"id":1'),
        (b'{"at"', b'{"a":1,"at"'),
        (b'{"id":"1","type":"capture"}', b'"1"'),
        (b"10:11", "١٠:11".encode()),
    ],
)
def test_decode_refuses_other_bytes(old, new):
    data = body().encode()
    assert old in data
    with pytest.raises(BodyError):
        Body.decode(data.replace(old, new))
