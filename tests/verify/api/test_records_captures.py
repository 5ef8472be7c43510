"""Documents, watches, alerts, uploads, batches and captures through the API."""

from __future__ import annotations

import hashlib
import urllib.request
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture, Watch
from sources.archive.services import request_capture
from sources.catalog.models import BatchRow, Document
from verify.api.models import Scope

DESK = "/api/v1/desk/"
WEB = "http://wire.example/news"
BYTES = "application/octet-stream"


@pytest.fixture
def writer(caller: Any, alice: Any) -> Any:
    return caller(alice, Scope.READ, Scope.WRITE, Scope.CAPTURE)


@pytest.mark.django_db
def test_document_is_registered_once(writer, make_source):
    outlet = make_source("Wire", kind="outlet")
    given = {"url": f" {WEB}#part", "outlet": str(outlet.pk), "title": "News", "language": "en"}
    made, again = writer.post(f"{DESK}documents/", given), writer.post(f"{DESK}documents/", given)
    assert (made.status_code, again.status_code) == (201, 200), made.content
    document = Document.objects.get()
    assert (document.outlet, document.title) == (outlet, "News")
    assert made.json()["id"] == again.json()["id"] == str(document.pk)
    assert not Capture.objects.exists()
    assert writer.get(made.json()["links"]["self"]).json()["outlet"]["name"] == "Wire"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "url"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "http://wire.example/" + "ح" * 1000}, "url"),  # longer than a document's once it is ASCII
        ({"url": WEB, "outlet": str(uuid4())}, "outlet"),
        ({"url": WEB, "published_at": "yesterday"}, "published_at"),
        ({"url": WEB, "language": "x" * 13}, "language"),
    ],
)
def test_bad_document_is_refused_by_name(writer, is_problem, given, field):
    assert is_problem(writer.post(f"{DESK}documents/", given), 400)["errors"][0]["field"] == field
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_documents_are_filtered(writer, make_document, make_capture, make_source):
    wire = make_source("Wire")
    bare, kept = make_document(WEB, outlet=wire, title="News"), make_capture().document

    def found(**filters: Any) -> list[str]:
        return [row["id"] for row in writer.get(f"{DESK}documents/", filters).json()["results"]]

    assert (
        found(url=WEB)
        == found(q="news")
        == found(outlet=wire.pk)
        == found(archived="false")
        == [str(bare.pk)]
    )
    assert found(archived="true") == [str(kept.pk)] and len(found()) == 2


@pytest.mark.django_db
def test_watch_is_set_stopped_and_listed(writer, make_document, is_problem):
    url = f"{DESK}documents/{make_document().pk}/watch/"
    is_problem(writer.get(url), 404)
    given = {"mode": "page", "shortest": 600, "longest": 6000}
    assert writer.put(url, given).json()["interval"] == 600
    stopped = writer.put(url, {**given, "is_paused": True})
    assert stopped.json()["is_paused"] and Watch.objects.get().is_paused
    assert writer.get(f"{DESK}watches/", {"state": "running"}).json()["results"] == []
    assert writer.get(f"{DESK}watches/", {"state": "paused"}).json()["results"] == [stopped.json()]
    for wrong, field in (({"shortest": 1}, "shortest"), ({"longest": 300}, "longest")):
        assert is_problem(writer.put(url, {**given, **wrong}), 400)["errors"][0]["field"] == field


@pytest.mark.django_db
def test_file_is_registered_as_evidence(writer, alice, is_problem):
    content = b"He said it.\n" * 1000
    sent = writer.post(
        f"{DESK}uploads/?filename=a%20note.txt&url={WEB}&title=News", data=content, content_type=BYTES
    )
    assert sent.status_code == 201, sent.content
    capture = Capture.objects.get()
    assert capture.body_id == hashlib.sha256(content).hexdigest()
    assert (capture.filename, capture.requested_by, capture.document.url) == ("a note.txt", alice, WEB)
    assert sent.json()["entry"] == capture.entry_id and sent.json()["digests"]["body"] == capture.body_id
    found = writer.get(f"{DESK}uploads/", {"sha256": capture.body_id}).json()["results"]
    assert [row["id"] for row in found] == [str(capture.pk)]
    assert writer.get(f"{DESK}uploads/", {"sha256": "0" * 64}).json()["results"] == []


@pytest.mark.django_db
def test_file_under_one_key_is_registered_once(writer, is_problem):
    def send(content: bytes) -> Any:
        return writer.post(
            f"{DESK}uploads/?filename=a.txt",
            data=content,
            content_type=BYTES,
            headers={"Idempotency-Key": "k1"},
        )

    first, again = send(b"He said it."), send(b"He said it.")
    assert first.status_code == 201 and again.json() == first.json()
    assert Capture.objects.count() == 1
    is_problem(send(b"He said something else."), 422)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "content", "status", "field"),
    [
        ("", b"x", 400, "filename"),
        ("filename=a.txt", b"", 400, "file"),
        ("filename=a.txt&url=http://127.0.0.1/", b"x", 400, "url"),
        ("filename=a.txt&colour=red", b"x", 400, "colour"),
        ("filename=a.txt", b"x" * 101, 413, None),
    ],
)
def test_bad_upload_is_refused(writer, settings, is_problem, query, content, status, field):
    settings.ARCHIVE_MAX_UPLOAD_BYTES = 100
    body = is_problem(writer.post(f"{DESK}uploads/?{query}", data=content, content_type=BYTES), status)
    assert body.get("errors", [{"field": None}])[0]["field"] == field
    assert not Capture.objects.exists()


