"""The public side of the API: what was published, byte for byte, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from verify.publish.services import correct, pause, retract

pytestmark = pytest.mark.django_db

CLAIMS = "/api/v1/claims/"


def ids(response):
    assert response.status_code == 200, response.content
    return [found["id"] for found in response.json()["results"]]


def test_list_holds_what_is_published(api, published_claim, make_claim, settings):
    make_claim("A draft that nobody may see.")
    (found,) = api.get(CLAIMS).json()["results"]
    assert found["id"] == str(published_claim.pk)
    assert found["verdict"]["code"] == "partly-confirmed"
    assert found["sha256"] == published_claim.versions.get().sha256
    assert found["origins"]["origins"] == 1
    assert found["links"]["page"] == f"{settings.SITE_URL}/claims/{published_claim.pk}/"


def test_unpublished_claim_is_nowhere(api, approved_claim, is_problem):
    assert ids(api.get(CLAIMS)) == []
    assert ids(api.get(CLAIMS, {"q": "monitoring"})) == []
    assert ids(api.get(CLAIMS, {"case": str(approved_claim.case_id)})) == []
    for tail in ("", "versions/", "versions/1/"):
        is_problem(api.get(f"{CLAIMS}{approved_claim.pk}/{tail}"), 404)


def test_paused_claim_is_gone_for_now(api, published_claim, bob, is_problem):
    pause(claim=published_claim, reason="Looking again.", by=bob, at=timezone.now())
    assert ids(api.get(CLAIMS)) == []
    for tail in ("", "versions/", "versions/1/"):
        is_problem(api.get(f"{CLAIMS}{published_claim.pk}/{tail}"), 404)


def test_retracted_claim_says_so_and_has_no_verdict(api, published_claim, bob):
    retract(claim=published_claim, reason="Misread.", by=bob, at=timezone.now())
    (found,) = api.get(CLAIMS).json()["results"]
    assert (found["state"], found["verdict"], found["version"]) == ("retracted", None, 2)
    assert ids(api.get(CLAIMS, {"verdict": "partly-confirmed"})) == []


def test_version_is_the_stored_bytes_and_says_their_digest(api, published_claim):
    version = published_claim.versions.get()
    response = api.get(f"{CLAIMS}{published_claim.pk}/versions/1/")
    digest = hashlib.sha256(response.content)
    assert response.content == bytes(version.snapshot)
    assert response["Content-Type"] == "application/json"
    assert response["ETag"] == f'"{digest.hexdigest()}"' == f'"{version.sha256}"'
    assert response["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest.digest()).decode()}:"


@pytest.mark.parametrize("tail", ["", "versions/1/"])
def test_unchanged_is_not_sent_again(api, published_claim, tail, is_problem):
    url = f"{CLAIMS}{published_claim.pk}/{tail}"
    etag = api.get(url)["ETag"]
    again = api.get(url, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    is_problem(api.get(url, headers={"if-match": '"other"'}), 412)


def test_claim_is_sent_again_after_a_retraction(api, published_claim, bob):
    url = f"{CLAIMS}{published_claim.pk}/"
    etag = api.get(url)["ETag"]
    retract(claim=published_claim, reason="Misread.", by=bob, at=timezone.now())
    assert api.get(url, headers={"if-none-match": etag}).status_code == 200


def test_claim_holds_its_snapshot(api, published_claim):
    found = api.get(f"{CLAIMS}{published_claim.pk}/").json()
    assert found["snapshot"] == json.loads(bytes(published_claim.versions.get().snapshot))


def test_versions_are_listed_newest_first(api, published_claim, reword, approve, bob):
    reword(published_claim, "The group put the dead at about 803.")
    approve(published_claim)
    correct(claim=published_claim, reason="Revised.", by=bob, at=timezone.now())
    found = api.get(f"{CLAIMS}{published_claim.pk}/versions/").json()["results"]
    assert [(one["number"], one["kind"], one["reason"]) for one in found] == [
        (2, "corrected", "Revised."),
        (1, "published", ""),
    ]
    assert api.get(found[1]["links"]["self"]).status_code == 200


@pytest.mark.parametrize("number", ["2", "0", "99999999999999999999"])
def test_version_that_is_not_there_is_404(api, published_claim, is_problem, number):
    is_problem(api.get(f"{CLAIMS}{published_claim.pk}/versions/{number}/"), 404)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "MONITORING"}, True),
        ({"q": "zanzibar"}, False),
        ({"q": "100%"}, False),
        ({"verdict": "partly-confirmed"}, True),
        ({"verdict": "confirmed"}, False),
        ({"case": str(UUID(int=1))}, False),
        ({"q": "group", "verdict": "partly-confirmed"}, True),
    ],
)
def test_list_is_filtered(api, published_claim, filters, found):
    assert ids(api.get(CLAIMS, filters)) == ([str(published_claim.pk)] if found else [])


def test_list_is_filtered_by_case_and_by_change(api, published_claim):
    changed = published_claim.publication.changed_at
    assert ids(api.get(CLAIMS, {"case": str(published_claim.case_id)}))
    assert ids(api.get(CLAIMS, {"updated_since": changed.isoformat()}))
    assert not ids(api.get(CLAIMS, {"updated_since": (changed + timedelta(seconds=1)).isoformat()}))


def test_pages_follow_one_another_while_others_come_in(api, make_published):
    old = [str(make_published(f"Claim {i} is published.").pk) for i in range(3)]
    first = api.get(CLAIMS, {"page_size": 2}).json()
    make_published("A newer one.")
    second = api.get(first["next"])
    assert [found["id"] for found in first["results"]] + ids(second) == old[::-1]
    assert second.json()["next"] is None


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_one_and_for_three(api, make_published, django_assert_num_queries, number):
    for i in range(number):
        make_published(f"Claim {i} is published.")
    with django_assert_num_queries(2):  # the newest announcement, and the rows
        assert len(ids(api.get(CLAIMS))) == number


def test_answer_is_the_same_for_everybody(api, caller, published_claim, mallory):
    assert api.get(CLAIMS).content == caller(mallory).get(CLAIMS).content
