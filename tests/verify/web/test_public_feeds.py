"""The feed, the site map and robots.txt."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from django.urls import reverse
from django.utils import timezone

from verify.publish.services import retract

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def entries(client):
    response = client.get(reverse("claim-feed"))
    assert response["Content-Type"].startswith("application/atom+xml")
    return ET.fromstring(response.content).findall(f"{ATOM}entry")


def test_feed_holds_verdict_reasoning_and_dates(client, published_claim):
    (entry,) = entries(client)
    version = published_claim.versions.get()
    assert entry.findtext(f"{ATOM}title") == "Partly confirmed: About 745 dead"
    assert entry.findtext(f"{ATOM}id") == f"urn:uuid:{published_claim.pk}"
    assert "the count itself is documented" in entry.findtext(f"{ATOM}summary")
    assert entry.findtext(f"{ATOM}updated")[:19] == version.published_at.isoformat()[:19]
    assert entry.find(f"{ATOM}link").get("href").endswith(reverse("public-claim", args=[published_claim.pk]))


def test_feed_says_that_a_claim_was_retracted(client, published_claim, bob):
    retract(claim=published_claim, reason="The quote was misread.", by=bob, at=timezone.now())
    (entry,) = entries(client)
    assert entry.findtext(f"{ATOM}title") == "Retracted: About 745 dead"
    assert "The quote was misread." in entry.findtext(f"{ATOM}summary")
    assert entry.find(f"{ATOM}category").get("term") == "retracted"


@pytest.mark.parametrize("number", [1, 3])
def test_feed_costs_the_same_for_one_and_for_three(client, make_published, django_assert_num_queries, number):
    for i in range(number):
        make_published(f"Claim {i} is published.")
    with django_assert_num_queries(2):
        client.get(reverse("claim-feed"))


def test_control_character_does_not_take_the_feed_away(client, make_published):
    make_published("The wire\x0b said <so> &\x1b more.")
    (entry,) = entries(client)
    assert entry.findtext(f"{ATOM}title") == "Confirmed: The wire said <so> & more."


def test_empty_feed_and_site_map_are_valid(client):
    assert entries(client) == []
    found = ET.fromstring(client.get(reverse("sitemap")).content)
    assert len(found.findall(f"{SITEMAP}url")) == 5  # front, cases, corrections, methodology, the API


def test_site_map_lists_the_claims_and_robots_names_it(client, published_claim, settings):
    found = ET.fromstring(client.get(reverse("sitemap")).content)
    locations = [url.findtext(f"{SITEMAP}loc") for url in found]
    assert f"{settings.SITE_URL}{reverse('public-claim', args=[published_claim.pk])}" in locations
    robots = client.get(reverse("robots")).content.decode()
    for closed in ("/desk/", "/api/", "/sign-in/", "/account/"):
        assert f"Disallow: {closed}\n" in robots
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in robots


@pytest.mark.parametrize("page", ["0", "2", "abc", "-1"])
def test_site_map_has_no_other_pages(client, page):
    assert client.get(f"{reverse('sitemap')}?p={page}").status_code == 404
