"""The page that checks a package: the verifier in a process apart, with this installation's own trust."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from verify.evidence import checking
from verify.evidence.checking import NotChecked, check_package

URL = "/desk/log/package/"


@pytest.fixture
def package(published_claim: Any, alice: Any, tmp_path: Any, db: None) -> bytes:
    """The package of a published claim, as the service writes it."""
    from io import BytesIO

    from django.utils import timezone

    from verify.evidence.package import export_claim

    out = BytesIO()
    export_claim(claim=published_claim, by=alice, at=timezone.now(), out=out)
    return out.getvalue()


def post(client: Any, data: bytes) -> Any:
    return client.post(URL, {"file": SimpleUploadedFile("claim.zip", data)})


@pytest.mark.django_db(transaction=True)
def test_a_package_that_holds_is_told_so_with_its_level(client, dave, package):
    client.force_login(dave)
    response = post(client, package)
    content = response.content.decode()
    assert response.status_code == 200 and "It holds, up to level L1." in content
    assert "http://wire.example/1" in content and "nobody outside vouches for a time" in content


@pytest.mark.django_db(transaction=True)
def test_one_changed_byte_is_told(client, dave, package):
    client.force_login(dave)
    broken = bytearray(package)
    broken[len(broken) // 2] ^= 1
    content = post(client, bytes(broken)).content.decode()
    assert "It does not hold" in content and "does not hold: " in content


@pytest.mark.django_db(transaction=True)
def test_a_package_of_another_log_does_not_reach_its_level_here(client, dave, package, settings):
    import base64

    settings.LOG_SIGNING_KEY = base64.b64encode(b"another key, of another log here").decode()
    client.force_login(dave)
    content = post(client, package).content.decode()
    assert "up to level L1" not in content


@pytest.mark.parametrize(
    "data", [b"PK\x05\x06" + b"\0" * 18, b"not a zip", b"\0" * 5000], ids=["empty", "text", "nul"]
)
def test_what_is_no_package_is_answered(client, dave, data):
    client.force_login(dave)
    response = post(client, data)
    assert response.status_code in (200, 422) and "It holds" not in response.content.decode()


def test_nothing_and_too_much_are_refused_with_the_reason(client, dave, settings):
    client.force_login(dave)
    assert client.post(URL, {}).status_code == 422
    settings.ARCHIVE_MAX_UPLOAD_BYTES = 10
    assert "on your own machine" in post(client, b"x" * 11).content.decode()


def test_a_verifier_that_does_not_come_back_is_stopped(tmp_path, db, monkeypatch):
    monkeypatch.setattr(checking, "SECONDS", 0.01)
    (tmp_path / "x.zip").write_bytes(b"PK")
    with pytest.raises(NotChecked, match="stopped"):
        check_package(tmp_path / "x.zip")


def test_a_second_package_at_once_is_put_off_and_the_next_is_checked(tmp_path, db):
    (tmp_path / "x.zip").write_bytes(b"PK")
    with checking._one, pytest.raises(NotChecked, match="being checked"):
        check_package(tmp_path / "x.zip")
    assert check_package(tmp_path / "x.zip")["result"] == "fail"


def test_it_needs_a_sign_in(client, db):
    assert client.get(reverse("log-package")).headers["Location"].startswith("/sign-in/")
