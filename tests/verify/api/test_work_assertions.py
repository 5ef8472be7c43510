"""Assertions, quotes, places in files and evidence through the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from claims.attribution.models import Anchor, Assertion, Evidence
from claims.attribution.services import link_evidence
from sources.archive.services import receive_upload
from tests.cast import ARTICLE, T0, at_once
from verify.api.models import Scope

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk"
WRITES = (Scope.READ, Scope.WRITE)


@pytest.fixture
def claim(make_claim: Any) -> Any:
    return make_claim("About 745 civilians were killed.")


@pytest.fixture
def writes(caller: Any, alice: Any) -> Any:
    return caller(alice, *WRITES)


def fields(body: dict[str, Any]) -> list[str]:
    return [error["field"] for error in body["errors"]]


def test_assertion_says_all_that_the_form_does(writes, claim, make_source, make_document, make_assertion):
    speaker, ministry, outlet = (make_source(name) for name in ("Spokesperson", "Ministry", "Agency"))
    root, other = make_assertion(claim), make_assertion(claim)
    given = {
        "speaker": str(speaker.pk),
        "role": "spokesperson",
        "on_behalf_of": str(ministry.pk),
        "outlet": str(outlet.pk),
        "verb": "claimed",
        "hedge": "about",
        "polarity": "denies",
        "modality": "probable",
        "said_at": "2025-03-08T02:00:00+02:00",
        "said_precision": "day",
        "published_at": None,
        "published_precision": "hour",
        "document": str(make_document().pk),
        "derives_from": str(root.pk),
        "cites": [str(other.pk)],
        "cites_note": "as local media report",
        "figures": [],
    }
    response = writes.post(f"{DESK}/claims/{claim.pk}/assertions/", given)
    assert response.status_code == 201, response.content
    body = writes.get(response["Location"]).json()
    assert body == response.json()
    named = {"speaker": speaker, "on_behalf_of": ministry, "outlet": outlet}
    expected = given | {name: {"id": str(row.pk), "name": row.name} for name, row in named.items()}
    expected["said_at"] = "2025-03-08T00:00:00Z"
    del expected["cites_note"]
    assert {name: body[name] for name in expected} == expected
    assert Assertion.objects.get(pk=body["id"]).citations.get().note == "as local media report"


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "speaker"),
        ({"speaker": "nobody"}, "speaker"),
        ({"speaker": str(uuid4())}, "speaker"),
        ({"speaker": None}, "speaker"),
        ({"speaker": {"a": 1}}, "speaker"),
        ({"verb": "whispered"}, "verb"),
        ({"verb": ["said"]}, "verb"),
        ({"hedge": "x" * 201}, "hedge"),
        ({"hedge": "a\0b"}, "hedge"),
        ({"said_at": "2025-03-08T00:00:00"}, "said_at"),
        ({"said_at": "0001-01-01T00:00:00+14:00"}, "said_at"),
        ({"said_at": 1e300}, "said_at"),
        ({"document": str(uuid4())}, "document"),
        ({"derives_from": str(uuid4())}, "derives_from"),
        ({"cites": [str(uuid4())]}, "cites"),
        ({"cites": "all"}, "cites"),
        ({"cites_note": "as reported"}, "cites_note"),
        ({"figures": [str(uuid4())]}, "figures"),
        ({"figures": [[]]}, "figures.0"),
        ({"invented": 1}, "invented"),
    ],
)
def test_bad_field_of_an_assertion_is_named(writes, claim, make_source, is_problem, given, named):
    given = ({} if given == {} else {"speaker": str(make_source().pk)}) | given
    body = is_problem(writes.post(f"{DESK}/claims/{claim.pk}/assertions/", given), 400)
    assert fields(body) == [named]
    assert not claim.assertions.exists()


def test_rows_of_another_desk_are_not_there(
    writes, claim, is_problem, make_source, other_desk, mallory, caller
):
    foreign = make_source("Theirs", desk=other_desk, by=mallory)
    body = is_problem(writes.post(f"{DESK}/claims/{claim.pk}/assertions/", {"speaker": str(foreign.pk)}), 400)
    assert fields(body) == ["speaker"]
    theirs = caller(mallory, *Scope)
    is_problem(theirs.get(f"{DESK}/claims/{claim.pk}/assertions/"), 404)
    is_problem(theirs.post(f"{DESK}/claims/{claim.pk}/assertions/", {"speaker": str(foreign.pk)}), 404)


def test_assertion_is_corrected_for_a_reason_as_it_was_read(writes, claim, make_assertion, is_problem):
    assertion = make_assertion(claim)
    url = f"{DESK}/assertions/{assertion.pk}/"
    read = writes.get(url).json()
    change = {"verb": "denied", "why": "As the article has it.", "revision": read["revision"]}
    body = writes.patch(url, change).json()
    assert (body["verb"], body["revision"]) == ("denied", read["revision"] + 1)
    is_problem(writes.patch(url, change | {"verb": "said"}), 409)
    assert fields(is_problem(writes.patch(url, {"verb": "said"}), 400)) == ["why"]
    assert Assertion.objects.get(pk=assertion.pk).verb == "denied"


@pytest.mark.parametrize("name", ["assertion", "evidence", "figure", "claim"])
def test_edit_names_what_was_read_by_etag_or_by_revision(
    writes, claim, alice, make_assertion, is_problem, name
):
    assertion, fields_of = make_assertion(claim), {"stance": "corroborates", "reason": "So.", "by": alice}
    piece = link_evidence(claim=claim, assertion=assertion, at=T0, **fields_of)
    figure = writes.post(f"{DESK}/claims/{claim.pk}/figures/", FIGURE).json()
    url, words = {
        "assertion": (f"{DESK}/assertions/{assertion.pk}/", [{"hedge": word} for word in "abcd"]),
        "evidence": (f"{DESK}/evidence/{piece.pk}/", [{"reason": word} for word in "abcd"]),
        "figure": (f"{DESK}/figures/{figure['id']}/", [{"point": number} for number in (1, 2, 3, 4)]),
        "claim": (f"{DESK}/claims/{claim.pk}/", [{"headline": word} for word in "abcd"]),
    }[name]
    if name != "claim":
        words = [word | {"why": "Read again."} for word in words]
    read = writes.get(url)
    assert writes.get(url, headers={"If-None-Match": read["ETag"]}).status_code == 304
    changed = writes.patch(url, words[0], headers={"If-Match": read["ETag"]})
    assert changed.status_code == 200 and changed["ETag"] == writes.get(url)["ETag"] != read["ETag"]
    is_problem(writes.patch(url, words[1], headers={"If-Match": read["ETag"]}), 412)
    for headers in ({}, {"If-Match": "*"}):
        assert fields(is_problem(writes.patch(url, words[1], headers=headers), 400)) == ["revision"]
    revision = writes.get(f"{DESK}/claims/{claim.pk}/").json()["revision"]
    is_problem(writes.patch(url, words[1] | {"revision": revision - 1}), 409)
    assert writes.patch(url, words[1] | {"revision": revision}).status_code == 200
    stale = {"If-Match": read["ETag"]}
    is_problem(writes.patch(url, words[2] | {"revision": revision + 1}, headers=stale), 412)


@pytest.mark.parametrize("name", ["assertion", "evidence", "figure"])
def test_what_was_withdrawn_can_stand_again(
    writes, caller, carol, claim, alice, make_assertion, is_problem, name
):
    assertion, said = make_assertion(claim), {"stance": "corroborates", "reason": "So.", "by": alice}
    piece = link_evidence(claim=claim, assertion=assertion, at=T0, **said)
    figure = writes.post(f"{DESK}/claims/{claim.pk}/figures/", FIGURE).json()
    below = {"assertion": f"assertions/{assertion.pk}", "evidence": f"evidence/{piece.pk}"}
    below["figure"] = f"figures/{figure['id']}"
    url = f"{DESK}/{below[name]}/"
    why = {"why": "It was no mistake."}
    is_problem(writes.post(f"{url}reinstate/", why), 400 if name == "figure" else 409)
    assert writes.post(f"{url}withdraw/", {"why": "By mistake."}).json()["withdrawn"]
    assert fields(is_problem(writes.post(f"{url}reinstate/", {}), 400)) == ["why"]
    is_problem(caller(carol, Scope.READ).post(f"{url}reinstate/", why), 403)
    stands = writes.post(f"{url}reinstate/", why)
    assert stands.status_code == 200 and stands.json()["withdrawn"] is None
    assert writes.get(url).json() == stands.json()


def test_person_is_no_outlet(writes, claim, make_source, make_assertion, is_problem):
    person = make_source("Somebody", kind="person")
    url, given = (
        f"{DESK}/claims/{claim.pk}/assertions/",
        {"speaker": str(person.pk), "outlet": str(person.pk)},
    )
    body = is_problem(writes.post(url, given), 400)
    assert fields(body) == ["outlet"] and "publishes nothing" in body["detail"]
    read = writes.post(url, {"speaker": str(person.pk)}).json()
    change = {"outlet": str(person.pk), "why": "Read again.", "revision": read["revision"]}
    assert fields(is_problem(writes.patch(read["links"]["self"], change), 400)) == ["outlet"]
    document = {"url": "https://wire.example/new", "outlet": str(person.pk)}
    assert fields(is_problem(writes.post(f"{DESK}/documents/", document), 400)) == ["outlet"]


def test_withdrawn_assertion_hands_over_and_is_listed_no_more(writes, claim, make_assertion, is_problem):
    root, other = make_assertion(claim), make_assertion(claim)
    relay = make_assertion(claim, derives_from=root)
    url = f"{DESK}/assertions/{root.pk}/withdraw/"
    body = is_problem(writes.post(url, {"why": "Recorded twice."}), 409)
    assert "taken over from it" in body["detail"]
    said = {"why": "Recorded twice.", "relays_to": str(other.pk)}
    assert writes.post(url, said).json()["withdrawn"]["because"] == "Recorded twice."
    is_problem(writes.post(url, said), 409)
    listed = writes.get(f"{DESK}/claims/{claim.pk}/assertions/").json()["results"]
    assert {each["id"] for each in listed} == {str(other.pk), str(relay.pk)}
    assert writes.get(f"{DESK}/assertions/{root.pk}/").json()["withdrawn"]["by"]["username"] == "alice"


@pytest.mark.parametrize(
    ("given", "match", "start"),
    [
        ({"quote": "around 745 civilians"}, "exact", 31),
        ({"quote": '"We cannot confirm this figure,"'}, "normalised", None),
        ({"start": 31, "end": 51}, "exact", 31),
        ({"quote": "civilians", "near": 40}, "exact", 42),
    ],
)
def test_anchor_says_how_and_where_the_words_were_found(
    writes, claim, make_capture, make_assertion, given, match, start
):
    capture = make_capture(ARTICLE)
    assertion = make_assertion(claim, document=capture.document)
    given = given | {"text": str(capture.texts.get().pk)}
    response = writes.post(f"{DESK}/assertions/{assertion.pk}/anchors/", given)
    assert response.status_code == 201, response.content
    body = response.json()
    assert body["match"] == match
    assert body["start"] == (start if start is not None else body["start"])
    assert ARTICLE[body["start"] : body["end"]] == body["exact"]
    assert writes.get(body["links"]["self"]).json() == body


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"quote": "around 746 civilians"}, "quote"),
        ({"quote": "   "}, "quote"),
        ({"quote": ""}, "quote"),
        ({}, "quote"),
        ({"start": 3}, "end"),
        ({"start": 5, "end": 5}, "end"),
        ({"start": 5, "end": 99_999}, "end"),
        ({"start": -1, "end": 5}, "start"),
        ({"start": 39, "end": 51}, "start"),
        ({"start": 0, "end": 5, "quote": "The m"}, "quote"),
        ({"quote": "civilians", "near": 2**70}, "near"),
        ({"text": str(uuid4()), "quote": "civilians"}, "text"),
    ],
)
def test_anchor_that_is_refused_says_why(
    writes, claim, make_capture, make_assertion, is_problem, given, named
):
    capture = make_capture(ARTICLE)
    assertion = make_assertion(claim, document=capture.document)
    given = {"text": str(capture.texts.get().pk)} | given
    body = is_problem(writes.post(f"{DESK}/assertions/{assertion.pk}/anchors/", given), 400)
    assert named in fields(body) or (named == "start" and fields(body) == ["quote"])
    assert not Anchor.objects.exists()
    if given.get("quote") == "around 746 civilians":
        assert "745" in body["detail"]


def test_credibility_of_one_with_one_origin_is_refused_with_its_sentence(
    writes, claim, make_assertion, is_problem
):
    assertion = make_assertion(claim)
    url = f"{DESK}/claims/{claim.pk}/evidence/"
    given = {"assertion": str(assertion.pk), "stance": "corroborates", "reason": "It says so."}
    body = is_problem(writes.post(url, given | {"credibility": 1}), 400)
    assert fields(body) == ["credibility"] and "two independent" in body["detail"]
    origins = writes.get(f"{DESK}/claims/{claim.pk}/origins/").json()
    assert (origins["counts"]["origins"], origins["best_credibility"]["corroborates"]) == (1, 2)
    make_assertion(claim)
    assert writes.get(f"{DESK}/claims/{claim.pk}/origins/").json()["best_credibility"]["corroborates"] == 1
    assert writes.post(url, given | {"credibility": 1}).status_code == 201


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "assertion"),
        ({"document": "d", "capture": "c"}, "assertion"),
        ({"document": "d", "stance": "for"}, "stance"),
        ({"document": "d", "credibility": 7}, "credibility"),
        ({"document": "d", "credibility": "1e400"}, "credibility"),
        ({"document": "d", "reason": " "}, "reason"),
        ({"region": "d"}, "region"),
    ],
)
def test_bad_field_of_evidence_is_named(writes, claim, make_document, is_problem, given, named):
    row = str(make_document().pk)
    given = {name: row if value in ("d", "c") else value for name, value in given.items()}
    given = {"stance": "corroborates", "reason": "It shows it."} | given
    assert fields(is_problem(writes.post(f"{DESK}/claims/{claim.pk}/evidence/", given), 400)) == [named]
    assert not Evidence.objects.exists()


def test_evidence_is_judged_anew_and_withdrawn(writes, claim, make_document, is_problem):
    given = {"document": str(make_document().pk), "stance": "corroborates", "reason": "It shows it."}
    piece = writes.post(f"{DESK}/claims/{claim.pk}/evidence/", given).json()
    change = {"stance": "contradicts", "why": "Read again.", "revision": piece["revision"]}
    assert writes.patch(piece["links"]["self"], change).json()["stance"] == "contradicts"
    is_problem(writes.patch(piece["links"]["self"], change), 409)
    url = f"{DESK}/evidence/{piece['id']}/withdraw/"
    assert writes.post(url, {"why": "Another event."}).json()["withdrawn"]["because"] == "Another event."
    is_problem(writes.post(url, {"why": "Another event."}), 409)
    assert writes.get(f"{DESK}/claims/{claim.pk}/evidence/").json()["results"] == []


def test_place_in_a_picture_is_marked_and_taken_back(writes, claim, make_document, alice, is_problem):
    document = make_document()
    capture = receive_upload(
        desk=document.desk, content=[PNG], filename="a.png", url=document.url, by=alice, at=T0,
        document_id=document.pk,
    )  # fmt: skip
    url = f"{DESK}/captures/{capture.pk}/regions/"
    place = {"kind": "picture", "box": [0, 0, 2, 2], "shows": "a square"}
    region = writes.post(url, place)
    assert region.status_code == 201, region.content
    assert region.json()["fragment"] == "xywh=pixel:0,0,2,2"
    assert [each["id"] for each in writes.get(url).json()["results"]] == [region.json()["id"]]
    assert fields(is_problem(writes.post(url, place | {"box": [0, 0, 900, 2]}), 400)) == ["box"]
    assert fields(is_problem(writes.post(url, place | {"box": [0, 0, 2]}), 400)) == ["box"]
    assert fields(is_problem(writes.post(url, place | {"box": None}), 400)) == ["box"]
    is_problem(writes.post(url, place | {"kind": "page", "page": 1}), 400)
    withdraw = region.json()["links"]["self"] + "withdraw/"
    assert writes.post(withdraw, {"why": "Another picture."}).json()["withdrawn"]
    is_problem(writes.post(withdraw, {"why": "Another picture."}), 409)
    assert writes.get(url).json()["results"] == []


def test_repetition_under_one_key_records_it_once(writes, claim, make_source):
    url, given = f"{DESK}/claims/{claim.pk}/assertions/", {"speaker": str(make_source().pk)}
    key = {"Idempotency-Key": "b1946ac9"}
    first, second = (writes.post(url, given, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert claim.assertions.count() == 1
    assert writes.post(url, given | {"verb": "said"}, headers=key).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_corrections_at_once_are_one_and_a_conflict(caller, alice, carol, claim, make_assertion):
    url = f"{DESK}/assertions/{make_assertion(claim).pk}/"
    people = [caller(person, *WRITES) for person in (alice, carol)]
    revision = people[0].get(url).json()["revision"]
    answers = at_once(
        *(
            lambda person=person, verb=verb: person.patch(
                url, {"verb": verb, "why": "Read again.", "revision": revision}
            )
            for person, verb in zip(people, ("said", "denied"), strict=True)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


@pytest.mark.parametrize("name", ["assertions", "evidence"])
def test_list_asks_as_often_for_three_rows_as_for_one(
    writes, claim, make_assertion, make_document, alice, django_assert_num_queries, name
):
    queries = {"assertions": 7, "evidence": 3}[name]
    url = f"{DESK}/claims/{claim.pk}/{name}/"
    for count in (1, 3):
        while claim.assertions.count() < count:
            made = make_assertion(claim, outlet=None)
            link_evidence(
                claim=claim, assertion=made, stance="corroborates", reason="It says so.", by=alice, at=T0
            )
        writes.get(url)
        with django_assert_num_queries(queries):
            assert len(writes.get(url).json()["results"]) == count


def test_list_is_turned_by_cursor(writes, claim, make_assertion, is_problem):
    made = [str(make_assertion(claim).pk) for _ in range(3)]
    url, seen = f"{DESK}/claims/{claim.pk}/assertions/?page_size=2", []
    while url:
        page = writes.get(url).json()
        seen += [each["id"] for each in page["results"]]
        url = page["next"]
    assert sorted(seen) == sorted(made)
    is_problem(writes.get(f"{DESK}/claims/{claim.pk}/assertions/?speaker=x"), 400)
    is_problem(writes.get(f"{DESK}/claims/{claim.pk}/assertions/?cursor=x"), 400)


FIGURE = {"as_written": "745", "point": 745, "unit": "people-killed"}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000004000000040802000000269309290000001049444154789c6338e1e000470c"
    "c471001dd214813d88ac360000000049454e44ae426082"
)
