"""Rating media on the claim's page, what the public page says of it, and the feed of all reviews."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.verify.publish.duke_schema import assert_keeps_the_rules
from verify.publish.models import Announcement, Listing
from verify.publish.services import correct, pause, publish, retract
from verify.publish.validation import page_faults
from verify.review.media import rate_media
from verify.review.models import MediaRating
from verify.review.services import assign_review

pytestmark = pytest.mark.django_db

FIELDS = {
    "media": "video",
    "rating": "DecontextualizedContent",
    "context": "Filmed in 2013, in another town.",
    "original_url": "https://wire.example/2013",
}


def rated(claim: Any, capture: Any, by: Any) -> MediaRating:
    return rate_media(claim=claim, capture=capture, by=by, at=timezone.now(), **FIELDS)


def jsonld(html: str) -> Any:
    start = html.index('<script type="application/ld+json">') + len('<script type="application/ld+json">')
    return json.loads(html[start : html.index("</script>", start)])


def nodes(client: Any, claim: Any) -> list[dict[str, Any]]:
    return list(jsonld(client.get(reverse("public-claim", args=[claim.pk])).content.decode())["@graph"])


def feed(client: Any) -> Any:
    return json.loads(b"".join(client.get(reverse("claimreview-feed")).streaming_content))


def test_medium_is_rated_and_stands_on_the_claims_page(client, alice, researched_claim, make_capture):
    capture = make_capture()
    client.force_login(alice)
    url = reverse("media-new", args=[researched_claim.pk])
    assert client.get(url).status_code == 200
    answer = client.post(url, FIELDS | {"capture": capture.pk})
    assert answer["Location"].endswith("#media")
    html = client.get(reverse("claim", args=[researched_claim.pk])).content.decode()
    assert "Filmed in 2013, in another town." in html and "real, but of another event" in html


def test_reviewer_sees_the_medium_that_is_judged(client, alice, bob, carol, researched_claim, make_capture):
    rated(researched_claim, make_capture(), alice)
    task = assign_review(claim=researched_claim, reviewer=carol, by=bob, at=timezone.now())
    client.force_login(carol)
    assert "Filmed in 2013" in client.get(reverse("task", args=[task.pk])).content.decode()


def test_only_checkers_of_the_desk_rate_and_withdraw(
    client, alice, dave, mallory, researched_claim, make_capture
):
    made = rated(researched_claim, make_capture(), alice)
    urls = [reverse("media-new", args=[researched_claim.pk]), reverse("media-withdraw", args=[made.pk])]
    for url in urls:
        assert client.get(url)["Location"].startswith("/sign-in/?next=")
    for person, status in ((dave, 403), (mallory, 404)):
        client.force_login(person)
        answers = [act(url, {"why": "So."}).status_code for url in urls for act in (client.get, client.post)]
        assert answers == [status] * 4
    made.refresh_from_db()
    assert made.stands


def test_refused_rating_keeps_what_was_typed(client, alice, researched_claim, make_capture):
    client.force_login(alice)
    given = FIELDS | {"capture": make_capture().pk, "original_url": "javascript:x"}
    answer = client.post(reverse("media-new", args=[researched_claim.pk]), given)
    assert answer.status_code == 422 and not MediaRating.objects.exists()
    assert "Filmed in 2013, in another town." in answer.content.decode()
    assert "original_url" in answer.context["form"].errors


def test_copies_of_other_desks_are_not_offered(
    client, alice, researched_claim, make_capture, mallory, make_document
):
    foreign = make_document(desk=mallory.memberships.get().desk, by=mallory)
    capture = make_capture(document=foreign)
    client.force_login(alice)
    url = reverse("media-new", args=[researched_claim.pk])
    assert str(capture.pk) not in client.get(url).content.decode()
    assert client.post(url, FIELDS | {"capture": capture.pk}).status_code == 422


def test_withdrawn_rating_stands_in_the_history_alone(client, alice, researched_claim, make_capture):
    made = rated(researched_claim, make_capture(), alice)
    client.force_login(alice)
    url = reverse("media-withdraw", args=[made.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"why": ""}).status_code == 422
    assert client.post(url, {"why": "It is another film."}).status_code == 302
    assert "Filmed in 2013" not in client.get(reverse("claim", args=[researched_claim.pk])).content.decode()
    history = client.get(reverse("claim-history", args=[researched_claim.pk])).content.decode()
    assert "Filmed in 2013" in history and "It is another film." in history
    assert client.get(url).status_code == 302


def test_public_page_shows_the_medium_and_marks_it_up(
    client, alice, bob, researched_claim, make_capture, approve
):
    made = rated(researched_claim, make_capture(), alice)
    approve(researched_claim)
    publish(claim=researched_claim, by=bob, at=timezone.now())
    html = client.get(reverse("public-claim", args=[researched_claim.pk])).content.decode()
    assert f'id="media-{made.pk}"' in html and f'id="copy-{made.capture_id}"' in html
    found = nodes(client, researched_claim)
    [medium] = [node for node in found if node["@type"] == "MediaReview"]
    assert medium["mediaAuthenticityCategory"] == "DecontextualizedContent"
    [review] = [node for node in found if node["@type"] == "ClaimReview"]
    assert_keeps_the_rules(review)


def test_markup_of_the_page_and_of_the_feed_agree(client, published_claim, settings):
    [review] = [node for node in nodes(client, published_claim) if node["@type"] == "ClaimReview"]
    [item] = feed(client)["dataFeedElement"]
    for part in ("author", "itemReviewed"):
        review[part].pop("@id")
    assert item["item"] == review
    assert page_faults(item["item"], site=settings.SITE_URL) == []


def test_feed_without_listings_says_the_same(client, published_claim):
    told = feed(client)
    Listing.objects.all().delete()
    assert feed(client) == told


def test_feed_follows_a_correction_and_a_retraction(client, published_claim, reword, approve, bob):
    [before] = feed(client)["dataFeedElement"]
    reword(published_claim, "The group put the civilian dead at about 750.")
    approve(published_claim)
    correct(claim=published_claim, reason="Mistyped.", by=bob, at=timezone.now())
    [after] = feed(client)["dataFeedElement"]
    assert after["dateCreated"] == before["dateCreated"] and after["dateModified"] >= before["dateModified"]
    retract(claim=published_claim, reason="False.", by=bob, at=timezone.now())
    [gone] = feed(client)["dataFeedElement"]
    assert gone["dateDeleted"] == gone["dateModified"] and "item" not in gone


def test_feed_hides_what_is_paused(client, published_claim, bob):
    pause(claim=published_claim, reason="A doubt.", by=bob, at=timezone.now())
    assert feed(client)["dataFeedElement"] == []


def test_feed_is_not_sent_twice(client, published_claim, bob):
    url = reverse("claimreview-feed")
    first = client.get(url)
    b"".join(first.streaming_content)
    etag = first["ETag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    pause(claim=published_claim, reason="A doubt.", by=bob, at=timezone.now())
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 200
    assert client.head(url).status_code == 200 and client.post(url).status_code == 405


def test_feed_of_an_empty_site_is_a_feed(client):
    assert not Announcement.objects.exists()
    assert feed(client)["dataFeedElement"] == []


@pytest.mark.parametrize("media", [0, 3])
def test_feed_asks_the_same_for_none_and_three_media(
    client, alice, bob, researched_claim, make_capture, approve, django_assert_num_queries, media
):
    for _ in range(media):
        rated(researched_claim, make_capture(), alice)
    approve(researched_claim)
    publish(claim=researched_claim, by=bob, at=timezone.now())
    with django_assert_num_queries(2):
        assert len(feed(client)["dataFeedElement"]) == 1 + media


def test_public_pages_lead_to_the_feed(client, published_claim):
    html = client.get(reverse("public-claim", args=[published_claim.pk])).content.decode()
    assert f'href="{reverse("claimreview-feed")}"' in html
