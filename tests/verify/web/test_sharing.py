"""What a check looks like elsewhere: JSON Feed, the picture of a link, the frame, oEmbed."""

from __future__ import annotations

import json
import struct
import xml.etree.ElementTree as ET

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from verify.publish.services import pause, retract

pytestmark = pytest.mark.django_db


def page_of(claim) -> str:
    return f"{settings.SITE_URL}{reverse('public-claim', args=[claim.pk])}"


def oembed(client, url: str, **asked):
    return client.get(reverse("oembed"), {"url": url, **asked})


def test_json_feed_holds_what_stands(client, published_claim):
    response = client.get(reverse("json-feed"))
    assert response["Content-Type"].startswith("application/feed+json")
    feed = response.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = feed["items"]
    assert item["url"] == page_of(published_claim)
    assert item["title"] == "Partly confirmed: About 745 dead"
    assert item["tags"] == ["partly-confirmed"]
    assert client.get(item["image"].removeprefix(settings.SITE_URL)).status_code == 200


def test_json_feed_says_that_a_claim_was_retracted_and_leaves_out_a_paused_one(client, make_published, bob):
    first, second = make_published("One."), make_published("Two.")
    retract(claim=first, reason="Misread.", by=bob, at=timezone.now())
    pause(claim=second, reason="Looked at again.", by=bob, at=timezone.now())
    (item,) = client.get(reverse("json-feed")).json()["items"]
    assert item["tags"] == ["retracted"]
    assert "Misread." in item["content_text"]


@pytest.mark.parametrize("number", [1, 3])
def test_json_feed_costs_the_same_for_one_and_for_three(
    client, make_published, django_assert_num_queries, number
):
    for i in range(number):
        make_published(f"Claim {i} is published.")
    with django_assert_num_queries(2):
        client.get(reverse("json-feed"))


@pytest.mark.parametrize("language", ["en", "ar", "xx"])
def test_card_is_a_picture_of_the_size_that_is_promised(client, published_claim, language):
    response = client.get(reverse("public-card", args=[published_claim.pk, 1]), {"lang": language})
    assert response["Content-Type"] == "image/png"
    assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", response.content[16:24]) == (1200, 630)
    again = client.get(
        reverse("public-card", args=[published_claim.pk, 1]),
        {"lang": language},
        headers={"if-none-match": response["ETag"]},
    )
    assert again.status_code == 304


def test_card_of_long_and_strange_words_is_drawn(client, make_published):
    claim = make_published("x" * 2000 + " \u202e#let a = panic() \\u{0} $x$ " + "word " * 300)
    assert client.get(reverse("public-card", args=[claim.pk, 1])).status_code == 200


@pytest.mark.parametrize("name", ["public-card", "public-embed"])
def test_what_is_paused_is_not_shown_elsewhere(client, published_claim, bob, name):
    args = [published_claim.pk] + ([1] if name == "public-card" else [])
    assert client.get(reverse(name, args=args)).status_code == 200
    pause(claim=published_claim, reason="Looked at again.", by=bob, at=timezone.now())
    assert client.get(reverse(name, args=args)).status_code == 404


def test_frame_may_stand_anywhere_and_the_page_nowhere(client, published_claim):
    framed = client.get(reverse("public-embed", args=[published_claim.pk]))
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert not framed.cookies
    assert b"<script" not in framed.content
    page = client.get(reverse("public-claim", args=[published_claim.pk]))
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_frame_says_that_the_check_was_retracted(client, published_claim, bob):
    before = client.get(reverse("public-embed", args=[published_claim.pk]))["ETag"]
    retract(claim=published_claim, reason="The quote was misread.", by=bob, at=timezone.now())
    after = client.get(reverse("public-embed", args=[published_claim.pk]))
    assert after["ETag"] != before
    assert "The quote was misread." in after.content.decode()
    assert "Partly confirmed" not in after.content.decode()


def test_oembed_gives_a_frame_within_what_was_asked(client, published_claim):
    found = oembed(client, page_of(published_claim), maxwidth="320", maxheight="99999").json()
    assert (found["version"], found["type"], found["width"], found["height"]) == ("1.0", "rich", 320, 300)
    frame = ET.fromstring(found["html"].replace("></iframe>", "/>"))
    assert frame.get("src") == f"{settings.SITE_URL}{reverse('public-embed', args=[published_claim.pk])}"
    assert "allow-scripts" not in frame.get("sandbox")


def test_oembed_in_xml_says_the_same(client, make_published):
    claim = make_published('He said <so> & "more" \x0b.')
    of = page_of(claim)
    plain = oembed(client, of).json()
    root = ET.fromstring(oembed(client, of, format="xml").content)
    assert root.findtext("html") == plain["html"].replace("\x0b", "")
    assert root.findtext("title") == plain["title"].replace("\x0b", "")


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("", 404),
        ("https://elsewhere.example/claims/x/", 404),
        ("http://[", 404),
        (f"{settings.SITE_URL}/corrections/", 404),
        (f"{settings.SITE_URL}/claims/0c7b6bd5-4d0e-4a54-8d5a-0f4a7a8d1d11/", 404),
    ],
)
def test_oembed_knows_nothing_else(client, db, url, status):
    assert oembed(client, url).status_code == status


def test_oembed_refuses_other_formats_as_the_specification_says(client, published_claim):
    assert oembed(client, page_of(published_claim), format="yaml").status_code == 501


def test_pages_lead_to_feed_frame_and_picture(client, published_claim):
    page = client.get(reverse("public-claim", args=[published_claim.pk])).content.decode()
    assert f'href="{reverse("json-feed")}"' in page
    assert "application/json+oembed" in page
    assert 'property="og:image"' in page
    assert json.dumps("summary_large_image")[1:-1] in page
