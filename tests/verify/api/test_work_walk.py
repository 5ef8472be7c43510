"""One claim from its registration to its correction, by calls of the API alone, each by whoever may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import ARTICLE
from verify.api.models import Scope
from verify.publish.models import Publication, Version

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk"
QUOTE = "around 745 civilians were killed in 30 massacres"


def done(answer: Any, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    body: dict[str, Any] = answer.json()
    return body


@pytest.fixture
def claim(make_claim: Any) -> Any:
    return make_claim("The monitoring group put the civilian dead at about 745.", headline="About 745 dead")


@pytest.fixture
def people(caller: Any, alice: Any, bob: Any, carol: Any) -> tuple[Any, Any, Any]:
    """Alice writes, Carol reviews, Bob asks and publishes: each with no more than it takes."""
    return (
        caller(alice, Scope.READ, Scope.WRITE, Scope.REVIEW),
        caller(bob, Scope.READ, Scope.REVIEW, Scope.PUBLISH),
        caller(carol, Scope.READ, Scope.REVIEW),
    )


def reviewed(claim: Any, bob: Any, carol: Any) -> str:
    """Bob asks Carol, who judges what she has read; the digest of that."""
    task = done(bob.post(f"{DESK}/claims/{claim.pk}/tasks/", {"reviewer": "carol"}))
    done(carol.post(f"{DESK}/tasks/{task['id']}/accept/", {}), 200)
    content = carol.get(f"{DESK}/claims/{claim.pk}/content/")
    said = {"opinion": "approve", "reason": "Sources and quotes hold."}
    judged = carol.post(f"{DESK}/tasks/{task['id']}/review/", said, headers={"If-Match": content["ETag"]})
    assert done(judged)["content_digest"] == content["ETag"].strip('"')
    return str(content["ETag"])


def test_claim_goes_from_registration_to_correction(claim, people, make_capture, make_source):
    alice, bob, carol = people
    capture, speaker = make_capture(ARTICLE), make_source("Observatory")
    of_claim = f"{DESK}/claims/{claim.pk}"
    said = {"speaker": str(speaker.pk), "document": str(capture.document_id), "verb": "said"}
    assertion = done(alice.post(f"{of_claim}/assertions/", said))
    quote = {"text": str(capture.texts.get().pk), "quote": QUOTE}
    assert done(alice.post(assertion["links"]["anchors"], quote))["match"] == "exact"
    evidence = {"assertion": assertion["id"], "stance": "corroborates", "reason": "Its own count."}
    piece = done(alice.post(f"{of_claim}/evidence/", evidence))
    verdict = {"rating": "partly-confirmed", "rationale": "One origin; the count is documented."}
    done(alice.post(f"{of_claim}/verdicts/", verdict))

    etag = reviewed(claim, bob, carol)
    first = done(bob.post(f"{of_claim}/publication/publish/", {}, headers={"If-Match": etag}))
    assert (first["number"], first["kind"]) == (1, "published")
    assert bob.get(f"/api/v1/claims/{claim.pk}/").json()["version"] == 1

    change = {"credibility": 2, "why": "The list of names is out.", "revision": piece["revision"] + 1}
    done(alice.patch(piece["links"]["self"], change), 200)
    etag = reviewed(claim, bob, carol)
    why = {"reason": "The list of names was published.", "content_digest_seen": etag.strip('"')}
    second = done(bob.post(f"{of_claim}/publication/correct/", why))
    assert (second["number"], second["kind"]) == (2, "corrected")
    assert Publication.objects.get(pk=claim.pk).state == "corrected"
    listed = done(bob.get(f"{of_claim}/versions/"), 200)["results"]
    assert [each["number"] for each in listed] == [2, 1]
    assert bob.get(listed[1]["links"]["self"]).content == bytes(
        Version.objects.get(claim=claim, number=1).snapshot
    )


def test_published_claim_is_paused_shown_again_and_retracted(people, published_claim):
    _alice, bob, _carol = people
    url = f"{DESK}/claims/{published_claim.pk}/publication"
    assert done(bob.post(f"{url}/pause/", {"reason": "A photograph is checked."}), 200)["state"] == "paused"
    assert bob.get(f"/api/v1/claims/{published_claim.pk}/").status_code == 404
    assert done(bob.post(f"{url}/resume/", {"reason": "It holds."}), 200)["state"] == "published"
    assert done(bob.post(f"{url}/retract/", {"reason": "It was forged."}))["kind"] == "retracted"
    stands = done(bob.get(f"{url}/"), 200)
    assert (stands["state"], stands["version"]) == ("retracted", 2)
    assert not any(act["possible"] for act in stands["acts"])
