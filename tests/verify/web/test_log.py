"""The log's pages: one log for all desks, and yet nobody learns what another desk works on."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.urls import reverse

from sources.catalog.services import grade_source
from sources.custody.models import Entry
from sources.custody.note import VerifierKey
from sources.custody.proof import Proof
from sources.custody.services import checkpoint, configured_signer, erase_openings
from tests.cast import T0

pytestmark = pytest.mark.django_db

LOG, HEAD = "/desk/log/", "/desk/log/checkpoint"


@pytest.fixture
def grade(make_source: Any, alice: Any) -> Any:
    """Alice grades a source; the reason is an opening of the entry."""

    def grade(reason: str = "Right in 2024.", by: Any = alice, **fields: Any) -> Entry:
        source = make_source(by=by, **fields)
        return grade_source(source=source, reliability="B", reason=reason, by=by, at=T0).entry

    return grade


def page(entry: Entry) -> str:
    return reverse("log-entry", args=[entry.index])


@pytest.mark.parametrize("url", [LOG, HEAD, "/desk/log/0/", "/desk/log/0/proof", "/desk/log/checkpoint/note"])
def test_log_asks_to_sign_in(client, url):
    assert client.get(url)["Location"].startswith("/sign-in/?next=")


def test_log_lists_newest_first(client, dave, grade):
    old, new = grade(), grade()
    client.force_login(dave)
    response = client.get(LOG)
    assert [shown.entry for shown in response.context["page"]] == [new, old]
    assert bytes(new.leaf_hash).hex()[8:-8] in response.content.decode()


def test_log_of_another_desk_is_numbers_and_hashes_alone(client, mallory, grade, make_capture):
    graded, capture = grade("A telling reason.", name="Telling name"), make_capture("Telling words")
    client.force_login(mallory)
    for url in (LOG, page(graded), page(capture.entry)):
        content = client.get(url).content.decode()
        for secret in (
            "elling",
            graded.subject_id,
            capture.entry.subject_id,
            capture.datapackage_sha256,
            "2025",
        ):
            assert secret not in content
    for entry in (graded, capture.entry):
        assert bytes(entry.leaf_hash).hex()[8:-8] in client.get(page(entry)).content.decode()


def test_log_search_finds_nothing_of_another_desk(client, mallory, alice, grade, make_capture):
    capture = make_capture()
    for person, hits in ((alice, 1), (mallory, 0)):
        client.force_login(person)
        for q in (capture.entry.subject_id, capture.datapackage_sha256, capture.package_id):
            assert len(client.get(LOG, {"q": q}).context["page"]) == hits


def test_log_search_finds_by_number_hash_and_kind(client, alice, grade, make_capture):
    graded, capture = grade(), make_capture()
    client.force_login(alice)

    def found(**query: Any) -> list[Entry]:
        return [shown.entry for shown in client.get(LOG, query).context["page"]]

    assert found(q=graded.index) == [graded]
    assert found(q=bytes(graded.leaf_hash).hex().upper()) == [graded]
    assert found(kind="capture-archived") == []
    assert found(kind="upload-received") == [capture.entry]
    assert found(q="99999999999999999999999") == found(q="nonsense") == []
    assert len(found(q="\x00", kind="nonsense")) == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_log_asks_the_same_for_one_and_three(client, alice, grade, django_assert_num_queries, rows):
    for _ in range(rows):
        grade()
    client.force_login(alice)
    # session, person, desks, how many, the page, what they are about, the checkpoint, the inbox
    with django_assert_num_queries(8):
        client.get(LOG)


def test_entry_page_shows_bytes_that_hash_to_the_leaf(client, dave, grade):
    entry = grade("A reason for the desk.")
    client.force_login(dave)
    response = client.get(page(entry))
    body = response.context["body"]
    assert hashlib.sha256(b"\x00" + body.encode()).digest() == bytes(entry.leaf_hash)
    assert json.loads(body)["facts"] == {"reliability": "B"}
    content = response.content.decode()
    assert "A reason for the desk." in content
    assert "Alice" in content


def test_entry_page_says_what_was_erased(client, alice, grade):
    entry = grade("To be forgotten.")
    tombstone = erase_openings(entry=entry, names=["reason", "by"], ground="gdpr-17", by=None, at=T0)
    client.force_login(alice)
    content = client.get(page(entry)).content.decode()
    assert "To be forgotten." not in content
    assert "erased" in content
    assert page(entry) in client.get(page(tombstone)).content.decode()


@pytest.mark.parametrize("index", [7, 2**63, 10**30])
def test_entry_that_is_not_there_is_404(client, alice, index):
    client.force_login(alice)
    for name in ("log-entry", "log-proof"):
        assert client.get(reverse(name, args=[index])).status_code == 404


def test_log_without_a_checkpoint_says_so(client, alice, grade):
    entry = grade()
    client.force_login(alice)
    assert "Not signed yet" in client.get(LOG).content.decode()
    assert "Not signed yet" in client.get(HEAD).content.decode()
    assert client.get(reverse("log-proof", args=[entry.index])).status_code == 404
    assert client.get(reverse("log-checkpoint-note")).status_code == 404


def test_proof_of_an_entry_verifies_against_the_key_on_the_checkpoint_page(client, alice, mallory, grade):
    entry = grade()
    grade()
    signed = checkpoint(at=T0)
    client.force_login(mallory)  # proofs hold hashes alone: any desk's members may have them
    head = client.get(HEAD)
    assert str(configured_signer().verifier_key) in head.content.decode()
    note = client.get(reverse("log-checkpoint-note")).content.decode()
    assert note == signed.note
    response = client.get(reverse("log-proof", args=[entry.index]))
    assert response["Content-Disposition"] == f'attachment; filename="entry-{entry.index}.tlog-proof"'
    key = VerifierKey.parse(str(head.context["verifier_key"]))
    proof = Proof.parse(response.content.decode())
    assert proof.checkpoint == note
    assert proof.verify(bytes(entry.body), [key], origin=key.name).size == 2
