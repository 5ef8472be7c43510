"""Documents: list, registration by address, and the page with captures, archived text, anchors and differences."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from claims.attribution.services import anchor_quote
from sources.archive.models import Capture
from sources.archive.services import request_capture
from sources.catalog.models import Document
from tests.cast import ARTICLE, T0

pytestmark = pytest.mark.django_db

LIST, NEW = "/desk/documents/", "/desk/documents/new/"
URL = "https://wire.example/coast"


def page(document: Document) -> str:
    return reverse("document", args=[document.pk])


def shown_text(response: Any) -> str:
    """What a browser would take for the archived text: positions are counted in exactly this."""
    inner = re.search(r"data-anchor-text[^>]*>(.*?)</div>", response.content.decode(), re.S).group(1)
    return html.unescape(re.sub(r"<[^>]*>", "", inner))


@pytest.mark.parametrize("url", [LIST, NEW, f"/desk/documents/{UUID(int=1)}/"])
def test_document_pages_ask_to_sign_in(client, db, url):
    response = client.get(url)
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=")


def test_document_list_holds_the_own_desk_alone(client, dave, make_document, mallory, other_desk):
    make_document(title="Ours")
    make_document(title="Theirs", desk=other_desk, by=mallory)
    client.force_login(dave)
    html = client.get(LIST).content.decode()
    assert "Ours" in html
    assert "Theirs" not in html


def test_document_list_filters(client, alice, make_source, make_document, make_capture):
    outlet = make_source("Radio Coast")
    make_capture(document=make_document(title="First wave", outlet=outlet))
    make_document(title="Second wave", url="http://wire.example/second")
    client.force_login(alice)

    def titles(**query):
        return sorted(document.title for document in client.get(LIST, query).context["page"])

    assert titles(q="wave") == ["First wave", "Second wave"]
    assert titles(q="example/second") == ["Second wave"]
    assert titles(outlet=outlet.pk) == ["First wave"]
    assert titles(state="archived") == ["First wave"]
    assert titles(state="failed") == []
    assert len(titles(outlet="nonsense", q="\x00")) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_document_list_asks_the_same_for_one_and_three(
    client, alice, make_source, make_document, make_capture, django_assert_num_queries, rows
):
    for _ in range(rows):
        make_capture(document=make_document(outlet=make_source()))
    client.force_login(alice)
    # session, person, desks, how many, the page, outlets to filter by, the inbox
    with django_assert_num_queries(7):
        client.get(LIST)


def test_new_document_is_registered_and_queued(
    client, alice, desk, make_source, django_capture_on_commit_callbacks
):
    outlet = make_source("Radio Coast", kind="outlet")
    client.force_login(alice)
    response = client.post(
        NEW, {"url": " HTTPS://Wire.example:443/coast#top ", "outlet": outlet.pk, "mode": "page"}
    )
    document, capture = Document.objects.get(), Capture.objects.get()
    assert response["Location"] == page(document)
    assert (document.url, document.outlet, document.created_by) == (URL, outlet, alice)
    assert (capture.document, capture.url, capture.mode, capture.state) == (document, URL, "page", "queued")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://wire.example/",
        "http://127.0.0.1/",
        "http://u:p@wire.example/",
        "http://[::1]/",
        "http://x\x00/",
    ],
)
def test_new_document_with_a_bad_address_says_why_and_keeps_it(client, alice, url):
    client.force_login(alice)
    response = client.post(NEW, {"url": url, "mode": "http"})
    assert response.status_code == 422
    assert response.context["form"].errors["url"]
    assert html.escape(url) in response.content.decode()
    assert not Document.objects.exists()
    assert not Capture.objects.exists()


def test_new_document_that_is_there_gets_another_capture(client, alice, make_capture):
    capture = make_capture(url=URL)
    client.force_login(alice)
    response = client.post(NEW, {"url": URL, "mode": "http"})
    assert response["Location"] == page(capture.document)
    assert capture.document.captures.count() == 2


def test_new_document_needs_a_checker(client, dave):
    client.force_login(dave)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, {"url": URL, "mode": "http"}).status_code == 403


def test_new_document_takes_an_address_along(client, alice):
    client.force_login(alice)
    assert f'value="{URL}"' in client.get(NEW, {"url": URL}).content.decode()


def test_document_page_is_not_there_for_another_desk(client, mallory, make_capture):
    document = make_capture().document
    client.force_login(mallory)
    assert client.get(page(document)).status_code == 404
    for name in ("capture-new", "upload-new"):
        assert client.post(reverse(name, args=[document.pk]), {"mode": "http"}).status_code == 404


def test_document_page_has_no_forms_for_a_viewer(client, dave, make_capture):
    document = make_capture().document
    client.force_login(dave)
    assert "upload/" not in client.get(page(document)).content.decode()
    for name in ("capture-new", "upload-new"):
        assert client.post(reverse(name, args=[document.pk]), {"mode": "http"}).status_code == 403


def test_archived_text_stands_in_the_page_as_it_is(client, alice, make_capture):
    capture = make_capture("<script>alert(1)</script> & “quoted”\n\n  عربي 𝔘  \nend")
    client.force_login(alice)
    response = client.get(page(capture.document))
    assert shown_text(response) == capture.texts.get().content
    assert "<script>alert" not in response.content.decode()


def test_anchored_quotes_are_marked_also_where_they_overlap(
    client, alice, make_capture, make_claim, make_assertion
):
    capture = make_capture()
    text, assertion = capture.texts.get(), make_assertion(make_claim(), document=capture.document)
    quotes = ["around 745 civilians were killed", "745 civilians were killed in 30 massacres", "spokesperson"]
    anchors = [anchor_quote(assertion=assertion, text=text, quote=quote, by=alice, at=T0) for quote in quotes]
    client.force_login(alice)
    response = client.get(page(capture.document))
    assert shown_text(response) == text.content
    content = response.content.decode()
    assert all(content.count(f'id="anchor-{anchor.pk}"') == 1 for anchor in anchors)
    marked = re.findall(r"<mark[^>]*>(.*?)</mark>", content)
    assert marked == ["around ", "745 civilians were killed", " in 30 massacres", "spokesperson"]


def test_document_page_shows_the_chosen_capture(client, alice, make_document, make_capture):
    document = make_document()
    old, new = make_capture("The old words.", document), make_capture("The new words.", document)
    Capture.objects.filter(pk=new.pk).update(requested_at=timezone.now())
    client.force_login(alice)
    assert shown_text(client.get(page(document))) == "The new words."
    assert shown_text(client.get(page(document), {"capture": old.pk})) == "The old words."
    for wrong in (uuid4(), "nonsense", make_capture("Another's words.").pk):
        assert client.get(page(document), {"capture": wrong}).status_code == 404


def test_changed_text_is_noticed_and_shown_side_by_side(client, alice, make_document, make_capture):
    document = make_document()
    old = make_capture("Same first.\n\nAt least 30 were killed.\n\nGone later.", document)
    new = make_capture("Same first.\n\nAt least 45 were killed.", document)
    Capture.objects.filter(pk=new.pk).update(requested_at=timezone.now())
    client.force_login(alice)
    assert "The text differs" in client.get(page(document)).content.decode()
    content = client.get(page(document), {"capture": new.pk, "against": old.pk}).content.decode()
    assert "<del>30</del>" in content
    assert "<ins>45</ins>" in content
    assert "<del>Gone later.</del>" in content


def test_unchanged_text_is_no_notice(client, alice, make_document, make_capture):
    document = make_document()
    make_capture(document=document)
    Capture.objects.filter(pk=make_capture(document=document).pk).update(requested_at=timezone.now())
    client.force_login(alice)
    assert "The text differs" not in client.get(page(document)).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_document_page_asks_the_same_for_one_and_three(
    client, alice, make_document, make_capture, make_claim, make_assertion, django_assert_num_queries, rows
):
    document = make_document()
    for _ in range(rows):
        capture = make_capture(document=document)
    for quote in ["around 745 civilians", "We cannot confirm", "a spokesperson"][:rows]:
        assertion = make_assertion(make_claim(), document=document)
        anchor_quote(assertion=assertion, text=capture.texts.get(), quote=quote, by=alice, at=T0)
    client.force_login(alice)
    # session, person, desks, document, capture, renditions, text, captures (how many, page, renditions), checkpoint,
    # anchors, the text before, assertions to choose from, the inbox; the forms ask nothing
    with django_assert_num_queries(15):
        client.get(page(document), {"capture": capture.pk})


def test_error_page_is_told_and_does_not_take_the_documents_place(client, alice, make_document, make_capture):
    document = make_document()
    make_capture("The document.", document)
    gone = make_capture("410 Gone", document)
    Capture.objects.filter(pk=gone.pk).update(requested_at=timezone.now(), http_status=410)
    client.force_login(alice)
    response = client.get(page(document))
    assert shown_text(response) == "The document."
    assert "answered with HTTP 410" in response.content.decode()
    assert shown_text(client.get(page(document), {"capture": gone.pk})) == "410 Gone"


def test_capture_again_queues_and_says_when_it_was_just_asked(client, alice, make_document):
    document = make_document(url=URL)
    client.force_login(alice)
    again = reverse("capture-new", args=[document.pk])
    client.post(again, {"mode": "http"})
    response = client.post(again, {"mode": "http"}, follow=True)
    assert document.captures.count() == 1
    assert "less than a minute ago" in response.content.decode()
    assert client.post(again, {"mode": "nonsense"}).status_code == 422


def test_upload_is_archived_at_once(client, alice, make_document):
    document = make_document()
    client.force_login(alice)
    upload = reverse("upload-new", args=[document.pk])
    response = client.post(upload, {"file": SimpleUploadedFile("copy.txt", ARTICLE.encode())}, follow=True)
    assert shown_text(response) == ARTICLE
    assert document.captures.get().kind == "upload"


def test_upload_that_is_empty_or_too_large_is_refused(client, alice, make_document, settings):
    settings.ARCHIVE_MAX_UPLOAD_BYTES = 10
    document = make_document()
    client.force_login(alice)
    for content in (b"", b"eleven byte"):
        response = client.post(
            reverse("upload-new", args=[document.pk]), {"file": SimpleUploadedFile("a.txt", content)}
        )
        assert response.status_code == 422
        assert "file" in response.context["upload_form"].errors
    assert not document.captures.exists()


def test_running_capture_is_polled_and_reloads_a_page_without_text(client, alice, make_document, desk):
    document = make_document(url=URL)
    capture = request_capture(desk=desk, url=URL, by=alice, at=timezone.now(), document_id=document.pk)
    client.force_login(alice)
    content = client.get(page(document)).content.decode()
    assert f'hx-get="/desk/captures/{capture.pk}/?then=refresh"' in content


def test_document_page_shows_how_far_the_proof_is(client, alice, make_capture):
    capture = make_capture()
    client.force_login(alice)
    content = client.get(page(capture.document)).content.decode()
    assert f"entry {capture.entry_id}, in no checkpoint yet" in content
    assert content.count("not yet") == 2