@pytest.mark.django_db
def test_upload_needs_its_scope_and_a_checker(caller, alice, dave, is_problem):
    url = f"{DESK}uploads/?filename=a.txt"
    for client in (caller(alice, Scope.READ, Scope.WRITE), caller(dave, Scope.CAPTURE)):
        is_problem(client.post(url, data=b"x", content_type=BYTES), 403)
    is_problem(caller(alice, Scope.CAPTURE).post(url, {"file": "x"}), 415)
    assert not Capture.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_half_a_file_is_no_evidence(web_server, caller, alice):
    """A sender who goes away in the middle; the server is a real one."""
    import socket
    from urllib.parse import urlsplit

    secret = caller(alice, Scope.CAPTURE)._credentials["HTTP_AUTHORIZATION"]
    where = urlsplit(web_server)
    head = (
        f"POST {DESK}uploads/?filename=a.txt HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: {secret}\r\n"
        f"Content-Type: {BYTES}\r\nContent-Length: 1000\r\n\r\n"
    )
    with socket.create_connection((where.hostname, where.port), timeout=30) as sock:
        sock.sendall(head.encode() + b"only this")
        sock.shutdown(socket.SHUT_WR)
        answer = sock.makefile("rb").read()
    assert b" 400 " in answer.split(b"\r\n")[0], answer
    assert b"9 of 1000" in answer and not Capture.objects.exists()
    whole = urllib.request.Request(
        f"{web_server}{DESK}uploads/?filename=a.txt",
        data=b"all of it",
        headers={"Authorization": secret, "Content-Type": BYTES},
    )
    with urllib.request.urlopen(whole, timeout=60) as response:
        assert response.status == 201
    assert Capture.objects.get().filename == "a.txt"


@pytest.mark.django_db
def test_failed_capture_is_tried_again_and_stays(writer, alice, desk, is_problem):
    now = timezone.now()
    failed = request_capture(desk=desk, url=WEB, by=alice, at=now)
    url = f"{DESK}captures/{failed.pk}/"
    is_problem(writer.post(f"{url}retry/"), 409)
    work.fail(work.take(failed.pk, at=now), FailureCode.TIMEOUT, "The server did not answer in time.", at=now)
    again = writer.post(f"{url}retry/")
    assert again.status_code == 202, again.content
    assert failed.retries.get().pk == Capture.objects.get(pk=again.json()["id"]).pk
    is_problem(writer.post(f"{url}stop/"), 400)
    stopped = writer.post(f"{DESK}captures/{again.json()['id']}/stop/")
    assert stopped.json()["failure"]["code"] == "given-up"


@pytest.mark.django_db
def test_batch_keeps_every_line_and_says_how_far_it_is(writer, is_problem):
    lines = [{"url": WEB, "title": "News"}, {"url": "http://127.0.0.1/"}, {"url": "two words"}]
    made = writer.post(f"{DESK}batches/", {"list": lines, "label": "Morning", "mode": "http"})
    assert made.status_code == 201, made.content
    assert (made.json()["total"], made.json()["refused"], made.json()["waiting"]) == (3, 2, 1)
    assert BatchRow.objects.count() == 3
    rows = writer.get(made.json()["links"]["rows"], {"outcome": "refused"}).json()["results"]
    assert [row["number"] for row in rows] == [2, 3] and all(row["refusal"] for row in rows)
    assert writer.post(f"{made.json()['links']['self']}retry/").json() == {"asked": 0}
    assert is_problem(writer.post(f"{DESK}batches/", {"list": []}), 400)["errors"][0]["field"] == "list"


@pytest.mark.django_db
def test_batch_of_too_many_lines_is_refused_by_name(writer, settings, is_problem):
    settings.ARCHIVE_BATCH_MAX_ROWS = 2
    body = is_problem(writer.post(f"{DESK}batches/", {"list": [{"url": WEB}] * 3}), 400)
    assert body["errors"][0]["field"] == "list" and not BatchRow.objects.exists()


@pytest.mark.django_db
def test_alert_is_seen_once_with_what_was_concluded(writer, caller, carol, make_capture, is_problem):
    from sources.archive.models import Change

    before = make_capture("He said it.")
    after = make_capture("He did not.", before.document)
    change = Change.objects.create(
        desk=before.desk,
        document=before.document,
        before=before,
        after=after,
        kind="edited",
        is_alert=True,
        detected_at=timezone.now(),
        entry=before.entry,
    )
    url, found = f"{DESK}changes/", {"state": "open", "document": str(before.document_id)}
    assert writer.get(url, found).json()["results"][0]["id"] == str(change.pk)
    for _again in range(2):
        seen = writer.post(f"{url}{change.pk}/seen/", {"note": "A typing error."})
        assert seen.json()["seen"]["note"] == "A typing error."
    assert writer.get(url, found).json()["results"] == []
    assert [row["id"] for row in writer.get(url, {"state": "seen"}).json()["results"]] == [str(change.pk)]
    is_problem(caller(carol, Scope.WRITE).post(f"{url}{change.pk}/seen/", {"note": "Mine."}), 400)
