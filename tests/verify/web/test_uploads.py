"""Files that somebody has: one or several, with or without the address they come from."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sources.archive.models import Capture
from sources.catalog.models import Document

pytestmark = pytest.mark.django_db
NEW = "/desk/uploads/new/"
URL = "http://wire.example/coast"


def file(name: str = "leak.txt", content: bytes = b"words") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def send(client: Any, *files: SimpleUploadedFile, **fields: Any) -> Any:
    return client.post(NEW, {"uploads": list(files), **fields})


def test_a_file_is_received_and_leads_to_its_capture(client, alice, desk):
    client.force_login(alice)
    response = send(client, file())
    capture = Capture.objects.get()
    assert response["Location"] == reverse("capture", args=[capture.pk])
    found = (
        capture.desk,
        capture.document,
        capture.kind,
        capture.state,
        capture.requested_by,
        capture.filename,
    )
    assert found == (desk, None, "upload", "archived", alice, "leak.txt")


def test_a_file_with_an_address_becomes_a_copy_of_its_document(client, alice):
    client.force_login(alice)
    send(client, file(), url=" HTTP://WIRE.example/coast", title="The coast")
    document = Document.objects.get()
    assert (document.url, document.title, document.captures.count()) == (URL, "The coast", 1)
    send(client, file("photo.png", b"other words"), url=URL, title="Another title")
    document.refresh_from_db()
    assert (document.title, document.captures.count()) == ("The coast", 2)


def test_several_files_at_once_are_several_captures(client, alice):
    client.force_login(alice)
    response = send(client, file("a.txt", b"a"), file("b.txt", b"b"), url=URL)
    assert response["Location"] == reverse("document", args=[Document.objects.get().pk])
    assert send(client, file("c.txt"), file("d.txt"))["Location"] == reverse("capture-list") + "?kind=upload"
    assert sorted(Capture.objects.values_list("filename", flat=True)) == ["a.txt", "b.txt", "c.txt", "d.txt"]


@pytest.mark.parametrize(
    ("files", "fields", "words"),
    [
        ([], {}, "This field is required"),
        ([("empty.txt", b"")], {}, "empty"),
        ([("big.bin", b"x" * 2000)], {}, "big.bin is larger than"),
        ([("a.txt", b"a")], {"url": "call me"}, "call me"),
        ([("a.txt", b"a")], {"url": "http://127.0.0.1:99999/"}, "port"),
        ([("a.txt", b"a")], {"title": "Leak"}, "at which address"),
    ],
)
def test_what_is_refused_says_why_keeps_what_was_typed_and_registers_nothing(
    client, alice, settings, files, fields, words
):
    settings.ARCHIVE_MAX_UPLOAD_BYTES = 1000
    client.force_login(alice)
    response = send(client, *(file(*each) for each in files), **fields)
    assert response.status_code == 422
    content = response.content.decode()
    assert words in content
    assert all(f'value="{value}"' in content for value in fields.values())
    assert not Capture.objects.exists()
    assert not Document.objects.exists()


def test_names_of_files_are_words_and_never_markup_or_paths(client, alice):
    client.force_login(alice)
    send(client, file("<b>نص</b>.txt"))
    capture = Capture.objects.get()
    assert "/" not in capture.filename
    assert "<b>" not in client.get(reverse("capture", args=[capture.pk])).content.decode()


def test_htmx_is_led_to_where_the_browser_would_be(client, alice):
    client.force_login(alice)
    asked = {"HX-Request": "true"}
    answer = client.post(NEW, {"uploads": [file()]}, headers=asked)
    assert answer["HX-Redirect"] == reverse("capture", args=[Capture.objects.get().pk])
    refused = client.post(NEW, {}, headers=asked)
    assert refused.status_code == 422
    assert "<html" not in refused.content.decode()
    assert 'aria-invalid="true"' in refused.content.decode()


def test_uploading_is_for_checkers_who_are_signed_in(client, dave):
    assert client.get(NEW)["Location"].startswith("/sign-in/")
    client.force_login(dave)
    assert client.get(NEW).status_code == client.post(NEW).status_code == 403


def test_the_form_knows_the_address_it_was_opened_with(client, alice):
    client.force_login(alice)
    assert f'value="{URL}"' in client.get(NEW, {"url": URL}).content.decode()
