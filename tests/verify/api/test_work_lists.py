"""Every list of a desk's rows asks the database as often for three rows as for one."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from claims.attribution.services import anchor_quote
from claims.statements.services import add_figure
from sources.archive.models import CaptureMode, Change
from sources.archive.services import receive_upload
from sources.catalog.batches import request_batch
from sources.catalog.lists import Row
from sources.catalog.services import watch_document
from tests.cast import ARTICLE, T0, make_person
from tests.verify.api.test_work_assertions import PNG
from verify.accounts.models import Role
from verify.api.models import Scope
from verify.review.content import content_digest
from verify.review.media import rate_media
from verify.review.models import Manipulation
from verify.review.services import assign_review, propose_verdict, submit_review

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk"
QUOTES = ("around 745 civilians", "We cannot confirm this figure", "The monitoring group")


@pytest.fixture
def rows(desk: Any, alice: Any, make_capture: Any, make_claim: Any, make_assertion: Any) -> dict[str, Any]:
    """Three of everything, and what they hang on."""
    claim, at = make_claim(), timezone.now()
    capture = make_capture(ARTICLE)
    assertion = make_assertion(claim, document=capture.document)
    for quote in QUOTES:
        anchor_quote(assertion=assertion, text=capture.texts.get(), quote=quote, by=alice, at=at)
    for number, rating in enumerate(desk.ratings.all()[:3]):
        add_figure(claim=claim, by=alice, at=at, point=number, unit="people-killed")
        after = make_capture(f"Text {number}.", capture.document)
        rate = {"media": "image", "rating": Manipulation.values[0], "context": "As it was."}
        rate_media(claim=claim, capture=after, by=alice, at=at, **rate)
        of_change = {"before": capture, "after": after, "kind": "edited", "entry": after.entry}
        Change.objects.create(
            desk=desk, document=capture.document, is_alert=True, detected_at=at, **of_change
        )
        seldom = {"mode": CaptureMode.HTTP, "shortest": 600, "longest": 6000}
        watch_document(document=make_capture(f"Page {number}.").document, by=alice, at=at, **seldom)
        lines = [Row(line, f"http://wire.example/{number}/{line}") for line in (1, 2, 3)]
        batch = request_batch(desk=desk, rows=lines, label="", mode=CaptureMode.HTTP, by=alice, at=at)
        propose_verdict(claim=claim, rating=rating, rationale=f"{number}.", by=alice, at=at)
    return {"claim": claim.pk, "assertion": assertion.pk, "batch": batch.pk}


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("watches/", 2),
        ("changes/", 2),
        ("batches/", 2),
        ("batches/{batch}/rows/", 3),
        ("ratings/", 2),
        ("claims/{claim}/figures/", 3),
        ("claims/{claim}/media/", 3),
        ("claims/{claim}/verdicts/", 3),
        ("assertions/{assertion}/anchors/", 3),
    ],
)
def test_list_costs_the_same_for_one_and_for_three(
    caller, alice, rows, django_assert_num_queries, path, queries
):
    reader, url = caller(alice, Scope.READ), f"{DESK}/{path.format(**rows)}"
    for size in (1, 3):
        with django_assert_num_queries(queries):
            assert len(reader.get(url, {"page_size": size}).json()["results"]) == size


def test_places_cost_the_same(caller, alice, shipped_places, django_assert_num_queries):
    reader = caller(alice, Scope.READ)
    for size in (1, 3):
        with django_assert_num_queries(2):
            found = reader.get(f"{DESK}/places/", {"page_size": size}).json()
        assert len(found["results"]) == size


def test_regions_cost_the_same(caller, make_document, alice, django_assert_num_queries):
    document = make_document()
    given = {"desk": document.desk, "url": document.url, "document_id": document.pk, "by": alice, "at": T0}
    capture = receive_upload(content=[PNG], filename="a.png", **given)
    client, url = caller(alice, Scope.READ, Scope.WRITE), f"{DESK}/captures/{capture.pk}/regions/"
    for size in (1, 2, 3):
        place = {"kind": "picture", "box": [0, 0, size, size], "shows": "a square"}
        assert client.post(url, place).status_code == 201
    for size in (1, 3):
        with django_assert_num_queries(3):
            assert len(client.get(url, {"page_size": size}).json()["results"]) == size


def test_opinions_and_versions_cost_the_same(
    caller, alice, bob, desk, researched_claim, django_assert_num_queries
):
    claim = researched_claim
    people = [make_person(f"reviewer{number}", desk, Role.CHECKER) for number in range(3)]
    tasks = [assign_review(claim=claim, reviewer=person, by=bob, at=T0) for person in people]
    for task in tasks:
        said = {"opinion": "approve", "reason": "It holds.", "content_digest_seen": content_digest(claim)}
        submit_review(task=task, by=task.assignee, at=timezone.now(), **said)
    reader, editor = caller(alice, Scope.READ), caller(bob, Scope.READ, Scope.PUBLISH)
    publication = f"{DESK}/claims/{claim.pk}/publication"
    assert editor.post(f"{publication}/publish/").status_code == 201
    assert editor.post(f"{publication}/retract/", {"reason": "It was wrong."}).status_code == 201
    for name, queries, most in (("reviews", 4, 3), ("versions", 3, 2)):
        for size in (1, most):
            with django_assert_num_queries(queries):
                found = reader.get(f"{DESK}/claims/{claim.pk}/{name}/", {"page_size": size}).json()
            assert len(found["results"]) == size
