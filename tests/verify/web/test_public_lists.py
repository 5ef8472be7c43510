"""Cases, sources and the search of the public side: what stands, and nobody whom it would endanger."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from claims.statements.services import add_figure
from sources.catalog.merging import merge
from sources.catalog.services import register_source
from verify.publish.services import correct, pause, publish, retract

pytestmark = pytest.mark.django_db

SEARCH = "/search/"


def source_of(claim: Any) -> str:
    """The address of the page of whoever says it."""
    said = json.loads(bytes(claim.versions.first().snapshot))["claim"]["assertions"][0]
    return reverse("public-source", args=[said["speaker"]["id"]])


def read(client: Any, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    found: str = response.content.decode()
    return found


def test_source_page_says_what_it_asserted_and_what_was_found(client, published_claim):
    page = read(client, source_of(published_claim))
    for words in ("Observatory", "origin", "About 745 dead", "Partly confirmed", "around 745 civilians"):
        assert words in page, words
    assert f'href="{source_of(published_claim)}"' in read(
        client, reverse("public-claim", args=[published_claim.pk])
    )


def test_protected_person_has_no_page_and_no_link(client, make_published, make_source, desk, alice):
    hidden = register_source(
        desk=desk, kind="protected-person", name="A resident", by=alice, at=timezone.now()
    )
    claim = make_published("Houses burned.", {"speaker": hidden})
    for name in (str(hidden.pk), reverse("public-source", args=[hidden.pk])):
        for address in (reverse("public-claim", args=[claim.pk]), "/sitemap.xml", SEARCH, reverse("front")):
            assert name not in read(client, address).replace(f"/{claim.pk}/", ""), address
    assert client.get(reverse("public-source", args=[hidden.pk])).status_code == 404
    assert "Houses burned" not in read(client, f"{SEARCH}?source={hidden.pk}")


def test_source_whom_nothing_published_names_has_no_page(client, published_claim, make_source):
    assert client.get(reverse("public-source", args=[make_source("Nobody").pk])).status_code == 404
    assert client.get(reverse("public-source", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("act", [pause, retract])
def test_source_of_a_claim_that_does_not_stand_has_no_page(client, published_claim, bob, act):
    page = source_of(published_claim)
    read(client, page)
    act(claim=published_claim, reason="Looking again.", by=bob, at=timezone.now())
    assert client.get(page).status_code == 404


def test_case_list_and_case_page(client, published_claim):
    case = reverse("public-case", args=[published_claim.case_id])
    listed = read(client, reverse("public-case-list"))
    assert f'href="{case}"' in listed and "The coast, March 2025" in listed and "One checked claim" in listed
    page = read(client, case)
    assert "About 745 dead" in page and f'href="{source_of(published_claim)}"' in page and "<caption" in page


def test_figures_of_a_case_are_drawn_from_what_was_published(
    client, researched_claim, approve, alice, bob, desk
):
    at = timezone.now()
    add_figure(claim=researched_claim, point=745, unit="people-killed", by=alice, at=at)
    researched_claim.refresh_from_db()
    approve(researched_claim)
    publish(claim=researched_claim, by=bob, at=timezone.now())
    add_figure(claim=researched_claim, point=9991, unit="people-killed", by=alice, at=at)  # not published
    case = reverse("public-case", args=[researched_claim.case_id])
    claim = reverse("public-claim", args=[researched_claim.pk])
    for page in (case, claim, f"{case}ladder.svg", f"{claim}v1/ladder.svg"):
        drawn = read(client, page)
        assert "745" in drawn and "9991" not in drawn and "9,991" not in drawn, page
        assert "/desk/" not in drawn, page
    assert client.get(f"{claim}v1/ladder.gif").status_code == 404


def test_ladder_of_a_claim_without_figures_or_retracted_is_not_found(client, published_claim, bob):
    address = reverse("public-ladder", args=[published_claim.pk, 1, "svg"])
    assert client.get(address).status_code == 404
    retract(claim=published_claim, reason="Misread.", by=bob, at=timezone.now())
    assert client.get(reverse("public-ladder", args=[published_claim.pk, 2, "svg"])).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=monitoring", True),
        ("q=nothing+like+it", False),
        ("verdict=partly-confirmed", True),
        ("verdict=confirmed", False),
        ("case={case}", True),
        ("case=5b7c7d3e-0000-4000-8000-000000000000", False),
        ("source={source}", True),
        ("place=Atlantis", False),
        ("published_from=2020-01-01", True),
        ("published_until=2020-01-01", False),
        ("q=monitoring&published_from=2020-01-02&published_until=2020-01-01", False),
        ("published_from=yesterday", False),
        ("q=%00", False),
        ("topic=abc", False),
        ("q=monitoring&page=99", True),
    ],
)
def test_search_finds_by(client, published_claim, query, found):
    source = source_of(published_claim).split("/")[2]
    page = read(client, f"{SEARCH}?{query.format(case=published_claim.case_id, source=source)}")
    assert ("About 745 dead" in page) is found


def test_search_says_what_to_do_when_nothing_is_asked_or_found(client, published_claim):
    assert "What are you looking for?" in read(client, SEARCH)
    assert "Try fewer words" in read(client, f"{SEARCH}?q=zzzz")
    assert "said beside the fields" in read(client, f"{SEARCH}?published_from=never")


def test_next_page_of_a_search_keeps_its_filters(client, published_claim, make_published, monkeypatch):
    monkeypatch.setattr("verify.web.views.public_lists.PAGE_SIZE", 1)
    make_published("The monitoring group said so again.")
    page = read(client, f"{SEARCH}?q=monitoring&published_from=2020-01-01")
    assert "q=monitoring&amp;published_from=2020-01-01&amp;page=2" in page


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(
    client, published_claim, make_published, django_assert_num_queries, count
):
    for number in range(count - 1):
        make_published(f"The monitoring group, claim {number}.", case=published_claim.case)
    case = reverse("public-case", args=[published_claim.case_id])
    read(client, SEARCH)  # what can be chosen is gathered once, for everybody
    costs = {
        f"{SEARCH}?q=group": 5,  # newest announcement; scales, their desks; count, page
        reverse("public-case-list"): 4,  # newest announcement; count, page; titles
        case: 8,  # newest announcement; count, page; title; figures; who is named, in how many claims, their names
        source_of(
            published_claim
        ): 6,  # newest announcement; claims that name it, the newest; all; count, page
        "/sitemap.xml": 5,  # cases; sources, which were merged; count, page
    }
    for address, queries in costs.items():
        with django_assert_num_queries(queries):
            etag = client.get(address).get("ETag")
        if etag and address != f"{SEARCH}?q=group":
            with django_assert_num_queries(1):
                assert client.get(address, headers={"if-none-match": etag}).status_code == 304


def test_what_can_be_chosen_is_what_is_named_most_often_and_what_is_chosen(
    client, published_claim, make_published, make_source, monkeypatch
):
    monkeypatch.setattr("verify.publish.directory.CHOICES", 1)
    rare, often = make_source("Rare Wire"), make_source("Often Wire")
    for words in ("One more.", "And another."):
        make_published(words, {"speaker": often})
    claim = make_published("By another one.", {"speaker": rare})
    page = read(client, SEARCH)
    assert "Often Wire</option>" in page and "Rare Wire</option>" not in page
    chosen = read(client, f"{SEARCH}?source={rare.pk}")
    assert f'<option value="{rare.pk}" selected>Rare Wire</option>' in chosen
    assert reverse("public-claim", args=[claim.pk]) in chosen
    for nonsense in ("%00", "9" * 40, "١٢"):
        for name in ("case", "source", "topic"):
            read(client, f"{SEARCH}?{name}={nonsense}")


def test_source_that_was_merged_leads_to_the_one_that_it_became(
    client, researched_claim, make_source, approve, bob
):
    former, lasting = researched_claim.assertions.get().speaker, make_source("The Observatory of Rights")
    merge(source=former, into=lasting, by=bob, at=timezone.now(), why="The same.")
    researched_claim.refresh_from_db()
    approve(researched_claim)
    publish(claim=researched_claim, by=bob, at=timezone.now())
    there = reverse("public-source", args=[lasting.pk])
    assert client.get(reverse("public-source", args=[former.pk]))["Location"] == there
    page = read(client, there)
    assert reverse("public-claim", args=[researched_claim.pk]) in page and former.name in page
    case = read(client, reverse("public-case", args=[researched_claim.case_id]))
    assert f'href="{there}"' in case and str(former.pk) not in case
    sitemap = read(client, "/sitemap.xml")
    assert there in sitemap and str(former.pk) not in sitemap


def test_what_changed_stands_beside_the_correction(client, published_claim, reword, approve, bob):
    reword(published_claim, "The group put the dead at about 803.", "About 803 dead")
    approve(published_claim)
    correct(claim=published_claim, reason="The group revised its count.", by=bob, at=timezone.now())
    for address in (reverse("corrections"), reverse("public-claim", args=[published_claim.pk])):
        page = read(client, address)
        assert "The group revised its count." in page and 'class="changes' in page and "803" in page


def test_one_origin_is_provisional_and_says_so(client, published_claim):
    for address in (reverse("public-claim", args=[published_claim.pk]), reverse("front")):
        assert "rovisional" in read(client, address), address
    assert "Outcome:" in read(client, reverse("public-claim", args=[published_claim.pk]))


@pytest.mark.parametrize("act", [pause, retract])
def test_lists_are_new_as_soon_as_something_is_announced(client, published_claim, bob, act):
    addresses = [reverse("front"), reverse("public-case-list"), f"{SEARCH}?q=monitoring"]
    before = [client.get(address)["ETag"] for address in addresses]
    act(claim=published_claim, reason="Looking again.", by=bob, at=timezone.now())
    for address, etag in zip(addresses, before, strict=True):
        again = client.get(address, headers={"if-none-match": etag})
        assert again.status_code == 200 and again["ETag"] != etag, address
        assert "stale-while-revalidate=15" in again["Cache-Control"]


def test_favicon_answers(client, db):
    response = client.get("/favicon.ico")
    assert response["Content-Type"] == "image/png" and response.content.startswith(b"\x89PNG")
