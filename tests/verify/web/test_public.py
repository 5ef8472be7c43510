"""What the world sees: only what was published, as it was published."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from sources.custody.services import checkpoint
from tests.cast import T0
from verify.publish.models import Version
from verify.publish.services import correct, pause, resume, retract

pytestmark = pytest.mark.django_db


def claim_url(claim: Any) -> str:
    return reverse("public-claim", args=[claim.pk])


def json_ld(response: Any) -> list[dict[str, Any]]:
    """The ClaimReviews of a page, whichever graph they stand in."""
    pattern = r'<script type="application/ld\+json">(.*?)</script>'
    graphs = [json.loads(found) for found in re.findall(pattern, response.content.decode(), re.S)]
    return [node for graph in graphs for node in graph["@graph"] if node["@type"] == "ClaimReview"]


def test_claim_page_shows_what_was_published(client, published_claim):
    response = client.get(claim_url(published_claim))
    page = response.content.decode()
    assert response.status_code == 200
    for words in (
        "About 745 dead",
        "The monitoring group put the civilian dead at about 745.",
        "Partly confirmed",
        "One origin; the count itself is documented.",
        "Observatory",
        "around 745 civilians were killed in 30 massacres",
        "The group&#x27;s own count, as reported.",
        "One independent origin",
        published_claim.versions.get().sha256,
    ):
        assert words in page, words


def test_claim_page_has_the_picture_of_its_snapshot_and_leads_to_it(client, published_claim):
    page = client.get(claim_url(published_claim)).content.decode()
    drawn = re.findall(r'<svg class="drawing".*?</svg>', page, re.S)
    assert len(drawn) == 2 and 'id="said"' in page and "css/pictures" in page  # wide and narrow
    said = json.loads(bytes(published_claim.versions.get().snapshot))["claim"]["assertions"][0]["id"]
    assert all(f'href="#said-{said}"' in svg for svg in drawn) and f'id="said-{said}"' in page
    for kind in ("svg", "png"):
        address = reverse("public-graph", args=[published_claim.pk, 1, kind])
        assert f'href="{address}"' in page and client.get(address).status_code == 200


def test_claim_page_costs_few_queries(client, published_claim, django_assert_num_queries):
    with django_assert_num_queries(3):  # publication with version, all versions, checkpoint
        client.get(claim_url(published_claim))


def test_claim_page_never_looks_at_the_claim_as_it_is_now(client, published_claim, reword):
    before = client.get(claim_url(published_claim)).content
    reword(published_claim, "A draft that nobody may see.", "Draft")
    assert client.get(claim_url(published_claim)).content == before


def test_claim_page_carries_exactly_one_claim_review(client, published_claim):
    (review,) = json_ld(client.get(claim_url(published_claim)))
    assert review["claimReviewed"] == "About 745 dead"
    assert review["url"].endswith(claim_url(published_claim))
    assert review["reviewRating"]["alternateName"] == "Partly confirmed"


def test_claim_text_cannot_leave_its_place(client, make_published):
    attack = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>"
    claim = make_published(attack, headline=attack[:75])
    response = client.get(claim_url(claim))
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "<!--" not in page
    assert json_ld(response)[0]["claimReviewed"].startswith("</script>")
    assert "<script>alert" not in client.get(reverse("claim-feed")).content.decode()


def test_only_web_addresses_become_documents(make_document):
    with pytest.raises(IntegrityError, match="a_document_is_on_the_web"):
        make_document("javascript:alert(1)")


def test_unpublished_claim_appears_nowhere(client, approved_claim):
    pages = [reverse(name) for name in ("front", "corrections", "methodology", "claim-feed", "sitemap")]
    pages += [f"{reverse('front')}?q=monitoring", f"{reverse('front')}?verdict=partly-confirmed"]
    for address in pages:
        page = client.get(address).content.decode()
        assert "About 745 dead" not in page
        assert str(approved_claim.pk) not in page
    for address in [claim_url(approved_claim), reverse("public-case", args=[approved_claim.case_id])]:
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["public-version", "public-snapshot", "public-entry", "public-proof"])
def test_version_that_is_not_there_is_not_found(client, published_claim, approved_claim, name):
    assert client.get(reverse(name, args=[published_claim.pk, 2])).status_code == 404
    assert client.get(reverse(name, args=[published_claim.pk, 10**18])).status_code == 404
    assert client.get(reverse(name, args=[uuid4(), 1])).status_code == 404


def test_snapshot_is_the_bytes_of_the_digest(client, published_claim):
    response = client.get(reverse("public-snapshot", args=[published_claim.pk, 1]))
    sha256 = hashlib.sha256(response.content).hexdigest()
    assert response["Content-Type"] == "application/json"
    assert response["ETag"] == f'"{sha256}"'
    assert sha256 == published_claim.versions.get().sha256


def test_entry_and_proof_lead_from_the_snapshot_to_the_signed_head(client, published_claim):
    """As a reader would: digest of the file, in the entry, whose leaf is in the tree that was signed."""
    checkpoint(at=timezone.now())
    version = published_claim.versions.get()
    place = [published_claim.pk, 1]
    entry = client.get(reverse("public-entry", args=place)).content
    proof = client.get(reverse("public-proof", args=place)).content.decode()
    assert json.loads(entry)["facts"]["sha256"] == version.sha256
    assert hashlib.sha256(b"\0" + entry).digest() == bytes(version.entry.leaf_hash)
    assert f"\nindex {version.entry_id}\n" in proof
    assert "of " in client.get(claim_url(published_claim)).content.decode()


def test_proof_before_the_log_is_signed_is_not_found(client, published_claim):
    assert client.get(reverse("public-proof", args=[published_claim.pk, 1])).status_code == 404
    assert b"not signed yet" in client.get(claim_url(published_claim)).content


def test_correction_shows_its_reason_and_keeps_the_old_version(client, published_claim, reword, approve, bob):
    reword(published_claim, "The group put the dead at about 803.", "About 803 dead")
    approve(published_claim)
    correct(claim=published_claim, reason="The group revised its count.", by=bob, at=timezone.now())
    now = client.get(claim_url(published_claim)).content.decode()
    old = client.get(reverse("public-version", args=[published_claim.pk, 1])).content.decode()
    assert "About 803 dead" in now
    assert "The group revised its count." in now
    assert "You are reading version 1. Version 2 has replaced it." in old
    assert "About 745 dead" in old
    log = client.get(reverse("corrections")).content.decode()
    assert "The group revised its count." in log


def test_old_version_is_no_claim_review(client, published_claim, reword, approve, bob):
    reword(published_claim, "The group put the dead at about 803.", "")
    approve(published_claim)
    correct(claim=published_claim, reason="Revised.", by=bob, at=timezone.now())
    old = client.get(reverse("public-version", args=[published_claim.pk, 1]))
    assert json_ld(old) == []
    assert b'content="noindex"' in old.content
    assert len(json_ld(client.get(claim_url(published_claim)))) == 1


def test_retracted_claim_says_so_and_why(client, published_claim, bob):
    retract(claim=published_claim, reason="The quote was misread.", by=bob, at=timezone.now())
    response = client.get(claim_url(published_claim))
    page = response.content.decode()
    assert response.status_code == 200
    assert "The desk has retracted this check" in page
    assert "The quote was misread." in page
    assert "Partly confirmed" not in page
    assert json_ld(response) == []
    assert str(published_claim.pk) not in client.get(reverse("sitemap")).content.decode()
    old = client.get(reverse("public-version", args=[published_claim.pk, 1])).content.decode()
    assert "The check has been retracted since." in old


def test_paused_claim_is_not_found_and_says_why(client, published_claim, bob):
    pause(claim=published_claim, reason="Looking again.", by=bob, at=timezone.now())
    for address in [claim_url(published_claim), reverse("public-version", args=[published_claim.pk, 1])]:
        response = client.get(address)
        assert response.status_code == 404
        assert b"This check is paused" in response.content
        assert b"745" not in response.content
    for name in ("public-snapshot", "public-entry", "public-proof"):
        assert client.get(reverse(name, args=[published_claim.pk, 1])).status_code == 404
    for name in ("front", "corrections", "claim-feed", "sitemap"):
        assert str(published_claim.pk) not in client.get(reverse(name)).content.decode()
    resume(claim=published_claim, reason="Holds.", by=bob, at=timezone.now())
    assert client.get(claim_url(published_claim)).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_front_page_costs_the_same_for_one_and_for_three(
    client, make_published, django_assert_num_queries, number
):
    for i in range(number):
        make_published(f"Claim {i} is published.")
    with django_assert_num_queries(4):  # desks, their scales, count, page
        page = client.get(reverse("front")).content.decode()
    assert page.count('class="proposition"') == number


def test_front_page_is_newest_first_and_paged(client, published_claim, make_published, monkeypatch):
    monkeypatch.setattr("verify.web.views.public_lists.PAGE_SIZE", 1)
    newer = make_published("A newer claim.")
    first = client.get(reverse("front")).content.decode()
    second = client.get(f"{reverse('front')}?page=2").content.decode()
    assert str(newer.pk) in first and str(published_claim.pk) not in first
    assert str(published_claim.pk) in second and str(newer.pk) not in second


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=MONITORING", True),
        ("q=745+dead", True),
        ("q=%25", False),
        ("q=nothing+like+it", False),
        ("verdict=partly-confirmed", True),
        ("verdict=confirmed", False),
        ("verdict=no-such", False),
        ("q=%00", False),
        ("page=abc", True),
        ("page=99", True),
    ],
)
def test_front_page_finds(client, published_claim, query, found):
    response = client.get(f"{reverse('front')}?{query}")
    assert response.status_code == 200
    assert (str(published_claim.pk) in response.content.decode()) == found


def test_search_does_not_find_words_of_a_draft(client, published_claim, reword):
    reword(published_claim, "Zanzibar is what the draft says.", "")
    assert str(published_claim.pk) not in client.get(f"{reverse('front')}?q=zanzibar").content.decode()
    assert str(published_claim.pk) in client.get(f"{reverse('front')}?q=monitoring").content.decode()


def test_case_page_lists_what_is_published_of_it(client, published_claim, make_claim):
    make_claim("A draft of the same case.", case=published_claim.case)
    page = client.get(reverse("public-case", args=[published_claim.case_id])).content.decode()
    assert "The coast, March 2025" in page
    assert "About 745 dead" in page
    assert "A draft of the same case." not in page


def test_methodology_names_the_desks_scale(client, published_claim, desk, django_assert_num_queries):
    desk.ratings.filter(code="superseded").update(retired=True)
    with django_assert_num_queries(3):  # desks, their scales, the desk's words
        page = client.get(reverse("methodology")).content.decode()
    assert "Partly confirmed" in page and "Superseded" not in page
    assert "usually reliable" in page and "truth cannot be judged" in page


def test_page_is_not_sent_again_unchanged(client, published_claim):
    first = client.get(claim_url(published_claim))
    again = client.get(claim_url(published_claim), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert first["Cache-Control"] == "public, max-age=45, stale-while-revalidate=15"  # one minute in all
    assert first["Last-Modified"]
    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in first["Vary"].split(",")}


@pytest.mark.parametrize("change", ["language", "theme", "checkpoint", "retraction"])
def test_page_is_sent_again_when_it_differs(client, published_claim, bob, change):
    first = client.get(claim_url(published_claim))
    if change == "language":
        client.cookies["django_language"] = "ar"
    elif change == "theme":
        client.cookies["theme"] = "dark"
    elif change == "checkpoint":
        checkpoint(at=timezone.now())
    else:
        retract(claim=published_claim, reason="Wrong.", by=bob, at=timezone.now())
    again = client.get(claim_url(published_claim), headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200


def test_lists_are_sent_again_only_when_they_differ(client, published_claim, make_published):
    for name in ("front", "claim-feed", "corrections", "methodology"):
        etag = client.get(reverse(name))["ETag"]
        assert client.get(reverse(name), headers={"if-none-match": etag}).status_code == 304
    etag = client.get(reverse("front"))["ETag"]
    make_published("Another one.")
    assert client.get(reverse("front"), headers={"if-none-match": etag}).status_code == 200


def test_public_pages_set_no_cookie_and_differ_by_nobody(client, published_claim, alice):
    anonymous = client.get(claim_url(published_claim))
    client.force_login(alice)
    member = client.get(claim_url(published_claim))
    assert not anonymous.cookies and not member.cookies
    assert anonymous.content == member.content


def test_arabic_reader_sees_the_arabic_word(client, published_claim):
    client.cookies["django_language"] = "ar"
    page = client.get(claim_url(published_claim)).content.decode()
    assert 'dir="rtl"' in page
    assert "مؤكَّد جزئيًا" in page


def test_publication_of_a_newer_schema_still_has_the_names_of_codes(client, published_claim):
    """An unknown code is shown as it is; it must not take the page away."""
    from verify.publish.presenting import Reading

    data = json.loads(bytes(Version.objects.get().snapshot))
    data["claim"]["assertions"][0]["verb"] = "whispered"
    data["origins"] = {}
    read = Reading(json.dumps(data).encode())
    assert next(iter(read.statements.values()))["verb"] == "whispered"
    assert read.counted == ""
    assert [group["name"] for group in read.origins] == [""]
    assert read.published_at > T0 + timedelta(1)
