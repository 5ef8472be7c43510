"""The custody report's pages and downloads, and the evidence package's."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from sources.archive.models import Capture
from sources.custody.kinds import Kind
from sources.custody.models import Entry
from sources.custody.services import checkpoint
from tests.cast import T0
from tests.recaptures import fetched, recaptured

pytestmark = pytest.mark.django_db

PAGES = ["capture-custody", "claim-custody"]
FILES = [f"{page}-{medium}" for page in PAGES for medium in ("json", "pdf")]


@pytest.fixture
def ids(researched_claim: Any) -> dict[str, Any]:
    return {"claim": researched_claim.pk, "capture": Capture.objects.get().pk}


def address(name: str, ids: dict[str, Any]) -> str:
    return reverse(name, args=[ids[name.partition("-")[0]]])


def exports() -> list[Any]:
    return [entry.read() for entry in Entry.objects.filter(kind=Kind.EVIDENCE_EXPORTED).order_by("index")]


@pytest.mark.parametrize("name", PAGES)
def test_page_shows_the_six_fields_whole_digests_and_who_acted(client, alice, ids, name):
    checkpoint(at=T0)
    client.force_login(alice)
    page = client.get(address(name, ids)).content.decode()
    for field in ("Custodian", "Control", "Date and time", "Transfer", "Analysis", "Disposition"):
        assert f"<h3>{field}</h3>" in page
    capture = Capture.objects.get()
    assert capture.datapackage_sha256 in page
    assert "2025-03-09 10:00:00.000000 UTC" in page
    assert "Everything that was re-checked for this report fits." in page
    assert "Entry 0: upload received" in page


@pytest.mark.parametrize("name", PAGES)
def test_page_is_not_logged_and_may_be_seen_by_a_viewer_without_downloads(client, dave, ids, name):
    before = Entry.objects.count()
    client.force_login(dave)
    page = client.get(address(name, ids))
    assert page.status_code == 200
    assert "/custody/report.pdf" not in page.content.decode()
    assert Entry.objects.count() == before


@pytest.mark.parametrize("name", [*PAGES, *FILES, "claim-evidence"])
def test_other_desk_finds_nothing(client, mallory, ids, name):
    client.force_login(mallory)
    send = client.get if name in PAGES else client.post
    assert send(address(name, ids)).status_code == 404
    assert exports() == []


@pytest.mark.parametrize("name", [*FILES, "claim-evidence"])
def test_viewer_may_not_take_it_out(client, dave, ids, name):
    client.force_login(dave)
    assert client.post(address(name, ids)).status_code == 403
    assert exports() == []


@pytest.mark.parametrize("name", [*FILES, "claim-evidence"])
def test_asking_with_get_hands_nothing_out_and_logs_nothing(client, alice, ids, name):
    client.force_login(alice)
    answer = client.get(address(name, ids))
    assert (answer.status_code, answer["Location"]) == (
        302,
        address(f"{name.partition('-')[0]}-custody", ids),
    )
    assert exports() == []


@pytest.mark.parametrize("name", [*PAGES, *FILES, "claim-evidence"])
def test_who_is_not_signed_in_is_sent_to_sign_in(client, ids, name):
    send = client.get if name in PAGES else client.post
    assert send(address(name, ids))["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("name", [*FILES, "claim-evidence"])
def test_another_sites_form_cannot_have_it_made(alice, ids, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(address(name, ids)).status_code == 403
    assert exports() == []


@pytest.mark.parametrize("name", ["capture-custody-json", "claim-custody-json"])
def test_json_is_what_the_log_says_went_out(client, alice, ids, name):
    client.force_login(alice)
    answer = client.post(address(name, ids))
    (said,) = exports()
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"].endswith('.json"')
    assert said.facts["report_sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert json.loads(answer.content)["made"]["by"] == "Alice"
    assert said.by is not None


@pytest.mark.parametrize("name", ["capture-custody-pdf", "claim-custody-pdf"])
def test_pdf_is_what_the_log_says_went_out(client, alice, ids, name):
    client.force_login(alice)
    answer = client.post(address(name, ids))
    (said,) = exports()
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    assert said.facts["file_sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert said.facts["report_sha256"] in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text()


def test_pdf_is_in_the_language_of_whoever_asks(client, alice, ids):
    client.force_login(alice)
    client.cookies["django_language"] = "ar"
    answer = client.post(address("claim-custody-pdf", ids))
    root: Any = PdfReader(io.BytesIO(answer.content)).trailer["/Root"]
    assert root["/Lang"] == "ar"


def test_page_tells_of_damage_in_words(client, alice, ids, tamper):
    tamper("UPDATE sources_capture SET datapackage_sha256 = repeat('a', 64)")
    client.force_login(alice)
    page = client.get(address("capture-custody", ids)).content.decode()
    assert "What does not fit" in page
    assert "The digest of datapackage.json is not the logged one" in page


def test_people_and_words_are_escaped(client, alice, make_capture):
    capture = make_capture(url="http://wire.example/%3Cscript%3E")
    alice.display_name = "<script>alert(1)</script>"
    alice.save()
    client.force_login(alice)
    page = client.get(reverse("capture-custody", args=[capture.pk])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("name", ["capture", "claim"])
def test_pages_lead_to_their_report(client, alice, ids, name):
    client.force_login(alice)
    page = client.get(reverse(name, args=[ids[name]])).content.decode()
    assert address(f"{name}-custody", ids) in page


@pytest.mark.parametrize("copies", [1, 3])
def test_queries_do_not_grow_with_captures(
    client, alice, ids, copies, make_capture, django_assert_num_queries
):
    first = fetched(Capture.objects.get(), hours=0)
    for number in range(copies - 1):
        recaptured(make_capture, first, f"Now {number}.", hours=number + 1)
    checkpoint(at=T0)
    client.force_login(alice)
    with django_assert_num_queries(43):
        assert client.get(address("claim-custody", ids)).status_code == 200


def test_evidence_package_comes_as_a_zip_and_is_logged(client, alice, ids):
    client.force_login(alice)
    answer = client.post(address("claim-evidence", ids))
    data = b"".join(answer.streaming_content)
    (said,) = exports()
    package = zipfile.ZipFile(io.BytesIO(data))
    assert hashlib.sha256(package.read("manifest.json")).hexdigest() == said.facts["manifest_sha256"]
    assert answer["Content-Disposition"] == f'attachment; filename="evidence-{ids["claim"]}.zip"'


def test_evidence_package_that_cannot_be_made_says_why(client, alice, ids):
    from django.core.files.storage import storages

    blobs = storages["blobs"]
    package = Capture.objects.get().package
    assert package is not None
    blobs.delete(package.path)
    client.force_login(alice)
    answer = client.post(address("claim-evidence", ids), follow=True)
    assert "No package was made" in answer.content.decode()
