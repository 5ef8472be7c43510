"""Content Credentials: read and validated offline, against manifests signed here."""

from __future__ import annotations

import io
import json
import socket
import threading
from contextlib import suppress

import pytest

from sources.archive import credentials
from sources.archive.inspected import Inspected
from sources.archive.kinds import sniff
from sources.archive.reader import inspect_safely
from tests.sources.archive.media import encoded, mp4, scene, signed, signer

SMALL = scene().resize((160, 120))


def check(content: bytes, trust_anchors: str = "") -> Inspected:
    found = inspect_safely(sniff(content, "", ""), content, trust_anchors=trust_anchors)
    assert found is not None
    return found


def facts(found: Inspected) -> list[tuple[str, str]]:
    return [(fact["name"], fact["value"]) for fact in found.facts if fact["group"] == "C2PA"]


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("image/jpeg", encoded(SMALL)),
        ("image/png", encoded(SMALL, "PNG")),
        ("image/webp", encoded(SMALL, "WEBP")),
        ("video/mp4", mp4()),
    ],
)
def test_a_signed_file_is_valid_and_trusted_only_by_those_who_trust_its_root(media_type, content) -> None:
    given = signed(content, media_type)
    assert (check(content).credentials, check(content).manifest) == ("none", None)
    assert check(given).credentials == "valid"
    assert check(given, signer()[1]).credentials == "trusted"


def test_what_the_manifest_says_is_shown_as_facts() -> None:
    found = check(signed(encoded(SMALL)), signer()[1])
    said = facts(found)
    for fact in (
        ("Claim generator", "Test Camera 1"),
        ("Signer", "Camera"),
        ("Issuer", "Test Press"),
        ("Assertion", "c2pa.actions.v2"),
        ("Validation", "Trusted"),
    ):
        assert fact in said
    assert any(name == "Action" and "c2pa.created" in value for name, value in said)
    assert found.manifest is not None and found.manifest["validation_state"] == "Trusted"
    assert ("Validation code", "signingCredential.untrusted") in facts(check(signed(encoded(SMALL))))


def test_a_file_that_was_changed_after_signing_is_invalid_for_everybody() -> None:
    content = bytearray(signed(encoded(scene())))
    content[-2000] ^= 0x10  # in the pixels
    found = check(bytes(content), signer()[1])
    assert found.credentials == "invalid"
    assert ("Validation code", "assertion.dataHash.mismatch") in facts(found)


def test_a_manifest_that_was_changed_is_invalid() -> None:
    content = signed(encoded(SMALL))
    forged = content.replace(b"Test Camera", b"Best Camera")
    assert forged != content
    assert check(forged, signer()[1]).credentials == "invalid"


def test_a_broken_manifest_is_never_taken_for_none() -> None:
    content = signed(encoded(SMALL))
    start, broken = content.index(b"jumb"), 0
    for place in range(start + 8, start + 400, 7):
        flipped = bytearray(content)
        flipped[place] ^= 0xFF
        found = Inspected()
        credentials.check(io.BytesIO(bytes(flipped)), "image/jpeg", found)
        assert found.credentials in ("invalid", "valid") or found.problem
        broken += found.credentials == "invalid"
    assert broken > 20


def test_a_manifest_elsewhere_is_named_and_never_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/coast.c2pa"
        given = signed(encoded(SMALL), remote=address)
        calls: list[object] = []
        listener.settimeout(3)
        waiting = threading.Thread(target=lambda: _note_calls(listener, calls))
        waiting.start()
        found = check(given)
        # The library by itself, with the right to open connections, as far as our settings go:
        alone = Inspected()
        credentials.check(io.BytesIO(given), "image/jpeg", alone)
        waiting.join()
    assert calls == []
    for one in (found, alone):
        assert one.credentials == "none" and "were not fetched" in one.problem
        assert ("Remote manifest", address) in facts(one)


def _note_calls(listener: socket.socket, calls: list[object]) -> None:
    with suppress(TimeoutError):
        connection, caller = listener.accept()
        connection.close()  # who called must not wait for an answer
        calls.append(caller)


def test_that_test_can_fail() -> None:
    """With the library's own settings the remote manifest is asked for: the test above sees it."""
    import c2pa

    with socket.create_server(("127.0.0.1", 0)) as listener:
        given = signed(encoded(SMALL), remote=f"http://127.0.0.1:{listener.getsockname()[1]}/coast.c2pa")
        calls: list[object] = []
        listener.settimeout(3)
        waiting = threading.Thread(target=lambda: (_note_calls(listener, calls), listener.close()))
        waiting.start()
        on = c2pa.Settings.from_dict({"verify": {"remote_manifest_fetch": True}})
        with pytest.raises(c2pa.C2paError), c2pa.Context(on) as context:
            c2pa.Reader("image/jpeg", io.BytesIO(given), context=context)
        waiting.join()
    assert len(calls) == 1


def test_a_very_long_manifest_is_cut_to_its_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "MAX_MANIFEST", 1000)
    found = Inspected()
    credentials.check(io.BytesIO(signed(encoded(SMALL))), "image/jpeg", found)
    assert found.credentials == "valid" and "too long" in found.problem
    assert len(json.dumps(found.manifest)) <= 1000
