"""Publishing through the API: who may, what keeps it from being done, and what happens to two at once."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from claims.statements.services import ChangedMeanwhile, edit_claim
from tests.cast import T0, at_once
from verify.api.models import Scope
from verify.publish.models import Version
from verify.review.content import content_digest

pytestmark = pytest.mark.django_db

DESK = "/api/v1/desk"


def publication(claim: Any) -> str:
    return f"{DESK}/claims/{claim.pk}/publication/"


@pytest.fixture
def publisher(caller: Any, bob: Any) -> Any:
    return caller(bob, Scope.READ, Scope.PUBLISH)


def test_what_keeps_it_from_being_published_is_a_sentence(publisher, researched_claim, is_problem):
    body = publisher.get(publication(researched_claim)).json()
    acts = {each["act"]: each for each in body["acts"]}
    assert body["state"] == "unpublished" and body["version"] is None
    assert "needs 1 approvals" in acts["publish"]["why_not"]
    assert acts["pause"]["why_not"] == "It was never published."
    refused = is_problem(publisher.post(f"{publication(researched_claim)}publish/", {}), 409)
    assert "not approved yet" in refused["detail"]


def test_what_is_said_to_be_possible_is(publisher, caller, alice, approved_claim):
    acts = publisher.get(publication(approved_claim)).json()["acts"]
    assert [each["act"] for each in acts if each["possible"]] == ["publish"]
    hers = caller(alice).get(publication(approved_claim)).json()["acts"]
    assert {each["why_not"] for each in hers} == {"This takes the role “Editor” at the desk."}
    assert publisher.post(f"{publication(approved_claim)}publish/", {}).status_code == 201
    acts = publisher.get(publication(approved_claim)).json()["acts"]
    assert [each["act"] for each in acts if each["possible"]] == ["pause", "retract"]


def test_only_editors_with_the_scope_publish(caller, api, alice, bob, mallory, approved_claim, is_problem):
    url = f"{publication(approved_claim)}publish/"
    is_problem(api.post(url, {}), 401)
    is_problem(caller(mallory, *Scope).post(url, {}), 404)
    is_problem(caller(alice, *Scope).post(url, {}), 403)
    refused = is_problem(caller(bob, Scope.READ, Scope.WRITE, Scope.REVIEW).post(url, {}), 403)
    assert "publish" in refused["detail"]
    assert not Version.objects.exists()


def test_only_what_was_seen_is_published(publisher, approved_claim, is_problem):
    url, other = f"{publication(approved_claim)}publish/", "0" * 64
    is_problem(publisher.post(url, {"content_digest_seen": other}), 409)
    is_problem(publisher.post(url, {}, headers={"If-Match": f'"{other}"'}), 412)
    is_problem(publisher.post(url, {"content_digest_seen": "abc"}), 400)
    assert not Version.objects.exists()
    seen = {"content_digest_seen": content_digest(approved_claim)}
    assert publisher.post(url, seen).json()["content_digest"] == seen["content_digest_seen"]
    is_problem(publisher.post(url, seen), 409)


@pytest.mark.parametrize("act", ["correct", "pause", "resume", "retract"])
@pytest.mark.parametrize("given", [{}, {"reason": ""}, {"reason": "  "}, {"reason": []}])
def test_act_without_a_reason_names_the_field(publisher, published_claim, is_problem, act, given):
    body = is_problem(publisher.post(f"{publication(published_claim)}{act}/", given), 400)
    assert body["errors"][0]["field"] == "reason"


def test_publishing_twice_under_one_key_is_once(publisher, approved_claim):
    url, key = f"{publication(approved_claim)}publish/", {"Idempotency-Key": "a-key"}
    first, second = (publisher.post(url, {}, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201) and first.content == second.content
    assert Version.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_make_one_version(caller, bob, approved_claim):
    people = [caller(bob, Scope.PUBLISH) for _ in range(2)]
    url = f"{publication(approved_claim)}publish/"
    answers = at_once(*(lambda person=person: person.post(url, {}) for person in people))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert Version.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_publishing_while_it_is_edited_publishes_what_was_seen_or_nothing(caller, alice, bob, approved_claim):
    seen, url = content_digest(approved_claim), f"{publication(approved_claim)}publish/"
    editor = caller(bob, Scope.PUBLISH)

    def edit() -> Any:
        return edit_claim(
            claim=approved_claim, revision=approved_claim.revision, text="Other words.", headline="",
            by=alice, at=T0,
        )  # fmt: skip

    answer, edited = at_once(lambda: editor.post(url, {"content_digest_seen": seen}), edit)
    assert not isinstance(edited, ChangedMeanwhile)
    if answer.status_code == 201:
        assert Version.objects.get().content_digest == seen
    else:
        assert answer.status_code == 409 and answer.json()["detail"]
        assert not Version.objects.exists()


def test_package_is_a_zip_for_checkers_of_the_desk(caller, alice, dave, mallory, published_claim, is_problem):
    url = f"{DESK}/claims/{published_claim.pk}/package/"
    is_problem(caller(mallory).post(url), 404)
    is_problem(caller(dave).post(url), 403)
    response = caller(alice).post(url, headers={"Accept": "application/zip"})
    assert (response.status_code, response["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as package:
        assert "VERIFY.md" in package.namelist()
    key = {"Idempotency-Key": "package-1"}
    assert "is not kept" in is_problem(caller(alice).post(url, headers=key), 400)["detail"]
    is_problem(caller(dave).post(url, headers={"Accept": "application/zip"}), 403)


def test_versions_of_a_paused_claim_are_the_desks_to_read(
    publisher, caller, mallory, published_claim, is_problem
):
    publisher.post(f"{publication(published_claim)}pause/", {"reason": "A photograph is checked."})
    url = f"{DESK}/claims/{published_claim.pk}/versions/"
    assert [each["number"] for each in publisher.get(url).json()["results"]] == [1]
    assert publisher.get(f"{url}1/").content == bytes(Version.objects.get().snapshot)
    is_problem(publisher.get(f"{url}2/"), 404)
    is_problem(publisher.get(f"{url}99999999999999999999/"), 404)
    is_problem(caller(mallory).get(f"{url}1/"), 404)
