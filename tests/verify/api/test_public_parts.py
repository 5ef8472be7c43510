"""The parts of a claim, and the cases, sources, topics and corrections of what is public."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.utils import timezone

from claims.statements.models import Topic
from sources.catalog.models import Source, SourceKind
from sources.custody.services import checkpoint
from verify.publish.services import correct, pause, publish, retract

pytestmark = pytest.mark.django_db

API = "/api/v1/"
PARTS = ("assertions", "evidence", "figures", "origins", "captures")


def results(api, path):
    response = api.get(API + path)
    assert response.status_code == 200, response.content
    return response.json()["results"]


@pytest.mark.parametrize("part", ["assertions", "evidence", "figures"])
def test_a_part_is_what_the_snapshot_says(api, published_claim, part):
    version = published_claim.versions.get()
    found = api.get(f"{API}claims/{published_claim.pk}/{part}/").json()
    assert found["results"] == json.loads(bytes(version.snapshot))["claim"][part]
    assert (found["version"], found["sha256"]) == (1, version.sha256)


def test_origins_have_their_counts_groups_and_cautions(api, published_claim):
    found = api.get(f"{API}claims/{published_claim.pk}/origins/").json()
    assert found["counts"]["independent_origins"] == 1
    assert [group["name"] for group in found["results"]] == ["Observatory"]


def test_copies_have_digests_and_a_proof(api, published_claim):
    (copy,) = results(api, f"claims/{published_claim.pk}/captures/")
    assert len(copy["datapackage_sha256"]) == 64 and len(copy["texts_sha256"]) == 1
    entry = api.get(copy["links"]["entry"])
    assert json.loads(entry.content)["facts"]["datapackage_sha256"] == copy["datapackage_sha256"]
    assert api.get(copy["links"]["proof"]).status_code == 404
    checkpoint(at=datetime.now(UTC))
    proof = api.get(copy["links"]["proof"])
    assert proof.content.startswith(b"c2sp.org/tlog-proof@v1\n")
    assert f"index {copy['entry']}\n".encode() in proof.content


def test_a_copy_that_the_claim_does_not_name_is_nowhere(api, published_claim, make_capture, is_problem):
    other = make_capture("Another article.")
    for tail in ("entry", "proof"):
        is_problem(api.get(f"{API}claims/{published_claim.pk}/captures/{other.pk}/{tail}/"), 404)


@pytest.mark.parametrize("part", [*PARTS, "versions"])
def test_parts_of_what_is_not_public_are_nowhere(api, approved_claim, bob, part, is_problem):
    url = f"{API}claims/{approved_claim.pk}/{part}/"
    is_problem(api.get(url), 404)
    publish(claim=approved_claim, by=bob, at=timezone.now())
    etag = api.get(url)["ETag"]
    assert api.get(url, headers={"if-none-match": etag}).status_code == 304
    pause(claim=approved_claim, reason="r", by=bob, at=timezone.now())
    is_problem(api.get(url, headers={"if-none-match": etag}), 404)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_costs_one_query(api, published_claim, part, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert api.get(f"{API}claims/{published_claim.pk}/{part}/").status_code == 200


def test_a_source_is_what_was_published_of_it(api, published_claim, settings):
    (source,) = results(api, "sources/")
    Source.objects.filter(pk=source["id"]).update(name="Renamed since")
    one = api.get(f"{API}sources/{source['id']}/").json()
    assert one == source
    assert (one["name"], one["kind"], one["claims"]) == ("Observatory", "organisation", 1)
    assert len(results(api, one["links"]["said"].removeprefix(settings.SITE_URL + API))) == 1


def test_sources_that_nobody_published_or_that_are_protected_are_nowhere(
    api, make_published, make_source, is_problem
):
    unpublished, person = make_source("Unpublished"), make_source("Witness 4", SourceKind.PROTECTED_PERSON)
    make_published("A witness saw it.", said={"speaker": person})
    assert results(api, "sources/") == []
    for one in (unpublished, person):
        is_problem(api.get(f"{API}sources/{one.pk}/"), 404)
        assert results(api, f"claims/?source={one.pk}") == []
    is_problem(api.get(f"{API}sources/{UUID(int=1)}/"), 404)


def test_what_only_a_retracted_claim_names_is_named_no_more(api, published_claim, bob):
    retract(claim=published_claim, reason="r", by=bob, at=timezone.now())
    assert results(api, "sources/") == []
    assert len(results(api, "cases/")) == 1


def test_cases_are_counted_and_found(api, approved_claim, bob, is_problem):
    assert results(api, "cases/") == []
    is_problem(api.get(f"{API}cases/{approved_claim.case_id}/"), 404)
    publish(claim=approved_claim, by=bob, at=timezone.now())
    (case,) = results(api, "cases/")
    assert (case["title"], case["claims"]) == ("The coast, March 2025", 1)
    assert api.get(case["links"]["self"]).json() == case


def test_topics_are_those_of_what_was_published(api, approved_claim, desk, bob):
    kept, other = (Topic.objects.create(desk=desk, name=name) for name in ("Casualties", "Other"))
    approved_claim.topics.add(kept)
    publish(claim=approved_claim, by=bob, at=timezone.now())
    approved_claim.topics.set([other])
    (topic,) = results(api, "topics/")
    assert (topic["id"], topic["name"], topic["claims"]) == (kept.pk, "Casualties", 1)
    assert len(results(api, f"claims/?topic={kept.pk}")) == 1
    assert results(api, f"claims/?topic={other.pk}") == []


def test_corrections_have_their_reason_and_the_claim_as_it_stands(api, published_claim, reword, approve, bob):
    reword(published_claim, "The group put the dead at 803.")
    approve(published_claim)
    correct(claim=published_claim, reason="Revised.", by=bob, at=timezone.now())
    retract(claim=published_claim, reason="Misread.", by=bob, at=timezone.now())
    found = results(api, "corrections/")
    assert [(one["number"], one["kind"], one["reason"]) for one in found] == [
        (3, "retracted", "Misread."),
        (2, "corrected", "Revised."),
    ]
    assert {one["claim"]["state"] for one in found} == {"retracted"}
    pause_free = api.get(API + "corrections/", {"page_size": 1}).json()
    assert [one["number"] for one in api.get(pause_free["next"]).json()["results"]] == [2]


@pytest.mark.parametrize(
    ("path", "queries"), [("cases/", 3), ("sources/", 4), ("topics/", 4), ("corrections/", 2)]
)
@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(
    api, make_published, desk, alice, bob, reword, approve, path, queries, number, django_assert_num_queries
):
    from claims.statements.services import open_case
    from tests.cast import T0
    from verify.publish.listed import keep
    from verify.publish.models import Publication

    for i in range(number):
        case = open_case(desk=desk, title=f"Case {i}", by=alice, at=T0)
        claim = make_published(f"Claim {i} is published.", case=case)
        claim.topics.add(Topic.objects.create(desk=desk, name=f"Topic {i}"))
        reword(claim, f"Claim {i} is corrected.")
        approve(claim)
        correct(claim=claim, reason="r", by=bob, at=timezone.now())
        keep(Publication.objects.get(pk=claim.pk))
    with django_assert_num_queries(queries):
        assert len(results(api, path)) == number


def test_digest_of_an_entry_is_its_leaf(api, published_claim):
    from sources.custody.models import Entry

    (copy,) = results(api, f"claims/{published_claim.pk}/captures/")
    body = api.get(copy["links"]["entry"]).content
    leaf = bytes(Entry.objects.get(index=copy["entry"]).leaf_hash)
    assert hashlib.sha256(b"\x00" + body).digest() == leaf
