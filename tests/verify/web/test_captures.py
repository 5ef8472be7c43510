"""Captures: their page, how a running one is watched, retrying, and how archived bytes are served."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from sources.archive import storage, work
from sources.archive.exchange import FailureCode
from sources.archive.kinds import Family, family_of
from sources.archive.models import Attempt, Capture, ContentCredentials, Exchange, Inspection, Rendition
from sources.archive.services import receive_upload, request_capture
from sources.archive.wacz_check import verify_wacz
from sources.custody.services import checkpoint
from tests.cast import T0
from verify.web.forms.archive import FAILURES, FAMILIES
from verify.web.views.captures import ADVICE, CREDENTIALS

pytestmark = pytest.mark.django_db

SCRIPT = b"<!doctype html><title>x</title><script>fetch('/desk/')</script>"
BYTES = ["capture-package", "capture-body", "capture-text"]


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\x00\x00"))
        + chunk(b"IEND", b"")
    )


@pytest.fixture
def archived(desk: Any, alice: Any, make_document: Any) -> Any:
    """An uploaded file, archived."""

    def archive(content: bytes, name: str = "copy") -> Capture:
        document = make_document()
        fields = {"desk": desk, "by": alice, "at": T0, "document_id": document.pk}
        return receive_upload(content=[content], filename=name, url=document.url, **fields)

    return archive


@pytest.fixture
def queued(desk: Any, alice: Any, make_document: Any) -> Capture:
    document = make_document(url="http://wire.example/coast")
    return request_capture(desk=desk, url=document.url, by=alice, at=timezone.now(), document_id=document.pk)


@pytest.fixture
def failed(queued: Capture) -> Capture:
    held = work.take(queued.pk, at=timezone.now())
    work.fail(held, FailureCode.NAME_NOT_RESOLVED, "No such host: wire.example.", at=timezone.now())
    queued.refresh_from_db()
    return queued


def url(capture: Capture, name: str = "capture", *more: str) -> str:
    return reverse(name, args=[capture.pk, *more])


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def damage(blob: Any) -> None:
    path = Path(storage.storage().path(blob.path))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o640)
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["capture", "capture-metadata", "capture-retry", "capture-stop", *BYTES])
def test_capture_asks_to_sign_in_and_is_not_there_for_another_desk(client, mallory, archived, name):
    there = url(archived(b"words"), name)
    assert client.get(there)["Location"].startswith("/sign-in/?next=")
    client.force_login(mallory)
    if name not in ("capture-retry", "capture-stop"):
        assert client.get(there).status_code == 404
    else:
        assert client.post(there).status_code == 404


def test_unknown_capture_is_not_there(client, alice):
    client.force_login(alice)
    for name in ("capture", *BYTES):
        assert client.get(reverse(name, args=[uuid4()])).status_code == 404


def test_capture_page_holds_the_facts(client, dave, archived):
    capture = archived(b"words")
    signed = checkpoint(at=T0)
    client.force_login(dave)
    content = client.get(url(capture)).content.decode()
    for fact in (capture.datapackage_sha256, capture.package_id, capture.body_id, "text/plain", capture.url):
        assert fact[:8] in content
        assert fact[8:-8] in content
    assert f"entry {capture.entry_id}, in the checkpoint of size {signed.size}" in content


def test_exchanges_are_listed_with_peer_and_digests(client, alice, archived):
    capture = archived(b"words")
    Exchange.objects.create(
        capture=capture, position=0, is_main=True, url=capture.url, method="GET", status=404, media_type="text/html",
        started_at=T0, peer_address="203.0.113.7", peer_port=443, tls_version="TLSv1.3", tls_verified=False,
        guard_exception="wire.example", wire_size=5, wire_sha256="a" * 64, entity_sha256="b" * 64,
        decoded_sha256="c" * 64, truncated="length",
    )  # fmt: skip
    client.force_login(alice)
    content = client.get(url(capture)).content.decode()
    for fact in (
        "203.0.113.7:443",
        "TLSv1.3",
        "certificate not verified",
        "404",
        "a" * 48,
        "c" * 48,
        "length",
    ):
        assert fact in content
    assert "wire.example" in content


@pytest.mark.parametrize("rows", [1, 3])
def test_capture_page_asks_the_same_for_one_and_three(
    client, alice, archived, django_assert_num_queries, rows
):
    capture = archived(b"words")
    for position in range(rows):
        Exchange.objects.create(
            capture=capture, position=position, url=capture.url, method="GET", status=200, started_at=T0,
            peer_address="203.0.113.7", peer_port=80, wire_size=5, wire_sha256="a" * 64, entity_sha256="a" * 64,
            decoded_sha256="a" * 64,
        )  # fmt: skip
    client.force_login(alice)
    # session, person, desks, capture, renditions, checkpoint, attempts, texts, exchanges (how many, page), retries,
    # marked places, texts alike (2), pictures alike, inspection, the inbox
    with django_assert_num_queries(18):
        client.get(url(capture))


def test_running_capture_tells_how_it_is_doing(client, alice, queued):
    client.force_login(alice)
    asked = {"headers": {"HX-Request": "true"}}
    content = client.get(url(queued), **asked).content.decode()
    assert "Waiting for a worker" in content
    assert f'hx-get="{url(queued)}"' in content
    held = work.take(queued.pk, at=timezone.now())
    work.report(held, "3 of 14 resources")
    content = client.get(url(queued), **asked).content.decode()
    assert "3 of 14 resources" in content
    assert "<html" not in content


def test_finished_capture_takes_its_place_and_is_asked_for_no_more(client, alice, failed):
    client.force_login(alice)
    response = client.get(url(failed), headers={"HX-Request": "true"})
    assert response["HX-Retarget"] == f"#capture-{failed.pk}"
    content = response.content.decode()
    assert "No such host: wire.example." in content
    assert "hx-get" not in content
    refreshed = client.get(url(failed), {"then": "refresh"}, headers={"HX-Request": "true"})
    assert refreshed["HX-Refresh"] == "true"


def test_watching_after_the_session_ended_leads_to_sign_in(client, queued):
    response = client.get(url(queued), headers={"HX-Request": "true"})
    assert response["HX-Redirect"].startswith("/sign-in/")


def test_failed_capture_says_why_and_what_to_do(client, alice, failed):
    client.force_login(alice)
    content = client.get(url(failed)).content.decode()
    assert "No such host: wire.example." in content
    assert "name-not-resolved" in content
    assert "copy it from there" in content


def test_every_failure_has_words_and_advice():
    assert set(ADVICE) == set(FAILURES) == set(FailureCode)
    assert set(CREDENTIALS) == set(ContentCredentials)


def test_retry_is_a_capture_of_its_own(client, alice, failed):
    client.force_login(alice)
    response = client.post(url(failed, "capture-retry"))
    retry = Capture.objects.get(retry_of=failed)
    assert response["Location"] == reverse("document", args=[failed.document_id])
    assert (retry.state, retry.url, retry.mode) == ("queued", failed.url, failed.mode)
    assert f"/desk/captures/{retry.pk}/" in client.get(url(failed)).content.decode()


def test_retry_is_for_checkers_and_failures_alone(client, dave, alice, failed, archived):
    client.force_login(dave)
    assert client.post(url(failed, "capture-retry")).status_code == 403
    client.force_login(alice)
    assert client.post(url(archived(b"words"), "capture-retry")).status_code == 404
    assert not Capture.objects.filter(retry_of__isnull=False).exists()


def test_retry_of_what_is_refused_by_now_says_so(client, alice, failed, settings):
    settings.ARCHIVE_PORTS = frozenset({443})
    client.force_login(alice)
    response = client.post(url(failed, "capture-retry"), follow=True)
    assert "port" in response.content.decode()
    assert not Capture.objects.filter(retry_of=failed).exists()


def test_package_is_sent_whole_as_a_download(client, dave, archived):
    capture = archived(b"words")
    client.force_login(dave)
    response = client.get(url(capture, "capture-package"))
    content = body(response)
    assert len(content) == capture.package.size == int(response["Content-Length"])
    assert verify_wacz(io.BytesIO(content), capture.datapackage_sha256) == []
    assert response["Content-Disposition"] == f'attachment; filename="capture-{capture.pk}.wacz"'


def test_damaged_bytes_are_never_sent_in_part(client, alice, archived):
    capture = archived(b"words " * 1000)
    client.force_login(alice)
    for blob, name in ((capture.package, "capture-package"), (capture.body, "capture-body")):
        damage(blob)
        response = client.get(url(capture, name))
        assert response.status_code == 500
        assert "damaged" in response.content.decode()
        assert "words words" not in response.content.decode()


def test_missing_bytes_are_said_to_be_missing(client, alice, archived):
    capture = archived(b"words")
    storage.storage().delete(capture.package.path)
    client.force_login(alice)
    response = client.get(url(capture, "capture-package"))
    assert response.status_code == 500
    assert "missing" in response.content.decode()


@pytest.mark.parametrize(
    "content",
    [
        SCRIPT,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /JS (app.alert(1)) >>\nendobj\n%%EOF",
        b"GIF89a" + b"\x00" * 20 + SCRIPT,
        b"\x89PNG\r\n\x1a\n" + SCRIPT,
        b"\x00\x01\x02 anything at all",
        b'{"json": "<script>"}',
    ],
)
def test_nothing_that_could_run_is_served_inline(client, alice, archived, content):
    capture = archived(content)
    client.force_login(alice)
    response = client.get(url(capture, "capture-body"))
    assert body(response) == content
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"
    assert (
        not response["Content-Disposition"].rstrip('"').endswith((".html", ".svg", ".xml", ".js", ".xhtml"))
    )


@pytest.mark.parametrize(
    ("content", "media_type"), [(png(), "image/png"), (b"Plain words.", "text/plain; charset=utf-8")]
)
def test_pictures_and_plain_text_are_shown_in_a_sandbox(client, alice, archived, content, media_type):
    capture = archived(content)
    client.force_login(alice)
    response = client.get(url(capture, "capture-body"))
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"].startswith("inline")


@pytest.mark.parametrize("name", BYTES)
def test_archived_bytes_come_in_a_sandbox_of_their_own(client, alice, archived, name):
    client.force_login(alice)
    response = client.get(url(archived(b"words"), name))
    policy = response["Content-Security-Policy"]
    assert policy == "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "private" in response["Cache-Control"]


def test_archived_bytes_are_not_sent_twice_to_who_has_them(client, alice, archived):
    capture = archived(b"words")
    client.force_login(alice)
    etag = client.get(url(capture, "capture-body"))["ETag"]
    again = client.get(url(capture, "capture-body"), headers={"If-None-Match": etag})
    assert again.status_code == 304


def test_text_is_served_as_anchors_count_it(client, alice, archived):
    capture = archived("“Words” عربية".encode())
    client.force_login(alice)
    response = client.get(url(capture, "capture-text"))
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == capture.texts.get().content


def test_renditions_show_pictures_and_hand_out_the_rest(client, alice, archived):
    capture = archived(b"words")
    for kind, content, media_type in (
        ("screenshot", png(), "image/png"),
        ("thumbnail", SCRIPT, "image/jpeg"),
        ("dom", SCRIPT, "text/html"),
    ):
        blob = storage.store(content, media_type=media_type, at=T0)
        Rendition.objects.create(capture=capture, kind=kind, blob=blob, media_type=media_type)
    client.force_login(alice)
    screenshot = client.get(url(capture, "capture-rendition", "screenshot"))
    assert (screenshot["Content-Type"], body(screenshot)) == ("image/png", png())
    for kind in ("thumbnail", "dom"):
        response = client.get(url(capture, "capture-rendition", kind))
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Security-Policy"].startswith("sandbox")
    for kind in ("pdf", "nonsense"):
        assert client.get(url(capture, "capture-rendition", kind)).status_code == 404


# --- waiting for another try ------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(queued: Capture) -> Capture:
    """A capture of which one try failed and another one is due."""
    Attempt.objects.create(
        capture=queued, number=1, started_at=T0, ended_at=T0, failure_code="busy", retry_at=T0,
        failure_detail="The server answered 503.",
    )  # fmt: skip
    Capture.objects.filter(pk=queued.pk).update(attempt=1, not_before=timezone.now() + timedelta(hours=1))
    return queued


def test_waiting_capture_says_what_failed_and_until_when(client, alice, dave, waiting):
    client.force_login(alice)
    content = client.get(url(waiting)).content.decode()
    for words in ("Next try:", "The server answered 503.", "Server asks to wait", "Stop trying"):
        assert words in content
    client.force_login(dave)
    assert "Stop trying" not in client.get(url(waiting)).content.decode()


def test_waiting_can_be_stopped_once(client, alice, waiting):
    client.force_login(alice)
    assert client.post(url(waiting, "capture-stop"))["Location"] == url(waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.failure_code) == ("failed", "given-up")
    content = client.post(url(waiting, "capture-stop"), follow=True).content.decode()
    assert "does not wait any more" in content


# --- what a file says of itself ---------------------------------------------------------------------------------------


def inspect(capture: Capture, **fields: Any) -> Inspection:
    facts = [
        {"group": "EXIF", "name": "Make", "value": "<Nikon>"},
        {"group": "EXIF", "name": "ExposureTime", "value": "0.004"},
        {"group": "XMP", "name": "Rating", "value": "5"},
    ]
    Inspection.objects.filter(capture=capture).delete()
    return Inspection.objects.create(
        **({"capture": capture, "inspector_version": "9", "facts": facts, "created_at": T0} | fields)
    )


def test_what_a_file_says_of_itself_is_shown_as_its_own_word(client, dave, archived):
    capture = archived(png())
    inspect(
        capture, taken_at=T0, taken_evidence="EXIF DateTimeOriginal 2025:03:09 12:00:00, +02:00",
        latitude=34.889, longitude=35.8869, width=4000, height=3000,
    )  # fmt: skip
    client.force_login(dave)
    content = client.get(url(capture)).content.decode()
    for words in (
        "own word", "&lt;Nikon&gt;", "34.88900, 35.88690", "4000 × 3000", "DateTimeOriginal", "The file carries none"
    ):  # fmt: skip
        assert words in content
    assert "ExposureTime" not in content


@pytest.mark.parametrize("state", ContentCredentials.values)
def test_content_credentials_say_what_does_not_follow(client, dave, archived, state):
    capture = archived(png())
    inspect(capture, credentials=state, manifest={"active": "<urn:1>"})
    client.force_login(dave)
    assert str(CREDENTIALS[state]) in client.get(url(capture)).content.decode()
    whole = client.get(url(capture, "capture-metadata")).content.decode()
    assert str(CREDENTIALS[state]) in whole
    assert "&lt;urn:1&gt;" in whole


@pytest.mark.parametrize("rows", [1, 3])
def test_metadata_page_lists_all_facts_by_group(client, dave, archived, django_assert_num_queries, rows):
    capture = archived(png())
    inspect(capture, facts=[{"group": f"G{n}", "name": "Name", "value": f"value {n}"} for n in range(rows)])
    client.force_login(dave)
    with django_assert_num_queries(6):  # session, person, desks, capture, inspection, the inbox
        content = client.get(url(capture, "capture-metadata")).content.decode()
    assert all(f"value {n}" in content for n in range(rows))


def test_metadata_page_of_what_says_nothing_says_so(client, dave, archived):
    client.force_login(dave)
    assert "Nothing was read" in client.get(url(archived(b"words"), "capture-metadata")).content.decode()


def test_what_is_alike_is_shown_within_the_desk(client, alice, mallory, other_desk, archived):
    words = " ".join(f"word{n}" for n in range(60)).encode()
    capture, other = archived(words), archived(words + b" and more")
    elsewhere = receive_upload(
        desk=other_desk, content=[words], filename="theirs.txt", url="", by=mallory, at=T0
    )
    client.force_login(alice)
    content = client.get(url(capture)).content.decode()
    assert url(other) in content
    assert str(elsewhere.pk) not in content


# --- files without a document -----------------------------------------------------------------------------------------


@pytest.fixture
def loose(desk: Any, alice: Any) -> Any:
    """An uploaded file that belongs to no document."""

    def upload(content: bytes, name: str = "leak.txt") -> Capture:
        return receive_upload(desk=desk, content=[content], filename=name, url="", by=alice, at=T0)

    return upload


def test_a_file_without_a_document_is_read_and_quoted_on_its_page(
    client, alice, loose, make_claim, make_assertion
):
    capture = loose(b"Around 745 civilians were killed.")
    assertion = make_assertion(make_claim("About 745 dead."))
    client.force_login(alice)
    content = client.get(url(capture), {"assertion": str(assertion.pk)}).content.decode()
    assert "Around 745 civilians were killed." in content
    assert "data-anchor-text" in content
    text = capture.texts.get()
    quoted = {"assertion": assertion.pk, "quote": "745 civilians"}
    assert client.post(reverse("anchor-new", args=[text.pk]), quoted).status_code == 302
    assert "<mark" in client.get(url(capture)).content.decode()


def test_a_picture_without_a_document_is_shown(client, alice, loose):
    capture = loose(png(), "photo.png")
    client.force_login(alice)
    content = client.get(url(capture)).content.decode()
    assert f'src="{url(capture, "capture-body")}"' in content
    assert "<h1><bdi>photo.png</bdi></h1>" in content


# --- the list ---------------------------------------------------------------------------------------------------------


def listed(client: Any, **query: str) -> set[str]:
    return {str(capture.pk) for capture in client.get(reverse("capture-list"), query).context["page"]}


@pytest.mark.parametrize("rows", [1, 3])
def test_capture_list_asks_the_same_for_one_and_three(
    client, dave, archived, django_assert_num_queries, rows
):
    for _ in range(rows):
        archived(b"words")
    client.force_login(dave)
    with django_assert_num_queries(6):  # session, person, desks, how many, the page, the inbox
        client.get(reverse("capture-list"))


def test_capture_list_is_the_desks_own(client, dave, mallory, archived):
    capture = archived(b"words")
    client.force_login(mallory)
    assert listed(client) == set()
    client.force_login(dave)
    assert listed(client) == {str(capture.pk)}


def test_capture_list_is_paged(client, dave, desk, alice):
    for n in range(26):
        request_capture(desk=desk, url=f"http://wire.example/{n}", by=alice, at=T0)
    client.force_login(dave)
    assert (len(listed(client)), len(listed(client, page="2"))) == (25, 1)


def test_capture_list_is_filtered_in_its_address(client, dave, failed, loose):
    picture, words = loose(png(), "بانياس.png"), loose(b"words", "leak.txt")
    client.force_login(dave)
    for query, found in (
        ({"state": "failed"}, failed), ({"failure": "name-not-resolved"}, failed),
        ({"host": "www.Wire.example"}, failed), ({"family": "image"}, picture), ({"family": "text"}, words),
        ({"q": "بانياس"}, picture), ({"q": "coast"}, failed),
        ({"until": "2025-03-09", "q": ".txt"}, words), ({"since": "2025-03-10"}, failed), ({"kind": "url"}, failed),
    ):  # fmt: skip
        assert listed(client, **query) == {str(found.pk)}, query
    assert listed(client, host="ire.example") == set()
    assert listed(client, since="nonsense") == listed(client)


TYPES = (
    "text/html application/xhtml+xml application/pdf image/svg+xml image/jpeg video/mp4 audio/ogg text/vtt"
    " application/x-subrip application/json application/ld+json text/plain text/csv application/xml text/xml"
    " application/rss+xml application/zip application/octet-stream font/woff2"
)


@pytest.mark.parametrize("media_type", TYPES.split())
def test_kinds_of_content_are_those_of_the_archive(loose, media_type):
    capture = loose(b"words")
    Capture.objects.filter(pk=capture.pk).update(media_type=media_type)
    family = family_of(media_type)
    told = [name for name, (_label, types) in FAMILIES.items() if Capture.objects.filter(types).exists()]
    assert told == [Family.OTHER if family is Family.ARCHIVE else family]
