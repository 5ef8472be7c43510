"""Turning the pages of the list of claims while everything moves, and asking for less or more of each."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from verify.publish.models import Listing, Publication
from verify.publish.services import pause, retract

pytestmark = pytest.mark.django_db

CLAIMS = "/api/v1/claims/"


def ids(page):
    return [found["id"] for found in page["results"]]


def turn(api, first, between=lambda: None, way="next"):
    pages = [first]
    while pages[-1][way]:
        assert len(pages) < 10, "these pages go round"
        between()
        pages.append(api.get(pages[-1][way]).json())
    return pages


@pytest.fixture
def five(make_published):
    return [make_published(f"Claim {i} is published.") for i in range(5)]


@pytest.mark.parametrize("order", ["changed", "published", "relevance"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_are_the_list_forwards_and_backwards(api, five, order, size):
    asked = {"order": order, "page_size": size, "q": "published"}
    whole = ids(api.get(CLAIMS, asked | {"page_size": 100}).json())
    assert len(whole) == 5
    pages = turn(api, api.get(CLAIMS, asked).json())
    assert [one for page in pages for one in ids(page)] == whole
    back = turn(api, pages[-1], way="previous")
    assert [one for page in reversed(back) for one in ids(page)] == whole
    assert (pages[0]["previous"], pages[-1]["next"]) == (None, None)


def test_claims_of_one_moment_are_each_met_once(api, five):
    Publication.objects.update(changed_at=timezone.now())
    Listing.objects.update(changed_at=Publication.objects.first().changed_at)
    pages = turn(api, api.get(CLAIMS, {"page_size": 2}).json())
    assert sorted(one for page in pages for one in ids(page)) == sorted(str(claim.pk) for claim in five)


def test_what_stays_put_is_met_once_whatever_comes_goes_or_moves(api, five, make_published, bob):
    at = timezone.now()
    acts = iter(
        [
            lambda: (
                make_published("One more."),
                retract(claim=five[4], reason="r", by=bob, at=timezone.now()),
            ),
            lambda: (pause(claim=five[0], reason="r", by=bob, at=at), make_published("And another.")),
        ]
    )
    first = api.get(CLAIMS, {"page_size": 2}).json()
    pages = turn(api, first, lambda: next(acts, lambda: None)())
    met = [one for page in pages for one in ids(page)]
    assert met == [
        str(claim.pk) for claim in (five[4], five[3], five[2], five[1])
    ]  # 0 is gone, 4 was met before


def test_a_claim_that_changes_ahead_moves_to_the_top_and_updated_since_finds_it(api, five, bob):
    begun = timezone.now()
    first = api.get(CLAIMS, {"page_size": 2}).json()
    retract(claim=five[0], reason="r", by=bob, at=timezone.now())
    met = [one for page in turn(api, first) for one in ids(page)]
    assert str(five[0].pk) not in met and len(met) == 4
    assert ids(api.get(CLAIMS, {"updated_since": begun.isoformat()}).json()) == [str(five[0].pk)]


def test_the_page_at_a_cursor_whose_row_is_gone_goes_on_from_there(api, five, bob):
    first = api.get(CLAIMS, {"page_size": 2}).json()
    pause(claim=five[3], reason="r", by=bob, at=timezone.now())
    assert ids(api.get(first["next"]).json()) == [str(five[2].pk), str(five[1].pk)]


def cursor(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


ORDER = "-changed_at,publication_id"


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "é",
        "A" * 5000,
        "\x00",
        cursor([]),
        cursor([0, ORDER, []]),
        cursor([0, ORDER, ["2025-03-09T10:00:00+00:00", "no id"]]),
        cursor([0, ORDER, ["yesterday", "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"]]),
        cursor([0, ORDER, ["2025-99-09T10:00:00+00:00", "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"]]),
        cursor([0, ORDER, [{}, 1]]),
        cursor([0, ORDER, ["\x00", "\ud800"]]),
        cursor([7, ORDER, ["2025-03-09T10:00:00+00:00", "7b0e1c8e-0f0b-4f6b-9b39-5d1f7c2a9e10"]]),
        cursor([0, "-published_at,publication_id", ["2025-03-09T10:00:00+00:00", "7b0e1c8e"]]),
        cursor([0, "publication__claim__author__password,pk", ["a", "b"]]),
    ],
)
def test_what_is_no_cursor_of_the_list_is_said_to_be_none(api, published_claim, is_problem, given):
    problem = is_problem(api.get(CLAIMS, {"cursor": given}), 400)
    assert [error["field"] for error in problem["errors"]] == ["cursor"]


def test_a_cursor_of_another_order_is_refused(api, five, is_problem):
    first = api.get(CLAIMS, {"page_size": 2}).json()["next"]
    is_problem(api.get(first + "&order=published"), 400)


def test_relevance_needs_words(api, is_problem):
    problem = is_problem(api.get(CLAIMS, {"order": "relevance"}), 400)
    assert problem["errors"][0]["field"] == "order"


@pytest.mark.parametrize("tail", ["", "{pk}/"])
def test_only_the_fields_that_are_wanted_come(api, published_claim, tail):
    url = CLAIMS + tail.format(pk=published_claim.pk)
    found = api.get(url, {"fields": "headline,links,id"}).json()
    found = found["results"][0] if not tail else found
    assert set(found) == {"id", "headline", "links"}
    assert set(found["links"]) == {"self", "page", "versions", "snapshot", "entry", "proof"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fields", "headlines"),
        ("fields", ""),
        ("fields", "id,"),
        ("expand", "everything"),
        ("fields", "password"),
        ("topic", "x"),
        ("topic", str(2**63)),
        ("source", "x"),
        ("said_from", "yesterday"),
        ("said_from", "2025-13-01"),
        ("language", "a b"),
        ("order", "rank"),
        ("state", "paused"),
        ("page_size", "101"),
        ("q", "\x00"),
        ("q", "x" * 201),
        ("place", "\x00"),
        ("verdicts", "x"),
    ],
)
def test_what_is_wrong_is_named(api, published_claim, is_problem, name, value):
    problem = is_problem(api.get(CLAIMS, {name: value}), 400)
    assert [error["field"] for error in problem["errors"]] == [name]


def test_expansions_come_from_what_is_stored(api, published_claim, settings):
    version = published_claim.versions.get()
    found = api.get(CLAIMS, {"expand": "snapshot,versions,review"})
    assert bytes(version.snapshot) in found.content
    (item,) = found.json()["results"]
    assert [one["sha256"] for one in item["versions"]] == [version.sha256]
    assert item["review"]["url"] == f"{settings.SITE_URL}/claims/{published_claim.pk}/"
    assert item["review"]["reviewRating"]["alternateName"]


def test_one_claim_holds_the_stored_bytes_as_they_are(api, published_claim):
    whole = api.get(f"{CLAIMS}{published_claim.pk}/").content
    assert b'"snapshot":' + bytes(published_claim.versions.get().snapshot) + b"}" in whole


def test_the_list_is_not_sent_again_until_something_is_announced(api, published_claim, make_published, bob):
    asked = {"q": "group"}
    etag = api.get(CLAIMS, asked)["ETag"]
    assert api.get(CLAIMS)["ETag"] != etag
    assert api.get(CLAIMS, asked, headers={"if-none-match": etag}).status_code == 304
    pause(claim=published_claim, reason="r", by=bob, at=timezone.now())
    again = api.get(CLAIMS, asked, headers={"if-none-match": etag})
    assert (again.status_code, again.json()["results"]) == (200, [])


def test_an_unchanged_list_costs_one_query(api, published_claim, django_assert_num_queries):
    etag = api.get(CLAIMS)["ETag"]
    with django_assert_num_queries(1):
        assert api.get(CLAIMS, headers={"if-none-match": etag}).status_code == 304


def test_one_claim_costs_one_query(api, published_claim, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert api.get(f"{CLAIMS}{published_claim.pk}/").status_code == 200


def test_days_are_whole_days(api, make_published):
    from tests.cast import T0

    make_published("One.", said={"said_at": T0})
    day, before = T0.date().isoformat(), (T0 - timedelta(days=1)).date().isoformat()
    assert ids(api.get(CLAIMS, {"said_from": day, "said_until": day}).json())
    assert not ids(api.get(CLAIMS, {"said_until": before}).json())


@pytest.mark.parametrize(
    ("place", "count"), [("Latakia", 1), ("اللاذقية", 1), ("syria", 1), ("Homs", 0), ("%", 0)]
)
def test_a_place_is_found_by_any_name_of_what_it_lies_in(
    api, shipped_places, make_claim, make_assertion, approve, alice, bob, desk, place, count
):
    from claims.statements.models import Place
    from claims.statements.services import add_figure
    from tests.cast import T0
    from verify.publish.services import publish
    from verify.review.services import propose_verdict

    claim = make_claim("Many died.")
    make_assertion(claim)
    where = Place.objects.get(kind="governorate", name="Latakia")
    add_figure(claim=claim, unit="people-killed", point=7, place=where, by=alice, at=T0)
    rating = desk.ratings.get(code="confirmed")
    propose_verdict(claim=claim, rating=rating, rationale="So.", by=alice, at=T0)
    claim.refresh_from_db()
    approve(claim)
    publish(claim=claim, by=bob, at=timezone.now())
    assert len(ids(api.get(CLAIMS, {"place": place}).json())) == count
    assert len(ids(api.get(CLAIMS, {"place": str(where.pk)}).json())) == 1
