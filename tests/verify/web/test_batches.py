"""Batches: a list is sent, comes back with its faults, is watched and tried again; by its own desk alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from sources.archive import work
from sources.archive.exchange import FailureCode
from sources.archive.models import Capture
from sources.catalog.batches import read_list, request_batch, work_through
from sources.catalog.models import Batch, Document
from tests.cast import T0

pytestmark = pytest.mark.django_db
NEW = "/desk/batches/new/"
ONE, TWO, THREE = (f"http://wire.example/{n}" for n in (1, 2, 3))


@pytest.fixture
def batch(desk: Any, alice: Any) -> Any:
    """`batch(text)`: a list that Alice sent and a worker went through."""

    def batch(text: str, *, done: bool = True) -> Batch:
        rows = read_list(text)
        sent = request_batch(desk=desk, rows=rows, label="Morning", mode="http", by=alice, at=T0)
        if done:
            work_through(batch_id=sent.pk, at=T0)
        return sent

    return batch


def fail(capture: Capture) -> None:
    held = work.take(capture.pk, at=timezone.now())
    assert held is not None
    work.fail(held, FailureCode.NAME_NOT_RESOLVED, "No such host.", at=timezone.now())


def send(client: Any, text: str = "", **fields: Any) -> Any:
    return client.post(NEW, {"list": text, "mode": "http", **fields})


def page(batch: Batch) -> str:
    return reverse("batch", args=[batch.pk])


def test_pasted_lines_become_a_batch(client, alice):
    client.force_login(alice)
    response = send(client, f"{ONE} Toll rises\r\n\r\n{TWO}", label="Morning")
    batch = Batch.objects.get()
    assert response["Location"] == page(batch)
    assert (batch.label, batch.mode, batch.requested_by, batch.rows.count()) == ("Morning", "http", alice, 2)


def test_a_csv_file_becomes_a_batch(client, alice):
    client.force_login(alice)
    content = f"url;title\n{ONE};وزارة الدفاع تعلن انتهاء العملية\n".encode("cp1256")
    response = client.post(
        NEW, {"mode": "page", "file": SimpleUploadedFile("list.csv", content)}, follow=True
    )
    assert "Windows-1256" in response.content.decode()
    assert Batch.objects.get().rows.get().title.startswith("وزارة")


def test_faulty_lines_are_named_and_what_was_typed_stays(client, alice):
    client.force_login(alice)
    response = send(client, f"{ONE}\nftp://wire.example/2\n<b>call</b> them")
    content = response.content.decode()
    assert response.status_code == 422
    for words in (
        "2 of 3 lines",
        "&lt;b&gt;call&lt;/b&gt; them",
        "ftp://wire.example/2",
        "There is no address",
        ONE,
    ):
        assert words in content
    assert not Batch.objects.exists()
    assert send(client, f"{ONE}\nftp://wire.example/2", anyway="on").status_code == 302
    assert Batch.objects.get().rows.exclude(refusal="").count() == 1


def test_a_faulty_file_comes_back_as_text_that_can_be_put_right(client, alice):
    client.force_login(alice)
    file = SimpleUploadedFile("list.csv", f'url,title\n{ONE},"open\n'.encode())
    response = client.post(NEW, {"mode": "http", "file": file})
    assert response.status_code == 422
    content = response.content.decode()
    assert f"url,title\n{ONE},&quot;open" in content
    assert "line 2" in content


@pytest.mark.parametrize("text", ["", "# nothing", "call them\nand them"])
def test_a_list_without_addresses_is_refused_even_if_one_insists(client, alice, text):
    client.force_login(alice)
    assert send(client, text, anyway="on").status_code == 422
    assert not Batch.objects.exists()


def test_paste_and_file_at_once_are_refused(client, alice):
    client.force_login(alice)
    response = send(client, ONE, file=SimpleUploadedFile("list.csv", TWO.encode()))
    assert response.status_code == 422
    assert "Send one of the two" in response.content.decode()


def test_batch_shows_what_became_of_each_line(client, dave, batch):
    sent = batch(f"{ONE} <i>Toll</i>\n{TWO}\n{ONE}\ncall them")
    fail(sent.rows.get(number=2).capture)
    client.force_login(dave)
    content = client.get(page(sent)).content.decode()
    row = sent.rows.get(number=1)
    for words in (
        reverse("document", args=[row.capture.document_id]), reverse("capture", args=[row.capture_id]), "no such host",
        "The same address as in line 1.", "There is no address", "2 of 4 lines are at their end", "&lt;i&gt;Toll",
    ):  # fmt: skip
        assert words in content
    assert "Try the failed" not in content


@pytest.mark.parametrize(
    ("outcome", "numbers"),
    [("", [1, 2, 3]), ("failed", [2]), ("refused", [3]), ("waiting", [1]), ("nonsense", [1, 2, 3])],
)
def test_lines_are_filtered_by_outcome_in_the_address(client, dave, batch, outcome, numbers):
    sent = batch(f"{ONE}\n{TWO}\ncall them")
    fail(sent.rows.get(number=2).capture)
    client.force_login(dave)
    rows = client.get(page(sent), {"outcome": outcome}).context["page"]
    assert [row.number for row in rows] == numbers


def test_progress_is_a_fragment_until_the_end_and_then_the_page_anew(client, dave, batch):
    sent = batch(ONE)
    client.force_login(dave)
    asked = {"headers": {"HX-Request": "true"}}
    content = client.get(page(sent), **asked).content.decode()
    assert "<html" not in content
    assert f'hx-get="{page(sent)}"' in content
    fail(sent.rows.get().capture)
    assert client.get(page(sent), **asked)["HX-Refresh"] == "true"
    assert f'hx-get="{page(sent)}"' not in client.get(page(sent)).content.decode()


def test_what_failed_is_asked_for_again(client, alice, dave, batch):
    sent = batch(f"{ONE}\n{TWO}")
    fail(sent.rows.get(number=1).capture)
    client.force_login(dave)
    assert client.post(page(sent)).status_code == 403
    client.force_login(alice)
    assert "1 capture is asked for again." in client.post(page(sent), follow=True).content.decode()
    assert sent.rows.get(number=1).capture.state == "queued"
    assert "nothing that failed" in client.post(page(sent), follow=True).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_batch_asks_the_same_for_one_and_three(client, dave, batch, django_assert_num_queries, rows):
    sent = batch("\n".join([ONE, TWO, THREE][:rows]))
    client.force_login(dave)
    with django_assert_num_queries(
        7
    ):  # session, person, desks, batch with counts, how many rows, rows, the inbox
        client.get(page(sent))


@pytest.mark.parametrize("rows", [1, 3])
def test_batch_list_asks_the_same_for_one_and_three(client, dave, batch, django_assert_num_queries, rows):
    for _ in range(rows):
        batch(f"{ONE}\n{TWO}\ncall them")
    client.force_login(dave)
    with django_assert_num_queries(
        6
    ):  # session, person, desks, how many, the page with its counts, the inbox
        content = client.get(reverse("batch-list")).content.decode()
    assert content.count("Morning") == rows


def test_batch_list_is_newest_first_paged_and_the_desks_own(client, dave, mallory, desk, alice):
    for n in range(26):
        request_batch(
            desk=desk,
            rows=read_list(ONE),
            label=f"L{n:02}",
            mode="http",
            by=alice,
            at=T0 + timedelta(minutes=n),
        )
    client.force_login(dave)
    pages = [client.get(reverse("batch-list"), {"page": n}).context["page"] for n in (1, 2)]
    assert ([len(found) for found in pages], pages[0][0].label) == ([25, 1], "L25")
    client.force_login(mallory)
    assert "L25" not in client.get(reverse("batch-list")).content.decode()


def test_who_sends_to_another_desk_sends_to_her_own(client, mallory, other_desk, batch):
    client.force_login(mallory)
    send(client, ONE)
    sent = Batch.objects.get()
    work_through(batch_id=sent.pk, at=T0)
    assert sent.desk == Document.objects.get().desk == other_desk
