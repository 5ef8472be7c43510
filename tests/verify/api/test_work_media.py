"""Media that are put forward for a claim, through the API."""

from __future__ import annotations

import pytest

from verify.api.models import Scope
from verify.review.models import MediaRating

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk"


def test_medium_is_rated_once_and_taken_back(
    caller, alice, carol, mallory, make_claim, make_capture, is_problem
):
    writes, url = caller(alice, Scope.READ, Scope.WRITE), f"{DESK}/claims/{make_claim().pk}/media/"
    given = {
        "capture": str(make_capture().pk),
        "media": "video",
        "rating": "DecontextualizedContent",
        "context": "Filmed in another town in 2019.",
    }
    made = writes.post(url, given)
    assert made.status_code == 201, made.content
    assert writes.get(made["Location"]).json() == made.json() == writes.get(url).json()["results"][0]
    assert is_problem(writes.post(url, given), 400)["errors"][0]["field"] == "capture"
    for name, value in [("media", "text"), ("rating", "Fake"), ("context", " "), ("original_url", "x y")]:
        wrong = given | {"capture": str(make_capture().pk), name: value}
        assert is_problem(writes.post(url, wrong), 400)["errors"][0]["field"] == name
    is_problem(caller(mallory, *Scope).get(url), 404)
    is_problem(caller(carol, Scope.READ).post(url, given), 403)
    withdraw = made.json()["links"]["self"] + "withdraw/"
    assert writes.post(withdraw, {"why": "Another film."}).json()["withdrawn"]["because"] == "Another film."
    is_problem(writes.post(withdraw, {"why": "Another film."}), 409)
    assert writes.get(url).json()["results"] == [] and MediaRating.objects.count() == 1
