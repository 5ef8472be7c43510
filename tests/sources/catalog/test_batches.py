"""Batches: stored first, then asked for row by row, by any number of workers, killed whenever."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture
from sources.catalog import batches, tasks
from sources.catalog.batches import read_file, read_list, request_batch, retry_failed, work_through
from sources.catalog.merging import merge
from sources.catalog.models import Batch, BatchRow, Document, SourceKind
from sources.catalog.services import add_alias, archive_document, upload_file
from tests.cast import T0, at_once
from verify.accounts.models import Membership

ONE, TWO, THREE = (f"http://wire.example/{n}" for n in (1, 2, 3))
db = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def send(desk: Any, alice: Any) -> Any:
    """`send(text)`: Alice sends a list."""

    def send(text: str, **fields: Any) -> Batch:
        fields = {"desk": desk, "label": "", "mode": "http", "by": alice, "at": T0} | fields
        return request_batch(rows=read_list(text), **fields)

    return send


def outcome(batch: Batch) -> list[tuple[int, bool, str]]:
    rows = batch.rows.order_by("number")
    return [(row.number, row.capture_id is not None, row.refusal) for row in rows]


def fail(capture: Capture) -> None:
    held = work.take(capture.pk, at=timezone.now())
    assert held is not None
    work.fail(held, FailureCode.TIMEOUT, "No answer came in time.", at=timezone.now())


@db
def test_every_row_is_stored_before_anything_is_asked_for(send):
    batch = send(f"{ONE}\n\n# comment\n{TWO} Toll rises\nnot an address")
    assert [(row.number, row.url, row.title) for row in batch.rows.all()] == [
        (1, ONE, ""),
        (4, TWO, "Toll rises"),
        (5, "not an address", ""),
    ]
    assert not Capture.objects.exists()


@db
def test_rows_become_documents_and_captures_or_sentences(send, desk):
    batch = send(f"url,title\n{ONE},Toll rises\nftp://wire.example/2,\nhttp://127.0.0.1/,\n,No address\n")
    work_through(batch_id=batch.pk, at=T0 + timedelta(seconds=3))
    first, *refused = batch.rows.order_by("number")
    assert (first.capture.url, first.capture.document.title, first.capture.mode) == (
        ONE,
        "Toll rises",
        "http",
    )
    assert all(row.refusal.endswith(".") and row.capture is None for row in refused)
    assert Document.objects.get(desk=desk).url == ONE


@db
def test_working_through_twice_asks_once(send):
    batch = send(f"{ONE}\n{TWO}")
    for _ in range(2):
        work_through(batch_id=batch.pk, at=T0)
    assert (Capture.objects.count(), batch.rows.filter(done_at=T0).count()) == (2, 2)


@db
def test_one_address_twice_is_one_capture_and_the_row_says_so(send):
    batch = send(f"{ONE}\n{TWO}\nHTTP://WIRE.example:80/1")
    work_through(batch_id=batch.pk, at=T0)
    first, _, third = batch.rows.order_by("number")
    assert (third.capture, third.note) == (first.capture, "The same address as in line 1.")
    assert Capture.objects.count() == 2


@db
def test_what_was_asked_for_within_a_minute_is_that_capture(send, desk, alice):
    capture = archive_document(desk=desk, url=ONE, by=alice, at=T0)
    batch = send(ONE)
    work_through(batch_id=batch.pk, at=T0 + timedelta(seconds=40))
    row = batch.rows.get()
    assert row.capture == capture
    assert "less than a minute" in row.note


@db
def test_outlet_is_found_by_name_or_alias_in_any_script(send, make_source, alice):
    agency = make_source("SANA", SourceKind.AGENCY)
    add_alias(source=agency, name="سانا", by=alice, language="ar")
    batch = send(f"url,outlet\n{ONE},سانا\n{TWO},sana\n{THREE},Nobody\n")
    work_through(batch_id=batch.pk, at=T0)
    rows = batch.rows.order_by("number")
    assert [row.capture.document.outlet for row in rows] == [agency, agency, None]
    assert [row.note for row in rows][:2] == ["", ""]
    assert "“Nobody”" in rows[2].note


@db
def test_outlet_that_is_registered_twice_is_the_one_that_stands(send, make_source, bob):
    duplicate, agency = make_source("Sana News", SourceKind.AGENCY), make_source("SANA", SourceKind.AGENCY)
    merge(source=duplicate, into=agency, by=bob, at=T0, why="One agency.")
    batch = send(f"url,outlet\n{ONE},Sana News\n{TWO},sana\n")
    work_through(batch_id=batch.pk, at=T0)
    assert [row.capture.document.outlet for row in batch.rows.order_by("number")] == [agency, agency]


@db
def test_outlet_is_never_a_person_nor_another_desks_nor_one_of_two(
    send, make_source, alice, mallory, other_desk
):
    make_source("Activist", SourceKind.PROTECTED_PERSON)
    make_source("Gulf Wire", SourceKind.OUTLET, desk=other_desk, by=mallory)
    for name in ("Coast TV", "Coast Radio"):
        add_alias(source=make_source(name, SourceKind.OUTLET), name="Coast", by=alice)
    batch = send(f"url,outlet\n{ONE},Activist\n{TWO},Gulf Wire\n{THREE},coast\n")
    work_through(batch_id=batch.pk, at=T0)
    assert [row.capture.document.outlet for row in batch.rows.all()] == [None, None, None]
    assert all(row.note for row in batch.rows.all())


@db
def test_what_the_document_says_already_stays(send, make_document):
    document = make_document(url=ONE, title="As registered")
    work_through(batch_id=send(f"{ONE} As typed").pk, at=T0)
    document.refresh_from_db()
    assert (document.title, BatchRow.objects.get().title) == ("As registered", "As typed")


@db
def test_who_left_the_desk_meanwhile_gets_a_refusal(send, alice):
    batch = send(ONE)
    Membership.objects.filter(user=alice).delete()
    work_through(batch_id=batch.pk, at=T0)
    [(_, captured, refusal)] = outcome(batch)
    assert not captured
    assert refusal
    assert not Document.objects.exists()


@db
def test_a_fault_of_ours_ends_a_row_and_not_the_batch(send, monkeypatch):
    real = batches.archive_document

    def broken(*, url: str, **fields: Any) -> Capture:
        if url == ONE:
            raise ZeroDivisionError
        return real(url=url, **fields)

    monkeypatch.setattr(batches, "archive_document", broken)
    batch = send(f"{ONE}\n{TWO}")
    work_through(batch_id=batch.pk, at=T0)
    assert [(captured, bool(refusal)) for _, captured, refusal in outcome(batch)] == [
        (False, True),
        (True, False),
    ]


@db
@pytest.mark.parametrize("text", ["", " \n\n", "# only a comment", "url,title\n"])
def test_a_list_without_rows_is_refused(text):
    with pytest.raises(ValidationError) as refusal:
        read_list(text)
    assert refusal.value.message_dict == {"list": ["There is no address in it."]}


@pytest.mark.parametrize(
    ("limits", "content", "word"),
    [
        ({"ARCHIVE_BATCH_MAX_ROWS": 1}, f"{ONE}\n{TWO}", "up to 1"),
        ({"ARCHIVE_BATCH_MAX_BYTES": 2**20}, "ا" * (2**19 + 1), "1 MiB"),
        ({}, 'url,title\nhttp://a.example/,"open', "line 2"),
    ],
)
def test_a_list_over_a_limit_or_unreadable_is_refused_with_a_sentence(settings, limits, content, word):
    for name, value in limits.items():
        setattr(settings, name, value)
    with pytest.raises(ValidationError) as refusal:
        read_list(content)
    assert word in refusal.value.message_dict["list"][0]


@pytest.mark.parametrize(
    ("content", "word"), [(b"\x89PNG\r\n\x1a\n\xff\xfe\xfd", "UTF-8"), (b"a" * (2 * 2**20 + 1), "2 MiB")]
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(content, word):
    with pytest.raises(ValidationError) as refusal:
        read_file(content)
    assert word in refusal.value.message_dict["file"][0]


def test_a_guessed_encoding_is_named():
    text, sentence = read_file(
        "url,title\nhttp://a.example/1,وزارة الدفاع تعلن انتهاء العملية\n".encode("cp1256")
    )
    assert "وزارة" in text
    assert "Windows-1256" in sentence


@db
def test_viewers_and_strangers_send_no_batch(send, dave, mallory):
    for person in (dave, mallory):
        with pytest.raises(PermissionDenied):
            send(ONE, by=person)
    assert not Batch.objects.exists()


@db
def test_batches_are_seen_by_their_desk_alone(send, alice, mallory):
    batch = send(ONE)
    assert list(Batch.objects.visible_to(alice)) == [batch]
    assert not Batch.objects.visible_to(mallory).exists()


@db
def test_progress_counts_each_row_once(send, alice):
    batch = send(f"{ONE}\n{TWO}\n{THREE}\n{ONE}\nnothing here")
    work_through(batch_id=batch.pk, at=T0)
    for row in batch.rows.filter(number=2):
        fail(row.capture)
    found = Batch.objects.with_progress().get()
    counts = (found.total, found.dealt_with, found.refused, found.archived, found.failed, found.waiting)
    assert counts == (5, 5, 1, 0, 1, 3)


@db
def test_retry_asks_again_for_what_failed_and_nothing_else(send, alice):
    batch = send(f"{ONE}\n{TWO}\n{ONE}")
    work_through(batch_id=batch.pk, at=T0)
    failed = batch.rows.get(number=1).capture
    fail(failed)
    later = T0 + timedelta(hours=1)
    assert retry_failed(batch=batch, by=alice, at=later) == 1
    first, second, third = batch.rows.order_by("number")
    assert first.capture == third.capture == Capture.objects.get(retry_of=failed)
    assert second.capture.retry_of is None
    assert retry_failed(batch=batch, by=alice, at=later) == 0


@db
def test_retry_leads_to_what_somebody_tried_again_already(send, desk, alice):
    batch = send(ONE)
    work_through(batch_id=batch.pk, at=T0)
    failed = batch.rows.get().capture
    fail(failed)
    again = batches.archive.request_capture(
        desk=desk, url=ONE, by=alice, at=T0, document_id=failed.document_id, retry_of=failed, force=True
    )
    assert retry_failed(batch=batch, by=alice, at=T0) == 0
    assert batch.rows.get().capture == again


@db
def test_retry_is_for_checkers_of_the_desk(send, dave, mallory):
    batch = send(ONE)
    for person in (dave, mallory):
        with pytest.raises(PermissionDenied):
            retry_failed(batch=batch, by=person, at=T0)


@db
def test_the_sweeper_finds_what_was_left_behind(send):
    batch, done = send(ONE), send(TWO)
    work_through(batch_id=done.pk, at=T0)
    assert batches.sweep(at=T0 + timedelta(seconds=10)) == []
    assert batches.sweep(at=T0 + timedelta(seconds=31)) == [batch.pk]


@db
def test_a_file_with_an_address_is_a_copy_of_its_document(desk, alice):
    fields = {"desk": desk, "content": [b"words"], "filename": "a.txt", "by": alice, "at": T0}
    capture = upload_file(url=" HTTP://wire.example/1 ", title="Toll", **fields)
    assert (capture.document.url, capture.document.title, capture.url) == (ONE, "Toll", ONE)
    assert upload_file(**fields).document is None
    with pytest.raises(ValidationError):
        upload_file(url="call me", **fields)
    assert Capture.objects.count() == 2


@committed
def test_several_workers_share_a_batch(send):
    batch = send("\n".join(f"http://wire.example/{n % 20}" for n in range(40)))

    def go() -> None:
        for _ in range(9):  # who meets a deadlock leaves; the sweeper sends somebody again
            work_through(batch_id=batch.pk, at=T0)

    at_once(*[go] * 4)
    assert not batch.rows.filter(done_at__isnull=True).exists()
    assert not batch.rows.exclude(refusal="").exists()
    assert Capture.objects.count() == Document.objects.count() == 20


@committed
def test_two_presses_of_the_button_ask_once(send, alice):
    batch = send(ONE)
    work_through(batch_id=batch.pk, at=T0)
    fail(batch.rows.get().capture)
    asked = at_once(*[lambda: retry_failed(batch=batch, by=alice, at=T0)] * 3)
    assert sorted(asked) == [0, 0, 1]


@committed
def test_a_list_that_is_taken_back_rings_for_nobody(send, monkeypatch):
    rung: list[Any] = []
    monkeypatch.setattr(batches, "ring", rung.append)
    with transaction.atomic():
        send(ONE)
        assert rung == []
        transaction.set_rollback(True)
    assert rung == []
    batch = send(ONE)
    assert rung == [batch.pk]


@committed
@pytest.mark.slow
def test_a_batch_outlives_its_worker_and_its_message(send, start_worker, empty_queue, wait_until, desk):
    worker = start_worker()
    batch = send("\n".join(f"http://wire.example/{n}" for n in range(120)), at=timezone.now())
    wait_until(lambda: batch.rows.filter(done_at__isnull=False).exists())
    os.killpg(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    empty_queue()
    left = batch.rows.filter(done_at__isnull=True).count()
    assert left
    start_worker()
    assert batches.sweep(at=timezone.now() + timedelta(minutes=1)) == [batch.pk]
    tasks.sweep_batches.delay()  # finds nothing: the batch is younger than the sweeper's patience
    tasks.batch.delay(str(batch.pk))
    wait_until(lambda: not batch.rows.filter(done_at__isnull=True).exists(), 90)
    assert Capture.objects.filter(desk=desk).count() == 120
    assert not batch.rows.exclude(refusal="").exists()
