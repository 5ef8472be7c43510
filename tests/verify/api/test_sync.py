"""Changes, the export, entries and proofs: what they say, and that whoever follows has exactly the published set."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sources.custody.canonical import canonical
from sources.custody.proof import Proof
from sources.custody.services import checkpoint, trusted_keys
from tests.verify.api.consumer import CHANGES, Consumer, lines_of, path_of, published_set, stored
from verify.publish.models import Announcement
from verify.publish.services import correct, pause, resume, retract

pytestmark = pytest.mark.django_db
EXPORT = "/api/v1/export/"
SECRET = "Our lawyer asked for time."


def act(service: Any, claim: Any, by: Any, reason: str = "As readers see.") -> None:
    service(claim=claim, reason=reason, by=by, at=timezone.now())


@pytest.fixture
def corrected(published_claim: Any, reword: Any, approve: Any, bob: Any) -> Any:
    reword(published_claim, "It was about 740.")
    approve(published_claim)
    act(correct, published_claim, bob, "The number was wrong.")
    return published_claim


def test_nothing_was_announced_yet(api, db):
    answer = api.get(CHANGES).json()
    assert answer["results"] == [] and answer["more"] is False
    assert answer["head"] == {"number": 0, "mark": None}
    assert api.get(path_of(answer["next"])).status_code == 200


def test_a_published_claim_is_put(api, published_claim):
    (item,) = api.get(CHANGES).json()["results"]
    version = published_claim.publication.version
    said = {
        name: item[name] for name in ("number", "claim", "action", "state", "version", "sha256", "reason")
    }
    assert said == {
        "number": 1,
        "claim": str(published_claim.pk),
        "action": "put",
        "state": "published",
        "version": 1,
        "sha256": version.sha256,
        "reason": "",
    }
    assert api.get(path_of(item["links"]["snapshot"])).content == bytes(version.snapshot)
    assert api.get(path_of(item["links"]["claim"])).status_code == 200


def test_with_and_without_a_slash_it_is_the_same(api, published_claim):
    assert api.get("/api/v1/changes").content == api.get(CHANGES).content
    assert api.get("/api/v1/export").status_code == 200


def test_the_address_of_what_is_next_goes_on_where_one_was(api, corrected):
    first = api.get(CHANGES, {"limit": 1}).json()
    assert (first["more"], first["head"]["number"]) == (True, 2)
    second = api.get(path_of(first["next"])).json()
    assert [item["number"] for item in second["results"]] == [2]
    assert second["more"] is False and api.get(path_of(second["next"])).json()["results"] == []


def test_a_correction_says_why(api, corrected):
    item = api.get(CHANGES).json()["results"][-1]
    assert (item["action"], item["state"], item["version"]) == ("put", "corrected", 2)
    assert item["reason"] == "The number was wrong."


def test_a_retraction_is_a_tombstone_with_its_reason_and_its_page(api, corrected, bob):
    act(retract, corrected, bob, "It never happened.")
    item = api.get(CHANGES).json()["results"][-1]
    assert (item["action"], item["state"], item["reason"]) == ("remove", "retracted", "It never happened.")
    snapshot = api.get(path_of(item["links"]["snapshot"])).json()
    assert (snapshot["kind"], snapshot["reason"]) == ("retracted", "It never happened.")
    assert api.get(path_of(item["links"]["page"])).status_code == 200


def test_a_pause_takes_out_and_says_nothing_of_what_is_hidden(api, corrected, bob):
    act(pause, corrected, bob, SECRET)
    response = api.get(CHANGES, {"expand": "snapshot"})
    items = response.json()["results"]
    assert [item["action"] for item in items] == ["put", "put", "remove"]
    assert all(item["links"] == dict.fromkeys(item["links"]) for item in items)
    assert {item["reason"] for item in items} == {""} and {item["snapshot"] for item in items} == {None}
    assert SECRET not in response.content.decode() and "740" not in response.content.decode()


def test_the_reason_of_a_pause_stays_unsaid_when_the_claim_is_back(api, corrected, bob):
    act(pause, corrected, bob, SECRET)
    act(resume, corrected, bob, SECRET)
    response = api.get(CHANGES)
    *_, paused, resumed = response.json()["results"]
    assert SECRET not in response.content.decode()
    assert paused["links"]["claim"] is None and resumed["links"]["claim"]


def test_only_the_current_version_comes_with_its_stored_bytes(api, corrected):
    response = api.get(CHANGES, {"expand": "snapshot"})
    old, new = response.json()["results"]
    assert old["snapshot"] is None
    assert response.content.count(b'"snapshot":null') == 1  # no name twice in an item
    assert not any("snapshot" in item for item in api.get(CHANGES).json()["results"])
    assert bytes(corrected.publication.version.snapshot) in response.content
    assert stored(new["snapshot"]) == bytes(corrected.publication.version.snapshot)


def test_unchanged_is_304_until_something_happens(api, published_claim, bob):
    tag = api.get(CHANGES)["ETag"]
    again = api.get(CHANGES, headers={"if-none-match": tag})
    assert again.status_code == 304 and not again.content
    act(pause, published_claim, bob)
    assert api.get(CHANGES, headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"after": "-1"}, "after"),
        ({"after": str(2**63)}, "after"),
        ({"after": "9" * 5000}, "after"),
        ({"after": "1\x00"}, "after"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"seen": "x"}, "seen"),
        ({"expand": "claim"}, "expand"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_named(api, is_problem, published_claim, query, field):
    body = is_problem(api.get(CHANGES, query), 400)
    assert [error["field"] for error in body["errors"]] == [field]


def test_another_history_is_409(api, is_problem, published_claim, settings):
    for query in (
        {"after": 2},
        {"after": 2**63 - 1},
        {"after": 1, "seen": uuid4()},
        {"after": 0, "seen": uuid4()},
        {"after": 2, "seen": Announcement.objects.get().mark},
    ):
        body = is_problem(api.get(CHANGES, query), 409)
        assert body["type"].endswith("/api/problems/history-changed")  # what tells it from any other conflict
        assert api.get(body["type"].removeprefix(settings.SITE_URL)).status_code == 200
        assert body["detail"] == "This history is not the one you followed; start again from the export."


def test_a_restored_backup_is_noticed_at_once(api, is_problem, corrected, tamper, bob):
    consumer = Consumer(api, expand=True, limit=10)
    consumer.follow()
    tamper("DELETE FROM verify_announcement WHERE number = 2")  # as it was before the correction
    is_problem(api.get(consumer.position), 409)
    act(pause, corrected, bob)  # and another number 2
    assert Announcement.objects.count() == 2
    is_problem(api.get(consumer.position), 409)
    consumer.export()
    assert consumer.copies == published_set() == {}


def test_export_is_the_published_set_between_a_head_and_an_end(api, corrected, make_published, bob):
    gone, hidden = make_published("One."), make_published("Another.")
    act(retract, gone, bob)
    act(pause, hidden, bob)
    first, *claims, last = lines_of(api.get(EXPORT))
    head = Announcement.objects.order_by("number").last()
    assert first["schema"] == "verify-export/1"
    assert first["head"] == {"number": head.number, "mark": str(head.mark)}
    assert {line["claim"]: stored(line["snapshot"]) for line in claims} == published_set()
    assert claims[0]["sha256"] == corrected.publication.version.sha256
    assert last == {"end": True, "count": 1}


def test_export_of_nothing(api, db):
    first, last = lines_of(api.get(EXPORT))
    assert first["head"]["number"] == 0 and last == {"end": True, "count": 0}


def test_export_is_packed_for_whoever_wants_it_so(api, published_claim):
    plain = api.get(EXPORT)
    assert plain["Content-Type"] == "application/x-ndjson" and not plain.has_header("Content-Encoding")
    packed = api.get(EXPORT, headers={"accept-encoding": "br, gzip;q=0.5", "accept": "application/x-ndjson"})
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    file = api.get(f"{EXPORT}claims.ndjson.gz")
    assert file["Content-Type"] == "application/gzip" and not file.has_header("Content-Encoding")
    refused = api.get(EXPORT, headers={"accept-encoding": "gzip;q=0"})
    assert lines_of(plain) == lines_of(packed) == lines_of(file) == lines_of(refused)


def test_export_goes_on_behind_the_last_claim_received(api, make_published):
    for number in range(5):
        make_published(f"Claim {number}.")
    _first, *claims, _last = lines_of(api.get(EXPORT))
    assert [line["claim"] for line in claims] == sorted(line["claim"] for line in claims)
    _first, *rest, last = lines_of(api.get(EXPORT, {"after": claims[2]["claim"]}))
    assert rest == claims[3:] and last["count"] == 2


def test_export_reads_in_short_pages(api, make_published, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("verify.publish.following.EXPORT_PAGE", 2)
    for number in range(5):
        make_published(f"Claim {number}.")
    with django_assert_num_queries(5):  # the head, three pages and one that is empty
        assert len(lines_of(api.get(EXPORT))) == 7


def test_writes_between_the_parts_of_an_export_are_made_good_by_the_changes(
    api, make_published, reword, approve, bob
):
    claims = [make_published(f"Claim {number}.") for number in range(6)]
    claims.sort(key=lambda claim: str(claim.pk))
    acts = [
        lambda: act(pause, claims[0], bob),  # received already
        lambda: act(retract, claims[5], bob),  # not received yet
        lambda: make_published("New, wherever its id falls."),
        lambda: act(pause, claims[1], bob),
        lambda: act(resume, claims[0], bob),
    ]
    consumer = Consumer(api, expand=True, limit=2)
    parts = consumer.export(part=1, between=lambda: acts.pop(0)() if acts else None)
    assert parts > 5 and not acts
    assert consumer.copies != published_set()  # or there was nothing to make good
    consumer.follow()
    assert consumer.copies == published_set()


@pytest.mark.parametrize("query", [{"after": "x"}, {"limit": "1"}])
def test_an_export_that_cannot_be_asked_for(api, is_problem, db, query):
    is_problem(api.get(EXPORT, query), 400)
    is_problem(api.get(f"{EXPORT}claims.ndjson.gz", query), 400)


def test_entry_and_proof_prove_the_version(api, published_claim, settings):
    checkpoint(at=timezone.now())
    base = f"/api/v1/claims/{published_claim.pk}"
    entry = api.get(f"{base}/versions/1/entry/").content
    proof = api.get(f"{base}/versions/1/proof/", headers={"accept": "text/plain"})
    assert proof["Content-Type"] == "text/plain; charset=utf-8"
    head = Proof.parse(proof.content.decode()).verify(entry, trusted_keys(), origin=settings.LOG_ORIGIN)
    assert head.size >= 1
    snapshot = api.get(f"{base}/versions/1/").content
    assert json.loads(entry)["facts"]["sha256"] == hashlib.sha256(snapshot).hexdigest()
    assert api.get(f"{base}/proof/").content == proof.content


def test_a_proof_waits_for_the_log_to_be_signed(api, is_problem, published_claim):
    body = is_problem(api.get(f"/api/v1/claims/{published_claim.pk}/proof/"), 404)
    assert "has not been signed" in body["detail"]


@pytest.mark.parametrize("end", ["proof/", "versions/1/proof/", "versions/1/entry/", "package/"])
def test_what_is_hidden_has_no_entry_and_no_proof(api, is_problem, published_claim, bob, end):
    checkpoint(at=timezone.now())
    act(pause, published_claim, bob)
    is_problem(api.get(f"/api/v1/claims/{published_claim.pk}/{end}"), 404)
    is_problem(api.get(f"/api/v1/claims/{uuid4()}/{end}"), 404)


def test_the_log_says_its_keys_and_its_newest_checkpoint(api, published_claim, settings):
    assert api.get("/api/v1/log/").json()["checkpoint"] is None
    signed = checkpoint(at=timezone.now())
    answer = api.get("/api/v1/log/").json()
    assert answer["origin"] == settings.LOG_ORIGIN
    assert [key["key"] for key in answer["keys"]] == [str(key) for key in trusted_keys()]
    assert answer["checkpoint"]["note"] == signed.note and answer["checkpoint"]["size"] == signed.size
    assert api.get(path_of(answer["links"]["checkpoint"])).content.decode() == signed.note


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CONTENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.from_regex(r"[a-z0-9_-]{0,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=30,
)


@given(CONTENTS)
def test_the_standard_library_writes_the_stored_bytes_again(content):
    """Consumers need no library for RFC 8785: our snapshots have no fractions, and names in ASCII."""
    assert stored(json.loads(canonical(content))) == canonical(content)


def test_real_snapshots_have_names_in_ascii_and_no_fractions(api, corrected):
    def walk(value: Any) -> None:
        assert not isinstance(value, float)
        for name, inner in value.items() if isinstance(value, dict) else ():
            assert name.isascii()
            walk(inner)
        for inner in value if isinstance(value, list) else ():
            walk(inner)

    walk(json.loads(bytes(corrected.publication.version.snapshot)))
