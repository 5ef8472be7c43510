"""Documents: list, registration by address, and the page with captures, archived text, anchors and differences."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from claims.attribution.services import anchor_quote
from sources.archive import storage
from sources.archive.models import Capture, Rendition
from sources.archive.services import request_capture
from sources.catalog.models import Document
from tests.cast import ARTICLE, PASSWORD, T0
from tests.recaptures import fetched, recaptured

pytestmark = pytest.mark.django_db

LIST, NEW = "/desk/documents/", "/desk/documents/new/"
URL = "https://wire.example/coast"


def path(document: Document) -> str:
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
    assert response["Location"] == path(document)
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
    assert response["Location"] == path(capture.document)
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
    assert client.get(path(document)).status_code == 404
    for name in ("capture-new", "upload-new"):
        assert client.post(reverse(name, args=[document.pk]), {"mode": "http"}).status_code == 404


def test_document_page_has_no_forms_for_a_viewer(client, dave, make_capture):
    document = make_capture().document
    client.force_login(dave)
    assert "upload/" not in client.get(path(document)).content.decode()
    for name in ("capture-new", "upload-new"):
        assert client.post(reverse(name, args=[document.pk]), {"mode": "http"}).status_code == 403


def test_archived_text_stands_in_the_page_as_it_is(client, alice, make_capture):
    capture = make_capture("<script>alert(1)</script> & “quoted”\n\n  عربي 𝔘  \nend")
    client.force_login(alice)
    response = client.get(path(capture.document))
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
    response = client.get(path(capture.document))
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
    assert shown_text(client.get(path(document))) == "The new words."
    assert shown_text(client.get(path(document), {"capture": old.pk})) == "The old words."
    for wrong in (uuid4(), "nonsense", make_capture("Another's words.").pk):
        assert client.get(path(document), {"capture": wrong}).status_code == 404


def test_changed_text_is_noticed_and_shown_side_by_side(client, alice, make_document, make_capture):
    document = make_document()
    old = make_capture("Same first.\n\nAt least 30 were killed.\n\nGone later.", document)
    new = make_capture("Same first.\n\nAt least 45 were killed.", document)
    Capture.objects.filter(pk=new.pk).update(requested_at=timezone.now())
    client.force_login(alice)
    assert "The text differs" in client.get(path(document)).content.decode()
    content = client.get(path(document), {"capture": new.pk, "against": old.pk}).content.decode()
    assert "<del>30</del>" in content
    assert "<ins>45</ins>" in content
    assert "<del>Gone later.</del>" in content


def test_unchanged_text_is_no_notice(client, alice, make_document, make_capture):
    document = make_document()
    make_capture(document=document)
    Capture.objects.filter(pk=make_capture(document=document).pk).update(requested_at=timezone.now())
    client.force_login(alice)
    assert "The text differs" not in client.get(path(document)).content.decode()


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
    # session, person, desks, document with its watch, history, capture, renditions, text, captures (how many, page,
    # renditions), checkpoint, changes, other archives (copies, requests), one with a picture, anchors, looks at them,
    # marked places, near-identical texts (twice), assertions to choose from, the inbox; the forms ask nothing
    with django_assert_num_queries(24):
        client.get(path(document), {"capture": capture.pk})


def test_error_page_is_told_and_does_not_take_the_documents_place(client, alice, make_document, make_capture):
    document = make_document()
    make_capture("The document.", document)
    gone = make_capture("410 Gone", document)
    Capture.objects.filter(pk=gone.pk).update(requested_at=timezone.now(), http_status=410)
    client.force_login(alice)
    response = client.get(path(document))
    assert shown_text(response) == "The document."
    assert "answered with HTTP 410" in response.content.decode()
    assert shown_text(client.get(path(document), {"capture": gone.pk})) == "410 Gone"


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
    content = client.get(path(document)).content.decode()
    assert f'hx-get="/desk/captures/{capture.pk}/?then=refresh"' in content


def test_document_page_shows_how_far_the_proof_is(client, alice, make_capture):
    capture = make_capture()
    client.force_login(alice)
    content = client.get(path(capture.document)).content.decode()
    assert f"entry {capture.entry_id}, in no checkpoint yet" in content
    assert content.count("not yet") == 2


def test_captures_stand_on_a_line_of_time_by_outcome(client, alice, make_document, make_capture):
    document = make_document()
    first = fetched(make_capture("One two three.", document), hours=0)
    edited = recaptured(make_capture, first, "One two three four five six.", hours=30)
    gone = recaptured(make_capture, first, "410", hours=60, status=410)
    client.force_login(alice)
    response = client.get(path(document))
    lanes = {each["lane"].outcome: each["lane"] for each in response.context["line"]["lanes"]}
    assert list(lanes) == ["gone", "changed", "archived"]
    assert lanes["gone"].marks[0].first.id == str(gone.after_id)
    content = response.content.decode()
    drawing = re.search(r'<svg class="time-line".*?</desc>', content, re.S)[0]
    assert "Gone: 1, Text changed: 1, Archived: 1" in re.sub(r"\s+", " ", drawing)
    assert (
        f'<a href="?capture={edited.after_id}"><title>10 Mar 2025 16:00 UTC: Text changed</title>' in content
    )
    assert "style=" not in content


def test_line_of_time_runs_from_the_right_in_arabic(client, alice, make_document, make_capture):
    document = make_document()
    first = fetched(make_capture("One two three.", document), hours=0)
    recaptured(make_capture, first, "One two three.", hours=30)
    client.force_login(alice)
    client.cookies["django_language"] = "ar"
    response = client.get(path(document))
    assert [mark.x for mark in response.context["line"]["lanes"][0]["lane"].marks] == [97.0, 3.0]
    assert '<svg x="97.0%"' in response.content.decode()


def test_any_two_captures_can_be_chosen_to_compare(client, alice, make_document, make_capture):
    document = make_document()
    copies = [fetched(make_capture(f"Version {n}.", document), hours=n) for n in range(3)]
    client.force_login(alice)
    content = client.get(path(document)).content.decode()
    for name, chosen in (("against", copies[1]), ("capture", copies[2])):
        choices = re.search(f'<select[^>]*name="{name}">(.*?)</select>', content, re.S)[1]
        assert all(str(copy.pk) in choices for copy in copies)
        assert f'value="{chosen.pk}" selected' in choices and choices.count("selected") == 1
    content = client.get(path(document), {"capture": copies[0].pk, "against": copies[2].pk}).content.decode()
    assert "<del>2</del>" in content and "<ins>0</ins>" in content


def put_on_screen(capture: Any, kind: str, content: bytes) -> None:
    blob = storage.store(content, media_type="application/json", at=timezone.now())
    Rendition.objects.create(capture=capture, kind=kind, blob=blob, media_type=blob.media_type)


def test_quotations_are_marked_on_the_screenshot(client, alice, researched_claim):
    anchor = researched_claim.assertions.get().anchors.get()
    capture = anchor.text.capture
    boxes = [[word, 10 * n, 20, 9, 15] for n, word in enumerate(ARTICLE.split())]
    layout = {"version": 1, "width": 1280, "height": 900, "words": boxes}
    put_on_screen(capture, "layout", json.dumps(layout).encode())
    put_on_screen(capture, "screenshot", b"picture")
    client.force_login(alice)
    content = client.get(path(capture.document)).content.decode()
    drawn = re.search(r'<svg class="marks-on-picture" viewBox="0 0 1280 900".*?</svg>', content, re.S)[0]
    assert f'<a id="shown-{anchor.pk}" href="#anchor-{anchor.pk}">' in drawn
    # its nine words from the sixth on, one stretch, with two pixels of air
    assert '<rect x="48" y="18" width="83" height="19"/>' in drawn and drawn.count("<rect") == 1
    assert f'href="#shown-{anchor.pk}"' in content


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b"\xff", b'{"version": 1, "words": 7}'])
def test_layout_that_is_none_leaves_the_picture_as_it_is(client, alice, researched_claim, content):
    capture = researched_claim.assertions.get().anchors.get().text.capture
    put_on_screen(capture, "layout", content)
    put_on_screen(capture, "screenshot", b"picture")
    client.force_login(alice)
    response = client.get(path(capture.document))
    assert response.status_code == 200 and response.context["screen"] is None


def test_quotation_that_is_lost_is_told_at_the_document_and_at_the_claim(
    client, alice, researched_claim, make_capture
):
    anchor = researched_claim.assertions.get().anchors.get()
    before = fetched(anchor.text.capture, hours=0)
    change = recaptured(make_capture, before, ARTICLE.replace("745", "845"))
    link = f"{reverse('change', args=[change.pk])}#quote-{anchor.pk}"
    client.force_login(alice)
    assert link in client.get(path(before.document), {"capture": before.pk}).content.decode()
    claim = reverse("claim", args=[researched_claim.pk])
    content = client.get(claim).content.decode()
    assert link in content and "It reads otherwise in the newest copy." in content
    recaptured(make_capture, before, ARTICLE, hours=9)
    assert link not in client.get(claim).content.decode()


def test_near_identical_text_of_another_document_is_named(client, alice, make_document, make_capture):
    capture = make_capture(document=make_document())
    other = make_capture(document=make_document(title="The same elsewhere"))
    make_capture("Another story altogether, of the weather.", make_document(title="Unlike"))
    client.force_login(alice)
    content = client.get(path(capture.document)).content.decode()
    assert "Also appears in" in content and "The same elsewhere" in content and "Unlike" not in content
    assert f"?capture={other.pk}" in content


class Slow(BaseHTTPRequestHandler):
    """A page that takes its time: it answers when the test lets it."""

    may_answer: Event

    def do_GET(self) -> None:
        self.may_answer.wait(60)
        body = b"<!doctype html><title>Slow</title><p>It came in the end, after a long time of waiting.</p>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def slow_press(environment: dict[str, str]) -> Iterator[Event]:
    """A press site that answers once the event is set; worker and web server of this test may fetch from it."""
    Slow.may_answer = Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        environment["VERIFY_DEMO_PRESS"] = f"127.0.0.1:{server.server_port}"
        yield Slow.may_answer
        Slow.may_answer.set()
        server.shutdown()


@pytest.mark.django_db(transaction=True)
def test_running_capture_is_followed_live_to_its_end(
    slow_press, celery_worker_process, page: Any, alice, desk, make_document
):
    alice.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 8)
    alice.save(update_fields=["password"])
    document = make_document(url="http://observatory.example/slow")
    page.goto(f"/sign-in/?next=/desk/documents/{document.pk}/")
    page.fill("[name=username]", "alice")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Plain: the response as it was sent").first.check()
    page.get_by_role("button", name="Capture", exact=True).click()
    bar = page.locator(".captures progress")
    bar.wait_for()
    page.get_by_text("fetching", exact=True).wait_for()  # asked for by htmx, without a reload
    assert page.locator("[data-anchor-text]").count() == 0
    slow_press.set()
    page.locator("[data-anchor-text]").get_by_text("It came in the end").wait_for()
    assert bar.count() == 0
