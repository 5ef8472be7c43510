"""Asking for captures and receiving files: what is refused with a reason, and what two who ask at once get."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.models import Blob, Capture, Text
from sources.archive.services import normalised, receive_upload, request_capture
from sources.archive.storage import read
from sources.archive.wacz_check import verify_wacz
from sources.catalog.models import Document
from sources.catalog.services import archive_document
from sources.custody.models import Entry, Opening
from tests.cast import ARTICLE, T0, at_once

URL = "http://wire.example/coast"


def upload(desk, by, content=(b"said so",), **fields):
    fields = {"filename": "note.txt", "url": URL, "at": T0} | fields
    return receive_upload(desk=desk, by=by, content=list(content), **fields)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", FailureCode.INVALID_URL),
        ("not an address", FailureCode.INVALID_URL),
        ("http://", FailureCode.INVALID_URL),
        ("file:///etc/passwd", FailureCode.SCHEME_REFUSED),
        ("ftp://wire.example/a", FailureCode.SCHEME_REFUSED),
        ("javascript:alert(1)", FailureCode.SCHEME_REFUSED),
        ("http://user:secret@wire.example/", FailureCode.CREDENTIALS_REFUSED),
        ("http://wire.example:22/", FailureCode.PORT_REFUSED),
        ("http://127.0.0.1/", FailureCode.ADDRESS_REFUSED),
        ("http://[::1]/", FailureCode.ADDRESS_REFUSED),
        ("http://0x7f.1/", FailureCode.ADDRESS_REFUSED),
        ("http://169.254.169.254/latest/meta-data/", FailureCode.ADDRESS_REFUSED),
        ("http://localhost/", FailureCode.ADDRESS_REFUSED),
    ],
)
def test_an_address_that_may_not_be_fetched_is_refused_with_its_reason_and_leaves_nothing(
    desk, alice, url, code
):
    with pytest.raises(ValidationError) as refusal:
        archive_document(desk=desk, url=url, by=alice, at=T0)
    (reason,) = refusal.value.error_dict["url"]
    assert reason.code == code
    assert str(reason.message).endswith((".", "?"))
    assert not Document.objects.exists()
    assert not Capture.objects.exists()


def test_an_address_is_kept_as_the_fetcher_asks_for_it():
    assert normalised("  HTTP://WIRE.example:80/a/../b%7Ec#top ") == "http://wire.example/b%7Ec"
    assert normalised("http://пример.example/путь").isascii()


def test_a_request_is_queued_for_its_document(desk, alice):
    capture = archive_document(desk=desk, url=URL, by=alice, at=T0)
    assert (capture.state, capture.mode, capture.attempt) == ("queued", "http", 0)
    assert (capture.document.url, capture.requested_by) == (URL, alice)


@pytest.mark.parametrize("who", ["dave", "mallory"])
def test_a_viewer_and_another_desk_capture_and_upload_nothing(request, desk, who):
    by = request.getfixturevalue(who)
    for act in (
        lambda: request_capture(desk=desk, url=URL, by=by, at=T0),
        lambda: archive_document(desk=desk, url=URL, by=by, at=T0),
        lambda: upload(desk, by),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert (Capture.objects.count(), Document.objects.count(), Blob.objects.count()) == (0, 0, 0)


def test_the_same_address_asked_for_twice_in_a_minute_is_one_fetch(desk, alice, carol):
    first = request_capture(desk=desk, url=URL, by=alice, at=T0)
    assert request_capture(desk=desk, url=URL + "#x", by=carol, at=T0 + timedelta(seconds=59)) == first
    assert request_capture(desk=desk, url=URL, by=carol, at=T0 + timedelta(seconds=61)) != first
    assert request_capture(desk=desk, url=URL, by=carol, at=T0, force=True) != first
    assert request_capture(desk=desk, url=URL, by=carol, at=T0, mode="page") != first


def test_what_failed_is_fetched_again_at_once(desk, alice):
    first = request_capture(desk=desk, url=URL, by=alice, at=T0)
    work.fail(work.take(first.pk, at=T0), FailureCode.TIMEOUT, "Too slow.", at=T0)
    assert request_capture(desk=desk, url=URL, by=alice, at=T0) != first


def test_two_desks_that_ask_for_one_address_get_a_capture_each(desk, alice, other_desk, mallory):
    ours = request_capture(desk=desk, url=URL, by=alice, at=T0)
    theirs = request_capture(desk=other_desk, url=URL, by=mallory, at=T0)
    assert ours != theirs
    assert list(Capture.objects.visible_to(alice)) == [ours]


@pytest.mark.django_db(transaction=True)
def test_people_who_ask_for_one_address_at_the_same_moment_get_one_capture(desk, alice, carol, empty_queue):
    for number in range(5):
        url = f"{URL}/{number}"
        acts = [
            lambda by=by, url=url: archive_document(desk=desk, url=url, by=by, at=timezone.now())
            for by in (alice, carol, alice, carol)
        ]
        captures = at_once(*acts)
        assert len({capture.pk for capture in captures}) == 1, captures
    assert Capture.objects.count() == Document.objects.count() == 5
    empty_queue()


def test_an_upload_is_packed_read_and_logged(desk, alice):
    capture = upload(desk, alice, [ARTICLE.encode()[:50], ARTICLE.encode()[50:]])
    assert read(capture.body) == ARTICLE.encode()
    with open_package(capture) as package:
        assert verify_wacz(package, datapackage_sha256=capture.datapackage_sha256) == []
    facts, text = Entry.objects.get().read().facts, Text.objects.get()
    assert facts == {
        "datapackage_sha256": capture.datapackage_sha256,
        "package_sha256": capture.package_id,
        "file_sha256": capture.body_id,
        "size": len(ARTICLE.encode()),
        "text_sha256": text.sha256,
    }
    assert (capture.state, capture.kind, capture.entry.kind) == ("archived", "upload", "upload-received")


def test_who_uploaded_what_and_from_where_is_in_the_log_as_commitments_only(desk, alice):
    entry = upload(desk, alice, filename="from-a-friend.txt").entry
    assert not any(word in bytes(entry.body).decode() for word in ("from-a-friend", str(alice.pk), URL))
    openings = dict(Opening.objects.filter(entry=entry).values_list("name", "value"))
    assert openings["filename"] == '"from-a-friend.txt"'
    assert str(alice.pk) in openings["by"]


def test_an_empty_or_too_large_file_is_refused_at_its_field_and_leaves_nothing(desk, alice, settings):
    settings.ARCHIVE_MAX_UPLOAD_BYTES = 2**20
    for content in ([], [b""], [b"x" * 2**20, b"y"]):
        with pytest.raises(ValidationError) as refusal:
            upload(desk, alice, content)
        assert list(refusal.value.message_dict) == ["file"]
    assert (Capture.objects.count(), Entry.objects.count(), Blob.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("content", [bytes(range(256)) * 8, b"\x00", b"%PDF-1.7 broken", b"<html>\x00\xff"])
def test_a_file_of_any_bytes_is_kept_as_it_is(desk, alice, content):
    capture = upload(desk, alice, [content], filename="strange")
    assert (capture.state, read(capture.body)) == ("archived", content)


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"state": "lost"}, "capture_state_is_known"),
        ({"state": "archived"}, "archived_means_logged_and_packaged"),
        ({"failure_code": "timeout"}, "failed_means_there_is_a_reason"),
        ({"state": "failed", "failure_code": "timeout", "finished_at": T0}, "failed_means_logged"),
        ({"state": "fetching"}, "fetching_means_leased"),
        ({"lease_until": T0}, "fetching_means_leased"),
    ],
)
def test_the_database_refuses_a_capture_that_contradicts_itself(desk, alice, fields, rule):
    capture = request_capture(desk=desk, url=URL, by=alice, at=T0)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Capture.objects.filter(pk=capture.pk).update(**fields)


@pytest.mark.parametrize(
    "statement", ["UPDATE sources_text SET title = 'x'", "UPDATE sources_blob SET size = size + 1"]
)
def test_texts_and_blobs_cannot_be_rewritten(make_capture, sql, statement):
    make_capture()
    with pytest.raises(DatabaseError, match="never_changes"):
        sql(statement)


def open_package(capture):
    from sources.archive.storage import storage

    return storage().open(capture.package.path, "rb")
