"""Cases, claims, topics, places and figures through the API."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from claims.statements.models import Claim, Figure, Place
from claims.statements.services import add_figure, open_case
from verify.api.models import Scope
from verify.review.services import assign_review, propose_verdict

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk/"
URL = f"{DESK}claims/"
KILLED = {"point": 745, "qualifier": "around", "unit": "people-killed", "category": "civilians"}


@pytest.fixture
def writer(caller: Any, alice: Any) -> Any:
    return caller(alice, Scope.READ, Scope.WRITE)


def test_case_and_claim_are_made(writer, alice, desk):
    case = writer.post(f"{DESK}cases/", {"title": "The coast", "began_on": "2025-03-06"})
    assert case.status_code == 201, case.content
    given = {"text": "It is so.", "case": case.json()["id"], "external_id": "cms-1", "language": "ar"}
    made = writer.post(URL, given)
    assert made.status_code == 201, made.content
    claim = Claim.objects.get()
    assert (claim.desk, claim.author, claim.language, claim.workflow) == (desk, alice, "ar", "draft")
    assert made.json()["case"] == {"id": case.json()["id"], "name": "The coast"}
    assert writer.get(case.json()["links"]["self"]).json()["claim_count"] == 1
    assert writer.post(URL, given).status_code == 400  # one claim of an external id
    assert Claim.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x", "headline": "x" * 75}, "headline"),
        ({"text": "x", "language": "not a language"}, "language"),
        ({"text": "x", "case": str(uuid4())}, "case"),
        ({"text": "x", "case": "nonsense"}, "case"),
        ({"text": "x", "workflow": "approved"}, "workflow"),
    ],
)
def test_bad_claim_is_refused_by_name(writer, is_problem, given, field):
    assert is_problem(writer.post(URL, given), 400)["errors"][0]["field"] == field
    assert not Claim.objects.exists()


def test_case_that_ends_before_it_begins_is_refused(writer, is_problem):
    is_problem(
        writer.post(f"{DESK}cases/", {"title": "x", "began_on": "2025-03-06", "ended_on": "2025-03-05"}), 400
    )


def test_claim_is_reworded_by_whoever_has_seen_it(writer, make_claim, reword, is_problem):
    claim = make_claim("One.", headline="First")
    url = f"{URL}{claim.pk}/"
    assert is_problem(writer.patch(url, {"text": "Two."}), 400)["errors"][0]["field"] == "revision"
    etag = writer.get(url)["ETag"]
    done = writer.patch(url, {"text": "Two."}, headers={"If-Match": etag})
    assert (done.json()["text"], done.json()["headline"], done.json()["revision"]) == ("Two.", "First", 2)
    assert done["ETag"] == writer.get(url)["ETag"] != etag
    reword(claim, "Three.")
    is_problem(writer.patch(url, {"text": "Mine.", "revision": 2}), 409)
    is_problem(writer.patch(url, {"text": "Mine."}, headers={"If-Match": done["ETag"]}), 412)
    claim.refresh_from_db()
    assert (claim.text, claim.revision) == ("Three.", 3)
    assert writer.patch(url, {"text": "Mine.", "revision": 3}).json()["text"] == "Mine."


def test_claim_is_moved_by_hand_and_never_past_the_reviews(writer, make_claim, is_problem):
    url = f"{URL}{make_claim().pk}/move/"
    moved = writer.post(url, {"to": "triaged", "seen": "draft"})
    assert moved.json()["workflow"] == "triaged"
    is_problem(writer.post(url, {"to": "in-research", "seen": "draft"}), 409)
    assert is_problem(writer.post(url, {"to": "approved"}), 400)["errors"][0]["field"] == "to"
    assert is_problem(writer.post(url, {"to": "duplicate"}), 400)["errors"][0]["field"] == "reason"
    out = writer.post(url, {"to": "duplicate", "reason": "Checked last year."})
    assert out.json()["workflow"] == "duplicate"
    assert Claim.objects.get().transitions.count() == 3


def test_claim_is_filed_under_topics_twice_as_once(writer, make_claim, is_problem):
    claim = make_claim()
    topic = writer.post(f"{DESK}topics/", {"name": "Casualties"}).json()
    assert writer.post(f"{DESK}topics/", {"name": "CASUALTIES"}).json() == topic
    for _again in range(2):
        tagged = writer.post(f"{URL}{claim.pk}/tag/", {"topics": [topic["id"]]})
        assert tagged.json()["topics"] == [{"id": topic["id"], "name": "Casualties"}]
    assert writer.get(URL, {"topic": topic["id"]}).json()["results"][0]["id"] == str(claim.pk)
    body = is_problem(writer.post(f"{URL}{claim.pk}/tag/", {"topics": [topic["id"], 2**62]}), 400)
    assert body["errors"][0]["field"] == "topics"
    assert writer.post(f"{URL}{claim.pk}/untag/", {"topics": [topic["id"]]}).json()["topics"] == []


def test_claims_are_filtered_as_on_the_board(
    writer, desk, alice, bob, carol, make_claim, make_assertion, published_claim, is_problem
):
    waiting = make_claim("Asked.", external_id="cms-7")
    make_assertion(waiting)
    rating = desk.ratings.get(code="confirmed")
    propose_verdict(claim=waiting, rating=rating, rationale="So.", by=alice, at=timezone.now())
    assign_review(claim=waiting, reviewer=carol, by=bob, at=timezone.now())

    def found(**filters: Any) -> set[str]:
        return {row["id"] for row in writer.get(URL, filters).json()["results"]}

    one, other = {str(waiting.pk)}, {str(published_claim.pk)}
    assert found() == one | other
    assert found(q="asked") == found(external_id="cms-7") == found(publication="unpublished") == one
    assert found(publication="published") == found(case=published_claim.case_id) == other
    assert found(assignee=carol.pk) == one and found(assignee="nobody") == other
    assert found(assignee="me") == found(assignee="pool") == set()
    assert found(workflow=Claim.objects.get(pk=waiting.pk).workflow) == one
    assert found(author=alice.pk, updated_since="2020-01-01T00:00:00Z") == one | other
    assert is_problem(writer.get(URL, {"assignee": "x"}), 400)["errors"][0]["field"] == "assignee"


def test_figure_is_recorded_corrected_and_withdrawn(writer, make_claim, make_assertion, is_problem):
    claim = make_claim()
    said = make_assertion(claim)
    url = f"{URL}{claim.pk}/figures/"
    made = writer.post(url, {**KILLED, "assertion": str(said.pk)})
    assert made.status_code == 201, made.content
    assert said.figures.get().point == 745
    one = made.json()["links"]["self"]
    assert (
        is_problem(writer.patch(one, {"point": 746, "why": "So."}), 400)["errors"][0]["field"] == "revision"
    )
    claim.refresh_from_db()
    is_problem(writer.patch(one, {"point": 746, "why": "So.", "revision": claim.revision - 1}), 409)
    fixed = writer.patch(one, {"point": 746, "why": "Misread."}, headers={"If-Match": made["ETag"]})
    assert (fixed.json()["point"], fixed.json()["qualifier"]) == (746, "around")
    is_problem(writer.patch(one, {"point": 1, "why": "So."}, headers={"If-Match": made["ETag"]}), 412)
    gone = writer.post(f"{one}withdraw/", {"why": "Not this claim's."})
    assert gone.json()["withdrawn"]["why"] == "Not this claim's."
    assert writer.get(url).json()["results"] == [] and not Figure.objects.standing().exists()
    is_problem(writer.post(f"{one}withdraw/", {"why": "Again."}), 400)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"point": 1}, "unit"),
        ({**KILLED, "point": -1}, "point"),
        ({**KILLED, "point": 10**30}, "point"),
        ({**KILLED, "category": "martians"}, "category"),
        ({**KILLED, "as_of": "soon"}, "as_of"),
        ({**KILLED, "place": str(uuid4())}, "place"),
        ({**KILLED, "assertion": str(uuid4())}, "assertion"),
        ({**KILLED, "part_of": str(uuid4())}, "part_of"),
    ],
)
def test_bad_figure_is_refused_by_name(writer, make_claim, is_problem, given, field):
    sent = writer.post(f"{URL}{make_claim().pk}/figures/", given)
    assert is_problem(sent, 400)["errors"][0]["field"] == field
    assert not Figure.objects.exists()


@pytest.mark.parametrize(
    "given",
    [{"unit": "massacres"}, {**KILLED, "lower": 9, "upper": 8}, {"unit": "massacres", "as_written": "30"}],
)
def test_figure_that_is_none_is_refused(writer, make_claim, is_problem, given):
    is_problem(writer.post(f"{URL}{make_claim().pk}/figures/", given), 400)
    assert not Figure.objects.exists()


def test_figures_are_compared_or_refused_with_the_reason(writer, desk, alice, make_claim, is_problem):
    at = timezone.now()
    case = open_case(desk=desk, title="The coast", by=alice, at=at)
    claim = make_claim(case=case)
    fields: list[dict[str, Any]] = [{"category": "civilians"}, {"category": ""}, {"unit": "massacres"}]
    made = [
        add_figure(claim=claim, by=alice, at=at, **{"point": 7, "unit": "people-killed"} | each)
        for each in fields
    ]
    keys = [str(figure.pk) for figure in made]
    url = f"{DESK}cases/{case.pk}/figures/compare/"
    found = writer.get(url, {"figure": keys}).json()
    assert set(found["figures"]) == set(keys) and len(found["pairs"]) == 3
    assert found["sum"]["refused"] and found["range"]["refused"]
    assert all(pair["why"] for pair in found["pairs"])
    for wanted in ({"figure": [str(uuid4())]}, {"figure": ["x"]}, {}):
        assert is_problem(writer.get(url, wanted), 400)["errors"][0]["field"].startswith("figure")


def test_place_is_added_below_one_on_record(writer, shipped_places, is_problem):
    syria = Place.objects.get(code="SY")
    given = {"name": "Hamlet", "name_ar": "قرية", "kind": "city", "parent": str(syria.pk)}
    made = writer.post(f"{DESK}places/", given)
    assert made.status_code == 201, made.content
    assert made.json()["path"] == [syria.name, "Hamlet"]
    is_problem(writer.post(f"{DESK}places/", given), 400)
    found = writer.get(f"{DESK}places/", {"q": "قرية"}).json()["results"]
    assert made.json() in found and len(found) < Place.objects.count()
    assert is_problem(writer.post(f"{DESK}places/", {**given, "kind": "country"}), 400)
    bad = {**given, "parent": made.json()["id"], "name": "Part"}
    assert is_problem(writer.post(f"{DESK}places/", bad), 400)["errors"][0]["field"] == "kind"
