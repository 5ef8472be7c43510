"""Pictures by their addresses: for whom, in what form, how long they may be kept."""

import base64
import hashlib
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from claims.statements.services import add_figure
from sources.catalog.models import Affiliation
from tests.cast import T0
from verify.publish.services import pause, retract

KINDS = pytest.mark.parametrize("kind", ["svg", "png"])
STARTS = {"svg": b"<svg ", "png": b"\x89PNG"}
TYPES = {"svg": "image/svg+xml", "png": "image/png"}


@pytest.fixture
def addresses(researched_claim: Any, make_source: Any) -> list[str]:
    source = researched_claim.assertions.get().speaker
    Affiliation.objects.create(source=source, kind="part-of", principal=make_source("The whole"))
    about = {
        "claim-graph": researched_claim.pk,
        "claim-ladder": researched_claim.pk,
        "case-ladder": researched_claim.case_id,
        "source-graph": source.pk,
    }
    return [reverse(name, args=[pk, "svg"]) for name, pk in about.items()]


@pytest.fixture
def make_figure(researched_claim: Any, alice: Any) -> Any:
    """`make_figure(745)`: so many were killed, as of a day."""
    given = {"unit": "people-killed", "as_of": date(2025, 3, 8), "by": alice, "at": T0}
    return lambda point: add_figure(claim=researched_claim, point=point, **given)


def test_members_see_every_picture_in_both_kinds(client: Client, addresses: list[str], dave: Any) -> None:
    client.force_login(dave)
    for address in addresses:
        for kind, media_type in TYPES.items():
            answer = client.get(address.replace(".svg", f".{kind}"))
            assert answer.status_code == 200 and answer["Content-Type"] == media_type, address
            assert answer.content.startswith(STARTS[kind])
            assert re.fullmatch(
                rf'inline; filename="[a-z]+-[0-9a-f-]+\.{kind}"', answer["Content-Disposition"]
            )
            assert "private" in answer["Cache-Control"]


def test_others_see_none(client: Client, addresses: list[str], mallory: Any) -> None:
    for address in addresses:
        assert client.get(address).status_code == 302
    client.force_login(mallory)
    for address in addresses:
        assert client.get(address).status_code == 404


def test_other_kinds_are_not_there(client: Client, addresses: list[str], alice: Any) -> None:
    client.force_login(alice)
    assert client.get(addresses[0].replace(".svg", ".pdf")).status_code == 404


def test_unchanged_pictures_are_not_sent_again(
    client: Client, researched_claim: Any, alice: Any, make_assertion: Any
) -> None:
    client.force_login(alice)
    address = reverse("claim-graph", args=[researched_claim.pk, "svg"])
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    make_assertion(researched_claim)
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("theme", ["", "light", "dark"])
def test_its_own_stylesheet_is_all_that_it_may_use(
    client: Client, researched_claim: Any, alice: Any, theme: str
) -> None:
    client.force_login(alice)
    answer = client.get(reverse("claim-graph", args=[researched_claim.pk, "svg"]), {"theme": theme})
    style = re.search(r"<style>(.*)</style>", answer.text)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}';" in answer["Content-Security-Policy"]
    assert " style=" not in answer.text


def test_it_leads_to_the_page_by_its_whole_address(
    client: Client, researched_claim: Any, alice: Any, settings: Any
) -> None:
    settings.SITE_URL = "https://desk.example"
    client.force_login(alice)
    svg = client.get(reverse("claim-graph", args=[researched_claim.pk, "svg"])).text
    said = researched_claim.assertions.get().pk
    assert f'href="https://desk.example/desk/claims/{researched_claim.pk}/#said-{said}"' in svg


@pytest.mark.parametrize("name", ["claim-ladder", "case-ladder"])
def test_a_saved_ladder_leads_to_the_pages_by_their_whole_address(
    client: Client, researched_claim: Any, make_figure: Any, alice: Any, settings: Any, name: str
) -> None:
    settings.SITE_URL = "https://desk.example"
    make_figure(745)
    client.force_login(alice)
    about = researched_claim.pk if name == "claim-ladder" else researched_claim.case_id
    svg = client.get(reverse(name, args=[about, "svg"])).text
    links = set(re.findall(r'<a href="([^"]*)"', svg))
    assert f"https://desk.example{reverse('claim', args=[researched_claim.pk])}#figures" in links
    assert all(each.startswith("https://desk.example/desk/") for each in links)


@KINDS
def test_readers_see_the_picture_of_a_version(client: Client, published_claim: Any, kind: str) -> None:
    answer = client.get(reverse("public-graph", args=[published_claim.pk, 1, kind]))
    assert answer.status_code == 200 and answer.content.startswith(STARTS[kind])
    assert "public" in answer["Cache-Control"] and "Set-Cookie" not in answer
    again = client.get(answer.request["PATH_INFO"], headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_published_picture_is_of_the_snapshot(
    client: Client, published_claim: Any, make_assertion: Any, make_source: Any
) -> None:
    address = reverse("public-graph", args=[published_claim.pk, 1, "svg"])
    before = client.get(address).text
    make_assertion(published_claim, make_source("Said after it was published"))
    assert client.get(address).text == before and "/desk/" not in before


def test_published_picture_needs_no_more_than_the_version(
    client: Client, published_claim: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        client.get(reverse("public-graph", args=[published_claim.pk, 1, "svg"]))


def test_wide_and_narrow_and_kinds_are_told_apart(client: Client, published_claim: Any) -> None:
    addresses = [reverse("public-graph", args=[published_claim.pk, 1, kind]) for kind in TYPES]
    etags = {client.get(each, {"form": form})["ETag"] for each in addresses for form in ("wide", "narrow")}
    assert len(etags) == 4


def test_what_is_no_longer_published_has_no_picture(client: Client, published_claim: Any, bob: Any) -> None:
    address = reverse("public-graph", args=[published_claim.pk, 1, "svg"])
    at = timezone.now()
    pause(claim=published_claim, reason="A letter came.", by=bob, at=at)
    paused = client.get(address).status_code
    assert paused == client.get(reverse("public-snapshot", args=[published_claim.pk, 1])).status_code
    assert client.get(reverse("public-graph", args=[published_claim.pk, 7, "svg"])).status_code == 404


def test_a_retraction_has_no_picture(client: Client, published_claim: Any, bob: Any) -> None:
    retract(
        claim=published_claim, reason="The count was wrong.", by=bob, at=timezone.now() + timedelta(seconds=1)
    )
    assert client.get(reverse("public-graph", args=[published_claim.pk, 2, "svg"])).status_code == 404


def test_queries_do_not_grow_with_what_is_said(
    client: Client, researched_claim: Any, alice: Any, make_assertion: Any
) -> None:
    client.force_login(alice)
    address = reverse("claim-graph", args=[researched_claim.pk, "svg"])
    counts = []
    for more in (1, 2):
        for _each in range(more):
            make_assertion(researched_claim)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]
